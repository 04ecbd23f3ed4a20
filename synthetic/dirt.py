"""What is wrong with real files: one table of kinds of dirt, each with its rate, the tables it hits and the function that plants it.

A function takes the rows of one table of one share (values as text, see `reporting.cut_share`), the rate and random numbers, and gives the rows
back. Wherever a kind can strike at all it strikes at least once, so that a small sample holds every kind. Rates are shares of the rows, cells,
children or years that the kind can hit; all are assumed and well above what real deliveries show.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .columns import named_by_kind
from .days import iso, parse_iso, year_end
from .streams import Streams

Planter = Callable[[pd.DataFrame, str, float, np.random.Generator], pd.DataFrame]

NUL_YEAR = 2004      # the school census with NUL bytes
LATIN_1_YEAR = 2008  # the school census with accented school names in Latin-1


@dataclass(frozen=True)
class Dirt:
    """One kind of dirt; see the table `DIRT`."""

    kind: str
    rate: float
    tables: tuple[str, ...]
    plant: Planter


def plant_all(tables: dict[str, pd.DataFrame], share: str, streams: Streams) -> dict[str, pd.DataFrame]:
    """Plant every kind of `DIRT`, in the order of the table, in the tables of one share."""
    dirty = dict(tables)
    for dirt in DIRT:
        for table in dirt.tables:
            rng = streams.named(f"dirt.{dirt.kind}.{share}.{table}")
            dirty[table] = dirt.plant(dirty[table].copy(), table, dirt.rate, rng).reset_index(drop=True)
    return dirty


def pick(rng: np.random.Generator, eligible: np.ndarray | pd.Series, rate: float) -> np.ndarray:
    """Positions of a share `rate` of the rows that are eligible, at least one of them if there are any."""
    where = np.flatnonzero(np.asarray(eligible))
    count = min(len(where), max(1, round(rate * len(where))))
    return np.sort(rng.choice(where, size=count, replace=False)) if count else where


def put(frame: pd.DataFrame, rows: np.ndarray, column: str, values: object) -> None:
    """Set `column` at row positions `rows` (the frame has a plain index)."""
    frame.loc[rows, column] = values


def filled(frame: pd.DataFrame, column: str) -> np.ndarray:
    """True where the column exists and is not empty."""
    return (frame[column] != "").to_numpy() if column in frame else np.zeros(len(frame), dtype=bool)


def copies(frame: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """A copy of some rows, with a plain index."""
    return frame.iloc[rows].copy().reset_index(drop=True)


# -- who the child is -------------------------------------------------------------------------------------------------------------------------

def rows_of_some_children(frame: pd.DataFrame, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Some of the rows, about four in ten and at least one, of a share of the children in the table."""
    persons, row_person = np.unique(frame["_person"], return_inverse=True)
    chosen = np.isin(row_person, pick(rng, np.ones(len(persons), dtype=bool), rate))
    first = ~pd.Series(row_person).duplicated().to_numpy()
    return np.flatnonzero(chosen & (first | (rng.random(len(frame)) < 0.4)))


def conflicting_sex(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """The other sex in some rows of a child."""
    if "sex" in frame:
        rows = rows_of_some_children(frame, rate, rng)
        put(frame, rows, "sex", frame["sex"].iloc[rows].map({"1": "2", "2": "1", "M": "F", "F": "M"}).to_numpy())
    return frame


def conflicting_ethnicity(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """Another ethnic group in some rows of a child, or none obtained."""
    if "ethnicity" in frame:
        rows = rows_of_some_children(frame, rate, rng)
        put(frame, rows, "ethnicity", rng.choice(np.array(["WOTH", "MOTH", "AOTH", "OOTH", "MWBC", "NOBT", "REFU"], dtype=object), len(rows)))
    return frame


def conflicting_birth(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """A neighbouring birth month or year in some rows of a child."""
    if "birth_year" in frame:
        rows = rows_of_some_children(frame, rate, rng)
        month = frame["birth_month"].iloc[rows].astype(int).to_numpy() % 12 + 1
        year = frame["birth_year"].iloc[rows].astype(int).to_numpy()
        wrong_year = rng.random(len(rows)) < 0.3
        put(frame, rows, "birth_month", np.where(wrong_year, frame["birth_month"].iloc[rows], month.astype(str)))
        put(frame, rows, "birth_year", (year + wrong_year).astype(str))
    return frame


def two_pmrs(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """A local id one of whose rows carries the PMR of another child."""
    if "child_id" in frame:
        local = frame["la"] + "-" + frame["child_id"]
        known = frame["pmr"] != ""
        again = known & local.where(known).duplicated()
        one_each = again & ~local.where(again).duplicated()
        rows = pick(rng, one_each, rate)
        # Step along the children of the table until it is another child's.
        pmrs = np.unique(frame.loc[known, "pmr"])
        if len(pmrs) > 1:
            place = np.searchsorted(pmrs, frame["pmr"].iloc[rows].to_numpy()) + rng.integers(1, len(pmrs), len(rows))
            put(frame, rows, "pmr", pmrs[place % len(pmrs)])
    return frame


def missing_pmr(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """No PMR on a row of a child who has one."""
    put(frame, pick(rng, filled(frame, "pmr"), rate / 10 if table == "census" else rate), "pmr", "")
    return frame


def missing_child_id(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """Neither PMR nor local id: a row that belongs to nobody."""
    rows = pick(rng, filled(frame, "child_id"), rate)
    for column in ("child_id", "pmr", "moj_uid"):
        if len(rows):
            put(frame, rows, column, "")
    return frame


def missing_area(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """No local authority code in one of the columns that hold it."""
    for column in ("la", "child_la", "cin_la"):
        if column in frame:
            put(frame, pick(rng, filled(frame, column), rate), column, "")
    return frame


def missing_academic_year(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """No academic year on a row."""
    put(frame, pick(rng, filled(frame, "academic_year"), rate), "academic_year", "")
    return frame


# -- dates that cannot be ---------------------------------------------------------------------------------------------------------------------

def missing_start(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """No start date on an episode."""
    put(frame, pick(rng, filled(frame, "start_date"), rate), "start_date", "")
    return frame


def end_before_start(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """A closed episode that ceases some days before it commences."""
    rows = pick(rng, filled(frame, "end_date") & filled(frame, "start_date") & (frame["reason_ceased"] != "-10").to_numpy(), rate)
    put(frame, rows, "end_date", iso(parse_iso(frame["start_date"].iloc[rows].to_numpy(dtype=str)) - rng.integers(1, 60, len(rows))))
    return frame


def start_after_return_year(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """An open episode that starts after the year it is returned for."""
    rows = pick(rng, filled(frame, "start_date") & (frame["reason_ceased"] == "-10").to_numpy(), rate)
    put(frame, rows, "start_date", iso(year_end(frame["_year"].iloc[rows].to_numpy()) + rng.integers(1, 90, len(rows))))
    put(frame, rows, "end_date", "")
    return frame


def outside_childhood(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """Contact long before birth or from the 18th birthday on."""
    dated = {"cla": "start_date", "cin": "referral_date"}[table]
    if dated in frame:
        rows = pick(rng, filled(frame, dated), rate)
        before = rng.random(len(rows)) < 0.5
        before[:2] = [True, False][:len(before)]
        child = frame.iloc[rows]
        wrong = np.where(before, child["_birth"] - rng.integers(300, 500, len(rows)), child["_adulthood"] + rng.integers(0, 300, len(rows)))
        put(frame, rows, dated, iso(wrong))
    else:  # without dates only the ages and the year tell
        rows = pick(rng, np.ones(len(frame), dtype=bool), rate)
        put(frame, rows, "age_start", rng.choice(np.array(["18", "19", "21"], dtype=object), len(rows)))
        put(frame, rows, "age_end", "21")
    return frame


def closure_before_referral(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """A case closed before it was referred."""
    if "closure_date" in frame:
        rows = pick(rng, filled(frame, "closure_date") & filled(frame, "referral_date"), rate)
        put(frame, rows, "closure_date", iso(parse_iso(frame["referral_date"].iloc[rows].to_numpy(dtype=str)) - rng.integers(1, 60, len(rows))))
    return frame


def sentinel_dates(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """1800-01-01 or 1900-01-01 where a date is not known."""
    for column in named_by_kind(table, "date"):
        if column in frame:
            rows = pick(rng, np.ones(len(frame), dtype=bool), rate)
            put(frame, rows, column, rng.choice(np.array(["1800-01-01", "1900-01-01"], dtype=object), len(rows)))
    return frame


# -- rows that repeat -------------------------------------------------------------------------------------------------------------------------

def corrected_row(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """A row sent again for the same year with something put right: another end or placement (care), another need or closure (in need)."""
    rows = pick(rng, np.ones(len(frame), dtype=bool), rate)
    again = copies(frame, rows)
    n = np.arange(len(again))
    if table == "cla":
        closed = np.flatnonzero((again["reason_ceased"] != "-10") & filled(again, "end_date"))
        put(again, closed, "end_date", iso(parse_iso(again["end_date"].iloc[closed].to_numpy(dtype=str)) + rng.integers(0, 5, len(closed))))
        put(again, n, "placement", rng.choice(np.array(["K2", "P1", "Z1"], dtype=object), len(n)))
    else:
        put(again, n, "need", rng.choice(np.array(["N1", "N4", "N5", "N9"], dtype=object), len(n)))
        put(again, n, "closure_reason", rng.choice(np.array(["RC7", "RC8", ""], dtype=object), len(n)))
    return pd.concat([frame, again])


def dual_registration(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """A pupil on the roll of two schools: main (M) in one, subsidiary (S) in the other, at times in another authority."""
    rows = pick(rng, np.ones(len(frame), dtype=bool), rate)
    other = copies(frame, rows)
    put(frame, rows, "enrol_status", "M")
    other["enrol_status"] = "S"
    other["urn"] = np.where(rng.random(len(other)) < 0.5, "999001", "999002")
    elsewhere = rng.random(len(other)) < 0.2
    other["la"] = np.where(elsewhere, rng.choice(np.unique(frame["la"].to_numpy(dtype=str)).astype(object), len(other)), other["la"])
    return pd.concat([frame, other])


def exact_duplicate(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """The same row twice."""
    return pd.concat([frame, copies(frame, pick(rng, np.ones(len(frame), dtype=bool), rate))])


# -- codes ------------------------------------------------------------------------------------------------------------------------------------

# Written for the right code in files: table, column, right code, what is found. After the public cleaning code for the same supply.
JUNK = (
    ("cin", "need", "N2", "A2"), ("cin", "need", "N3", "A3"), ("cin", "need", "N4", "A4"), ("cin", "need", "N5", "A5"),
    ("cin", "need", "N0", "NO"), ("cin", "need", "N0", "n0"), ("cin", "need", "N1", "n1"),
    ("cin", "closure_reason", "RC8", "NFA"), ("cin", "closure_reason", "RC8", "No"), ("cin", "closure_reason", "RC8", "NON"),
    ("cin", "closure_reason", "RC8", "NONE"), ("cin", "closure_reason", "RC7", "rc7"),
    ("cla", "reason_new_episode", "P", "P "), ("cla", "legal_status", "C2", "c2"), ("cla", "placement", "Q2", "q2 "),
    ("census", "sen", "P", "P "), ("census", "ethnicity", "WBRI", "wbri"),
)
UNKNOWN = {
    "cla": {"placement": "XX", "legal_status": "Z9", "reason_ceased": "E99", "need": "N99"},
    "cin": {"need": "UNMAPPEDNEEDCODE", "closure_reason": "RC99", "category": "ZZZ", "sex": "9"},
    "census": {"ethnicity": "ZZZZ", "sen": "?", "enrol_status": "Q", "sex": "U"},
}


def junk_codes(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """Known slips in the writing of codes, as listed in `JUNK`."""
    for where, column, right, found in JUNK:
        if where == table and column in frame:
            put(frame, pick(rng, frame[column] == right, rate / 5 if table == "census" else rate), column, found)
    return frame


def unknown_codes(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """Codes that no list knows."""
    for column, code in UNKNOWN[table].items():
        if column in frame:
            put(frame, pick(rng, filled(frame, column), rate / 5 if table == "census" else rate), column, code)
    return frame


def restyled_codes(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """Right codes in lower case, or with spaces round them."""
    for column in named_by_kind(table, "code"):
        if column in frame:
            rows = pick(rng, filled(frame, column), rate)
            values = frame[column].iloc[rows].to_numpy()
            style = rng.integers(0, 3, len(rows))
            put(frame, rows, column, np.array([(v.lower(), v + "  ", " " + v)[s] for v, s in zip(values, style)], dtype=object))
    return frame


# -- how values are written -------------------------------------------------------------------------------------------------------------------

FLAGS = ({"1": "1.0", "0": "0.0"}, {"1": "True", "0": "False"}, {"1": "Y", "0": "N"})
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
UNREADABLE = ("31/02/2010", "2010-13-45", "not known", "00/00/0000")


def flag_spellings(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """Flags written 1.0, True or Y throughout some years, each spelling at least once."""
    years = rng.permutation(np.unique(frame["_year"]))
    odd = years[:max(len(FLAGS), round(rate * len(years)))]
    for number, year in enumerate(odd):
        rows = np.flatnonzero(frame["_year"] == year)
        for column in named_by_kind(table, "flag"):
            if column in frame:
                put(frame, rows, column, frame[column].iloc[rows].replace(FLAGS[number % len(FLAGS)]).to_numpy())
    return frame


def year_spellings(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """Academic years written 2005/06 or 200506."""
    rows = pick(rng, filled(frame, "academic_year"), rate)
    values = frame["academic_year"].iloc[rows].to_numpy()
    short = rng.random(len(rows)) < 0.5
    short[:2] = [True, False][:len(short)]
    put(frame, rows, "academic_year", np.array([v[:5] + v[7:] if s else v[:4] + v[7:] for v, s in zip(values, short)], dtype=object))
    return frame


def respell_date(date: str, style: int) -> str:
    """`2011-09-03` as 03/09/2011 (style 0), 03SEP2011 (1) or with a time of day (2)."""
    year, month, day_of_month = date.split("-")
    return (f"{day_of_month}/{month}/{year}", f"{day_of_month}{MONTHS[int(month) - 1]}{year}", f"{date} 00:00:00")[style]


def date_spellings(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """Dates in other forms: all of some years in one form, and single cells anywhere."""
    years = np.unique(frame["_year"])
    odd_years = dict(zip(years[pick(rng, np.ones(len(years), dtype=bool), rate)].tolist(), rng.permutation(3).tolist() * len(years)))
    year_style = frame["_year"].map(odd_years).fillna(-1).to_numpy(dtype=np.int64)
    for column in named_by_kind(table, "date"):
        if column in frame:
            style = np.where(year_style >= 0, year_style, np.where(rng.random(len(frame)) < rate / 2, rng.integers(0, 3, len(frame)), -1))
            rows = np.flatnonzero(filled(frame, column) & (style >= 0))
            values = frame[column].iloc[rows].to_numpy()
            put(frame, rows, column, np.array([respell_date(v, s) for v, s in zip(values, style[rows])], dtype=object))
    return frame


def unreadable_dates(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """Text that is no date."""
    for column in named_by_kind(table, "date"):
        if column in frame:
            rows = pick(rng, filled(frame, column), rate)
            put(frame, rows, column, rng.choice(np.array(UNREADABLE, dtype=object), len(rows)))
    return frame


def decimal_numbers(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """Whole numbers written as 3.0."""
    for column in ("birth_year", "birth_month", "poc_length", "age_start", "age_end", "previous_plans"):
        if column in frame:
            rows = pick(rng, filled(frame, column), rate)
            put(frame, rows, column, frame[column].iloc[rows].to_numpy() + ".0")
    return frame


def blank_spellings(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """Missing values as one space or several instead of nothing."""
    for column in frame.columns:
        if not column.startswith("_"):
            rows = pick(rng, frame[column] == "", rate)
            put(frame, rows, column, rng.choice(np.array([" ", "    "], dtype=object), len(rows)))
    return frame


# -- links and bytes --------------------------------------------------------------------------------------------------------------------------

def many_to_many_links(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """A second MoJUID for a PMR, and a second PMR for a MoJUID."""
    more_uids = copies(frame, pick(rng, np.ones(len(frame), dtype=bool), rate))
    more_uids["moj_uid"] = (9_000_000_001 + np.arange(len(more_uids))).astype(str)
    more_pmrs = copies(frame, pick(rng, np.ones(len(frame), dtype=bool), rate))
    more_pmrs["pmr"] = frame["pmr"].iloc[rng.integers(0, max(len(frame), 1), len(more_pmrs))].to_numpy()
    return pd.concat([frame, more_uids, more_pmrs])


def blank_links(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """A link row without its MoJUID or without its PMR."""
    for column in ("moj_uid", "pmr"):
        put(frame, pick(rng, filled(frame, column), rate), column, "")
    return frame


def nul_bytes(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """A NUL byte after some values of one census year."""
    for column in ("ethnicity", "sen", "lsoa"):
        rows = pick(rng, filled(frame, column) & (frame["_year"] == NUL_YEAR).to_numpy(), rate)
        put(frame, rows, column, np.array([f"{value}\x00" for value in frame[column].iloc[rows]], dtype=object))
    return frame


def latin_1_bytes(frame: pd.DataFrame, table: str, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """Accents in the school names of one census year, whose file is written in Latin-1."""
    accented = {"St Chloe": "St Chlo\u00eb", "Cafe Road": "Caf\u00e9 Road"}
    rows = pick(rng, frame["school_name"].isin(list(accented)) & (frame["_year"] == LATIN_1_YEAR), rate)
    put(frame, rows, "school_name", frame["school_name"].iloc[rows].map(accented).to_numpy())
    return frame


def malformed_lines(lines: list[str], delimiter: str, rng: np.random.Generator) -> list[str]:
    """Cut one line short and put a stray delimiter into another (needs two lines; other files stay whole)."""
    if len(lines) < 2:
        return lines
    lines = list(lines)
    short, long = rng.choice(len(lines), size=2, replace=False).tolist()
    fields = lines[short].split(delimiter)
    lines[short] = delimiter.join(fields[:max(1, len(fields) - 3)])
    fields = lines[long].split(delimiter)
    fields.insert(len(fields) // 2, "?")
    lines[long] = delimiter.join(fields)
    return lines


CARE = ("cla", "cin")
ROWS = ("cla", "cin", "census")

DIRT = (
    Dirt("conflicting_sex", 0.010, ROWS, conflicting_sex),
    Dirt("conflicting_ethnicity", 0.040, ROWS, conflicting_ethnicity),
    Dirt("conflicting_birth", 0.015, ROWS, conflicting_birth),
    Dirt("two_pmrs", 0.020, CARE, two_pmrs),
    Dirt("missing_pmr", 0.030, ROWS, missing_pmr),
    Dirt("missing_child_id", 0.006, CARE, missing_child_id),
    Dirt("missing_area", 0.004, ROWS, missing_area),
    Dirt("missing_academic_year", 0.003, ROWS, missing_academic_year),
    Dirt("missing_start", 0.004, ("cla",), missing_start),
    Dirt("end_before_start", 0.008, ("cla",), end_before_start),
    Dirt("start_after_return_year", 0.004, ("cla",), start_after_return_year),
    Dirt("outside_childhood", 0.006, CARE, outside_childhood),
    Dirt("closure_before_referral", 0.008, ("cin",), closure_before_referral),
    Dirt("corrected_row", 0.010, CARE, corrected_row),
    Dirt("dual_registration", 0.012, ("census",), dual_registration),
    Dirt("junk_codes", 0.050, ROWS, junk_codes),
    Dirt("restyled_codes", 0.010, ROWS, restyled_codes),
    Dirt("unknown_codes", 0.003, ROWS, unknown_codes),
    Dirt("sentinel_dates", 0.003, ROWS, sentinel_dates),
    Dirt("flag_spellings", 0.250, ROWS, flag_spellings),
    Dirt("year_spellings", 0.060, ROWS, year_spellings),
    Dirt("date_spellings", 0.120, ROWS, date_spellings),
    Dirt("unreadable_dates", 0.002, ROWS, unreadable_dates),
    Dirt("decimal_numbers", 0.020, ROWS, decimal_numbers),
    Dirt("many_to_many_links", 0.030, ("link",), many_to_many_links),
    Dirt("blank_links", 0.015, ("link",), blank_links),
    Dirt("blank_spellings", 0.150, ROWS + ("link",), blank_spellings),
    Dirt("exact_duplicate", 0.006, ROWS + ("link",), exact_duplicate),
    Dirt("nul_bytes", 0.005, ("census",), nul_bytes),
    Dirt("latin_1_bytes", 0.100, ("census",), latin_1_bytes),
)
MALFORMED_TABLES = CARE           # files whose lines are broken as well, one short and one long in each
MALFORMED_CENSUS_YEARS = (2011,)
