"""Both bundled shares, built on DuckDB and on Spark: every mart, quality and release table is the same, cell by cell.

On Spark the build runs every data test, and the unit tests once. A failure prints table, column and number of keys.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from comparison import compare
from conftest import SAMPLE, Build, spark_session
from extracts import whole

SHARES = ("all_episodes_share", "first_share")


NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")


def report_of(on_spark, expected: dict[str, pa.Table], grains: dict[str, list[str]]) -> str:
    """What is different on Spark, one line each; empty where nothing is."""
    unbuilt = [name for name in expected if on_spark.statuses.get(name.split(".")[1]) != "success"]
    differences = [
        difference
        for name, table in expected.items()
        if name not in unbuilt
        for difference in compare(name, grains[name], table, on_spark.table(name))
    ]
    return "\n".join([*(f"{name}: not built" for name in unbuilt), *map(str, differences), *on_spark.failures()])


@pytest.mark.whole
@pytest.mark.parametrize("share", SHARES)
def test_every_contracted_table_is_the_same_on_spark(dbt, contracted, share: str) -> None:
    on_duckdb = dbt("duckdb", SAMPLE / share, "build", *NO_TESTS)
    assert on_duckdb.success, on_duckdb.failures()
    expected = {name: on_duckdb.table(name) for name in contracted()}
    assert len(expected) >= 8

    without = () if share == SHARES[0] else ("--exclude-resource-type", "unit_test")
    on_spark = dbt("spark", SAMPLE / share, "build", *without)
    report = report_of(on_spark, expected, contracted())
    assert not report, "\n" + report


@pytest.mark.whole
def test_tables_by_year_may_be_stored_by_year(dbt, contracted, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting is read when the project is parsed, so that it is parsed anew for it, and again after. Runs on what the test before has built."""
    monkeypatch.setenv("MOJ_DFE_SPARK_PARTITION_BY", "academic_year_end")
    models = ("pupil_years", "pupil_school_years", "social_care_by_year")
    names = [f"marts.{model}" for model in models]
    on_duckdb = dbt("duckdb", SAMPLE / SHARES[-1], "run", "--select", *models)
    expected = {name: on_duckdb.table(name) for name in names}
    kept = dbt.manifests.pop("spark")
    stored = dbt("spark", SAMPLE / SHARES[-1], "run", "--select", *models)
    dbt.manifests["spark"] = kept
    report = report_of(stored, expected, contracted())
    assert not report, "\n" + report
    for name in names:
        parts = spark_session().sql(f"show partitions {name}").toArrow().to_pylist()
        assert len(parts) > 10 and all(part["partition"].startswith("academic_year_end=") for part in parts), name


@pytest.fixture(scope="module")
def small_extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return whole(tmp_path_factory.mktemp("small") / "extract")


@pytest.fixture(scope="module")
def small(dbt, small_extract: Path) -> dict[str, Build]:
    """The small extract, built on both engines up to its pupils and exposures."""
    selected = ("build", "--select", "+pupils", "+social_care_exposures", *NO_TESTS)
    builds = {target: dbt(target, small_extract, *selected) for target in ("duckdb", "spark")}
    assert builds["duckdb"].success, builds["duckdb"].failures()
    return builds


def test_a_small_extract_gives_the_same_pupils_and_exposures(small, contracted) -> None:
    expected = {name: small["duckdb"].table(name) for name in ("marts.pupils", "marts.social_care_exposures")}
    report = report_of(small["spark"], expected, contracted())
    assert not report, "\n" + report


def test_a_missing_value_that_a_contract_forbids_is_found_by_a_data_test(dbt, small, small_extract: Path) -> None:
    """Spark writes it to a Parquet table without a word; the test beside the constraint is what is left."""
    spark_session().sql("insert into marts.pupils (pupil_id) values (null)")
    tested = dbt("spark", small_extract, "test", "--select", "pupils,test_name:not_null")
    assert "not_null_pupils_pupil_id (fail)" in tested.failures()


def rows(**columns: list) -> pa.Table:
    return pa.table(columns)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (rows(k=["b", "a", None], v=[2, 1, None], f=[0.1, 0.3, None]), []),
        (rows(k=["a", "b", None], v=[1, 2, None], f=[0.3 + 1e-12, 0.1, None]), []),
        (rows(k=["a", "b", None], v=[1, 2, 0], f=[0.3, 0.1, None]), ["t, v: 1 keys"]),
        (rows(k=["a", "b", None], v=[1, None, None], f=[0.31, 0.2, None]), ["t, v: 1 keys", "t, f: 2 keys"]),
        (rows(k=["a", "b", "c"], v=[1, 2, None], f=[0.3, 0.1, None]), ["t, (key): 2 keys"]),
        (rows(k=["a", "b", None, None], v=[1, 2, None, None], f=[0.3, 0.1, None, None]), ["t, (key): 1 keys"]),
        (rows(k=["a", "b", None], v=["1", "2", None], f=[0.3, 0.1, None]), ["t, v (type): 3 keys"]),
        (rows(k=["a", "b", None], w=[1, 2, None], f=[0.3, 0.1, None]), ["t, v (type): 3 keys", "t, w (type): 3 keys"]),
    ],
)  # fmt: skip
def test_the_comparison_sees_every_kind_of_difference(other: pa.Table, told: list[str]) -> None:
    one = rows(k=["a", "b", None], v=[1, 2, None], f=[0.1 + 0.2, 0.1, None])
    assert [str(difference) for difference in compare("t", ["k"], one, other)] == told


def test_a_table_of_one_row_is_compared_without_a_key() -> None:
    assert compare("t", [], rows(v=[1]), rows(v=[1])) == []
    assert [str(difference) for difference in compare("t", [], rows(v=[1]), rows(v=[2]))] == ["t, v: 1 keys"]
