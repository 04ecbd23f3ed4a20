"""How each file of a share is delivered: its name, its form, the order and spelling of its columns, the order of its rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .columns import LONG_YEARS, delivered_names
from .dirt import LATIN_1_YEAR, MALFORMED_CENSUS_YEARS, MALFORMED_TABLES
from .reporting import FIRST, Share
from .tables import Rows

FORMATS = ("txt", "txt.gz", "parquet")


def snake_case(name: str) -> str:
    """The name as R's `janitor::clean_names` leaves it: FSMeligible_SPR17 becomes fs_meligible_spr17."""
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


@dataclass(frozen=True)
class Form:
    """How one file looks. `respell` changes the spelling of its column names, `shuffled` their order."""

    suffix: str = ".txt.gz"
    delimiter: str = "\t"
    newline: str = "\n"
    bom: bool = False
    encoding: str = "utf-8"
    shuffled: bool = False
    respell: Callable[[str], str] = str


@dataclass(frozen=True)
class File:
    """One file of a share: the table it holds, the years of its rows, the year that its columns follow (0: all years), name and form."""

    table: str
    years: tuple[int, int]
    year: int
    name: str
    form: Form
    breaks_lines: bool = False

    @property
    def full_name(self) -> str:
        """Name with its suffix."""
        return self.name + self.form.suffix


# Files that hold all years, by share; and, of the yearly ones, those that do not arrive as compressed, tab-delimited text in the usual order.
CARE_FILES = {
    (FIRST.name, "cla"): ("CLA_2006_to_2018", Form(".txt")),
    (FIRST.name, "cin"): ("CIN_08-09_to_16-17", Form(".txt.gz", newline="\r\n")),
    (FIRST.name, "link"): ("MoJ_DfE_Link", Form(".txt")),
    ("all-episodes", "cla"): ("CLA_Data_Supplied", Form(".txt.gz")),
    ("all-episodes", "cin"): ("CIN_2009_to_2021", Form(".csv.gz", delimiter=",")),
    ("all-episodes", "link"): ("MoJ_DfE_Link", Form(".csv", delimiter=",")),
}
CENSUS_FORMS = {
    2002: Form(".txt", newline="\r\n", bom=True),
    2003: Form(".csv", delimiter=","),
    2006: Form(shuffled=True),
    LATIN_1_YEAR: Form(encoding="latin-1"),
    2009: Form(respell=str.upper),
    2010: Form(delimiter=","),
    2012: Form(".parquet"),
    2013: Form(shuffled=True),
    2016: Form(respell=str.lower),
    2017: Form(respell=snake_case),
    2020: Form(shuffled=True, newline="\r\n"),
}
ABSENCE_FORMS = {2007: Form(".csv.gz", delimiter=","), 2011: Form(shuffled=True), 2015: Form(respell=str.upper), 2017: Form(".parquet")}
OTHER_FORMS = {
    "pru": Form(newline="\r\n"), "ap": Form(".csv.gz", delimiter=","), "ks4": Form(), "pnc": Form(), "magistrates": Form(respell=str.lower),
    "crown": Form(), "custody": Form(".csv.gz", delimiter=","),
}


def file_list(share: Share, file_format: str = "") -> list[File]:
    """The files of a share.

    Args:
        file_format: one of `FORMATS` for all files alike; empty for the mix in which deliveries come.
    """
    last = share.last_census
    files = [File(table, (0, 9999), 0, name, form, table in MALFORMED_TABLES) for (of_share, table), (name, form) in CARE_FILES.items() if of_share == share.name]
    for year in range(2002, last + 1):
        name = f"Spring_PLASC_{year}" if year <= 2006 else f"Spring_Census_{year}"
        files.append(File("census", (year, year), year, name, CENSUS_FORMS.get(year, Form()), year in MALFORMED_CENSUS_YEARS))
    for year in range(2006, last + 1):
        if year != 2020:
            files.append(File("absence", (year, year), year, f"Absence_{year}_3Term", ABSENCE_FORMS.get(year, Form())))
        table = "exclusions_long" if year in LONG_YEARS else "exclusions"
        files.append(File(table, (year, year), year, f"Exclusions_{year}", Form(delimiter="," if year == 2010 else "\t")))
    for table, years, column_year, name in (
        ("pru", (2010, 2013), 0, "PRU_Census_2010_to_2013"), ("ap", (2008, last), 0, f"AP_Census_2008_to_{last}"),
        ("ks2", (2002, 2015), 2015, "KS2Pupil_2002_to_2015"), ("ks2", (2016, last), 2016, f"KS2Pupil_2016_to_{last}"),
        ("ks4", (2002, 2014), 2014, "KS4Pupil_2002_to_2014"), ("ks4", (2015, last), 2015, f"KS4Pupil_2015_to_{last}"),
        ("pnc", (0, 9999), 0, "PNC_Offences"), ("magistrates", (0, 9999), 0, "Magistrates_Defendants"), ("crown", (0, 9999), 0, "Crown_Defendants"),
        ("custody", (0, 9999), 0, "Prison_Custody"),
    ):
        files.append(File(table, years, column_year, name, OTHER_FORMS.get(table, Form())))
    if not file_format:
        return files
    return [File(f.table, f.years, f.year, f.name, Form(f".{file_format}", "\t", f.form.newline, f.form.bom, f.form.encoding, f.form.shuffled, f.form.respell),
                 f.breaks_lines) for f in files]


def names_in(file: File, share: Share, shuffle: np.random.Generator) -> dict[str, str]:
    """Delivered name of each column of a file, in the order and spelling of the file."""
    names = delivered_names(file.table, file.year, share is FIRST)
    if file.form.shuffled:
        names = {list(names)[place]: list(names.values())[place] for place in shuffle.permutation(len(names))}
    return {name: file.form.respell(delivered) for name, delivered in names.items()}


def rows_of(file: File, rows: Rows, rng: np.random.Generator) -> Rows:
    """The rows that a file holds, in the order in which they are delivered: none that means anything."""
    year = rows.hidden["_year"]
    mine = np.flatnonzero((year >= file.years[0]) & (year <= file.years[1])) if file.years != (0, 9999) else np.arange(len(rows))
    return rows.take(mine[rng.permutation(len(mine))])
