"""The comparison of the two shares, on four pupils worked out by hand."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from synthetic.compare_shares import compare_shares

COLUMNS = ("pupil_id", "social_care_level", "care_days_observed", "n_care_spells", "n_placements", "first_care_date",
           "first_child_protection_plan_date", "first_child_in_need_date", "first_contact_date")  # fmt: skip
NAT = pd.NaT


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def database(path: Path, rows: list[tuple], births: dict[str, str]) -> Path:
    exposures = pd.DataFrame(rows, columns=COLUMNS)
    for name in COLUMNS[5:]:
        exposures[name] = pd.to_datetime(exposures[name])
    pupils = pd.DataFrame({"pupil_id": list(births), "notional_birth_date": pd.to_datetime(list(births.values()))})
    with duckdb.connect(str(path)) as connection:
        connection.sql("create schema marts")
        connection.register("exposures", exposures)
        connection.register("pupils", pupils)
        connection.sql("create table marts.social_care_exposures as from exposures")
        connection.sql("create table marts.pupils as from pupils")
    return path


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """`none` met nobody; `seen` is known alike; `short` lost a spell, a placement and a level in the first share; `young` is too young to compare."""
    folder = tmp_path_factory.mktemp("compared")
    births = {"none": "1995-01-01", "seen": "1995-01-01", "short": "1999-03-01", "young": "1999-04-01"}
    none, young = ("none", "no_contact", 0, 0, 0, NAT, NAT, NAT, NAT), ("young", "no_contact", 0, 0, 0, NAT, NAT, NAT, NAT)
    seen = ("seen", "child_looked_after", 100, 1, 1, day("2005-05-01"), NAT, NAT, day("2005-05-01"))
    first = database(folder / "first.duckdb", [none, seen, young, ("short", "child_in_need", None, 0, 0, NAT, NAT, day("2010-03-31"), day("2010-03-31"))], births)
    every = database(folder / "every.duckdb", [none, seen, young, ("short", "child_looked_after", 60, 2, 3, day("2010-02-01"), NAT, day("2010-01-01"), day("2010-01-01"))], births)  # fmt: skip
    pd.DataFrame({
        "pupil_id": ["none", "seen", "short", "young"],
        "all_episodes_share_social_care_level": ["no_contact", "child_looked_after", "child_looked_after", "child_looked_after"],
    }).to_parquet(folder / "pupils.parquet")  # fmt: skip
    pd.DataFrame({
        "pupil_id": ["seen", "short"], "lived_level": ["child_looked_after", "child_looked_after"],
        "all_episodes_share_care_days": [100, 60], "lived_care_days": [150, 60], "all_episodes_share_n_care_spells": [1, 2], "lived_n_care_spells": [1, 2],
        "all_episodes_share_n_placements": [1, 3], "lived_n_placements": [2, 3],
        "all_episodes_share_first_care_date": [day("2005-05-01"), day("2010-02-01")], "all_episodes_share_first_child_protection_plan_date": [NAT, NAT],
        "all_episodes_share_first_child_in_need_date": [NAT, day("2010-01-01")],
        "all_episodes_share_first_contact_date": [day("2005-05-01"), day("2010-01-01")],
    }).to_parquet(folder / "social_care_pupils.parquet")  # fmt: skip
    return compare_shares(first, every, folder).set_index("measure")


def test_only_pupils_whose_childhood_both_shares_saw_are_compared(compared: pd.DataFrame) -> None:
    assert compared.loc["pupils compared"].tolist() == [3, 3, 3, 3]
    assert compared.loc["pupils at child_looked_after"].tolist() == [1, 2, 2, 2]
    assert compared.loc["pupils at no_contact"].tolist() == [1, 1, 1, 1]


def test_a_level_that_the_first_share_misses_is_too_low(compared: pd.DataFrame) -> None:
    low = compared[["first_share", "all_episodes_share"]]
    assert low.loc["% at too low a level against the truth, of all pupils"].tolist() == [33.33, 0]
    assert low.loc["% at too low a level against the all-episodes share, of pupils with contact in the all-episodes share"].tolist() == [50, 0]


def test_days_placements_and_dates_are_set_against_the_truth(compared: pd.DataFrame) -> None:
    assert compared.loc["care days, all pupils together"].tolist() == [100, 160, 160, 210]
    assert compared.loc["placements, all pupils together"].tolist() == [1, 4, 4, 5]
    both = compared[["first_share", "all_episodes_share"]]
    assert both.loc["% of pupils with true care days who have too few placements"].tolist() == [50, 0]
    assert both.loc["first_care_date: % later than true or never seen"].tolist() == [50, 0]
    assert both.loc["first_contact_date: % later than true or never seen"].tolist() == [50, 0]
    # 31 March for 1 January is 89 days late; of two pupils, one on time, the median is half of it
    assert both.loc["first_contact_date: median days late, where seen"].tolist() == [44.5, 0]
