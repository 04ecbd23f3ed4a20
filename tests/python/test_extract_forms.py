"""The forms a delivery takes: whatever the file looks like, the same rows are read from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from conftest import Run
from extracts import CLA_COLUMNS, DAYS, FORMS, MOMENTS, census_rows, cla_rows, text, whole, write

STAGING = ("run", "--select", "stg_cla__episodes", "stg_extract__files", "stg_extract__columns")


@pytest.fixture(scope="module")
def database(seeded: Callable[[], Path]) -> Path:
    """One database, built upon by every test of this module."""
    return seeded()


@pytest.fixture(scope="module")
def plain(dbt, database: Path, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """The CLA rows of the plainest form: tab-delimited, published names, LF."""
    run = dbt(whole(tmp_path_factory.mktemp("plain")), *STAGING, database=database)
    return rows_of(run)


def rows_of(run: Run) -> pd.DataFrame:
    assert run.result.success, run.output
    rows = run.table("staging.stg_cla__episodes").drop(columns="source_file")
    return rows.sort_values("pupil_id").reset_index(drop=True)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_of_text_gives_the_same_rows(dbt, database: Path, plain: pd.DataFrame, tmp_path: Path, form: str) -> None:
    name, content = FORMS[form]
    (tmp_path / name).write_bytes(content)
    pd.testing.assert_frame_equal(rows_of(dbt(tmp_path, *STAGING, database=database)), plain)


def test_typed_parquet_gives_the_same_rows(dbt, database: Path, plain: pd.DataFrame, tmp_path: Path) -> None:
    frame = pd.DataFrame(cla_rows(), columns=list(CLA_COLUMNS)).replace("", None)
    frame = frame.astype({"CLA_CLA_LA": int}).assign(CLA_DATE_EPI_COMM=pd.to_datetime(frame.CLA_DATE_EPI_COMM))
    frame.to_parquet(tmp_path / "CLA_2006_to_2018.parquet")
    pd.testing.assert_frame_equal(rows_of(dbt(tmp_path, *STAGING, database=database)), plain)


def test_a_moment_is_of_its_day_in_england_whatever_the_zone(dbt, database: Path, tmp_path: Path) -> None:
    """Midnight of a summer day is the day before in UTC; 1 January 1800, which stands for unknown, stays that day."""
    frame = pd.DataFrame(cla_rows(5), columns=list(CLA_COLUMNS)).assign(CLA_DATE_EPI_COMM=MOMENTS)
    frame.to_parquet(tmp_path / "CLA_2006_to_2018.parquet")
    for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
        rows = rows_of(dbt(tmp_path, *STAGING, database=database, TZ=zone))
        assert sorted(rows.episode_start_date.dropna().astype(str).str[:10]) == DAYS
        assert rows.value_findings.dropna().tolist() == ["sentinel:episode_start_date"]


def test_an_unchanged_file_is_read_from_its_columnar_copy_and_a_changed_one_again(dbt, database: Path, tmp_path: Path) -> None:
    extract, cache = whole(tmp_path / "extract"), tmp_path / "copies"
    foreign = write(cache, CLA_2006_to_2018__txt__snappy__parquet="of somebody else") / "CLA_2006_to_2018.txt.snappy.parquet"
    without = rows_of(dbt(extract, *STAGING, database=database))

    def rows_with_copies() -> tuple[pd.DataFrame, dict[str, tuple[str, int]]]:
        found = rows_of(dbt(extract, *STAGING, database=database, MOJ_DFE_CACHE=str(cache)))
        with duckdb.connect(str(database), read_only=True) as connection:
            views = " ".join(sql for (sql,) in connection.execute("select sql from duckdb_views() where schema_name = 'raw'").fetchall())
        assert "read_csv" not in views and "read_parquet" in views
        copies = {path.name.rsplit(".", 2)[0]: (path.name, path.stat().st_mtime_ns) for path in cache.iterdir() if path != foreign}
        assert copies.keys() == {path.name for path in extract.iterdir()}
        return found, copies

    first, made = rows_with_copies()
    again, kept = rows_with_copies()
    pd.testing.assert_frame_equal(first, without)
    pd.testing.assert_frame_equal(again, without)
    assert kept == made

    changed = next(path for path in extract.iterdir() if path.name.startswith("CLA"))
    changed.write_bytes(changed.read_bytes().rstrip().rpartition(b"\n")[0] + b"\n")
    shorter, renewed = rows_with_copies()
    assert len(shorter) == len(without) - 1
    assert {name for name in made if renewed[name] != made[name]} == {changed.name}

    assert foreign.exists()
    cut = cache / renewed[changed.name][0]
    cut.write_bytes(cut.read_bytes()[:500])
    pd.testing.assert_frame_equal(rows_with_copies()[0], shorter)


def test_tables_loaded_before_give_the_same_rows(dbt, database: Path, plain: pd.DataFrame, tmp_path: Path) -> None:
    frame = pd.DataFrame(cla_rows(), columns=list(CLA_COLUMNS))  # noqa: F841 - read by name in the SQL below
    with duckdb.connect(str(database)) as connection:
        connection.execute('create schema "As sent"; create table "As sent"."CLA_2006_to_2018" as select * from frame')
    run = dbt(tmp_path, *STAGING, database=database, MOJ_DFE_LOADED_SCHEMA="as sent")
    pd.testing.assert_frame_equal(rows_of(run), plain)


def test_typed_columns_of_loaded_tables_give_the_same_rows(dbt, database: Path, plain: pd.DataFrame, tmp_path: Path) -> None:
    """Decimal zeros are no part of a code or an id, and "not a number" is a blank."""
    frame = pd.DataFrame(cla_rows(), columns=list(CLA_COLUMNS))  # noqa: F841 - read by name in the SQL below
    with duckdb.connect(str(database)) as connection:
        connection.execute("""
            create schema typed; create table typed."CLA_2006" as
            select
                * replace (
                    cast(CLA_CLA_LA as decimal(10, 2)) as CLA_CLA_LA, cast(CLA_DATE_EPI_COMM as timestamp) as CLA_DATE_EPI_COMM,
                    cast(CLA_DATE_EPI_CEASED as date) as CLA_DATE_EPI_CEASED
                ),
                cast('nan' as double) as CLA_REASON_PLACE_CHANGE
            from frame
        """)
    run = dbt(tmp_path, *STAGING, database=database, MOJ_DFE_LOADED_SCHEMA="typed")
    pd.testing.assert_frame_equal(rows_of(run), plain)


def test_signs_in_names_stand_for_no_other_file_and_no_column(dbt, database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "it's [b] CLA_PLACEMENT=zz" / "CLA_REC=zz"
    write(folder, **{"CLA_[1]__txt": text(CLA_COLUMNS, cla_rows(12)), "CLA_1__txt": text(CLA_COLUMNS, cla_rows(20))})
    pd.DataFrame(cla_rows(30), columns=list(CLA_COLUMNS)).to_parquet(folder / "CLA_[2].parquet")
    pd.DataFrame(cla_rows(40), columns=list(CLA_COLUMNS)).to_parquet(folder / "CLA_2.parquet")
    run = dbt(folder, *STAGING, database=database)
    assert run.result.success, run.output
    rows = run.table("staging.stg_cla__episodes")
    assert rows.groupby("source_file").size().to_dict() == {"CLA_[1].txt": 12, "CLA_1.txt": 20, "CLA_[2].parquet": 30, "CLA_2.parquet": 40}
    assert set(rows.placement_code) == {"Q2"} and set(rows.reason_ceased_code) == {"E8"}


def test_years_of_one_table_may_differ_in_form_and_columns(dbt, database: Path, tmp_path: Path) -> None:
    columns = ["PupilMatchingRefAnonymous", "AcademicYear", "LA"]
    later = [[*row, "1"] for row in census_rows()]
    write(
        tmp_path,
        Spring_PLASC_2006__csv=text([f"{name}_SPR06" for name in columns], [[r[0], "2005/2006", "330"] for r in later], ","),
        Spring_Census_2012__txt=text(
            [f"{name.lower()}_spr12" for name in [*columns, "OnRoll"]], [[r[0], "2011/12", "330", "1"] for r in later]
        ),
    )
    run = dbt(tmp_path, "run", "--select", "stg_npd__school_census", "stg_extract__columns", database=database)
    assert run.result.success, run.output
    rows = run.table("staging.stg_npd__school_census").groupby("academic_year_end").is_on_roll.agg(["size", "count"])
    assert rows.to_dict("index") == {2006: {"size": 60, "count": 0}, 2012: {"size": 60, "count": 60}}
    columns = run.table("staging.stg_extract__columns").query("column_name == 'on_roll' and source_table == 'npd.school_census'")
    assert columns.set_index("source_file").is_delivered.to_dict() == {
        "Spring_PLASC_2006.csv": False,
        "Spring_Census_2012.txt": True,
    }


def test_a_wide_file_may_have_few_slots_and_gaps_among_them(dbt, database: Path, tmp_path: Path) -> None:
    """Every filled slot is a row, so is an empty one before it, and a row without any; a column that lacks a slot is blank there."""
    columns = ["PupilMatchingRefAnonymous", "AcademicYear", "Category_1", "Sessions_1", "Category_2", "Category_3", "TotalFixedExclusions"]
    wide = [
        ["full", "2011/2012", "FIXD", "4", "PERM", "LNCH", "2"],
        ["gap", "2011/2012", "", "", "FIXD", "", "1"],
        ["unharmed", "2011/2012", "", "", "", "", "0"],
        ["cut", "2011/2012", "FIXD", "2"],  # a line without its last fields: no value is read
    ]
    long = [["alone", "2012/2013", "PERM", ""]]
    write(tmp_path, Exclusions_2012__txt=text(columns, wide), Exclusions_2013__txt=text(["PMR", "ACADYR", "Category", "Sessions"], long))
    run = dbt(tmp_path, "run", "--select", "stg_npd__exclusions", database=database)
    assert run.result.success, run.output
    rows = run.table("staging.stg_npd__exclusions").astype(object)
    rows = rows.where(rows.notna(), None)
    names = ["pupil_id", "slot_number", "exclusion_category_code", "n_sessions_lost", "n_fixed_exclusions_stated"]
    assert sorted(rows[names].itertuples(index=False, name=None), key=str) == sorted([
        ("full", 1, "FIXD", 4, 2), ("full", 2, "PERM", None, 2), ("full", 3, "LNCH", None, 2),
        ("gap", 1, None, None, 1), ("gap", 2, "FIXD", None, 1),
        ("unharmed", 0, None, None, 0),
        (None, 0, None, None, None),
        ("alone", 0, "PERM", None, None),
    ], key=str)  # fmt: skip
