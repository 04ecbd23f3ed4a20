"""Compares two CSV files of one row per pupil cell by cell."""

from __future__ import annotations

from pathlib import Path

import duckdb

# Of each column the kind, so that 1, 1.0 and True of one contender are those of another.
COLUMNS = {
    "pupil_id": "text",
    "birth_year": "number",
    "birth_month": "number",
    "first_census_year": "number",
    "last_census_year": "number",
    "n_years_observed": "number",
    "n_schools": "number",
    "ever_free_school_meals": "flag",
    "ever_persistently_absent": "flag",
    "n_secondary_sessions_possible": "number",
    "n_secondary_overall_absence": "number",
    "n_suspensions": "number",
    "first_suspension_date": "date",
    "n_permanent_exclusions": "number",
    "ks4_academic_year_end": "number",
    "achieved_level2_english_maths": "flag",
    "attainment_8_score": "number",
    "social_care_level": "text",
    "ever_child_looked_after": "flag",
    "first_care_date": "date",
    "age_first_care": "number",
    "n_care_spells": "number",
    "care_days_observed": "number",
    "ever_child_protection_plan": "flag",
    "ever_child_in_need": "flag",
    "years_child_in_need": "number",
    "n_sanctions": "number",
    "n_convictions": "number",
    "first_sanction_date": "date",
    "first_offence_date": "date",
    "ever_serious_violence": "flag",
    "child_looked_after_and_offence_order": "text",
}
TRUE, FALSE = ("true", "1", "1.0"), ("false", "0", "0.0")
MISSING = ("", "NA", "nan", "NaN", "NaT", "None")


def plain_value(column: str, kind: str) -> str:
    """SQL of a cell as a value that can be compared.

    Args:
        column: name of a column of text.
        kind: ``text``, ``number``, ``flag`` or ``date``.

    Returns:
        An expression, NULL where the cell is empty or a word for missing; in a query it fails where the cell is no value of its kind.
    """
    value = f"case when {column} in {MISSING} then null else {column} end"
    return {
        "text": value,
        "number": f"round(cast({value} as double), 6)",
        "flag": f"case when lower({value}) in {TRUE} then true when lower({value}) in {FALSE} then false "
        f"when {value} is not null then error('not a flag: ' || {column}) end",
        "date": f"left({value}, 10)",
    }[kind]


def differences(expected: Path, found: Path, columns: dict[str, str] = COLUMNS) -> dict[str, int]:
    """Count the cells in which two files differ.

    Args:
        expected: CSV file with a header, one row per ``pupil_id``.
        found: another of the same kind.
        columns: kind of each column to be compared, ``pupil_id`` among them.

    Returns:
        Number of differing cells by column; ``missing rows``, ``extra rows`` and ``repeated rows`` where there are any.
        Empty if the files agree.

    Raises:
        duckdb.Error: a cell is no value of its kind.
    """
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '8GB'; set preserve_insertion_order = false")
        for name, path in {"expected": expected, "found": found}.items():
            connection.execute(f"create view {name} as select * from read_csv('{path}', header = true, all_varchar = true, nullstr = '', delim = ',')")
        (n_expected,) = connection.execute("select count(*) from expected").fetchone()
        present = {column for column, *_ in connection.execute("describe found").fetchall()}
        absent = [name for name in columns if name not in present]
        if absent:
            return {name: n_expected for name in absent}
        # nearly every cell is written alike, and needs no reading
        different = ", ".join(
            f"count(case when expected.{name} is distinct from found.{name} and "
            f"{plain_value(f'expected.{name}', kind)} is distinct from {plain_value(f'found.{name}', kind)} then 1 end)"
            for name, kind in columns.items()
            if name != "pupil_id"
        )
        counted = connection.execute(f"select {different} from found inner join expected on found.pupil_id = expected.pupil_id").fetchone()
        rows = {
            "repeated rows": "select (select count(*) - count(distinct pupil_id) from expected) + (select count(*) - count(distinct pupil_id) from found)",
            "extra rows": "select count(*) from found where not exists (select 1 from expected where expected.pupil_id = found.pupil_id)",
            "missing rows": "select count(*) from expected where not exists (select 1 from found where found.pupil_id = expected.pupil_id)",
        }
        counts = dict(zip([name for name in columns if name != "pupil_id"], counted))
        counts |= {name: connection.execute(query).fetchone()[0] for name, query in rows.items()}
    return {name: n for name, n in counts.items() if n}
