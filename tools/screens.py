"""Photographs every screen of the page, from the real program in a real browser. Needs Chromium.

    .venv/bin/python tools/screens.py [NAME ...]
    .venv/bin/python tools/screens.py --out FOLDER --languages en,de,ko --sizes all --check [NAME ...]

docs/screens: one picture a screen, on a laptop (1366x768) and on a phone (390x844), light and dark. docs/page-*.png and
docs/review.png: some of them by themselves. Names leave out the others. It takes about twelve minutes a language.

`--out`: everything to this folder instead, each picture by itself, too; `docs` stays as it is. `--check`: with axe and
a look at what is cut or beside the window in every picture; what is found is told, and the exit status is 1.
For Korean a font has to be there, on Debian and Ubuntu `fonts-noto-cjk`.
"""

from __future__ import annotations

import argparse
import datetime
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from camera import SCHEMES, SIZES, Camera  # noqa: E402 - beside this file

from facilitator.cli import cli  # noqa: E402
from facilitator.report.trends.html import page as trends_page  # noqa: E402
from facilitator.resources.texts import texts_of  # noqa: E402
from facilitator.store.session_log import Store  # noqa: E402
from tests.support.browser import QUIET, Program, chromium, recording, unfold  # noqa: E402 - as the tests drive the page
from tests.support.evening import evening  # noqa: E402
from tests.support.histories import Group  # noqa: E402

DOCS = ROOT / "docs"
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
FILES = ("written", "sheet", "map", "changes")
PLAYED = {
    "files": FILES,
    "review": ("review", "timeline", "put-right", "corrections", "trends"),
    "session": (
        *("problem", "people", "form", "check", "session", "calm", "large", "contrast", "buttons", "share"),
        *("guest", "note", "question", "paused", "finish", "guess", "summary", "figures", "over"),
    ),
    "circle": ("opening", "own-who"),
    "telephone": ("own-floor", "own-waits", "own-end"),
    "talk": ("talk",),
    "demo": ("tour", "tour-cut-in", "tour-guess", "tour-end"),
}
"""What is photographed while what is played."""
NAMES = {"ko": ("서연", "민준", "지우")}
CHANGING = 3
"""By which chance is seeded."""


def table(language: str) -> tuple[str, ...]:
    return NAMES.get(language, ("Ana", "Ben", "Carla"))


def floor(page: Any, name: str) -> None:
    page.wait_for_function("name => document.querySelector('.who')?.textContent === name", arg=name)


def answer(page: Any, number: int = 0) -> None:
    """The answer at this place, whatever it is called; `yes` is the first."""
    page.wait_for_selector(".choice:visible")
    page.locator(".choice").nth(number).click()
    page.wait_for_timeout(400)


def agreed(page: Any) -> None:
    """Yes, Ben takes it on, and the first answer to whatever is asked then: the slower the computer, the less is."""
    while True:
        page.wait_for_function(
            "document.querySelector('footer [data-key=note]') || document.querySelector('.choice')?.checkVisibility()"
        )
        page.wait_for_timeout(1500)  # the next question may be on its way
        if not page.locator(".choice:visible").count():
            return
        answer(page, 2 if page.locator(".choice").count() > 2 else 0)


def said_yes(page: Any, name: str) -> None:
    """In the opening circle, and so much is known of the voice that something is seen."""
    floor(page, name)
    answer(page)


def guesses(page: Any, photograph: Camera | None = None) -> None:
    """Everyone's own share, and then what was measured."""
    for place, guess in enumerate(("4", "3", "3")):
        page.wait_for_function(
            "() => document.activeElement?.id === 'guess'"
            " && document.querySelector('.guess-figure').textContent === '–'"
        )
        page.keyboard.press(guess)
        if photograph and not place:
            photograph("guess")
        page.keyboard.press("Enter")
    page.wait_for_selector(".summary h1", timeout=180_000)


def session(page: Any, url: str, photograph: Camera, language: str) -> None:
    """From set-up to the end, by keyboard."""
    press, type_in = page.keyboard.press, page.keyboard.type
    first, *others = table(language)
    page.goto(url)
    page.wait_for_selector("#name:focus")
    press("Enter")
    page.wait_for_selector(".problem:visible")
    photograph("problem")
    type_in(", ".join((first, *others)))
    press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.seats li').length === 3")
    photograph("people")
    page.locator("#name").focus()
    press("Enter")
    page.wait_for_selector("input[type=radio]:focus")
    while page.evaluate("document.querySelector('input[type=radio]:checked').value") != "five-minutes-each":
        press("ArrowDown")
    page.wait_for_function("() => document.querySelector('[data-length=stand-up]').textContent")
    photograph("form")
    press("Tab")
    press("Control+a")
    type_in("5")
    press("Enter")
    page.wait_for_selector(".checks:visible")
    page.wait_for_timeout(2500)
    photograph("check")
    phone = page.context.browser.new_page(locale=language)
    press("Control+Enter")
    for name in (first, *others):  # without a picture: meanwhile the recording would go on
        said_yes(page, name)
    page.wait_for_selector(".hero.timed", timeout=60_000)
    page.wait_for_function("() => document.querySelector('.mark').textContent", timeout=180_000)
    press("v")
    press("v")
    page.wait_for_selector(".fill:not(.none)")
    photograph("session")
    for view in ("calm", "large", "contrast"):
        press("x")
        photograph(view)
    press("x")
    press(".")
    photograph("buttons")
    press(".")
    press("e")
    page.wait_for_selector("dialog[open] svg")
    address = page.text_content(".sharing .address")
    photograph("share")
    press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    phone.goto(address)
    phone.wait_for_selector(".session")
    photograph.of(phone)("guest")
    phone.close()
    page.wait_for_selector("footer [data-key=note]", state="attached")
    press("a")
    page.wait_for_selector("dialog[open]")
    type_in({"ko": "저녁을 먹을 때는 전화기를 거실에 둡니다"}.get(language, "phones stay in the hall at dinner"))
    photograph("note")
    press("Enter")
    page.wait_for_selector(".choice")
    photograph("question")
    agreed(page)
    press("p")
    page.wait_for_function("name => document.querySelector('.who')?.textContent !== name", arg=first)
    photograph("paused")
    press("p")
    page.wait_for_timeout(25_000)  # so much talk that there is something to tell
    press("Space")
    page.wait_for_timeout(10_000)
    press("q")
    page.wait_for_selector("dialog[open]")
    photograph("finish")
    press("y")
    guesses(page, photograph)
    page.wait_for_selector(".after a", timeout=60_000)
    photograph("summary")
    for more in page.locator(".summary details > summary").all():
        more.click()
    photograph("figures", ".summary details")


def telephone_of(page: Any, photograph: Camera) -> tuple[Any, Camera]:
    """One person's own, and who photographs it."""
    page.keyboard.press("e")
    page.wait_for_selector("dialog[open] svg")
    address = page.text_content(".sharing .address")
    page.keyboard.press("Escape")
    phone = page.context.browser.new_page()
    camera = photograph.of(phone)
    phone.goto(address)
    phone.wait_for_selector(".mine .choice")
    return phone, camera


def circle(page: Any, url: str, photograph: Camera, language: str) -> None:
    """The opening circle, and a telephone that asks whose it is."""
    page.goto(url)
    said_yes(page, table(language)[0])
    page.wait_for_function(
        "() => parseFloat(document.querySelector('.person .fill')?.getAttribute('stroke-dasharray')) > 50"
    )
    photograph("opening")
    phone, own = telephone_of(page, photograph)
    own("own-who")
    phone.close()


def telephone(page: Any, url: str, photograph: Camera, language: str) -> None:
    """One person's own telephone, to the end."""
    first, *others = table(language)
    page.goto(url)
    said_yes(page, first)
    phone, own = telephone_of(page, photograph)
    phone.locator(".mine .choice").first.click()
    for name in others:
        said_yes(page, name)
    page.wait_for_selector(".hero.timed", timeout=60_000)
    phone.wait_for_selector(".mine .time:visible")
    page.wait_for_timeout(15_000)
    own("own-floor")
    page.keyboard.press("Space")
    floor(page, others[0])
    own("own-waits")
    page.wait_for_timeout(25_000)  # so much talk that there is something to tell
    page.keyboard.press("q")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("y")
    page.wait_for_selector(".summary h1", timeout=180_000)
    page.wait_for_timeout(1500)
    own("own-end")


def talk(page: Any, url: str, photograph: Camera, language: str) -> None:
    """Open talk, with the map of the table."""
    page.goto(url)
    for name in table(language):
        said_yes(page, name)
    page.wait_for_selector("[data-mode=hints]:visible", timeout=60_000)
    page.keyboard.press("v")
    page.wait_for_selector(".live-map .tie", timeout=90_000)
    page.wait_for_timeout(15_000)
    photograph("talk")


def demo(page: Any, url: str, photograph: Camera, language: str) -> None:
    """The demonstration with its cards."""
    page.goto(url)
    page.wait_for_selector(".tour:visible")
    photograph("tour")
    page.wait_for_function("() => document.querySelector('.mark')?.textContent", timeout=200_000)
    photograph("tour-cut-in")
    page.wait_for_selector("#guess:visible", timeout=300_000)
    photograph("tour-guess")
    page.wait_for_selector(".summary h1", timeout=120_000)
    page.wait_for_timeout(3_000)
    photograph("tour-end")


def review(page: Any, url: str, photograph: Camera, _language: str) -> None:
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
    page.locator(".desk > header [aria-pressed]").click()
    page.wait_for_selector(".trends")
    photograph("trends")


def files(page: Any, folder: Path, photograph: Camera, language: str) -> None:
    """The same evening as files, and thirty evenings of three people, in which something changes."""
    for name, *options in (("written",), ("sheet", "--anonymous")):
        file = folder / f"{name}.html"
        done = CliRunner().invoke(cli, ["review", "--db", str(folder / "evening.db"), "--html", str(file), *options])
        assert done.exit_code == 0, done.output
        page.goto(file.as_uri())
        photograph(name, "body")
        if name == "written":
            page.locator("details.rest > summary").click()
            photograph("map", "section:has(.maps)")
    people = Group(CHANGING, people=3, sessions=30, grows=0.25, calmer=0.3)
    file = folder / "trends.html"
    file.write_text(trends_page([people.history()], texts_of(language), datetime.date(2025, 5, 2)), encoding="utf-8")
    page.goto(file.as_uri())
    photograph("changes", "body")


def all_of(language: str, wanted: list[str], started: Any, folder: Path, photograph: Callable[[Any], Camera]) -> Camera:
    """Every screen in one language; the camera, which knows what is wrong."""
    browser = started.chromium.launch(executable_path=chromium(), args=QUIET)
    page = browser.new_page(locale=language)
    page.set_default_timeout(90_000)
    camera = photograph(page)
    home = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(folder))
    with Store.open(folder / "evening.db") as store:
        evening(store, language)
    heard = ("--audio", str(recording(folder / "talk.wav", *TALK)), "--language", language)
    here = ("--people", ", ".join(table(language)))
    shared = ("--share-address", "127.0.0.2")
    own = (*heard, *here, "--format", "round-robin", "--minutes", "2", "--yes", "--share", "me", *shared)
    if not wanted or set(wanted) & set(FILES):
        files(page, folder, camera, language)
    for play, command, arguments in (
        (review, "review", ("--db", str(folder / "evening.db"))),
        (session, "start", (*heard, "--share", *shared)),
        (circle, "start", own),
        (telephone, "start", own),
        (talk, "start", (*heard, *here, "--format", "open", "--yes")),
        (demo, "demo", ()),
    ):
        if wanted and not set(wanted) & set(PLAYED[play.__name__]):
            continue
        running = Program(*arguments, env=home, command=command)
        try:
            play(page, running.url, camera, language)
            if play is session:
                running.kill()
                page.wait_for_selector("#notices p", timeout=20_000)
                page.wait_for_timeout(4_000)
                camera("over", "body")
        finally:
            running.kill()
    browser.close()
    return camera


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument(
        "names", nargs="*", metavar="NAME", help=", ".join(name for names in PLAYED.values() for name in names)
    )
    asked.add_argument("--out", type=Path, metavar="FOLDER")
    asked.add_argument("--languages", default="en", metavar="CODES")
    asked.add_argument("--sizes", default="laptop,phone", metavar="NAMES", help=f"all, or some of {', '.join(SIZES)}")
    asked.add_argument("--schemes", default=",".join(SCHEMES), metavar="NAMES")
    asked.add_argument("--check", action="store_true")
    given = asked.parse_args()
    sizes = list(SIZES) if given.sizes == "all" else given.sizes.split(",")
    faults = []
    with sync_playwright() as started:
        for language in given.languages.split(","):
            with tempfile.TemporaryDirectory() as folder:
                sheet = started.chromium.launch(executable_path=chromium(), args=QUIET).new_page()

                def camera(page: Any, sheet: Any = sheet, language: str = language) -> Camera:
                    if given.out:
                        where, alone = given.out / language, None
                    else:
                        where, alone = DOCS / "screens", {name: DOCS / file for name, file in ALONE.items()}
                    return Camera(
                        page,
                        sheet,
                        where,
                        wanted=given.names,
                        sizes=sizes,
                        schemes=given.schemes.split(","),
                        singles=given.out is not None,
                        alone=alone,
                        check=given.check,
                    )

                faults += all_of(language, given.names, started, Path(folder), camera).faults
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
