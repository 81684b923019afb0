"""A look back at the table: how fair things feel is asked, kept, told next time, forgotten with its name."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner

from facilitator.cli import cli
from facilitator.commands.session.table_options import TableOptions as Wishes
from facilitator.commands.session.table_options import at_this_table
from facilitator.core import events as e
from facilitator.core.dialogue.fairness import MOST_NAMED
from facilitator.core.dialogue.questions import RATHER_NOT
from facilitator.core.dialogue.stages.closing import days_of
from facilitator.core.discussion import Discussion
from facilitator.core.formats.parse import parse_format
from facilitator.core.formats.stages import INDICATORS, MOST_INDICATORS
from facilitator.core.review.correction import Renamed
from facilitator.core.setup import Setup
from facilitator.core.trends.milestones import MilestoneKey
from facilitator.errors import PromptsError
from facilitator.store.carry_over import review_due
from facilitator.store.corrections import Corrections
from facilitator.store.notebook.notebook import Notebook
from facilitator.store.people import People
from facilitator.store.session_log import Reader, Store
from tests.support.simulation import NAMES, PROMPTS, Behaviour, SimulatedTable, play, setup
from tests.support.table_talk import STARTED, TableTalk, open_talk

PAIR = ("Ana", "Ben")
BEGAN = datetime.datetime.fromisoformat(STARTED)
FAIR: dict[str, Any] = {
    "name": "Only that",
    "summary": "How fair it feels.",
    "stage": [
        {"kind": "indicators", "of": ["chores", "the late shifts"], "think_s": 5},
        {"kind": "milestones"},
        {"kind": "compare"},
        {"kind": "talk", "minutes": 1},
    ],
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions.db"


class Asked:
    """Ana and Ben are asked, fact by fact."""

    def __init__(self, store: Store, form: Mapping[str, Any] = FAIR, started_at: str = STARTED, **options: Any) -> None:
        wanted = open_talk(*PAIR, **{"enrolled": PAIR, **options})
        self.talk = TableTalk(store, dataclasses.replace(wanted, format=form), started_at)

    def said(self) -> list[str]:
        return [record.text for record in self.talk.log if isinstance(record, e.Say)]

    def kinds(self) -> list[str]:
        return [record.prompt_kind for record in self.talk.log if isinstance(record, e.Say)]

    def asked(self) -> str | None:
        says = [record for record in self.talk.log if isinstance(record, e.Say)]
        return says[-1].person if says[-1].prompt_kind == "fair.number" else None

    def rated(self) -> list[tuple[str, str, int]]:
        return [(r.person, r.indicator, r.value) for r in self.talk.log if isinstance(r, e.SelfRated)]

    def answer(self, value: int) -> None:
        self.talk.wait(8_000)
        self.talk.press("answer", value)


# --- asking ----------------------------------------------------------------------------------------


def test_everyone_finds_a_number_before_the_first_one_is_said(path: Path) -> None:
    with Store.open(path) as store:
        table = Asked(store)
        assert table.kinds() == ["fair.start", "fair.think"]
        table.talk.wait(4_000)
        assert "fair.show" not in table.kinds(), "five seconds to think"
        table.talk.wait(2_000)
        assert table.kinds()[2:] == ["fair.show", "fair.number"]
        assert table.asked() == "Ana"


def test_somebody_else_is_asked_first_each_time_and_what_they_say_is_kept(path: Path) -> None:
    with Store.open(path) as store:
        table = Asked(store)
        order = []
        for value in (2, 4, 3, 5):
            table.talk.wait(6_000)
            order.append(table.asked())
            table.talk.press("answer", value)
        assert order == ["Ana", "Ben", "Ben", "Ana"]
        assert table.rated() == [
            ("Ana", "chores", 2),
            ("Ben", "chores", 4),
            ("Ben", "the late shifts", 3),
            ("Ana", "the late shifts", 5),
        ]
        table.talk.finish()
        rows = store.query("SELECT name, indicator, value FROM self_ratings JOIN people ON people.id = person")
        assert [tuple(row.values()) for row in rows] == table.rated()
    told = CliRunner().invoke(cli, ["review", "--db", str(path)])
    assert "How fair it feels, from 1 to 5, chores: Ana 2, Ben 4." in " ".join(told.output.split())


@pytest.mark.parametrize("how", ["no", "pass", "key", "silence"])
def test_a_number_can_be_kept_to_oneself_in_every_way(path: Path, how: str) -> None:
    with Store.open(path) as store:
        table = Asked(store)
        table.talk.wait(6_000)
        assert table.asked() == "Ana"
        if how == "silence":
            table.talk.wait(30_000)
        elif how == "key":
            table.talk.press("answer", RATHER_NOT)
        else:
            table.talk.press("no" if how == "no" else "pass")
        assert table.asked() == "Ben"
        table.talk.press("answer", 4)
        assert table.rated() == [("Ben", "chores", 4)]
        for _ in PAIR:
            table.talk.wait(6_000)
            table.talk.press("answer", 3)
        table.talk.wait(20_000)
        says = [record for record in table.talk.log if isinstance(record, e.Say)]
        told = [say.text for say in says if say.prompt_kind == "fair.values"]
        assert told == ["Chores: Ben four.", "The late shifts: Ana three and Ben three."]


def test_words_are_answers_too(path: Path) -> None:
    with Store.open(path) as store:
        table = Asked(store)
        table.talk.wait(6_000)
        meanings = table.talk.discussion.phrases
        assert {"mostly", "not at all", "four", "i would rather not say", "no"} <= set(meanings)
        at_ms = table.talk.now_ms
        table.talk.now_ms += 1_500
        table.talk.tell(
            e.PhraseHeard(at_ms=table.talk.now_ms, phrase="mostly", start_ms=at_ms + 200, end_ms=at_ms + 900)
        )
        assert table.rated() == [("Ana", "chores", 4)]


def test_who_lets_two_questions_go_by_is_not_pressed_further() -> None:
    run = play(3, "quarterly-review", "one-silent")
    asked = [say.person for say in run.of(e.Say) if say.prompt_kind == "fair.number"]
    silent = NAMES[2]
    assert asked.count(silent) == 2 * 2, "two questions, each repeated once"
    assert {rated.person for rated in run.of(e.SelfRated)} == set(NAMES[:2])
    assert len(run.of(e.SelfRated)) == 2 * len(INDICATORS)


def test_after_an_interruption_the_question_is_asked_again(path: Path) -> None:
    with Store.open(path) as store:
        table = Asked(store)
        table.talk.wait(6_000)
        table.talk.press("answer", 2)
        assert table.asked() == "Ben"
        table.talk.tell(e.Resumed(at_ms=table.talk.now_ms, enrolled=PAIR))
        table.talk.wait(3_000)
        assert table.asked() == "Ben"
        table.talk.press("answer", 3)
        assert table.rated() == [("Ana", "chores", 2), ("Ben", "chores", 3)]


def test_a_pause_stops_the_time_to_think(path: Path) -> None:
    with Store.open(path) as store:
        table = Asked(store)
        table.talk.press("pause")
        table.talk.wait(60_000)
        assert "fair.show" not in table.kinds()
        table.talk.press("go-on")
        table.talk.wait(10_000)
        assert table.asked() == "Ana"


# --- next time --------------------------------------------------------------------------------------


def reviewed(path: Path, days: float = 0, values: tuple[int, ...] = (2, 4, 3, 5)) -> int:
    with Store.open(path) as store:
        table = Asked(store, started_at=(BEGAN + datetime.timedelta(days=days)).isoformat())
        for value in values:
            table.talk.wait(6_000)
            table.talk.press("answer", value)
        return table.talk.finish()


def next_time(path: Path, days: float, form: Mapping[str, Any] = FAIR, people: tuple[str, ...] = PAIR) -> Setup:
    with Store.open(path) as store:
        wanted = dataclasses.replace(open_talk(*people), format=form)
        return at_this_table(wanted, Wishes(), store, BEGAN + datetime.timedelta(days=days), hears_words=False)


def test_the_next_time_begins_with_what_was_said(path: Path) -> None:
    reviewed(path)
    found = next_time(path, 90)
    assert [tuple(row.values()) for row in found.said_before] == [
        ("chores", "Ana", 2),
        ("the late shifts", "Ana", 5),
        ("chores", "Ben", 4),
        ("the late shifts", "Ben", 3),
    ]
    assert next_time(path, 90, people=("Ana", "Carla")).said_before == ()
    assert next_time(path, 90, form=setup(PAIR, "open").format).said_before == (), "nothing tells it there"
    reviewed(path, 90, (3, 3, 3, 3))
    assert {row["value"] for row in next_time(path, 180).said_before} == {3}


def test_it_is_told_with_what_has_been_reached(path: Path) -> None:
    reviewed(path)
    with Store.open(path) as store:
        number = store.begin(open_talk(*PAIR), (BEGAN + datetime.timedelta(days=30)).isoformat())
        store.write(
            [
                e.Agreed(at_ms=1, number=1, kind="agreement", text="Ben books the table"),
                e.Agreed(at_ms=2, number=2, kind="agreement", text="Ana calls"),
            ]
        )
        store.finish(number, "done")
        assert store.flush()
    with Notebook.open(path) as notebook:
        notebook.keep({1: True, 2: True})
    found = next_time(path, 91)
    assert [row["key"] for row in found.milestones] == ["agreements"]
    discussion = Discussion(found)
    table = SimulatedTable(discussion, "all")
    table.run()
    said = [record.text for record in table.log if isinstance(record, e.Say)]
    start = said.index("First, some of what you have reached since you last looked back.")
    assert said[start + 1] == "You have kept two of the agreements that you made."
    assert "Last time: Ana two and Ben four." in said or "The same as last time." in said


def test_a_review_is_due_after_three_months(path: Path) -> None:
    with Store.open(path) as store:
        assert review_due(store, PAIR, BEGAN) is None
    reviewed(path)
    with Store.open(path) as store:
        assert review_due(store, PAIR, BEGAN + datetime.timedelta(days=80)) is None
        assert review_due(store, PAIR, BEGAN + datetime.timedelta(days=100)) == datetime.date(2026, 3, 6)
        assert review_due(store, ("Ana", "Carla"), BEGAN + datetime.timedelta(days=100)) is None


def test_the_next_review_is_proposed_in_three_months() -> None:
    assert days_of(3) == 91, "the same day of the week"
    answers = {say.prompt_kind for say in play(2, "quarterly-review").of(e.Say)}
    assert "closing.next_proposed" in answers
    found = [run.of(e.NextAgreed) for run in (play(2, "quarterly-review", seed=seed) for seed in range(1, 9))]
    days = [agreed[0].in_days for agreed in found if agreed]
    assert days.count(91) >= len(days) / 2


def test_whoever_wants_another_day_is_asked_for_it(path: Path) -> None:
    form = {**FAIR, "stage": [FAIR["stage"][3], {"kind": "closing", "next": True, "next_months": 3}]}
    with Store.open(path) as store:
        table = Asked(store, form)
        table.talk.press("finish")
        table.talk.wait(10_000)
        assert "Shall we look back like this again in three months?" in table.said()
        table.talk.press("no")
        assert table.said()[-1] == "When do you want to talk again?"
        table.talk.press("answer", 5)
        table.talk.finish()
        assert [r.in_days for r in table.talk.log if isinstance(r, e.NextAgreed)] == [30]


LANGUAGES = sorted(path.stem for path in (PROMPTS / "languages").glob("*.toml"))
TABLES: list[tuple[int, Behaviour]] = [
    (2, "all"), (2, "cut-ins"), (3, "one-silent"), (3, "dominated"), (5, "passes"), (8, "all"), (8, "nobody")
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("many", "behaviour"), TABLES)
def test_a_whole_review_in_every_language(language: str, many: int, behaviour: Behaviour) -> None:
    """With what was said last time, and with every milestone that there is."""
    people = NAMES[:many]
    said_before = [{"indicator": i, "person": p, "value": 3} for i in INDICATORS for p in people[:-1]]
    reached = [{"key": key, "number": 3, "who": people[0]} for key in get_args(MilestoneKey)]
    run = play(
        many,
        "quarterly-review",
        behaviour,
        language=language,
        said_before=tuple(said_before),
        milestones=tuple(reached),
        until_ms=7_200_000,
        hears_words=True,
    )
    assert [ended.reason for ended in run.of(e.SessionEnded)] == ["done"]
    says = run.of(e.Say)
    assert not [say.text for say in says if "{" in say.text or "  " in say.text]
    kinds = [say.prompt_kind for say in says]
    assert [kind for kind in kinds if kind.startswith("milestones.")] == [
        "milestones.start",
        *(f"milestones.{key}" for key in get_args(MilestoneKey)),
    ]
    spoken = {rated.person for rated in run.of(e.SelfRated)}
    assert ("fair.told" in kinds) == bool(spoken)
    assert ("fair.nothing" in kinds) == (not spoken)
    told = " ".join(say.text for say in says if say.prompt_kind in ("fair.values", "fair.range", "fair.everyone"))
    assert {name for name in people if name in told} == (spoken if many <= MOST_NAMED else set())
    starts = [say.text for say in says if say.prompt_kind.startswith(("fair.", "milestones."))]
    assert not [text for text in starts if text[0].islower()]


# --- names, files, formats ------------------------------------------------------------------------------


def test_who_is_forgotten_is_gone_from_it_too(path: Path) -> None:
    """Also from a group's own words, from what was told next time, and from the milestones."""
    form = {**FAIR, "stage": [{"kind": "indicators", "of": ["Zoltan's garden"]}, *FAIR["stage"][1:]]}
    people = ("Zoltan", "Ben", "Carla")
    for days in (0, 90):
        found = next_time(path, days, form, people)
        with Store.open(path) as store:
            number = store.begin(
                dataclasses.replace(found, milestones=({"key": "share", "number": 0, "who": "Zoltan"},)),
                (BEGAN + datetime.timedelta(days=days)).isoformat(),
            )
            store.write([e.SelfRated(at_ms=5, person=p, indicator="Zoltan's garden", value=3) for p in people])
            store.finish(number, "done")
    assert b"Zoltan" in path.read_bytes()
    with People.open(path) as people_store:
        done = people_store.forget("Zoltan")
    assert done.traces == 0
    with Reader.open(path) as reader:
        assert {row["indicator"] for row in reader.query("SELECT indicator FROM self_ratings")} == {"someone's garden"}
        again = reader.setup(2)
        assert {row["indicator"] for row in again.said_before} == {"someone's garden"}
        assert "Zoltan" not in json.dumps([*again.said_before, *again.milestones])
        assert [r.indicator for r in reader.records(1) if isinstance(r, e.SelfRated)] == ["someone's garden"] * 3


def test_a_name_put_right_is_put_right_here_too(path: Path) -> None:
    """And when that is taken back, it is as it was."""
    number = reviewed(path)
    with Corrections.open(path) as store:
        store.correct(number, Renamed("Ben", "Carla"))
        told = {(row["person"], row["value"]) for row in store.query("SELECT * FROM v_self_ratings")}
        assert told == {("Ana", 2), ("Carla", 4), ("Carla", 3), ("Ana", 5)}
        store.undo(number)
        told = {(row["person"], row["value"]) for row in store.query("SELECT * FROM v_self_ratings")}
        assert told == {("Ana", 2), ("Ben", 4), ("Ben", 3), ("Ana", 5)}
    with Store.open(path) as store:
        assert len(store.query("SELECT * FROM self_ratings")) == 4


def test_what_a_format_may_ask_of() -> None:
    def problems(**stage: Any) -> str:
        rows = [{"kind": "indicators", **stage}, {"kind": "talk"}]
        try:
            parse_format({"name": "x", "summary": "y", "stage": rows})
        except PromptsError as error:
            return "\n".join(error.problems)
        return ""

    assert problems() == problems(of=["the late shifts"]) == ""
    assert "the same thing twice" in problems(of=["money", "money"])
    assert f"more than {MOST_INDICATORS}" in problems(of=[str(n) for n in range(9)])
    assert "of needs a list" in problems(of="money")


def test_a_teams_own_word_is_no_mistake_and_a_slip_is_one(tmp_path: Path) -> None:
    def checked(thing: str) -> str:
        path = tmp_path / "team.toml"
        stages = f'[[stage]]\nkind = "indicators"\nof = ["{thing}"]\n[[stage]]\nkind = "talk"\n'
        path.write_text(f'name = "Team"\nsummary = "x."\n{stages}', encoding="utf-8")
        return CliRunner().invoke(cli, ["formats", "check", str(path)]).output

    assert "did you mean chores" in checked("chorse")
    assert "is no key" not in checked("rota")
    assert "is no key" not in checked("the late shifts")
