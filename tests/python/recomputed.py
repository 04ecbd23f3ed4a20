"""What the tests of the recomputations share: the answers for an extract, each worked out once, and how they are set against a mart."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
from conftest import ROOT
from recompute import recompute
from recompute_education import recompute_education
from recompute_social_care import recompute_social_care


def read_seed(path: str) -> pd.DataFrame:
    return pd.read_csv(ROOT / "seeds" / path, dtype=str, keep_default_na=False)


@cache
def social_care(extract: Path, **options) -> dict[str, pd.DataFrame]:
    """The marts of social care."""
    return recompute_social_care(extract, read_seed, **options)


@cache
def recomputed(extract: Path, **options) -> dict[str, pd.DataFrame]:
    """`pupils`, `social_care_exposures` and the ledger."""
    made = recompute(extract, recodes=read_seed("recodes/recodes.csv"), ethnicity=read_seed("lookups/npd_ethnicity_minor.csv"), **options)
    further = social_care(extract, **options)["social_care_exposures"]
    exposures = made["social_care_exposures"].merge(further, on="pupil_id", how="outer", validate="one_to_one")
    labels = read_seed("lookups/cla_category_of_need.csv").set_index("code").label
    for place in ("first", "last"):
        codes = exposures[f"{place}_category_of_need_code"].astype(object)
        exposures[f"{place}_category_of_need_label"] = codes.where(codes.isna(), codes.map(labels).fillna("unmapped"))
    return made | {"social_care_exposures": exposures}


@cache
def schooling(extract: Path) -> dict[str, pd.DataFrame]:
    """The marts of schooling, with births from the other recomputation."""
    pupils = recomputed(extract)["pupils"]
    births = {
        row.pupil_id: None if pd.isna(row.birth_year) else (int(row.birth_year), int(row.birth_month)) for row in pupils.itertuples()
    }
    return recompute_education(extract, recodes=read_seed("recodes/recodes.csv"), births=births)


def disagreements(expected: pd.DataFrame, actual: pd.DataFrame, keys: tuple[str, ...] = ("pupil_id",)) -> dict[str, int]:
    """Number of rows on which each recomputed column differs from the mart; missing equals missing."""
    expected, actual = expected.set_index(list(keys)).sort_index(), actual.set_index(list(keys)).sort_index()
    assert not expected.index.symmetric_difference(actual.index).size, "not the same rows"
    counts = {}
    for name in expected.columns:
        left, right = expected[name], actual[name]
        if name.endswith("_date"):
            left, right = pd.to_datetime(left), pd.to_datetime(right)
        if name.endswith("_rate"):
            same = (left.astype(float) - right.astype(float)).abs() < 1e-12
        else:
            same = left.astype(object).where(left.notna()) == right.astype(object).where(right.notna())
        same |= left.isna() & right.isna()
        if not same.all():
            counts[name] = int((~same).sum())
    return counts


def plain(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The columns as text, dates as days, in one order of rows."""
    out = pd.DataFrame(index=frame.index)
    for name in columns:
        if name.endswith("_date"):
            out[name] = pd.to_datetime(frame[name]).dt.strftime("%Y-%m-%d").fillna("")
        else:
            out[name] = frame[name].map(lambda value: "" if pd.isna(value) else str(int(value)) if isinstance(value, float) else str(value))
    return out.sort_values(columns, ignore_index=True)
