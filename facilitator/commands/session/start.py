"""`facilitator start`: a session at this table."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path
from typing import Literal

import click

from facilitator.backends.audio.microphone import Microphone
from facilitator.backends.audio.recording import Recording
from facilitator.commands import options
from facilitator.commands.options import parse_age
from facilitator.commands.session import running
from facilitator.commands.session import with_page as paged
from facilitator.commands.session.answers import answers
from facilitator.commands.session.no_opening import finder, found_live, seats, without_opening
from facilitator.commands.session.open_hearing import (
    by_key,
    device_of,
    listener_of,
    source_of,
    voice_of,
    with_enrolled,
    words_of,
)
from facilitator.commands.session.sharing import Sharing, share_options
from facilitator.commands.session.table_options import TableOptions, at_this_table, table_options
from facilitator.commands.session.unfinished import to_go_on
from facilitator.commands.stored.keep_voiceprints import keep_asked, use_kept
from facilitator.commands.stored.people import keep_only
from facilitator.core.formats.parse import with_options
from facilitator.core.setup import Setup
from facilitator.errors import AudioError, UsageError
from facilitator.page.airtime_display import AIRTIMES, AirtimeDisplay
from facilitator.page.request import SessionRequest
from facilitator.ports import WORDS_A_MINUTE
from facilitator.report.agreements import day_in_words
from facilitator.resources.prompts import default_prompts
from facilitator.store import carry_over
from facilitator.terminal.ask import parse_minutes, parse_people, parse_rounds


@click.command()
@click.option("--people", metavar="NAMES", help='Who is here, with commas in between: "Ana, Ben, Carla".')
@click.option("--format", "form", metavar="NAME", help="The form: round-robin, open, or the path of a .toml file.")
@click.option("--minutes", metavar="N", help="Minutes for each turn (in open talk: for the whole talk).")
@click.option("--rounds", metavar="N", help="How many times round.")
@click.option("--language", default="en", show_default=True, metavar="CODE", help="The language it speaks.")
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
    "--words-a-minute", type=click.IntRange(80, 300), default=WORDS_A_MINUTE, show_default=True,
    help="How fast it speaks.",
)  # fmt: skip
@click.option(
    "--audio", type=options.PathName(path_type=Path), metavar="FILE", help="A recording instead of the microphone."
)
@click.option("--fast", is_flag=True, help="With --audio: as fast as it goes.")
@table_options
@options.models_option()
@click.option("--timer-only", is_flag=True, help="Without listening: timer and voice only.")
@paged.page_options
@share_options
@click.option("--airtime", type=click.Choice(AIRTIMES), help="What the page shows of the airtime while people talk.")
@click.option("--keep", metavar="AGE", help="Afterwards, remove sessions older than this: 180d, 26w, 6m, 2y.")
@click.option("--save-voices", is_flag=True, help="Afterwards, ask each whether their voiceprint may be kept.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--go-on/--new", "go_on", default=None, help="Go on with the unfinished session, or begin a new one.")
@click.option("--or-demo", is_flag=True, help="Play the demonstration where there is no microphone.")
@click.pass_context
def start(
    ctx: click.Context,
    people: str | None,
    form: str | None,
    minutes: str | None,
    rounds: str | None,
    language: str,
    db: Path,
    device: str | None,
    voices: tuple[str, ...],
    no_opening: bool,
    speech: Literal["voice", "chime", "silent"] | None,
    words_a_minute: int,
    audio: Path | None,
    fast: bool,
    timer_only: bool,
    page: bool,
    no_page: bool,
    airtime: AirtimeDisplay | None,
    keep: str | None,
    save_voices: bool,
    yes: bool,
    go_on: bool | None,
    or_demo: bool,
    table: TableOptions,
    sharing: Sharing | None,
) -> None:
    """Starts a session at this table. What is not said here is asked for.

    \b
    Examples:
      facilitator start
      facilitator start --people "Ana, Ben, Carla" --format round-robin --minutes 5
      facilitator start --people 4 --no-opening --format open
      facilitator start --people "Ana, Ben" --audio talk.wav --voice Ana=ana.wav --voice Ben=ben.wav --fast
    """
    if fast and audio is None:
        raise UsageError("--fast goes with a recording: add --audio FILE.")
    if audio is not None and timer_only:
        raise UsageError("--timer-only listens to nothing, so it does not go with --audio.")
    if no_opening and timer_only:
        raise UsageError("--timer-only listens to nothing, so it finds no voices: leave --no-opening out.")
    if keep is not None:
        parse_age(keep)
    if save_voices and (no_opening or timer_only):
        raise UsageError("--save-voices needs the opening circle, where people say yes to being heard.")
    samples = options.parse_voices(voices)
    names = seats(people, samples) if no_opening else None if people is None else parse_people(people)
    turn_minutes = None if minutes is None else parse_minutes(minutes)
    times = None if rounds is None else parse_rounds(rounds)
    prompts = default_prompts()
    words = prompts.language(language)
    if no_opening and form is None:
        form = "open"
    if form is not None:
        raw = prompts.format(form)
        if no_opening and names is not None:
            without_opening(raw, names)
    with_page = paged.wanted(page=page, no_page=no_page, yes=yes)
    if audio is None and not timer_only and (or_demo or yes or not with_page):  # else the page checks it, with people
        try:
            Microphone(device_of(device)).close()
        except AudioError as error:
            if not or_demo:
                raise AudioError(f"{error.message} Without one: facilitator start --timer-only keeps time.") from None
            from facilitator.commands.session.demo import demo  # noqa: PLC0415 - demo is built from start's parts

            click.echo(f"{error.message} Here is the demonstration instead.")
            ctx.invoke(demo, page=page, no_page=no_page)
            return
    source = Recording(audio, real_time=not fast) if audio is not None else None
    store = running.open_store(db)
    try:
        at_page = ctx.with_resource(paged.opened(show=not page, page=with_page, sharing=sharing, ask=not yes))
        if at_page is not None and at_page.server is not None and not yes and not no_opening and not go_on:
            given = SessionRequest(
                people=names or (),
                format=form or "round-robin",
                minutes=turn_minutes,
                rounds=times,
                language=language,
                airtime=airtime,
                listening=not timer_only,
                device=device_of(device),
                go_on=go_on,
            )
            wish = at_page.set_up(
                prompts=prompts,
                store=store,
                given=given,
                table=table,
                audio=audio,
                speech=speech,
                words_a_minute=words_a_minute,
            )
            names, form, turn_minutes, times = wish.people or None, wish.format, wish.minutes, wish.rounds
            words, airtime, go_on = prompts.language(wish.language), wish.airtime, wish.go_on
            timer_only = not wish.listening
            device = None if wish.device is None else str(wish.device)
            table = dataclasses.replace(table, pronounced=wish.pronounced)
            yes = True
        unfinished = to_go_on(store, names, go_on, yes=yes)
        if unfinished is not None:
            setup = store.setup(unfinished.session)
        else:
            told = answers(prompts, names, form, turn_minutes, times, yes=yes)
            raw = prompts.format(told.format)
            if no_opening:
                raw = without_opening(raw, told.people)
            setup = Setup(
                people=told.people,
                format=with_options(raw, minutes=told.minutes, rounds=told.rounds),
                language=words,
                listening=not timer_only,
                hears_itself=audio is None,
            )
        listener = finder(setup, samples) if found_live(setup) else listener_of(setup, samples)
        heard = words_of(setup, late=not fast)
        hint = by_key(str(setup.language["code"])) if heard is None and setup.listening else None
        if hint is not None and not yes and not fast:
            click.echo(hint)
        if unfinished is None:
            setup = with_enrolled(setup, listener.people if listener is not None else ())
            setup = use_kept(store, setup, listener)
            now = datetime.datetime.now(datetime.UTC)
            setup = at_this_table(setup, table, store, now, hears_words=heard is not None)
            if not setup.said_before and (due := carry_over.review_due(store, setup.people, now.astimezone())):
                again = "facilitator start --format quarterly-review"
                click.echo(f"You last looked back on {day_in_words(due)}. When it suits you: {again}")
        sound = source_of(source, setup, device)
        running.run(
            running.Parts(
                setup=setup,
                store=store,
                voice=voice_of(speech, setup, audio is not None, words_a_minute),
                source=sound,
                page=None if at_page is None else at_page.screen(setup, airtime, sound),
                ear=listener,
                words=heard,
                fast=fast,
                resume=None if unfinished is None else unfinished.session,
                ask=not yes,
                troubles=() if at_page is None or at_page.share is None else (at_page.share.trouble,),
            )
        )
    finally:
        store.close()
    if save_voices and store.path is not None:
        keep_asked(store.path, listener)
    if keep is not None:
        keep_only(keep, db)
