"""`facilitator start`: a session at this table."""

from __future__ import annotations

import dataclasses
import datetime
import sys
from pathlib import Path
from typing import Any, Literal

import click

from facilitator import backends, looking_back, models
from facilitator.backends import open_voice
from facilitator.backends.microphone import Microphone
from facilitator.backends.recording import Recording, load_voice
from facilitator.backends.silent_voice import SilentVoice
from facilitator.commands import options, paged, running
from facilitator.commands.ages import parse_age
from facilitator.commands.formats import is_timed
from facilitator.commands.kept_voices import PROBLEMS, keep_asked, use_kept
from facilitator.commands.no_opening import finder, found_live, seats, without_opening
from facilitator.commands.people import keep_only
from facilitator.commands.table import Table, at_this_table, table_options
from facilitator.core.formats import parse_format, with_options
from facilitator.core.setup import Setup
from facilitator.errors import AudioError, ModelError, UsageError
from facilitator.hearing.listener import Listener
from facilitator.listening import open_listener
from facilitator.page.airtime import AIRTIMES, Airtime
from facilitator.page.wish import Wish
from facilitator.ports import WORDS_A_MINUTE, AudioSource, Voice
from facilitator.prompts import Prompts, default_prompts
from facilitator.store import Store
from facilitator.store_reader import StoredSession
from facilitator.terminal.ask import Answers, Choice, ask_missing, parse_minutes, parse_people, parse_rounds
from facilitator.words_heard import WordsHeard

BY_KEY = "You lead me by key. To do it by voice: facilitator models install vosk-words-{}"


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
@click.option("--audio", type=click.Path(path_type=Path), metavar="FILE", help="A recording instead of the microphone.")
@click.option("--fast", is_flag=True, help="With --audio: as fast as it goes.")
@table_options
@options.models_option()
@click.option("--timer-only", is_flag=True, help="Without listening: timer and voice only.")
@click.option("--page", is_flag=True, help="Have the page, and open no browser: the address is printed.")
@click.option("--no-page", is_flag=True, help="Stay in the terminal.")
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
    airtime: Airtime | None,
    keep: str | None,
    save_voices: bool,
    yes: bool,
    go_on: bool | None,
    or_demo: bool,
    table: Table,
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
            from facilitator.commands.around import demo  # noqa: PLC0415 - demo is built from start's parts

            click.echo(f"{error.message} Here is the demonstration instead.")
            ctx.invoke(demo)
            return
    source = Recording(audio, real_time=not fast) if audio is not None else None
    store = running.open_store(db)
    try:
        at_page = ctx.with_resource(paged.opened(show=not page)) if with_page else None
        if at_page is not None and not yes and not no_opening and not go_on:
            given = Wish(
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
        unfinished = _unfinished(store, names, go_on, yes=yes)
        if unfinished is not None:
            setup = store.setup(unfinished.session)
        else:
            answers = _answers(prompts, names, form, turn_minutes, times, yes=yes)
            raw = prompts.format(answers.format)
            if no_opening:
                raw = without_opening(raw, answers.people)
            setup = Setup(
                people=answers.people,
                format=with_options(raw, minutes=answers.minutes, rounds=answers.rounds),
                language=words,
                listening=not timer_only,
                hears_itself=audio is None,
            )
        listener = finder(setup, samples) if found_live(setup) else _listener(setup, samples)
        heard = _words(setup, late=not fast)
        if heard is None and not yes and not fast and setup.listening:
            click.echo(BY_KEY.format(setup.language["code"]))
        if unfinished is None:
            setup = _with_enrolled(setup, listener.people if listener is not None else ())
            setup = use_kept(store, setup, listener)
            now = datetime.datetime.now(datetime.UTC)
            setup = at_this_table(setup, table, store, now, hears_words=heard is not None)
            if not setup.said_before and (hint := looking_back.review_due(store, setup.people, now.astimezone())):
                click.echo(hint)
        sound = _source(source, setup, device)
        running.run(
            running.Parts(
                setup=setup,
                store=store,
                voice=_voice(speech, setup, audio is not None, words_a_minute),
                source=sound,
                page=None if at_page is None else at_page.screen(setup, airtime, sound),
                ear=listener,
                words=heard,
                fast=fast,
                resume=None if unfinished is None else unfinished.session,
                ask=not yes,
            )
        )
    finally:
        store.close()
    if save_voices and store.path is not None:
        keep_asked(store.path, listener)
    if keep is not None:
        keep_only(keep, db)


def device_of(text: str | None) -> str | int | None:
    """A device's number or a part of its name."""
    return int(text) if text is not None and text.isdigit() else text


def _source(recording: Recording | None, setup: Setup, device: str | None) -> AudioSource | None:
    if recording is not None or not setup.listening:
        return recording
    return Microphone(device_of(device))


def _voice(speech: str | None, setup: Setup, from_recording: bool, words_a_minute: int) -> Voice:
    """Where a recording plays, nobody waits for what is said: it is shown, and takes no time."""
    if speech is None:
        speech = "silent" if from_recording else "voice"
    if speech == "silent" and from_recording:
        return SilentVoice(at_once=True)
    code = str(setup.language["code"])
    return open_voice(speech, code, words_a_minute=words_a_minute)  # type: ignore[arg-type]


def _listener(setup: Setup, samples: dict[str, Path]) -> Listener | None:
    """The listener with the voice samples it was given. Raises UsageError for a sample that will not do."""
    strangers = [name for name in samples if name not in setup.people]
    if strangers:
        raise UsageError(f"There is a voice sample for {strangers[0]}, who is not among the people here.")
    if not setup.listening:
        return None
    listener, troubles = open_listener(str(setup.language["code"]))
    for trouble in troubles:
        click.echo(trouble, err=True)
    for person, path in samples.items():
        problem = listener.enrol(person, load_voice(path))
        if person not in listener.people:
            raise UsageError(
                f"{path} cannot serve as {person}'s voice: it {PROBLEMS[problem or 'quiet']}. Record it anew."
            )
        if problem is not None:
            click.echo(f"{person}'s voice sample {PROBLEMS[problem]}; another one would do better.", err=True)
    return listener


def _words(setup: Setup, *, late: bool) -> WordsHeard | None:
    """Hears what people say to the program, where there is a model for their language; else the keys do it all."""
    if not setup.listening:
        return None
    folder = models.find_words(str(setup.language["code"]))
    if folder is None:
        return None
    try:
        return WordsHeard(backends.open_words(folder), late=late)
    except ModelError as trouble:
        click.echo(trouble.message, err=True)
        return None


def _with_enrolled(setup: Setup, enrolled: tuple[str, ...]) -> Setup:
    return dataclasses.replace(setup, enrolled=tuple(p for p in setup.people if p in enrolled))


def _unfinished(store: Store, names: tuple[str, ...] | None, go_on: bool | None, *, yes: bool) -> StoredSession | None:
    """The session that broke off, if it is to go on. One that is not is closed; nothing of it is lost."""
    found = store.unfinished()
    if not found or (names is not None and set(names) != set(found[0].people)):
        if go_on:
            raise UsageError("There is no unfinished session of these people; leave --go-on out to begin a new one.")
        return None
    latest = found[0]
    if found_live(store.setup(latest.session)):
        if go_on:
            raise UsageError("That session had no opening circle, so its voices cannot be known again; say --new.")
        go_on = False
    if go_on is None and not yes and sys.stdin.isatty():
        what = f"{', '.join(latest.people)}, {latest.format}, stopped after {latest.last_ms // 60_000} min"
        go_on = click.confirm(f"A session was interrupted ({what}). Go on with it?", default=True)
    if go_on:
        return latest
    if go_on is False:
        store.finish(latest.session, "interrupted")
        click.echo(f"It is closed; facilitator review {latest.session} tells it.")
    else:
        click.echo(f"Session {latest.session} was interrupted; --go-on goes on with it, --new closes it.", err=True)
    return None


def _answers(
    prompts: Prompts,
    people: tuple[str, ...] | None,
    form: str | None,
    minutes: float | None,
    rounds: int | None,
    *,
    yes: bool,
) -> Answers:
    """What was not said on the command line is asked for, or, with --yes, left as the format has it."""
    if yes:
        if people is None:
            raise UsageError('Say who is here: --people "Ana, Ben".')
        return Answers(people=people, format=form or "round-robin", minutes=minutes, rounds=rounds)
    forms: dict[str, Any] = {path.stem: prompts.format(path.stem) for path in prompts.format_files()}
    order = sorted(forms, key=lambda name: (name != "round-robin", name))
    return ask_missing(
        people=people,
        format=form,
        minutes=minutes,
        rounds=rounds,
        formats=[Choice(name=name, title=forms[name]["summary"]) for name in order],
        timed=lambda name: is_timed(parse_format(forms[name] if name in forms else prompts.format(name))),
    )
