"""A stored session that is corrected: every table follows, and all comes back to the row."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.core import events as e
from facilitator.core.discussion import Discussion
from facilitator.core.review.apply_corrections import (
    Correction,
    LeftOut,
    MadeGuest,
    Merged,
    Reassigned,
    Renamed,
    names_now,
)
from facilitator.errors import CorrectionError, StoreError
from facilitator.store.corrections import WHOLE, Corrections
from facilitator.store.measures import Measures
from facilitator.store.notebook.notebook import Notebook
from facilitator.store.people import People
from facilitator.store.replay_diff import replay_session
from facilitator.store.rerun import rerun
from facilitator.store.session_log import Reader, Store
from tests.core.review.test_corrections import CORRECTIONS
from tests.support.corrected import PEOPLE, discussion, keep
from tests.support.simulation import setup


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sessions, of which the second is corrected."""
    path = tmp_path_factory.mktemp("three") / "sessions.db"
    for day in (2, 3, 4):
        keep(path, PEOPLE if day == 3 else ("Ben", "Emma", "Carla"), f"2026-01-0{day}T03:04:05+00:00")
    return path


@pytest.fixture
def path(three: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(three, tmp_path / "sessions.db"))


SESSION = 2


def rows(reader: Reader) -> dict[str, list[str]]:
    """All that is in the tables, but for the log of corrections; trends asked for, so that what they keep is there."""
    with Measures.open(reader.path or Path()) as measures:
        measures.held()
    return {
        table.name: sorted(map(repr, reader.query(f"SELECT * FROM {table.name}")))
        for table in reader._db.tables
        if table.name != "corrections"
    }


def agree(reader: Reader, session: int = SESSION) -> None:
    """The tables and the views say of a session what is told about it."""
    found = rerun(reader, session)
    account, summary = found.account, found.account.summary()
    assert found.stored.people == account.people == found.setup.people
    lines = {line["person"]: line for line in reader.airtime(session)}
    for person in summary.people:
        line = lines.pop(person.name)
        assert line["airtime_s"] == person.airtime_ms / 1000
        assert line["share"] == pytest.approx(person.share, abs=1e-4)
        assert (line["turns"], line["longest_turn_s"]) == (person.turns, person.longest_turn_ms / 1000)
        assert (line["cut_ins_made"], line["cut_ins_received"]) == (person.cut_ins_made, person.cut_ins_received)
    assert set(lines) == set(account.declined)
    (whole,) = reader.query("SELECT * FROM v_sessions WHERE session = ?", [session])
    assert whole["guest_s"] == pytest.approx(summary.guest_ms / 1000)
    assert whole["unattributed_s"] == pytest.approx(summary.unattributed_ms / 1000)
    pairs = reader.query(
        "SELECT by_person, over_person, cut_ins, attempts, back_channels FROM v_cut_ins"
        " WHERE session = ? AND cut_ins + attempts + back_channels > 0",
        [session],
    )
    assert sorted(tuple(pair.values()) for pair in pairs) == sorted(
        (pair.by, pair.over, pair.cut_ins, pair.attempts, pair.back_channels)
        for pair in summary.pairs
        if pair.cut_ins + pair.attempts + pair.back_channels  # others only came in
    )
    intrusions = sorted((i.start_ms, i.by, i.over) for i in account.events if isinstance(i, e.Intrusion))
    stored = reader.query(
        "SELECT start_ms, b.name AS by, o.name AS over FROM cut_ins JOIN people b ON b.id = by_person"
        " JOIN people o ON o.id = over_person WHERE session = ? AND kind = 'intrusion'",
        [session],
    )
    assert sorted(tuple(row.values()) for row in stored) == intrusions
    floor = reader.query("SELECT p.name FROM floor JOIN people p ON p.id = person WHERE session = ?", [session])
    granted = sorted(event.person for event in account.events if isinstance(event, e.FloorGranted))
    assert sorted(row["name"] for row in floor) == granted
    now = names_now(reader.setup(session).people, reader.standing(session))
    heard = [record for record in reader.records(session, ["action"]) if isinstance(record, e.Say)]
    said = reader.query(
        "SELECT prompt, p.name FROM prompts JOIN people p ON p.id = person WHERE session = ?"
        " AND prompt IS NOT NULL ORDER BY prompt",
        [session],
    )
    assert [(row["prompt"], row["name"]) for row in said] == [
        (say.prompt, now.get(say.person, say.person)) for say in heard if say.person is not None
    ]
    with Measures.open(reader.path or Path()) as measures:
        (held,) = [one for one in measures.held() if one.session == session]
    assert {part.name: part.airtime_ms for part in held.parts if part.heard} == {
        person.name: person.airtime_ms for person in summary.people
    }
    aims = found.setup.aims()
    assert {part.name: part.aim for part in held.parts} == aims


def as_heard(reader: Reader) -> None:
    """The rules come to what is stored, but for what `keep` adds."""
    found = replay_session(reader, SESSION, Discussion)
    assert {kind.what for kind in found.kinds} == {"agreed", "rated"}
    assert found.numbers == ()


STEPS = st.lists(st.one_of(CORRECTIONS, CORRECTIONS, st.none() | st.integers(1, 4)), max_size=6)


@pytest.mark.slow
@given(STEPS)
@settings(max_examples=12, deadline=None)
def test_all_tables_follow_and_undoing_all_leaves_nothing_but_the_log(
    three: Path, steps: list[Correction | int | None]
) -> None:
    with tempfile.TemporaryDirectory() as folder, Corrections.open(Path(shutil.copy(three, folder))) as store:
        before = rows(store)
        for step in steps:
            try:
                if isinstance(step, int | None):
                    store.undo(SESSION, step)
                else:
                    store.correct(SESSION, step)
            except CorrectionError:
                continue
            agree(store)
            as_heard(store)
        agree(store)
        made = len(store.corrections(SESSION))
        while store.standing(SESSION):
            store.undo(SESSION)
        assert rows(store) == before
        assert len(store.corrections(SESSION)) == made
        assert all(one.undone_at for one in store.corrections(SESSION))


def test_every_kind_of_correction_is_logged_and_undone_in_any_order(path: Path) -> None:
    with Corrections.open(path) as store:
        before = rows(store)
        made: list[Correction] = [
            Reassigned(100_000, 120_000, None, "carla"),
            LeftOut(130_000, 150_000),
            MadeGuest(200_000, 210_000),
            Renamed("Ana", "emma"),  # who is in another session, and written Emma there
            Merged("Ben", "Carla"),
        ]
        assert [store.correct(SESSION, one) for one in made] == [1, 2, 3, 4, 5]
        assert store.standing(SESSION)[3] == Renamed("Ana", "Emma")
        agree(store)
        assert store.undo(SESSION, 2) == 2
        agree(store)
        with pytest.raises(CorrectionError, match="Correction 2 is undone already"):
            store.undo(SESSION, 2)
        with pytest.raises(CorrectionError, match="no correction 6"):
            store.undo(SESSION, 6)
        assert [store.undo(SESSION) for _ in range(4)] == [5, 4, 3, 1]
        with pytest.raises(CorrectionError, match="session 2 is as it was heard"):
            store.undo(SESSION)
        assert rows(store) == before


def test_what_another_one_builds_on_is_not_undone_before_it(path: Path) -> None:
    with Corrections.open(path) as store:
        store.correct(SESSION, Renamed("Ana", "Ina"))
        store.correct(SESSION, Reassigned(100_000, 120_000, None, "Ina"))
        now = rows(store)
        with pytest.raises(CorrectionError, match="Correction 2 builds on it; undo that one first"):
            store.undo(SESSION, 1)
        assert rows(store) == now


def test_an_agreement_keeps_its_number_and_what_was_said_of_it(path: Path) -> None:
    with Notebook.open(path) as notebook:
        (one,) = notebook.agreements(SESSION)
        notebook.keep({one["agreement"]: True})
    with Corrections.open(path) as corrections:
        corrections.correct(SESSION, Renamed("Ana", "Ina"))
        (now,) = corrections.agreements(SESSION)
        assert now == {**one, "owner": "Ina", "kept": 1, "people": "Ina, Ben, Carla, David"}
        assert now["text"] == "Ana cooks"


def test_only_what_has_ended_is_corrected(path: Path) -> None:
    with Store.open(path) as store:
        running = store.begin(setup(("Ana", "Ben")), "2026-02-02T03:04:05+00:00")
        store.flush()
        with Corrections.open(path) as corrections:
            with pytest.raises(CorrectionError, match="has not ended"):
                corrections.correct(running, Renamed("Ana", "Ina"))
            with pytest.raises(StoreError, match="no session 99"):
                corrections.correct(99, Renamed("Ana", "Ina"))


def test_what_does_not_fit_leaves_everything_as_it_was(path: Path) -> None:
    with Corrections.open(path) as store:
        before = rows(store)
        with pytest.raises(CorrectionError, match="was not listened to"):
            store.correct(SESSION, Reassigned(100_000, 120_000, None, "David"))
        assert rows(store) == before
        assert store.corrections(SESSION) == []


def test_a_session_that_was_never_reviewed_comes_back_too(path: Path) -> None:
    """Its turns are those told while it happened."""
    found, log = discussion()
    # A fact is written together with what followed from it, so a session breaks off before a fact.
    half = next(at for at in range(len(log) // 2, len(log)) if isinstance(log[at], e.Fact))
    with Store.open(path) as store:
        number = store.begin(found.setup, "2026-03-03T03:04:05+00:00")
        store.write(log[:half])
        store.finish(number, "interrupted")
    with Corrections.open(path) as corrections:
        before = rows(corrections)
        corrections.correct(number, Renamed("Ana", "Ina"))
        agree(corrections, number)
        corrections.undo(number)
        assert rows(corrections) == before


def test_rows_come_back_where_another_session_took_their_numbers(path: Path) -> None:
    with Corrections.open(path) as store:
        heard = {table: len(store.query(f"SELECT 1 FROM {table} WHERE session = 3")) for table in WHOLE}
        before = store.airtime(3)
        store.correct(3, MadeGuest(0, 310_000))
        assert not store.query("SELECT 1 FROM turns WHERE session = 3")
    keep(path, ("Fay", "Gil"), "2026-05-05T03:04:05+00:00")
    with Corrections.open(path) as store:
        store.undo(3)
        assert {table: len(store.query(f"SELECT 1 FROM {table} WHERE session = 3")) for table in WHOLE} == heard
        assert store.airtime(3) == before
        agree(store, 3)
        agree(store, 4)


def test_what_is_put_aside_has_the_columns_of_what_it_is_of(path: Path) -> None:
    with Corrections.open(path) as store:
        for table in WHOLE:
            columns = [[(c.name, c.type) for c in store._db.table(name).columns] for name in (table, f"heard_{table}")]
            assert columns[0] == columns[1]


def test_a_rescued_part_is_not_taken_into_what_was_corrected(path: Path, tmp_path: Path) -> None:
    found, log = discussion()
    with Store.open_memory() as memory:
        memory.begin(found.setup, "2026-03-03T03:04:05+00:00")
        memory.write(log)
        memory.flush()
        memory.rescue(tmp_path / "rescue.jsonl")
    with Store.open(path) as store:
        number = store.load_rescue(tmp_path / "rescue.jsonl")
        store.finish(number, "interrupted")
    with Corrections.open(path) as corrections:
        corrections.correct(number, Renamed("Ana", "Ina"))
    with Store.open(path) as store, pytest.raises(StoreError, match="has been corrected"):
        store.load_rescue(tmp_path / "rescue.jsonl")


# --- people are renamed and forgotten meanwhile ------------------------------------------------------------


@pytest.fixture
def people(path: Path) -> Iterator[People]:
    with Corrections.open(path) as store:
        store.correct(SESSION, Renamed("Ana", "Ina"))
        store.correct(SESSION, Reassigned(100_000, 120_000, None, "Ina"))
        store.correct(SESSION, Merged("Ben", "Carla"))
    with People.open(path) as found:
        yield found


def undone(path: Path) -> tuple[str, ...]:
    """The seats when all is undone; on the way, tables and reports agree."""
    with Corrections.open(path) as store:
        agree(store)
        while store.standing(SESSION):
            store.undo(SESSION)
            agree(store)
        as_heard(store)
        return store.setup(SESSION).people


@pytest.mark.parametrize(
    ("name", "new", "seats"),
    [
        ("Ana", "Zoe", ("Zoe", "Ben", "Carla", "David")),
        ("Ina", "Zoe", ("Ana", "Ben", "Carla", "David")),
        ("Ben", "Zoe", ("Ana", "Zoe", "Carla", "David")),
        ("Carla", "Zoe", ("Ana", "Ben", "Zoe", "David")),
        ("Ana", "Ina", ("Ina", "Ben", "Carla", "David")),
    ],
)
def test_people_are_renamed_everywhere(path: Path, people: People, name: str, new: str, seats: tuple[str, ...]) -> None:
    people.rename(name, new, merge=new == "Ina")
    assert undone(path) == seats
    assert not people.query("SELECT 1 FROM people WHERE name = ?", [name])


def test_two_who_sat_at_a_table_stay_two(people: People) -> None:
    with pytest.raises(StoreError, match="session 2, as it was heard, so they are two people"):
        people.rename("Ana", "David", merge=True)


def test_who_would_be_mixed_up_is_not_renamed(path: Path) -> None:
    with Corrections.open(path) as store:
        for one in (Renamed("Ana", "Emma"), Renamed("Ben", "Ana"), Renamed("Emma", "Ben")):
            store.correct(SESSION, one)
        before = rows(store)
    with People.open(path) as found:
        with pytest.raises(StoreError, match="would mix people up"):
            found.rename("Emma", "Ana", merge=True)
        assert rows(found) == before


@pytest.mark.parametrize("names", [("Ana",), ("Ina",), ("Ben", "Carla"), ("Ana", "Ina", "Ben"), ("David", "Ina")])
def test_people_are_forgotten(path: Path, people: People, names: tuple[str, ...]) -> None:
    for name in names:
        people.forget(name)
    seats = undone(path)
    assert len(set(seats)) == len(PEOPLE)
    assert not {*seats} & {*names}
    everything: list[Any] = [people.query(f"SELECT * FROM {table.name}") for table in people._db.tables]
    assert not [name for name in names if name in str(everything)]


def test_a_forgotten_person_gets_no_name_again(path: Path, people: People) -> None:
    people.forget("Ina")
    with Corrections.open(path) as store:
        assert store.airtime(SESSION)[0]["person"] == "someone"
        with pytest.raises(CorrectionError, match="was forgotten"):
            store.correct(SESSION, Renamed("someone", "Ina"))
        with pytest.raises(CorrectionError, match="was forgotten"):
            store.correct(SESSION, Merged("someone", "Carla"))
        with pytest.raises(CorrectionError, match="stands for people who were forgotten"):
            store.correct(3, Renamed("Carla", "Someone"))


def test_what_they_were_called_before_is_told(people: People) -> None:
    assert people.found("Ina").before == ("Ana",)
    assert people.found("Carla").before == ("Ben",)
    assert people.found("Emma").before == ()
    assert [person.name for person in people.people() if person.corrected and not person.sessions] == ["Ana"]
