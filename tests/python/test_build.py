"""The bundled extract, built whole: every model, seed and test of the project passes on both shares."""

from __future__ import annotations

import duckdb
from conftest import SAMPLE, Run
from recompute import find_files, read_lines


def test_everything_passes(built: Run) -> None:
    failed = {name: status for name, status in built.statuses().items() if status not in ("success", "pass", "no-op")}
    assert built.result.success, failed
    assert not failed


def test_the_report_at_the_end_counts_what_was_read(built: Run) -> None:
    ledger = built.table("quality.quality_row_ledger")
    rows_read = ledger[ledger.rule_id == "read"].groupby("source_table").n_rows.sum().to_dict()
    assert len(rows_read) == 14
    # of a wide row of exclusions the ledger counts the slots
    rows_read["npd.exclusions"] = sum(len(read_lines(path)[1]) for path in find_files(built.extract)["npd.exclusions"])
    for source_table, n_rows in rows_read.items():
        assert f"{source_table}: {n_rows:,} rows in" in built.output


def test_a_second_build_gives_the_same_marts_at_any_thread_count(built_all_episodes: Run, dbt, seeded) -> None:
    tables = ("marts.pupils", "marts.social_care_exposures", "marts.education_outcomes", "quality.quality_row_ledger")
    wanted = [f"+{name.split('.')[1]}" for name in tables]
    again = dbt(SAMPLE / "all_episodes_share", "run", "--select", *wanted, database=seeded(), MOJ_DFE_THREADS="1")
    assert again.result.success
    for name in tables:
        order = list(built_all_episodes.table(name).columns)
        first = built_all_episodes.table(name).sort_values(order).reset_index(drop=True)
        second = again.table(name).sort_values(order).reset_index(drop=True)
        assert first.equals(second), name


def test_nothing_dials_out(built: Run, dialled: list[str]) -> None:
    assert built.result.success
    assert dialled == []


def test_the_database_opens_in_older_versions_of_duckdb(built: Run) -> None:
    """As the README says: R's package is often some versions behind. What a file needs stands in its tags."""
    with duckdb.connect(str(built.database), read_only=True) as connection:
        [(tags,)] = connection.sql("select tags from duckdb_databases() where not internal").fetchall()
    assert tags["storage_version"].startswith("v1.2.")
