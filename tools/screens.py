"""Photographs every screen of the page, from the real program in a real browser. Needs Chromium.

    .venv/bin/python tools/screens.py [NAME ...]

docs/screens: one picture a screen, on a laptop (1366x768) and on a phone (390x844), light and dark. docs/page-*.png and
docs/review.png: some of them by themselves. It takes about four minutes; names leave out the others.
"""

from __future__ import annotations

import base64
import datetime
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from facilitator.cli import cli  # noqa: E402
from facilitator.report.trends.html import page as trends_page  # noqa: E402
from facilitator.resources.texts import texts_of  # noqa: E402
from facilitator.store.session_log import Store  # noqa: E402
from tests.support.browser import QUIET, Program, chromium, recording, unfold  # noqa: E402 - as the tests drive the page
from tests.support.evening import evening  # noqa: E402
from tests.support.histories import Group  # noqa: E402

DOCS = ROOT / "docs"
FOLDER = DOCS / "screens"
ALONE = {
    "changes": "trends.png",
    "guess": "page-guess.png",
    "session": "page-session.png",
    "share": "page-share.png",
    "summary": "page-summary.png",
    "timeline": "page-review.png",
    "written": "review.png",
}
"""Those that the documentation shows by themselves: on a laptop, light."""
SIZES = {"laptop": (1366, 768), "phone": (390, 844)}
SCHEMES = ("light", "dark")
TALK = (
    "ana-0",
    "ben-0",
    "carla-0",
    "ana-1",
    "ben-1",
    "ana-2",
    "carla-1",
    "ana-3",
    *("ana-1", "ben-2", "carla-3", "ana-2", "carla-2", "ben-3") * 4,
)
FILES = {"written", "map", "changes"}
"""For these nothing has to run."""
CHANGING = 3
"""By which chance is seeded."""
SHEET = """<!doctype html><style>
body { margin: 0; padding: 20px; background: #8a8f98; display: grid; grid-template-columns: auto auto; gap: 20px;
  width: max-content }
img { display: block; height: 480px; border-radius: 8px }
</style>"""


class Camera:
    """Photographs whatever the page shows, in every size and scheme; `wanted` empty: all of it."""

    def __init__(self, page: Any, sheet: Any, wanted: Sequence[str]) -> None:
        self._page, self._sheet, self._wanted = page, sheet, wanted

    def __call__(self, name: str, at: str = "main") -> None:
        """`at`: what is at the top."""
        if self._wanted and name not in self._wanted:
            return
        shots = []
        for scheme in SCHEMES:
            for width, height in SIZES.values():
                self._page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                self._page.set_viewport_size({"width": width, "height": height})
                self._page.locator(at).first.evaluate("element => element.scrollIntoView()")
                self._page.wait_for_timeout(150)
                shots.append(self._page.screenshot())
        if name in ALONE:
            (DOCS / ALONE[name]).write_bytes(shots[0])
        self._page.emulate_media(color_scheme="light", reduced_motion="reduce")
        width, height = SIZES["laptop"]
        self._page.set_viewport_size({"width": width, "height": height})
        encoded = [base64.b64encode(shot).decode() for shot in shots]
        self._sheet.set_content(SHEET + "".join(f'<img src="data:image/png;base64,{shot}">' for shot in encoded))
        FOLDER.mkdir(parents=True, exist_ok=True)
        self._sheet.locator("body").screenshot(path=FOLDER / f"{name}.png")
        print(name)


def session(page: Any, url: str, photograph: Callable[[str], None]) -> None:
    """From set-up to the summary, by keyboard."""
    press, type_in = page.keyboard.press, page.keyboard.type
    page.goto(url)
    page.wait_for_selector("#name:focus")
    type_in("Ana, Ben, Carla")
    press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.seats li').length === 3")
    photograph("people")
    page.locator("#name").focus()
    press("Enter")
    page.wait_for_selector("input[type=radio]:focus")
    while page.evaluate("document.querySelector('input[type=radio]:checked').value") != "five-minutes-each":
        press("ArrowDown")
    page.wait_for_function("() => document.querySelector('[data-length=stand-up]').textContent.startsWith('about')")
    photograph("form")
    press("Tab")
    press("Control+a")
    type_in("2")
    press("Enter")
    page.wait_for_selector("text=Can I hear you?")
    page.wait_for_timeout(2500)
    photograph("check")
    press("Control+Enter")
    page.wait_for_selector("text=Ana, may I listen to you?")
    press("y")
    page.wait_for_function(
        "() => parseFloat(document.querySelector('.person .fill')?.getAttribute('stroke-dasharray')) > 50"
    )
    photograph("opening")
    for name in ("Ben", "Carla"):
        page.wait_for_function("name => document.querySelector('.who')?.textContent === name", arg=name)
        page.wait_for_selector(".choice:has-text('yes')")
        press("y")
    page.wait_for_selector(".hero.timed", timeout=60_000)
    page.wait_for_selector("text=came in while Ana spoke", timeout=60_000)
    press("v")
    press("v")
    page.wait_for_selector("text=% of the airtime")
    photograph("session")
    press("e")
    page.wait_for_selector("dialog[open] svg")
    photograph("share")
    press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    page.wait_for_selector("footer [data-key=note]", state="attached")
    press("a")
    page.wait_for_selector("dialog[open]")
    type_in("phones stay in the hall at dinner")
    photograph("note")
    press("Enter")
    page.wait_for_selector(".choice")
    photograph("question")
    press("y")
    page.wait_for_selector(".choice:has-text('Ben')")
    press("2")
    page.wait_for_selector(".choice:has-text('yes')")
    press("y")
    page.wait_for_selector(".choice:has-text('tomorrow')")
    press("2")
    page.wait_for_selector(".choice:has-text('every week')")
    press("0")
    page.wait_for_selector("footer [data-key=note]", state="attached")
    press("p")
    page.wait_for_function("() => document.querySelector('.who')?.textContent === 'Paused'")
    photograph("paused")
    press("p")
    page.wait_for_timeout(40_000)  # so much talk that there is something to tell
    press("Space")
    page.wait_for_timeout(15_000)
    press("q")
    page.wait_for_selector("dialog[open]")
    press("y")
    for guess in ("4", "3", "3"):
        page.wait_for_selector("#guess:focus")
        press(guess)
        if guess == "4":
            photograph("guess")
        press("Enter")
        page.wait_for_timeout(700)
    page.wait_for_selector(".summary h1", timeout=60_000)
    photograph("summary")
    page.wait_for_selector(".after a", timeout=60_000)


def review(page: Any, url: str, photograph: Camera) -> None:
    """An evening of four, looked at closely and put right."""
    press = page.keyboard.press
    page.goto(url)
    page.wait_for_selector("details.rest > summary")
    photograph("review")
    unfold(page)
    page.locator(".stretch.live").focus()
    for key in ("Home", *["ArrowRight"] * 70, "+"):
        press(key)
    photograph("timeline", "figure.timeline")
    press("Enter")
    page.wait_for_selector("dialog[open] input:focus")
    photograph("put-right", "figure.timeline")
    press("Enter")
    page.wait_for_selector(".made li")
    photograph("corrections", ".right")
    page.get_by_role("button", name="Trends").click()
    page.wait_for_selector("h1:has-text('Trends')")
    photograph("trends")


def written(page: Any, db: Path, photograph: Camera) -> None:
    """The same evening as a file."""
    file = db.parent / "review.html"
    done = CliRunner().invoke(cli, ["review", "--db", str(db), "--html", str(file)])
    assert done.exit_code == 0, done.output
    page.goto(file.as_uri())
    photograph("written", "body")
    page.locator("details.rest > summary").click()
    photograph("map", "section:has(.maps)")


def changes(page: Any, folder: Path, photograph: Camera) -> None:
    """Thirty evenings of three people, in which something changes."""
    file, texts = folder / "trends.html", texts_of("en")
    people = Group(CHANGING, people=3, sessions=30, grows=0.25, calmer=0.3)
    file.write_text(trends_page([people.history()], texts, datetime.date(2025, 5, 2)), encoding="utf-8")
    page.goto(file.as_uri())
    photograph("changes", "body")


def main(wanted: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium(), args=QUIET)
        page, sheet = browser.new_page(), browser.new_page()
        page.set_default_timeout(90_000)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        width, height = SIZES["laptop"]
        page.set_viewport_size({"width": width, "height": height})
        home = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), folder)
        camera, db = Camera(page, sheet, wanted), Path(folder) / "evening.db"
        with Store.open(db) as store:
            evening(store)
        talk = str(recording(Path(folder) / "talk.wav", *TALK))
        written(page, db, camera)
        changes(page, db.parent, camera)
        if wanted and set(wanted) <= FILES:
            return
        for photograph, command, arguments in (
            (review, "review", ("--db", str(db))),
            (session, "start", ("--audio", talk, "--share", "--share-address", "127.0.0.2")),
        ):
            running = Program(*arguments, env=home, command=command)
            try:
                photograph(page, running.url, camera)
            finally:
                running.kill()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
