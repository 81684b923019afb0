"""In a session of another language nothing is said in English: what commands print of it, what is written, the terminal
in every state, and the page.

A word is taken for English that stands in the English catalogue or among the English phrases, and in neither of that
language.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from facilitator.cli import cli
from facilitator.core.airtime_display import AIRTIMES, AirtimeDisplay, AirtimeRule
from facilitator.core.events import CommandName
from facilitator.core.language.choices import Choice
from facilitator.core.language.phrases import PHRASES
from facilitator.core.language.wording import parse_language
from facilitator.core.session_notes import SessionNotes
from facilitator.core.snapshot import Snapshot
from facilitator.page.state import labels
from facilitator.report.session_notes import glance_told
from facilitator.report.trends import html, text
from facilitator.resources.prompts import default_prompts
from facilitator.resources.texts import english, texts_of
from facilitator.store.session_log import Store
from facilitator.terminal.view import lay_out
from tests.commands.test_screen import TURN
from tests.support.evening import AGREED, PEOPLE, evening
from tests.support.histories import Group, reviews

CODES = [path.stem for path in default_prompts().language_files() if path.stem != "en"]
COMMON = frozenset(
    re.findall(
        "[a-z]+",
        """the and with that this these those you your from have has had were would could there their they which when
        where what who whom how nobody somebody everyone everybody nothing something talk been being about after before
        while than then them only other others share said says speak spoke was until session turn turns between""",
    )
)
"""Words of nearly every English sentence."""
NAMES = "|".join((*PEOPLE, "David", "care", "money", "chores", "decisions", "Open talk"))
NOT_PROSE = re.compile(
    rf"facilitator [a-z-]+(?: (?:[a-z]+|--[a-z-]+|\d+))*|--[a-z-]+|\b(?i:{NAMES})\b|{'|'.join(AGREED)}|https?://\S+"
    r"|\S+\.(?:db|toml|ics|html)\b|facilitator|Theil|CSV|RTTM|Markdown|HTTP|espeak-ng"
)
"""Commands to type, names, what people typed themselves."""
TAGS = re.compile(r"<(?:style|script).*?</(?:style|script)>|<[^>]*>", flags=re.DOTALL)
READ = re.compile(r'(?:aria-label|title|data-told|data-words)="([^"]*)"')


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """Longer ones, in small letters: short ones are the same in too many languages."""
    found = (re.findall(r"[^\W\d_]{3,}", re.sub(r"\{.*?\}", " ", said)) for said in texts)
    return frozenset(word.lower() for some in found for word in some)


def everything_in(messages: Iterable[object]) -> Iterator[str]:
    for message in messages:
        yield from [message] if isinstance(message, str) else message.values() if isinstance(message, dict) else ()


@cache
def of_language(code: str) -> frozenset[str]:
    messages = english() if code == "en" else texts_of(code).messages
    language = parse_language(default_prompts().language(code))
    phrases = [said for variants in language.phrases.values() for said in variants]
    return words_of([*everything_in(messages.values()), *phrases, *language.numbers])


def foreign(said: str, code: str) -> set[str]:
    """English words in it that are none of this language."""
    own = of_language(code)
    days = texts_of(code)
    months = words_of(days.day(datetime.date(2026, month, month)) for month in range(1, 13))
    return set(words_of([NOT_PROSE.sub(" ", said)]) & of_language("en") - own - months)


@pytest.mark.parametrize("code", CODES)
def test_no_text_of_another_language_holds_common_english_words(code: str) -> None:
    """But those that are words of it, too."""
    messages = {key: " ".join(everything_in([told])) for key, told in texts_of(code).messages.items()}
    alike = {"de": {"was"}, "nl": {"was", "had"}, "pl": {"was"}, "es": {"has"}}
    allowed = alike.get(code, set())
    found = {key: words for key, told in messages.items() if (words := words_of([NOT_PROSE.sub(" ", told)]) & COMMON)}
    assert not {key: words - allowed for key, words in found.items() if words - allowed}


@pytest.mark.parametrize("code", CODES)
def test_what_is_told_of_a_session_is_in_its_language(code: str, tmp_path: Path) -> None:
    db = tmp_path / "talks.db"
    with Store.open(db) as store:
        evening(store, code)
    page = tmp_path / "talk.html"
    for args in (
        ["review"],
        ["review", "--all"],
        ["review", "--md"],
        ["review", "--html", str(page)],
        ["agreements"],
        ["trends"],
    ):
        done = CliRunner().invoke(cli, [*args, "--db", str(db)])
        assert done.exit_code == 0, done.output
        if "--html" not in args:
            assert not foreign(done.output, code), args
        if code == "fr":  # its space stands before these marks, also where the program joins what it tells
            assert not re.search(r"[^\s\d][;?!](\s|$)", done.output), args
    written = page.read_text(encoding="utf-8")
    assert f'<html lang="{code}">' in written
    read_aloud = " ".join(READ.findall(written))
    assert not foreign(TAGS.sub(" ", written), code)
    assert not foreign(re.sub(r"&quot;\w+&quot;:", " ", read_aloud), code)
    dates = tmp_path / "dates.ics"
    assert CliRunner().invoke(cli, ["agreements", "--db", str(db), "--ics", str(dates)]).exit_code == 0
    kept = re.findall(r"^(?:SUMMARY|DESCRIPTION):(.*(?:\r?\n[ ].*)*)", dates.read_text(encoding="utf-8"), flags=re.M)
    assert kept and not foreign(re.sub(r"\r?\n ", "", " ".join(kept)), code)


@pytest.mark.parametrize("code", CODES)
def test_what_spoke_against_the_names_is_told_in_the_language(code: str) -> None:
    doubts = tuple(str(said) for key, said in english().items() if key.startswith("sentences."))
    told = glance_told(SessionNotes(day=datetime.date(2026, 3, 6), doubts=doubts), texts_of(code))
    assert len(told) == len(doubts)
    assert not foreign("\n".join(told).replace("Escape", ""), code)


@pytest.mark.parametrize("code", CODES)
def test_trends_are_told_in_the_language(code: str) -> None:
    histories = [Group(3, people=4, grows=0.3).history(), reviews(2, 9, 1.5), Group(2, people=2).history()]
    texts = texts_of(code)
    assert not foreign(text.plain(histories, texts), code)
    assert not foreign(TAGS.sub(" ", html.page(histories, texts, datetime.date(2026, 1, 1))), code)


@pytest.mark.parametrize("code", CODES)
def test_the_terminal_shows_every_state_in_the_language(code: str) -> None:
    texts = texts_of(code)
    kinds = [key.split(".")[1] for key in PHRASES if key.startswith("stages.")]
    commands = tuple(command for command in get_args(CommandName) if command != "answer")
    states = [
        replace(TURN, stage="–", last_said="–", **changes)  # type: ignore[arg-type]
        for changes in (
            {},
            {"rounds": None, "commands": commands},
            {"paused": True, "commands": ("go-on", "finish")},
            {"quiet": True, "not_counted": True, "commands": ("quiet",)},
            {"ended": True, "speaking": (), "someone_speaking": False},
            {"speaking": ("Ana", "Ben")},
            {"speaking": ("Ben",)},
            {"speaking": (), "guest_speaking": True},
            {"speaking": ()},
            {"speaking": (), "someone_speaking": False},
            {"own_voice": True},
            {"floor": None, "floor_left_ms": None},
            {"floor_left_ms": None},
            {"floor_left_ms": -5_000},
            {"queue": ("Ben", "Carla")},
            {"choices": (Choice(value=1, key="y", label="–", shown=True),)},
            {"people": tuple(replace(person, here=False) for person in TURN.people)},
            {"people": tuple(replace(person, heard=False) for person in TURN.people)},
            {"people": TURN.people * 7},
            *({"trouble": said} for key, said in english().items() if key.startswith("sentences.")),
        )
    ]
    rules = {airtime: AirtimeRule(now=airtime, aims={}) for airtime in AIRTIMES}
    shown: list[tuple[Snapshot, str, AirtimeDisplay, tuple[CommandName, str] | None]]
    shown = [(state, "turns", airtime, None) for state in states for airtime in AIRTIMES]
    shown += [(states[0], kind, "shown", typed) for kind in kinds for typed in (None, ("note", "–"), ("here", "–"))]
    shown += [(states[1], kind, "hints", None) for kind in kinds]
    said = [
        line.plain
        for state, kind, airtime, typed in shown
        for line in lay_out(replace(state, stage_kind=kind), rules[airtime], texts, 120, 40, typed=typed)
    ]
    assert not foreign("\n".join(dict.fromkeys(said)).replace("Escape", ""), code)


@pytest.mark.parametrize("code", CODES)
def test_the_page_is_told_everything_in_the_language(code: str) -> None:
    told = labels(texts_of(code))
    assert told["language"] == code
    assert told["messages"].keys() == labels(texts_of("en"))["messages"].keys()
    assert not [text for text in everything_in(told["messages"].values()) if re.search(r"\{\w+:", text)], "no particles"


def test_no_script_of_the_page_says_anything_by_itself() -> None:
    static = Path(__file__).parents[2] / "facilitator" / "page" / "static"
    for path in static.rglob("*.js"):
        source = re.sub(r"^\s*(?://|\*|/\*).*$|\s//\s.*$", "", path.read_text(encoding="utf-8"), flags=re.M)
        if path.stem != "labels":
            sentences = re.findall(r"""["`]([A-Z][a-z]+(?: [a-z’']+)+[^"`]*)["`]""", source)
            assert not sentences, (path.name, sentences)
