"""`facilitator demo`: a recorded discussion through the whole program."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from facilitator.backends import open_voice
from facilitator.backends.audio.loudspeaker import Loudspeaker
from facilitator.backends.voice.silent_voice import SilentVoice
from facilitator.commands import options
from facilitator.commands.session import running
from facilitator.commands.session import with_page as paged
from facilitator.commands.session.with_page import page_options
from facilitator.core.airtime_display import rule_of
from facilitator.core.events import Record, Say
from facilitator.core.formats.parse import with_options
from facilitator.core.setup import Setup
from facilitator.demo.script import bundled, load_script
from facilitator.demo.scripted_table import Played, ScriptedTable
from facilitator.errors import AudioError
from facilitator.hearing.signal.audio import RATE, Samples
from facilitator.pipelines.live import open_listener
from facilitator.resources.prompts import default_prompts
from facilitator.resources.texts import texts_of
from facilitator.store.session_log import Store
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import DATABASE, NAMED_DATABASE, program

if TYPE_CHECKING:
    from facilitator.page.broker import Broker

OVER = "That was a demonstration, and nothing of it was kept. For a talk of your own, type: {program}"
TOUR = "tour."
BADGE = "A demonstration: these people are recordings"


class _Captions:
    """What the recorded people say, for those who do not hear it; over once the facilitator speaks."""

    def __init__(self, broker: Broker | None) -> None:
        self.now = ""
        self._broker = broker

    def put(self, text: str) -> None:
        self.now = text
        if self._broker is not None:
            self._broker.tell("caption", text)

    def write(self, records: Sequence[Record]) -> None:
        if self.now and any(isinstance(record, Say) for record in records):
            self.put("")

    def close(self) -> None:
        """There is nothing to put away."""


@contextlib.contextmanager
def _heard_by(loudspeaker_wanted: bool) -> Iterator[Callable[[Samples], object]]:
    """Plays a clip, so that the recorded people are heard, where there is a loudspeaker to."""
    with contextlib.ExitStack() as until_over:
        play: Callable[[Samples], object] = lambda _: None  # noqa: E731
        if loudspeaker_wanted:
            with contextlib.suppress(AudioError):
                loudspeaker = until_over.enter_context(contextlib.closing(Loudspeaker()))
                play = lambda clip: loudspeaker.play(clip, RATE)  # noqa: E731
        yield play


def tour_words() -> dict[str, dict[str, str]]:
    """What explains it on the page: in every language, as whoever looks need not have that of the talk."""
    found: dict[str, dict[str, str]] = {}
    for file in default_prompts().language_files():
        texts = texts_of(file.stem)
        keys = [key for key in texts.messages if key.startswith(TOUR)]
        found[file.stem] = {key.removeprefix(TOUR): texts(key, program=program()) for key in keys}
    return found


@click.command()
@options.log_option()
@click.option("--fast", is_flag=True, help="As fast as it goes, on the screen only.")
@click.option("--speech", type=click.Choice(["voice", "chime", "silent"]), help="Speak, only chime, or only show.")
@click.option(
    "--db",
    callback=options.remembered,
    is_eager=True,
    type=options.PathName(path_type=Path),
    help="Keep the session in this database; else it is not kept.",
)
@page_options
@click.option(
    "--script", type=options.PathName(path_type=Path), hidden=True, help="The folder of another scripted table."
)
def demo(
    fast: bool = False,
    speech: Literal["voice", "chime", "silent"] | None = None,
    db: Path | None = None,
    page: bool = False,
    no_page: bool = False,
    script: Path | None = None,
) -> None:
    """Plays a recorded talk of four minutes through the whole program, on the page as in the terminal. No microphone is
    needed.

    \b
    Examples:
      facilitator demo
      facilitator demo --fast
    """
    # Also where `start` has begun it: the database that was named there is not the one that this works with.
    click.get_current_context().meta.update({DATABASE: db, NAMED_DATABASE: db})
    scene = load_script(bundled() if script is None else script)
    prompts = default_prompts()
    setup = Setup(
        people=scene.people,
        format=with_options(prompts.format(scene.format), minutes=scene.minutes, rounds=scene.rounds),
        language=prompts.language(scene.language),
    )
    if not fast:
        tell(f"A demonstration: {scene.title}. Nobody is listened to; the people are recordings.")
    with_page = paged.wanted(page=page, no_page=no_page or (fast and not page), yes=False)
    with (
        paged.opened(texts_of(scene.language), show=not page, page=with_page) as at_page,
        Store.open(db) if db is not None else Store.open_memory() as store,
        _heard_by(not fast and speech != "silent") as play,
    ):
        if at_page is not None:
            at_page.broker.tell("badge", BADGE)
            at_page.broker.tell("tour", tour_words())
            at_page.wait()

        captions = _Captions(None if at_page is None else at_page.broker)

        def along(played: Played, clip: Samples) -> None:
            play(clip)
            if said := scene.words.get(played.clip):
                captions.put(f"{played.person}: “{said}”")

        table = ScriptedTable(scene, paced=not fast, listen_along=along)
        airtime = rule_of(setup)
        running.run(
            running.Parts(
                setup=setup,
                store=store,
                voice=SilentVoice() if fast else open_voice(speech or "voice", scene.language),
                source=table,
                ear=open_listener(scene.language)[0],
                keys=[table],
                sinks=[table, captions],
                page=None if at_page is None else at_page.screen(setup, airtime, table),
                airtime=airtime,
                caption=lambda: captions.now,
                fast=fast,
                ask=sys.stdin.isatty(),
                keep=db is not None,
            )
        )
    if db is None:
        tell(OVER.format(program=program()))
