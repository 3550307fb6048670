# Two commands on a fresh machine with Python 3.11+ and git: `make run` and `make test`.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= data
LISTEN ?= 127.0.0.1:8420
DOMAIN ?= localhost:8420

.PHONY: run test check format lock docs web bench clean

run: $(VENV)/installed web  ## Install and start an instance; prints the link to claim it
	@exec $(BIN)/dassie up --data $(DATA) --listen $(LISTEN) --domain $(DOMAIN)

test: $(VENV)/developing web  ## Install what tests need and run them all (PG_URL: on PostgreSQL too)
	$(BIN)/python -m pytest $(PYTEST)

check: $(VENV)/developing  ## Style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	for file in tests/*/conftest.py; do $(BIN)/mypy $$file || exit 1; done
	$(BIN)/lint-imports
	$(BIN)/python docs/make_reference.py --check

format: $(VENV)/developing
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/developing  ## Write docs/reference from the code
	$(BIN)/python docs/make_reference.py

web: $(VENV)/installed  ## Build styles, scripts and icons; quick when nothing changed
	@$(BIN)/python web/build.py

bench: $(VENV)/developing web  ## Measure; see bench/README.md
	$(BIN)/python -m bench

lock: $(VENV)/developing  ## Resolve the versions anew
	$(BIN)/uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" -o requirements/run.txt
	$(BIN)/uv pip compile -q pyproject.toml --extra video --group dev --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" -c requirements/run.txt -o requirements/develop.txt

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	DASSIE_SKIP_ASSETS=1 $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

$(VENV)/developing: requirements/develop.txt $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/develop.txt
	touch $@

clean:
	rm -rf $(VENV) dist build src/dassie/web/static/dist web/node_modules
