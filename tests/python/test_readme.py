"""What the README shows is what the project does."""

from __future__ import annotations

import re

import pandas as pd
import yaml
from conftest import ROOT, Run

README = (ROOT / "README.md").read_text()


def test_the_printed_report_is_that_of_the_bundled_extract(built_all_episodes: Run) -> None:
    block = re.search(r"```text\n(The extract in .*?)```", README, re.DOTALL).group(1)
    shown = [line for line in block.splitlines() if line.strip() != "..."]
    assert len(shown) > 5
    printed = built_all_episodes.output.replace(str(ROOT) + "/", "")
    for line in shown:
        assert line in printed, line


def test_the_rows_shown_are_rows_of_the_mart(built_all_episodes: Run) -> None:
    exposures = built_all_episodes.table("marts.social_care_exposures").set_index("pupil_id")
    table = re.search(r"\| pupil_id \|(.*?)\n\n", README, re.DOTALL).group(0).strip().splitlines()
    names = [name.strip() for name in table[0].strip("|").split("|")]
    assert len(table) == 7
    for line in table[2:]:
        shown = dict(zip(names, (value.strip() for value in line.strip("|").split("|")), strict=True))
        row = exposures.loc[shown.pop("pupil_id")]
        for name, value in shown.items():
            actual = row[name]
            text = "" if pd.isna(actual) else str(actual)
            assert value == text.removesuffix(" 00:00:00").replace("True", "true").replace("False", "false"), (name, value, text)


def test_every_variable_is_explained_with_its_default() -> None:
    variables = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]
    for name, default in variables.items():
        assert f"`{name}`" in README, name
        assert f"`{str(default).lower()}`" in README, name
    settings = (ROOT / "profiles/profiles.yml").read_text() + (ROOT / "macros/extract/register_extract.sql").read_text()
    for name in re.findall(r"env_var\('(MOJ_DFE_\w+)'", settings):
        assert f"| `{name}` |" in README, name


def test_the_commands_shown_are_those_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"(?:`|^)make (\w+)", README, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
