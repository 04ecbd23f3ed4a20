"""The local authorities of England: how many pupils, how poor, and which planted effect on offending each has.

`areas.csv` holds one row for each authority of the 2019/20 dashboard "Education, children's social care and offending" (school basis; no figures
are published for the City of London, the Isles of Scilly, Bournemouth and Poole, so the world has none of them). Columns: `pupils`,
`any_offence`, `serious_violence` (published counts), `fsm_percent`, `cin_percent`, `cla_percent` (published shares of all pupils), `mix` (which
ethnic mix of `people.ETHNICITY` it has: assumed) and the planted effects: `effect`, the natural logarithm by which the authority multiplies the
hazard of a first offence, whatever the child's own circumstances, and `violence_effect`, what it adds to the log odds that an offence is one of
serious violence. Both were fitted so that the world's rates follow the published ones.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

SAMPLE_AREAS = ("390", "806", "840", "929", "304", "306", "308", "320")  # of the bundled sample: North East, Outer London
SAMPLE_AREA_TEXT = ",".join(SAMPLE_AREAS)


@dataclass(frozen=True)
class Areas:
    """The authorities of a world, in order of their codes; every attribute has one entry for each."""

    code: np.ndarray
    name: np.ndarray
    region: np.ndarray
    mix: np.ndarray
    pupils: np.ndarray
    offence_share: np.ndarray
    fsm: np.ndarray
    cin: np.ndarray
    cla: np.ndarray
    effect: np.ndarray
    violence: np.ndarray

    def __len__(self) -> int:
        return len(self.code)


@cache
def load_areas(wanted: str = "") -> Areas:
    """The authorities of England, or those whose codes or regions are listed in `wanted`, separated by commas."""
    with open(Path(__file__).with_name("areas.csv"), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if wanted:
        listed = [text.strip() for text in wanted.split(",") if text.strip()]
        unknown = set(listed) - {row["code"] for row in rows} - {row["region"] for row in rows}
        if unknown:
            raise ValueError(f"no local authority or region is called {sorted(unknown)[0]!r}")
        rows = [row for row in rows if row["code"] in listed or row["region"] in listed]

    def text(name: str) -> np.ndarray:
        return np.array([row[name] for row in rows], dtype=object)

    def number(name: str) -> np.ndarray:
        return np.array([float(row[name]) for row in rows])

    return Areas(text("code"), text("name"), text("region"), text("mix"), number("pupils"), number("any_offence") / number("pupils"),
                 number("fsm_percent") / 100, number("cin_percent") / 100, number("cla_percent") / 100, number("effect"),
                 number("violence_effect"))
