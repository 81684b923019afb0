"""The story of a review, read as the one who talked most, as the one who talked least, and as one who is not sure."""

from __future__ import annotations

import datetime
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.core.agreements import Agreement
from facilitator.core.events import Event, FloorExtended, FloorReleased, Intrusion, Paused
from facilitator.core.review.evenness import most_even
from facilitator.core.review.responses import LEAST_TURNS
from facilitator.core.review.review import SessionReview, review
from facilitator.core.review.summary import summarize
from facilitator.core.session_notes import SessionNotes
from facilitator.report.output.blocks import Lines, TextTable
from facilitator.report.output.html_page import script, words
from facilitator.report.review.glance import three
from facilitator.report.review.html import Worded, body
from facilitator.report.review.sections import MOST_TURNS, sections, turns_told
from facilitator.report.review.words import story
from facilitator.report.text import balance
from tests.core.review.test_differences import talk
from tests.core.review.test_review_figures import Row, account, floor, halves_of, told
from tests.core.review.test_summary import timeline
from tests.support.corrected import discussion
from tests.support.simulation import play
from tests.support.texts import ENGLISH

DAY = datetime.date(2026, 3, 6)


def shares(*parts: int, sure: float = 1.0, events: tuple[Event, ...] = ()) -> str:
    """The story of so many seconds in five minutes each, in turns of ten seconds that take their turns evenly."""
    names = ("Ana", "Ben", "Carla", "Dušan")[: len(parts)]
    left, rows, at = list(parts), [], 0
    while any(left):
        for place, name in enumerate(names):
            length = min(10, left[place])
            if length:
                rows.append((at, at + length, name))
                left[place] -= length
                at += length
    return " ".join(story(told(*rows, sure=sure, events=events, people=names), ENGLISH))


def test_an_even_talk() -> None:
    text = shares(100, 98, 102)
    assert text == (
        "Ana opened the talk, and Carla closed it. Everyone's part was about an equal share, as far as it can be"
        " measured. Nobody was heard to cut in."
    )


@pytest.mark.parametrize(
    ("parts", "sure", "words"),
    [
        ((120, 95, 85), 1.0, "The talk was shared nearly evenly."),
        ((150, 90, 60), 1.0, "The talk was shared, with more of it for some than for others, as in most meetings."),
        ((230, 40, 30), 1.0, "The talk was shared less evenly than in most meetings."),
        ((163, 137), 1.0, "The talk was shared nearly evenly."),
        ((170, 130), 1.0, ""),  # evenly, or leaning
        ((180, 120), 1.0, "The talk leaned to one side."),
        ((240, 60), 1.0, "The talk lay mostly with one of the two."),
        ((180, 120), 0.8, "Everyone's part was about an equal share, as far as it can be measured."),
        ((230, 40, 30), 0.7, ""),  # between two of them: not told
    ],
)
def test_how_it_was_shared_only_as_far_as_it_is_sure(parts: tuple[int, ...], sure: float, words: str) -> None:
    sentences = [s for s in re.split(r"(?<=\.) ", shares(*parts, sure=sure)) if re.search("shared|side|part|with", s)]
    assert sentences == ([words] if words else [])


def test_the_figures_do_not_say_otherwise() -> None:
    """What the story is not sure of, the line of the balance is not sure of, either."""
    unsure = told(*((at, at + 10, "Ana" if at % 50 < 30 else "Ben") for at in range(0, 300, 10)), sure=0.8)
    assert unsure.summary.people[0].share == pytest.approx(0.6)
    two = summarize(("Ana", "Ben"), timeline=unsure.account.timeline)
    assert balance(two, ENGLISH).startswith(
        "leaning to one side (as measured; possible too: in balance); 60 % and 40 %."
    )


def test_who_surely_spoke_little_listened_unless_they_passed() -> None:
    assert "Carla mostly listened." in shares(150, 140, 15)
    assert "listened" not in shares(150, 140, 15, sure=0.7)  # perhaps it was more
    passed = FloorReleased(at_ms=1, person="Carla", reason="passed", start_ms=0, used_ms=0)
    assert "listened" not in shares(150, 140, 15, events=(passed,))
    assert "listened" not in shares(280, 20)  # of two people that would be an accusation of the other


@given(st.lists(st.integers(0, 300), min_size=2, max_size=4), st.floats(0.3, 1))
@settings(deadline=None, max_examples=40)
def test_nobody_is_named_for_talking_much_or_cutting_in(parts: list[int], sure: float) -> None:
    """A name is there for opening, closing, coming in more, speaking after a silence, or listening: nothing else."""
    text = shares(*parts, sure=sure)
    for name in ("Ana", "Ben", "Carla", "Dušan"):
        for sentence in re.split(r"(?<=\.) ", text):
            if name in sentence:
                assert re.search(r"opened|closed|listened|came in more|spoke\.$", sentence), sentence


def test_coming_in_more_is_told_and_having_less_then_is_not() -> None:
    text = " ".join(story(halves_of("AB", "ABC"), ENGLISH))
    assert "In the second half of the open talk Carla came in more: 33 % of it, after 0 % in the first." in text
    assert not re.search("(Ana|Ben) came in", text)


def test_cut_ins_silence_and_pauses() -> None:
    rows: tuple[Row, ...] = (
        (0, 60, "Ana"), (60, 62, "Ana+Ben"), (62, 100, "Ben"), (109, 120, "Carla"), (120, 150, "!-"), (150, 160, "Ana")
    )  # fmt: skip
    text = " ".join(story(told(*rows, events=(Paused(at_ms=120_000),)), ENGLISH))
    assert "There was one cut-in. After the longest silence, 0:09, Carla spoke. There was a pause of 0:40." in text


def test_protected_turns() -> None:
    events = (*floor("Ana", 0, 60), *floor("Ben", 61, 120))
    rows: tuple[Row, ...] = ((0, 60, "Ana"), (61, 120, "Ben"))
    assert story(told(*rows, events=events), ENGLISH)[0] == (
        "Somebody had the floor to themselves twice, and nobody else came in."
    )
    between = Intrusion(at_ms=30_000, by="Ben", over="Ana", start_ms=29_000, lost_ms=2_000)
    repaid = FloorExtended(at_ms=30_000, person="Ana", added_ms=2_000, reason="repaid")
    assert "others came in once." in story(told(*rows, events=(*events, between)), ENGLISH)[0]
    given_back = story(told(*rows, events=(*events, between, repaid)), ENGLISH)[0]
    assert "and 0:02 of it was given back." in given_back
    assert "opened" not in " ".join(story(told(*rows, events=events), ENGLISH))  # the order had chosen


def test_what_was_agreed_and_how_people_left() -> None:
    found = told((0, 60, "Ana"), (60, 120, "Ben"))
    one = Agreement(agreement=1, kind="agreement", text="walk", agreed_on=DAY, people=("Ana", "Ben"))
    lighter = SessionNotes(day=DAY, agreements=(one, one), arriving={"Ana": 2, "Ben": 3}, leaving={"Ana": 3, "Ben": 5})
    assert story(found, ENGLISH, lighter)[-2:] == [
        "Two things were agreed on.",
        "Everyone left lighter than they came.",
    ]
    mixed = SessionNotes(day=DAY, arriving={"Ana": 2, "Ben": 3}, leaving={"Ana": 3, "Ben": 3})
    assert "left" not in story(found, ENGLISH, mixed)[-1]
    some = SessionNotes(day=DAY, arriving={"Ana": 2, "Ben": 3}, leaving={"Ana": 3})
    assert "left" not in story(found, ENGLISH, some)[-1]


def test_too_little_talk_has_no_story_and_unsure_talk_no_shares() -> None:
    assert story(told((0, 30, "Ana"), (30, 59, "Ben")), ENGLISH) == []
    unsure = told((0, 60, "Ana"), (60, 120, "Ben"), (120, 300, "?"))
    assert unsure.summary.observation.key == "uncertain"
    assert not any("share" in sentence for sentence in story(unsure, ENGLISH))


def test_the_most_even_reading_is_within_the_ranges() -> None:
    summary = told((0, 60, "Ana"), (60, 80, "Ben"), (80, 90, "Carla"), sure=0.8).summary
    even = most_even(summary.people)
    for person, part in zip(summary.people, even, strict=True):
        assert person.share_low <= part * person.aim + 1e-9 and part * person.aim <= person.share_high + 1e-9


# --- sections ----------------------------------------------------------------------------------------------------


def simulated(people: int, form: str, behaviour: str) -> SessionReview:
    played = play(people, form, behaviour, talk_ms=1_200_000)  # type: ignore[arg-type]
    return review(played.discussion.account())


@pytest.mark.parametrize("behaviour", ["all", "dominated", "cut-ins", "one-silent", "nobody"])
@pytest.mark.parametrize("form", ["open", "decision", "round-robin"])
def test_every_kind_of_talk_can_be_told(form: str, behaviour: str) -> None:
    found = simulated(3, form, behaviour)
    for section in sections(found, SessionNotes(day=DAY), ENGLISH):
        assert section.blocks and section.rule.endswith(".")
        for block in section.blocks:
            if isinstance(block, TextTable):
                assert len({len(row) for row in block.rows}) == 1
    for sentence in story(found, ENGLISH):
        assert re.fullmatch(r"[A-Z\"].*\.", sentence)
        assert not re.search(r"rude|interrupt|dominat|should|too much|only \d", sentence)


def test_a_long_list_of_turns_can_still_be_read() -> None:
    rows = [(3 * at, 3 * at + 2, ("Ana", "Ben")[at % 2]) for at in range(600)]
    found = review(account(timeline(*rows)))
    note, table = turns_told(found, ENGLISH)
    assert isinstance(note, Lines) and isinstance(table, TextTable)
    assert len(table.rows) <= MOST_TURNS + 1
    assert table.rows[1] == ("0:00", "29:59", "Ana and Ben, 600 short turns")
    assert "together" in note.lines[0]
    (every,) = turns_told(told((0, 5, "Ana"), (6, 30, "Ben")), ENGLISH)
    assert isinstance(every, TextTable) and every.rows[1:] == [("0:00", "0:05", "Ana"), ("0:06", "0:24", "Ben")]


def test_a_rate_is_told_from_three_cut_ins_on() -> None:
    rows: list[Row] = []
    for at in range(0, 180, 30):
        rows += [(at, at + 20, "Ana"), (at + 20, at + 22, "Ana+Ben"), (at + 22, at + 30, "Ben")]
    (matrix,) = (s for s in sections(told(*rows), SessionNotes(day=DAY), ENGLISH) if s.key == "cut_ins")
    table = matrix.blocks[0]
    assert isinstance(table, TextTable)
    assert table.rows[0] == ("", "over Ana", "over Ben", "over Carla")
    assert table.rows[2] == ("Ben cut in", "6 (164/h)", "–", "0")


def test_names_from_the_right_turn_nothing_round() -> None:
    """Hebrew and Arabic, in sentences and in tables; the browser's own rules would put "50 %" before them."""
    assert words("דנה כהן, עמר and Ben: 50 %") == "<bdi>דנה כהן</bdi>, <bdi>עמר</bdi> and Ben: 50&nbsp;%"
    assert words("Ana & Zoë") == "Ana &amp; Zoë"
    assert "function isolated" in script("review/timeline.js")
    assert not re.search("^import ", script("review/timeline.js"), re.MULTILINE)


def test_after_turns_alone_it_is_said_why_nobody_is_told_who_was_answered() -> None:
    """Who looks for it would think that it was overlooked."""
    found = review(discussion()[0].account())
    assert not found.open_ms
    told = {one.key: one for one in sections(found, SessionNotes(day=DAY), ENGLISH)}
    (lines,) = told["answered"].blocks
    assert lines == Lines([ENGLISH("sections.answered.in_turn")])


def test_after_a_short_open_talk_it_is_said_of_whom_there_was_too_little_to_say_who_was_answered() -> None:
    found = told((0, 5, "Ana"), (5, 9, "Ben"), (9, 14, "Ana"))
    assert found.open_ms and found.answered
    (section,) = (one for one in sections(found, SessionNotes(day=DAY), ENGLISH) if one.key == "answered")
    known = ENGLISH.listed([f"{one.person} ({one.answered} of {one.turns})" for one in found.answered])
    assert section.blocks == [Lines([f"Too few turns to compare ({LEAST_TURNS} are needed): {known}."])]


def test_the_first_look_says_on_whom_the_cut_ins_were() -> None:
    assert three(talk(3, 1), ENGLISH)[-1].figure == "4, on whom: Ana (3) and Ben (1)"
    assert three(talk(0, 0), ENGLISH)[-1].figure == "0"


def test_what_speaks_against_the_names_is_told_at_once_and_not_as_agreed() -> None:
    found = told((0, 60, "Ana"), (60, 120, "Ben"))
    doubt = "From some moment on everybody sounds different, as if by another microphone: leave it as it is."
    worded_so = Worded(language="en", observation="So.", question="And?")
    written = body(found, SessionNotes(day=DAY, doubts=(doubt,), corrections=1), worded_so, ENGLISH, title="A talk")
    assert ENGLISH("report.glance.agreed") not in written
    for told_at_once in (doubt, "Corrected by hand once"):
        assert written.index(told_at_once) < written.index(ENGLISH("report.who_had"))
