# Everything starts here: `make demo` to see it work, `make test` to check it.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# a clone keeps what it writes to itself; set YILIAN_HOME to share a model between clones
export YILIAN_HOME ?= $(CURDIR)/.yilian

.PHONY: demo test check coverage fuzz serve clean

demo: $(VENV)/.installed
	$(BIN)/yilian demo

test: check
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

coverage: check
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term

fuzz: check
	$(BIN)/python -m tests.fuzz --minutes $(or $(MINUTES),10)

serve: $(VENV)/.installed
	$(BIN)/yilian serve

clean:
	rm -rf $(VENV) .yilian build dist *.egg-info .*_cache .hypothesis .coverage

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@
