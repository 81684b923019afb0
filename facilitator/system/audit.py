"""Everything that this program has written on this computer, what is in it, who may read it, and what could reach the
network. Looks at the files themselves; changes nothing."""

from __future__ import annotations

import ast
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from facilitator.backends.voice import voice_files
from facilitator.errors import FacilitatorError
from facilitator.resources import paths as places
from facilitator.resources.texts import english_day
from facilitator.store import contents, database
from facilitator.store.reader import Reader
from facilitator.store.voiceprints import saved_on
from facilitator.system import exports, field_log, own_files, shortcut, telemetry

SOUND_BEGINS = (b"RIFF", b"RIFX", b"fLaC", b"OggS", b"ID3", b"FORM", b".snd", b"caff", b"\xff\xfb")
SOUND_ENDS = {".wav", ".flac", ".ogg", ".mp3", ".opus", ".aiff", ".raw", ".pcm", ".m4a"}
NETWORK = {
    "aiohttp", "asyncio", "ftplib", "http", "httpx", "ifaddr", "paho", "pooch", "requests", "smtplib", "socket",
    "socketserver", "ssl", "starlette", "telnetlib", "urllib", "urllib3", "uvicorn", "websockets", "xmlrpc",
}  # fmt: skip
HARMLESS = {"urllib.parse", "http.HTTPStatus"}
REACHES = {
    "facilitator.models.fetch": "fetches models when you type facilitator models install, and sends nothing else",
    "facilitator.page.networks": "with start --share, asks the system for its own addresses; sends nothing",
    "facilitator.page.room_link": "with facilitator room, reads how far the tables are whose addresses you gave, and "
    "fetches what one of them hands over after a yes there; sends nothing",
    "facilitator.page.server": "shows the page on this computer (127.0.0.1) and, only with start --share, to "
    "those in the same network who have its address; connects to nobody",
    "facilitator.commands.session.live_mqtt": "with start --mqtt, tells a broker of this computer the live state; "
    "another computer's only with --mqtt-elsewhere",
    "facilitator.terminal.live_lines": "with start --events unix:PATH, tells programs of this computer the live state",
    "facilitator.commands.session.with_page": "belongs to the page; opens nothing itself",
    "facilitator.page": "belongs to the page; opens nothing itself",
}
"""What these files, or those below these folders, want with the network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    path: str
    what: str
    bytes: int
    private: bool | None
    """Only its owner may read it; None: this system has no such rights to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedTable:
    name: str
    what: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    module: str
    uses: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    database: str
    sessions: int
    first: str
    last: str
    people: int
    voices: dict[str, str]
    """Whose voiceprint is kept, and the day on which they said so."""
    files: tuple[File, ...]
    tables: tuple[AuditedTable, ...]
    looked_through: int
    """Files of the program that were searched for uses of the network."""
    network: tuple[Reach, ...]
    problems: tuple[str, ...]
    """Each a sentence that says what to do."""


def examine(db: Path, *, here: Path | None = None) -> Audit:
    """`here`: the folder in which people work, where rescued sessions may lie; None: the current one."""
    db = db.expanduser().absolute()
    files = tuple(_files(db, here or Path.cwd()))
    problems = [
        f"Others on this computer may read {file.path}; type: chmod {'700' if Path(file.path).is_dir() else '600'}"
        f" {file.path}"
        for file in files
        if file.private is False and file.what not in (*PUBLIC, telemetry.WHAT)
    ]
    problems += [
        f"{file.path} looks like a recording; delete it if you do not want it." for file in files if file.what == SOUND
    ]
    problems += [
        f"A program that was killed has left {path}, with what the voice said, names too. The next discussion removes"
        " it; or type: facilitator audit --tidy"
        for path in voice_files.abandoned()
    ]
    problems += [telemetry.explained(Path(file.path)) for file in files if file.what == telemetry.WHAT]
    stored: list[contents.StoredTable] = []
    totals = contents.Totals()
    voices: dict[str, str] = {}
    if db.exists():
        with Reader.open(db) as reader:
            stored = list(contents.tables(reader))
            totals = contents.totals(reader)
            voices = saved_on(reader)
        problems += _strange(stored)
    network, looked = _network()
    return Audit(
        database=str(db),
        **asdict(totals),
        voices=voices,
        files=files,
        tables=tuple(AuditedTable(name=one.name, what=one.what or OTHER, rows=one.rows) for one in stored),
        looked_through=looked,
        network=network,
        problems=tuple(problems),
    )


DATABASE, BESIDE = "the database", "belongs to the database: what was written last"
SETTINGS, MODELS, SOUND = "your own settings", "models, with nothing of yours in them", "sound"
SAVED, OTHER = "a session that you saved yourself", "not known to this program"
RECOVERED = "what could be read of a damaged database"
HANDED_OVER = "a session that another table of the room has handed over: facilitator merge takes it in"
PRIVATE = "a mediator's own notes, and what each said of a joint report: in no export"
HALF_RECOVERED = "a copy of a damaged database, left by a recovery that was ended: delete it"
EXPORT = "an export that you made yourself"
LOG = "a log for who looks for a fault: no names and no words in it"
SPOKEN = "what the computer's voice said, in a program that is running or was killed"
FOLDER = "the folder of your data"
ICON = "the icon that facilitator shortcut made, with nothing of yours in it"
PUBLIC = (SETTINGS, MODELS, ICON)
"""There is nothing in these that others should not read."""


def _files(db: Path, here: Path) -> Iterator[File]:
    beside = {db: DATABASE, **{db.with_name(f"{db.name}{end}"): BESIDE for end in database.BESIDE}}
    known = {path for path in beside if path.exists()}
    data = places.data_folder()
    if data.is_dir():
        yield _file(data, FOLDER)
    for path, what in beside.items():
        if path in known:
            yield _file(path, what)
    folders = [folder for folder in {data, db.parent} if folder.is_dir()]
    models = _models_folder()
    if models is not None and models.is_dir():
        size = sum(path.stat().st_size for path in models.rglob("*") if path.is_file())
        yield File(path=str(models), what=MODELS, bytes=size, private=_private(models))
    ours = dict.fromkeys(own_files.rescued({here, data, db.parent}), SAVED)
    ours |= dict.fromkeys(own_files.recovered(db), RECOVERED)
    ours |= dict.fromkeys(own_files.private(db), PRIVATE)
    ours |= dict.fromkeys(own_files.half_recovered(db), HALF_RECOVERED)
    ours |= dict.fromkeys(own_files.handed_over(db), HANDED_OVER)
    for path in sorted(_others(folders, known, models, data) - set(ours)):
        yield _file(path, _kind(path))
    for path, what in ours.items():
        yield _file(path, what)
    yield from (_export(path) for path in exports.in_sight({here, data, db.parent}))
    yield from (_file(path, LOG) for path in field_log.in_sight({here, data, db.parent}))
    for folder in voice_files.folders():
        yield from (_file(path, SPOKEN) for path in [folder, *sorted(folder.iterdir())])
    yield from (_file(path, telemetry.WHAT) for path in telemetry.left_behind())
    yield from (_file(path, ICON) for path in shortcut.made())
    settings = places.settings_path()
    if settings.is_file():
        yield _file(settings, SETTINGS)


def _export(path: Path) -> File:
    parts = [path, *(sorted(path.rglob("*")) if path.is_dir() else ())]
    rights = [_private(part) for part in parts]
    size = sum(part.stat().st_size for part in parts if part.is_file())
    private = None if None in rights else all(rights)
    return File(path=str(path), what=EXPORT, bytes=size, private=private)


def _others(folders: Sequence[Path], known: set[Path], models: Path | None, data: Path) -> set[Path]:
    """What else lies in the data folder and below; beside a database elsewhere, only what may be this program's."""
    found: set[Path] = set()
    exported = exports.in_sight(folders)
    for folder in folders:
        paths = folder.rglob("*") if folder == data else folder.glob("facilitator-*")
        found |= {
            path
            for path in paths
            if path.is_file()
            and path not in known
            and (models is None or models not in path.parents)
            and not any(one == path or one in path.parents for one in exported)
            and not field_log.is_log(path)
        }
    return found


def _models_folder() -> Path | None:
    try:
        place = places.find("models")
    except FacilitatorError:
        return None
    return place.folder if place.source == "setting" else places.data_folder() / "models"


def _kind(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            begins = stream.read(4)
    except OSError:
        return OTHER
    return SOUND if path.suffix.lower() in SOUND_ENDS or begins.startswith(SOUND_BEGINS) else OTHER


def _file(path: Path, what: str) -> File:
    size = 0 if path.is_dir() else path.stat().st_size
    return File(path=str(path), what=what, bytes=size, private=_private(path))


def _private(path: Path) -> bool | None:
    if sys.platform == "win32":
        return None
    return not stat.S_IMODE(path.stat().st_mode) & 0o077


def _strange(stored: Iterable[contents.StoredTable]) -> Iterator[str]:
    for table in stored:
        if table.what is None:
            yield f"The table {table.name} was not made by this program; facilitator forget does not look into it."
        for column in table.blobs:
            yield f"The column {column} of {table.name} may hold sound; this program has no such column."


def _network() -> tuple[tuple[Reach, ...], int]:
    """Files of this program that use anything which could reach the network, and how many were looked through."""
    found, looked = [], 0
    for path in sorted(places.PACKAGE.rglob("*.py")):
        looked += 1
        module = ".".join(("facilitator", *path.relative_to(places.PACKAGE).with_suffix("").parts))
        uses = sorted(_imported(path) - HARMLESS)
        if uses:
            why = next((why for known, why in REACHES.items() if f"{module}.".startswith(f"{known}.")), "look at it")
            found.append(Reach(module=module, uses=tuple(uses), why=why))
    return tuple(found), looked


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = NETWORK & {node.module}
            names |= {f"{node.module}.{alias.name}" for alias in node.names} if whole else {node.module}
    return {name for name in names if name.split(".")[0] in NETWORK}


def as_json(audit: Audit) -> dict[str, Any]:
    return asdict(audit)


def as_text(audit: Audit) -> str:
    """Ends without a newline."""
    files = [f"  {file.path}\n      {file.what}{_size(file)}{_rights(file)}" for file in audit.files]
    tables = [f"  {table.name:<{_widest(audit)}}  {table.rows:>9}  {table.what}" for table in audit.tables]
    blocks = [_summary(audit), "\n".join(["Files", *files]) if files else "No file has been written."]
    if tables:
        blocks.append("\n".join(["Tables of the database, with how many rows each has", *tables]))
    sound = (
        "see below"
        if any(file.what in (SOUND, SPOKEN) for file in audit.files)
        else "none was found, here or in the tables"
    )
    blocks.append(
        f"Sound: {sound}. {_voices(audit)}\n"
        "Words: agreements, with what was typed or dictated for them, and what the facilitator said itself."
    )
    blocks.append("\n".join(_on_network(audit)))
    blocks.append("\n".join(audit.problems) if audit.problems else "All is as it should be.")
    return "\n\n".join(blocks)


def _voices(audit: Audit) -> str:
    if not audit.voices:
        return "Voiceprints: none is kept."
    kept = ", ".join(f"{name} since {english_day(day)}" for name, day in audit.voices.items())
    return f"Voiceprints, of those who asked for it: {kept}."


def _summary(audit: Audit) -> str:
    if not audit.sessions:
        return "No session is stored."
    sessions = "1 session" if audit.sessions == 1 else f"{audit.sessions} sessions"
    people = "1 person" if audit.people == 1 else f"{audit.people} people"
    days = f"from {english_day(audit.first)} to {english_day(audit.last)}"
    return f"{sessions} {days}, with {people} who can be called by name."


def _on_network(audit: Audit) -> Iterator[str]:
    yield f"Network: none was used for this. Of the {audit.looked_through} files of the program, these could reach it:"
    for reach in audit.network:
        yield f"  {reach.module} ({', '.join(reach.uses)}): {reach.why}"


def _widest(audit: Audit) -> int:
    return max(len(table.name) for table in audit.tables)


def _size(file: File) -> str:
    if file.what == FOLDER:
        return ""
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if file.bytes >= step:
            return f", {file.bytes / step:.1f} {unit}"
    return f", {file.bytes} bytes"


def _rights(file: File) -> str:
    return {True: ", only you may read it", False: ", others may read it", None: ""}[file.private]
