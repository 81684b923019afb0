"""The script of a scripted table: `script.toml` beside its sound clips.

    title = "Three people and a picnic"
    language = "en"                 # these four are what the session is started with
    format = "round-robin"          # or a file in this folder
    minutes = 0.5                   # this and the next: else as the format has it
    rounds = 1
    people = ["Ana", "Ben", "Carla"]
    late = ["Dora"]                 # who has clips, and no seat yet
    noise_db = -60                  # room noise: RMS in dB of full scale
    seed = 1                        # of the noise
    ends_after_s = 300              # the recording is over then, if the session is not

    [words]                         # what the clips say, for those who do not hear it
    "ana-0.flac" = "My name is Ana."

    [[cue]]
    on = "listen"                   # the opening circle listens to this person
    person = "Ana"
    play = [{ clip = "ana-0.flac" }]

    [[cue]]
    on = "floor"                    # this person gets the floor
    person = "Ana"
    play = [
      { clip = "ana-1.flac" },
      { clip = "ana-2.flac", after_ms = 600 },                # this long after the clip before
      { clip = "ben-3.flac", person = "Ben", at_ms = 4000 },  # this long after the cue began: may overlap
    ]
    then = "next"                   # a command, `then_after_ms` after the last clip of the row
    then_person = "Dora"            # whom it is about, where that is somebody else

A cue waits for one thing, `on`:

    listen   the opening circle listens to `person`
    floor    `person` gets the floor (or anybody, without `person`)
    prompt   a prompt has ended whose kind is `what` (a phrase's key in the language file), about `person` if given
    stage    a stage begins whose kind or name is `what`

Each cue is used once, in the order of the file: the second `floor` cue of Ana is her second turn. With
`again = true` it is used every time. Once due, a cue begins when the program has been silent for
`wait_ms` (700); nobody here talks over the facilitator. What is left of a turn when the floor is taken
away is not said. `then` is any command of `core.events`, with its `value` (the key) or its `text`;
`then_after_ms` is 600. With `or_after_ms` a cue begins so long after the one before it in the file has been
played, even where what it waits for has not come: a busy computer may hear too badly to invite anybody.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np

from facilitator.backends.audio.resampling import resampled
from facilitator.core.events import COMMANDS
from facilitator.demo.scripted_table import Cue, CueOn, Play, Script
from facilitator.errors import AudioError, PromptsError
from facilitator.hearing.signal.audio import RATE, Samples

_SCRIPT_KEYS = {
    "title", "language", "format", "minutes", "rounds", "people", "noise_db", "seed", "ends_after_s", "words", "cue",
    "late",
}  # fmt: skip
_CUE_KEYS = {
    "on", "person", "what", "play", "then", "then_person", "value", "text", "then_after_ms", "wait_ms", "again",
    "or_after_ms",
}  # fmt: skip
_PLAY_KEYS = {"clip", "person", "after_ms", "at_ms"}


def bundled() -> Path:
    """The folder of the demonstration that comes with the program."""
    return Path(__file__).parent


def load_script(folder: Path) -> Script:
    """Reads `folder`/script.toml and its clips. Raises PromptsError with everything that is wrong with it."""
    path = folder / "script.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AudioError(f"There is no script to play in {folder}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PromptsError(str(path), (str(error),)) from error
    problems: list[str] = []
    script = _script(raw, folder, problems)
    if problems or script is None:
        raise PromptsError(str(path), tuple(problems))
    return script


def read_clip(path: Path) -> Samples:
    """The clip as mono samples at 16 kHz. Raises AudioError when it cannot be read."""
    import soundfile  # noqa: PLC0415

    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise AudioError(f"The clip {path.name} cannot be read: {error}") from error
    mono = resampled(samples.mean(axis=1, dtype=np.float32), rate, RATE)
    return np.ascontiguousarray(mono, dtype=np.float32)


def _script(raw: Mapping[str, Any], folder: Path, problems: list[str]) -> Script | None:
    problems += [f"“{key}” means nothing here" for key in raw if key not in _SCRIPT_KEYS]
    people = raw.get("people")
    if not isinstance(people, list) or not people or not all(isinstance(p, str) for p in people):
        problems.append("“people” has to be a list of names")
        people = []
    cues = []
    for number, cue in enumerate(raw.get("cue", []), start=1):
        before = len(problems)
        cues.append(_cue(cue, [*people, *raw.get("late", [])], problems))
        problems[before:] = [f"cue {number}: {problem}" for problem in problems[before:]]
    clips: dict[str, Samples] = {}
    for name in sorted({play.clip for cue in cues if cue is not None for play in cue.play}):
        try:
            clips[name] = read_clip(folder / name)
        except AudioError as error:
            problems.append(error.message)
    numbers: dict[str, float] = {"noise_db": -60.0, "seed": 1, "ends_after_s": 600.0}
    for key, default in numbers.items():
        value = raw.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            problems.append(f"“{key}” has to be a number")
        else:
            numbers[key] = value
    if problems:
        return None
    return Script(
        title=str(raw.get("title", folder.name)),
        language=str(raw.get("language", "en")),
        format=str(folder / form if (form := str(raw.get("format", "round-robin"))).endswith(".toml") else form),
        minutes=raw.get("minutes"),
        rounds=raw.get("rounds"),
        people=tuple(people),
        noise_db=float(numbers["noise_db"]),
        seed=int(numbers["seed"]),
        ends_after_s=float(numbers["ends_after_s"]),
        cues=tuple(cue for cue in cues if cue is not None),
        clips=clips,
        words={str(clip): str(said) for clip, said in raw.get("words", {}).items()},
    )


def _cue(raw: Mapping[str, Any], people: list[str], problems: list[str]) -> Cue | None:
    before = len(problems)
    problems += [f"“{key}” means nothing here" for key in raw if key not in _CUE_KEYS]
    person = raw.get("person")
    if raw.get("on") not in get_args(CueOn):
        problems.append(f"“on” has to be one of {', '.join(get_args(CueOn))}")
    if raw.get("on") in ("prompt", "stage") and not isinstance(raw.get("what"), str):
        problems.append("“what” has to say which prompt or stage")
    problems += [
        f"“{one}” is not at this table"
        for one in (person, raw.get("then_person"))
        if one is not None and one not in people
    ]
    if raw.get("then") is not None and raw["then"] not in COMMANDS:
        problems.append(f"“then” has to be one of {', '.join(COMMANDS)}")
    times = {"then_after_ms": 600, "wait_ms": 700}
    for key, default in times.items():
        times[key] = _milliseconds(raw, key, default, problems)
    or_after_ms = _milliseconds(raw, "or_after_ms", 0, problems) if "or_after_ms" in raw else None
    play: list[Play] = []
    for item in raw.get("play", []):
        problems += [f"“{key}” means nothing in “play”" for key in item if key not in _PLAY_KEYS]
        who = item.get("person", person)
        if who not in people:
            problems.append(f"a clip needs a “person” of this table, not “{who}”")
        at_ms = _milliseconds(item, "at_ms", 0, problems) if "at_ms" in item else None
        after_ms = _milliseconds(item, "after_ms", 500 if play else 0, problems)
        play.append(Play(clip=str(item.get("clip")), person=str(who), after_ms=after_ms, at_ms=at_ms))
    if len(problems) > before:
        return None
    return Cue(
        on=raw["on"],
        person=person,
        what=raw.get("what"),
        play=tuple(play),
        then=raw.get("then"),
        then_person=raw.get("then_person", person),
        value=raw.get("value"),
        text=str(raw.get("text", "")),
        again=bool(raw.get("again", False)),
        or_after_ms=or_after_ms,
        **times,
    )


def _milliseconds(raw: Mapping[str, Any], key: str, default: int, problems: list[str]) -> int:
    value = raw.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        problems.append(f"“{key}” has to be a whole number of milliseconds")
        return default
    return value
