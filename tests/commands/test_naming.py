"""Names are found however they are written, and nothing else is."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.core import events as e
from facilitator.core.discussion import Discussion
from facilitator.core.language.names import (
    NAME_FIELDS,
    NAMES_FIELDS,
    TEXT_FIELDS,
    NameForm,
    Replacing,
    count,
    folded,
    in_body,
    in_setup,
    words,
)
from facilitator.store.items import setup_from_json, setup_to_json, to_json
from facilitator.store.replay_diff import replay
from tests.support.simulation import NAMES, play, setup


def NFC(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def NFD(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def without(name: str, text: str, *, keep: tuple[str, ...] = (), **form: bool) -> str:
    return Replacing([NameForm(name=name, instead="someone", **form)], keep).text(text)


@pytest.mark.parametrize(
    ("name", "text", "then"),
    [
        ("Ana", "Ana, your turn. ANA! ana's", "someone, your turn. someone! someone's"),
        ("Ana", "Anas Redezeit", "someones Redezeit"),
        ("Ana", "Banana, Anastasia, Anatol: no Aná.", "Banana, Anastasia, Anatol: no Aná."),
        ("Ana", "Ana-Maria and (Ana)", "someone-Maria and (someone)"),
        ("José", NFD("José y JOSÉ"), "someone y someone"),
        (NFD("José"), NFC("José, jose"), "someone, jose"),
        ("Weiß", "WEISS und weiß", "someone und someone"),
        ("Işıl", "IŞIL, ışıl", "someone, someone"),
        ("İpek", "ipek İPEK", "someone someone"),
        ("Çetin 陳", "Çetin 陳, çetin 陳さん", "someone, someoneさん"),
        ("陳", "陳さんの番です", "someoneさんの番です"),
        ("지민", "지민이가 말합니다", "someone이가 말합니다"),
        ("지", NFD("진지"), NFD("진") + "someone"),
        ("Ada", "Ａｄａ", "someone"),
        ("Jo", "Jos, Jo", "Jos, someone"),
        ("🙂", "🙂 hello", "someone hello"),
        ("Ana", "", ""),
    ],
)  # fmt: skip
def test_found_as_words_however_they_are_written(name: str, text: str, then: str) -> None:
    assert without(name, text) == then
    assert count(then, name) == 0


def test_a_longer_name_that_stays_is_left_alone() -> None:
    assert without("Ana", "Ana Maria and Ana", keep=("Ana Maria",)) == "Ana Maria and someone"
    assert count("Ana Maria and Ana", "Ana", ["Ana Maria"]) == 1


def test_of_two_forms_the_longer_one_counts() -> None:
    both = Replacing([NameForm(name="Ana", instead="x"), NameForm(name="Ana Maria", instead="y")])
    assert both.text("Ana Maria, Ana") == "y, x"
    assert (both.name("ANA"), both.name("ana maria"), both.name("Ben")) == ("x", "y", "Ben")


def test_an_ordinary_word_is_replaced_only_as_the_name_is_written() -> None:
    assert words({"a": ["What will you do, {name}?", {"b": "Will they"}]}) >= {"will", "you"}
    assert "name" not in words("{name} says")
    assert without("Will", "What will you do, Will? WILL!", exact=True) == "What will you do, someone? someone!"


@given(st.text(max_size=40), st.text(alphabet="aäAÄbßsıİ 陳지", min_size=1, max_size=4))
def test_whatever_the_text_nothing_is_left_and_nothing_else_is_lost(text: str, name: str) -> None:
    name = " ".join(name.split()) or "Ana"
    found = Replacing([NameForm(name=name, instead="\N{BLACK SQUARE}", suffix=False)])
    then = found.text(text)
    assert count(then, name) == 0 or count(text, name) == 0
    assert not found.may_be_in(text) or count(text, name) or then == text
    assert (then == text) or then.count("\N{BLACK SQUARE}") > text.count("\N{BLACK SQUARE}")


@given(st.sampled_from(["Ana", "José", "Çetin 陳", "Weiß", "Łukasz", "Åsa", "Ὀδυσσεύς", "Иван", "Zoë"]), st.data())
def test_every_way_to_write_a_name_is_found(name: str, data: st.DataObject) -> None:
    cases: list[Callable[[str], str]] = [str, str.upper, str.lower, str.title, str.casefold]
    case = data.draw(st.sampled_from(cases))
    form: Literal["NFC", "NFD", "NFKC", "NFKD"] = data.draw(st.sampled_from(("NFC", "NFD", "NFKC", "NFKD")))
    written = unicodedata.normalize(form, case(name))
    assert folded(written) == folded(name)
    assert without(name, f"then {written}, please") == "then someone, please"


def test_every_field_of_every_event_is_either_a_name_a_text_or_neither() -> None:
    neither = {
        "command", "chime", "day", "every", "how", "kind", "name", "problem", "prompt_kind", "reason", "source",
        "what", "why",
    }  # fmt: skip
    numbers = {"int", "float", "bool", "int | None"}
    fields = {
        field
        for cls in e.KINDS.values()
        for field, kind in cls.__annotations__.items()
        if kind not in numbers and not kind.startswith("ClassVar")
    }
    assert fields - neither == (NAME_FIELDS | NAMES_FIELDS | TEXT_FIELDS) & fields
    assert "message" in fields


def rewritten(row: dict[str, Any], replacing: Replacing) -> e.Record:
    fixed = {key: row.pop(key) for key in ("role", "kind", "at_ms")}
    return e.from_row(fixed | in_body(json.loads(to_json(row)), replacing))


@pytest.mark.parametrize("form", ["round-robin", "open", "check-in", "decision"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_discussion_goes_the_same_way_without_the_name(form: str, language: str) -> None:
    options: dict[str, Any] = {"language": language, "pronounced": {"Ana": "Ahna", "Ben": "Behn"}, "first": "Ana"}
    told = setup(NAMES[:3], form, **options)
    played = play(3, form, "cut-ins", until_ms=600_000, **options)
    replacing = Replacing([NameForm(name=name, instead="someone") for name in ("Ana", "Ahna")])
    then = setup_from_json(to_json(in_setup(json.loads(setup_to_json(told)), replacing)))
    assert then.people == ("someone", "Ben", "Carla")
    assert then.pronounced == {"Ben": "Behn"}
    log = [rewritten(e.to_row(record), replacing) for record in played.log]
    assert replay(then, log, Discussion).same
    assert not any(count(to_json(e.to_row(record)), name) for record in log for name in ("Ana", "Ahna"))
