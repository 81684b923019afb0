"""Setting up on the page: who is here, which form, does the microphone hear. Ends with what was wished for."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from facilitator.backends import Speech
from facilitator.backends.audio.microphone import Microphone
from facilitator.commands.formats.how_long import page_length
from facilitator.commands.session.open_hearing import by_key
from facilitator.commands.session.page_checks import MicrophoneCheck, VoiceCheck, device_named, microphones
from facilitator.commands.session.table_options import TableOptions, at_this_table
from facilitator.commands.session.unfinished import that_can_go_on
from facilitator.core.airtime_display import AIRTIMES, usual_airtime
from facilitator.core.discussion import Discussion
from facilitator.core.formats.parse import parse_format, with_options
from facilitator.core.formats.stages import Format, Talk, is_timed, minutes_in_common, rounds_in_common
from facilitator.core.language.texts import Texts
from facilitator.core.language.wording import parse_language
from facilitator.core.setup import Setup
from facilitator.errors import FacilitatorError, UsageError
from facilitator.page.broker import Broker, ClientMessage
from facilitator.page.request import SessionRequest
from facilitator.page.state import labels
from facilitator.resources.prompts import Prompts
from facilitator.resources.texts import format_told, texts_of
from facilitator.store.carry_over import review_due
from facilitator.store.people import forgotten, pronounced
from facilitator.store.reader import StoredSession
from facilitator.store.session_log import Store
from facilitator.terminal.ask import (
    MAX_PEOPLE,
    MIN_PEOPLE,
    parse_minutes,
    parse_name,
    parse_own,
    parse_people,
    parse_rounds,
    told_number,
)

WAIT_S = 0.05
MOST_KNOWN = 24
MOST_SAY = 80
"""Letters of how a name is pronounced."""
MOST_GROUPS = 100
TOPICS = ("setup", "lengths", "due", "level", "voice", "problem")


class NotYet(UsageError):
    """`where` is the field of the page in which something is not right yet."""

    def __init__(self, message: str, where: str) -> None:
        super().__init__(message)
        self.where = where


class PageSetup:
    """`given` is what the command line says already; `audio` a recording in place of the microphone. `unfinished` is a
    sentence about a session that broke off."""

    def __init__(
        self,
        broker: Broker,
        *,
        prompts: Prompts,
        store: Store,
        given: SessionRequest,
        table: TableOptions,
        audio: Path | None,
        unfinished: str | None,
        speech: Speech | None,
        words_a_minute: int | None,
        voice_model: str | None,
    ) -> None:
        self._broker, self._prompts, self._store = broker, prompts, store
        self._words_a_minute = words_a_minute
        self._given, self._table, self._audio, self._unfinished = given, table, audio, unfinished
        self._formats = {path.stem: prompts.format(path.stem) for path in prompts.format_files()}
        if given.format not in self._formats:
            self._formats[given.format] = prompts.format(given.format)
        first = (given.format, "round-robin", "open")
        self._formats = {name: self._formats[name] for name in dict.fromkeys([*first, *self._formats])}
        self._microphone = MicrophoneCheck(broker, given.device)
        self._voice = VoiceCheck(broker, speech or "voice", voice_model, self._sentence)
        self._texts = texts_of(given.language)
        self._lengths: dict[tuple[object, ...], dict[str, str]] = {}
        self._wanted: tuple[str, int, float | None, int | None] | None = None

    def run(self) -> SessionRequest:
        """Waits for somebody to begin."""
        self._broker.tell("labels", labels(self._texts))
        self._broker.tell("setup", self._offer())
        self._broker.tell("screen", "setup")
        try:
            while True:
                for order in self._broker.take(WAIT_S):
                    wish = self._order(order)
                    if wish is not None:
                        self._broker.tell("screen", "starting")  # what is to hear them takes seconds to be ready
                        return wish
                if not self._broker.pages:
                    self._microphone.stop()
                self._microphone.look()
                self._voice.look()
                self._tell_length()
        finally:
            self._microphone.stop()
            self._voice.close()
            self._broker.forget(*TOPICS)

    # -- what is offered ---------------------------------------------------------------------------

    def _offer(self) -> dict[str, Any]:
        known, pronounced = self._known()
        return {
            "people": [{"name": p, "say": self._table.pronounced.get(p, "")} for p in self._given.people],
            "known": [{"name": p, "say": pronounced.get(p, "")} for p in known],
            "last": self._last_time(),
            "most": MAX_PEOPLE,
            "formats": [offered_form(name, raw, self._texts) for name, raw in self._formats.items()],
            "languages": [
                {
                    "code": path.stem,
                    "name": self._prompts.language(path.stem)["name"],
                    "by_key": by_key(path.stem, self._texts) or "",
                }
                for path in self._prompts.language_files()
            ],
            "format": self._given.format,
            "minutes": told_number(self._given.minutes) or None,
            "rounds": self._given.rounds,
            "language": self._given.language,
            "airtime": self._given.airtime,
            "listening": self._given.listening,
            "devices": [] if self._audio or not self._given.listening else microphones(),
            "device": None if self._given.device is None else str(self._given.device),
            "audio": None if self._audio is None else self._audio.name,
            "unfinished": self._unfinished,
            "groups": self._groups(),
            "group": self._store.group or "",
        }

    def _groups(self) -> list[str]:
        """Those to choose from, where there is a choice."""
        with contextlib.suppress(FacilitatorError):
            known = [one.name for one in self._store.groups()]
            found = list(dict.fromkeys([*known, self._store.group or ""]))
            return found[:MOST_GROUPS] if any(found) else []
        return []

    def _of_this_group(self) -> list[StoredSession]:
        """The latest first. Raises StoreError."""
        return self._store.of_this_group(self._store.sessions())

    def _known(self) -> tuple[list[str], dict[str, str]]:
        """Everyone of earlier sessions of the group, the latest first, and how they were spelled for the voice."""
        names: dict[str, None] = {}
        with contextlib.suppress(FacilitatorError):
            nobody = forgotten(self._store)
            for session in self._of_this_group()[:100]:
                names.update(dict.fromkeys(name for name in session.people if name not in nobody))
                if len(names) >= MOST_KNOWN:
                    break
            return list(names)[:MOST_KNOWN], pronounced(self._store, names)
        return list(names)[:MOST_KNOWN], {}

    def _last_time(self) -> list[str]:
        """Who was there the last time that this group talked, where that was a table."""
        with contextlib.suppress(FacilitatorError):
            nobody = forgotten(self._store)
            for session in self._of_this_group():
                there = [name for name in session.people if name not in nobody]
                return there[:MAX_PEOPLE] if len(session.people) > 1 else []
        return []

    # -- orders ------------------------------------------------------------------------------------

    def _order(self, order: ClientMessage) -> SessionRequest | None:
        match order["do"]:
            case "length":
                try:
                    self._wanted = _length_wanted(order, self._formats)
                except NotYet as problem:  # as it is typed, not only at the end
                    self._problem(problem.message, problem.where, typed=True)
                except (TypeError, ValueError):
                    pass
            case "due":
                self._tell_due(order)
            case "check" if self._audio is None:
                self._microphone.start(device_named(order.get("device")))
            case "check-over":
                self._microphone.stop()
            case "group":
                self._of_group(str(order.get("group") or ""))
            case "language":
                self._speak(self._language(order))
            case "hear":
                self._hear(order)
            case "go-on" if self._unfinished is not None:
                return dataclasses.replace(self._given, go_on=True, group=self._store.group or "")
            case "begin":
                try:
                    return self._begun(order)
                except NotYet as problem:
                    self._problem(problem.message, problem.where)
                except FacilitatorError as error:
                    self._problem(error.message)
                except (TypeError, ValueError, AttributeError, KeyError):
                    self._problem(self._texts("setup.unreadable"))
        return None

    def _speak(self, code: str) -> None:
        """The page is in this language from now on."""
        self._given = dataclasses.replace(self._given, language=code)
        self._texts = texts_of(code)
        self._lengths.clear()
        self._broker.tell("labels", labels(self._texts))
        self._broker.tell("setup", self._offer())

    def _of_group(self, typed: str) -> None:
        """Those who are known are that group's from now on."""
        try:
            self._store.within(parse_name(typed) if typed else "", new=True)
        except FacilitatorError as error:
            self._problem(error.message)
            return
        if self._given.go_on is not False:  # what broke off in another group waits there
            self._unfinished = that_can_go_on(self._store, self._texts)
        self._broker.tell("setup", self._offer())

    def _sentence(self, told: str) -> str:
        """In the language that the page is in by then."""
        return self._texts.sentence(told)

    def _problem(self, message: str, where: str = "", *, typed: bool = False) -> None:
        """`typed`: it is being typed, and is told only while somebody looks at it."""
        told = {"message": self._texts.sentence(message), "where": where, "typed": typed}
        self._broker.tell("problem", told)
        self._broker.forget("problem")

    def _hear(self, order: ClientMessage) -> None:
        """A name as it will be said, or how the voice sounds at all."""
        try:
            code = self._language(order)
            language = parse_language(self._prompts.language(code))
            names = tuple(parse_name(str(name)) for name in order.get("names") or ())[:MAX_PEOPLE]
        except (FacilitatorError, TypeError) as error:
            self._broker.tell(
                "voice", {"state": "failed", "message": self._texts.sentence(getattr(error, "message", str(error)))}
            )
            return
        text = language.phrase("opening.thanks", name=names[0]) if len(names) == 1 else ""
        text = text or language.phrase("opening.greeting_known", names=language.listed(names))
        self._voice.say(text, code, self._words_a_minute or language.words_a_minute)

    def _tell_due(self, order: ClientMessage) -> None:
        """Whether these people might like to look back again."""
        due = None
        with contextlib.suppress(FacilitatorError, TypeError):
            people = tuple(parse_name(str(name)) for name in order.get("names") or ())[:MAX_PEOPLE]
            due = review_due(self._store, people, datetime.datetime.now().astimezone())
        told = self._texts("setup.look_back", day=self._texts.day(due)) if due else ""
        self._broker.tell("due", {"told": told})

    def _begun(self, order: ClientMessage) -> SessionRequest:
        """Raises FacilitatorError with what is not right yet."""
        form = str(order["format"])
        if form not in self._formats:
            raise UsageError("Please choose a format.")
        least = 1 if parse_format(self._formats[form]).alone else MIN_PEOPLE
        with _where("name"):
            typed = [(parse_name(str(p["name"])), " ".join(str(p.get("say", "")).split())) for p in order["people"]]
            people = parse_people(", ".join(name for name, _ in typed), least)
        airtime = order.get("airtime")
        minutes, rounds = _times_wanted(order, self._formats[form])
        offered = self._known()[1]
        wish = SessionRequest(
            people=people,
            pronounced={name: say[:MOST_SAY] if say != name else "" for name, say in typed if say or name in offered},
            format=form,
            minutes=minutes,
            rounds=rounds,
            language=self._language(order),
            airtime=airtime if airtime in AIRTIMES else None,
            listening=bool(order["listening"]) and self._given.listening,
            device=device_named(order.get("device")) if self._audio is None else None,
            go_on=False if self._unfinished is not None else None,
            group=self._store.group or "",
        )
        self._check(wish)
        if wish.listening and self._audio is None:
            self._microphone.stop()
            Microphone(wish.device).close()
        return wish

    def _language(self, order: ClientMessage) -> str:
        """One of those that are offered."""
        codes = [self._given.language, *(path.stem for path in self._prompts.language_files())]
        return next((code for code in codes if code == order.get("language")), codes[0])

    def _check(self, wish: SessionRequest) -> None:
        """Raises FacilitatorError, with a sentence, where this cannot become a session."""
        setup = Setup(
            people=wish.people,
            format=with_options(self._formats[wish.format], minutes=wish.minutes, rounds=wish.rounds),
            language=self._prompts.language(wish.language),
            listening=wish.listening,
        )
        table = dataclasses.replace(self._table, pronounced=wish.pronounced)
        now = datetime.datetime.now(datetime.UTC)
        Discussion(at_this_table(setup, table, self._store, now, hears_words=False))

    # -- how long ----------------------------------------------------------------------------------

    def _tell_length(self) -> None:
        """How long the wanted form takes, played through once; the others, with as many people, one at a time."""
        if self._wanted is None:
            return
        name, people, minutes, rounds = self._wanted
        found = self._lengths.setdefault((people,), {})
        own = self._lengths.setdefault((name, people, minutes, rounds), {})
        if not own:
            own[name] = self._length(name, people, minutes, rounds, advise=True)
            self._broker.tell("lengths", {**found, **own})
        elif missing := next((one for one in self._formats if one not in found), None):
            found[missing] = self._length(missing, people, None, None)
            self._broker.tell("lengths", {**found, **own})
        else:
            self._wanted = None

    def _length(
        self, name: str, people: int, minutes: float | None, rounds: int | None, *, advise: bool = False
    ) -> str:
        raw = with_options(self._formats[name], minutes=minutes, rounds=rounds)
        form = parse_format(raw)
        if any(isinstance(stage, Talk) and stage.minutes is None for stage in form.stages):
            return self._texts("setup.length.free")
        if form.host and people < 3:
            return self._texts("setup.length.three")
        language = self._prompts.language(self._given.language)
        return page_length(raw, language, people, self._texts, advise=advise)


def offered_form(name: str, raw: dict[str, Any], texts: Texts) -> dict[str, Any]:
    """What the page has of a form. Its minutes and rounds are those that leave it as it is written."""
    form = parse_format(raw)
    return {
        "name": name,
        "title": format_told(raw, name, "name", texts),
        "summary": format_told(raw, name, "summary", texts),
        "timed": is_timed(form),
        "talk": _talk_minutes(form),
        "minutes": told_number(minutes_in_common(form)) or None,
        "rounds": rounds_in_common(form),
        "host": form.host,
        "alone": form.alone,
        "airtime": usual_airtime(form),
    }


@contextlib.contextmanager
def _where(field: str) -> Iterator[None]:
    try:
        yield
    except UsageError as error:
        raise NotYet(error.message, field) from None


def _length_wanted(
    order: ClientMessage, formats: dict[str, dict[str, Any]]
) -> tuple[str, int, float | None, int | None] | None:
    name = str(order.get("format"))
    people = min(MAX_PEOPLE, max(2, int(order.get("people", 2))))
    if name not in formats:
        return None
    return name, people, *_times_wanted(order, formats[name])


def _times_wanted(order: ClientMessage, raw: dict[str, Any]) -> tuple[float | None, int | None]:
    """The minutes and the rounds that are not the form's own. Raises NotYet."""
    form = parse_format(raw)
    with _where("minutes"):
        minutes = parse_own(str(order.get("minutes") or ""), told_number(minutes_in_common(form)), parse_minutes)
    if not is_timed(form):
        return minutes, None
    with _where("rounds"):
        return minutes, parse_own(str(order.get("rounds") or ""), told_number(rounds_in_common(form)), parse_rounds)


def _talk_minutes(form: Format) -> bool:
    """Whether "minutes" means the length of the talk."""
    return not is_timed(form) and any(isinstance(stage, Talk) for stage in form.stages)
