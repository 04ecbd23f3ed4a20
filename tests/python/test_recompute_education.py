"""Schooling against an independent recomputation in pandas, from the raw files and the written definitions."""

from __future__ import annotations

import pytest
from conftest import Run
from recompute import PUPIL_COLUMNS
from recomputed import disagreements, schooling

KEYS = {"education_outcomes": ("pupil_id",), "pupils": ("pupil_id",), "pupil_school_years": ("pupil_id", "academic_year_end")}
# The columns of each mart that are not compared here: labels, names, and what `pupils` has of the person (test_recompute).
NOT_RECOMPUTED = {
    "education_outcomes": {"main_suspension_reason_label"},
    "pupils": {"ethnicity_minor_label", "ethnicity_major_label", "local_authority_name", "region_name"} | (set(PUPIL_COLUMNS) - {"pupil_id"}),
    "pupil_school_years": set(),
}


def compare(run: Run, mart: str) -> None:
    expected, actual = schooling(run.extract)[mart], run.table(f"marts.{mart}")
    assert len(expected) > 2_300
    assert disagreements(expected, actual, KEYS[mart]) == {}
    assert set(actual.columns) - set(expected.columns) == NOT_RECOMPUTED[mart]


@pytest.mark.parametrize("mart", KEYS)
def test_every_column_agrees_for_every_row(built: Run, mart: str) -> None:
    compare(built, mart)


@pytest.mark.parametrize("mart", KEYS)
def test_every_column_agrees_for_every_row_of_a_spoiled_world(built_dirty: Run, mart: str) -> None:
    compare(built_dirty, mart)


def test_the_ledger_counts_the_same_rows(built: Run) -> None:
    expected = schooling(built.extract)["ledger"]
    ledger = built.table("quality.quality_row_ledger")
    ledger = ledger[ledger.effect.isin(["used", "dropped", "merged"]) & ledger.source_table.isin(expected.source_table)]
    # which of two like rows is a duplicate and which another registration or result hangs on columns that only one side reads
    like = dict.fromkeys(("exact_duplicate", "other_registration", "other_result"), "duplicate or merged")
    left = expected.assign(rule=expected.rule.replace(like)).groupby(["source_table", "rule"]).n_rows.sum()
    right = ledger.assign(rule=ledger.rule_id.replace(like)).groupby(["source_table", "rule"]).n_rows.sum()
    assert left.to_dict() == right.to_dict()
