# Sets up and runs everything in the clone. It needs Python 3.11+ and a package registry.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Two processes, each with a Kafka of its own: 8 minutes on two cores instead of 14. PARALLEL= runs one after the other.
PARALLEL := -n 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help setup lint types test demo bench bench-quick lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## make .venv with the locked dependencies and joblog itself

$(READY): requirements/dev.txt pyproject.toml setup.py
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit( \
		f"joblog needs Python 3.11 or newer, $(PYTHON) is {v[0]}.{v[1]}: run make PYTHON=python3.11")'
	@echo "Setting up .venv; the first time takes a minute or two."
	$(PYTHON) -m venv .venv
	$(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements/dev.txt
	$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

lint: $(READY) ## check style, format and layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: $(READY) ## check types
	$(BIN)/mypy src tests $(wildcard benchmarks examples)

test: lint types ## run every check: lint, types, and the tests on a real Kafka
	$(BIN)/python -m pytest $(PARALLEL)

demo: $(READY) ## run a few thousand real jobs through a real Kafka, and prove the tables
	$(BIN)/python -m examples.saas.demo

bench: $(READY) ## measure jobs/s and CPU time, beside seven peers
	$(BIN)/python -m benchmarks

bench-quick: $(READY) ## the same with fewer jobs
	$(BIN)/python -m benchmarks --quick

lock: $(READY) ## pin what pyproject.toml asks for; UV_FLAGS=--upgrade renews every pin
	$(BIN)/uv pip compile --quiet $(UV_FLAGS) --universal --python-version 3.11 \
		--generate-hashes --no-header --extra broker --group examples --group dev \
		--output-file requirements/dev.txt pyproject.toml
	for peer in benchmarks/peers/*/requirements.in; do \
		$(BIN)/uv pip compile --quiet $(UV_FLAGS) --universal --python-version 3.11 --generate-hashes \
			--no-header --output-file $${peer%in}txt $$peer || exit 1; \
	done

clean: ## remove what was made, .venv too
	rm -rf .venv .venv-peers .joblog .demo build dist *.egg-info .*_cache .hypothesis
