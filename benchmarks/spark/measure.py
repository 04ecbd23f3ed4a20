"""Build the project on Spark and report, for each model, time, bytes read, shuffled and written, and what its plan would do at scale.

    .venv-spark/bin/python benchmarks/spark/measure.py --extract FOLDER --master 'local[2]' --out FOLDER

The folder ``--out`` gets ``models.csv`` and ``report.md``. Numbers come from Spark's own event log: the tasks of each statement and
its final plan. An extract of any size is made by ``python -m synthetic --pupils N --share all-episodes --out FOLDER``.

``--minutes`` stops a run that takes too long; the report then holds the models that were done.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A stage is skewed where its largest task reads this many times the median one, and enough for it to matter.
SKEW_RATIO = 4
SKEW_BYTES = 32 << 20
MIB = 1 << 20


@dataclass
class Model:
    """What the tasks of one model did; bytes, seconds and counts."""

    name: str
    seconds: float = 0.0
    task_seconds: float = 0.0
    input_bytes: int = 0
    shuffle_bytes: int = 0
    spill_bytes: int = 0
    output_bytes: int = 0
    output_rows: int = 0
    plan: str = ""
    reads_per_stage: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def flags(self) -> list[str]:
        """What would not scale: cross joins, windows over one partition, skewed stages."""
        found = plan_flags(self.plan)
        for stage, reads in sorted(self.reads_per_stage.items()):
            middle = statistics.median(reads)
            if len(reads) > 1 and max(reads) > SKEW_BYTES and max(reads) > SKEW_RATIO * max(middle, 1):
                found.append(f"skew in stage {stage}: the largest of {len(reads)} tasks reads {max(reads) / MIB:,.0f} MiB, the middle one {middle / MIB:,.0f}")
        return found


def plan_flags(plan: str) -> list[str]:
    """Name the operators of a final physical plan that meet with every row in one place.

    Args:
        plan: the text of the plan as Spark's event log holds it, the tree first.

    Returns:
        One phrase for each kind found, with how often it occurs.
    """
    tree = plan.partition("== Initial Plan ==")[0].partition("\n\n\n")[0]
    counts = {
        "join of every row with every row (CartesianProduct)": len(re.findall(r"\bCartesianProduct\b", tree)),
        "loop over a broadcast table (BroadcastNestedLoopJoin)": len(re.findall(r"\bBroadcastNestedLoopJoin\b", tree)),
        "window over a single partition": windows_without_partition(plan),
    }
    return [f"{name}, {count}×" for name, count in counts.items() if count]


def windows_without_partition(plan: str) -> int:
    """How many window functions of a plan name no column to part the rows by, so that one task must hold all of them.

    In the text of a plan the columns of PARTITION BY stand first in a window's definition, each followed by a comma; those of
    ORDER BY are followed by their direction.
    """
    details = plan.rpartition("== Initial Plan ==")[2]
    windows = re.findall(r"^Arguments: \[(.*windowspecdefinition\(.*)$", details, re.MULTILINE)
    bare = [re.sub(r"#\d+L?", "", window) for window in windows if re.search(r"windowspecdefinition\((?![\w`]+#\d+L?,)", window)]
    return len(set(bare))


def read_events(lines: Iterable[str]) -> dict[str, Model]:
    """Sum the tasks of Spark's event log up by the model whose table their statement wrote."""
    models: dict[str, Model] = {}
    model_of_execution: dict[int, str] = {}
    plans: dict[int, str] = {}
    model_of_stage: dict[int, str] = {}
    started: dict[int, int] = {}
    for line in lines:
        event = json.loads(line)
        kind = event["Event"].rpartition(".")[2]
        if kind in ("SparkListenerSQLExecutionStart", "SparkListenerSQLAdaptiveExecutionUpdate"):
            execution = event["executionId"]
            plans[execution] = event["physicalPlanDescription"]
            started.setdefault(execution, event.get("time", 0))
            written = re.search(r"/(staging|intermediate|marts|quality|release)\.db/(\w+)", plans[execution].partition("\n\n\n")[2]) or re.search(
                r"`(staging|intermediate|marts|quality|release)`\.`(\w+)`", plans[execution]
            )
            if "InsertIntoHadoopFsRelationCommand" in plans[execution] and written:
                target = re.search(r"InsertIntoHadoopFsRelationCommand\n.*?Arguments: \S*?/(\w+)\.db/(\w+),", plans[execution], re.DOTALL)
                name = ".".join((target or written).groups())
                model_of_execution[execution] = name
                models.setdefault(name, Model(name)).plan = plans[execution]
        elif kind == "SparkListenerJobStart":
            execution = event["Properties"].get("spark.sql.execution.id")
            if execution and int(execution) in model_of_execution:
                for stage in event["Stage IDs"]:
                    model_of_stage[stage] = model_of_execution[int(execution)]
        elif kind == "SparkListenerTaskEnd" and event["Stage ID"] in model_of_stage and event.get("Task Metrics"):
            model = models[model_of_stage[event["Stage ID"]]]
            metrics = event["Task Metrics"]
            read = metrics["Shuffle Read Metrics"]
            n_read = read["Remote Bytes Read"] + read["Local Bytes Read"]
            model.task_seconds += metrics["Executor Run Time"] / 1000
            model.input_bytes += metrics["Input Metrics"]["Bytes Read"]
            model.shuffle_bytes += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
            model.spill_bytes += metrics["Disk Bytes Spilled"]
            model.output_bytes += metrics["Output Metrics"]["Bytes Written"]
            model.output_rows += metrics["Output Metrics"]["Records Written"]
            model.reads_per_stage[event["Stage ID"]].append(n_read + metrics["Input Metrics"]["Bytes Read"])
        elif kind == "SparkListenerSQLExecutionEnd" and event["executionId"] in model_of_execution:
            models[model_of_execution[event["executionId"]]].seconds += (event["time"] - started[event["executionId"]]) / 1000
    return models


def write_report(models: dict[str, Model], out: Path, title: str, wall_seconds: float) -> None:
    """Write ``models.csv`` and ``report.md``."""
    ranked = sorted(models.values(), key=lambda model: -model.task_seconds)
    numbers = ("seconds", "task_seconds", "input_bytes", "shuffle_bytes", "spill_bytes", "output_bytes", "output_rows")
    with (out / "models.csv").open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["model", *numbers, "flags"])
        for model in ranked:
            writer.writerow([model.name, *(round(getattr(model, name), 2) for name in numbers), "; ".join(model.flags())])
    lines = [
        f"# {title}",
        "",
        f"Wall time {wall_seconds:,.0f} s with dbt's start; tasks {sum(m.task_seconds for m in ranked):,.0f} s; "
        f"shuffled {sum(m.shuffle_bytes for m in ranked) / MIB:,.0f} MiB; spilled {sum(m.spill_bytes for m in ranked) / MIB:,.0f} MiB; "
        f"written {sum(m.output_bytes for m in ranked) / MIB:,.0f} MiB.",
        "",
        "| model | s | task s | read MiB | shuffled MiB | spilled MiB | written MiB | rows | flags |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---|",
        *(
            f"| {m.name} | {m.seconds:,.1f} | {m.task_seconds:,.1f} | {m.input_bytes / MIB:,.1f} | {m.shuffle_bytes / MIB:,.1f} | "
            f"{m.spill_bytes / MIB:,.1f} | {m.output_bytes / MIB:,.1f} | {m.output_rows:,} | {'; '.join(m.flags())} |"
            for m in ranked
        ),
    ]
    (out / "report.md").write_text("\n".join(lines) + "\n")


def main() -> int:
    """Run dbt on Spark with an event log, then report on it; return dbt's exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--extract", required=True, type=Path, help="folder of an extract")
    parser.add_argument("--master", default="local[2]", help="where Spark runs: local[1], local[2] and so on")
    parser.add_argument("--partitions", default="8", help="number of partitions of a shuffle")
    parser.add_argument("--minutes", type=float, help="stop after so many minutes")
    parser.add_argument("--out", required=True, type=Path, help="folder for the report and for Spark's state")
    arguments, select = parser.parse_known_args()
    out = arguments.out.resolve()
    events = out / "events"
    events.mkdir(parents=True, exist_ok=True)
    for old in events.glob("*"):
        old.unlink()
    environment = os.environ | {
        "MOJ_DFE_EXTRACT": str(arguments.extract.resolve()),
        "MOJ_DFE_SPARK_MASTER": arguments.master,
        "MOJ_DFE_SPARK_PARTITIONS": arguments.partitions,
        "MOJ_DFE_SPARK_STATE": str(out / "spark_state"),
        "DBT_PROFILES_DIR": str(ROOT / "profiles"),
        "DBT_TARGET_PATH": str(out / "target"),
        "DBT_LOG_PATH": str(out / "target"),
        "PYSPARK_SUBMIT_ARGS": f"--conf spark.eventLog.enabled=true --conf spark.eventLog.rolling.enabled=false --conf spark.eventLog.compress=false "
        f"--conf spark.sql.ui.explainMode=formatted --conf spark.sql.maxMetadataStringLength=10000 --conf spark.sql.debug.maxToStringFields=500 --conf spark.eventLog.dir=file:{events} pyspark-shell",
    }
    command = [sys.executable, "-m", "dbt.cli.main", "build", "--target", "spark", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    start = time.monotonic()
    try:
        code = subprocess.run([*command, *select], cwd=ROOT, env=environment, check=False, timeout=arguments.minutes and 60 * arguments.minutes).returncode
    except subprocess.TimeoutExpired:
        code = 1
    wall = time.monotonic() - start
    with next(events.iterdir()).open() as lines:
        # a run that was stopped leaves half a line at the end
        models = read_events(line for line in lines if line.endswith("\n"))
    write_report(models, out, f"{arguments.extract.name} on {arguments.master}, {arguments.partitions} partitions", wall)
    return code


if __name__ == "__main__":
    sys.exit(main())
