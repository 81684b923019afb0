"""A file to begin a format of one's own with: every stage, and every key there is with what it means."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

from facilitator.commands.formats.describe import MEANINGS, changed, does, toml
from facilitator.core.formats.stages import Closing, Format, Opening, StageSettings, Step, Talk, Turns
from facilitator.errors import FacilitatorError, UsageError
from facilitator.resources import paths

NOTE_FROM = 34
"""The column in which notes begin."""
BEGINNING = Format(
    name="",
    summary="A round in which everyone answers a question, then open talk.",
    stages=(
        Opening(),
        Turns(ask="what is on your mind today?", minutes=1.0, rounds=1),
        Talk(minutes=10.0),
        Closing(),
    ),
)
"""What a format begins with where none is named."""
HEAD = """\
# A form of discussion. What stands behind a # is a note for you; the program does not read it.
# A key with a # in front is as it usually is: take the # away to change it.
# The stages run from top to bottom. Take out, move or repeat them as you like.
# prompts/README.md, which comes with the program, explains every key and every kind of stage.
"""


def written(name: str, form: Format) -> str:
    """The file's text: `form` under a new name."""
    parts = [HEAD]
    parts.append(f"name = {toml(title(name))}\nsummary = {toml(form.summary)}")
    host = _line("host = true", "the first person is a host: no turns, left out of the balance")
    parts[-1] += "\n" + (host if form.host else "# " + host.replace("true", "false")) + "\n"
    for stage in form.stages:
        parts.append("\n".join(_stage(stage)) + "\n")
    return "\n".join(parts)


def title(name: str) -> str:
    """`monday-talk` -> "Monday talk"."""
    words = " ".join(re.split(r"[-_\s]+", name)).strip()
    return words[:1].upper() + words[1:]


def _stage(stage: StageSettings) -> Iterator[str]:
    yield f"# {does(stage)}"
    yield "[[stage]]"
    yield f'kind = "{stage.kind}"'
    yield from _keys(stage, stage.kind)
    for step in stage.step if isinstance(stage, Turns) else ():
        yield ""
        yield "[[stage.step]]"
        yield from _keys(step, "step")


def _keys(stage: StageSettings | Step, kind: str) -> Iterator[str]:
    """What is not as usual, then the rest as notes."""
    own = changed(stage)
    own.pop("step", None)
    for key, value in own.items():
        yield _line(f"{key} = {toml(value)}", MEANINGS[f"{kind}.{key}"])
    for field in dataclasses.fields(stage):
        if field.name not in own and field.name != "step":
            usual = "..." if field.default is None else toml(field.default)
            yield _line(f"# {field.name} = {usual}", MEANINGS[f"{kind}.{field.name}"])


def _line(setting: str, note: str) -> str:
    return f"{setting:<{NOTE_FROM - 2}}  # {note}"


def place(name: str, folder: Path | None) -> Path:
    """Where the file goes: the folder that was named, else the person's own prompts, else where they are.

    Raises UsageError for a name that cannot be a file's, or a folder that is not there."""
    stem = name.removesuffix(".toml")
    if not re.fullmatch(r"\w[\w-]*", stem):
        raise UsageError(f"{name!r} cannot be a format's name: use letters, figures and hyphens, such as monday-talk.")
    if folder is None:
        prompts = paths.find("prompts")
        if prompts.source != "setting":
            return Path(f"{stem}.toml")
        folder = prompts.folder / "formats"
        folder.mkdir(exist_ok=True)
    elif not folder.is_dir():
        raise UsageError(f"There is no folder {folder}; make it, or name another one with --folder.")
    return folder / f"{stem}.toml"


def write(path: Path, text: str) -> None:
    """Writes a new file. What is there already stays as it is."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"There is a file {path} already, and it stays as it is; choose another name.") from None
    except OSError as error:
        raise FacilitatorError(
            f"{path} cannot be written: {error.strerror}. Name another folder with --folder."
        ) from None
