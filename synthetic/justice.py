"""The link between the justice and the education identifiers: who of the children has a record, and under which number."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .social_care import SocialCare
from .streams import Streams

# Chance of a caution or conviction by the end of the data (4% of pupils, 15% and 24% of children in need and in care among them in published
# cohorts; over-sampled) and of its record being linked to the pupil (published: 77% of offenders).
OFFENDS = {"none": 0.05, "referral": 0.12, "plan": 0.20, "care": 0.32}
LINKED = 0.77


def make_links(people: pd.DataFrame, care: SocialCare, streams: Streams) -> pd.DataFrame:
    """Pupils with a linked justice record.

    Returns:
        Columns `person`, `moj_uid` (text of ten digits), `pmr`, `first_year` (calendar year of the first caution or conviction).
    """
    n = len(people)
    chance = np.full(n, OFFENDS["none"])
    chance[care.referrals["person"].unique()] = OFFENDS["referral"]
    chance[care.plans["person"].unique()] = OFFENDS["plan"]
    chance[care.periods["person"].unique()] = OFFENDS["care"]
    offends = streams.named("justice.offends").random(n) < chance
    linked = streams.named("justice.linked").random(n) < LINKED
    age = np.clip(streams.named("justice.age").normal(16.5, 3.0, n), 10, 27)
    first_year = (people["birth_year"] + age).astype(int)
    uid = streams.named("justice.uid").permutation(9 * n)[:n] * 7 + 1_000_000_003
    links = pd.DataFrame({"person": people["person"], "moj_uid": uid.astype(str), "pmr": people["pmr"], "first_year": first_year})
    return links[(offends & linked & people["is_pupil"]).to_numpy()].reset_index(drop=True)
