"""The marts of justice against an independent recomputation in pandas, from the raw files and the written definitions."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from conftest import Run
from recompute_justice import orders, outcomes
from recompute_social_care import cleaned_children
from recomputed import disagreements, read_seed, schooling
from test_justice_truth import tidy

SCHOOL_EVENTS = {
    "suspension": "ever_suspended", "permanent_exclusion": "ever_permanently_excluded", "persistent_absence": "ever_persistently_absent",
}  # fmt: skip


def orders_of_pupils(extract: Path, outcomes: pd.DataFrame) -> pd.DataFrame:
    """The mart `care_and_offending_order`, with social care and school worked out from the raw files as well."""
    school = schooling(extract)["education_outcomes"].set_index("pupil_id").to_dict("index")
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
    assert set(found.columns) == set(expected.columns)

    mart = run.table("marts.sanctions")
    columns = list(sanctioned.columns)
    texts = [
        sorted("|".join(f"{value}" for value in row) for row in zip(*(tidy(rows[name]).map(lambda v: f"{v:g}" if isinstance(v, float) else str(v)) for name in columns)))
        for rows in (sanctioned, mart)
    ]  # fmt: skip
    assert texts[0] == texts[1]
    assert set(mart.columns) == set(columns)

    expected_orders = orders_of_pupils(run.extract, expected)
    found_orders = run.table("marts.care_and_offending_order")
    assert found_orders.contact_and_offence_order.notna().mean() > 0.95
    assert found_orders.suspension_and_offence_order.isna().sum() > 10
    assert disagreements(expected_orders, found_orders) == {}
    assert set(found_orders.columns) == set(expected_orders.columns)


def test_every_outcome_sanction_and_order_of_the_sample_agrees(built: Run) -> None:
    compare(built)


def test_every_outcome_sanction_and_order_of_a_spoiled_world_agrees(built_dirty: Run) -> None:
    compare(built_dirty)
