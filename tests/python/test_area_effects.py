"""The planted effects of authorities are found again: on children made here, one by one, by another way than the estimate takes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthetic.area_effects import compare, estimate
from synthetic.parameters import LINKED, STEEPNESS

N_AREAS, N_PUPILS, YEARS_BEFORE, YEARS_SEEN, MOVES_A_YEAR = 40, 600_000, 10, 8, 0.02
PLANTED = pd.DataFrame({"local_authority": [str(200 + k) for k in range(N_AREAS)], "log_hazard_of_first_offence": np.linspace(-1.0, 1.0, N_AREAS)})


@pytest.fixture(scope="module")
def compared() -> pd.DataFrame:
    """Planted beside found among pupils of whom a fifth moved between their birth and their first census, at random to another authority."""
    rng = np.random.default_rng(3)
    home = rng.integers(N_AREAS, size=N_PUPILS)
    seen = np.where(rng.random(N_PUPILS) < MOVES_A_YEAR * YEARS_BEFORE, rng.integers(N_AREAS, size=N_PUPILS), home)
    cohort = rng.integers(5, size=N_PUPILS)
    steep = STEEPNESS["offence"]
    hazard = np.exp(-1.5 + 0.2 * cohort + PLANTED.log_hazard_of_first_offence.to_numpy()[home] + steep * rng.standard_normal(N_PUPILS) - steep**2 / 2)
    offender = (rng.exponential(size=N_PUPILS) < hazard) & (rng.random(N_PUPILS) < LINKED)
    pupils = pd.DataFrame({
        "code": PLANTED.local_authority.to_numpy()[seen], "sex_code": "M", "ethnicity_major_code": "WHIT",
        "cohort_academic_year": cohort.astype(str), "offenders": offender, "n": 1, "years_before": YEARS_BEFORE, "years_seen": YEARS_SEEN,
        "moves": rng.random(N_PUPILS) < MOVES_A_YEAR * YEARS_SEEN,
    })
    return compare(estimate(pupils.groupby(["code", "sex_code", "ethnicity_major_code", "cohort_academic_year"], as_index=False).sum()), PLANTED)


def test_nine_in_ten_planted_effects_lie_within_their_limits(compared: pd.DataFrame) -> None:
    assert len(compared) == N_AREAS
    assert compared.is_inside.mean() >= 0.9, f"only {compared.is_inside.sum()} of {N_AREAS} planted effects lie within their 95 % limits"
    assert (compared.upper - compared.lower).max() < 0.7, "limits this wide would hold anything"


def test_moves_before_the_first_census_do_not_shrink_the_effects(compared: pd.DataFrame) -> None:
    slope = np.polyfit(compared.planted, compared.effect, 1)[0]
    assert abs(slope - 1) < 0.06, f"effects are found {slope:.2f} times as large as they were planted"
