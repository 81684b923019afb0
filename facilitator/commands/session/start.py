"""`facilitator start`: a session at this table."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click
from click.core import ParameterSource

from facilitator.backends import check_voice_model
from facilitator.backends.audio.microphone import Microphone
from facilitator.backends.audio.recording import Recording
from facilitator.commands import candidates, options
from facilitator.commands.formats.how_long import offered
from facilitator.commands.session import first_start, running
from facilitator.commands.session import with_page as paged
from facilitator.commands.session.answers import answers, wants_shorter
from facilitator.commands.session.live_mqtt import MqttLines, parse_place
from facilitator.commands.session.names_aloud import names_aloud
from facilitator.commands.session.no_opening import finder, found_live, seats, without_opening
from facilitator.commands.session.open_hearing import (
    by_key,
    device_of,
    knows_refusals,
    listener_of,
    source_of,
    voice_of,
    with_enrolled,
    words_of,
)
from facilitator.commands.session.sharing import ForTheRoom, Sharing, offer_to_the_room, share_options
from facilitator.commands.session.table_options import TableOptions, at_this_table, table_options
from facilitator.commands.session.unfinished import DAMAGED, Damaged, Interrupted, to_go_on
from facilitator.commands.session.which_group import which_group
from facilitator.commands.stored.by_age import check_ages, keep_only, thin_only
from facilitator.commands.stored.keep_voiceprints import keep_asked, use_kept
from facilitator.commands.whose_group import group_option
from facilitator.core.airtime_display import AIRTIMES, AirtimeDisplay, AirtimeRule, rule_of
from facilitator.core.formats.parse import parse_format, with_options
from facilitator.core.language.wording import FASTEST_WORDS, SLOWEST_WORDS
from facilitator.core.setup import Setup
from facilitator.errors import AudioError, StoreError, UsageError
from facilitator.hearing.diarization.listener import Listener
from facilitator.page.request import SessionRequest
from facilitator.pipelines.live_discovery import VoiceFinder
from facilitator.resources.prompts import Prompts, default_prompts
from facilitator.resources.texts import texts_of
from facilitator.store import carry_over
from facilitator.store.session_log import Store
from facilitator.terminal.ask import MIN_PEOPLE, attended, parse_minutes, parse_people, parse_rounds
from facilitator.terminal.live_lines import STANDARD, UNIX, LiveLines, own_output
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import to_type


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOptions:
    """What was said on the command line, as click has it."""

    people: str | None
    form: str | None
    minutes: str | None
    rounds: str | None
    language: str
    db: Path
    device: str | None
    voices: tuple[str, ...]
    no_opening: bool
    speech: Literal["voice", "chime", "silent"] | None
    words_a_minute: int | None
    voice_model: str | None
    audio: Path | None
    fast: bool
    timer_only: bool
    page: bool
    no_page: bool
    airtime: AirtimeDisplay | None
    keep: str | None
    thin: str | None
    save_voices: bool
    yes: bool
    go_on: bool | None
    group: str | None
    or_demo: bool
    table: TableOptions
    sharing: Sharing | None
    events: str | None
    event_names: bool
    mqtt: str | None
    mqtt_elsewhere: bool

    def check(self) -> None:
        """Raises UsageError where options do not go together."""
        if self.fast and self.audio is None:
            raise UsageError("--fast goes with a recording: add --audio FILE.")
        if self.voice_model is not None:
            check_voice_model(self.voice_model)
        if self.audio is not None and self.timer_only:
            raise UsageError("--timer-only listens to nothing, so it does not go with --audio.")
        if self.no_opening and self.timer_only:
            raise UsageError("--timer-only listens to nothing, so it finds no voices: leave --no-opening out.")
        if self.event_names and self.events is None and self.mqtt is None:
            raise UsageError("--event-names says what is told by --events PLACE or --mqtt HOST; add one of them.")
        if self.mqtt is not None:
            parse_place(self.mqtt, elsewhere=self.mqtt_elsewhere)
        elif self.mqtt_elsewhere:
            raise UsageError("--mqtt-elsewhere goes with --mqtt HOST; add that, or leave it out.")
        check_ages(self.keep, self.thin)
        if self.save_voices and (self.no_opening or self.timer_only):
            raise UsageError("--save-voices needs the opening circle, where people say yes to being heard.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is known of the session so far: from the command line, then from the page. None: not said yet."""

    names: tuple[str, ...] | None
    form: str | None
    minutes: float | None
    rounds: int | None
    words: dict[str, Any]
    """Of the language it speaks."""
    airtime: AirtimeDisplay | None
    listening: bool
    device: str | None
    go_on: bool | None
    table: TableOptions
    yes: bool
    """Nothing is asked any more."""


@click.command()
@click.option(
    "--people", metavar="NAMES", help='Who is here, with commas in between: "Ana, Ben, Carla".',
    shell_complete=candidates.several_people,
)  # fmt: skip
@click.option(
    "--format", "form", metavar="NAME", help="The form: round-robin, open, or the path of a .toml file.",
    shell_complete=candidates.format_names,
)  # fmt: skip
@click.option("--minutes", metavar="N", help="Minutes for each turn (in open talk: for the whole talk).")
@click.option("--rounds", metavar="N", help="How many times round.")
@click.option(
    "--language", default="en", show_default=True, metavar="CODE", help="The language it speaks.",
    shell_complete=candidates.language_codes,
)  # fmt: skip
@options.database()
@click.option("--device", metavar="NAME", help="The microphone: a number or part of a name from facilitator devices.")
@click.option(
    "--voice", "voices", multiple=True, metavar="NAME=FILE", help="A voice sample instead of the opening circle."
)
@click.option(
    "--no-opening", is_flag=True, help="No opening circle: voices are found as people talk. Say how many: --people 4."
)
@click.option("--speech", type=click.Choice(["voice", "chime", "silent"]), help="Speak, only chime, or only show.")
@click.option(
    "--words-a-minute", type=click.IntRange(SLOWEST_WORDS, FASTEST_WORDS), metavar="N",
    help="How fast it speaks. Usually as is easily followed in its language: 160 in English.",
)  # fmt: skip
@click.option(
    "--voice-model", metavar="MODEL", help="Speak with Piper, with this voice: an .onnx file, or the package it is in."
)
@click.option(
    "--audio", type=options.PathName(path_type=Path), metavar="FILE", help="A recording instead of the microphone."
)
@click.option("--fast", is_flag=True, help="With --audio: as fast as it goes.")
@group_option("Whose session it is: the same name in two groups is two people. A new group is made.")
@table_options
@options.models_option()
@options.log_option()
@click.option("--timer-only", is_flag=True, help="Without listening: timer and voice only.")
@paged.page_options
@share_options
@click.option("--airtime", type=click.Choice(AIRTIMES), help="What is shown of the airtime while people talk.")
@click.option("--events", metavar="PLACE", help="Tell other programs the live state: a file, - or unix:PATH.")
@click.option("--mqtt", metavar="HOST", help="Tell the same to an MQTT broker on this computer: HOST[:PORT][/TOPIC].")
@click.option("--mqtt-elsewhere", is_flag=True, help="With --mqtt: the broker is on another computer, unencrypted.")
@click.option("--event-names", is_flag=True, help="With --events and --mqtt: with the names of the people.")
@click.option("--keep", metavar="AGE", help="Afterwards, remove sessions older than this: 180d, 26w, 6m, 2y.")
@click.option("--thin", metavar="AGE", help="Afterwards, of sessions older than this, keep only the figures.")
@click.option("--save-voices", is_flag=True, help="Afterwards, ask each whether their voiceprint may be kept.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--go-on/--new", "go_on", default=None, help="Go on with the unfinished session, or begin a new one.")
@click.option("--or-demo", is_flag=True, help="Play the demonstration where there is no microphone.")
@click.pass_context
def start(ctx: click.Context, /, **given: Any) -> None:
    """Starts a session at this table. What is not said here is asked for.

    \b
    Examples:
      facilitator start
      facilitator start --people "Ana, Ben, Carla" --format round-robin --minutes 5
      facilitator start --people 4 --no-opening --format open
      facilitator start --people "Ana, Ben" --audio talk.wav --voice Ana=ana.wav --voice Ben=ben.wav --fast
    """
    asked = StartOptions(**given)
    asked.check()
    if asked.events == STANDARD:
        own_output()  # before anything is told
    elif asked.events is not None:
        options.spare_database(Path(asked.events.removeprefix(UNIX)))
    samples = options.parse_voices(asked.voices)
    prompts = default_prompts()
    plan = _planned(asked, samples, prompts)
    texts = texts_of(asked.language)
    with_page = paged.wanted(page=asked.page, no_page=asked.no_page, yes=asked.yes)
    if first_start.is_first(asked.db, yes=asked.yes) and not asked.timer_only:
        first_start.offer(asked.language, texts)
    # with a page the microphone is checked there, with people
    if asked.audio is None and not asked.timer_only and (asked.or_demo or asked.yes or not with_page):
        problem = _microphone_problem(asked)
        if problem is not None:
            from facilitator.commands.session.demo import demo  # noqa: PLC0415 - demo is built from start's parts

            tell(f"{problem} Here is the demonstration instead.")
            ctx.invoke(demo, page=asked.page, no_page=asked.no_page)
            return
    at_page = ctx.with_resource(
        paged.opened(texts, show=not asked.page, page=with_page, sharing=asked.sharing, ask=not asked.yes, db=asked.db)
    )
    while True:
        number = _one(asked, plan, at_page, prompts, samples)
        if number is None or asked.yes or at_page is None:
            return
        whole = ForTheRoom(db=asked.db, session=number)
        if at_page.server is None:
            if at_page.share is not None and at_page.share.in_a_room:
                offer_to_the_room(at_page.share, whole, texts)
            return
        tell(f"\n{texts('terminal.page_stays')}")
        if not at_page.afterwards(whole, texts, another=asked.audio is None and not asked.no_opening):
            return
        plan = dataclasses.replace(plan, go_on=False)


def _one(
    asked: StartOptions, plan: Plan, at_page: paged.AtPage | None, prompts: Prompts, samples: dict[str, Path]
) -> int | None:
    """A session, and what is to be done after it; its number, where it is kept."""
    source = Recording(asked.audio, real_time=not asked.fast) if asked.audio is not None else None
    store = running.open_store(asked.db)
    try:
        which_group(store, asked.group, texts_of(asked.language), ask=not asked.yes, page=at_page is not None)
        plan = _set_up_at_the_page(asked, plan, at_page, prompts, store)
        listener, number = _held(asked, plan, at_page, prompts, store, samples, source)
    finally:
        store.close()
    if asked.save_voices and store.path is not None and number is not None:
        keep_asked(store.path, number, listener, store.group)
    if asked.keep is not None:
        keep_only(asked.keep, asked.db)
    if asked.thin is not None:
        thin_only(asked.thin, asked.db)
    return number


def _planned(asked: StartOptions, samples: dict[str, Path], prompts: Prompts) -> Plan:
    """What the command line says. Raises FacilitatorError where that cannot be."""
    if asked.no_opening:
        names: tuple[str, ...] | None = seats(asked.people, samples)
    else:
        alone = asked.form is not None and parse_format(prompts.format(asked.form)).alone
        if alone and asked.save_voices and not _db_named():
            raise UsageError("--save-voices needs a database, and a rehearsal is kept in none; add --db FILE.")
        names = None if asked.people is None else _named(asked.people, least=1 if alone else MIN_PEOPLE)
    minutes = None if asked.minutes is None else parse_minutes(asked.minutes)
    rounds = None if asked.rounds is None else parse_rounds(asked.rounds)
    words = prompts.language(asked.language)
    form = "open" if asked.no_opening and asked.form is None else asked.form
    if form is not None:
        raw = prompts.format(form)
        if asked.no_opening and names is not None:
            without_opening(raw, names)
    return Plan(
        names=names,
        form=form,
        minutes=minutes,
        rounds=rounds,
        words=words,
        airtime=asked.airtime,
        listening=not asked.timer_only,
        device=asked.device,
        go_on=asked.go_on,
        table=asked.table,
        yes=asked.yes,
    )


def _named(people: str, least: int) -> tuple[str, ...]:
    if people.strip().isdecimal():
        raise UsageError(
            f"--people {people.strip()} is how many you are: add --no-opening, and I find the voices as you talk; "
            'or say who is here: --people "Ana, Ben".'
        )
    return parse_people(people, least)


def _microphone_problem(asked: StartOptions) -> str | None:
    """Why there is no microphone, where the demonstration may take its place; else that raises AudioError."""
    try:
        Microphone(device_of(asked.device)).close()
    except AudioError as error:
        if asked.or_demo:
            return error.message
        without = (
            "facilitator demo shows what it does, facilitator start --audio FILE hears a recording, and"
            " facilitator start --timer-only keeps time"
        )
        raise AudioError(f"{error.message} Without one, {without}.") from None
    return None


def _set_up_at_the_page(
    asked: StartOptions, plan: Plan, at_page: paged.AtPage | None, prompts: Prompts, store: Store
) -> Plan:
    """What people choose at the page goes before what was said on the command line."""
    if at_page is None or at_page.server is None or plan.yes or asked.no_opening or plan.go_on:
        return plan
    given = SessionRequest(
        people=plan.names or (),
        format=plan.form or "round-robin",
        minutes=plan.minutes,
        rounds=plan.rounds,
        language=asked.language,
        airtime=plan.airtime,
        listening=plan.listening,
        device=device_of(plan.device),
        go_on=plan.go_on,
        group=store.group or "",
    )
    wish = at_page.set_up(
        prompts=prompts,
        store=store,
        given=given,
        table=plan.table,
        audio=asked.audio,
        speech=asked.speech,
        words_a_minute=asked.words_a_minute,
        voice_model=asked.voice_model,
    )
    with contextlib.suppress(StoreError):
        store.within(wish.group, new=True)
    return Plan(
        names=wish.people or None,
        form=wish.format,
        minutes=wish.minutes,
        rounds=wish.rounds,
        words=prompts.language(wish.language),
        airtime=wish.airtime,
        listening=wish.listening,
        device=None if wish.device is None else str(wish.device),
        go_on=wish.go_on,
        table=dataclasses.replace(plan.table, pronounced=wish.pronounced),
        yes=True,
    )


def _new_setup(asked: StartOptions, plan: Plan, prompts: Prompts) -> Setup:
    """Of a session that begins; what is not said yet is asked for."""
    texts = texts_of(str(plan.words["code"]))
    told = answers(
        prompts,
        plan.names,
        plan.form,
        plan.minutes,
        plan.rounds,
        texts,
        yes=plan.yes,
    )
    raw = prompts.format(told.format)
    if asked.no_opening:
        raw = without_opening(raw, told.people)
    raw = with_options(raw, minutes=told.minutes, rounds=told.rounds)
    if not plan.yes and attended():
        raw = dict(offered(raw, plan.words, len(told.people), texts, wants=wants_shorter))
    return Setup(
        people=told.people,
        format=raw,
        language=plan.words,
        listening=plan.listening,
        hears_itself=asked.audio is None,
    )


def _held(
    asked: StartOptions,
    plan: Plan,
    at_page: paged.AtPage | None,
    prompts: Prompts,
    store: Store,
    samples: dict[str, Path],
    source: Recording | None,
) -> tuple[Listener | VoiceFinder | None, int | None]:
    """The session, from its setup to its last word; gives who has listened, and its number, where it is kept."""
    texts = texts_of(str(plan.words["code"]))
    unfinished = to_go_on(store, plan.names, plan.go_on, texts, yes=plan.yes)
    troubles = () if at_page is None else at_page.troubles
    if isinstance(unfinished, Damaged):
        troubles = (*troubles, lambda: DAMAGED)  # the terminal has it already, the page has not
        plan = dataclasses.replace(plan, names=plan.names or unfinished.people or None)
    resume = unfinished if isinstance(unfinished, Interrupted) else None
    setup = _new_setup(asked, plan, prompts) if resume is None else resume.setup
    if resume is None and not plan.yes and asked.audio is None and not asked.no_opening and attended():
        own = names_aloud(
            setup, plan.table.pronounced, store, texts, asked.speech, asked.words_a_minute, asked.voice_model
        )
        plan = dataclasses.replace(plan, table=dataclasses.replace(plan.table, pronounced=own))
    if setup.listening and not asked.fast:
        tell(texts("terminal.getting_ready"))
    listener = finder(setup, samples) if found_live(setup) else listener_of(setup, samples)
    heard = words_of(setup, late=not asked.fast)
    hint = by_key(str(setup.language["code"]), texts) if heard is None and setup.listening else None
    if hint is not None and not plan.yes and not asked.fast:
        tell(hint)
    if resume is None:
        setup = _known_before(setup, plan, store, listener, hears_words=heard is not None)
        setup = dataclasses.replace(setup, consent_by_hand=heard is not None and not knows_refusals(heard, setup))
    kept = resume is not None or not parse_format(setup.format).alone or _db_named()
    if not kept:
        tell(texts("terminal.not_stored"))
    sound = source_of(source, setup, plan.device)
    airtime = rule_of(setup, plan.airtime)
    programs = _programs(asked, airtime)
    troubles = (*troubles, *(one.trouble for one in programs if isinstance(one, MqttLines)))
    with contextlib.ExitStack() as stack:
        number = running.run(
            running.Parts(
                setup=setup,
                store=store if kept else stack.enter_context(Store.open_memory()),
                keep=kept,
                voice=voice_of(asked.speech, setup, asked.audio is not None, asked.words_a_minute, asked.voice_model),
                source=sound,
                page=None if at_page is None else at_page.screen(setup, airtime, sound),
                airtime=airtime,
                programs=programs,
                caption=(lambda: "") if at_page is None else functools.partial(at_page.caption, texts),
                call=(lambda: None) if at_page is None else at_page.call,
                ear=listener,
                words=heard,
                fast=asked.fast,
                resume=resume,
                answered=not asked.yes,
                ask=not plan.yes,
                troubles=troubles,
            )
        )
    return listener, number if kept else None


def _db_named() -> bool:
    """Somebody has said where to keep it."""
    return click.get_current_context().get_parameter_source("db") is ParameterSource.COMMANDLINE


def _programs(asked: StartOptions, airtime: AirtimeRule) -> tuple[LiveLines | MqttLines, ...]:
    """Those that are told the live state."""
    found: list[LiveLines | MqttLines] = []
    if asked.events is not None:
        found.append(LiveLines(asked.events, airtime, names=asked.event_names))
    if asked.mqtt is not None:
        place = parse_place(asked.mqtt, elsewhere=asked.mqtt_elsewhere)
        found.append(MqttLines(place, airtime, names=asked.event_names))
    return tuple(found)


def _known_before(
    setup: Setup, plan: Plan, store: Store, listener: Listener | VoiceFinder | None, *, hears_words: bool
) -> Setup:
    """With what is known of these people from elsewhere: voice samples, voiceprints, earlier sessions."""
    if no_more := [name for name, said in plan.table.pronounced.items() if not said]:
        store.say_as_written(no_more)
    setup = with_enrolled(setup, listener.people if listener is not None else ())
    setup = use_kept(store, setup, listener)
    now = datetime.datetime.now(datetime.UTC)
    setup = at_this_table(setup, plan.table, store, now, hears_words=hears_words)
    if not setup.said_before and (due := carry_over.review_due(store, setup.people, now.astimezone())):
        texts = texts_of(str(setup.language["code"]))
        again = to_type("facilitator start --format quarterly-review")
        tell(texts("terminal.looked_back", day=texts.day(due), command=again))
    return setup
