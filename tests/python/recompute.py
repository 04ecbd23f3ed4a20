"""Independent recomputation of the marts `pupils` and `social_care_exposures`; `recompute_education` does schooling.

This module reads the raw extract files itself and works the two marts out again in plain
Python and pandas. It shares no code with the dbt project and was written from the
definitions alone, so that a test can compare both answers. Each function names, under
"Definition", the rule that it implements.

Vocabulary
----------
row         one delivered line of a table, a dict of canonical column name -> text or None
child key   the pupil matching reference (PMR) after draw-down, else the LA child id
return year the integer year Y in which a year ends; CLA and CIN years run
            1 April Y-1 to 31 March Y, school years 1 September Y-1 to 31 August Y
"""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import pandas as pd

CLA, CIN = "cla.episodes", "cin.episodes"
CENSUS, LINKS = "npd.school_census", "links.pupil_offender"
PRU, AP = "npd.pru_census", "npd.ap_census"
ABSENCE, EXCLUSIONS = "npd.absence", "npd.exclusions"
KS2, KS4 = "npd.ks2", "npd.ks4"
EDUCATION = (CENSUS, PRU, AP, ABSENCE, EXCLUSIONS, KS2, KS4)

FILE_STARTS = {
    CLA: ("cla_",),
    CIN: ("cin_",),
    CENSUS: ("spring_census_", "spring_plasc_"),
    LINKS: ("moj_dfe_link",),
    PRU: ("pru_census_",),
    AP: ("ap_census_",),
    ABSENCE: ("absence_",),
    EXCLUSIONS: ("exclusions_",),
    KS2: ("ks2pupil_",),
    KS4: ("ks4pupil_",),
}
EXTENSIONS = (".txt.gz", ".csv.gz", ".txt", ".csv", ".parquet")
PREFIX = {CLA: "cla", CIN: "cin", PRU: "pru", AP: "ap", KS2: "ks2", KS4: "ks4"}  # the others have none

# Canonical name -> spellings (lower case, letters and digits only, table prefix removed).
_KEYS = {
    "pmr": ["pupilmatchingrefanonymous"],
    "moj_uid": ["mojuid"],
}
COLUMNS = {
    CLA: _KEYS
    | {
        "year": ["acadyr", "academicyear"],
        "la": ["la"],
        "child_id": ["childidanon"],
        "child_la": ["childlacodeanon"],
        "sex": ["sex", "gender"],
        "ethnicity": ["ethnic", "ethnicgroupminor"],
        "birth_year": ["yearofbirth"],
        "birth_month": ["monthofbirth"],
        "poc_start": ["pocstart"],
        "poc_length": ["poclength"],
        "start": ["dateepicomm"],
        "end": ["dateepiceased"],
        "reason": ["rec"],
        "need": ["catneed"],
        "placement": ["placement"],
        "legal_status": ["legalstatus"],
        "reason_new": ["reasonfornewepisode", "reasonnewepisode"],
        "asylum": ["uascstatus"],
        "place_change": ["reasonplacechange", "reasonforplacementchange"],
    },
    CIN: _KEYS
    | {
        "year": ["acadyr", "academicyear"],
        "la": ["la"],
        "child_id": ["lachildidanon"],
        "sex": ["gender", "sex"],
        "ethnicity": ["ethnicgroupminor", "ethnic"],
        "birth_year": ["yearofbirth"],
        "birth_month": ["monthofbirth"],
        "in_need": ["at31march"],
        "abuse": ["categoryofabuse"],
        "abuse_first": ["abusecatfirst"],
        "abuse_initial": ["initialcategoryofabuse"],
        "abuse_latest": ["latestcategoryofabuse"],
        "previous_plans": ["numberofpreviouscpp", "prevcpp"],
        "plan_start": ["cppstartdate"],
        "plan_end": ["cppenddate"],
        "nfa": ["referralnfa"],
        "referral_date": ["referraldate"],
        "closure_date": ["closuredate"],
        "closure_reason": ["reasonforclosure"],
        "age_start": ["agestartofcinperiod"],
    },
    CENSUS: _KEYS
    | {
        "year": ["academicyear", "acadyr"],
        "la": ["la"],
        "urn": ["urn"],
        "sex": ["gender", "sex"],
        "ethnicity": ["ethnicgroupminor"],
        "birth_year": ["yearofbirth"],
        "birth_month": ["monthofbirth"],
        "enrol_status": ["enrolstatus"],
        "on_roll": ["onroll"],
    },
    LINKS: dict(_KEYS),
    PRU: _KEYS
    | {
        "year": ["acadyr", "academicyear"],
        "sex": ["gender", "sex"],
        "ethnicity": ["ethnicgroupminor"],
        "birth_year": ["yearofbirth"],
        "birth_month": ["monthofbirth"],
    },
    # here only who is in them
    **{table: dict(_KEYS) for table in (AP, ABSENCE, EXCLUSIONS, KS2, KS4)},
}

RESPITE = {"V1", "V3", "V4"}
LEVEL_RANK = {
    "no_contact": 0,
    "referral_only": 1,
    "child_in_need": 2,
    "child_protection_plan": 3,
    "child_looked_after": 4,
}

_BOOLEAN, _INTEGER, _TEXT, _DATE = "boolean", "Int64", "string", "datetime64[us]"
EXPOSURE_COLUMNS = {
    "pupil_id": _TEXT,
    "social_care_level": _TEXT,
    "social_care_level_rank": _INTEGER,
    "ever_child_looked_after": _BOOLEAN,
    "has_respite_only": _BOOLEAN,
    "ever_unaccompanied_asylum_seeker": _BOOLEAN,
    "ever_child_protection_plan": _BOOLEAN,
    "cpp_by_category_of_abuse": _BOOLEAN,
    "cpp_by_previous_plans": _BOOLEAN,
    "cpp_by_plan_dates": _BOOLEAN,
    "cpp_methods_agree": _BOOLEAN,
    "ever_child_in_need": _BOOLEAN,
    "years_child_in_need": _INTEGER,
    "is_referral_only": _BOOLEAN,
    "has_referral_no_further_action": _BOOLEAN,
    "referral_only_agrees_with_nfa": _BOOLEAN,
    "first_care_date": _DATE,
    "last_care_date": _DATE,
    "n_care_episodes_observed": _INTEGER,
    "care_days_observed": _INTEGER,
    "first_category_of_need_code": _TEXT,
    "last_category_of_need_code": _TEXT,
    "cla_extract_shape": _TEXT,
    "cin_extract_shape": _TEXT,
    "n_childhood_years_cla_could_see": _INTEGER,
    "n_childhood_years_cin_could_see": _INTEGER,
}
PUPIL_COLUMNS = {
    "pupil_id": _TEXT,
    "sex_code": _TEXT,
    "has_sex_conflict": _BOOLEAN,
    "ethnicity_minor_code": _TEXT,
    "ethnicity_major_code": _TEXT,
    "has_ethnicity_conflict": _BOOLEAN,
    "birth_year": _INTEGER,
    "birth_month": _INTEGER,
    "has_birth_conflict": _BOOLEAN,
    "notional_birth_date": _DATE,
    "cohort_academic_year": _TEXT,
    "is_in_education_data": _BOOLEAN,
    "is_in_school_census": _BOOLEAN,
    "is_in_pru_census": _BOOLEAN,
    "is_in_ap_census": _BOOLEAN,
    "is_in_absence": _BOOLEAN,
    "is_in_exclusions": _BOOLEAN,
    "is_in_ks2": _BOOLEAN,
    "is_in_ks4": _BOOLEAN,
    "is_in_cla": _BOOLEAN,
    "is_in_cin": _BOOLEAN,
    "is_in_links": _BOOLEAN,
    "is_linked_to_offender": _BOOLEAN,
}
LEDGER_COLUMNS = {
    "source_table": _TEXT,
    "source_file": _TEXT,
    "rule": _TEXT,
    "n_rows": _INTEGER,
}


# --------------------------------------------------------------------------------------
# Reading the files
# --------------------------------------------------------------------------------------
def find_files(extract: Path) -> dict[str, list[Path]]:
    """Files of each table that is supplied.

    Definition: files lie in the folder itself and are known by the start of their name, in
    any letter case. A table with no file is not supplied and is absent from the answer.
    """
    found = defaultdict(list)
    for path in sorted(Path(extract).iterdir()):
        name = path.name.lower()
        extension = next((e for e in EXTENSIONS if name.endswith(e)), None)
        if extension is None or not path.is_file():
            continue
        stem = name[: -len(extension)]
        for table, starts in FILE_STARTS.items():
            if stem.startswith(starts):
                found[table].append(path)
    return dict(found)


def read_lines(path: Path) -> tuple[list[str], list[list[str]]]:
    """Header and rows of one file, as text; rows keep whatever number of fields they have.

    Definition: NULs are removed; UTF-8 with or without a byte order mark, else Latin-1; LF
    or CRLF; blank lines are skipped; tab where the header has a tab (no quoting), else
    comma (double quotes).
    """
    if path.name.lower().endswith(".parquet"):
        frame = pd.read_parquet(path, engine="pyarrow").astype(object)
        frame = frame.where(frame.notna(), "")
        rows = [[str(value) for value in values] for values in frame.itertuples(index=False)]
        return list(frame.columns), rows

    raw = path.read_bytes()
    if path.name.lower().endswith(".gz"):
        raw = gzip.decompress(raw)
    raw = raw.replace(b"\x00", b"")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    lines = [line for line in lines if line.strip(" ") != ""]
    if not lines:
        raise ValueError(f"{path.name} has no header line")

    def split(line: str) -> list[str]:
        return line.split("\t") if tab else next(csv.reader([line]))

    tab = "\t" in lines[0]
    return split(lines[0]), [split(line) for line in lines[1:]]


def plain_name(column: str, prefix: str) -> tuple[str, int]:
    """Column name without case, punctuation, table prefix and term suffix.

    Definition: `CLA_CLA_LA`, `cla_la` and `LA` are the same column, and so are
    `LA_SPR12` and `la`. The second value counts the prefixes removed, so that
    `CIN_CIN_LA` can be preferred to `CIN_LA`.
    """
    name = re.sub(r"[^0-9a-z]", "", column.lower())
    name = re.sub(r"(spr|plasc|ab|ex)\d\d$", "", name)
    n_prefixes = 0
    while prefix and name.startswith(prefix) and name != prefix:
        name = name[len(prefix) :]
        n_prefixes += 1
    return name, n_prefixes


def read_table(table: str, paths: list[Path], columns: dict[str, list[str]] | None = None) -> list[dict]:
    """All delivered rows of a table.

    Each row has the canonical columns of the table (trimmed text, blank = None), `file`,
    `malformed` and `all_values`, which is equal for two rows exactly where every delivered
    value is equal.

    Definition: a line whose number of fields differs from the header is malformed; blank =
    missing after trimming; several columns of one meaning: the first that has a value.
    """
    rows = []
    for path in paths:
        header, lines = read_lines(path)
        names = [plain_name(column, PREFIX.get(table, "")) for column in header]
        positions = {}
        meaning = [name for name, _ in names]
        for canonical, spellings in (columns or COLUMNS[table]).items():
            matches = [
                (spellings.index(name), -n_prefixes, i)
                for i, (name, n_prefixes) in enumerate(names)
                if name in spellings
            ]
            positions[canonical] = [i for _, _, i in sorted(matches)]
            for i in positions[canonical]:
                meaning[i] = canonical
        by_meaning = sorted(range(len(meaning)), key=lambda i: meaning[i])
        is_unique = len(set(meaning)) == len(meaning)
        for line in lines:
            row = {"file": path.name, "malformed": len(line) != len(header)}
            values = [] if row["malformed"] else [value.strip() or None for value in line]
            for canonical, where in positions.items():
                given = (values[i] for i in where if values and values[i] is not None)
                row[canonical] = next(given, None)
            told = [(meaning[i], values[i]) for i in by_meaning if values and values[i] is not None]
            row["all_values"] = tuple(told if is_unique else sorted(told))
            rows.append(row)
    return rows


# --------------------------------------------------------------------------------------
# Values
# --------------------------------------------------------------------------------------
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
_UNKNOWN_DATES = {date(1800, 1, 1), date(1900, 1, 1)}


@lru_cache(maxsize=None)
def to_date(text: str | None) -> date | None:
    """Definition, Values: the four ways a date is written, the two that mean unknown."""
    if text is None:
        return None
    clock = r"(?:[ T]\d{1,2}:\d{2}:\d{2}(?:\.\d+)?)?"
    if m := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})" + clock, text):
        year, month, day = m.groups()
    elif m := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
        day, month, year = m.groups()
    elif (m := re.fullmatch(r"(\d{1,2})([A-Za-z]{3})(\d{4})", text)) and m[2].upper() in _MONTHS:
        day, month, year = m[1], _MONTHS.index(m[2].upper()) + 1, m[3]
    else:
        return None
    try:
        value = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return None if value in _UNKNOWN_DATES else value


@lru_cache(maxsize=None)
def to_year(text: str | None) -> int | None:
    """Definition, Academic / return year: the year in which it ends; halves consecutive."""
    m = re.fullmatch(r"(\d{4})[/-]?(\d{4}|\d{2})", text or "")
    if not m:
        return None
    end = int(m[1]) + 1
    return end if m[2] in (f"{end:04d}", f"{end % 100:02d}") else None


@lru_cache(maxsize=None)
def year_of_file(name: str) -> int | None:
    """The one year in the name of a file. Definition, year of file: a blank year of a yearly file is the file's."""
    years = re.findall(r"_(20\d\d)(?!\d)", name)
    return int(years[0]) if len(years) == 1 else None


def to_flag(text: str | None) -> bool | None:
    """Definition, Values: flags."""
    if text is None:
        return None
    if text.lower() in {"1", "1.0", "true", "t", "y", "yes"}:
        return True
    if text.lower() in {"0", "0.0", "false", "f", "n", "no"}:
        return False
    return None


@lru_cache(maxsize=None)
def to_integer(text: str | None) -> int | None:
    """Definition, Values: `3` and `3.0` are 3, anything else is missing."""
    m = re.fullmatch(r"([+-]?\d+)(?:\.0+)?", text or "")
    return int(m[1]) if m else None


def to_birth(row: dict) -> tuple[int, int] | None:
    """Definition, Values: birth year 1970-2030 and month 1-12, both or neither."""
    year, month = to_integer(row["birth_year"]), to_integer(row["birth_month"])
    if year is None or month is None:
        return None
    return (year, month) if 1970 <= year <= 2030 and 1 <= month <= 12 else None


def _text(value) -> str | None:
    """A cell of a seed as trimmed, upper-cased text; None where empty."""
    return None if pd.isna(value) else str(value).strip().upper() or None


class Codes:
    """Recodes of raw codes.

    Definition, Values: codes are trimmed, upper-cased, freed of a decimal zero, then recoded; a
    recode to nothing makes the value missing; codes without a recode are kept.
    """

    def __init__(self, recodes: pd.DataFrame):
        if recodes["raw_value"].isna().any() or (recodes["raw_value"] == "").any():
            raise ValueError("a recode has no raw value: read the seed with keep_default_na=False")
        self.map = {
            (r.variable, _text(r.raw_value)): _text(r.code) for r in recodes.itertuples(index=False)
        }

    def __call__(self, variable: str, text: str | None) -> str | None:
        if text is None:
            return None
        code = text.strip().upper().removesuffix(".0")
        return self.map.get((variable, code), code)

    def sex(self, text: str | None) -> str | None:
        """Definition, Values: 1/M/MALE is M, 2/F/FEMALE is F, anything else is missing."""
        code = self("sex", text)
        return {"1": "M", "M": "M", "MALE": "M", "2": "F", "F": "F", "FEMALE": "F"}.get(code)


def group_of(lookup: pd.DataFrame) -> dict[str, str | None]:
    """Code -> group of a lookup with the columns code and group (or code_group)."""
    groups = lookup["group" if "group" in lookup.columns else "code_group"]
    return {
        _text(code): None if pd.isna(group) else str(group).strip() or None
        for code, group in zip(lookup["code"], groups)
    }


# --------------------------------------------------------------------------------------
# Childhood
# --------------------------------------------------------------------------------------
def end_of_return_year(year: int) -> date:
    """31 March that ends a return year."""
    return date(year, 3, 31)


def notional_birth(birth: tuple[int, int]) -> date:
    """Definition, Keys and time: the first of the birth month."""
    return date(birth[0], birth[1], 1)


def seven_months_before(birth: tuple[int, int]) -> date:
    """First day on which an event can belong to the childhood: birth - 7 calendar months."""
    months = birth[0] * 12 + (birth[1] - 1) - 7
    return date(months // 12, months % 12 + 1, 1)


def eighteenth_birthday(birth: tuple[int, int]) -> date:
    """Birth + 18 years."""
    return date(birth[0] + 18, birth[1], 1)


def childhood_years(years: Iterable[int], birth: tuple[int, int] | None) -> int | None:
    """Definition: return years Y in the source with birth <= 31 March Y < 18th birthday."""
    if birth is None:
        return None
    first, end = notional_birth(birth), eighteenth_birthday(birth)
    return sum(first <= end_of_return_year(year) < end for year in years)


# --------------------------------------------------------------------------------------
# Child keys and person attributes
# --------------------------------------------------------------------------------------
def add_child_keys(rows: list[dict]) -> None:
    """Give the well-formed rows of CLA or of CIN `pmr` (drawn down, and whether it is) and `child_key`.

    Definition, Child key and draw-down: LA child id = LA code of the id, else responsible
    LA, "-", local id. An LA child id with exactly one PMR gives it to its rows without one.
    A child key is ("pmr", ...) or ("la_child", ...), so the two can never be mixed up.
    """
    pmrs = defaultdict(set)
    for row in rows:
        la = row.get("child_la") or row["la"]
        known = la is not None and row["child_id"] is not None
        row["la_child_id"] = f"{la.upper().removesuffix('.0')}-{row['child_id']}" if known else None
        if known and row["pmr"] is not None:
            pmrs[row["la_child_id"]].add(row["pmr"])
    for row in rows:
        row["is_drawn_down"] = row["pmr"] is None and len(pmrs.get(row["la_child_id"], ())) == 1
        if row["is_drawn_down"]:
            (row["pmr"],) = pmrs[row["la_child_id"]]
        if row["pmr"] is not None:
            row["child_key"] = ("pmr", row["pmr"])
        elif row["la_child_id"] is not None:
            row["child_key"] = ("la_child", row["la_child_id"])
        else:
            row["child_key"] = None


def settle(votes: set[tuple], unclassified: Callable[[object], bool] = lambda value: False):
    """Winning value and conflict flag of one person's attribute.

    `votes` are the distinct (source table, year, value).

    Definition, Person attributes: most votes, then latest year, then smallest value;
    unclassified ethnicity wins only where there is no other and makes no conflict.
    """
    if not votes:
        return None, None
    classified = {vote for vote in votes if not unclassified(vote[2])}
    number, latest = Counter(), {}
    for _, year, value in classified or votes:
        number[value] += 1
        latest[value] = max(latest.get(value, 0), year or 0)
    winner = min(number, key=lambda value: (-number[value], -latest[value], value))
    return winner, len({value for _, _, value in classified}) > 1


def person_attributes(tables: dict[str, list[dict]], codes: Codes, unclassified) -> dict:
    """Child key -> {sex, ethnicity, birth: (value, conflict)}.

    Definition, Person attributes: one vote per source table, year and distinct value, over
    all well-formed rows of CLA, CIN, school and unit census that have the child key.
    """
    votes = {name: defaultdict(set) for name in ("sex", "ethnicity", "birth")}
    for table in (CLA, CIN, CENSUS, PRU):
        for row in tables.get(table, []):
            if row["malformed"] or row["child_key"] is None:
                continue
            values = {
                "sex": codes.sex(row["sex"]),
                "ethnicity": codes("ethnicity", row["ethnicity"]),
                "birth": to_birth(row),
            }
            for name, value in values.items():
                if value is not None:
                    votes[name][row["child_key"]].add((table, row["return_year"], value))
    keys = set().union(*votes.values())
    return {
        key: {
            "sex": settle(votes["sex"].get(key)),
            "ethnicity": settle(votes["ethnicity"].get(key), unclassified),
            "birth": settle(votes["birth"].get(key)),
        }
        for key in keys
    }


def mark_duplicates(rows: Iterable[dict]) -> None:
    """Definition: rows with all values equal to another row's; the first one is kept."""
    seen = set()
    for row in rows:
        if row["all_values"] in seen:
            row["rule"] = "exact_duplicate"
        seen.add(row["all_values"])


def remaining(rows: list[dict]) -> list[dict]:
    """Rows to which no rule has applied so far."""
    return [row for row in rows if row["rule"] is None]


# --------------------------------------------------------------------------------------
# CLA
# --------------------------------------------------------------------------------------
def clean_cla(rows: list[dict], codes: Codes, birth_of: Callable) -> dict[int, str]:
    """Set `rule` on each CLA row (None = cleaned episode); return the shape of each year.

    Definition, CLA rows: first rule that applies.
    """
    for row in rows:
        if row["malformed"]:
            row["rule"] = "malformed_row"
        elif row["return_year"] is None:
            row["rule"] = "no_return_year"
        elif row["child_key"] is None:
            row["rule"] = "no_child_key"
    mark_rows_in_fuller_files(rows, lambda row: codes("cla_reason_new_episode", row.get("reason_new")))

    for row in remaining(rows):
        row["legal_code"] = codes("cla_legal_status", row["legal_status"])
        row["reason_code"] = codes("cla_reason_ceased", row["reason"])
        row["placement_code"] = codes("cla_placement", row["placement"])
        row["need_code"] = codes("cla_category_of_need", row["need"])
        row["new_code"] = codes("cla_reason_new_episode", row.get("reason_new"))
        row["place_change_code"] = codes("cla_reason_place_change", row.get("place_change"))
        row["respite"] = row["legal_code"] in RESPITE
        set_care_dates(row, birth_of(row["child_key"]))
        if row["start_date"] is None:
            row["rule"] = "no_episode_start"
    mark_duplicates(remaining(rows))
    for row in remaining(rows):
        birth = birth_of(row["child_key"])
        if row["end_date"] < row["start_date"]:
            row["rule"] = "ends_before_start"
        elif not is_in_childhood(row["start_date"], birth):
            row["rule"] = "outside_childhood"

    shapes = shape_of_years(remaining(rows), "start_date")

    deliveries = defaultdict(list)
    for row in remaining(rows):
        deliveries[row["child_key"], row["start_date"]].append(row)
    for same_episode in deliveries.values():
        for row in sorted(same_episode, key=resent_order)[1:]:
            row["rule"] = "resent_episode"
    join_episodes_of_a_period(remaining(rows))
    by_child = defaultdict(list)
    for row in rows:
        if row["rule"] in (None, "resent_episode"):
            by_child[row["child_key"]].append(row)
    for of_child in by_child.values():
        starts = {day for row in of_child if (day := to_date(row["poc_start"])) and day <= end_of_return_year(min(shapes) - 1)}
        for row in of_child:
            row["running_period"] = max((day for day in starts if day <= row["start_date"]), default=None)
    return shapes


def is_in_childhood(day: date, birth: tuple[int, int] | None) -> bool:
    """Definition, childhood: seven months before birth to the day before the 18th birthday; everything where no birth is known."""
    return birth is None or seven_months_before(birth) <= day < eighteenth_birthday(birth)


def mark_rows_in_fuller_files(rows: list[dict], full: Callable) -> None:
    """Definition, mixed extract: a row of a file that holds last episodes only gives way to another file's rows of the child and year.

    Args:
        full: what only a delivery of every episode gives on a row, or None.
    """
    files = defaultdict(bool)
    for row in rows:
        if not row["malformed"] and row["return_year"] is not None:
            files[row["file"], row["return_year"]] |= full(row) is not None
    fuller = {(row["child_key"], row["return_year"]) for row in remaining(rows) if files[row["file"], row["return_year"]]}
    mixed = {year for (_, year), is_full in files.items() if is_full} & {year for (_, year), is_full in files.items() if not is_full}
    for row in remaining(rows):
        row["lesser"] = row["return_year"] in mixed and not files[row["file"], row["return_year"]]
        if not files[row["file"], row["return_year"]] and (row["child_key"], row["return_year"]) in fuller:
            row["rule"] = "in_fuller_file"


def set_care_dates(row: dict, birth: tuple[int, int] | None) -> None:
    """Set `start_date`, `end_date`, `is_open`, `is_end_cut`, `is_start_of_period` and `is_end_of_period`.

    Definition, open: reason -10 whatever the end date says, or no end date; it runs to the 31 March of the row's return year. A return cannot know
    of an end after its own year. Definition, repairs: an episode that starts a period of care (S) and whose start is missing or cannot be takes the
    period's; a closed one whose end is missing or lies before its start ends with the period, as long as the return says it has lasted.
    """
    last_day = end_of_return_year(row["return_year"])
    period, days = to_date(row["poc_start"]), to_integer(row.get("poc_length"))
    start, end = to_date(row["start"]), None if row["reason_code"] == "-10" else to_date(row["end"])
    if row["new_code"] == "S" and period is not None and period <= (end or last_day) and is_in_childhood(period, birth):
        if start is None or start > (end or last_day) or not is_in_childhood(start, birth):
            start = period
    row["is_start_of_period"] = start != to_date(row["start"])
    row["start_date"], row["is_open"], row["is_end_of_period"], row["is_joined"] = start, end is None, False, False
    if start is not None and period is not None and days is not None and 0 <= days <= 366 * 19 and row["reason_code"] not in (None, "-10"):
        reached = period + timedelta(days=days)
        if (end is None or end < start) and period <= start <= reached:
            end, row["is_open"], row["is_end_of_period"] = reached, False, True
    row["is_end_cut"] = end is not None and end > last_day
    row["end_date"] = min(end or last_day, last_day)


def join_episodes_of_a_period(rows: list[dict]) -> None:
    """Definition, repairs: an episode of care that another of its period continues ends where that begins, unless its own end lies later or a later
    return still has it open."""
    of_children = defaultdict(list)
    for row in rows:
        if not row["respite"]:
            of_children[row["child_key"]].append(row)
    for episodes in of_children.values():
        episodes.sort(key=lambda row: row["start_date"])
        for row, after in zip(episodes, episodes[1:]):
            period = to_date(after["poc_start"])
            same = period <= row["start_date"] if period is not None else row["reason_code"] == "X1"
            goes_on = row["reason_code"] in (None, "X1", "-10") and after["new_code"] not in (None, "S") and same
            no_end = (row["is_open"] or row["is_end_of_period"]) and after["return_year"] >= row["return_year"]
            if goes_on and (row["end_date"] < after["start_date"] or no_end):
                row["is_open"], row["is_end_cut"], row["is_end_of_period"] = False, False, False
                row["end_date"], row["is_joined"] = after["start_date"], True


def resent_order(row: dict) -> tuple:
    """Sort key that puts the delivery to keep first.

    Definition, rule 8: latest return year; not respite; latest end; smallest placement,
    legal status, reason and need code, missing last. The period-of-care start (earliest,
    missing last) is added so that the choice never depends on the order of rows.
    """

    def missing_last(value):
        return (value is None, "" if value is None else value)

    poc_start = to_date(row["poc_start"])
    return (
        -row["return_year"],
        row["respite"],
        -row["end_date"].toordinal(),
        missing_last(row["placement_code"]),
        missing_last(row["legal_code"]),
        missing_last(row["reason_code"]),
        missing_last(row["need_code"]),
        poc_start is None,
        poc_start or date.min,
    )


def shape_of_years(rows: list[dict], column: str) -> dict[int, str]:
    """Return year -> `all_episodes` or `last_episode_per_year`.

    Definition, Shape of a return year: all episodes if at least 1 % of the child keys in
    it have two or more distinct dates (CLA episode starts, CIN referral dates) in it.
    """
    dates = defaultdict(lambda: defaultdict(set))
    for row in rows:
        of_child = dates[row["return_year"]][row["child_key"]]
        if row[column] is not None:
            of_child.add(row[column])
    shapes = {}
    for year, children in dates.items():
        n_several = sum(len(values) >= 2 for values in children.values())
        several = n_several * 100 >= len(children)
        shapes[year] = "all_episodes" if several else "last_episode_per_year"
    return shapes


def cin_shapes(rows: list[dict]) -> dict[int, str]:
    """Return year -> shape, of CIN.

    Definition: all episodes where at least half of the year's children have a referral date and
    at least 1 % of the child-years of all such years together have two or more distinct ones.
    """
    dates = defaultdict(set)
    for row in rows:
        of_child = dates[row["return_year"], row["child_key"]]
        if row["referral"] is not None:
            of_child.add(row["referral"])
    dated = {
        year for year in {year for year, _ in dates}
        if 2 * sum(bool(found) for (of, _), found in dates.items() if of == year) >= sum(of == year for of, _ in dates)
    }  # fmt: skip
    found_in_dated = [found for (year, _), found in dates.items() if year in dated]
    several = 100 * sum(len(found) >= 2 for found in found_in_dated) >= len(found_in_dated)
    shapes = {year: "all_episodes" if several and year in dated else "last_episode_per_year" for year, _ in dates}
    return shapes


def shape_of_extract(shapes: dict[int, str]) -> str | None:
    """Definition: the shape of its years if they agree, else `mixed`."""
    kinds = set(shapes.values())
    return "mixed" if len(kinds) > 1 else next(iter(kinds), None)


def care_interval(row: dict, shapes: dict[int, str], birth: tuple[int, int] | None) -> tuple[date, date]:
    """Definition, care interval of a cleaned episode: [start, end).

    It starts with the period of care where earlier episodes of the period were not delivered: in a
    year of last episodes, and where it ran before the first return without having begun the period;
    then of the starts before the first return that the child's rows give, re-sent ones too, the
    latest on or before the episode's own counts.
    """
    start, end = row["start_date"], row["end_date"]
    last_only = row["lesser"] or shapes[row["return_year"]] == "last_episode_per_year"
    ran_before = row["new_code"] != "S" and start <= end_of_return_year(min(shapes) - 1)
    for told, poc_start in ((last_only, to_date(row["poc_start"])), (ran_before, row["running_period"])):
        if told and poc_start and poc_start <= start and (birth is None or poc_start >= seven_months_before(birth)):
            start = poc_start
            break
    if birth is not None:
        end = min(end, eighteenth_birthday(birth))
    return start, end


def care_spells(intervals: list[tuple[date, date]], max_gap_days: int) -> list[tuple[date, date]]:
    """Definition, care spells: united when the next starts on or before end + max_gap_days."""
    spells: list[tuple[date, date]] = []
    for start, end in sorted(intervals):
        if spells and start <= spells[-1][1] + timedelta(days=max_gap_days):
            spells[-1] = (spells[-1][0], max(spells[-1][1], end))
        else:
            spells.append((start, end))
    return spells


def care_summary(
    episodes: list[dict],
    shapes: dict[int, str],
    birth: tuple[int, int] | None,
    count_respite_as_care: bool,
    max_gap_days: int,
    has_asylum_flags: bool,
) -> dict:
    """CLA columns of one pupil from the cleaned episodes.

    Definition, CLA: ever looked after, respite only, spells, days and category of need.
    Without care episodes: flags false, count 0, days, dates and codes missing.
    Definition, asylum seeker: as any episode says; missing if all leave it blank, and for all if no pupil's episode tells.
    """
    episodes = sorted(episodes, key=lambda row: row["start_date"])
    care = [row for row in episodes if count_respite_as_care or not row["respite"]]
    spells = care_spells(
        [care_interval(row, shapes, birth) for row in care], max_gap_days
    )
    needs = [row["need_code"] for row in care if row["need_code"] is not None]
    told = [flag for row in episodes if (flag := to_flag(row.get("asylum"))) is not None]
    return {
        "ever_child_looked_after": bool(care),
        "has_respite_only": bool(episodes) and all(row["respite"] for row in episodes),
        "ever_unaccompanied_asylum_seeker": any(told) if told or not episodes and has_asylum_flags else None,
        "first_care_date": min(start for start, _ in spells) if spells else None,
        "last_care_date": max(end for _, end in spells) if spells else None,
        "n_care_episodes_observed": len(care),
        "care_days_observed": sum((e - s).days for s, e in spells) if spells else None,
        "first_category_of_need_code": needs[0] if needs else None,
        "last_category_of_need_code": needs[-1] if needs else None,
    }


# --------------------------------------------------------------------------------------
# CIN
# --------------------------------------------------------------------------------------
def clean_cin(rows: list[dict], codes: Codes, birth_of: Callable) -> dict[int, str]:
    """Set `rule` on each CIN row (None = used); return the shape of each year.

    Definition, CIN rows: first rule that applies.
    """
    for row in rows:
        if row["malformed"]:
            row["rule"] = "malformed_row"
        elif row["return_year"] is None:
            row["rule"] = "no_return_year"
        elif row["child_key"] is None:
            row["rule"] = "no_child_key"
    mark_rows_in_fuller_files(rows, lambda row: to_date(row["referral_date"]))
    mark_duplicates(remaining(rows))
    for row in remaining(rows):
        row["referral"] = to_date(row["referral_date"])
        birth = birth_of(row["child_key"])
        # a referral after the return's own year, or before the child could be known, is a wrong date
        if row["referral"] and (row["referral"] > end_of_return_year(row["return_year"]) or (birth and row["referral"] < seven_months_before(birth))):
            row["referral"] = None
        row["any_abuse_category"] = any(
            codes("cin_category_of_abuse", row[column]) is not None
            for column in ("abuse", "abuse_first", "abuse_initial", "abuse_latest")
        )
        if is_outside_childhood(row, birth_of(row["child_key"])):
            row["rule"] = "outside_childhood"
        # a plan from the 18th birthday on is none of childhood, unless its start cannot be right
        plan_start = to_date(row["plan_start"])
        if plan_start and birth and eighteenth_birthday(birth) <= plan_start <= end_of_return_year(row["return_year"]):
            row["plan_start"] = row["plan_end"] = None
            row["any_abuse_category"] = False
    return cin_shapes(remaining(rows))


def is_outside_childhood(row: dict, birth: tuple[int, int] | None) -> bool:
    """Definition, CIN rule 5; a return after childhood still tells of a referral that lies in it."""
    if birth is None:
        age = to_integer(row["age_start"])
        return age is not None and age >= 18
    first, end = seven_months_before(birth), eighteenth_birthday(birth)
    year = row["return_year"]
    return (
        (row["referral"] is not None and row["referral"] >= end)
        or end_of_return_year(year) < first
        or (date(year - 1, 4, 1) >= end and row["referral"] is None)
    )


def cin_summary(rows: list[dict], birth: tuple[int, int] | None, has_plan_dates: bool) -> dict:
    """CIN columns of one pupil from the used rows.

    Definition, CIN: in need on a 31 March of the childhood; child protection plan by
    methods A (abuse category), B (previous plans) and C (plan dates; missing for everybody
    where the extract has no plan date at all); no further action.
    """
    years_in_need = {
        row["return_year"]
        for row in rows
        if to_flag(row["in_need"])
        and (birth is None or end_of_return_year(row["return_year"]) < eighteenth_birthday(birth))
    }
    method_a = any(row["any_abuse_category"] for row in rows)
    method_b = any((to_integer(row["previous_plans"]) or 0) >= 1 for row in rows)
    method_c = any(has_plan_date(row) for row in rows) if has_plan_dates else None
    return {
        "ever_child_protection_plan": bool(method_a or method_b or method_c),
        "cpp_by_category_of_abuse": method_a,
        "cpp_by_previous_plans": method_b,
        "cpp_by_plan_dates": method_c,
        "cpp_methods_agree": method_a == method_b if rows else None,
        "ever_child_in_need": bool(years_in_need),
        "years_child_in_need": len(years_in_need),
        "has_referral_no_further_action": any(to_flag(row["nfa"]) for row in rows),
    }


def has_plan_date(row: dict) -> bool:
    """Definition, CPP C: a plan start or end date that can be read."""
    return to_date(row["plan_start"]) is not None or to_date(row["plan_end"]) is not None


# --------------------------------------------------------------------------------------
# School census and links
# --------------------------------------------------------------------------------------
def clean_census(rows: list[dict]) -> None:
    """Set `rule` on each census row (None = main registration of its pupil-year).

    Definition: malformed, no year, no pupil, exact duplicate, other registration; main
    registration = one whose roll the pupil has not left, then status C or M, then blank, then
    others, S last; then smallest LA code, smallest URN, missing last.
    """
    for row in rows:
        if row["malformed"]:
            row["rule"] = "malformed_row"
        elif row["return_year"] is None:
            row["rule"] = "no_return_year"
        elif row["pmr"] is None:
            row["rule"] = "no_pupil_id"
    mark_duplicates(remaining(rows))

    def order(row):
        status = (row["enrol_status"] or "").upper()
        status_rank = {"C": 0, "M": 0, "": 1, "S": 3}.get(status, 2)
        return (
            to_flag(row.get("on_roll")) is False,
            status_rank,
            row["la"] is None,
            (row["la"] or "").upper(),
            row["urn"] is None,
            row["urn"] or "",
        )

    registrations = defaultdict(list)
    for row in remaining(rows):
        registrations[row["pmr"], row["return_year"]].append(row)
    for of_pupil_year in registrations.values():
        for row in sorted(of_pupil_year, key=order)[1:]:
            row["rule"] = "other_registration"


def clean_links(rows: list[dict]) -> None:
    """Set `rule` on each link row: malformed, an identifier missing, exact duplicate."""
    for row in rows:
        if row["malformed"]:
            row["rule"] = "malformed_row"
        elif row["pmr"] is None or row["moj_uid"] is None:
            row["rule"] = "no_identifier"
    mark_duplicates(remaining(rows))


def cohort_end(birth: tuple[int, int]) -> int:
    """End of the academic year (1 September to 31 August) of birth."""
    year, month = birth
    return year + 1 if month >= 9 else year


# --------------------------------------------------------------------------------------
# The marts
# --------------------------------------------------------------------------------------
def social_care_level(
    care: dict | None, cin: dict | None, has_cin_rows: bool, is_pupil: bool
) -> str | None:
    """Definition, level: highest level ever; None where it cannot be known.

    CLA not supplied: unknown. CIN not supplied: unknown unless looked after. No contact only
    for pupils that some education table holds.
    """
    if care is None:
        return None
    if care["ever_child_looked_after"]:
        return "child_looked_after"
    if cin is None:
        return None
    if cin["ever_child_protection_plan"]:
        return "child_protection_plan"
    if cin["ever_child_in_need"]:
        return "child_in_need"
    if has_cin_rows:
        return "referral_only"
    return "no_contact" if is_pupil else None


def build_frame(records: list[dict], columns: dict[str, str], order: list[str]) -> pd.DataFrame:
    """Records as a frame of exactly these columns, types and order of rows."""
    frame = pd.DataFrame(
        {
            name: pd.Series([record.get(name) for record in records], dtype=object).astype(dtype)
            for name, dtype in columns.items()
        }
    )
    return frame.sort_values(order, ignore_index=True)


def by_pupil(rows: Iterable[dict]) -> dict[str, list[dict]]:
    """Rows with a PMR, by PMR."""
    groups = defaultdict(list)
    for row in rows:
        if row["pmr"] is not None:
            groups[row["pmr"]].append(row)
    return groups


def recompute(
    extract: Path,
    *,
    recodes: pd.DataFrame,
    ethnicity: pd.DataFrame,
    count_respite_as_care: bool = False,
    max_gap_days: int = 0,
) -> dict[str, pd.DataFrame]:
    """`pupils`, `social_care_exposures` (one row per pupil) and `ledger` of an extract.

    `recodes` has the columns variable, raw_value, code; `ethnicity` has code and group
    (or code_group). Read them with `dtype=str, keep_default_na=False`, because `NA`
    and `None` are raw values here. The frames use nullable types: string, boolean, Int64,
    datetime64.
    """
    codes = Codes(recodes)
    ethnic_group = group_of(ethnicity)
    tables = {table: read_table(table, paths) for table, paths in find_files(extract).items()}

    # Keys and years of all rows, then the attributes that need them.
    for table, rows in tables.items():
        for row in rows:
            row["rule"] = None
            row["return_year"] = to_year(row.get("year"))
            if table == CENSUS and row["year"] is None:
                row["return_year"] = year_of_file(row["file"])
        if table in (CLA, CIN):
            add_child_keys([row for row in rows if not row["malformed"]])
        else:
            for row in rows:
                row["child_key"] = None if row["pmr"] is None else ("pmr", row["pmr"])
    attributes = person_attributes(
        tables, codes, unclassified=lambda code: ethnic_group.get(code) == "UNCL"
    )

    def birth_of(child_key):
        return attributes[child_key]["birth"][0] if child_key in attributes else None

    # First rule that applies, table by table.
    cla, cin = tables.get(CLA, []), tables.get(CIN, [])
    census, links = tables.get(CENSUS, []), tables.get(LINKS, [])
    cla_shapes = clean_cla(cla, codes, birth_of)
    cin_shapes = clean_cin(cin, codes, birth_of)
    clean_census(census)
    clean_links(links)

    # Well-formed rows say who is in a table; cleaned rows say what happened.
    well_formed = {
        table: [row for row in tables.get(table, []) if not row["malformed"]]
        for table in FILE_STARTS
    }
    rows_of = {table: by_pupil(rows) for table, rows in well_formed.items()}
    episodes_of, cin_rows_of = by_pupil(remaining(cla)), by_pupil(remaining(cin))
    years_in = {
        table: {r["return_year"] for r in well_formed[table]} - {None} for table in (CLA, CIN)
    }
    has_plan_dates = any(has_plan_date(row) for row in well_formed[CIN])
    has_asylum_flags = any(to_flag(row.get("asylum")) is not None for rows in episodes_of.values() for row in rows)

    # Rows of the Police National Computer carry both keys too.
    police_files = [path for path in sorted(Path(extract).iterdir()) if path.name.lower().startswith("pnc_")]
    police_rows = read_table("pnc.offences", police_files, _KEYS)
    of_police_record = {row["pmr"] for row in police_rows if not row["malformed"] and row["moj_uid"] is not None and row["pmr"] is not None}

    pupils, exposures = [], []
    for pupil_id in sorted(set().union(*rows_of.values())):
        unknown = {"sex": (None, None), "ethnicity": (None, None), "birth": (None, None)}
        person = attributes.get(("pmr", pupil_id), unknown)
        birth, birth_conflict = person["birth"]
        pupils.append(
            {
                "pupil_id": pupil_id,
                "sex_code": person["sex"][0],
                "has_sex_conflict": person["sex"][1],
                "ethnicity_minor_code": person["ethnicity"][0],
                "ethnicity_major_code": ethnic_group.get(person["ethnicity"][0]),
                "has_ethnicity_conflict": person["ethnicity"][1],
                "birth_year": birth and birth[0],
                "birth_month": birth and birth[1],
                "has_birth_conflict": birth_conflict,
                "notional_birth_date": birth and notional_birth(birth),
                "cohort_academic_year": birth and f"{cohort_end(birth) - 1}/{cohort_end(birth)}",
                "is_in_education_data": any(pupil_id in rows_of[table] for table in EDUCATION)
                if set(tables) & set(EDUCATION)
                else None,
                **{
                    column: pupil_id in rows_of[table] if table in tables else None
                    for column, table in {
                        "is_in_school_census": CENSUS,
                        "is_in_pru_census": PRU,
                        "is_in_ap_census": AP,
                        "is_in_absence": ABSENCE,
                        "is_in_exclusions": EXCLUSIONS,
                        "is_in_ks2": KS2,
                        "is_in_ks4": KS4,
                        "is_in_cla": CLA,
                        "is_in_cin": CIN,
                        "is_in_links": LINKS,
                    }.items()
                },
                "is_linked_to_offender": pupil_id in of_police_record or is_linked(pupil_id, rows_of, LINKS in tables),
            }
        )

        used_cin = cin_rows_of.get(pupil_id, [])
        care = in_need = None
        if CLA in tables:
            care = care_summary(
                episodes_of.get(pupil_id, []),
                cla_shapes,
                birth,
                count_respite_as_care,
                max_gap_days,
                has_asylum_flags,
            )
        if CIN in tables:
            in_need = cin_summary(used_cin, birth, has_plan_dates)
        is_pupil = any(pupil_id in rows_of[table] for table in EDUCATION)
        level = social_care_level(care, in_need, bool(used_cin), is_pupil)
        exposures.append(
            {
                "pupil_id": pupil_id,
                "social_care_level": level,
                "social_care_level_rank": LEVEL_RANK.get(level),
                **(care or {}),
                **(in_need or {}),
                "is_referral_only": None if level is None else level == "referral_only",
                "referral_only_agrees_with_nfa": in_need["has_referral_no_further_action"]
                if level == "referral_only"
                else None,
                "cla_extract_shape": shape_of_extract(cla_shapes),
                "cin_extract_shape": shape_of_extract(cin_shapes),
                "n_childhood_years_cla_could_see": childhood_years(years_in[CLA], birth)
                if CLA in tables
                else None,
                "n_childhood_years_cin_could_see": childhood_years(years_in[CIN], birth)
                if CIN in tables
                else None,
            }
        )
    return {
        "pupils": build_frame(pupils, PUPIL_COLUMNS, ["pupil_id"]),
        "social_care_exposures": build_frame(exposures, EXPOSURE_COLUMNS, ["pupil_id"]),
        "ledger": ledger(tables),
    }


def is_linked(pupil_id: str, rows_of: dict, links_supplied: bool) -> bool | None:
    """Definition, is_linked_to_offender: a MoJUID on any row of the pupil."""
    for of_pupil in rows_of.values():
        if any(row["moj_uid"] is not None for row in of_pupil.get(pupil_id, [])):
            return True
    return False if links_supplied else None


def ledger(tables: dict[str, list[dict]]) -> pd.DataFrame:
    """Number of rows per table, file and first rule that applied.

    Definition: `used` where none did; used CLA and CIN rows of a child without a PMR are
    `unlinked`.
    """
    counts = Counter()
    for table in (CLA, CIN, CENSUS, LINKS):
        for row in tables.get(table, []):
            rule = row["rule"]
            if rule is None:
                unlinked = table in (CLA, CIN) and row["pmr"] is None
                rule = "unlinked" if unlinked else "used"
            counts[table, row["file"], rule] += 1
    records = [
        {"source_table": table, "source_file": file, "rule": rule, "n_rows": n}
        for (table, file, rule), n in counts.items()
    ]
    return build_frame(records, LEDGER_COLUMNS, ["source_table", "source_file", "rule"])
