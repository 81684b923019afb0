# On Windows: `py tools\setup.py start`, `py tools\setup.py test` and so on do the same.
PYTHON ?= python3
ARGS ?=
setup = @command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed. On Debian or Ubuntu, type:  sudo apt-get install -y python3 python3-venv"; exit 1; }; \
	exec $(PYTHON) tools/setup.py

.PHONY: help start test test-quick bench bench-channel check lock platforms clean

help:  ## these lines
	@sed -n 's/^\([a-z-]*\): *##/make \1\t/p' Makefile

start:  ## set everything up and begin a discussion (ARGS="--people Ana,Ben" answers questions ahead)
	$(setup) start $(ARGS)

test:  ## set everything up and run the tests (ARGS="-k turns" runs some of them)
	$(setup) test $(ARGS)

test-quick:  ## set everything up and run the tests that need no sound, no browser and no patience
	$(setup) test-quick $(ARGS)

check:  ## style and types, with ruff and mypy
	$(setup) check

bench-channel:  ## the same with voice samples as if from another microphone, and at other levels
	$(setup) bench-channel $(if $(ONLY),--only $(ONLY)) $(ARGS)

bench:  ## score the hearing on recordings with known answers (BENCH=folder, ONLY=d01,d04)
	$(setup) bench $(if $(ONLY),--only $(ONLY)) $(ARGS)

lock:  ## write the list of exact packages with their checksums anew (requirements/*.txt)
	$(setup) lock

platforms:  ## whether it can be installed on every system and Python that it names (ARGS="--extra tables")
	$(setup) platforms $(ARGS)

clean:  ## remove what was made here: .venv, caches, builds
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
