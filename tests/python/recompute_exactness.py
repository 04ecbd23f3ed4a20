"""Independent recomputation of what the numbers of social care are worth, and of the level by other definitions.

Written from the definitions, as `recompute_social_care` is, whose spells, stays, referrals and plans it judges. A stamp is `exact` where the number is
what happened in the years covered, `lower_bound` where it may be more, `not_available` where the extract cannot tell.
"""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
from recompute import (
    CIN, CLA, LEVEL_RANK, care_interval, eighteenth_birthday, end_of_return_year, has_plan_date, seven_months_before, to_date, to_flag, to_integer,
)  # fmt: skip

Birth = tuple[int, int] | None
Time = tuple[date, date, bool]  # start, end, and whether it was open when last returned


def stamp(is_exact: bool, is_available: bool = True) -> str:
    """The stamp of a number."""
    return "not_available" if not is_available else "exact" if is_exact else "lower_bound"


def return_year_of(day: date) -> int:
    """The return year of a day."""
    return day.year + (day > date(day.year, 3, 31))


def has_end(row: dict, birth: Birth) -> bool:
    """Definition, exactness: whether the end of an episode was seen. Care that runs to the 18th birthday ends with it; an end that was cut to the
    31 March of its return was not seen, and X1 says that care went on."""
    if birth and row["end_date"] >= eighteenth_birthday(birth):
        return True
    return not row["is_open"] and not row["is_end_cut"] and row["reason_code"] != "X1"


def is_in_need(row: dict, birth: Birth) -> bool:
    """Definition, child in need: on a 31 March of the childhood."""
    return to_flag(row["in_need"]) is True and (birth is None or end_of_return_year(row["return_year"]) < eighteenth_birthday(birth))


def is_of_last_episodes(row: dict, shapes: dict[int, str]) -> bool:
    """Whether other episodes of the child and year were not delivered."""
    return row["lesser"] or shapes[row["return_year"]] == "last_episode_per_year"


def has_start(row: dict, shapes: dict[int, str], birth: Birth) -> bool:
    """Definition, exactness: whether it is known when the care of an episode began. It may be older than its first day where it did not begin its period
    of care and earlier episodes are in no return; the start of the period tells."""
    hides, ran_before = is_of_last_episodes(row, shapes), row["start_date"] <= end_of_return_year(min(shapes) - 1)
    told = [day for day, counts in ((to_date(row["poc_start"]), hides), (row["running_period"], ran_before)) if counts and day]
    is_told = any(day <= row["start_date"] and not (birth and day < seven_months_before(birth)) for day in told)
    return row["new_code"] == "S" or is_told or not (hides or ran_before)


def exactness_of_spell(spell: dict, before: dict | None, shapes: dict[int, str], birth: Birth) -> dict[str, str]:
    """Stamps of a spell.

    Definition, exactness: days are exact where start and end were seen; the counts also need every episode, and no repair that may hide one. In a
    last-episode year a spell that begins in the return year after one that was left open may be the same in another authority.

    Args:
        before: the row of the spell before.
    """
    episodes = [row for _, _, row in spell["episodes"]]
    last = max(spell["episodes"], key=lambda item: (item[1], item[2]["start_date"]))[2]
    first = min(episodes, key=lambda row: row["start_date"])
    is_end_seen = has_end(last, birth)
    is_start_seen = any(has_start(row, shapes, birth) for start, _, row in spell["episodes"] if start == spell["start"])
    ran_before = first["new_code"] != "S" and spell["start"] <= end_of_return_year(min(shapes) - 1)
    hides = any(is_of_last_episodes(row, shapes) for row in episodes)
    may_continue = hides and before is not None and before["is_open"] and return_year_of(spell["start"]) == return_year_of(before["spell_end_date"]) + 1
    is_whole = not (ran_before or hides or any(row["is_joined"] for row in episodes))
    return {"care_days_exactness": stamp(is_end_seen and is_start_seen and not may_continue), "counts_exactness": stamp(is_end_seen and is_whole)}


def exactness_of_stay(stay: dict, is_first: bool, spell_start: date, shapes: dict[int, str], birth: Birth) -> str:
    """Stamp of the days of a stay in one placement.

    Definition, exactness: every episode was held, none may be missing in a closed gap, the end was seen or is the 18th birthday, and the first stay of a
    spell that ran before the first return began with a move.
    """
    episodes = stay["episodes"]
    is_grown_up = birth is not None and stay["end"] >= eighteenth_birthday(birth)
    is_end_seen = is_grown_up or not (episodes[-1]["is_open"] or episodes[-1]["is_end_cut"])
    is_older = is_first and spell_start <= end_of_return_year(min(shapes) - 1) and episodes[0]["new_code"] not in ("S", "P", "B")
    return stamp(is_end_seen and not is_older and not any(row["is_joined"] or is_of_last_episodes(row, shapes) for row in episodes))


def exactness_of_referral(referral: dict, birth: Birth) -> str:
    """Definition, exactness: not to be told without a referral date, or where the closure lies before it; too few days where its end was not seen."""
    day, closed = referral["referral_date"], referral["closure_date"]
    if referral["episode_days"] is None:
        return "not_available"
    is_grown_up = birth is not None and day + timedelta(referral["episode_days"]) == eighteenth_birthday(birth)
    is_end_seen = closed is not None and closed <= end_of_return_year(referral["last_return_year"])
    return stamp(is_grown_up or is_end_seen)


def exactness_of_plan(plan: dict, birth: Birth) -> str:
    """Definition, exactness: not to be told without days; too few where it was open when last returned, unless that was to the 18th birthday."""
    if plan["plan_days"] is None:
        return "not_available"
    is_grown_up = birth is not None and plan["plan_start_date"] + timedelta(plan["plan_days"]) == eighteenth_birthday(birth)
    return stamp(is_grown_up or not plan["is_open"])


def times_of_referrals(referrals: list[dict]) -> list[Time]:
    """Times of dated referrals: start, end, and whether the end was not seen; a reason for closure without its day gives none to count to, and one that
    was closed before it was made is known on its own day alone."""
    return [
        (r["referral_date"], r["referral_date"] + timedelta(r["episode_days"] or 0), (r["closure_date"] or date.max) > end_of_return_year(r["last_return_year"]))
        for r in referrals if r["referral_date"]
    ]  # fmt: skip


def times_of_plans(plans: list[dict]) -> list[Time]:
    """Times of plans whose days are known."""
    return [(p["plan_start_date"], p["plan_start_date"] + timedelta(p["plan_days"]), p["is_open"]) for p in plans if p["plan_days"] is not None]


def united(times: list[Time]) -> list[Time]:
    """Times that overlap or touch as one; it is open if what ends last is."""
    made: list[Time] = []
    for start, end, is_open in sorted(times):
        if made and start <= made[-1][1]:
            first, until, was_open = made[-1]
            made[-1] = (first, max(until, end), was_open and until >= end or is_open and end >= until)
        else:
            made.append((start, end, is_open))
    return made


def exactness_of_totals(rows: dict[str, list[dict]], care: list[dict], spells: list[dict], referrals: list[dict], plans: list[dict], birth: Birth, found) -> dict[str, str]:
    """Stamps of the totals of a pupil.

    Definition, exactness: a total is exact if every part is; where last episodes only were delivered another part may be hidden behind the one seen;
    a need or a plan without a date adds no days. Respite alone may hide care in such years. What was left open counts all the same if others lead on from it to the 18th birthday.

    Args:
        rows: the used rows of both tables.
        care: the episodes that count as care.
        found: the `Children` of the extract.
    """
    adult = eighteenth_birthday(birth) if birth else None

    def is_left_open(times: list[Time]) -> bool:
        whole = united(times)
        return any(is_open and not any(first <= start and last == adult for first, last, _ in whole) for start, _, is_open in times)

    hides = any(found.cin_shapes[row["return_year"]] == "last_episode_per_year" for row in rows[CIN])
    may_hide_care = bool(rows[CLA]) and not care and set(found.shapes.values()) != {"all_episodes"}
    needs = [referral for referral in referrals if referral["n_years_in_need"]]
    has_undated_need = any(r["referral_date"] is None or r["closure_date"] and r["closure_date"] < r["referral_date"] for r in needs)
    has_undated_plan = any(r["furthest_stage"] == "plan" and not (r["n_plans"] or r["last_plan_end_date"]) for r in referrals)
    has_undated_plan |= any(plan["plan_days"] is None for plan in plans)
    has_undated_plan |= not times_of_plans(plans) and any((to_integer(row["previous_plans"]) or 0) >= 1 for row in rows[CIN])
    return {
        "care_days_exactness": stamp(
            all(s["care_days_exactness"] == "exact" for s in spells) and not any(is_of_last_episodes(row, found.shapes) for row in care)
            and not may_hide_care
        ),
        "care_counts_exactness": stamp(all(s["counts_exactness"] == "exact" for s in spells) and not may_hide_care),
        "n_referrals_exactness": stamp(not hides),
        "plan_days_exactness": stamp(not (has_undated_plan or is_left_open(times_of_plans(plans))), found.has_plan_dates),
        "need_days_exactness": stamp(not (has_undated_need or is_left_open(times_of_referrals(needs))), found.has_referral_dates),
    }  # fmt: skip


def is_on_plan_when_returned(row: dict) -> bool:
    """Whether a return of a child in need shows a plan on its 31 March: one that runs on it, or a category of abuse where no plan is dated."""
    start, end, last = to_date(row["plan_start"]), to_date(row["plan_end"]), end_of_return_year(row["return_year"])
    if not start and not end:
        return row["any_abuse_category"]
    return (start is None or start <= last) and (end is None or end > last)


def level_readings(rows: dict[str, list[dict]], referrals: list[dict], birth: Birth, is_known: bool, shapes: dict[int, str],
                   cin_shapes: dict[int, str]) -> dict[str, str | None]:  # fmt: skip
    """The highest level by three readings.

    Definition, level readings. Data Explained: respite too; plans by category of abuse or earlier plans; need on a 31 March. DfE: each status as
    counted on the 31 March of a return, respite aside. ECHILD: plans by category of abuse or dates; need as any referral not ended at once nor closed as RC8.

    Args:
        is_known: whether education or social care tell of a level, no contact too.
    """
    by_abuse = any(row["any_abuse_category"] for row in rows[CIN])
    in_need = any(referral["n_years_in_need"] for referral in referrals)

    def on_31_march(start: date, end: date, is_open: bool) -> bool:
        return any(start <= day and (day < end or is_open and day == end) for day in map(end_of_return_year, {*shapes, *cin_shapes}))

    found = {
        "level_of_data_explained": (
            bool(rows[CLA]), by_abuse or any((to_integer(row["previous_plans"]) or 0) >= 1 for row in rows[CIN]), in_need,
        ),
        "level_of_dfe": (
            any(on_31_march(*care_interval(row, shapes, birth), row["is_open"]) for row in rows[CLA] if not row["respite"]),
            any(is_in_need(row, birth) and is_on_plan_when_returned(row) for row in rows[CIN]),
            in_need,
        ),
        "level_of_echild": (
            any(not row["respite"] for row in rows[CLA]), by_abuse or any(has_plan_date(row) for row in rows[CIN]),
            any(not r["is_no_further_action"] and r["reason_for_closure_code"] != "RC8" for r in referrals),
        ),
    }  # fmt: skip
    lowest = "referral_only" if rows[CIN] else "no_contact" if is_known else None
    names = ("child_looked_after", "child_protection_plan", "child_in_need")
    return {reading: next((name for name, holds in zip(names, held) if holds), lowest) for reading, held in found.items()}


# --------------------------------------------------------------------------------------
# School years
# --------------------------------------------------------------------------------------
COVER = ("none", "partial", "weak", "full")


def coverage(year: int, held: set[int], completeness: dict[int, str]) -> str:
    """How a source covers a school year.

    Definition, coverage: seven months of one return year and five of the next; as well as the worse of the two, partial where only one is covered.
    """
    covers = [completeness.get(of, "full") if of in held else "none" for of in (year, year + 1)]
    covers = ["none" if cover == "not_collected" else cover for cover in covers]
    if covers.count("none") == 1:
        return "partial"
    return min(covers, key=COVER.index)


def cover_of_years(found, seed: pd.DataFrame) -> dict[str, dict[int, str]]:
    """How CLA and CIN cover each school year, by the return years that the extract holds and by the seed `source_coverage`."""
    made = {}
    for table, source, shapes, (first, last) in zip((CLA, CIN), ("cla", "cin"), (found.shapes, found.cin_shapes), found.spans):
        completeness = {int(row.return_year): row.completeness for row in seed.itertuples() if row.source == source}
        held = {year for year in shapes if first.year < year <= last.year}
        made[table] = {year: coverage(year, held, completeness) for year in range(1970, 2050)}
    return made


def days_in(times: list[Time], first: date, after: date) -> int:
    """Days of times that do not overlap that lie in a year."""
    return sum(max((min(end, after) - max(start, first)).days, 0) for start, end, _ in times)


def touches(time: Time, first: date, after: date) -> bool:
    """Whether a time has a day in a year; one that ends on the day it begins has that day."""
    start, end, is_open = time
    return start < after and (end > first or start == end >= first or is_open and end >= first)


def years_of_childhood(times: dict[str, list[Time]], known: dict[str, date], is_taught: bool, exactness: dict[str, str],
                       birth: tuple[int, int], cover: dict[str, dict[int, str]], has_plan_dates: bool, has_referral_dates: bool) -> list[dict]:  # fmt: skip
    """The rows of one pupil in `social_care_by_year`.

    Definition: every school year that touches childhood. Its level is the highest of which a time touches it, what is known of a return year only
    counting on its 31 March; a year that both sources do not cover has none unless care was seen. The level so far is the highest known by its end.
    Days of a year are exact where the source covers it in full and the days of the whole childhood are.

    Args:
        times: dated times at each level, and the 31 Marches of undated ones as times of a day.
        known: the first day of each level.
        is_taught: whether some table of education holds the pupil, for no other has a year at no contact.
        exactness: the stamps of the totals.
    """
    born, adult = date(*birth, 1), eighteenth_birthday(birth)
    made = []
    is_begun = False
    for year in range(born.year + (born.month >= 9), adult.year + (adult > date(adult.year, 9, 1)) + 1):
        first, after = date(year - 1, 9, 1), date(year, 9, 1)
        cla, cin = cover[CLA][year], cover[CIN][year]
        is_covered = "none" not in (cla, cin)
        is_begun |= is_covered
        held = [name for name in times if name in LEVEL_RANK and any(touches(time, first, after) for time in times[name])]
        highest = max(held, key=LEVEL_RANK.get, default="no_contact" if is_taught else None)
        so_far = max((name for name, day in known.items() if day < after), key=LEVEL_RANK.get, default="no_contact" if is_taught else None)
        in_care = days_in(times["child_looked_after"], first, after)
        untold = 0 if cin != "none" else None
        is_care = highest == "child_looked_after"
        made.append({
            "academic_year_end": year, "age_at_start": first.year - birth[0] - (first.month < birth[1]) if born <= first else None,
            "cla_coverage": cla, "cin_coverage": cin,
            "social_care_level": highest if is_covered or is_care else None,
            "highest_level_so_far": so_far if is_begun or so_far == "child_looked_after" else None,
            "days_in_care": in_care if cla != "none" or is_care else None,
            "days_on_plan": (days_in(times["dated_plan"], first, after) or untold) if has_plan_dates else None,
            "days_in_need": (days_in(times["dated_need"], first, after) or untold) if has_referral_dates else None,
        })  # fmt: skip
        made[-1] |= {
            "days_in_care_exactness": stamp(cla == "full" and exactness["care_days_exactness"] == "exact", made[-1]["days_in_care"] is not None),
            "days_in_need_exactness": stamp(
                cin == "full" and exactness["need_days_exactness"] == "exact" and exactness["plan_days_exactness"] != "lower_bound",
                made[-1]["days_in_need"] is not None or made[-1]["days_on_plan"] is not None,
            ),
        }  # fmt: skip
    return made
