"""What really happened, written beside the extract and never read by a model.

`pupils` has one row for each child: who it is, what became of it in the whole of its life, and, once for each share (columns that begin with
`first_share_` and `all_episodes_share_`), what a reader of that share could rightly conclude if no fault had been planted, in the words of the project's
definitions: levels, plans by each method, days in care. The other tables hold the lives themselves: care episodes, referrals, plans, sanctions,
custody, exclusions, alternative provision. `planted_effects.csv` and `planted_area_effects.csv` say how strong each planted effect is.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd

from .areas import Areas
from .days import birthday, day, return_year, year_end
from .justice import DISPOSALS, GROUPS, major_groups
from .parameters import CAUSES, LOADING, OFFENCE, STEEPNESS, VIOLENCE
from .people import MINOR
from .reporting import Returns, Share
from .school import ABSENCE_YEARS, FAR, FIRST_YEAR, TERM_DAYS
from .tables import Rows
from .truth_school import school_truth
from .world import World

LEVELS = ("no_contact", "referral_only", "child_in_need", "child_protection_plan", "child_looked_after")
RESPITE = ("V1", "V3", "V4")
EDUCATION = ("census", "pru", "ap", "absence", "exclusions", "exclusions_long", "ks2", "ks4")  # a pupil of any of them is known to the education data


def dates(days: np.ndarray) -> np.ndarray:
    """Days as dates, missing where far away."""
    return np.where(days < FAR, np.asarray(days).astype("datetime64[D]"), np.datetime64("NaT")).astype("datetime64[D]")


def first_by_person(n: int, person: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Earliest day of each person, far for those without one."""
    first = np.full(n, FAR)
    np.minimum.at(first, np.asarray(person, dtype=np.int64), np.asarray(days, dtype=np.int64))
    return first


def spells(person: np.ndarray, start: np.ndarray, end: np.ndarray) -> pd.DataFrame:
    """Intervals of each person united where the next begins on or before the day the last ended."""
    order = np.lexsort((end, start, person))
    rows = pd.DataFrame({"person": person[order], "start": start[order], "end": end[order]})
    reach = rows.groupby("person")["end"].cummax().groupby(rows["person"]).shift()
    rows["spell"] = (~(rows["start"] <= reach)).cumsum()
    return rows.groupby(["person", "spell"], sort=False).agg(start=("start", "min"), end=("end", "max")).reset_index().drop(columns="spell")


def pupil_truth(world: World, returns: Returns, shares: dict[str, tuple[Share, dict[str, Rows]]]) -> pd.DataFrame:
    """The table `pupils`.

    Args:
        shares: by folder, each share and its tables before any fault.
    """
    people, justice = world.people, world.justice
    n = len(people)
    school_part = pad(world)
    violent = justice.first_violence
    first_offence = first_by_person(n, justice.occasions["person"], justice.occasions["day"])
    # The follow-up of the published figures ends on 31 August of Year 13.
    until = day(people["cohort"].to_numpy() + 18, 9)
    first_need, first_plan = in_need_from(world), first_by_person(n, world.care.plans["person"], world.care.plans["plan_start"])
    y11 = day(people["cohort"].to_numpy() + 16, 9)
    table = pd.DataFrame({
        "person": people["person"], "pupil_id": returns.pmr, "moj_uid": np.where(violent_or_any(first_offence), returns.moj_uid, ""),
        "is_pupil": people["is_pupil"], "is_linked_to_offender": justice.linked & (first_offence < FAR), "link_year": np.where(returns.link_year < 9999, returns.link_year, 0),
        "sex": np.where(people["male"], "M", "F"), "ethnicity": np.array(MINOR, dtype=object)[people["ethnicity"]], "ethnicity_major": major_groups(people),
        "birth_year": people["birth_year"], "birth_month": people["birth_month"], "cohort": people["cohort"],
        "local_authority": world.areas.code[people["area_1"]], "local_authority_at_15": area_at(world, 15), "is_uasc": people["is_uasc"], "risk": people["risk"].round(4),
        "first_offence_date": dates(first_offence), "first_serious_violence_date": dates(violent),
        "n_occasions": np.bincount(justice.occasions["person"], minlength=n), "offends_to_year_13": first_offence < until,
        "serious_violence_to_year_13": violent < until, "age_first_offence": age(people, first_offence), "age_first_serious_violence": age(people, violent),
        "first_referral_date": dates(first_by_person(n, world.care.referrals["person"], world.care.referrals["start"])),
        "first_need_12_to_16_date": dates(np.where(first_need < y11, first_need, FAR)), "first_plan_date": dates(first_plan),
        "first_plan_12_to_16_date": dates(plan_from_12(world, y11)), "first_care_date": dates(world.first_care),
        "first_care_6_to_16_date": dates(care_from_6(world, y11)),
    } | school_part)
    table["most_severe_sanction"] = severity(world, n)
    for folder, (share, tables) in shares.items():
        parts = [seen(world, returns, share, tables), school_truth(world, tables)]
        table = pd.concat([table, *(part.add_prefix(f"{folder}_") for part in parts)], axis=1)
    return table


def violent_or_any(first_offence: np.ndarray) -> np.ndarray:
    """True for those who ever offend."""
    return first_offence < FAR


def age(people: pd.DataFrame, days: np.ndarray) -> np.ndarray:
    """Completed years at a day, -1 for never."""
    return np.where(days < FAR, np.floor((days - people["birth"].to_numpy()) / 365.25), -1).astype(np.int64)


def area_at(world: World, years: int) -> np.ndarray:
    """Code of the authority where each child lives at an age."""
    people = world.people
    moved = (people["birth"].to_numpy() + round(years * 365.25) >= people["move_day"].to_numpy()) & (people["area_2"].to_numpy() >= 0)
    return world.areas.code[np.where(moved, people["area_2"], people["area_1"])]


def in_need_from(world: World) -> np.ndarray:
    """First day in need from the 12th birthday on: open referrals that were not closed without or after assessment."""
    referrals = world.care.referrals
    person = referrals["person"].to_numpy()
    from_12 = world.people["birth"].to_numpy()[person] + 12 * 365
    counts = referrals["outcome"].isin(["need", "care"]).to_numpy() & (referrals["end"].to_numpy() >= from_12)
    return first_by_person(len(world.people), person[counts], np.maximum(referrals["start"].to_numpy(), from_12)[counts])


def plan_from_12(world: World, until: np.ndarray) -> np.ndarray:
    """First day on a protection plan from the 12th birthday to the end of Year 11."""
    plans = world.care.plans
    person = plans["person"].to_numpy(dtype=np.int64)
    from_12 = world.people["birth"].to_numpy()[person] + 12 * 365
    start = np.maximum(plans["plan_start"].to_numpy(), from_12)
    counts = (plans["plan_end"].to_numpy() >= from_12) & (start < until[person])
    return first_by_person(len(world.people), person[counts], start[counts])


def care_from_6(world: World, until: np.ndarray) -> np.ndarray:
    """First day in care, short breaks aside, from the sixth birthday to the end of Year 11."""
    periods = world.care.periods[~world.care.periods["kind"].isin(RESPITE)]
    person = periods["person"].to_numpy(dtype=np.int64)
    from_6 = world.people["birth"].to_numpy()[person] + 6 * 365
    start = np.maximum(periods["start"].to_numpy(), from_6)
    counts = (periods["end"].to_numpy() >= from_6) & (start < until[person])
    return first_by_person(len(world.people), person[counts], start[counts])


def severity(world: World, n: int) -> np.ndarray:
    """Most severe sanction ever: none, caution, non_custodial, custodial."""
    group = GROUPS[world.justice.occasions["disposal"].to_numpy()]
    rank = np.select([group == "custodial", group == "non_custodial", group == "caution"], [3, 2, 1], 0)
    highest = np.zeros(n, dtype=np.int64)
    np.maximum.at(highest, world.justice.occasions["person"].to_numpy(), rank)
    return np.array(["none", "caution", "non_custodial", "custodial"], dtype=object)[highest]


def pad(world: World) -> dict[str, np.ndarray]:
    """School truths of every child; false, empty or far for those who are not pupils."""
    school, pupils = world.school, world.people.iloc[:world.block.pupils]
    n, total = len(pupils), len(world.people)
    cohort = pupils["cohort"].to_numpy()
    at_school = (np.arange(FIRST_YEAR, FIRST_YEAR + school.fsm.shape[1]) >= school.first[:, None]) & (
        np.arange(FIRST_YEAR, FIRST_YEAR + school.fsm.shape[1]) <= school.last[:, None])
    missed = school.absence["authorised"] + school.absence["unauthorised"]
    enrolled = (ABSENCE_YEARS >= np.maximum(school.first, 6)[:, None]) & (ABSENCE_YEARS <= school.last[:, None])
    possible = np.maximum(school.absence["possible"].sum(axis=2), 1)
    absent = enrolled & (missed.sum(axis=2) >= 0.10 * possible)
    unauthorised = enrolled & (school.absence["other"] >= 0.10 * possible)
    by_term = enrolled[:, :, None] & (missed >= 0.10 * school.absence["possible"]) & (school.absence["possible"] > 0)
    other_share = school.absence["other"] / np.maximum(school.absence["unauthorised"].sum(axis=2), 1)
    other_term = enrolled[:, :, None] & (school.absence["unauthorised"] * other_share[:, :, None] >= 0.10 * school.absence["possible"]) & (
        school.absence["possible"] > 0)
    level = np.where(at_school, school.sen, 0)
    first_year = np.argmax(level > 0, axis=1) + FIRST_YEAR
    first_plan = np.argmax(level == 2, axis=1) + FIRST_YEAR
    fixed = school.exclusions[school.exclusions["category"] == "FIXD"]
    permanent = school.exclusions[school.exclusions["category"] == "PERM"]
    suspended = first_by_person(n, fixed["person"], fixed["day"])
    excluded = first_by_person(n, permanent["person"], permanent["day"])
    away = first_by_person(n, school.alternative["person"], school.alternative["day"])

    def term_day(marks: np.ndarray) -> np.ndarray:
        """First day of the first term that is marked."""
        flat = marks.reshape(n, marks.shape[1] * marks.shape[2])
        place = np.argmax(flat, axis=1)
        start = day(cohort + ABSENCE_YEARS[0] + place // 3 - 1, 9) + np.array([0, TERM_DAYS // 3, 2 * TERM_DAYS // 3])[place % 3]
        return np.where(flat.any(axis=1), start, FAR)

    years = np.arange(FIRST_YEAR, FIRST_YEAR + level.shape[1])
    behaves = (level > 0) & (years >= school.behaviour_from[:, None])
    behaviour, first_behaviour = behaves.any(axis=1), np.argmax(behaves, axis=1) + FIRST_YEAR
    values = {
        "ever_free_school_meals": (school.fsm & at_school).any(axis=1),
        "special_educational_needs": np.array(["none", "support", "plan"], dtype=object)[level.max(axis=1)],
        "sen_date": dates(np.where((level > 0).any(axis=1), day(cohort + first_year - 1, 10), FAR)),
        "sen_plan_date": dates(np.where((level == 2).any(axis=1), day(cohort + first_plan - 1, 10), FAR)),
        "sen_behaviour_date": dates(np.where(behaviour, day(cohort + first_behaviour - 1, 10), FAR)),
        "ever_persistently_absent": absent.any(axis=1), "ever_persistently_absent_unauthorised_other": unauthorised.any(axis=1),
        "persistent_absence_date": dates(np.where(absent.any(axis=1), term_day(by_term), FAR)),
        "persistent_absence_unauthorised_other_date": dates(np.where(unauthorised.any(axis=1), term_day(other_term), FAR)),
        "first_suspension_date": dates(suspended), "first_permanent_exclusion_date": dates(excluded), "first_alternative_provision_date": dates(away),
        "n_suspensions": np.bincount(fixed["person"].to_numpy(dtype=np.int64), minlength=n),
        "ks2_english": school.ks2.get("english", np.zeros(n, dtype=bool)), "ks2_maths": school.ks2.get("maths", np.zeros(n, dtype=bool)),
        "ks4_any_pass": school.ks4.get("any", np.zeros(n, dtype=bool)), "ks4_five_passes_with_english_maths": school.ks4.get("five_g", np.zeros(n, dtype=bool)),
        "achieved_level2_english_maths": school.ks4.get("five_c", np.zeros(n, dtype=bool)),
        "first_school_year": cohort + school.first, "last_school_year": cohort + school.last,
    }
    blank = {"b": False, "O": "", "M": np.datetime64("NaT"), "i": 0}
    return {name: np.concatenate([v, np.full(total - n, blank[v.dtype.kind], dtype=v.dtype)]) for name, v in values.items()}


def seen(world: World, returns: Returns, share: Share, tables: dict[str, Rows]) -> pd.DataFrame:
    """What follows, by the project's definitions, from the rows of a share before any fault; missing for children without a PMR in it.

    A row belongs to a child if it carries the PMR, or if another row of the same local id of the same table does.
    """
    n = len(world.people)
    cla, cin = tables["cla"], tables["cin"]

    def reachable(rows: Rows) -> np.ndarray:
        if not len(rows) or share.name == "first":  # which has no local ids
            return rows.columns["pmr"].filled()
        return pd.Series(rows.columns["pmr"].filled()).groupby(rows.hidden["_local"]).transform("max").to_numpy(dtype=bool)

    def any_of(person: np.ndarray, test: np.ndarray) -> np.ndarray:
        return np.bincount(person[test], minlength=n) > 0

    mine = reachable(cla)
    person = cla.hidden["_person"]
    respite = cla.columns["legal_status"].equals(*RESPITE) if len(cla) else mine
    known = any_of(person, mine)
    in_care = any_of(person, mine & ~respite)
    made = {"ever_child_looked_after": in_care, "has_respite_only": known & ~in_care}
    care = cla.take(mine & ~respite)
    start = care.columns["start_date"].codes.astype(np.int64) + day_zero()
    last = year_end(care.hidden["_year"]) if len(care) else np.zeros(0, dtype=np.int64)
    is_open = care.columns["reason_ceased"].equals("-10") if len(care) else np.zeros(0, dtype=bool)
    end = np.where(is_open, last, np.minimum(care.columns["end_date"].codes.astype(np.int64) + day_zero(), last))
    rows = pd.DataFrame({"person": care.hidden["_person"], "start": start, "end": end, "year": care.hidden["_year"],
                         "poc": care.columns["poc_start"].codes.astype(np.int64) + day_zero(), "begins": "reason_new_episode" in care.columns and care.columns["reason_new_episode"].equals("S")})
    rows = rows.sort_values(["person", "start", "year"], kind="stable").drop_duplicates(["person", "start"], keep="last")
    born = birthday(world.people["birth_year"].to_numpy(), world.people["birth_month"].to_numpy(), 0)[rows["person"]]
    # where earlier episodes of the period were not delivered: last episodes only, or one that ran before the first return and did not begin it
    begun_unseen = np.full(len(rows), True) if share.name == "first" else (rows["start"] <= year_end(share.cla_years[0] - 1)) & ~rows["begins"]
    rows["start"] = np.where(begun_unseen & (rows["poc"] <= rows["start"]) & (rows["poc"] >= born - 214), rows["poc"], rows["start"])
    united = spells(rows["person"].to_numpy(), rows["start"].to_numpy(), np.minimum(rows["end"], world.people["adulthood"].to_numpy()[rows["person"]]).to_numpy())
    made["n_care_episodes_observed"] = np.bincount(rows["person"], minlength=n)
    made["care_days_observed"] = np.bincount(united["person"], united["end"] - united["start"], minlength=n).astype(np.int64)
    made["first_care_date"] = dates(first_by_person(n, united["person"], united["start"]))

    mine = reachable(cin)
    person, year = cin.hidden["_person"], cin.hidden["_year"]
    if "referral_date" not in cin.columns:  # a year that begins with adulthood is outside childhood, unless it returns a referral dated in it
        mine = mine & (day(year - 1, 4) < world.people["adulthood"].to_numpy()[person])
    at_march = mine & cin.columns["at_31_march"].equals("1") & (year_end(year) < world.people["adulthood"].to_numpy()[person]) if len(cin) else mine
    years = pd.DataFrame({"person": person[at_march], "year": year[at_march]}).drop_duplicates()
    made["years_child_in_need"] = np.bincount(years["person"], minlength=n)
    made["ever_child_in_need"] = made["years_child_in_need"] > 0
    named = np.zeros(len(cin), dtype=bool)
    for column in ("category", "category_first", "category_initial", "category_latest"):
        named |= cin.columns[column].filled() if len(cin) else named
    made["cpp_by_category_of_abuse"] = any_of(person, mine & named)
    made["cpp_by_previous_plans"] = any_of(person, mine & cin.columns["previous_plans"].filled() & ~cin.columns["previous_plans"].equals("0")) if len(cin) else in_care & False
    plan = made["cpp_by_category_of_abuse"] | made["cpp_by_previous_plans"]
    if "plan_start" in cin.columns:
        made["cpp_by_plan_dates"] = any_of(person, mine & cin.columns["plan_start"].filled()) if len(cin) else in_care & False
        plan = plan | made["cpp_by_plan_dates"]
    made["ever_child_protection_plan"] = plan
    any_row = any_of(person, mine)
    in_education = np.zeros(n, dtype=bool)
    for name in EDUCATION:
        if name in tables and len(tables[name]):
            in_education[tables[name].hidden["_person"]] = True
    rank = np.select([in_care, plan, made["ever_child_in_need"], any_row, in_education], [4, 3, 2, 1, 0], -1)
    made["social_care_level"] = np.array([*LEVELS, ""], dtype=object)[rank]
    made["is_in_education_data"] = in_education
    return pd.DataFrame(made)


def day_zero() -> int:
    """Day number of position 0 in the calendar."""
    from .days import SHORTEST
    return SHORTEST - 1


def life_tables(world: World, returns: Returns) -> dict[str, pd.DataFrame]:
    """The other tables of the truth: lives as they were, whoever reported them."""
    number = world.people["person"].to_numpy()
    care, code = world.care, world.areas.code

    def base(rows: pd.DataFrame) -> dict[str, np.ndarray]:
        person = rows["person"].to_numpy(dtype=np.int64)
        return {"person": number[person], "pupil_id": returns.pmr[person]}

    periods = care.periods.iloc[care.episodes["period"]]
    occasions, custody = world.justice.occasions, world.justice.custody
    disposal = occasions["disposal"].to_numpy()
    tables = {
        "care_episodes": pd.DataFrame(base(care.episodes) | {
            "la": code[periods["area"]], "child_id": periods["local_id"].to_numpy(), "period_start": dates(periods["start"]), "period_end": dates(periods["end"]),
            "kind": periods["kind"].to_numpy(dtype=object), "need": periods["need"].to_numpy(dtype=object), "period_ending": periods["ending"].to_numpy(dtype=object),
            "episode_start": dates(care.episodes["start"]), "episode_end": dates(care.episodes["end"]), "reason_new_episode": care.episodes["rne"].to_numpy(dtype=object),
            "placement": care.episodes["placement"].to_numpy(dtype=object), "legal_status": care.episodes["legal_status"].to_numpy(dtype=object),
            "ending": care.episodes["ending"].to_numpy(dtype=object), "pmr_from_year": returns.known_from[care.episodes["person"]], "birth": dates(world.people["birth"].to_numpy()[care.episodes["person"]]),
        }),
        "referrals": pd.DataFrame(base(care.referrals) | {
            "la": code[care.referrals["area"]], "child_id": care.referrals["local_id"].to_numpy(), "referral_date": dates(care.referrals["start"]),
            "closure_date": dates(care.referrals["end"]), "outcome": care.referrals["outcome"].to_numpy(dtype=object), "need": care.referrals["need"].to_numpy(dtype=object),
            "closure": care.referrals["closure"].to_numpy(dtype=object),
        }),
        "plans": pd.DataFrame(base(care.plans) | {
            "plan_start": dates(care.plans["plan_start"]), "plan_end": dates(care.plans["plan_end"]), "previous_plans": care.plans["previous"].to_numpy(),
            "category": care.plans["latest_category"].to_numpy(dtype=object),
        }),
        "sanctions": pd.DataFrame(base(occasions) | {
            "number": occasions["number"].to_numpy() + 1, "offence_date": dates(occasions["day"]), "sentence_date": dates(occasions["sentence_day"]),
            "is_serious_violence": occasions["violent"].to_numpy(), "disposal": np.array([text for _, text, _ in DISPOSALS], dtype=object)[disposal],
            "group": GROUPS[disposal],
        }),
        "custody": pd.DataFrame(base(custody) | {"kind": custody["kind"].to_numpy(dtype=object), "start": dates(custody["start"]), "end": dates(custody["end"])}),
        "exclusions": pd.DataFrame(base(world.school.exclusions) | {
            "start": dates(world.school.exclusions["day"]), "category": world.school.exclusions["category"].to_numpy(dtype=object),
            "sessions": world.school.exclusions["sessions"].to_numpy(dtype=np.int64)}) if world.block.pupils else pd.DataFrame(),
        "alternative_provision": pd.DataFrame(base(world.school.alternative) | {
            "kind": world.school.alternative["kind"].to_numpy(dtype=object), "start": dates(world.school.alternative["day"])}) if world.block.pupils else pd.DataFrame(),
    }
    return {name: table for name, table in tables.items() if len(table)}


def with_pupil_id(rows: pd.DataFrame, world: World, returns: Returns) -> pd.DataFrame:
    """Rows whose `person` is the place in a chunk, with the number in the whole world and the PMR instead."""
    if not len(rows):
        return rows
    person = rows["person"].to_numpy(dtype=np.int64)
    return pd.DataFrame({"person": world.people["person"].to_numpy()[person], "pupil_id": returns.pmr[person]} | {
        name: rows[name].to_numpy() for name in rows.columns if name != "person"})


def write_effects(folder: Path, areas: Areas) -> None:
    """The planted effects, as CSV."""
    with open(folder / "planted_effects.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["cause", "outcome", "scale", "value"])
        writer.writerows([cause, outcome, "factor on the hazard", f"{factor:g}"] for (cause, outcome), factor in CAUSES.items())
        writer.writerow(["in care before the summer of Year 11", "result at the end of Year 11", "standard deviations", "-0.15"])
        writer.writerow(["permanently excluded", "result at the end of Year 11", "standard deviations", "-0.4"])
        writer.writerow(["risk (one standard deviation)", "first offence", "log hazard", f"{STEEPNESS['offence']:g}"])
        writer.writerows([name, "first offence", "log hazard", f"{value:g}"] for name, value in OFFENCE.items())
        writer.writerows([name, "serious violence, given an offence", "log odds", f"{value:g}"] for name, value in VIOLENCE.items())
        writer.writerows(["risk", f"propensity: {name}", "correlation", f"{value:g}"] for name, value in LOADING.items())
    with open(folder / "planted_area_effects.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["local_authority", "name", "log_hazard_of_first_offence", "log_odds_of_serious_violence"])
        writer.writerows([code, name, f"{value:g}", f"{violence:g}"] for code, name, value, violence in zip(areas.code, areas.name, areas.effect, areas.violence))


__all__ = ["LEVELS", "life_tables", "pupil_truth", "return_year", "with_pupil_id", "write_effects"]
