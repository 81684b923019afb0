"""Text follows the terminal: no line is longer than it is wide, and no word is broken, whatever is told."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from facilitator.cli import cli
from facilitator.core.text import cells, in_lines
from facilitator.report.output.blocks import TextTable, plain
from facilitator.resources.texts import texts_of
from facilitator.store.session_log import Store
from tests.support.evening import evening
from tests.support.terminal_text import GOLDEN, WIDTHS, on_terminal, pages, with_database


def commands(command: click.Command, *path: str) -> list[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        return [path]
    ctx = click.Context(command)
    below = [(name, command.get_command(ctx, name)) for name in command.list_commands(ctx)]
    return [path, *(one for name, child in below if child is not None for one in commands(child, *path, name))]


HELP = [(*path, "--help") for path in commands(cli)]
TOLD: list[tuple[str, ...]] = [
    ("review",),
    ("review", "--all"),
    ("review", "--how"),
    ("trends", "--how"),
    ("agreements",),
    ("people",),
    ("replay",),
    ("devices",),
    ("models", "list"),
    ("formats", "list"),
    ("formats", "show", "open"),
    ("formats", "try", "open", "--minutes", "1"),
    ("forget", "Nobody at all"),
    ("start", "--people", "4"),
    ("start", "--people", "Ana, Ben", "--format", "round-robbin"),
    ("start", "--speech", "loud"),
]


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("evening") / "talks.db"
    with Store.open(path) as store:
        evening(store)
    return path


def too_long(text: str, width: int) -> list[str]:
    """Lines that could have been broken, and were not."""
    lines = [line for line in text.split("\n") if cells(line) > width]
    return [line for line in lines if " " in line.strip().removesuffix(" \\").removeprefix("- ")]


def words(text: str) -> set[str]:
    """Without what is put between the cells of a table."""
    return {word.strip(":;\\") for word in text.split()} - {""}


@pytest.mark.parametrize("args", [*TOLD, *HELP], ids=" ".join)
def test_no_line_is_too_long_and_no_word_is_broken(args: tuple[str, ...], db: Path) -> None:
    args = with_database(db, args)
    told = on_terminal(WIDTHS[0], *args)
    assert not too_long(told, WIDTHS[0])
    assert words(told) - words(on_terminal(10_000, *args)) == set()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_as_it_was_looked_at(width: int) -> None:
    """Changed on purpose? `python -m tests.support.terminal_text`, and look at them all."""
    assert pages(width) == (GOLDEN / f"terminal-{width}.txt").read_text(encoding="utf-8")


def test_what_is_no_terminal_gets_sentences_whole(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    result = CliRunner().invoke(cli, ["review", "7", "--db", str(db)])
    assert result.stderr.count("\n") == 1


@given(st.text(st.sampled_from("ab é李-%s 5"), max_size=60), st.integers(8, 40))
def test_lines_hold_every_letter_in_order(text: str, width: int) -> None:
    told = in_lines(text, width)
    assert told.replace("\n", "").replace(" ", "") == text.replace(" ", "")
    assert not [line for line in told.split("\n") if cells(line) > width and "李 " in line.strip()]


def test_a_number_and_its_unit_stay_together() -> None:
    assert in_lines("It was 27 %, after 1 s of it.", 10).split("\n") == ["It was", "27 %,", "after 1 s", "of it."]


def test_lines_go_on_under_what_they_belong_to() -> None:
    assert in_lines("  - one two three", 12) == "  - one two\n    three"
    assert in_lines("  1. one two three", 12) == "  1. one two\n     three"
    assert in_lines("a   one two three four", 12) == "a   one two\n    three\n    four"
    assert in_lines("one two three four", 12) == "one two\nthree four"


def test_a_table_folds_into_lines_where_it_is_too_wide() -> None:
    table = TextTable([("Name", "Airtime", "Turns"), ("Ana", "3:14", "12")], "")
    english, french = texts_of("en"), texts_of("fr")
    assert plain([table], english, 40) == "Name  Airtime  Turns\nAna      3:14     12\n"
    assert plain([table], english, 18) == "Ana\n  Airtime: 3:14\n  Turns: 12\n"
    assert plain([table], french, 18) == "Ana\n  Airtime\u00a0: 3:14\n  Turns\u00a0: 12\n"
    table = TextTable([("Name", "A", "B", "Cut in"), ("Ana", "1", "2", "3")], "")
    assert plain([table], french, 16) == "Ana\n  A\u00a0: 1\u00a0; B\u00a0: 2\n  Cut in\u00a0: 3\n"


@pytest.mark.parametrize(
    ("typed", "meant"), [("revew", "facilitator review"), ("formats lst", "facilitator formats list")]
)
def test_a_command_that_does_not_exist_is_answered_with_one_that_does(typed: str, meant: str) -> None:
    result = CliRunner().invoke(cli, typed.split(), prog_name="facilitator")
    assert (result.exit_code, f"did you mean {meant}?" in result.stderr) == (2, True)


def test_commands_to_type_name_the_database_that_they_need(db: Path) -> None:
    told = CliRunner().invoke(cli, ["review", "--db", str(db)]).stdout
    assert f"facilitator review --db {db} 1 --all" in told
    assert f"facilitator agreements --db {db} --ics dates.ics" in told
    assert f"`facilitator people --db {db}` lists" in CliRunner().invoke(cli, ["forget", "Xi", "--db", str(db)]).stderr
    spaced = db.with_name("our talks.db")
    spaced.write_bytes(db.read_bytes())
    assert f"--db {shlex.quote(str(spaced))}" in CliRunner().invoke(cli, ["review", "--db", str(spaced)]).stdout
