"""The catalogue of what is shown and written: plural forms, what CLDR says, and files that are not whole."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest
from babel.numbers import format_percent

from facilitator.commands.formats.how_long import length_told
from facilitator.core.language.texts import CatalogueText, compared, flat, known_sentences, usable
from facilitator.resources import paths
from facilitator.resources.prompts import default_prompts
from facilitator.resources.texts import CldrRules, texts_of

CODES = [path.stem for path in default_prompts().language_files()]
ENGLISH: dict[str, CatalogueText] = {
    "told": "{name} spoke",
    "times": {"1": "once", "one": "{number} time", "other": "{number} times"},
}


def test_each_number_has_its_form() -> None:
    polish = texts_of("pl")
    told = {number: polish.counted("report.stretches", number) for number in (1, 2, 5, 12, 22, 25)}
    assert told == {
        1: "1 odcinek",
        2: "2 odcinki",
        5: "5 odcinków",
        12: "12 odcinków",
        22: "22 odcinki",
        25: "25 odcinków",
    }
    assert [texts_of("en").counted("times", number) for number in (1, 2, 3)] == ["once", "twice", "3 times"]
    assert texts_of("ko")("story.opened", name="벤", what="이야기") == "벤이 이야기를 열었습니다."


def test_formats_are_called_as_the_language_calls_them() -> None:
    """A stored session has the name that is in the format's own file."""
    german = texts_of("de")
    assert [german.form(name) for name in ("Open talk", "Our own way")] == ["Offenes Gespräch", "Our own way"]
    assert texts_of("en").form("Open talk") == "Open talk"


@pytest.mark.parametrize("code", [code for code in CODES if code != "en"])
def test_percent_signs_stand_as_in_cldr(code: str) -> None:
    """English has a space in all of this program."""
    usual = format_percent(0.39, locale={"pt": "pt_BR"}.get(code, code))
    assert texts_of(code).percent(0.39) == usual.replace("\xa0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("code", CODES)
def test_how_the_balance_was_is_listed_and_no_part_of_a_sentence(code: str) -> None:
    """Its words are whole sentences in some languages, and in others have another gender than the talk."""
    for number in (1, 2, 5):
        told = texts_of(code).counted("sections.moved.bands", number, each="x")
        assert re.search(": x[.]$", told), told


def test_in_polish_a_length_of_time_has_the_case_of_about() -> None:
    polish = texts_of("pl")
    told = {minutes: length_told(minutes * 60_000, polish) for minutes in (1, 60, 75, 120, 300)}
    assert told == {
        1: "około 1 minuty",
        60: "około 1 godziny",
        75: "około 1 godziny 15 minut",
        120: "około 2 godzin",
        300: "około 5 godzin",
    }


def test_days_decimals_and_lists_are_written_as_people_write_them() -> None:
    day = datetime.date(2026, 3, 13)
    assert texts_of("de").day(day) == "Freitag, 13. März 2026"
    assert texts_of("en").day(day) == "Friday, 13 March 2026"
    assert texts_of("ko").day(day) == "2026년 3월 13일 금요일"
    assert (texts_of("fr").decimal(0.925), texts_of("en").decimal(0.92)) == ("0,92", "0.92")
    assert texts_of("es").listed(["Juan", "Inés"]) == "Juan e Inés"
    assert texts_of("nl").listed(["Ana", "Ben", "Carla"]) == "Ana, Ben en Carla"


def test_what_a_file_lacks_is_said_in_english_and_named() -> None:
    mine = flat({"told": "{wer} sprach", "times": "oft", "more": "x"})
    assert usable(mine, ENGLISH) == ENGLISH
    found = compared(mine, ENGLISH, CldrRules("de"))
    assert found.unknown == ("more",)
    assert [one.split()[0] for one in found.wrong] == ["told", "times"]
    half = compared(flat({"times": {"few": "{number} razy", "other": "{number} razy"}}), ENGLISH, CldrRules("de"))
    assert (half.untold, half.forms_missing, half.forms_unknown) == (("told",), ("times: one",), ("times: few",))
    assert compared(ENGLISH, ENGLISH, CldrRules("de")).same == ("told", "times")


def test_a_file_of_ones_own_gives_the_screens_in_ones_own_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "data_folder", lambda: tmp_path)
    (tmp_path / "screens").mkdir()
    (tmp_path / "screens" / "sv.toml").write_text('everyone = "Alla"\n', encoding="utf-8")
    swedish = texts_of("sv")
    assert (swedish.code, swedish("everyone"), swedish("end")) == ("sv", "Alla", "The end")
    (tmp_path / "screens" / "sv.toml").write_text("everyone = [", encoding="utf-8")
    assert texts_of("sv")("everyone") == "Everyone", "a broken file leaves nobody without a sentence"
    assert texts_of("../../x").code == "en"


def test_sentences_that_are_written_down_in_english_are_told_in_the_language() -> None:
    german = texts_of("de")
    assert german.sentence("The microphone is back.") == "Das Mikrofon ist wieder da."
    assert german.sentence("I chime, and what I say is on the screen. The voice failed (x).").endswith(
        "Die Stimme hat versagt (x)."
    )
    assert german.sentence("Nobody knows this one.") == "Nobody knows this one."
    keys = [key for key, _ in known_sentences({"sentences.a": "{x} is gone", "sentences.b": "The lamp {x} is gone"})]
    assert keys == ["sentences.b", "sentences.a"]
