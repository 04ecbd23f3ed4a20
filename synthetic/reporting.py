"""Lives to returns: what authorities, schools, police and courts reported in each year, and what each share of the data holds of it.

A return knows nothing of what comes after its year: a care episode, plan or referral that is still open on 31 March is reported open, and again
the next year. The tables of a chunk are made once, for every year that either share covers; a share is cut from them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .columns import TABLES, delivered_names
from .people import justice_ids, pupil_references
from .reporting_justice import first_sentence_year, link_file_only, report_justice
from .reporting_school import report_school
from .reporting_social_care import pmr_known_from, report_social_care
from .streams import Streams
from .tables import Rows, Text
from .world import World


@dataclass(frozen=True)
class Share:
    """One delivery of the data: return and census years (calendar year in which each ends) and the last year of the justice records."""

    name: str
    cla_years: tuple[int, int]
    cin_years: tuple[int, int]
    last_census: int
    last_offence: int


FIRST = Share("first", (2006, 2018), (2009, 2017), 2018, 2017)
ALL_EPISODES = Share("all-episodes", (2006, 2021), (2009, 2021), 2021, 2020)
SHARES = {share.name: share for share in (FIRST, ALL_EPISODES)}
SCHOOL_TABLES = ("census", "pru", "ap", "absence", "exclusions", "exclusions_long", "ks2", "ks4")
JUSTICE_TABLES = ("pnc", "magistrates", "crown", "custody", "link")


@dataclass
class Returns:
    """All returns of a chunk before a share is cut from them, and the identifiers of its children."""

    tables: dict[str, Rows]
    pmr: np.ndarray
    moj_uid: np.ndarray
    known_from: np.ndarray  # first return year in which social care rows of a child carry its PMR, a far one for never
    link_year: np.ndarray  # calendar year of the first sentence of linked pupils, a far one for others
    quiet: np.ndarray      # whether the link of each stands in the link file alone


def make_returns(world: World, seed: int) -> Returns:
    """Report the whole chunk for every year that either share covers.

    Returns:
        Tables whose hidden columns are `_person` (row in the chunk's people), `_year` (calendar year in which the year reported ends; of the justice
        tables the year of the event) and `_order`; values as text, dates as 2011-09-03, flags as 1 and 0.
    """
    streams = Streams(seed, world.block.number)
    pmr, moj_uid = pupil_references(world.people, seed), justice_ids(world.people, seed)
    known = pmr_known_from(world, streams)
    tables = report_social_care(world, pmr, known, streams) | report_school(world, pmr, streams) | report_justice(world, pmr, moj_uid, seed, streams)
    return Returns(tables, pmr, moj_uid, known, first_sentence_year(world), link_file_only(world, streams))


def last_of_year(rows: Rows, local: np.ndarray) -> np.ndarray:
    """Positions of the last row of each child and return year: what the first share keeps of all episodes.

    The child is who a reader can tell: the PMR that any row of its local id carries, else authority and local id.
    """
    person, has_pmr = rows.hidden["_person"], rows.columns["pmr"].filled()
    known = pd.Series(has_pmr).groupby(local).transform("max").to_numpy() if len(rows) else has_pmr
    key = np.where(known, person, -1 - pd.factorize(local)[0])
    order = np.lexsort((rows.hidden["_order"], rows.hidden["_year"], key))
    last = np.append((key[order][1:] != key[order][:-1]) | (rows.hidden["_year"][order][1:] != rows.hidden["_year"][order][:-1]), True)[:len(order)]
    return np.sort(order[last])


def cut_share(returns: Returns, share: Share) -> dict[str, Rows]:
    """The tables of one share: its years, its rows, its columns, with MoJUID filled for pupils linked by then."""
    linked = returns.link_year <= share.last_offence
    uid = np.where(linked & ~returns.quiet, returns.moj_uid, "").astype(object)
    cut = {}
    for name, rows in returns.tables.items():
        if name in ("cla", "cin"):
            span = share.cla_years if name == "cla" else share.cin_years
            if share is FIRST and len(rows):
                rows = rows.take(last_of_year(rows, rows.hidden["_local"]))
        else:
            span = (0, share.last_offence if name in JUSTICE_TABLES else share.last_census)
        rows = rows.take((rows.hidden["_year"] >= span[0]) & (rows.hidden["_year"] <= span[1]))
        columns = dict(rows.columns)
        if name in ("cla", "cin", "census"):
            known = columns["pmr"].filled()
            columns["moj_uid"] = Text(rows.hidden["_person"].astype(np.int32), uid).where(known)
        kept = delivered_names(name, 0, share is FIRST)
        cut[name] = Rows({column.name: columns[column.name] for column in TABLES[name] if column.name in kept}, rows.hidden)
    return cut
