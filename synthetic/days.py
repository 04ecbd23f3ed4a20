"""Dates as whole days since 1 January 1970 (int64), which numpy handles in bulk."""

from __future__ import annotations

import numpy as np


def day(year: int | np.ndarray, month: int | np.ndarray = 1, day_of_month: int | np.ndarray = 1) -> np.ndarray:
    """Day number of a calendar date. Months may run past 12 or below 1: (2000, 14) is February 2001."""
    months = (np.asarray(year, dtype=np.int64) - 1970) * 12 + np.asarray(month, dtype=np.int64) - 1
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + np.asarray(day_of_month, dtype=np.int64) - 1


def year_month(days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Calendar year and month (1 to 12) of day numbers."""
    months = np.asarray(days, dtype=np.int64).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months // 12 + 1970, months % 12 + 1


def return_year(days: np.ndarray) -> np.ndarray:
    """The year in which the social care return year (1 April to 31 March) of each day ends."""
    year, month = year_month(days)
    return year + (month >= 4)


def year_end(years: int | np.ndarray) -> np.ndarray:
    """31 March of each year: the last day of that return year."""
    return day(years, 3, 31)


def birthday(birth_year: np.ndarray, birth_month: np.ndarray, age: int) -> np.ndarray:
    """First day of the birth month, `age` years on: the birthday as the returns can know it."""
    return day(np.asarray(birth_year) + age, birth_month)


def age_on(days: np.ndarray, birth_year: np.ndarray, birth_month: np.ndarray) -> np.ndarray:
    """Completed years on each day, from month and year of birth (-1 for the unborn)."""
    year, month = year_month(days)
    return year - np.asarray(birth_year) - (month < np.asarray(birth_month))


def iso(days: np.ndarray, missing: np.ndarray | None = None) -> np.ndarray:
    """`2011-09-03` for each day number, and an empty text where `missing` is true."""
    text = np.datetime_as_string(np.asarray(days, dtype=np.int64).astype("datetime64[D]")).astype(object)
    if missing is not None:
        text[np.asarray(missing, dtype=bool)] = ""
    return text


def parse_iso(text: np.ndarray) -> np.ndarray:
    """Day numbers of ISO dates; every value must be a date."""
    return np.asarray(text, dtype="datetime64[D]").astype(np.int64)


SHORTEST, LONGEST = -3 * 366, 27_000  # the calendar of the world: from about 1967 to 2043
CALENDAR = np.concatenate([[""], np.datetime_as_string(np.arange(SHORTEST, LONGEST).astype("datetime64[D]"))]).astype(object)


def calendar_code(days: np.ndarray, missing: np.ndarray | None = None) -> np.ndarray:
    """Position of each day in `CALENDAR`, 0 where `missing` is true."""
    codes = np.clip(np.asarray(days, dtype=np.int64), SHORTEST, LONGEST - 1) - SHORTEST + 1
    return (codes if missing is None else np.where(missing, 0, codes)).astype(np.int32)
