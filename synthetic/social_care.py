"""True lives in social care: referrals, child protection plans, periods of care and their episodes.

Everything here is what happened, whole and dated; what an authority reports of it, and when, is in `reporting`.
All dates are day numbers; an end date is the day on which something ceased.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .days import day
from .people import at
from .streams import Streams, choose

# Highest contact in a child's life, as shares of all children. Over-sampled several times (2% of pupils are ever looked after in the published
# cohort, 11% ever in need), so that a small sample holds every case. Some contacts fall before the first return and are never seen.
LEVELS = {"cla": 0.070, "respite": 0.010, "cpp": 0.085, "cin": 0.095, "referral": 0.085, "none": 0.655}
NOT_PUPIL_LEVELS = {"cla": 0.45, "cpp": 0.15, "cin": 0.25, "referral": 0.15}  # children who never go to a state school here (assumed)

MAX_PERIODS = 4            # periods of care per child (assumed)
RE_ENTRY = 0.30            # chance of another period after each (assumed)
REMAND = 0.08              # periods from age 10 that are remands (over-sampled)
TEMPORARY = 0.05           # long episodes broken by some days in a temporary or missing placement (assumed)
HAS_REFERRAL = 0.88        # periods of care with a referral in the children in need data (law says all, data do not)
MOVES_IN_CARE = 0.80       # movers with a long enough period of care who move during one (over-sampled)
TRANSFERRED = 0.75         # periods open at a move whose responsibility goes to the new authority (assumed)
PLAN_AGAIN = 0.35          # plans followed by another one; published: 15 to 21% of plans are second or later; over-sampled
LONG_EPISODE = 60          # days an episode must last before a temporary placement may break it
NEW_RULES = day(2015, 4, 1)  # placement change with the same carer is recorded apart from 2015/16

NEED_CLA = {"N1": 64, "N5": 14, "N4": 8, "N8": 7, "N2": 3, "N3": 3, "N6": 1, "N7": 0.5}  # 31 March 2019, published
NEED_CIN = {"N1": 52, "N5": 16, "N4": 9, "N2": 9, "N3": 3, "N6": 2.5, "N8": 2.5, "N7": 0.7, "N9": 0.8, "N0": 4.5}  # assumed
START_STATUS = {"V2": 45, "C1": 36, "L1": 5, "L2": 4, "C2": 6, "J2": 2, "E1": 1, "D1": 1}  # assumed
LATER_STATUS = {"C2": 52, "C1": 25, "V2": 13, "E1": 10}  # assumed
BRIEF_STATUS = ["L1", "L2", "J2"]  # protection and detention last days: three to twenty at most by law, then another status
ABUSE = {"NEG": 47, "EMO": 33, "PHY": 10, "SAB": 5, "MUL": 5}  # close to published plan categories
# Placement kinds by age in years when the placement starts (assumed around published 31 March shares).
PLACEMENTS = (
    (0, {"foster": 68, "kin": 15, "parents": 12, "R3": 4, "R2": 1}),
    (5, {"foster": 68, "kin": 17, "parents": 8, "K2": 5, "S1": 1, "Z1": 1}),
    (10, {"foster": 62, "kin": 12, "parents": 6, "K2": 14, "S1": 3, "K1": 1.5, "R1": 1, "Z1": 0.5}),
    (16, {"foster": 45, "kin": 8, "K2": 15, "H5": 16, "P2": 11, "R5": 2, "K1": 1, "R1": 1, "P3": 1}),
)
# How a period ends for a child who is not yet 18. Named causes get their code of the year in `reporting`.
ENDINGS = {"home": 52, "E8": 14, "guardianship": 12, "E41": 7, "no_parental_responsibility": 6, "E3": 1.5, "E2": 0.5, "abroad": 1, "E9": 2}
ADULT_ENDINGS = {"E5": 45, "E6": 12, "E7": 6, "E8": 15, "staying_put": 22}  # assumed
REFERRAL_SOURCES = {"6": 26, "1A": 9, "1B": 3, "1C": 1, "1D": 2, "2A": 15, "2B": 2, "3A": 3, "3B": 3, "3C": 1, "3D": 2, "3E": 4, "3F": 3, "4": 2,
                    "5A": 7, "5B": 5, "5C": 3, "5D": 2, "7": 3, "8": 4, "9": 3, "10": 1}  # assumed
FACTORS = {"3B": 32, "4B": 27, "16A": 18, "17A": 17, "2B": 15, "1B": 14, "18A": 10, "3A": 9, "4A": 9, "14A": 6, "6B": 5, "19A": 5, "10A": 4,
           "15A": 4, "11A": 3, "5A": 4, "13A": 2, "7A": 3, "2A": 4, "1A": 3, "12A": 1, "9A": 1, "20": 6, "21": 3}  # assumed round published counts
DISABILITIES = {"NONE": 86, "LD": 5, "AUT": 4, "BEH": 3, "MOB": 1, "COMM": 1}  # assumed


@dataclass
class SocialCare:
    """The four tables of true lives, whose columns stand with the functions below, and the day each child of the world moves (as in `people`)."""

    referrals: pd.DataFrame
    plans: pd.DataFrame
    periods: pd.DataFrame
    episodes: pd.DataFrame
    move_day: np.ndarray


def make_social_care(people: pd.DataFrame, streams: Streams, levels: dict[str, float] = LEVELS) -> SocialCare:
    """Write down the social care life of every child.

    Args:
        people: from `people.make_people`.
        streams: named random numbers.
        levels: share of children by the highest contact of their lives.
    """
    level = choose(streams.named("care.level"), levels, len(people))
    outside = ~people["is_pupil"].to_numpy()
    level[outside] = choose(streams.named("care.outside_level"), NOT_PUPIL_LEVELS, int(outside.sum()))
    level[people["is_uasc"].to_numpy()] = "cla"
    care = care_periods(people, level, streams)
    periods = pd.concat([care, respite_periods(people, level, care, streams)], ignore_index=True)
    people = people.assign(move_day=move_days(people, care, streams))
    periods = split_at_moves(people, periods, streams)
    referrals = make_referrals(people, level, periods, streams)
    plans = make_plans(referrals, level, streams)
    return SocialCare(referrals, plans, periods, make_episodes(people, periods, streams), people["move_day"].to_numpy())


def within(groups: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Running sum of `values` inside each run of equal, adjacent `groups`."""
    return pd.Series(values).groupby(groups, sort=False).cumsum().to_numpy()


def rank_within(groups: np.ndarray) -> np.ndarray:
    """0, 1, 2, ... inside each run of equal `groups`."""
    return pd.Series(groups).groupby(groups, sort=False).cumcount().to_numpy()


def care_periods(people: pd.DataFrame, level: np.ndarray, streams: Streams) -> pd.DataFrame:
    """Periods of care other than short breaks.

    Returns:
        Columns `person`, `start`, `end` (day numbers), `kind` (ordinary, adoption, remand, uasc), `ending` (cause or code), `need` (code).
    """
    rng = streams.named("care.periods")
    persons = np.flatnonzero(level == "cla")
    counts = np.minimum(rng.geometric(1 - RE_ENTRY, len(persons)), MAX_PERIODS)
    counts[people["is_uasc"].to_numpy()[persons]] = 1
    person = np.repeat(persons, counts)
    child = people.iloc[person]
    number = rank_within(person)
    n = len(person)

    # Age at first entry: a quarter as babies, the rest through childhood and more in the teens (assumed).
    age = np.where(rng.random(n) < 0.25, rng.uniform(0, 1.2, n), np.where(rng.random(n) < 0.45, rng.uniform(1, 10, n), rng.uniform(9, 17.6, n)))
    age = np.where(child["is_pupil"], age, rng.uniform(0, 4, n))
    # Three periods in ten are over in weeks, the others last about two and a half years on average (assumed).
    length = np.where(rng.random(n) < 0.3, rng.exponential(25, n), 60 + rng.exponential(850, n)).astype(np.int64) + 1
    gap = 20 + rng.exponential(420, n).astype(np.int64)
    is_uasc = child["is_uasc"].to_numpy()
    before = np.concatenate([[0], length[:-1]])[:n]
    step = np.where(number == 0, (age * 365.25).astype(np.int64), gap + before)
    start = child["birth"].to_numpy() + within(person, step)
    start = np.where(is_uasc, child["arrival"].to_numpy(), start)
    adulthood = child["adulthood"].to_numpy()
    length = np.where(is_uasc & (rng.random(n) < 0.85), adulthood, length)
    end = np.minimum(start + length, adulthood)

    age_at_start = (start - child["birth"].to_numpy()) / 365.25
    remand = (age_at_start >= 10) & (rng.random(n) < REMAND) & ~is_uasc
    end = np.where(remand, np.minimum(end, start + 5 + rng.integers(0, 120, n)), end)
    adoption = (age_at_start < 4) & (end - start > 300) & (rng.random(n) < 0.45) & ~is_uasc
    end = np.where(adoption, np.minimum(end, start + 900), end)
    kind = np.select([is_uasc, remand, adoption], ["uasc", "remand", "adoption"], "ordinary").astype(object)

    ending = choose(streams.named("care.ending"), ENDINGS, n)
    ending = np.where((ending == "E9") & (age_at_start < 12), "home", ending)
    ending = np.where(end == adulthood, choose(streams.named("care.adult_ending"), ADULT_ENDINGS, n), ending)
    ending = np.where((kind == "remand") & (end < adulthood), "remand", ending)
    ending = np.where(kind == "adoption", np.where(rng.random(n) < 0.5, "E11", "E12"), ending)
    ending = np.where((kind == "uasc") & (end < adulthood), np.where(rng.random(n) < 0.6, "adult_after_all", "abroad"), ending)
    need = choose(streams.named("care.need"), NEED_CLA, n)
    need = np.select([kind == "uasc", kind == "remand"], ["N8", "N6"], need)

    periods = pd.DataFrame({"person": person, "start": start, "end": end, "kind": kind, "ending": ending, "need": need})
    # Nobody enters in the last week of childhood, and adoption and death are final.
    final = periods["ending"].isin(["E11", "E12", "E2", "adult_after_all", "abroad"])
    over = final.groupby(periods["person"]).cumsum() - final > 0
    return periods[(periods["start"] < adulthood - 7) & (periods["end"] > periods["start"]) & ~over].reset_index(drop=True)


def respite_periods(people: pd.DataFrame, level: np.ndarray, care: pd.DataFrame, streams: Streams) -> pd.DataFrame:
    """Short breaks: series of stays (V3, each its own period) and agreements (V4, or V1 in the early years), same columns as `care`.

    For children whose only care is respite, and for one in twelve of the others before they entered care.
    """
    rng = streams.named("care.respite")
    also = (level == "cla") & ~people["is_uasc"].to_numpy() & (rng.random(len(level)) < 0.08)
    persons = np.flatnonzero((level == "respite") | also)
    stays = rng.integers(3, 22, len(persons))
    agreement = rng.random(len(persons)) < 0.35
    person = np.repeat(persons, np.where(agreement, 1, stays))
    is_agreement = np.repeat(agreement, np.where(agreement, 1, stays))
    number = rank_within(person)
    n = len(person)
    child = people.iloc[person]
    age = rng.uniform(3, 14, n)
    length = np.where(is_agreement, rng.integers(90, 1100, n), rng.integers(1, 7, n))
    step = np.where(number == 0, (age * 365.25).astype(np.int64), rng.integers(20, 90, n))
    start = child["birth"].to_numpy() + within(person, step)
    end = np.minimum(start + length, child["adulthood"].to_numpy())
    early = is_agreement & (start < day(2007, 4, 1))
    kind = np.select([early, is_agreement], ["V1", "V4"], "V3").astype(object)
    periods = pd.DataFrame({"person": person, "start": start, "end": end, "kind": kind, "ending": "E8", "need": "N2"})
    # Respite of a child who later enters care stops at least a month before entry.
    entry = care.groupby("person")["start"].min()
    last_day = periods["person"].map(entry).fillna(10**6).to_numpy() - 30
    return periods[(periods["end"] < last_day) & (periods["start"] < child["adulthood"].to_numpy() - 30)]


def move_days(people: pd.DataFrame, care: pd.DataFrame, streams: Streams) -> np.ndarray:
    """Day on which each child moves: for most of the movers who are in care for two months or more, a day in the middle of that time."""
    rng = streams.named("care.moves")
    long = care[care["end"] - care["start"] >= LONG_EPISODE].drop_duplicates("person")
    middle = (long["start"] + (long["end"] - long["start"]) * rng.uniform(0.3, 0.7, len(long))).astype(np.int64)
    chosen = (people["area_2"].to_numpy()[long["person"]] != "") & (rng.random(len(long)) < MOVES_IN_CARE)
    move_day = people["move_day"].to_numpy().copy()
    move_day[long["person"][chosen]] = middle[chosen]
    return move_day


def split_at_moves(people: pd.DataFrame, periods: pd.DataFrame, streams: Streams) -> pd.DataFrame:
    """Hand some periods over to the new authority on the day the child moves: reason E3, and a new period there from that day.

    Adds `area` and `local_id` of the responsible authority, numbers the periods, and orders them by child and start.
    """
    move = people["move_day"].to_numpy()[periods["person"]]
    splits = (periods["start"] + 5 < move) & (move < periods["end"] - 5) & ~periods["kind"].isin(["V1", "V3", "V4", "remand"])
    splits &= streams.named("care.transfers").random(len(periods)) < TRANSFERRED
    first, second = periods.copy(), periods[splits].copy()
    first.loc[splits, "end"] = move[splits]
    first.loc[splits, "ending"] = "E3"
    first.loc[splits & (first["kind"] == "adoption"), "kind"] = "ordinary"
    second["start"] = move[splits]
    periods = pd.concat([first, second]).sort_values(["person", "start"], kind="stable").reset_index(drop=True)
    periods["area"], periods["local_id"] = at(people, periods["person"].to_numpy(), periods["start"].to_numpy())
    periods.insert(0, "period", np.arange(len(periods)))
    return periods


def make_episodes(people: pd.DataFrame, periods: pd.DataFrame, streams: Streams) -> pd.DataFrame:
    """Cut each period of care into episodes: every change of placement or legal status starts one, on the day the last one ends.

    Returns:
        Columns `period`, `person`, `start`, `end`, `rne` (reason for new episode), `placement` (a code, or foster, kin, temporary, missing, whose
        code depends on the return year), `fine` (0 to 1, settles that code), `legal_status`, `ending` (X1 inside a period), in order of start.
    """
    cuts = change_days(periods, streams)
    episodes = cuts.drop_duplicates(["period", "start"]).sort_values(["period", "start"], kind="stable").reset_index(drop=True)
    n = len(episodes)
    own = periods.iloc[episodes["period"]].reset_index(drop=True)
    child = people.iloc[own["person"]]
    first = rank_within(episodes["period"].to_numpy()) == 0
    last = np.append(first[1:], True)[:n]
    end = np.where(last, own["end"], np.append(episodes["start"].to_numpy()[1:], 0)[:n])
    start = episodes["start"].to_numpy()
    forced = episodes["status"].to_numpy()
    change = choose(streams.named("care.change_kind"), {"P": 62, "L": 26, "B": 12}, n)
    change = np.where(first, "S", np.where(forced != "", "L", change))
    placement = carry_forward(new_placement(start, child, streams), first | (change != "L"), episodes["period"])
    legal = np.where(forced != "", forced, choose(streams.named("care.later_status"), LATER_STATUS, n))
    legal = carry_forward(legal, first | (change != "P"), episodes["period"])
    # A full care order is not followed by a lesser status in the same period.
    ordered = pd.Series(legal == "C2").groupby(episodes["period"].to_numpy()).cummax().to_numpy()
    legal = np.where(ordered & np.isin(legal, ["C1", "V2"]), "C2", legal)

    kind = own["kind"].to_numpy()
    legal = np.select([kind == "remand", np.isin(kind, ["V1", "V3", "V4"]), kind == "uasc", (legal == "D1") & (start >= day(2005, 12, 30))],
                      ["J1", kind, "V2", "E1"], legal)
    # Placement and freeing orders belong to the young; parents cannot be the placement of an accommodated child.
    age = (start - child["birth"].to_numpy()) / 365.25
    legal = np.where(np.isin(legal, ["E1", "D1"]) & (age > 7), "C2", legal)
    legal = np.where((legal == "J2") & (age < 10), "C1", legal)
    placement = np.where((placement == "parents") & np.isin(legal, ["V2", "J2"]), "foster", placement)
    fine = carry_forward(streams.named("care.fine").random(n), first | (change != "L"), episodes["period"])
    placement = np.where(kind == "remand", np.where(fine < 0.6, "R5", "K1"), placement)
    placement = np.where(np.isin(kind, ["V1", "V3", "V4"]), np.where(fine < 0.6, "foster", "K2"), placement)
    adopted = (kind == "adoption") & last & ~first
    placement = np.where(adopted, np.where(fine < 0.3, "A5", "A6"), placement)
    legal = np.where(adopted, "E1", legal)

    # A change that changed nothing is a new carer of the same kind.
    same_legal = np.append(False, legal[1:] == legal[:-1])[:n]
    same_place = np.append(False, placement[1:] == placement[:-1])[:n]
    change = np.where(first, "S", np.select([same_legal, same_place & (change == "L")], ["P", "L"], np.where(same_place, "B", change)))
    change = np.where(~first & ~same_legal & (change == "P"), "B", change)
    change = np.where((change == "L") & ~same_place, "B", change)
    same_carer = (start >= NEW_RULES) & (streams.named("care.same_carer").random(n) < 0.15) & ~adopted
    change = np.select([same_carer & (change == "P"), same_carer & (change == "B")], ["T", "U"], change)
    episodes = pd.DataFrame({"period": own["period"], "person": own["person"], "start": start, "end": end, "rne": change, "placement": placement,
                             "fine": fine, "legal_status": legal, "ending": np.where(last, own["ending"], "X1")})
    return break_by_temporary(episodes, streams)


def change_days(periods: pd.DataFrame, streams: Streams) -> pd.DataFrame:
    """Days on which an episode starts: the first of each period, changes through its life, and the changes of status that law brings about.

    Returns:
        Columns `period`, `start` and `status` (the legal status that begins there, empty where any may).
    """
    rng = streams.named("care.changes")
    number, start = periods["period"].to_numpy(), periods["start"].to_numpy()
    length = (periods["end"] - periods["start"]).to_numpy()
    opening = choose(streams.named("care.start_status"), START_STATUS, len(periods))
    changeable = periods["kind"].isin(["ordinary", "adoption", "uasc"]).to_numpy()
    changes = np.where(changeable, np.minimum(rng.poisson(0.25 + 0.7 * length / 365.25), np.minimum(15, length // 4)), 0)
    period = np.repeat(number, changes)
    any_day = start[period] + 1 + (rng.random(len(period)) * (length[period] - 1)).astype(np.int64)
    soon = rng.integers(2, 15, len(periods))
    brief = np.isin(opening, BRIEF_STATUS) & changeable & (length > 20)
    court = 150 + rng.integers(0, 150, len(periods))
    order = (opening == "C1") & changeable & (length > court + 10)
    then = np.where(rng.random(len(periods)) < 0.6, "C1", "V2")
    return pd.concat([
        pd.DataFrame({"period": number, "start": start, "status": opening}),
        pd.DataFrame({"period": number[brief], "start": (start + soon)[brief], "status": then[brief]}),
        pd.DataFrame({"period": number[order], "start": (start + court)[order], "status": "C2"}),
        pd.DataFrame({"period": period, "start": any_day, "status": ""}),
    ])


def carry_forward(values: np.ndarray, is_new: np.ndarray, groups: pd.Series) -> np.ndarray:
    """Keep each value until the next row of the same group that is new."""
    return pd.Series(values).where(is_new).groupby(groups.to_numpy(), sort=False).ffill().to_numpy()


def new_placement(start: np.ndarray, child: pd.DataFrame, streams: Streams) -> np.ndarray:
    """Kind of placement, by age at its start."""
    age = (start - child["birth"].to_numpy()) / 365.25
    rng = streams.named("care.placement")
    placement = np.empty(len(start), dtype=object)
    for from_age, options in PLACEMENTS:
        draw = choose(rng, options, len(start))
        placement = np.where(age >= from_age, draw, placement)
    return placement


def break_by_temporary(episodes: pd.DataFrame, streams: Streams) -> pd.DataFrame:
    """Break some long episodes by a few days in a temporary placement, or missing in the years when that was a placement."""
    rng = streams.named("care.temporary")
    long = (episodes["end"] - episodes["start"] > LONG_EPISODE) & ~episodes["legal_status"].isin(["V1", "V3", "V4", "J1"])
    broken = long & (rng.random(len(episodes)) < TEMPORARY)
    leave = episodes["start"] + 20 + rng.integers(0, 20, len(episodes))
    back = leave + 1 + rng.integers(0, 6, len(episodes))
    missing = rng.random(len(episodes)) < 0.3
    before, away, after = episodes.copy(), episodes[broken].copy(), episodes[broken].copy()
    before.loc[broken, "end"] = leave[broken]
    before.loc[broken, "ending"] = "X1"
    away["start"], away["end"], away["rne"], away["ending"] = leave[broken], back[broken], "P", "X1"
    away["placement"] = np.where(missing[broken] & (back[broken] < NEW_RULES), "missing", "temporary")
    after["start"], after["rne"] = back[broken], "P"
    return pd.concat([before, away, after]).sort_values(["person", "start"], kind="stable").reset_index(drop=True)


def make_referrals(people: pd.DataFrame, level: np.ndarray, periods: pd.DataFrame, streams: Streams) -> pd.DataFrame:
    """Referrals to children's services, one row each, none overlapping another of the same child.

    Returns:
        Columns `referral` (number), `person`, `start`, `end` (day numbers), `outcome` (nfa, not_in_need, early_help, need, plan, care), `need`,
        `closure` (code), `source`, `factors` (codes parted by a space), `disability`, `area`, `local_id`, `assessed` (bool).
    """
    referrals = referral_times(people, level, periods, streams)
    n = len(referrals)
    outcome = referrals["outcome"].to_numpy()
    closure = choose(streams.named("need.closure"), {"RC7": 88, "RC3": 4, "RC4": 5, "RC5": 3}, n)
    closure = np.where(referrals["end"] == people["adulthood"].to_numpy()[referrals["person"]], "RC6", closure)
    closure = np.select([outcome == "nfa", outcome == "not_in_need", outcome == "early_help"], ["", "RC8", "RC9"], closure)
    by_care = closure_by_care(referrals, periods)
    referrals["closure"] = np.where(by_care != "", by_care, closure)
    referrals["need"] = choose(streams.named("need.need"), NEED_CIN, n)
    referrals["need"] = np.where(outcome == "nfa", np.where(streams.named("need.blank").random(n) < 0.5, "", "N0"), referrals["need"])
    referrals["source"] = choose(streams.named("need.source"), REFERRAL_SOURCES, n)
    referrals["disability"] = choose(streams.named("need.disability"), DISABILITIES, n)
    referrals["assessed"] = outcome != "nfa"
    referrals["factors"] = factors(referrals["assessed"].to_numpy(), streams)
    referrals["area"], referrals["local_id"] = at(people, referrals["person"].to_numpy(), referrals["start"].to_numpy())
    referrals.insert(0, "referral", np.arange(n))
    return referrals


def referral_times(people: pd.DataFrame, level: np.ndarray, periods: pd.DataFrame, streams: Streams) -> pd.DataFrame:
    """Start, end and outcome of the referrals: some of the child's own, and one round most periods of care."""
    rng = streams.named("need.referrals")
    contacts = {"none": 0.0, "referral": 0.5, "cin": 0.9, "cpp": 1.2, "cla": 0.7, "respite": 0.3}  # referrals beyond the first (assumed)
    known = np.flatnonzero((level != "none") & ~people["is_uasc"].to_numpy())
    counts = 1 + rng.poisson([contacts[name] for name in level[known]])
    person = np.repeat(known, counts)
    child = people.iloc[person]
    n = len(person)
    own_level = level[person]
    span = child["adulthood"].to_numpy() - child["birth"].to_numpy()
    start = child["birth"].to_numpy() + (rng.random(n) * (span - 40)).astype(np.int64)
    # A few are referred before birth, at most five months.
    start = np.where(rng.random(n) < 0.03, child["birth"].to_numpy() - rng.integers(1, 150, n), start)

    outcome = choose(streams.named("need.outcome"), {"nfa": 14, "not_in_need": 22, "early_help": 6, "need": 58}, n)
    outcome = np.where(own_level == "referral", choose(streams.named("need.low"), {"nfa": 40, "not_in_need": 45, "early_help": 15}, n), outcome)
    must = (rank_within(person) == 0) & np.isin(own_level, ["cin", "respite"])
    outcome = np.where(must, "need", outcome)
    is_plan = (own_level == "cpp") & ((rank_within(person) == 0) | (rng.random(n) < 0.25)) | (own_level == "cla") & (rng.random(n) < 0.30)
    outcome = np.where(is_plan, "plan", outcome)
    length = np.select([outcome == "nfa", np.isin(outcome, ["not_in_need", "early_help"]), outcome == "plan"],
                       [rng.integers(0, 8, n), rng.integers(10, 50, n), 200 + rng.exponential(380, n)], 30 + rng.exponential(400, n))
    base = pd.DataFrame({"person": person, "start": start, "end": start + length.astype(np.int64), "outcome": outcome})

    care = periods[~periods["kind"].isin(["V1", "V3"]) & (rng.random(len(periods)) < HAS_REFERRAL)]
    lead = rng.integers(0, 200, len(care)) * (care["kind"] != "uasc") * (care["ending"].shift().fillna("") != "E3")
    for_care = pd.DataFrame({"person": care["person"], "start": care["start"] - lead, "end": care["end"] + rng.integers(0, 90, len(care)),
                             "outcome": "care"})
    # Care comes first where referrals would overlap, then the order of time; what overlaps an earlier one is dropped.
    referrals = pd.concat([for_care, base]).drop_duplicates(["person", "start"]).sort_values(["person", "start"], kind="stable")
    referrals = referrals[~overlaps_care(referrals)]
    running = referrals.groupby("person")["end"].cummax().groupby(referrals["person"]).shift()
    referrals = referrals[~(referrals["start"] <= running.fillna(-10**6))].reset_index(drop=True)

    adulthood = people["adulthood"].to_numpy()[referrals["person"]]
    referrals["end"] = np.minimum(referrals["end"], adulthood)
    kept = (referrals["start"] < adulthood - 5) & (referrals["end"] >= referrals["start"])
    return referrals[kept].reset_index(drop=True)


def overlaps_care(referrals: pd.DataFrame) -> np.ndarray:
    """True for a referral that is not for care and meets one that is."""
    numbered = referrals.assign(row=np.arange(len(referrals)))
    care = numbered.loc[numbered["outcome"] == "care", ["person", "start", "end"]]
    pairs = numbered[numbered["outcome"] != "care"].merge(care, on="person", suffixes=("", "_care"))
    meets = pairs[(pairs["start"] <= pairs["end_care"]) & (pairs["end"] >= pairs["start_care"])]
    return numbered["row"].isin(meets["row"]).to_numpy()


def closure_by_care(referrals: pd.DataFrame, periods: pd.DataFrame) -> np.ndarray:
    """Closure code that follows from how care ended during the referral (adopted, died, guardianship, transferred), empty for others."""
    codes = {"E11": "RC1", "E12": "RC1", "E2": "RC2", "guardianship": "RC4", "E41": "RC3", "E3": "RC5"}
    ended = periods[periods["ending"].isin(list(codes))][["person", "end", "ending"]].rename(columns={"end": "care_end"})
    pairs = referrals.loc[referrals["outcome"] == "care", ["person", "start", "end"]].reset_index().merge(ended, on="person")
    pairs = pairs[(pairs["care_end"] >= pairs["start"]) & (pairs["care_end"] <= pairs["end"])].drop_duplicates("index", keep="last")
    closure = pd.Series("", index=referrals.index, dtype=object)
    closure.loc[pairs["index"]] = pairs["ending"].map(codes).to_numpy()
    return closure.to_numpy()


def factors(assessed: np.ndarray, streams: Streams) -> np.ndarray:
    """One to four different factors found at assessment, parted by a space; empty without an assessment."""
    rng = streams.named("need.factors")
    draws = choose(rng, FACTORS, 4 * len(assessed)).reshape(-1, 4)
    counts = rng.integers(1, 5, len(assessed))
    return np.array([" ".join(dict.fromkeys(row[:count])) if is_assessed else "" for row, count, is_assessed in zip(draws, counts, assessed)],
                    dtype=object)


def make_plans(referrals: pd.DataFrame, level: np.ndarray, streams: Streams) -> pd.DataFrame:
    """Child protection plans, one row each; a referral may hold two.

    Returns:
        Columns `person`, `referral`, `conference`, `plan_start`, `plan_end` (day numbers), `initial_category`, `latest_category`, `previous` (plans
        the child had before this one), in order of start.
    """
    rng = streams.named("plans")
    chosen = referrals[(referrals["outcome"] == "plan") | (referrals["outcome"] == "care") & (level[referrals["person"]] == "cla") &
                       (rng.random(len(referrals)) < 0.25)]
    n = len(chosen)
    start = chosen["start"].to_numpy() + rng.integers(15, 60, n)
    end = np.minimum(start + 60 + rng.exponential(240, n).astype(np.int64), chosen["end"].to_numpy())
    again = end + rng.integers(40, 300, n)
    again_end = np.minimum(again + 60 + rng.exponential(240, n).astype(np.int64), chosen["end"].to_numpy())
    second = (rng.random(n) < PLAN_AGAIN) & (again + 30 < chosen["end"].to_numpy())
    plans = pd.concat([
        pd.DataFrame({"person": chosen["person"], "referral": chosen["referral"], "plan_start": start, "plan_end": end}),
        pd.DataFrame({"person": chosen["person"], "referral": chosen["referral"], "plan_start": again, "plan_end": again_end})[second],
    ])
    plans = plans[plans["plan_end"] > plans["plan_start"] + 20].sort_values(["person", "plan_start"], kind="stable").reset_index(drop=True)
    n = len(plans)
    plans.insert(2, "conference", plans["plan_start"] - np.where(streams.named("plans.conference").random(n) < 0.9, 0, 3))
    plans["initial_category"] = choose(streams.named("plans.initial"), ABUSE, n)
    changed = streams.named("plans.changed").random(n) < 0.2
    plans["latest_category"] = np.where(changed, choose(streams.named("plans.latest"), ABUSE, n), plans["initial_category"])
    plans["previous"] = rank_within(plans["person"].to_numpy())
    return plans
