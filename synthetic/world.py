"""One chunk of the world, from birth to the end of the data: lives first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .areas import Areas, load_areas
from .justice import Justice, make_justice
from .people import Block, blocks, make_people
from .school import FAR, School, begin_school, finish_school
from .social_care import SocialCare, begin_social_care, finish_social_care
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
    exclusion = np.full(len(people), FAR)
    exclusion[:block.pupils] = school.first_exclusion
    justice = make_justice(people, known, entry_day, exclusion, streams)
    finish_school(pupils, school, justice.first_violence[:block.pupils], entry_day[:block.pupils], streams)
    care = finish_social_care(people, first, enrich, justice.events(people, streams), streams)
    first_care = np.full(len(people), FAR)
    started = care.periods[~care.periods["kind"].isin(["V1", "V3", "V4"])].groupby("person")["start"].min()
    first_care[started.index] = started.to_numpy()
    return World(block, known, people, care, school, justice, first_care)


__all__ = ["World", "blocks", "make_world"]
