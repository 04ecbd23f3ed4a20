"""The synthetic truth is recovered: in a world without dirt, what the project finds is what was lived and reported."""

from __future__ import annotations

import pandas as pd
from conftest import CLEAN_PUPILS, Run

COLUMNS = (
    "social_care_level", "ever_child_looked_after", "has_respite_only", "n_care_episodes_observed", "care_days_observed",
    "first_care_date", "ever_child_in_need", "years_child_in_need", "ever_child_protection_plan",
    "cpp_by_category_of_abuse", "cpp_by_previous_plans",
)  # fmt: skip


def test_every_pupil_has_the_true_exposure(built_clean: Run) -> None:
    share = built_clean.extract.name
    found = built_clean.table("marts.social_care_exposures").set_index("pupil_id")
    truth = pd.read_parquet(built_clean.extract.parent / "truth" / "pupils.parquet").dropna(subset="pupil_id").set_index("pupil_id")
    assert len(found) > 0.9 * CLEAN_PUPILS and set(found.index) <= set(truth.index)
    assert (found.social_care_level == "child_looked_after").sum() > 30
    wrong = {}
    for name in COLUMNS:
        lived, seen = truth.loc[found.index, f"{share}_{name}"], found[name]
        if name.endswith("_date"):
            lived, seen = pd.to_datetime(lived), pd.to_datetime(seen)
        elif name == "care_days_observed":
            seen = seen.fillna(0)  # the truth counts 0 days where there was no care; the mart has no duration to show
        same = (lived.isna() & seen.isna()) | (lived.astype(object).where(lived.notna()) == seen.astype(object).where(seen.notna()))
        if not same.all():
            wrong[name] = int((~same).sum())
    assert wrong == {}
    asylum = found.ever_unaccompanied_asylum_seeker
    if share == "first_share":
        assert asylum.isna().all()  # it lacks the column
    else:
        in_care = found.ever_child_looked_after | found.has_respite_only
        assert (asylum == (truth.loc[found.index, "is_uasc"] & in_care)).all() and asylum.sum() > 0
