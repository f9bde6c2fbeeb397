# Every command of the house; `make help` lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(p) -c 'import sys; sys.version_info >= (3, 11) and print("$(p)")' 2>/dev/null)))
BIN := .venv/bin
PORT ?= 5000
FLASK := $(BIN)/flask --app app
PO := $(wildcard translations/*/LC_MESSAGES/*.po)
MO := $(PO:.po=.mo)
run demo-reset: export ENV ?= development
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-input --require-hashes

.PHONY: help setup run test check fix i18n lock bench demo-reset system-tools

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: .venv/.tests-ready $(MO) ## environment with all that developing needs, in .venv

run: .venv/.ready $(MO) ## migrate, fill an empty database with demo data, serve on 127.0.0.1:5000 (PORT=… to change)
	@$(FLASK) db upgrade
	@$(FLASK) demo seed --if-empty
	@echo "Attende: http://127.0.0.1:$(PORT)/ (stop with Ctrl-C)"
	@exec $(BIN)/gunicorn --bind 127.0.0.1:$(PORT) --workers 1 --threads 8 --no-control-socket --log-level warning 'app:create_app()'

# What depends on the database runs a second time, on PostgreSQL.
ON_BOTH := tests/admin tests/services $(addprefix --ignore=tests/,services/test_printing.py services/test_sheet_blocks.py \
	admin/test_preview.py admin/test_builder.py admin/test_flat_builder.py)

test: setup system-tools ## all tests, in random order, on SQLite and PostgreSQL, with a browser (ARGS="-k name" to choose)
	@$(BIN)/python -m pytest -W error --numprocesses 2 --dist worksteal $(ARGS)
	@[ -n "$(ARGS)" ] || ENGINE=postgresql $(BIN)/python -m pytest -W error --numprocesses 2 --dist worksteal $(ON_BOTH)

check: setup ## style, types, layers, templates, catalogues; changes nothing
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/python -m tests.rules.catalogues

fix: setup ## repair what ruff can repair by itself
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

i18n: setup ## collect texts from the source, bring them into the catalogues, compile
	@$(BIN)/python -m tests.rules.catalogues extract
	@for language in nn en; do \
		po=translations/$$language/LC_MESSAGES/messages.po; \
		if [ -e $$po ]; then $(BIN)/pybabel -q update -i translations/messages.pot -d translations -l $$language \
			--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap; \
		else $(BIN)/pybabel -q init -i translations/messages.pot -d translations -l $$language; fi; done
	@for po in translations/*/LC_MESSAGES/*.po; do $(BIN)/pybabel -q compile -i $$po -o $${po%.po}.mo; done
	@$(BIN)/python -m tests.rules.catalogues || echo "Put this right in translations/, then make i18n again"

lock: .venv/.pip-ready ## choose versions anew from pyproject.toml and write requirements/ with hashes (needs the network)
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet uv
	@for name in run:postgres test:test bench:bench; do \
		file=requirements/$${name%%:*}.txt; base=; [ $$name = run:postgres ] || base="--constraint requirements/run.txt"; \
		$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
			--no-emit-index-url --no-emit-find-links --extra $${name#*:} $$base pyproject.toml --output-file $$file; done

bench: setup .venv/.bench-ready ## measure against peers; prints ratios
	@$(BIN)/python -m bench.run

demo-reset: .venv/.ready $(MO) ## throw the demo's data away and make it anew
	@$(FLASK) db upgrade
	@$(FLASK) demo reset --yes

system-tools:
	@for tool in chromium:chromium pdftoppm:poppler-utils; do \
		command -v $${tool%%:*} >/dev/null || missing="$${missing:-} $${tool#*:}"; done; \
	if [ -n "$${missing:-}" ]; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
		else echo "The tests also need:$$missing. Install with: sudo apt-get install$$missing" >&2; exit 1; fi; fi

# The stamps make the second time instant and offline; a changed lock file makes them stale.
.venv/.pip-ready:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed (apt-get install python3 python3-venv)" >&2; exit 1; }
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null; \
		else echo "Python's venv is needed. Install with: sudo apt-get install python3-venv" >&2; exit 1; fi; fi
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	@touch $@

.venv/.ready: requirements/run.txt | .venv/.pip-ready
	@echo "Installing what Attende needs (once)"
	@$(PIP) --requirement $<
	@touch $@

.venv/.tests-ready: requirements/test.txt .venv/.ready
	@echo "Installing what the tests need (once)"
	@$(PIP) --requirement $<
	@touch $@

.venv/.bench-ready: requirements/bench.txt .venv/.ready
	@$(PIP) --requirement $<
	@touch $@

%.mo: %.po .venv/.ready
	@$(BIN)/pybabel -q compile -i $< -o $@
	@touch $@
