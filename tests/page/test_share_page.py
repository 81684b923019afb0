"""Sharing as people see it: the code on the laptop, and the session on a tablet and a phone."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from facilitator.commands.session.sharing import ForTheRoom
from facilitator.commands.session.with_page import AtPage
from facilitator.page.permissions import Role
from facilitator.page.room_link import TableLink, parse_address
from facilitator.page.sharing import Share
from facilitator.page.state import labels
from facilitator.store.session_log import Store
from tests.page.test_page import Beside, beside, floor, notice, tab
from tests.page.test_share import HERE, until
from tests.support.browser import browser, faults
from tests.support.simulation import setup
from tests.support.texts import ENGLISH

__all__ = ["beside", "browser", "tab"]

pytestmark = pytest.mark.page

TABLET, PHONE = (768, 1024), (390, 844)
TALK: dict[str, Any] = {
    "stage_kind": "turns",
    "floor": "Ana",
    "floor_left_ms": 61_000,
    "own_voice": False,
    "commands": ("next", "pass", "pause", "hand", "note", "finish"),
}


@pytest.fixture
def shared(beside: Beside) -> Iterator[Callable[[Role], Share]]:
    found: list[Share] = []

    def share(role: Role) -> Share:
        found.append(Share(beside.server.broker, role, HERE.address))
        return found[-1]

    yield share
    for one in found:
        one.close()


def on(tab: Callable[..., Any], share: Share, size: tuple[int, int]) -> Any:
    page = tab("about:blank")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(str(share.url))
    return page


@pytest.mark.parametrize("size", [TABLET, PHONE])
def test_a_guest_looks_and_has_nothing_to_press(
    beside: Beside, shared: Callable[[Role], Share], tab: Callable[..., Any], size: tuple[int, int]
) -> None:
    beside.server.broker.tell("labels", labels(ENGLISH))
    beside.server.broker.tell("screen", "setup")
    beside.server.broker.tell("setup", {"known": [{"name": "Zoë", "say": ""}]})
    page = on(tab, shared("view"), size)
    page.wait_for_selector("text=The discussion is being set up")
    assert not faults(page)
    beside.show(**TALK)
    floor(page, "Ana")
    assert page.text_content(".time") == "1:01"
    assert page.locator("footer button:visible, .hand:visible, .asked:visible").count() == 0
    assert page.get_by_role("button", name="Airtime").count() == 0
    assert page.get_by_role("button", name="Share").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert not faults(page)
    for key in ("Space", "p", "1", "q", "v", "t", "e"):
        page.keyboard.press(key)
    beside.show(**TALK | {"floor": "Ben"})
    floor(page, "Ben")
    assert beside.commands == []
    assert page.locator("dialog[open]").count() == 0


def test_a_guest_who_steers_has_the_buttons(
    beside: Beside, shared: Callable[[Role], Share], tab: Callable[..., Any]
) -> None:
    beside.show(**TALK)
    page = on(tab, shared("steer"), TABLET)
    floor(page, "Ana")
    assert page.get_by_role("button", name="Airtime").count() == 0
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Raise the hand of Ben").click()

    def both_came() -> bool:
        beside.show(**TALK)
        return len(beside.commands) == 2

    until(both_came)
    assert [(command.name, command.person) for command in beside.commands] == [("next", None), ("hand", "Ben")]


def test_the_code_who_is_there_stopping_and_starting_again(
    beside: Beside, shared: Callable[[Role], Share], tab: Callable[..., Any]
) -> None:
    beside.show(**TALK)
    share = shared("view")
    tablet = on(tab, share, TABLET)
    floor(tablet, "Ana")
    laptop = tab(beside.server.url)
    laptop.wait_for_selector("text=Shared: 1")
    laptop.keyboard.press("e")
    laptop.wait_for_selector("dialog[open] svg[role=img]")
    title = laptop.locator("#sharing-title:focus")
    assert title.evaluate("element => getComputedStyle(element).outlineStyle") == "none", "it is nothing to press"
    assert laptop.text_content(".sharing .address") == share.url
    assert laptop.is_visible("text=One device connected now.")
    assert laptop.is_visible("text=unencrypted")
    assert not faults(laptop)
    laptop.keyboard.press("p")  # no command while the dialog is open
    laptop.get_by_role("button", name="Stop sharing").click()
    notice(tablet, "not shared any more")
    laptop.wait_for_selector("text=Nobody else sees this page now.")
    assert share.url is None
    assert not faults(laptop)
    laptop.get_by_role("button", name="Share", exact=True).click()
    laptop.wait_for_selector(".sharing svg[role=img]")
    assert laptop.text_content(".sharing .address") == share.url
    laptop.keyboard.press("Escape")
    laptop.wait_for_selector("dialog[open]", state="detached")
    laptop.get_by_title("Share on a tablet or phone").click()
    laptop.get_by_role("button", name="Close").click()
    laptop.wait_for_selector("dialog[open]", state="detached")
    beside.show(**TALK)
    assert beside.commands == []
    again = on(tab, share, PHONE)
    floor(again, "Ana")


def test_without_share_there_is_nothing_to_press(beside: Beside, tab: Callable[..., Any]) -> None:
    beside.show(**TALK)
    laptop = tab(beside.server.url)
    floor(laptop, "Ana")
    laptop.keyboard.press("e")
    assert laptop.locator("dialog[open]").count() == 0
    assert laptop.get_by_role("button", name="Share").count() == 0


def test_the_thirteenth_is_told_and_comes_in_when_one_leaves(
    beside: Beside, shared: Callable[[Role], Share], tab: Callable[..., Any], browser: Any
) -> None:
    beside.show(**TALK)
    share = shared("view")
    first = on(tab, share, PHONE)
    floor(first, "Ana")
    others = [on(tab, share, PHONE) for _ in range(11)]
    until(lambda: beside.server.broker.guests == 12)
    last = on(tab, share, PHONE)
    notice(last, "Twelve devices are looking already")
    assert others
    first.close()
    floor(last, "Ana")


def test_a_telephone_of_ones_own_shows_ones_own_part_and_speaks_for_nobody_else(
    beside: Beside, shared: Callable[[Role], Share], tab: Callable[..., Any]
) -> None:
    beside.screen._airtime.now = "shown"
    beside.show(**TALK)
    share = shared("me")
    page, other = on(tab, share, PHONE), on(tab, share, PHONE)
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    page.reload()
    page.get_by_role("button", name="Ben").click()
    page.wait_for_selector("h1:has-text('Ben')")
    assert page.is_visible("text=Ana has the floor")
    assert not faults(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    other.get_by_role("button", name="Ben").click()
    other.wait_for_selector("text=Another phone is")
    page.get_by_role("button", name="Raise my hand").click()

    def came() -> bool:
        beside.show(**TALK)
        return bool(beside.commands)

    until(came)
    assert [(command.name, command.person) for command in beside.commands] == [("hand", "Ben")]
    heard = [json.loads(frame) for frame in frames]
    assert {one["topic"] for one in heard} <= {"role", "labels", "screen", "table", "mine", "beat"}
    assert {one["body"]["name"] for one in heard if one["topic"] == "mine"} == {"Ben"}
    people = tuple(
        dataclasses.replace(one, heard=True, airtime_ms=40_000, share=0.5)
        for one in beside.discussion.snapshot().people
    )
    beside.show(**TALK, people=people)
    page.wait_for_selector("text=% of the talk so far")
    beside.show(**TALK, people=people, ended=True)
    page.wait_for_selector("text=/% of the talk$/")


SUMMARY: dict[str, Any] = {
    **dict.fromkeys(("first", "told", "question", "again"), ""),
    **{key: [] for key in ("glance", "people", "details", "rules", "agreed")},
    "guesses": {},
    "language": "en",
}


def test_the_end_names_what_goes_to_the_room_and_hands_it_over(
    beside: Beside, tab: Callable[..., Any], tmp_path: Path
) -> None:
    """With a room that fetches it: on the page of the table, from the question to the receipt."""
    path, had = tmp_path / "sessions.db", list[bytes]()
    with Store.open(path) as store:
        begun = setup(("Ana", "Ben"), "open", rules=("No telephones",))
        number = store.begin(begun, "2026-06-01T08:00:00+00:00")
        store.finish(number, "done", "2026-06-01T09:00:00+00:00")
    broker = beside.server.broker
    broker.tell("labels", labels(ENGLISH))
    with contextlib.closing(Share(broker, "room", HERE.address)) as share:
        page = tab(beside.server.url)
        at_page = AtPage(beside.server, share)
        whole = ForTheRoom(db=path, session=number)
        table = threading.Thread(target=at_page.afterwards, args=(whole, ENGLISH), kwargs={"another": True})
        broker.tell("screen", "session")
        beside.show(stage_kind="closing", ended=True)
        broker.tell("summary", SUMMARY)
        broker.tell("screen", "summary")
        table.start()
        try:
            page.wait_for_selector("text=No telephones")
            assert ENGLISH("after.hand_over_what") in page.locator(".after [role=status]").inner_text()
            page.get_by_role("button", name=ENGLISH("after.hand_over")).click()
            page.wait_for_selector(f"text={ENGLISH('after.handing_over')}")
            assert not faults(page)
            with contextlib.closing(TableLink(parse_address(share.url or ""), had.append)) as link:
                page.wait_for_selector(f"text={ENGLISH('after.handed_over')}")
                until(lambda: link.seen.handed == 1)
        finally:
            page.close()
            table.join(20)
    assert not table.is_alive() and len(had) == 1 and b"No telephones" in had[0]
