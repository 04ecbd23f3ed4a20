"""What a reader of a share can rightly conclude on justice if no fault was planted, in the words of the project's definitions.

Two tables of the truth, each with a column `share`: `justice_sanctions` has one row for each sanctioning occasion of a pupil, `justice_outcomes` one for
each pupil with any justice record that links; a pupil who is not in it has none. Both come from the lives and from what was reported of them (the hidden
columns of the tables), not from the text of the files. Nights in custody are missing for a pupil with a spell that is open when the data end.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .days import age_on
from .justice import ALL_OFFENCES, DISPOSALS, OFFENCES
from .reporting import Returns
from .tables import Rows
from .truth import dates, spells
from .world import World

RANK = {"caution": 1, "non_custodial": 2, "custodial": 3}
SEVERITIES = np.array(["none", "caution", "non_custodial", "custodial"], dtype=object)
# Groups in the order in which the main offence is chosen, and the group of each offence of the world by its code.
GROUPS = ("violence_against_person", "sexual_offences", "robbery", "possession_of_weapons", "criminal_damage_and_arson", "theft_offences", "drug_offences",
          "public_order", "fraud", "miscellaneous")
GROUP_OF = {
    "10501": "violence_against_person", "04600": "theft_offences", "05807": "criminal_damage_and_arson", "12505": "public_order", "09262": "drug_offences",
    "04910": "theft_offences", "02801": "theft_offences", "03001": "theft_offences", "04802": "theft_offences", "05402": "miscellaneous",
    "06609": "public_order", "10401": "violence_against_person", "09225": "drug_offences", "01701": "sexual_offences", "02001": "sexual_offences",
    "08301": "miscellaneous", "00806": "violence_against_person", "03401": "robbery", "00826": "possession_of_weapons", "00811": "possession_of_weapons",
    "00501": "violence_against_person", "00827": "possession_of_weapons", "03402": "robbery", "00864": "possession_of_weapons",
    "00401": "violence_against_person", "00101": "violence_against_person",
}
CODES = np.array([code for code, _, _ in ALL_OFFENCES], dtype=object)
TEXTS = np.array([f"{code} {label}".upper() for code, label, _ in ALL_OFFENCES], dtype=object)
GROUP_RANK = np.array([GROUPS.index(GROUP_OF[code]) + 1 for code in CODES])
DISPOSAL_RANK = np.array([RANK.get(group, 0) for _, _, group in DISPOSALS])


def justice_truth(world: World, returns: Returns, shares: dict[str, dict[str, Rows]]) -> dict[str, pd.DataFrame]:
    """The tables `justice_sanctions` and `justice_outcomes`.

    Args:
        shares: by folder, the tables of each share before any fault.
    """
    made: dict[str, list[pd.DataFrame]] = {"justice_sanctions": [], "justice_outcomes": []}
    for folder, tables in shares.items():
        known = linked_in(world, tables)
        offences = sanctioned(world, tables["pnc"], known)
        occasions = occasions_of(world, offences)
        pupils = outcomes_of(world, tables, known, offences, occasions)
        for name, table in (("justice_sanctions", occasions), ("justice_outcomes", pupils)):
            ids = pd.DataFrame({"share": folder, "pupil_id": returns.pmr[table["person"].to_numpy(dtype=np.int64)]}, index=table.index)
            made[name].append(pd.concat([ids, table.drop(columns="person")], axis=1))
    return {name: pd.concat(parts, ignore_index=True) for name, parts in made.items() if parts}


def linked_in(world: World, tables: dict[str, Rows]) -> np.ndarray:
    """Whether the justice records of each child can be linked to its PMR in a share: by the link file, or by the PNC's own PMR."""
    linked = np.zeros(len(world.people), dtype=bool)
    linked[tables["link"].hidden["_person"]] = True
    linked[tables["pnc"].hidden["_person"][tables["pnc"].columns["pmr"].filled()]] = True
    return linked & world.people["is_pupil"].to_numpy()


def ages(world: World, person: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Completed years of some children on days, from the first of the birth month."""
    return age_on(days, world.people["birth_year"].to_numpy()[person], world.people["birth_month"].to_numpy()[person])


def sanctioned(world: World, pnc: Rows, known: np.ndarray) -> pd.DataFrame:
    """Sanctioned offences of linked pupils, each offence and day once on an occasion."""
    hidden = pnc.hidden
    rows = pd.DataFrame({"person": hidden["_person"], "day": hidden["_order"], "sentence_day": hidden["_sentence_day"], "offence": hidden["_offence"],
                         "rank": DISPOSAL_RANK[hidden["_disposal"]], "disposal": hidden["_disposal"], "abroad": hidden["_abroad"]})
    rows["age"] = ages(world, rows["person"].to_numpy(), rows["day"].to_numpy())
    rows = rows[known[rows["person"]] & ~rows["abroad"] & (rows["rank"] > 0) & (rows["age"] >= 10)]
    rows = rows.assign(is_conviction=rows["rank"] > 1, text=TEXTS[rows["offence"]], violent=rows["offence"] >= len(OFFENCES), group=GROUP_RANK[rows["offence"]])
    key = ["person", "is_conviction", "sentence_day"]
    rows = rows.sort_values([*key, "text", "day", "rank"], ascending=[True] * 5 + [False], kind="stable").drop_duplicates([*key, "text", "day"])
    order = ["rank", "violent", "group", "day", "text"]
    return rows.sort_values([*key, *order], ascending=[True, True, True, False, False, True, True, True], kind="stable").reset_index(drop=True)


def occasions_of(world: World, offences: pd.DataFrame) -> pd.DataFrame:
    """One row for each sanctioning occasion; the first offence of each is the main one."""
    by = offences.groupby(["person", "is_conviction", "sentence_day"], sort=False)
    table = by.agg(rank=("rank", "max"), offence_day=("day", "min"), age_at_offence=("age", "min"), n_offences=("day", "size"),
                   n_serious_violence_offences=("violent", "sum"), main=("offence", "first"), disposal=("disposal", "first")).reset_index()
    return pd.DataFrame({
        "person": table["person"].to_numpy(dtype=np.int64), "sanction_date": dates(table["sentence_day"].to_numpy(dtype=np.int64)),
        "offence_date": dates(table["offence_day"].to_numpy(dtype=np.int64)), "is_conviction": table["is_conviction"].to_numpy(dtype=bool),
        "severity": SEVERITIES[table["rank"].to_numpy(dtype=np.int64)], "n_offences": table["n_offences"].to_numpy(dtype=np.int64),
        "n_serious_violence_offences": table["n_serious_violence_offences"].to_numpy(dtype=np.int64),
        "main_offence_code": CODES[table["main"].to_numpy(dtype=np.int64)], "age_at_offence": table["age_at_offence"].to_numpy(dtype=np.int64),
    })


def outcomes_of(world: World, tables: dict[str, Rows], known: np.ndarray, offences: pd.DataFrame, occasions: pd.DataFrame) -> pd.DataFrame:
    """One row for each linked pupil with any record in a justice table."""
    n = len(world.people)
    in_table = {name: np.bincount(tables[name].hidden["_person"], minlength=n) > 0 for name in ("pnc", "magistrates", "crown", "custody")}
    person = np.flatnonzero(known & (in_table["pnc"] | in_table["magistrates"] | in_table["crown"] | in_table["custody"]))
    who, youth = occasions["person"].to_numpy(), occasions["age_at_offence"].to_numpy() < 18
    conviction = occasions["is_conviction"].to_numpy()
    rank = np.array([RANK[severity] for severity in occasions["severity"]], dtype=np.int64)

    def count(persons: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(persons, weights=weights, minlength=n).astype(np.int64)[person]

    def highest(test: np.ndarray) -> np.ndarray:
        best = np.zeros(n, dtype=np.int64)
        np.maximum.at(best, who[test], rank[test])
        return SEVERITIES[best[person]]

    def first(persons: np.ndarray, when: np.ndarray) -> np.ndarray:
        return pd.Series(when).groupby(persons).min().reindex(person).to_numpy().astype("datetime64[D]")

    sanction_day, offence_day = occasions["sanction_date"].to_numpy(), occasions["offence_date"].to_numpy()
    violent = offences[offences["violent"]]
    table = {
        "person": person, "n_sanctions": count(who), "n_cautions": count(who[~conviction]), "n_convictions": count(who[conviction]),
        "n_offences": count(offences["person"].to_numpy()), "n_youth_sanctions": count(who[youth]), "n_youth_convictions": count(who[youth & conviction]),
        "most_severe_disposal": highest(np.ones(len(who), dtype=bool)), "most_severe_disposal_as_youth": highest(youth),
        "first_offence_date": first(who, offence_day), "first_sanction_date": first(who, sanction_day),
        "first_conviction_date": first(who[conviction], sanction_day[conviction]),
        "n_serious_violence_offences": count(violent["person"].to_numpy()),
        "first_serious_violence_date": first(violent["person"].to_numpy(), dates(violent["day"].to_numpy(dtype=np.int64))),
        "ever_magistrates_court": in_table["magistrates"][person], "ever_crown_court": in_table["crown"][person],
    }
    for number, name in enumerate(GROUPS, start=1):
        table[f"n_offences_{name}"] = count(offences["person"].to_numpy()[offences["group"].to_numpy() == number])
    return pd.DataFrame(table | custody_of(world, tables["custody"], person))


def custody_of(world: World, custody: Rows, person: np.ndarray) -> dict[str, np.ndarray]:
    """Receptions by type and nights before and from the 18th birthday of some children."""
    n = len(world.people)
    hidden = custody.hidden
    rows = pd.DataFrame({"person": hidden["_person"], "kind": hidden["_kind"], "start": hidden["_order"], "end": hidden["_end"],
                         "open": ~custody.columns["release_date"].filled() if len(custody) else np.zeros(0, dtype=bool)})
    receptions = rows.drop_duplicates(["person", "kind", "start"])
    made = {"n_receptions": np.bincount(receptions["person"].to_numpy(), minlength=n)[person]}
    for kind in ("remand", "sentence", "recall"):
        made[f"n_receptions_{kind}"] = np.bincount(receptions["person"].to_numpy()[receptions["kind"].to_numpy() == kind], minlength=n)[person]
    united = spells(rows["person"].to_numpy(), rows["start"].to_numpy(), rows["end"].to_numpy())
    who = united["person"].to_numpy(dtype=np.int64)
    start, end = united["start"].to_numpy(dtype=np.int64), united["end"].to_numpy(dtype=np.int64)
    adult = world.people["adulthood"].to_numpy()[who]
    young = np.minimum(end, adult) - np.minimum(start, adult)
    is_open = np.bincount(rows["person"].to_numpy()[rows["open"].to_numpy(dtype=bool)], minlength=n)[person] > 0
    for name, nights in (("custody_nights_before_18", young), ("custody_nights_from_18", end - start - young)):
        total = np.bincount(who, weights=nights, minlength=n)[person]
        made[name] = np.where(is_open, np.nan, total)
    made["ever_remanded"] = made["n_receptions_remand"] > 0
    return made


__all__ = ["justice_truth"]
