"""Runs the project on an extract and says, for each model, time, rows, bytes and spill; or sets such profiles side by side.

Example: python benchmarks/profile_models.py --extract FOLDER --work SMALL
         python benchmarks/profile_models.py --extract LARGER_FOLDER --work LARGE
         python benchmarks/profile_models.py --write SMALL LARGE
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from run import DBT, ROOT, machine, measured, write_between_marks

BLOCK_BYTES = 262_144
# A model that took a smaller share of the time has no line of its own.
LEAST_SHARE = 0.005


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
            if not times or one["unique_id"].startswith("operation."):
                continue
            begin, end = seconds(times[0]["started_at"]), seconds(times[0]["completed_at"])
            rows = n_bytes = None
            if name in tables:
                rows = connection.execute(f"select count(*) from {tables[name]}").fetchone()[0]
                blocks = connection.execute(f"select count(distinct block_id) from pragma_storage_info('{tables[name]}') where block_id >= 0").fetchone()[0]
                n_bytes = blocks * BLOCK_BYTES
            entries.append({"model": name, "seconds": end - begin, "rows": rows, "bytes": n_bytes, "spill": spill.most(begin, end)})
    return sorted(entries, key=lambda entry: -entry["seconds"])


def run(extract: Path, work: Path, threads: int, memory: str, timeout: float) -> dict:
    """Build every model of an extract.

    Args:
        extract: folder of the extract.
        work: folder for the database, dbt's log and ``profile.json``, which holds what is returned.
        threads: models built at once.
        memory: DuckDB's memory_limit, such as ``8GB``.
        timeout: seconds after which the run is ended.

    Returns:
        Dictionary: ``took`` (of `measured`), ``models`` (of `profile`), ``pupils``, ``files``, ``database`` and ``spill`` in
        bytes, the last the most that lay in the temporary folder; ``threads``, ``memory_limit``, ``machine`` and ``date``.
    """
    work.mkdir(parents=True, exist_ok=True)
    database = work / "profile.duckdb"
    database.unlink(missing_ok=True)
    settings = {
        "DBT_PROFILES_DIR": str(ROOT / "profiles"), "DO_NOT_TRACK": "1", "MOJ_DFE_EXTRACT": str(extract.resolve()), "MOJ_DFE_DATABASE": str(database),
        "MOJ_DFE_THREADS": str(threads), "MOJ_DFE_MEMORY_LIMIT": memory, "DBT_TARGET_PATH": str(work / "profile_target"),
        "DBT_LOG_PATH": str(work / "logs"),
    }
    subprocess.run([str(DBT), "seed", "--quiet"], check=True, cwd=ROOT, env={**os.environ, **settings})
    with Spill(database.with_name(database.name + ".tmp")) as spill:
        took = measured([str(DBT), "run"], work / "profile.log", timeout, **settings)
    models = profile(json.loads((work / "profile_target" / "run_results.json").read_text()), database, spill)
    found = {
        "took": took, "pupils": next((entry["rows"] for entry in models if entry["model"] == "pupils"), 0),
        "files": sum(file.stat().st_size for file in extract.iterdir() if file.is_file()), "database": database.stat().st_size, "spill": spill.most(),
        "threads": threads, "memory_limit": memory, "machine": machine(), "date": str(datetime.now(UTC).date()), "models": models,
    }
    (work / "profile.json").write_text(json.dumps(found, indent=1))
    return found


def tables(profiles: list[dict]) -> str:
    """Profiles side by side. Arguments: profiles, what `run` returned, the smallest first. Returns: two Markdown tables, the second of models."""
    summed = [sum(entry["seconds"] for entry in one["models"]) for one in profiles]
    reading = [sum(entry["seconds"] for entry in one["models"] if entry["model"].startswith("stg_")) for one in profiles]
    # a run that failed may have no pupils
    per_pupil = [one["took"]["wall"] / (one["pupils"] or math.nan) for one in profiles]
    facts = {
        "machine": [one["machine"] for one in profiles],
        "date": [one["date"] for one in profiles],
        "models at once, `memory_limit`": [f"{one['threads']}, {one['memory_limit']}" for one in profiles],
        "files": [f"{one['files'] / 1e9:.2f} GB" for one in profiles],
        "`dbt run`, wall": [f"{one['took']['wall']:,.0f} s ({one['took']['status']})" for one in profiles],
        "wall per pupil, to the first": [f"{each / per_pupil[0]:.2f}" for each in per_pupil],
        "CPU": [f"{one['took']['cpu']:,.0f} s" for one in profiles],
        "sum of the models": [f"{each:,.0f} s" for each in summed],
        "of it reading, cleaning and typing text (`stg_`)": [f"{100 * each / whole:.0f} %" for each, whole in zip(reading, summed, strict=True)],
        "largest resident memory": [f"{one['took']['memory'] / 1e9:.1f} GB" for one in profiles],
        "database": [f"{one['database'] / 1e9:.2f} GB" for one in profiles],
        "most temporary disk": [f"{one['spill'] / 1e9:.1f} GB" for one in profiles],
    }
    lines = ["| | " + " | ".join(f"{one['pupils']:,} pupils" for one in profiles) + " |", "|---|" + "---:|" * len(profiles)]
    lines += [f"| {name} | {' | '.join(values)} |" for name, values in facts.items()]
    lines += ["", "| model |" + " seconds | rows | MB | temporary, MB |" * len(profiles), "|---|" + "---:|---:|---:|---:|" * len(profiles)]
    by_model = [{entry["model"]: entry for entry in one["models"]} for one in profiles]
    shown = [name for name, entry in by_model[-1].items() if entry["seconds"] >= LEAST_SHARE * summed[-1]]
    for name in shown:
        cells = []
        for models in by_model:
            entry = models[name]
            rows, n_bytes = ("view", "") if entry["rows"] is None else (f"{entry['rows']:,}", f"{entry['bytes'] / 1e6:,.0f}")
            cells += [f"{entry['seconds']:.1f}", rows, n_bytes, f"{entry['spill'] / 1e6:,.0f}"]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    cells = []
    for models in by_model:
        cells += [f"{sum(entry['seconds'] for name, entry in models.items() if name not in shown):.1f}", "", "", ""]
    lines.append(f"| others ({len(by_model[-1]) - len(shown)}) | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Read the arguments, run or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--extract", type=Path, help="folder of the extract to run on")
    parser.add_argument("--work", type=Path, default=ROOT / "target" / "bench", help="folder for the database and the profile")
    parser.add_argument("--threads", type=int, default=2, help="models built at once")
    parser.add_argument("--memory", default="8GB", help="DuckDB's memory_limit")
    parser.add_argument("--timeout", type=float, default=7200, help="seconds after which the run is ended")
    parser.add_argument("--write", type=Path, nargs="+", metavar="WORK", help="write the profiles of these folders into docs/performance.md; the smallest first")
    arguments = parser.parse_args()
    if not arguments.extract and not arguments.write:
        parser.error("name an extract to run on (--extract), or the folders of profiles to write (--write)")
    if arguments.extract:
        print(tables([run(arguments.extract, arguments.work.resolve(), arguments.threads, arguments.memory, arguments.timeout)]))
    if arguments.write:
        profiles = [json.loads((folder / "profile.json").read_text()) for folder in arguments.write]
        write_between_marks(ROOT / "docs" / "performance.md", tables(profiles))


if __name__ == "__main__":
    main()
