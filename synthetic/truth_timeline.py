"""How long each pupil was at risk of a first sanction, at which level of social care known by then, if no fault was planted.

The table `at_risk_spells`, with a column `share`, has one row for each stretch of time of a pupil: from the tenth birthday, or the first day of the
Police National Computer, to the first sanctioned offence, to death in care or a move abroad from it, split where the level known rises and without nights in custody. `stop_date`
is the day after the last; it is missing for a stretch that only the end of the data ends, since no part of a world knows when the last sentence of the
whole falls. `level` is missing before the returns could tell. Pupils of whom nothing above no contact is ever known, and who have neither a sanction nor
custody nor died in care or moved abroad from it, are not in it: theirs is one stretch at no contact, after one at an unknown level where it begins before the returns.

It is worked out by taking away: levels are laid over the follow-up, then custody is cut out; the models cut first and ask for the level afterwards.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .days import SHORTEST, birthday, day
from .reporting import Share
from .reporting_social_care import CIN_STARTS
from .tables import Rows
from .truth_justice import linked_in, sanctioned
from .truth_social_care import LEVELS, NEVER, first_days, need_rows, reported_locals
from .world import World

PNC_STARTS = day(2000)
RESPONSIBLE_AT = 10


def timeline_truth(world: World, shares: dict[str, tuple[Share, dict[str, Rows]]], pupils: pd.DataFrame) -> pd.DataFrame:
    """The table `at_risk_spells`.

    Args:
        shares: by folder, each share and its tables before any fault.
        pupils: the table `pupils` of the truth, whose first days in care and knowledge of schools are taken over.
    """
    parts = []
    for folder, (share, tables) in shares.items():
        followed = follow_up(world, share, tables)
        steps = level_steps(world, share, tables, pupils, folder)
        nights = custody_nights(world, tables)
        told = np.union1d(steps.loc[steps["rank"] > 0, "person"], nights["person"])
        told = np.union1d(told, followed.index[followed["stop_kind"] != ""])
        stretches = without_custody(at_levels(followed[followed.index.isin(told)], steps), nights, followed)
        stretches = stretches[stretches["start"] < day(share.last_offence + 1)]
        parts.append(pd.DataFrame({
            "share": folder, "person": world.people["person"].to_numpy()[stretches["person"]],
            "level": np.append(LEVELS, "")[stretches["rank"]], "start_date": dated(stretches["start"]), "stop_date": dated(stretches["stop"]),
            "stop_kind": stretches["stop_kind"].to_numpy(dtype=object),
        }))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def dated(days: pd.Series) -> np.ndarray:
    """Day numbers as dates, missing where never."""
    days = days.to_numpy(dtype=np.int64)
    return np.where(days < NEVER, days.astype("datetime64[D]"), np.datetime64("NaT")).astype("datetime64[D]")


def follow_up(world: World, share: Share, tables: dict[str, Rows]) -> pd.DataFrame:
    """Start, stop and reason of each pupil who is at risk on a first day; by person, `stop` is never where only the data end it.

    Returns:
        Columns `start`, `stop`, `event` (day of the first sanctioned offence, or never) and `stop_kind` (empty, `event`, `death` or `moved_abroad`).
    """
    people, n = world.people, len(world.people)
    offences = sanctioned(world, tables["pnc"], linked_in(world, tables))
    first = first_days(n, offences["person"], offences["day"])
    died, abroad = (last_days(world, share, tables["cla"], code) for code in ("E2", "E16"))
    gone = np.minimum(died, abroad)
    start = np.maximum(birthday(people["birth_year"].to_numpy(), people["birth_month"].to_numpy(), RESPONSIBLE_AT), PNC_STARTS)
    is_event = (first < NEVER) & (first <= gone)
    table = pd.DataFrame({
        "start": start, "stop": np.minimum(np.where(is_event, first, gone) + 1, NEVER), "event": np.where(is_event, first, NEVER),
        "stop_kind": np.select([is_event, died < NEVER, abroad < NEVER], ["event", "death", "moved_abroad"], ""),
    })
    at_risk = people["is_pupil"].to_numpy() & (first >= start) & (gone >= start) & (start < day(share.last_offence + 1))
    return table[at_risk]


def last_days(world: World, share: Share, cla: Rows, code: str) -> np.ndarray:
    """Day on which care of each child ceased for a reason after which nobody can follow it, as far as rows tell that carry or can be given its PMR."""
    n = len(world.people)
    if not len(cla):
        return np.full(n, NEVER)
    known = cla.columns["pmr"].filled() if share.name == "first" else np.isin(cla.hidden["_local"], reported_locals(cla))
    rows = np.flatnonzero(known & cla.columns["reason_ceased"].equals(code))
    return first_days(n, pd.Series(cla.hidden["_person"][rows]), pd.Series(cla.columns["end_date"].codes[rows].astype(np.int64) + SHORTEST - 1))


def level_steps(world: World, share: Share, tables: dict[str, Rows], pupils: pd.DataFrame, folder: str) -> pd.DataFrame:
    """First day on which each level counts as known, levels reached after a higher one left out: columns `person`, `rank`, `day`.

    A referral counts from the day after it, need from the day after the 31 March that showed it, a plan and care from the day after they began; what
    the share does not date counts from the day after its return year. Nothing counts before the first day that both returns cover, and no contact from it.
    """
    n = len(world.people)
    rows = need_rows(world, tables["cin"])
    shown_by = np.minimum(rows["last"], rows["adulthood"] - 1)
    has_dates = "referral_date" in tables["cin"].columns
    plans = rows["named"] | rows["previous"] | rows["is_dated"]
    plan_day = np.where(rows["is_dated"], np.minimum(rows["plan_start"].fillna(NEVER), shown_by), shown_by)
    in_need = rows["in_need"].to_numpy(dtype=bool)
    care = pd.to_datetime(pupils[f"{folder}_first_care_date"]).to_numpy().astype("datetime64[D]")
    first = np.stack([
        np.full(n, NEVER),
        first_days(n, rows["person"], np.minimum(rows["start"], shown_by) if has_dates else shown_by),
        first_days(n, rows["person"][in_need], rows["last"][in_need]),
        first_days(n, rows["person"][plans], pd.Series(plan_day, index=rows.index)[plans]),
        np.where(np.isnat(care), NEVER, care.astype(np.int64)),
    ])
    returns_start = max(day(share.cla_years[0] - 1, 4), day(share.cin_years[0] - 1, 4), CIN_STARTS)
    first = np.where(first < NEVER, np.maximum(first + 1, returns_start), NEVER)
    first[0] = np.where(pupils[f"{folder}_is_in_education_data"].to_numpy(dtype=bool), returns_start, NEVER)
    later_ranks = np.minimum.accumulate(first[::-1])[::-1]  # first day of this level or any above
    above = np.vstack([later_ranks[1:], np.full((1, n), NEVER)])
    rank, person = np.nonzero((first < NEVER) & (first < above))
    table = pd.DataFrame({"person": person, "rank": rank, "day": first[rank, person]})
    return table.sort_values(["person", "rank"], kind="stable").reset_index(drop=True)


def at_levels(followed: pd.DataFrame, steps: pd.DataFrame) -> pd.DataFrame:
    """The follow-up of each pupil with the levels laid over it: columns `person`, `rank` (-1 before any is known), `start`, `stop`, `stop_kind`."""
    unknown = pd.DataFrame({"person": followed.index, "rank": -1, "day": -NEVER})
    laid = pd.concat([unknown, steps[steps["person"].isin(followed.index)]]).sort_values(["person", "rank"], kind="stable").reset_index(drop=True)
    laid = laid.join(followed, on="person")
    until = laid.groupby("person")["day"].shift(-1).fillna(NEVER).astype(np.int64)
    laid["start"] = np.maximum(laid["day"], laid["start"])
    laid["stop_kind"] = np.where(until < laid["stop"], "level_change", laid["stop_kind"])
    laid["stop"] = np.minimum(until, laid["stop"])
    return laid.loc[laid["start"] < laid["stop"], ["person", "rank", "start", "stop", "stop_kind"]].reset_index(drop=True)


def custody_nights(world: World, tables: dict[str, Rows]) -> pd.DataFrame:
    """Times in custody of linked pupils: columns `person`, `start`, `end`. One without a release lasts to the next reception, or for good."""
    known, custody = linked_in(world, tables), tables["custody"]
    rows = pd.DataFrame({"person": custody.hidden["_person"], "start": custody.hidden["_order"], "kind": custody.hidden["_kind"], "end": custody.hidden["_end"]})
    rows["open"] = ~custody.columns["release_date"].filled() if len(custody) else False
    rows = rows[known[rows["person"]]].sort_values(["person", "start", "kind"], kind="stable").reset_index(drop=True)
    after = rows.groupby("person")["start"].shift(-1).fillna(NEVER).astype(np.int64)
    return rows.assign(end=np.where(rows["open"], after, rows["end"]))[["person", "start", "end"]]


def without_custody(stretches: pd.DataFrame, nights: pd.DataFrame, followed: pd.DataFrame) -> pd.DataFrame:
    """The stretches with the nights cut out; the day of an offence in custody stays one of its own."""
    held = nights[nights["person"].isin(stretches["person"])]
    held = held[held["start"].to_numpy() < followed["stop"].reindex(held["person"]).to_numpy()]
    if not len(held):
        return stretches
    free, cut = stretches[~stretches["person"].isin(held["person"])], []
    for person, mine in stretches[stretches["person"].isin(held["person"])].groupby("person"):
        event, times = followed.at[person, "event"], held[held["person"] == person]
        times = times[times["start"] < event]  # custody that begins on the day of the offence takes no night out
        for stretch in mine.itertuples():
            left = [(stretch.start, stretch.stop, stretch.stop_kind)]
            for night in times.itertuples():
                left = [part for start, stop, kind in left for part in (
                    [(start, stop, kind)] if night.end <= start or night.start >= stop
                    else [(start, night.start, "custody"), (max(night.end, start), stop, kind)]) if part[0] < part[1]]
            if stretch.start <= event < stretch.stop and not any(start <= event < stop for start, stop, _ in left):
                left.append((event, event + 1, "event"))
            received = set(times["start"])  # custody may begin on the very day on which a level does
            left = [(start, stop, "custody" if kind == "level_change" and stop in received else kind) for start, stop, kind in left]
            cut += [(person, stretch.rank, *part) for part in left]
    both = pd.concat([free, pd.DataFrame(cut, columns=stretches.columns)])
    return both.sort_values(["person", "start"], kind="stable").reset_index(drop=True)


__all__ = ["timeline_truth"]
