# `make help` lists the targets. `make run` and `make test` set everything up themselves.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TORCH := torch==2.13.0
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint types format bench bench-log bench-safety bench-watermark lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

run: $(VENV)/run.stamp ## Set up if needed, then serve and generate on http://127.0.0.1:8000
	@$(BIN)/signet serve

test: $(VENV)/dev.stamp lint types ## Set up if needed, then lint, type-check and run every test
	$(BIN)/python -m pytest

lint: $(VENV)/dev.stamp ## Check style, formatting and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/dev.stamp ## Type-check the four packages
	$(BIN)/mypy

format: $(VENV)/dev.stamp ## Format the code and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev.stamp ## Measure what each stage costs beside the render
	$(BIN)/python tests/benchmarks/overhead.py

bench-log: $(VENV)/dev.stamp ## Measure what the audit log bears (about an hour)
	$(BIN)/python -m tests.benchmarks.audit_log

bench-safety: $(VENV)/dev.stamp ## Measure what disguises cost moderation: DATA=prompts.jsonl
	@test -n "$(DATA)" || { echo 'Name a file of prompts: make bench-safety DATA=prompts.jsonl'; exit 2; }
	$(BIN)/python -m tests.benchmarks.safety.evasion --data "$(DATA)"

bench-watermark: $(VENV)/study.stamp ## Study the watermark beside its peers, write docs/watermark/study.md
	$(BIN)/python -m tests.benchmarks.watermark

lock: $(VENV)/study.stamp ## Write the installed versions to constraints.txt
	@{ echo '# Exact versions of everything but torch (pinned in pyproject.toml). Regenerate with: make lock'; \
	  $(BIN)/python -m pip freeze --exclude-editable | grep -viE '^torch='; } > constraints.txt

clean: ## Remove the virtual environment and caches (never your data)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Signet needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)'; exit 2; }
	@echo 'Setting up $(VENV); the first time takes a few minutes.'
	@$(PYTHON) -m venv $(VENV) \
	  || { rm -rf $(VENV); echo 'No venv: install it (Debian: apt-get install python3-venv).'; exit 2; }

# torch comes first and exactly: any wider range can pull gigabytes of another CUDA build.
$(VENV)/run.stamp: pyproject.toml constraints.txt | $(VENV)/bin/python
	@$(PIP) $(TORCH)
	@$(PIP) -c constraints.txt -e .
	@# opencv-python needs libGL, which servers lack; the headless build is the same module.
	@$(BIN)/python -c 'import cv2' 2>/dev/null || $(PIP) --no-deps --force-reinstall \
	  "opencv-python-headless==$$($(BIN)/python -m pip show opencv-python | sed -n 's/^Version: //p')"
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp
	@$(PIP) -c constraints.txt -e '.[dev]'
	@touch $@

$(VENV)/study.stamp: $(VENV)/dev.stamp
	@$(PIP) -c constraints.txt -e '.[study]'
	@touch $@
