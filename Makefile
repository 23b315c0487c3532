PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo test check format bench docs

help:  ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: .venv/installed  ## the main job on the built-in gallery: install, paint, train, test
	$(BIN)/python train.py hydra.run.dir=outputs/demo/$$(date +%Y%m%d-%H%M%S)
	@echo "the gallery's sheet: $$(ls -t outputs/cache/gallery/*/sheet.* | head -n 1)"

test: .venv/installed  ## all tests but the slow ones
	$(BIN)/python -m pytest

check: .venv/installed  ## format, lint, types, import layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed  ## puts the code into its standard form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: .venv/installed  ## the documentation as a site, in outputs/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo outputs/site/index.html

LONG := benchmarks/artemis.py benchmarks/data.py benchmarks/many_cells.py benchmarks/sweep.py benchmarks/transfer.py

bench: .venv/installed  ## every benchmark, the long ones at a smaller size; each prints a ratio and what it was measured against
	for file in $(filter-out $(LONG),$(wildcard benchmarks/*.py)); do $(BIN)/python $$file || exit 1; done
	$(BIN)/python benchmarks/artemis.py 2000
	$(BIN)/python benchmarks/data.py 4000
	$(BIN)/python benchmarks/many_cells.py --cells 100
	$(BIN)/python benchmarks/transfer.py 200
	$(BIN)/python benchmarks/sweep.py --seeds 2 data.count=160
