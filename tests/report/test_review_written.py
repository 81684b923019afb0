"""A written page in a real browser, from a file, without a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from facilitator.cli import cli
from facilitator.store.session_log import Store
from tests.support.browser import browser, faults
from tests.support.evening import PEOPLE, evening
from tests.support.table_talk import TableTalk, open_talk

__all__ = ["browser"]
pytestmark = pytest.mark.page


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an evening of four, and beside it one of a couple."""
    folder = tmp_path_factory.mktemp("report")
    with Store.open(folder / "sessions.db") as store:
        evening(store)
    with Store.open(folder / "sessions.db") as store:
        talk = TableTalk(store, open_talk("Ana", "Ben"))
        talk.wait(2_000)
        for turn in range(40):
            talk.speak("Ana" if turn % 2 == 0 else "Ben", 12_000 if turn % 2 == 0 else 7_000)
        talk.finish()
    for number, name in ((1, "four.html"), (2, "two.html")):
        args = ["review", str(number), "--db", str(folder / "sessions.db"), "--html", str(folder / name)]
        assert CliRunner().invoke(cli, args).exit_code == 0
    return folder


@pytest.fixture(params=["four.html", "two.html"])
def opened(browser: Any, report: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Any, list[str], list[str]]]:
    """The page, what it asked for beside itself, and what it complained of."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, offline=True, reduced_motion="reduce")
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((report / str(request.param)).as_uri())
    yield page, asked, wrong
    context.close()


def test_it_needs_nothing_but_itself(opened: tuple[Any, list[str], list[str]]) -> None:
    page, asked, wrong = opened
    assert page.locator("h1").inner_text().startswith("Session ")
    page.locator("details.rest > summary").click()
    for title in ("Who had how much of the talk", "How the balance moved", "Who cut in on whom", "How this is counted"):
        assert page.get_by_role("heading", name=title).is_visible()
    assert page.locator("figure.timeline svg.whole").bounding_box()["height"] > 80
    for bar in page.locator(".people .part").all():
        assert bar.bounding_box()["width"] > 10
    assert page.locator(".movement .lane").count() >= 1
    assert asked == [page.url]
    assert wrong == []


def test_at_a_glance_it_tells_what_mattered_most(opened: tuple[Any, list[str], list[str]]) -> None:
    page, _, _ = opened
    assert page.locator("article.review > *").nth(1).get_attribute("class") == "first"
    assert page.locator("article.review > svg, article.review > section svg.bar").first.is_visible()
    assert page.locator("dl.glance dd").count() == 3
    for folded in ("figure.timeline", ".lead", ".movement"):
        assert not page.locator(folded).first.is_visible()


def test_what_is_folded_opens_by_keyboard(opened: tuple[Any, list[str], list[str]]) -> None:
    page, _, _ = opened
    page.locator("details.rest > summary").focus()
    page.keyboard.press("Enter")
    fold = page.locator("details.rest details", has_text="Every window").first
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    table = fold.locator("table")
    assert table.is_visible()
    assert table.locator("tbody tr").count() >= 3
    assert table.locator("tbody th[scope=row]").count() == table.locator("tbody tr").count()


def test_nothing_is_in_anybodys_way(opened: tuple[Any, list[str], list[str]]) -> None:
    """As far as axe can see, with everything unfolded."""
    page, _, _ = opened
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert faults(page) == []


def test_it_fits_a_phone(opened: tuple[Any, list[str], list[str]]) -> None:
    page, _, _ = opened
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_on_paper_it_is_black_on_white_and_tells_the_numbers(
    opened: tuple[Any, list[str], list[str]], tmp_path: Path
) -> None:
    page, _, _ = opened
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('.lead')).color") == "rgb(0, 0, 0)"
    assert page.get_by_role("table", name="Airtime, turns and cut-ins of each person").is_visible()
    page.pdf(path=tmp_path / "talk.pdf", prefer_css_page_size=True)
    made = (tmp_path / "talk.pdf").read_bytes()
    assert made.startswith(b"%PDF")
    assert 2 <= made.count(b"/Type /Page\n") <= 5


def test_without_names_it_is_one_sheet_that_names_nobody(browser: Any, report: Path, tmp_path: Path) -> None:
    args = ["review", "1", "--db", str(report / "sessions.db"), "--html", str(tmp_path / "share.html"), "--anonymous"]
    done = CliRunner().invoke(cli, args)
    assert done.exit_code == 0, done.output
    written = (tmp_path / "share.html").read_text(encoding="utf-8")
    named = (report / "four.html").read_text(encoding="utf-8")
    for name in PEOPLE:
        assert re.search(rf"\b{name}\b", named)
        assert not re.search(rf"\b{name}\b", written, flags=re.IGNORECASE)
    assert "river" in named and "river" not in written, "what was agreed on is theirs"
    context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True)
    page = context.new_page()
    page.goto((tmp_path / "share.html").as_uri())
    assert page.locator(".people .name").all_inner_texts() == ["A", "B", "C", "D"]
    shares = [text.replace("\xa0", " ") for text in page.locator(".people .figure").all_inner_texts()]
    assert shares == re.findall(r'class="figure">([^<]*)<', named.replace("&nbsp;", " "))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.pdf(path=tmp_path / "share.pdf", prefer_css_page_size=True)
    assert (tmp_path / "share.pdf").read_bytes().count(b"/Type /Page\n") == 1
    assert faults(page) == []
    context.close()


def test_without_names_needs_a_file(report: Path) -> None:
    done = CliRunner().invoke(cli, ["review", "1", "--db", str(report / "sessions.db"), "--anonymous"])
    assert done.exit_code == 2 and "--html" in done.output
