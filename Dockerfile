# An image that serves: the light installation, without PyTorch. docs/running.md says how to use it.
FROM python:3.11-slim AS build
WORKDIR /source
RUN python -m venv /opt/rolewise
COPY light-requirements.txt pyproject.toml README.md LICENSE ./
COPY bot/ bot/
COPY index/ index/
COPY knowledge/ knowledge/
COPY seeds/ seeds/
RUN /opt/rolewise/bin/python -m pip install --no-cache-dir --no-deps -r light-requirements.txt .

FROM python:3.11-slim
COPY --from=build /opt/rolewise /opt/rolewise
COPY docs/deployment/rolewise.yaml /etc/rolewise/rolewise.yaml
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin rolewise \
 && install -d -o rolewise -g rolewise -m 0700 /var/lib/rolewise
USER 10001
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /var/lib/rolewise
VOLUME /var/lib/rolewise
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
 CMD ["/opt/rolewise/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8477/healthz', timeout=4)"]
ENTRYPOINT ["/opt/rolewise/bin/rolewise", "--config", "/etc/rolewise/rolewise.yaml"]
CMD ["discord"]
