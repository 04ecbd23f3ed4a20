"""Justice: the synthetic truth is recovered, exactly where nothing is spoiled, and but for planted faults where much is."""

from __future__ import annotations

import pandas as pd
from conftest import Run, planted_faults
from recompute_justice import table

SANCTION_COLUMNS = (
    "sanction_date", "offence_date", "is_conviction", "severity", "n_offences", "n_serious_violence_offences", "main_offence_code",
    "age_at_offence",
)  # fmt: skip
DATES = ("sanction_date", "offence_date")


def truth(run: Run, table: str) -> pd.DataFrame:
    """A table of the truth for the share of a run."""
    rows = pd.read_parquet(run.extract.parent / "truth" / f"{table}.parquet")
    return rows[rows.share == run.extract.name].drop(columns="share")


def tidy(values: pd.Series) -> pd.Series:
    """Values that compare as equal where they mean the same, missing ones as None."""
    if values.name.endswith("_date"):
        values = pd.to_datetime(values).dt.strftime("%Y-%m-%d")
    values = values.astype(object)
    return values.where(values.notna(), None)


def expected_outcomes(run: Run, index: pd.Index) -> pd.DataFrame:
    """What the truth says of each pupil; pupils that it does not name have no record."""
    found = truth(run, "justice_outcomes").set_index("pupil_id")
    whole = found.reindex(index)
    for name in found.columns:
        if name.startswith("n_"):
            whole[name] = whole[name].fillna(0)
        elif name.startswith("ever_"):
            whole[name] = whole[name].astype(object).where(whole[name].notna(), False)
        elif name.startswith("most_severe"):
            whole[name] = whole[name].where(whole[name].notna(), "none")
        elif name.startswith("custody_nights"):
            whole.loc[~index.isin(found.index), name] = 0
    return whole


def wrong_pupils(run: Run) -> dict[str, set[str]]:
    """Pupils of the mart on whom it differs from the truth, by column; nights are compared only where they are known."""
    found = run.table("marts.justice_outcomes").set_index("pupil_id")
    lived = expected_outcomes(run, found.index)
    assert set(truth(run, "justice_outcomes").pupil_id) <= set(found.index), "a linked pupil is missing"
    wrong = {}
    for name in lived.columns:
        left, right = tidy(lived[name]), tidy(found[name])
        differs = (left != right) & ~(left.isna() & right.isna())
        if name.startswith("custody_nights"):
            differs &= left.notna()
        if differs.any():
            wrong[name] = set(found.index[differs])
    return wrong


def rows(table: pd.DataFrame) -> pd.Series:
    """Each sanction as one text, so that two lists of sanctions can be compared."""
    parts = [tidy(table[name]).astype(str) for name in ("pupil_id", *SANCTION_COLUMNS)]
    text = parts[0]
    for part in parts[1:]:
        text = text + "|" + part.str.replace(r"\.0$", "", regex=True)
    return text.sort_values().reset_index(drop=True)


def test_without_faults_every_outcome_of_every_pupil_is_the_true_one(built_clean: Run) -> None:
    found = built_clean.table("marts.justice_outcomes")
    assert (found.n_sanctions > 0).sum() > 40 and (found.n_receptions > 0).sum() > 3
    wrong = wrong_pupils(built_clean)
    assert {name: len(pupils) for name, pupils in wrong.items()} == {}


def test_without_faults_every_sanction_is_the_true_one(built_clean: Run) -> None:
    found, lived = rows(built_clean.table("marts.sanctions")), rows(truth(built_clean, "justice_sanctions"))
    assert len(found) > 80
    assert found.tolist() == lived.tolist()


# Kinds of fault that take a fact away or put a false one in its place; no rule can mend them. All others must do no harm at all.
DESTRUCTIVE = (
    "sentence_before_offence", "missing_offence_date", "sentinel_dates", "unreadable_dates", "dates_turned_round",
    "unknown_codes", "blank_links", "ambiguous_link", "second_pmr",
)  # fmt: skip
JUSTICE_TABLES = ("pnc", "magistrates", "crown", "custody", "link")


def spoiled_pupils(run: Run, kinds: tuple[str, ...] = DESTRUCTIVE) -> set[str]:
    """Pupils one of whose justice records or links was planted with such a fault in this share, or whose birth month was outvoted."""
    faults = planted_faults(run)
    faults = faults[faults.table.isin(JUSTICE_TABLES) & faults.kind.isin(kinds)]
    people = pd.read_parquet(run.extract.parent / "truth" / "pupils.parquet", columns=["moj_uid", "pupil_id", "birth_year", "birth_month"])
    named = people.dropna().set_index("moj_uid").pupil_id.reindex(faults.key.str.split("|").str[0].unique()).dropna()
    births = run.table("marts.pupils").merge(people.dropna(subset="pupil_id"), on="pupil_id", suffixes=("", "_lived"))
    outvoted = (births.birth_year != births.birth_year_lived) | (births.birth_month != births.birth_month_lived)
    return set(named) | set(births.pupil_id[outvoted])


def sharing_a_key(run: Run) -> set[str]:
    """Pupils of link rows whose person key was also given to another one; the ledger names the key, and but one of the two."""
    faults = planted_faults(run)
    planted = faults[(faults.table == "link") & faults.kind.isin(["ambiguous_link", "second_pmr"])]
    keys = set(planted.key.str.split("|").str[0])
    return {row["pupilmatchingrefanonymous"] for row in table(run.extract, "link") if row["mojuid"] in keys}


def test_with_faults_every_miss_has_a_planted_cause(built_dirty: Run) -> None:
    wrong = set().union(*wrong_pupils(built_dirty).values())
    spoiled = spoiled_pupils(built_dirty)
    linked = set(truth(built_dirty, "justice_outcomes").pupil_id)
    sound = linked - spoiled
    assert len(sound) > 100 and wrong, "the world exercises nothing"
    assert wrong - spoiled == set()
    assert len(sound - wrong) >= 0.995 * len(sound)
    assert len(wrong) < 0.15 * len(linked), "more pupils are wrong than faults at the usual rate can spoil"
    everybody = len(built_dirty.table("marts.justice_outcomes"))
    assert len(wrong) <= 0.005 * everybody
