"""Fixtures of the Spark suite: the project built on DuckDB and on Spark, from the same files, in this process."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner
from pyspark.sql import SparkSession

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/python"))  # the hand-made extracts
SAMPLE = ROOT / "synthetic" / "sample"
COMPARED_LAYERS = ("marts", "quality", "release")


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker of the tests that build a whole share."""
    config.addinivalue_line("markers", "whole: builds a whole bundled share on Spark, minutes each")


@dataclass
class Build:
    """One dbt invocation on one engine."""

    target: str
    database: Path
    success: bool
    statuses: dict[str, str]
    output: str
    compiled: str = ""

    def table(self, name: str) -> pa.Table:
        """A table that the build left, such as ``marts.pupils``."""
        if self.target == "spark":
            return spark_session().table(name).toArrow()
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(f"from {name}").to_arrow_table()

    def failures(self) -> list[str]:
        """Names of the nodes that failed; what was skipped for them is left out."""
        return sorted(f"{name} ({status})" for name, status in self.statuses.items() if status not in ("success", "pass", "no-op", "skipped"))


def spark_session() -> SparkSession:
    """The session that dbt started in this process."""
    return SparkSession.getActiveSession() or SparkSession.builder.getOrCreate()


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Build]]:
    """Run dbt on an engine: ``dbt("spark", extract, "build", "--select", "marts")``. One parse and one database an engine."""
    folder = tmp_path_factory.mktemp("engines")
    previous = Path.cwd(), dict(os.environ)
    os.chdir(ROOT)
    os.environ.update(
        MOJ_DFE_DATABASE=str(folder / "moj_dfe.duckdb"),
        MOJ_DFE_SPARK_STATE=str(folder / "spark_state"),
        DBT_PROFILES_DIR=str(ROOT / "profiles"),
        DO_NOT_TRACK="1",
    )
    manifests = {}

    def run(target: str, extract: Path, *arguments: str, **environment: str) -> Build:
        os.environ.update(MOJ_DFE_EXTRACT=str(extract), DBT_TARGET_PATH=str(folder / target), DBT_LOG_PATH=str(folder / target), **environment)
        if target not in manifests:
            manifests[target] = dbtRunner().invoke(["parse", "--quiet", "--target", target]).result
        lines: list[str] = []
        runner = dbtRunner(manifest=manifests[target], callbacks=[lambda event: lines.append(event.info.msg)])
        result = runner.invoke([*arguments, "--quiet", "--target", target])
        DuckDBConnectionManager.close_all_connections()
        for name in environment:
            del os.environ[name]
        nodes = result.result.results if isinstance(result.result, RunExecutionResult) else []
        statuses = {item.node.name: str(item.status) for item in nodes}
        failed = [] if result.exception is None else [str(result.exception)]
        compiled = nodes[0].node.compiled_code if nodes and arguments[0] == "compile" else ""
        return Build(target, Path(os.environ["MOJ_DFE_DATABASE"]), result.success, statuses, "\n".join(lines + failed), compiled)

    run.manifests = manifests
    yield run
    os.chdir(previous[0])
    os.environ.clear()
    os.environ.update(previous[1])


@pytest.fixture(scope="session")
def contracted(dbt: Callable[..., Build]) -> Callable[[], dict[str, list[str]]]:
    """Every table of the compared layers with its grain, from dbt's manifest: what later work adds is compared as well."""

    def found() -> dict[str, list[str]]:
        nodes = [node for node in dbt.manifests["duckdb"].nodes.values() if node.resource_type == "model"]
        return {
            f"{node.schema}.{node.alias}": node.config.meta["grain"]
            for node in nodes
            if Path(node.path).parts[0] in COMPARED_LAYERS
        }

    return found
