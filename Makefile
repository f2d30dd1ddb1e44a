# Everything a person or a build machine does with this folder. `make run` and `make test` set up what they need on a
# machine that has only python3, python3-venv and make; the second call finds it done.
#
#   make run [ARGS="…"]   the recorded session on the simulated exchange, or `rulec run` with your arguments
#   make test [ARGS="…"]  the quick tests              make long   the long profiles too (minutes)
#   make clients          seconds of real processes: the gateway with unmodified IB clients, parity, faults
#   make check            linters and types            make bench  ratios beside peers
#   make planted          plants bugs one at a time and says which test catches each
#   make recording        records a run whose rules are saved while it trades (needs tmux)
#   make format           lays the code out            make lock   resolves the dependencies afresh
#   make clean            removes what these made

PYTHON ?= python3
ARGS ?=

ENVIRONMENT := .venv
BIN := $(ENVIRONMENT)/bin
RUNTIME := $(ENVIRONMENT)/.runtime-ready
DEVELOPMENT := $(ENVIRONMENT)/.development-ready
PACKAGE := __init__.py __main__.py cli dsl grammar runtime
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
COMPILE := $(BIN)/uv pip compile --universal --generate-hashes --python-version 3.11 --quiet --no-emit-index-url \
	--custom-compile-command "make lock"
LOCK := $(COMPILE) pyproject.toml
CLIENTS := ib_insync==0.9.86 ib_async==2.1.0 ibapi==9.81.1.post1

.DELETE_ON_ERROR:
.PHONY: help run test long clients check bench planted recording format lock clean

help:
	@sed -n 's/^#   //p' Makefile

run: $(RUNTIME)
	@$(BIN)/python -m rulec run $(ARGS)

test: $(DEVELOPMENT)
	$(BIN)/python -m pytest -n auto $(ARGS)

long: $(DEVELOPMENT)
	RULEC_LONG=1 $(BIN)/python -m pytest -n auto $(ARGS)

clients: $(DEVELOPMENT)
	$(BIN)/python -m pytest -n auto -m "clients and not long" $(ARGS) \
		tests/conformance tests/parity tests/faults

check: $(DEVELOPMENT)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy -p rulec
	$(BIN)/lint-imports

bench: $(DEVELOPMENT)
	$(BIN)/python -m benchmarks $(ARGS)

planted: $(DEVELOPMENT)
	$(BIN)/python -m rulec.tests.planted

recording: $(DEVELOPMENT)
	$(BIN)/python -m rulec.docs.record
	$(BIN)/python -m rulec.docs.generate docs/running.md

format: $(DEVELOPMENT)
	$(BIN)/python -m ruff check --fix-only .
	$(BIN)/python -m ruff format .

lock: $(DEVELOPMENT)
	$(LOCK) --group build --output-file requirements/runtime.txt
	$(LOCK) --group dev --constraint requirements/runtime.txt --output-file requirements/development.txt
	for client in $(CLIENTS); do \
		echo "$$client" | $(COMPILE) - --output-file "requirements/clients/$${client%%==*}.txt" || exit 1; done
	echo setuptools | $(COMPILE) - --constraint requirements/runtime.txt --output-file requirements/clients/build.txt
	$(LOCK) --extra ib-async --no-emit-package ib-insync --no-emit-package eventkit \
		--constraint requirements/clients/ib_async.txt \
		--output-file requirements/clients/rulec_ib_async.txt

clean:
	rm -rf $(ENVIRONMENT) build dist rulec.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment itself: kept when it works, made afresh when it does not (moved, or its python was upgraded).
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "rulec needs Python 3.11 or newer, and $(PYTHON) is not: try make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) lacks the module venv: run  apt install python3-venv  and make again" >&2; exit 1; }
	@echo "Setting up $(ENVIRONMENT) …"
	@$(PYTHON) -m venv --clear $(ENVIRONMENT)

# Compiling the package's bytecode now makes the first start as quick as the next, also where Python writes none itself.
$(RUNTIME): requirements/runtime.txt pyproject.toml | $(BIN)/python
	@echo "Installing what rulec runs on …"
	@$(INSTALL) --require-hashes --requirement requirements/runtime.txt
	@$(INSTALL) --no-build-isolation --no-deps --editable .
	@$(BIN)/python -m compileall -q $(PACKAGE)
	@touch $@

# The link lets mypy see this folder under the name it is imported by, whatever the folder is called.
$(DEVELOPMENT): requirements/development.txt $(RUNTIME)
	@echo "Installing what its tests and linters need …"
	@$(INSTALL) --require-hashes --requirement requirements/development.txt
	@mkdir -p $(ENVIRONMENT)/typing
	@ln -sfn ../.. $(ENVIRONMENT)/typing/rulec
	@touch $@
