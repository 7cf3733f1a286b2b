# SPDX-License-Identifier: Apache-2.0
# The commands of the README. Everything runs in a virtual environment of its own.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test full bench clean

$(BIN)/hil: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[controllers]'
	touch $@

$(BIN)/tox:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet 'tox>=4.67'

demo: $(BIN)/hil
	$(BIN)/hil run fixtures/scenarios/engagement.yaml --out out/engagement
	$(BIN)/hil run fixtures/scenarios/engagement_short.yaml --clock real --out out/engagement_short

test: $(BIN)/tox
	$(BIN)/tox run

full: $(BIN)/tox
	$(BIN)/tox run -e full

bench: $(BIN)/tox
	$(BIN)/tox run -e bench

clean:
	rm -rf $(VENV) .tox out build *.egg-info
