"""Both bundled shares, built on DuckDB and on Spark: every mart, quality and release table is the same, cell by cell.

On Spark the build runs every data test, and the unit tests once. A failure prints table, column and number of keys.
"""

from __future__ import annotations

import pyarrow as pa
import pytest
from comparison import compare
from conftest import SAMPLE

SHARES = ("all_episodes_share", "first_share")


@pytest.mark.parametrize("share", SHARES)
def test_every_contracted_table_is_the_same_on_spark(dbt, contracted, share: str) -> None:
    on_duckdb = dbt("duckdb", SAMPLE / share, "build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
    assert on_duckdb.success, on_duckdb.failures()
    expected = {name: on_duckdb.table(name) for name in contracted()}
    assert len(expected) >= 8

    without = () if share == SHARES[0] else ("--exclude-resource-type", "unit_test")
    on_spark = dbt("spark", SAMPLE / share, "build", *without)
    unbuilt = [name for name in expected if on_spark.statuses.get(name.split(".")[1]) != "success"]
    differences = [
        difference
        for name, grain in contracted().items()
        if name not in unbuilt
        for difference in compare(name, grain, expected[name], on_spark.table(name))
    ]
    report = [*(f"{name}: not built" for name in unbuilt), *map(str, differences), *on_spark.failures()]
    assert not report, "\n" + "\n".join(report)


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
