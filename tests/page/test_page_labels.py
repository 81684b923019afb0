"""What the page says during a session, in six languages."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from facilitator.page.airtime_display import AIRTIMES
from facilitator.page.buttons import BUTTONS
from facilitator.page.labels import labels_of
from facilitator.page.screen import PageScreen
from facilitator.page.state import SeatState
from facilitator.resources.prompts import default_prompts
from tests.page.test_page import Beside, beside, tab
from tests.support.browser import browser, faults

__all__ = ["beside", "browser", "tab"]

ENGLISH = labels_of("en")
CODES = [path.stem for path in default_prompts().language_files()]
STATIC = Path(__file__).parents[2] / "facilitator" / "page" / "static"


def slots(text: str) -> set[str]:
    return {slot for _, slot, _, _ in string.Formatter().parse(text) if slot is not None}


@pytest.mark.parametrize("code", CODES)
def test_every_language_says_everything_with_the_same_slots(code: str) -> None:
    labels = labels_of(code)
    assert labels.keys() == ENGLISH.keys()
    assert {key: slots(text) for key, text in labels.items()} == {key: slots(text) for key, text in ENGLISH.items()}
    assert all(text.strip() == text and text for text in labels.values())
    if code != "en":
        same = {key for key, text in labels.items() if text == ENGLISH[key]}
        assert same <= {"floor.paused", "button.pause", "button.pass", "hand.raise"}, same


def test_a_language_of_ones_own_has_english_labels() -> None:
    assert labels_of("nl") == ENGLISH


def test_what_the_page_asks_for_is_there_and_nothing_else() -> None:
    """Those that are put together are listed here."""
    sources = "".join(path.read_text(encoding="utf-8") for path in STATIC.rglob("*.js") if path.stem != "labels")
    asked = {key for call in re.findall(r"label\(([^`]*?)\)", sources) for key in re.findall(r'"([\w.-]+)"', call)}
    together = {f"button.{button.command}" for button in BUTTONS} | {"button.speak"}
    together |= {f"airtime.{one}" for one in AIRTIMES} | {
        f"person.{one}" for one in (*get_args(SeatState), "little", "share")
    }
    together |= {f"hand.{one}" for one in ("raise", "lower", "raise_of", "lower_of")}
    together |= {"leave_full_screen", "full_screen"}
    assert asked - {"rate"} | together == set(ENGLISH)


@pytest.mark.page
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("de", ("hat das Wort", "Ana spricht", "Weiter Leertaste", "letzte Minute", "Redezeit: verborgen")),
        ("fr", ("a la parole", "Ana parle", "Suivant espace", "dernière minute", "Temps de parole : caché")),
    ],
)
def test_a_session_is_shown_in_its_language(
    beside: Beside, tab: Callable[..., Any], code: str, words: tuple[str, ...]
) -> None:
    beside.screen = PageScreen(
        beside.server.hub, airtime="hidden", aims=beside.setup.aims(), language=code, listening=True
    )
    beside.show(
        stage_kind="turns", floor="Ana", floor_left_ms=50_000, speaking=("Ana",), someone_speaking=True,
        own_voice=False, commands=("next", "pass", "note", "finish"),
    )  # fmt: skip
    page = tab(beside.server.url)
    page.wait_for_selector(".session")
    for text in words:
        assert page.is_visible(f"text={text}"), text
    assert page.get_attribute(".session", "lang") == code
    page.keyboard.press("a")
    page.wait_for_selector(f"dialog[open] h2:has-text('{labels_of(code)['note.title']}')")
    assert not faults(page)
