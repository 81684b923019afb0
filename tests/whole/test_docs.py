"""The documentation says what is so: commands and options exist, links lead somewhere, examples are understood."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote
from xml.etree import ElementTree

import click
import pytest
from click.testing import CliRunner

from facilitator import __version__
from facilitator.cli import cli
from facilitator.resources.prompts import default_prompts

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "prompts").glob("*.md"),
        *(ROOT / "models").glob("*.md"),
    ]
)


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"facilitator_{name}", ROOT / "tools" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DOCS, MOVING = tool("docs"), tool("moving_picture")
COMMANDS: dict[str, click.Command] = dict(DOCS.commands(cli, "facilitator"))


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def code(page: Path) -> list[str]:
    """Every line of the page's code blocks, and every `code` in its text."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text(page), flags=re.M | re.S)
    rest = re.sub(r"^```.*?^```", "", text(page), flags=re.M | re.S)
    return [line.strip() for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", rest)


def mentioned_commands() -> list[tuple[str, str]]:
    return [(page.name, line) for page in PAGES for line in code(page) if re.match(r"facilitator( |$)(?!\[)", line)]


def command_of(line: str) -> tuple[click.Command, list[str]]:
    """The command that a line runs, and the rest of its words. A comment ends the line."""
    words = shlex.split(line, comments=True)[1:]
    command: click.Command = cli
    while words and isinstance(command, click.Group) and re.match("[a-z]", words[0]):
        found = command.get_command(click.Context(command), words[0])
        assert found, f"there is no command {words[0]!r}"
        command, words = found, words[1:]
    start = COMMANDS["facilitator start"]
    return (start if command is cli and words[:1] not in (["--help"], ["--version"]) else command), words


def options_of(command: click.Command) -> set[str]:
    known = {name for p in command.params for name in (*p.opts, *p.secondary_opts)}
    return known | {"--help", "-h"}


def test_commands_page_is_what_the_program_says() -> None:
    assert text(DOCS.COMMANDS) == DOCS.commands_page(), "write it again with tools/docs.py"
    assert text(DOCS.MANUAL) == DOCS.manual_page(), "write it again with tools/docs.py"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    told = CliRunner().invoke(cli, [*name.split()[1:], "--help"])
    assert told.exit_code == 0
    for written, what in DOCS.options(COMMANDS[name]):
        assert re.split(r"[ ,\[]", written)[0] in told.output
        assert what.endswith((".", ":", "?")), f"{written} is not explained in a sentence"
    if name != "facilitator":
        assert "Example" in told.output


@pytest.mark.parametrize(("page", "line"), mentioned_commands())
def test_commands_in_the_documentation_exist_with_their_options(page: str, line: str) -> None:
    command, words = command_of(line)
    used = {word.split("=")[0] for word in words if word.startswith("--")}
    assert used <= options_of(command), f"{page}: {line}"


def test_every_command_is_in_the_readme() -> None:
    listed = {line.split()[1] for page, line in mentioned_commands() if page == "README.md" and len(line.split()) > 1}
    assert {name.split()[1] for name in COMMANDS if " " in name} <= listed


def test_the_readme_says_of_the_formats_with_a_queue_alone_that_they_have_one() -> None:
    rows = re.findall(r"^\| ((?:`[a-z-]+`(?:, )?)+) \| (.+) \|$", text(ROOT / "README.md"), flags=re.M)
    told = {name: what for names, what in rows for name in re.findall(r"`([a-z-]+)`", names)}
    forms = {file.stem: default_prompts().format(file.stem) for file in default_prompts().format_files()}
    assert forms.keys() <= told.keys()
    for name, form in forms.items():
        assert ("queue" in told[name]) == any(stage.get("queue") for stage in form["stage"]), name


def test_how_long_the_tests_take_is_the_same_on_every_page() -> None:
    said = [one for page in PAGES for one in re.findall(r"^make test +#.* ([\w-]+) minutes", text(page), flags=re.M)]
    assert len(said) == 2 and len(set(said)) == 1, said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text(page)):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            goal = (page.parent / unquote(path)).resolve() if path else page
            assert goal.exists(), f"{page.name}: {target}"
            assert goal.is_relative_to(ROOT)
            if anchor:
                titles = re.findall(r"^#+ (.*)$", text(goal), flags=re.M)
                assert anchor in {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_exist(page: Path) -> None:
    for name in re.findall(r"`((?:facilitator|prompts|models|tests|tools|docs|benchmarks|\.ci)/[\w./-]+)`", text(page)):
        if "/x." not in name and "/xx." not in name and not name.startswith(".venv"):
            assert (ROOT / name).exists(), f"{page.name} names {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_make_targets_that_are_named_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text(ROOT / "Makefile"), flags=re.M))
    assert {line.split()[1] for line in code(page) if re.match(r"make [a-z]", line)} <= targets


def test_no_page_names_a_place_of_one_machine() -> None:
    for page in PAGES:
        assert not re.search(r"(?<![\w.])/(home|root|work|Users|tmp)/", text(page)), page.name


def test_picture_shows_the_program_and_fetches_nothing() -> None:
    picture = text(MOVING.PICTURE)
    shown = " ".join(ElementTree.fromstring(picture).itertext()).replace("\u00a0", " ")
    for told in ("Tom is speaking", "Maya, would you like to come in?", "I have: we take the train", "Thank you all."):
        assert told in shown
    assert not re.search(r"url\(|href=|@import|<script", picture)
    assert "prefers-reduced-motion" in picture
    assert len(picture) < 400_000


def shown_at(picture: str, percent: float) -> str:
    """What can be seen at a moment of a moving picture, by its own style sheet."""
    root = ElementTree.fromstring(picture)
    style = root.findtext("{*}style") or ""
    told = ""
    for group in root.iter("{http://www.w3.org/2000/svg}g"):
        name = group.get("class", "").split(" ")[0].replace("a", "k")
        steps = re.search(rf"@keyframes {name}\{{(.*?\}})\}}", style) if name else None
        found = re.findall(r"([\d.]+)%\{visibility:(\w+)\}", steps[1]) if steps else [("0", "visible")]
        if [look for at, look in found if float(at) <= percent][-1] == "visible":
            told += "".join(group.itertext())
    return told


def test_the_moving_picture_shows_one_moment_after_the_other() -> None:
    line = "<text>{}</text>"
    frames = [
        MOVING.Frame(1.0, {20.0: line.format("one"), 44.4: line.format("always")}),
        MOVING.Frame(2.0, {20.0: line.format("two"), 44.4: line.format("always"), 68.8: line.format("now")}),
        MOVING.Frame(1.0, {20.0: line.format("one"), 44.4: line.format("always")}),
    ]
    picture = MOVING.picture(frames, 1)
    told = [shown_at(picture, percent) for percent in (0, 24, 26, 74, 76, 99)]
    assert [sorted(re.findall("one|two|always|now", one)) for one in told] == [
        *[["always", "one"]] * 2,
        *[["always", "now", "two"]] * 2,
        *[["always", "one"]] * 2,
    ]
    groups = ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}g")
    still = [group for group in groups if "still" in group.get("class", "still")]
    assert sorted("".join(group.itertext()) for group in still) == ["always", "twonow"]


def test_changelog_has_this_version_first() -> None:
    versions = re.findall(r"^## (\S+)", text(ROOT / "CHANGELOG.md"), flags=re.M)
    assert versions[0] == __version__


def test_files_that_are_named_in_passing_exist() -> None:
    """In pages, docstrings and comments: a file that was moved is found by whoever reads of it."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    if not listed:
        pytest.skip("not a checkout")
    tails = {"/".join(name.split("/")[first:]) for name in listed for first in range(name.count("/") + 1)}
    elsewhere = {"score.py", "make.py", "x.toml", "xx.toml", "walk.toml", "settings.toml"}  # not of this project
    for name in listed:
        if name.endswith((".py", ".md", ".js")) and not name.startswith("tests/data") and name != "CHANGELOG.md":
            for told in re.findall(r"`([\w/]+\.(?:py|js|css|toml|npz))`", (ROOT / name).read_text(encoding="utf-8")):
                assert told in tails or told.split("/")[-1] in elsewhere, f"{name} names {told}"
