"""Take the pictures of what the program writes, for the documentation. Needs Chromium.

    .venv/bin/python tools/pictures.py

docs/review.png: the page that `facilitator review --html` writes of the scripted evening of the tests.
docs/page-review.png: who spoke when in it, on the page that `facilitator review --open` shows.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from playwright.sync_api import sync_playwright

from facilitator.cli import cli
from facilitator.store import Store

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browser import QUIET, Program, chromium  # noqa: E402
from evening import evening  # noqa: E402

SCREEN = {"width": 1366, "height": 768}


def written(page: Any, db: Path) -> None:
    file = db.parent / "review.html"
    done = CliRunner().invoke(cli, ["review", "--db", str(db), "--html", str(file)])
    assert done.exit_code == 0, done.output
    page.goto(file.as_uri())
    picture(page, "review.png")


def on_the_page(page: Any, db: Path) -> None:
    running = Program("--db", str(db), env={}, command="review")
    page.goto(running.url)
    page.wait_for_selector(".stretch.live")
    page.locator(".stretch.live").focus()
    for key in ("Home", *["ArrowRight"] * 70, "+"):
        page.keyboard.press(key)
    page.evaluate("document.querySelector('section:has(> figure.timeline)').scrollIntoView()")
    page.evaluate("window.scrollBy(0, -20)")
    picture(page, "page-review.png")
    running.kill()


def picture(page: Any, name: str) -> None:
    page.wait_for_timeout(300)
    page.screenshot(path=ROOT / "docs" / name)
    print(f"Wrote {ROOT / 'docs' / name}.")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        sessions = Path(folder) / "sessions.db"
        with Store.open(sessions) as store:
            evening(store)
        browser = started.chromium.launch(executable_path=chromium(), args=QUIET)
        shown = browser.new_page(viewport=SCREEN, color_scheme="light", reduced_motion="reduce")
        written(shown, sessions)
        on_the_page(shown, sessions)
        browser.close()
