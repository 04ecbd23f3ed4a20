"""Schooling against an independent recomputation in pandas, from the raw files and the written definitions."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from conftest import Run
from recompute import PUPIL_COLUMNS
from recompute_education import recompute_education
from test_recompute import read_seed, recomputed

KEYS = {"education_outcomes": ["pupil_id"], "pupils": ["pupil_id"], "pupil_school_years": ["pupil_id", "academic_year_end"]}
# The columns of each mart that are not compared here: labels, names, and what `pupils` has of the person (test_recompute).
NOT_RECOMPUTED = {
    "education_outcomes": {"main_suspension_reason_label"},
    "pupils": {"ethnicity_minor_label", "ethnicity_major_label", "local_authority_name", "region_name"} | (set(PUPIL_COLUMNS) - {"pupil_id"}),
    "pupil_school_years": set(),
}


def schooling(extract: Path, **options) -> dict[str, pd.DataFrame]:
    """The recomputation, with births from the other one."""
    pupils = recomputed(extract)["pupils"]
    births = {
        row.pupil_id: None if pd.isna(row.birth_year) else (int(row.birth_year), int(row.birth_month)) for row in pupils.itertuples()
    }
    return recompute_education(extract, recodes=read_seed("recodes/recodes.csv"), births=births, **options)


def disagreements(expected: pd.DataFrame, actual: pd.DataFrame, keys: list[str]) -> dict[str, int]:
    """Number of rows on which each recomputed column differs from the mart; missing equals missing."""
    expected, actual = expected.set_index(keys).sort_index(), actual.set_index(keys).sort_index()
    assert not expected.index.symmetric_difference(actual.index).size, "not the same rows"
    counts = {}
    for name in expected.columns:
        left, right = expected[name], actual[name]
        if name.endswith("_date"):
            left, right = pd.to_datetime(left), pd.to_datetime(right)
        if name.endswith("_rate"):
            same = (left.isna() & right.isna()) | ((left.astype(float) - right.astype(float)).abs() < 1e-12)
        else:
            same = (left.isna() & right.isna()) | (left.astype(object).where(left.notna()) == right.astype(object).where(right.notna()))
        if not same.all():
            counts[name] = int((~same).sum())
    return counts


@pytest.fixture(scope="module")
def expected_of() -> dict[Path, dict[str, pd.DataFrame]]:
    return {}


@pytest.mark.parametrize("mart", KEYS)
def test_every_column_agrees_for_every_row(built: Run, expected_of: dict, mart: str) -> None:
    if built.extract not in expected_of:
        expected_of[built.extract] = schooling(built.extract)
    expected, actual = expected_of[built.extract][mart], built.table(f"marts.{mart}")
    assert len(expected) > 2_300
    assert disagreements(expected, actual, KEYS[mart]) == {}
    assert set(actual.columns) - set(expected.columns) == NOT_RECOMPUTED[mart]


def test_the_ledger_counts_the_same_rows(built: Run, expected_of: dict) -> None:
    if built.extract not in expected_of:
        expected_of[built.extract] = schooling(built.extract)
    expected = expected_of[built.extract]["ledger"]
    ledger = built.table("quality.quality_row_ledger")
    ledger = ledger[ledger.effect.isin(["used", "dropped", "merged"]) & ledger.source_table.isin(expected.source_table)]
    # which of two like rows is a duplicate and which another registration or result hangs on columns that only one side reads
    like = dict.fromkeys(("exact_duplicate", "other_registration", "other_result"), "duplicate or merged")
    left = expected.assign(rule=expected.rule.replace(like)).groupby(["source_table", "rule"]).n_rows.sum()
    right = ledger.assign(rule=ledger.rule_id.replace(like)).groupby(["source_table", "rule"]).n_rows.sum()
    assert left.to_dict() == right.to_dict()
