"""Whether anybody's part of the talk is told is one rule: in the closing words, the review at a glance and as a whole,
the report, on the page at the end and on one's own telephone."""

from __future__ import annotations

import dataclasses
import datetime
import html
import re
from dataclasses import dataclass
from typing import Any

import pytest

from facilitator.commands.stored.correct import figures
from facilitator.commands.stored.wording import as_values, glance, reading, remarks
from facilitator.core.airtime_display import AirtimeRule
from facilitator.core.dialogue.narration import spoken_summary
from facilitator.core.events import Joined
from facilitator.core.language.wording import parse_language
from facilitator.core.review.account import Account
from facilitator.core.review.review import SessionReview, review
from facilitator.core.session_notes import SessionNotes
from facilitator.core.turntaking.timeline import Timeline
from facilitator.page.broker import Broker
from facilitator.page.screen import PageScreen
from facilitator.report.joint import parts
from facilitator.report.output.blocks import plain
from facilitator.report.output.csv_tables import people_csv
from facilitator.report.review.html import body
from facilitator.report.review.json import review_json
from facilitator.resources.prompts import default_prompts
from facilitator.resources.texts import texts_of
from facilitator.terminal.live_lines import state
from tests.core.review.test_summary import timeline
from tests.page.test_page_parts import snapshot
from tests.support.texts import ENGLISH

LANGUAGE, TEXTS = parse_language(default_prompts().language("en")), texts_of("en")
NOTES = SessionNotes(day=datetime.date(2026, 3, 6))
PERCENT = re.compile(r"\d\s?%")


@dataclass(frozen=True, kw_only=True)
class Table:
    heard: tuple[str, ...]
    declined: tuple[str, ...] = ()
    host: str = ""
    rounds: int = 12
    listened: bool = True
    late: str = ""
    odd: str = ""
    """Who spoke once more."""

    @property
    def account(self) -> Account:
        """Everyone who is heard speaks for 15 seconds, one after the other, and somebody unknown after them."""
        people = (*self.heard, *self.declined)
        once = (*self.heard, "?") if self.declined else self.heard
        order = (*once * self.rounds, *([self.odd] if self.odd else []))
        rows = [(15 * at, 15 * at + 15, who) for at, who in enumerate(order)]
        return Account(
            people=people,
            declined=self.declined,
            timeline=timeline(*rows) if self.listened else Timeline(),
            events=(Joined(at_ms=60_000, person=self.late),) if self.late else (),
            newcomers=(self.late,) if self.late else (),
            targets={person: float(person != self.host) for person in people} if self.host else None,
            listened=self.listened,
        )


UNTOLD = {
    "a host and one": Table(heard=("Host", "Ana"), declined=("Ben",), host="Host"),
    "one of two": Table(heard=("Ana",), declined=("Ben",)),
    "one of two, who came later": Table(heard=("Ana",), declined=("Ben",), late="Ana"),
    "two of three, for half a minute": Table(heard=("Ana", "Ben"), declined=("Carla",), rounds=1),
    "nobody": Table(heard=("Ana", "Ben"), listened=False),
}
TOLD = {
    "two of three": Table(heard=("Ana", "Ben"), declined=("Carla",)),
    "a host and two": Table(heard=("Host", "Ana", "Ben"), declined=("Carla",), host="Host"),
    "everybody": Table(heard=("Ana", "Ben", "Carla")),
}


def told_of(found: SessionReview) -> dict[str, str]:
    """All that people come to read, hear and see of it."""
    said = remarks(found, LANGUAGE)
    page = body(found, NOTES, said, ENGLISH, title="Talk")
    page = page.split("<section><h2>How this is counted")[0]  # the rules have figures of their own
    words = [LANGUAGE.phrase(key, **slots) for key, slots in spoken_summary(found.summary, LANGUAGE)]
    values = as_values(found.summary, LANGUAGE)
    lines = [values["first"], values["told"], *values["details"], *(one["figure"] for one in values["glance"])]
    people = found.account.people
    everything = plain(reading(found, LANGUAGE, NOTES, everything=True), TEXTS, 100).split("How this is counted")[0]
    return {
        "closing": " ".join(words).replace(" percent", " %"),
        "review": plain(glance(found, LANGUAGE, NOTES), TEXTS, 100),
        "review --all": everything,
        "report": html.unescape(re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)),
        "page": " ".join(lines),
        "joint report": " ".join(part.text for part in parts((), people, found.summary, NOTES, ENGLISH)),
    }


class Shown(Broker):
    def __init__(self) -> None:
        super().__init__()
        self.each: dict[str, dict[str, Any]] = {}

    def tell_each(self, values: Any) -> None:
        self.each = dict(values)


def telephones(found: SessionReview) -> dict[str, dict[str, Any]]:
    """What each one's own telephone shows once it is over."""
    shown = Shown()
    rule = AirtimeRule(now="hidden", aims={})
    screen = PageScreen(shown, airtime=rule, texts=ENGLISH, listening=True)
    screen.summary = lambda: as_values(found.summary, LANGUAGE)
    screen.finished(snapshot(ended=True))
    return shown.each


@pytest.mark.parametrize("table", UNTOLD.values(), ids=UNTOLD)
def test_where_parts_cannot_be_compared_nothing_tells_one(table: Table) -> None:
    found = review(table.account)
    assert found.summary.observation.key == "not-measured"
    assert bool(found.summary.stays) == bool(table.late)
    assert "How the time fell was not measured" in " ".join(
        LANGUAGE.phrase(key, **slots) for key, slots in spoken_summary(found.summary, LANGUAGE)
    )
    assert {where: PERCENT.findall(text) for where, text in told_of(found).items() if PERCENT.search(text)} == {}
    assert as_values(found.summary, LANGUAGE)["has_shares"] is False
    assert {(one["ring"], one["likely"]) for one in telephones(found).values()} == {(None, None)}
    values = review_json(found)
    assert (values["windows"], values["halves"], values["moved"]) == ([], [], [])
    shares = [one[key] for one in values["people"] for key in ("share", "share_low", "share_high")]
    assert set(shares) <= {None} and not any(one["share"] for one in values["stays"])


@pytest.mark.parametrize("table", TOLD.values(), ids=TOLD)
def test_where_they_can_all_of_them_tell_them(table: Table) -> None:
    found = review(table.account)
    assert found.summary.observation.key != "not-measured"
    told = told_of(found)
    assert all(PERCENT.search(told[where]) for where in ("review", "review --all", "report", "joint report"))
    assert as_values(found.summary, LANGUAGE)["has_shares"] is True
    ana = telephones(found)["Ana"]
    assert ana["likely"] is not None and ana["ring"]["filled"] == round(1 / len(table.heard), 2)


def test_why_it_was_not_measured_is_true_where_somebody_led() -> None:
    everything = told_of(review(UNTOLD["a host and one"].account))["review --all"]
    why = "Fewer than two people were listened to, or they spoke for less than 1:00. Without Host, who led the talk."
    assert why in " ".join(everything.split())


def test_what_nobody_listened_to_is_no_zero_for_programs() -> None:
    nobody, everybody = (review(table.account) for table in (UNTOLD["nobody"], TOLD["everybody"]))
    values = review_json(nobody)
    told = {key: value for key, value in values["people"][0].items() if value is not None}
    assert told.keys() == {"name", "aim", "passes"}
    heard = ("talk_s", "airtime_s", "silence_s", "silences", "unattributed_s", "guest_s", "balance", "gini")
    assert {values[key] for key in heard} == {None} and values["has_shares"] is False
    assert people_csv(nobody.summary).splitlines()[1].count(",,,") > 2
    assert None not in review_json(everybody)["people"][0].values()


def test_of_what_nobody_listened_to_it_is_not_said_that_there_was_no_silence() -> None:
    assert "Silence" not in told_of(review(UNTOLD["nobody"].account))["report"]
    assert "Silence: none" in told_of(review(TOLD["everybody"].account))["report"]


def test_what_was_put_right_is_told_with_shares_only_where_there_are_any() -> None:
    for table, told in ((UNTOLD["a host and one"], False), (TOLD["a host and two"], True)):
        before = table.account.summary()
        after = dataclasses.replace(table, odd="Ana").account.summary()
        lines = figures(before, after, {}, ENGLISH)
        assert any(line.startswith("Airtime: ") for line in lines)
        assert any(line.startswith("Share: ") for line in lines) == told


@pytest.mark.parametrize("now", ["hints", "shown"])
def test_while_they_talk_one_alone_who_takes_part_has_no_ring_and_no_figure(now: Any) -> None:
    aims = {"Ana": 1.0, "Ben": 1.0, "Carla": 0.0}  # Carla leads
    rule = AirtimeRule(now=now, aims=aims)
    both = snapshot((0.5, 0.3, 0.2))
    assert {"Ana", "Ben"} <= rule.rings(both).keys()
    people = tuple(dataclasses.replace(one, heard=one.name != "Ben") for one in both.people)
    alone = dataclasses.replace(both, people=people)
    assert rule.rings(alone) == {}
    lines = state(alone, rule, names=True)
    assert lines["balance"] is None and {(one["share"], one["airtime_s"]) for one in lines["people"]} == {(None, None)}
