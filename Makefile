# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The few commands a person types. Each does its own set-up.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test soak lint lab bench schema pictures docs release lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# KERNEL=7.2: not the machine's kernel but one of its own, see tests/lab/README.md
LAB = $(if $(ROOTLESS),--rootless) $(if $(KERNEL),--kernel $(KERNEL))

demo: ## Build both topologies on a lab host, prove them, take them down (ROOTLESS=1: without root; HOSTS=3: one network over three; HOSTS=4 OVN=1: networks of OVN; KERNEL=7.2)
	@tests/demo/run $(if $(HOSTS),--hosts $(HOSTS)) $(if $(OVN),--ovn) $(LAB)

test: ## Run every layer of tests, set-up included (LAYERS="unit integration": only those)
	@tests/run $(LAYERS)

soak: ## Run what takes hours: faults, parallel runs, a day of changes, hostile input (SOAK="day fuzz": only those)
	@tests/setup
	@tests/soak/run $(SOAK)

lint: ## Run the linters and type checks
	@tests/run lint

lab: ## Open a shell on a throw-away Linux host (without root: the rootless form; HOSTS=4: on four; KERNEL=7.2)
	@tests/setup --demo $(if $(KERNEL),&& tests/setup --kernel)
	@tests/demo/play $(if $(HOSTS),--hosts $(HOSTS)) $(LAB)

bench: ## Measure against bash, ip -batch, CNI, Mininet, ifstate and raw netlink (BENCH="--rounds 5 --write": more of it, into docs/)
	@tests/setup && tests/setup --env bench
	@tests/bench/run $(BENCH)

schema: ## Write docs/schema/netloom.json and the suboptions of topology anew, from the modules' and roles' documentation
	@tests/setup
	@PYTHONPATH=.build/links .venv/bin/python -m ansible_collections.netloom.linux.tests.schema

pictures: ## Draw the pictures of the documentation anew, from what its pages declare
	@tests/setup
	@PYTHONPATH=.build/links .venv/bin/python -m ansible_collections.netloom.linux.tests.pictures

docs: ## Make the site in docs/_build: guides, tutorials, reference (needs Python, no package of the system)
	@tests/setup --env docs
	@docs/site/build

release: ## Fold the changelog fragments into the version of galaxy.yml, until git has a tag of it
	@tests/setup
	@PATH="$(CURDIR)/.venv/bin:$$PATH" ANSIBLE_COLLECTIONS_PATH=.build/links python tests/gates/release.py

lock: ## Renew the locked versions of the tools
	@tests/setup --lock

clean: ## Remove what the other commands made
	@rm -rf .build .venv .venv-* .ansible .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache tests/output docs/_build ./*.tar.gz
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
