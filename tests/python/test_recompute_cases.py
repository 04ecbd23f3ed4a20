"""Tiny cases for `recompute`, each expected answer worked out by hand.

The recomputation is the yardstick for the SQL, so it needs a yardstick of its own.
"""

import gzip
from datetime import date

import pandas as pd
import pytest
from recompute import (
    care_spells,
    recompute,
    settle,
    seven_months_before,
    to_date,
    to_flag,
    to_integer,
    to_year,
)

RECODES = pd.DataFrame(
    [
        ("cin_category_of_abuse", "NONE", "", "says there is none"),
        ("ethnicity", "WBR", "WBRI", "cut short"),
        ("cla_category_of_need", "X9", "", "unknown"),
    ],
    columns=["variable", "raw_value", "code", "reason"],
)
ETHNICITY = pd.DataFrame(
    [("WBRI", "WHIT"), ("AIND", "ASIA"), ("REFU", "UNCL"), ("NOBT", "UNCL")],
    columns=["code", "group"],
)

CLA_HEADER = [
    "MoJUID",
    "CLA_PupilMatchingRefAnonymous",
    "CLA_ACADYR",
    "CLA_CLA_LA",
    "CLA_POC_START",
    "CLA_CAT_NEED",
    "CLA_DATE_EPI_COMM",
    "CLA_DATE_EPI_CEASED",
    "CLA_LEGAL_STATUS",
    "CLA_PLACEMENT",
    "CLA_REC",
    "cla_child_id_anon",
]
CIN_HEADER = [
    "mo_juid",
    "cin_pupil_matching_ref_anonymous",
    "cin_acadyr",
    "cin_cin_at31march",
    "cin_category_of_abuse",
    "cin_number_of_previous_cpp",
    "cin_referral_nfa",
    "cin_age_start_of_cin_period",
    "CINReferralDate",
    "CPPstartDate",
]
CENSUS_HEADER = [
    "PupilMatchingRefAnonymous_SPR12",
    "AcademicYear_SPR12",
    "LA_SPR12",
    "URN_SPR12",
    "Gender_SPR12",
    "YearOfBirth_SPR12",
    "MonthOfBirth_SPR12",
    "EthnicGroupMinor_SPR12",
    "FSMeligible_SPR12",
    "SENprovision_SPR12",
    "EnrolStatus_SPR12",
]


def text_of(header, rows, delimiter="\t", newline="\n"):
    lines = [delimiter.join(header)]
    lines += [delimiter.join(row) if isinstance(row, (list, tuple)) else row for row in rows]
    return newline.join(lines) + newline


def write(folder, name, header, rows, **how):
    (folder / name).write_bytes(text_of(header, rows, **how).encode("utf-8"))


def cla(pmr, year, start, end="", *, legal="C2", reason="", poc="", need="N1", child=""):
    return ["", pmr, year, "301", poc, need, start, end, legal, "U1", reason, child]


def cin(pmr, year, *, need="0", abuse="", plans="", nfa="0", age="", referral="", plan=""):
    return ["", pmr, year, need, abuse, plans, nfa, age, referral, plan]


def census(
    pmr,
    year,
    la="301",
    urn="1",
    *,
    sex="M",
    birth=("1994", "5"),
    ethnic="WBRI",
    fsm="0",
    sen="N",
    status="C",
):
    return [pmr, year, la, urn, sex, *birth, ethnic, fsm, sen, status]


def run(folder, **options):
    return recompute(folder, recodes=RECODES, ethnicity=ETHNICITY, **options)


def one(frame, pupil_id):
    """The row of a pupil as a dict, missing values as None."""
    record = frame[frame["pupil_id"] == pupil_id].iloc[0].to_dict()
    return {k: None if pd.isna(v) else v for k, v in record.items()}


def day(text):
    return pd.Timestamp(text)


def rules(result, table):
    frame = result["ledger"]
    frame = frame[frame["source_table"] == table]
    return frame.groupby("rule")["n_rows"].sum().to_dict()


# ---------------------------------------------------------------------------- values
@pytest.mark.parametrize(
    "text, expected",
    [
        ("2011-09-03", date(2011, 9, 3)),
        ("2011-09-03 00:00:00", date(2011, 9, 3)),
        ("03/09/2011", date(2011, 9, 3)),
        ("03SEP2011", date(2011, 9, 3)),
        ("03sep2011", date(2011, 9, 3)),
        ("1800-01-01", None),
        ("01JAN1900", None),
        ("2011-02-29", None),
        ("2012-02-29", date(2012, 2, 29)),
        ("2011", None),
        (None, None),
    ],
)
def test_dates(text, expected):
    assert to_date(text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2005/2006", 2006),
        ("2005/06", 2006),
        ("2005-06", 2006),
        ("200506", 2006),
        ("20052006", 2006),
        ("1999/00", 2000),
        ("2005/2007", None),
        ("2005/2005", None),
        ("2006", None),
        (None, None),
    ],
)
def test_years(text, expected):
    assert to_year(text) == expected


def test_flags_and_integers():
    assert [to_flag(t) for t in ("1", "1.0", "TRUE", "t", "Y", "yes")] == [True] * 6
    assert [to_flag(t) for t in ("0", "0.0", "false", "F", "n", "No")] == [False] * 6
    assert [to_flag(t) for t in ("2", "-", None)] == [None] * 3
    assert [to_integer(t) for t in ("3", "3.0", "3.5", "three", None)] == [3, 3, None, None, None]


def test_seven_calendar_months_before_birth():
    assert seven_months_before((1994, 5)) == date(1993, 10, 1)
    assert seven_months_before((1994, 8)) == date(1994, 1, 1)
    assert seven_months_before((1994, 7)) == date(1993, 12, 1)


# ---------------------------------------------------------------------------- attributes
def test_votes_are_settled_by_number_then_latest_year_then_smallest():
    assert settle(set()) == (None, None)
    assert settle({("a", 2008, "M")}) == ("M", False)
    assert settle({("a", 2008, "M"), ("a", 2009, "M"), ("b", 2010, "F")}) == ("M", True)
    assert settle({("a", 2008, "M"), ("b", 2010, "F")}) == ("F", True)
    assert settle({("a", 2008, "M"), ("b", 2008, "F")}) == ("F", True)
    assert settle({("a", 2008, (1994, 5)), ("b", 2008, (1993, 9))}) == ((1993, 9), True)


def test_unclassified_ethnicity_wins_only_alone_and_makes_no_conflict():
    def unclassified(code):
        return code in ("REFU", "NOBT")

    votes = {("a", 2008, "REFU"), ("a", 2009, "REFU"), ("a", 2007, "WBRI")}
    assert settle(votes, unclassified) == ("WBRI", False)
    assert settle({("a", 2008, "REFU"), ("a", 2009, "NOBT")}, unclassified) == ("NOBT", False)
    assert settle({("a", 2008, "WBRI"), ("a", 2009, "ZZZZ")}, unclassified) == ("ZZZZ", True)


def test_one_vote_per_return_not_per_row(tmp_path):
    # Three rows of 2012 say F: one vote. Two years say M: two votes.
    rows = [census("P1", "2011/2012", urn=str(i), sex="F") for i in range(3)]
    rows += [census("P1", year, sex="1") for year in ("2008/2009", "2009/2010")]
    write(tmp_path, "Spring_Census_2012.txt", CENSUS_HEADER, rows)
    pupil = one(run(tmp_path)["pupils"], "P1")
    assert (pupil["sex_code"], pupil["has_sex_conflict"]) == ("M", True)
    assert (pupil["ethnicity_minor_code"], pupil["has_ethnicity_conflict"]) == ("WBRI", False)


# ---------------------------------------------------------------------------- spells
def test_spells_join_where_the_next_starts_by_the_end():
    a = (date(2010, 1, 1), date(2010, 2, 1))
    b = (date(2010, 2, 1), date(2010, 3, 1))
    c = (date(2010, 3, 2), date(2010, 4, 1))
    assert care_spells([b, a], 0) == [(a[0], b[1])]
    assert care_spells([a, b, c], 0) == [(a[0], b[1]), c]
    assert care_spells([a, b, c], 1) == [(a[0], c[1])]
    inside = (date(2010, 1, 5), date(2010, 1, 6))
    assert care_spells([a, inside, b], 0) == [(a[0], b[1])]


# ---------------------------------------------------------------------------- CLA
def test_open_and_resent_episodes(tmp_path):
    # P1: open in 2010 (with an end date that -10 overrules) and in 2011, ended in 2012.
    # One episode, 1 June 2009 to 11 June 2011: 365 + 365 + 10 = 740 days.
    # A second child with two starts in 2010 makes it an extract of all episodes in 2010;
    # 2011 and 2012 have no such child, so the shape of the extract is mixed.
    rows = [
        cla("P1", "2009/2010", "2009-06-01", "2010-03-31", reason="-10", need="N1"),
        cla("P1", "2010/2011", "2009-06-01", reason=""),
        cla("P1", "2011/2012", "2009-06-01", "2011-06-11", reason="E4", need="N5"),
        cla("P2", "2009/2010", "2009-06-01", "2009-07-01", reason="X1", need="X9"),
        cla("P2", "2009/2010", "2009-07-01", "2009-07-08", reason="E4", need="N3"),
        cla("P2", "2009/2010", "2009-09-01", reason="-10", need=""),
    ]
    write(tmp_path, "CLA_Data_Supplied.txt", CLA_HEADER, rows)
    result = run(tmp_path)
    p1, p2 = (one(result["social_care_exposures"], p) for p in ("P1", "P2"))
    assert rules(result, "cla.episodes") == {"resent_episode": 2, "used": 4}
    assert p1["n_care_episodes_observed"] == 1
    assert p1["care_days_observed"] == 740
    assert (p1["first_care_date"], p1["last_care_date"]) == (day("2009-06-01"), day("2011-06-11"))
    assert p1["first_category_of_need_code"] == p1["last_category_of_need_code"] == "N5"
    # P2: 1 June to 8 July = 37 days, 1 September to 31 March = 211 days.
    assert p2["n_care_episodes_observed"] == 3
    assert p2["care_days_observed"] == 37 + 211
    assert p2["last_care_date"] == day("2010-03-31")
    assert p2["first_category_of_need_code"] == p2["last_category_of_need_code"] == "N3"
    assert p1["cla_extract_shape"] == "mixed"
    # No CIN and no census: looked after is known, anything about CIN is not.
    assert (p1["social_care_level"], p1["social_care_level_rank"]) == ("child_looked_after", 4)
    assert p1["ever_child_in_need"] is None and p1["cin_extract_shape"] is None
    assert p1["is_referral_only"] is False
    # The gap of P2 is from 8 July to 1 September: 55 days.
    joined = one(run(tmp_path, max_gap_days=55)["social_care_exposures"], "P2")
    assert joined["care_days_observed"] == 37 + 55 + 211
    apart = one(run(tmp_path, max_gap_days=54)["social_care_exposures"], "P2")
    assert apart["care_days_observed"] == 37 + 211


def test_respite_is_not_care_unless_asked_for(tmp_path):
    rows = [
        cla("P1", "2009/2010", "2009-06-01", "2009-06-03", legal="V4"),
        cla("P1", "2009/2010", "2009-08-01", "2009-08-03", legal="v3"),
        cla("P2", "2009/2010", "2009-06-01", "2009-06-11", legal="V3"),
        cla("P2", "2009/2010", "2009-06-11", "2009-06-13", legal="V2"),
    ]
    write(tmp_path, "cla_2006_to_2018.TXT", CLA_HEADER, rows)
    write(tmp_path, "CIN_a.txt", CIN_HEADER, [cin("P9", "2009/2010")])
    write(tmp_path, "Spring_Census_2010.txt", CENSUS_HEADER, [census("P1", "2009/2010")])
    exposures = run(tmp_path)["social_care_exposures"]
    p1, p2 = one(exposures, "P1"), one(exposures, "P2")
    assert (p1["ever_child_looked_after"], p1["has_respite_only"]) == (False, True)
    assert (p1["n_care_episodes_observed"], p1["care_days_observed"]) == (0, None)
    assert p1["social_care_level"] == "no_contact" and p1["first_care_date"] is None
    assert (p2["ever_child_looked_after"], p2["has_respite_only"]) == (True, False)
    assert (p2["n_care_episodes_observed"], p2["care_days_observed"]) == (1, 2)
    exposures = run(tmp_path, count_respite_as_care=True)["social_care_exposures"]
    p1, p2 = one(exposures, "P1"), one(exposures, "P2")
    assert (p1["ever_child_looked_after"], p1["has_respite_only"]) == (True, True)
    assert (p1["n_care_episodes_observed"], p1["care_days_observed"]) == (2, 4)
    assert (p2["n_care_episodes_observed"], p2["care_days_observed"]) == (2, 12)
    assert p2["first_care_date"] == day("2009-06-01")


def test_an_asylum_seeker_is_told_by_any_episode_and_blanks_are_no_answer(tmp_path):
    rows = [
        [*cla("P1", "2009/2010", "2009-06-01", "2009-06-03"), "0"],
        [*cla("P1", "2009/2010", "2009-08-01", "2009-08-03", legal="V4"), "1"],
        [*cla("P2", "2009/2010", "2009-06-01", "2009-06-11"), " "],
        [*cla("P3", "2009/2010", "2009-06-01", "2009-06-11"), "0"],
    ]
    write(tmp_path, "cla_2006_to_2018.TXT", [*CLA_HEADER, "uasc_status"], rows)
    write(tmp_path, "Spring_Census_2010.txt", CENSUS_HEADER, [census("P4", "2009/2010")])
    exposures = run(tmp_path)["social_care_exposures"]
    assert [one(exposures, pupil)["ever_unaccompanied_asylum_seeker"] for pupil in ("P1", "P2", "P3", "P4")] == [True, None, False, False]
    write(tmp_path, "cla_2006_to_2018.TXT", CLA_HEADER, [row[:-1] for row in rows])
    exposures = run(tmp_path)["social_care_exposures"]
    assert [one(exposures, pupil)["ever_unaccompanied_asylum_seeker"] for pupil in ("P1", "P4")] == [None, None]


def test_last_episode_extract_starts_at_the_period_of_care(tmp_path):
    # P1: period of care from 1 April 2009, episode from 1 June to 11 June 2009: 71 days.
    # P2: period of care after the episode's start is not believed.
    # P3: born October 1994, seven months before is 1 March 1994, so 28 February is not believed.
    # P4: born October 1994, 18 on 1 October 2012: open to 31 March 2013 is cut: 184 - 1 days.
    rows = [
        cla("P1", "2009/2010", "2009-06-01", "2009-06-11", poc="2009-04-01"),
        cla("P2", "2009/2010", "2009-06-01", "2009-06-11", poc="2009-06-02"),
        cla("P3", "2009/2010", "2009-06-01", "2009-06-11", poc="1994-02-28"),
        cla("P4", "2012/2013", "2012-04-01", reason="-10"),
    ]
    write(tmp_path, "CLA_2006_to_2018.txt", CLA_HEADER, rows)
    pupils = [census(p, "2009/2010", birth=("1994", "10")) for p in ("P3", "P4")]
    write(tmp_path, "Spring_Census_2010.txt", CENSUS_HEADER, pupils)
    exposures = run(tmp_path)["social_care_exposures"]
    days = {p: one(exposures, p)["care_days_observed"] for p in ("P1", "P2", "P3", "P4")}
    assert days == {"P1": 71, "P2": 10, "P3": 10, "P4": 183}
    assert one(exposures, "P1")["cla_extract_shape"] == "last_episode_per_year"
    assert one(exposures, "P4")["last_care_date"] == day("2012-10-01")
    # Return years 2010 and 2013: P3 and P4 are 15 at the first and 18 at the second.
    assert one(exposures, "P4")["n_childhood_years_cla_could_see"] == 1
    assert one(exposures, "P1")["n_childhood_years_cla_could_see"] is None


def test_cla_rows_fall_to_the_first_rule_that_applies(tmp_path):
    good = cla("P1", "2009/2010", "2009-06-01", "2009-06-11")
    rows = [
        good,
        good,
        good + ["one field too many"],
        cla("P1", "2009/2011", "2009-06-01"),
        cla("", "2009/2010", "2009-06-01"),
        cla("P1", "2009/2010", "1900-01-01"),
        cla("P1", "2009/2010", "2009-06-02", "2009-06-01"),
        cla("P1", "2009/2010", "2010-04-01", "2010-05-01", reason="-10"),
        cla("P1", "2009/2010", "1993-09-30", "2009-06-01"),
        cla("P1", "2012/2013", "2012-05-01", "2012-06-01"),
        cla("P1", "2012/2013", "2012-04-30", "2012-06-01"),
        cla("", "2009/2010", "2009-06-01", child="77"),
        "   ",
    ]
    write(tmp_path, "CLA_x.csv", CLA_HEADER, rows, delimiter=",", newline="\r\n")
    write(tmp_path, "Spring_PLASC_2006.txt", CENSUS_HEADER, [census("P1", "2005/2006")])
    result = run(tmp_path)
    assert rules(result, "cla.episodes") == {
        "exact_duplicate": 1,
        "malformed_row": 1,
        "no_return_year": 1,
        "no_child_key": 1,
        "no_episode_start": 1,
        "ends_before_start": 2,
        "outside_childhood": 2,  # the day before seven months before birth; the 18th birthday
        "unlinked": 1,
        "used": 2,
    }
    # 1 to 11 June 2009 is 10 days; 30 April 2012 to the 18th birthday, 1 May 2012, is 1 day.
    assert one(result["social_care_exposures"], "P1")["care_days_observed"] == 11


def test_draw_down_of_the_pmr(tmp_path):
    rows = [
        cla("P1", "2009/2010", "2009-06-01", "2009-06-11", child="1"),
        cla("", "2010/2011", "2010-06-01", "2010-06-06", child="1"),
        cla("P2", "2009/2010", "2009-06-01", "2009-06-11", child="2"),
        cla("P3", "2009/2010", "2009-06-01", "2009-06-11", child="2"),
        cla("", "2010/2011", "2010-06-01", "2010-06-06", child="2"),
    ]
    write(tmp_path, "CLA_x.txt", CLA_HEADER, rows)
    result = run(tmp_path)
    exposures = result["social_care_exposures"]
    days = dict(zip(exposures["pupil_id"], exposures["care_days_observed"], strict=True))
    assert days == {"P1": 15, "P2": 10, "P3": 10}
    assert rules(result, "cla.episodes") == {"used": 4, "unlinked": 1}


def test_resent_within_a_year_prefers_care_to_respite_then_the_latest_end(tmp_path):
    rows = [
        cla("P1", "2009/2010", "2009-06-01", "2009-12-01", legal="V4"),
        cla("P1", "2009/2010", "2009-06-01", "2009-06-06", legal="C2", need="N1"),
        cla("P1", "2009/2010", "2009-06-01", "2009-06-11", legal="C2", need="N2"),
    ]
    write(tmp_path, "CLA_x.txt", CLA_HEADER, rows)
    p1 = one(run(tmp_path)["social_care_exposures"], "P1")
    assert (p1["care_days_observed"], p1["first_category_of_need_code"]) == (10, "N2")


# ---------------------------------------------------------------------------- CIN and levels
def test_levels_and_protection_plan_methods(tmp_path):
    rows = [
        cin("P1", "2009/2010", nfa="1"),
        cin("P2", "2009/2010", need="1.0"),
        cin("P2", "2010/2011", need="Y"),
        cin("P2", "2010/2011", need="1", referral="2010-06-01"),
        cin("P3", "2009/2010", need="1", abuse="neg"),
        cin("P4", "2009/2010", abuse="none", plans="1"),
        cin("P5", "2009/2010", abuse="NONE", plans="0"),
        cin("P6", "2009/2010", need="1", age="18"),
        cin("P8", "2009/2010"),
    ]
    write(tmp_path, "CIN_2009_to_2021.txt", CIN_HEADER, rows)
    write(
        tmp_path,
        "CLA_x.txt",
        CLA_HEADER,
        [cla("P8", "2009/2010", "2009-06-01", "2009-06-02")],
    )
    pupils = [census("P6", "2009/2010", birth=("", "")), census("P7", "2009/2010")]
    write(tmp_path, "Spring_Census_2010.txt", CENSUS_HEADER, pupils)
    write(tmp_path, "MoJ_DfE_Link.txt", ["MoJUID", "PupilMatchingRefAnonymous"], [["M9", "P9"]])
    result = run(tmp_path)
    exposures = result["social_care_exposures"]
    p = {k: one(exposures, k) for k in exposures["pupil_id"]}
    assert {k: v["social_care_level"] for k, v in p.items()} == {
        "P1": "referral_only",
        "P2": "child_in_need",
        "P3": "child_protection_plan",
        "P4": "child_protection_plan",
        "P5": "referral_only",
        "P6": "no_contact",
        "P7": "no_contact",
        "P8": "child_looked_after",
        "P9": None,
    }
    assert rules(result, "cin.episodes") == {"outside_childhood": 1, "used": 8}
    assert p["P2"]["years_child_in_need"] == 2
    assert [p[k]["cpp_methods_agree"] for k in ("P1", "P3", "P4", "P6", "P7")] == [
        True,
        False,
        False,
        None,
        None,
    ]
    assert (p["P4"]["cpp_by_category_of_abuse"], p["P4"]["cpp_by_previous_plans"]) == (False, True)
    assert all(v["cpp_by_plan_dates"] is None for v in p.values())
    assert [p[k]["is_referral_only"] for k in ("P1", "P2", "P7", "P9")] == [
        True,
        False,
        False,
        None,
    ]
    assert [p[k]["referral_only_agrees_with_nfa"] for k in ("P1", "P2", "P5", "P7")] == [
        True,
        None,
        False,
        None,
    ]
    assert (p["P7"]["social_care_level_rank"], p["P7"]["years_child_in_need"]) == (0, 0)
    # No child has two referral dates in a year.
    assert p["P7"]["cin_extract_shape"] == "last_episode_per_year"


def test_in_need_must_be_in_childhood_and_plan_dates_count(tmp_path):
    # Born May 1994: 18 on 1 May 2012. 31 March 2012 counts, 31 March 2013 does not, and the
    # return year 2014 starts after the birthday, so the row is not used at all.
    rows = [
        cin("P1", "2011/2012", need="1"),
        cin("P1", "2012/2013", need="1", abuse="EMO"),
        cin("P1", "2013/2014", need="1"),
        cin("P2", "2011/2012", plan="01JUN2011"),
    ]
    write(tmp_path, "CIN_x.txt", CIN_HEADER, rows)
    write(tmp_path, "Spring_Census_2010.txt", CENSUS_HEADER, [census("P1", "2009/2010")])
    result = run(tmp_path)
    p1, p2 = (one(result["social_care_exposures"], p) for p in ("P1", "P2"))
    assert rules(result, "cin.episodes") == {"used": 3, "outside_childhood": 1}
    assert p1["years_child_in_need"] == 1
    assert p1["n_childhood_years_cin_could_see"] == 1
    assert (p1["cpp_by_category_of_abuse"], p1["cpp_by_plan_dates"]) == (True, False)
    assert (p2["cpp_by_plan_dates"], p2["ever_child_protection_plan"]) == (True, True)
    # No CLA table: the level is not known, and CLA columns are missing.
    assert p1["social_care_level"] is None and p1["ever_child_looked_after"] is None
    assert p1["n_care_episodes_observed"] is None


def test_shape_needs_one_child_in_a_hundred(tmp_path):
    def shape(n_children):
        rows = [cin(f"P{i}", "2009/2010", referral="2009-05-01") for i in range(n_children)]
        rows.append(cin("P0", "2009/2010", referral="2009-06-01"))
        write(tmp_path, "CIN_x.txt", CIN_HEADER, rows)
        return one(run(tmp_path)["social_care_exposures"], "P0")["cin_extract_shape"]

    assert shape(100) == "all_episodes"
    assert shape(101) == "last_episode_per_year"


# ---------------------------------------------------------------------------- pupils
def test_pupils_and_links(tmp_path):
    rows = [
        census("P1", "2009/2010", la="302", urn="1", status="S", fsm="1"),
        census("P1", "2009/2010", la="303", urn="2", status="M", sen="K"),
        census("P1", "2009/2010", la="301", urn="3", status="", sen="?"),
        census("P1", "2010/11", la="304", fsm="", ethnic="wbr"),
        census("P2", "2010/11", fsm="", sen="?", ethnic=" REFU ", sex="9"),
        census("", "2010/11"),
        census("P2", "11", fsm="", sen="", sex="", ethnic=""),
    ]
    rows.append(rows[0])
    header = [*CENSUS_HEADER, "MoJUID"]
    rows = [[*row, "M2" if row[0] == "P2" else ""] for row in rows]
    (tmp_path / "spring_census_2012.CSV.gz").write_bytes(
        gzip.compress(b"\xef\xbb\xbf" + text_of(header, rows, delimiter=",").encode())
    )
    links = [["M3", "P3"], ["M3", "P3"], ["", "P1"], ["M4", ""]]
    write(tmp_path, "MoJ_DfE_Link_2020.txt", ["mo_juid", "Pupil_Matching_Ref_Anonymous"], links)
    result = run(tmp_path)
    assert rules(result, "npd.school_census") == {
        "no_pupil_id": 1,
        "no_return_year": 1,
        "exact_duplicate": 1,
        "other_registration": 2,
        "used": 3,
    }
    assert rules(result, "links.pupil_offender") == {
        "exact_duplicate": 1,
        "no_identifier": 2,
        "used": 1,
    }
    p1, p2, p3 = (one(result["pupils"], p) for p in ("P1", "P2", "P3"))
    assert list(result["pupils"]["pupil_id"]) == ["P1", "P2", "P3"]
    assert p1["cohort_academic_year"] == "1993/1994"
    assert p1["notional_birth_date"] == day("1994-05-01")
    assert (p1["ethnicity_minor_code"], p1["ethnicity_major_code"]) == ("WBRI", "WHIT")
    assert (p2["sex_code"], p2["has_sex_conflict"]) == (None, None)
    assert (p2["ethnicity_minor_code"], p2["has_ethnicity_conflict"]) == ("REFU", False)
    assert (p1["is_linked_to_offender"], p2["is_linked_to_offender"]) == (False, True)
    assert p3["is_linked_to_offender"] is True
    assert (p3["is_in_school_census"], p3["is_in_cla"], p3["is_in_links"]) == (False, None, True)
    assert p3["birth_year"] is None and p3["has_birth_conflict"] is None


def test_dirt_in_files_is_harmless(tmp_path):
    # NUL bytes, Latin-1, a parquet file of the same table, another folder below.
    header = "\t".join(CLA_HEADER).encode()
    line = "\t".join(cla(" P1 ", "2009/2010", "2009-06-01", "2009-06-03")).encode()
    (tmp_path / "CLA_a.txt").write_bytes(
        header + b"\r\n\r\n" + line[:3] + b"\x00" + line[3:] + b"\xe9\r\n"
    )
    pd.DataFrame(
        [cla("P2", "2009/2010", "2009-06-01 00:00:00", None)],
        columns=[name.lower() for name in CLA_HEADER],
    ).to_parquet(tmp_path / "cla_b.parquet")
    below = tmp_path / "CLA_old"
    below.mkdir()
    write(below, "CLA_c.txt", CLA_HEADER, [cla("P3", "2009/2010", "2009-06-01")])
    exposures = run(tmp_path)["social_care_exposures"]
    assert list(exposures["pupil_id"]) == ["P1", "P2"]
    assert list(exposures["care_days_observed"]) == [2, 303]


def test_cin_cin_la_is_preferred(tmp_path):
    header = ["CIN_LA", "CIN_CIN_LA", "LAchildID_anon", "PupilMatchingRefAnonymous", "ACADYR"]
    rows = [
        ["1", "301", "7", "P1", "2009/2010"],
        ["2", "301", "7", "", "2010/2011"],  # the same child: drawn down
        ["1", "302", "7", "", "2010/2011"],  # another authority's child
        ["301", "", "7", "", "2011/2012"],  # CIN_LA stands in where the other is blank
    ]
    write(tmp_path, "CIN_x.txt", header, rows)
    assert rules(run(tmp_path), "cin.episodes") == {"used": 3, "unlinked": 1}
