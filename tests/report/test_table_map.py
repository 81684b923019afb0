"""The map of the table: who spoke next after whom, answered and cut in on whom, as numbers and as a picture."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from facilitator.commands.stored.review_forms import told
from facilitator.core.review.review import SessionReview, review
from facilitator.report.review.table_map import MOST_ARROWS, table_map
from facilitator.resources.texts import texts_of
from facilitator.store.reader import Reader
from facilitator.store.session_log import Store
from tests.core.review.test_review_figures import account
from tests.core.review.test_summary import timeline
from tests.support.evening import evening
from tests.support.texts import ENGLISH

LANGUAGES = ("de", "en", "es", "fr", "it", "ko", "pt")


def table(*rows: tuple[int, int, str], people: tuple[str, ...] = ("Ana", "Ben", "Carla")) -> SessionReview:
    return review(account(timeline(*rows), people=people))


def rounds(people: tuple[str, ...], times: int = 8) -> SessionReview:
    """One after the other, over and over."""
    order = people * times
    return table(*((6 * at, 6 * at + 5, who) for at, who in enumerate(order)), people=people)


def pictures(found: SessionReview) -> list[ElementTree.Element]:
    drawn = table_map(found, ENGLISH)
    return list(ElementTree.fromstring(drawn).iter("svg")) if drawn else []


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> SessionReview:
    db = tmp_path_factory.mktemp("map") / "evening.db"
    with Store.open(db) as store:
        number = evening(store)
    with Reader.open(db) as reader:
        return told(reader, number).review


def test_who_came_after_whom() -> None:
    found = table((0, 5, "Ana"), (6, 10, "Ben"), (14, 20, "Ana"), (21, 26, "Carla"), (27, 30, "Ben"))
    assert [(tie.by, tie.to, tie.spoke_next, tie.answered, tie.cut_ins) for tie in found.ties] == [
        ("Ana", "Ben", 1, 0, 0),  # four seconds later: next, and no answer
        ("Ben", "Ana", 1, 1, 0),
        ("Ben", "Carla", 1, 1, 0),
        ("Carla", "Ana", 1, 1, 0),
    ]


def test_nobody_follows_over_an_unknown_voice() -> None:
    found = table((0, 5, "Ana"), (6, 8, "?"), (9, 12, "Ben"), (13, 16, "Carla"))
    assert [(tie.by, tie.to) for tie in found.ties] == [("Carla", "Ben")]


def test_they_add_up_to_what_is_told_elsewhere(four: SessionReview) -> None:
    for one in four.answered:
        assert sum(tie.answered for tie in four.ties if tie.to == one.person) == one.answered > 0
    for pair in four.summary.pairs:
        assert sum(t.cut_ins for t in four.ties if (t.by, t.to) == (pair.by, pair.over)) == pair.cut_ins
    assert sum(tie.cut_ins for tie in four.ties) == sum(person.cut_ins_made for person in four.summary.people) > 0


def test_the_picture_says_in_words_what_it_draws(four: SessionReview) -> None:
    drawn = pictures(four)
    assert [one.get("role") for one in drawn] == ["img"] * 3
    for one, kind in zip(drawn, ("spoke_next", "answered", "cut_ins"), strict=True):
        words = {m.groups() for m in re.finditer(r"(\w+) – (\w+): (\d+)", one.get("aria-label", ""))}
        counted = {(t.by, t.to, str(getattr(t, kind))) for t in four.ties if getattr(t, kind)}
        assert words == counted
        assert len(list(one.iter("path"))) == len(counted) == len(list(one.iter("polygon")))
    who = [text.text for text in drawn[0].iter("text") if text.get("class") == "who"]
    assert who == [person.name for person in four.summary.people]


def test_the_more_often_the_wider_and_once_is_never_wide(four: SessionReview) -> None:
    for one in pictures(four):
        widths = [float(path.get("stroke-width", "0")) for path in one.iter("path")]
        assert widths == sorted(widths)  # the most frequent are drawn last
    once = pictures(table((0, 5, "Ana"), (6, 10, "Ben"), (11, 15, "Carla")))
    assert all(float(path.get("stroke-width", "9")) < 3 for one in once for path in one.iter("path"))


def test_too_little_talk_is_dashed(four: SessionReview) -> None:
    few = pictures(table((0, 5, "Ana"), (6, 10, "Ben"), (11, 15, "Carla")))
    assert {path.get("class") for one in few for path in one.iter("path")} == {"tie few"}
    assert {path.get("class") for one in pictures(four) for path in one.iter("path")} == {"tie"}


@pytest.mark.parametrize("number", range(3, 13))
def test_tables_of_up_to_twelve_lie_within_their_picture(number: int) -> None:
    people = tuple(f"Person number {at}" for at in range(number))
    for one in pictures(rounds(people)):
        _, _, width, height = map(float, one.get("viewBox", "").split())
        seats = [tuple(float(c.get(key, "")) for key in ("cx", "cy", "r")) for c in one.iter("circle")]
        assert len(seats) == number
        for at, (x, y, r) in enumerate(seats):
            assert r <= x <= width - r and r + 24 <= y <= height - r - 24
            for other_x, other_y, other_r in seats[:at]:
                assert ((x - other_x) ** 2 + (y - other_y) ** 2) ** 0.5 > r + other_r
        assert all(len(t.text or "") <= 12 for t in one.iter("text"))


def test_of_many_arrows_the_rarest_are_left_out_and_that_is_told() -> None:
    people = tuple("ABCDEFGHIJKL")
    order = [one for gap in range(1, 12) for at in range(12) for one in (people[at], people[(at + gap) % 12])]
    found = table(*((6 * at, 6 * at + 5, who) for at, who in enumerate(order)), people=people)
    assert len(found.ties) > MOST_ARROWS
    drawn = table_map(found, ENGLISH)
    assert f"The {MOST_ARROWS} most frequent arrows are drawn" in drawn
    assert all(len(list(one.iter("path"))) == MOST_ARROWS for one in pictures(found))


@pytest.mark.parametrize("people", [("Ana", "Ben"), tuple("ABCDEFGHIJKLM")])
def test_none_of_two_or_of_more_than_twelve(people: tuple[str, ...]) -> None:
    assert table_map(rounds(people), ENGLISH) == ""


def test_names_cannot_break_it() -> None:
    found = rounds(('<b>"Ana"', "דנה", "Carla & Co"))
    assert [text.text for text in pictures(found)[0].iter("text") if text.get("class") == "who"] == [
        '<b>"Ana"',
        "דנה",
        "Carla & Co",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_every_language(four: SessionReview, language: str) -> None:
    texts = texts_of(language)
    assert texts("sections.map.next_title") in table_map(four, texts)
