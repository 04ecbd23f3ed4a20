"""The rules of the project, checked on dbt's manifest and on the YAML itself."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from pathlib import Path

import jsonschema
import portability
import pytest
import yaml
from conftest import ROOT
from dbt.jsonschemas import jsonschemas as dbt_schemas

PREFIXES = {"staging": "stg_", "intermediate": "int_", "quality": "quality_"}
CONTRACTED = ("marts", "quality", "release")
TEXT_FILES = [
    path
    for folder in ("models", "macros", "seeds", "tests", "analyses", "synthetic", "profiles", ".ci", "docs", "report", "export", "benchmarks")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".sql", ".yml", ".md", ".py", ".csv", ".html", ".css", ".js", ""} and path.is_file() and "sample" not in path.parts
] + [ROOT / name for name in ("README.md", "Makefile", "dbt_project.yml", "requirements.in", "requirements.txt")]


@pytest.fixture(scope="module")
def manifest(dbt, tmp_path_factory: pytest.TempPathFactory) -> dict:
    run = dbt(tmp_path_factory.mktemp("none"), "parse", "--no-partial-parse")
    assert run.result.success, run.output
    # everything dbt knows, in the form it writes for docs
    return json.loads(json.dumps(run.result.result.to_dict(omit_none=False), default=str))


@pytest.fixture(scope="module")
def models(manifest: dict) -> list[dict]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def of_type(manifest: dict, kind: str) -> list[dict]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == kind]


def layer(model: dict) -> str:
    return Path(model["path"]).parts[0]


def test_prefix_fits_folder(models: list[dict]) -> None:
    for model in models:
        prefix = PREFIXES.get(layer(model))
        if prefix:
            assert model["name"].startswith(prefix), model["path"]
        else:
            assert not model["name"].startswith(tuple(PREFIXES.values())), model["path"]
        if layer(model) == "staging":
            folder = Path(model["path"]).parts[1]
            assert model["name"].startswith(f"stg_{folder}__"), model["path"]


def test_a_model_ends_with_its_last_step(models: list[dict]) -> None:
    for model in models:
        # two of the widest are also stored in an order, and say why
        assert re.search(r"\n\)\n\n(--.*\n)*select \* from final(\norder by .*)?\s*$", model["raw_code"]), model["name"]


def test_only_staging_reads_sources_and_each_reads_one(models: list[dict]) -> None:
    for model in models:
        n_sources = len(model["sources"])
        assert n_sources == (1 if layer(model) == "staging" else 0), model["name"]


def test_staging_joins_nothing_and_filters_nobody(models: list[dict]) -> None:
    """In the models' own words. The macro `turn_slots_long` does join inside: it repeats a wide row for its own numbered slots, meets no other
    table and drops nobody (`test_a_wide_file_may_have_few_slots_and_gaps_among_them`)."""
    for model in models:
        if layer(model) == "staging":
            sql = re.sub(r"\{#.*?#\}|--[^\n]*", "", model["raw_code"], flags=re.DOTALL)
            assert not re.search(r"\b(join|where|group by|distinct|union)\b", sql, re.IGNORECASE), model["name"]


def test_a_row_travels_in_one_direction(manifest: dict, models: list[dict]) -> None:
    rank = {"staging": 0, "intermediate": 1, "marts": 2, "quality": 2, "release": 3}
    layer_of = {model["unique_id"]: layer(model) for model in models}
    for model in models:
        for parent in model["depends_on"]["nodes"]:
            if parent in layer_of:
                assert rank[layer_of[parent]] <= rank[layer(model)], f"{model['name']} reads {parent}"
        if layer(model) == "staging":
            assert not [p for p in model["depends_on"]["nodes"] if p in layer_of], model["name"]


def test_every_model_and_column_is_described_in_its_own_words(manifest: dict, models: list[dict]) -> None:
    by_text = defaultdict(set)
    for node in models + of_type(manifest, "seed") + list(manifest["sources"].values()):
        assert len(node["description"]) > 20, node["unique_id"]
        by_text[node["description"]].add(node["unique_id"])
        assert node["columns"], node["unique_id"]
        for column in node["columns"].values():
            assert len(column["description"]) > 8, f"{node['unique_id']}.{column['name']}"
            by_text[column["description"]].add(column["name"])
    # one text may serve one column wherever it stands, never two different things
    copied = {text: names for text, names in by_text.items() if len(names) > 1}
    assert not copied


def test_every_column_of_a_model_is_documented(built_all_episodes, models: list[dict]) -> None:
    import duckdb

    with duckdb.connect(str(built_all_episodes.database), read_only=True) as connection:
        for model in models:
            found = connection.sql(f"describe {model['schema']}.{model['alias']}").fetchall()
            assert [row[0] for row in found] == list(model["columns"]), model["name"]


def test_every_mart_is_contracted_with_a_grain_that_a_test_proves(manifest: dict, models: list[dict]) -> None:
    tested = {
        test["attached_node"] for test in of_type(manifest, "test") if (test.get("test_metadata") or {}).get("name") == "has_declared_grain"
    }  # fmt: skip
    for model in models:
        grain = model["config"]["meta"].get("grain")
        assert grain is not None, f"{model['name']} declares no grain"
        if layer(model) in CONTRACTED:
            assert model["config"]["contract"]["enforced"], model["name"]
            assert isinstance(grain, list), model["name"]
            assert all(column["data_type"] for column in model["columns"].values()), model["name"]
        if grain != "none":
            assert set(grain) <= set(model["columns"]), model["name"]
            assert model["unique_id"] in tested, f"no test proves the grain of {model['name']}"


def test_every_seed_is_typed_column_by_column(manifest: dict) -> None:
    for seed in of_type(manifest, "seed"):
        header = (ROOT / seed["original_file_path"]).read_text().splitlines()[0].split(",")
        assert list(seed["config"]["column_types"]) == header, seed["name"]
        assert list(seed["columns"]) == header, seed["name"]
        for name, kind in seed["config"]["column_types"].items():
            if name == "code" or name.endswith("_code"):
                assert kind == "varchar", f"{seed['name']}.{name} would lose leading zeros"


def test_every_macro_and_singular_test_is_described(manifest: dict) -> None:
    for macro in manifest["macros"].values():
        # what dbt finds by name (dispatch, tests, the schema override) is described once, under its plain name
        if macro["package_name"] == "moj_dfe" and not re.match(r"(duckdb|spark|default)__", macro["name"]):
            assert macro["description"], macro["name"]
    for test in of_type(manifest, "test"):
        if not test.get("test_metadata"):
            assert len(test["description"]) > 40, test["name"]


def test_every_variable_is_looked_at_before_a_run() -> None:
    """`refuse_senseless_variables` refuses a name that it does not know."""
    macro = (ROOT / "macros/extract/register_extract.sql").read_text().split("macro refuse_senseless_variables")[1].split("endmacro")[0]
    for name in yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]:
        assert f"'{name}'" in macro, name


def test_yaml_keys_are_valid() -> None:
    """dbt checks the keys of its YAML on some warehouses only, and DuckDB is not one of them."""
    validator = jsonschema.Draft7Validator(dbt_schemas.resources_schema())
    files = [*ROOT.glob("models/**/*.yml"), *ROOT.glob("seeds/**/*.yml"), *ROOT.glob("macros/**/*.yml"), *ROOT.glob("tests/**/*.yml")]
    assert len(files) > 10
    problems = []
    for path in files:
        for error in validator.iter_errors(yaml.safe_load(path.read_text())):
            problems.append(f"{path.relative_to(ROOT)}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
    assert not problems


def test_yaml_files_are_named_after_their_folder() -> None:
    for path in ROOT.glob("models/**/*.yml"):
        if path.parent.name != "models":
            assert re.fullmatch(rf"_{path.parent.name}__(models|sources|unit_tests|exposures)\.yml", path.name), path


def test_windows_have_a_total_order(models: list[dict]) -> None:
    """A window that may tie gives other results on another day: row_number must name its order, and NULLs their place."""
    for model in models:
        sql = re.sub(r"\{#.*?#\}", "", model["raw_code"], flags=re.DOTALL)
        for found in re.finditer(r"row_number\(\) over \((.*?)\n\s*\) as|row_number\(\) over \(([^\n]*)\) as", sql, re.DOTALL):
            assert "order by" in (found.group(1) or found.group(2)), model["name"]
        assert "any_value" not in sql and "current_date" not in sql and "now()" not in sql, model["name"]


def test_no_file_carries_a_path_or_host_of_one_machine() -> None:
    forbidden = re.compile(r"(?<![\w./{])/(home|root|work|Users|mnt)/|files\.pythonhosted|://pypi\.org|C:\\Users", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in TEXT_FILES
        if path.name != "test_project_rules.py"
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if forbidden.search(line)
    ]
    assert not found


def test_the_lock_is_hashed_and_pins_every_package() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pins = [line for line in lines if re.match(r"^[a-z0-9]", line)]
    assert len(pins) > 40
    assert all("==" in pin and pin.rstrip().endswith("\\") for pin in pins)
    wanted = [line for line in (ROOT / "requirements.in").read_text().splitlines() if line and not line.startswith("#")]
    for requirement in wanted:
        assert any(pin.startswith(requirement) for pin in pins), requirement


# Column of the seed education_years: value from each of these years on, written from the definitions and not from the seed.
TURNS = {
    "ks2_english_column": {2002: "english_level_code", 2013: "reading_level_code", 2016: "reading_scaled_score", 2020: ""},
    "ks2_maths_column": {2002: "maths_level_code", 2016: "maths_scaled_score", 2020: ""},
    "ks2_expected_at_least": {2002: "4", 2016: "100", 2020: ""},
    "ks2_tests": {2002: "held", 2010: "boycotted", 2011: "held", 2020: "cancelled"},
    "ks4_level2_column": {2002: "has_level2_em", 2014: "has_level2_em_ptq", 2015: "has_level2_em_ptq_ee", 2017: "has_glevel2em_ptq_ee"},
    "ks4_points_column": {2002: "points_ptscnewe", 2014: "points_ptscnewe_ptq", 2015: "points_ptscnewe_ptq_ee", 2017: ""},
    "attainment_8_scale": {2002: "", 2015: "a_star_to_g_8_to_1", 2017: "mixed_9_to_1_and_a_star_to_g", 2018: "nine_to_one"},
    "has_ebacc": {2002: "false", 2010: "true"},
    "ks4_grades": {2002: "examined", 2020: "centre_assessed"},
    "persistent_absence_percent": {2002: "20", 2011: "15", 2016: "10"},
    "n_half_terms": {2002: "5", 2013: "6"},
}


def test_the_year_table_turns_where_the_definitions_do() -> None:
    with open(ROOT / "seeds/rules/education_years.csv", newline="") as file:
        years = {int(row["academic_year_end"]): row for row in csv.DictReader(file)}
    assert list(years) == list(range(2002, 2022))
    for column, turns in TURNS.items():
        for year, row in years.items():
            assert row[column] == turns[max(turn for turn in turns if turn <= year)], (column, year)
    assert set(years[2002]) - set(TURNS) == {"academic_year_end", "note", "source"}


PORTABLE_FILES = [
    path
    for folder in ("models", "analyses", "tests/integrity", "macros")
    for path in sorted((ROOT / folder).rglob("*.sql"))
    # how each engine reads files: SQL put together from pieces, run on both engines by every build
    if path.parent != ROOT / "macros/extract"
]


def test_sql_is_portable() -> None:
    found = [
        f"{path.relative_to(ROOT)}, {problem}"
        for path in PORTABLE_FILES
        for problem in portability.problems(path.read_text(), path.relative_to(ROOT).parts[1])
    ]
    assert not found, "\n" + "\n".join(found)


def test_cases_have_the_types_of_both_engines() -> None:
    for path in [*(ROOT / "tests/macros").glob("*.sql"), *(ROOT / "models").rglob("*__unit_tests.yml")]:
        assert not re.search(r"\bas (varchar|text)\b", path.read_text()), f"{path.name}: write string, which both engines know"
        untyped = re.search(r"(?<!cast\()\bnull as (\w+)", path.read_text())
        assert not untyped, f"{path.name}: a bare null has no type on Spark: write cast(null as its type) as {untyped[1]}"


@pytest.mark.parametrize("rule", portability.RULES, ids=lambda rule: rule.name)
def test_each_rule_of_portability_catches_its_example(rule: portability.Rule) -> None:
    assert [problem for problem in portability.problems(rule.bad, rule.folder) if rule.name in problem]
    assert not list(portability.problems(rule.good, rule.folder))


# A guard of the project for each trap that the text of a file shows, and what would stand there without it.
GUARDS = (
    ("models/staging/npd/stg_npd__school_census.sql", r"\{\{ clean_decimal\('idaci'\) \}\}", "cast(idaci as double)", "a plain cast of a column"),
    ("models/intermediate/social_care/int_care_spells.sql", r" nulls last", "", "says nothing of NULLs"),
    ("macros/disclosure/disclosed.sql", r"cast\(floor\((.*?)\) \* rounding_base as bigint\)", r"cast(n / rounding_base as bigint)", "a cast that rounds"),
    ("models/quality/quality_extract_shape.sql", r"\{\{ round_half_up\('(.*?)', 4\) \}\}", r"round(\1, 4)", "a bare round"),
    ("models/intermediate/social_care/int_care_spells.sql", r"\{\{ dbt\.datediff\('(\w+)', '(\w+)', 'day'\) \}\}", r"datediff('day', \1, \2)", "a bare date difference"),
    ("models/intermediate/social_care/int_care_spells.sql", r"\{\{ dbt\.datediff\('(\w+)', '(\w+)', 'day'\) \}\}", r"care_start_date - reached_date", "arithmetic on a date"),
    ("models/quality/quality_definition_agreement.sql", r"\Z", "\nwhere answer_a = 'O''Brien'", "a doubled quote in a literal"),
)  # fmt: skip


@pytest.mark.parametrize(("file", "guard", "without", "finding"), GUARDS, ids=[guard[3] for guard in GUARDS])
def test_a_guard_taken_out_of_a_model_is_found(file: str, guard: str, without: str, finding: str) -> None:
    sql, n_replaced = re.subn(guard, without, (ROOT / file).read_text(), count=1)
    assert n_replaced == 1, f"{file} no longer holds the guard {guard}: name another file that does"
    assert [problem for problem in portability.problems(sql, Path(file).parts[1]) if finding in problem]


@pytest.mark.parametrize(
    ("sql", "n_problems"),
    [
        ("select row_number() over (partition by a order by b, c desc) from t", 2),
        ("select row_number() over (partition by a order by b nulls last, c desc nulls last) from t", 0),
        ("{% set row_order %}\n  case when a then 1 else 2 end, b nulls last\n{% endset %}", 1),
        ("select max(a) over (order by b nulls last rows between unbounded preceding and current row) from t order by 1", 0),
        ("select a from t -- order by a\n", 0),
        ("{% macro duckdb__x() %} select list_sort(a) {% endmacro %}", 0),
        ("{% macro x() %} select list_sort(a) {% endmacro %}", 1),
    ],
)
def test_portability_reads_the_order_of_rows_and_skips_what_is_no_sql(sql: str, n_problems: int) -> None:
    assert len(list(portability.problems(sql))) == n_problems


def test_not_null_constraints_are_data_tests_too(manifest: dict) -> None:
    """Spark enforces no constraint on Parquet: what a contract promises must be tested as well."""
    tested = {
        (test["attached_node"], test["column_name"])
        for test in of_type(manifest, "test")
        if (test.get("test_metadata") or {}).get("name") == "not_null"
    }
    for model in of_type(manifest, "model"):
        for column in model["columns"].values():
            kinds = {constraint["type"] for constraint in column["constraints"]}
            assert kinds <= {"not_null"}, f"{model['name']}.{column['name']}: Spark knows not_null alone"
            if kinds:
                assert (model["unique_id"], column["name"]) in tested, f"{model['name']}.{column['name']} has no not_null test"


def test_types_of_contracts_are_known_to_both_engines(manifest: dict) -> None:
    """A sum is wider than 64 bits on DuckDB and not on Spark; a contract must name a type that both have."""
    known = {"varchar", "smallint", "integer", "bigint", "boolean", "date", "double", "timestamp"}
    for model in of_type(manifest, "model"):
        for column in model["columns"].values():
            assert column["data_type"] is None or column["data_type"] in known, f"{model['name']}.{column['name']}"
