# Every target sets up what it needs first; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
# Another index for torch's own wheels, e.g. the one for your CUDA version.
TORCH_INDEX ?=
TORCH := torch==2.13.0

# Where `make reproduce-...` finds and puts things, and further settings of what it runs: SETTINGS="precision=fp32".
DATA ?= data
WEIGHTS ?= weights
RUNS ?= runs
LOG ?=
SETTINGS ?=
DATASET ?= davis17_val
PATHS := paths.data=$(DATA) paths.weights=$(WEIGHTS) paths.runs=$(RUNS)
EXPERIMENTS := $(notdir $(basename $(wildcard conf/experiment/*.yaml)))

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup demo test test-gpu lint results card check-official rerun benchmark train-tiny lock clean
.PHONY: reproduce-davis16 reproduce-davis17 reproduce-davis17-test-dev reproduce-youtube18 reproduce-youtube19
.PHONY: reproduce-long-video reproduce-multi-scale reproduce-all

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 28

setup: $(READY) ## Make .venv with torch (TORCH_INDEX=...) and the pinned lock

$(READY): requirements.lock | check-python
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) $(TORCH)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

.PHONY: check-python
check-python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "error: expected Python 3.11 or newer as '$(PYTHON)'; name one with PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  echo "error: '$(PYTHON)' comes without venv; run: apt-get install python3-venv" >&2; exit 2; }

demo: $(READY) ## Make six clips, segment and score them, print the table (CPU, offline)
	$(BIN)/python -m benchmarks.run variant=xmem_tiny dataset=demo
	@echo "To look at it: make results, then open report.html in a browser."

test: $(READY) $(VENV)/.triton lint ## Lint, check types and import rules, run the tests
	$(BIN)/python -m pytest -n auto --dist worksteal

# Kernels are tested in Triton's interpreter where there is no GPU. torch for a GPU brings the Triton that it needs.
$(VENV)/.triton: $(READY)
	$(BIN)/python -c 'import triton' 2>/dev/null || \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check triton==3.8.0
	touch $@

test-gpu: $(READY) ## The tests that need a CUDA device, without checks of shapes, which torch cannot compile
	JAXTYPING_DISABLE=1 $(BIN)/python -m pytest -m gpu

lint: $(READY) ## Style, types and the direction of imports
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache

# Each experiment in turn, whatever another lacks (but not after Ctrl-C), then the tables of all there is.
reproduce = status=0; for experiment in $(1); do \
  $(BIN)/python -m benchmarks.run -m experiment=$$experiment $(PATHS) $(SETTINGS) || status=$$?; \
  [ $$status -ne 130 ] || exit 130; \
  done; $(MAKE) --no-print-directory results || status=$$?; exit $$status

reproduce-davis16: $(READY) ## The published table DAVIS 2016 (DATA=..., WEIGHTS=..., SETTINGS=...)
	@$(call reproduce,davis16)

reproduce-davis17: $(READY) ## ... DAVIS 2017 validation
	@$(call reproduce,davis17)

reproduce-davis17-test-dev: $(READY) ## ... DAVIS 2017 test-dev
	@$(call reproduce,davis17_test_dev davis17_test_dev_600p)

reproduce-youtube18: $(READY) ## ... YouTubeVOS 2018 validation
	@$(call reproduce,youtube18)

reproduce-youtube19: $(READY) ## ... YouTubeVOS 2019 validation
	@$(call reproduce,youtube19)

reproduce-long-video: $(READY) ## ... Long-Time Video, 1X and 3X
	@$(call reproduce,long_video)

reproduce-multi-scale: $(READY) ## ... DAVIS at 720p, as it is and mirrored
	@$(call reproduce,multi_scale)

reproduce-all: $(READY) ## All of them; what is missing is skipped with its reason, and the status says so
	@$(call reproduce,$(EXPERIMENTS))

results: $(READY) ## Write RESULTS.md (published tables beside what was measured, all runs) and report.html
	@status=0; $(BIN)/python -m reports --runs $(RUNS) || status=$$?; \
	  $(BIN)/python -m benchmarks.page paths.runs=$(RUNS) && exit $$status

card: $(READY) ## Write the card of xmem_tiny: its file, its pages (LOG="log of each round of training", RUNS=...)
	@$(BIN)/python -m reports.card --runs $(RUNS) $(addprefix --log ,$(LOG)) --page README.md --page docs/xmem_tiny.md

check-official: $(READY) ## Our scores against davis2017-evaluation's (OFFICIAL=checkout, MASKS=..., DATASET=davis17_val)
	@$(BIN)/python -m benchmarks.check_official $(if $(OFFICIAL),official=$(OFFICIAL)) $(if $(MASKS),masks=$(MASKS)) \
	  dataset=$(DATASET) $(PATHS) $(SETTINGS)

rerun: $(READY) ## Repeat a run from its own record and compare (RUN=runs/...)
	@$(BIN)/python -m benchmarks.rerun $(if $(RUN),run=$(RUN))

benchmark: $(READY) ## Time the core's stages and write a record
	$(BIN)/python -m benchmarks.speed

train-tiny: $(READY) ## Train a small network from nothing on drawn clips; goes on where it was stopped (SETTINGS=...)
	$(BIN)/python -m benchmarks.train $(PATHS) $(SETTINGS)

lock: $(READY) ## Pin the newest versions that pyproject.toml allows (needs uv)
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --group dev --no-header --no-annotate \
	  --no-emit-package torch pyproject.toml -o requirements.lock

clean: ## Remove .venv and caches; data, weights and runs stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
