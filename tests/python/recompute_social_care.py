"""Independent recomputation of spells, stays in a placement, referrals and plans, child by child, in plain Python.

It reads the raw files with `recompute`, and was written from the definitions. Each function names, under "Definition", the rule that it implements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
from recompute import (
    CIN,
    CLA,
    Codes,
    add_child_keys,
    care_interval,
    clean_cin,
    clean_cla,
    eighteenth_birthday,
    end_of_return_year,
    find_files,
    group_of,
    person_attributes,
    read_table,
    remaining,
    seven_months_before,
    to_date,
    to_flag,
    to_year,
)

MOVES, NO_MOVES = {"P", "B"}, {"L", "T", "U"}


def is_other_placement(before: str | None, after: str | None, lookup: dict[str, dict]) -> bool:
    """Definition, move without a reason: the code differs, unless the old code of a kind of placement gave way to a new one of it."""
    if before is None or after is None or before == after:
        return False
    old, new = lookup.get(before, {}), lookup.get(after, {})
    if old.get("code_group") and old.get("code_group") == new.get("code_group"):
        return not (old["valid_to"] and new["valid_from"] and old["valid_to"] < new["valid_from"])
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
        if moves or not stays:
            stays.append({"start": row["start_date"], "days": 0, "code": None, "is_settled": False, "n_episodes": 0})
        stay = stays[-1]
        if stay["n_episodes"] == 0 or (not temporary and not stay["is_settled"]):
            stay["code"], stay["is_settled"] = code, not temporary
        until = min([end] + [later[2]["start_date"] for later in episodes[place + 1 : place + 2]])
        stay["days"] += (until - row["start_date"]).days
        stay["end"] = max(stay.get("end", until), until)
        stay["n_episodes"] += 1
        if not temporary:
            last_settled = row
        was_temporary = temporary
    return stays


def furthest_stage(has_plan: bool, in_need: bool, nfa: bool, closure: str | None) -> str:
    """Definition, furthest stage of a referral."""
    if has_plan:
        return "plan"
    if in_need:
        return "in_need"
    if nfa:
        return "referral_only"
    return "assessed_not_in_need" if closure == "RC8" else "in_need"


def referrals_of(rows: list[dict], codes: Codes, birth: tuple[int, int] | None) -> list[dict]:
    """Referrals of one child.

    Definition: one for each referral date, or return year where there is none; its closure is that of the latest return, so that a
    blank there opens it again.
    """
    groups = defaultdict(list)
    for row in rows:
        groups[row["referral"] or row["return_year"]].append(row)
    made = []
    for key, of_referral in groups.items():
        last_year = max(row["return_year"] for row in of_referral)
        last_rows = [row for row in of_referral if row["return_year"] == last_year]
        closure = max((code for row in last_rows if (code := codes("cin_reason_for_closure", row["closure_reason"]))), default=None)
        closed = max((day for row in last_rows if (day := to_date(row["closure_date"]))), default=None)
        end = None
        if isinstance(key, date):
            seen = end_of_return_year(last_year)
            end = key if closed and closed < key else min(closed or seen, seen)
            end = min(end, eighteenth_birthday(birth)) if birth else end
        in_need = {
            row["return_year"] for row in of_referral
            if to_flag(row["in_need"]) and (birth is None or end_of_return_year(row["return_year"]) < eighteenth_birthday(birth))
        }  # fmt: skip
        has_plan = any(row["any_abuse_category"] or to_date(row["plan_start"]) or to_date(row["plan_end"]) for row in of_referral)
        made.append({
            "referral_date": key if isinstance(key, date) else None,
            "first_return_year": min(row["return_year"] for row in of_referral),
            "last_return_year": last_year,
            "n_years_in_need": len(in_need),
            "furthest_stage": furthest_stage(has_plan, bool(in_need), any(to_flag(row["nfa"]) for row in of_referral), closure),
            "episode_days": (end - key).days if end else None,
        })  # fmt: skip
    return made


def plans_of(rows: list[dict], birth: tuple[int, int] | None) -> list[dict]:
    """Dated plans of one child that have a start.

    Definition: days from start to the end that the latest return gives, seen to its 31 March and never past the 18th birthday; a
    start before childhood gives none.
    """
    groups = defaultdict(list)
    for row in rows:
        if to_date(row["plan_start"]):
            groups[to_date(row["plan_start"])].append(row)
    made = []
    for start, of_plan in groups.items():
        last_year = max(row["return_year"] for row in of_plan)
        ends = [day for row in of_plan if row["return_year"] == last_year and (day := to_date(row["plan_end"]))]
        end = min(max(ends, default=date.max), end_of_return_year(last_year))
        if birth:
            end = min(end, eighteenth_birthday(birth))
        is_slip = birth is not None and start < seven_months_before(birth)
        made.append({"plan_start_date": start, "plan_days": (end - start).days if end >= start and not is_slip else None})
    return made


@dataclass
class Children:
    """The cleaned rows of each pupil, by table, and what was found on the way."""

    rows: dict[str, dict[str, list[dict]]]
    codes: Codes
    birth_of: Callable[[tuple], tuple[int, int] | None]
    shapes: dict[int, str]  # of the years of looked-after children
    first_years: list[int]  # first return year of each source that was supplied


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
    need_shapes = clean_cin(tables.get(CIN, []), codes, birth_of)
    children: dict[str, dict[str, list[dict]]] = defaultdict(lambda: {CLA: [], CIN: []})
    for table in (CLA, CIN):
        for row in remaining(tables.get(table, [])):
            if row["pmr"] is not None:
                children[row["pmr"]][table].append(row)
    return Children(children, codes, birth_of, shapes, [min(years) for years in (shapes, need_shapes) if years])


def recompute_social_care(extract: Path, seed, max_gap_days: int = 0) -> dict[str, pd.DataFrame]:
    """`spells`, `stays`, `referrals` and `plans` of the pupils of an extract.

    Args:
        seed: reads a seed by its path under `seeds`, as text.
    """
    found = cleaned_children(extract, seed)
    codes, birth_of, shapes = found.codes, found.birth_of, found.shapes
    lookup = {
        row["code"]: {**row, "is_temporary": row["is_temporary"] == "true"} for row in seed("lookups/cla_placement.csv").to_dict("records")
    }  # fmt: skip
    kinds = {row["code_group"]: row["placement_group"] for row in seed("rules/care_placement_groups.csv").to_dict("records")}
    spells, stays, referrals, plans = [], [], [], []
    for pupil_id, rows in found.rows.items():
        birth = birth_of(("pmr", pupil_id))
        episodes = []
        for row in rows[CLA]:
            if not row["respite"]:
                episodes.append((*care_interval(row, shapes, birth), row))
        for spell in spells_of(episodes, max_gap_days):
            placed = stays_of(spell, lookup)
            key = {"pupil_id": pupil_id, "spell_start_date": spell["start"]}
            spells.append(key | {"spell_end_date": spell["end"], "care_days": (spell["end"] - spell["start"]).days,
                                 "n_episodes": len(spell["episodes"]), "n_placements": len(placed), "n_moves": len(placed) - 1})  # fmt: skip
            for number, stay in enumerate(placed, 1):
                group = "unknown" if stay["code"] is None else kinds.get(lookup.get(stay["code"], {}).get("code_group"), "other")
                stays.append(key | {"stay_number": number, "placement_start_date": stay["start"], "placement_end_date": stay["end"],
                                    "days_in_placement": stay["days"], "placement_group": group})  # fmt: skip
        referrals += [{"pupil_id": pupil_id} | made for made in referrals_of(rows[CIN], codes, birth)]
        plans += [{"pupil_id": pupil_id} | made for made in plans_of(rows[CIN], birth)]
    return {"care_spells": pd.DataFrame(spells), "placements": pd.DataFrame(stays), "child_in_need_episodes": pd.DataFrame(referrals),
            "child_protection_plans": pd.DataFrame(plans)}  # fmt: skip
