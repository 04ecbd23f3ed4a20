"""The marts of justice against an independent recomputation in pandas, from the raw files and the written definitions."""

from __future__ import annotations

import pandas as pd
from conftest import Run
from recompute_justice import orders, outcomes
from test_justice_truth import tidy


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

    mart = run.table("marts.sanctions")
    columns = list(sanctioned.columns)
    texts = [
        sorted("|".join(f"{value}" for value in row) for row in zip(*(tidy(rows[name]).map(lambda v: f"{v:g}" if isinstance(v, float) else str(v)) for name in columns)))
        for rows in (sanctioned, mart)
    ]  # fmt: skip
    assert texts[0] == texts[1]

    order = run.table("marts.care_and_offending_order").set_index("pupil_id")
    levels = run.table("intermediate.int_social_care_level_changes")
    first_offence = {pupil: day for pupil, day in zip(expected.pupil_id, expected.first_offence_date)}
    for level in ("contact", "child_in_need", "child_protection_plan", "child_looked_after"):
        shown = order[f"{level}_and_offence_order"].dropna()
        recomputed = orders(first_offence, levels, level)
        assert len(shown) > 0.95 * len(order)
        assert {pupil: recomputed[pupil] for pupil in shown.index} == shown.to_dict()


def test_every_outcome_sanction_and_order_of_the_sample_agrees(built: Run) -> None:
    compare(built)


def test_every_outcome_sanction_and_order_of_a_spoiled_world_agrees(built_dirty: Run) -> None:
    compare(built_dirty)
