# superfan's tasks. `make help` lists them; everything CI does is `make test`.

SHELL := /bin/bash
CARGO ?= cargo
SMALL_MODEL := models/all-minilm-l6-v2
# The modules of the integration tests that have a step of their own.
APART := browser:: crash:: cluster:: quality::

# Each crate's tests run in the crate's own folder, so a relative path would mean three places.
ifdef SUPERFAN_EVAL_DIR
override export SUPERFAN_EVAL_DIR := $(abspath $(SUPERFAN_EVAL_DIR))
endif

.DEFAULT_GOAL := help

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## build and run superfan with the demo answers; Ctrl-C stops it
	$(CARGO) build --release
	@$(MAKE) --no-print-directory model || echo "superfan answers without a sentence model: it could not be fetched here"
	@if [ -d $(SMALL_MODEL) ]; then export SUPERFAN_SEMANTIC_MODEL=$${SUPERFAN_SEMANTIC_MODEL-$(SMALL_MODEL)}; fi; \
	exec ./target/release/superfan demo

.PHONY: build
build: ## the release binary
	$(CARGO) build --release

.PHONY: test
test: ## everything CI runs, in order, with a closing count
	@tests/run.sh

.PHONY: setup
setup: ## install what the tests need and is missing (Debian packages, checker, models)
	@tests/setup.sh

.PHONY: fmt
fmt: ## the source is formatted
	$(CARGO) fmt --all --check

.PHONY: clippy
clippy: ## no lint fires
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

.PHONY: doc
doc: ## the documentation builds without warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --document-private-items --locked

# Always --workspace: another selection resolves other features and rebuilds dependencies.
.PHONY: unit
unit: ## unit tests and examples in the documentation
	$(CARGO) test --workspace --locked --no-fail-fast --lib --bins
	$(CARGO) test --workspace --locked --no-fail-fast --doc

.PHONY: scenario
scenario: ## the scenarios, the channels' payloads, the store on both databases, the house rules
	$(CARGO) test --workspace --locked --no-fail-fast --test '*' -- $(addprefix --skip ,$(APART))

.PHONY: browser
browser: ## the pages in a real browser
	$(CARGO) test --workspace --locked --no-fail-fast --test it -- browser::

.PHONY: crash
crash: ## kill -9 at every crash point and under load
	$(CARGO) test --workspace --locked --no-fail-fast --test it -- crash::

.PHONY: cluster
cluster: ## several nodes on one PostgreSQL
	$(CARGO) test --workspace --locked --no-fail-fast --test it -- cluster::

.PHONY: quality
quality: ## right answers, wrong answers, abstentions on the demo and evaluation sets
	@[ -n "$$SUPERFAN_EVAL_DIR" ] || echo "SUPERFAN_EVAL_DIR IS NOT SET: only the demo base is measured, not the evaluation sets"
	$(CARGO) test --workspace --locked --no-fail-fast --test it -- quality::

.PHONY: fit-sendable
fit-sendable: ## fit what may be sent to the labelled forum answers (SUPERFAN_EVAL_DIR=DIR)
	FIT_SENDABLE=1 $(CARGO) test --workspace --locked --lib -- --nocapture the_weights_are_where_a_fit_ends

.PHONY: fuzz
fuzz: ## each fuzz target for a minute, with what it reached (nightly, cargo-fuzz)
	@bots/fuzz/run.sh

.PHONY: deny
deny: ## licences, bans, sources and advisories of the dependencies
	@deploy/deny.sh

.PHONY: model
model: ## fetch the small English sentence model into models/
	@deploy/model.sh all-minilm-l6-v2

.PHONY: model-multilingual
model-multilingual: ## fetch the multilingual sentence model into models/
	@deploy/model.sh use-multilingual

.PHONY: bench
bench: ## the figures of docs/benchmarks.md
	$(CARGO) bench --workspace --locked
