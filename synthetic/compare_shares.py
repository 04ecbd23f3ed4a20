"""How much the last-episode share misses: the two shares of one world, each built with dbt, beside the truth of that world.

    python -m synthetic.compare_shares FIRST.duckdb ALL_EPISODES.duckdb TRUTH_FOLDER

Compared are the pupils of both shares whose childhood ended by the last return that both hold (31 March 2017), so that no difference comes of the
later years of the all-episodes share. `truth` is what the all-episodes rows tell without a fault; `lived` is the whole life, whoever returned it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

LEVELS = ("no_contact", "referral_only", "child_in_need", "child_protection_plan", "child_looked_after")
LAST_BIRTH = pd.Timestamp("1999-03-01")  # 18 in March 2017
DATES = ("first_care_date", "first_child_protection_plan_date", "first_child_in_need_date", "first_contact_date")


def exposures(database: Path) -> pd.DataFrame:
    """The mart of one database, by pupil."""
    with duckdb.connect(str(database), read_only=True) as connection:
        table = connection.sql("select e.*, p.notional_birth_date from marts.social_care_exposures as e join marts.pupils as p using (pupil_id)").df()
    return table.set_index("pupil_id")


def compare_shares(first: Path, all_episodes: Path, truth: Path) -> pd.DataFrame:
    """One row for each measure.

    Args:
        first: DuckDB file built from the last-episode share of a world.
        all_episodes: the same of the all-episodes share.
        truth: the folder `truth` of that world.

    Returns:
        Columns `measure`, `first_share`, `all_episodes_share`, `truth`, `lived`; empty where a source does not tell.
    """
    shares = {"first_share": exposures(first), "all_episodes_share": exposures(all_episodes)}
    both = shares["first_share"].index.intersection(shares["all_episodes_share"].index)
    both = both[(shares["all_episodes_share"].loc[both, "notional_birth_date"] <= LAST_BIRTH).to_numpy()]
    shares = {name: table.loc[both] for name, table in shares.items()}
    told = pd.read_parquet(truth / "pupils.parquet").dropna(subset="pupil_id").set_index("pupil_id").reindex(both)
    lives = pd.read_parquet(truth / "social_care_pupils.parquet").dropna(subset="pupil_id").set_index("pupil_id").reindex(both)
    lives = lives.fillna({name: "no_contact" if "level" in name else 0 for name in lives.columns if not name.endswith("_date")})
    level = {name: table["social_care_level"] for name, table in shares.items()} | {
        "truth": told["all_episodes_share_social_care_level"], "lived": lives["lived_level"]}
    rank = {name: values.map({text: place for place, text in enumerate(LEVELS)}) for name, values in level.items()}
    number = {"care days": ("care_days_observed", "all_episodes_share_care_days", "lived_care_days"),
              "spells of care": ("n_care_spells", "all_episodes_share_n_care_spells", "lived_n_care_spells"),
              "placements": ("n_placements", "all_episodes_share_n_placements", "lived_n_placements")}
    rows: list[dict] = [{"measure": "pupils compared"} | {name: len(both) for name in rank}]
    for text in LEVELS[::-1]:
        rows.append({"measure": f"pupils at {text}"} | {name: int((values == text).sum()) for name, values in level.items()})
    met = rank["all_episodes_share"] > 0
    for name, against in (("all-episodes share", "all_episodes_share"), ("truth", "truth"), ("whole life", "lived")):
        for group, chosen in (("all pupils", pd.Series(True, index=both)), ("pupils with contact in the all-episodes share", met)):
            rows.append({"measure": f"% at too low a level against the {name}, of {group}"} | {
                share: round(100 * float((rank[share] < rank[against])[chosen].mean()), 2) for share in shares})
    cared_for = lives["all_episodes_share_care_days"] > 0
    for measure, (column, seen, lived) in number.items():
        rows.append({"measure": f"{measure}, all pupils together"} | {share: int(table[column].fillna(0).sum()) for share, table in shares.items()} | {
            "truth": int(lives[seen].sum()), "lived": int(lives[lived].sum())})
        rows.append({"measure": f"% of pupils with true care days who have too few {measure}"} | {
            share: round(100 * float((table[column].fillna(0) < lives[seen])[cared_for].mean()), 2) for share, table in shares.items()})
    for column in DATES:
        true = pd.to_datetime(lives[f"all_episodes_share_{column}"])
        late = {share: (pd.to_datetime(table[column]) - true).dt.days for share, table in shares.items()}
        rows.append({"measure": f"{column}: % later than true or never seen"} | {
            share: round(100 * float(((days > 0) | days.isna())[true.notna()].mean()), 2) for share, days in late.items()})
        rows.append({"measure": f"{column}: median days late, where seen"} | {share: float(np.nanmedian(days[true.notna()])) for share, days in late.items()})
    return pd.DataFrame(rows, columns=["measure", *rank])


def main(arguments: list[str] | None = None) -> None:
    """Print the comparison as CSV."""
    parser = argparse.ArgumentParser(prog="python -m synthetic.compare_shares", description="The two shares of one synthetic world beside its truth.")
    for name, text in (("first", "database built from the last-episode share"), ("all_episodes", "database built from the all-episodes share"), ("truth", "folder truth of the world")):
        parser.add_argument(name, type=Path, help=text)
    chosen = parser.parse_args(arguments)
    print(compare_shares(chosen.first, chosen.all_episodes, chosen.truth).to_csv(index=False), end="")


if __name__ == "__main__":
    main()
