"""At a terminal every new name is said once, and said again as people spell it; what was said stays."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest

from facilitator.backends.voice.silent_voice import SilentVoice
from facilitator.commands.session.names_aloud import names_aloud
from facilitator.commands.session.table_options import TableOptions, at_this_table
from facilitator.store.people import People
from facilitator.store.session_log import Store
from tests.support.simulation import setup
from tests.support.texts import ENGLISH

STARTED = "2026-01-02T03:04:05+00:00"
NOW = datetime.datetime(2026, 1, 3, tzinfo=datetime.UTC)


class Listened(SilentVoice):
    """A voice that makes no sound, of which is known what it was asked to say."""

    def __init__(self, trouble: str | None = None) -> None:
        super().__init__(trouble)
        self.asked: list[str] = []

    def say(self, prompt: int, text: str, now_ms: int) -> None:
        self.asked.append(text)
        super().say(prompt, text, now_ms)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "talks.db") as store:
        yield store


def aloud(
    store: Store, people: tuple[str, ...], *typed: str, voice: Listened | None = None
) -> tuple[dict[str, str], list[str]]:
    voice = voice or Listened()
    answers = iter(typed)

    def read(question: str) -> str:
        try:
            return next(answers)
        except StopIteration:
            raise EOFError from None

    own = names_aloud(setup(people), {}, store, ENGLISH, None, 160, opened=lambda *_, **__: voice, read=read)
    assert not list(answers), "more was typed than asked for"
    return own, voice.asked


def test_a_name_is_said_again_until_it_is_right(store: Store) -> None:
    own, said = aloud(store, ("Siobhan", "Ben"), "Shivon", "Shi-vawn", "", "")
    assert own == {"Siobhan": "Shi-vawn"}
    assert [[name for name in ("Siobhan", "Shivon", "Shi-vawn", "Ben") if name in text] for text in said] == [
        ["Siobhan"], ["Shivon"], ["Shi-vawn"], ["Ben"],
    ]  # fmt: skip


def test_typed_as_it_is_written_it_is_said_as_it_is_written(store: Store) -> None:
    assert aloud(store, ("Ana", "Ben"), "Ahna", "Ana", "", "")[0] == {}


def test_who_has_gone_is_not_waited_for(store: Store) -> None:
    assert aloud(store, ("Ana", "Ben"), "Ahna")[0] == {"Ana": "Ahna"}


def test_where_nothing_can_be_heard_nothing_is_asked(store: Store) -> None:
    assert aloud(store, ("Ana", "Ben"), voice=Listened("There is no loudspeaker.")) == ({}, [])


def test_it_is_remembered_and_asked_only_once(store: Store, tmp_path: Path) -> None:
    own, _ = aloud(store, ("Siobhan", "Ben"), "Shi-vawn", "", "")
    begun = at_this_table(setup(("Siobhan", "Ben")), TableOptions(pronounced=own), store, NOW, hears_words=False)
    store.finish(store.begin(begun, STARTED), "done")
    assert aloud(store, ("Siobhan", "Ben")) == ({}, []), "they are known by now"
    assert aloud(store, ("Siobhan", "Ben", "Zoë"), "")[1][0].count("Zoë") == 1
    again = at_this_table(setup(("Siobhan", "Ben")), TableOptions(), store, NOW, hears_words=False)
    assert again.pronounced == {"Siobhan": "Shi-vawn"}
    with People.open(tmp_path / "talks.db") as people:
        assert {person.name: person.said for person in people.people()} == {"Siobhan": "Shi-vawn", "Ben": ""}


def test_what_is_taken_back_is_gone(store: Store) -> None:
    store.finish(store.begin(setup(("Ana", "Ben"), pronounced={"Ana": "Ahna", "Ben": "Bayn"}), STARTED), "done")
    store.say_as_written(["Ana"])
    wished = TableOptions(pronounced={"Ana": ""})
    begun = at_this_table(setup(("Ana", "Ben")), wished, store, NOW, hears_words=False)
    assert begun.pronounced == {"Ben": "Bayn"}
