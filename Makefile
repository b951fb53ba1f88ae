# A thin front to tools/dev.py, which does the same on Windows: python tools/dev.py COMMAND
.SILENT:
.PHONY: help setup demo test tour simulate sabotage crash live nightly bench package lint lock clean

dev = PYTHON="$(PYTHON)" sh tools/bootstrap.sh tools/dev.py

# make simulate SEEDS=500 STEPS=200 SYSTEM=odoo; make crash KILLS=500; make live MINUTES=10; make tour BREAK=ledger
# make package TWICE=1; make demo PORTAL=client; make demo CONFIG=gateway.toml; make test ARGS="-k merge"; make bench ARGS="--quick"
SEEDS = 100
STEPS =
SYSTEM =
KILLS = 500
MINUTES = 3
BREAK =
PORTAL =
TWICE =
CONFIG =
ARGS =
PYTHON ?=

help:
	$(dev) --help

setup:
	$(dev) setup

demo:
	$(dev) demo $(if $(PORTAL),--portal $(PORTAL)) $(if $(CONFIG),--config $(CONFIG))

test:
	$(dev) test -- $(ARGS)

tour:
	$(dev) tour $(if $(BREAK),--break $(BREAK))

simulate:
	$(dev) simulate --seeds $(SEEDS) $(if $(STEPS),--steps $(STEPS)) $(if $(SYSTEM),--system $(SYSTEM))

sabotage:
	$(dev) sabotage -- $(ARGS)

crash:
	$(dev) crash --kills $(KILLS)

live:
	$(dev) live --minutes $(MINUTES) -- $(ARGS)

nightly:
	$(dev) nightly

bench:
	$(dev) bench -- $(ARGS)

package:
	$(dev) package $(if $(TWICE),--twice) -- $(ARGS)

lint:
	$(dev) lint

lock:
	$(dev) lock

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
