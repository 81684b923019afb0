"""How large somebody's part was, as a fact: in words, beside what an equal part would be."""

from __future__ import annotations

import pytest

from facilitator.core.dialogue.narration import part_in_words, worded
from facilitator.core.events import Spoke
from facilitator.core.language.wording import parse_language
from facilitator.core.review.summary import summarize
from facilitator.core.turntaking.timeline import Timeline
from facilitator.resources.prompts import read_language
from tests.core.dialogue.test_closing_words import CODES, language, talked
from tests.support.simulation import PROMPTS


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (0.52, "a little over half"),
        (1 / 3, "a third"),
        (0.47, "a little under half"),
        (0.9, "well over three quarters"),
    ],
)
def test_a_part_in_words(part: float, words: str) -> None:
    assert part_in_words(part, language("en")) == words


def test_who_had_surely_more_is_told_with_what_an_equal_part_would_be() -> None:
    summary = talked(560, 210, 230)
    told = worded("observations", summary.observation, language("en"))
    assert told == "Ana had a little over half of the time; an equal part would be a third."
    assert summary.question.key == "share-next"


def test_who_had_far_less_is_invited_where_that_is_the_larger_difference() -> None:
    assert talked(500, 480, 60).observation.key == "more-to-hear"


@pytest.mark.parametrize("code", CODES)
def test_every_language_has_its_fractions(code: str) -> None:
    spoken = parse_language(read_language(PROMPTS / f"languages/{code}.toml"))
    told = worded("observations", talked(560, 210, 230).observation, spoken)
    assert "Ana" in told
    assert spoken.phrase("parts.third") in told


def test_beside_a_host_who_had_most_of_it_the_time_is_not_called_shared() -> None:
    spoken = [
        Spoke(at_ms=0, start_ms=start * 1_000, end_ms=end * 1_000, people=(who,), confidence=0.99)
        for start, end, who in ((0, 580, "Host"), (580, 790, "Ana"), (790, 1_000, "Ben"))
    ]
    targets = {"Host": 0.0, "Ana": 1.0, "Ben": 1.0}
    summary = summarize(("Host", "Ana", "Ben"), timeline=Timeline(spoken), targets=targets)
    assert summary.observation.key not in ("shared", "in-turn")
