"""The one-file docs page: it holds the project's own words, and nothing of the machine it was made on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from conftest import ROOT, SAMPLE, Run


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
