"""The scripted table answers what the program does, at exactly known samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from facilitator.core import events as e
from facilitator.core.events import Command
from facilitator.demo.script import load_script
from facilitator.demo.scripted_table import BLOCK, Played, ScriptedTable
from facilitator.errors import FacilitatorError, PromptsError
from facilitator.hearing.signal.audio import RATE, Samples

SCRIPT = """
people = ["Ana", "Ben"]
noise_db = -60
ends_after_s = 30

[[cue]]
on = "listen"
person = "Ana"
play = [{ clip = "one.wav" }]

[[cue]]
on = "floor"
person = "Ana"
play = [
  { clip = "one.wav" },
  { clip = "two.wav", person = "Ben", at_ms = 400 },
  { clip = "two.wav", after_ms = 300 },
]
then = "next"
then_after_ms = 500

[[cue]]
on = "floor"
person = "Ana"
play = [{ clip = "two.wav" }]

[[cue]]
on = "prompt"
what = "floor.check"
person = "Ben"
then = "next"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two clips: 1 s of 0.25 and 0.5 s of 0.5, so that what is heard tells which clips sound."""
    soundfile.write(tmp_path / "one.wav", np.full(RATE, 0.25), RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "two.wav", np.full(RATE // 2, 0.5), RATE, subtype="FLOAT")
    (tmp_path / "script.toml").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def table(folder: Path) -> ScriptedTable:
    return ScriptedTable(load_script(folder), paced=False)


def run(table: ScriptedTable, seconds: float) -> Samples:
    blocks = []
    for _ in range(round(seconds * RATE / BLOCK)):
        block = table.read(0.05)
        assert block is not None
        assert block.samples.shape == (BLOCK, 1) and block.samples.dtype == np.float32
        blocks.append(block.mono())
    return np.concatenate(blocks)


def grant(person: str = "Ana") -> e.FloorGranted:
    return e.FloorGranted(at_ms=0, person=person, round=1, limit_ms=30_000, protected=True)


def say(prompt: int, kind: str = "floor.granted", person: str | None = "Ana") -> e.Say:
    return e.Say(at_ms=0, prompt=prompt, prompt_kind=kind, text="...", person=person)


def ended(prompt: int) -> e.PromptEnded:
    return e.PromptEnded(at_ms=0, prompt=prompt, start_ms=0, end_ms=0, how="spoken")


def test_a_voice_sample_when_it_is_listened_to(table: ScriptedTable) -> None:
    before = run(table, 1)
    table.write([e.Listen(at_ms=1000, person="Ana")])
    after = run(table, 3)
    (played,) = table.played
    assert played.person == "Ana"
    assert played.end_sample - played.first_sample == RATE
    assert RATE + 0.7 * RATE <= played.first_sample <= RATE + 0.8 * RATE
    assert np.abs(before).max() < 0.02
    heard = np.concatenate([before, after])
    loud = np.flatnonzero(heard > 0.2)
    assert (loud[0], loud[-1] + 1) == (played.first_sample, played.end_sample)


def test_what_does_not_come_is_not_waited_for_for_ever(folder: Path) -> None:
    file = folder / "script.toml"
    file.write_text(SCRIPT + "or_after_ms = 2000\n" + 'play = [{ clip = "one.wav" }]\n')
    table = ScriptedTable(load_script(folder), paced=False)
    run(table, 3)
    assert not table.played, "nothing before it has been played"
    table.write([grant()])
    run(table, 4)
    table.write([grant()])
    run(table, 5)
    last = table.played[-1]
    assert (last.person, last.clip) == ("Ben", "one.wav")
    assert table.played[-2].end_sample + 2.7 * RATE <= last.first_sample <= table.played[-2].end_sample + 2.9 * RATE
    table.write([say(1, "floor.check", "Ben"), ended(1)])
    count = len(table.played)
    run(table, 2)
    assert len(table.played) == count, "and it comes once"


@pytest.mark.parametrize(("turns", "before_s"), [(1, 0.1), (1, 1.0), (1, 3.0), (2, 0.1), (2, 2.0)])
def test_with_a_stage_ends_what_belongs_to_it(folder: Path, turns: int, before_s: float) -> None:
    """Who ends the talk early hears whoever is speaking out, and nobody after that: not what waits for the program,
    not what was to follow, not what comes by itself, and no key is pressed."""
    file = folder / "script.toml"
    overdue = 'or_after_ms = 2000\nplay = [{ clip = "one.wav" }]\n'
    file.write_text(
        SCRIPT + overdue + '[[cue]]\non = "stage"\nwhat = "closing"\nplay = [{ clip = "two.wav", person = "Ben" }]\n'
    )
    table = ScriptedTable(load_script(folder), paced=False)
    for _ in range(turns - 1):
        table.write([grant()])
        run(table, 4)
    table.poll(0)
    table.write([grant()])
    run(table, before_s)
    now_sample = round((4 * (turns - 1) + before_s) * RATE)
    begun = [one for one in table.played if one.first_sample < now_sample]
    table.write([e.StageStarted(at_ms=0, stage="Closing", kind="closing")])
    run(table, 8)
    *before, last = table.played
    assert before == begun
    assert (last.clip, last.first_sample >= now_sample) == ("two.wav", True), "what the next stage begins with is said"
    assert table.poll(0) == []


def test_never_digital_silence(table: ScriptedTable) -> None:
    noise = run(table, 3)
    assert 20 * np.log10(np.sqrt(np.mean(noise**2))) == pytest.approx(-60, abs=1)
    assert all(np.any(noise[i : i + 160] != 0) for i in range(0, len(noise), 160))


def test_waits_for_the_program_to_finish_speaking(table: ScriptedTable) -> None:
    table.write([grant(), say(1)])
    run(table, 2)
    assert table.played == []
    table.write([ended(1)])
    run(table, 0.6)
    assert table.played == []
    run(table, 0.4)
    assert len(table.played) == 3


def test_a_cut_in_overlaps_at_its_offset(table: ScriptedTable) -> None:
    table.write([grant()])
    heard = run(table, 4)
    one, cut_in, two = table.played
    assert cut_in.person == "Ben"
    assert cut_in.first_sample == one.first_sample + 0.4 * RATE
    assert two.first_sample == one.end_sample + 0.3 * RATE
    both = heard[cut_in.first_sample : cut_in.end_sample]
    assert both.mean() == pytest.approx(0.75, abs=0.01)


def test_the_done_key_after_the_last_clip(table: ScriptedTable) -> None:
    table.write([grant()])
    commands: list[tuple[Command, int]] = []
    while not commands:
        assert table.read(0) is not None
        commands = [(c, table.played[-1].end_sample) for c in table.poll(4321)]
    ((command, end),) = commands
    assert (command.name, command.person, command.at_ms, command.source) == ("next", "Ana", 4321, "key")
    assert table.poll(9999) == []
    again = ScriptedTable(load_script_of(table), paced=False)
    again.write([grant()])
    run(again, 0.8)
    asked_at = again.played[-1].end_sample + RATE // 2
    blocks = -(-asked_at // BLOCK) - 8
    run(again, (blocks - 1) * BLOCK / RATE)
    assert again.poll(0) == []
    run(again, BLOCK / RATE)
    assert [c.name for c in again.poll(0)] == ["next"]
    assert end > 0


def load_script_of(table: ScriptedTable):  # type: ignore[no-untyped-def]
    return table._script


def test_each_cue_once_in_the_order_of_the_script(table: ScriptedTable) -> None:
    table.write([grant()])
    run(table, 5)
    table.write([grant()])
    run(table, 2)
    table.write([grant()])
    run(table, 2)
    assert [p.clip for p in table.played] == ["one.wav", "two.wav", "two.wav", "two.wav"]


def test_what_is_left_of_a_turn_is_not_said(table: ScriptedTable) -> None:
    table.write([grant()])
    run(table, 1)
    table.write([e.FloorReleased(at_ms=1000, person="Ana", reason="time", start_ms=0, used_ms=1000)])
    heard = run(table, 4)
    assert [p.clip for p in table.played] == ["one.wav"]
    assert heard[-RATE:].max() < 0.02
    assert table.poll(0) == []


def test_an_answer_to_a_prompt(table: ScriptedTable) -> None:
    table.write([say(5, "floor.check", "Ana"), ended(5), say(6, "floor.check", "Ben"), ended(6)])
    run(table, 2)
    assert [(c.name, c.person) for c in table.poll(0)] == [("next", "Ben")]


def test_ends_with_the_session_and_at_the_latest_when_the_script_says(table: ScriptedTable, folder: Path) -> None:
    table.write([e.Finish(at_ms=0)])
    assert table.ended and table.read(0) is None
    other = ScriptedTable(load_script(folder), paced=False)
    run(other, 30)
    assert other.ended


def test_the_same_records_give_the_same_sound(folder: Path) -> None:
    def sound() -> tuple[bytes, list[Played]]:
        table = ScriptedTable(load_script(folder), paced=False)
        table.write([grant()])
        return run(table, 3).tobytes(), table.played

    assert sound() == sound()


def test_someone_can_listen_along(folder: Path) -> None:
    """Each clip is handed over once, when it begins."""
    script = load_script(folder)
    heard: list[Samples] = []
    table = ScriptedTable(script, paced=False, listen_along=lambda _, clip: heard.append(clip))
    table.write([grant()])
    run(table, 3)
    begun = sorted(table.played, key=lambda played: played.first_sample)
    assert heard
    assert [len(clip) for clip in heard] == [len(script.clips[p.clip]) for p in begun if p.first_sample < 3 * RATE]


def test_in_real_time_no_block_comes_early(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Time:
        now = 100.0

        def monotonic(self) -> float:
            return self.now

        def sleep(self, seconds: float) -> None:
            self.now += seconds

    clock = Time()
    monkeypatch.setattr("facilitator.demo.scripted_table.time", clock)
    table = ScriptedTable(load_script(folder), paced=True)
    assert table.live
    blocks = 0
    while clock.now < 102.0:
        block = table.read(0.03)
        blocks += block is not None
        if block is not None:
            assert clock.now >= 100.0 + block.end_sample / RATE - 1e-9
    assert blocks == pytest.approx(20, abs=1)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('on = "listen"', 'on = "sneeze"'), "cue 1: “on” has to be one of"),
        (('person = "Ben", at_ms', 'person = "Zoe", at_ms'), "cue 2: a clip needs a “person” of this table, not “Zoe”"),
        (("one.wav", "three.wav"), "three.wav"),
        (("at_ms = 400", 'at_ms = "soon"'), "“at_ms” has to be a whole number of milliseconds"),
        (('then = "next"', 'then = "sing"'), "“then” has to be one of next"),
        (('people = ["Ana", "Ben"]', 'folks = ["Ana"]'), "“people” has to be a list of names"),
        (("noise_db = -60", 'noise_db = "low"'), "“noise_db” has to be a number"),
        (("[[cue]]", "[[cue]"), "line"),
    ],
)
def test_a_script_with_a_mistake_says_where(folder: Path, change: tuple[str, str], problem: str) -> None:
    (folder / "script.toml").write_text(SCRIPT.replace(*change), encoding="utf-8")
    with pytest.raises(PromptsError) as caught:
        load_script(folder)
    assert problem in caught.value.message


def test_all_mistakes_at_once(folder: Path) -> None:
    (folder / "script.toml").write_text('mood = 1\npeople = ["Ana"]\n[[cue]]\non = 3\nvolume = 11\n', encoding="utf-8")
    with pytest.raises(PromptsError) as caught:
        load_script(folder)
    assert len(caught.value.problems) == 3


def test_no_script_there(tmp_path: Path) -> None:
    with pytest.raises(FacilitatorError, match="no script"):
        load_script(tmp_path)
