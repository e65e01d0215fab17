# `make repl` sets up and answers; `make test` sets up and tests; `make check` is what CI runs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LIGHT ?= .venv-light
HOME_FOLDER ?= .rolewise
ROLEWISE := $(BIN)/rolewise --home $(HOME_FOLDER)

.DEFAULT_GOAL := help
.PHONY: help setup light repl ask test check soak fix bench quality clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.installed ## a virtual environment with everything in it

$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "Setting up $(VENV) (a few minutes the first time) ..." >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Rolewise needs Python 3.11 or newer; name one: make PYTHON=python3.11 ...")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[documents,evaluation]" --group dev >&2
	@touch $@

light: ## a small virtual environment for a small server, see docs/light-installation.md
	@echo "Setting up $(LIGHT) (a minute) ..." >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Rolewise needs Python 3.11 or newer; name one: make PYTHON=python3.11 ...")'
	@$(PYTHON) -m venv $(LIGHT)
	@echo '*' > $(LIGHT)/.gitignore
	@$(LIGHT)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r light-requirements.txt . >&2

repl: setup ## ask the seed guide in a terminal; also answers questions piped in
	@$(ROLEWISE) repl

ask: setup ## one answer: make ask Q="what does the role involve?"
	@$(if $(Q),,$(error Say what to ask: make ask Q="what does the role involve?"))$(ROLEWISE) ask "$(Q)"

test: setup ## the tests
	@$(BIN)/python -m pytest

check: setup ## format, lint, types, then the tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest

soak: setup ## what takes long: storms, kills, damage and fuzzing in full; ROLEWISE_SEED=N for others
	@ROLEWISE_SOAK=1 $(BIN)/python -m pytest -m soak --timeout=7200

fix: setup ## format, and mend what the linter can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup ## time and memory, measured here
	@$(BIN)/python -m benchmarks

quality: setup ## how good answers are, on questions that nothing was chosen on; fails if it got worse
	@$(BIN)/python -m benchmarks.quality

clean: ## remove what was set up and built
	rm -rf $(VENV) .venv-light .rolewise .mypy_cache .pytest_cache .ruff_cache .hypothesis
