"""Stata files of the project's tables: what they hold is what the tables hold."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from conftest import ROOT, Run

_found = importlib.util.spec_from_file_location("make_stata", ROOT / "export" / "make_stata.py")
make_stata = importlib.util.module_from_spec(_found)
_found.loader.exec_module(make_stata)


def export(run: Run, folder: Path, *arguments: str) -> None:
    assert make_stata.main([*arguments, "--database", str(run.database), "--out", str(folder)]) == 0


@pytest.mark.parametrize("table", ["social_care_exposures", "justice_outcomes", "at_risk_spells", "pupil_analysis"])
def test_a_stata_file_holds_every_cell_of_its_table(built_all_episodes: Run, tmp_path: Path, table: str) -> None:
    export(built_all_episodes, tmp_path, f"marts.{table}")
    written, expected = pd.read_stata(tmp_path / f"{table}.dta"), built_all_episodes.table(f"marts.{table}")
    key = ["pupil_id", "spell_number"] if table == "at_risk_spells" else ["pupil_id"]
    written, expected = written.sort_values(key, ignore_index=True), expected.sort_values(key, ignore_index=True)
    assert len(written) == len(expected) > 0 and written.shape[1] == expected.shape[1]
    for column, name in zip(expected, written, strict=True):
        assert name == make_stata.stata_name(column)
        missing = expected[column].isna()
        if pd.api.types.is_numeric_dtype(written[name]):
            assert (written[name].isna() == missing).all(), column
            assert (written[name][~missing].astype(float) == expected[column][~missing].astype(float)).all(), column
        elif pd.api.types.is_datetime64_any_dtype(written[name]):
            assert (written[name].isna() == missing).all() and (written[name][~missing] == pd.to_datetime(expected[column][~missing])).all(), column
        else:
            assert (written[name] == expected[column].astype(object).where(~missing, "")).all(), column


def test_names_of_all_tables_stay_apart_and_fit(built_all_episodes: Run) -> None:
    with duckdb.connect(str(built_all_episodes.database), read_only=True) as connection:
        tables = connection.sql("select list(column_name) from duckdb_columns() where schema_name in ('marts', 'quality', 'release') group by table_name").fetchall()
    assert len(tables) > 30
    for (columns,) in tables:
        names = [make_stata.stata_name(column) for column in columns]
        assert len(set(names)) == len(names) and max(len(name) for name in names) <= 32, columns


def test_a_shortened_name_stands_in_full_in_its_label() -> None:
    name = "permanent_exclusion_and_serious_violence_order"
    assert make_stata.stata_name(name) == "permex_and_sv_order"
    assert make_stata.label(name, "Which came first, `a` or b. More.") == f"{name}: Which came first, a or b"
    assert make_stata.stata_name("first_child_protection_plan_date") == "first_child_protection_plan_date"
    assert make_stata.label("sex_code", "Sex as elected from all returns.") == "Sex as elected from all returns"
    assert make_stata.label("sex_code", "word " * 40) == "word " * 15 + "wo..."


def test_columns_and_rows_can_be_chosen(built_all_episodes: Run, tmp_path: Path) -> None:
    export(built_all_episodes, tmp_path, "marts.social_care_exposures", "--columns", "pupil_id, ever_child_looked_after", "--where", "ever_child_looked_after")
    written, expected = pd.read_stata(tmp_path / "social_care_exposures.dta"), built_all_episodes.table("marts.social_care_exposures")
    assert list(written) == ["pupil_id", "ever_child_looked_after"]
    assert len(written) == expected["ever_child_looked_after"].eq(True).sum() > 0 and written["ever_child_looked_after"].eq(1).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["marts.pupil"], "has no table marts.pupil"),
        (["pupils"], "a name has its schema before it"),
        (["marts.pupils", "--columns", "pupil_id,sex"], "marts.pupils has no column sex"),
        (["marts.pupils", "--where", "sex_code = "], "marts.pupils cannot be read with --where 'sex_code = '"),
        (["marts.pupils", "--database", "nowhere.duckdb"], "nowhere.duckdb cannot be opened: run `dbt build` first"),
    ],
)
def test_what_cannot_be_exported_is_told_in_one_line(built_all_episodes: Run, tmp_path: Path, arguments: list[str], message: str) -> None:
    with pytest.raises(SystemExit, match="^export: ") as error:
        make_stata.main(["--database", str(built_all_episodes.database), "--out", str(tmp_path), *arguments])
    assert message in str(error.value) and "\n" not in str(error.value)
    assert not list(tmp_path.iterdir())
