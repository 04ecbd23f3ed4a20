# Two commands: `make build` (install, then dbt build on the extract) and `make test` (everything).
# On Windows use the plain pip and dbt lines of the README.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SPARK_BIN := .venv-spark/bin
SPARK_STAMP := .venv-spark/.installed
BENCH_STAMP := .venv-bench/.installed
PUPILS ?= 15000
ROUNDS ?= 3

export DBT_PROFILES_DIR ?= profiles
export DO_NOT_TRACK ?= 1

.PHONY: build test test-spark test-spark-quick test-spark-ci test-spark-traps docs report sample bench lock clean

# Unit tests check the SQL, not the data: they run in `make test`, as dbt advises, and with a plain `dbt build`.
build: $(STAMP)
	$(BIN)/dbt build --exclude-resource-type unit_test

test: $(STAMP)
	$(BIN)/python -m pytest tests/python -n 2 --dist loadfile

# The same project on Apache Spark, compared with DuckDB cell by cell (docs/spark.md). It has an environment of its own.
test-spark: $(SPARK_STAMP)
	$(SPARK_BIN)/python -m pytest tests/spark

# The part of it that reads small files only: the traps, the forms of files, and a small extract up to its marts.
test-spark-quick: $(SPARK_STAMP)
	$(SPARK_BIN)/python -m pytest tests/spark -m "not whole"

# A small extract up to its marts, cell by cell, and the traps.
test-spark-ci: $(SPARK_STAMP)
	$(SPARK_BIN)/python -m pytest tests/spark/test_same_answers.py tests/spark/test_traps.py -m "not whole"

# What of it a hand-in has time for.
test-spark-traps: $(SPARK_STAMP)
	$(SPARK_BIN)/python -m pytest tests/spark/test_traps.py -m "not whole"

docs: build
	$(BIN)/python docs/make_docs.py

# The page that compares local authorities: target/local_authorities.html.
report: build
	$(BIN)/python report/make_report.py

# The same job by this project, DuckDB, Polars, pandas, data.table and dplyr, timed and compared (benchmarks/README.md).
bench: $(STAMP) $(BENCH_STAMP)
	$(BIN)/python benchmarks/run.py --pupils $(PUPILS) --rounds $(ROUNDS)

# The environment, from the hashed lock; made again when the lock changes.
$(STAMP): requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(SPARK_STAMP): requirements-spark.txt
	@java -version 2>&1 | grep -qE 'version "(17|2[1-9])' || { echo "Spark needs Java 17 or 21 on the path, and there is none: install it (Debian: apt-get install openjdk-17-jre-headless), or leave Spark out; nothing else needs it." >&2; exit 1; }
	$(PYTHON) -m venv .venv-spark
	$(SPARK_BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.txt
	@touch $@

$(BENCH_STAMP): benchmarks/requirements.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/requirements.txt
	@touch $@

# The bundled sample extract, written again from its seed.
sample: $(STAMP)
	$(BIN)/python -m synthetic --out synthetic/sample

# The lock, from the few packages named in requirements.in (needs uv).
lock:
	uv pip compile --universal --no-strip-extras --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	uv pip compile --universal --no-strip-extras --python-version 3.11 --generate-hashes -c requirements.txt requirements-spark.in -o requirements-spark.txt
	uv pip compile --universal --no-strip-extras --python-version 3.11 --generate-hashes benchmarks/requirements.in -o benchmarks/requirements.txt

clean:
	rm -rf target logs $(VENV) .venv-spark .venv-bench spark_state
