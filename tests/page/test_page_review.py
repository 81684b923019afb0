"""A stored review on the page: read, walked through and put right in a real browser; and who gets at it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from facilitator.commands.stored.review_desk import StoredReviewService
from facilitator.core.events import Record
from facilitator.page.review_api import MOST_BYTES, routes
from facilitator.page.server import PageServer
from facilitator.report.output.html_page import script, static
from facilitator.store.people import People
from facilitator.store.reader import ROLES, Reader, RecordRole
from facilitator.store.session_log import Store
from tests.page.test_page import home, program, tab
from tests.page.test_page_door import Asked
from tests.page.test_page_views import COVERED
from tests.support.browser import Program, browser, faults, unfold
from tests.support.table_talk import TableTalk, open_talk

__all__ = ["browser", "home", "program", "tab"]

NASTY = "<b>Cleo</b>"


def held(db: Path, *people: str) -> int:
    """Three stretches each of ten seconds, in turn."""
    with Store.open(db) as store:
        talk = TableTalk(store, open_talk(*people))
        talk.wait(1_000)
        for _ in range(3):
            for person in people:
                talk.speak(person, 10_000)
                talk.wait(1_000)
        return talk.finish()


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "sessions.db"
    held(path, "Ana", "Ben")
    held(path, "Ana", "Ben", NASTY)
    return path


# -- who gets at it ---------------------------------------------------------------------------------


@pytest.fixture
def server(db: Path) -> Iterator[PageServer]:
    found = PageServer.open(routes=routes(StoredReviewService(db)))
    yield found
    found.close()


def ask(server: PageServer, path: str, sent: bytes | None = None, /, **headers: str) -> tuple[int, str, str]:
    """Status, text, and how it is to be taken. `path`: behind the token, or from the root."""
    at = Asked(server)
    connection = http.client.HTTPConnection(at.host, timeout=30)
    given = {"Host": at.host, "Content-Type": "application/json"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    whole = path if path.startswith("/") else at.path + path
    connection.request("GET" if sent is None else "POST", whole, body=sent, headers=given)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), str(answer.getheader("Content-Disposition"))


PATHS = ["sessions", "review/2", "trends", "save/2.html", "save/2.csv", "correct/2", "undo/2"]
CORRECT = {"kind": "renamed", "person": "Ana", "to": "Anna"}


@pytest.mark.parametrize("path", PATHS)
def test_without_the_token_and_from_elsewhere_there_is_nothing(server: PageServer, db: Path, path: str) -> None:
    sent = json.dumps(CORRECT | {"number": 1}).encode() if path.startswith(("correct", "undo")) else None
    own = Asked(server).path
    for way in (f"/{path}", f"/wrong{own}{path}", f"{own[:-2]}/{path}"):
        assert ask(server, way, sent)[0] == 403
    for wrong in (
        {"Host": "evil.example"},
        {"Host": "127.0.0.1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ):
        status, text, _ = ask(server, path, sent, **wrong)
        assert status == 403
        assert "Ana" not in text
    with Reader.open(db) as reader:
        assert not reader.corrections(2)


def test_reading_changes_nothing_and_changing_takes_json(server: PageServer, db: Path) -> None:
    for path in ("correct/2", "undo/2"):
        assert ask(server, path)[0] in (404, 405)
    for path in ("sessions", "review/2", "trends", "save/2.md"):
        assert ask(server, path, b"{}")[0] in (404, 405)
    whole = json.dumps(CORRECT).encode()
    for sent, kind in (
        (whole, "text/plain"),
        (whole, "application/x-www-form-urlencoded"),
        (b"", "application/json"),
        (b"[]", "application/json"),
        (b"{", "application/json"),
        (b"[" * 5_000, "application/json"),
        (json.dumps(CORRECT | {"more": "x" * MOST_BYTES}).encode(), "application/json"),
    ):
        assert ask(server, "correct/2", sent, Content_Type=kind)[0] == 400
    for number in ('"1"', "true", "null", "1.5"):
        assert ask(server, "undo/2", f'{{"number": {number}}}'.encode())[0] == 400
    with Reader.open(db) as reader:
        assert not reader.corrections(2)


@pytest.mark.parametrize(
    ("path", "wish", "part"),
    [
        ("correct/2", {"kind": "renamed", "person": "Zoë", "to": "Zoe"}, "Nobody called Zoë"),
        ("correct/2", {"kind": "renamed", "person": "Ana", "to": "Ana, Eve"}, "has a comma in it"),
        ("correct/2", {"kind": "renamed", "person": "Ana", "to": "..."}, "has no letter in it"),
        ("correct/2", {"kind": "sideways"}, "no correction"),
        ("correct/2", {"kind": "left-out", "start_ms": "0", "end_ms": 9}, "no correction"),
        ("correct/2", {"kind": "left-out", "start_ms": 10**15, "end_ms": 10**16}, "heard from 0:00 to"),
        ("correct/9", CORRECT, "no session 9"),
        ("undo/2", {"number": 7}, "nothing to undo"),
    ],
)
def test_what_does_not_fit_is_one_sentence(server: PageServer, path: str, wish: dict[str, Any], part: str) -> None:
    status, text, _ = ask(server, path, json.dumps(wish).encode())
    assert status == 409
    assert part in json.loads(text)["sentence"]


def test_what_was_heard_is_told_once_however_often_it_is_put_right(
    server: PageServer, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To tell three hours again takes seconds, and a correction changes nothing of what was heard."""
    read: list[tuple[int, Sequence[str]]] = []
    original = Reader.records

    def records(self: Reader, session: int, roles: Sequence[RecordRole] = ROLES) -> Iterator[Record]:
        read.append((session, roles))
        return original(self, session, roles)

    monkeypatch.setattr(Reader, "records", records)
    for number in (1, 2, 3):
        ask(server, "review/2")
        wish = {"kind": "left-out", "start_ms": number * 5_000, "end_ms": number * 5_000 + 2_000}
        assert ask(server, "correct/2", json.dumps(wish).encode())[0] == 200
    ask(server, "undo/2", b'{"number": 2}')
    found = json.loads(ask(server, "review/2")[1])
    assert sorted(read) == [(2, ["event"]), (2, ["fact"])]
    assert [one["undone"] for one in found["corrections"]] == [False, True, False]

    with People.open(db) as people:
        people.rename("Ben", "Benno")
    renamed = json.loads(ask(server, "review/2")[1])
    assert "Benno" in renamed["people"]
    assert "Benno" in renamed["html"]
    assert "Ben<" not in renamed["html"]


def test_a_session_is_saved_in_four_forms(server: PageServer) -> None:
    for form, begins in (
        ("html", "<!doctype html>"),
        ("md", "# "),
        ("csv", "\ufeffname,"),
        ("rttm", "SPEAKER session-2 1 "),
    ):
        status, text, how = ask(server, f"save/2.{form}")
        assert status == 200
        assert text.startswith(begins)
        assert how == f'attachment; filename="session-2.{form}"'
    for path in ("save/2.exe", "save/9.html"):
        assert ask(server, path)[0] == 404
    assert json.loads(ask(server, "review/9")[1])["sentence"].startswith("There is no session 9")


def test_names_stay_text_in_what_the_program_hands_over(server: PageServer) -> None:
    for text in (json.loads(ask(server, "review/2")[1])["html"], ask(server, "save/2.html")[1]):
        assert NASTY not in text
        assert "&lt;b&gt;Cleo&lt;/b&gt;" in text


# -- in a browser -----------------------------------------------------------------------------------


@pytest.fixture
def review(program: Callable[..., Program], db: Path) -> Callable[..., Program]:
    return lambda *args: program(*args, "--db", str(db), command="review")


def shares(page: Any) -> dict[str, str]:
    names = page.locator(".review .people .name").all_text_contents()
    figures = page.locator(".review .people .figure").all_text_contents()
    return dict(zip(names, (figure.replace("\xa0", " ") for figure in figures), strict=True))


def told(page: Any, part: str) -> None:
    page.wait_for_function("part => document.querySelector('.timeline .told').textContent.includes(part)", arg=part)


def walk_in(page: Any) -> None:
    unfold(page)
    page.locator(".stretch.live").focus()


def shown(page: Any) -> tuple[float, float]:
    """From when on, and how long, in milliseconds."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    start, _, span, _ = (float(part) for part in page.get_attribute(".plot", "viewBox").split())
    return start, span


def _zooms_and_moves(page: Any) -> None:
    """Closer, on, and the whole again."""
    press = page.keyboard.press
    whole = shown(page)
    press("+")
    press("+")
    start, span = shown(page)
    assert span == pytest.approx(whole[1] / 4, rel=0.01)
    press("PageDown")
    assert shown(page)[0] > start
    press("0")
    assert shown(page) == whole


def _walks_from_one_to_the_next(page: Any) -> tuple[float, float]:
    """From utterance to utterance, and across; gives back what is seen then."""
    press = page.keyboard.press
    press("Home")
    told(page, "Ana · 0:")
    press("ArrowRight")
    told(page, "Ben · 0:")
    press("ArrowDown")
    told(page, f"{NASTY} · 0:")
    press("End")
    told(page, NASTY)
    press("Home")
    press("+")
    press("+")
    press("ArrowRight")
    told(page, "Ben · 0:")
    return shown(page)


def _gives_it_to_ana(page: Any, zoomed: tuple[float, float]) -> None:
    """It was Ana who spoke there."""
    press = page.keyboard.press
    press("Enter")
    page.wait_for_selector("dialog[open] input:focus")
    assert page.locator("dialog[open] .soft").text_content().startswith("Ben, 0:")
    assert page.locator("dialog[open] label").all_text_contents() == [
        "It was Ana", f"It was {NASTY}", "It was somebody who gets a seat now, called:", "It was a guest",
        "Leave it out: nothing in it counts"
    ]  # fmt: skip
    assert not faults(page)
    press("Escape")
    page.wait_for_selector(".stretch:focus")
    press("Enter")
    press("Enter")
    page.wait_for_function("() => document.querySelector('.review .people .figure').textContent.startsWith('44')")
    assert shares(page) == {"Ana": "44 %", "Ben": "22 %", NASTY: "33 %"}
    page.wait_for_selector(".stretch:focus")
    assert shown(page) == zoomed
    assert page.locator(".made .told").all_text_contents()[0].endswith("it was Ana who spoke, and not Ben.")
    assert page.text_content("#polite").startswith("Done: From 0:")
    assert not faults(page)


def _leaves_a_stretch_out(page: Any) -> None:
    """A stretch of one's own: it does not count."""
    press = page.keyboard.press
    press("Shift+ArrowRight")
    told(page, "Chosen: ")
    press("Shift+ArrowLeft")
    press("Enter")
    page.wait_for_selector("dialog[open] input:focus")
    press("ArrowUp")  # from the first to the last
    press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.made li').length === 2")
    assert shares(page)["Ana"] == "38 %"


def _gives_a_guest_a_seat(page: Any) -> None:
    """Who has none so far is named, by typing alone."""
    press = page.keyboard.press
    page.locator(".stretch").first.focus()
    press("Enter")
    page.wait_for_selector("dialog[open] input:focus")
    page.locator("dialog[open] input[type=text]").focus()
    page.keyboard.type("Dora")
    press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.made li').length === 3")
    assert page.locator(".made .told").all_text_contents()[2].endswith("; Dora has a seat.")
    assert "Dora" in shares(page)


def _undoes_all(page: Any) -> None:
    """Back to how it was."""
    press = page.keyboard.press
    for left in (2, 1, 0):
        page.locator(".made li:not(.undone) button").last.focus()
        press("Enter")
        page.wait_for_function("left => document.querySelectorAll('.made li:not(.undone)').length === left", arg=left)
        page.wait_for_selector(".so-far h3:focus")


@pytest.mark.page
def test_zoom_walk_and_put_right_by_keyboard_alone(
    review: Callable[..., Program], tab: Callable[..., Any], db: Path
) -> None:
    running = review()
    page = tab(running.url)
    walk_in(page)
    before = shares(page)
    assert before == {"Ana": "33 %", "Ben": "33 %", NASTY: "33 %"}
    assert page.locator(".review b").count() == 0
    assert not faults(page)
    _zooms_and_moves(page)
    _gives_it_to_ana(page, _walks_from_one_to_the_next(page))
    _leaves_a_stretch_out(page)
    _gives_a_guest_a_seat(page)
    _undoes_all(page)
    assert shares(page) == before
    with Reader.open(db) as reader:
        assert [one.undone_at is not None for one in reader.corrections(2)] == [True, True, True]
        assert not reader.corrections(1)


@pytest.mark.page
def test_who_is_who_is_put_right_and_what_does_not_fit_is_said(
    review: Callable[..., Program], tab: Callable[..., Any], db: Path
) -> None:
    page = tab(review().url)
    press = page.keyboard.press
    page.get_by_role("button", name="Rename Ben").focus()
    press("Enter")
    page.wait_for_selector("dialog[open] input:focus")
    page.keyboard.type("ana")
    press("Enter")
    page.wait_for_selector("dialog[open] .problem:has-text('There is a Ana in this session already')")
    assert not faults(page)
    press("Control+a")
    page.keyboard.type("<i>Benno</i>")
    press("Enter")
    page.wait_for_function("() => !document.querySelector('dialog[open]')")
    assert list(shares(page)) == ["Ana", "<i>Benno</i>", NASTY]
    assert page.locator(".desk i").count() == 0
    page.get_by_role("button", name=f"{NASTY} is the same person as").focus()
    press("Enter")
    page.wait_for_selector("dialog[open] input:focus")
    press("ArrowDown")
    press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.review .people .name').length === 2")
    assert shares(page) == {"Ana": "33 %", "<i>Benno</i>": "67 %"}
    page.wait_for_selector(".so-far h3:focus")
    assert "<i>Benno</i>" in page.locator("#which option").first.text_content()


@pytest.mark.page
def test_from_session_to_session_to_the_trends_and_to_a_file(
    review: Callable[..., Program], tab: Callable[..., Any], db: Path, tmp_path: Path
) -> None:
    complaints: list[str] = []
    page = tab("about:blank")
    page.on("console", lambda message: complaints.append(message.text))  # of what its own policy forbids, too
    page.goto(review("2").url)
    page.wait_for_selector("h1:has-text('Session 2')")
    page.get_by_role("button", name="Earlier", exact=True).click()
    page.wait_for_selector("h1:has-text('Session 1')")
    assert list(shares(page)) == ["Ana", "Ben"]
    assert page.get_by_role("button", name="Earlier", exact=True).is_disabled()
    page.reload()
    page.wait_for_selector("h1:has-text('Session 1')")
    page.go_back()
    page.wait_for_selector("h1:has-text('Session 2')")
    page.get_by_role("button", name="Trends").click()
    page.wait_for_selector("h1:has-text('Trends')")
    assert not faults(page)
    page.get_by_role("button", name="Trends").click()
    page.wait_for_selector("h1:has-text('Session 2')")
    page.locator(".save summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="A page with pictures").click()
    saved = tmp_path / "saved.html"
    download.value.save_as(saved)
    assert download.value.suggested_filename == "session-2.html"
    assert not complaints
    assert not faults(page)

    # the saved file needs neither the program nor a network, and its timeline is alive
    asked: list[str] = []
    page = tab("about:blank", offline=True)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(saved.as_uri())
    walk_in(page)
    whole = shown(page)[1]
    page.keyboard.press("Home")
    told(page, "Ana · 0:")
    page.keyboard.press("+")
    assert shown(page)[1] == pytest.approx(whole / 2, rel=0.01)
    assert page.locator(".timeline button:has-text('Put this right')").count() == 0
    assert asked == [saved.as_uri()]


@pytest.mark.page
def test_a_stretch_is_chosen_and_moved_by_mouse_and_wheel(
    review: Callable[..., Program], tab: Callable[..., Any], db: Path
) -> None:
    page = tab(review().url)
    unfold(page)
    page.get_by_role("button", name="Choose a stretch").click()
    box = page.locator(".stretch.live").bounding_box()
    lane = page.locator(".lane[data-name=Ben]").evaluate(
        "lane => Number(lane.dataset.top) + Number(lane.dataset.bar) / 2"
    )
    y = box["y"] + lane
    start, _ = page.locator(".lane[data-name=Ben] path").first.evaluate(
        "path => /M([0-9]+) [0-9]+h([0-9]+)/.exec(path.getAttribute('d')).slice(1).map(Number)"
    )
    whole = shown(page)[1]

    def at(ms: float) -> float:
        return float(box["x"] + box["width"] * ms / whole)

    page.mouse.move(at(start + 3_000), y)
    page.wait_for_selector(".tip:has-text('Ben · 0:')")
    page.mouse.move(at(start + 2_000), y)
    page.mouse.down()
    page.mouse.move(at(start + 7_000), y, steps=5)
    page.mouse.up()
    told(page, "Chosen: Ben · ")
    page.get_by_role("button", name="Put this right").click()
    page.wait_for_selector("dialog[open]")
    assert page.locator("dialog[open] .soft").text_content().startswith("Ben, 0:")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Choose a stretch").click()
    page.keyboard.down("Control")
    page.mouse.move(at(start), y)
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_function(
        "whole => Number(document.querySelector('.plot').getAttribute('viewBox').split(' ')[2]) < whole / 2", arg=whole
    )
    before, span = shown(page)
    assert before <= start <= before + span
    page.mouse.down()
    page.mouse.move(at(start) - 200, y, steps=5)
    page.mouse.up()
    assert shown(page)[0] > before


@pytest.mark.page
def test_another_tab_follows(review: Callable[..., Program], tab: Callable[..., Any]) -> None:
    running = review()
    one, other = tab(running.url), tab(running.url)
    walk_in(other)
    other.keyboard.press("Home")
    other.keyboard.press("+")
    zoomed = shown(other)
    walk_in(one)
    for key in ("Home", "ArrowRight", "Enter", "Enter"):
        one.keyboard.press(key)
    for page in (one, other):
        page.wait_for_selector(".made li:has-text('it was Ana who spoke')")
        assert shares(page)["Ana"] == "44 %"
    assert shown(other) == zoomed
    other.get_by_role("button", name="Undo").click()
    one.wait_for_selector(".made li.undone")
    assert shares(one)["Ana"] == "33 %"


@pytest.mark.page
def test_two_fingers_zoom_and_one_moves(review: Callable[..., Program], tab: Callable[..., Any]) -> None:
    page = tab(review().url, has_touch=True)
    unfold(page)
    page.locator(".stretch.live").scroll_into_view_if_needed()
    box = page.locator(".stretch.live").bounding_box()
    left, middle, y = box["x"], box["x"] + box["width"] / 2, box["y"] + 60
    fingers = page.context.new_cdp_session(page)

    def touch(kind: str, *places: float) -> None:
        points = [{"x": x, "y": y, "id": number} for number, x in enumerate(places)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    whole = shown(page)
    touch("touchStart", middle - 50, middle + 50)
    for apart in (80, 120, 160, 200):
        touch("touchMove", middle - apart, middle + apart)
    touch("touchEnd")
    start, span = shown(page)
    assert span == pytest.approx(whole[1] / 4, rel=0.05)
    assert start + span / 2 == pytest.approx(whole[1] / 2, rel=0.05)  # what was between the fingers still is
    touch("touchStart", middle)
    for x in (middle - 40, middle - 120, left + 200):
        touch("touchMove", x)
    touch("touchEnd")
    assert shown(page)[0] > start
    assert shown(page)[1] == span


@pytest.mark.page
def test_on_a_low_window_what_is_asked_is_scrolled_and_its_buttons_stay(
    review: Callable[..., Program], tab: Callable[..., Any]
) -> None:
    """A laptop on which everything is twice as large."""
    page = tab(review().url)
    walk_in(page)
    page.set_viewport_size({"width": 683, "height": 384})
    page.locator(".stretch.live").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] input:focus")
    for button in page.locator("dialog[open] .buttons button").all():
        assert not button.evaluate(COVERED)


@pytest.mark.page
def test_nothing_moves_and_nothing_is_wider_than_a_phone(
    review: Callable[..., Program], tab: Callable[..., Any], db: Path
) -> None:
    page = tab(review().url, reduced_motion="reduce")
    page.set_viewport_size({"width": 390, "height": 844})
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert not page.evaluate(
        "[...document.querySelectorAll('*')].filter((one) => getComputedStyle(one).animationName !== 'none').length"
    )


@pytest.mark.page
def test_without_a_script_the_picture_is_whole(browser: Any, db: Path) -> None:
    report = StoredReviewService(db).saved(2, "html").text
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(report)
    page.locator("details.rest > summary").click()
    assert page.locator(".timeline text.name").all_text_contents() == ["Ana", "Ben", NASTY, "Facilitator"]
    assert page.locator(".timeline .axis text").first.is_visible()
    context.close()


@pytest.mark.page
def test_it_ends_when_the_page_is_closed_or_at_ctrl_c(
    review: Callable[..., Program], tab: Callable[..., Any], db: Path
) -> None:
    running = review()
    page = tab(running.url)
    unfold(page)
    page.close()
    assert "Ctrl+C" in running.ended()
    running = review()
    page = tab(running.url)
    unfold(page)
    running.interrupt()
    page.wait_for_function("() => document.getElementById('notices').textContent.includes('ended')")
    assert page.is_visible(".review h1")
    running.ended()


def test_the_script_of_a_saved_review_needs_no_other() -> None:
    whole = script("review/timeline.js")
    assert "import" not in [line.split(" ")[0] for line in whole.splitlines()]
    assert whole.index("function utterances(") < whole.index("class Timeline")
    assert "innerHTML" not in static("review/timeline.js") + static("review/review.js") + static(
        "review/corrections.js"
    )
