# TaskFlow. Bare `make` lists the targets. Needs make, sh and Python 3.11 or newer, nothing else.

PYTHON ?= python3
IN_VENV := .venv/bin/python
ARGS ?=
# What has a long form beside tests/faults that `make soak` is for.
SOAKED := $(shell grep -rl -e '"--long"' tests/api tests/unit)
# Those run for minutes on purpose: only one that hangs is stopped.
LONG := --long --timeout 7200

.DEFAULT_GOAL := help
.PHONY: help install installed run demo cli test fuzz soak check format openapi clean

help: ## List the targets
	@echo "TaskFlow, the server half of a task-management app. Start with: make run"
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  PYTHON=python3.12 names another Python, ARGS=... goes to pytest, or to cli."

install: ## Install everything into this folder (the other targets do so by themselves)
	@$(PYTHON) -m local.install --verbose

installed:
	@$(PYTHON) -m local.install

run: installed ## Run the whole stack on this machine until Ctrl-C
	@exec $(IN_VENV) -m local --with-parent

demo: installed ## Watch a task travel from one person's app to another's phone
	@exec $(IN_VENV) -m local.demo

cli: installed ## Run a command of backend.cli on the running stack (ARGS="appoint UID admin")
	@exec $(IN_VENV) -m local.cli $(ARGS)

test: installed ## Run all tests (ARGS=tests/unit for some)
	@exec $(IN_VENV) -m pytest -n 2 --dist loadscope --no-loadscope-reorder --reruns 1 -r aR $(ARGS)

fuzz: installed ## Attack the API for longer than `make test` does
	@exec $(IN_VENV) -m pytest $(LONG) tests/hostile tests/openapi tests/rules $(ARGS)

soak: installed ## Let the parts that work over time run for minutes, in every kind of trouble
	@exec $(IN_VENV) -m pytest $(LONG) tests/faults $(SOAKED) $(ARGS)

check: installed ## Check format, lint, types and locks
	@$(IN_VENV) -m ruff format --check .
	@$(IN_VENV) -m ruff check .
	@$(IN_VENV) -m mypy
	@$(IN_VENV) -m pip check
	@if grep -q '"resolved"' package-lock.json; then \
		echo "package-lock.json records download addresses: make it anew with this folder's .npmrc."; \
		exit 1; \
	fi

format: installed ## Format the code and put right what can be by itself
	@$(IN_VENV) -m ruff check --fix-only .
	@$(IN_VENV) -m ruff format .

openapi: installed ## Write openapi.json and docs/errors.md from the code
	@$(IN_VENV) -m backend.cli describe

clean: ## Remove everything installed or built; the stack's data in .local/data stays
	rm -rf .venv node_modules functions/venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf htmlcov .coverage
	if [ -d .local ]; then find .local -mindepth 1 -maxdepth 1 ! -name data -exec rm -rf {} +; fi
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
