"""True lives in social care: referrals, child protection plans, periods of care and their episodes.

Everything here is what happened, whole and dated; what an authority reports of it, and when, is in `reporting`.
All dates are day numbers; an end date is the day on which something ceased.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .areas import Areas
from .days import day, return_year
from .parameters import LEVEL, STEEPNESS
from .people import at
from .streams import Streams, choose, even_events, evenly, onset, pick_index

NEED_CLA = {"N1": 64.5, "N5": 14.5, "N4": 7.5, "N8": 1.3, "N2": 2.8, "N3": 3.0, "N6": 1.0, "N7": 0.145}  # fitted to 31 March 2019, published
NEED_CIN = {"N1": 52, "N5": 16, "N4": 9, "N2": 9, "N3": 3, "N6": 2.5, "N8": 2.5, "N7": 0.7, "N9": 0.8, "N0": 4.5}  # assumed
START_STATUS = {"V2": 48, "C1": 33, "L1": 7, "L2": 5, "C2": 4, "J2": 2.3, "E1": 0.3, "D1": 0.3}  # round starts in 2018/19, published
LATER_STATUS = {"C2": 74, "C1": 16, "V2": 4, "E1": 3}  # assumed
BRIEF_STATUS = ["L1", "L2", "J2"]  # protection and detention last days: three to twenty at most by law, then another status
ABUSE = {"NEG": 47, "EMO": 33, "PHY": 10, "SAB": 5, "MUL": 5}  # close to published plan categories

# Age profiles: rates by year of age from 0, relative to each other (care: fitted to ages at entry in 2018/19; referrals assumed).
REFERRAL_AGES = np.array([-0.4, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 17.98])
REFERRAL_RATES = np.array([1.2, 1.35, 1.1, 1.05, 1.05, 1.05, 1.05, 1.0, 0.95, 0.95, 0.95, 0.95, 0.89, 0.88, 0.99, 1.17, 1.22, 1.02, 0.6])
CARE_AGES = np.array([0, 0.1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 17.9])
CARE_RATES = np.array([44, 4.1, 1.87, 1.72, 1.67, 1.8, 2.0, 2.0, 1.95, 1.8, 1.5, 1.42, 1.45, 1.62, 1.92, 2.42, 2.9, 5.4, 3.3]) * 1.0e-3
GROWTH, GROWTH_FROM = 0.012, 2006  # care grew by so much a year from cohort to cohort (published: 55 in 10,000 children in 2006, 65 in 2019)
# What becomes of a period of care, by age at its start (0, 1-4, 5-9, 10-15, 16-17): weights, then mean days and least days (fitted to reasons
# ceased in 2016/17 and to ages and lengths of care in 2018/19).
PATHS = {
    "brief": ((13, 17, 18, 17, 12), 26, 1),
    "home": ((25.7, 33.5, 35.5, 31.5, 11), 360, 45),
    "no_parental_responsibility": ((11, 12, 12, 8, 4), 350, 20),
    "E41": ((14, 15.5, 8.3, 1.7, 0), 340, 60),
    "guardianship": ((43, 48, 23, 3.5, 0), 370, 150),
    "adoption": ((91, 49, 6.3, 0, 0), 300, 390),
    "E8": ((2, 2, 3, 4, 5), 260, 5),
    "E2": ((0.36, 0.18, 0.18, 0.18, 0.36), 300, 5),
    "E9": ((0, 0, 0, 1.2, 2.2), 260, 10),
    "stays": ((4, 6, 80, 54, 44), 100_000, 0),
}
RE_ENTRY = (0.28, 0.45, 0.50, 0)  # first, second, ... periods that end before 18 in a return home or the like and are followed by another (fitted to 14% with two or more)
MAX_PERIODS = 4
ADULT_ENDINGS = {"E5": 18.5, "E6": 4.2, "E7": 4.7, "E8": 35, "staying_put": 8}  # round reasons ceased, published 2016/17
REMAND_ENDINGS = {"remand": 13, "E9": 22, "home": 40, "E8": 23}  # fitted to reasons ceased in 2016/17
RESPITE = 0.0013           # children whose only care is respite (assumed after 1,880 in the year 2016/17)
ALSO_RESPITE = 0.04        # children in care who had short breaks before (assumed)
CHANGES = {"P": 67, "L": 4, "B": 13}  # of placement, legal status, both (fitted to placements in 2018/19 and to the number of rows)
TO_COURT = 0.90            # agreements of more than eight months that go to court (fitted to legal status on 31 March 2019)
INTERIM = 0.5              # of these: an interim order first (assumed; fitted to the number of rows)
TEMPORARY = 0.015           # long episodes broken by some days in a temporary or missing placement (assumed)
HAS_REFERRAL = 0.88        # periods of care with a referral in the children in need data (law says all, data do not)
TRANSFERRED = 0.48         # periods open at a move whose responsibility goes to the new authority (assumed)
LONG_EPISODE = 60          # days an episode must last before a temporary placement may break it
NEW_RULES = day(2015, 4, 1)  # placement change with the same carer is recorded apart from 2015/16
REMAND_CARE = day(2012, 12, 3)  # from then every child remanded to youth detention is looked after

OUTCOMES = {"nfa": 11.0, "not_in_need": 27.0, "early_help": 3.2, "need": 58.8}  # of referrals, published 2016/17 (early help: assumed part)
RE_REFERRED = 0.15         # referrals followed by another within a year or so (published: 22% of referrals)
RE_REFERRED_LATER = 0.40   # the same for cases that were open for more than a year (fitted to the number of referrals)
MAX_REFERRALS = 14         # first ones of a chain, per child
PLAN_AFTER_OFFENCE = 0.165  # plans after an offence, relative to other referrals (fitted to published timing)
PLAN_AGAIN = 0.02          # plans followed by another one in the same referral (published: 19% of plans are second or later)
# Placement kinds by age in years when the placement starts (fitted to published shares on 31 March 2019).
PLACEMENTS = (
    (0, {"foster": 65, "kin": 17, "parents": 11, "R3": 3, "R2": 1, "Z1": 0.2}),
    (5, {"foster": 67, "kin": 16, "parents": 11, "K2": 3, "S1": 0.32, "Z1": 0.6}),
    (10, {"foster": 57, "kin": 11, "parents": 6, "K2": 17, "S1": 0.17, "K1": 0.15, "R1": 0.5, "Z1": 0.6}),
    (16, {"foster": 18, "kin": 5, "parents": 3, "K2": 14, "H5": 74, "P2": 66, "K1": 0.3, "R1": 0.8, "P3": 0.1, "Z1": 0.5}),
)
REFERRAL_SOURCES = {"6": 26, "1A": 9, "1B": 3, "1C": 1, "1D": 2, "2A": 15, "2B": 2, "3A": 3, "3B": 3, "3C": 1, "3D": 2, "3E": 4, "3F": 3, "4": 2,
                    "5A": 7, "5B": 5, "5C": 3, "5D": 2, "7": 3, "8": 4, "9": 3, "10": 1}  # assumed
# Share of assessed referrals with each factor, after the counts published for 2017/18.
FACTORS = {"3B": 32, "4B": 27, "16A": 18, "17A": 22, "18A": 15, "2B": 13, "1B": 13, "3A": 13, "4A": 12, "5A": 9, "14A": 8, "3C": 6, "19A": 6,
           "6A": 5, "6B": 5, "15A": 4, "12A": 4, "2A": 5, "13A": 4, "4C": 4, "8A": 3, "2C": 3, "1A": 3, "1C": 2, "5B": 3, "11A": 2, "9A": 0.5,
           "10A": 0.5, "20": 0.3, "21": 19}
FACTOR_SETS = 4_000        # different sets of factors in the world
DISABILITIES = {"NONE": 87, "LD": 5, "AUT": 4, "BEH": 2, "MOB": 1, "COMM": 1}  # published: about 13% of children in need have one


@dataclass
class SocialCare:
    """The four tables of true lives, whose columns stand with the functions below. `person` is the row in `people`."""

    referrals: pd.DataFrame
    plans: pd.DataFrame
    periods: pd.DataFrame
    episodes: pd.DataFrame


@dataclass
class FirstPass:
    """Periods of care and referrals before anyone has offended: `school` and `justice` look back at them."""

    care: pd.DataFrame
    referrals: pd.DataFrame

    def first_care_age(self, people: pd.DataFrame) -> np.ndarray:
        """Age in years at first entry to care, infinite for most."""
        start = self.care.groupby("person")["start"].min()
        age = np.full(len(people), np.inf)
        age[start.index] = (start.to_numpy() - people["birth"].to_numpy()[start.index]) / 365.25
        return age


def begin_social_care(people: pd.DataFrame, areas: Areas, enrich: float, streams: Streams) -> FirstPass:
    """Periods of care and referrals that do not follow from an offence.

    Args:
        enrich: factor on every rate of social care.
    """
    return FirstPass(care_periods(people, areas, enrich, streams), first_referrals(people, areas, enrich, streams))


def finish_social_care(people: pd.DataFrame, first: FirstPass, enrich: float, events: dict[str, pd.DataFrame], streams: Streams) -> SocialCare:
    """Add what follows from offending, then cut the periods into episodes and settle referrals and plans.

    Args:
        events: `referral`, `care` (both person, start) and `remand` (person, start, end), from `justice`.
    """
    ending = choose(streams.named("care.remand_ending"), REMAND_ENDINGS, len(events["remand"]))
    remands = events["remand"].assign(kind="remand", ending=ending, need="N6")
    late = followed_by_care(people, events["care"], streams)
    care = settle([remands, first.care, late], people)
    periods = pd.concat([care, respite_periods(people, care, enrich, streams)], ignore_index=True)
    periods = split_at_moves(people, periods, streams)
    referrals = make_referrals(people, first.referrals, events["referral"], periods, streams)
    plans = make_plans(people, referrals, streams)
    return SocialCare(referrals, plans, periods, make_episodes(people, periods, streams))


def within(groups: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Running sum of `values` inside each run of equal, adjacent `groups`."""
    return pd.Series(values).groupby(groups, sort=False).cumsum().to_numpy()


def rank_within(groups: np.ndarray) -> np.ndarray:
    """0, 1, 2, ... inside each run of equal `groups`."""
    return pd.Series(groups).groupby(groups, sort=False).cumcount().to_numpy()


def care_periods(people: pd.DataFrame, areas: Areas, enrich: float, streams: Streams) -> pd.DataFrame:
    """Periods of care other than short breaks: a first entry by age-specific hazards, then re-entries.

    Returns:
        Columns `person`, `start`, `end` (day numbers), `kind` (ordinary, adoption, remand, uasc), `ending` (cause or code), `need` (code).
    """
    rng = streams.named("care.periods")
    steep = STEEPNESS["cla"]
    here = people["area_1"].to_numpy()
    local = 0.3 + 0.35 * areas.cin[here] / 0.11 + 0.35 * areas.cla[here] / 0.022
    boy = 0.07 * np.where(people["male"], 1, -1)  # fitted: 56% of children in care are boys
    grown = GROWTH * (people["cohort"].to_numpy() - GROWTH_FROM)
    frailty = enrich * LEVEL["cla"] * local * np.exp(steep * people["cla"].to_numpy() - steep**2 / 2 + boy + grown)
    age = onset(rng, CARE_AGES, CARE_RATES, frailty, order=(here, people["cla"].to_numpy()), then=(people["birth"].to_numpy(),))
    arrived = people["is_uasc"].to_numpy()
    age = np.where(arrived, (people["arrival"] - people["birth"]).to_numpy() / 365.25, age)
    person = np.flatnonzero(np.isfinite(age))
    start = people["birth"].to_numpy()[person] + np.ceil(age[person] * 365.25).astype(np.int64)
    made = []
    for number in range(MAX_PERIODS):
        period = next_period(people, person, start, arrived[person], rng)
        made.append(period)
        again = ~period["ending"].isin(["adoption", "E11", "E12", "E2", "guardianship", "adult_after_all", "abroad"]).to_numpy()
        again &= (period["end"] < people["adulthood"].to_numpy()[person] - 60) & (evenly(rng, again, period["end"].to_numpy()) < RE_ENTRY[number]) & (period["kind"] != "uasc")
        wait = -380 * np.log1p(-evenly(rng, again, period["end"].to_numpy()))
        start = (period["end"] + 20 + wait.astype(np.int64)).to_numpy()[again]
        person = person[again]
    return settle(made, people)


def next_period(people: pd.DataFrame, person: np.ndarray, start: np.ndarray, arrived: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """One period of care of each of some children, from a given day."""
    n = len(person)
    birth, adulthood = people["birth"].to_numpy()[person], people["adulthood"].to_numpy()[person]
    age = (start - birth) / 365.25
    group = np.searchsorted([1, 5, 10, 16], age, side="right")
    draw = evenly(rng, group, start)
    paths = list(PATHS)
    edges = np.cumsum([PATHS[path][0] for path in paths], axis=0)
    path = (draw * edges[-1][group] >= edges[:, group]).sum(axis=0)
    spread = -np.log1p(-evenly(rng, path, group, start))
    mean, least = (np.array([PATHS[name][place] for name in paths], dtype=float)[path] for place in (1, 2))
    end = np.minimum(start + (least + spread * mean).astype(np.int64) + 1, adulthood)
    path = np.array(paths, dtype=object)[path]
    path = np.where(path == "brief", np.where(evenly(rng, end) < 0.88, "home", "E8"), path)
    kind = np.where(path == "adoption", "adoption", "ordinary").astype(object)
    ending = np.where(path == "adoption", np.where(evenly(rng, end) < 0.5, "E11", "E12"), path)
    leaves_early = arrived & (evenly(rng, arrived, start) < 0.15)
    end = np.where(arrived, np.where(leaves_early, np.minimum(start + (spread * 150).astype(np.int64) + 5, adulthood), adulthood), end)
    ending = np.where(arrived, np.where(evenly(rng, arrived, end) < 0.76, "adult_after_all", "abroad"), ending)
    adult = choose(rng, ADULT_ENDINGS, n, end >= adulthood, end)
    # From sixteen on, some leave to live on their own before the birthday.
    early = (ending == "stays") & (evenly(rng, ending == "stays", adulthood) < 0.13) & ~arrived
    end = np.where(early, np.maximum(start + 3, adulthood - (rng.random(n) * 600).astype(np.int64)), end)
    ending = np.where(early & (end < adulthood), np.where(evenly(rng, early, end) < 0.65, "E5", "E6"), ending)
    ending = np.where(end >= adulthood, adult, ending)
    kind = np.where(arrived, "uasc", kind)
    need = np.where(arrived, "N8", choose(rng, NEED_CLA, n, arrived, *stock(start, end)))
    return pd.DataFrame({"person": person, "start": start, "end": end, "kind": kind, "ending": ending, "need": need})


def followed_by_care(people: pd.DataFrame, entries: pd.DataFrame, streams: Streams) -> pd.DataFrame:
    """Periods of care that begin soon after a serious offence."""
    person = entries["person"].to_numpy()
    return next_period(people, person, entries["start"].to_numpy(), np.zeros(len(person), dtype=bool), streams.named("care.after_offence"))


def settle(parts: list[pd.DataFrame], people: pd.DataFrame) -> pd.DataFrame:
    """Put periods of care in order and drop what cannot be: overlaps, starts in the last week of childhood, and anything after a final ending."""
    periods = pd.concat(parts, ignore_index=True).sort_values(["person", "start"], kind="stable")
    adulthood = people["adulthood"].to_numpy()[periods["person"]]
    periods["end"] = np.minimum(periods["end"], adulthood)
    periods = periods[(periods["start"] < adulthood - 7) & (periods["end"] > periods["start"])]
    running = periods.groupby("person")["end"].cummax().groupby(periods["person"]).shift()
    periods = periods[~(periods["start"] <= running + 3)]
    final = periods["ending"].isin(["E11", "E12", "E2", "adult_after_all", "abroad"]).astype(int)
    over = final.groupby(periods["person"]).cumsum() - final > 0
    return periods[~over].reset_index(drop=True)


def respite_periods(people: pd.DataFrame, care: pd.DataFrame, enrich: float, streams: Streams) -> pd.DataFrame:
    """Short breaks: series of stays (V3, each its own period) and agreements (V4, or V1 in the early years), same columns as `care`."""
    rng = streams.named("care.respite")
    in_care = np.zeros(len(people), dtype=bool)
    in_care[care["person"]] = True
    wants = rng.random(len(people)) < np.where(in_care & ~people["is_uasc"].to_numpy(), ALSO_RESPITE, RESPITE * enrich * ~in_care)
    persons = np.flatnonzero(wants)
    agreement = evenly(rng, persons) < 0.60
    stays = np.where(agreement, 1, rng.integers(2, 15, len(persons)))
    person, is_agreement = np.repeat(persons, stays), np.repeat(agreement, stays)
    number = rank_within(person)
    n = len(person)
    child = people.iloc[person]
    length = np.where(is_agreement, rng.integers(90, 1100, n), rng.integers(1, 7, n))
    step = np.where(number == 0, ((3 + 11 * evenly(rng, number, is_agreement, person)) * 365.25).astype(np.int64), rng.integers(20, 90, n))
    start = child["birth"].to_numpy() + within(person, step)
    end = np.minimum(start + length, child["adulthood"].to_numpy())
    kind = np.select([is_agreement & (start < day(2009, 4, 1)), is_agreement], ["V1", "V4"], "V3").astype(object)
    periods = pd.DataFrame({"person": person, "start": start, "end": end, "kind": kind, "ending": "E8", "need": "N2"})
    # Respite of a child who later enters care stops at least a month before entry.
    last_day = periods["person"].map(care.groupby("person")["start"].min()).fillna(10**6).to_numpy() - 30
    return periods[(periods["end"] < last_day) & (periods["start"] < child["adulthood"].to_numpy() - 30)]


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
    change = choose(streams.named("care.change_kind"), CHANGES, n)
    change = np.where(first, "S", np.where(forced != "", "L", change))
    settles = first | (change != "L")
    stay_ends = pd.Series(np.where(np.append(settles[1:], True)[:n], end, -1)).groupby(np.cumsum(settles)).transform("max").to_numpy()
    placement = carry_forward(new_placement(start, stay_ends, child, streams), settles, episodes["period"])
    legal = np.where(forced != "", forced, choose(streams.named("care.later_status"), LATER_STATUS, n, forced == "", *stock(start, end)))
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
    placement = np.where(adopted, np.where(fine < 0.17, "A5", "A6"), placement)
    # Once made, a placement order holds until the adoption.
    ordered = pd.Series((legal == "E1") & (kind == "adoption")).groupby(episodes["period"].to_numpy()).cummax().to_numpy()
    legal = np.where(adopted | ordered, "E1", legal)

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
    days = periods["start"].to_numpy(), periods["end"].to_numpy()
    opening = choose(streams.named("care.start_status"), START_STATUS, len(periods), *stock(*days))
    changeable = periods["kind"].isin(["ordinary", "adoption", "uasc"]).to_numpy()
    changes = np.where(changeable, np.minimum(rng.poisson((0.161 + 0.278 * length / 365.25) * rng.gamma(0.80, 1 / 0.80, len(periods))), np.minimum(25, length // 4)), 0)
    period = np.repeat(number, changes)
    any_day = start[period] + 1 + (rng.random(len(period)) * (length[period] - 1)).astype(np.int64)
    soon = rng.integers(2, 8, len(periods))
    brief = np.isin(opening, BRIEF_STATUS) & changeable & (length > 8)
    court = 150 + rng.integers(0, 150, len(periods))
    order = (opening == "C1") & changeable & (length > court + 10)
    then = np.where(rng.random(len(periods)) < 0.6, "C1", "V2")
    # Most agreements that last become orders, and children for adoption a placement order.
    agreed = (opening == "V2") & changeable & (periods["kind"] != "uasc").to_numpy() & (length > 240) & (evenly(rng, opening == "V2", *stock(*days)) < TO_COURT)
    to_court = 40 + rng.integers(0, 180, len(periods))
    interim = agreed & (evenly(rng, agreed, *stock(*days)) < INTERIM)
    adoption = (periods["kind"] == "adoption").to_numpy()
    last_home = np.maximum(length - 155 - rng.integers(0, 195, len(periods)), 30)  # with the family that adopts
    placed = np.maximum(court + 30, (length * rng.uniform(0.24, 0.42, len(periods))).astype(np.int64))
    return pd.concat([
        pd.DataFrame({"period": number, "start": start, "status": opening}),
        pd.DataFrame({"period": number[brief], "start": (start + soon)[brief], "status": then[brief]}),
        pd.DataFrame({"period": number[order], "start": (start + court)[order], "status": "C2"}),
        pd.DataFrame({"period": number[agreed], "start": (start + to_court)[agreed], "status": np.where(interim, "C1", "C2")[agreed]}),
        pd.DataFrame({"period": number[interim], "start": (start + np.minimum(to_court + 190, length - 1))[interim], "status": "C2"}),
        pd.DataFrame({"period": number[adoption], "start": (start + np.minimum(placed, last_home - 10))[adoption], "status": "E1"}),
        pd.DataFrame({"period": number[adoption], "start": (start + last_home)[adoption], "status": "E1"}),
        pd.DataFrame({"period": period, "start": any_day, "status": ""}),
    ])


def carry_forward(values: np.ndarray, is_new: np.ndarray, groups: pd.Series) -> np.ndarray:
    """Keep each value until the next row of the same group that is new."""
    return pd.Series(values).where(is_new).groupby(groups.to_numpy(), sort=False).ffill().to_numpy()


def stock(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keys by which spells that are open together on a 31 March are neighbours: on how many of them a spell is open (three: or more), and its start."""
    return np.minimum(return_year(end) - return_year(start), 3), start


def new_placement(start: np.ndarray, end: np.ndarray, child: pd.DataFrame, streams: Streams) -> np.ndarray:
    """Kind of placement, by age at its start; spread evenly over stays that are open together.

    Args:
        start: day on which each stay begins, or an episode that does not change the stay.
        end: day on which it ends.
    """
    age = (start - child["birth"].to_numpy()) / 365.25
    rng = streams.named("care.placement")
    band = np.searchsorted([from_age for from_age, _ in PLACEMENTS], age, side="right")
    placement = np.empty(len(start), dtype=object)
    for from_age, options in PLACEMENTS:
        draw = choose(rng, options, len(start), band, *stock(start, end))
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


def first_referrals(people: pd.DataFrame, areas: Areas, enrich: float, streams: Streams) -> pd.DataFrame:
    """Referrals to children's services that come of the child's own circumstances, and the re-referrals that follow them.

    Returns:
        Columns `person`, `start`, `end` (day numbers), `outcome` (nfa, not_in_need, early_help, need); they may overlap.
    """
    rng = streams.named("need.referrals")
    steep = STEEPNESS["cin"]
    local = (areas.cin[people["area_1"].to_numpy()] / 0.11) ** 1.4
    mean = enrich * LEVEL["referral"] * local * np.exp(steep * people["cin"].to_numpy() - steep**2 / 2)
    mean = np.minimum(mean, MAX_REFERRALS)
    draw = even_events(rng, -np.expm1(-mean), people["area_1"].to_numpy(), people["cin"].to_numpy())
    counts, term, more = np.zeros(len(people), dtype=np.int64), np.exp(-mean), -np.expm1(-mean)
    for number in range(1, MAX_REFERRALS + 1):  # Poisson numbers: one more as long as the draw lies below the chance of so many
        counts += draw < more
        term = term * mean / number
        more = more - term
    counts[people["is_uasc"].to_numpy()] = 0
    person = np.repeat(np.arange(len(people)), counts)
    cumulative = np.concatenate([[0.0], np.cumsum(REFERRAL_RATES * np.diff(REFERRAL_AGES))])
    age = np.interp(evenly(rng, people["birth"].to_numpy()[person]) * cumulative[-1], cumulative, REFERRAL_AGES)
    start = people["birth"].to_numpy()[person] + np.floor(age * 365.25).astype(np.int64)
    made = []
    for _ in range(4):
        part = referral_outcomes(person, start, rng)
        made.append(part)
        long = (part["end"] - part["start"]).to_numpy() > 365
        again = rng.random(len(part)) < np.where(long, RE_REFERRED_LATER, RE_REFERRED)
        person = person[again]
        start = (part["end"].to_numpy() + 3 + rng.exponential(110, len(part)).astype(np.int64))[again]
    return pd.concat(made, ignore_index=True)


def referral_outcomes(person: np.ndarray, start: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Outcome and end of referrals."""
    n = len(person)
    outcome = choose(rng, OUTCOMES, n, start)
    need = 20 + np.where(rng.random(n) < 0.45, rng.exponential(90, n), rng.exponential(480, n))
    length = np.select([outcome == "nfa", outcome == "need"], [rng.integers(0, 8, n), need], rng.integers(10, 50, n))
    plan = (outcome == "need") & (evenly(rng, outcome == "need", start) < LEVEL["plan"])
    length = np.where(plan, np.maximum(length, 220 - 380 * np.log1p(-evenly(rng, plan, start))), length)
    return pd.DataFrame({"person": person, "start": start, "end": start + length.astype(np.int64), "outcome": outcome, "plan": plan})


def make_referrals(people: pd.DataFrame, first: pd.DataFrame, after: pd.DataFrame, periods: pd.DataFrame, streams: Streams) -> pd.DataFrame:
    """Referrals to children's services, one row each, none overlapping another of the same child: the child's own, those that follow from an
    offence, and one round most periods of care.

    Returns:
        Columns `referral` (number), `person`, `start`, `end` (day numbers), `outcome` (nfa, not_in_need, early_help, need, care), `need`,
        `closure` (code), `source`, `factors` (position in a list of sets of factors), `disability`, `area`, `local_id`, `assessed` (bool).
    """
    rng = streams.named("need.care_referrals")
    later = referral_outcomes(after["person"].to_numpy(), after["start"].to_numpy(), streams.named("need.after_offence"))
    later["outcome"] = np.where(later["outcome"] == "nfa", "need", later["outcome"])
    later["plan"] &= streams.named("need.plan_after_offence").random(len(later)) < PLAN_AFTER_OFFENCE
    care = periods[~periods["kind"].isin(["V1", "V3"]) & (rng.random(len(periods)) < HAS_REFERRAL)]
    lead = rng.integers(0, 200, len(care)) * ~care["kind"].isin(["uasc", "remand"]) * (care["ending"].shift().fillna("") != "E3")
    for_care = pd.DataFrame({"person": care["person"], "start": care["start"] - lead, "end": care["end"] + rng.integers(0, 90, len(care)),
                             "outcome": "care", "plan": (rng.random(len(care)) < 0.25) & ~care["kind"].isin(["uasc", "remand"])})
    # Care comes first where referrals would overlap, then the order of time; what overlaps an earlier one is dropped.
    referrals = pd.concat([for_care, later, first]).drop_duplicates(["person", "start"]).sort_values(["person", "start"], kind="stable")
    referrals = referrals[~overlaps_care(referrals)]
    running = referrals.groupby("person")["end"].cummax().groupby(referrals["person"]).shift()
    referrals = referrals[~(referrals["start"] <= running.fillna(-10**6))].reset_index(drop=True)
    adulthood = people["adulthood"].to_numpy()[referrals["person"]]
    referrals["end"] = np.minimum(referrals["end"], adulthood)
    referrals = referrals[(referrals["start"] < adulthood - 5) & (referrals["end"] >= referrals["start"])].reset_index(drop=True)

    n = len(referrals)
    person = referrals["person"].to_numpy()
    outcome = referrals["outcome"].to_numpy()
    closure = choose(streams.named("need.closure"), {"RC7": 88, "RC3": 4, "RC4": 5, "RC5": 3}, n)
    closure = np.where(referrals["end"] == people["adulthood"].to_numpy()[person], "RC6", closure)
    closure = np.select([outcome == "nfa", outcome == "not_in_need", outcome == "early_help"], ["", "RC8", "RC9"], closure)
    by_care = closure_by_care(referrals, periods)
    referrals["closure"] = np.where(by_care != "", by_care, closure)
    referrals["need"] = choose(streams.named("need.need"), NEED_CIN, n)
    referrals["need"] = np.where(outcome == "nfa", np.where(streams.named("need.blank").random(n) < 0.5, "", "N0"), referrals["need"])
    referrals["source"] = choose(streams.named("need.source"), REFERRAL_SOURCES, n)
    referrals["disability"] = choose(streams.named("need.disability"), DISABILITIES, len(people))[person]
    referrals["assessed"] = outcome != "nfa"
    referrals["factors"] = streams.named("need.factors").integers(0, FACTOR_SETS, n)
    referrals["area"], referrals["local_id"] = at(people, person, referrals["start"].to_numpy())
    referrals.insert(0, "referral", np.arange(n))
    return referrals


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


def factor_sets(streams: Streams) -> np.ndarray:
    """The sets of factors found at assessment that occur in the world, each as codes separated by a space."""
    rng = streams.shared("need.factor_sets")
    codes = np.array(list(FACTORS), dtype=object)
    has = rng.random((FACTOR_SETS, len(codes))) < np.array(list(FACTORS.values())) / 100
    return np.array([" ".join(codes[row]) or "21" for row in has], dtype=object)


def make_plans(people: pd.DataFrame, referrals: pd.DataFrame, streams: Streams) -> pd.DataFrame:
    """Child protection plans, one row each; a referral may hold two.

    Returns:
        Columns `person`, `referral`, `conference`, `plan_start`, `plan_end` (day numbers), `initial_category`, `latest_category`, `previous` (plans
        the child had before this one), in order of start.
    """
    rng = streams.named("plans")
    chosen = referrals[referrals["plan"].to_numpy(dtype=bool) & ((referrals["end"] - referrals["start"]).to_numpy() > 60)]
    n = len(chosen)
    limit = chosen["end"].to_numpy()
    start = chosen["start"].to_numpy() + rng.integers(15, 60, n)
    end = np.minimum(start + 62 + np.minimum(-335 * np.log1p(-evenly(rng, start)), 800 + 390 * rng.random(n)).astype(np.int64), limit)
    again = end + rng.integers(40, 300, n)
    again_end = np.minimum(again + 45 + rng.exponential(350, n).astype(np.int64), limit)
    second = (evenly(rng, start) < PLAN_AGAIN) & (again + 30 < limit)
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
