# Dailies' commands; docs/operating.md says more about each. All they make stays in .venv/ and var/.
#   make run    the whole product on http://127.0.0.1:8000; Ctrl-C stops it
#   make test   every test            make check   every check, then the tests
#   make quick  the first tests of each module
#   make bench  the benchmarks        make lock    renew the locked requirements
#   make soak   500 jobs while everything breaks
#   make mutants   breaks copies of the product, and sees whether the tests notice
#   make release   writes down what later versions are held to
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check

# Settings can be given as `make run PORT=9000`: make hands its variables on to what it runs.
# Local runs keep secrets of their own in var/; an installation in production is given its secrets.
export DAILIES_LOCAL := 1
# Some machines have Python write down nothing that it compiled. Here one run starts hundreds of
# processes of ours: each would compile all of it anew, which is a third of what its start takes.
unexport PYTHONDONTWRITEBYTECODE
# No real credit is spent until the environment or .env says so.
ifeq ($(PRACTICE)$(shell grep -sE '^(export )?PRACTICE=' .env),)
run: export PRACTICE := true
endif

.PHONY: run test quick check lint bench soak mutants lock test-servers thirdparty pages browser release
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:

run: $(VENV)/run.stamp
	@$(PY) manage.py prepare
	@exec $(PY) -m veo_site.processes

# A process for each processor, four at most. More make it no faster: browsers draw what they show.
WORKERS ?= $(shell $(PY) -c 'import os; print(min(4, os.cpu_count() or 1))')
# ARGS reaches pytest: make test ARGS="-k ledger -x"
test: $(VENV)/dev.stamp browser
	@$(PY) -m pytest -n $(WORKERS) $(ARGS)

# The first tests of each module but of those where one alone takes seconds: browsers, processes,
# films, random histories. All of a room: make test ARGS=tests/faults
SLOW := browser promises access/test_attacks.py access/test_matrix.py access/test_nothing_new.py \
    access/test_posted_ids.py faults/machine/test_crash_faults.py faults/machine/test_servers.py \
    faults/machine/test_wake_ups.py operations/commands/test_tables.py \
    operations/running/test_processes.py views/test_many_videos.py views/words/test_directions.py \
    views/words/test_names_of_controls.py
quick: $(VENV)/dev.stamp
	@$(PY) -m pytest -p tests.support.quick -n $(WORKERS) $(SLOW:%=--ignore=tests/%) $(ARGS)

# CHECK_TESTS=0 leaves the tests out, for whoever has just run them.
check: lint $(if $(filter 0,$(CHECK_TESTS)),,test)

lint: $(VENV)/dev.stamp
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/djangofmt --check templates
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run
	DEBUG=false PRACTICE=false PUBLIC_URL=https://dailies.example \
	    $(PY) manage.py check --deploy --fail-level WARNING
	@PIP_AUDIT=$(VENV)/bin/pip-audit sh .ci/audit

# The tests that touch data; each process has a private PostgreSQL and Redis, to empty and to crash.
test-servers: $(VENV)/dev.stamp
	@$(PY) -m tests.tools.servers --pairs $(WORKERS) -- $(PY) -m pytest -m data -n auto $(ARGS)

# Somebody else's client of kie.ai against the practice provider. Needs Node.js; not part of test.
thirdparty: $(VENV)/dev.stamp
	@$(PY) -m tests.tools.thirdparty

# The W3C's checker, Lighthouse and a pair of scales. Needs Node.js and Java; not part of test.
pages: $(VENV)/dev.stamp browser
	@$(PY) -m tests.tools.pages $(ARGS)

bench: $(VENV)/dev.stamp
	@$(PY) -m tests.tools.bench $(ARGS)

# ARGS="--jobs 50" for a short one, ARGS=--sqlite without PostgreSQL.
soak: $(VENV)/dev.stamp
	@$(PY) -m tests.tools.soak $(ARGS)

# ARGS="late paid" for the mutants with these words in their names.
mutants: $(VENV)/dev.stamp
	@$(PY) -m tests.tools.mutants $(ARGS)

# Its migrations and a full database of this version, in tests/released, to be committed. Needs PostgreSQL.
release: $(VENV)/dev.stamp
	@$(PY) -m tests.tools.release

# make lock UPGRADE=--upgrade takes the newest versions; without it only what pyproject.toml asks.
LOCK = $(VENV)/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-emit-find-links \
    --custom-compile-command "make lock" $(UPGRADE)
lock: $(PY)
	$(PIP) uv
	$(LOCK) --output-file requirements.txt
	$(LOCK) --group dev --constraint requirements.txt --output-file requirements-dev.txt

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Dailies needs Python 3.11 or newer and '$(PYTHON)' is not that." \
	        "Name another: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
	    echo "Python's venv module is incomplete here; on Debian and Ubuntu:" \
	        "apt-get install python3-venv" >&2; exit 1; }

$(VENV)/run.stamp: requirements.txt $(PY)
	@echo "Installing Dailies into $(VENV) (once, about a minute) …"
	@$(PIP) --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(PY)
	@echo "Installing the tests' tools into $(VENV) (once, about a minute) …"
	@$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@

# The browser tests drive the system's browser.
browser:
	@sh .ci/need chromium
