"""The summary against simple counting, its intervals, and what is remarked on."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.core.dialogue.narration import spoken_summary
from facilitator.core.events import FloorExtended, FloorGranted, FloorReleased, Paused, Spoke
from facilitator.core.language.phrases import OBSERVATIONS, QUESTIONS
from facilitator.core.language.wording import parse_language
from facilitator.core.review.remarks import PersonFigures, Picture, remark
from facilitator.core.review.summary import Summary, counted_spans, summarize
from facilitator.core.turntaking.spans import Span
from facilitator.core.turntaking.timeline import Tile, Timeline
from facilitator.core.turntaking.uncertainty import Uncertainty, intervals
from facilitator.report.output.blocks import plain
from facilitator.report.text import page
from facilitator.resources.prompts import default_prompts
from tests.support.texts import ENGLISH

PEOPLE = ("Ana", "Ben", "Carla")


def timeline(*rows: tuple[int, int, str], confidence: float = 1.0) -> Timeline:
    """Rows of (start_s, end_s, who): names joined by `+`, `?` unknown, `guest`, `-` silence, `!` first: not counted."""
    found = Timeline()
    for start, end, who in rows:
        names = [name for name in who.strip("!").split("+") if name not in ("?", "guest", "-")]
        found.paint(
            Spoke(
                at_ms=end * 1000,
                start_ms=start * 1000,
                end_ms=end * 1000,
                people=tuple(names),
                guest="guest" in who,
                unknown="?" in who,
                counted=not who.startswith("!"),
                confidence=confidence if names else 1.0,
            )
        )
    return found


def test_everything_is_counted_once_and_in_its_place() -> None:
    summary = summarize(
        PEOPLE,
        timeline=timeline(
            (0, 10, "!Ana"),
            (10, 40, "Ana"),
            (40, 42, "Ana+Ben"),
            (42, 60, "Ben"),
            (60, 63, "-"),
            (63, 65, "?"),
            (65, 70, "guest"),
            (70, 80, "!-"),
            (80, 90, "Ana"),
        ),
        records=[
            FloorGranted(at_ms=10_000, person="Ana", round=1, limit_ms=None, protected=True),
            FloorExtended(at_ms=43_000, person="Ana", added_ms=2_000, reason="repaid"),
            FloorExtended(at_ms=44_000, person="Ana", added_ms=60_000, reason="asked"),
            FloorReleased(at_ms=60_000, person="Carla", reason="passed", start_ms=59_000, used_ms=0),
        ],
    )
    ana, ben, carla = summary.people
    assert (ana.airtime_ms, ben.airtime_ms, carla.airtime_ms) == (42_000, 20_000, 0)
    assert ana.share == pytest.approx(42 / 62)
    assert (ana.turns, ana.longest_turn_ms) == (2, 32_000)
    assert (ben.cut_ins_made, ana.cut_ins_received, ben.cut_ins_received) == (1, 1, 0)
    assert (summary.start_ms, summary.end_ms) == (10_000, 90_000)
    assert (summary.talk_ms, summary.silence_ms, summary.silences) == (67_000, 3_000, 1)
    assert (summary.unattributed_ms, summary.guest_ms, summary.airtime_ms) == (2_000, 5_000, 62_000)
    assert (ana.repaid_ms, carla.passes, carla.turns) == (2_000, 1, 0)
    (pair,) = summary.pairs
    assert (pair.by, pair.over, pair.cut_ins, pair.cut_ins_per_hour) == ("Ben", "Ana", 1, None)
    assert summary.person("Ben") is ben
    with pytest.raises(KeyError):
        summary.person("Nobody")


def test_a_break_or_a_new_floor_ends_a_turn() -> None:
    talk = timeline((0, 20, "Ana"), (20, 80, "!-"), (80, 100, "Ana"))
    assert summarize(PEOPLE, timeline=talk).person("Ana").turns == 1
    for event in (Paused(at_ms=30_000), FloorGranted(at_ms=30_000, person="Ana", round=2, limit_ms=1, protected=True)):
        ana = summarize(PEOPLE, timeline=talk, records=[event]).person("Ana")
        assert (ana.turns, ana.longest_turn_ms) == (2, 20_000)


def test_cut_ins_per_hour_of_the_other_ones_talk() -> None:
    summary = summarize(PEOPLE, timeline=timeline((0, 88, "Ana"), (88, 90, "Ana+Ben"), (90, 95, "Ben")))
    assert summary.pairs[0].cut_ins_per_hour == pytest.approx(40)


def test_nothing_heard() -> None:
    summary = summarize(PEOPLE, timeline=Timeline())
    assert [(p.share, p.share_low, p.share_high) for p in summary.people] == [(0, 0, 1)] * 3
    assert (summary.balance, summary.gini, summary.start_ms, summary.end_ms) == (None, None, 0, 0)
    assert (summary.observation.key, summary.question.key) == ("too-little", "begin")


@pytest.mark.parametrize("declined", [(), ("Ana", "Ben"), ("Ben",)])
def test_what_was_not_listened_to_was_not_too_little(declined: tuple[str, ...]) -> None:
    """With nobody, or with one of two: they may have talked for an hour."""
    heard = timeline((0, 60, "-"), (60, 140, "Ana" if len(declined) == 1 else "?")) if declined else Timeline()
    summary = summarize(("Ana", "Ben"), declined=declined, timeline=heard, listened=bool(declined))
    assert (summary.observation.key, summary.question.key) == ("not-measured", "small-step")
    spoken = [key for key, _ in spoken_summary(summary, parse_language(default_prompts().language("en")))]
    not_heard = ["summary.not_measured"] if declined else []
    assert spoken == [*not_heard, "observations.not-measured", "questions.small-step"]


def test_those_who_declined_are_not_in_it() -> None:
    summary = summarize(PEOPLE, declined=["Ben"], timeline=timeline((0, 50, "Ana"), (50, 100, "Carla")))
    assert [person.name for person in summary.people] == ["Ana", "Carla"]
    assert summary.declined == ("Ben",)
    assert summary.balance == pytest.approx(1)


def test_targets_bend_the_balance_but_not_the_shares() -> None:
    summary = summarize(
        PEOPLE, timeline=timeline((0, 30, "Ana"), (30, 100, "Ben")), targets={"Ana": 30, "Ben": 70, "Carla": 0}
    )
    assert summary.balance == pytest.approx(1)
    assert summary.person("Ben").share == pytest.approx(0.7)
    assert summary.observation.key == "heard"  # as intended, and yet nobody had "about the same time"


def test_what_counts_goes_from_first_to_last_without_what_does_not() -> None:
    line = timeline((0, 5, "!Ana"), (5, 8, "Ana"), (12, 15, "-"), (15, 20, "!-"), (20, 22, "Ben"), (30, 31, "!-"))
    assert counted_spans(line) == [Span(5_000, 15_000), Span(20_000, 22_000)]


tiles = st.lists(
    st.tuples(
        st.integers(1, 5_000),
        st.lists(st.sampled_from(PEOPLE), unique=True, max_size=3).map(tuple),
        st.booleans(),
        st.booleans(),
        st.floats(0, 1),
        st.booleans(),
    ),
    max_size=30,
)


def painted(rows: list[tuple[int, tuple[str, ...], bool, bool, float, bool]]) -> Timeline:
    line, at = Timeline(), 0
    for length, who, guest, unknown, sure, counted in rows:
        line.paint(
            Spoke(
                at_ms=0,
                start_ms=at,
                end_ms=at + length,
                people=who,
                guest=guest,
                unknown=unknown,
                confidence=sure,
                counted=counted,
            )
        )
        at += length
    return line


@given(tiles)
@settings(deadline=None)
def test_intervals_hold_the_share(rows: list[tuple[int, tuple[str, ...], bool, bool, float, bool]]) -> None:
    summary = summarize(PEOPLE, timeline=painted(rows))
    people = summary.people
    assert all(0 <= p.share_low <= p.share <= p.share_high <= 1 for p in people)
    assert sum(p.share_low for p in people) <= 1 + 1e-9
    assert sum(p.share_high for p in people) >= 1 - 1e-9
    assert sum(p.share for p in people) == pytest.approx(1 if summary.airtime_ms else 0)
    assert sum(p.airtime_ms for p in people) == summary.airtime_ms
    assert sum(p.cut_ins_made for p in people) == sum(p.cut_ins_received for p in people)
    assert summary.talk_ms + summary.silence_ms <= summary.end_ms - summary.start_ms
    assert set(summary.observation.slots) == set(OBSERVATIONS[summary.observation.key])
    assert set(summary.question.slots) == set(QUESTIONS[summary.question.key])


@given(tiles, st.floats(0, 1))
@settings(deadline=None)
def test_more_doubt_never_narrows_an_interval(
    rows: list[tuple[int, tuple[str, ...], bool, bool, float, bool]], less: float
) -> None:
    sure = list(painted(rows))
    unsure = [tile._replace(confidence=tile.confidence * less) for tile in sure]
    airtime = {"Ana": 60_000, "Ben": 30_000, "Carla": 10_000}
    narrow, wide = intervals(airtime, sure), intervals(airtime, unsure)
    for person in airtime:
        assert wide[person].low <= narrow[person].low + 1e-9
        assert wide[person].high >= narrow[person].high - 1e-9


def test_sure_speech_is_known_to_a_few_points_and_unknown_speech_is_told() -> None:
    airtime = {"Ana": 60_000, "Ben": 40_000}
    sure = [Tile(0, 60_000, ("Ana",)), Tile(60_000, 100_000, ("Ben",))]
    exact = intervals(airtime, sure, Uncertainty(base=0.0, least=0.01))
    assert exact == {"Ana": pytest.approx((0.59, 0.61)), "Ben": pytest.approx((0.39, 0.41))}
    # base 0.1, reach 2: Ana may lose 2 x 0.1 x 60 s and gain 2 x 0.1 x 40 s.
    loose = intervals(airtime, sure, Uncertainty(base=0.1, reach=2.0, least=0.0))
    assert loose["Ana"] == pytest.approx((0.48, 0.68))
    # All of the 100 s that nobody is known to have said may be one person's.
    found = intervals(airtime, [*sure, Tile(100_000, 200_000, unknown=True)], Uncertainty(base=0.0, least=0.0))
    assert found["Ana"] == pytest.approx((60 / 200, 160 / 200))  # low, high


# --- remarks ---------------------------------------------------------------------------------------


def picture(*shares: float, unsure: float = 0.02, passed: str = "", longest: int = 20, **more: object) -> Picture:
    parts = tuple(
        PersonFigures(
            name=name,
            share=share,
            low=max(0, share - unsure),
            high=min(1, share + unsure),
            aim=1 / len(shares),
            passed=name == passed,
            longest_turn_ms=longest * 1000,
            cut_ins_received=1,
        )
        for name, share in zip(("Ana", "Ben", "Carla", "Dušan"), shares, strict=False)
    )
    rest: dict[str, object] = {
        "airtime_ms": 600_000,
        "talk_ms": 600_000,
        "unattributed_ms": 0,
        "gini": 0.25,
        "in_turn": 0.0,
        "cut_ins": 3,
        "back_channels": 0,
        "repaid_ms": 0,
    }
    return Picture(parts=parts, **(rest | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "key"),
    [
        (picture(0.5, 0.5, airtime_ms=30_000), "too-little"),
        (picture(0.5, 0.5, unattributed_ms=300_000), "uncertain"),
        (picture(0.0, 0.0, airtime_ms=0, unattributed_ms=300_000), "uncertain"),  # nobody could be told apart
        (picture(0.5, 0.5, unsure=0.21), "uncertain"),
        (picture(0.5, 0.4, 0.1), "more-to-hear"),
        (picture(0.56, 0.22, 0.22), "more"),
        (picture(0.56, 0.22, 0.22, unsure=0.12), "heard"),  # perhaps not
        (picture(0.46, 0.36, 0.18), "heard"),
        (picture(0.40, 0.28, 0.20, 0.12, unsure=0.14), "heard"),  # perhaps an equal share
        (picture(0.5, 0.4, 0.1, passed="Carla"), "heard"),  # passing is never judged
        (picture(0.70, 0.30), "more-to-hear"),
        (picture(0.70, 0.30, passed="Ben", unsure=0.16), "leaning"),
        (picture(0.64, 0.36, unsure=0.17), "heard"),  # perhaps in balance
        (picture(0.60, 0.40), "leaning"),
        (picture(0.52, 0.48), "shared"),
        (picture(0.52, 0.48, in_turn=0.7), "in-turn"),
        (picture(0.35, 0.33, 0.32, gini=0.02), "shared"),
        (picture(0.45, 0.30, 0.25, repaid_ms=4_000), "repaired"),
        (picture(0.45, 0.30, 0.25, cut_ins=0), "all-finished"),
        (picture(0.45, 0.30, 0.25, back_channels=60), "listening"),
        (picture(0.45, 0.30, 0.25), "heard"),
        (picture(1.0), "heard"),
    ],
)
def test_the_observation_that_fits(seen: Picture, key: str) -> None:
    observation, question = remark(seen)
    assert observation.key == key
    assert question.key in QUESTIONS


def test_long_listening_is_noticed() -> None:
    seen = picture(0.45, 0.30, 0.25, longest=150)
    first, *others = seen.parts
    kept = PersonFigures(**{name: getattr(first, name) for name in PersonFigures.__slots__} | {"cut_ins_received": 0})
    observation, _ = remark(Picture(**{n: getattr(seen, n) for n in Picture.__slots__} | {"parts": (kept, *others)}))
    assert (observation.key, observation.slots) == ("uninterrupted", {"name": "Ana", "time_ms": 150_000})


def test_of_two_who_were_both_listened_to_not_one_is_named() -> None:
    """Who is not would hear that they were not; nor is the time that was up called an end."""
    both = picture(0.55, 0.45, cut_ins=0, longest=150)
    assert remark(both)[0].key == "all-finished"
    one = replace(both.parts[0], cut_ins_received=0)
    assert remark(replace(both, parts=(one, both.parts[1]), cut_ins=1))[0].key == "uninterrupted"
    unhindered = tuple(replace(part, cut_ins_received=0, longest_turn_ms=150_000) for part in both.parts)
    assert remark(replace(both, parts=unhindered, cut_ins=1))[0].key != "uninterrupted"
    assert remark(replace(both, parts=unhindered, partly=True))[0].key not in ("uninterrupted", "all-finished")


def test_a_no_is_not_remarked_on() -> None:
    """What they say is nobody's, and no reason to ask to sit closer; and they are named before what others had."""
    said = picture(0.45, 0.30, 0.25, unattributed_ms=300_000, partly=True)
    assert remark(said)[0].key != "uncertain"
    assert remark(picture(0.5, 0.5, unsure=0.21, partly=True))[1].key != "hear-better"
    summary = summarize(("Ana", "Ben"), timeline=timeline((0, 80, "Ana"), (80, 100, "Ben")), declined=("Carla",))
    spoken = [key for key, _ in spoken_summary(summary, parse_language(default_prompts().language("en")))]
    assert spoken[:3] == ["summary.not_measured", "summary.talk_heard", "summary.shares"]


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=4), st.floats(0, 0.2))
def test_whoever_is_named_is_named_for_the_largest_difference(weights: list[float], unsure: float) -> None:
    shares = [weight / sum(weights) for weight in weights]
    seen = picture(*shares, unsure=unsure)
    observation, question = remark(seen)
    name = observation.slots.get("name")
    if name is not None:
        assert observation.key in ("more-to-hear", "more")
        if observation.key == "more":
            assert observation.slots["had_part"] == round(1000 * max(shares))
            assert max(shares) - unsure >= 1 / len(shares)
            return
        names = name if isinstance(name, tuple) else (str(name),)
        shared = dict(zip(("Ana", "Ben", "Carla", "Dušan"), shares, strict=False))
        named = [shared.pop(one) for one in names]
        assert max(named) <= min(shared.values()), "somebody who had less is not named"
    assert "name" not in question.slots


def test_a_person_who_passed_is_not_named_in_the_whole_summary() -> None:
    talk = timeline(*((s, s + 50, ("Ana", "Ben")[s // 50 % 2]) for s in range(0, 400, 50)), (400, 403, "Carla"))
    passed = FloorReleased(at_ms=1, person="Carla", reason="passed", start_ms=0, used_ms=0)

    def name(summary: Summary) -> object:
        return summary.observation.slots.get("name")

    assert name(summarize(PEOPLE, timeline=talk)) == "Carla"
    assert name(summarize(PEOPLE, timeline=talk, records=[passed])) is None


def test_order_of_seats_everywhere() -> None:
    for seats in itertools.permutations(PEOPLE):
        summary = summarize(seats, timeline=timeline((0, 9, "Ana"), (9, 30, "Ben")))
        assert tuple(person.name for person in summary.people) == seats


def test_where_nobody_could_be_named_no_shares_are_told() -> None:
    summary = summarize(PEOPLE, timeline=timeline((0, 250, "?"), (250, 260, "-"), (260, 300, "?")))
    assert summary.observation.key == "uncertain" and not summary.airtime_ms
    spoken = spoken_summary(summary, parse_language(default_prompts().language("en")))
    assert [key for key, _ in spoken][:2] == ["summary.talk", "observations.uncertain"]
    told = plain(page(summary, ENGLISH), ENGLISH)
    assert "there are no shares" in told and "%" not in told and "Ana" not in told.split("How this is counted")[0]
