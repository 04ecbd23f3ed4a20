"""Lives to returns: what authorities reported in each year, and what each share of the data holds of it.

A return year Y runs from 1 April Y-1 to 31 March Y. Returns know nothing of what comes after their 31 March: an episode, plan or referral that is
still open then is reported open, and again the next year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .columns import SOCIAL_CARE_TABLES
from .days import age_on, day, iso, return_year, year_end
from .social_care import SocialCare
from .streams import Streams, choose


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

# Rows of children under school age: some children have a PMR on all of them, half from some year on, the others none until they are at school
# (assumed; about half of all looked-after children lack one).
ALWAYS_KNOWN, KNOWN_LATER = 0.15, 0.50
CIN_STARTS = day(2008, 10, 1)  # the first children in need census covered six months
OPEN_WITH_END = 0.4      # open episodes whose end date is set to 31 March rather than left blank (assumed)
PLACE_CHANGE_GIVEN = 0.12  # moves from 2015/16 with a reason; the column is about 2.5% complete over all years

PLACE_CHANGE = {"CARPL": 45, "LAREQ": 12, "CREQB": 12, "CREQO": 6, "CHILD": 6, "PLACE": 5, "STAND": 3, "CLOSE": 2, "ALLEG": 2,
                "CUSTOD": 1, "OTHER": 6}  # assumed


@dataclass
class Returns:
    """All returns of the world, as text, before a share is cut from them; columns that begin with `_` are truth and are never delivered."""

    cla: pd.DataFrame
    cin: pd.DataFrame
    census: pd.DataFrame
    link: pd.DataFrame


def make_returns(people: pd.DataFrame, enrolments: pd.DataFrame, census: pd.DataFrame, care: SocialCare, links: pd.DataFrame,
                 streams: Streams) -> Returns:
    """Report the whole world for every year that either share covers."""
    known_from = pmr_known_from(people, enrolments, streams)
    link = links[["moj_uid", "pmr"]].assign(_person=links["person"], _year=links["first_year"])
    return Returns(report_cla(people, care, known_from, streams), report_cin(people, care, known_from, streams), census, link)


def pmr_known_from(people: pd.DataFrame, enrolments: pd.DataFrame, streams: Streams) -> np.ndarray:
    """First return year in which a row of each person carries a PMR; a far year for those who never go to school."""
    known = np.full(len(people), 9999)
    known[enrolments["person"]] = enrolments["first_census"]
    rng = streams.named("reporting.preschool_pmr")
    draw = rng.random(len(people))
    later = np.minimum(known, people["birth_year"] + rng.integers(1, 5, len(people)))
    early = np.select([draw < ALWAYS_KNOWN, draw < ALWAYS_KNOWN + KNOWN_LATER], [0, later], known)
    return np.where(people["is_pupil"], early, known)


def years_reported(start: np.ndarray, end: np.ndarray, years: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Row number and return year for every year in which something that ran from `start` to `end` is reported."""
    first = np.maximum(return_year(start), years[0])
    last = np.minimum(return_year(end), years[1])
    counts = np.maximum(last - first + 1, 0)
    row = np.repeat(np.arange(len(first)), counts)
    return row, first[row] + pd.Series(row).groupby(row).cumcount().to_numpy()


def person_columns(people: pd.DataFrame, person: np.ndarray, year: np.ndarray, known_from: np.ndarray) -> dict[str, np.ndarray]:
    """The columns about the child that both social care returns carry."""
    child = people.iloc[person]
    return {
        "moj_uid": np.full(len(person), "", dtype=object),
        "pmr": np.where(year >= known_from[person], child["pmr"], ""),
        "academic_year": np.array([f"{y - 1}/{y}" for y in year], dtype=object),
        "sex": np.where(child["sex"] == "M", "1", "2"),
        "ethnicity": child["ethnicity"].to_numpy(),
        "birth_year": child["birth_year"].astype(str).to_numpy(),
        "birth_month": child["birth_month"].astype(str).to_numpy(),
        "_person": person,
        "_year": year,
        "_birth": child["birth"].to_numpy(),
        "_adulthood": child["adulthood"].to_numpy(),
    }


def report_cla(people: pd.DataFrame, care: SocialCare, known_from: np.ndarray, streams: Streams) -> pd.DataFrame:
    """The looked-after children returns: one row per episode and year in which it was open."""
    row, year = years_reported(care.episodes["start"].to_numpy(), care.episodes["end"].to_numpy(), ALL_EPISODES.cla_years)
    episode = care.episodes.iloc[row].reset_index(drop=True)
    period = care.periods.iloc[episode["period"]].reset_index(drop=True)
    last_day = year_end(year)
    is_open = episode["end"].to_numpy() > last_day
    poc_end = np.minimum(period["end"], last_day)
    respite = episode["legal_status"].isin(["V1", "V3", "V4"]).to_numpy()
    in_care = ~respite & (period["end"].to_numpy() > last_day)
    length = (poc_end - period["start"]).to_numpy()
    days_this_year = poc_end - np.maximum(period["start"], year_end(year - 1) + 1)
    child_year = [period["area"], period["local_id"], pd.Series(year)]

    def any_in_year(condition: np.ndarray) -> np.ndarray:
        """1 for every row of a child and year in which the condition holds for some row."""
        return pd.Series(condition.astype(int)).groupby(child_year).transform("max").astype(str).to_numpy()

    moved = np.isin(episode["rne"], ["P", "B"]) & (episode["start"].to_numpy() >= day(2015, 4, 1))
    given = moved & (streams.named("reporting.place_change_given").random(len(care.episodes)) < PLACE_CHANGE_GIVEN / 0.5)[row]
    reason = choose(streams.named("reporting.place_change"), PLACE_CHANGE, len(care.episodes))[row]
    shows_end = (streams.named("reporting.open_end").random(len(row)) < OPEN_WITH_END)
    columns = person_columns(people, episode["person"].to_numpy(), year, known_from) | {
        "child_id": period["local_id"],
        "child_la": period["area"],
        "la": period["area"],
        "processing_year": year.astype(str),
        "uasc": np.where(people["is_uasc"].to_numpy()[episode["person"]], "1", "0"),
        "poc_start": iso(period["start"]),
        "poc_length": length.astype(str),
        "need": period["need"],
        "start_date": iso(episode["start"]),
        "end_date": iso(np.where(is_open, last_day, episode["end"]), missing=is_open & ~shows_end),
        "legal_status": episode["legal_status"],
        "placement": placement_code(episode["placement"].to_numpy(), episode["fine"].to_numpy(), year),
        "reason_ceased": np.where(is_open, "-10", ending_code(episode["ending"].to_numpy(), episode["fine"].to_numpy(), year)),
        "reason_new_episode": episode["rne"],
        "at_31_march": any_in_year(in_care),
        "six_months": any_in_year(in_care & (length >= 183)),
        "twelve_months": any_in_year(in_care & (length >= 365)),
        "pp_6_months": any_in_year(~respite & (days_this_year >= 183).to_numpy()),
        "pp_1_day": any_in_year(~respite & (days_this_year >= 1).to_numpy()),
        "reason_place_change": np.where(given, reason, ""),
        "_order": episode["start"],
    }
    return pd.DataFrame(columns)


def placement_code(placement: np.ndarray, fine: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Code of the return year: foster care was Q1 or Q2 to 2014/15 and U1 to U6 from 2015/16, also for placements that had begun before."""
    late = year >= 2016
    third = np.minimum((fine * 3).astype(np.int64), 2)
    kin = np.where(late, np.array(["U1", "U2", "U3"], dtype=object)[third], "Q1")
    foster = np.where(late, np.array(["U4", "U5", "U6"], dtype=object)[third], "Q2")
    temporary = np.array(["T1", "T2", "T3", "T4"], dtype=object)[np.minimum((fine * 4).astype(np.int64), 3)]
    missing = np.array(["M1", "M2", "M3"], dtype=object)[third]
    names = ["kin", "foster", "temporary", "missing", "parents"]
    return np.select([placement == name for name in names], [kin, foster, temporary, missing, "P1"], placement)


def ending_code(ending: np.ndarray, fine: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Reason-ceased code of the return year: E4 to 2013/14, then E4A, E4B and E13; E14 to E16 from 2014/15; E17 from 2020/21."""
    late = year >= 2015
    guardianship = np.where(year >= 2012, np.array(["E45", "E46", "E47", "E48"], dtype=object)[np.minimum((fine * 4).astype(np.int64), 3)],
                            np.where(fine < 0.5, "E43", "E44"))  # split of the codes in 2011/12: assumed
    cases = {
        "home": np.where(late, np.where(fine < 0.8, "E4A", "E4B"), "E4"),
        "no_parental_responsibility": np.where(late, "E13", "E4"),
        "guardianship": guardianship,
        "remand": np.where(late, "E14", "E8"),
        "adult_after_all": np.where(late, "E15", "E8"),
        "abroad": np.where(late, "E16", "E8"),
        "staying_put": np.where(year >= 2021, "E17", "E5"),
    }
    return np.select([ending == name for name in cases], list(cases.values()), ending)


def report_cin(people: pd.DataFrame, care: SocialCare, known_from: np.ndarray, streams: Streams) -> pd.DataFrame:
    """The children in need census: one row per referral and year in which it was open, and one per plan where there are several."""
    row, year = years_reported(care.referrals["start"].to_numpy(), care.referrals["end"].to_numpy(), ALL_EPISODES.cin_years)
    rows = care.referrals.iloc[row].reset_index(drop=True).assign(year=year)
    rows = rows[(rows["year"] > 2009) | (rows["end"] >= CIN_STARTS)]
    plan_row, plan_year = years_reported(care.plans["plan_start"].to_numpy(), care.plans["plan_end"].to_numpy(), ALL_EPISODES.cin_years)
    plans = care.plans.iloc[plan_row].drop(columns="person").assign(year=plan_year)
    rows = rows.merge(plans, on=["referral", "year"], how="left", sort=False)
    rows = rows.sort_values(["person", "year", "start", "plan_start"], kind="stable", na_position="first").reset_index(drop=True)

    year = rows["year"].to_numpy()
    last_day = year_end(year)
    child = people.iloc[rows["person"]].reset_index(drop=True)
    is_open = rows["end"].to_numpy() > last_day
    has_plan = rows["plan_start"].notna().to_numpy()
    plan_start, plan_end, conference = (rows[name].fillna(0).to_numpy(dtype=np.int64) for name in ("plan_start", "plan_end", "conference"))
    initial, latest = (rows[name].fillna("").to_numpy() for name in ("initial_category", "latest_category"))
    # The four category columns came and went (years assumed): first category to 2011, current category throughout, initial and latest from 2011.
    blank_plan = has_plan & (year <= 2011) & (streams.named("reporting.poor_years").random(len(rows)) < 0.3)
    named = has_plan & ~blank_plan
    poor = (year <= 2011) & (streams.named("reporting.poor_need").random(len(rows)) < 0.2)
    born, month = child["birth_year"].to_numpy(), child["birth_month"].to_numpy()
    columns = person_columns(people, rows["person"].to_numpy(), year, known_from) | {
        "child_id": rows["local_id"],
        "cin_la": np.where(year >= 2010, rows["area"], ""),
        "la": rows["area"],
        "disability": rows["disability"],
        "referral_date": iso(rows["start"]),
        "referral_source": np.where(year >= 2014, rows["source"], ""),  # collected from 2013/14
        "nfa": np.where(rows["outcome"] == "nfa", "1", "0"),
        "need": np.where(poor, "", rows["need"]),
        "closure_date": iso(rows["end"], missing=is_open),
        "closure_reason": np.where(is_open, "", rows["closure"]),
        "at_31_march": np.where(is_open & (rows["outcome"] != "nfa").to_numpy(), "1", "0"),
        "age_start": np.maximum(age_on(rows["start"], born, month), 0).astype(str),
        "age_end": np.maximum(age_on(np.minimum(rows["end"], last_day), born, month), 0).astype(str),
        "conference_date": iso(conference, missing=~has_plan | (year < 2010)),
        "plan_start": iso(plan_start, missing=~has_plan | (year < 2010)),
        "plan_end": iso(plan_end, missing=~has_plan | (year < 2010) | (plan_end > last_day)),
        "previous_plans": np.where(has_plan, rows["previous"].fillna(0).astype(int).astype(str), ""),
        "category": np.where(named, latest, ""),
        "category_first": np.where(named & (year <= 2011), initial, ""),
        "category_initial": np.where(named & (year >= 2011), initial, ""),
        "category_latest": np.where(named & (year >= 2011), latest, ""),
        "factors": np.where((year >= 2014) & rows["assessed"].to_numpy(), rows["factors"], ""),  # published from 2013/14
        "_order": rows["start"] * 100_000 + plan_start,
    }
    return pd.DataFrame(columns)


def child_keys(rows: pd.DataFrame) -> pd.Series:
    """The child a row belongs to as far as a reader can tell: the PMR that any row of its local id carries, else authority and local id."""
    local = rows["la"] + "-" + rows["child_id"]
    known = rows["pmr"].where(rows["pmr"] != "").groupby(local).transform("first")
    return known.fillna(local)


def last_of_year(rows: pd.DataFrame) -> pd.DataFrame:
    """The last row of each child and return year: what the first share keeps of all episodes."""
    keyed = rows.assign(_key=child_keys(rows)).sort_values(["_key", "_year", "_order"], kind="stable")
    return keyed.drop_duplicates(["_key", "_year"], keep="last").drop(columns="_key").sort_index()


def cut_share(returns: Returns, share: Share) -> dict[str, pd.DataFrame]:
    """The tables of one share: its years, its rows, its columns (and the `_` columns), with MoJUID filled for pupils linked by then.

    Returns:
        Tables `cla`, `cin`, `census`, `link`; values as text, dates as 2011-09-03, flags as 1 and 0.
    """
    tables = {"cla": returns.cla, "cin": returns.cin, "census": returns.census, "link": returns.link}
    if share is FIRST:
        tables["cla"], tables["cin"] = last_of_year(returns.cla), last_of_year(returns.cin)
    spans = {"cla": share.cla_years, "cin": share.cin_years, "census": (0, share.last_census), "link": (0, share.last_offence)}
    uid = tables["link"].loc[tables["link"]["_year"] <= share.last_offence].set_index("pmr")["moj_uid"]
    attribute = "first" if share is FIRST else "all_episodes"
    for name, (first, last) in spans.items():
        table = tables[name]
        table = table[(table["_year"] >= first) & (table["_year"] <= last)].reset_index(drop=True)
        if name != "link":
            table["moj_uid"] = table["pmr"].astype(object).map(uid.to_dict() | {"": ""}).astype(object).fillna("")
        if name in ("cla", "cin"):
            kept = [column.name for column in SOCIAL_CARE_TABLES[name] if getattr(column, attribute)]
            table = table[kept + [column for column in table.columns if column.startswith("_")]]
        tables[name] = table.astype({column: object for column in table.columns if not column.startswith("_")})
    return tables
