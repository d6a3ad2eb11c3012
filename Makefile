# The few commands of this project, the same for people and for CI.
#   make demo                     ask a question and hear it answered: no account, no key
#   make demo SAY="..." OUT=a.ogg the same for scripts
#   make test                     all tests, on every Python from 3.11 to 3.14 that is found
#   make check                    format, lint, types, import contracts
#   make run                      the bot itself, set up by .env
#   make bench                    the measured figures

SHELL := /bin/bash
ifndef PYTHON
PYTHON := $(firstword $(shell scripts/pythons.sh))
endif
export SAY ?= Is a golden retriever a good family dog?
export OUT ?= data/demo/answer.ogg

.PHONY: demo run test check format bench lock clean python

demo: python
	@scripts/venv.sh $(PYTHON) requirements-demo.lock .venv-demo
	@.venv-demo/bin/python -m bot demo --say "$$SAY" --out "$$OUT"

run: python
	@scripts/venv.sh $(PYTHON) requirements.lock .venv-run
	@.venv-run/bin/python -m bot run

test: python
	@scripts/test.sh

check: python
	@scripts/venv.sh $(PYTHON) requirements-dev.lock .venv
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: python
	@scripts/venv.sh $(PYTHON) requirements-dev.lock .venv
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench: python
	@scripts/venv.sh $(PYTHON) requirements-dev.lock .venv
	.venv/bin/python -m bench

lock:
	scripts/lock.sh

clean:
	rm -rf .venv .venv-* .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later with venv is needed; none was found."; exit 1; }
