"""Are the planted effects of authorities found again? `python -m synthetic.area_effects --database FILE --truth FOLDER`

The world multiplies each child's hazard of a first offence by the effect of the authority it grew up in (`planted_area_effects.csv`). Children differ
far more in their own risk than in that, so an authority with twice the hazard has well under twice the offenders: those at high risk offend anyway.
Here the hazard is estimated from the project's tables alone: pupils by the authority of their first census, in strata of sex, ethnic group and
birth cohort, and how many of each have a sanction. Each stratum has a hazard, each authority an effect on all of them; risk is normal with the
steepness that `parameters` gives, and 77 % of offenders are linked. Both sets of numbers are those under which the expected offenders of each
stratum and of each authority equal the observed ones; the limits of an effect are those of a Poisson count of the authority's offenders.

Some pupils were first seen after a move, so that the authority of their first census is not the one they grew up in; without regard to them every
effect would be found an eighth too small. Their share in a stratum is the yearly rate of moves between authorities, as the censuses show it, for
each year of life before the first census; they count as pupils of England as a whole.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from .parameters import LINKED, STEEPNESS

STRATUM = ["sex_code", "ethnicity_major_code", "cohort_academic_year"]
ROUNDS = 40
COUNTS = """
with schooling as (
    select pupil_id, min(academic_year_end) as first_year, max(academic_year_end) as last_year,
        min_by(local_authority_code, academic_year_end) as code, max_by(local_authority_code, academic_year_end) as last_code
    from marts.pupil_school_years
    where local_authority_code is not null
    group by pupil_id
)
select schooling.code, pupils.sex_code, pupils.ethnicity_major_code, pupils.cohort_academic_year,
    count(*) as n, sum(case when justice.n_sanctions > 0 then 1 else 0 end) as offenders,
    sum(schooling.first_year - (cast(left(pupils.cohort_academic_year, 4) as integer) + 1)) as years_before,
    sum(schooling.last_year - schooling.first_year) as years_seen, sum(case when schooling.code <> schooling.last_code then 1 else 0 end) as moves
from schooling
inner join marts.pupils as pupils on schooling.pupil_id = pupils.pupil_id
inner join marts.justice_outcomes as justice on schooling.pupil_id = justice.pupil_id
where justice.n_sanctions is not null
group by all
"""


def offending_curve(steepness: float) -> tuple[np.ndarray, np.ndarray]:
    """Share of a group that ever offends, by the logarithm of its cumulative hazard at average risk.

    Args:
        steepness: log hazard for each standard deviation of risk.

    Returns:
        Log hazards on a fine grid, and the share at each.
    """
    risk = norm.ppf((np.arange(4000) + 0.5) / 4000)
    grid = np.linspace(-25, 15, 2001)
    share = np.array([np.mean(-np.expm1(-np.exp(log_hazard + steepness * risk - steepness**2 / 2))) for log_hazard in grid])
    return grid, share


def solve(total: np.ndarray, n: np.ndarray, other: np.ndarray, start: np.ndarray, curve: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """The numbers x, one a row of `n`, under which the expected offenders of the row, sum of n * share(x + other), are `total`; by halving."""
    low, high = start - 8, start + 8
    for _ in range(50):
        middle = (low + high) / 2
        expected = (n * np.interp(middle[:, None] + other[None, :], *curve)).sum(axis=1)
        low, high = np.where(expected < total, middle, low), np.where(expected < total, high, middle)
    return (low + high) / 2


def estimate(counts: pd.DataFrame) -> pd.DataFrame:
    """Effects of authorities on the log hazard of a first offence, with 95 % limits.

    Args:
        counts: one row for each authority and stratum: code, the columns of STRATUM, n, offenders; and the sums over its pupils of years lived before
            the first census, years between the first and last, and moves between the two.

    Returns:
        One row for each authority: code, n, offenders, effect, lower, upper. Effects are relative to each other: their mean is not determined.
    """
    curve = offending_curve(STEEPNESS["offence"])
    counts = counts.assign(stratum=counts[STRATUM].fillna("unknown").agg("|".join, axis=1))
    counts = counts[counts.groupby("stratum").offenders.transform("sum") > 0]
    n = counts.pivot_table(index="code", columns="stratum", values="n", aggfunc="sum", fill_value=0)
    cases = counts.pivot_table(index="code", columns="stratum", values="offenders", aggfunc="sum", fill_value=0)
    size, by_area, by_stratum = n.to_numpy(float), cases.sum(axis=1).to_numpy(float), cases.sum(axis=0).to_numpy(float)

    moves_a_year = counts.moves.sum() / max(counts.years_seen.sum(), 1)
    moved = (moves_a_year * counts.groupby("stratum").years_before.sum() / counts.groupby("stratum").n.sum()).clip(0, 0.9).to_numpy(float)
    grew_up = size * (1 - moved)
    england = size.sum(axis=1) / size.sum()
    expected_of = grew_up + np.outer(england, size.sum(axis=0) * moved)

    effect, hazard = np.zeros(len(n)), np.full(n.shape[1], -2.0)
    for _ in range(ROUNDS):
        hazard = solve(by_stratum / LINKED, expected_of.T, effect, hazard, curve)
        elsewhere = size @ (moved * (england @ np.interp(effect[:, None] + hazard[None, :], *curve)))
        effect = solve(by_area / LINKED - elsewhere, grew_up, hazard, effect, curve)
        effect -= np.average(effect, weights=by_area + 1)
    lower = solve(chi2.ppf(0.025, 2 * by_area) / 2 / LINKED - elsewhere, grew_up, hazard, effect, curve)
    upper = solve(chi2.ppf(0.975, 2 * by_area + 2) / 2 / LINKED - elsewhere, grew_up, hazard, effect, curve)
    return pd.DataFrame({"code": n.index, "n": size.sum(axis=1).astype(int), "offenders": by_area.astype(int), "effect": effect, "lower": lower, "upper": upper})


def compare(found: pd.DataFrame, planted: pd.DataFrame) -> pd.DataFrame:
    """Found beside planted, with the mean of the planted effects, which the data cannot tell, given to the found ones.

    Args:
        found: result of `estimate`.
        planted: columns local_authority and log_hazard_of_first_offence.
    """
    both = found.merge(planted.rename(columns={"local_authority": "code", "log_hazard_of_first_offence": "planted"})[["code", "planted"]], on="code")
    shift = np.average(both.planted - both.effect, weights=both.offenders + 1)
    both[["effect", "lower", "upper"]] += shift
    return both.assign(is_inside=(both.lower <= both.planted) & (both.planted <= both.upper))


def main(arguments: list[str] | None = None) -> int:
    """Print what is found beside what was planted; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m synthetic.area_effects", description="Planted effects of authorities, and what the tables show of them.")
    parser.add_argument("--database", type=Path, required=True, help="DuckDB file that the project built from a synthetic extract")
    parser.add_argument("--truth", type=Path, required=True, help="the folder truth of that extract")
    options = parser.parse_args(arguments)
    with duckdb.connect(str(options.database), read_only=True) as connection:
        counts = connection.sql(COUNTS).df()
    planted = pd.read_csv(options.truth / "planted_area_effects.csv", dtype={"local_authority": str})
    both = compare(estimate(counts), planted)
    print(both.round(3).to_string(index=False))
    print(f"{both.is_inside.sum()} of {len(both)} planted effects lie within the 95 % limits ({both.is_inside.mean():.0%}); "
          f"correlation {both.effect.corr(both.planted):.3f}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
