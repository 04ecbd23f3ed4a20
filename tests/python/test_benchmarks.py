"""The comparison of contenders: what counts as the same cell, and what is told of two files that differ."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
from compare import differences, plain_value  # noqa: E402

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
