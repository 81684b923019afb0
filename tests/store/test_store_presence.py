"""Somebody comes later, and somebody leaves: what is stored of it, and what is made of it afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from facilitator.cli import cli
from facilitator.core.events import Agreed, Command, CommandName, Enrolled, EnrolmentHeard, Learn
from facilitator.store.measures import Measures
from facilitator.store.reader import Reader
from facilitator.store.rerun import rerun
from facilitator.store.session_log import Store
from facilitator.store.session_notes import agreements_of
from tests.support.table_talk import TableTalk, open_talk


def tell(table: TableTalk, name: CommandName, person: str) -> None:
    table.now_ms += 200
    table.tell(Command(at_ms=table.now_ms, name=name, person=person))


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """Ana and Ben talk; Dora comes, and later Ben leaves. Whoever is there has an equal part all the time."""
    path = tmp_path / "talks.db"
    store = Store.open(path)
    table = TableTalk(store, open_talk("Ana", "Ben", hears_words=False))
    table.wait(12_000)
    for _ in range(6):
        table.speak("Ana", 10_000)
        table.speak("Ben", 10_000)
    table.wait(3_000)
    tell(table, "here", "Dora")
    table.wait(3_000)
    table.press("yes")
    table.wait(1_000)
    table.tell(EnrolmentHeard(at_ms=table.now_ms, person="Dora", speech_ms=5_000))
    table.wait(3_000)
    assert [record.person for record in table.log if isinstance(record, Learn) and record.keep] == ["Dora"]
    table.tell(Enrolled(at_ms=table.now_ms, person="Dora"))
    table.wait(8_000)
    for _ in range(4):
        for person in ("Ana", "Ben", "Dora"):
            table.speak(person, 10_000)
    tell(table, "left", "Ben")
    table.wait(3_000)
    for _ in range(4):
        table.speak("Ana", 10_000)
        table.speak("Dora", 10_000)
    table.finish()
    store.close()
    return path


def test_seats_and_times_are_stored_and_told_again_alike(stored: Path) -> None:
    with Measures.open(stored) as store:
        seats = store.query(
            "SELECT name, position, heard, enrolled FROM seats JOIN people ON people.id = person ORDER BY position"
        )
        assert [tuple(row.values()) for row in seats] == [("Ana", 1, 1, 1), ("Ben", 2, 1, 1), ("Dora", 3, 1, 1)]
        times = store.query("SELECT name, joined_ms, left_ms FROM presence JOIN people ON people.id = person")
        here = {row["name"]: (row["joined_ms"], row["left_ms"]) for row in times}
        assert here["Ben"][0] == 0 and here["Dora"][1] is None
        assert 0 < here["Dora"][0] < here["Ben"][1]
        again = rerun(store)
        assert again.account.people == ("Ana", "Ben", "Dora")
        summary = again.account.summary()
        assert summary.balance == pytest.approx(1.0)
        assert [stay.name for stay in summary.stays] == ["Ben", "Dora"]
        (held,) = store.held()
        assert {part.name: part.aim for part in held.parts} == {
            person.name: pytest.approx(person.aim) for person in summary.people
        }, "the trends compare with the same parts"


def test_review_tells_when_they_were_there_and_by_which_rule_and_corrections_follow(stored: Path) -> None:
    def run(*arguments: str) -> str:
        result = CliRunner().invoke(cli, [*arguments, "--db", str(stored)])
        assert result.exit_code == 0, result.output
        return " ".join(result.output.split())

    told = run("review")
    assert "Dora was here from" in told
    assert "only the time in which they were here counts" in told
    assert "evenly shared; 1.00 of 1" in run("review", "--all")
    run("correct", "rename", "Dora", "Eve")
    assert "Eve was here from" in run("review")
    run("correct", "undo")
    assert "Dora was here from" in run("review")


def test_what_was_put_right_while_it_happened_is_stored_and_told_again_alike(tmp_path: Path) -> None:
    path = tmp_path / "talks.db"
    store = Store.open(path)
    table = TableTalk(store, open_talk("Ana", "Ben", hears_words=False))
    table.wait(12_000)
    for _ in range(3):
        table.speak("Ana", 10_000)
        table.wait(1_000)
    tell(table, "was", "Ben")
    table.speak("Ana", 10_000)
    table.wait(1_000)
    tell(table, "was", "Ben")
    table.now_ms += 200
    table.tell(Command(at_ms=table.now_ms, name="undo"))
    table.finish()
    store.close()
    with Measures.open(path) as read:
        spoken = read.query(
            "SELECT name, sum(end_ms - start_ms) AS ms FROM speech JOIN people ON people.id = person"
            " WHERE counted GROUP BY name ORDER BY name"
        )
        assert [(row["name"], round(row["ms"] / 1_000)) for row in spoken] == [("Ana", 30), ("Ben", 10)]
        again = {person.name: round(person.airtime_ms / 1_000) for person in rerun(read).account.summary().people}
        assert again == {"Ana": 30, "Ben": 10}


def test_an_agreement_is_of_those_who_are_there_when_it_is_made(tmp_path: Path) -> None:
    """Not of those whom the session began with: Dora came before, and Ben had left."""
    store = Store.open(tmp_path / "talks.db")
    table = TableTalk(store, open_talk("Ana", "Ben", hears_words=False))
    table.wait(20_000)
    store.write([Agreed(at_ms=table.now_ms, number=1, kind="agreement", text="Tea at four.")])
    tell(table, "here", "Dora")
    table.wait(20_000)
    tell(table, "left", "Ben")
    table.wait(5_000)
    store.write([Agreed(at_ms=table.now_ms, number=2, kind="agreement", text="Dora brings cake.")])
    table.finish()
    store.close()
    with Reader.open(tmp_path / "talks.db") as reader:
        assert [one.people for one in agreements_of(reader)] == [("Ana", "Ben"), ("Ana", "Dora")]
