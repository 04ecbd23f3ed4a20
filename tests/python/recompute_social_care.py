"""Independent recomputation of spells, stays in a placement, referrals and plans, and what they add up to, child by child, in plain Python.

It reads the raw files with `recompute`, and was written from the definitions. Each function names, under "Definition", the rule that it implements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pandas as pd
from recompute import (
    CIN,
    CLA,
    EDUCATION,
    Codes,
    add_child_keys,
    care_interval,
    clean_cin,
    clean_cla,
    eighteenth_birthday,
    end_of_return_year,
    find_files,
    group_of,
    has_plan_date,
    person_attributes,
    read_table,
    remaining,
    seven_months_before,
    to_date,
    to_flag,
    to_integer,
    to_year,
)
from recompute_exactness import (
    Birth, Time, cover_of_years, exactness_of_plan, exactness_of_referral, exactness_of_spell, exactness_of_stay, exactness_of_totals,
    is_in_need, level_readings, return_year_of, stamp, times_of_plans, times_of_referrals, united, years_of_childhood,
)  # fmt: skip

MOVES, NO_MOVES = {"P", "B"}, {"L", "T", "U"}
RETURN_HOME = {"E4", "E4A", "E4B", "E13"}
LEGAL_STATUSES = {
    "interim_care_order": {"C1"}, "full_care_order": {"C2"}, "placement_order": {"D1", "E1"}, "accommodated_section_20": {"V2"},
    "short_breaks": {"V1", "V3", "V4"}, "detained_for_protection": {"L1", "L2", "L3"}, "youth_justice_status": {"J1", "J2", "J3"},
    "other_legal_status": {"W1"},
}  # fmt: skip
PLACEMENT_GROUPS = ("foster", "kinship_foster", "residential", "secure", "custody", "with_parents", "adoption", "independent", "other")


def is_other_placement(before: str | None, after: str | None, lookup: dict[str, dict]) -> bool:
    """Definition, move without a reason: the code differs, unless the old code of a kind of placement gave way to a new one of it, be it
    on a day that is not known (`is_superseded`)."""
    if before is None or after is None or before == after:
        return False
    old, new = lookup.get(before, {}), lookup.get(after, {})
    if old.get("code_group") and old.get("code_group") == new.get("code_group"):
        is_followed = old["valid_to"] and new["valid_from"] and old["valid_to"] < new["valid_from"]
        return not (is_followed or (old["is_superseded"] == "true") != (new["is_superseded"] == "true"))
    return True


def spells_of(episodes: list[tuple[date, date, dict]], max_gap_days: int = 0) -> list[dict]:
    """Definition, care spell: the next episode starts on or before the day the last ended; overlaps merge."""
    spells: list[dict] = []
    for start, end, row in sorted(episodes, key=lambda item: (item[0], item[1], item[2]["start_date"])):
        if spells and start <= spells[-1]["end"] + timedelta(days=max_gap_days):
            spells[-1]["end"] = max(spells[-1]["end"], end)
            spells[-1]["episodes"].append((start, end, row))
        else:
            spells.append({"start": start, "end": end, "episodes": [(start, end, row)]})
    return spells


def end_of_spell(spell: dict, birth: Birth) -> dict:
    """How a spell ended: with the episode that ends last.

    Definition, return home: ended E4, E4A, E4B or E13, unless the spell ran to the 18th birthday. One that did is not open either.
    """
    _, _, last = max(spell["episodes"], key=lambda item: (item[1], item[2]["start_date"]))
    is_grown_up = birth is not None and spell["end"] == eighteenth_birthday(birth)
    is_open = last["is_open"] and not is_grown_up
    is_home = last["reason_code"] in RETURN_HOME and not is_grown_up
    return {"reason_ceased_code": last["reason_code"], "is_open": is_open, "is_return_home": None if is_open else is_home}


def stays_of(spell: dict, lookup: dict[str, dict]) -> list[dict]:
    """Stays of a spell in one placement.

    Definition, placement move: reason P or B, or a placement code that differs where no reason tells; temporary placements aside, and back from one
    only a different placement is a move. An episode holds its placement until it ends or the next begins.
    """
    episodes = sorted(spell["episodes"], key=lambda item: item[2]["start_date"])
    stays: list[dict] = []
    last_settled, was_temporary = None, False
    for place, (_, end, row) in enumerate(episodes):
        code, reason = row["placement_code"], row["new_code"]
        temporary = lookup.get(code, {}).get("is_temporary", False)
        if temporary:
            moves = False
        elif last_settled is None:
            moves = False
        elif was_temporary or reason not in MOVES | NO_MOVES:
            moves = is_other_placement(last_settled["placement_code"], code, lookup)
        else:
            moves = reason in MOVES
        row["is_move"], row["stay_number"] = moves, len(stays) + (moves or not stays)
        if moves or not stays:
            stays.append({"start": row["start_date"], "days": 0, "code": None, "is_settled": False, "n_episodes": 0, "episodes": []})
        stay = stays[-1]
        if stay["n_episodes"] == 0 or (not temporary and not stay["is_settled"]):
            stay["code"], stay["is_settled"] = code, not temporary
        until = min([end] + [later[2]["start_date"] for later in episodes[place + 1 : place + 2]])
        stay["days"] += (until - row["start_date"]).days
        stay["end"] = max(stay.get("end", until), until)
        stay["n_episodes"] += 1
        stay["episodes"].append(row)
        if not temporary:
            last_settled = row
        was_temporary = temporary
    return stays


LOOKUPS = {"category_of_need": "need_code", "legal_status": "legal_code", "placement": "placement_code", "reason_new_episode": "new_code",
           "reason_ceased": "reason_code"}  # fmt: skip


def described(name: str, code: str | None, day: date, lookup: list[dict]) -> tuple[dict, bool]:
    """Label and group of a code, and whether it was used outside its validity.

    Definition, validity: as the code was valid on a day; outside it keeps the words that it has at another time; `unmapped` where no look-up holds it.
    """
    versions = [row for row in lookup if row["code"] == code]
    valid = [row for row in versions if (row["valid_from"] or "0000") <= day.isoformat() <= (row["valid_to"] or "9999")]
    label, group = (code and min((row[column] for row in valid or versions), default="unmapped") for column in ("label", "code_group"))
    return {f"{name}_code": code, f"{name}_label": label, f"{name}_group": group}, bool(versions) and not valid


def episode_of(row: dict, care: tuple[date, date] | None, spell: dict | None, birth: Birth, returns: tuple[int, int], lookups: dict[str, list[dict]]) -> dict:
    """A row of `care_episodes`.

    Definition, exactness: an episode that was open, or cut to its return year, was not seen to its end, unless childhood ended first.
    Definition, lost to follow-up: open before the last return, where the spell ends with the episode; respite, where no later return has the child.

    Args:
        care: start and end of the care that it shows, none for respite.
        returns: the last return year of the child, and of the extract.
    """
    end = min(row["end_date"], eighteenth_birthday(birth)) if birth else row["end_date"]
    is_last = care[1] == spell["end"] if care else row["return_year"] == returns[0]
    repairs = {
        "pupil_id_drawn_down": row["is_drawn_down"], "open_to_31_march": row["is_open"], "end_cut_to_return_year": row["is_end_cut"],
        "start_from_period": row["is_start_of_period"], "end_from_period": row["is_end_of_period"], "joined_to_next": row["is_joined"],
        "care_from_period_start": care is not None and care[0] < row["start_date"], "cut_at_adulthood": end < row["end_date"],
    }  # fmt: skip
    told = {
        name: described(name, row[column], row["end_date"] if name == "reason_ceased" else row["start_date"], lookups[name]) for name, column in LOOKUPS.items()
    }
    made = {
        "episode_start_date": row["start_date"], "la_child_id": row["la_child_id"], "local_authority_code": row["la"] and row["la"].upper().removesuffix(".0"),
        "return_year": row["return_year"], "episode_end_date": row["end_date"], "care_start_date": care and care[0], "care_end_date": care and care[1],
        "episode_days": (end - row["start_date"]).days, "age_at_start": age(birth, row["start_date"]), "reason_place_change_code": row["place_change_code"],
        "is_unaccompanied_asylum_seeker": to_flag(row.get("asylum")), "is_respite": row["respite"], "is_care": care is not None, "is_open": row["is_open"],
        "is_lost_to_follow_up": row["is_open"] and row["return_year"] < returns[1] and is_last, "spell_start_date": spell and spell["start"],
        "stay_number": row.get("stay_number"), "is_move": row.get("is_move"),
        "repairs": " ".join(name for name, holds in repairs.items() if holds) or "none",
        "codes_outside_validity": " ".join(name for name, (_, is_outside) in told.items() if is_outside) or "none",
        "episode_days_exactness": stamp(end < row["end_date"] or not (row["is_open"] or row["is_end_cut"])),
    }  # fmt: skip
    for words, _ in told.values():
        made |= words
    return made


def furthest_stage(has_plan: bool, in_need: bool, nfa: bool, closure: str | None) -> str:
    """Definition, furthest stage of a referral."""
    if has_plan:
        return "plan"
    if in_need:
        return "in_need"
    if nfa:
        return "referral_only"
    return "assessed_not_in_need" if closure == "RC8" else "in_need"


def referrals_of(rows: list[dict], codes: Codes, birth: Birth) -> list[dict]:
    """Referrals of one child.

    Definition: one for each referral date, or return year where there is none; its closure is that of the latest return, so that a
    blank there opens it again, unless a reason for closure stands alone; of two reasons the smaller, RC8 only alone, of two days the later. A closure
    before the referral gives no days.
    """
    groups = defaultdict(list)
    for row in rows:
        groups[row["referral"] or row["return_year"]].append(row)
    made = []
    for key, of_referral in groups.items():
        last_year = max(row["return_year"] for row in of_referral)
        last_rows = [row for row in of_referral if row["return_year"] == last_year]
        closures = [code for row in last_rows if (code := codes("cin_reason_for_closure", row["closure_reason"]))]
        closure = min(closures, key=lambda code: (code == "RC8", code), default=None)
        closed = max((day for row in last_rows if (day := to_date(row["closure_date"]))), default=None)
        end = None
        if isinstance(key, date):
            seen = end_of_return_year(last_year)
            end = key if closed and closed < key else min(closed or seen, seen)
            end = min(end, eighteenth_birthday(birth)) if birth else end
        in_need = {row["return_year"] for row in of_referral if is_in_need(row, birth)}
        has_plan = any(row["any_abuse_category"] or to_date(row["plan_start"]) or to_date(row["plan_end"]) for row in of_referral)
        made.append({
            "referral_date": key if isinstance(key, date) else None,
            "first_return_year": min(row["return_year"] for row in of_referral),
            "last_return_year": last_year,
            "n_years_in_need": len(in_need),
            "furthest_stage": furthest_stage(has_plan, bool(in_need), any(to_flag(row["nfa"]) for row in of_referral), closure),
            "episode_days": (end - key).days if end and not (closed and closed < key) else None,
            "closure_date": closed,
            "reason_for_closure_code": closure,
            "is_open": closure is None if closed is None else closed > end_of_return_year(last_year),
            "is_no_further_action": any(to_flag(row["nfa"]) for row in of_referral),
            "n_plans": len({to_date(row["plan_start"]) for row in of_referral} - {None}),
            "first_plan_start_date": min((day for row in of_referral if (day := to_date(row["plan_start"]))), default=None),
            "last_plan_end_date": max((day for row in of_referral if (day := to_date(row["plan_end"]))), default=None),
            "age_at_referral": age(birth, key) if isinstance(key, date) else None,
        })  # fmt: skip
    return made


def plans_of(rows: list[dict], birth: Birth) -> list[dict]:
    """Dated plans of one child.

    Definition: days from start to the end that the latest return gives, seen to its 31 March and never past the 18th birthday; a
    start before childhood gives none. A plan without a start is kept by its end, unless another ends on that day.
    """
    groups = defaultdict(list)
    for row in rows:
        start, end = to_date(row["plan_start"]), to_date(row["plan_end"])
        if start or end:
            groups[start, None if start else end].append(row)
    made = []
    for (start, _), of_plan in groups.items():
        years = [row["return_year"] for row in of_plan]
        told = max((day for row in of_plan if row["return_year"] == max(years) and (day := to_date(row["plan_end"]))), default=None)
        end = min(told or date.max, end_of_return_year(max(years)))
        if birth:
            end = min(end, eighteenth_birthday(birth))
        is_counted = start is not None and end >= start and not (birth and start < seven_months_before(birth))
        made.append({
            "plan_start_date": start, "plan_end_date": told, "age_at_start": age(birth, start), "plan_days": (end - start).days if is_counted else None,
            "first_return_year": min(years), "last_return_year": max(years), "is_open": told is None or told > end_of_return_year(max(years)),
        })  # fmt: skip
    ends_of_others = {plan["plan_end_date"] for plan in made if plan["plan_start_date"]}
    return [plan for plan in made if plan["plan_start_date"] or plan["plan_end_date"] not in ends_of_others]


def first_days(rows: dict[str, list[dict]], care_start: date | None, birth: Birth) -> dict[str, tuple[date, str, date]]:
    """First day on which each level was known; what it stands for, a `day`, a `return_year` or `no_later_than`; and the first on which it can have begun.

    Definition: care begins with its first spell, a plan with its start, need and contact with the referral. A day that was not delivered, or that
    the row cannot tell of, is the end of the plan, or the 31 March that ends the return year, at the latest the last day of childhood; it began on the
    1 April before at the earliest, or with the referral that lies between. Where the first plan follows others these lie anywhere in childhood before it.
    """
    found: dict[str, list[tuple[date, str, date]]] = defaultdict(list)
    plan_rows = []
    for row in rows[CIN]:
        last = last_day_told(row, birth)

        def is_told(day: date | None) -> bool:
            return day is not None and day <= last and not (birth and day < seven_months_before(birth))

        def known(day: date | None, stand_in: date | None = None) -> tuple[date, str, date]:
            if is_told(day):
                return day, "day", day
            shown = stand_in if day is None and is_told(stand_in) else last
            first = date(return_year_of(shown) - 1, 4, 1)
            return shown, "return_year", row["referral"] if row["referral"] and first <= row["referral"] <= shown else first

        found["referral_only"].append(known(row["referral"]))
        if is_in_need(row, birth):
            found["child_in_need"].append(known(row["referral"]))
        if row["any_abuse_category"] or has_plan_date(row) or (to_integer(row["previous_plans"]) or 0) >= 1:
            found["child_protection_plan"].append(known(to_date(row["plan_start"]), to_date(row["plan_end"])))
            plan_rows.append((found["child_protection_plan"][-1][0], to_integer(row["previous_plans"]), last))
    if care_start:
        found["child_looked_after"].append((care_start, "day", care_start))
    made = {level: min(days) for level, days in found.items()}
    if plan_rows:
        day = made["child_protection_plan"][0]
        told = [(n, last) for shown, n, last in plan_rows if shown == day]
        if min((n for n, _ in told if n is not None), default=0) >= 1:
            first = seven_months_before(birth) if birth else min(last.replace(year=last.year - 18) for _, last in told)
            made["child_protection_plan"] = (day, "no_later_than", first)
    return made


def last_day_told(row: dict, birth: Birth) -> date:
    """The 31 March that ends a row's return year, at the latest the last day of childhood."""
    last = end_of_return_year(row["return_year"])
    return min(last, eighteenth_birthday(birth) - timedelta(1)) if birth else last


def age(birth: Birth, day: date | None) -> int | None:
    """Completed years."""
    return None if birth is None or day is None else day.year - birth[0] - (day.month < birth[1])


def status_on(day: date, times: dict[str, list[Time]]) -> str | None:
    """The highest level that held on a day. Definition: what was open on the 31 March to which it was seen held on that day too."""
    for level in ("child_looked_after", "child_protection_plan", "child_in_need"):
        if any(start <= day and (day < end or is_open and day == end) for start, end, is_open in times[level]):
            return level
    return None


def undated_times(rows: list[dict], birth: Birth) -> dict[str, list[Time]]:
    """Definition, status at an age: need and plans without the dates that would place them hold from their 31 March until the next."""
    made: dict[str, list[Time]] = {"child_in_need": [], "child_protection_plan": []}
    for row in rows:
        has_undated_plan = row["any_abuse_category"] and not has_plan_date(row)
        if is_in_need(row, birth) and (row["referral"] is None or has_undated_plan):
            level = "child_protection_plan" if has_undated_plan else "child_in_need"
            made[level].append((end_of_return_year(row["return_year"]), end_of_return_year(row["return_year"] + 1), False))
    return made


@dataclass
class Children:
    """The cleaned rows of each pupil, by table, and what was found on the way."""

    rows: dict[str, dict[str, list[dict]]]
    codes: Codes
    birth_of: Callable[[tuple], Birth]
    shapes: dict[int, str]  # of the years of looked-after children
    cin_shapes: dict[int, str]  # of the years of children in need
    spans: list[tuple[date, date]]  # first and last day of each source that was supplied
    is_taught: dict[str, bool]  # every pupil of the extract: whether some table of education holds it
    has_plan_dates: bool
    has_referral_dates: bool

    def first_days_of(self, pupil_id: str) -> dict[str, tuple[date, str, date]]:
        """The first days of the levels of a pupil, see `first_days`."""
        rows, birth = self.rows[pupil_id], self.birth_of(("pmr", pupil_id))
        starts = [care_interval(row, self.shapes, birth)[0] for row in rows[CLA] if not row["respite"]]
        return first_days(rows, min(starts, default=None), birth)


def span_of(rows: list[dict], source: str) -> tuple[date, date]:
    """First and last day of a source. Definition: a return year counts that holds at least a hundredth of the children of the busiest; the first
    children in need return covers October 2008 to March 2009 alone."""
    children = defaultdict(set)
    for row in rows:
        if row["rule"] in (None, "resent_episode"):
            children[row["return_year"]].add(row["child_key"])
    busiest = max(len(found) for found in children.values())
    years = [year for year, found in children.items() if 100 * len(found) >= busiest]
    first = min(years)
    return date(2008, 10, 1) if (source, first) == (CIN, 2009) else date(first - 1, 4, 1), end_of_return_year(max(years))


@cache
def cleaned_children(extract: Path, seed) -> Children:
    """Rows of social care that remain after cleaning, for each pupil.

    Args:
        seed: reads a seed by its path under `seeds`, as text.
    """
    codes, ethnic_group = Codes(seed("recodes/recodes.csv")), group_of(seed("lookups/npd_ethnicity_minor.csv"))
    tables = {table: read_table(table, paths) for table, paths in find_files(extract).items()}
    for table, rows in tables.items():
        for row in rows:
            row["rule"] = None
            row["return_year"] = to_year(row.get("year"))
        if table in (CLA, CIN):
            add_child_keys([row for row in rows if not row["malformed"]])
        else:
            for row in rows:
                row["child_key"] = None if row["pmr"] is None else ("pmr", row["pmr"])
    attributes = person_attributes(tables, codes, unclassified=lambda code: ethnic_group.get(code) == "UNCL")

    def birth_of(key):
        return attributes[key]["birth"][0] if key in attributes else None

    shapes = clean_cla(tables.get(CLA, []), codes, birth_of)
    cin_shapes = clean_cin(tables.get(CIN, []), codes, birth_of)
    children: dict[str, dict[str, list[dict]]] = defaultdict(lambda: {CLA: [], CIN: []})
    for table in (CLA, CIN):
        for row in remaining(tables.get(table, [])):
            if row["pmr"] is not None:
                children[row["pmr"]][table].append(row)
    is_taught: dict[str, bool] = defaultdict(bool)
    for table, rows in tables.items():
        for row in rows:
            if not row["malformed"] and row["pmr"] is not None:
                is_taught[row["pmr"]] |= table in EDUCATION
    spans = [span_of(tables[table], table) for table in (CLA, CIN) if any(row["rule"] is None for row in tables.get(table, []))]
    has_plan_dates = any(has_plan_date(row) for row in tables.get(CIN, []) if not row["malformed"])
    has_referral_dates = any(row["referral"] for row in remaining(tables.get(CIN, [])))
    return Children(children, codes, birth_of, shapes, cin_shapes, spans, is_taught, has_plan_dates, has_referral_dates)


def found_times(rows: dict[str, list[dict]], spells: list[dict], referrals: list[dict], plans: list[dict], birth: Birth) -> tuple[dict[str, list], list, list]:
    """Times at each level of a pupil; and the dated times in need, and on plans, alone."""
    in_need = united(times_of_referrals([referral for referral in referrals if referral["n_years_in_need"]]))
    on_plans = united(times_of_plans(plans))
    undated = undated_times(rows[CIN], birth)
    times = {
        "child_looked_after": [(spell["spell_start_date"], spell["spell_end_date"], spell["is_open"]) for spell in spells],
        "child_protection_plan": on_plans + undated["child_protection_plan"],
        "child_in_need": in_need + undated["child_in_need"],
    }
    return times, in_need, on_plans


def times_of_years(rows: list[dict], spells: list[dict], referrals: list[dict], plans: list[dict], birth: Birth) -> dict[str, list[Time]]:
    """Definition, school years: a dated time counts in every year that it touches, what is known of a return year only on its 31 March."""
    times, in_need, on_plans = found_times({CIN: rows}, spells, referrals, plans, birth)

    def marks(which: Callable) -> list[Time]:
        return [(day, day, False) for row in rows if which(row) for day in [last_day_told(row, birth)]]

    def is_undated_plan(row: dict) -> bool:
        is_plan = row["any_abuse_category"] or (to_integer(row["previous_plans"]) or 0) >= 1
        start = to_date(row["plan_start"])
        return (is_plan and not has_plan_date(row)) or bool(start and birth and start < seven_months_before(birth))

    ends = [(day, day, False) for row in rows if not to_date(row["plan_start"]) and (day := to_date(row["plan_end"]))]
    return {
        "child_looked_after": times["child_looked_after"],
        "child_protection_plan": on_plans + marks(is_undated_plan) + ends,
        "child_in_need": in_need + marks(lambda row: is_in_need(row, birth)),
        "referral_only": times_of_referrals(referrals) + marks(lambda row: row["referral"] is None),
        "dated_need": in_need, "dated_plan": on_plans,
    }  # fmt: skip


def exposure(rows: dict[str, list[dict]], spells: list[dict], stays: list[dict], referrals: list[dict], plans: list[dict], birth: Birth,
             found: Children, is_taught: bool) -> dict:  # fmt: skip
    """What `social_care_exposures` says of one pupil beside the level, which `recompute` tells; both sources were supplied."""
    first_days_of_levels = first_days(rows, spells[0]["spell_start_date"] if spells else None, birth)
    contact, need, protected, care = (
        min(first_days_of_levels.values(), default=(None, None, None)),
        *(first_days_of_levels.get(level, (None, None, None)) for level in ("child_in_need", "child_protection_plan", "child_looked_after")),
    )
    first_day, last_day = max(first for first, _ in found.spans), min(last for _, last in found.spans)
    times, in_need, on_plans = found_times(rows, spells, referrals, plans, birth)

    def status(day: date) -> str | None:
        if held := status_on(day, times):
            return held
        if not first_day <= day <= last_day:
            return None
        if contact[0] and contact[0] <= day:
            return "known_before"
        return "no_contact" if is_taught else None

    days = {group: sum(stay["days_in_placement"] for stay in stays if stay["placement_group"] == group) for group in PLACEMENT_GROUPS}
    in_care = sum(spell["care_days"] for spell in spells)
    return {
        "no_contact_from_date": first_day if is_taught and not (contact[0] and contact[0] < first_day) else None,
        "first_contact_date": contact[0],
        "age_first_contact": age(birth, contact[0]),
        "first_child_in_need_date": need[0],
        "first_child_in_need_date_precision": need[1],
        "child_in_need_confirmed_date": min((end_of_return_year(row["return_year"]) for row in rows[CIN] if is_in_need(row, birth)), default=None),
        "age_first_child_in_need": age(birth, need[0]),
        "first_child_protection_plan_date": protected[0],
        "first_child_protection_plan_date_precision": protected[1],
        "age_first_child_protection_plan": age(birth, protected[0]),
        "age_first_care": age(birth, care[0]),
        "n_care_spells": len(spells),
        "n_re_entries": max(len(spells) - 1, 0),
        "n_returns_home": sum(spell["is_return_home"] is True for spell in spells),
        "n_placements": len(stays),
        "n_placement_moves": len(stays) - len(spells),
        **{f"care_days_{group}": days[group] if spells else None for group in PLACEMENT_GROUPS},
        "care_days_placement_unknown": in_care - sum(days.values()) if spells else None,
        **{f"ever_{status}": any(row["legal_code"] in codes for row in rows[CLA]) for status, codes in LEGAL_STATUSES.items()},
        "n_referrals": len(referrals),
        "n_child_protection_plans": len(plans) if found.has_plan_dates else None,
        "plan_days": sum((end - start).days for start, end, _ in on_plans) if on_plans else None,
        "need_days": sum((end - start).days for start, end, _ in in_need) if in_need else None,
        "status_at_16": status(date(birth[0] + 16, birth[1], 1)) if birth else None,
        "status_at_18": status(eighteenth_birthday(birth) - timedelta(1)) if birth else None,
    }


def recompute_social_care(extract: Path, seed, max_gap_days: int = 0, count_respite_as_care: bool = False) -> dict[str, pd.DataFrame]:
    """The marts of social care, of the pupils of an extract; of `social_care_exposures` what `recompute` does not tell.

    Args:
        seed: reads a seed by its path under `seeds`, as text.
    """
    found = cleaned_children(extract, seed)
    lookup = {
        row["code"]: {**row, "is_temporary": row["is_temporary"] == "true"} for row in seed("lookups/cla_placement.csv").to_dict("records")
    }  # fmt: skip
    kinds = {row["code_group"]: row["placement_group"] for row in seed("rules/care_placement_groups.csv").to_dict("records")}

    def group_of_stay(stay: dict) -> str:
        return "unknown" if stay["code"] is None else kinds.get(lookup.get(stay["code"], {}).get("code_group"), "other")

    made: dict[str, list[dict]] = {
        name: [] for name in ("care_episodes", "care_spells", "placements", "child_in_need_episodes", "child_protection_plans", "social_care_exposures",
                              "social_care_by_year")
    }  # fmt: skip
    lookups = {name: seed(f"lookups/cla_{name}.csv").to_dict("records") for name in LOOKUPS}
    last_return_year = found.spans[0][1].year
    cover = cover_of_years(found, seed("rules/source_coverage.csv"))
    for pupil_id, is_taught in found.is_taught.items():
        rows, birth = found.rows[pupil_id], found.birth_of(("pmr", pupil_id))
        care = [row for row in rows[CLA] if count_respite_as_care or not row["respite"]]
        spells, stays, key = [], [], {"pupil_id": pupil_id}
        returns = (max((row["return_year"] for row in rows[CLA]), default=0), last_return_year)
        aside = [row for row in rows[CLA] if row["respite"] and not count_respite_as_care]
        made["care_episodes"] += [key | episode_of(row, None, None, birth, returns, lookups) for row in aside]
        for number, spell in enumerate(spells_of([(*care_interval(row, found.shapes, birth), row) for row in care], max_gap_days), 1):
            placed, begun = stays_of(spell, lookup), min((row for _, _, row in spell["episodes"]), key=lambda row: row["start_date"])
            start = spell["start"]
            for begin, end, row in spell["episodes"]:
                made["care_episodes"].append(key | episode_of(row, (begin, end), spell, birth, returns, lookups))
            spells.append({
                "pupil_id": pupil_id, "spell_start_date": start, "spell_number": number, "spell_end_date": spell["end"],
                "care_days": (spell["end"] - start).days, "age_at_start": age(birth, start), "age_at_end": age(birth, spell["end"]),
                "entry_category_of_need_code": begun["need_code"], "entry_legal_status_code": begun["legal_code"],
                "n_episodes": len(spell["episodes"]), "n_placements": len(placed), "n_moves": len(placed) - 1,
                "first_placement_group": group_of_stay(placed[0]), "last_placement_group": group_of_stay(placed[-1]),
                **end_of_spell(spell, birth), **exactness_of_spell(spell, spells[-1] if spells else None, found.shapes, birth),
                "days_since_last_spell": (start - spells[-1]["spell_end_date"]).days if spells else None,
            })  # fmt: skip
            stays += [
                {"pupil_id": pupil_id, "spell_start_date": start, "stay_number": n, "placement_start_date": stay["start"],
                 "placement_end_date": stay["end"], "days_in_placement": stay["days"], "age_at_start": age(birth, stay["start"]),
                 "n_episodes": stay["n_episodes"], "placement_code": stay["code"], "placement_group": group_of_stay(stay),
                 "days_exactness": exactness_of_stay(stay, n == 1, start, found.shapes, birth)}
                for n, stay in enumerate(placed, 1)
            ]  # fmt: skip
        referrals, plans = referrals_of(rows[CIN], found.codes, birth), plans_of(rows[CIN], birth)
        for referral in referrals:
            referral["episode_days_exactness"] = exactness_of_referral(referral, birth)
        for plan in plans:
            plan["plan_days_exactness"] = exactness_of_plan(plan, birth)
        made["care_spells"] += spells
        made["placements"] += stays
        made["child_in_need_episodes"] += [{"pupil_id": pupil_id} | referral for referral in referrals]
        made["child_protection_plans"] += [{"pupil_id": pupil_id} | plan for plan in plans]
        exactness = exactness_of_totals(rows, care, spells, referrals, plans, birth, found)
        made["social_care_exposures"].append(
            {"pupil_id": pupil_id} | exposure(rows, spells, stays, referrals, plans, birth, found, is_taught) | exactness
            | level_readings(rows, referrals, birth, is_taught or bool(spells), found.shapes, found.cin_shapes)
        )  # fmt: skip
        if birth:
            known = {level: day for level, (day, _, _) in first_days(rows, spells[0]["spell_start_date"] if spells else None, birth).items()}
            if "child_in_need" in known:
                known["child_in_need"] = min(end_of_return_year(row["return_year"]) for row in rows[CIN] if is_in_need(row, birth))
            made["social_care_by_year"] += [{"pupil_id": pupil_id} | year for year in years_of_childhood(
                times_of_years(rows[CIN], spells, referrals, plans, birth), known, is_taught,
                exactness, birth, cover, found.has_plan_dates, found.has_referral_dates)]  # fmt: skip
    return {name: pd.DataFrame(records) for name, records in made.items()}
