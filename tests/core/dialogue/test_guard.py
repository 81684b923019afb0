"""Cut-ins on a protected turn: the steps of the format, the same for who speaks first and who speaks last."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.core.dialogue.escalation import CALM_MS, Escalation
from facilitator.core.events import (
    Activity,
    BreakAgreed,
    Chime,
    FloorExtended,
    FloorGranted,
    FloorReleased,
    Heard,
    Intrusion,
    Paused,
    Say,
    Show,
)
from tests.support.simulation import NAMES, play
from tests.support.told_room import Room

STEPS = ("chime", "chime", "sentence", "breath", "break", "pause")
PROTECTING = ("floor.protect", "floor.protect_last", "floor.breathe", "floor.break")
TILE_MS = 500
SAID_MS = 2_000


def room(people: int = 2, form: str = "five-minutes-each", **options: object) -> Room:
    """Everybody is known, and the first has the floor."""
    names = NAMES[:people]
    table = Room(names, form, enrolled=names, **options)
    table.until("floor.granted")
    return table


def talk(table: Room, ms: int, *voices: str) -> None:
    """These speak for so long, all at once; what is said meanwhile is said to its end."""
    end_ms = table.now_ms + ms
    table.tell(Activity(at_ms=table.now_ms, speaking=bool(voices), start_ms=table.now_ms))
    while table.now_ms < end_ms:
        table.wait(TILE_MS)
        start_ms = table.now_ms - TILE_MS
        table.tell(Heard(at_ms=table.now_ms, start_ms=start_ms, end_ms=table.now_ms, people=tuple(sorted(voices))))
        if table.saying is not None and table.now_ms - table.said_ms >= SAID_MS:
            table.over()


def cut_in_steadily(table: Room, holder: str, by: str, times: int, apart_ms: int = 20_000) -> None:
    """Somebody comes in for two seconds, time and again, while the holder goes on."""
    for _ in range(times):
        talk(table, 2_500, holder, by)
        talk(table, apart_ms - 3_500, holder)
        talk(table, 1_000)


def chimes(table: Room) -> int:
    return sum(isinstance(o, Chime) and o.chime == "cut-in" for o in table.log)


def floors(table: Room) -> list[str]:
    return [o.person for o in table.log if isinstance(o, FloorGranted)]


# -- the steps as such --------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 90_000), min_size=1, max_size=60), st.integers(5_000, 60_000))
def test_no_step_comes_sooner_than_the_format_says(gaps: list[int], every_ms: int) -> None:
    escalation, now_ms, taken = Escalation(STEPS, every_ms), 0, []  # type: ignore[arg-type]
    for gap in gaps:
        now_ms += gap
        if (step := escalation.cut_in(now_ms)) is not None:
            taken.append((now_ms, step))
    assert all(later - earlier >= every_ms for (earlier, _), (later, _) in pairwise(taken))
    assert [step for _, step in taken] == [STEPS[k % len(STEPS)] for k in range(len(taken))]


def test_after_a_while_without_a_cut_in_it_begins_softly_again() -> None:
    escalation = Escalation(STEPS, 20_000)  # type: ignore[arg-type]
    assert [escalation.cut_in(ms) for ms in (0, 30_000, 60_000)] == ["chime", "chime", "sentence"]
    assert escalation.cut_in(60_000 + CALM_MS) == "chime"


def test_without_steps_cut_ins_are_only_counted() -> None:
    assert Escalation((), 20_000).cut_in(0) is None


# -- at the table -------------------------------------------------------------------------------------


def test_chime_chime_a_sentence_a_breath_a_question_a_pause() -> None:
    table = room(3)
    cut_in_steadily(table, "Ana", "Ben", 6, apart_ms=24_000)
    assert chimes(table) == 2
    kinds = [kind for kind in table.kinds() if kind in (*PROTECTING, "floor.pause")]
    assert kinds == ["floor.protect", "floor.breathe", "floor.break", "floor.pause"]
    assert table.discussion.snapshot().paused
    used_ms = table.discussion.snapshot().floor_used_ms
    table.wait(30_000)
    assert table.discussion.snapshot().floor_used_ms == used_ms, "the clock stands still"
    table.over()
    table.press("go-on")
    assert floors(table) == ["Ana"], "the floor is still hers"


def test_steady_cut_ins_bring_few_chimes() -> None:
    """49 cut-ins in one turn: before, as many chimes and one sentence."""
    table = room(2, minutes=20)
    for _ in range(8):
        cut_in_steadily(table, "Ana", "Ben", 6, apart_ms=7_000)
        if table.discussion.snapshot().paused:
            table.press("go-on")
            table.over()
    assert sum(isinstance(o, Intrusion) for o in table.log) >= 40
    assert chimes(table) <= 6
    assert sum(kind in PROTECTING for kind in table.kinds()) >= 4


def test_a_yes_to_the_question_is_a_break_with_the_steps_that_were_agreed_on() -> None:
    table = room(2, steps=("a walk around the block", "each writes down what they need"))
    cut_in_steadily(table, "Ana", "Ben", 4, apart_ms=24_000)
    talk(table, 2_500, "Ana", "Ben")
    table.until("floor.break", 10_000)
    table.press("yes")
    table.until("break.ask", 10_000)
    assert any(isinstance(o, Paused) for o in table.log)
    table.press("answer", value=3)
    table.until("break.ask_steps", 10_000)
    table.press("yes")
    assert "a walk around the block" in table.until("break.steps", 10_000).text
    assert [o.return_in_ms for o in table.log if isinstance(o, BreakAgreed)] == [1_200_000]


def test_who_is_done_need_not_answer_the_question_first() -> None:
    table = room(2)
    cut_in_steadily(table, "Ana", "Ben", 4, apart_ms=24_000)
    talk(table, 2_500, "Ana", "Ben")
    table.until("floor.break", 10_000)
    assert "next" in table.discussion.snapshot().commands
    table.press("next")
    assert [o.reason for o in table.log if isinstance(o, FloorReleased)] == ["done"]
    assert not table.discussion.snapshot().choices


def test_your_turn_will_come_is_said_to_nobody_whose_turn_has_been() -> None:
    table = room(2)
    talk(table, 3_000, "Ana")
    table.press("next")
    table.until("floor.granted", 20_000)
    cut_in_steadily(table, "Ben", "Ana", 3, apart_ms=24_000)
    assert "floor.protect_last" in table.kinds()
    assert "floor.protect" not in table.kinds()
    assert not any("your turn will come" in text or "hold that thought" in text for text in table.sayings())


def test_somebody_talks_on_and_the_holder_is_asked() -> None:
    table = room(3)
    talk(table, 4_000, "Ana")
    talk(table, 11_000, "Carla")
    assert table.until("floor.may_go_on", 5_000).person == "Ana"
    before = chimes(table)
    table.press("yes")
    talk(table, 20_000, "Carla")
    assert chimes(table) == before, "Ana lets her"
    taken = [o for o in table.log if isinstance(o, Intrusion)]
    assert [o.by for o in taken] == ["Carla"]
    assert taken[0].lost_ms <= 14_000, "what Ana gives is hers to give"
    talk(table, 3_000, "Ana")
    talk(table, 30_000, "Ana", "Carla")
    assert sum(isinstance(o, Intrusion) for o in table.log) + table.kinds().count("floor.protect") >= 1


def test_a_no_is_said_on_to_the_one_who_talks() -> None:
    table = room(3)
    talk(table, 4_000, "Ana")
    talk(table, 11_000, "Carla")
    table.until("floor.may_go_on", 5_000)
    table.press("no")
    assert "Carla, your turn will come" in table.until("floor.protect", 10_000).text


def test_what_is_given_back_has_an_end_and_it_is_said() -> None:
    table = room(2, minutes=2)
    for _ in range(40):
        if floors(table) != ["Ana"] or any(isinstance(o, FloorReleased) for o in table.log):
            break
        cut_in_steadily(table, "Ana", "Ben", 1, apart_ms=6_000)
        if table.discussion.snapshot().paused:
            table.press("go-on")
            table.over()
        if table.discussion.snapshot().choices:
            table.press("no")
    back_ms = sum(o.added_ms for o in table.log if isinstance(o, FloorExtended) and o.reason == "repaid")
    assert back_ms == 40_000, "a third of two minutes"
    told = [o for o in table.log if isinstance(o, Say | Show) and "given back forty seconds" in o.text]
    assert len(told) == 1


@pytest.mark.parametrize("people", [2, 3, 4])
def test_the_last_to_speak_is_protected_like_the_first(people: int) -> None:
    played = play(people, "five-minutes-each", "cut-ins", minutes=3, until_ms=7_200_000)
    minutes, sentences = dict.fromkeys(NAMES[:people], 0.0), dict.fromkeys(NAMES[:people], 0)
    for released in played.of(FloorReleased):
        minutes[released.person] += released.used_ms / 60_000
        within = [s for s in played.of(Say) if released.start_ms <= s.at_ms <= released.at_ms]
        sentences[released.person] += sum(s.prompt_kind in PROTECTING for s in within)
    rates = [sentences[person] / minutes[person] for person in minutes]
    assert min(sentences.values()) >= 2
    assert max(rates) - min(rates) <= 0.5, (sentences, minutes)
    assert max(sentences.values()) - min(sentences.values()) <= 1


def test_the_raised_hand_of_a_host_comes_first() -> None:
    table = Room(("Hanna", "Ana", "Ben"), "class-discussion", enrolled=("Hanna", "Ana", "Ben"), host="Hanna")
    for _ in range(2):
        table.until("floor.asked", 60_000)
        table.wait(500)
        table.press("pass")
    table.until("own", 60_000)
    talk(table, 5_000, "Ana")
    for seat in (3, 1):
        table.press("hand", value=seat)
    talk(table, 500)
    assert table.until("talk.called", 20_000).person == "Hanna"
