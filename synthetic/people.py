"""The children of the world: birth, sex, ethnicity, local authority and identifiers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .areas import AREAS
from .days import birthday, day, year_month
from .streams import Streams, choose

FIRST_BIRTH = day(1990, 9, 1)  # oldest cohort: turns 18 in 2008/09, the first year of the children in need census
LAST_BIRTH = day(2011, 8, 31)  # youngest cohort: aged 9 in the last return of the later share
NOT_PUPILS = 0.03              # children known to social care only, per pupil (assumed)
MALE = 0.512                   # share of boys among pupils (published cohort figures: 51%)
UASC = 0.006                   # unaccompanied asylum-seeking children, over-sampled (assumed)
UASC_MALE = 0.88               # assumed
UASC_ETHNICITY = {"OOTH": 50, "AOTH": 20, "BAFR": 25, "NOBT": 5}  # assumed
MOVES_AREA = 0.08              # children who move to another local authority once (assumed)
FIRST_LOCAL_ID = 10_001        # local ids run upwards from here in every authority, so the same id is met in several


def make_people(pupils: int, streams: Streams) -> pd.DataFrame:
    """Draw the children, one row each, ordered by `person`.

    Args:
        pupils: number of children who go to a state school; a few more are known to social care only.
        streams: named random numbers.

    Returns:
        Columns `person` (0, 1, ...), `pmr` (16 hexadecimal characters, empty for non-pupils), `is_pupil`, `sex` (M or F), `birth` (day number),
        `birth_year`, `birth_month`, `adulthood` (day number: first of the month of the 18th birthday), `ethnicity`, `area_1`, `area_2` (codes; the
        second is empty for children who never move), `move_day` (day number), `local_id_1`, `local_id_2`, `is_uasc`, `arrival` (day number; the
        birthday for children born here).
    """
    n = pupils + round(pupils * NOT_PUPILS)
    is_pupil = np.arange(n) < pupils
    birth = streams.named("people.birth").integers(FIRST_BIRTH, LAST_BIRTH + 1, n)
    birth_year, birth_month = year_month(birth)

    is_uasc = streams.named("people.uasc").random(n) < UASC
    male = streams.named("people.sex").random(n) < np.where(is_uasc, UASC_MALE, MALE)
    arrival_age = streams.named("people.arrival").uniform(14.0, 17.4, n)
    arrival = np.where(is_uasc, birth + (arrival_age * 365.25).astype(np.int64), birth)

    codes = np.array([area.code for area in AREAS], dtype=object)
    weights = np.array([area.weight for area in AREAS])
    first = streams.named("people.area").choice(len(AREAS), size=n, p=weights / weights.sum())
    # The new area is any of the others: a step of 1 to 7 round the list.
    second = (first + streams.named("people.new_area").integers(1, len(AREAS), n)) % len(AREAS)
    moves = streams.named("people.moves").random(n) < MOVES_AREA
    adulthood = birthday(birth_year, birth_month, 18)
    move_day = birth + (streams.named("people.move_day").uniform(0.05, 0.95, n) * (adulthood - birth)).astype(np.int64)
    move_day = np.maximum(move_day, arrival + 60)

    ethnicity = np.empty(n, dtype=object)
    draw = streams.named("people.ethnicity")
    for number, area in enumerate(AREAS):
        here = first == number
        ethnicity[here] = choose(draw, area.ethnicity, int(here.sum()))
    ethnicity[is_uasc] = choose(streams.named("people.uasc_ethnicity"), UASC_ETHNICITY, int(is_uasc.sum()))

    people = pd.DataFrame({
        "person": np.arange(n),
        "pmr": np.where(is_pupil, hexadecimal(streams.named("people.pmr"), n), ""),
        "is_pupil": is_pupil,
        "sex": np.where(male, "M", "F"),
        "birth": birth,
        "birth_year": birth_year,
        "birth_month": birth_month,
        "adulthood": adulthood,
        "ethnicity": ethnicity,
        "area_1": codes[first],
        "area_2": np.where(moves, codes[second], ""),
        "move_day": np.where(moves, move_day, LAST_BIRTH + 20_000),
        "is_uasc": is_uasc,
        "arrival": arrival,
    })
    people["local_id_1"], people["local_id_2"] = local_ids(people, streams)
    return people


def hexadecimal(rng: np.random.Generator, n: int) -> np.ndarray:
    """`n` different texts of 16 capital hexadecimal characters."""
    numbers: set[int] = set()
    texts = []
    for number in rng.integers(0, 2**64, n, dtype=np.uint64).tolist():
        while number in numbers:
            number += 1
        numbers.add(number)
        texts.append(f"{number:016X}")
    return np.array(texts, dtype=object)


def local_ids(people: pd.DataFrame, streams: Streams) -> tuple[np.ndarray, np.ndarray]:
    """Child ids as each authority gives them: a running number of its own, so ids repeat between authorities, never within one."""
    n = len(people)
    owner = np.concatenate([people["area_1"], people["area_2"]])
    order = streams.named("people.local_id").permutation(2 * n)
    ids = np.full(2 * n, "", dtype=object)
    for area in AREAS:
        mine = order[owner[order] == area.code]
        ids[mine] = np.arange(FIRST_LOCAL_ID, FIRST_LOCAL_ID + len(mine)).astype(str)
    return ids[:n], ids[n:]


def at(people: pd.DataFrame, person: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Local authority code and local child id of each person on each day."""
    rows = people.iloc[person]
    moved = (np.asarray(days) >= rows["move_day"].to_numpy()) & (rows["area_2"].to_numpy() != "")
    area = np.where(moved, rows["area_2"], rows["area_1"])
    local_id = np.where(moved, rows["local_id_2"], rows["local_id_1"])
    return area, local_id
