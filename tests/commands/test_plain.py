"""The plain lines: one for each thing that happens, at once, and a program can follow them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pytest

from facilitator.core import events as e
from facilitator.core.events import KINDS, Record
from facilitator.terminal.plain import PlainScreen


def lines(*records: Record) -> list[str]:
    out = io.StringIO()
    screen = PlainScreen(out)
    screen.write(records)
    screen.close()
    return out.getvalue().splitlines()


SAY = e.Say(at_ms=41_900, prompt=3, prompt_kind="floor.granted", text="Ana, you have the floor.", person="Ana")


def test_a_prompt_is_told_when_it_begins_and_when_it_is_over() -> None:
    assert lines(
        SAY,
        e.PromptStarted(at_ms=42_000, prompt=3, start_ms=42_000),
        e.PromptEnded(at_ms=44_500, prompt=3, start_ms=42_000, end_ms=44_400, how="spoken"),
    ) == ['00:42  says: "Ana, you have the floor."', '00:44  said: "Ana, you have the floor."']


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (e.FloorGranted(at_ms=43_000, person="Ana", round=1, limit_ms=120_000, protected=True), "floor: Ana (2:00)"),
        (e.FloorGranted(at_ms=43_000, person="Ana", round=1, limit_ms=None, protected=False), "floor: Ana"),
        (e.CutIn(at_ms=43_000, kind="cut-in", by="Ben", over="Ana", start_ms=1, end_ms=2), "cut-in: Ben over Ana"),
        (e.CutIn(at_ms=43_000, kind="attempt", by="Ben", over="Ana", start_ms=1, end_ms=2), "attempt: Ben over Ana"),
        (
            e.FloorReleased(at_ms=43_000, person="Ana", reason="done", start_ms=1, used_ms=12_000),
            "floor ends: Ana after 0:12 (done)",
        ),
        (e.Consented(at_ms=43_000, person="李", heard=False), "consent: 李 is not listened to"),
        (e.Trouble(at_ms=43_000, kind="x", message="No sound."), "trouble: No sound."),
        (e.SessionEnded(at_ms=43_000, reason="done"), "end: done"),
    ],
)
def test_lines(record: Record, line: str) -> None:
    assert lines(record) == [f"00:43  {line}"]


def test_nothing_is_said_twice() -> None:
    quiet = [e.EnrolmentHeard(at_ms=i, person="Ana", speech_ms=i, problem="quiet") for i in range(5)]
    trouble = [e.Trouble(at_ms=i, kind="x", message="No sound.") for i in range(5)]
    assert lines(*quiet, *trouble) == ["00:00  listens: Ana (too quiet)", "00:00  trouble: No sound."]


def test_facts_that_come_all_the_time_make_no_lines() -> None:
    assert (
        lines(
            e.Tick(at_ms=1),
            e.Activity(at_ms=1, speaking=True, start_ms=0),
            e.Heard(at_ms=1, start_ms=0, end_ms=1, people=("Ana",)),
            e.Spoke(at_ms=1, start_ms=0, end_ms=1, people=("Ana",)),
            e.EnrolmentHeard(at_ms=1, person="Ana", speech_ms=1),
            SAY,
        )
        == []
    )


EXAMPLES = {
    "str": "Ana", "int": 1000, "bool": True, "float": 0.5, "tuple[str, ...]": (), "int | None": None,
    "str | None": None, "CommandName": "next", "ChimeName": "start", "HowEnded": "spoken",
    "EnrolmentProblem | None": "noisy", "ReleaseReason": "done",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_record_is_understood(kind: str) -> None:
    """No record brings the screen down, and none takes more than one line."""
    cls = KINDS[kind]
    hints = {
        name: str(hint)
        for base in reversed(cls.__mro__)
        for name, hint in vars(base).get("__annotations__", {}).items()
    }
    fields = {
        name: hint.split("'")[1] if hint.startswith("Literal") else hint
        for name, hint in ((n, h.replace('"', "'")) for n, h in hints.items())
        if not hint.startswith("ClassVar")
    }
    values: dict[str, Any] = {name: EXAMPLES.get(hint, hint) for name, hint in fields.items()}
    assert len(lines(cls(**values))) <= 1


class Flushes(io.StringIO):
    flushed = 0

    def flush(self) -> None:
        self.flushed += 1


def test_each_line_is_flushed() -> None:
    out = Flushes()
    PlainScreen(out).write([e.Paused(at_ms=0), e.Continued(at_ms=1)])
    assert out.flushed >= 2


class Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_reader_that_leaves_does_not_end_the_discussion() -> None:
    screen = PlainScreen(Gone())
    screen.write([e.Paused(at_ms=0)])
    screen.write([e.Continued(at_ms=1)])


def test_names_survive_a_terminal_without_unicode() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    records: Sequence[Record] = [e.Invited(at_ms=0, person="Zoë")]
    PlainScreen(out).write(records)
    assert raw.getvalue() == b"00:00  invites: Zo\\xeb\n"
