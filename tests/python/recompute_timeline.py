"""Independent recomputation of `follow_up`, `at_risk_spells`, `justice_years` and the justice part of `pupil_years`, day by day.

Written from the definitions in plain Python, from the raw files; it shares no code with the dbt project. A pupil's follow-up is laid out as a row of
days, each day gets the level known on it and whether its night was spent in custody, and stretches and years are what such days add up to. Taken as
given, since other tests recompute them: birth month of each pupil, and whether the education data hold it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import recompute_justice as justice
from recompute import CIN, CLA, care_interval, eighteenth_birthday, end_of_return_year, has_plan_date, seven_months_before, to_date, to_flag, to_integer
from recompute_social_care import cleaned_children

LEVELS = (None, "no_contact", "referral_only", "child_in_need", "child_protection_plan", "child_looked_after")
PNC_STARTS = date(2000, 1, 1)
LEAVING = {"E2": "death", "E16": "moved_abroad"}


@dataclass
class Life:
    """What is known of one pupil: days on which levels became sure (by rank, 1 to 4), sanctions, nights in custody, last day."""

    birth: date | None
    is_taught: bool = False
    sure: dict[int, date] = field(default_factory=dict)
    sanctions: list[dict] = field(default_factory=list)
    nights: set[date] = field(default_factory=set)
    left: tuple[date, str] | None = None  # the day of death in care or of a move abroad from it, and which it was
    is_unsure: bool = False


def school_year(day: date) -> int:
    """The year in which the school year of a day ends."""
    return day.year + (day.month >= 9)


def school_years(days: np.ndarray) -> np.ndarray:
    """The same for ordinal numbers of days."""
    months = (days - date(1970, 1, 1).toordinal()).astype("datetime64[D]").astype("datetime64[M]").astype(int)
    return 1970 + months // 12 + (months % 12 >= 8)


def sure_days(rows: dict[str, list[dict]], shapes: dict[int, str], birth: tuple[int, int] | None) -> dict[int, date]:
    """First day on which each level was sure.

    Definition: care and a plan when they begin, a referral on its day, need on the 31 March that shows it. What has no date, or one that its row
    cannot tell of, is sure on the last day of the return year, and that is never later than the eve of the 18th birthday.
    """
    found: dict[int, list[date]] = defaultdict(list)
    for row in rows[CIN]:
        last = end_of_return_year(row["return_year"])
        if birth:
            last = min(last, eighteenth_birthday(birth) - timedelta(1))

        def within(day: date | None) -> date:
            return last if day is None or day > last or birth and day < seven_months_before(birth) else day

        found[1].append(within(row["referral"]))
        if to_flag(row["in_need"]) and last == end_of_return_year(row["return_year"]):
            found[2].append(last)
        if row["any_abuse_category"] or has_plan_date(row) or (to_integer(row["previous_plans"]) or 0) >= 1:
            found[3].append(within(to_date(row["plan_start"]) or to_date(row["plan_end"])))
    for row in rows[CLA]:
        if not row["respite"]:
            found[4].append(care_interval(row, shapes, birth)[0])
    return {rank: min(days) for rank, days in found.items()}


def day_of_leaving(episodes: list[dict]) -> tuple[date, str] | None:
    """Definition: the end of the last episode that ended by death or a move abroad, unless another begins on that day or after it, or ends later."""
    leaving = [row for row in episodes if row["reason_code"] in LEAVING]
    if not leaving:
        return None
    day = max(row["end_date"] for row in leaving)
    last = [row for row in leaving if row["end_date"] == day]
    others = [row for row in episodes if row not in last]
    if any(row["start_date"] >= day or row["end_date"] > day for row in others):
        return None
    codes = {row["reason_code"] for row in last}
    return day, LEAVING["E2" if "E2" in codes else "E16"]


def lives(extract: Path, seed: Callable, pupils: pd.DataFrame) -> tuple[dict[str, Life], date, date]:
    """Every pupil of `pupils`, the first day that both returns of social care cover, and the last day of the justice data."""
    births = {pupil: None if pd.isna(day) else day.date() for pupil, day in zip(pupils.pupil_id, pd.to_datetime(pupils.notional_birth_date))}
    made = {pupil: Life(births[pupil], taught is True) for pupil, taught in zip(pupils.pupil_id, pupils.is_in_education_data.astype(object))}
    social_care = cleaned_children(extract, seed)
    assert len(social_care.spans) == 2
    for pupil, rows in social_care.rows.items():
        made[pupil].sure = sure_days(rows, social_care.shapes, social_care.birth_of(("pmr", pupil)))
        made[pupil].left = day_of_leaving(rows[CLA])
    pnc = justice.table(extract, "pnc")
    pupil_of, level = justice.people(extract, pnc)
    end = justice.last_day(pnc)
    for row in justice.sanctions(justice.offences(pnc, pupil_of, births)):
        made[row["pupil_id"]].sanctions.append(row)
    for pupil, (_, nights, _) in justice.held(justice.table(extract, "custody"), pupil_of, end).items():
        made[pupil].nights = nights
    for pupil in justice.unsure_pupils(extract, level):
        made[pupil].is_unsure = True
    return made, max(first for first, _ in social_care.spans), end


def follow_up(life: Life, end: date) -> dict:
    """Definition, follow-up: from the 10th birthday or the first day of the data to the first sanctioned offence, death, a move abroad, or the last day."""
    made = dict.fromkeys(("start_date", "stop_date", "event_date", "stop_kind"))
    made["origin_date"] = justice.birthday(life.birth, 10) if life.birth else None
    if life.birth is None:
        return made | {"follow_up_status": "birth_not_known"}
    start = max(made["origin_date"], PNC_STARTS)
    offence = min((row["offence_date"] for row in life.sanctions), default=date.max)
    left, how = life.left or (date.max, "")
    reasons = [("data_end_before_age_10", start > end), ("ambiguous_link", life.is_unsure), ("sanctioned_before", offence < start),
               ("died_before" if how == "death" else "moved_abroad_before", left < start)]  # fmt: skip
    for reason, applies in reasons:
        if applies:
            return made | {"follow_up_status": reason}
    last = min(offence, left, end)
    kind = "event" if last == offence else how if last == left else "end_of_data"
    return made | {"follow_up_status": "followed", "start_date": start, "stop_date": last + timedelta(1), "event_date": last if kind == "event" else None,
                   "stop_kind": kind}  # fmt: skip


def levels_on(life: Life, days: np.ndarray, covered_from: date) -> np.ndarray:
    """Rank of the level known before each day (given by ordinal number), -1 where none is, as on every day that not both returns cover."""
    level = np.where(life.is_taught, 0, np.full(len(days), -1))
    for rank, sure in life.sure.items():
        level = np.maximum(level, np.where(days > sure.toordinal(), rank, -1))
    return np.where(days >= covered_from.toordinal(), level, -1)


def days_at_risk(life: Life, followed: dict) -> tuple[np.ndarray, np.ndarray]:
    """Days of the follow-up, and which of them were spent in custody; the day of the offence is at risk all the same."""
    days = np.arange(followed["start_date"].toordinal(), followed["stop_date"].toordinal())
    return days, np.isin(days, [night.toordinal() for night in life.nights])


def stretches(life: Life, followed: dict, covered_from: date) -> list[dict]:
    """Runs of days at one level outside custody; one that begins on the day of the offence divides none."""
    days, held = days_at_risk(life, followed)
    event = followed["event_date"].toordinal() if followed["event_date"] else -1
    if event >= 0 and not held[-2:-1].any():
        held[-1] = False  # custody from the day of the offence on takes no night out
    level = levels_on(life, days, covered_from)
    changes = np.flatnonzero((level[1:] != level[:-1]) | (held[1:] != held[:-1])) + 1
    if event >= 0 and held[-1] and len(days) > 1:
        changes = np.union1d(changes, [len(days) - 1])
    made = []
    for first, after in zip([0, *changes], [*changes, len(days)]):
        if held[first] and days[first] != event:
            continue
        is_last = after == len(days)
        stop = date.fromordinal(int(days[after - 1]) + 1)
        made.append({
            "start_date": date.fromordinal(int(days[first])), "stop_date": stop, "social_care_level_so_far": LEVELS[level[first] + 1],
            "stop_kind": followed["stop_kind"] if is_last else "custody" if held[after] else "level_change",
            "is_event": is_last and followed["stop_kind"] == "event", "start_day": (date.fromordinal(int(days[first])) - followed["origin_date"]).days,
            "stop_day": (stop - followed["origin_date"]).days, "spell_number": len(made) + 1,
        })  # fmt: skip
    return made


def years(life: Life, followed: dict, covered_from: date, end: date, last_year: int) -> list[dict]:
    """The panel: one row for each school year from that of the fifth birthday to the last, or to that of death or a move abroad."""
    if life.birth is None:
        return []
    counts = {name: Counter(school_year(row["offence_date"]) for row in life.sanctions if test(row)) for name, test in (
        ("n_sanctions", lambda row: True), ("n_convictions", lambda row: row["is_conviction"]),
        ("n_serious_violence_sanctions", lambda row: row["n_serious_violence_offences"] > 0))}  # fmt: skip
    nights = Counter(map(school_year, life.nights))
    at_risk: Counter = Counter()
    if followed["start_date"]:
        days, held = days_at_risk(life, followed)
        event = followed["event_date"].toordinal() if followed["event_date"] else -1
        at_risk = Counter(dict(zip(*np.unique(school_years(days[~held | (days == event)]), return_counts=True))))
    start = max(justice.birthday(life.birth, 10), PNC_STARTS)
    made = []
    left = life.left[0] if life.left else date.max
    for year in range(school_year(justice.birthday(life.birth, 5)), min(last_year, school_year(left)) + 1):
        first, after = date(year - 1, 9, 1), date(year, 9, 1)
        seen_until = min(end, after - timedelta(1), left)
        level = levels_on(life, np.array([first.toordinal()]), covered_from)[0]
        made.append({
            "academic_year_end": year, "age_at_start": justice.age(life.birth, first), "social_care_level_before": LEVELS[level + 1],
            **{name: counts[name][year] for name in counts}, "n_custody_nights": nights[year],
            "days_followed": max((seen_until - max(start, first)).days + 1, 0), "days_at_risk": at_risk[year],
        })  # fmt: skip
    return made


def recompute_timeline(extract: Path, seed: Callable, pupils: pd.DataFrame, last_year: int) -> dict[str, pd.DataFrame]:
    """The marts `follow_up`, `at_risk_spells`, `pupil_years` and `justice_years`, as far as this module tells of them.

    Args:
        seed: reads a seed by its path under `seeds`, as text.
        pupils: the mart `pupils`.
        last_year: the last school year that any table reaches.
    """
    known, covered_from, end = lives(extract, seed, pupils)
    made: dict[str, list[dict]] = defaultdict(list)
    for pupil, life in known.items():
        followed = follow_up(life, end)
        key = {"pupil_id": pupil}
        made["follow_up"].append(key | followed)
        if followed["start_date"]:
            made["at_risk_spells"] += [key | row for row in stretches(life, followed, covered_from)]
        made["pupil_years"] += [key | row for row in years(life, followed, covered_from, end, last_year)]
        for year in {school_year(row["offence_date"]) for row in life.sanctions} | {school_year(night) for night in life.nights}:
            mine = [row for row in life.sanctions if school_year(row["offence_date"]) == year]
            lost = [night for night in life.nights if school_year(night) == year]
            out = [night for night in lost if followed["start_date"] and followed["start_date"] <= night < followed["stop_date"] and night != followed["event_date"]]
            made["justice_years"].append(key | {
                "academic_year_end": year, "n_sanctions": len(mine), "n_convictions": sum(bool(row["is_conviction"]) for row in mine),
                "n_serious_violence_sanctions": sum(row["n_serious_violence_offences"] > 0 for row in mine), "n_custody_nights": len(lost),
                "n_nights_out_of_risk": len(out),
            })  # fmt: skip
    return {name: pd.DataFrame(rows) for name, rows in made.items()}
