"""Independent recomputation of schooling: `education_outcomes`, `pupil_school_years` and the school columns of `pupils`.

Written from the definitions and not from the SQL: the years' thresholds, columns and codes are written out here again, so
that a slip in a seed shows as well. It reads the raw files with the reader of `recompute` and shares no code with the dbt
project. Each function names, under "Definition", the rule that it implements.

Vocabulary as in `recompute`; a school year is the calendar year in which it ends.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import pandas as pd
from recompute import (
    ABSENCE, AP, CENSUS, EDUCATION, EXCLUSIONS, KS2, KS4, PRU, Codes, clean_census, cohort_end, find_files, mark_duplicates, read_table,
    remaining, to_date, to_flag, to_integer, to_year, year_of_file,
)  # fmt: skip

SLOTS = range(1, 41)
TERMS = ("autumn", "spring", "summer", "summer6th", "annual")
KINDS = {"possible": "sessionspossible", "authorised": "authorisedabsence", "unauthorised": "unauthorisedabsence"}
_KEYS = {"pmr": ["pupilmatchingrefanonymous"], "year": ["academicyear", "acadyr"]}
COLUMNS = {
    CENSUS: _KEYS | {
        "la": ["la"], "urn": ["urn"], "home": ["homela"], "fsm": ["fsmeligible"], "sen": ["senprovision", "senstatus"],
        "need": ["primarysentype"], "nc": ["ncyearactual"], "enrol_status": ["enrolstatus"], "on_roll": ["onroll"], "idaci": ["idaciscore"],
    },
    PRU: _KEYS | {
        "la": ["la"], "urn": ["urn"], "fsm": ["fsmeligible"], "sen": ["senprovision"], "need": ["primarysentype"],
        "nc": ["ncyearactual"], "entry": ["entrydate"],
    },
    AP: _KEYS | {"la": ["lanumber", "la"], "fsm": ["fsmeligible"], "sen": ["senprovision"]},
    ABSENCE: _KEYS | {"urn": ["urn"], "other": ["annualreasono"]} | {
        f"{kind}_{term}": [f"{name}{term}"] for kind, name in KINDS.items() for term in TERMS
    },
    EXCLUSIONS: _KEYS | {
        f"{field}{slot}": [f"{field}{slot}"] for field in ("category", "reason", "startdate", "sessions") for slot in ("", *SLOTS)
    },
    KS2: _KEYS | {
        "natres": ["natres"], "english": ["englev"], "reading": ["readlev"], "maths": ["matlev"], "reading_score": ["readscore"],
        "maths_score": ["matscore"],
    },
    KS4: _KEYS | {
        name: [name.replace("_", "")] for name in (
            "natres", "toe_code", "norflage", "level2_em", "level2_em_ptq", "level2_em_ptq_ee", "glevel2em_ptq_ee", "level1_em", "anypass",
            "att8", "ptscnewe", "ptscnewe_ptq", "ptscnewe_ptq_ee", "ebacc_94", "entry_1", "entry_5", "entries", "passes_ac", "passes_ag")
    },
}  # fmt: skip

SUPPORT, PLAN = {"A", "P", "Q", "K"}, {"S", "E"}
SEN_NAMES = {0: "none", 1: "sen_support", 2: "ehcp"}
BEHAVIOUR = {"BESD", "SEMH"}
NEED_TYPES = {"SPLD", "MLD", "SLD", "PMLD", "BESD", "SEMH", "SLCN", "HI", "VI", "MSI", "PD", "ASD", "OTH", "NSA"}
SUSPENSION, PERMANENT, LUNCHTIME = {"FIXD", "SUSP"}, {"PERM"}, {"LNCH"}
VIOLENCE = {"PP", "PA"}
INDEPENDENT = {"10", "11"}
NUMBER = {"N1": -2, "N2": -1, "R": 0} | {str(n): n for n in range(1, 15)}


def phase(code: str | None) -> str | None:
    """Definition, unexpected move: nursery, infant (R to 2), junior (3 to 6), secondary (7 to 11), sixth form."""
    number = NUMBER.get(code)
    if number is None:
        return None
    for last, name in ((-1, "nursery"), (2, "infant"), (6, "junior"), (11, "secondary")):
        if number <= last:
            return name
    return "sixth_form"


def upper(text: str | None) -> str | None:
    """A code in capitals."""
    return None if text is None else text.upper().removesuffix(".0")


def to_number(text: str | None) -> float | None:
    """A decimal number; the words for no number and for infinity are none."""
    try:
        number = None if text is None or "_" in text else float(text)
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None


def sessions_lost(text: str | None) -> int | None:
    """Sessions of one suspension; a number that no school year holds is none."""
    number = to_integer(text)
    return number if number is not None and 0 <= number <= 420 else None


def threshold_of_the_time(year: int) -> int:
    """Definition: 20 % to 2009/10, 15 % to 2014/15, 10 % since."""
    return 20 if year <= 2010 else 15 if year <= 2015 else 10


def read(extract: Path) -> dict[str, list[dict]]:
    """Rows of the education tables, each with its school year; `rule` is set where a row cannot be placed.

    Definition, year of file: a blank year of a yearly file (census, absence, exclusions) is the one in the file's name.
    """
    tables = {}
    for table, paths in find_files(extract).items():
        if table not in EDUCATION:
            continue
        tables[table] = read_table(table, paths, COLUMNS[table])
        for row in tables[table]:
            row["return_year"] = to_year(row["year"])
            if row["year"] is None and table in (CENSUS, ABSENCE, EXCLUSIONS):
                row["return_year"] = year_of_file(row["file"])
            row["rule"] = None
            if row["malformed"]:
                row["rule"] = "malformed_row"
            elif row["return_year"] is None:
                row["rule"] = "no_return_year"
            elif row["pmr"] is None:
                row["rule"] = "no_pupil_id"
    return tables


def by_pupil_year(rows: Iterable[dict]) -> dict[tuple[str, int], list[dict]]:
    """Rows by pupil and school year."""
    groups = defaultdict(list)
    for row in rows:
        groups[row["pmr"], row["return_year"]].append(row)
    return groups


def ever(answers: Iterable[bool | None]) -> bool | None:
    """True if any answer is yes, false if there are only noes, None if there are none."""
    known = [answer for answer in answers if answer is not None]
    return any(known) if known else None


# --------------------------------------------------------------------------------------
# Censuses
# --------------------------------------------------------------------------------------
def census_years(tables: dict[str, list[dict]], codes: Codes) -> dict[tuple[str, int], dict]:
    """What the censuses say of a pupil in a school year.

    Definition: the main registration gives school, authorities, year group and type of need, the school census before the
    unit and the unit before the provision; free meals are any registration's, special needs the highest of them.
    """
    clean_census(tables.get(CENSUS, []))
    for table, order in ((PRU, ("la", "urn", "entry_day")), (AP, ("la", "sen_code"))):
        rows = tables.get(table, [])
        for row in rows:
            row["entry_day"] = to_date(row.get("entry"))
            row["sen_code"] = codes("sen_provision", row["sen"])
        mark_duplicates(remaining(rows))
        for registrations in by_pupil_year(remaining(rows)).values():
            registrations.sort(key=lambda row: [(row[name] is None, row[name] if row[name] is not None else "") for name in order])
            for row in registrations[1:]:
                row["rule"] = "other_registration"
    years = defaultdict(lambda: {"mains": [], "all": [], "n_school": 0, "tables": set()})
    for table in (CENSUS, PRU, AP):
        for row in tables.get(table, []):
            if row["rule"] in (None, "other_registration"):
                entry = years[row["pmr"], row["return_year"]]
                entry["all"].append(row)
                entry["tables"].add(table)
                entry["n_school"] += table == CENSUS
                if row["rule"] is None:
                    entry["mains"].append(row)
    return {key: _census_year(entry, codes) for key, entry in years.items()}


def _census_year(entry: dict, codes: Codes) -> dict:
    def first(name: str) -> str | None:
        return next((row[name] for row in entry["mains"] if row.get(name) is not None), None)

    meals = [to_flag(row["fsm"]) for row in entry["all"]]
    meals = [answer for answer in meals if answer is not None]
    ranks = []
    for row in entry["all"]:
        code = codes("sen_provision", row["sen"])
        if code in SUPPORT | PLAN | {"N"}:
            ranks.append(0 if code == "N" else 1 if code in SUPPORT else 2)
    rank = max(ranks, default=None)
    return {
        "is_in_school_census": CENSUS in entry["tables"],
        "is_in_pru_census": PRU in entry["tables"],
        "is_in_ap_census": AP in entry["tables"],
        "has_dual_registration": entry["n_school"] > 1,
        "local_authority_code": upper(first("la")),
        "school_urn": upper(first("urn")),
        "home_local_authority_code": upper(first("home")),
        "nc": upper(first("nc")),
        "idaci": to_number(first("idaci")),
        "is_free_school_meals_eligible": any(meals) if meals else None,
        "meals_conflict": len(set(meals)) > 1 if meals else None,
        "sen_rank": rank,
        "sen_provision": SEN_NAMES.get(rank),
        "sen_conflict": len(set(ranks)) > 1 if ranks else None,
        "sen_type_code": upper(first("need")) if rank else None,
        "entry_day": min((row["entry_day"] for row in entry["all"] if row.get("entry_day")), default=None),
    }


# --------------------------------------------------------------------------------------
# Absence
# --------------------------------------------------------------------------------------
def absence_years(rows: list[dict]) -> dict[tuple[str, int], dict]:
    """Sessions of a pupil in a school year.

    Definition: sessions are the terms together, the sixth half term only from 2012/13; the total of the year only where no
    such term is given. More than 420 possible sessions, more missed than possible or a number below 0 in a term that counts are not
    believed. Summed over enrolments.
    """
    for row in remaining(rows):
        for name in row:
            if name.rpartition("_")[0] in KINDS or name == "other":
                row[name] = to_integer(row[name])
        # equal in every value is a re-sent row
    _mark_equal(remaining(rows), lambda row: tuple(row[name] for name in COLUMNS[ABSENCE] if name != "year") + (row["return_year"],))
    for row in remaining(rows):
        late = row["return_year"] >= 2013
        terms = TERMS[: 4 if late else 3]
        has_terms = any(row[f"possible_{term}"] is not None for term in terms)
        row["terms"] = None
        if has_terms:
            row["terms"] = {
                kind: [
                    row[f"{kind}_autumn"] or 0, row[f"{kind}_spring"] or 0,
                    (row[f"{kind}_summer"] or 0) + (late and row[f"{kind}_summer6th"] or 0),
                ] for kind in KINDS
            }  # fmt: skip
            row["sums"] = {kind: sum(row["terms"][kind]) for kind in KINDS}
        else:
            row["sums"] = {kind: row[f"{kind}_annual"] for kind in KINDS}
        counted = terms if has_terms else TERMS[4:]
        given = [row[f"{kind}_{term}"] for kind in KINDS for term in counted] + [row["other"]]
        if any(number is not None and number < 0 for number in given):
            row["rule"] = "impossible_sessions"
        possible = row["sums"]["possible"]
        if possible is not None:
            for kind in ("authorised", "unauthorised"):
                row["sums"][kind] = row["sums"][kind] or 0
            missed, other = [row["sums"][kind] for kind in ("authorised", "unauthorised")], row["other"] or 0
            if possible > 420 or sum(missed) > possible or other > possible:
                row["rule"] = "impossible_sessions"
    sound = [row for row in rows if row["rule"] in (None, "impossible_sessions")]
    return {key: _absence_year(key[1], group) for key, group in by_pupil_year(sound).items()}


def _absence_year(year: int, rows: list[dict]) -> dict:
    used = [row for row in rows if row["rule"] is None and row["sums"]["possible"] is not None]
    # code O is a part of possible sessions: where these are not known it tells nothing
    others = [row["other"] for row in used if row["other"] is not None]
    answer = {"absence_status": "unusable_record", "term": None}
    if not used:
        return answer
    if others:
        answer["n_unauthorised_other_absence"] = sum(others)
    total = {kind: sum(row["sums"][kind] for row in used) for kind in KINDS}
    overall = total["authorised"] + total["unauthorised"]
    answer |= {
        "absence_status": "sessions_recorded" if total["possible"] else "zero_possible_sessions",
        "n_sessions_possible": total["possible"],
        "n_authorised_absence": total["authorised"],
        "n_unauthorised_absence": total["unauthorised"],
        "n_overall_absence": overall,
    }
    if total["possible"]:
        possible = total["possible"]
        answer["is_persistently_absent"] = 10 * overall >= possible
        answer["is_persistently_absent_rule_of_the_time"] = 100 * overall >= threshold_of_the_time(year) * possible
        if others:
            answer["is_persistently_absent_unauthorised_other"] = 10 * sum(others) >= possible
        if 10 * overall >= possible:
            with_terms = [row["terms"] for row in used if row["terms"]]
            for place in range(3):
                in_term = sum(terms["possible"][place] for terms in with_terms)
                missed = sum(terms["authorised"][place] + terms["unauthorised"][place] for terms in with_terms)
                if in_term and 10 * missed >= in_term:
                    answer["term"] = place
                    break
    return answer


# --------------------------------------------------------------------------------------
# Exclusions
# --------------------------------------------------------------------------------------
def exclusion_list(rows: list[dict], codes: Codes) -> list[dict]:
    """Every slot of every row as an exclusion with its rule; None where it counts.

    Definition: suspension = FIXD or SUSP, lunchtime aside; PERM of one pupil and day counts once; equal reports count once. A day
    after the school year, or before the one that came before it, is none.
    """
    found = []
    for row in rows:
        slots = []
        for slot in ("", *SLOTS):
            values = [row[f"{field}{slot}"] for field in ("category", "reason", "startdate", "sessions")]
            slots.append(values)
        filled = [place for place, values in enumerate(slots) if any(value is not None for value in values)]
        places = [0] if not filled else [p for p in range(max(filled) + 1) if p or 0 in filled]
        for place in places:
            category, reason, start, sessions = slots[place]
            found.append({
                "pmr": row["pmr"], "return_year": row["return_year"], "file": row["file"], "place": place, "rule": row["rule"],
                "category": codes("exclusion_category", category), "reason": upper(reason), "day": to_date(start), "sessions": sessions_lost(sessions),
            })  # fmt: skip
    for item in remaining(found):
        year, day = item["return_year"], item["day"]
        impossible = day is not None and not date(year - 2, 9, 1) <= day <= date(year, 8, 31)
        item["day"] = None if impossible else day
        if not impossible and item["category"] is None and item["reason"] is None and item["day"] is None and item["sessions"] is None:
            item["rule"] = "empty_slot"
        elif item["category"] not in SUSPENSION | PERMANENT | LUNCHTIME:
            item["rule"] = "unknown_exclusion_category"
    _mark_equal(remaining(found), lambda item: (
        item["pmr"], item["return_year"], item["category"], item["reason"], item["day"], item["sessions"],
        item["place"] if item["day"] is None else None,
    ))  # fmt: skip
    by_day = defaultdict(list)
    for item in remaining(found):
        if item["category"] in LUNCHTIME:
            item["rule"] = "lunchtime_exclusion"
        elif item["category"] in PERMANENT and item["day"] is not None:
            by_day[item["pmr"], item["day"]].append(item)
    for reports in by_day.values():
        reports.sort(key=lambda item: (item["return_year"], item["reason"] in (None, "OT"), item["place"], item["reason"] or "~"))
        for item in reports[1:]:
            item["rule"] = "rereported_permanent"
    return found


def _mark_equal(rows: Iterable[dict], values: Callable[[dict], tuple]) -> None:
    seen = set()
    for row in rows:
        key = values(row)
        if key in seen:
            row["rule"] = "exact_duplicate"
        seen.add(key)


# --------------------------------------------------------------------------------------
# Key stages
# --------------------------------------------------------------------------------------
LEVELS = {str(n): n for n in range(1, 7)} | {"B": 0, "N": 0}


def key_stage_2(rows: list[dict]) -> dict[str, dict]:
    """The result of each pupil.

    Definition: level 4 or a scaled score of 100; English to 2012, reading from 2013, scores from 2016. National results
    first, then the best, then the earliest. The best has the standard in most subjects, then in English, then the higher
    value in English and in mathematics; levels and scores are not compared, and levels, the earlier, go first.
    """
    results = defaultdict(list)
    for row in rows:
        if row["rule"] is not None:
            continue
        year = row["return_year"]
        if year <= 2015:
            values = [LEVELS.get(upper(row["english" if year <= 2012 else "reading"])), LEVELS.get(upper(row["maths"]))]
            expected = 4
        elif year <= 2019:
            values, expected = [to_integer(row["reading_score"]), to_integer(row["maths_score"])], 100
        else:
            values, expected = [None, None], 100
        english, maths = (None if value is None else value >= expected for value in values)
        order = (
            to_flag(row["natres"]) is not True, (not english) + (not maths), not english, values == [None, None], year >= 2016,
            -(values[0] if values[0] is not None else -1), -(values[1] if values[1] is not None else -1), year,
        )  # fmt: skip
        results[row["pmr"]].append((order, row, english, maths))
    best = {}
    for pupil_id, of_pupil in results.items():
        of_pupil.sort(key=lambda item: item[0])
        for _, other, _, _ in of_pupil[1:]:
            other["rule"] = "other_result"
        _, row, english, maths = of_pupil[0]
        year = row["return_year"]
        measure = "levels" if year <= 2015 else "scaled_scores" if year <= 2019 else None
        best[pupil_id] = {"year": year, "english": english, "maths": maths, "measure": measure}
    return best


def level_2_column(year: int) -> str:
    """Definition, year table of level 2 with English and maths."""
    return "level2_em" if year <= 2013 else "level2_em_ptq" if year == 2014 else "level2_em_ptq_ee" if year <= 2016 else "glevel2em_ptq_ee"


def both(left: bool | None, right: bool | None) -> bool | None:
    """Left and right, unknown where neither settles it."""
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def ks4_setting(row: dict) -> str | None:
    """Who entered the pupil: nobody's pupil is a private candidate, else the type of establishment tells."""
    if to_flag(row["norflage"]) is False:
        return "private_candidate"
    establishment = row["toe_code"] and row["toe_code"].rjust(2, "0")
    if not establishment:
        return None
    return "independent" if establishment in INDEPENDENT else "state" if establishment in ("01", "34") else "another"


def key_stage_4(rows: list[dict]) -> dict[str, dict]:
    """The result of each pupil.

    Definition: national results first, then the best, then the earliest. The best has level 2, five good passes with English
    and mathematics, more good passes, more passes, any pass; then Attainment 8 and points, which are compared only within the
    years that have the same of them (to 2013, 2014, 2015 and 2016, 2017, since 2018), the earlier years first.
    """
    results = defaultdict(list)
    for row in rows:
        if row["rule"] is not None:
            continue
        year = row["return_year"]
        points = "ptscnewe" if year <= 2013 else "ptscnewe_ptq" if year == 2014 else "ptscnewe_ptq_ee" if year <= 2016 else None
        good = to_integer(row["passes_ac"])
        level_2 = to_flag(row[level_2_column(year)])
        result = {
            "ks4_academic_year_end": year,
            "ks4_setting": ks4_setting(row),
            "ks4_measure": "has_" + level_2_column(year),
            "is_ks4_in_national_results": to_flag(row["natres"]),
            "achieved_level2_english_maths": level_2,
            "achieved_five_good_passes_english_maths": both(level_2, None if good is None else good >= 5),
            "achieved_five_passes_english_maths": to_flag(row["level1_em"]),
            "achieved_any_pass": to_flag(row["anypass"]),
            "achieved_ebacc": to_flag(row["ebacc_94"]) if year >= 2010 else None,
            "attainment_8_score": to_number(row["att8"]) if year >= 2015 else None,
            "ks4_capped_points": to_number(row[points]) if points else None,
            "ks4_entered_any": to_flag(row["entry_1"]),
            "ks4_entered_five": to_flag(row["entry_5"]),
            "n_ks4_entries": to_integer(row["entries"]),
            "n_ks4_good_passes": good,
            "n_ks4_passes": to_integer(row["passes_ag"]),
        }

        def most(name: str) -> float:
            return -(result[name] if result[name] is not None else -1)

        order = (
            result["is_ks4_in_national_results"] is not True, level_2 is not True,
            result["achieved_five_good_passes_english_maths"] is not True, most("n_ks4_good_passes"), most("n_ks4_passes"),
            result["achieved_any_pass"] is not True, [year > last for last in (2013, 2014, 2016, 2017)],
            most("attainment_8_score"), most("ks4_capped_points"), year,
        )  # fmt: skip
        results[row["pmr"]].append((order, row, result))
    best = {}
    for pupil_id, of_pupil in results.items():
        of_pupil.sort(key=lambda item: item[0])
        for _, other, _ in of_pupil[1:]:
            other["rule"] = "other_result"
        best[pupil_id] = of_pupil[0][2]
    return best


# --------------------------------------------------------------------------------------
# The marts
# --------------------------------------------------------------------------------------
def recompute_education(
    extract: Path, *, recodes: pd.DataFrame, births: dict[str, tuple[int, int] | None], characteristics_age: int = 10
) -> dict[str, pd.DataFrame]:
    """`education_outcomes`, `pupil_school_years`, `pupils` (school columns) and `ledger` of an extract.

    `births` has every pupil of the extract, with year and month of birth where known (from `recompute`).
    """
    codes = Codes(recodes)
    tables = read(extract)
    censuses = census_years(tables, codes)
    absences = absence_years(tables.get(ABSENCE, []))
    exclusions = exclusion_list(tables.get(EXCLUSIONS, []), codes)
    ks2, ks4 = key_stage_2(tables.get(KS2, [])), key_stage_4(tables.get(KS4, []))
    years = school_years(tables, censuses, absences, exclusions, births)
    of_pupil = defaultdict(dict)
    for (pupil_id, year), entry in sorted(years.items()):
        of_pupil[pupil_id][year] = entry
    events = defaultdict(list)
    for item in exclusions:
        if item["rule"] is None:
            events[item["pmr"]].append(item)
    delivered = {table: sorted(delivered_years(rows)) for table, rows in tables.items()}
    last_year = last_common_year(tables, exclusions)
    outcomes, pupils = [], []
    seen = {row["pmr"] for rows in tables.values() for row in rows if not row["malformed"]}
    for pupil_id, birth in births.items():
        mine = {year: censuses[key] for key in censuses_of(censuses, pupil_id) for year in [key[1]]}
        first = {
            "pupil_id": pupil_id,
            "education_record_status": record_status(mine, of_pupil[pupil_id], pupil_id in seen),
            "is_year_11_over": cohort_end(birth) + 16 <= last_year if birth and last_year else None,
        }
        outcomes.append(first | outcome(pupil_id, birth, of_pupil[pupil_id], mine, events[pupil_id], ks2, ks4, tables, delivered, absences))
        pupils.append({"pupil_id": pupil_id} | characteristics(birth, mine, characteristics_age))
    panel = [{"pupil_id": pupil_id, "academic_year_end": year} | entry for (pupil_id, year), entry in years.items()]
    return {
        "education_outcomes": pd.DataFrame(outcomes),
        "pupils": pd.DataFrame(pupils),
        "pupil_school_years": pd.DataFrame(panel),
        "ledger": ledger(tables, exclusions),
    }


_INDEX: dict[int, dict[str, list]] = {}


def censuses_of(censuses: dict, pupil_id: str) -> list[tuple[str, int]]:
    """Keys of a pupil in `censuses`, in order of year."""
    if id(censuses) not in _INDEX:
        _INDEX.clear()
        index = defaultdict(list)
        for key in sorted(censuses):
            index[key[0]].append(key)
        _INDEX[id(censuses)] = index
    return _INDEX[id(censuses)].get(pupil_id, [])


def delivered_years(rows: list[dict]) -> set[int]:
    """School years that a table holds. Definition, delivered: at least a hundredth as many rows that count as its busiest year;
    fewer are a slip in the year of some rows. An exclusion is a row."""
    n_rows = Counter(row["return_year"] for row in rows if row["rule"] is None)
    return {year for year, n in n_rows.items() if 100 * n >= max(n_rows.values())}


def last_common_year(tables: dict[str, list[dict]], exclusions: list[dict]) -> int | None:
    """Definition, Year 11 over: the last school year that census, absence, exclusions and key stage 4 all reach."""
    counted = {CENSUS, ABSENCE, EXCLUSIONS, KS4} & set(tables)
    years = [delivered_years(exclusions if table == EXCLUSIONS else tables[table]) for table in counted]
    return min((max(of_table) for of_table in years if of_table), default=None)


def school_years(tables: dict, censuses: dict, absences: dict, exclusions: list[dict], births: dict) -> dict[tuple[str, int], dict]:
    """The panel. Definition, missing is not zero: 0 only where the year was delivered and the pupil was in it."""
    of_year = defaultdict(list)
    for item in exclusions:
        if item["rule"] is None:
            of_year[item["pmr"], item["return_year"]].append(item)
    results = {
        table: {(row["pmr"], row["return_year"]) for row in tables.get(table, []) if row["rule"] in (None, "other_result")}
        for table in (KS2, KS4)
    }
    settings = {}
    # the used result last, as its setting counts; of others the first by name
    order = ("state", "private_candidate", "another", "independent", None)
    for row in sorted(tables.get(KS4, []), key=lambda row: (row["rule"] is None, order.index(ks4_setting(row)))):
        setting = ks4_setting(row)
        if row["rule"] in (None, "other_result") and setting is not None:
            settings[row["pmr"], row["return_year"]] = setting
    with_census = delivered_years(tables.get(CENSUS, []))
    with_absence = delivered_years(tables.get(ABSENCE, []))
    with_exclusions = delivered_years(exclusions)
    years = {}
    for key in set(censuses) | set(absences) | set(of_year) | results[KS2] | results[KS4]:
        pupil_id, year = key
        census, absence, items = censuses.get(key), absences.get(key), of_year.get(key, [])
        birth = births.get(pupil_id)
        number = NUMBER.get(census["nc"]) if census else None
        source = None if number is None else "census"
        if number is None and birth:
            number = year - cohort_end(birth) - 5
            number, source = (number, "age") if -2 <= number <= 14 else (None, None)
        entry = {"academic_year": f"{year - 1}/{year}", "academic_year_start": year - 1, "national_curriculum_year": number}
        entry["national_curriculum_year_source"] = source
        entry["is_secondary"] = None if number is None else 7 <= number <= 11
        entry["is_in_ks2_results"] = key in results[KS2] if KS2 in tables else None
        entry["is_in_ks4_results"] = key in results[KS4] if KS4 in tables else None
        for name in ("is_in_school_census", "is_in_pru_census", "is_in_ap_census"):
            entry[name] = bool(census and census[name])
        for name in (
            "local_authority_code", "school_urn", "home_local_authority_code", "has_dual_registration", "is_free_school_meals_eligible",
            "sen_provision", "sen_type_code",
        ):  # fmt: skip
            entry[name] = census[name] if census else None
        if CENSUS not in tables:
            entry["has_dual_registration"] = None
        if entry["is_in_school_census"]:
            status = "state_school"
        elif entry["is_in_pru_census"]:
            status = "pupil_referral_unit"
        elif entry["is_in_ap_census"]:
            status = "alternative_provision"
        elif settings.get(key) in ("independent", "private_candidate"):
            status = settings[key].replace("independent", "independent_school")
        else:
            status = "not_in_any_census" if year in with_census else "census_not_delivered"
        entry["schooling_status"] = status
        for table, name in ((CENSUS, "is_in_school_census"), (PRU, "is_in_pru_census"), (AP, "is_in_ap_census")):
            entry[name] = entry[name] if table in tables else None

        if ABSENCE not in tables:
            status = None
        elif absence:
            status = absence["absence_status"]
        elif year not in with_absence:
            status = "year_not_delivered"
        else:
            status = "no_absence_record" if number is None or 1 <= number <= 11 else "outside_age_range"
        entry["absence_status"] = status
        for name in (
            "n_sessions_possible", "n_authorised_absence", "n_unauthorised_absence", "n_unauthorised_other_absence", "n_overall_absence",
            "is_persistently_absent", "is_persistently_absent_rule_of_the_time", "is_persistently_absent_unauthorised_other",
        ):  # fmt: skip
            entry[name] = absence.get(name) if absence else None

        if EXCLUSIONS not in tables:
            status = None
        elif items:
            status = "recorded"
        elif year not in with_exclusions:
            status = "year_not_delivered"
        else:
            status = "none_recorded" if census or absence else "not_in_any_census"
        entry["exclusion_status"] = status
        suspensions = [item for item in items if item["category"] in SUSPENSION]
        stated = [item["sessions"] for item in suspensions if item["sessions"] is not None]
        known = status in ("recorded", "none_recorded")
        entry["n_suspensions"] = len(suspensions) if known else None
        entry["n_suspension_sessions_lost"] = (sum(stated) if stated or not suspensions else None) if known else None
        entry["n_suspensions_without_sessions"] = len(suspensions) - len(stated) if known else None
        entry["n_permanent_exclusions"] = len(items) - len(suspensions) if known else None
        years[key] = entry
    return years


def nearest_15(mine: dict[int, dict], birth: tuple[int, int] | None) -> int | None:
    """Definition, local authority: the census year nearest age 15 that names one, the earlier of two; else the last."""
    named = [year for year, entry in mine.items() if entry["local_authority_code"] is not None]
    if not named:
        return None
    return max(named) if birth is None else min(named, key=lambda year: (abs(year - 1 - cohort_end(birth) - 15), year))


def characteristics(birth: tuple[int, int] | None, mine: dict[int, dict], age: int) -> dict:
    """School columns of `pupils`."""
    near = nearest_15(mine, birth)
    ranks = [entry["sen_rank"] for entry in mine.values() if entry["sen_rank"] is not None]
    answer = {
        "first_census_year": min(mine, default=None),
        "last_census_year": max(mine, default=None),
        "local_authority_code": mine[near]["local_authority_code"] if near else None,
        "local_authority_year": near,
        "home_local_authority_code": mine[near]["home_local_authority_code"] if near else None,
        "ever_free_school_meals": ever(entry["is_free_school_meals_eligible"] for entry in mine.values()),
        "has_free_school_meals_conflict": ever(entry["meals_conflict"] for entry in mine.values()),
        "ever_special_educational_needs": max(ranks) > 0 if ranks else None,
        "sen_provision_ever": SEN_NAMES[max(ranks)] if ranks else None,
        "has_sen_conflict": ever(entry["sen_conflict"] for entry in mine.values()),
        # a need without a type tells nothing
        "ever_behaviour_need": ever(
            entry["sen_type_code"] in BEHAVIOUR for entry in mine.values() if entry["sen_rank"] == 0 or entry["sen_type_code"] is not None
        ),
    }
    for name, years in (("15", 15), ("chosen_age", age)):
        at = mine.get(cohort_end(birth) + 1 + years) if birth else None
        answer[f"free_school_meals_at_{name}"] = at and at["is_free_school_meals_eligible"]
        answer[f"sen_provision_at_{name}"] = at and at["sen_provision"]
        answer[f"idaci_score_at_{name}"] = at and at["idaci"]
    return answer


def record_status(mine: dict, years: dict, is_seen: bool) -> str:
    """Definition: whether a pupil is in a census, in other education data, only in rows that were dropped, or in none."""
    return "in_a_census" if mine else "in_other_education_data" if years else "no_usable_row" if is_seen else "no_education_record"


def outcome(pupil_id, birth, years, mine, events, ks2, ks4, tables, delivered, absences) -> dict:
    """One pupil's education outcomes."""
    cohort = cohort_end(birth) if birth else None
    answer = result_columns(pupil_id, cohort, ks2, ks4, delivered)

    secondary = [entry for entry in years.values() if entry["is_secondary"]]
    recorded = [entry for entry in secondary if entry["n_sessions_possible"] is not None]
    possible = sum(entry["n_sessions_possible"] for entry in recorded) if recorded else None
    if ABSENCE in tables:
        answer["secondary_absence_status"] = (
            "no_secondary_year" if not secondary else "no_absence_record" if possible is None
            else "sessions_recorded" if possible else "zero_possible_sessions"
        )  # fmt: skip
        answer["n_secondary_years_with_absence"] = len(recorded) if secondary else None
    answer["n_secondary_sessions_possible"] = possible
    for kind in ("authorised", "unauthorised", "overall"):
        total = sum(entry[f"n_{kind}_absence"] for entry in recorded) if recorded else None
        answer[f"n_secondary_{kind}_absence"] = total
        answer[f"secondary_{kind}_absence_rate"] = total / possible if possible else None
    for rule in ("", "_rule_of_the_time", "_unauthorised_other"):
        answer[f"ever_persistently_absent{rule}"] = ever(entry[f"is_persistently_absent{rule}"] for entry in years.values())
    flags = {year: entry["is_persistently_absent"] for year, entry in years.items() if entry["is_persistently_absent"] is not None}
    answer["n_years_persistently_absent"] = sum(flags.values()) if flags else None
    first = min((year for year, flag in flags.items() if flag), default=None)
    if first is not None:
        term = absences[pupil_id, first]["term"]
        answer["first_persistent_absence_date"] = date(first - (term in (None, 0)), (9, 1, 4)[term or 0], 1)
        answer["first_persistent_absence_date_precision"] = "school_year" if term is None else "term"

    told = [entry for entry in years.values() if entry["n_suspensions"] is not None]
    if EXCLUSIONS in tables:
        answer["n_years_exclusions_could_see"] = len(told) if years else None
    suspensions = [item for item in events if item["category"] in SUSPENSION]
    permanent = [item for item in events if item["category"] in PERMANENT]
    if told:
        stated = [item["sessions"] for item in suspensions if item["sessions"] is not None]
        reasons = Counter(item["reason"] for item in suspensions if item["reason"] is not None)
        answer |= {
            "ever_suspended": bool(suspensions),
            "n_suspensions": len(suspensions),
            "n_suspension_sessions_lost": sum(stated) if stated or not suspensions else None,
            "n_suspensions_without_sessions": len(suspensions) - len(stated),
            "n_suspension_reasons": len(reasons) if reasons or not suspensions else None,
            "n_suspensions_for_violence": sum(reasons[code] for code in VIOLENCE) if reasons or not suspensions else None,
            "ever_permanently_excluded": bool(permanent),
            "n_permanent_exclusions": len(permanent),
        }
        if reasons:
            # one without a day counts from the first of its school year
            days = {code: min(i["day"] or date(i["return_year"] - 1, 9, 1) for i in suspensions if i["reason"] == code) for code in reasons}
            answer["main_suspension_reason_code"] = min(reasons, key=lambda code: (-reasons[code], days[code], code))
    for name, items in (("suspension", suspensions), ("permanent_exclusion", permanent)):
        if items:
            dated = [(item["day"] or date(item["return_year"] - 1, 9, 1), "day" if item["day"] else "school_year") for item in items]
            answer[f"first_{name}_date"], answer[f"first_{name}_date_precision"] = min(dated)
    return answer | schooling_columns(mine, delivered.get(CENSUS, []), tables)


def result_columns(pupil_id, cohort, ks2, ks4, delivered: dict[str, list[int]]) -> dict:
    """Key stages of a pupil, with why they are missing. Definition: cancelled in 2020 and 2021; centre grades in both."""
    answer = {}
    if KS2 in delivered:
        years = delivered[KS2]
        result = ks2.get(pupil_id)
        if result:
            status = "result" if (result["english"], result["maths"]) != (None, None) else "no_level"
            answer |= {
                "ks2_academic_year_end": result["year"], "ks2_measure": result["measure"],
                "achieved_ks2_english": result["english"], "achieved_ks2_maths": result["maths"],
            }  # fmt: skip
        elif cohort is None:
            status = "no_record"
        elif cohort + 11 in (2020, 2021) and cohort + 11 <= max(delivered.get(CENSUS, []), default=0):
            status = "tests_cancelled"
        else:
            status = "no_record" if min(years) <= cohort + 11 <= max(years) else "year_not_delivered"
        answer["ks2_status"] = status
    if KS4 in delivered:
        years = delivered[KS4]
        result = ks4.get(pupil_id)
        if result:
            year = result["ks4_academic_year_end"]
            status = "centre_assessed_result" if year >= 2020 else "exam_result"
            answer |= result
            if result["attainment_8_score"] is not None:
                answer["attainment_8_scale"] = (
                    "a_star_to_g_8_to_1" if year <= 2016 else "mixed_9_to_1_and_a_star_to_g" if year == 2017 else "nine_to_one"
                )  # fmt: skip
        elif cohort is None:
            status = "no_record"
        else:
            status = "no_record" if min(years) <= cohort + 16 <= max(years) else "year_not_delivered"
        answer["ks4_status"] = status
    return answer


def schooling_columns(mine: dict[int, dict], delivered: list[int], tables: dict) -> dict:
    """Schools, moves, years and alternative provision of a pupil.

    Definition: what a census that was not supplied would tell is unknown, and so are schools that never give a number. A year
    is missing if its school census was delivered and no census has the pupil.
    """
    if not mine:
        return {}
    missing = [year for year in delivered if min(mine) <= year <= max(mine) and year not in mine]
    placed = [(entry["school_urn"], phase(entry["nc"])) for _, entry in sorted(mine.items())]
    placed = [(school, stage) for school, stage in placed if school is not None and stage is not None]
    moves = sum(a[0] != b[0] and a[1] == b[1] for a, b in zip(placed, placed[1:]))
    unit_days = None
    for year, entry in mine.items():
        if entry["entry_day"]:
            stay = range(entry["entry_day"].toordinal(), date(year, 1, 20).toordinal())
            unit_days = (unit_days or set()) | set(stay)
    at_school = [entry for entry in mine.values() if entry["is_in_school_census"] or entry["is_in_pru_census"]]
    is_known = CENSUS in tables and (not at_school or any(entry["school_urn"] is not None for entry in at_school))
    away = [year for year, entry in mine.items() if entry["is_in_pru_census"] or entry["is_in_ap_census"]]
    return {
        "ever_in_alternative_provision": True if away else False if {PRU, AP} <= set(tables) else None,
        "n_alternative_provision_years": len(away) if {PRU, AP} <= set(tables) else None,
        "n_pru_census_years": sum(entry["is_in_pru_census"] for entry in mine.values()) if PRU in tables else None,
        "n_ap_census_years": sum(entry["is_in_ap_census"] for entry in mine.values()) if AP in tables else None,
        "n_pupil_referral_unit_days": None if unit_days is None else len(unit_days),
        "n_schools": len({entry["school_urn"] for entry in mine.values() if entry["school_urn"] is not None}) if is_known else None,
        "n_unexpected_moves": moves if is_known else None,
        "n_years_observed": len(mine),
        "n_years_missing": len(missing) if CENSUS in tables else None,
    }


def ledger(tables: dict[str, list[dict]], exclusions: list[dict]) -> pd.DataFrame:
    """Number of rows of each table and rule, the census aside, which `recompute` counts. An exclusion is a row."""
    counts = Counter()
    for table, rows in tables.items():
        for row in exclusions if table == EXCLUSIONS else rows if table != CENSUS else []:
            counts[table, row["rule"] or "used"] += 1
    return pd.DataFrame([{"source_table": table, "rule": rule, "n_rows": n} for (table, rule), n in counts.items()])
