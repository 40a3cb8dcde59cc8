# Every command of this project. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run test lint format bench lighthouse reliability image image-test docs pictures clean
MODULE ?=
ENGINE ?= docker

help: ## Lists these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

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

lighthouse: ## Judges the pages that sell by Lighthouse, as a phone sees them; needs npm
	@bin/bootstrap dev
	@.venv/bin/python -m tests.lighthouse

reliability: ## Runs the fault, bad-input and attack tests whole, and each guard removed
	@bin/bootstrap dev
	@SHOP_RELIABILITY=full .venv/bin/python -m pytest tests/reliability tests/bad_input tests/attacks

image: ## Builds the image shop:latest by docker; ENGINE=podman: by that
	@$(ENGINE) build $(if $(filter podman,$(ENGINE)),--format docker) --tag shop:latest --build-arg PIP_INDEX_URL --build-arg REVISION="$$(git rev-parse HEAD 2>/dev/null)" \
	  --build-arg VERSION="$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)" .

image-test: ## Builds the image, buys in it, kills it, starts it again; needs docker, podman or root on Debian
	@bin/bootstrap run
	@.venv/bin/python -m tests.image

docs: ## Writes docs/modules.md, docs/roles.md and the picture of the architecture
	@bin/bootstrap dev
	@.venv/bin/shop modules docs

pictures: ## Photographs a demo shop anew for docs/pictures
	@bin/bootstrap dev
	@.venv/bin/python -m tests.e2e.pictures

clean: ## Removes the environment and caches; the shop's data in .data is kept
	@rm -rf .venv .uv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis .image-cache .lighthouse dist
	@find src tests bench migrations -name __pycache__ -type d -prune -exec rm -rf {} +
