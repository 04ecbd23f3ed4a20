"""What local authorities returned of children looked after (SSDA903) and of children in need (CIN census).

A return year Y runs from 1 April Y-1 to 31 March Y. Looked-after children: one row for each episode and year in which it was open. Children in need:
one row for each referral and year in which it was open, and one for each protection plan where there are several.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .days import age_on, day, return_year, year_end
from .people import MINOR
from .reporting_school import runs, year_labels
from .social_care import factor_sets
from .streams import Streams, choose
from .tables import Rows, Text
from .world import World

FIRST_RETURN, LAST_RETURN, FIRST_NEED_RETURN = 2006, 2021, 2009
# Rows of children under school age: some children have a PMR on all of them, some from a year on, the others none until they are at school; and
# some pupils are never found (assumed; fitted to the half of looked-after local ids that lack one).
ALWAYS_KNOWN, KNOWN_LATER, NEVER_FOUND = 0.04, 0.10, 0.225
CIN_STARTS = day(2008, 10, 1)  # the first children in need census covered six months
THIN = {2009: 0.40, 2010: 0.20, 2011: 0.12, 2012: 0.05}  # referrals that were not returned in the first years (assumed)
OPEN_WITH_END = 0.4      # open episodes whose end date is set to 31 March rather than left blank (assumed)
PLACE_CHANGE_GIVEN = 0.24  # moves from 2015/16 with a reason; the column is about 2.5% complete over all years
# Reasons for a change of placement, published counts of 2016/17.
PLACE_CHANGE = {"CARPL": 17240, "OTHER": 12670, "CREQB": 6150, "PLACE": 5220, "CREQO": 2680, "CHILD": 2220, "LAREQ": 1690, "STAND": 600, "ALLEG": 510,
                "CLOSE": 420, "APPRR": 140, "CUSTOD": 100}


def report_social_care(world: World, pmr: np.ndarray, known: np.ndarray, streams: Streams) -> dict[str, Rows]:
    """The tables `cla` and `cin`, for every year of either share.

    Args:
        known: from `pmr_known_from`.
    """
    return {"cla": report_cla(world, pmr, known, streams), "cin": report_cin(world, pmr, known, streams)}


def pmr_known_from(world: World, streams: Streams) -> np.ndarray:
    """First return year in which a row of each child carries a PMR; a far year for those who never go to school or are never found."""
    people, n = world.people, world.block.pupils
    known = np.full(len(people), 9999)
    known[:n] = people["cohort"].to_numpy()[:n] + world.school.first
    rng = streams.named("reporting.preschool_pmr")
    draw = rng.random(len(people))
    later = np.minimum(known, people["birth_year"].to_numpy() + rng.integers(1, 5, len(people)))
    early = np.select([draw < ALWAYS_KNOWN, draw < ALWAYS_KNOWN + KNOWN_LATER], [0, later], known)
    return np.where(people["is_pupil"] & (draw < 1 - NEVER_FOUND), early, 9999)


def person_columns(world: World, person: np.ndarray, year: np.ndarray, pmr: np.ndarray, known_from: np.ndarray) -> dict[str, Text]:
    """The columns about the child that both social care returns carry."""
    people = world.people
    return {
        "moj_uid": Text.constant("", len(person)),
        "pmr": Text(person.astype(np.int32), pmr).where(year >= known_from[person]),
        "academic_year": year_labels(year),
        "sex": Text.listed(people["male"].to_numpy()[person], ["2", "1"]),
        "ethnicity": Text.listed(people["ethnicity"].to_numpy()[person], MINOR),
        "birth_year": Text.numbers(people["birth_year"].to_numpy()[person]),
        "birth_month": Text.numbers(people["birth_month"].to_numpy()[person]),
    }


def hidden(person: np.ndarray, year: np.ndarray, order: np.ndarray, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """What faults and shares need to know of a row."""
    return {"_person": person, "_year": year, "_order": order.astype(np.int64),
            "_local": rows["area"].to_numpy(dtype=np.int64) * 10**10 + rows["local_id"].to_numpy(dtype=np.int64)}


def report_cla(world: World, pmr: np.ndarray, known_from: np.ndarray, streams: Streams) -> Rows:
    """The looked-after children returns."""
    people, care = world.people, world.care
    row, year = runs(np.maximum(return_year(care.episodes["start"]), FIRST_RETURN), np.minimum(return_year(care.episodes["end"]), LAST_RETURN))
    episode = care.episodes.iloc[row].reset_index(drop=True)
    period = care.periods.iloc[episode["period"]].reset_index(drop=True)
    person = episode["person"].to_numpy(dtype=np.int64)
    last_day = year_end(year)
    end, start = episode["end"].to_numpy(), episode["start"].to_numpy()
    is_open = end > last_day
    poc_start, poc_end = period["start"].to_numpy(), np.minimum(period["end"].to_numpy(), last_day)
    legal = episode["legal_status"].to_numpy(dtype=object)
    respite = np.isin(legal, ["V1", "V3", "V4"])
    in_care = ~respite & (period["end"].to_numpy() > last_day)
    length = poc_end - poc_start
    days_this_year = poc_end - np.maximum(poc_start, year_end(year - 1) + 1)
    shared = hidden(person, year, start, period)
    child_year = pd.factorize(shared["_local"] * 64 + year - 2000)[0]

    def any_in_year(condition: np.ndarray) -> Text:
        """1 for every row of a child and year in which the condition holds for some row."""
        return Text.flag(np.bincount(child_year, condition)[child_year] > 0) if len(row) else Text.flag(condition)

    moved = np.isin(episode["rne"].to_numpy(dtype=object), ["P", "B"]) & (start >= day(2015, 4, 1))
    given = moved & (streams.named("reporting.place_change_given").random(len(care.episodes)) < PLACE_CHANGE_GIVEN)[row]
    reason = choose(streams.named("reporting.place_change"), PLACE_CHANGE, len(care.episodes))[row]
    shows_end = streams.named("reporting.open_end").random(len(row)) < OPEN_WITH_END
    fine = episode["fine"].to_numpy()
    ending = ending_code(episode["ending"].to_numpy(dtype=object), fine, year)
    columns = person_columns(world, person, year, pmr, known_from) | {
        "child_id": Text.of(period["local_id"].astype(str).to_numpy(dtype=object)),
        "child_la": Text.listed(period["area"].to_numpy(), world.areas.code),
        "la": Text.listed(period["area"].to_numpy(), world.areas.code),
        "processing_year": Text.numbers(year),
        "uasc": Text.flag(people["is_uasc"].to_numpy()[person]),
        "poc_start": Text.dates(poc_start),
        "poc_length": Text.numbers(length),
        "need": Text.of(period["need"].to_numpy(dtype=object)),
        "start_date": Text.dates(start),
        "end_date": Text.dates(np.where(is_open, last_day, end), is_open & ~shows_end),
        "legal_status": Text.of(legal),
        "placement": Text.of(placement_code(episode["placement"].to_numpy(dtype=object), fine, year).astype(object)),
        "reason_ceased": Text.of(np.where(is_open, "-10", ending).astype(object)),
        "reason_new_episode": Text.of(episode["rne"].to_numpy(dtype=object)),
        "at_31_march": any_in_year(in_care),
        "six_months": any_in_year(in_care & (length >= 183)),
        "twelve_months": any_in_year(in_care & (length >= 365)),
        "pp_6_months": any_in_year(~respite & (days_this_year >= 183)),
        "pp_1_day": any_in_year(~respite & (days_this_year >= 1)),
        "reason_place_change": Text.of(np.where(given, reason, "").astype(object)),
    }
    return Rows(columns, shared)


def placement_code(placement: np.ndarray, fine: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Code of the return year: foster care was Q1 or Q2 to 2014/15 and U1 to U6 from 2015/16, also for placements that had begun before."""
    late = year >= 2016
    foster_kind = np.searchsorted([0.42, 0.43], fine)  # long-term, also an approved adopter, neither
    third = np.minimum((fine * 3).astype(np.int64), 2)
    kin = np.where(late, np.array(["U1", "U2", "U3"], dtype=object)[foster_kind], "Q1")
    foster = np.where(late, np.array(["U4", "U5", "U6"], dtype=object)[foster_kind], "Q2")
    temporary = np.array(["T1", "T2", "T3", "T4"], dtype=object)[np.minimum((fine * 4).astype(np.int64), 3)]
    missing = np.array(["M1", "M2", "M3"], dtype=object)[third]
    names = ["kin", "foster", "temporary", "missing", "parents"]
    return np.select([placement == name for name in names], [kin, foster, temporary, missing, "P1"], placement)


def ending_code(ending: np.ndarray, fine: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Reason-ceased code of the return year: E4 to 2013/14, then E4A, E4B and E13; E14 to E16 from 2014/15; E17 from 2020/21."""
    late = year >= 2015
    guardianship = np.where(year >= 2012, np.array(["E45", "E46", "E47", "E48"], dtype=object)[np.minimum((fine * 4).astype(np.int64), 3)],
                            np.where(fine < 0.5, "E43", "E44"))  # split of the codes in 2011/12: assumed
    cases = {
        "home": np.where(late, np.where(fine < 0.815, "E4A", "E4B"), "E4"),
        "no_parental_responsibility": np.where(late, "E13", "E4"),
        "guardianship": guardianship,
        "remand": np.where(late, "E14", "E8"),
        "adult_after_all": np.where(late, "E15", "E8"),
        "abroad": np.where(late, "E16", "E8"),
        "staying_put": np.where(year >= 2021, "E17", "E5"),
    }
    return np.select([ending == name for name in cases], list(cases.values()), ending)


def report_cin(world: World, pmr: np.ndarray, known_from: np.ndarray, streams: Streams) -> Rows:
    """The children in need census. A share of the referrals of the first years was never returned."""
    people, care = world.people, world.care
    row, year = runs(np.maximum(return_year(care.referrals["start"]), FIRST_NEED_RETURN), np.minimum(return_year(care.referrals["end"]), LAST_RETURN))
    rows = care.referrals.iloc[row].reset_index(drop=True).assign(year=year)
    missing_share = np.array([THIN.get(y, 0.0) for y in range(FIRST_NEED_RETURN, LAST_RETURN + 1)])
    unreturned = streams.named("reporting.thin").random(len(care.referrals))[row] < missing_share[year - FIRST_NEED_RETURN]
    rows = rows[((rows["year"] > FIRST_NEED_RETURN) | (rows["end"] >= CIN_STARTS)) & ~unreturned]
    plan_row, plan_year = runs(np.maximum(return_year(care.plans["plan_start"]), FIRST_NEED_RETURN), np.minimum(return_year(care.plans["plan_end"]), LAST_RETURN))
    plans = care.plans.iloc[plan_row].drop(columns="person").assign(year=plan_year)
    rows = rows.merge(plans, on=["referral", "year"], how="left", sort=False)
    rows = rows.sort_values(["person", "year", "start", "plan_start"], kind="stable", na_position="first").reset_index(drop=True)

    year = rows["year"].to_numpy()
    person = rows["person"].to_numpy(dtype=np.int64)
    last_day = year_end(year)
    start, end = rows["start"].to_numpy(), rows["end"].to_numpy()
    is_open = end > last_day
    has_plan = rows["plan_start"].notna().to_numpy()
    plan_start, plan_end, conference = (rows[name].fillna(0).to_numpy(dtype=np.int64) for name in ("plan_start", "plan_end", "conference"))
    initial, latest = (rows[name].astype(object).where(has_plan, "").to_numpy(dtype=object) for name in ("initial_category", "latest_category"))
    # The four category columns came and went (years assumed): first category to 2011, current category throughout, initial and latest from 2011.
    blank_plan = has_plan & (year <= 2011) & (streams.named("reporting.poor_years").random(len(rows)) < 0.3)
    named = has_plan & ~blank_plan
    poor = (year <= 2011) & (streams.named("reporting.poor_need").random(len(rows)) < 0.2)
    born, month = people["birth_year"].to_numpy()[person], people["birth_month"].to_numpy()[person]
    outcome = rows["outcome"].to_numpy(dtype=object)
    sets = factor_sets(streams)
    columns = person_columns(world, person, year, pmr, known_from) | {
        "child_id": Text.of(rows["local_id"].astype(str).to_numpy(dtype=object)),
        "cin_la": Text.listed(rows["area"].to_numpy(), world.areas.code).where(year >= 2010),
        "la": Text.listed(rows["area"].to_numpy(), world.areas.code),
        "disability": Text.of(rows["disability"].to_numpy(dtype=object)),
        "referral_date": Text.dates(start),
        "referral_source": Text.of(np.where(year >= 2014, rows["source"].to_numpy(dtype=object), "").astype(object)),  # collected from 2013/14
        "nfa": Text.flag(outcome == "nfa"),
        "need": Text.of(np.where(poor, "", rows["need"].to_numpy(dtype=object)).astype(object)),
        "closure_date": Text.dates(end, is_open),
        "closure_reason": Text.of(np.where(is_open, "", rows["closure"].to_numpy(dtype=object)).astype(object)),
        "at_31_march": Text.flag(is_open & (outcome != "nfa")),
        "age_start": Text.numbers(np.maximum(age_on(start, born, month), 0)),
        "age_end": Text.numbers(np.maximum(age_on(np.minimum(end, last_day), born, month), 0)),
        "conference_date": Text.dates(conference, ~has_plan | (year < 2010)),
        "plan_start": Text.dates(plan_start, ~has_plan | (year < 2010)),
        "plan_end": Text.dates(plan_end, ~has_plan | (year < 2010) | (plan_end > last_day)),
        "previous_plans": Text.numbers(rows["previous"].fillna(0).to_numpy(dtype=np.int64), ~has_plan),
        "category": Text.of(np.where(named, latest, "").astype(object)),
        "category_first": Text.of(np.where(named & (year <= 2011), initial, "").astype(object)),
        "category_initial": Text.of(np.where(named & (year >= 2011), initial, "").astype(object)),
        "category_latest": Text.of(np.where(named & (year >= 2011), latest, "").astype(object)),
        "factors": Text(rows["factors"].to_numpy(dtype=np.int32), sets).where((year >= 2014) & rows["assessed"].to_numpy(dtype=bool)),
    }
    return Rows(columns, hidden(person, year, start * 100_000 + plan_start, rows))
