"""A local endpoint that says how the bot is: /healthz and /metrics on 127.0.0.1 alone."""

import logging
from collections.abc import Callable, Mapping

from aiohttp import web

from bot.community.upkeep.metrics import Metrics

HOST = "127.0.0.1"

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"

log = logging.getLogger(__name__)


class HealthServer:
    """Serves how the bot is."""

    def __init__(
        self, port: int, metrics: Metrics, describe: Callable[[], Mapping[str, object]]
    ) -> None:
        """Take what is served.

        Args:
            port: The port of 127.0.0.1; 0 for any that is free.
            metrics: The figures.
            describe: Returns how the bot is; `ok` says whether it can answer.
        """
        self.port = port
        """The port, once serving the one that was had."""
        self._metrics = metrics
        self._describe = describe
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Begin to serve; a port that can't be had is said in the log, and the bot goes on."""
        application = web.Application()
        application.router.add_get("/healthz", self._show_health)
        application.router.add_get("/metrics", self._show_metrics)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, self.port).start()
        except OSError as error:
            await runner.cleanup()
            log.error(
                "Port %d can't be had (%s), so there is no /healthz and no /metrics. Set another"
                " discord.health_port",
                self.port,
                error.strerror,
            )
            return
        self._runner = runner
        self.port = runner.addresses[0][1]
        log.info("Health is served at http://%s:%d/healthz and /metrics", HOST, self.port)

    async def stop(self) -> None:
        """End serving."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _show_health(self, request: web.Request) -> web.Response:
        health = dict(self._describe())
        return web.json_response(health, status=200 if health["ok"] else 503)

    async def _show_metrics(self, request: web.Request) -> web.Response:
        return web.Response(body=self._metrics.write(), headers={"Content-Type": _PROMETHEUS})
