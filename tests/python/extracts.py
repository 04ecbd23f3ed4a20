"""Small hand-made extracts for tests: a few rows of each table, in the forms that deliveries take."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pandas as pd

CLA_COLUMNS = (
    "MoJUID", "CLA_PupilMatchingRefAnonymous", "CLA_ACADYR", "CLA_CLA_LA", "CLA_POC_START", "CLA_CAT_NEED",
    "CLA_DATE_EPI_COMM", "CLA_DATE_EPI_CEASED", "CLA_LEGAL_STATUS", "CLA_PLACEMENT", "CLA_REC",
)  # fmt: skip
CIN_COLUMNS = (
    "mo_juid", "cin_pupil_matching_ref_anonymous", "cin_acadyr", "cin_cin_at31march", "cin_category_of_abuse",
    "cin_number_of_previous_cpp", "cin_primary_need_code", "cin_referral_nfa", "cin_reason_for_closure",
)  # fmt: skip
CENSUS_COLUMNS = (
    "PupilMatchingRefAnonymous_SPR12", "AcademicYear_SPR12", "LA_SPR12", "URN_SPR12", "Gender_SPR12",
    "YearOfBirth_SPR12", "MonthOfBirth_SPR12", "EthnicGroupMinor_SPR12", "FSMeligible_SPR12", "SENprovision_SPR12",
    "EnrolStatus_SPR12",
)  # fmt: skip
LINK_COLUMNS = ("MoJUID", "PupilMatchingRefAnonymous")

# A value that would give away a row if it ever stood in a message.
MARKER = "PUPIL7SECRET"


def cla_rows(n: int = 40) -> list[list[str]]:
    """One closed care episode for each of n pupils, the first of them the marker."""
    return [
        ["", _pupil(i), "2011/2012", "330", "2011-05-01", "N1", "2011-05-01", "2011-11-01", "C2", "Q2", "E8"] for i in range(n)
    ]  # fmt: skip


def cin_rows(n: int = 40) -> list[list[str]]:
    """One referral, in need on 31 March, for each of n pupils."""
    return [["", _pupil(i), "2011/2012", "1", "", "0", "N1", "0", "RC7"] for i in range(n)]


def census_rows(n: int = 60) -> list[list[str]]:
    """One registration in 2012 for each of n pupils, born in May 2000."""
    return [
        [_pupil(i), "2011/2012", "330", str(100000 + i), "F", "2000", "5", "WBRI", "0", "N", "C"] for i in range(n)
    ]  # fmt: skip


def _pupil(i: int) -> str:
    return MARKER if i == 0 else f"P{i:04d}"


def text(columns: tuple[str, ...] | list[str], rows: list[list[str]], delimiter: str = "\t", newline: str = "\n") -> str:
    """The file's text: a header line, then a line a row."""
    return "".join(delimiter.join(line) + newline for line in [list(columns), *rows])


def write(folder: Path, **files: str | bytes) -> Path:
    """Write files into a folder, each given by its name with two underscores for the dot."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def whole(folder: Path) -> Path:
    """A small extract with every table, in its plainest form."""
    return write(
        folder,
        CLA_2006_to_2018__txt=text(CLA_COLUMNS, cla_rows()),
        CIN_2009_to_2017__txt=text(CIN_COLUMNS, cin_rows()),
        Spring_Census_2012__txt=text(CENSUS_COLUMNS, census_rows()),
        MoJ_DfE_Link__txt=text(LINK_COLUMNS, [["M1", "P0001"], ["M2", "P0002"]]),
    )


def quoted(rows: list[list[str]]) -> list[list[str]]:
    return [[f'"{value}"' for value in row] for row in rows]


def shuffled(columns: tuple[str, ...], rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    order = random.Random(1).sample(range(len(columns)), len(columns))
    return [columns[i] for i in order], [[row[i] for i in order] for row in rows]


# The forms of one and the same CLA file: its name and its bytes.
BLANKS = [[value or "  " for value in row] for row in cla_rows()]
LAST_FIRST = [row[::-1] for row in cla_rows()]  # the first column is not blank
# A no-break space behind every name and value and a line of nothing else.
NO_BREAK_COLUMNS = [name + "\xa0" for name in CLA_COLUMNS]
NO_BREAK = [["\xa0"], *([value + "\xa0" for value in row] for row in cla_rows())]
CLEAN_NAMES = (
    "mo_juid", "cla_pupil_matching_ref_anonymous", "cla_acadyr", "cla_cla_la", "cla_poc_start", "cla_cat_need",
    "cla_date_epi_comm", "cla_date_epi_ceased", "cla_legal_status", "cla_placement", "cla_rec",
)  # fmt: skip
NO_PREFIX = [name.replace("CLA_CLA_", "").replace("CLA_", "").lower() for name in CLA_COLUMNS]
FORMS = {
    "comma": ("CLA_2006_to_2018.csv", text(CLA_COLUMNS, cla_rows(), ",").encode()),
    "comma in a .txt": ("CLA_2006_to_2018.txt", text(CLA_COLUMNS, cla_rows(), ",").encode()),
    "quoted comma": ("CLA_2006_to_2018.csv", text(quoted([list(CLA_COLUMNS)])[0], quoted(cla_rows()), ",").encode()),
    "quoted tab": ("CLA_2006_to_2018.txt", text(quoted([list(CLA_COLUMNS)])[0], quoted(cla_rows())).encode()),
    "gz": ("CLA_2006_to_2018.txt.gz", gzip.compress(text(CLA_COLUMNS, cla_rows()).encode())),
    "upper-case extension": ("CLA_2006_TO_2018.TXT", text(CLA_COLUMNS, cla_rows()).encode()),
    "CRLF": ("CLA_2006_to_2018.txt", text(CLA_COLUMNS, cla_rows(), newline="\r\n").encode()),
    "CRLF and blank lines": ("CLA_2006_to_2018.txt", text(CLA_COLUMNS, cla_rows(), newline="\r\n\r\n").encode()),
    "CR": ("CLA_2006_to_2018.txt", text(CLA_COLUMNS[::-1], LAST_FIRST, newline="\r").encode()),
    "CR CR LF": ("CLA_2006_to_2018.txt", text(CLA_COLUMNS[::-1], LAST_FIRST, newline="\r\r\n").encode()),
    "CRLF and a CR alone": ("CLA_2006_to_2018.txt", text(CLA_COLUMNS[::-1], LAST_FIRST, newline="\r\n").replace("\r\n", "\r", 3).replace("\r", "\r\n", 1).encode()),
    "no newline at the end": ("CLA_2006_to_2018.txt", text(CLA_COLUMNS, cla_rows()).rstrip("\n").encode()),
    "BOM": ("CLA_2006_to_2018.txt", b"\xef\xbb\xbf" + text(CLA_COLUMNS, cla_rows()).encode()),
    "NUL bytes": ("CLA_2006_to_2018.txt", text(CLA_COLUMNS, [[*r[:8], r[8] + "\0", *r[9:]] for r in cla_rows()]).encode()),
    "spaces for blanks": ("CLA_2006_to_2018.txt", text(CLA_COLUMNS, BLANKS).encode()),
    "Latin-1": ("CLA_2006_to_2018.txt", text([*CLA_COLUMNS, "note"], [[*r, "caf\xe9"] for r in cla_rows()]).encode("latin-1")),
    "UTF-8": ("CLA_2006_to_2018.txt", text([*CLA_COLUMNS, "note"], [[*r, "caf\xe9"] for r in cla_rows()]).encode()),
    "no-break spaces, Latin-1": ("CLA_2006_to_2018.txt", text(NO_BREAK_COLUMNS, NO_BREAK).encode("latin-1")),
    "no-break spaces, UTF-8": ("CLA_2006_to_2018.txt", text(NO_BREAK_COLUMNS, NO_BREAK).encode()),
    "a stray quote": ("CLA_2006_to_2018.txt", text([*CLA_COLUMNS, "note"], [[*r, '5" tall'] for r in cla_rows()]).encode()),
    "any column order": ("CLA_2006_to_2018.txt", text(*shuffled(CLA_COLUMNS, cla_rows())).encode()),
    "upper-case names": ("CLA_2006_to_2018.txt", text([n.upper() for n in CLA_COLUMNS], cla_rows()).encode()),
    "clean_names": ("CLA_2006_to_2018.txt", text(CLEAN_NAMES, cla_rows()).encode()),
    "no prefix": ("CLA_Data_Supplied.txt", text(NO_PREFIX, cla_rows()).encode()),
}  # fmt: skip

# Moments with a time zone: midnights and the last second of days in England, one that stands for unknown; and their days.
MOMENTS = [
    pd.Timestamp(text, tz=zone).tz_convert("UTC").as_unit("us")
    for text, zone in (
        ("1800-01-01", "UTC"), ("2011-09-03", "Europe/London"), ("2011-09-03 23:59:59", "Europe/London"),
        ("2011-12-03", "Europe/London"), ("2011-05-01", "UTC"),
    )
]  # fmt: skip
DAYS = ["2011-05-01", "2011-09-03", "2011-09-03", "2011-12-03"]
