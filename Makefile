# `make` alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
MODEL ?= efficientnet_lite2
NAME ?= densenet121
WHY ?=
STUDY ?= architecture-lungs
ARGS ?=

.PHONY: help run test fuzz load lint train study evaluate benchmark card data pictures clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.app ## install what the app needs and serve it, e.g. make run ARGS="--server.port 8600"
	$(BIN)/python -m core serve $(ARGS)

test: $(VENV)/.dev ## install what tests need, a browser included, and run all tests
	.ci/browser
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ARGS)

fuzz: $(VENV)/.dev ## read broken files for an hour, e.g. make fuzz ARGS="--seconds 60"; findings go to test-output
	$(BIN)/python -m tests.fuzz $(ARGS)

load: $(VENV)/.dev ## let sessions read at once for a minute, or browsers: make load ARGS="--browsers 4"; a table goes to test-output
	$(BIN)/python -m tests.load $(ARGS)

lint: $(VENV)/.dev ## check style and types
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	$(BIN)/python -m core readme --check && $(BIN)/python -m core card --check

train: $(VENV)/.dev ## train a network, e.g. make train NAME=mine ARGS="--architecture resnet18 --epochs 12"
	$(BIN)/python -m core train $(NAME) $(ARGS)

study: $(VENV)/.dev ## train the missing runs of a study, e.g. make study STUDY=mixup-lungs ARGS="--parallel 2"
	$(BIN)/python -m core study $(STUDY) $(ARGS)

evaluate: $(VENV)/.dev ## measure a shipped model on the test films, e.g. make evaluate WHY="new weights"
	$(BIN)/python -m core evaluate --model $(MODEL) --why "$(WHY)" $(ARGS)
	$(BIN)/python -m core readme && $(BIN)/python -m core card

benchmark: $(VENV)/.dev ## measure how fast films are read on this machine, and write docs/performance.md
	$(BIN)/python -m core benchmark $(ARGS)
	$(BIN)/python -m core readme

card: $(VENV)/.dev ## write the tables of READMEs, docs and model card from the results
	$(BIN)/python -m core readme && $(BIN)/python -m core card

data: $(VENV)/.app ## count the films of CHEST_XRAY_DIR for the Data page
	$(BIN)/python -m core describe $(ARGS)

pictures: $(VENV)/.dev ## draw the pictures of the READMEs and docs
	.ci/browser
	$(BIN)/python -m tests.browser.pictures

clean: ## remove the environment and what tests left behind
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache test-output

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed; name another with PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.app: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
