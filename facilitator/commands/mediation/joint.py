"""The joint report of a stored session: what is in it, what either side leaves out, and whether all have said yes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facilitator.commands.stored.review_forms import told
from facilitator.core.language.names import words
from facilitator.core.language.texts import Texts
from facilitator.errors import UsageError
from facilitator.report.joint import JointPart, Letters, digest, parts, written
from facilitator.store.corrections import called_since
from facilitator.store.items import now_utc
from facilitator.store.notebook.private import Private, nameless, uid_of
from facilitator.store.reader import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class JointNow:
    """The report at one moment: what is shown, said yes to and written is one and the same, whatever somebody else
    leaves out meanwhile."""

    struck: frozenset[str]
    """What somebody leaves out, whoever it was."""
    text: str

    @property
    def digest(self) -> str:
        return digest(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class JointReport:
    """`parts`: all there is. What is said of them is read each time it is asked for."""

    private: Private
    session: int
    uid: str
    sides: tuple[str, ...]
    """Who has a say: everyone who sat there but a host, and but who has been forgotten."""
    whole: bool
    """Everyone who would have a say can still be asked."""
    parts: tuple[JointPart, ...]
    texts: Texts

    def now(self) -> JointNow:
        struck = self.private.struck(self.uid)
        return JointNow(struck=struck, text=written(self.parts, struck, self.texts("joint.title")))

    def agreed(self, now: JointNow) -> bool:
        """All have said yes to these words. Who has not is told nobody; for who was forgotten nobody says it."""
        return self.whole and bool(self.sides) and self.private.agreed(self.uid, now.digest) >= {*self.sides}

    def side(self, name: str) -> str:
        found = next((one for one in self.sides if one.casefold() == name.strip().casefold()), None)
        if found is None:
            raise UsageError(f"{name} has no say in this report; {self.texts.listed(self.sides)} have.")
        return found

    def shown_to(self, person: str, now: JointNow) -> tuple[tuple[JointPart, bool], ...]:
        """What this person can leave out, and whether they do. What somebody else leaves out is not there."""
        mine = self.private.struck(self.uid, person) & now.struck
        return tuple((one, one.key in mine) for one in self.parts if one.key in mine or one.key not in now.struck)

    def says_yes(self, person: str, now: JointNow) -> bool:
        return person in self.private.agreed(self.uid, now.digest)

    def show(self, person: str, now: JointNow) -> None:
        """These words are before this person."""
        self.private.show(self.uid, person, now.digest)

    def has_seen(self, person: str, now: JointNow) -> bool:
        """They were what this person was shown last."""
        return self.private.has_seen(self.uid, person, now.digest)

    def strike(self, person: str, keys: Sequence[str], *, leave_out: bool) -> None:
        self.private.strike(self.uid, person, keys, leave_out=leave_out)

    def say(self, person: str, now: JointNow, *, yes: bool) -> None:
        self.private.agree(self.uid, person, now.digest if yes else None)


class OwnNotes:
    """A mediator's notes on the session of this table, for their own screen. `shown`: its number; another one may have
    begun in the database since, and is nobody's business here."""

    def __init__(self, db: Path, shown: Callable[[], int | None]) -> None:
        self._db, self._shown = db, shown

    def notes(self) -> Mapping[str, Any]:
        uid, goals = self._session()
        found = Private(self._db).notes(uid)
        return {"notes": [{"number": one.number, "text": one.text} for one in found], "goals": list(goals)}

    def note(self, text: str) -> Mapping[str, Any]:
        Private(self._db).change(self._session()[0], now_utc(), note=[text])
        return self.notes()

    def remove(self, number: int) -> Mapping[str, Any]:
        Private(self._db).change(self._session()[0], now_utc(), remove=[number])
        return self.notes()

    def _session(self) -> tuple[str, tuple[str, ...]]:
        number = self._shown()
        if number is None:
            raise UsageError("The session has not begun, or is not stored; note it once it has.")
        with Reader.open(self._db) as reader:
            return uid_of(reader, number), reader.setup_now(number).goals


def joint(db: Path, session: int | None = None, *, names: bool = False) -> JointReport:
    """Of the latest session where none is said; without `names` and days unless they are wanted."""
    with Reader.open(db) as reader:
        found = told(reader, session)
        uid, forgotten = uid_of(reader, found.number), nameless(reader, found.number)
        heard = called_since(reader, found.number)
    setup, people = found.found.setup, found.found.account.people
    sides = tuple(person for person in people if person != setup.host and person not in forgotten)
    named = [who for one in found.notes.agreements for who in (one.owner, *one.turns, one.idea, one.decided) if who]
    letters = None if names else Letters([*people, *named], words(setup.language), heard)
    return JointReport(
        private=Private(db),
        session=found.number,
        uid=uid,
        sides=sides,
        whole=not forgotten - {setup.host},
        parts=parts(setup.goals, sides, found.review.summary, found.notes, found.texts, letters),
        texts=found.texts,
    )
