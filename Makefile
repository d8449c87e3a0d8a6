# SPDX-License-Identifier: Apache-2.0
# Two commands for everyone: make demo, make check. The rest is for those who work on Stele.
.DEFAULT_GOAL := help
.PHONY: sim help demo check check-deep torture fuzz build bench bench-scale bench-build clean

help:
	@echo "make demo    install what is missing, build, and watch a workflow survive a kill -9"
	@echo "make check   install what is missing, build, and run every check and test"
	@echo "make fuzz    run the fuzz targets: make fuzz [TARGET=journal] [SECONDS=60]"
	@echo "make torture [SEED=n] [KILLS=300]  kill a loaded server again and again, lose nothing"
	@echo "make sim  [SEED=1] [COUNT=30000]  simulate random lives with faults"
	@echo "make check-deep  every slow check: torture, sanitizers, fuzzing; some hours"
	@echo "make build   build only: build/release/stele"
	@echo "make bench   build and run the benchmarks (prints one table; ROW=name for one row)"
	@echo "make bench-scale  the same for rows that need many executions first"
	@echo "make clean   remove build/ (the caches in the user's cache directory stay)"

demo:
	@tools/install --for demo
	@$(MAKE) --no-print-directory build
	@tools/demo

build:
	@cmake --preset release
	@cmake --build --preset release

check:
	@tools/install --for check
	@cmake --workflow --preset check
	@cmake --workflow --preset fuzz
	@echo "make check: everything passed (presets check and fuzz)"

# SEED and KILLS reach it by the environment.
torture:
	@cmake --preset check
	@cmake --build --preset check --target torture_client
	@STELE_BUILD=build/check python3 -B tests/torture/torture.py

check-deep:
	@tools/install --for deep
	@tools/check_deep $(STEPS)

SECONDS ?= 60
fuzz:
	@tools/install --for check
	@cmake --preset fuzz
	@cmake --build --preset fuzz
	@fuzz/run --seconds $(SECONDS) $(TARGET)

bench-build:
	@tools/install --for check
	@cmake --preset bench
	@cmake --build --preset bench --target stele stele_load stele_limits stele_replay \
	  component_guest_activities component_guest_workflows

bench: bench-build
	@bench/run --group bench $(ROW)

bench-scale: bench-build
	@bench/run --group scale $(ROW)

clean:
	rm -rf build

# SEED and COUNT: which lives to simulate (docs/simulation.md).
SEED ?= 1
COUNT ?= 30000
sim:
	@cmake --preset sim >/dev/null
	@cmake --build --preset sim
	@echo "commit $$(git rev-parse --short HEAD), seeds from $(SEED), $(COUNT) of them"
	@build/sim/stele_sim_seeds $(SEED) $$(( $(SEED) + $(COUNT) / 2 - 1 )) shrink & first=$$!; \
	  build/sim/stele_sim_seeds $$(( $(SEED) + $(COUNT) / 2 )) $$(( $(SEED) + $(COUNT) - 1 )) shrink; \
	  second=$$?; wait $$first && exit $$second
