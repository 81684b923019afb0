"""Which recordings of a folder are to be heard, with whose voice samples, and in which order."""

from __future__ import annotations

import csv
import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from facilitator import __version__
from facilitator.backends.audio.recording import Recording
from facilitator.backends.audio.tags import recorded_at
from facilitator.errors import AudioError, UsageError
from facilitator.library.archive.job import Job
from facilitator.library.keeping import content_uid
from facilitator.library.recordings import MOST_PEOPLE
from facilitator.models import catalogue
from facilitator.models import record as models_record
from facilitator.pipelines.channels import NOBODY

ENDINGS = frozenset(
    ".wav .flac .ogg .oga .opus .mp3 .m4a .mp4 .aac .webm .mka .mkv .3gp .amr .aiff .aif .caf".split()  # noqa: SIM905
)
SAMPLES = "voices"
"""The folder beside recordings that holds a voice sample of each person in them, named after the person."""
COLUMNS = ("recording", "person", "sample", "people", "held_at", "group", "channel")
MOST_OF_A_FILE = 64
"""Channels: those that are nobody's count, too."""
_SIZE_PER_S = 16_000
"""Bytes, where nothing says how long a recording is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of a recording beside its sound."""

    voices: Mapping[str, Path]
    people: int | None = None
    held_at: str = ""
    """ISO 8601; empty: as its tags have it, else the day on which the file was written."""
    group: str = ""
    channels: Mapping[int, str] = field(default_factory=dict)
    """Whose microphone each is, from 1 on; without, voices are told apart."""

    @property
    def one_each(self) -> tuple[str, ...]:
        """As `facilitator.analyze` takes it."""
        return tuple(self.channels.get(number, NOBODY) for number in range(1, max(self.channels, default=0) + 1))


def recordings(folder: Path) -> list[Path]:
    """All recordings below, in the order of their names; voice samples and hidden files are none. Raises UsageError."""
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}; name the one with the recordings.")
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in ENDINGS
        and path.is_file()
        and not any(part.startswith(".") or part == SAMPLES for part in path.relative_to(folder).parts)
    )
    if not found:
        raise UsageError(f"There are no recordings in {folder}; their names end in {', '.join(sorted(ENDINGS))}.")
    return found


def samples_beside(path: Path) -> dict[str, Path]:
    """By the name of the file: `voices/Ana.wav` beside the recording is Ana's."""
    folder = path.parent / SAMPLES
    if not folder.is_dir():
        return {}
    return {one.stem: one for one in sorted(folder.iterdir()) if one.suffix.lower() in ENDINGS and one.is_file()}


def read_table(file: Path, folder: Path) -> dict[Path, About]:
    """A table that maps recordings to people: a line a person. Paths in it are relative to `folder`. Raises UsageError
    with the line that is wrong."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read ({error}); it should be a table in UTF-8, with commas.") from error
    rows = csv.DictReader(text.splitlines())
    if missing := [name for name in ("recording", "person", "sample") if name not in (rows.fieldnames or ())]:
        raise UsageError(f"{file} lacks the column {missing[0]}; its first line should be: {','.join(COLUMNS)}")
    found: dict[Path, About] = {}
    for number, row in enumerate(rows, 2):
        recording = folder / (row["recording"] or "").strip()
        if not recording.is_file():
            raise UsageError(f"{file}, line {number}: there is no recording {recording}.")
        known = found.get(recording, About(voices={}))
        person, sample = (row["person"] or "").strip(), (row["sample"] or "").strip()
        channel = (row.get("channel") or "").strip()
        if person and channel:
            if not channel.isdecimal() or not 1 <= int(channel) <= MOST_OF_A_FILE or int(channel) in known.channels:
                raise UsageError(
                    f"{file}, line {number}: channel is {channel}; give each person of a recording a channel of their "
                    f"own, 1 to {MOST_OF_A_FILE}."
                )
            known = replace(known, channels={**known.channels, int(channel): person})
        elif person:
            if not (folder / sample).is_file():
                raise UsageError(f"{file}, line {number}: there is no voice sample {folder / sample}.")
            if person in known.voices:
                raise UsageError(f"{file}, line {number}: {person} has two voice samples; give one.")
            known = replace(known, voices={**known.voices, person: folder / sample})
        people = (row.get("people") or "").strip()
        if people:
            if not people.isdigit() or not 1 <= int(people) <= MOST_PEOPLE:
                raise UsageError(f"{file}, line {number}: people is {people}; say how many talk, 1 to {MOST_PEOPLE}.")
            known = replace(known, people=int(people))
        held_at = (row.get("held_at") or "").strip()
        if held_at:
            try:
                datetime.datetime.fromisoformat(held_at)
            except ValueError:
                raise UsageError(f"{file}, line {number}: held_at is {held_at}; write 2026-01-31.") from None
            known = replace(known, held_at=held_at)
        if known.channels and (known.voices or known.people is not None):
            raise UsageError(
                f"{file}, line {number}: where people of a recording have a channel, all have, and there is no sample "
                "and no number of people."
            )
        found[recording] = replace(known, group=(row.get("group") or "").strip() or known.group)
    return found


def jobs(
    paths: Sequence[Path],
    table: Mapping[Path, About],
    hashes: Mapping[str, str],
    models: Path | None,
    group: str = "",
) -> list[Job]:
    """The longest first: the last ones to be finished are short then. `hashes`: what is known of files that have not
    changed, by `stamp`. `group`: whose the talks are of which the table does not say it."""
    made = []
    version = _installed(models)
    for path in paths:
        about = table.get(path, About(voices=samples_beside(path)))
        voices = tuple(sorted((name, str(sample)) for name, sample in about.voices.items()))
        digest = hashes.get(stamp(path)) or content_uid(path)
        heard_with = [[name, content_uid(Path(sample))] for name, sample in voices]
        heard_as = [digest, heard_with, about.people, version, *([about.one_each] if about.channels else [])]
        key = hashlib.sha256(json.dumps(heard_as).encode()).hexdigest()[:32]
        made.append(
            Job(
                key=key,
                path=str(path),
                stamp=stamp(path),
                digest=digest,
                voices=voices,
                people=about.people,
                channels=about.one_each,
                models=None if models is None else str(models),
                held_at=about.held_at or _written(path),
                group=about.group or group,
                long_s=_long_s(path),
            )
        )
    return sorted(made, key=lambda job: (-job.long_s, job.path))


def stamp(path: Path) -> str:
    """Says whether a file has been touched since."""
    status = path.stat()
    return f"{path}:{status.st_size}:{status.st_mtime_ns}"


def _installed(models: Path | None) -> list[str]:
    """What a result depends on beside the sound: this program's version, and the models."""
    folders: Iterable[Path]
    if models is not None:
        with catalogue.only(models):
            folders = catalogue.search_path()
    else:
        folders = catalogue.search_path()
    found: dict[str, list[tuple[str, str]]] = {}
    for folder in folders:
        for one in sorted(folder.iterdir()) if folder.is_dir() else ():
            if (record := models_record.read(one)) is not None:
                found.setdefault(one.name, sorted((file, str(sha)) for file, sha in record.files.items()))
    return [__version__, json.dumps(sorted(found.items()))]


def _written(path: Path) -> str:
    """As its tags have it, else when the file was written last."""
    tagged = recorded_at(path, datetime.datetime.now().astimezone())
    if tagged is not None:
        return tagged.astimezone().isoformat(timespec="seconds")
    return datetime.datetime.fromtimestamp(path.stat().st_mtime).astimezone().isoformat(timespec="seconds")


def _long_s(path: Path) -> float:
    """About how long it is; 0 for what cannot be read, which is soon told."""
    try:
        with closing(Recording(path, real_time=False)) as recording:
            return recording.duration_s or path.stat().st_size / _SIZE_PER_S
    except AudioError:
        return 0.0
