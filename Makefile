# Parapet: `make demo` shows it, `make test` proves it. Everything lives in .venv and .tools; nothing else is touched.
.PHONY: help setup demo serve lint scan sbom check test pictures bench browser lock clean
.DEFAULT_GOAL := help

UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
BIN := .venv/bin
# Trust what the machine trusts: a bank's network has certificates of its own.
export UV_SYSTEM_CERTS := true
export NODE_EXTRA_CA_CERTS ?= $(firstword $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem))
# Compile once, so that every start is quick.
export UV_COMPILE_BYTECODE := 1

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

PEERS := tests/peers/node_modules/.ready

setup: .venv/.ready $(PEERS) ## install everything: .venv, and the login server that the tests sign in at

.tools/bin/uv:
	@python3 -m venv .tools || { echo "python3 has no venv module; on Debian: apt-get install python3-venv"; exit 1; }
	@.tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.ready: pyproject.toml uv.lock | $(UV)
	@echo "Installing into .venv …"
	@$(UV) sync --frozen --quiet
	@touch $@

$(PEERS): tests/peers/package.json tests/peers/package-lock.json
	@command -v npm >/dev/null || { echo "Install Node 20 or newer with npm (Debian: apt-get install nodejs npm), then run this again."; exit 1; }
	@for try in 1 2 3 4; do \
	  npm ci --prefix tests/peers --ignore-scripts --no-audit --no-fund --loglevel=error --maxsockets=4 --fetch-timeout=60000 && exit 0; \
	  echo "npm could not fetch everything (try $$try of 4)"; \
	done; exit 1
	@touch $@

.tools/scan/.ready: tests/scan/pyproject.toml tests/scan/uv.lock | $(UV)
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/.tools/scan $(UV) sync --frozen --quiet --project tests/scan
	@touch $@

demo: .venv/.ready ## build the demo (once), start its login server and the app
	@$(BIN)/parapet demo $(ARGS)

serve: .venv/.ready ## serve with the settings of the environment
	@$(BIN)/parapet serve

lint: setup ## style, types and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

scan: .tools/scan/.ready ## bandit, and the rules of the house for semgrep (tests/scan)
	@.tools/scan/bin/python tests/scan/scan.py

sbom: | $(UV) ## write dist/sbom.cdx.json: every package of the product, locked, as CycloneDX
	@mkdir -p dist
	@$(UV) export --frozen --offline --quiet --no-default-groups --all-extras --no-emit-project --format cyclonedx1.5 \
	  --preview-features sbom-export -o dist/sbom.cdx.json
	@echo "dist/sbom.cdx.json"

check: lint scan ## lint, scan and every test that needs no browser
	@$(BIN)/pytest -m "not browser"

test: setup browser ## every test, in a real Chromium too
	@$(BIN)/pytest --headless

pictures: setup browser ## the pictures that pages are compared with, and those of the documentation, anew
	@$(BIN)/pytest --headless --renew-pictures tests/browser/test_pictures.py

bench: .venv/.ready browser ## ratios against the best hand-written code, in one run
	@$(UV) sync --frozen --quiet --group bench
	@$(BIN)/python -m tests.bench $(ARGS)

browser:
	@if command -v chromedriver >/dev/null && { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Chromium and its driver …"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium chromium-driver >/dev/null; \
	else echo "Install Chromium and chromedriver (Debian: apt-get install chromium chromium-driver), then run this again."; exit 1; fi

lock: | $(UV) ## resolve the dependencies anew
	@$(UV) lock --upgrade

clean: ## remove what was built: environment, demo, caches
	@rm -rf .venv .tools tests/peers/node_modules var dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
