# make review and make test need nothing but Python 3.11 or later, git and make.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
TESTABLE := .venv/testable
STALE := echo "The review stopped. What lies in results/ belongs to the earlier data: do not use its figures. If nothing above says why: $(BIN)/python -m snakemake" >&2
# make review PROFILE=slurm runs it on a cluster (docs/cluster.md).
PROFILE ?= default
GRACE = $(if $(filter-out default,$(PROFILE)),--grace 60)
HOW = --workflow-profile profiles/$(PROFILE) $(if $(filter default,$(PROFILE)),$$TAPREV_SCREEN)
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

# pip would compile all of every library; Python compiles what is imported, once, and keeps it.
unexport PYTHONDONTWRITEBYTECODE
PIP = $(BIN)/python -m pip install -qq --disable-pip-version-check --no-compile

# The tests are collected first: a file that cannot be imported stops them there, and they are compiled once and not
# by each of their processes. mypy works beside them and is told at the end.
TYPES = .venv/types.txt
COLLECTED = .venv/collected.txt
COLLECT = $(BIN)/python -m pytest --collect-only -qq > $(COLLECTED) 2>&1

.DEFAULT_GOAL := help
.PHONY: help review run check test docs bench reference clean

help:  ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

review: $(INSTALLED)  ## Run the review: data/ to results/ (first time 2 min with the environment, then 1 min)
	@$(BIN)/taprev alone $(GRACE) -- $(MAKE) --no-print-directory run

run:
	@$(BIN)/taprev check
	@$(BIN)/taprev snakemake effects $(HOW) || { $(STALE); exit 1; }
	@$(BIN)/taprev snakemake $(HOW) || { $(STALE); exit 1; }
	@$(BIN)/taprev status

check: $(INSTALLED)  ## Check the extraction alone (2 s)
	@$(BIN)/taprev check

test: $(TESTABLE)  ## Lint and test everything (12 to 16 min; what needs R, Chromium or LibreOffice is skipped without)
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy > $(TYPES) 2>&1 & types=$$!; \
	  if $(COLLECT); then $(BIN)/python -m pytest -n 3 --dist worksteal; tested=$$?; \
	  else cat $(COLLECTED); tested=1; fi; \
	  wait $$types || tested=1; cat $(TYPES); exit $$tested

docs: $(TESTABLE)  ## Build the documentation as a site: site/index.html (10 s)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build
	@echo "Look at: site/index.html"

# make bench ONLY="rows growth" runs these alone.
bench: $(TESTABLE)  ## Measure speed as ratios against R and against doing nothing (over an hour; wants R with metafor)
	@$(BIN)/python benchmarks/all.py $(SHORT) $(ONLY)

reference: $(TESTABLE)  ## Make the reference values of the tests anew (10 min; needs R with metafor, clubSandwich, lme4, BiasedUrn)
	@Rscript tests/reference/random_effects.R tests/reference/random_effects.json
	@Rscript tests/reference/influence.R tests/reference/influence.json
	@Rscript tests/reference/multilevel.R tests/reference/multilevel.json
	@Rscript tests/reference/nested.R tests/reference/nested.json
	@Rscript tests/reference/contrasts.R tests/reference/contrasts.json
	@Rscript tests/reference/moderators.R tests/reference/moderators.json
	@Rscript tests/reference/mixed_effects.R tests/reference/mixed_effects.json
	@Rscript tests/reference/small_study.R tests/reference/small_study.json
	@Rscript tests/reference/effects.R tests/reference/effects.json
	@Rscript tests/reference/columns.R tests/reference/columns.json
	@Rscript tests/reference/sparse.R tests/reference/sparse.json
	@Rscript tests/reference/exact.R tests/reference/exact.json
	@Rscript tests/reference/bayes.R tests/reference/bayes.json
	@Rscript tests/reference/revman.R tests/reference/revman.json
	@Rscript tests/reference/agreement.R tests/reference/agreement.json

clean:  ## Remove results/ and what Snakemake remembers, not the environment
	@find results -mindepth 1 ! -name README.md -delete
	@rm -rf .snakemake

$(INSTALLED): requirements-pip.lock requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "taprev needs Python 3.11 or later. Name one: make review PYTHON=python3.12"; exit 1; }
	@echo "Building the environment in .venv (about a minute) ..."
	@$(PYTHON) -m venv --clear .venv || { \
	  echo "This Python cannot build environments. On Debian: apt install python3-venv"; exit 1; }
	@$(PIP) --require-hashes --upgrade -r requirements-pip.lock
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-build-isolation --no-deps -e .
	@$(BIN)/python -m compileall -q src
	@touch $(INSTALLED)

$(TESTABLE): $(INSTALLED) requirements-dev.lock
	@echo "Adding what tests, documentation and benchmarks need (half a minute) ..."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $(TESTABLE)
