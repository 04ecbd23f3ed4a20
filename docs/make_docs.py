"""Write the documentation as one page, ``target/static_index.html``, that can be handed on.

Runs ``dbt docs generate --static`` and then takes the path of this machine's project folder out of the page, which dbt
writes beside every seed. Run it from the project's folder, after a build: ``python docs/make_docs.py``.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner


def main() -> int:
    """Generate the page; return 0, or 1 if dbt could not."""
    os.environ.setdefault("DBT_PROFILES_DIR", "profiles")
    if not dbtRunner().invoke(["docs", "generate", "--static"]).success:
        return 1
    page = Path(os.environ.get("DBT_TARGET_PATH", "target")) / "static_index.html"
    text = page.read_text(encoding="utf-8")
    for folder in (Path.cwd(), page.parent.resolve()):
        text = text.replace(json.dumps(str(folder))[1:-1], ".")
    page.write_text(text, encoding="utf-8")
    print(f"Open {page} in a browser.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
