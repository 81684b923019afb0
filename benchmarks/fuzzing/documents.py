"""Formats, languages, settings, scripts: TOML with wrong values, wrong types, wrong bytes, brackets without end."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

from benchmarks.fuzzing import pool
from facilitator.resources.prompts import default_prompts

VALUES = (
    "1", "-1", "0", "1e400", "nan", "inf", "9" * 30, "true", '""', '"\\u202e\\u001b"', "[]", "{}", "[[[]]]",
    '"{person} {x}"', '"{"', '"}"', "1979-05-27", "07:32:00", '["a", 1, {}]', '{ a = { b = { c = 1 } } }',
    '"' + "a" * 5000 + '"', "[" * 2000, "-0.0", '"{turns[person].x}"', '"\\u0000"', '"%s"', '["", ""]', "'''x'''", "",
)  # fmt: skip
KEYS = ("kind", "name", "minutes", "rounds", "prompts", "a.b.c", '""', '"\\u001b"', "stages", "x" * 300, "code")
LINES = (
    "[[[x]]]",
    "[a]\n[a]",
    "a = 1\na = 2",
    "x = {" * 500,
    "[x" + ".y" * 3000 + "]",
    "\x00",
    "\u202e = 1",
    "= 3",
    "[[stages]]",
)


def _changed(chance: random.Random, text: str) -> str:
    lines = text.splitlines()
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        if not lines:
            break
        at = chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                lines[at] = re.sub(r"=.*", lambda _: f"= {chance.choice(VALUES)}", lines[at])
            case 1:
                lines[at] = re.sub(r"^[\w.]+", lambda _: chance.choice(KEYS), lines[at])
            case 2:
                del lines[at]
            case 3:
                lines.insert(at, chance.choice(LINES))
            case 4:
                lines.insert(at, lines[chance.randrange(len(lines))])
            case _:
                lines[at] = f"{chance.choice(KEYS)} = {chance.choice(VALUES)}"
    return "\n".join(lines)


def _written(chance: random.Random, source: Path, target: Path) -> None:
    content = source.read_text(encoding="utf-8")
    changed = _changed(chance, content).encode("utf-8", "surrogatepass")
    target.write_bytes(pool.broken(chance, changed) if chance.random() < 0.2 else changed)


def line(chance: random.Random, work: Path) -> list[str]:
    prompts = default_prompts()
    kind = chance.choice(("format", "format", "format", "language", "language", "settings", "script"))
    if kind == "format":
        _written(chance, chance.choice(prompts.format_files()), work / pool.FORMAT)
        return chance.choice(
            (
                ["formats", "check", pool.FORMAT],
                ["formats", "show", pool.FORMAT, *chance.choice(([], ["--json"], ["--language", "de"]))],
                ["formats", "try", pool.FORMAT, "--minutes", "0.2", "--rounds", "1"],
                [
                    "start",
                    "--format",
                    pool.FORMAT,
                    "--people",
                    "Ana,Ben",
                    "--audio",
                    pool.TALK,
                    "--fast",
                    "--yes",
                    "--no-page",
                ],
                ["formats", "new", "other", "--from", pool.FORMAT],
            )
        )
    if kind == "language":
        (work / "prompts").mkdir()
        for name in ("formats", "languages"):
            shutil.copytree(prompts.folder / name, work / "prompts" / name)
        code = chance.choice(("en", "de"))
        _written(chance, prompts.language_file(code), work / "prompts" / "languages" / f"{code}.toml")
        talk = ["--people", "Ana,Ben", "--audio", pool.TALK, "--fast", "--yes", "--no-page"]
        return chance.choice(
            (
                ["formats", "show", "open", "--language", code],
                ["formats", "check", f"prompts/languages/{code}.toml"],
                ["formats", "try", "open", "--minutes", "0.2", "--language", code],
                ["start", "--format", "open", "--language", code, *talk],
                ["doctor", "--language", code],
            )
        )
    if kind == "settings":
        folder = work.parent / "home" / "config" / "facilitator"
        folder.mkdir(parents=True)
        (work / "template").write_text(SETTINGS, encoding="utf-8")
        _written(chance, work / "template", folder / "settings.toml")
        return chance.choice((["review"], ["formats", "list"], ["people", "list"], ["trends"], ["models", "list"]))
    from facilitator import demo  # noqa: PLC0415 - where its script lies

    _written(chance, Path(str(demo.__file__)).with_name("script.toml"), work / pool.SCRIPT)
    return ["demo", "--script", pool.SCRIPT, "--fast", "--no-page"]


SETTINGS = """
[start]
people = "Ana, Ben"
minutes = 3
language = "en"
[review]
db = "sessions.db"
[trends]
people = "Ana"
since = "180d"
[people.list]
db = "sessions.db"
[models.list]
models = "none"
"""
