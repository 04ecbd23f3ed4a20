"""Schooling as it was lived is recovered: exactly without dirt, and with dirt for all but those whom a planted fault hit."""

from __future__ import annotations

import pandas as pd
from conftest import Run

OUTCOMES = (
    "n_years_observed", "n_years_missing", "n_schools", "n_unexpected_moves", "ever_in_alternative_provision", "n_alternative_provision_years",
    "n_secondary_sessions_possible", "n_secondary_authorised_absence", "n_secondary_unauthorised_absence", "n_secondary_overall_absence",
    "ever_persistently_absent", "ever_persistently_absent_rule_of_the_time", "ever_persistently_absent_unauthorised_other",
    "first_persistent_absence_date", "n_suspensions", "n_suspension_sessions_lost", "first_suspension_date", "n_permanent_exclusions",
    "first_permanent_exclusion_date", "ks2_academic_year_end", "achieved_ks2_english", "achieved_ks2_maths", "ks4_academic_year_end",
    "ks4_setting", "achieved_level2_english_maths", "achieved_five_good_passes_english_maths", "achieved_five_passes_english_maths",
    "achieved_any_pass", "achieved_ebacc", "attainment_8_score",
)  # fmt: skip
OF_PUPILS = {"ever_free_school_meals": "ever_free_school_meals_seen", "sen_provision_ever": "sen_provision_ever"}
SCHOOL_TABLES = {"census", "pru", "ap", "absence", "exclusions", "exclusions_long", "ks2", "ks4"}


def misses(run: Run) -> pd.DataFrame:
    """For each pupil of the project, whether each outcome differs from the truth; missing equals missing."""
    share = run.extract.name
    truth = pd.read_parquet(run.extract.parent / "truth" / "pupils.parquet").dropna(subset="pupil_id").set_index("pupil_id")
    found = run.table("marts.education_outcomes").set_index("pupil_id")
    pupils = run.table("marts.pupils").set_index("pupil_id")
    found = found[pupils.loc[found.index, "is_in_education_data"].fillna(False)]
    assert set(found.index) <= set(truth.index)
    truth, pupils = truth.loc[found.index], pupils.loc[found.index]
    columns = {name: (found[name], name) for name in OUTCOMES} | {name: (pupils[name], lived) for name, lived in OF_PUPILS.items()}
    table = {}
    for name, (seen, lived) in columns.items():
        lived = truth[f"{share}_{lived}"]
        if name.endswith("_date"):
            seen, lived = pd.to_datetime(seen), pd.to_datetime(lived)
        elif name not in ("ks4_setting", "sen_provision_ever"):
            seen, lived = seen.astype(float), lived.astype(float)
        table[name] = ~((seen.isna() & lived.isna()) | (seen == lived).fillna(False).astype(bool))
    return pd.DataFrame(table)


def test_without_dirt_every_outcome_of_every_pupil_is_the_true_one(built_clean: Run) -> None:
    wrong = misses(built_clean)
    assert len(wrong) > 1_000
    assert wrong.sum()[wrong.any()].to_dict() == {}


def test_the_clean_world_exercises_every_outcome(built_clean: Run) -> None:
    found = built_clean.table("marts.education_outcomes")
    for name in OUTCOMES:
        assert found[name].nunique() > 1, name
    assert {"state", "independent"} <= set(found.ks4_setting.dropna())


# Faults after which nobody could know better; every other kind must be seen through.
BEYOND_REPAIR = {
    "missing_pmr", "missing_academic_year", "missing_sessions", "unknown_codes", "sentinel_dates", "unreadable_dates", "conflicting_birth",
    "dual_registration",
}  # fmt: skip


def test_with_dirt_misses_are_few_and_each_is_a_planted_fault(built_dirty: Run) -> None:
    wrong = misses(built_dirty)
    assert len(wrong) > 4_000
    assert (wrong.mean() <= 0.005).all(), wrong.mean()[wrong.mean() > 0.005].to_dict()
    assert wrong.any(axis=None), "the dirt does not touch schooling"
    ledger = pd.read_parquet(built_dirty.extract.parent / "truth" / "dirt_ledger.parquet")
    share = {"first_share": "first", "all_episodes_share": "all-episodes"}[built_dirty.extract.name]
    mine = ledger[(ledger.share == share) & ledger.table.isin(SCHOOL_TABLES)]
    hit = set(mine[mine.kind.isin(BEYOND_REPAIR)].key.str.split("|").str[0])
    hit |= set(mine[mine.kind == "malformed_lines"].before.str.split("\t").str[0])  # the broken line itself
    assert not set(wrong.index[wrong.any(axis=1)]) - hit
