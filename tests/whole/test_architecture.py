"""Who may import whom. The rules are in CONTRIBUTING.md ("How it is built"); this is what holds them fast."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from fnmatch import fnmatch
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for path in sorted((ROOT / "facilitator").rglob("*.py"))
}
# What the core may use of the standard library: no clock, no files, no threads, no chance.
PURE = """__future__ array bisect collections copy dataclasses datetime difflib enum fractions functools hashlib heapq
itertools math operator re string types typing unicodedata zlib"""
ENGINES = {"av", "pyttsx3", "sounddevice", "soundfile", "vosk"}
EVENTS, ERRORS, PORTS = "facilitator.core.events", "facilitator.errors", "facilitator.ports"
THREADS, ASLEEP = "facilitator.runtime.threads", "facilitator.runtime.asleep"
PACKAGES = "facilitator.runtime.packages"
CORE, HEARING, TURNTAKING = "facilitator.core.*", "facilitator.hearing.*", "facilitator.core.turntaking.*"
LANGUAGE, FORMATS, REVIEW = "facilitator.core.language.*", "facilitator.core.formats.*", "facilitator.core.review.*"
VOCABULARY = [EVENTS, *(f"facilitator.core.{name}" for name in ("setup", "snapshot", "agreements", "text"))]
BELOW_STAGES = ("context", "deck", "escalation", "fairness", "narration", "questions", "scheduler", "stopwatch")
MAY_IMPORT = [  # the first pattern that fits a module says which of our own modules it may import
    (ERRORS, []),
    ("facilitator.runtime*", [ERRORS]),
    (EVENTS, []),
    ("facilitator.core.turntaking.*", [EVENTS, ERRORS, "facilitator.core.text", TURNTAKING]),
    ("facilitator.core.language.*", [EVENTS, ERRORS, "facilitator.core.text", TURNTAKING, LANGUAGE]),
    ("facilitator.core.formats.*", [EVENTS, ERRORS, "facilitator.core.text", LANGUAGE, FORMATS]),
    ("facilitator.core.review.*", [*VOCABULARY, ERRORS, TURNTAKING, LANGUAGE, REVIEW]),
    ("facilitator.core.trends.*", [*VOCABULARY, TURNTAKING, "facilitator.core.trends.*"]),
    *(
        (
            f"facilitator.core.dialogue.{room}.*",  # never the manager, nor what it is made of
            [
                *VOCABULARY,
                *(ERRORS, TURNTAKING, LANGUAGE, FORMATS, REVIEW),
                *(f"facilitator.core.dialogue.{name}" for name in BELOW_STAGES),
                f"facilitator.core.dialogue.{room}.*",
            ],
        )
        for room in ("stages", "subdialogues")
    ),
    (
        "facilitator.core.dialogue.*",
        [*VOCABULARY, ERRORS, TURNTAKING, LANGUAGE, FORMATS, REVIEW, "facilitator.core.dialogue.*"],
    ),
    (CORE, [CORE, ERRORS]),
    (
        PORTS,
        [EVENTS, "facilitator.hearing.values", "facilitator.hearing.interfaces", "facilitator.hearing.signal.audio"],
    ),
    ("facilitator.hearing.signal.*", [ERRORS, EVENTS, "facilitator.hearing.signal.*"]),
    (HEARING, [EVENTS, ERRORS, HEARING]),
    ("facilitator.backends.*", [THREADS, ASLEEP, EVENTS, ERRORS, PORTS, HEARING, "facilitator.backends.*"]),
    ("facilitator.store*", [THREADS, CORE, ERRORS, "facilitator.store.*", "facilitator.resources.*"]),
    ("facilitator.models.install", [ERRORS, "facilitator.backends", "facilitator.models.*", "facilitator.resources.*"]),
    ("facilitator.models*", [CORE, ERRORS, "facilitator.models.*", "facilitator.resources.*"]),
    ("facilitator.resources*", [CORE, ERRORS, "facilitator.resources.*"]),
    ("facilitator.report.*", [CORE, ERRORS, PACKAGES, "facilitator.report.*"]),
    (
        "facilitator.library.*",
        [
            CORE,
            ERRORS,
            PACKAGES,
            HEARING,
            "facilitator.backends.audio.recording",
            "facilitator.backends.audio.tags",
            *(f"facilitator.{room}.*" for room in ("library", "models", "pipelines", "report", "resources", "store")),
        ],
    ),
    ("facilitator.page*", [THREADS, CORE, ERRORS, PORTS, "facilitator.page.*"]),
    ("facilitator.terminal.*", [CORE, ERRORS, PORTS, "facilitator.terminal.*"]),
    ("facilitator.simulation*", [CORE, ERRORS, "facilitator.simulation.*"]),
    ("facilitator.session", [ASLEEP, CORE, ERRORS, PORTS, HEARING]),
    (
        "facilitator.pipelines*",
        [
            THREADS,
            CORE,
            ERRORS,
            PORTS,
            HEARING,
            *(f"facilitator.{room}*" for room in ("backends", "models", "pipelines")),
        ],
    ),
    ("facilitator.demo*", [CORE, ERRORS, PORTS, HEARING, "facilitator.backends.*", "facilitator.demo.*"]),
    ("facilitator", [ERRORS, "facilitator.library.*", "facilitator.report.output.labels"]),
    ("facilitator.cli", ["facilitator*"]),
    ("facilitator.__main__", ["facilitator.cli"]),
    ("facilitator*", ["facilitator*"]),
]
MOST_FILES = defaultdict(lambda: 20, {"facilitator/store": 23})
"""In one room; more, and nobody finds anything. `store` holds all SQL of the program, and may have a few more."""
SQL = re.compile(
    r"\b(SELECT .+ FROM|SELECT (count|max|min)\(|INSERT (OR \w+ )?INTO|UPDATE \w+ SET|DELETE FROM|PRAGMA) "
)


@cache
def imports(module: str) -> frozenset[str]:
    """Every module that a module imports, anywhere in it, by its full name; also for type checkers only."""
    tree = ast.parse(FILES[module].read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports by dots; write the full name"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in FILES else str(node.module) for name in inner}
    return frozenset(found)


def own(module: str) -> set[str]:
    return {name for name in imports(module) if name.split(".")[0] == "facilitator" and name != "facilitator"}


def others(module: str) -> set[str]:
    return {name.split(".")[0] for name in imports(module)} - {"facilitator"}


@pytest.mark.parametrize("module", FILES)
def test_imports_only_what_it_may(module: str) -> None:
    allowed = next(allowed for pattern, allowed in MAY_IMPORT if fnmatch(module, pattern))
    assert not {name for name in own(module) if not any(fnmatch(name, pattern) for pattern in allowed)}
    assert module == "facilitator.__main__" or "facilitator.cli" not in own(module)


@pytest.mark.parametrize("module", [m for m in FILES if m == "facilitator.errors" or m.startswith("facilitator.core")])
def test_core_is_pure(module: str) -> None:
    assert others(module) <= set(PURE.split())
    tree = ast.parse(FILES[module].read_text(encoding="utf-8"))
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = {node.id for node in called if isinstance(node, ast.Name)}
    assert not names & {"open", "print", "input", "eval", "exec", "__import__", "id", "hash"}
    methods = {node.attr for node in called if isinstance(node, ast.Attribute)}
    assert not methods & {"now", "today", "utcnow"}, "the core is told the time"


@pytest.mark.parametrize("module", [m for m in FILES if m.startswith("facilitator.hearing")])
def test_hearing_needs_no_device_and_no_thread(module: str) -> None:
    assert not others(module) & {"threading", "queue", "asyncio", "subprocess", "time", "sounddevice", "soundfile"}
    assert others(module) <= sys.stdlib_module_names | {"numpy", "scipy", "soxr"}


def test_engines_stay_in_their_backend() -> None:
    users = {engine: {m for m in FILES if engine in others(m)} for engine in ENGINES}
    outside = {
        e: {m for m in ms if not m.startswith(("facilitator.backends.", "facilitator.demo."))}
        for e, ms in users.items()
    }
    assert not {engine: modules for engine, modules in outside.items() if modules}


def test_no_cycles() -> None:
    graph = {module: own(module) & set(FILES) for module in FILES}
    assert list(TopologicalSorter(graph).static_order())  # raises CycleError, naming the cycle


def types_of(module: str) -> set[str]:
    """Public names of types that a module defines: classes, and names such as `Samples = NDArray[np.float32]`."""
    body = ast.parse(FILES[module].read_text(encoding="utf-8")).body
    classes = {node.name for node in body if isinstance(node, ast.ClassDef)}
    targets = {target for node in body if isinstance(node, ast.Assign) for target in node.targets}
    named = {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in classes | named if name[0].isupper() and not name.isupper()}


def test_no_type_has_the_name_of_another() -> None:
    where = defaultdict(list)
    for module in FILES:
        for name in types_of(module):
            where[name].append(module)
    assert not {name: modules for name, modules in where.items() if len(modules) > 1}


def test_all_sql_is_in_the_store() -> None:
    """In text of the program: what people read may well select and update."""
    for module, path in FILES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value):
                assert module.startswith("facilitator.store"), f"{module} holds SQL: {node.value}"


def test_rooms_are_small() -> None:
    rooms = [folder for folder in (ROOT / "facilitator").rglob("*") if folder.is_dir() and folder.name != "__pycache__"]
    files = {
        room.relative_to(ROOT).as_posix(): {path.stem for path in room.iterdir() if path.suffix in (".py", ".js")}
        for room in rooms
    }
    assert not {room: len(found) for room, found in files.items() if len(found - {"__init__"}) > MOST_FILES[room]}
    beside = [path for path in (ROOT / "facilitator").iterdir() if path.name not in ("__pycache__", "py.typed")]
    assert len(beside) <= 22, "what lies directly in the package is its table of contents"


def test_init_files_are_empty() -> None:
    inits = {m for m in FILES if m.endswith("__init__")} - {"facilitator.__init__", "facilitator.backends.__init__"}
    assert not {module for module in inits if FILES[module].read_text(encoding="utf-8").strip()}


# Where a thread may be begun beside the one helper that outlives what nobody has foreseen, and why that is right there.
OWN_THREADS = {
    THREADS: "the helper",
    "facilitator.backends.audio.portaudio": "closes one stream, and may hang in it for ever",
    "facilitator.backends.voice.pyttsx3_voice": "reads what one child says, and ends with it",
    "facilitator.backends.voice.piper_voice": "reads what one program says, and ends with it",
    "facilitator.library.archive.engines": "processes that die are seen, and made anew",
    "facilitator.library.archive.apart": "whatever ends it ends its process, and the next job has a new one",
    "facilitator.commands.session.running": "ends the program when nothing else does",
}


def test_threads_outlive_what_nobody_has_foreseen() -> None:
    begins = {"threading.Thread", "threading.Timer", "_thread.start_new_thread", "Thread", "Timer"}
    pools = {"ThreadPoolExecutor", "ThreadPool", "ProcessPoolExecutor"}
    found = {
        module
        for module, path in FILES.items()
        if re.search("thread|Pool", text := path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and ((name := ast.unparse(node.func)) in begins or name.rpartition(".")[2] in pools)
    }
    assert found == set(OWN_THREADS)
