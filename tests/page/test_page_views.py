"""How the session looks otherwise: calm, in large letters, with strong contrast, with its map and its tour. At
every size what is said and what can be answered is whole, and nothing is in anybody's way."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from facilitator.commands.session.demo import BADGE, tour_words
from facilitator.core.events import TurnStarted
from facilitator.core.language.choices import Choice
from facilitator.page.state import labels
from facilitator.resources.texts import texts_of
from tests.page.test_page import Beside, beside, floor, tab
from tests.support.browser import browser, faults

__all__ = ["beside", "browser", "tab"]

pytestmark = pytest.mark.page

SIZES = [(1366, 768), (1920, 1080), (768, 1024), (390, 844), (683, 384)]
"""The last one is a laptop on which everything is twice as large."""
ASKED: dict[str, Any] = {
    "stage_kind": "turns",
    "floor": "Ana",
    "floor_left_ms": 275_000,
    "own_voice": False,
    "last_said": "I have: phones stay in the hall at dinner. Is that right? Press y for yes or n for no.",
    "choices": (Choice(value=1, key="y", label="yes"), Choice(value=0, key="n", label="no")),
    "commands": ("next", "pass", "more-time", "pause", "note", "finish"),
}
GUESSES = tuple(Choice(value=5 * part, key=str(part), label=f"{5 * part} %") for part in range(21))
COVERED = """element => {
  element.scrollIntoView({ block: "nearest" });
  const box = element.getBoundingClientRect();
  const inside = box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight + 1 && box.right <= innerWidth + 1;
  const at = (x, y) => { const found = document.elementFromPoint(x, y); return found && element.contains(found); };
  const seen = at(box.left + 6, box.top + box.height / 2) && at(box.left + box.width / 2, box.bottom - 3);
  return inside && seen ? "" : `${element.className}: ${JSON.stringify(box)}`;
}"""
UNBROKEN = """() => {
  const name = document.querySelector(".hero .who");
  return name.getBoundingClientRect().height < 2 * parseFloat(getComputedStyle(name).fontSize);
}"""
MOVED = "() => document.scrollingElement.scrollTop"


def seen_as(page: Any, view: str) -> None:
    while page.evaluate("document.body.dataset.view") != view:
        page.keyboard.press("x")


@pytest.mark.parametrize("view", ["usual", "calm", "large", "contrast"])
def test_what_is_asked_is_whole_at_every_size(beside: Beside, tab: Callable[..., Any], view: str) -> None:
    beside.show(**ASKED)
    page = tab(beside.server.url)
    page.wait_for_selector(".choice")
    seen_as(page, view)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("scrollTo(0, 0)")
        hidden = [told for one in page.locator(".said, .choice").all() if (told := one.evaluate(COVERED))]
        assert not hidden, (view, width, height, hidden)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (view, width)
        if view != "large" and height > 400:
            assert page.evaluate(MOVED) == 0, (view, width, height, "it had to be scrolled to")


@pytest.mark.parametrize("view", ["calm", "large", "contrast"])
def test_axe_finds_nothing_in_any_view(beside: Beside, tab: Callable[..., Any], view: str) -> None:
    beside.show(**ASKED)
    page = tab(beside.server.url)
    floor(page, "Ana")
    seen_as(page, view)
    assert not faults(page)
    beside.show(**ASKED | {"choices": (), "floor_left_ms": 20_000})
    page.wait_for_selector(".choice", state="detached")
    assert not faults(page)


def test_three_and_what_is_told_of_them_are_seen_beside_a_question_and_on_a_telephone(
    beside: Beside, tab: Callable[..., Any]
) -> None:
    beside.screen._airtime.now = "shown"
    seat = dataclasses.replace(beside.discussion.snapshot().people[0], heard=True, airtime_ms=60_000, share=0.64)
    people = tuple(dataclasses.replace(seat, name=name) for name in ("Ana", "Ben", "Carla"))
    beside.show(**ASKED | {"people": people, "speaking": ("Ben",)})
    beside.server.broker.tell("labels", labels(texts_of("de")))
    page = tab(beside.server.url)
    page.wait_for_selector(".state:has-text('64 % der Redezeit')")
    page.set_viewport_size({"width": 1366, "height": 768})
    assert not [told for one in page.locator(".person .state").all() if (told := one.evaluate(COVERED))]
    assert page.evaluate(MOVED) == 0
    beside.show(**ASKED | {"people": people, "speaking": ("Ben",), "choices": (), "last_said": "Ana, go on."})
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_selector(".state:visible")
    assert not [told for one in page.locator(".person .state").all() if (told := one.evaluate(COVERED))]
    assert page.evaluate(MOVED) == 0


def test_what_has_nothing_to_say_yet_is_named_all_the_same(beside: Beside, tab: Callable[..., Any]) -> None:
    """Axe looks at the name of what is empty, and passes over one that has words in it."""
    beside.show(**ASKED | {"last_said": ""})
    page = tab(beside.server.url)
    page.wait_for_selector(".choice")
    assert page.text_content(".said") == "" and not faults(page)


def test_a_korean_name_in_a_table_is_not_broken(beside: Beside, tab: Callable[..., Any]) -> None:
    broker = beside.server.broker
    broker.tell("labels", labels(texts_of("ko")))
    beside.show(stage_kind="closing", ended=True)
    said = dict.fromkeys(("first", "told", "question", "again"), "") | {"guesses": {}, "language": "ko"}
    said |= {what: [] for what in ("glance", "details", "rules", "agreed")}
    figures = dict.fromkeys(("turns", "longest_turn_s", "cut_ins_made", "cut_ins_received", "repaid_s"), 24)
    shares = dict.fromkeys(("share", "share_low", "share_high"), 0.5)
    broker.tell(
        "summary",
        {**said, "has_shares": True, "people": [{"name": "서연", "airtime_s": 60, **figures, **shares}]},
    )
    broker.tell("screen", "summary")
    page = tab(beside.server.url)
    page.set_viewport_size({"width": 390, "height": 844})
    for more in page.locator(".summary details > summary").all():
        more.click()
    for language in ("en", "ko"):
        page.evaluate("language => { document.documentElement.lang = language }", language)
        assert page.locator("tbody th bdi").evaluate("name => name.getClientRects().length") == 1, language


def test_axe_finds_nothing_on_the_map_and_the_tour(beside: Beside, tab: Callable[..., Any]) -> None:
    seat = dataclasses.replace(beside.discussion.snapshot().people[0], heard=True, airtime_ms=60_000, share=1 / 3)
    people = tuple(dataclasses.replace(seat, name=name) for name in ("Ana", "Ben", "Carla"))
    talk: dict[str, Any] = {"stage_kind": "talk", "own_voice": False, "people": people, "speaking": ("Ana",)}
    beside.screen._airtime.now = "shown"
    beside.show(**talk)
    beside.screen.write([TurnStarted(at_ms=0, person=name, start_ms=0) for name in ("Ana", "Ben", "Ana", "Carla")])
    beside.server.broker.tell(
        "tour", {"en": {"title": "Guided tour", "skip": "Skip the tour", "talk": "Now the floor is open."}}
    )
    beside.server.broker.tell("labels", labels(texts_of("de")))  # it has the longest words under the map
    beside.show(**talk)
    page = tab(beside.server.url)
    page.wait_for_selector(".live-map .tie")
    floor(page, "Ana")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(UNBROKEN), (width, height, "a name beside the map, letter by letter")
    beside.show(**talk | {"at_ms": 2_000})
    page.wait_for_selector(".tour:visible")
    assert page.text_content(".tour-text") == "Now the floor is open."
    assert not faults(page)
    page.keyboard.press("Escape")
    page.wait_for_selector(".tour", state="hidden")


@pytest.mark.parametrize(
    ("step", "changes", "caption"),
    [
        ("consent", {"stage_kind": "opening"}, ""),
        ("agreement", {"stage_kind": "talk", "floor": None}, ""),
        ("floor", {"choices": (), "speaking": ("Ana",)}, f"Ana: “{' '.join(['Let us look at it once more.'] * 6)}”"),
        ("guess", {"stage_kind": "rate", "choices": GUESSES, "last_said": "Ana, how much of the talk was yours?"}, ""),
    ],
)
def test_beside_a_card_of_the_tour_what_is_said_is_whole(
    beside: Beside, tab: Callable[..., Any], step: str, changes: dict[str, Any], caption: str
) -> None:
    told = tour_words()
    longest = max((words[step] for words in told.values()), key=len)
    beside.server.broker.tell("badge", BADGE)
    beside.server.broker.tell("tour", {"en": {**told["de"], step: longest}})
    beside.server.broker.tell("caption", caption)
    beside.show(**ASKED | changes)
    page = tab(beside.server.url)
    page.wait_for_selector(".tour:visible")
    assert page.text_content(".tour-text") == longest
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("scrollTo(0, 0)")
        needed = page.locator(":is(.tour-text, .said, .choice, .slider .main, .slider .row):visible").all()
        hidden = [told for one in needed if (told := one.evaluate(COVERED))]
        assert not hidden, (width, height, hidden)
        assert page.evaluate(MOVED) == 0, (width, height, "it had to be scrolled to")
