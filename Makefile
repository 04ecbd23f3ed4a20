# Two commands: `make build` (install, then dbt build on the extract) and `make test` (everything).
# On Windows use the plain pip and dbt lines of the README.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

export DBT_PROFILES_DIR ?= profiles
export DO_NOT_TRACK ?= 1

.PHONY: build test docs report sample lock clean

# Unit tests check the SQL, not the data: they run in `make test`, as dbt advises, and with a plain `dbt build`.
build: $(STAMP)
	$(BIN)/dbt build --exclude-resource-type unit_test

test: $(STAMP)
	$(BIN)/python -m pytest tests/python

docs: build
	$(BIN)/python docs/make_docs.py

# The page that compares local authorities: target/local_authorities.html.
report: build
	$(BIN)/python report/make_report.py

# The environment, from the hashed lock; made again when the lock changes.
$(STAMP): requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

# The bundled sample extract, written again from its seed.
sample: $(STAMP)
	$(BIN)/python -m synthetic --out synthetic/sample

# The lock, from the few packages named in requirements.in (needs uv).
lock:
	uv pip compile --universal --no-strip-extras --python-version 3.11 --generate-hashes requirements.in -o requirements.txt

clean:
	rm -rf target logs $(VENV)
