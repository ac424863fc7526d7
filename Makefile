# The five things people do here; `make help` prints them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
UV_VERSION := 0.13.9
KPI := $(VENV)/bin/kpi
# Simulated data has a home of its own and never mixes with yours.
DEMO_HOME := $(CURDIR)/data/demo

.PHONY: help setup demo stop test lint nightly dagster bench
help:
	@echo "make demo      set up, simulate a company, run the nightly job, serve the dashboard"
	@echo "               (DETACH=1 leaves it running in the background; make stop ends it)"
	@echo "make test      set up and run every check and test"
	@echo "make nightly   run the nightly job on data/landing"
	@echo "make dagster   open Dagster's page with the schedule"
	@echo "make bench     run the benchmarks"

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version) if sys.version_info < (3, 11) else None'
	@echo "Setting up $(VENV) with the locked versions …"
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(VENV)/bin/uv sync --frozen --inexact
	@touch $@

demo: setup
	@KPI_HOME=$(DEMO_HOME) $(KPI) demo $(if $(DETACH),--detach)

stop:
	@KPI_HOME=$(DEMO_HOME) $(KPI) stop

nightly: setup
	@$(KPI) nightly

dagster: setup
	@$(KPI) dagster

lint: setup
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/sqlfluff lint dbt_project/models
	@$(KPI) contracts check

test: lint
	@$(VENV)/bin/pytest -n 2 --dist loadgroup $(PYTEST_ARGS)

bench: setup
	@for benchmark in benchmarks/*.py; do echo "== $$benchmark"; $(VENV)/bin/python -m benchmarks.$$(basename $$benchmark .py) || exit 1; done
