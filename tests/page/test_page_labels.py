"""What screens and written reports say, in every language."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from facilitator.core.airtime_display import AIRTIMES, rule_of
from facilitator.core.language.texts import CatalogueText
from facilitator.hearing.words.transcript import spelled
from facilitator.page.buttons import BUTTONS
from facilitator.page.screen import PageScreen
from facilitator.page.state import SeatState, labels
from facilitator.resources.prompts import default_prompts, parsed_language
from facilitator.resources.texts import how_far, texts_of
from tests.page.test_page import Beside, beside, tab
from tests.support.browser import browser, faults
from tests.support.texts import ENGLISH

__all__ = ["beside", "browser", "tab"]

CODES = [path.stem for path in default_prompts().language_files()]
STATIC = Path(__file__).parents[2] / "facilitator" / "page" / "static"
MOST_ALIKE = 12
"""Letters: longer texts are not the same in two languages, but by mistake."""


def every_text(message: CatalogueText) -> list[str]:
    return [message] if isinstance(message, str) else list(message.values())


def letters(message: CatalogueText) -> int:
    """Beside the slots."""
    return len(re.findall(r"[^\W\d_]", re.sub(r"\{.*?\}", "", every_text(message)[0])))


@pytest.mark.parametrize("code", [code for code in CODES if code != "en"])
def test_every_language_says_everything(code: str) -> None:
    """With the same slots, with each plural form that the language has, and with none that it has not."""
    found = how_far(code)
    assert found is not None
    assert (found.untold, found.unknown, found.wrong) == ((), (), ())
    assert (found.slots_left_out, found.forms_missing, found.forms_unknown) == ((), (), ())
    assert {key for key in found.same if letters(texts_of(code).messages[key]) > MOST_ALIKE} == set()


@pytest.mark.parametrize("code", CODES)
def test_the_facilitator_has_one_name(code: str) -> None:
    """The page calls it what people have to call it."""
    language = parsed_language(default_prompts().language_file(code))
    assert language.spoken.wake[0] in texts_of(code)("now.own_voice").lower().split()


@pytest.mark.parametrize("code", CODES)
def test_what_a_button_says_can_be_said(code: str) -> None:
    """To the facilitator, after its name; and it means what the button does, and nothing else."""
    language, texts = parsed_language(default_prompts().language_file(code)), texts_of(code)
    shown = {button.command: texts(f"button.{button.command}") for button in BUTTONS}
    shown |= {"speak": texts("button.speak"), "hand": texts("hand.raise")}
    for command, label in shown.items():
        means = {key for key, said in language.spoken.commands.items() if spelled(label) in map(spelled, said)}
        assert means == {command}, label


@pytest.mark.parametrize("code", CODES)
def test_quotation_marks_are_those_of_the_language(code: str) -> None:
    language = parsed_language(default_prompts().language_file(code))
    assert texts_of(code)("quoted", text="x") == language.quoted("x")


@pytest.mark.parametrize("code", CODES)
def test_texts_and_labels_have_no_space_where_a_line_could_break_before_a_mark(code: str) -> None:
    """French puts a space before some marks; it must not part them from their word."""
    texts = [
        text
        for variants in parsed_language(default_prompts().language_file(code)).phrases.values()
        for text in variants
    ]
    texts += [text for message in texts_of(code).messages.values() for text in every_text(message)]
    assert not [text for text in texts if re.search(r" [:;?!»]|« ", text)]


def test_a_language_of_ones_own_without_screens_has_english_ones() -> None:
    assert texts_of("xx").messages == ENGLISH.messages and texts_of("xx").code == "en"


ASKED = re.compile(r"\b(?:label|counted)\((?:[^()`]|\([^()]*\))*")
KEY = re.compile(r'(?<!=== )"([a-z][\w-]*(?:\.[\w-]+)*)"')


def test_what_the_page_asks_for_is_there() -> None:
    """Of keys that are put together only the beginning can be looked at."""
    sources = "".join(path.read_text(encoding="utf-8") for path in STATIC.rglob("*.js") if path.stem != "labels")
    told = labels(ENGLISH)["messages"]
    asked = {key for call in ASKED.findall(sources) for key in KEY.findall(call) if "." in key}
    assert len(asked) > 100
    assert not asked - told.keys()
    together = set(re.findall(r"(?:label|counted)\(`([\w.]+)\$\{", sources))
    assert not {beginning for beginning in together if not any(key.startswith(beginning) for key in told)}
    states = {f"person.{one}" for one in (*get_args(SeatState), "little", "share")}
    assert {f"button.{button.command}" for button in BUTTONS} | {
        f"airtime.{one}" for one in AIRTIMES
    } | states <= told.keys()


def test_what_the_page_says_before_it_is_told_its_language_is_the_same_in_english() -> None:
    source = (STATIC / "shared" / "labels.js").read_text(encoding="utf-8")
    found = dict(re.findall(r'^  "(page\.\w+)": "(.*)",$', source, flags=re.MULTILINE))
    assert found and all(ENGLISH(key) == text for key, text in found.items())


def test_nothing_is_in_the_catalogue_that_nobody_asks_for() -> None:
    """By the last part of the key, which is written out wherever it is not put together."""
    package = STATIC.parents[1]
    sources = "".join(p.read_text(encoding="utf-8") for p in package.rglob("*") if p.suffix in (".py", ".js"))
    written = set(re.findall(r"[\w-]+", sources))
    parts = {
        key: key.split(".")[-1].removesuffix("_of")
        for key in ENGLISH.messages
        if not key.startswith(("formats.", "sentences."))
    }
    assert not {key for key, last in parts.items() if last not in written}


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
        beside.server.broker, airtime=rule_of(beside.setup, "hidden"), texts=texts_of(code), listening=True
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
    page.wait_for_selector(f"dialog[open] h2:has-text('{texts_of(code)('note.title')}')")
    assert not faults(page)
