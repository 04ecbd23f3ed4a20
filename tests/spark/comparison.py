"""Compare a table that Spark built with the one that DuckDB built, cell by cell.

A difference is told as table, column and number of keys, and nothing else: no value and no key of any row.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow as pa

# Two floating-point results of one sum differ in their last digits when its terms are added in another order.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Difference:
    """Keys of a table at which a column differs; the columns ``(key)`` and ``(type)`` stand for whole rows and for types."""

    table: str
    column: str
    n_keys: int

    def __str__(self) -> str:
        return f"{self.table}, {self.column}: {self.n_keys:,} keys"


def compare(table: str, grain: list[str], one: pa.Table, other: pa.Table) -> list[Difference]:
    """Find where two versions of a table differ.

    Args:
        table: its name, for the differences.
        grain: the columns that make one row; a missing value in them counts as a value. Empty for a table of one row.
        one, other: both versions; the order of rows and columns does not matter.

    Returns:
        One difference for each column that differs, with the number of keys; ``(key)`` counts keys that are not once in
        both; ``(type)`` stands for a column of another type or in one version only.
    """
    if sorted(one.column_names) != sorted(other.column_names):
        missing = set(one.column_names) ^ set(other.column_names)
        return [Difference(table, f"{name} (type)", max(one.num_rows, other.num_rows)) for name in sorted(missing)]
    differences = [
        Difference(table, f"{name} (type)", one.num_rows)
        for name in one.column_names
        if kind(one.schema.field(name).type) != kind(other.schema.field(name).type)
    ]
    if differences:
        return differences

    with duckdb.connect() as connection:
        connection.register("one", one)
        connection.register("other", other)
        keys = grain or ["1 as n"]
        names = grain or ["n"]
        listed = ", ".join(names)
        unmatched = (
            f"select {listed} from (select {', '.join(keys)}, 1 as side from one union all select {', '.join(keys)}, 2 as side from other) "
            f"group by {listed} having count(*) <> 2 or count(distinct side) <> 2"
        )
        n_unmatched = count(connection, unmatched)
        if n_unmatched:
            differences.append(Difference(table, "(key)", n_unmatched))
        joined = " and ".join(f"one.{name} is not distinct from other.{name}" for name in grain) or "true"
        for name in one.column_names:
            if name in grain:
                continue
            differs = f"one.{name} is distinct from other.{name}"
            if pa.types.is_floating(one.schema.field(name).type):
                near = f"abs(one.{name} - other.{name}) <= {TOLERANCE} * greatest(1, abs(one.{name}), abs(other.{name}))"
                differs = f"{differs} and not coalesce({near}, false)"
            shown = ", ".join(f"one.{key}" for key in grain) or "1 as n"
            n_keys = count(connection, f"select distinct {shown} from one inner join other on {joined} where {differs}")
            if n_keys:
                differences.append(Difference(table, name, n_keys))
    return differences


def count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    """Number of rows of a query."""
    return connection.execute(f"select count(*) from ({query})").fetchone()[0]


def kind(arrow_type: pa.DataType) -> str:
    """The type of a column as a contract means it, without what only tells how an engine stores it."""
    if pa.types.is_string(arrow_type) or pa.types.is_large_string(arrow_type):
        return "text"
    if pa.types.is_timestamp(arrow_type):
        return "timestamp"
    return str(arrow_type)
