"""The command line. Each command is a file in `commands/`, loaded when it is used; nobody imports this one."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

import facilitator.runtime.one_thread  # noqa: F401 - before anything that computes
from facilitator import __version__
from facilitator.commands.groups import SHELL_ASKS, Commands
from facilitator.core.text import all_cleaned, cleaned
from facilitator.errors import FacilitatorError, UsageError
from facilitator.resources.paths import settings_path
from facilitator.runtime import no_log
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import DATABASE, to_type

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "start": (
        "session.start",
        "Starts a session at this table.",
    ),
    "room": (
        "session.room",
        "Shows the clocks of several tables in one room, one laptop each, and takes in what they hand over.",
    ),
    "demo": (
        "session.demo",
        "Plays a recorded talk of four minutes through the whole program, on the page as in the terminal.",
    ),
    "analyze": (
        "analyze",
        "Finds who spoke when in RECORDING (WAV, FLAC, OGG, MP3, or what a phone records) and tells the airtime.",
    ),
    "import": (
        "stored.take_in:import_",
        "Keeps who spoke when, as another program has put it down, as a session.",
    ),
    "archive": (
        "archive",
        "Hears every recording in FOLDER, and keeps who spoke when and everybody's figures.",
    ),
    "review": (
        "stored.review",
        "Tells a session again: what mattered most, everyone's part, three figures, agreements, one question.",
    ),
    "correct": (
        "stored.correct",
        "Puts right what was heard wrongly in a session that is over: who somebody was, who spoke, what counts.",
    ),
    "agreements": (
        "stored.agreements",
        "Lists what was agreed on, with who takes care of it and by when; what is open comes first.",
    ),
    "mediate": (
        "mediation.mediate",
        "Keeps a mediator's own notes, and makes the report that both sides share.",
    ),
    "merge": (
        "stored.merge",
        "Takes the sessions of another database into this one, such as those of another laptop.",
    ),
    "replay": (
        "stored.review",
        "Runs a session's stored facts through today's rules and says what comes out differently.",
    ),
    "recover": (
        "stored.review",
        "Takes a session that could not be stored, and was saved as FILE, into the database; or takes out of a "
        "damaged database what can be read.",
    ),
    "trends": (
        "stored.trends",
        "Says what has changed over the sessions of each group: shares, balance, cut-ins, protected time kept, "
        "check-ins held, agreements kept, mood at the start and at the end, and how fair it feels how things are "
        "shared.",
    ),
    "export": (
        "stored.export",
        "Writes everything that is stored into a folder or a .zip, or what is one person's; a README in it says "
        "what is what.",
    ),
    "people": (
        "stored.people",
        "Lists who is in the database, renames them, and says how names are spoken.",
    ),
    "groups": (
        "moving:groups",
        "Lists the groups, and moves sessions into one.",
    ),
    "forget": (
        "stored.people",
        "Forgets a person everywhere, or old sessions.",
    ),
    "thin": (
        "stored.thin",
        "Makes old sessions small: their figures stay, and what was heard moment by moment goes.",
    ),
    "audit": (
        "system.audit",
        "Lists every file and table that was written, what is in it, who may read it, and what could reach the "
        "network.",
    ),
    "formats": (
        "formats.formats",
        "The forms a discussion can take: files that anyone can write.",
    ),
    "models": (
        "system.models",
        "What makes hearing surer: small models, fetched once.",
    ),
    "doctor": (
        "system.doctor",
        "Looks at everything a session needs and says how to mend what is not right.",
    ),
    "devices": (
        "system.doctor",
        "Lists microphones and loudspeakers, for --device.",
    ),
    "shortcut": (
        "system.shortcut",
        "Puts an icon on the desktop and in the menu that starts a session and opens the page.",
    ),
    "completion": (
        "system.completion",
        "Prints what makes your shell finish commands and options when you press Tab.",
    ),
}
"""Every command, the file in `commands/` that holds it (and after a colon its name there, where that is another), and
the first sentence of its help: that is shown without loading any of them."""


STOPPED = 130
"""What is given back after a Ctrl-C, as shells expect it."""


class _Told(click.ClickException):
    def show(self, file: Any = None) -> None:
        tell(self.message, err=True)


class _Usage(_Told):
    exit_code = UsageError.exit_code


class Facilitator(Commands):
    """Without a command it starts a session; problems become one sentence and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, called = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(f"facilitator.commands.{module}"), called or cmd_name)
        assert isinstance(command, click.Command)
        return command

    def sentences(self, ctx: click.Context) -> list[tuple[str, str]]:
        return [(name, sentence) for name, (_, sentence) in COMMANDS.items()]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Without loading every command."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only the shell needs it

        if incomplete.startswith("-") and (start := self.get_command(ctx, "start")) is not None:
            of_start = start.shell_complete(click.Context(start, parent=ctx, resilient_parsing=True), incomplete)
            return [*click.Command.shell_complete(self, ctx, incomplete), *of_start]
        return [CompletionItem(name) for name in COMMANDS if name.startswith(incomplete)]

    def main(self, *args: Any, **extra: Any) -> Any:
        if SHELL_ASKS in os.environ:
            importlib.import_module("facilitator.commands.system.completion")  # what the shells need beside click's
        return super().main(*args, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        bare = not args and not ctx.resilient_parsing  # else the shell asks what could come
        if bare or (args and args[0].startswith("-") and args[0] not in ("--help", "-h", "--version")):
            args = ["start", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            _begin_log()  # before the command is loaded, which may fail as well
            return super().invoke(ctx)
        except FacilitatorError as error:
            said = f"Error: {to_type(cleaned(error.message, lines=True))}"
            raise (_Usage if isinstance(error, UsageError) else _Told)(said) from error
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.ClickException as error:
            message = cleaned(error.format_message(), lines=True)  # it may repeat what was typed
            if isinstance(error, click.UsageError):
                one_line = " ".join(message.split())  # click gives each choice a line of its own
                raise _Usage(f"{_usage(error.ctx)}Error: {to_type(one_line + _which_session(error))}") from error
            raise _Told(f"Error: {message}") from error
        except click.exceptions.Exit:  # no error
            raise
        except (click.exceptions.Abort, KeyboardInterrupt, EOFError) as gone:
            if isinstance(gone, EOFError) or isinstance(gone.__context__, EOFError):
                raise _Usage("Error: Nobody is there to be asked; --help says what can be said beforehand.") from gone
            click.echo(err=True)  # after the ^C; who pressed it knows what it was for
            raise click.exceptions.Exit(STOPPED) from gone
        except Exception as error:
            if (sentence := _of_damage(ctx, error)) is None:
                raise
            raise _Told(f"Error: {cleaned(sentence)}") from error


def _which_session(error: click.UsageError) -> str:
    """What to type instead of a number that stands alone, as `review` takes it, where it takes an option."""
    options = () if error.ctx is None else (param.name for param in error.ctx.command.params)
    alone = re.search(r"unexpected extra argument \((\d+)\)", error.format_message())
    return f". For session {alone[1]}, type --session {alone[1]}." if alone and "session" in options else ""


def _usage(ctx: click.Context | None) -> str:
    return "" if ctx is None else f"{ctx.get_usage()}\n{ctx.command_path} --help says more.\n\n"


@click.group(
    cls=Facilitator, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "FACILITATOR"}
)
@click.version_option(__version__, prog_name="facilitator")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """A voice-assisted facilitator for in-person discussions. Offline: nothing leaves this computer.

    Without a command it starts a session: facilitator is short for facilitator start.
    """
    ctx.default_map = _own_defaults()


def _begin_log() -> None:
    no_log.quiet()
    if log := os.environ.get(no_log.SETTING):
        from facilitator.system import field_log  # noqa: PLC0415 - only where one is asked for

        field_log.begin(Path(log))


def _own_defaults() -> dict[str, Any]:
    """What the person wrote into settings.toml in their configuration folder: a table for each command."""
    import tomllib  # noqa: PLC0415 - help does without

    path = settings_path()
    try:
        return cast("dict[str, Any]", all_cleaned(tomllib.loads(path.read_text(encoding="utf-8"))))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, RecursionError, tomllib.TOMLDecodeError) as error:
        why = (isinstance(error, OSError) and error.strerror) or error
        raise UsageError(f"The settings in {path} cannot be read: {why}. Mend or remove the file.") from None


def main(args: Sequence[str] | None = None) -> None:
    """The outermost place: whatever nobody has foreseen becomes one sentence too, and exit code 1."""
    _with_streams()
    try:
        cli.main(args=None if args is None else list(args), prog_name="facilitator")
    except Exception as error:
        logging.getLogger(__name__).critical("the command has failed", exc_info=error)
        with contextlib.suppress(OSError):  # the terminal may be what has gone
            tell(f"Error: {_unforeseen(error)}", err=True)
        sys.exit(1)


def _with_streams() -> None:
    """Who starts a program may have closed its standard streams. In their order, so that each takes its own number, and
    no file that is opened later does: what native code has to say would be written into that."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nothing = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - to the end of the program
            setattr(sys, name, nothing)


def _of_damage(ctx: click.Context, error: Exception) -> str | None:
    """The sentence about the database that a command works with, where that is damaged, or lacks what every one of them
    has: then that is what is wrong."""
    from facilitator.store.database import damaged, explain, is_refusal  # noqa: PLC0415 - only what is needed is loaded
    from facilitator.store.recovery.sense import is_damaged_file  # noqa: PLC0415

    path = ctx.meta.get(DATABASE)
    if not isinstance(path, Path):
        return None
    if is_damaged_file(path):
        return damaged(path)
    return explain(path, error) if is_refusal(error) else None


def _unforeseen(error: Exception) -> str:
    """One sentence about an error that nobody has foreseen: what it is, and what to do next."""
    if isinstance(error, OSError) and error.strerror:
        named = str(error.filename or "")
        shown = "".join(c if c.isprintable() else "?" for c in named[:80]) + ("..." if len(named) > 80 else "")
        return f"The system refused {shown or 'something'} ({error.strerror}); check what was named, and try again."
    if isinstance(error, MemoryError):
        return "There is not enough memory for this; close other programs, and try again."
    if isinstance(error, UnicodeEncodeError):
        return "A name holds characters that cannot be written; use another one."
    import traceback  # noqa: PLC0415 - only here

    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{type(error).__name__}, {Path(place.filename).name}:{place.lineno}"
    return (
        f"This program has a fault ({where}); what was stored before is kept. "
        "To see where it comes from, repeat the command with FACILITATOR_LOG=FILE set, and look into that file."
    )
