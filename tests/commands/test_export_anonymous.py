"""Figures without names: no byte of a name or of a word, the same person the same number, and nothing to turn back."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from facilitator.cli import cli
from facilitator.commands.stored.export_anonymous import FORMS, LANGUAGES
from facilitator.core import events as e
from facilitator.report.output.anonymous_tables import OWN_FORM, TABLES
from facilitator.store import database
from facilitator.store.reader import Reader
from facilitator.store.rerun import rerun
from facilitator.store.session_log import Store
from tests.store.test_groups import hold
from tests.store.test_people import keep
from tests.support.simulation import setup

PEOPLE = ("Zebedee", "Quillon", "Wynifred")
SECRET = "Zebedee waters Quillons fern"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "sessions.db"
    keep(path, PEOPLE, "2026-01-02T10:00:00+00:00", pronounced={"Zebedee": "Zeb-a-dee"})
    keep(path, PEOPLE[::-1], "2026-02-13T10:00:00+00:00", "check-in")
    hold(path, "Wynifreds table", SECRET, 4, ("Zebedee", "Ottoline"))
    with Store.open(path) as store:
        made = setup(PEOPLE, "open")
        own = dataclasses.replace(made, format={**made.format, "name": "Zebedee and friends"})
        number = store.begin(own, "2026-03-04T10:00:00+00:00")
        store.write([e.Consented(at_ms=1, person="Quillon", heard=False)])
        store.write([e.SelfRated(at_ms=2, person="Zebedee", indicator="Wynifreds fern", value=3)])
        store.finish(number, "done")
        with database.writing(store._db):  # so that what was concluded counts, and not what would be today
            store._db.execute("UPDATE sessions SET thinned_on = '2026-06-01' WHERE id = ?", [number])
    return path


def export(path: Path, target: Path, *more: str) -> Result:
    return CliRunner().invoke(cli, ["export", str(target), "--anonymous", *more, "--db", str(path)])


def rows(folder: Path, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "jsonl" / f"{name}.jsonl").read_text().splitlines()]


def test_no_name_and_no_word_is_in_any_byte(path: Path, tmp_path: Path) -> None:
    done = export(path, tmp_path / "out")
    assert done.exit_code == 0, done.output
    files = [file for file in (tmp_path / "out").rglob("*") if file.is_file()]
    assert len(files) == 1 + 2 * len(TABLES)
    everything = b"".join(file.read_bytes() for file in files).lower()
    for word in (*PEOPLE, "Ottoline", "Zeb-a-dee", "fern", "friends", 'table"', "2026-01-02", "2026-02-13"):
        assert word.lower().encode() not in everything, word
    with Reader.open(path) as reader:
        for row in reader.query("SELECT uid, started_at FROM sessions"):
            assert not any(value.encode() in everything for value in row.values())


def test_the_same_person_is_the_same_number_and_the_figures_are_those_of_the_review(path: Path, tmp_path: Path) -> None:
    export(path, tmp_path / "out")
    people, sessions = rows(tmp_path / "out", "people"), rows(tmp_path / "out", "sessions")
    assert len({row["person"] for row in people}) == 5, "Zebedee of two groups is two people"
    months = {row["session"]: row["month"] for row in sessions}
    with Reader.open(path) as reader:
        for number, month in ((1, "2026-01"), (2, "2026-02")):
            summary = rerun(reader, number).account.summary()
            mine = [row for row in people if months[row["session"]] == month]
            found = sorted((row["airtime_s"], row["turns"]) for row in mine)
            assert found == sorted((one.airtime_ms / 1000, one.turns) for one in summary.people)
    both = [{row["person"] for row in people if months[row["session"]] == month} for month in ("2026-01", "2026-02")]
    assert both[0] == both[1]
    assert sorted(str(row["form"]) for row in sessions) == sorted(["round-robin", "check-in", "open", OWN_FORM])
    (own,) = [row for row in sessions if row["form"] == OWN_FORM]
    assert (own["people"], own["heard"]) == (3, 2), "who did not want to be heard has no row"
    text = (tmp_path / "out" / "csv" / "people.csv").read_text(encoding="utf-8-sig")
    assert [row["person"] for row in csv.DictReader(io.StringIO(text))] == [row["person"] for row in people]


def test_numbers_are_drawn_anew_each_time(path: Path, tmp_path: Path) -> None:
    """By figures that differ from person to person, it is seen that their numbers do not follow from anything."""
    drawn = set()
    for number in range(6):
        assert export(path, tmp_path / f"out{number}").exit_code == 0
        people = rows(tmp_path / f"out{number}", "people")
        drawn.add(tuple(row["person"] for row in sorted(people, key=lambda row: (row["airtime_s"], row["share"]))))
    assert len(drawn) > 3


def test_only_a_group_and_only_what_is_new(path: Path, tmp_path: Path) -> None:
    assert export(path, tmp_path / "a", "--group", "Wynifreds table").exit_code == 0
    assert [row["month"] for row in rows(tmp_path / "a", "sessions")] == ["2026-05"]
    assert export(path, tmp_path / "b", "--since", "2026-02-10", "--group", "").exit_code == 0
    assert sorted(str(row["month"]) for row in rows(tmp_path / "b", "sessions")) == ["2026-02", "2026-03"]
    none = export(path, tmp_path / "c", "--since", "2026-12-01")
    assert none.exit_code == 1 and "no figures to write" in none.output
    assert not (tmp_path / "c").exists()
    assert export(path, tmp_path / "c", "--person", "Quillon").exit_code == 2


def test_what_came_with_the_program_is_called_by_its_name_and_nothing_else() -> None:
    """A group's own form may lie in the same folder, and be called after whose it is."""
    prompts = Path(__file__).parents[2] / "prompts"
    assert sorted(FORMS) == sorted(file.stem for file in (prompts / "formats").glob("*.toml"))
    assert sorted(LANGUAGES) == sorted(file.stem for file in (prompts / "languages").glob("*.toml"))


def test_a_form_of_their_own_is_not_told_wherever_it_lies(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "prompts"
    shutil.copytree(Path(__file__).parents[2] / "prompts", own)
    form = (own / "formats" / "open.toml").read_text(encoding="utf-8")
    (own / "formats" / "zebedee-crisis.toml").write_text(
        re.sub(r"^name = .*", 'name = "Zebedee and friends"', form, count=1, flags=re.M), encoding="utf-8"
    )
    (own / "formats" / "broken.toml").write_text("[", encoding="utf-8")
    monkeypatch.setenv("FACILITATOR_PROMPTS", str(own))
    assert export(path, tmp_path / "out").exit_code == 0
    assert OWN_FORM in [row["form"] for row in rows(tmp_path / "out", "sessions")]
    assert not any(
        b"zebedee" in file.read_bytes().lower() for file in (tmp_path / "out").rglob("*.*") if file.is_file()
    )


def test_whoever_cannot_be_known_again_is_somebody_else_in_each_session(path: Path, tmp_path: Path) -> None:
    other = path.with_name("other.db")
    keep(other, ("Voice 1", "Voice 2"), "2026-01-02T10:00:00+00:00")
    keep(other, ("Voice 1", "Zebedee"), "2026-02-02T10:00:00+00:00")
    keep(other, ("Quillon", "Zebedee"), "2026-03-02T10:00:00+00:00")
    assert CliRunner().invoke(cli, ["forget", "Quillon", "--yes", "--db", str(other)]).exit_code == 0
    assert export(other, tmp_path / "out").exit_code == 0
    people = rows(tmp_path / "out", "people")
    times = Counter(row["person"] for row in people)
    assert len(people) == 6 and sorted(times.values()) == [1, 1, 1, 1, 2], "only Zebedee is known again"
