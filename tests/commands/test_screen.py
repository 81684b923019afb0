"""The live screen: what each moment looks like, at many sizes, and how rarely it is drawn."""

from __future__ import annotations

import dataclasses
import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from facilitator.core.airtime_display import AIRTIMES, AirtimeDisplay, AirtimeRule
from facilitator.core.events import COMMANDS, CommandName
from facilitator.core.language.choices import Choice
from facilitator.core.snapshot import PersonView, Snapshot
from facilitator.core.text import clock, left, length
from facilitator.resources.prompts import parsed_language
from facilitator.terminal import bigtext
from facilitator.terminal.keys import Typing
from facilitator.terminal.screen import LiveScreen
from facilitator.terminal.view import ASCII, SIGNS, lay_out
from tests.support.texts import ENGLISH

SHOWN = AirtimeRule(now="shown", aims={})


def person(name: str, airtime_ms: int = 0, share: float = 0.0, made: int = 0, got: int = 0) -> PersonView:
    return PersonView(
        name=name,
        heard=True,
        enrolled_share=1.0,
        airtime_ms=airtime_ms,
        share=share,
        cut_ins_made=made,
        cut_ins_received=got,
    )


TURN = Snapshot(
    at_ms=754_000,
    stage="Turns",
    stage_kind="turns",
    round=1,
    rounds=2,
    floor="Ana",
    floor_used_ms=28_000,
    floor_left_ms=272_000,
    next_person="Ben",
    speaking=("Ana",),
    guest_speaking=False,
    someone_speaking=True,
    own_voice=False,
    people=(person("Ana", 132_000, 0.54, 1, 2), person("Ben", 61_000, 0.25, 2, 1), person("Carla", 51_000, 0.21)),
    last_said="Ana, you have the floor for five minutes.",
    paused=False,
    quiet=False,
    commands=("next", "pass", "more-time", "pause", "repeat", "quiet", "finish"),
    trouble=None,
    ended=False,
)


def page(snapshot: Snapshot, width: int = 80, height: int = 24) -> str:
    return "\n".join(line.plain for line in lay_out(snapshot, SHOWN, ENGLISH, width, height))


def row_of(name: str, text: str) -> str:
    return next(line for line in text.splitlines() if f" {name} " in line and "%" in line)


def test_a_turn_shows_everything_that_is_asked_of_it() -> None:
    text = page(TURN)
    assert "Turns · round 1 of 2" in text
    assert "12:34" in text
    assert "has the floor · ● speaking now · next: Ben" in text
    assert "time left" in text
    assert "“Ana, you have the floor for five minutes.”" in text
    assert row_of("Ana", text).split()[-5:] == ["2:12", "54", "%", "1", "2"]
    assert row_of("Ben", text).split()[-5:] == ["1:01", "25", "%", "2", "1"]
    assert row_of("Ana", text).lstrip().startswith("▶●")
    for words in ("space Next", "s Pass", "+ More time", "p Pause", "r Repeat", "m Quiet", "q Finish"):
        assert words in text


def test_nothing_is_said_of_who_speaks_where_nobody_is_listened_to() -> None:
    quiet = replace(TURN, speaking=(), someone_speaking=False)
    assert "Nobody is speaking" in page(quiet)
    unheard = replace(quiet, people=tuple(replace(one, heard=False, declined=True) for one in quiet.people))
    assert "Nobody is speaking" not in page(unheard)
    assert "Nobody is speaking" in page(replace(quiet, floor=None, people=())), "their voices are still to be found"


def test_a_question_shows_its_answers_and_their_keys() -> None:
    choices = (Choice(value=1, key="y", label="yes"), Choice(value=0, key="n", label="no"))
    asked = dataclasses.replace(TURN, floor=None, choices=choices, commands=("pass", "finish"))
    assert "y yes / n no" in page(asked)


def test_a_number_is_its_own_key_and_who_is_asked_has_no_time() -> None:
    choices = tuple(Choice(value=n, key=str(n), label=str(n)) for n in range(1, 6))
    text = page(replace(TURN, stage_kind="rate", floor="Ben", choices=choices))
    assert "1 / 2 / 3 / 4 / 5" in text
    assert "is asked" in text and "time left" not in text and "has the floor" not in text


def test_who_raised_a_hand_and_what_is_being_typed_is_shown() -> None:
    text = page(dataclasses.replace(TURN, queue=("Ben", "Carla")))
    assert "Would like to speak: Ben, Carla" in text
    lines = lay_out(TURN, SHOWN, ENGLISH, 80, 24, typed=("note", "Ben cooks on Fri"))
    assert any("note: Ben cooks on Fri_" in line.plain for line in lines)
    assert len(lines) == 24


def test_name_and_time_are_large() -> None:
    text = page(TURN)
    columns = bigtext.columns_of("Ana")
    assert columns is not None
    for line in bigtext.draw(columns, large=False):
        assert line.rstrip() in text
    large = bigtext.draw(bigtext.columns_of("4:32") or b"", large=True)
    assert all(line.rstrip() in page(TURN, 120, 40) for line in large)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (200, 60), (100, 24), (60, 20), (40, 12), (20, 6)])
def test_every_state_fits(width: int, height: int) -> None:
    many = tuple(person(f"Person {i}", 1000, 0.1) for i in range(12))
    states = [
        TURN,
        replace(TURN, people=many),
        replace(TURN, last_said="many words " * 60, trouble="trouble " * 60),
        replace(TURN, last_said="王小明，您有五分钟的发言时间。" * 9),
        replace(TURN, floor="Владимир Константинопольский", next_person="x" * 300),
        replace(TURN, floor=None, floor_left_ms=None, speaking=("Ana", "Ben", "Carla")),
        replace(TURN, floor_left_ms=-3_600_000 * 30),
        replace(TURN, people=(), commands=()),
    ]
    for state in states:
        for signs in (SIGNS, ASCII):
            lines = lay_out(state, SHOWN, ENGLISH, width, height, signs)
            assert len(lines) == height
            assert max(line.cell_len for line in lines) <= width


def test_what_matters_is_there_at_80_by_24_with_twelve_people() -> None:
    names = [f"Person {i}" for i in range(12)]
    text = page(replace(TURN, people=tuple(person(n, 1000, 1 / 12) for n in names), trouble="The microphone is gone."))
    assert all(name in text for name in names)
    assert "! The microphone is gone." in text
    assert "q Finish" in text


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1), min_size=1, max_size=12),
    width=st.integers(10, 160),
    height=st.integers(3, 60),
    left_ms=st.one_of(st.none(), st.integers(-10_000_000, 10_000_000)),
    share=st.floats(0, 1),
    commands=st.lists(st.sampled_from(COMMANDS), unique=True),
)
def test_never_larger_than_the_terminal(
    names: list[str], width: int, height: int, left_ms: int | None, share: float, commands: list[CommandName]
) -> None:
    people = tuple(person(n, 5_000, share) for n in names)
    state = replace(TURN, people=people, floor=names[0], floor_left_ms=left_ms, commands=tuple(commands))
    lines = lay_out(state, SHOWN, ENGLISH, width, height)
    assert len(lines) == height
    assert all(line.cell_len <= width for line in lines)


def test_wide_letters_line_up() -> None:
    state = replace(TURN, people=(person("王小明", 1000, 0.5), person("Zoë", 1000, 0.5)))
    rows = [line for line in page(state).splitlines() if "50 %" in line]
    assert len({cell_len(row[: row.index("50 %")]) for row in rows}) == 1


def test_a_name_without_large_letters_is_written_as_it_is() -> None:
    assert "王小明" in page(replace(TURN, floor="王小明", people=()))


def test_names_with_marks_have_large_letters() -> None:
    for name in ("Zoë", "José", "Chloé", "Élodie", "Łukasz"[1:], "François", "Jörg", "Núria"):
        assert bigtext.columns_of(name) is not None, name
    assert bigtext.columns_of("Zoë") != bigtext.columns_of("Zoe")
    assert bigtext.columns_of("محمد") is None


def test_every_state_is_told_in_words() -> None:
    assert "Ana and Ben are speaking" in page(replace(TURN, speaking=("Ana", "Ben")))
    assert "Ben is speaking" in page(replace(TURN, speaking=("Ben",)))
    assert "a guest is speaking" in page(replace(TURN, speaking=(), guest_speaking=True))
    assert "Somebody is speaking" in page(replace(TURN, speaking=()))
    assert "Nobody is speaking" in page(replace(TURN, speaking=(), someone_speaking=False))
    assert "The facilitator is speaking" in page(replace(TURN, own_voice=True))
    assert "time is up" in page(replace(TURN, floor_left_ms=-2_000))
    assert "time left" in page(replace(TURN, floor_left_ms=59_000))
    assert "The time stands still." in page(replace(TURN, paused=True))
    assert "p Go on" in page(replace(TURN, paused=True, commands=("go-on", "finish")))
    assert "Quiet: nothing is said unasked" in page(replace(TURN, quiet=True))
    assert "m Speak again" in page(replace(TURN, quiet=True))
    assert "not listened to" in page(replace(TURN, people=(replace(TURN.people[0], heard=False),)))


def test_the_opening_circle_shows_how_much_is_heard() -> None:
    ben = replace(TURN.people[1], heard=False, enrolled_share=0.45)
    state = replace(TURN, stage_kind="opening", floor="Ben", floor_left_ms=None, people=(TURN.people[0], ben))
    text = page(state)
    assert "45 %" in text
    assert "known" in text
    assert "say a few sentences, please" in text
    learning = page(replace(state, speaking=(), guest_speaking=True))
    assert "Somebody is speaking" in learning
    assert "guest" not in learning


def test_in_the_opening_circle_nobody_who_is_not_listened_to_has_a_measure() -> None:
    ana = replace(TURN.people[0], heard=False, declined=True)
    ben = replace(TURN.people[1], heard=False, enrolled_share=0.0)
    state = replace(TURN, stage_kind="opening", floor="Ben", floor_left_ms=None, people=(ana, ben))
    lines = [line.plain for line in lay_out(state, SHOWN, ENGLISH, 80, 24)]
    (refused,) = [line for line in lines if "Ana" in line and "not listened to" in line]
    assert "%" not in refused
    assert SIGNS.empty not in refused
    assert any("Ben" in line and "0 %" in line for line in lines)
    by_the_clock = replace(state, people=(ana, replace(ben, declined=True)))
    shown = "\n".join(line.plain for line in lay_out(by_the_clock, SHOWN, ENGLISH, 80, 24))
    assert ENGLISH("terminal.voice_learned") not in shown
    assert "%" not in shown


def test_colour_is_never_the_only_signal() -> None:
    """Without any colour, two states that differ look different."""
    states = [TURN, replace(TURN, speaking=()), replace(TURN, floor_left_ms=-1), replace(TURN, floor="Ben")]
    assert len({page(state) for state in states}) == len(states)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def screen_on(out: io.StringIO, clock: Clock, **options: object) -> LiveScreen:
    console = Console(file=out, force_terminal=True, width=80, height=24, legacy_windows=False, **options)  # type: ignore[arg-type]
    return LiveScreen(SHOWN, ENGLISH, console, clock)


def test_draws_at_most_eight_times_a_second_and_only_changes() -> None:
    out, tick = io.StringIO(), Clock()
    screen = screen_on(out, tick)
    drawn = 0
    for i in range(100):
        tick.now = i / 100
        before = len(out.getvalue())
        screen.show(replace(TURN, at_ms=i * 1000))
        drawn += len(out.getvalue()) > before
    assert 2 <= drawn <= 8
    tick.now = 5.0
    screen.show(replace(TURN, at_ms=99_000))
    shown = out.getvalue()
    tick.now = 6.0
    screen.show(replace(TURN, at_ms=99_000))
    assert out.getvalue() == shown
    screen.close()


def test_gives_the_terminal_back() -> None:
    out = io.StringIO()
    screen = screen_on(out, Clock())
    screen.show(TURN)
    assert "\x1b[?1049h" in out.getvalue()
    screen.close()
    screen.close()
    assert out.getvalue().count("\x1b[?1049l") == 1
    assert out.getvalue().rindex("\x1b[?7h") > out.getvalue().rindex("\x1b[?7l")
    assert out.getvalue().rindex("\x1b[?25h") > out.getvalue().rindex("\x1b[?25l"), "the cursor stays hidden"


def test_comes_back_after_a_stop() -> None:
    out = io.StringIO()
    screen = screen_on(out, Clock())
    screen.show(TURN)
    screen.suspend()
    stopped = len(out.getvalue())
    screen.resume()
    assert "has the floor" in out.getvalue()[stopped:]
    screen.close()


def test_no_colour_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    out = io.StringIO()
    screen = screen_on(out, Clock(), color_system="standard")
    screen.show(TURN)
    screen.close()
    assert "\x1b[32m" not in out.getvalue()
    assert "\x1b[36m" not in out.getvalue()
    assert "has the floor" in out.getvalue()


@pytest.mark.parametrize(
    ("ms", "shown"), [(0, "00:00"), (42_900, "00:42"), (3_665_000, "1:01:05"), (-5, "00:00"), (3_599_999, "59:59")]
)
def test_clock(ms: int, shown: str) -> None:
    assert clock(ms) == shown


@pytest.mark.parametrize(
    ("ms", "shown"), [(1, "0:01"), (60_000, "1:00"), (60_001, "1:01"), (0, "0:00"), (-999, "0:00"), (-1000, "+0:01")]
)
def test_countdown(ms: int, shown: str) -> None:
    assert left(ms) == shown


def test_length() -> None:
    assert [length(ms) for ms in (0, 7_499, 7_500, 120_000, 3_665_000)] == ["0:00", "0:07", "0:08", "2:00", "1:01:05"]


@pytest.mark.parametrize("size", [(80, 24), (40, 24), (60, 20)])
@pytest.mark.parametrize("code", ["en", "de", "fr", "es", "it", "pt"])
@pytest.mark.parametrize("key", ["greeting", "greeting_by_hand", "greeting_kept_by_hand", "may_i_by_hand"])
def test_what_is_asked_of_people_is_there_whole(size: tuple[int, int], code: str, key: str) -> None:
    """The sentence of consent, in every language, beside the keys and three people."""
    prompts = Path(__file__).parents[2] / "prompts" / "languages"
    language = parsed_language(prompts / f"{code}.toml")
    said = language.phrase(f"opening.{key}", names="Ana, Ben, Carla", name="Ana")
    commands: tuple[CommandName, ...] = ("next", "decline", "pause", "repeat", "quiet", "finish")
    moment = replace(
        replace(TURN, stage_kind="opening", round=None, rounds=None, floor_left_ms=None),
        last_said=said,
        commands=commands,
    )
    lines = [line.plain.strip() for line in lay_out(moment, SHOWN, ENGLISH, *size)]
    assert "".join(said.split()) in "".join("".join(lines).split()), "\n".join(lines)


def displayed(now: AirtimeDisplay, **changes: object) -> str:
    rule = AirtimeRule(now=now, aims={"Ana": 1.0, "Ben": 1.0, "Carla": 1.0})
    return "\n".join(line.plain for line in lay_out(replace(TURN, **changes), rule, ENGLISH, 80, 24))  # type: ignore[arg-type]


def test_the_airtime_is_shown_as_on_the_page() -> None:
    hidden = displayed("hidden")
    assert "%" not in hidden and "█" not in hidden.split("Ben")[-1] and "2:12" not in hidden
    assert "v Airtime: hidden" in hidden
    hints = displayed("hints")
    assert "%" not in hints and "little so far" not in hints and "2:12" not in hints
    less = replace(TURN.people[2], share=0.05)
    assert "little so far" in displayed("hints", people=(*TURN.people[:2], less))
    assert "54 %" in displayed("shown")


def test_nobody_reads_their_share_off_while_they_guess_it() -> None:
    for now in AIRTIMES:
        assert "%" not in displayed(now, stage_kind="rate")


def test_v_changes_it_and_tells_the_discussion_nothing() -> None:
    rule = AirtimeRule(now="hidden", aims={})
    typing = Typing(rule.turn)
    assert typing.feed("vV", 0) == []
    assert rule.now == "shown"
    assert typing.feed("av", 0) == [] and typing.text == "v"


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_what_happens_is_told_whole_at_every_width(width: int) -> None:
    """Nothing is cut that has a line to go on in."""
    text = " ".join(page(replace(TURN, speaking=("Ana", "Carla")), width, 24).split())
    for words in ("has the floor", "Ana and Carla are speaking", "next: Ben", "time left"):
        assert words in text, text


def test_what_recorded_people_say_is_there_to_read_while_the_facilitator_is_silent() -> None:
    def told(snapshot: Snapshot) -> str:
        return "\n".join(line.plain for line in lay_out(snapshot, SHOWN, ENGLISH, 60, 24, caption="Tom: “Six?”"))

    assert "Tom: “Six?”" in told(TURN) and TURN.last_said not in told(TURN)
    assert "Six?" not in told(replace(TURN, own_voice=True))
