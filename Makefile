# The few commands of this project, the same for people and for CI.
#   make demo                     try it in a page like Discord: no account, no key
#   make demo LLM=1               the same, and a small language model answers what no rule does
#   make demo-tiny                the same with the smallest download that still speaks
#   make demo SAY="..." OUT=a.ogg one spoken answer, for scripts; also with the other two
#   make test                     all tests, most of them on each Python from 3.11 to 3.14 that is found
#   make check                    format, lint, types, import contracts
#   make run                      the bot itself, set up by .env
#   make messages                 new sentences into the catalogues of translations, old ones out
#   make bench                    the measured figures
#   make soak                     every fault by the thousand; writes RELIABILITY.md (hours)
#   make audit                    asks pypi.org for known holes in what the bot installs
#   make picture                  the manual's picture of the page, taken of the page itself

SHELL := /bin/bash
# Without bytecode each start of a bot compiles all of it, and tests and trials start hundreds.
unexport PYTHONDONTWRITEBYTECODE
ifndef PYTHON
PYTHON := $(firstword $(shell scripts/pythons.sh))
endif
export OUT ?= data/demo/answer.ogg
ifneq ($(origin SAY),undefined)
export SAY
said := --say "$$SAY" --out "$$OUT"
began := $(shell date +%s)
took = @echo "time:     $$(($$(date +%s) - $(began))) s from the command to the answer, set-up included"
endif

.PHONY: demo demo-tiny run test check format messages bench soak audit picture lock clean python

demo: python
	@scripts/venv.sh $(PYTHON) requirements-demo.lock .venv-demo || \
	  { echo "The demo cannot be set up here; make demo-tiny needs less." >&2; exit 1; }
	@$(if $(filter-out 0 no,$(LLM)),.venv-demo/bin/python -m bot.local.speech.fetch data/speech)
	@.venv-demo/bin/python -m bot demo $(said)
	$(took)

demo-tiny: python
	@scripts/venv.sh $(PYTHON) requirements-demo-tiny.lock .venv-demo-tiny
	@.venv-demo-tiny/bin/python -m bot demo $(said)
	$(took)

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

messages: python
	@scripts/venv.sh $(PYTHON) requirements-dev.lock .venv
	.venv/bin/python -m bot.i18n.extraction

bench: python
	@scripts/venv.sh $(PYTHON) requirements-dev.lock .venv
	.venv/bin/python -m bench

soak: python
	@scripts/venv.sh $(PYTHON) requirements-dev.lock .venv
	.venv/bin/python -m soak

# Without --strict a package that is not known there would pass for one without a hole.
audit: python
	@scripts/venv.sh $(PYTHON) requirements-audit.lock .venv-audit
	.venv-audit/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock

picture: python
	@scripts/venv.sh $(PYTHON) requirements-dev.lock .venv
	@.venv/bin/python -m tests.page.picture

lock:
	scripts/lock.sh

clean:
	rm -rf .venv .venv-* .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later with venv is needed; none was found."; exit 1; }
