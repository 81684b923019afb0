"""Which difference is told at the end: the largest that is sure, whatever it is of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.core.dialogue.narration import worded
from facilitator.core.events import StageEnded, StageStarted
from facilitator.core.language.phrases import OBSERVATIONS
from facilitator.core.language.wording import parse_language
from facilitator.core.review.account import Account
from facilitator.core.review.differences import answered_less, cut_in_on_more, spoke_last_more, wilson
from facilitator.core.review.remarks import SURELY_MORE
from facilitator.core.review.responses import Answered
from facilitator.core.review.summary import Summary, summarize
from facilitator.report.review.reasons import reasons
from facilitator.report.text import balance
from facilitator.resources.prompts import default_prompts
from tests.core.review.test_summary import timeline
from tests.support.texts import ENGLISH

TWO = ("Ana", "Ben")
CODES = ("de", "en", "es", "fr", "it", "ko", "nl", "pl", "pt")


def talk(cut_ins_on_ana: int, cut_ins_on_ben: int) -> Summary:
    """The two speak about equally long; some of the turns are cut into."""
    rows, at = [], 0
    for number in range(24):
        who, other = ("Ana", "Ben") if number % 2 == 0 else ("Ben", "Ana")
        cut = number // 2 < (cut_ins_on_ana if who == "Ana" else cut_ins_on_ben)
        rows.append((at, at + 20, who))
        rows.append((at + 20, at + 21, f"{who}+{other}" if cut else "-"))
        at += 21 if cut else 22
    return summarize(TWO, timeline=timeline(*rows, confidence=0.99))


def test_who_was_cut_in_on_far_more_is_told_and_not_who_did_it() -> None:
    summary = talk(12, 1)
    assert summary.observation.key == "cut-ins"
    assert summary.observation.slots["name"] == "Ana"
    (line,) = reasons(summary, ENGLISH)
    assert line.startswith(
        f"{summary.observation.slots['count']} of {summary.observation.slots['of']} cut-ins were on Ana"
    )


@pytest.mark.parametrize("counts", [(2, 0), (3, 3), (10, 7)])
def test_what_may_be_chance_is_not_told(counts: tuple[int, int]) -> None:
    assert talk(*counts).observation.key not in ("cut-ins", "answered", "last-word", "more")


def test_after_whom_it_stayed_quiet_is_told_as_a_fact() -> None:
    rows, at = [], 0
    for _ in range(15):  # after Ana nobody goes on at once
        rows += [(at, at + 15, "Ana"), (at + 15, at + 20, "-"), (at + 20, at + 35, "Ben")]
        at += 35
    summary = summarize(TWO, timeline=timeline(*rows, confidence=0.99))
    assert (summary.observation.key, summary.observation.slots) == ("answered", {"name": "Ana"})
    assert "somebody went on within two seconds" in reasons(summary, ENGLISH)[0]


def test_who_spoke_last_takes_several_parts() -> None:
    assert all(one.sure < SURELY_MORE for one in spoke_last_more(["Ana"], TWO))
    assert max(spoke_last_more(["Ana"] * 7, TWO), key=lambda one: one.sure).person == "Ana"
    rows, events, at = [], [], 0
    for number in range(7):
        rows += [(at, at + 20, "Ben"), (at + 20, at + 41, "Ana"), (at + 41, at + 50, "!-")]
        events += [
            StageStarted(at_ms=at * 1000, stage=f"part {number}", kind="talk"),
            StageEnded(at_ms=(at + 45) * 1000, stage=f"part {number}", kind="talk"),
        ]
        at += 50
    account = Account(
        people=TWO, declined=(), timeline=timeline(*rows, confidence=0.99), events=tuple(events), targets=None
    )
    assert account.summary().observation.key == "last-word"


def test_the_largest_is_told() -> None:
    rows, at = [], 0
    for _ in range(12):  # Ana has nearly all of it, and is never answered at once
        rows += [(at, at + 40, "Ana"), (at + 40, at + 45, "-"), (at + 45, at + 47, "Ben")]
        at += 47
    summary = summarize(TWO, timeline=timeline(*rows, confidence=0.99))
    assert summary.observation.key == "more-to-hear"


def test_the_fact_stands_in_the_balance_line_without_blame() -> None:
    rows = [(20 * n, 20 * n + 20, who) for n, who in enumerate(("Ana", "Ben", "Ana", "Carla", "Ana") * 6)]
    summary = summarize(("Ana", "Ben", "Carla"), timeline=timeline(*rows, confidence=0.99))
    assert "Ana had 60 % of the time; an equal part would be 33 %." in balance(summary, ENGLISH)


@given(st.integers(0, 200), st.integers(1, 200))
def test_intervals_hold_the_part(count: int, more: int) -> None:
    low, high = wilson(count, count + more)
    assert 0 <= low <= count / (count + more) <= high <= 1


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=5))
def test_nothing_is_surer_than_it_looks(counts: list[tuple[int, int]]) -> None:
    people = [f"P{number}" for number in range(len(counts))]
    seen = [Answered(person=p, turns=a + b, answered=a) for p, (a, b) in zip(people, counts, strict=True)]
    for one in answered_less(seen):
        assert one.sure <= one.against - one.count / one.of + 1e-9
    received = {p: a for p, (a, _) in zip(people, counts, strict=True)}
    for one in cut_in_on_more(received, dict.fromkeys(people, 1_000)):
        assert one.sure <= one.count / one.of - one.against + 1e-9


@pytest.mark.parametrize("code", CODES)
def test_every_language_has_the_words(code: str) -> None:
    language = parse_language(default_prompts().language(code))
    for summary in (talk(12, 1),):
        text = worded("observations", summary.observation, language)
        assert "Ana" in text and "{" not in text


def test_everything_that_can_be_said_has_its_reason() -> None:
    told = {key.removeprefix("reasons.") for key in ENGLISH.messages if key.startswith("reasons.")}
    assert told - {"share"} | {"more", "more-to-hear"} == set(OBSERVATIONS)
