"""The one door for text from outside: what a terminal would obey, or what would mislead an eye, does not pass."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.core.text import all_cleaned, cleaned
from facilitator.page.server import _order
from facilitator.report.output.blocks import TextTable
from facilitator.report.output.html_page import table
from facilitator.terminal.ask import parse_name
from tests.commands.test_cli import facilitator

ATTACKS = {
    "\x1b]0;title\x07Ana": "Ana",
    "\x1b]52;c;aGk=\x1b\\Ana": "Ana",
    "A\x1b[31mna\x1b[0m": "Ana",
    "\x9b31mAna": "Ana",
    "A\x08\x7fna\x00": "Ana",
    "A\u202ena": "Ana",
    "A\u200bna\ufeff\u2066": "Ana",
    "A\u200dna": "Ana",
    "Ana\ud800": "Ana\ufffd",
    "Ana\r\nBen": "Ana  Ben",
    "An\u034fa": "Ana",
    "\u3164Ana\u115f\uffa0": "Ana",
    "Ana\ufe0f\U000e0101": "Ana",
    "김\ufe0f": "김",
    "Ana\u2800Ben": "Ana Ben",
    "می\u200c\u200c": "می\u200c",
}
TEXTS = [
    *("Zoë", "می‌خواهم", "क्‍ष", "👩‍👧", "👩‍❤️‍👧", "葛\U000e0100城", "ᠠ\u180b"),
    *("李雷", "עדי", "a\u00a0b", "O’Brien — 5 %"),
]


@pytest.mark.parametrize("text", ATTACKS)
def test_what_is_no_text_goes(text: str) -> None:
    assert cleaned(text) == ATTACKS[text]


@pytest.mark.parametrize("text", TEXTS)
def test_every_script_stays(text: str) -> None:
    assert cleaned(text) == text


def test_ends_of_lines_stay_where_there_are_lines() -> None:
    assert cleaned("a\n\tb\x1b[2J\u2028c", lines=True) == "a\n\tb\nc"


@given(st.text())
def test_what_passed_is_safe_and_passes_again(text: str) -> None:
    found = cleaned(text)
    assert cleaned(found) == found
    assert all(unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") for c in found)
    assert not set(found) & set("\u200b\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def test_messages_of_a_page_pass_it() -> None:
    sent = json.dumps({"do": "note", "text": "\x1b]0;owned\x07Dishes\u202e", "people": [{"na\u200bme": "\x1b[2JAna"}]})
    assert _order(sent) == {"do": "note", "text": "Dishes", "people": [{"name": "Ana"}]}
    assert all_cleaned({"a": [1, None, "\x07"]}) == {"a": [1, None, ""]}


def test_names_pass_it() -> None:
    assert parse_name("A\u200bn\u202ea") == "Ana"


@pytest.mark.parametrize(
    "args",
    [
        ("start", "--people", "A\x1b]0;x\x1b\\na, Ben", "--yes", "--no-page"),
        ("start", "--people", "Ana, Ben", "--format", "\x1b[2Jx", "--yes", "--no-page"),
        ("review", "--\x1b[2Jx"),
        ("analyze", "no\x1b[2J\u202e.wav"),
        ("review", "\x1b[2J"),
    ],
)
def test_the_terminal_is_told_nothing_else(args: tuple[str, ...]) -> None:
    done = facilitator(*args)
    assert done.returncode in (1, 2)
    assert not set(done.stdout + done.stderr) & set("\x1b\u202e\x9b"), done.stderr


def test_a_name_in_a_table_keeps_its_direction_to_itself() -> None:
    assert "<bdi>עדי</bdi>" in table(TextTable(rows=(("Name", "Airtime"), ("עדי", "1:00")), caption="x"))
