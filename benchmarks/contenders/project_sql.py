"""This project's own SQL by DuckDB alone, as its last run by dbt left it: what is not in here is dbt's work.

Arguments: folder of a clean extract (the run's own, which names it in its views); CSV file to write, beside the run's
database, its seeds and its target folder; number of threads.
"""

import json
import shutil
import sys
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1]))
from run import write_columns  # noqa: E402

out, threads = Path(sys.argv[2]), sys.argv[3]
work = out.parent
# the statements name the database by the name of its file
database = work / "without_dbt" / "project.duckdb"
database.parent.mkdir(exist_ok=True)
shutil.copy(work / "seeds.duckdb", database)

nodes = json.loads((work / "target" / "manifest.json").read_text())["nodes"]
# in the order in which they ended, so that what a model reads is there
models = [one for one in json.loads((work / "target" / "run_results.json").read_text())["results"] if one["unique_id"].startswith("model.")]

with duckdb.connect(str(database), config={"threads": threads, "memory_limit": "8GB", "preserve_insertion_order": False}) as con:
    # what the project's run found in the folder, and how it reads each file
    con.execute(f"attach '{work / 'project.duckdb'}' as finished (read_only)")
    con.execute("drop schema if exists raw cascade; create schema raw")
    for name, in con.execute("select table_name from duckdb_tables() where database_name = 'finished' and schema_name = 'raw'").fetchall():
        con.execute(f"create table raw.{name} as from finished.raw.{name}")
    for sql, in con.execute("select sql from duckdb_views() where database_name = 'finished' and schema_name = 'raw'").fetchall():
        con.execute(sql)
    con.execute("detach finished")

    for schema in {nodes[model["unique_id"]]["schema"] for model in models}:
        con.execute(f"create schema if not exists {schema}")
    for model in models:
        con.execute(f"create {nodes[model['unique_id']]['config']['materialized']} {model['relation_name']} as {model['compiled_code']}")
write_columns(database, out)
