# Sets up and runs everything in the clone. It needs Python 3.11+ and a package registry.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile

# Each process would compile all that it imports; pip leaves that to the first one that imports it.
unexport PYTHONDONTWRITEBYTECODE

# Three processes, each with a Kafka of its own: two cores wait a sixth of the time with two. Files in their order, since
# those with few tests, which would come last, take longest. PARALLEL= runs one after the other.
PARALLEL := -n 3 --dist loadfile --no-loadscope-reorder

# joblog as it is shipped: a wheel whose hot modules are machine code where there is a C compiler, unpacked.
# What is to run it gets it before the clone on the path.
COMPILED := build/compiled
COMPILED_READY := $(COMPILED)/.ready
JOBLOG_COMPILE := $(if $(shell command -v cc),1,0)
# The build writes a module into its tree: a copy, since tests run on this one meanwhile.
TREE := pyproject.toml setup.py README.md LICENSE schemas lifecycle streams processors src
SOURCES := $(shell find schemas lifecycle streams processors src -name '*.py' -o -name '*.avsc')
SHIPPED := PYTHONPATH=$(CURDIR)/$(COMPILED)

.DEFAULT_GOAL := help
.PHONY: help setup lint types test checked compiled demo docs docs-serve bench bench-quick chaos lock clean

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
	$(BIN)/mypy src tests $(wildcard benchmarks examples docs/site)

test: ## run every check: lint, types, the rules on the source, all else on a real Kafka and the wheel
	$(MAKE) -j2 compiled checked
	$(SHIPPED) $(BIN)/python -m pytest $(PARALLEL) -m "not source" tests/unit/lifecycle tests/unit/schemas \
		$(filter-out tests/unit/ tests/repository/ tests/__pycache__/, $(wildcard tests/*/))

checked: lint types
	$(BIN)/python -m pytest $(PARALLEL) tests/unit tests/repository

compiled: $(COMPILED_READY) ## build the wheel into dist/, and unpack it for tests and benchmarks

$(COMPILED_READY): $(READY) $(SOURCES)
	@test $(JOBLOG_COMPILE) = 1 || echo "There is no C compiler (cc): the wheel is plain Python, and slower."
	rm -rf build dist
	mkdir -p build/source && cp -a $(TREE) build/source
	JOBLOG_COMPILE=$(JOBLOG_COMPILE) $(BIN)/python -m build --wheel --no-isolation --outdir dist build/source \
		> build.log 2>&1 \
		|| { cat build.log; exit 1; }
	$(PIP_INSTALL) --no-deps --target $(COMPILED) dist/*.whl
	@rm build.log && touch $@

demo: $(READY) ## run a few thousand real jobs through a real Kafka, and prove the tables
	$(BIN)/python -m examples.saas.demo

docs: $(READY) ## build the documentation as a site into build/site; a warning fails
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

docs-serve: $(READY) ## show the documentation while one writes
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

bench: compiled ## measure all that has a bar, beside seven peers, and plot it; goes on where it stopped
	$(SHIPPED) $(BIN)/python -m benchmarks

bench-quick: compiled ## one short round of most measures, below three minutes; nothing is stored
	$(SHIPPED) $(BIN)/python -m benchmarks --quick

SEEDS := 1-150
TOXIPROXY := .chaos/bin/toxiproxy
TOXIPROXY_VERSION := v2.12.0

chaos: compiled $(TOXIPROXY) ## break everything, seed by seed, and judge what became of all jobs: SEEDS=1-150
	$(SHIPPED) $(BIN)/python -m tests.chaos $(SEEDS)

$(TOXIPROXY):
	mkdir -p $(@D)
	GOBIN=$(CURDIR)/$(@D) go install github.com/Shopify/toxiproxy/v2/cmd/server@$(TOXIPROXY_VERSION)
	mv $(@D)/server $@

# What the image is made of is of the versions that are tested.
LOCK_OF_IMAGE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--constraint requirements/dev.txt

lock: $(READY) ## pin what pyproject.toml asks for; UV_FLAGS=--upgrade renews every pin
	$(BIN)/uv pip compile --quiet $(UV_FLAGS) --universal --python-version 3.11 \
		--generate-hashes --no-header --extra broker --extra outbox \
		--group examples --group frameworks --group docs --group benchmarks --group build --group dev \
		--output-file requirements/dev.txt pyproject.toml
	$(LOCK_OF_IMAGE) --extra outbox --output-file requirements/runtime.txt pyproject.toml
	$(LOCK_OF_IMAGE) --group build --output-file requirements/build.txt
	for peer in benchmarks/peers/*/requirements.in; do \
		$(BIN)/uv pip compile --quiet $(UV_FLAGS) --universal --python-version 3.11 --generate-hashes \
			--no-header --output-file $${peer%in}txt $$peer || exit 1; \
	done

clean: ## remove what was made, .venv too
	rm -rf .venv .venv-peers .chaos .joblog .demo build dist *.egg-info .*_cache .hypothesis
