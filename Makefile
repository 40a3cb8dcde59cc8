# Every command of this project. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run test lint format bench reliability docs clean
MODULE ?=

help: ## Lists these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: ## Runs the shop with demo goods; settings: .env.example
	@bin/bootstrap run
	@if [ -z "$${SHOP_DEMO+set}" ] && ! grep -Eqs '^ *(export +)?SHOP_DEMO *=' .env; then SHOP_DEMO=1; export SHOP_DEMO; fi; \
	exec .venv/bin/shop serve

test: ## Runs every check and test; MODULE=cart: one module's
	@bin/bootstrap dev
	@bin/test $(MODULE)

lint: ## Runs the checks alone: style, types, boundaries, docs
	@bin/bootstrap dev
	@bin/lint

format: ## Formats the code
	@bin/bootstrap dev
	@.venv/bin/ruff check --quiet --fix . ; .venv/bin/ruff format --quiet .

bench: ## Measures throughput and memory beside the bare framework
	@bin/bootstrap dev
	@.venv/bin/python -m bench

reliability: ## Runs the fault and bad-input tests whole, and each guard removed
	@bin/bootstrap dev
	@SHOP_RELIABILITY=full .venv/bin/python -m pytest tests/reliability tests/bad_input

docs: ## Writes docs/modules.md from the module manifests
	@bin/bootstrap dev
	@.venv/bin/shop modules docs

clean: ## Removes the environment and caches; the shop's data in .data is kept
	@rm -rf .venv .uv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis dist
	@find src tests bench migrations -name __pycache__ -type d -prune -exec rm -rf {} +
