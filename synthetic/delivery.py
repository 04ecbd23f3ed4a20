"""How each file of a share is delivered: its name, its form, the order and spelling of its columns, the order of its rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from .columns import CENSUS, SOCIAL_CARE_TABLES
from .dirt import LATIN_1_YEAR, MALFORMED_CENSUS_YEARS, MALFORMED_TABLES, malformed_lines
from .files import write_parquet, write_text
from .reporting import FIRST, Share
from .streams import Streams


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


FILES = {
    (FIRST.name, "cla"): ("CLA_2006_to_2018", Form(".txt")),
    (FIRST.name, "cin"): ("CIN_08-09_to_16-17", Form(".txt.gz", newline="\r\n")),
    (FIRST.name, "link"): ("MoJ_DfE_Link", Form(".txt")),
    ("all-episodes", "cla"): ("CLA_Data_Supplied", Form(".txt.gz")),
    ("all-episodes", "cin"): ("CIN_2009_to_2021", Form(".csv.gz", delimiter=",")),
    ("all-episodes", "link"): ("MoJ_DfE_Link", Form(".csv", delimiter=",")),
}
# School censuses that do not arrive as compressed, tab-delimited text in the usual order and spelling.
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


def deliver(tables: dict[str, pd.DataFrame], share: Share, folder: Path, streams: Streams, clean: bool) -> list[Path]:
    """Write every file of a share into `folder` and return their paths.

    Args:
        tables: from `reporting.cut_share`, with or without dirt.
        share: which share it is.
        folder: an existing folder.
        streams: named random numbers.
        clean: leave every line whole.
    """
    return [write_file(tables, share, folder, streams, clean, *file) for file in file_list(tables, share)]


def file_list(tables: dict[str, pd.DataFrame], share: Share) -> list[tuple[str, int, str, Form]]:
    """Table, census year (0 for files of all years), name and form of each file of a share."""
    listed = [(table, 0, name, form) for (of_share, table), (name, form) in FILES.items() if of_share == share.name]
    for year in sorted(set(tables["census"]["_year"])):
        name = f"Spring_PLASC_{year}" if year <= 2006 else f"Spring_Census_{year}"
        listed.append(("census", int(year), name, CENSUS_FORMS.get(year, Form())))
    return listed


def names_of_columns(table: str, year: int, share: Share) -> dict[str, str]:
    """Delivered name of each column of a file, in its usual order."""
    if table != "census":
        attribute = "first" if share is FIRST else "all_episodes"
        return {column.name: getattr(column, attribute) for column in SOCIAL_CARE_TABLES[table] if getattr(column, attribute)}
    present = [column for column in CENSUS if column.first_year <= year <= column.last_year and year not in column.absent]
    return {column.name: f"{column.delivered}_SPR{year % 100:02d}" for column in present}


def write_file(tables: dict[str, pd.DataFrame], share: Share, folder: Path, streams: Streams, clean: bool, table: str, year: int, name: str,
               form: Form) -> Path:
    """Write one file: rows sorted, then shuffled by a stream of the file's own, columns named and ordered as the form says."""
    rng = streams.named(f"delivery.{share.name}.{name}")
    rows = tables[table]
    if year:
        rows = rows[rows["_year"] == year]
    names = names_of_columns(table, year, share)
    rows = rows[list(names)].sort_values(list(names), kind="stable")
    rows = rows.iloc[rng.permutation(len(rows))]
    if form.shuffled:
        names = {list(names)[place]: list(names.values())[place] for place in rng.permutation(len(names))}
    header = [form.respell(delivered) for delivered in names.values()]
    columns = [np.asarray(rows[column], dtype=object) for column in names]
    path = folder / f"{name}{form.suffix}"
    if form.suffix == ".parquet":
        write_parquet(path, header, columns)
        return path
    broken = not clean and (table in MALFORMED_TABLES or year in MALFORMED_CENSUS_YEARS)
    edit = (lambda lines: malformed_lines(lines, form.delimiter, rng)) if broken else None
    write_text(path, header, columns, form.delimiter, form.newline, form.bom, form.encoding, edit)
    return path
