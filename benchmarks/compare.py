"""Compares two CSV files of one row per pupil cell by cell."""

from __future__ import annotations

import csv
from pathlib import Path

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
FLAGS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}


def plain_value(text: str, kind: str):
    """A cell as a value that can be compared.

    Args:
        text: the cell as written; an empty one and NA are missing.
        kind: ``text``, ``number``, ``flag`` or ``date``.

    Returns:
        None, a text, a float or a bool.

    Raises:
        ValueError: the cell is no value of its kind.
    """
    if text in ("", "NA", "nan", "NaN", "NaT", "None"):
        return None
    if kind == "number":
        return round(float(text), 6)
    if kind == "flag":
        if text.lower() not in FLAGS:
            raise ValueError(f"not a flag: {text!r}")
        return FLAGS[text.lower()]
    return text[:10] if kind == "date" else text


def differences(expected: Path, found: Path, columns: dict[str, str] = COLUMNS) -> dict[str, int]:
    """Count the cells in which two files differ.

    Args:
        expected: CSV file with a header, one row per ``pupil_id``.
        found: another of the same kind.
        columns: kind of each column to be compared, ``pupil_id`` among them.

    Returns:
        Number of differing cells by column; ``missing rows``, ``extra rows`` and ``repeated rows`` where there are any.
        Empty if the files agree.
    """
    counts: dict[str, int] = {}

    def count(name: str, n: int = 1) -> None:
        if n:
            counts[name] = counts.get(name, 0) + n

    with expected.open(newline="") as one, found.open(newline="") as other:
        wanted = {}
        for row in csv.DictReader(one):
            count("repeated rows", int(row["pupil_id"] in wanted))
            wanted[row["pupil_id"]] = [row[name] for name in columns]
        seen = set()
        reader = csv.DictReader(other)
        absent = [name for name in columns if name not in (reader.fieldnames or [])]
        if absent:
            return {name: len(wanted) for name in absent}
        for row in reader:
            key = row["pupil_id"]
            count("repeated rows", int(key in seen))
            seen.add(key)
            if key not in wanted:
                count("extra rows")
                continue
            for (name, kind), text in zip(columns.items(), wanted[key]):
                if text != row[name] and plain_value(text, kind) != plain_value(row[name], kind):
                    count(name)
        count("missing rows", len(wanted.keys() - seen))
    return counts
