"""The marts against an independent recomputation in pandas, from the raw files and the written definitions."""

from __future__ import annotations

import pytest
from conftest import SAMPLE, Run
from recomputed import disagreements, recomputed

# The columns of each mart that are not compared here. Of `pupils`: labels, and what schooling and areas tell (test_recompute_education).
NOT_RECOMPUTED = {
    "pupils": {
        "ethnicity_minor_label", "ethnicity_major_label", "first_census_year", "last_census_year", "local_authority_code", "local_authority_name",
        "region_name", "local_authority_year", "home_local_authority_code", "ever_free_school_meals", "free_school_meals_at_15",
        "free_school_meals_at_chosen_age", "has_free_school_meals_conflict", "ever_special_educational_needs", "sen_provision_ever",
        "sen_provision_at_15", "sen_provision_at_chosen_age", "has_sen_conflict", "ever_behaviour_need", "idaci_score_at_15",
        "idaci_score_at_chosen_age",
    },
    "social_care_exposures": set(),
}  # fmt: skip


@pytest.mark.parametrize("mart", NOT_RECOMPUTED)
def test_every_column_agrees_for_every_pupil(built: Run, mart: str) -> None:
    share = built.database.parent.name.removesuffix("0")
    expected, actual = recomputed(SAMPLE / share)[mart], built.table(f"marts.{mart}")
    assert len(expected) > 2_300
    assert disagreements(expected, actual) == {}
    assert set(actual.columns) - set(expected.columns) == NOT_RECOMPUTED[mart]


@pytest.mark.parametrize("share", ["first_share", "all_episodes_share"])
def test_the_switches_of_the_definitions_are_followed(dbt, seeded, share: str) -> None:
    run = dbt(
        SAMPLE / share, "run", "--select", "+social_care_exposures", "--vars", "{count_respite_as_care: true, max_gap_days: 30}", database=seeded(),
    )  # fmt: skip
    assert run.result.success
    expected = recomputed(SAMPLE / share, count_respite_as_care=True, max_gap_days=30)
    assert disagreements(expected["social_care_exposures"], run.table("marts.social_care_exposures")) == {}
    as_defined = recomputed(SAMPLE / share)["social_care_exposures"]
    assert disagreements(expected["social_care_exposures"], as_defined), "the sample does not exercise the switches"


def test_the_ledger_counts_the_same_rows(built: Run) -> None:
    share = built.database.parent.name.removesuffix("0")
    expected = recomputed(SAMPLE / share)["ledger"]
    ledger = built.table("quality.quality_row_ledger")
    ledger = ledger[ledger.effect.isin(["used", "unlinked", "dropped", "merged"])]
    # which of two like rows is called a duplicate and which a second version depends on columns that only one side reads
    like = {"exact_duplicate": "duplicate or merged", "resent_episode": "duplicate or merged", "other_registration": "duplicate or merged"}
    left = expected.assign(rule=expected.rule.replace(like)).groupby(["source_table", "rule"]).n_rows.sum()
    ledger = ledger[ledger.source_table.isin(expected.source_table)]
    right = ledger.assign(rule=ledger.rule_id.replace(like)).groupby(["source_table", "rule"]).n_rows.sum()
    assert left.to_dict() == right.to_dict()
