"""Local authorities compared: an independent recomputation, the user's own indicators, and the page in a real browser."""

from __future__ import annotations

import html
import importlib.util
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import jinja2
import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, SAMPLE, Run
from scipy.stats import chi2

OUTCOMES = {
    "any_sanction": ("justice_outcomes", "n_sanctions > 0"),
    "custody": ("justice_outcomes", "most_severe_disposal = 'custodial'"),
    "serious_violence": ("justice_outcomes", "ever_serious_violence"),
    "level2_english_maths": ("education_outcomes", "achieved_level2_english_maths"),
    "suspended": ("education_outcomes", "ever_suspended"),
    "excluded": ("education_outcomes", "ever_permanently_excluded"),
    "persistently_absent": ("education_outcomes", "ever_persistently_absent"),
}
KEYS = ["area_basis", "area_code", "outcome", "social_care_level"]
MERGED = {"942": "909", "943": "909", "940": "928", "941": "928", "822": "820", "823": "820", "895": "875", "896": "875",
          "835": "838", "836": "839", "837": "839"}  # fmt: skip


def placed_pupils(run: Run) -> pd.DataFrame:
    """Pupils with an area on each basis, read from the tables before `int_pupil_areas`."""
    parts = []
    schooling = run.table("intermediate.int_school_history_per_pupil")
    for basis, column in (("school", "local_authority_code"), ("home", "home_local_authority_code")):
        parts.append(schooling[["pupil_id", column]].set_axis(["pupil_id", "area_code"], axis=1).assign(area_basis=basis))
    for table in ("int_cla_rows_marked", "int_cin_rows_marked"):
        rows = run.table(f"intermediate.{table}")
        rows = rows.loc[rows.ledger_rule_id == "used", ["pupil_id", "local_authority_code"]]
        parts.append(rows.set_axis(["pupil_id", "area_code"], axis=1).assign(area_basis="responsible"))
    placed = pd.concat(parts).dropna(subset="area_code")
    placed["area_code"] = placed.area_code.replace(MERGED)
    return placed.drop_duplicates()


def recomputed(run: Run) -> pd.DataFrame:
    """Every cell of `local_authority_outcomes`, from the marts of pupils."""
    pupils = run.table("marts.pupils")[["pupil_id", "sex_code", "cohort_academic_year"]].fillna("unknown")
    pupils = pupils.merge(run.table("marts.social_care_exposures")[["pupil_id", "social_care_level"]].dropna(), on="pupil_id")
    placed = placed_pupils(run)
    nation = placed.sort_values("area_code").drop_duplicates(["area_basis", "pupil_id"]).assign(area_code="england")
    parts = []
    for outcome, (mart, column) in OUTCOMES.items():
        seen = "is_followed_to_18 is true and has_ambiguous_link is false" if mart == "justice_outcomes" else "true"
        seen = "is_year_11_over is true" if outcome in ("suspended", "excluded", "persistently_absent") else seen
        known = run.table(f"(select pupil_id, {column} as \"case\" from marts.{mart} where {seen})").dropna()
        one = pupils.merge(known, on="pupil_id").merge(pd.concat([placed, nation]), on="pupil_id")
        one["case"] = one["case"].astype(int)
        stratum = ["area_basis", "social_care_level", "sex_code", "cohort_academic_year"]
        rates = one[one.area_code == "england"].groupby(stratum)["case"].mean().rename("national")
        one = one.merge(rates.reset_index(), on=stratum).assign(outcome=outcome)
        parts += [one, one.assign(social_care_level="all_levels")]
    cells = pd.concat(parts).groupby(KEYS).agg(n_pupils=("case", "size"), n_cases=("case", "sum"), expected_cases=("national", "sum"))
    cells["rate"] = cells.n_cases / cells.n_pupils
    for name, tail in (("95", 0.025), ("998", 0.001)):
        low = np.where(cells.n_cases > 0, chi2.ppf(tail, 2 * cells.n_cases) / 2, 0)
        high = chi2.ppf(1 - tail, 2 * cells.n_cases + 2) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            cells[f"ratio_lower_{name}"], cells[f"ratio_upper_{name}"] = low / cells.expected_cases, high / cells.expected_cases
    return cells.replace(np.inf, np.nan)


def test_every_cell_agrees_with_an_independent_recomputation(built_all_episodes: Run) -> None:
    found = built_all_episodes.table("marts.local_authority_outcomes").set_index(KEYS)
    expected = recomputed(built_all_episodes)
    assert set(expected.index) <= set(found.index) and len(expected) > 200
    assert (found.loc[found.index.difference(expected.index), "n_pupils"] == 0).all()
    found = found.loc[expected.index]
    for name in ("n_pupils", "n_cases", "rate", "expected_cases"):
        assert np.allclose(found[name].astype(float), expected[name].astype(float), rtol=0, atol=2e-6), name
    own = expected.rate.xs("no_contact", level="social_care_level")  # a child without contact has no responsible authority: there, by school
    own = own.reindex(pd.MultiIndex.from_tuples([("school" if basis == "responsible" else basis, *rest) for basis, *rest, _ in expected.index]))
    assert np.allclose(found.no_contact_rate.astype(float), own.astype(float), atol=1e-9, equal_nan=True) and own.notna().sum() > 200
    some = expected.expected_cases > 1e-9
    for name in ("ratio_lower_95", "ratio_upper_95", "ratio_lower_998", "ratio_upper_998"):
        # the seed has four decimals; from 100 cases on Byar's approximation is within a fiftieth of a case
        gap = (found.loc[some, name].astype(float) - expected.loc[some, name]).abs() * expected.expected_cases[some]
        assert (gap <= np.where(expected.n_cases[some] < 100, 0.0002, 0.02)).all(), (name, gap.max())


def test_the_shrunken_ratio_is_marshalls_estimator(built_all_episodes: Run) -> None:
    table = built_all_episodes.table("marts.local_authority_outcomes")
    areas = table[(table.area_code != "england") & (table.expected_cases > 0)]
    for _, group in areas.groupby(["area_basis", "outcome", "social_care_level"]):
        cases, expected = group.n_cases.to_numpy(float), group.expected_cases.to_numpy(float)
        mean = cases.sum() / expected.sum()
        between = (expected * (cases / expected - mean) ** 2).sum() / expected.sum() - mean / expected.mean()
        weight = between / (between + mean / expected) if between > 1e-12 else 0 * expected
        assert np.allclose(group.shrunken_ratio.astype(float), mean + weight * (cases / expected - mean), atol=1e-6)


def test_the_nation_is_the_sum_of_its_areas_each_pupil_once(built: Run) -> None:
    table = built.table("marts.local_authority_outcomes")
    table = table[table.social_care_level == "all_levels"]
    nation = table[table.area_code == "england"].set_index(["area_basis", "outcome"])
    summed = table[table.area_code != "england"].groupby(["area_basis", "outcome"])[["n_pupils", "n_cases"]].sum()
    for basis in ("school", "home"):
        if basis in nation.index.get_level_values(0):
            assert summed.loc[basis].equals(nation.loc[basis, ["n_pupils", "n_cases"]].astype(summed.dtypes).reindex(summed.loc[basis].index))
    # known to two authorities: counted in each, so that the areas hold more than the nation
    known = nation.loc["responsible"].n_pupils
    assert (summed.loc["responsible"].n_pupils.reindex(known.index) >= known).all()
    listed = built.table("intermediate.int_pupil_areas")
    assert (listed.groupby(["area_basis", "pupil_id"]).is_counted_nationally.sum() == 1).all()


def test_the_deprivation_of_an_area_is_that_of_the_census_that_places_its_pupils(built_all_episodes: Run) -> None:
    history = built_all_episodes.table("intermediate.int_school_history_per_pupil")
    years = built_all_episodes.table("intermediate.int_census_years")[["pupil_id", "academic_year_end", "idaci_score"]]
    scores = history.merge(years, left_on=["pupil_id", "local_authority_year"], right_on=["pupil_id", "academic_year_end"])
    found = built_all_episodes.table("intermediate.int_area_characteristics").set_index(["area_basis", "area_code"]).mean_idaci_score
    assert found["school", "england"] == pytest.approx(scores.idaci_score.mean(), abs=1e-6)
    expected = scores.groupby(scores.local_authority_code.replace(MERGED)).idaci_score.mean()
    assert np.allclose(found["school"].drop("england").astype(float).reindex(expected.index), expected.astype(float), atol=1e-6)


def test_a_users_own_indicators_stand_beside_their_areas(dbt: Callable[..., Run], seeded: Callable[[], Path], tmp_path: Path) -> None:
    for name in ("Spring_Census_2012.parquet", "CLA_Data_Supplied.txt.gz", "CIN_2009_to_2021.csv.gz", "Exclusions_2012.txt.gz"):
        shutil.copy(SAMPLE / "all_episodes_share" / name, tmp_path)
    (tmp_path / "Local_Area_own.csv").write_text(
        "LA,year,population_10_to_17,child_poverty_rate,recorded_crime_rate\n390,2011,1000,0.2,60\n390,2012,3000,0.4,80\n306,2012,,0.3,n/a\n,2012,5,0.1,1\nEngland,2012,9000,0.3,75\n"
    )
    run = dbt(tmp_path, "run", "--select", "+local_authority_outcomes", "+quality_row_ledger", database=seeded())
    assert run.result.success, run.output
    areas = run.table("marts.local_authority_outcomes").drop_duplicates("area_code").set_index("area_code")
    assert areas.loc["390", ["population_10_to_17", "child_poverty_rate", "recorded_crime_rate"]].tolist() == [2000, pytest.approx(0.3), 70]
    assert areas.loc["306", "child_poverty_rate"] == 0.3 and pd.isna(areas.loc["306", "recorded_crime_rate"])
    ledger = run.table("quality.quality_row_ledger")
    ledger = ledger[ledger.source_table == "reference.local_area"].groupby("rule_id").n_rows.sum()
    assert ledger.to_dict() == {"read": 5, "used": 3, "no_local_authority": 1, "unknown_local_authority": 1, "value_unreadable": 1}


def test_nobody_whose_own_outcome_is_the_areas_offending_without_contact_is_in_the_adjusted_comparison(built_all_episodes: Run) -> None:
    sql = (ROOT / "analyses" / "local_authority_adjusted_comparison.sql").read_text(encoding="utf-8")
    schemas = {"int_pupil_areas": "intermediate"}
    with duckdb.connect(str(built_all_episodes.database), read_only=True) as connection:
        rows = connection.sql(jinja2.Template(sql).render(ref=lambda table: f"{schemas.get(table, 'marts')}.{table}")).df()
    wide = built_all_episodes.table("marts.pupil_analysis")
    followed = wide[wide.is_followed_to_18.eq(True) & wide.has_ambiguous_link.eq(False) & (wide.social_care_level_rank > 0)]
    placed = placed_pupils(built_all_episodes)
    wanted = set(followed.pupil_id) & set(placed[placed.area_basis == "school"].pupil_id)
    assert set(rows.pupil_id) == wanted and len(rows) == len(wanted) > 200
    assert set(rows.social_care_level) == {"referral_only", "child_in_need", "child_protection_plan", "child_looked_after"}


# ---- the page ----


@pytest.fixture(scope="module")
def report():
    """The script that writes the page, as a module."""
    found = importlib.util.spec_from_file_location("make_report", ROOT / "report" / "make_report.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page(report, built_all_episodes: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the bundled all-episodes share."""
    out = tmp_path_factory.mktemp("report") / "local_authorities.html"
    assert report.main(["--database", str(built_all_episodes.database), "--out", str(out)]) == 0
    return out


def test_the_page_shows_only_what_may_be_shown(page: Path, built_all_episodes: Run) -> None:
    text = page.read_text(encoding="utf-8")
    data = json.loads(re.search(r'<script id="data" type="application/json">(.*?)</script>', text, re.DOTALL).group(1))
    shown = [value for one in data["series"].values() for name in ("n_pupils", "n_cases", "expected_cases") for value in one[name] if value is not None]
    assert len(shown) > 100 and all(value >= 10 and value % 10 == 0 for value in shown)
    exact = built_all_episodes.table("marts.local_authority_outcomes")
    small = exact[(exact.n_cases < 10) & (exact.area_code != "england")]
    places = {area["code"]: place for place, area in enumerate(data["areas"])}
    for row in small.itertuples():
        one = data["series"][f"{row.area_basis}|{row.outcome}|{row.social_care_level}"]
        assert all(one[name][places[row.area_code]] is None for name in ("n_cases", "rate", "standardised_ratio", "position"))
    assert not re.search(r'(src|href)="?https?:', text.split("<script>")[0])  # nothing of the page itself is fetched
    assert str(ROOT) not in text


def test_a_ratio_needs_thirty_cases_and_its_position_follows_from_what_is_shown(built_all_episodes: Run) -> None:
    shown = built_all_episodes.table("release.local_authority_outcomes_rounded")
    cases, expected = shown.n_cases.astype(float), shown.expected_cases.astype(float)
    told = (cases >= 30) & (expected >= 30)
    assert 50 < told.sum() < (cases.notna() & expected.notna()).sum()
    assert np.allclose(shown.standardised_ratio[told].astype(float), (cases / expected)[told]) and shown.standardised_ratio[~told].isna().all()
    area = told & (shown.area_code != "england")
    position = pd.Series("inside", index=shown.index)
    for name, tail in (("95", 0.025), ("998", 0.001)):
        position[chi2.ppf(tail, 2 * cases) / 2 > expected] = f"above_{name}"
        position[chi2.ppf(1 - tail, 2 * cases + 2) / 2 < expected] = f"below_{name}"
    assert (shown.funnel_position[area] == position[area]).all() and shown.funnel_position[~area].isna().all()
    keys = ["area_basis", "outcome", "social_care_level"]
    nation = shown[shown.area_code == "england"].set_index(keys)[["n_cases", "rate"]]
    nation = nation.reindex(pd.MultiIndex.from_frame(shown[keys])).astype(float).set_index(shown.index)
    both = (cases >= 30) & (nation.n_cases >= 30)
    assert np.allclose(shown.rate_ratio_to_nation[both].astype(float), (shown.rate.astype(float) / nation.rate)[both])
    assert shown.rate_ratio_to_nation[~both].isna().all()


def test_lines_of_the_funnel_are_the_limits_of_the_model(report) -> None:
    for n in (100, 150, 1000):
        assert report.byar(n, report.Z["95"], upper=False) == pytest.approx(chi2.ppf(0.025, 2 * n) / 2, abs=0.01)
        assert report.byar(n, report.Z["998"], upper=True) == pytest.approx(chi2.ppf(0.999, 2 * n + 2) / 2, abs=0.02)
    expected, ratio = report.funnel_lines(500)["above_95"]
    assert max(expected) <= 525 and all(value > 1 for value in ratio)


def test_a_missing_database_is_told_in_one_line(report, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="run `dbt build` first"):
        report.main(["--database", str(tmp_path / "none.duckdb")])


def browser() -> str | None:
    """The path of a Chromium-like browser of this machine."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome", "msedge"))
    return next((path for path in found if path), None)


@pytest.mark.parametrize("size", ["1280,900", "390,844"])
def test_the_page_works_in_a_browser(page: Path, tmp_path: Path, size: str) -> None:
    if browser() is None and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine; .ci/run installs one")
    assert browser(), "install Chromium: .ci/run does"
    probe = (
        "<script>document.body.dataset.opening = document.getElementById('table').textContent;"
        "document.body.dataset.overflow = document.documentElement.scrollWidth - innerWidth;"
        "for (const id of ['outcome', 'level', 'basis']) { const s = document.getElementById(id); s.selectedIndex = s.options.length - 1;"
        " s.dispatchEvent(new Event('change')); }"
        "document.body.dataset.last = document.getElementById('summary').textContent;"
        "for (const id of ['outcome', 'level', 'basis']) document.getElementById(id).selectedIndex = 0; draw();</script></body>"
    )
    copy = tmp_path / "page.html"
    copy.write_text(page.read_text(encoding="utf-8").replace("</body>", probe), encoding="utf-8")
    command = [
        browser(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-quic", "--no-first-run", f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={size}", "--virtual-time-budget=10000", "--dump-dom",
        copy.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    dom = done.stdout
    assert dom.count("<option") >= 7 + 6 + 2, done.stderr[-500:]
    rows = re.search(r'<table id="table">(.*?)</table>', dom, re.DOTALL).group(1)
    assert rows.count('<th scope="row">') >= 8 and rows.count('<th scope="col">') == 11
    assert 'class="main-svg"' in dom.split('id="map"')[1] and 'class="main-svg"' in dom.split('id="funnel"')[1]
    # it opens where half of the areas have a ratio; its first outcome is too rare in the bundled share
    assert re.search(r'data-opening="[^"]*inside the limits', dom) and "too few to say" in rows and "inside the limits" not in rows
    for picture in ("map", "funnel"):  # a text for each picture, with numbers in it
        text = html.unescape(re.search(rf'<figcaption id="{picture}-text">(.*?)</figcaption>', dom, re.DOTALL).group(1))
        assert re.search(r"\d", text) and "undefined" not in text and "NaN" not in text
    assert int(re.search(r'data-overflow="(-?\d+)"', dom).group(1)) <= 0, "the page is wider than the window"
    assert re.search(r'data-last="[^"]{20,}"', dom)  # every choice can be made from the keyboard's selects
