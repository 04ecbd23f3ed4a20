"""The marts of justice against an independent recomputation in pandas, from the raw files and the written definitions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
from conftest import Run
from recompute_education import recompute_education
from recompute_justice import orders, outcomes
from recompute_social_care import cleaned_children
from test_justice_truth import tidy
from test_recompute import read_seed

# The columns of each mart that are not compared here.
NOT_RECOMPUTED = {
    "justice_outcomes": {"first_reception_date", "n_receptions_of_unknown_end"},
    "sanctions": {
        "sanction_number", "is_offence_date_from_sentence", "is_sentence_before_offence", "sanction_kind", "severity_rank", "main_offence_text",
        "is_serious_violence", "serious_violence_date", "is_youth",
    },
    "care_and_offending_order": set(),
}  # fmt: skip
SCHOOL_EVENTS = {
    "suspension": "ever_suspended", "permanent_exclusion": "ever_permanently_excluded", "persistent_absence": "ever_persistently_absent",
}  # fmt: skip


def disagreements(expected: pd.DataFrame, actual: pd.DataFrame) -> dict[str, int]:
    """Number of pupils on which each recomputed column differs from the mart."""
    expected, actual = expected.set_index("pupil_id"), actual.set_index("pupil_id")
    assert not expected.index.symmetric_difference(actual.index).size, "not the same pupils"
    counts = {}
    for name in expected.columns:
        left, right = tidy(expected[name]), tidy(actual.loc[expected.index, name])
        differs = (left != right) & ~(left.isna() & right.isna())
        if differs.any():
            counts[name] = int(differs.sum())
    return counts


def orders_of_pupils(extract: Path, births: dict[str, date | None], outcomes: pd.DataFrame) -> pd.DataFrame:
    """The mart `care_and_offending_order`, with social care and school worked out from the raw files as well."""
    months = {pupil: (day.year, day.month) if day else None for pupil, day in births.items()}
    schooling = recompute_education(extract, recodes=read_seed("recodes/recodes.csv"), births=months)["education_outcomes"]
    school = schooling.set_index("pupil_id").to_dict("index")
    children = cleaned_children(extract, read_seed)
    rows = []
    for outcome in outcomes.to_dict("records"):
        pupil = outcome["pupil_id"]
        mine = school[pupil]
        events = {
            event: (mine[f"first_{event}_date"], mine[f"first_{event}_date_precision"]) if mine[ever] else None
            for event, ever in SCHOOL_EVENTS.items() if pd.notna(mine[ever])
        }  # fmt: skip
        rows.append({"pupil_id": pupil} | orders(outcome, children.first_days_of(pupil), events, children.is_taught[pupil]))
    return pd.DataFrame(rows, dtype=object)


def compare(run: Run) -> None:
    pupils = run.table("marts.pupils")
    days = pd.to_datetime(pupils.notional_birth_date)
    births = {pupil: day.date() if pd.notna(day) else None for pupil, day in zip(pupils.pupil_id, days)}
    expected, sanctioned = outcomes(run.extract, births)
    found = run.table("marts.justice_outcomes")
    assert (found.n_sanctions > 0).sum() > 60
    assert disagreements(expected, found) == {}
    assert set(found.columns) - set(expected.columns) == NOT_RECOMPUTED["justice_outcomes"]

    mart = run.table("marts.sanctions")
    columns = list(sanctioned.columns)
    texts = [
        sorted("|".join(f"{value}" for value in row) for row in zip(*(tidy(rows[name]).map(lambda v: f"{v:g}" if isinstance(v, float) else str(v)) for name in columns)))
        for rows in (sanctioned, mart)
    ]  # fmt: skip
    assert texts[0] == texts[1]
    assert set(mart.columns) - set(columns) == NOT_RECOMPUTED["sanctions"]

    expected_orders = orders_of_pupils(run.extract, births, expected)
    found_orders = run.table("marts.care_and_offending_order")
    assert found_orders.contact_and_offence_order.notna().mean() > 0.95
    assert found_orders.suspension_and_offence_order.isna().sum() > 10
    assert disagreements(expected_orders, found_orders) == {}
    assert set(found_orders.columns) - set(expected_orders.columns) == NOT_RECOMPUTED["care_and_offending_order"]


def test_every_outcome_sanction_and_order_of_the_sample_agrees(built: Run) -> None:
    compare(built)


def test_every_outcome_sanction_and_order_of_a_spoiled_world_agrees(built_dirty: Run) -> None:
    compare(built_dirty)
