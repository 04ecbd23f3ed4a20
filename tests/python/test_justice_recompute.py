"""The marts of justice against an independent recomputation in pandas, from the raw files and the written definitions."""

from __future__ import annotations

import pandas as pd
from conftest import Run
from recompute_justice import orders, outcomes
from test_justice_truth import tidy

LEVELS = ("contact", "child_in_need", "child_protection_plan", "child_looked_after")
SCHOOL = ("suspension", "permanent_exclusion", "persistent_absence")

# The columns of each mart that are not compared here.
NOT_RECOMPUTED = {
    "justice_outcomes": {"n_sanctions_of_unknown_age", "is_first_offence_date_from_sentence", "first_reception_date", "n_receptions_of_unknown_end"},
    "sanctions": {
        "sanction_number", "is_offence_date_from_sentence", "is_sentence_before_offence", "sanction_kind", "severity_rank", "main_offence_text",
        "is_serious_violence", "serious_violence_date", "is_youth",
    },
    "care_and_offending_order": {
        "first_offence_date", "first_offence_date_precision", "first_serious_violence_date",
        *(f"first_{level}_date{part}" for level in LEVELS for part in ("", "_precision")), *(f"days_{level}_to_offence" for level in LEVELS),
        *(f"first_{event}_date{part}" for event in SCHOOL for part in ("", "_precision")),
        *(f"{event}_and_{kind}_order" for event in SCHOOL for kind in ("offence", "serious_violence")),
        *(f"days_{event}_to_{kind}" for event in SCHOOL for kind in ("offence", "serious_violence")),
    },
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

    order = run.table("marts.care_and_offending_order").set_index("pupil_id")
    levels = run.table("intermediate.int_social_care_level_changes")
    first_offence = {pupil: day for pupil, day in zip(expected.pupil_id, expected.first_offence_date)}
    assert set(order.columns) - {f"{level}_and_offence_order" for level in LEVELS} == NOT_RECOMPUTED["care_and_offending_order"]
    for level in LEVELS:
        shown = order[f"{level}_and_offence_order"].dropna()
        recomputed = orders(first_offence, levels, level)
        assert len(shown) > 0.95 * len(order)
        assert {pupil: recomputed[pupil] for pupil in shown.index} == shown.to_dict()


def test_every_outcome_sanction_and_order_of_the_sample_agrees(built: Run) -> None:
    compare(built)


def test_every_outcome_sanction_and_order_of_a_spoiled_world_agrees(built_dirty: Run) -> None:
    compare(built_dirty)
