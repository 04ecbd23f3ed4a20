"""Shared fixtures: dbt run in this process; each bundled share, and a clean and a dirty world, made and built once for all tests."""

from __future__ import annotations

import ast
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "synthetic" / "sample"
SHARES = ("first_share", "all_episodes_share")
sys.path.insert(0, str(ROOT))

from synthetic.__main__ import main as synthetic  # noqa: E402

# Two authorities of each of two regions, rich in social care, both shares: worlds for tests that need more, or less, than the bundled sample.
WORLD = ("--areas", "304,306,390,840", "--enrich", "2.5", "--quiet")
CLEAN_PUPILS, DIRTY_PUPILS = 2_500, 6_000
LOSSES = "20"  # in the dirty world, faults that take a fact away for good come twenty times as often as by default
DEFAULT_PUPILS = 60_000


# Builds that many tests read, by the fixtures that give them: with several workers each group is built by one of them alone.
SHARED_BUILDS = {"built": "bundled shares", "built_all_episodes": "bundled shares", "built_clean": "worlds", "built_dirty": "worlds"}


@cache
def arguments_of_functions(module: Path) -> dict[str, set[str]]:
    """What each function of a test module asks for, also by way of the module's own fixtures. Arguments: module. Returns: names by function."""
    functions = [node for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)]
    asked = {node.name: {argument.arg for argument in node.args.args} for node in functions}
    for _ in asked:
        asked = {name: wanted.union(*(asked.get(one, set()) for one in wanted)) for name, wanted in asked.items()}
    return asked


def pytest_xdist_make_scheduler(config: pytest.Config, log):
    """With several workers (``pytest -n 2``) the tests that read one group of shared builds go to one worker, so that it is made once; the others go by module.

    xdist's own ``--dist loadgroup`` writes groups into a private attribute that pytest 9 no longer reads, so it does not group.
    """
    from xdist.scheduler import LoadFileScheduling

    class ByBuild(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            module, _, test = nodeid.partition("::")
            wanted = arguments_of_functions(ROOT / module).get(test.split("[")[0], set())
            return next((group for fixture, group in SHARED_BUILDS.items() if fixture in wanted), module)

    config.option.loadscopereorder = False  # in the order of pytest_collection_modifyitems, not by number of tests
    return ByBuild(config, log)


@dataclass
class Run:
    """One dbt invocation: the extract it read, the database it wrote, what dbt returned and what it printed."""

    extract: Path
    database: Path
    result: dbtRunnerResult
    output: str

    def statuses(self) -> dict[str, str]:
        """Name of each node that ran, with its status."""
        return {item.node.name: str(item.status) for item in self.result.result.results}

    def table(self, name: str) -> pd.DataFrame:
        """A table of the database, such as ``marts.pupils``."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.sql(f"from {name}").df()


def planted_faults(run: Run) -> pd.DataFrame:
    """The rows of the ledger of faults that were planted in the share of a run, missing texts as empty ones."""
    ledger = pd.read_parquet(run.extract.parent / "truth" / "dirt_ledger.parquet").fillna("")
    return ledger[ledger["share"] == run.extract.name.removesuffix("_share").replace("_", "-")]


# The files that take longest, in this order: they start first, so that two workers end together.
LONGEST = ("test_build.py", "test_bad_input.py", "test_justice_recompute.py", "test_default_world.py", "test_extract_forms.py", "test_recompute.py", "test_synthetic.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session", autouse=True)
def dialled() -> Iterator[list[str]]:
    """Every attempt of this process to reach a network; each is refused, as in a closed room."""
    attempts: list[str] = []

    def refuse(*arguments, **_) -> None:
        attempts.append(repr(arguments[-1] if len(arguments) < 3 else arguments[:2]))
        raise OSError("no network in this room")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        yield attempts


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Run]]:
    """Run dbt on an extract folder: ``dbt(folder, "build", "--select", "marts", variables={...})``.

    A database is made anew for each call unless one is given. The parsed project is kept between calls.
    """
    target = tmp_path_factory.mktemp("target")
    previous = Path.cwd(), dict(os.environ)
    os.chdir(ROOT)
    manifest = None  # the parsed project, the same for every extract and database

    def run(extract: Path, *arguments: str, database: Path | None = None, **environment: str) -> Run:
        database = database or tmp_path_factory.mktemp("database") / "moj_dfe.duckdb"
        os.environ.update(
            MOJ_DFE_EXTRACT=str(extract),
            MOJ_DFE_DATABASE=str(database),
            DBT_PROFILES_DIR=str(ROOT / "profiles"),
            DBT_TARGET_PATH=str(target),
            DBT_LOG_PATH=str(target),
            **environment,
        )
        lines: list[str] = []
        nonlocal manifest
        if manifest is None and arguments[0] != "parse":
            manifest = dbtRunner().invoke(["parse", "--quiet"]).result
        runner = dbtRunner(manifest=manifest, callbacks=[lambda event: lines.append(event.info.msg)])
        result = runner.invoke([*arguments, "--quiet", "--no-write-json"])
        DuckDBConnectionManager.close_all_connections()  # else this process holds the database's only lock
        for name in environment:
            del os.environ[name]
        return Run(extract, database, result, "\n".join(lines))

    yield run
    os.chdir(previous[0])
    os.environ.clear()
    os.environ.update(previous[1])


@pytest.fixture(scope="session")
def seeded(dbt: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Make a new database that holds the seeds already, so that a test builds only the models."""
    template = tmp_path_factory.mktemp("seeds") / "moj_dfe.duckdb"
    assert dbt(SAMPLE / "first_share", "seed", database=template).result.success

    def copy() -> Path:
        return Path(shutil.copy(template, tmp_path_factory.mktemp("seeded")))

    return copy


@pytest.fixture(scope="session", params=SHARES)
def built(request: pytest.FixtureRequest, dbt: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One of the two bundled shares, built with every test of the project."""
    return built_share(dbt, request.param, tmp_path_factory)


@pytest.fixture(scope="session")
def built_all_episodes(dbt: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The bundled all-episodes share, built."""
    return built_share(dbt, "all_episodes_share", tmp_path_factory)


_BUILT: dict[str, Run] = {}


def built_share(dbt: Callable[..., Run], share: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Build a bundled share the first time it is asked for; the unit tests, which read no extract, run with one of them."""
    if share not in _BUILT:
        without = ("--exclude-resource-type", "unit_test") if share == "first_share" else ()
        _BUILT[share] = dbt(SAMPLE / share, "build", *without, database=tmp_path_factory.mktemp(share) / "moj_dfe.duckdb")
    return _BUILT[share]


@pytest.fixture(scope="session")
def clean_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a world with nothing spoiled: a folder for each share, and `truth`."""
    return make_world(tmp_path_factory, "clean_world", *WORLD, "--pupils", str(CLEAN_PUPILS), "--seed", "7", "--clean", "--school-years")


@pytest.fixture(scope="session")
def dirty_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a larger world with every kind of dirt, and much of what destroys: a folder for each share, and `truth`."""
    return make_world(tmp_path_factory, "dirty_world", *WORLD, "--pupils", str(DIRTY_PUPILS), "--seed", "11", "--losses", LOSSES)


@pytest.fixture(scope="session", params=SHARES)
def built_clean(request: pytest.FixtureRequest, dbt: Callable[..., Run], clean_world: Path, seeded: Callable[[], Path]) -> Run:
    """One share of the clean world, run (not tested); the share is the name of the folder `run.extract`."""
    return built_world(dbt, clean_world / request.param, seeded)


@pytest.fixture(scope="session", params=SHARES)
def built_dirty(request: pytest.FixtureRequest, dbt: Callable[..., Run], dirty_world: Path, seeded: Callable[[], Path]) -> Run:
    """One share of the dirty world, run (not tested); the share is the name of the folder `run.extract`."""
    return built_world(dbt, dirty_world / request.param, seeded)


@pytest.fixture(scope="session")
def built_default(dbt: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory, seeded: Callable[[], Path]) -> Run:
    """A world of all England with every option at its default, the dirt too: large enough for a share of 99.5 % to mean something."""
    extract = tmp_path_factory.mktemp("default_world") / "all_episodes_share"
    assert synthetic(["--pupils", str(DEFAULT_PUPILS), "--seed", "5", "--share", "all-episodes", "--format", "txt", "--quiet", "--out", str(extract)]) == 0
    (extract / "truth").rename(extract.parent / "truth")
    return built_world(dbt, extract, seeded)


_WORLDS: dict[Path, Run] = {}


def make_world(tmp_path_factory: pytest.TempPathFactory, name: str, *arguments: str) -> Path:
    """Make a world in this process."""
    folder = tmp_path_factory.mktemp(name)
    assert synthetic([*arguments, "--out", str(folder)]) == 0
    return folder


def built_world(dbt: Callable[..., Run], extract: Path, seeded: Callable[[], Path]) -> Run:
    """Run every model on a share of a world the first time it is asked for."""
    if extract not in _WORLDS:
        _WORLDS[extract] = dbt(extract, "run", database=seeded())
        assert _WORLDS[extract].result.success, _WORLDS[extract].output
    return _WORLDS[extract]
