"""The comparison of contenders: what counts as the same cell, and what is told of two files that differ; and the profile of the models."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
from compare import differences, plain_value  # noqa: E402
from profile_models import tables  # noqa: E402
from run import table as table_of_contenders  # noqa: E402

COLUMNS = {"pupil_id": "text", "n_sanctions": "number", "ever_in_need": "flag", "first_date": "date"}
HEADER = "pupil_id,n_sanctions,ever_in_need,first_date\n"


def value_of(text: str, kind: str):
    return duckdb.execute(f"select {plain_value('cell', kind)} from (select ? as cell)", [text]).fetchone()[0]


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [("1", "1.0", "number"), ("true", "True", "flag"), ("1", "TRUE", "flag"), ("0.0", "false", "flag"), ("", "NA", "date"), ("2012-02-29", "2012-02-29 00:00:00", "date")],
)
def test_one_value_in_two_spellings_is_the_same(one: str, other: str, kind: str) -> None:
    assert value_of(one, kind) == value_of(other, kind)


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [("0", "", "number"), ("false", "", "flag"), ("1", "2", "number"), ("21.0", "21.5", "number"), ("2012-02-29", "2012-03-01", "date"), ("07", "7", "text"), ("true", "false", "flag")],
)
def test_two_values_are_not_the_same(one: str, other: str, kind: str) -> None:
    assert value_of(one, kind) != value_of(other, kind)


def test_a_word_is_no_flag() -> None:
    with pytest.raises(duckdb.Error, match="not a flag"):
        value_of("perhaps", "flag")


def compared(tmp_path: Path, one: str, other: str) -> dict[str, int]:
    (tmp_path / "one.csv").write_text(HEADER + one)
    (tmp_path / "other.csv").write_text(other)
    return differences(tmp_path / "one.csv", tmp_path / "other.csv", COLUMNS)


def test_files_that_agree_but_for_order_and_spelling_differ_nowhere(tmp_path: Path) -> None:
    other = "first_date,extra,ever_in_need,pupil_id,n_sanctions\n,x,0,B,0\n2010-01-31,y,True,A,2.0\n"
    assert compared(tmp_path, "A,2,true,2010-01-31\nB,0,false,\n", other) == {}


def test_each_cell_and_row_that_differs_is_counted(tmp_path: Path) -> None:
    one = "A,2,true,2010-01-31\nB,0,false,\nC,1,true,\n"
    other = HEADER + "A,3,true,2010-02-01\nA,2,true,2010-01-31\nB,,false,\nD,1,true,\n"
    assert compared(tmp_path, one, other) == {"n_sanctions": 2, "first_date": 1, "repeated rows": 1, "extra rows": 1, "missing rows": 1}


def test_a_column_that_is_not_there_differs_in_every_row(tmp_path: Path) -> None:
    assert compared(tmp_path, "A,2,true,\nB,0,false,\n", "pupil_id,n_sanctions,ever_in_need\nA,2,true\nB,0,false\n") == {"first_date": 2}


def of_size(pupils: int, wall: float, **seconds: float) -> dict:
    models = [{"model": name, "seconds": each, "rows": None if name == "a_view" else pupils, "bytes": 2_000_000, "spill": 0} for name, each in seconds.items()]
    return {
        "took": {"status": "done", "wall": wall, "cpu": 2 * wall, "memory": 3e9}, "pupils": pupils, "files": 1e9, "database": 5e9, "spill": 0, "threads": 1,
        "memory_limit": "8GB", "machine": "a machine", "date": "2020-01-31", "models": models,
    }


def test_profiles_of_two_sizes_stand_side_by_side() -> None:
    small = of_size(1_000, 10.0, stg_a=1.0, mart=2.0, a_view=1.0, small=0.01)
    large = of_size(10_000, 125.0, mart=60.0, stg_a=25.0, a_view=15.0, small=0.1)
    lines = tables([small, large]).splitlines()
    assert "| wall per pupil, to the first | 1.00 | 1.25 |" in lines
    assert "| of it reading, cleaning and typing text (`stg_`) | 25 % | 25 % |" in lines
    # the slowest of the large first; what took less than one part in two hundred is summed
    assert lines[-4:] == [
        "| `mart` | 2.0 | 1,000 | 2 | 0 | 60.0 | 10,000 | 2 | 0 |",
        "| `stg_a` | 1.0 | 1,000 | 2 | 0 | 25.0 | 10,000 | 2 | 0 |",
        "| `a_view` | 1.0 | view |  | 0 | 15.0 | view |  | 0 |",
        "| others (1) | 0.0 |  |  |  | 0.1 |  |  |  |",
    ]


def test_a_run_that_failed_before_there_were_pupils_has_a_profile() -> None:
    lines = tables([of_size(0, 10.0, stg_a=1.0)]).splitlines()
    assert "| wall per pupil, to the first | nan |" in lines
    assert "| `stg_a` | 1.0 | 0 | 2 | 0 |" in lines


def test_a_contender_that_was_ended_took_longer_than_its_ratio_and_one_that_failed_has_none() -> None:
    done = {"status": "done", "median_wall": 10.0, "min_wall": 9.0, "median_cpu": 19.0, "median_memory": 1e9, "differences": {}}
    contenders = {
        "this project": done,
        "quick": {**done, "median_wall": 4.0, "min_wall": 3.0},
        "wrong": {**done, "differences": {"n_sanctions": 1}},
        "ended": {"status": "not finished", "longest": 151.9},
        "broken": {"status": "failed", "longest": 2.0},
    }
    result = {
        "pupils": 1_000, "text_bytes": 1e9, "rounds": 1, "threads": 2, "machine": "a machine", "date": "2020-01-31", "contenders": contenders,
        "versions": dict.fromkeys(contenders, "1.0"),
    }  # fmt: skip
    assert table_of_contenders(result).splitlines()[4:] == [
        "| this project (1.0) | 10.0 s (9.0) | 1.00 | 19.0 s | 1.00 GB | every cell |",
        "| quick (1.0) | 4.0 s (3.0) | 0.40 | 19.0 s | 1.00 GB | every cell |",
        "| wrong (1.0) | 10.0 s (9.0) | 1.00 | 19.0 s | 1.00 GB | no: does not count |",
        "| ended (1.0) | not finished (152 s) | over 15.1 | | | |",
        "| broken (1.0) | failed (2 s) | | | | |",
    ]
