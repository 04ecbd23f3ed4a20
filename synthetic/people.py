"""The children of the world: birth, sex, ethnicity, local authority, identifiers, and the propensities that their lives will follow.

The world holds `pupils` children who go to a state school, spread evenly over 25 school cohorts (born September 1988 to August 2013, the cohorts of
the linked data's pool), a few in a hundred more who never do, and those born later, to March 2021, who can only be known to social care.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from statistics import NormalDist

from .areas import Areas
from .days import birthday, day, year_month
from .parameters import LOADING
from .streams import Streams, evenly, pick_index

FIRST_COHORT, LAST_COHORT, LAST_BORN = 1989, 2013, 2021  # a cohort is called after the year in which the school year of its birth ends
COHORTS = LAST_COHORT - FIRST_COHORT + 1
CHUNK = 50_000             # pupils made at a time; part of what the world is, so not an option
NOT_PUPILS = 0.04          # children of a cohort who never go to a state school here (assumed)
MALE = 0.512               # share of boys (published cohort figures: 51%)
UASC_PUPIL, UASC_OTHER = 0.0011, 0.058  # unaccompanied asylum-seeking children (fitted to 6% of children in care, published 2017)
UASC_MALE = 0.90           # assumed
UASC_ETHNICITY = {"OOTH": 45, "AOTH": 22, "BAFR": 24, "NOBT": 4, "WOTH": 5}  # assumed
MOVES_AREA = 0.20          # children who move to another local authority once (assumed; fitted to care taken over by another authority)
FIRST_LOCAL_ID = 10_001    # local ids run upwards from here in every authority, so the same id is met in several

# Ethnicity by kind of area, per cent (assumed, so that the nation has the published 80 White, 4 Mixed, 9 Asian, 5 Black, 1 other, 1 unclassified).
ETHNICITY = {
    "elsewhere": {"WBRI": 86.6, "WOTH": 3.4, "WIRI": 0.3, "WIRT": 0.1, "WROM": 0.2, "MWBC": 1.1, "MWBA": 0.4, "MWAS": 0.7, "MOTH": 0.8, "AIND": 1.2,
                  "APKN": 1.2, "ABAN": 0.6, "AOTH": 0.7, "BCRB": 0.4, "BAFR": 1.1, "BOTH": 0.2, "CHNE": 0.3, "OOTH": 0.44, "NOBT": 0.5, "REFU": 0.3},
    "mixed_town": {"WBRI": 54, "WOTH": 5, "WIRI": 0.4, "WIRT": 0.1, "WROM": 0.5, "MWBC": 2, "MWBA": 0.5, "MWAS": 1, "MOTH": 1, "AIND": 8,
                   "APKN": 16, "ABAN": 3.5, "AOTH": 2.5, "BCRB": 2, "BAFR": 3.2, "BOTH": 0.8, "CHNE": 0.4, "OOTH": 1.1, "NOBT": 0.7, "REFU": 0.3},
    "outer_london": {"WBRI": 38, "WOTH": 11, "WIRI": 0.7, "WIRT": 0.1, "WROM": 0.2, "MWBC": 2.6, "MWBA": 1, "MWAS": 1.4, "MOTH": 3, "AIND": 7,
                     "APKN": 4.6, "ABAN": 2.4, "AOTH": 6, "BCRB": 4.4, "BAFR": 9.6, "BOTH": 2, "CHNE": 0.8, "OOTH": 3.6, "NOBT": 0.7, "REFU": 0.5},
    "inner_london": {"WBRI": 22, "WOTH": 10, "WIRI": 0.8, "WIRT": 0.1, "WROM": 0.1, "MWBC": 3.8, "MWBA": 1.6, "MWAS": 1.2, "MOTH": 3.4, "AIND": 3,
                     "APKN": 2.4, "ABAN": 7.6, "AOTH": 2, "BCRB": 9, "BAFR": 19.5, "BOTH": 3.5, "CHNE": 1, "OOTH": 5.4, "NOBT": 1.2, "REFU": 0.8},
}
MINOR = tuple(ETHNICITY["elsewhere"])
MAJOR = {"W": "WHIT", "M": "MIXD", "A": "ASIA", "B": "BLAC", "C": "CHIN", "O": "AOEG", "N": "UNCL", "R": "UNCL"}  # by the first letter of a code
# Shared parts of the own share of related propensities: factor, and its weight (assumed).
FACTORS = {"family": (0.6, ("fsm", "cin", "cla", "absence", "unauthorised")), "learning": (0.6, ("sen", "sen_plan", "ks4", "ks2_english", "ks2_maths")),
           "conduct": (0.5, ("suspended", "excluded", "alternative"))}
AGAINST = ("ks4", "ks2_english", "ks2_maths")  # propensities that the learning factor lowers


@dataclass(frozen=True)
class Block:
    """One chunk of the world: `pupils` from `first_pupil` on of `total` pupils, or, without pupils, `others` of the children born later."""

    number: int
    total: int
    first_pupil: int
    pupils: int
    others: int
    first_other: int = 0

    def cohorts(self) -> np.ndarray:
        """Cohort of each pupil, then of each other child."""
        of_pupils = FIRST_COHORT + (np.arange(self.first_pupil, self.first_pupil + self.pupils) * COHORTS) // self.total
        if self.pupils:
            return np.concatenate([of_pupils, of_pupils[np.arange(self.others) * self.pupils // max(self.others, 1)]])
        later = max(1, round(self.total * (1 + NOT_PUPILS) / COHORTS))
        return np.minimum(LAST_COHORT + 1 + np.arange(self.first_other, self.first_other + self.others) // later, LAST_BORN)


def blocks(pupils: int) -> list[Block]:
    """The chunks of a world of so many pupils. A chunk is at most `CHUNK` pupils of neighbouring cohorts."""
    made = [Block(0, pupils, first, min(CHUNK, pupils - first), round(min(CHUNK, pupils - first) * NOT_PUPILS)) for first in range(0, pupils, CHUNK)]
    later = round(pupils * (1 + NOT_PUPILS) / COHORTS) * (LAST_BORN - LAST_COHORT)
    made += [Block(0, pupils, 0, 0, min(CHUNK, later - first), first) for first in range(0, later, CHUNK)]
    return [Block(number, b.total, b.first_pupil, b.pupils, b.others, b.first_other) for number, b in enumerate(made)]


def make_people(block: Block, areas: Areas, streams: Streams) -> pd.DataFrame:
    """Draw the children of a chunk, one row each, pupils first.

    Returns:
        Numbers only. `person` (0, 1, ... in the whole world), `is_pupil`, `cohort`, `male`, `birth` (day), `birth_year`, `birth_month`, `adulthood`
        (first of the month of the 18th birthday), `ethnicity` (position in `MINOR`), `area_1`, `area_2` (positions in `areas`; -1 for children who
        never move), `move_day`, `local_1`, `local_2` (local child ids), `is_uasc`, `arrival` (day; birth for those born here), `risk`, and one
        column for each propensity of `parameters.LOADING`.
    """
    cohort = block.cohorts()
    n = len(cohort)
    is_pupil = np.arange(n) < block.pupils
    births_end = np.where(cohort < LAST_BORN, day(cohort, 9), day(2021, 4))
    births_start = day(cohort - 1, 9)
    birth = births_start + (evenly(streams.named("people.birth"), cohort) * (births_end - births_start)).astype(np.int64)
    birth_year, birth_month = year_month(birth)
    adulthood = birthday(birth_year, birth_month, 18)
    is_uasc = evenly(streams.named("people.uasc"), is_pupil, cohort) < np.where(is_pupil, UASC_PUPIL, np.where(cohort <= LAST_COHORT, UASC_OTHER, 0))
    male = evenly(streams.named("people.sex"), is_pupil, cohort) < np.where(is_uasc, UASC_MALE, MALE)
    arrival = birth + (streams.named("people.arrival").triangular(13.5, 16.8, 17.6, n) * 365.25).astype(np.int64)

    first = pick_index(streams.named("people.area"), areas.pupils, n, is_pupil, cohort)
    step = streams.named("people.new_area").integers(1, max(len(areas), 2), n)
    moves = (evenly(streams.named("people.moves"), first) < MOVES_AREA) & (len(areas) > 1)
    move_day = birth + (streams.named("people.move_day").uniform(0.05, 0.95, n) * (adulthood - birth)).astype(np.int64)
    move_day = np.where(is_uasc, np.maximum(move_day, arrival + 60), move_day)

    ethnicity = np.zeros(n, dtype=np.int64)
    draw = streams.named("people.ethnicity")
    for name, mix in ETHNICITY.items():
        here = np.flatnonzero(areas.mix[first] == name)
        ethnicity[here] = pick_index(draw, np.fromiter(mix.values(), float), len(here), first[here])
    foreign = np.array([MINOR.index(code) for code in UASC_ETHNICITY])
    drawn = foreign[pick_index(streams.named("people.uasc_ethnicity"), np.fromiter(UASC_ETHNICITY.values(), float), n)]
    people = pd.DataFrame({
        "person": (block.first_pupil if block.pupils else 0) + np.arange(n),
        "is_pupil": is_pupil, "cohort": cohort, "male": male, "birth": birth, "birth_year": birth_year, "birth_month": birth_month,
        "adulthood": adulthood, "ethnicity": np.where(is_uasc, drawn, ethnicity), "area_1": first,
        "area_2": np.where(moves, (first + step) % len(areas), -1), "move_day": np.where(moves, move_day, 10**6), "is_uasc": is_uasc,
        "arrival": np.where(is_uasc, arrival, birth),
    })
    # Persons are numbered pupils first: 0 to N-1; the others follow.
    others = np.flatnonzero(~is_pupil)
    before = (round(block.first_pupil * NOT_PUPILS) if block.pupils else round(block.total * NOT_PUPILS) + CHUNK + block.first_other)
    people.loc[others, "person"] = block.total + before + np.arange(len(others))
    add_local_ids(people, block, streams)
    return pd.concat([people, propensities(n, streams)], axis=1)


def add_local_ids(people: pd.DataFrame, block: Block, streams: Streams) -> None:
    """Child ids as each authority gives them: a running number of its own, so ids repeat between authorities, never within one."""
    n = len(people)
    owner = np.concatenate([people["area_1"], people["area_2"]])
    order = np.argsort(streams.named("people.local_id").random(2 * n), kind="stable")
    running = np.empty(2 * n, dtype=np.int64)
    running[order] = pd.Series(owner[order]).groupby(owner[order]).cumcount().to_numpy()
    ids = FIRST_LOCAL_ID + block.number * 2 * (CHUNK + round(CHUNK * NOT_PUPILS)) + running
    people["local_1"], people["local_2"] = ids[:n], ids[n:]


def propensities(n: int, streams: Streams) -> pd.DataFrame:
    """The risk of each child and its propensities: standard normal, correlated as `parameters` says."""
    rng = streams.named("people.propensities")
    risk = systematic_normal(n, rng)
    columns = {"risk": risk}
    shared = {name: rng.standard_normal(n) for name in FACTORS}
    for name, loading in LOADING.items():
        own = rng.standard_normal(n)
        for factor, (weight, members) in FACTORS.items():
            if name in members:
                sign = -1 if name in AGAINST else 1
                own = sign * weight * shared[factor] + np.sqrt(1 - weight**2) * own
        columns[name] = loading * risk + np.sqrt(1 - loading**2) * own
    return pd.DataFrame(columns)


def systematic_normal(n: int, rng: np.random.Generator) -> np.ndarray:
    """`n` standard normal numbers in random order, one from each of `n` equal slices of the distribution: less noise than free draws."""
    ranks = np.argsort(rng.random(n), kind="stable")
    return normal_quantile((ranks + rng.random(n)) / n)


_GRID = np.concatenate([np.geomspace(1e-9, 1e-3, 400), np.linspace(1e-3, 1 - 1e-3, 20_001)[1:-1], 1 - np.geomspace(1e-3, 1e-9, 400)])
_QUANTILES = np.array([NormalDist().inv_cdf(p) for p in _GRID])


def normal_quantile(p: np.ndarray | float) -> np.ndarray:
    """The standard normal quantile, from a fine table (the same on every machine)."""
    return np.interp(p, _GRID, _QUANTILES)


def at(people: pd.DataFrame, person: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Local authority (position) and local child id of some rows of `people` on given days."""
    moved = (np.asarray(days) >= people["move_day"].to_numpy()[person]) & (people["area_2"].to_numpy()[person] >= 0)
    area = np.where(moved, people["area_2"].to_numpy()[person], people["area_1"].to_numpy()[person])
    return area, np.where(moved, people["local_2"].to_numpy()[person], people["local_1"].to_numpy()[person])


def scrambled(numbers: np.ndarray, seed: int) -> np.ndarray:
    """A different unsigned 64-bit number for each different number, without any order left to see."""
    x = numbers.astype(np.uint64) + np.uint64((seed * 0x9E3779B97F4A7C15 + 0x5851F42D4C957F2D) % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
    return x


def pupil_references(people: pd.DataFrame, seed: int) -> np.ndarray:
    """The pupil matching reference of each pupil, 16 capital hexadecimal characters; empty for the others."""
    text = scrambled(people["person"].to_numpy(), seed).astype(">u8").tobytes().hex().upper()
    references = np.frombuffer(text.encode("ascii"), dtype="S16").astype("U16").astype(object)
    return np.where(people["is_pupil"], references, "").astype(object)


def justice_ids(people: pd.DataFrame, seed: int) -> np.ndarray:
    """The MoJUID that each child would have: twenty digits as text."""
    return np.char.zfill(scrambled(people["person"].to_numpy() + (1 << 40), seed).astype(str), 20).astype(object)
