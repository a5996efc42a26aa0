# Needs python3 (3.11 or newer) and make; everything else is installed into .venv on the first call.
PYTHON ?= python3
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
ARGS ?=
NB ?=
DATA ?= full
SET ?=

.PHONY: help lab test run full outputs benchmark lint set-up

help:
	@echo "make lab        open JupyterLab on the notebooks   (ARGS=\"--no-browser --port 8899\")"
	@echo "make test       run every notebook and every test  (ARGS=\"-k 04\")"
	@echo "make run        execute the notebooks on the sample; HTML copies in build/   (NB=04)"
	@echo "make full       execute the notebooks on the real data; results in build/full/   (NB=04 DATA=subset SET=\"SEED=1\")"
	@echo "make outputs    execute the notebooks on the sample and save their outputs   (NB=04)"
	@echo "make benchmark  time the original program against ours on the real data"
	@echo "make lint       check the style of code and notebooks"

set-up:
	@command -v $(PYTHON) > /dev/null || { echo "set-up stopped: there is no $(PYTHON) here; install Python 3.11 or newer, or name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) tools/set_up.py

lab: set-up
	$(BIN)/jupyter lab notebooks $(ARGS)

test: set-up
	$(BIN)/python -m pytest --nbval $(ARGS)

run: set-up
	$(BIN)/python tools/notebooks.py run --nb "$(NB)"

full: set-up
	$(BIN)/python tools/notebooks.py full --nb "$(NB)" --data "$(DATA)" --set "$(SET)"

outputs: set-up
	$(BIN)/python tools/notebooks.py outputs --nb "$(NB)"

benchmark: set-up
	$(BIN)/python tests/benchmark.py $(ARGS)

lint: set-up
	$(BIN)/ruff check . $(ARGS)
	$(BIN)/ruff format --check .
