"""Write tables of the project as Stata files: ``python export/make_stata.py marts.at_risk_spells marts.pupil_analysis``.

Stata cannot open a DuckDB file, allows 32 characters in a name and has no booleans. So of each table one ``.dta`` is written with

* booleans as bytes 1 and 0, dates as Stata dates (``%td``), and what is NULL as missing (of text: empty);
* names of more than 32 characters shortened by the abbreviations below;
* the first sentence of a column's description as its label, after its full name where that was shortened.

The files hold what the tables hold, one row per person: they stay in the secure room. A table is in memory as a whole while it is written, about
7 GB for each million rows of the widest, `pupil_analysis`: choose columns or rows of millions.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import duckdb

NAME_LENGTH, LABEL_LENGTH, TEXT_LENGTH = 32, 80, 2045  # Stata's limits of a name, a label and a text of fixed length
SHORT = {
    "child_protection_plan": "cpp",
    "child_looked_after": "cla",
    "child_in_need": "cin",
    "permanent_exclusion": "permex",
    "persistent_absence": "pa",
    "persistently_absent": "pa",
    "serious_violence": "sv",
    "violence_against_person": "vap",
    "criminal_damage": "damage",
    "english_maths": "em",
    "authorised_absence": "auth_absence",
    "free_school_meals": "fsm",
    "from_sentence": "from_sent",
    "precision": "prec",
}
AS_STATA_HAS_IT = {"BOOLEAN": "cast({} as tinyint)", "VARCHAR": "coalesce({}, '')"}


def stata_name(column: str) -> str:
    """A name that Stata allows: the column's own, or, if that is longer than 32 characters, one with the abbreviations of the field."""
    if len(column) <= NAME_LENGTH:
        return column
    for words, short in SHORT.items():
        column = column.replace(words, short)
    return column[:NAME_LENGTH]


def label(column: str, description: str | None) -> str:
    """What Stata shows beside a name: the first sentence of the description, after the full name where it was shortened; at most 80 characters."""
    sentence = " ".join((description or "").replace("`", "").split()).split(". ")[0].removesuffix(".")
    whole = ": ".join(part for part in (column if stata_name(column) != column else "", sentence) if part)
    return whole if len(whole) <= LABEL_LENGTH else whole[: LABEL_LENGTH - 3].rstrip() + "..."


def write_table(connection: duckdb.DuckDBPyConnection, table: str, folder: Path, columns: list[str] | None = None, where: str = "true") -> Path:
    """Write one table as a Stata file.

    Args:
        connection: the project's database.
        table: schema and name, as ``marts.pupils``.
        folder: where the file goes; it is named after the table.
        columns: columns to write; all, if not given.
        where: condition in SQL that a row must meet to be written.

    Returns:
        The file.

    Raises:
        SystemExit: no such table, column or condition.
    """
    schema, _, name = table.partition(".")
    described = connection.execute("select column_name, data_type, comment from duckdb_columns() where schema_name = ? and table_name = ? order by column_index", [schema, name]).fetchall()
    if not described:
        raise SystemExit(f"export: the database has no table {table}. The README lists them; a name has its schema before it, as marts.pupils.")
    unknown = sorted(set(columns or []) - {column for column, *_ in described})
    if unknown:
        raise SystemExit(f"export: {table} has no column {', '.join(unknown)}.")
    described = [(column, data_type, comment) for column, data_type, comment in described if not columns or column in columns]
    names = {column: stata_name(column) for column, *_ in described}
    values = [f"{AS_STATA_HAS_IT.get(data_type, '{}').format(column)} as {names[column]}" for column, data_type, _ in described]
    try:
        data = connection.sql(f"select {', '.join(values)} from {schema}.{name} where {where} order by all").df()
    except duckdb.Error as error:
        raise SystemExit(f"export: {table} cannot be read with --where {where!r} ({type(error).__name__}).") from error
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.dta"
    data.to_stata(
        file,
        write_index=False,
        version=118,
        convert_dates={names[column]: "td" for column, data_type, _ in described if data_type == "DATE"},
        convert_strl=[names[column] for column, data_type, _ in described if data_type == "VARCHAR" and data[names[column]].str.len().max() > TEXT_LENGTH],
        variable_labels={names[column]: label(column, comment) for column, _, comment in described},
    )
    return file


def main(arguments: list[str] | None = None) -> int:
    """Write the tables that the command line names; return 0."""
    parser = argparse.ArgumentParser(description="Write tables of the project as Stata files.")
    parser.add_argument("tables", nargs="+", metavar="SCHEMA.TABLE", help="such as marts.at_risk_spells")
    parser.add_argument("--database", default=os.environ.get("MOJ_DFE_DATABASE", "moj_dfe.duckdb"), type=Path, help="the project's database (%(default)s)")
    parser.add_argument("--out", default=Path("target/stata"), type=Path, help="folder of the files (%(default)s)")
    parser.add_argument("--columns", help="names of the columns to write, with commas between them; all, if not given")
    parser.add_argument("--where", default="true", help="condition in SQL for the rows to write; all, if not given")
    given = parser.parse_args(arguments)
    columns = [column.strip() for column in given.columns.split(",")] if given.columns else None
    try:
        connection = duckdb.connect(str(given.database), read_only=True)
    except duckdb.Error as error:
        raise SystemExit(f"export: {given.database} cannot be opened: run `dbt build` first, and close what has it open ({type(error).__name__}).") from error
    with connection:
        for table in given.tables:
            print(f"{write_table(connection, table, given.out, columns, given.where)} is written; it stays in the secure room.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
