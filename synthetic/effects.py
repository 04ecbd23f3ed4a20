"""The first research question, printed: `python -m synthetic.effects --database FILE --truth FOLDER`

Education, engagement and justice by the highest level of social care, and first sanctions by the level known so far (the two analyses of the project,
from its marts alone), and then what the world planted beside what the marts show of it.

Each planted effect is looked for twice. First as a researcher can, with age, sex and ethnic group held fixed: that mixes the effect with the kind of
child that comes into care or is excluded. Then with what only the truth knows held fixed too: the hidden `risk` of each child, and who offended without
being linked, and so looks like a pupil who never did. That should come near to what was planted. Onsets are Poisson models of events over time at risk,
with one hazard for each year of age; the result at the end of Year 11 is a probit, put into standard deviations of the result behind it.

Why the second need not hit: care before the returns begin and exclusions before 2006 are not seen, and for suspensions and results each child has a
propensity of its own beside its risk, which no table holds. Alternative provision is known by school year alone, so that its order within the year of
an exclusion is not, and the planted effect of one on the other is not looked for.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import duckdb
import jinja2
import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from .parameters import LOADING

ANALYSES = Path(__file__).resolve().parent.parent / "analyses"
ROUNDING = Path(__file__).resolve().parent.parent / "macros" / "numbers" / "round_half_up.sql"
ETHNIC_GROUPS = ("MIXD", "ASIA", "BLAC", "CHIN", "AOEG", "UNCL")
# Causes that are one group beside another, as they are printed.
AGAINST = {"male": "male (against female)"} | {group: f"ethnic group {group} (against WHIT)" for group in ETHNIC_GROUPS}
LEVELS = {"no_contact": "no contact", "referral_only": "referral only", "child_in_need": "in need", "child_protection_plan": "protection plan", "child_looked_after": "looked after"}
Z = norm.ppf(0.975)
# Stretches of time before the first event of each kind, with the days from which care and exclusion count (the day after, and for care the marts' own rule).
OFFENCE = """
    select spells.pupil_id, spells.start_date, spells.stop_date, spells.is_event, pupils.first_care_date, pupils.first_permanent_exclusion_date,
        pupils.first_suspension_date
    from marts.at_risk_spells as spells
    inner join marts.pupil_analysis as pupils on spells.pupil_id = pupils.pupil_id
    where spells.social_care_level_so_far is not null
"""
# The same for the second model, which lets offenders who are not linked go on the day of their first offence, as it does the linked.
UNTIL_UNLINKED = f"""
    select pupil_id, start_date, least(stop_date, unlinked_offence_date + 1) as stop_date, is_event, first_care_date, first_permanent_exclusion_date, first_suspension_date
    from ({OFFENCE})
    left join truth using (pupil_id)
    where unlinked_offence_date is null or start_date <= unlinked_offence_date
"""
SUSPENSION = """
    select pupil_id, start_date, stop_date, is_event, first_care_date, null::date as first_permanent_exclusion_date, null::date as first_suspension_date
    from (
        select *, first_suspension_date + 1 <= end_date as is_event, least(first_suspension_date + 1, end_date) as stop_date
        from (
            select *, greatest(make_date(first_census_year - 1, 9, 1), (notional_birth_date + interval 5 year)::date, date '2005-09-01') as start_date,
                make_date(last_census_year, 8, 1) as end_date
            from marts.pupil_analysis
            where ever_suspended is not null and first_census_year is not null
        )
    )
    where start_date < stop_date
"""
# Cut at birthdays and at the events, and added up: the sums are all that a Poisson model needs, however many pupils there are.
# A first exclusion counts in one way for half a year and in another from then on, a first suspension for a year.
CELLS = """
with stretches as ({stretches}),
cuts as (
    select *, first_care_date + 1 as care_start, first_permanent_exclusion_date + 1 as exclusion_start, first_permanent_exclusion_date + 184 as exclusion_later,
        first_suspension_date + 1 as suspension_start, first_suspension_date + 367 as suspension_over
    from stretches
),
pieces as (
    select cuts.*, pupils.sex_code, pupils.ethnicity_major_code, round(truth.risk, 1) as risk, ages.age, cared.state as in_care,
        (out.state = 1)::integer as is_newly_excluded, (out.state = 2)::integer as is_excluded, (suspended.state = 1)::integer as is_newly_suspended,
        greatest(start_date, (pupils.notional_birth_date + to_years(ages.age::integer))::date, case when cared.state = 1 then care_start end,
            case out.state when 1 then exclusion_start when 2 then exclusion_later end,
            case suspended.state when 1 then suspension_start when 2 then suspension_over end) as piece_start,
        least(stop_date, (pupils.notional_birth_date + to_years(ages.age::integer + 1))::date, case when cared.state = 0 then care_start end,
            case out.state when 0 then exclusion_start when 1 then exclusion_later end,
            case suspended.state when 0 then suspension_start when 1 then suspension_over end) as piece_stop
    from cuts
    inner join marts.pupils as pupils using (pupil_id)
    inner join truth using (pupil_id)
    inner join range(4, 40) as ages (age) on (pupils.notional_birth_date + to_years(ages.age::integer))::date < stop_date
        and (pupils.notional_birth_date + to_years(ages.age::integer + 1))::date > start_date
    inner join (values (0), (1)) as cared (state) on cared.state = 0 or care_start is not null
    inner join (values (0), (1), (2)) as out (state) on out.state = 0 or exclusion_start is not null
    inner join (values (0), (1), (2)) as suspended (state) on suspended.state = 0 or suspension_start is not null
)
select least(age, 22)::varchar as age, sex_code, ethnicity_major_code, risk, in_care, is_newly_excluded, is_excluded, is_newly_suspended,
    sum(piece_stop - piece_start) / 365.25 as years, sum(case when is_event and piece_stop = stop_date then 1 else 0 end)::double as events
from pieces
where piece_start < piece_stop and sex_code is not null and ethnicity_major_code is not null
group by all
"""
RESULTS = """
select sex_code, ethnicity_major_code, round(truth.risk, 1) as risk, count(*)::double as pupils,
    coalesce(first_care_date < make_date(ks4_academic_year_end, 5, 1), false)::integer as in_care, ever_permanently_excluded::integer as is_excluded,
    sum(achieved_level2_english_maths::integer)::double as events
from marts.pupil_analysis
inner join truth using (pupil_id)
where achieved_level2_english_maths is not null and ever_permanently_excluded is not null and sex_code is not null and ethnicity_major_code is not null
    and ks4_status = 'exam_result'
group by all
"""


def design(cells: pd.DataFrame, terms: list[str]) -> tuple[np.ndarray, list[str]]:
    """Columns of a model and their names: `age` and `ethnicity` as groups (White pupils are compared with), the rest as they are.

    A column that is nearly empty is left out, since it can be told nothing of.
    """
    columns = {"constant": np.ones(len(cells))} if "age" not in terms else {}
    for term in terms:
        if term == "age":
            columns |= {f"age {age}": (cells.age == age).to_numpy(float) for age in sorted(cells.age.unique()) if cells.events[cells.age == age].sum() > 0}
        elif term == "ethnicity":
            groups = [name for name in sorted(cells.ethnicity_major_code.unique()) if name != "WHIT" and cells.events[cells.ethnicity_major_code == name].sum() > 0]
            columns |= {name: (cells.ethnicity_major_code == name).to_numpy(float) for name in groups}
        elif term == "male":
            columns["male"] = (cells.sex_code == "M").to_numpy(float)
        elif cells.events[cells[term] != 0].sum() > 0 or term == "risk":
            columns[term] = cells[term].to_numpy(float)
    return np.column_stack(list(columns.values())), list(columns)


def fit(matrix: np.ndarray, names: list[str], events: np.ndarray, size: np.ndarray, link: str) -> dict[str, tuple[float, float]]:
    """Estimates and standard errors by Fisher scoring.

    Args:
        events: number of events in each cell.
        size: years at risk (link `log`, Poisson), or pupils (link `probit`, binomial).
    """
    def likelihood(beta: np.ndarray) -> float:
        score = np.clip(matrix @ beta, -30, 30)
        if link == "log":
            return float((events * score - size * np.exp(score)).sum())
        return float((events * norm.logcdf(score) + (size - events) * norm.logcdf(-score)).sum())

    beta, information = np.zeros(matrix.shape[1]), np.eye(matrix.shape[1])
    for _ in range(100):
        score = np.clip(matrix @ beta, -30, 30)
        if link == "log":
            mean = size * np.exp(score)
            slope, weight = events - mean, mean
        else:
            chance, density = np.clip(norm.cdf(score), 1e-9, 1 - 1e-9), norm.pdf(score)
            slope = (events - size * chance) * density / (chance * (1 - chance))
            weight = size * density**2 / (chance * (1 - chance))
        information = matrix.T @ (matrix * weight[:, None]) + 1e-9 * np.eye(len(beta))
        step = np.linalg.solve(information, matrix.T @ slope)
        now = likelihood(beta)
        while likelihood(beta + step) < now and np.abs(step).max() > 1e-9:
            step /= 2
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    return {name: (float(value), float(error)) for name, value, error in zip(names, beta, errors)}


def model(cells: pd.DataFrame, terms: list[str], size: str = "years", link: str = "log") -> dict[str, tuple[float, float]]:
    """Estimates from cells; those of an age at which nothing happens are left out, since they tell nothing."""
    if "age" in terms:
        cells = cells[cells.groupby("age").events.transform("sum") > 0]
    return fit(*design(cells, terms), cells.events.to_numpy(float), cells[size].to_numpy(float), link)


def find(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Estimates from the marts: `cause`, `outcome`, then for the model without (`marts`) and with (`risk`) the hidden risk the value and its limits.

    Values are on the scale on which the effect was planted; `connection` holds the marts and a table `truth` (pupil_id, risk, unlinked_offence_date).
    """
    rows: list[dict] = []

    def add(cause: str, outcome: str, name: str, fits: list, scale: str = "log", factor: float | tuple[float, float] = 1.0) -> None:
        row: dict = {"cause": cause, "outcome": outcome}
        for label, found, by in zip(("marts", "risk"), fits, factor if isinstance(factor, tuple) else (factor, factor)):
            if name in found:
                value, error = found[name]
                limits = [value * by, (value - Z * error) * by, (value + Z * error) * by]
                row |= dict(zip((label, f"{label}_lower", f"{label}_upper"), np.exp(limits) if scale == "factor" else limits))
        rows.append(row)

    terms = ["age", "male", "ethnicity", "in_care", "is_newly_excluded", "is_excluded", "is_newly_suspended"]
    fits = [model(connection.sql(CELLS.format(stretches=OFFENCE)).df(), terms), model(connection.sql(CELLS.format(stretches=UNTIL_UNLINKED)).df(), [*terms, "risk"])]
    add("first entry to care", "first offence", "in_care", fits, "factor")
    add("first permanent exclusion", "first offence within half a year", "is_newly_excluded", fits, "factor")
    add("first permanent exclusion", "first offence", "is_excluded", fits, "factor")
    add("first suspension", "first offence within a year", "is_newly_suspended", fits, "factor")
    add("risk (one standard deviation)", "first offence", "risk", fits)
    add("male", "first offence", "male", fits)
    for group in ETHNIC_GROUPS:
        add(group, "first offence", group, fits)
    cells, terms = connection.sql(CELLS.format(stretches=SUSPENSION)).df(), ["age", "male", "ethnicity", "in_care"]
    fits = [model(cells, terms), model(cells, [*terms, "risk"])]
    add("first entry to care", "first suspension", "in_care", fits, "factor")
    cells, terms = connection.sql(RESULTS).df(), ["male", "ethnicity", "in_care", "is_excluded"]
    fits = [model(cells, terms, "pupils", "probit"), model(cells, [*terms, "risk"], "pupils", "probit")]
    # The grade is 0.9 of the result behind it and noise; with the risk held fixed less of the result is left to vary.
    to_result = tuple(np.sqrt(0.9**2 * left + 1 - 0.9**2) / 0.9 for left in (1.0, 1 - LOADING["ks4"] ** 2))
    add("in care before the summer of Year 11", "result at the end of Year 11", "in_care", fits, factor=to_result)
    add("permanently excluded", "result at the end of Year 11", "is_excluded", fits, factor=to_result)
    return pd.DataFrame(rows).reindex(columns=["cause", "outcome", *(f"{label}{end}" for label in ("marts", "risk") for end in ("", "_lower", "_upper"))])


def analysis(connection: duckdb.DuckDBPyConnection, name: str) -> pd.DataFrame:
    """The rows of one of the project's analyses, which may round; a seed stands in the schema of look-ups, all else among the marts."""
    sql = ROUNDING.read_text(encoding="utf-8") + (ANALYSES / f"{name}.sql").read_text(encoding="utf-8")
    where = dict(connection.sql("select table_name, table_schema from information_schema.tables where table_schema in ('marts', 'lookups')").fetchall())
    return connection.sql(jinja2.Template(sql).render(ref=lambda table: f"{where.get(table, 'marts')}.{table}")).df()


def outcome_lines(rows: pd.DataFrame) -> list[str]:
    """The first analysis as text: a value for each level, and under it of how many pupils."""
    lines = [f"{'':<62}" + "".join(f"{name:>17}" for name in LEVELS.values())]
    for section, mine in rows.groupby("section", sort=False):
        lines += ["", section.capitalize()]
        before = None
        for row in mine.to_dict("records"):
            counts = tuple(int(row[f"n_{level}"]) for level in LEVELS)
            if counts != before:
                lines.append(f"  {'pupils of whom it is known':<60}" + "".join(f"{n:>17,}" for n in counts))
                before = counts
            places = 2 if row["unit"].endswith("per pupil") else 1
            lines.append(f"    {row['outcome'] + ', ' + row['unit']:<58}" + "".join(f"{'.' if pd.isna(row[level]) else format(row[level], f',.{places}f'):>17}" for level in LEVELS))
    return lines


def rate_lines(rows: pd.DataFrame) -> list[str]:
    """The second analysis as text, with limits of each rate: exact ones of a Poisson count."""
    lines = [f"{'ages':<14}{'level known so far':<20}{'pupils':>10}{'years at risk':>16}{'first sanctions':>17}{'per 1,000 years':>17}{'95 % limits':>16}{'ratio':>8}"]
    for ages, mine in rows.groupby("ages", sort=False):
        none = mine[mine.social_care_level == "no_contact"].first_sanctions_per_1000_years
        for row in mine.to_dict("records"):
            n, years = row["n_first_sanctions"], row["person_years"]
            low, high = chi2.ppf(0.025, 2 * n) / 2 if n else 0.0, chi2.ppf(0.975, 2 * n + 2) / 2
            ratio = row["first_sanctions_per_1000_years"] / none.iloc[0] if len(none) and none.iloc[0] > 0 else np.nan
            lines.append(f"{ages:<14}{LEVELS[row['social_care_level']]:<20}{row['n_pupils']:>10,}{years:>16,.0f}{n:>17,.0f}{row['first_sanctions_per_1000_years']:>17.1f}"
                         f"{f'{1000 * low / years:.1f} to {1000 * high / years:.1f}' if years else '':>16}{'.' if np.isnan(ratio) else f'{ratio:.1f}':>8}")
            ages = ""
    return lines


def effect_lines(planted: pd.DataFrame, found: pd.DataFrame) -> list[str]:
    """Planted and found effects side by side as text; what the marts cannot show is named at the end."""
    def cell(row: dict, label: str) -> str:
        return "." if pd.isna(row[label]) else f"{row[label]:.2f} ({row[f'{label}_lower']:.2f} to {row[f'{label}_upper']:.2f})"

    both = planted.merge(found, on=["cause", "outcome"], how="left")
    lines = [f"{'cause':<38}{'outcome':<36}{'scale':<22}{'planted':>8}{'found, hidden risk held fixed':>31}{'found by marts alone':>26}"]
    for row in both[both.cause.isin(found.cause) & both.outcome.isin(found.outcome)].to_dict("records"):
        if pd.notna(row["marts"]) or pd.notna(row["risk"]):
            lines.append(f"{AGAINST.get(row['cause'], row['cause']):<38}{row['outcome']:<36}{row['scale']:<22}{row['value']:>8.2f}{cell(row, 'risk'):>31}{cell(row, 'marts'):>26}")
    unseen = both[both.marts.isna() & both.risk.isna() & (both.value != 0)]
    lines += ["", f"Planted, and not looked for here: {len(unseen)} effects that work through hidden propensities, or on events too few in this extract ("
              + "; ".join(dict.fromkeys(unseen.outcome.str.replace(r":.*", "", regex=True))) + ")."]
    return lines


def report(database: Path, truth: Path) -> str:
    """All that is printed."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{database.as_posix()}' as built (read_only)")
        connection.execute("use built")
        connection.execute(f"""
            create temp table truth as
            select pupil_id, risk, case when not is_linked_to_offender then first_offence_date end as unlinked_offence_date
            from read_parquet('{(truth / 'pupils.parquet').as_posix()}') where pupil_id is not null
        """)
        outcomes, rates = (analysis(connection, name) for name in ("outcomes_by_social_care_level", "first_sanction_rates_by_social_care_level"))
        found = find(connection)
    planted = pd.read_csv(truth / "planted_effects.csv")
    parts = [
        ("Outcomes by the highest level of social care of the whole childhood", outcome_lines(outcomes)),
        ("First sanctions by the level known so far, nothing looking ahead (ratio: to no contact at the same ages)", rate_lines(rates)),
        ("Planted effects and what the tables show of them (95 % limits)", effect_lines(planted, found)),
    ]
    return "\n\n".join("\n".join([title, "=" * len(title), *lines]) for title, lines in parts)


def main(arguments: list[str] | None = None) -> int:
    """Print the tables; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m synthetic.effects", description="Outcomes by level of social care from the marts, and planted effects beside what they show.")
    parser.add_argument("--database", type=Path, required=True, help="DuckDB file that the project built from a synthetic extract")
    parser.add_argument("--truth", type=Path, required=True, help="folder truth of that world")
    chosen = parser.parse_args(arguments)
    for path in (chosen.database, chosen.truth / "pupils.parquet", chosen.truth / "planted_effects.csv"):
        if not path.exists():
            print(f"effects: error: there is no {path}", file=sys.stderr)
            return 2
    print(report(chosen.database, chosen.truth))
    return 0


if __name__ == "__main__":
    sys.exit(main())
