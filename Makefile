# Two commands do everything on a fresh Debian machine with python3 and make:
#   make demo   the main job end to end, on a scene that it draws itself
#   make test   everything the tests need, then all tests
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Processes that share the tests: one a processor.
JOBS ?= $(shell nproc)

.PHONY: demo test bench lint system system-dev clean

demo: $(VENV)/installed
	$(BIN)/closeup demo --out demo

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -n $(JOBS) --dist loadscope -m 'not serial'
	$(BIN)/python -m pytest -m serial

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks

$(VENV)/bin/python: | system
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	touch $@

$(VENV)/installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python system-dev
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	touch $@ $(VENV)/installed

# What is not Python: venv, libraries that wheels link to, and for the tests a browser and a screen.
system:
	@sh .ci/system-packages

system-dev:
	@sh .ci/system-packages dev

clean:
	rm -rf $(VENV) demo build dist
