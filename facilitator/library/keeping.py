"""A recording, or who-spoke-when of another program, kept as a session like any other."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from facilitator.core.discussion import Discussion
from facilitator.core.events import Fact, Heard, Record, Reviewed, Tick
from facilitator.core.formats.stages import RECORDED
from facilitator.core.language.names import folded
from facilitator.core.setup import Setup
from facilitator.core.turntaking.spans import Span
from facilitator.core.turntaking.timeline import Tile
from facilitator.errors import StoreError, UsageError
from facilitator.library.analysis import Analysis
from facilitator.report.output import labels
from facilitator.resources.prompts import default_prompts
from facilitator.store.session_log import Store

_SOMEBODY = (
    "voice|speaker|spk|spkr|unknown|unk|guest|sprecher|sprecherin|locuteur|intervenant|hablante|interlocutor|orador"
    "|parlante|falante|spreker|mówca|화자|참석자"
)
_FOUND = re.compile(rf"(?:{_SOMEBODY})(?:[ _.-]*[0-9]+|[ _.-]+[a-z])?|[0-9]+", re.IGNORECASE)
"""What programs call voices that they do not know: another person in each recording."""
_PIECE = 1 << 20
EARLIEST_YEAR = 1860
"""The oldest recording of a voice that is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecording:
    session: int
    new: bool
    """False: it was kept before, and nothing was changed."""
    group: str


def keep(
    analysis: Analysis,
    db: Path,
    *,
    held_at: datetime.datetime,
    uid: str,
    language: str = "en",
    group: str | None = None,
    named: Collection[str] = (),
) -> KeptRecording:
    """Keep it as a session of the database, made if need be. `held_at`: when the talk began, with a time zone. `uid`
    (`content_uid`): whoever keeps the same again changes nothing. `group`: whose it is, in which the same name is the
    same person. `named`: those of whom somebody has said that they are called so, such as the participants 101 and 102
    of a study. Raises UsageError where a voice has no name, StoreError where the database cannot take it."""
    nameless = [person for person in analysis.people if _FOUND.fullmatch(person) and person not in named]
    if nameless:
        itself = f', or "{nameless[0]}={nameless[0]}" if they are called that' if nameless[0].isdecimal() else ""
        raise UsageError(
            f"{' and '.join(nameless)} {'has' if len(nameless) == 1 else 'have'} no name yet, and would be taken for "
            f'the same person in every recording; listen, then say whose it is: --name "{nameless[0]}=Ana"{itself}.'
        )
    written: dict[str, str] = {}
    for person in analysis.people:
        if (other := written.setdefault(folded(person), person)) != person:
            raise UsageError(f"{other} and {person} would be two people; write the name in one way.")
    if not analysis.people:
        raise UsageError("Nobody could be told apart in it, so there is nothing to keep; give a voice sample of each.")
    offset = held_at.utcoffset() or datetime.timedelta()
    setup = Setup(
        people=analysis.people,
        format=RECORDED,
        language=default_prompts().language(language),
        enrolled=analysis.people,
        hears_itself=False,
        weekday=held_at.weekday(),
        day=held_at.date().isoformat(),
        utc_offset_minutes=round(offset / datetime.timedelta(minutes=1)),
    )
    discussion = Discussion(setup)
    records = _told(discussion, analysis)
    ended_at = held_at + datetime.timedelta(milliseconds=analysis.duration_ms)
    store = Store.open(db)
    try:
        if group is not None:
            store.within(group, new=True)
        session, new = store.take_in(setup, uid, records, discussion.settled(), (_utc(held_at), _utc(ended_at)))
        return KeptRecording(session=session, new=new, group=store.stored(session).group)
    finally:
        store.close()


def _told(discussion: Discussion, analysis: Analysis) -> list[Record]:
    """The facts, as a session that heard them would have told them, each with what follows from it."""
    end_ms = analysis.duration_ms
    facts: list[Fact] = [Tick(at_ms=0)]
    facts += [
        Heard(
            at_ms=end_ms,
            start_ms=tile.start_ms,
            end_ms=tile.end_ms,
            people=tile.people,
            guest=tile.guest,
            unknown=tile.unknown,
            confidence=tile.confidence,
            final=True,
        )
        for tile in analysis.tiles
    ]
    facts.append(Reviewed(at_ms=end_ms))
    return [one for fact in facts for one in (fact, *discussion.receive(fact))]


def content_uid(path: Path) -> str:
    """By what a recording is known: the same for the same bytes, whatever the file is called. Raises StoreError."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror}).") from error
    return digest.hexdigest()[:32]


def from_labels(path: Path, names: Mapping[str, str] | None = None, spelled: Callable[[str], str] = str) -> Analysis:
    """Who spoke when as another program, or a person, has put it down: RTTM, TextGrid, EAF, WebVTT, Audacity labels.
    `names`: what the labels stand for; those that are not in it are names themselves, as `spelled` gives them back.
    Raises UsageError."""
    voices: dict[str, list[Span]] = {}
    labelled = labels.read(path)
    for label, spans in labelled.items():
        if not spans:  # a tier in which nothing was put down is nobody, however it is called
            continue
        name = names[label] if names and label in names else spelled(label)
        voices.setdefault(name, []).extend(spans)
    if not voices:
        raise UsageError(f"Nobody speaks in {path.name}; check that it is the right file.")
    for label in names or {}:
        if not labelled.get(label):
            speaking = sorted(label for label, spans in labelled.items() if spans)
            raise UsageError(f"Nobody is called {label} in {path.name}; there: {', '.join(speaking)}.")
    return Analysis(
        people=tuple(sorted(voices, key=lambda who: min(span.start_ms for span in voices[who]))),
        tiles=tuple(_tiles(voices)),
        duration_ms=max(span.end_ms for spans in voices.values() for span in spans),
        compute_s=0.0,
    )


def _tiles(voices: Mapping[str, Sequence[Span]]) -> Iterable[Tile]:
    """Every moment with all who speak in it."""
    changes: dict[int, list[tuple[str, int]]] = {0: []}
    for who, spans in voices.items():
        for start, end in spans:
            changes.setdefault(start, []).append((who, 1))
            changes.setdefault(end, []).append((who, -1))
    speaking: dict[str, int] = {}
    for start, end in pairwise(sorted(changes)):
        for who, more in changes[start]:
            speaking[who] = speaking.get(who, 0) + more
        yield Tile(start, end, tuple(sorted(who for who, n in speaking.items() if n > 0)))


def parse_held_at(text: str, now: datetime.datetime) -> datetime.datetime:
    """`2026-01-31` (noon), or `2026-01-31 19:30`, by the clocks here. Raises UsageError."""
    try:
        found = datetime.datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"“{text}” is no day: type 2026-01-31, or “2026-01-31 19:30”.") from None
    if found.year < EARLIEST_YEAR:
        raise UsageError(f"{text} is before anybody's voice was recorded; say when the talk was held.")
    if re.fullmatch(r"[0-9-]+", text.strip()):
        found = found.replace(hour=12)
    found = found.astimezone() if found.tzinfo is None else found
    if found > now:
        raise UsageError(f"{text} is in the future; say when the talk was held.")
    return found


def _utc(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).isoformat(timespec="seconds")
