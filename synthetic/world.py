"""One chunk of the world, from birth to the end of the data: lives first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .areas import Areas, load_areas
from .days import day
from .justice import Justice, major_groups, make_justice
from .parameters import LOADING
from .people import Block, blocks, make_people
from .school import FAR, School, begin_school, finish_school, school_moments, school_traits
from .social_care import FirstPass, SocialCare, begin_social_care, finish_social_care
from .streams import Streams


@dataclass
class World:
    """The true lives of the children of a chunk."""

    block: Block
    areas: Areas
    people: pd.DataFrame
    care: SocialCare
    school: School
    justice: Justice
    first_care: np.ndarray  # day of first entry to care, short breaks aside; far for most


def make_world(block: Block, seed: int, areas: str = "", enrich: float = 1.0) -> World:
    """Live through a chunk: social care and school as they would be, then offending, then what follows from it.

    Args:
        block: which chunk.
        seed: of the world.
        areas: authorities wanted, see `areas.load_areas`.
        enrich: factor on every rate of social care.
    """
    known = load_areas(areas)
    streams = Streams(seed, block.number)
    people = make_people(block, known, streams)
    first = begin_social_care(people, known, enrich, streams)
    entry = first.first_care_age(people)
    entry_day = np.where(np.isfinite(entry), people["birth"] + np.round(np.where(np.isfinite(entry), entry, 0) * 365.25), FAR).astype(np.int64)
    pupils = people.iloc[:block.pupils]
    school = begin_school(pupils, known, entry_day[:block.pupils], streams)
    exclusion, suspension = np.full(len(people), FAR), np.full(len(people), FAR)
    exclusion[:block.pupils], suspension[:block.pupils] = school.first_exclusion, school.first_suspension
    justice = make_justice(people, known, entry_day, suspension, exclusion, traits_so_far(people, first, pupils, school), moments_so_far(people, first, pupils, school),
                           streams)
    finish_school(pupils, school, justice.first_violence[:block.pupils], justice.linked[:block.pupils], entry_day[:block.pupils], streams)
    care = finish_social_care(people, first, enrich, justice.events(people, streams), streams)
    first_care = np.full(len(people), FAR)
    started = care.periods[~care.periods["kind"].isin(["V1", "V3", "V4"])].groupby("person")["start"].min()
    first_care[started.index] = started.to_numpy()
    return World(block, known, people, care, school, justice, first_care)


def traits_so_far(people: pd.DataFrame, first: FirstPass, pupils: pd.DataFrame, school: School) -> np.ndarray:
    """What the published figures tell of offenders, as far as it is known before anyone offends; one row for each child."""
    group = major_groups(people)
    needed = first.referrals[first.referrals["outcome"] == "need"]
    columns = [people["male"], *(group == name for name in ("MIXD", "ASIA", "BLAC", "AOEG", "UNCL")), people["risk"], *(people[name] for name in LOADING),
               ever_between(people, needed, 12), ever_between(people, first.care, 6)]
    at_school = school_traits(pupils, school)
    beyond = np.zeros((len(people) - len(pupils), at_school.shape[1]))
    return np.column_stack([*columns, np.concatenate([at_school, beyond])]).astype(float)


def moments_so_far(people: pd.DataFrame, first: FirstPass, pupils: pd.DataFrame, school: School) -> np.ndarray:
    """Days of first need from 12, first care from 6, and what happens at school; far for never; one row for each child."""
    columns = []
    for spans, years in ((first.referrals[first.referrals["outcome"] == "need"], 12), (first.care, 6)):
        person = spans["person"].to_numpy(dtype=np.int64)
        birthday = people["birth"].to_numpy()[person] + years * 365
        start = np.where(spans["end"].to_numpy() >= birthday, np.maximum(spans["start"].to_numpy(), birthday), FAR)
        found = np.full(len(people), FAR)
        np.minimum.at(found, person, start)
        columns.append(np.where(found < day(people["cohort"].to_numpy() + 16, 9), found, FAR))
    at_school = school_moments(pupils, school)
    beyond = np.full((len(people) - len(pupils), at_school.shape[1]), FAR)
    return np.column_stack([*columns, np.concatenate([at_school, beyond])])


def ever_between(people: pd.DataFrame, spans: pd.DataFrame, years: int) -> np.ndarray:
    """Whether any of a child's spans (person, start, end) reaches into the time from a birthday to the end of Year 11."""
    person = spans["person"].to_numpy(dtype=np.int64)
    reaches = (spans["end"].to_numpy() >= people["birth"].to_numpy()[person] + years * 365) & (
        spans["start"].to_numpy() < day(people["cohort"].to_numpy()[person] + 16, 9))
    return np.bincount(person[reaches], minlength=len(people)) > 0


__all__ = ["World", "blocks", "make_world"]
