"""Looks at everything a discussion needs, and says what to do about what is not right.

Each check stands alone: whatever goes wrong inside one becomes its finding, and the others still run.
"""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import stat
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from facilitator.backends import cannot_load, open_words
from facilitator.backends.audio import portaudio
from facilitator.backends.audio.loudspeaker import Loudspeaker
from facilitator.backends.audio.microphone import Microphone
from facilitator.backends.voice.espeak_voice import EspeakVoice
from facilitator.backends.voice.pyttsx3_voice import Pyttsx3Voice
from facilitator.core.language.grammar import cannot_be_said, every_phrase
from facilitator.errors import FacilitatorError, PromptsError, StoreError, VoiceError
from facilitator.models import catalogue
from facilitator.page.networks import own_addresses
from facilitator.resources import paths, prompts
from facilitator.store import contents
from facilitator.system import devices, telemetry, word_models

CheckState = Literal["ok", "warn", "fail"]

OLDEST_PYTHON = (3, 11)
LISTEN_S = 2.0
ROOM_WANTED_BYTES = 100_000_000
ROOM_NEEDED_BYTES = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    name: str
    state: CheckState
    """`ok`; `warn`: the program runs, but not as well as it could; `fail`: it cannot do this at all."""
    what: str
    fix: str | None = None
    """What to do about it, in one sentence; None when there is nothing to do."""


def examine(*, db: Path, device: str | int | None = None, language: str = "en") -> list[Check]:
    """Look at everything; takes a few seconds, in two of which it listens. Never raises."""
    checks: list[tuple[str, Callable[[], Iterable[Check]]]] = [
        ("Python", check_python),
        ("PortAudio", check_portaudio),
        ("microphone", lambda: check_microphone(device)),
        ("loudspeaker", check_loudspeaker),
        ("voice", lambda: check_voice(language)),
        ("database", lambda: check_database(db)),
        ("prompts", check_prompts),
        ("models", lambda: check_models(language)),
        ("commands by voice", lambda: check_spoken(language)),
        ("sharing", check_sharing),
        ("privacy", check_left_behind),
    ]
    return [finding for name, check in checks for finding in _guarded(name, check)]


def exit_code(findings: Iterable[Check]) -> int:
    """1 when something fails, else 0."""
    return int(any(finding.state == "fail" for finding in findings))


def as_text(findings: Iterable[Check]) -> str:
    """One line a finding, with what to do below it."""
    rows = list(findings)
    words = {"ok": "ok", "warn": "note", "fail": "PROBLEM"}
    width = max((len(finding.name) for finding in rows), default=0)
    lines = []
    for finding in rows:
        lines.append(f"{words[finding.state]:8}{finding.name:{width}}  {finding.what}")
        if finding.fix:
            lines.append(f"{'':8}{'':{width}}  -> {finding.fix}")
    failing = sum(finding.state == "fail" for finding in rows)
    noted = sum(finding.state == "warn" for finding in rows)
    if failing:
        lines.append(f"\n{failing} {'thing' if failing == 1 else 'things'} to mend.")
    else:
        lines.append("\nReady to start." + (" What is noted above would make it better." if noted else ""))
    return "\n".join(lines)


def as_json(findings: Iterable[Check]) -> list[dict[str, Any]]:
    return [asdict(finding) for finding in findings]


# --- the checks ------------------------------------------------------------------------------------


def check_python() -> Iterator[Check]:
    what = f"{platform.python_version()}, {8 * struct.calcsize('P')}-bit, on {platform.system()} {platform.machine()}"
    if sys.version_info[:2] < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        yield _fail("Python", what, f"Install Python {wanted} or newer from https://www.python.org/downloads/.")
    elif struct.calcsize("P") < 8:
        yield _warn("Python", what, "Install a 64-bit Python: some packages exist for nothing else.")
    else:
        yield _ok("Python", what)


def check_sharing() -> Iterator[Check]:
    """A network is no need, so this is never a fault."""
    own = own_addresses()
    where = f"with --share on {own[0]}" if own else "--share would find no network"
    yield _ok("sharing", f"the page is this computer's own; {where}")


def check_left_behind() -> Iterator[Check]:
    """What native code of earlier versions wrote where this program writes nothing."""
    found = telemetry.left_behind()
    if found:
        where = f"{telemetry.WHAT}: {', '.join(map(str, found))}"
        yield _warn("privacy", where, "Type:  facilitator audit --tidy  (it asks before it deletes anything).")
    else:
        yield _ok("privacy", "no package has left anything behind")


def check_portaudio() -> Iterator[Check]:
    yield _ok("PortAudio", portaudio.load().get_portaudio_version()[1].split(",")[0])


def check_microphone(device: str | int | None = None) -> Iterator[Check]:
    name = str(portaudio.find(device, "input")["name"])
    microphone = Microphone(device)
    try:
        level = devices.measure_level(microphone, LISTEN_S)
        if level.verdict == "digital silence":  # after a little more of it the microphone says why
            devices.measure_level(microphone, LISTEN_S)
        trouble = microphone.trouble()
    finally:
        microphone.close()
    yield judge_microphone(name, level, trouble)


def judge_microphone(name: str, level: devices.Level, trouble: str | None = None) -> Check:
    """What this level, heard in a room in which perhaps nobody speaks, says about the microphone.
    `trouble` is what the microphone itself has to say."""
    heard = f"{name}: {level.rms_db:.0f} dB"
    match level.verdict:
        case "no sound":
            fix = trouble or "Unplug it and plug it in again, or choose another one with --device."
            return _fail("microphone", f"{name}: gives no sound at all", fix)
        case "digital silence":
            return _fail("microphone", f"{name}: gives nothing but silence", trouble or "Check that it is not muted.")
        case "clipping":
            fix = "Turn its level down a little in the sound settings."
            return _warn("microphone", f"{heard}, too loud at times", fix)
        case "quiet":
            fix = "Turn its level up in the sound settings, unless the room really was that quiet just now."
            return _warn("microphone", f"{heard}, which is very quiet", fix)
        case "ok":
            return _ok("microphone", heard)


def check_loudspeaker() -> Iterator[Check]:
    name = str(portaudio.find(None, "output")["name"])
    loudspeaker = Loudspeaker()
    loudspeaker.close()
    yield _ok("loudspeaker", name)


def check_voice(language: str = "en") -> Iterator[Check]:
    problems = []
    for engine in (Pyttsx3Voice, EspeakVoice):
        try:
            with contextlib.closing(engine(language)) as voice:
                samples, rate = voice.speak("Hello.")
        except VoiceError as problem:
            problems.append(problem.message)
            continue
        yield _ok("voice", f"{voice.name}, which said hello in {len(samples) / rate:.1f} s of sound")
        return
    yield _fail("voice", f"none speaks {language}: {' '.join(problems)}", _voice_fix())


def _voice_fix() -> str:
    if sys.platform.startswith("linux"):
        return "Type:  sudo apt-get install -y espeak-ng  (until then, --speech chime or --speech silent do without)."
    return "Add a voice for this language in the system's speech settings, or use --speech chime or --speech silent."


def check_database(path: Path) -> Iterator[Check]:
    folder = next(parent for parent in path.absolute().parents if parent.is_dir())
    if not path.exists():
        if not os.access(folder, os.W_OK):
            yield _fail("database", f"{path} cannot be made in {folder}", "Name another file with --db.")
        else:
            yield _ok("database", f"{path}, to be made at the first discussion")
    else:
        yield from _check_file(path)
    free = shutil.disk_usage(folder).free
    what = f"{free / 1e9:.1f} GB free" if free > 1e9 else f"{free / 1e6:.0f} MB free"
    if free < ROOM_NEEDED_BYTES:
        yield _fail("disk", what, f"Make some room on the disk that holds {folder}.")
    elif free < ROOM_WANTED_BYTES:
        yield _warn("disk", what, f"Make some room soon on the disk that holds {folder}.")
    else:
        yield _ok("disk", what)


def _check_file(path: Path) -> Iterator[Check]:
    try:
        verdict, sessions = contents.checked(path)
    except StoreError as error:
        yield _fail("database", error.message, "Keep a copy of it, and name another file with --db.")
        return
    if verdict != "ok":
        yield _fail("database", f"{path} is damaged: {verdict}", "Keep a copy of it, and name another file with --db.")
    elif not os.access(path, os.W_OK):
        yield _fail("database", f"{path} can be read but not written", "Allow it, or name another file with --db.")
    elif os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield _warn("database", f"{path} can be read by others on this computer", f"Type:  chmod 600 '{path}'")
    else:
        yield _ok("database", f"{path}, {sessions} session{'' if sessions == 1 else 's'}")


def check_prompts(setting: Path | None = None) -> Iterator[Check]:
    place = paths.find("prompts", setting)
    folder = prompts.Prompts(folder=place.folder)
    problems = []
    readers: list[tuple[str, list[Path], Callable[[Path], object]]] = [
        ("formats", folder.format_files(), prompts.parsed_format),
        ("languages", folder.language_files(), prompts.parsed_language),
    ]
    for kind, files, parse in readers:
        for file in files:
            try:
                parse(file)
            except PromptsError as error:
                problems.append(error.message)
        if not files:
            problems.append(f"{place.folder / kind} holds no .toml file")
    if problems:
        fix = "Mend the file, or unset FACILITATOR_PROMPTS to use those that came with the program."
        yield _fail("prompts", "; ".join(problems), fix)
    else:
        listed = "; ".join(", ".join(file.stem for file in files) for _, files, _ in readers)
        yield _ok("prompts", f"{listed}, from the {place.source}: {place.folder}")


def check_models(language: str = "en") -> Iterator[Check]:
    """One line a model; of those that there are for each language, only this language's."""
    for model in catalogue.load_manifest():
        if model.language not in (None, language):
            continue
        folder, line = catalogue.locate(model), f"facilitator models install {model.name}"
        if folder is None and model.package and model.language is None:
            yield _warn("models", f"{model.name} is not installed. {model.without}", f"Type:  {line}")
        elif folder is None:  # these are large, and matter less: nothing is wrong without them
            yield _ok("models", f"{model.name} is not installed. {model.without} To have it, type:  {line}")
        elif damaged := catalogue.damaged(model, folder):
            yield _warn("models", f"{model.name} is damaged: {', '.join(damaged)}, in {folder}", f"Type:  {line}")
        elif problem := cannot_load(model.name, folder, model.language):
            yield _warn("models", f"{model.name} does not load. {problem}", f"Remove {folder}, and type:  {line}")
        else:
            yield _ok("models", f"{model.name}, in {folder}")


def check_spoken(language: str = "en") -> Iterator[Check]:
    """Whether the model of words knows every word of what can be said to the program in this language."""
    folder = catalogue.find_words(language)
    if folder is None or cannot_load(folder.name, folder, language):
        return  # that it is not installed, or does not load, has been said among the models
    spoken = prompts.parsed_language(prompts.default_prompts().language_file(language)).spoken
    phrases = every_phrase(spoken)
    with contextlib.closing(open_words(folder)) as words:
        told = cannot_be_said(words.listen_for(phrases), spoken)
    if told:
        fix = "Use those by key, or write other words for them in a language file of your own."
        yield _warn("commands by voice", " ".join(told), fix)
    else:
        yield _ok("commands by voice", f"every word of the {len(phrases)} phrases is known to {folder.name}")
    way = word_models.way_of(folder)
    if word_models.understands(folder, language) is False:
        fix = (
            "Say a command in a session of your own: it may understand people and not this voice. The keys do the same."
        )
        yield _warn("commands by voice", f"it does not understand its synthetic test sentence; {way}", fix)
    else:
        yield _ok("commands by voice", way)


# --- helpers ---------------------------------------------------------------------------------------


def _guarded(name: str, check: Callable[[], Iterable[Check]]) -> list[Check]:
    """The findings of a check, and what stopped it as one more."""
    findings: list[Check] = []
    try:
        findings.extend(check())
    except FacilitatorError as error:
        what, _, fix = error.message.replace("; ", ": ", 1).partition(": ")  # our messages say what to do next
        findings.append(_fail(name, what, _as_sentence(fix) or "Change that, and run this again."))
    except Exception as error:  # a check that breaks is a finding too, and must not hide the others
        fix = "This is a fault in facilitator; please report it with this line."
        findings.append(_fail(name, f"{type(error).__name__}: {error}", fix))
    return findings


def _as_sentence(fix: str) -> str:
    if fix.startswith(("sudo ", "pip ")):
        return f"Type:  {fix.rstrip('.')}"
    return fix[:1].upper() + fix[1:]


def _ok(name: str, what: str) -> Check:
    return Check(name=name, state="ok", what=what)


def _warn(name: str, what: str, fix: str) -> Check:
    return Check(name=name, state="warn", what=what, fix=fix)


def _fail(name: str, what: str, fix: str) -> Check:
    return Check(name=name, state="fail", what=what, fix=fix)
