"""Spells, placements, referrals and plans against an independent recomputation, and against awkward cases worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from conftest import Run
from extracts import text, write
from recomputed import disagreements, plain, social_care

# The columns of each mart that are not compared here.
NOT_RECOMPUTED = {
    "care_spells": {
        "child_key", "entry_category_of_need_label", "entry_legal_status_label", "spell_end_kind",
    },
    "placements": {
        "child_key", "days_away_temporarily", "placement_label", "placement_code_group", "move_kind_after", "reason_place_change_code",
        "reason_place_change_label", "is_open",
    },
    "child_in_need_episodes": {
        "child_key", "la_child_id", "local_authority_code", "initial_conference_date", "primary_need_code", "primary_need_label",
        "reason_for_closure_label", "reason_for_closure_group", "referral_source_code", "referral_source_label", "assessment_factor_codes",
        "extract_shape",
    },
    "child_protection_plans": {
        "child_key", "la_child_id", "local_authority_code", "referral_date", "initial_conference_date", "initial_category_of_abuse_code",
        "initial_category_of_abuse_label", "latest_category_of_abuse_code", "latest_category_of_abuse_label", "n_previous_plans",
    },
    "care_episodes": {"child_key"},
    "social_care_by_year": set(),
}  # fmt: skip


def found_in(run: Run, table: str, expected: pd.DataFrame) -> pd.DataFrame:
    return plain(run.table(f"marts.{table}").dropna(subset="pupil_id"), list(expected.columns))


def compare(run: Run, table: str) -> None:
    expected = social_care(run.extract)[table]
    if table == "child_protection_plans" and run.extract.name == "first_share":
        assert not len(expected) and not len(run.table("marts.child_protection_plans"))
        return
    assert len(expected) > 40
    pd.testing.assert_frame_equal(found_in(run, table, expected), plain(expected, list(expected.columns)))
    assert set(run.table(f"marts.{table}").columns) - set(expected.columns) == NOT_RECOMPUTED[table]


@pytest.mark.parametrize("table", NOT_RECOMPUTED)
def test_every_row_of_the_sample_agrees(built: Run, table: str) -> None:
    compare(built, table)


@pytest.mark.parametrize("table", NOT_RECOMPUTED)
def test_every_row_of_a_spoiled_world_agrees(built_dirty: Run, table: str) -> None:
    compare(built_dirty, table)


def test_every_exposure_of_a_spoiled_world_agrees(built_dirty: Run) -> None:
    assert disagreements(social_care(built_dirty.extract)["social_care_exposures"], built_dirty.table("marts.social_care_exposures")) == {}


CLA = ("cla_PupilMatchingRefAnonymous", "CLA_ACADYR", "CLA_LA", "cla_child_la_code_anon", "cla_child_id_anon", "POC_START", "CAT_NEED", "DATE_EPI_COMM",
       "DATE_EPI_CEASED", "LEGAL_STATUS", "PLACEMENT", "REC", "reason_for_new_episode", "year_of_birth", "month_of_birth")  # fmt: skip
CIN = ("PupilMatchingRefAnonymous", "ACADYR", "CIN_LA", "LAchildID_anon", "YearOfBirth", "MonthOfBirth", "CINat31March", "ReferralNFA", "ReasonForClosure",
       "CINReferralDate", "CINClosureDate", "CategoryOfAbuse", "CPPstartDate", "CPPendDate", "PrimaryNeedCode", "NumberOfPreviousCPP")  # fmt: skip


def episode(child: str, year: int, start: str, end: str, reason: str = "X1", new: str = "P", placement: str = "K2", legal: str = "C2", la: str = "330",
            birth: tuple[int, int] = (2000, 5)) -> list[str]:  # fmt: skip
    return [child, f"{year - 1}/{year}", la, la, child, start, "N1", start, end, legal, placement, reason, new, str(birth[0]), str(birth[1])]


def referral(child: str, year: int, start: str, closed: str = "", in_need: str = "0", nfa: str = "0", reason: str = "", abuse: str = "",
             plan: tuple[str, str] = ("", ""), birth: tuple[int, int] = (2000, 5)) -> list[str]:  # fmt: skip
    return [child, f"{year - 1}/{year}", "330", child, str(birth[0]), str(birth[1]), in_need, nfa, reason, start, closed, abuse, *plan, "N1", ""]


CARE = [
    # overlapping: the first ends in the second; days count once
    episode("overlap", 2012, "2011-05-01", "2011-06-10", new="S"), episode("overlap", 2012, "2011-06-01", "2011-07-01", "E4"),
    # touching: one spell; a day's gap: two
    episode("touch", 2012, "2011-05-01", "2011-06-01", new="S"), episode("touch", 2012, "2011-06-01", "2011-07-01", "E4"),
    episode("gap", 2012, "2011-05-01", "2011-06-01", "E4", new="S"), episode("gap", 2012, "2011-06-02", "2011-07-01", "E4", new="S"),
    # nested: the days after the inner one belong to the spell and to no placement
    episode("nested", 2012, "2011-05-01", "2011-09-01", new="S"), episode("nested", 2012, "2011-06-01", "2011-07-01", "E4"),
    # two moves on one day: the placement of no length is no stay
    episode("same_day", 2012, "2011-05-01", "2011-06-01", new="S"), episode("same_day", 2012, "2011-06-01", "2011-06-01", placement="Q2"),
    episode("same_day", 2012, "2011-06-01", "2011-07-01", "E4", placement="P1"),
    # open, and sent again for years; the placement code is renewed on the way
    episode("resent", 2014, "2013-05-01", "", "-10", "S", "Q2"), episode("resent", 2015, "2013-05-01", "2015-03-31", "-10", "S", "Q2"),
    episode("resent", 2016, "2013-05-01", "2015-06-01", "E4A", "S", "U4"),
    # -10 is open whatever the end says; never returned again, though later years hold others
    episode("minus_10", 2012, "2011-05-01", "2011-06-01", "-10", "S"),
    # two authorities, one spell: S says nothing of the placement, the code does
    episode("handover", 2012, "2011-05-01", "2011-06-01", "E3", "S"), episode("handover", 2012, "2011-06-01", "2011-07-01", "E4", "S", "Q2", la="390"),
    # starts four months before the birth that the returns give
    episode("unborn", 2012, "2011-05-01", "2011-06-01", "E4", "S", birth=(2011, 9)),
    # respite inside care is not care; care goes on around it in two spells
    episode("respite", 2012, "2011-05-01", "2011-06-01", "E4", "S"), episode("respite", 2012, "2011-06-01", "2011-06-05", "E8", "S", legal="V3"),
    episode("respite", 2012, "2011-06-05", "2011-07-01", "E4", "S"),
    # turns 18 on 1 May 2018 in the middle of an episode
    episode("adult", 2018, "2018-03-01", "", "-10", "S"), episode("adult", 2019, "2018-03-01", "2018-06-15", "E5", "S"),
    # home on the 18th birthday: that ends care, not the return
    episode("home_at_18", 2019, "2018-03-01", "2018-05-01", "E4A", "S"),
    # 29 February counts
    episode("leap", 2012, "2012-02-28", "2012-03-01", "E4", "S"),
    # a temporary stay and back: no move; then on to another placement: one
    episode("temporary", 2012, "2011-05-01", "2011-06-01", new="S"), episode("temporary", 2012, "2011-06-01", "2011-06-08", placement="T1"),
    episode("temporary", 2012, "2011-06-08", "2011-07-01"), episode("temporary", 2012, "2011-07-01", "2011-08-01", "E4", new="B", placement="P1"),
    # two temporary stays, the second across the renewal of codes on 1 April 2015: no move
    episode("renewed", 2015, "2015-02-01", "2015-03-01", new="S", placement="Q2"), episode("renewed", 2015, "2015-03-01", "2015-03-08", placement="T1"),
    episode("renewed", 2015, "2015-03-08", "2015-03-20", placement="Q2"), episode("renewed", 2016, "2015-03-20", "2015-04-05", placement="T1"),
    episode("renewed", 2016, "2015-04-05", "2015-05-01", "E4A", placement="U4"),
    # a change of status, or of placement with the same carer, is no move
    episode("status", 2012, "2011-05-01", "2011-06-01", new="S"), episode("status", 2012, "2011-06-01", "2011-07-01", new="L"),
    episode("status", 2012, "2011-07-01", "2011-08-01", "E4", new="T", placement="H5"),
]  # fmt: skip
SPELLS = {  # days of each spell, and moves
    "overlap": [(61, 1)], "touch": [(61, 1)], "gap": [(31, 0), (29, 0)], "nested": [(123, 1)], "same_day": [(61, 1)], "resent": [(761, 0)],
    "minus_10": [(335, 0)], "handover": [(61, 1)], "unborn": [(31, 0)], "respite": [(31, 0), (26, 0)], "adult": [(61, 0)], "leap": [(2, 0)],
    "home_at_18": [(61, 0)], "temporary": [(92, 1)], "renewed": [(89, 0)], "status": [(92, 0)],
}  # fmt: skip
STAYS = {  # group and days of each stay
    "overlap": [("residential", 31), ("residential", 30)], "touch": [("residential", 31), ("residential", 30)],
    "gap": [("residential", 31), ("residential", 29)], "nested": [("residential", 31), ("residential", 30)],
    "same_day": [("residential", 31), ("with_parents", 30)], "resent": [("foster", 761)], "minus_10": [("residential", 335)],
    "handover": [("residential", 31), ("foster", 30)], "unborn": [("residential", 31)], "respite": [("residential", 31), ("residential", 26)],
    "adult": [("residential", 61)], "home_at_18": [("residential", 61)], "leap": [("residential", 2)], "temporary": [("residential", 61), ("with_parents", 31)], "renewed": [("foster", 89)],
    "status": [("residential", 92)],
}  # fmt: skip
NEED = [
    referral("nfa", 2012, "2011-05-01", "2011-05-03", nfa="1"),
    referral("rc8", 2012, "2011-05-01", "2011-06-01", reason="RC8"),
    referral("need", 2012, "2011-05-01", in_need="1"), referral("need", 2013, "2011-05-01", "2012-05-01", reason="RC7"),
    referral("short", 2012, "2011-05-01", "2011-07-01", reason="RC7"),
    # in need on 31 March outweighs the flag of no further action
    referral("both", 2012, "2011-05-01", in_need="1", nfa="1"),
    # a plan on a referral that no 31 March saw in need
    referral("plan", 2012, "2011-05-01", "2012-01-01", reason="RC7", abuse="NEG", plan=("2011-06-01", "2011-12-01")),
    # a plan returned open, then closed; across 29 February
    referral("long_plan", 2012, "2011-05-01", in_need="1", abuse="EMO", plan=("2012-02-28", "")),
    referral("long_plan", 2013, "2011-05-01", "2012-08-01", reason="RC7", abuse="EMO", plan=("2012-02-28", "2012-06-01")),
    # closed before it was referred: no duration
    referral("turned", 2012, "2011-05-01", "2011-04-01", reason="RC7"),
]  # fmt: skip
STAGES = {"nfa": ("referral_only", 2), "rc8": ("assessed_not_in_need", 31), "need": ("in_need", 366), "short": ("in_need", 61), "both": ("in_need", 335),
          "plan": ("plan", 245), "long_plan": ("plan", 458), "turned": ("in_need", None)}  # fmt: skip
PLANS = {"plan": 183, "long_plan": 94}
LEVELS = {"nfa": "referral_only", "rc8": "referral_only", "need": "child_in_need", "short": "referral_only", "both": "child_in_need",
          "plan": "child_protection_plan", "long_plan": "child_protection_plan"}  # fmt: skip


@pytest.fixture(scope="module")
def awkward(dbt, seeded, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = write(tmp_path_factory.mktemp("awkward"), CLA_Data_Supplied__txt=text(CLA, CARE), CIN_2009_to_2021__txt=text(CIN, NEED + [
        # so many children with two referrals in a year that it is an extract of all episodes
        referral(f"other_{number}", 2012, day) for number in range(3) for day in ("2011-05-01", "2011-09-01")
    ]))  # fmt: skip
    run = dbt(folder, "run", "--select", *(f"+{name}" for name in (*NOT_RECOMPUTED, "social_care_exposures")), database=seeded())
    assert run.result.success, run.output
    return run


def by_child(frame: pd.DataFrame, order: list[str], columns: list[str]) -> dict[str, list[tuple]]:
    frame = frame.sort_values(["pupil_id", *order])
    return {pupil_id: list(rows[columns].itertuples(index=False, name=None)) for pupil_id, rows in frame.groupby("pupil_id")}


def test_spells_and_stays_of_awkward_children(awkward: Run) -> None:
    assert by_child(awkward.table("marts.care_spells"), ["spell_start_date"], ["care_days", "n_moves"]) == SPELLS
    assert by_child(awkward.table("marts.placements"), ["spell_start_date", "stay_number"], ["placement_group", "days_in_placement"]) == STAYS


def test_referrals_plans_and_levels_of_awkward_children(awkward: Run) -> None:
    found = awkward.table("marts.child_in_need_episodes").set_index("pupil_id").loc[list(STAGES)]
    assert {child: (row.furthest_stage, None if pd.isna(row.episode_days) else row.episode_days) for child, row in found.iterrows()} == STAGES
    assert awkward.table("marts.child_protection_plans").set_index("pupil_id")["plan_days"].to_dict() == PLANS
    assert awkward.table("marts.social_care_exposures").set_index("pupil_id").loc[list(LEVELS), "social_care_level"].to_dict() == LEVELS


def test_the_recomputation_gives_the_same_answers_for_awkward_children(awkward: Run) -> None:
    expected = social_care(awkward.extract)
    assert by_child(expected["care_spells"], ["spell_start_date"], ["care_days", "n_moves"]) == SPELLS
    assert by_child(expected["placements"], ["spell_start_date", "stay_number"], ["placement_group", "days_in_placement"]) == STAYS
    for table in NOT_RECOMPUTED:
        pd.testing.assert_frame_equal(found_in(awkward, table, expected[table]), plain(expected[table], list(expected[table].columns)))
    assert disagreements(expected["social_care_exposures"], awkward.table("marts.social_care_exposures")) == {}


def test_what_cannot_be_trusted_is_stamped(awkward: Run) -> None:
    spells = awkward.table("marts.care_spells").set_index("pupil_id")
    assert spells.loc["minus_10", "spell_end_kind"] == "lost_to_follow_up" and spells.loc["minus_10", "care_days_exactness"] == "lower_bound"
    assert spells.loc["adult", "spell_end_kind"] == "adulthood" and spells.loc["adult", "care_days_exactness"] == "exact"
    assert spells.loc["home_at_18", "spell_end_kind"] == "adulthood" and not spells.loc["home_at_18", "is_return_home"]
    assert spells.loc["leap", "is_return_home"] and spells.loc["leap", "counts_exactness"] == "exact"
    assert spells.loc["handover", "spell_end_kind"] == "return_home" and spells.loc["overlap", "reason_ceased_code"] == "E4"
    assert spells.loc["gap", "days_since_last_spell"].tolist()[1:] == [1]
    referrals = awkward.table("marts.child_in_need_episodes").set_index("pupil_id")
    assert referrals.loc["turned", "episode_days_exactness"] == "not_available" and referrals.loc["both", "episode_days_exactness"] == "lower_bound"
    exposures = awkward.table("marts.social_care_exposures").set_index("pupil_id")
    assert exposures.loc["nested", "care_days_placement_unknown"] == 62
    assert exposures.loc["respite", ["n_re_entries", "n_returns_home"]].tolist() == [1, 2] and exposures.loc["respite", "ever_short_breaks"]
    assert exposures.loc["plan", ["need_days_exactness", "plan_days_exactness"]].tolist() == ["exact", "exact"]


# Both shares in one extract. 2012 is held by files of both kinds, 2010 only by the first share, 2013 only by the other.
FIRST_CLA = ("CLA_PupilMatchingRefAnonymous", "CLA_ACADYR", "CLA_CLA_LA", "CLA_POC_START", "CLA_CAT_NEED", "CLA_DATE_EPI_COMM", "CLA_DATE_EPI_CEASED",
             "CLA_LEGAL_STATUS", "CLA_PLACEMENT", "CLA_REC")  # fmt: skip
FIRST_CIN = ("cin_pupil_matching_ref_anonymous", "cin_acadyr", "cin_cin_at31march", "cin_category_of_abuse", "cin_primary_need_code", "cin_referral_nfa",
             "cin_reason_for_closure", "cin_number_of_previous_cpp")
MIXED = {
    "CLA_2006_to_2018__txt": text(FIRST_CLA, [
        ["both", "2011/2012", "330", "2011-05-01", "N1", "2011-06-01", "2011-07-01", "C2", "P1", "E4"],
        # the first share's row of another start would be a third episode
        ["both", "2011/2012", "330", "2011-05-01", "N1", "2011-06-02", "2011-07-09", "C2", "K2", "E4"],
        ["lesser_only", "2011/2012", "330", "2011-05-01", "N1", "2011-06-01", "2011-07-01", "C2", "K2", "E4"],
        ["both", "2009/2010", "330", "2009-05-01", "N1", "2009-06-01", "2009-07-01", "C2", "K2", "E4"],
    ]),
    "CLA_Data_Supplied__txt": text(CLA, [
        episode("both", 2012, "2011-05-01", "2011-06-01", new="S"),
        episode("both", 2012, "2011-06-01", "2011-07-01", "E4", placement="P1"),
        episode("both", 2013, "2012-05-01", "2012-06-01", "E4", new="S"), episode("other", 2013, "2012-05-01", "2012-06-01", new="S"),
        episode("other", 2013, "2012-06-01", "2012-07-01", "E4"),
    ]),
    "CIN_08-09_to_16-17__txt": text(FIRST_CIN, [
        ["both", "2011/2012", "1", "NEG", "N1", "0", "", ""], ["lesser_only", "2011/2012", "1", "", "N1", "0", "", ""],
        ["both", "2009/2010", "0", "", "N1", "1", "", ""],
    ]),
    "CIN_2009_to_2021__txt": text(CIN, [
        referral("both", 2012, "2011-05-01", "2011-06-01", reason="RC7"), referral("both", 2012, "2011-09-01", in_need="1", abuse="NEG"),
        referral("other", 2013, "2012-05-01", "2012-06-01", nfa="1"),
    ]),
}  # fmt: skip


def test_where_both_shares_are_delivered_the_fuller_rows_win(dbt, seeded, tmp_path: Path) -> None:
    extract = write(tmp_path, **MIXED)
    run = dbt(extract, "run", "--select", "+care_spells", "+child_in_need_episodes", "+quality_extract_shape", database=seeded())
    assert run.result.success, run.output
    # the fuller rows of `both`; where only one file holds a child or a year, that one's, each year as what it is
    spells = by_child(run.table("marts.care_spells"), ["spell_start_date"], ["care_days", "n_episodes", "n_moves", "counts_exactness"])
    assert spells == {
        "both": [(61, 1, 0, "lower_bound"), (61, 2, 1, "exact"), (31, 1, 0, "exact")],
        "lesser_only": [(61, 1, 0, "lower_bound")],
        "other": [(61, 2, 1, "exact")],
    }  # fmt: skip
    stages = by_child(run.table("marts.child_in_need_episodes"), ["first_return_year", "referral_date"], ["first_return_year", "furthest_stage"])
    assert stages == {"both": [(2010, "referral_only"), (2012, "in_need"), (2012, "plan")], "lesser_only": [(2012, "in_need")], "other": [(2013, "referral_only")]}
    shape = run.table("quality.quality_extract_shape").set_index(["source", "return_year"]).sort_index()
    assert shape["is_mixed_year"].to_dict() == {(source, year): year == 2012 for source in ("cla", "cin") for year in (2010, 2012, 2013)}
    assert shape["n_rows_in_fuller_files"].to_dict() == {(source, year): (2 if source == "cla" else 1) * (year == 2012) for source in ("cla", "cin") for year in (2010, 2012, 2013)}  # fmt: skip
    # undated years have no say in whether the dated ones hold every referral
    assert shape["extract_shape"].xs("cin").tolist() == ["last_episode_per_year", "all_episodes", "all_episodes"]
    assert shape["extract_shape"].xs("cla").tolist() == ["last_episode_per_year", "all_episodes", "all_episodes"]
    assert shape["is_mixed_source"].all()
    expected = social_care(extract)
    for table in ("care_spells", "child_in_need_episodes"):
        pd.testing.assert_frame_equal(found_in(run, table, expected[table]), plain(expected[table], list(expected[table].columns)))
