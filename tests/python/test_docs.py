"""The one-file docs page: it holds the project's own words, and nothing of the machine it was made on."""

from __future__ import annotations

import fnmatch
import os
import re
import subprocess
import sys
from pathlib import Path

import yaml
from conftest import ROOT, SAMPLE, Run

# What a status or a key says is explained in words below the tables of the page.
EXPLAINED_IN_WORDS = {"pupil_id", "education_record_status", "ks2_status", "ks4_status", "secondary_absence_status"}


def test_the_docs_page_is_whole_and_names_no_machine(built_all_episodes: Run, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "MOJ_DFE_EXTRACT": str(SAMPLE / "all_episodes_share"),
        "MOJ_DFE_DATABASE": str(built_all_episodes.database),
        "DBT_TARGET_PATH": str(tmp_path),
        "DBT_LOG_PATH": str(tmp_path),
    }
    done = subprocess.run([sys.executable, "docs/make_docs.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    page = (tmp_path / "static_index.html").read_text()
    assert "The five levels of social care" in page  # the overview
    assert "model.moj_dfe.social_care_exposures" in page
    assert str(ROOT) not in page and str(tmp_path) not in page
    assert not re.search(r'"pupil_id": "[0-9A-F]{16}"', page)


def test_the_definitions_page_has_a_line_for_every_outcome_of_education() -> None:
    page = (ROOT / "models/_docs.md").read_text()
    part = page[page.index("## Education outcomes"):page.index("## Known biases")]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("| `")]
    assert all(len(line) == 5 and all(line) for line in lines)  # outcome, rule, years, breaks, source
    named = [name for line in lines for name in re.findall(r"`([^`]+)`", line[0])]
    models = yaml.safe_load((ROOT / "models/marts/education/_education__models.yml").read_text())["models"]
    outcomes = {column["name"] for model in models if model["name"] == "education_outcomes" for column in model["columns"]}
    assert {name for name in outcomes - EXPLAINED_IN_WORDS if not any(fnmatch.fnmatch(name, pattern) for pattern in named)} == set()
    assert not [pattern for pattern in named if "*" not in pattern and pattern not in outcomes | names_of_pupils()]
    assert EXPLAINED_IN_WORDS - {"pupil_id"} <= set(re.findall(r"`(\w+)`", part))


def names_of_pupils() -> set[str]:
    """Columns of the mart `pupils`."""
    models = yaml.safe_load((ROOT / "models/marts/_marts__models.yml").read_text())["models"]
    return {column["name"] for model in models if model["name"] == "pupils" for column in model["columns"]}
