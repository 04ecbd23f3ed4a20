"""The page that compares local authorities: `python report/make_report.py`, or `make report`.

Reads what may be shown (`release.local_authority_outcomes_rounded`) and the look-ups that name it, and writes one HTML file with everything in
it: map, funnel plot, tables, definitions and the plotting library. It opens without a network. No exact count comes near the page: the tables
of persons are not read here.
"""

from __future__ import annotations

import argparse
import html
import json
import math
import os
import sys
from pathlib import Path

import duckdb
import pandas as pd
from plotly.offline import get_plotlyjs

HERE = Path(__file__).parent
MEASURES = ("n_pupils", "n_cases", "rate", "no_contact_rate", "rate_ratio_to_nation", "rate_ratio_to_no_contact", "expected_cases", "standardised_ratio")
BASES = {"school": "School attended near age 15", "home": "Home near age 15", "responsible": "Authority responsible for the child's social care"}
ALL_LEVELS = ("all_levels", "All pupils")
Z = {"95": 1.959964, "998": 3.090232}  # normal quantiles of 95 % and 99.8 % limits


def byar(n: float, z: float, upper: bool) -> float:
    """Byar's approximation to a limit of a Poisson count, as `local_authority_outcomes` has it; here it draws the lines of the funnel.

    Args:
        n: number of cases.
        z: normal quantile of the limit.
        upper: the upper limit, or the lower one.

    Returns:
        The limit, as a number of cases; 0 for the lower limit of no case.
    """
    if n == 0 and not upper:
        return 0.0
    n, sign = (n + 1, 1) if upper else (n, -1)
    return n * (1 - 1 / (9 * n) + sign * z / (3 * math.sqrt(n))) ** 3


def funnel_lines(most_expected: float) -> dict[str, list[list[float]]]:
    """Where the limits of the funnel run, up to a number of expected cases.

    An area with `n` cases leaves the funnel upwards where its lower limit reaches what is expected, downwards where its upper limit does.

    Returns:
        For each of above_95, below_95, above_998 and below_998 two lists: expected cases, and the ratio at the limit.
    """
    counts = sorted({round(10 ** (step / 40)) for step in range(0, math.ceil(40 * math.log10(2 * most_expected + 30)))})
    lines = {}
    for name, z in Z.items():
        for side, upper in (("above", False), ("below", True)):
            points = [(limit, n / limit) for n in counts if 5 <= (limit := byar(n, z, upper)) <= most_expected * 1.05]
            lines[f"{side}_{name}"] = [list(axis) for axis in zip(*points, strict=True)] if points else [[], []]
    return lines


def read(database: Path) -> dict[str, pd.DataFrame]:
    """The tables that the page shows, from the project's database."""
    tables = {
        "shown": "from release.local_authority_outcomes_rounded order by area_name, area_code",
        "outcomes": "from lookups.compared_outcomes order by outcome_order",
        "levels": "from lookups.social_care_levels order by rank",
        "tiles": "select coalesce(areas.area_code, tiles.code) as area_code, tile_column, tile_row from lookups.local_authority_tiles as tiles "
        "left join lookups.local_authority_areas as areas on tiles.code = areas.code order by tiles.code",
        "rules": "select rule, value from lookups.disclosure_rules",
    }
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            return {name: connection.sql(query).df() for name, query in tables.items()}
    except duckdb.Error as error:
        raise SystemExit(f"report: {database} does not hold the tables of the report: run `dbt build` first ({type(error).__name__}).") from error


def numbers(values: pd.Series) -> list[float | None]:
    """A column for JSON: NULL as null, four decimals at most."""
    return [None if pd.isna(value) else round(float(value), 4) for value in values]


def page_data(tables: dict[str, pd.DataFrame]) -> dict:
    """Everything that the page draws from, ready for JSON: areas with their tiles, and for each basis, outcome and level one list a measure."""
    shown = tables["shown"]
    names = shown.loc[shown.area_code != "england", ["area_code", "area_name", "region_name"]].drop_duplicates("area_code")
    tiles = tables["tiles"].groupby("area_code")[["tile_column", "tile_row"]].apply(lambda rows: rows.to_numpy().tolist()).to_dict()
    areas = [{"code": code, "name": name, "region": region, "tiles": tiles.get(code, [])} for code, name, region in names.itertuples(index=False)]
    series, nation = {}, {}
    for (basis, outcome, level), rows in shown.groupby(["area_basis", "outcome", "social_care_level"]):
        key = f"{basis}|{outcome}|{level}"
        by_area = rows.set_index("area_code")
        local = by_area.reindex([area["code"] for area in areas])
        series[key] = {name: numbers(local[name]) for name in MEASURES} | {"position": [None if pd.isna(x) else x for x in local["funnel_position"]]}
        if "england" in by_area.index:
            nation[key] = {name: numbers(by_area.loc[["england"], name])[0] for name in MEASURES}
    expected = pd.to_numeric(shown.loc[shown.area_code != "england", "expected_cases"]).max()
    levels = [ALL_LEVELS, *tables["levels"][["level", "label"]].itertuples(index=False, name=None)]
    return {
        "areas": areas,
        "series": series,
        "nation": nation,
        "bases": {basis: BASES[basis] for basis in BASES if basis in set(shown.area_basis)},
        "outcomes": tables["outcomes"][["outcome", "label", "is_adverse", "definition"]].to_dict("records"),
        "levels": dict(levels),
        "smallest_count_of_ratio": int(tables["rules"].set_index("rule")["value"]["smallest_count_of_ratio"]),
        "lines": funnel_lines(float(expected) if pd.notna(expected) else 10.0),
    }


def percent(value: float | None) -> str:
    """A share as text, or a dash where it is not shown."""
    return "–" if value is None else f"{100 * value:.1f} %"


def count(value: float | None) -> str:
    """A count as text, or a dash where it is not shown."""
    return "–" if value is None else f"{value:,.0f}"


def level_table(data: dict, outcome: dict) -> str:
    """One outcome at each level of social care in England, as an HTML table."""
    rows = []
    for level, label in data["levels"].items():
        found = data["nation"].get(f"school|{outcome['outcome']}|{level}", {})
        ratio = found.get("rate_ratio_to_no_contact")
        cells = [count(found.get("n_pupils")), count(found.get("n_cases")), percent(found.get("rate")), "–" if ratio is None else f"{ratio:.2f}"]
        rows.append(f'<tr><th scope="row">{html.escape(label)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>')
    head = "".join(f'<th scope="col">{text}</th>' for text in ("Highest level of social care", "Pupils", "Cases", "Rate", "Rate ÷ that at no contact"))
    return f"<table><caption>{html.escape(outcome['label'])}, England</caption><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def definitions(tables: dict[str, pd.DataFrame]) -> str:
    """Outcomes and levels in words, as an HTML list of terms."""
    terms = [(row.label, row.definition, row.source) for row in tables["outcomes"].itertuples()]
    terms += [(row.label, row.definition, row.source) for row in tables["levels"].itertuples()]
    return "".join(f"<dt>{html.escape(label)}</dt><dd>{html.escape(text)}. <small>{html.escape(source)}</small></dd>" for label, text, source in terms)


def make_page(tables: dict[str, pd.DataFrame]) -> str:
    """The whole page as one text."""
    data = page_data(tables)
    rules = dict(tables["rules"].itertuples(index=False, name=None))
    parts = {
        "{{style}}": (HERE / "page.css").read_text(encoding="utf-8"),
        "{{level_tables}}": "".join(level_table(data, outcome) for outcome in data["outcomes"]),
        "{{definitions}}": definitions(tables),
        "{{smallest_count}}": str(rules["smallest_count"]),
        "{{smallest_count_of_ratio}}": str(rules["smallest_count_of_ratio"]),
        "{{rounding_base}}": str(rules["rounding_base"]),
        "{{script}}": (HERE / "page.js").read_text(encoding="utf-8"),
        # no text of the data can end the script early
        "{{data}}": json.dumps(data, separators=(",", ":")).replace("</", "<\\/"),
        "{{plotly}}": get_plotlyjs(),
    }
    page = (HERE / "page.html").read_text(encoding="utf-8")
    for mark, text in parts.items():
        page = page.replace(mark, text)
    return page


def main(arguments: list[str] | None = None) -> int:
    """Write the page; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write the page that compares local authorities.")
    parser.add_argument("--database", type=Path, default=Path(os.environ.get("MOJ_DFE_DATABASE", "moj_dfe.duckdb")), help="DuckDB file of the project")
    parser.add_argument("--out", type=Path, default=Path("target/local_authorities.html"), help="HTML file to write")
    options = parser.parse_args(arguments)
    if not options.database.is_file():
        raise SystemExit(f"report: there is no database {options.database}: run `dbt build` first, or name it with --database.")
    page = make_page(read(options.database))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(page, encoding="utf-8")
    print(f"The comparison of local authorities is in {options.out} ({len(page) / 1e6:.1f} MB; opens offline).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
