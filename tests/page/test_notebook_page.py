"""What was agreed on, the joint report and a mediator's notes on the page: who gets at them, and what they change."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from facilitator.commands.mediation.joint import OwnNotes
from facilitator.commands.session.with_page import OF_ONE_SESSION
from facilitator.commands.stored.review_desk import StoredReviewService
from facilitator.core.events import Agreed
from facilitator.errors import UsageError
from facilitator.page.broker import Broker
from facilitator.page.private_api import private_routes
from facilitator.page.review_api import routes
from facilitator.page.server import PageServer
from facilitator.page.state import labels
from facilitator.store.reader import Reader
from facilitator.store.session_log import Store
from facilitator.store.session_notes import agreements_of
from tests.page.test_page import home, program, tab
from tests.support.browser import Program, browser, faults
from tests.support.simulation import setup
from tests.support.table_talk import TableTalk
from tests.support.texts import ENGLISH

__all__ = ["browser", "home", "program", "tab"]

PEOPLE = ("Maria", "Anouk", "Benedikt")
GOAL = "a way to talk about money"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "sessions.db"
    with Store.open(path) as store:
        talk = TableTalk(store, setup(PEOPLE, "open", host="Maria", goals=(GOAL,), enrolled=PEOPLE))
        talk.speak("Anouk", 20_000)
        talk.speak("Benedikt", 20_000)
        store.write([Agreed(at_ms=talk.now_ms, number=1, kind="agreement", text="the dishes")])
        talk.finish()
    return path


@pytest.fixture
def server(db: Path) -> Iterator[PageServer]:
    found = PageServer.open(routes=routes(StoredReviewService(db)))
    yield found
    found.close()


@pytest.fixture
def mediators(db: Path) -> Iterator[PageServer]:
    found = PageServer.open(role="mediator", routes=private_routes(OwnNotes(db, lambda: 1)))
    yield found
    found.close()


def ask(server: PageServer, path: str, wish: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
    body = None if wish is None else json.dumps(wish).encode()
    request = urllib.request.Request(server.url + path, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        text = error.read().decode()
        return error.code, json.loads(text) if text.startswith("{") else {}


def test_a_mediators_notes_are_behind_their_own_door_only(server: PageServer, mediators: PageServer) -> None:
    status, told = ask(mediators, "private", {"text": "ask Anouk alone"})
    assert status == 200 and told == {"notes": [{"number": 1, "text": "ask Anouk alone"}], "goals": [GOAL]}
    for wish in (None, {"text": "x"}):
        assert ask(server, "private", wish)[0] in (404, 405)
    assert ask(mediators, "rules", {})[0] in (404, 405), "and earlier sessions are behind the other"
    assert ask(mediators, "private", {"text": "  "})[1]["sentence"] == "There is nothing to note; write a few words."
    assert ask(mediators, "private", {"remove": 1})[1]["notes"] == []
    assert ask(mediators, "private", {"other": 1})[0] == 400


def test_what_was_agreed_on_is_read_and_changed(server: PageServer, db: Path) -> None:
    ask(server, "rules", {"do": "add", "kind": "rule", "text": "Purchases wait"})
    ask(server, "rules", {"do": "cool", "number": 2, "days": 2})
    ask(server, "rules", {"do": "add", "kind": "step", "text": "ask Maria"})
    ask(server, "rules", {"do": "word", "number": 3, "text": "ask Zoe, who is neutral"})
    ask(server, "rules", {"do": "owner", "number": 1, "name": "Benedikt"})
    ask(server, "rules", {"do": "due", "number": 1, "day": "2026-05-03"})
    status, told = ask(server, "rules", {"do": "every", "number": 1, "how": "week", "by_turns": True})
    assert status == 200
    found = {one["agreement"]: one for one in told["agreements"]}
    assert (found[2]["text"], found[2]["cooling_days"]) == ("Purchases wait", 2)
    assert found[3]["text"] == "ask Zoe, who is neutral"
    assert (found[1]["owner"], found[1]["due"], found[1]["every"], found[1]["turns"][0]) == (
        "Benedikt", "2026-05-03", "week", "Benedikt",
    )  # fmt: skip
    ask(server, "rules", {"do": "keep", "number": 1, "kept": True})
    ask(server, "rules", {"do": "remove", "number": 2})
    with Reader.open(db) as reader:
        assert [(one.agreement, one.kept) for one in agreements_of(reader)] == [(1, True), (3, None)]
    for wish in (
        {"do": "owner", "number": 1, "name": "Nobody"},
        {"do": "due", "number": 3, "day": "2026-05-03"},
        {"do": "word", "number": "1", "text": "x"},
        {"do": "cool", "number": 3, "days": 99},
        {"do": "burn"},
    ):
        status, told = ask(server, "rules", wish)
        assert status == 409 and told["sentence"]


def test_between_two_sessions_a_mediators_screen_has_nothing_of_the_one_before(db: Path) -> None:
    broker = Broker()
    notes = OwnNotes(db, lambda: broker.session)
    broker.session = 1
    notes.note("a thing of before")
    broker.forget(*OF_ONE_SESSION)
    with pytest.raises(UsageError):
        notes.notes()


def test_a_yes_is_to_what_was_seen(server: PageServer) -> None:
    assert ask(server, "joint/1", {})[1] == {"sides": ["Anouk", "Benedikt"], "all": False}
    seen = ask(server, "joint/1", {"person": "Anouk"})[1]
    goal = seen["parts"][0]["key"]
    ask(server, "joint/1", {"person": "Benedikt", "strike": goal})
    status, told = ask(server, "joint/1", {"person": "Anouk", "yes": True, "of": seen["of"]})
    assert status == 409 and "changed" in told["sentence"]
    for person in ("Anouk", "Benedikt"):
        seen = ask(server, "joint/1", {"person": person})[1]
        told = ask(server, "joint/1", {"person": person, "yes": True, "of": seen["of"]})[1]
    assert told["all"] is True
    with urllib.request.urlopen(server.url + "save/1.joint") as answer:
        text = answer.read().decode()
    assert GOAL not in text and "Anouk" not in text


SLOW_ANSWERS = """() => {
    const at_once = fetch;
    window.fetch = async (...asked) => (await new Promise((wake) => setTimeout(wake, 400)), at_once(...asked));
}"""
"""Those of a busy computer: what is looked for must not depend on how fast they come."""


@pytest.mark.page
def test_all_of_it_in_the_browser(server: PageServer, mediators: PageServer, tab: Callable[..., Any]) -> None:
    server.broker.tell("labels", labels(ENGLISH))
    server.broker.tell("review", {"session": 1})
    server.broker.tell("screen", "review")
    page = tab(server.url)
    page.evaluate(SLOW_ANSWERS)
    page.get_by_role("button", name="Rules and agreements").press("Enter")
    page.wait_for_selector("#notebook-title:focus")  # the beginning, and not the button at the end
    page.keyboard.press("Tab")
    for rule in ("One at a time", "No telephones"):
        page.wait_for_selector("#new-rule:focus")
        page.keyboard.type(rule)
        page.keyboard.press("Enter")
        page.wait_for_selector(f"dialog[open] input[value='{rule}']")
    page.get_by_role("button", name="Remove").last.press("Enter")  # and with it what the focus was on
    page.wait_for_function("() => document.querySelectorAll('dialog[open] input[id^=word]').length === 1")
    page.wait_for_selector("#notebook-title:focus")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Joint report").click()
    page.locator("dialog[open]").get_by_role("button", name="Anouk").click()
    page.wait_for_selector("#joint-title:focus")
    page.get_by_label("leave out").first.press("Space")
    page.wait_for_selector("dialog[open] li.struck")
    page.wait_for_selector("#part-0:focus")
    page.get_by_role("button", name="I say yes to this").press("Enter")
    page.wait_for_selector("text=You have said yes to it.")
    page.wait_for_selector("#joint-yes:focus")
    page.get_by_role("button", name="Done: hand over").click()
    page.wait_for_selector("text=Not everybody has said yes")
    assert page.locator("dialog[open]").get_by_text(GOAL).count() == 0
    assert not faults(page)
    mediators.broker.tell("labels", labels(ENGLISH))
    mediators.broker.tell("screen", "session")
    own = tab(mediators.url)
    own.get_by_label("A note for yourself").fill("p is no pause here")
    own.keyboard.press("Enter")
    own.wait_for_selector(".private li:has-text('p is no pause here')")
    assert own.locator(".private").get_by_text(GOAL).count() == 1
    assert mediators.broker.take() == [], "what is typed there is no command"


@pytest.mark.page
def test_one_person_alone_rehearses_on_the_page(program: Callable[..., Program], tab: Callable[..., Any]) -> None:
    page = tab(program("--speech", "silent", "--timer-only").url)
    page.wait_for_selector("#name:focus")
    page.keyboard.type("Ana")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.seats li').length === 1")
    page.keyboard.press("Enter")
    page.wait_for_selector("input[type=radio][value=rehearse]:checked")
    assert page.locator("input[type=radio]:enabled").count() == 1
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_selector("text=something light to practise", timeout=60_000)
    assert not faults(page)
