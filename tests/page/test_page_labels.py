"""What the page says during a session, in every language."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from facilitator.core.airtime_display import AIRTIMES, rule_of
from facilitator.hearing.words.transcript import spelled
from facilitator.page.buttons import BUTTONS
from facilitator.page.labels import labels_of
from facilitator.page.screen import PageScreen
from facilitator.page.state import SeatState
from facilitator.resources.prompts import default_prompts, parsed_language
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
        assert same <= {"quoted", "floor.paused", "button.pause", "button.pass", "hand.raise"}, same


@pytest.mark.parametrize("code", CODES)
def test_the_facilitator_has_one_name(code: str) -> None:
    """The page calls it what people have to call it."""
    language = parsed_language(default_prompts().language_file(code))
    assert language.spoken.wake[0] in labels_of(code)["now.own_voice"].lower().split()


@pytest.mark.parametrize("code", CODES)
def test_what_a_button_says_can_be_said(code: str) -> None:
    """To the facilitator, after its name; and it means what the button does, and nothing else."""
    language, labels = parsed_language(default_prompts().language_file(code)), labels_of(code)
    shown = {button.command: labels[f"button.{button.command}"] for button in BUTTONS}
    shown |= {"speak": labels["button.speak"], "hand": labels["hand.raise"]}
    for command, label in shown.items():
        means = {key for key, said in language.spoken.commands.items() if spelled(label) in map(spelled, said)}
        assert means == {command}, label


@pytest.mark.parametrize("code", CODES)
def test_quotation_marks_are_those_of_the_language(code: str) -> None:
    language = parsed_language(default_prompts().language_file(code))
    assert labels_of(code)["quoted"] == language.quoted("{text}")


@pytest.mark.parametrize("code", CODES)
def test_texts_and_labels_have_no_space_where_a_line_could_break_before_a_mark(code: str) -> None:
    """French puts a space before some marks; it must not part them from their word."""
    texts = [
        text
        for variants in parsed_language(default_prompts().language_file(code)).phrases.values()
        for text in variants
    ]
    assert not [text for text in (*texts, *labels_of(code).values()) if re.search(r" [:;?!»]|« ", text)]


def test_a_language_of_ones_own_has_english_labels() -> None:
    assert labels_of("nl") == ENGLISH


def calls(source: str) -> list[str]:
    """What stands in the brackets of every call of `label` whose key is written out."""
    found = []
    for at in (match.end() for match in re.finditer(r"\blabel\((?!`)", source)):
        open_brackets, end = 1, at
        while open_brackets and end < len(source):
            open_brackets += {"(": 1, ")": -1}.get(source[end], 0)
            end += 1
        found.append(source[at:end])
    return found


def test_what_the_page_asks_for_is_there_and_nothing_else() -> None:
    """Those that are put together are listed here."""
    sources = "".join(path.read_text(encoding="utf-8") for path in STATIC.rglob("*.js") if path.stem != "labels")
    asked = {key for call in calls(sources) for key in re.findall(r'(?<!=== )"([\w.-]+)"', call)}
    together = {f"button.{button.command}" for button in BUTTONS} | {"button.speak"}
    together |= {f"airtime.{one}" for one in AIRTIMES} | {
        f"person.{one}" for one in (*get_args(SeatState), "little", "share")
    }
    together |= {f"hand.{one}" for one in ("raise", "lower", "raise_of", "lower_of")}
    together |= {"leave_full_screen", "full_screen"}
    assert asked | together == set(ENGLISH)


@pytest.mark.page
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("de", ("hat das Wort", "Ana spricht", "Zum Nächsten Leertaste", "Restzeit", "Redezeit: verborgen")),
        ("fr", ("a la parole", "Ana parle", "Suivant espace", "temps restant", "Temps de parole : caché")),
    ],
)
def test_a_session_is_shown_in_its_language(
    beside: Beside, tab: Callable[..., Any], code: str, words: tuple[str, ...]
) -> None:
    beside.screen = PageScreen(
        beside.server.broker, airtime=rule_of(beside.setup, "hidden"), language=code, listening=True
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
