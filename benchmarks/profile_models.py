"""Runs the project on an extract and writes, for each model, time, rows, bytes and spill.

Example: python benchmarks/profile_models.py --extract FOLDER --write
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from run import DBT, ROOT, machine, measured, write_between_marks

BLOCK_BYTES = 262_144


class Spill:
    """Watches, four times a second, how much DuckDB has written to its temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: list[tuple[float, int]] = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self.stop.wait(0.25):
            try:
                self.seen.append((time.time(), sum(file.stat().st_size for file in self.folder.iterdir())))
            except OSError:
                continue  # the folder, or a file of it, is gone again

    def __enter__(self) -> Spill:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()

    def most(self, begin: float = 0.0, end: float = float("inf")) -> int:
        """The largest size seen. Arguments: begin, end, seconds since 1970. Returns: bytes."""
        return max((size for at, size in self.seen if begin <= at <= end), default=0)


def seconds(text: str) -> float:
    """A time of dbt's results, UTC, as seconds since 1970. Arguments: text such as 2026-01-31T10:00:00.5Z. Returns: seconds."""
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC).timestamp()


def profile(results: dict, database: Path, spill: Spill) -> list[dict]:
    """One entry per model, slowest first.

    Args:
        results: dbt's run_results.json.
        database: the DuckDB file that was written.
        spill: what was seen of the temporary folder meanwhile.

    Returns:
        List of dictionaries: ``model``, ``seconds``, ``rows``, ``bytes`` (of its blocks in the file) and ``spill``, the most
        that lay in the temporary folder while the model ran; a model that ran beside it may have written it. A view has no
        bytes and its rows are not counted.
    """
    entries = []
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = dict(connection.execute("select table_name, schema_name || '.' || table_name from duckdb_tables()").fetchall())
        for one in results["results"]:
            name = one["unique_id"].rsplit(".", 1)[-1]
            times = [step for step in one["timing"] if step["name"] == "execute"]
            if not times:
                continue
            begin, end = seconds(times[0]["started_at"]), seconds(times[0]["completed_at"])
            rows = n_bytes = None
            if name in tables:
                rows = connection.execute(f"select count(*) from {tables[name]}").fetchone()[0]
                blocks = connection.execute(f"select count(distinct block_id) from pragma_storage_info('{tables[name]}') where block_id >= 0").fetchone()[0]
                n_bytes = blocks * BLOCK_BYTES
            entries.append({"model": name, "seconds": end - begin, "rows": rows, "bytes": n_bytes, "spill": spill.most(begin, end)})
    return sorted(entries, key=lambda entry: -entry["seconds"])


def main() -> None:
    """Read the arguments, run, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--extract", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=ROOT / "target" / "bench")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="8GB", help="DuckDB's memory_limit")
    parser.add_argument("--timeout", type=float, default=7200)
    parser.add_argument("--note", default="", help="a sentence to stand beside the numbers")
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    arguments = parser.parse_args()

    work = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    database = work / "profile.duckdb"
    database.unlink(missing_ok=True)
    settings = {
        "DBT_PROFILES_DIR": str(ROOT / "profiles"), "DO_NOT_TRACK": "1", "MOJ_DFE_EXTRACT": str(arguments.extract.resolve()), "MOJ_DFE_DATABASE": str(database),
        "MOJ_DFE_THREADS": str(arguments.threads), "MOJ_DFE_MEMORY_LIMIT": arguments.memory, "DBT_TARGET_PATH": str(work / "profile_target"),
        "DBT_LOG_PATH": str(work / "logs"),
    }
    subprocess.run([str(DBT), "seed", "--quiet"], check=True, cwd=ROOT, env={**os.environ, **settings})
    with Spill(database.with_name(database.name + ".tmp")) as spill:
        took = measured([str(DBT), "run"], work / "profile.log", arguments.timeout, **settings)
    entries = profile(json.loads((work / "profile_target" / "run_results.json").read_text()), database, spill)
    (work / "profile.json").write_text(json.dumps({"took": took, "database": database.stat().st_size, "spill": spill.most(), "models": entries}, indent=1))
    size = sum(file.stat().st_size for file in arguments.extract.iterdir() if file.is_file())
    pupils = next((entry["rows"] for entry in entries if entry["model"] == "pupils"), 0)
    lines = [
        f"{pupils:,} pupils in {size / 1e9:.2f} GB of files; `dbt run` {took['status']} in {took['wall']:.0f} s of wall time and {took['cpu']:.0f} s of CPU, "
        f"peak resident memory {took['memory'] / 1e9:.1f} GB with memory_limit {arguments.memory}, database {database.stat().st_size / 1e9:.2f} GB, "
        f"most temporary disk {spill.most() / 1e9:.2f} GB; {arguments.threads} threads; {machine()}; {datetime.now(UTC).date()}. {arguments.note}".rstrip(),
        "", "| model | seconds | rows | MB | spill, MB |", "|---|---:|---:|---:|---:|",
    ]
    for entry in entries:
        rows, n_bytes = ("view", "") if entry["rows"] is None else (f"{entry['rows']:,}", f"{entry['bytes'] / 1e6:.0f}")
        lines.append(f"| `{entry['model']}` | {entry['seconds']:.1f} | {rows} | {n_bytes} | {entry['spill'] / 1e6:.0f} |")
    print("\n".join(lines))
    if arguments.write:
        write_between_marks(ROOT / "docs" / "performance.md", "\n".join(lines))


if __name__ == "__main__":
    main()
