"""What a new session begins with, from what earlier ones of the same people left in a real database."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest

from facilitator.core import events as e
from facilitator.store import carry_over
from facilitator.store.carry_over import CarryOver, left_over
from facilitator.store.notebook.notebook import Notebook
from facilitator.store.session_log import Store
from tests.support.table_talk import TableTalk, open_talk

BERLIN = datetime.timezone(datetime.timedelta(hours=1))
FRIDAY = datetime.datetime(2026, 3, 6, 20, 0, tzinfo=BERLIN)
ANA_AND_BEN = ("Ana", "Ben")
OPEN, ROUND = "Open talk", "Round-robin"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """To look into after the sessions; each of them has one of its own, as each run of the program has."""
    with Store.open(path) as store:
        yield store


def session(
    path: Path,
    *records: e.Record,
    people: tuple[str, ...] = ANA_AND_BEN,
    form: str = "open",
    began: datetime.datetime = FRIDAY,
    reason: str | None = "done",
) -> int:
    """A session with these records only. `reason` None: it was interrupted."""
    with Store.open(path) as own:
        number = own.begin(
            open_talk(*people, form=form, utc_offset_minutes=60), began.astimezone(datetime.UTC).isoformat()
        )
        own.write(records)
        if reason is not None:
            own.finish(number, reason)
        assert own.flush()
    return number


def agreed(text: str, number: int = 1, kind: e.AgreementKind = "agreement", **fields: object) -> e.Agreed:
    return e.Agreed(at_ms=0, number=number, kind=kind, text=text, **fields)  # type: ignore[arg-type]


def days(n: float) -> datetime.datetime:
    return FRIDAY + datetime.timedelta(days=n)


def due(store: Store, now: datetime.datetime, people: tuple[str, ...] = ANA_AND_BEN) -> list[str]:
    return [str(found["text"]) for found in left_over(store, people, OPEN, now).due]


def test_nothing_before_nothing_left(store: Store) -> None:
    assert left_over(store, ANA_AND_BEN, OPEN, FRIDAY) == CarryOver()


# --- the same people ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "same"),
    [
        (("Ben", "Ana", "Zoë"), True),
        (("Zoë", "Ana", "Ben"), True),
        (("Ana", "Ben"), False),
        (("Ana", "Ben", "Zoë", "Carla"), False),
        (("Ana", "Ben", "Zoe"), False),
        (("Ana", "Carla"), False),
    ],
)
def test_only_exactly_the_same_people_in_any_order(
    path: Path, store: Store, people: tuple[str, ...], same: bool
) -> None:
    session(
        path,
        agreed("tidy up", owner="Zoë", due_days=0),
        agreed("breathe", 2, "step"),
        e.FloorGranted(at_ms=0, person="Ben", round=1, limit_ms=None, protected=False),
        e.BreakAgreed(at_ms=0, return_in_ms=3_600_000),
        people=("Ana", "Ben", "Zoë"),
        reason="break",
    )
    found = left_over(store, people, OPEN, FRIDAY)
    if not same:
        assert found == CarryOver()
        return
    assert found == CarryOver(
        return_in_ms=3_600_000,
        due=({"agreement": 1, "text": "tidy up", "owner": "Zoë"},),
        steps=("breathe",),
        last_first="Ben",
    )


# --- a break -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("after_h", "left_h"), [(0, 24), (23, 1), (24, 0), (25, -1), (24 + 7 * 24, -7 * 24)])
def test_a_break_that_is_not_over_or_over(path: Path, store: Store, after_h: int, left_h: int) -> None:
    session(path, e.BreakAgreed(at_ms=0, return_in_ms=24 * 3_600_000), reason="break")
    found = left_over(store, ANA_AND_BEN, ROUND, FRIDAY + datetime.timedelta(hours=after_h))
    assert found.return_in_ms == left_h * 3_600_000


def test_a_break_so_long_ago_that_nobody_thinks_of_it(path: Path, store: Store) -> None:
    session(path, e.BreakAgreed(at_ms=0, return_in_ms=24 * 3_600_000), reason="break")
    assert left_over(store, ANA_AND_BEN, OPEN, days(8.1)).return_in_ms is None


def test_the_last_break_counts_and_only_if_the_session_ended_with_it(path: Path, store: Store) -> None:
    short, long = (e.BreakAgreed(at_ms=ms, return_in_ms=round(h * 3_600_000)) for ms, h in ((0, 0.5), (1, 2)))
    session(path, short, long, reason="break")
    assert left_over(store, ANA_AND_BEN, OPEN, FRIDAY).return_in_ms == pytest.approx(2 * 3_600_000, abs=1000)
    session(path, short, long, reason="finish")  # they came back, and finished
    assert left_over(store, ANA_AND_BEN, OPEN, FRIDAY).return_in_ms is None


def test_a_session_that_was_interrupted_does_not_end_the_break(path: Path, store: Store) -> None:
    session(path, e.BreakAgreed(at_ms=0, return_in_ms=7_200_000), reason="break")
    session(path, reason=None)
    assert left_over(store, ANA_AND_BEN, OPEN, FRIDAY).return_in_ms == 7_200_000


# --- agreements --------------------------------------------------------------------------------------------


def test_agreements_are_due_from_their_day_on(path: Path, store: Store) -> None:
    session(
        path,
        agreed("today", due_days=0),
        agreed("in a week", 2, due_days=7),
        agreed("some day", 3),
        agreed("one at a time", 4, "rule"),
        agreed("breathe", 5, "step"),
    )
    assert due(store, FRIDAY) == ["today"]
    assert due(store, days(6)) == ["today"]
    assert due(store, days(7)) == ["today", "in a week"]


def test_a_day_begins_at_midnight_at_the_table(path: Path, store: Store) -> None:
    session(path, agreed("in a week", due_days=7))
    midnight = datetime.datetime(2026, 3, 13, tzinfo=BERLIN)
    assert due(store, midnight - datetime.timedelta(seconds=1)) == []
    assert due(store, midnight) == ["in a week"]  # it is still the day before in UTC
    assert due(store, midnight.astimezone(datetime.UTC)) == []  # and in London, if that is where the table is


def test_what_is_kept_is_not_asked_again_and_what_is_open_is(path: Path, store: Store) -> None:
    session(path, agreed("tidy up", due_days=0), agreed("call", 2, due_days=0))
    with Notebook.open(path) as notebook:
        notebook.keep({1: True})
        assert due(store, FRIDAY) == ["call"]
        notebook.keep({2: False})
        assert due(store, days(30)) == ["call"]
        notebook.keep({1: False})
    assert due(store, FRIDAY) == ["tidy up", "call"]


COOLS: dict[str, object] = {"kind": "decision", "cooling_ms": 24 * 3_600_000}


def test_a_decision_that_has_cooled_off_is_asked_about_whatever_its_day(path: Path, store: Store) -> None:
    session(path, agreed("sell the car", owner="Ben", **COOLS), agreed("tidy up", 2, due_days=0))  # type: ignore[arg-type]
    assert due(store, days(1) - datetime.timedelta(seconds=1)) == ["tidy up"]
    assert left_over(store, ANA_AND_BEN, OPEN, days(1)).due == (
        {"agreement": 1, "text": "sell the car", "owner": "Ben", "cooled": True},
        {"agreement": 2, "text": "tidy up", "owner": ""},
    )


@pytest.mark.parametrize("stands", [True, False])
def test_a_decision_that_stood_is_due_on_its_day_and_one_that_fell_is_not(
    path: Path, store: Store, stands: bool
) -> None:
    session(path, agreed("sell the car", due_days=3, **COOLS))  # type: ignore[arg-type]
    found = left_over(store, ANA_AND_BEN, OPEN, days(5)).due
    assert [one.get("cooled") for one in found] == [True]  # first of all whether it stands
    with Store.open(path) as own:
        own.begin(open_talk(*ANA_AND_BEN, due=found), days(1).isoformat())
        own.write([e.AgreementChecked(at_ms=1, agreement=1, kept=stands)])
        assert own.flush()
    assert due(store, days(2)) == []
    found = left_over(store, ANA_AND_BEN, OPEN, days(3)).due
    assert found == (({"agreement": 1, "text": "sell the car", "owner": ""},) if stands else ())


def test_the_three_that_are_due_for_longest_come_first(path: Path, store: Store) -> None:
    for n, age in enumerate((1, 4, 3, 2)):
        session(path, agreed(f"{age} days", due_days=0), began=days(-age), people=(ANA_AND_BEN, ("Ben", "Ana"))[n % 2])
    assert due(store, FRIDAY) == ["4 days", "3 days", "2 days"]


def test_agreements_of_an_interrupted_session_count(path: Path, store: Store) -> None:
    session(path, agreed("tidy up", due_days=0), agreed("breathe", 2, "step"), reason=None)
    found = left_over(store, ANA_AND_BEN, OPEN, FRIDAY)
    assert ([d["text"] for d in found.due], found.steps) == (["tidy up"], ("breathe",))


def test_steps_are_those_of_the_latest_session_that_has_any(path: Path, store: Store) -> None:
    session(path, agreed("breathe", kind="step"), agreed("walk", 2, "step"))
    session(path, agreed("breathe", kind="step"), agreed("tea", 2, "step"), agreed("call Emma", 3, "step"))
    session(path, agreed("tidy up"))
    session(path, agreed("of others", kind="step"), people=("Ana", "Carla"))
    assert left_over(store, ANA_AND_BEN, OPEN, FRIDAY).steps == ("breathe", "tea", "call Emma")


# --- who starts --------------------------------------------------------------------------------------------


def test_who_started_last_time_in_this_form(path: Path, store: Store) -> None:
    def floor(*people: str) -> list[e.Record]:
        return [
            e.FloorGranted(at_ms=ms, person=person, round=1, limit_ms=None, protected=True)
            for ms, person in enumerate(people)
        ]

    session(path, *floor("Ana", "Ben"), form="round-robin")
    session(path, *floor("Ben", "Ana"), form="round-robin")
    session(path, *floor("Ana", "Ben"), form="stand-up")
    session(path)
    assert left_over(store, ANA_AND_BEN, ROUND, FRIDAY).last_first == "Ben"
    assert left_over(store, ANA_AND_BEN, OPEN, FRIDAY).last_first == ""


@pytest.mark.parametrize(
    ("people", "last", "first"),
    [
        (("Ana", "Ben", "Carla"), "Ana", "Ben"),
        (("Ana", "Ben", "Carla"), "Carla", "Ana"),
        (("Ana", "Ben"), "", ""),
        (("Ana", "Ben"), "Carla", ""),  # she is the host now
    ],
)
def test_the_one_after_starts_this_time(people: tuple[str, ...], last: str, first: str) -> None:
    assert carry_over.starts_next(people, last) == first


# --- as it is lived ----------------------------------------------------------------------------------------


def evening(path: Path, store: Store, now: datetime.datetime) -> TableTalk:
    """A session that begins with what is left, as `start` begins it."""
    found = left_over(store, ANA_AND_BEN, OPEN, now)
    own = Store.open(path)
    setup = open_talk(*ANA_AND_BEN, due=found.due, utc_offset_minutes=60, weekday=now.weekday())
    return TableTalk(own, setup, now.astimezone(datetime.UTC).isoformat())


def test_from_one_evening_to_the_next(path: Path, store: Store) -> None:
    """An agreement is made by keys; a week later it is asked for until it is kept, and after that no more."""
    talk = evening(path, store, FRIDAY)
    talk.agree("tidy up", owner=1, when=3)
    talk.finish()
    talk.store.close()
    for n, answer in ((7, "no"), (8, "yes"), (9, None)):
        talk = evening(path, store, days(n))
        asked = [r.text for r in talk.log if isinstance(r, e.Say) and r.prompt_kind == "business.due_owner"]
        assert bool(asked) == (answer is not None)
        if answer is not None:
            assert "Last time you agreed: tidy up. Ana was going to take care of it." in asked[0]
            talk.press("yes" if answer == "yes" else "no")
        talk.finish()
        talk.store.close()
    (line,) = store.agreements()
    assert (line["kept"], line["kept_session"]) == (1, 3)
