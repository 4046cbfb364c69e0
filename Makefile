# Everything a checkout needs; `make help` lists it. Only Python 3.11 or newer and make are assumed.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.SHELLFLAGS := -eu -c

# The first Python that is new enough; name another with `make run PYTHON=/path/to/python3`.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PORT ?= 8000
export PORT

PY := .venv/bin/python
STACK := $(PY) -m tutor_project.stack
PYTEST := $(PY) -m pytest -q
TEST_PROCESSES ?= 2
DATA ?= data
BENCHES ?= retrieval_quality search answers xquad quizzes analysis tutoring mastery jobs analytics

.PHONY: help
help: ## list what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found: install it, or name it (make run PYTHON=/path/to/python3)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "$(PYTHON) is older than Python 3.11 or does not run: name a newer one (make run PYTHON=/path/to/python3)." >&2; exit 1; }

.PHONY: install
install: python ## make .venv and install what the project runs with
	@$(PYTHON) tutor_project/stack/install.py

.PHONY: dev
dev: python ## the same, with the tools for tests and lint
	@$(PYTHON) tutor_project/stack/install.py --dev

.PHONY: run
run: install ## serve, after taking the sample document through the main job (PORT=8000)
	@exec $(STACK) run

.PHONY: up
up: install ## serve in the background
	@$(STACK) up

.PHONY: down
down: ## stop all that runs
	@if [ -x $(PY) ]; then $(STACK) down; else echo "nothing was running"; fi

.PHONY: demo
demo: install ## take a document through the main job: make demo FILE=chapter.pdf
	@test -n "$(FILE)" || { echo "Name the document to take: make demo FILE=chapter.pdf" >&2; exit 1; }
	@$(STACK) demo "$(FILE)"

.PHONY: test
test: dev ## all tests, the fast ones first
	@status=0; \
	$(PYTEST) -n $(TEST_PROCESSES) tests/unit || status=1; \
	$(PYTEST) -n $(TEST_PROCESSES) tests/architecture tests/integration tests/api tests/contract || status=1; \
	$(PYTEST) tests/abuse || status=1; \
	$(PYTEST) tests/faults || status=1; \
	$(PYTEST) tests/browser || status=1; \
	$(PYTEST) tests/e2e || status=1; \
	exit $$status

.PHONY: unit
unit: dev ## the tests that need no database
	@$(PYTEST) -n $(TEST_PROCESSES) tests/unit

.PHONY: faults
faults: dev ## kill and cut off real processes and see that nothing is lost (the long form)
	@FAULTS=full $(PYTEST) -s tests/faults

.PHONY: lint
lint: dev ## style, types, layering, missing migrations
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy tutor_project jobs_app documents_app sessions_app analytics_app
	@.venv/bin/lint-imports
	@$(PY) manage.py makemigrations --check --dry-run

.PHONY: format
format: dev ## let ruff arrange the code
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

.PHONY: schema
schema: dev ## write docs/openapi.yaml anew; review the difference
	@$(PY) manage.py spectacular --file docs/openapi.yaml --validate --fail-on-warn

.PHONY: messages
messages: dev ## compile the translations of the API's messages (tutor_project/locale)
	@$(PY) -m babel.messages.frontend compile --directory tutor_project/locale --domain django

.PHONY: bench
bench: dev ## measure, each comparison with both sides in one run (DATA=folder with the material)
	@for name in $(BENCHES); do echo "== $$name"; nice $(PY) -m benchmarks.$$name --data "$(DATA)"; done
	@echo "Longer ones, which start what they need: python -m benchmarks.{http,ingest,console,citations,hostile,odd_files,image_size} --help"

.PHONY: scoreboard
scoreboard: dev ## run every yardstick with foreign data and write docs/scoreboard.md (DATA=folder with the material)
	@nice $(PY) -m benchmarks.scoreboard --data "$(DATA)"

.PHONY: lock
lock: dev ## pin requirements.in and requirements-dev.in anew
	@for file in requirements requirements-dev; do $(PY) -m piptools compile --quiet --allow-unsafe --strip-extras --annotation-style=line \
		--no-emit-options --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o $$file.txt $$file.in; done

.PHONY: clean
clean: down ## stop all and delete the data of this checkout (var/)
	@rm -rf var
