"""The timeline against an independent recomputation, day by day from the raw files; and its events against the tables they come from."""

from __future__ import annotations

import pandas as pd
from conftest import Run
from recompute_timeline import recompute_timeline
from recomputed import plain, read_seed

# The columns of each mart that are not compared here: those of the person, and what other marts say of the year.
NOT_RECOMPUTED = {
    "follow_up": set(),
    "at_risk_spells": {"sex_code", "ethnicity_major_code", "cohort_academic_year", "local_authority_code"},
    "pupil_years": {
        "social_care_level", "days_in_care", "schooling_status", "national_curriculum_year", "local_authority_code",
        "is_free_school_meals_eligible", "sen_provision", "n_sessions_possible", "n_overall_absence", "is_persistently_absent", "n_suspensions",
        "n_permanent_exclusions",
    },
    "justice_years": set(),
}  # fmt: skip


def test_every_day_at_risk_and_every_year_of_a_spoiled_world_agrees(built_dirty: Run) -> None:
    panel = built_dirty.table("marts.pupil_years")
    expected = recompute_timeline(built_dirty.extract, read_seed, built_dirty.table("marts.pupils"), int(panel.academic_year_end.max()))
    for name, rows in expected.items():
        columns, found = list(rows.columns), built_dirty.table(f"marts.{name}")
        assert len(rows) > 100, name
        pd.testing.assert_frame_equal(plain(found, columns), plain(rows, columns), obj=name)
        assert set(found.columns) - set(columns) == NOT_RECOMPUTED[name], name


def test_the_timeline_holds_every_dated_event_of_every_source_once(built_all_episodes: Run) -> None:
    events = built_all_episodes.table("marts.pupil_events")
    pupils = set(built_all_episodes.table("marts.pupils").pupil_id)
    found = events.groupby(["event_kind", "pupil_id"]).size()

    def rows(mart: str, date: str = "", where: str = "") -> pd.Series:
        table = built_all_episodes.table(f"marts.{mart}")
        table = table[table.pupil_id.isin(pupils)]
        table = table.dropna(subset=date) if date else table
        return (table[table[where].eq(True)] if where else table).groupby("pupil_id").size()

    def summed(mart: str, column: str) -> pd.Series:
        counts = built_all_episodes.table(f"marts.{mart}").groupby("pupil_id")[column].sum()
        return counts[counts > 0]

    expected = {
        "birth": rows("pupils", "notional_birth_date"), "referral": rows("child_in_need_episodes", "referral_date"),
        "child_protection_plan": rows("child_protection_plans", "plan_start_date"), "care_spell": rows("care_spells"), "placement": rows("placements"),
        "school_year": rows("pupil_school_years", where="is_in_school_census"), "persistent_absence": rows("pupil_school_years", where="is_persistently_absent"),
        "ks2_result": rows("pupil_school_years", where="is_in_ks2_results"), "ks4_result": rows("pupil_school_years", where="is_in_ks4_results"),
        "suspension": summed("education_outcomes", "n_suspensions"), "permanent_exclusion": summed("education_outcomes", "n_permanent_exclusions"),
        "sanction": rows("sanctions"), "custody": summed("justice_outcomes", "n_receptions"),
    }  # fmt: skip
    for kind, counts in expected.items():
        assert found[kind].to_dict() == counts.to_dict(), kind
        assert len(counts) > 3, kind
    outcomes = built_all_episodes.table("marts.justice_outcomes").set_index("pupil_id")
    for court in ("magistrates", "crown"):
        seen = outcomes[f"ever_{court}_court"]
        assert set(found[f"{court}_case"].index) == set(seen[seen.eq(True)].index)
    order = events.sort_values(["pupil_id", "event_number"])
    assert (order.groupby("pupil_id").cumcount() + 1 == order.event_number).all()
    assert order.groupby("pupil_id").start_date.is_monotonic_increasing.all()
