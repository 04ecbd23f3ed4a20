"""The first research question end to end: the analyses against the marts, and the models against effects that are known."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from conftest import SAMPLE, Run
from scipy.stats import norm

from synthetic.effects import LEVELS, analysis, model, report

YEAR = 365.25


@pytest.fixture(scope="module")
def wide(built_all_episodes: Run) -> pd.DataFrame:
    """Pupils of the analysis of outcomes, picked out by hand."""
    table = built_all_episodes.table("marts.pupil_analysis")
    return table[table.social_care_level.notna() & (table.n_childhood_years_cla_could_see >= 5) & (table.n_childhood_years_cin_could_see >= 5)]


def rows_of(run: Run, name: str) -> pd.DataFrame:
    with duckdb.connect(str(run.database), read_only=True) as connection:
        return analysis(connection, name)


def test_outcomes_by_level_are_those_of_the_pupils_of_whom_they_are_known(built_all_episodes: Run, wide: pd.DataFrame) -> None:
    rows = rows_of(built_all_episodes, "outcomes_by_social_care_level").set_index(["outcome", "unit"])
    school = wide[wide.is_year_11_over.eq(True)]
    assert 100 < len(school) < len(wide)
    followed = wide[wide.is_followed_to_18.eq(True) & wide.has_ambiguous_link.eq(False)]
    expected = {
        ("level 2 with English and maths", "per cent"): (school, school.achieved_level2_english_maths, 100),
        ("unauthorised absence in secondary school", "sessions per pupil"): (school, school.n_secondary_unauthorised_absence, 1),
        ("ever suspended", "per cent"): (school, school.ever_suspended, 100),
        ("sessions lost to suspensions", "sessions per pupil"): (school, school.n_suspension_sessions_lost, 1),
        ("ever permanently excluded", "per cent"): (school, school.ever_permanently_excluded, 100),
        ("convictions: none", "per cent"): (followed, followed.convictions.eq("none").where(followed.convictions.notna()), 100),
        ("most severe disposal: caution", "per cent"): (followed, followed.most_severe_disposal.eq("caution"), 100),
        ("ever in custody", "per cent"): (followed, followed.n_receptions > 0, 100),
    }
    for key, (pupils, answer, by) in expected.items():
        for level in LEVELS:
            known = answer[pupils.social_care_level == level].dropna().astype(float)
            assert rows.loc[key, f"n_{level}"] == len(known), (key, level)
            assert rows.loc[key, level] == pytest.approx(by * known.mean(), abs=0.006), (key, level)
    shares = rows.loc[[name for name in rows.index if name[0].startswith("convictions: ")], list(LEVELS)]
    assert shares.sum().to_numpy() == pytest.approx(100, abs=0.02)


def test_rates_add_up_to_the_days_and_events_at_risk(built_all_episodes: Run) -> None:
    rows = rows_of(built_all_episodes, "first_sanction_rates_by_social_care_level")
    spells = built_all_episodes.table("marts.at_risk_spells").dropna(subset="social_care_level_so_far")
    whole = rows[rows.ages == "all ages"].set_index("social_care_level")
    parts = rows[rows.ages != "all ages"].groupby("social_care_level")
    for level, mine in spells.groupby("social_care_level_so_far"):
        assert whole.n_first_sanctions[level] == parts.n_first_sanctions.sum()[level] == mine.is_event.sum()
        years = (mine.stop_day - mine.start_day).sum() / YEAR
        assert whole.person_years[level] == pytest.approx(years, abs=0.06) and parts.person_years.sum()[level] == pytest.approx(years, abs=0.2)
        assert whole.first_sanctions_per_1000_years[level] == pytest.approx(1000 * mine.is_event.sum() / years, abs=0.01)
    young = spells[(spells.start_day < 4 * YEAR)]
    ten = rows[(rows.ages == "10 to 13") & (rows.social_care_level == "no_contact")].iloc[0]
    mine = young[young.social_care_level_so_far == "no_contact"]
    assert ten.n_pupils == mine.pupil_id.nunique()
    assert ten.person_years == pytest.approx((mine.stop_day.clip(upper=4 * YEAR) - mine.start_day).sum() / YEAR, abs=0.06)


def test_no_offence_is_said_of_those_alone_of_whom_it_is_known(dbt: Callable[..., Run], built_all_episodes: Run, tmp_path: Path) -> None:
    name = "social_care_level_at_10_and_first_offence"
    run = dbt(built_all_episodes.extract, "compile", "--select", name, database=built_all_episodes.database)
    sql = run.result.result.results[0].node.compiled_code
    database = Path(shutil.copy(built_all_episodes.database, tmp_path / "moj_dfe.duckdb"))

    def counts() -> dict[str, int]:
        return connection.sql(sql).df().groupby("level_before_first_offence").n_pupils.sum().to_dict()

    with duckdb.connect(str(database)) as connection:
        pupils = connection.sql("from marts.justice_outcomes semi join marts.social_care_exposures using (pupil_id)").df()
        maybe, none = pupils.has_ambiguous_link, pupils.n_sanctions == 0
        assert maybe.any() and counts()["not_known"] == maybe.sum() and counts()["no_offence"] == (none & ~maybe).sum()
        # as where no table of justice was delivered
        connection.sql("update marts.justice_outcomes set n_sanctions = null, first_offence_date = null, has_ambiguous_link = null")
        assert counts() == {"not_known": len(pupils)}


@pytest.mark.parametrize(("link", "size"), [("log", "years"), ("probit", "pupils")])
def test_a_model_finds_the_effects_that_its_cells_were_made_with(link: str, size: str) -> None:
    """Events in each cell are exactly as many as the effects foretell, so that the estimates must be these effects."""
    grid = [(age, sex, group, risk, care) for age in ("10", "11") for sex in "MF" for group in ("WHIT", "BLAC") for risk in (-1.0, 0.0, 1.5) for care in (0, 1)]
    cells = pd.DataFrame(grid, columns=["age", "sex_code", "ethnicity_major_code", "risk", "in_care"])
    score = -2.0 + 0.4 * (cells.age == "11") + 0.5 * (cells.sex_code == "M") - 0.3 * (cells.ethnicity_major_code == "BLAC") + 0.7 * cells.risk + 0.26 * cells.in_care
    cells[size] = 1000.0 + 50 * np.arange(len(cells))
    cells["events"] = cells[size] * (np.exp(score) if link == "log" else norm.cdf(score))
    found = model(cells, ["age", "male", "ethnicity", "in_care", "risk"], size, link)
    for name, effect in {"age 10": -2.0, "age 11": -1.6, "male": 0.5, "BLAC": -0.3, "risk": 0.7, "in_care": 0.26}.items():
        assert found[name][0] == pytest.approx(effect, abs=1e-5), name
        assert 0 < found[name][1] < 0.2


def test_the_report_sets_planted_effects_beside_what_is_found(built_all_episodes: Run) -> None:
    text = report(built_all_episodes.database, SAMPLE / "truth")
    assert [title in text for title in ("Outcomes by the highest level", "First sanctions by the level known so far", "Planted effects")] == [True] * 3
    lines = {line[:38].strip(): line for line in text.splitlines()}
    risk, male = lines["risk (one standard deviation)"], lines["male (against female)"]
    assert " 3.00 " in risk and " 1.90 " in male
    found = float(re.search(r"3\.00 +(\d\.\d\d) \(", risk).group(1))
    assert 2 < found < 4, risk
