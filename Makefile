# `make run` opens the workbench, `make test` runs every check. Both make .venv when it is missing.

PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= $(shell nproc)
STAMP := .venv/installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_CONSTRAINT := constraints.txt

.PHONY: run test check fix types borders unit live pictures wheel clean

run: $(STAMP)
	@$(BIN)/workbench --or-demo $(ARGS)

test: check types borders unit live

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

fix: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(STAMP)
	$(BIN)/mypy

borders: $(STAMP)
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/borders

unit: $(STAMP)
	$(BIN)/pytest -q -n $(WORKERS) --dist loadfile tests/workbench tests/screens tests/sample_projects

live: $(STAMP)
	$(BIN)/pytest -q tests/live

pictures: $(STAMP)
	$(BIN)/pytest -q tests/screens --snapshot-update

wheel: $(STAMP)
	$(BIN)/python -m build

clean:
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "python3-venv is missing: apt-get install python3-venv"; rm -rf .venv; exit 1; }
	$(BIN)/python -m pip install --quiet -e '.[dev]'
	@touch $@
