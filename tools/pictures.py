"""Take the pictures of what the program writes, for the documentation. Needs Chromium.

    .venv/bin/python tools/pictures.py

docs/review.png: the page that `facilitator review --html` writes of the scripted evening of the tests.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from click.testing import CliRunner
from playwright.sync_api import sync_playwright

from facilitator.cli import cli
from facilitator.store import Store

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browser import QUIET, chromium  # noqa: E402
from evening import evening  # noqa: E402

SCREEN = {"width": 1366, "height": 768}


def review(page: Path) -> None:
    """Writes the page."""
    with Store.open(page.parent / "sessions.db") as store:
        evening(store)
    done = CliRunner().invoke(cli, ["review", "--db", str(page.parent / "sessions.db"), "--html", str(page)])
    assert done.exit_code == 0, done.output


def picture(page: Path, to: Path) -> None:
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium(), args=QUIET)
        shown = browser.new_page(viewport=SCREEN, color_scheme="light", reduced_motion="reduce")
        shown.goto(page.as_uri())
        shown.screenshot(path=to)
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "review.html"
        review(written)
        picture(written, ROOT / "docs" / "review.png")
    print(f"Wrote {ROOT / 'docs' / 'review.png'}.")
