"""Runs the job of benchmarks/README.md by every contender in turn, each as a process of its own, and writes what it took.

Example: python benchmarks/run.py --pupils 150000 --rounds 3 --write
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from datetime import date, datetime
from pathlib import Path

import duckdb

from compare import COLUMNS, differences

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "benchmarks"
DBT = ROOT / ".venv" / "bin" / "dbt"
PYTHON = ROOT / ".venv" / "bin" / "python"
BENCH_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
# Columns of the job that the wide table does not carry.
ELSEWHERE = {"n_secondary_overall_absence": "education_outcomes"}
TABLES = ["social_care_exposures", "education_outcomes", "justice_outcomes", "pupil_analysis"]
SCRIPTS = {
    "its SQL without dbt": [str(PYTHON), str(HERE / "contenders" / "project_sql.py")],
    "DuckDB script": [str(PYTHON), str(HERE / "contenders" / "duckdb_script.py")],
    "Polars": [str(BENCH_PYTHON), str(HERE / "contenders" / "polars_script.py")],
    "pandas": [str(BENCH_PYTHON), str(HERE / "contenders" / "pandas_script.py")],
    "R data.table": ["Rscript", "--vanilla", str(HERE / "contenders" / "datatable_script.R")],
    "R dplyr": ["Rscript", "--vanilla", str(HERE / "contenders" / "dplyr_script.R")],
}
NAMES = ["this project", *SCRIPTS]


MEMORY = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text()).group(1)) * 1024
# So little is left to the machine when a contender is ended for its memory.
SPARE = 2 * 2**30


def resident(pid: int) -> int:
    """Memory of a process. Arguments: pid. Returns: bytes, 0 once it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def measured(command: list[str], log: Path, seconds: float, **environment: str) -> dict:
    """Run a command and say what it took. One that would leave the machine without memory is ended.

    Args:
        command: program and arguments.
        log: file for all that it prints.
        seconds: after so long it is ended.
        environment: variables added to this process's own.

    Returns:
        ``status`` (``done``, ``failed``, ``out of memory`` or ``not finished``), ``wall`` and ``cpu`` in seconds, ``memory``
        in bytes: the largest resident size of the process.
    """
    begun = time.monotonic()
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, cwd=ROOT, env={**os.environ, "TZ": "UTC", **environment})
        ended, reasons = threading.Event(), []

        def watch() -> None:
            while not ended.wait(0.2):
                if resident(process.pid) > MEMORY - SPARE:
                    reasons.append("out of memory")
                elif time.monotonic() - begun > seconds:
                    reasons.append("not finished")
                if reasons:
                    process.kill()
                    return

        watcher = threading.Thread(target=watch)
        watcher.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        ended.set()
        watcher.join()
        process.returncode = os.waitstatus_to_exitcode(status)
    outcome = "done" if status == 0 else reasons[0] if reasons else "failed"
    # ru_maxrss is in KiB on Linux
    return {"status": outcome, "wall": wall, "cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss * 1024}


def write_columns(database: Path, out: Path) -> None:
    """Write the columns of the job from a database that was built. Arguments: database; out, CSV file to write."""
    columns = ", ".join(f"{ELSEWHERE.get(name, 'pupil_analysis')}.{name}" for name in COLUMNS)
    joins = " ".join(f"left join marts.{table} on pupil_analysis.pupil_id = {table}.pupil_id" for table in sorted(set(ELSEWHERE.values())))
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set memory_limit = '8GB'")
        connection.execute(f"copy (select {columns} from marts.pupil_analysis {joins}) to '{out}' (header)")


def run_project(extract: Path, work: Path, out: Path, threads: int, seconds: float) -> dict:
    """`dbt run` of the four tables and all they need, in a database that holds the seeds; then, unmeasured, their columns as CSV."""
    seeded, database = work / "seeds.duckdb", work / "project.duckdb"
    settings = {
        "DBT_PROFILES_DIR": str(ROOT / "profiles"), "DO_NOT_TRACK": "1", "MOJ_DFE_EXTRACT": str(extract), "MOJ_DFE_DATABASE": str(database),
        "MOJ_DFE_THREADS": str(threads), "DBT_TARGET_PATH": str(work / "target"), "DBT_LOG_PATH": str(work / "logs"),
    }
    database.unlink(missing_ok=True)
    if seeded.exists():
        shutil.copy(seeded, database)
    else:
        subprocess.run([str(DBT), "seed", "--quiet"], check=True, cwd=ROOT, env={**os.environ, **settings})
        shutil.copy(database, seeded)
    took = measured([str(DBT), "run", "--select", *[f"+{table}" for table in TABLES]], work / "project.log", seconds, **settings)
    if took["status"] == "done":
        write_columns(database, out)
    return took


def versions() -> dict[str, str]:
    """The version of each contender, by name."""
    code = "import {0}; print({0}.__version__)"

    def told(*command: str) -> str:
        found = subprocess.run(command, capture_output=True, text=True)
        return found.stdout.strip().splitlines()[-1] if found.returncode == 0 and found.stdout.strip() else "not installed"

    def of_r(package: str) -> str:
        return told("Rscript", "--vanilla", "-e", f"cat(R.version$major, '.', R.version$minor, ', {package} ', as.character(packageVersion('{package}')), sep = '')") if shutil.which("Rscript") else "not installed"

    return {
        "this project": f"dbt {told(str(PYTHON), '-c', 'from dbt.version import __version__; print(__version__)')}, DuckDB {duckdb.__version__}",
        "its SQL without dbt": f"DuckDB {duckdb.__version__}",
        "DuckDB script": f"DuckDB {duckdb.__version__}",
        "Polars": told(str(BENCH_PYTHON), "-c", code.format("polars")),
        "pandas": told(str(BENCH_PYTHON), "-c", code.format("pandas")),
        "R data.table": of_r("data.table"),
        "R dplyr": of_r("dplyr"),
    }


def machine() -> str:
    """Processor, cores and memory, without the machine's name."""
    cpu = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return f"{cpu.group(1) if cpu else platform.machine()}, {os.cpu_count()} cores, {MEMORY / 2**30:.0f} GiB of memory"


def summary(rounds: list[dict]) -> dict:
    """Median and minimum of the rounds of one contender. Arguments: rounds, results of measured(). Returns: dictionary."""
    finished = [one for one in rounds if one["status"] == "done"]
    if not finished or len(finished) < len(rounds):
        return {"status": next(one["status"] for one in rounds if one["status"] != "done"), "longest": max(one["wall"] for one in rounds)}
    return {"status": "done", **{f"{of.__name__}_{what}": of([one[what] for one in finished]) for what in ("wall", "cpu", "memory") for of in (statistics.median, min)}}


def table(result: dict) -> str:
    """The results as a Markdown table. Arguments: result, what main() wrote. Returns: text."""
    base = result["contenders"].get("this project", {}).get("median_wall")
    lines = ["| Contender | Wall, median (least) | To this project | CPU | Peak memory | Agrees |", "|---|---:|---:|---:|---:|---|"]
    for name, found in result["contenders"].items():
        label = f"{name} ({result['versions'][name]})"
        if found["status"] != "done":
            # one that was ended at its work would have taken longer still
            ratio = f" over {int(found['longest'] / base * 10) / 10} " if base and found["status"] == "not finished" else " "
            lines.append(f"| {label} | {found['status']} ({found['longest']:.0f} s) |{ratio}| | | |")
            continue
        ratio = f"{found['median_wall'] / base:.2f}" if base else ""
        agrees = "every cell" if not found["differences"] else "no: does not count"
        lines.append(
            f"| {label} | {found['median_wall']:.1f} s ({found['min_wall']:.1f}) | {ratio} | {found['median_cpu']:.1f} s | {found['median_memory'] / 1e9:.2f} GB | {agrees} |"
        )
    head = (
        f"{result['pupils']:,} pupils, {result['text_bytes'] / 1e9:.2f} GB of text, {result['rounds']} round(s), {result['threads']} threads; "
        f"{result['machine']}; {result['date']}."
    )
    return head + "\n\n" + "\n".join(lines)


def write_between_marks(path: Path, text: str) -> None:
    """Replace what stands between the two marks of a Markdown file. Arguments: path; text. Raises: ValueError without marks."""
    begin, end = "<!-- bench -->", "<!-- /bench -->"
    old = path.read_text()
    if begin not in old or end not in old:
        raise ValueError(f"{path.name} has no {begin} and {end}")
    path.write_text(old[: old.index(begin) + len(begin)] + "\n" + text + "\n" + old[old.index(end) :])


def main() -> None:
    """Read the arguments, run, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pupils", type=int, default=15_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=1800, help="seconds after which a contender is ended")
    parser.add_argument("--only", action="append", choices=NAMES, help="run this contender; may be repeated")
    parser.add_argument("--extract", type=Path, help="folder of a clean extract; by default one is made")
    parser.add_argument("--built", type=Path, help="folder in which profile_models.py built all models of this extract: stands for this project's run")
    parser.add_argument("--work", type=Path, default=ROOT / "target" / "bench", help="folder for extracts, databases and outputs")
    parser.add_argument("--merge", action="store_true", help="keep the contenders of the last run that are not run now")
    parser.add_argument("--write", action="store_true", help="write a table for each size in --work into README.md and benchmarks/README.md")
    arguments = parser.parse_args()

    work = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    extract = arguments.extract.resolve() if arguments.extract else work / f"clean_{arguments.pupils}"
    if not extract.exists():
        subprocess.run(
            [str(PYTHON), "-m", "synthetic", "--pupils", str(arguments.pupils), "--share", "all-episodes", "--seed", "1", "--format", "txt", "--clean",
             "--quiet", "--out", str(extract)], check=True, cwd=ROOT)

    store = work / f"result_{arguments.pupils}.json"
    # this project first: the others are compared with its output
    names = [name for name in NAMES if not arguments.only or name in arguments.only]
    runs: dict[str, list[dict]] = {name: [] for name in names}
    reference = work / f"reference_{arguments.pupils}.csv"
    found: dict[str, dict[str, int]] = {}
    for number in range(arguments.rounds):
        for name in names:
            out = work / f"{re.sub('[^a-z]', '_', name.lower())}.csv"
            out.unlink(missing_ok=True)
            if name == "this project" and arguments.built:
                took = json.loads((arguments.built / "profile.json").read_text())["took"]
                write_columns(arguments.built / "profile.duckdb", out)
            elif name == "this project":
                took = run_project(extract, work, out, arguments.threads, arguments.timeout)
            else:
                took = measured([*SCRIPTS[name], str(extract), str(out), str(arguments.threads)], work / f"{out.stem}.log", arguments.timeout)
            runs[name].append(took)
            print(f"round {number + 1}: {name}: {took['status']}, {took['wall']:.1f} s, {took['memory'] / 1e9:.2f} GB", flush=True)
            if took["status"] == "done" and number == 0:
                if name == "this project":
                    shutil.copy(out, reference)
                found[name] = differences(reference, out) if reference.exists() else {"nothing to compare with": 1}
                if found[name]:
                    print(f"  differs: {found[name]}", flush=True)

    contenders = {name: {**summary(rounds), "differences": found.get(name), "runs": rounds} for name, rounds in runs.items()}
    if arguments.merge and store.exists():
        contenders = {**json.loads(store.read_text())["contenders"], **contenders}
    result = {
        "pupils": arguments.pupils, "rounds": arguments.rounds, "threads": arguments.threads, "machine": machine(), "date": date.today().isoformat(),
        "written": datetime.now().isoformat(timespec="seconds"), "text_bytes": sum(path.stat().st_size for path in extract.glob("*.txt")),
        "versions": versions(), "contenders": {name: contenders[name] for name in NAMES if name in contenders},
    }
    store.write_text(json.dumps(result, indent=1))
    print(table(result))
    if arguments.write:
        results = sorted((json.loads(path.read_text()) for path in work.glob("result_*.json")), key=lambda one: one["pupils"])
        for path in (ROOT / "README.md", HERE / "README.md"):
            write_between_marks(path, "\n\n".join(table(one) for one in results))


if __name__ == "__main__":
    sys.exit(main())
