"""Milestones are real or there are none; and nothing in them counts against anybody."""

from __future__ import annotations

import dataclasses
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.core.dialogue.stages.sentences import milestone_sentence
from facilitator.core.trends.history import Held, Participation, history
from facilitator.core.trends.milestones import MOST, QUARTER_DAYS, Milestone, last_review, milestones
from facilitator.resources.prompts import parsed_language
from tests.support.histories import HOUR_MS, Group
from tests.support.simulation import PROMPTS

TODAY = 1_000.0


def held(
    days_ago: float, form: str = "Open talk", *, leaving: tuple[int | None, ...] = (None, None), **more: Any
) -> Held:
    """One session of Ana and Ben."""
    parts = tuple(
        Participation(name=n, heard=True, airtime_ms=0, leaving=v) for n, v in zip(("Ana", "Ben"), leaving, strict=True)
    )
    return Held(session=round(TODAY - days_ago), day=TODAY - days_ago, format=form, parts=parts, **more)


def review(days_ago: float) -> Held:
    parts = tuple(Participation(name=n, heard=True, fair={"money": 3}) for n in ("Ana", "Ben"))
    return dataclasses.replace(held(days_ago, "Quarterly review"), parts=parts)


def found(*sessions: Held) -> list[tuple[str, int]]:
    ordered = sorted(sessions, key=lambda one: one.day)
    return [(one.key, one.number) for one in milestones(ordered, TODAY)]


def test_nothing_is_made_up() -> None:
    assert found() == []
    assert found(held(10), held(20)) == []
    assert found(held(10, asked=3, kept=0), held(20, "Check-in")) == []


def test_agreements_that_were_kept_since_the_last_review() -> None:
    early, late = held(80, asked=2, kept=2), held(10, asked=2, kept=1)
    assert found(early, late) == [("agreements", 3)]
    assert found(early, review(40), late) == [("agreements", 1)]
    assert found(held(10, asked=3, kept=3)) == [("all_agreements", 0)]
    assert found(held(QUARTER_DAYS + 1, asked=3, kept=3)) == [], "without a review, three months count"


def test_check_ins() -> None:
    assert found(*(held(n, "Evening check-in") for n in (10, 20, 30))) == [("check_ins", 3)]
    assert found(held(200), held(10, "Check-in")) == [("first_check_in", 0)]
    assert found(held(200), held(90, "Check-in"), review(60), held(10, "Check-in")) == [], (
        "80 days before there was one"
    )
    assert found(held(50), held(10, "Check-in")) == [], "nobody knows what was three months ago"


def test_the_first_light_talk_in_three_months() -> None:
    heavy = [held(n, leaving=(2, 4)) for n in (30, 50)]
    assert found(*heavy, held(10, leaving=(4, 5))) == [("first_light", 0)]
    assert found(*heavy, held(40, leaving=(4, 4)), review(35), held(10, leaving=(4, 5))) == []
    assert found(*heavy, held(10, leaving=(4, None))) == [], "Ben did not say"
    assert found(heavy[0], held(10, leaving=(5, 5))) == [], "one session before is no three months"


def test_protected_time() -> None:
    minutes: Any = {"protected_ms": 400_000}
    assert found(held(10, **minutes), held(20, **minutes)) == [("protected_all", 0)]
    assert found(held(10, lost_ms=30_000, **minutes), held(20, **minutes)) == [("protected", 96)]
    assert found(held(10, lost_ms=90_000, **minutes), held(20, **minutes)) == []
    assert found(held(10, **minutes)) == []
    assert found(held(10, protected_ms=1_000), held(20, protected_ms=1_000)) == []
    unheard = {"parts": tuple(Participation(name=name, heard=False) for name in ("Ana", "Ben")), **minutes}
    assert found(*(dataclasses.replace(held(day), **unheard) for day in (10, 20))) == [], "nobody was listened to"


def changes(group: Group, reviewed: bool) -> list[Milestone]:
    sessions = [group.session(number) for number in range(group.sessions)]
    today = sessions[-1].day + 1
    if reviewed:
        last = sessions[-1]
        sessions.append(
            Held(
                session=999,
                day=today - 0.5,
                format="Quarterly review",
                parts=tuple(dataclasses.replace(part, fair={"money": 3}) for part in last.parts),
            )
        )
    kinds = ("balance", "cut-ins", "leaving", "share")
    return [one for one in milestones(sessions, today) if one.key in kinds]


def test_a_clear_change_for_the_better_is_told_once() -> None:
    calmer: Any = {"sessions": 52, "calmer": 0.2}
    assert {one.key for one in changes(Group(3, **calmer), reviewed=False)} <= {"cut-ins"}
    told_once = [seed for seed in range(10) if changes(Group(seed, **calmer), reviewed=False)]
    assert not [seed for seed in told_once if changes(Group(seed, **calmer), reviewed=True)]


def test_a_change_for_the_worse_is_no_milestone() -> None:
    for seed in range(6):
        worse = Group(seed, sessions=52, calmer=6.0, better=-2.0)
        clear = {one.what for one in worse.history().series if one.trend.verdict == "change"}
        assert clear
        assert not {one.key for one in changes(worse, reviewed=False)} & {"cut-ins", "leaving"}


def test_more_room_is_only_told_of_who_had_too_little() -> None:
    """Ana's share grows beyond what is intended: that is no milestone, and that of the others sinks."""
    for seed in range(6):
        for one in changes(Group(seed, people=3, sessions=52, grows=0.3), reviewed=False):
            assert one.key != "share" or one.who == "Ana"
        for one in changes(Group(seed, sessions=52, grows=0.3), reviewed=False):
            assert one.key != "share", "of two, the gain of one is the loss of the other"


SESSIONS = st.lists(
    st.builds(
        held,
        st.floats(1, 400),
        st.sampled_from(["Open talk", "Check-in", "Repair"]),
        leaving=st.tuples(*[st.none() | st.integers(1, 5)] * 2),
        asked=st.integers(0, 4),
        protected_ms=st.integers(0, HOUR_MS),
        lost_ms=st.integers(0, HOUR_MS),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(sessions=SESSIONS, reviewed=st.lists(st.floats(1, 400), max_size=2))
def test_milestones_are_few_each_once_and_can_be_said(sessions: list[Held], reviewed: list[float]) -> None:
    ordered = sorted([*sessions, *map(review, reviewed)], key=lambda one: one.day)
    some = milestones(ordered, TODAY)
    assert len(some) <= MOST
    assert len({one.key for one in some}) == len(some)
    since = last.day if (last := last_review(ordered)) else TODAY - QUARTER_DAYS
    if not [one for one in ordered if one.day > since]:
        assert not some, "nothing has been since"
    for code in ("en", "de", "pt"):
        language = parsed_language(PROMPTS / "languages" / f"{code}.toml")
        for one in some:
            key, text = milestone_sentence(dataclasses.asdict(one), language)
            assert key == f"milestones.{one.key}"
            assert text and "{" not in text


def test_history_of_reviews_is_followed() -> None:
    """Once a quarter for three years: a pair that comes to feel money fairer, and nothing else."""
    values = [(2, 3), (2, 2), (1, 3), (2, 2), (3, 3), (3, 4), (4, 4), (4, 5), (5, 4), (5, 5), (5, 5), (5, 5)]
    sessions = [
        Held(
            session=n,
            day=91.0 * n,
            format=("Quarterly review", "My own review")[n % 2],  # the question is the same in every format
            parts=tuple(
                Participation(name=name, heard=True, fair={"money": value, "chores": 3 + (n + seat) % 2})
                for seat, (name, value) in enumerate(zip(("Ana", "Ben"), pair, strict=True))
            ),
        )
        for n, pair in enumerate(values)
    ]
    series = {(one.what, one.who, one.about): one for one in history(sessions, 91.0 * 12).series}
    assert series["fair-all", (), "money"].trend.verdict == "change"
    assert series["fair-all", (), "chores"].trend.verdict == "no-clear-change"
    assert [point.value for point in series["fair-gap", (), "money"].points] == [abs(a - b) for a, b in values]
    few = {(one.what, one.who, one.about): one for one in history(sessions[:7], 91.0 * 7).series}
    assert few["fair-all", (), "money"].trend.verdict == "too-few"
    assert few["fair-all", (), "money"].trend.why == "few"
