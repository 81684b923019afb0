"""What people and programs get to read of a summary."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.core.events import FloorExtended, FloorReleased, Spoke
from facilitator.core.review.summary import Summary, summarize
from facilitator.core.text import length
from facilitator.core.turntaking.spans import Span
from facilitator.core.turntaking.timeline import Timeline
from facilitator.report.output import blocks
from facilitator.report.output.csv_tables import people_csv, speech_csv
from facilitator.report.output.rttm import from_rttm, to_rttm
from facilitator.report.output.summary_json import to_json
from facilitator.report.text import page
from tests.support.texts import ENGLISH

EVENING = [
    (0, 12, "!Ana"),
    (12, 135, "Ana"),
    (135, 138, "Ana+Ben"),
    (138, 178, "Ben"),
    (178, 179, "Ben+Carla"),
    (179, 250, "Ben"),
    (250, 252, ""),
    (252, 262, "Carla"),
    (262, 264, "Ana+Carla"),
    (264, 330, "Ana"),
    (330, 333, "?"),
    (333, 345, "guest"),
    (345, 400, "Ben"),
]


def evening(people: tuple[str, ...] = ("Ana", "Ben", "Carla"), declined: tuple[str, ...] = ()) -> Summary:
    timeline = Timeline()
    for start, end, who in EVENING:
        names = tuple(name for name in who.strip("!").split("+") if name not in ("", "?", "guest"))
        timeline.paint(
            Spoke(
                at_ms=end * 1000,
                start_ms=start * 1000,
                end_ms=end * 1000,
                people=names,
                guest=who == "guest",
                unknown=who == "?",
                counted=not who.startswith("!"),
                confidence=0.82,
            )
        )
    records = [
        FloorReleased(at_ms=346_000, person="Ben", reason="passed", start_ms=345_000, used_ms=0),
        FloorExtended(at_ms=300_000, person="Ana", added_ms=3_000, reason="repaid"),
    ]
    return summarize(people, declined=declined, timeline=timeline, records=records)


def plain(summary: Summary, **said: str) -> str:
    return blocks.plain(page(summary, ENGLISH, **said), ENGLISH)  # type: ignore[arg-type]


def markdown(summary: Summary, title: str = "", **said: str) -> str:
    return blocks.markdown(page(summary, ENGLISH, **said), title)  # type: ignore[arg-type]


def test_the_page_as_the_one_who_talked_least_reads_it() -> None:
    summary = evening()
    assert (summary.observation.key, summary.observation.slots) == ("more-to-hear", {"name": "Carla"})
    told = plain(summary, first="There may be more to hear from Carla.", question="What has not been said yet?")
    assert told == PAGE


PAGE = """\
There may be more to hear from Carla.

Ana, Ben and Carla were together for 6:28; 6:26 of it was talk.

Name   Airtime  Share (likely range)  Turns  Longest turn  Cut in  Was cut in on
Ana       3:14       51 % (42 to 57)      2          2:06       1              1
Ben       2:50       45 % (37 to 51)      2          1:55       1              0
Carla     0:13         3 % (1 to 13)      2          0:12       0              1

Silence: 0:02, in 1 stretch.
Not attributed: 0:03 of speech that could be anyone's.
Guests: 0:12, counted for nobody here.
Balance: less evenly shared than in most meetings (as measured; possible too: some had more than
    others); 0.74 of 1 (Gini 0.48).
Also heard: 1 attempt to come in.
Ana cut in on Carla once.
Ben cut in on Ana once.
Given back to those who had the floor: 0:03.
Passed, which is always fine: Ben once.

What has not been said yet?
"""


def test_markdown_holds_the_same_and_names_cannot_break_it() -> None:
    summary = evening(people=("Ana", "Ben", "Carla"))
    told = markdown(summary, title="An *evening*", first="All well.", question="What next?")
    assert told.startswith("# An \\*evening\\*\n\n*All well.*\n\nAna, Ben and Carla ")
    table = [line for line in told.splitlines() if line.startswith("|")]
    assert len(table) == 2 + 3
    assert len({line.count("|") for line in table}) == 1
    timeline = Timeline([Spoke(at_ms=1, start_ms=0, end_ms=1_000, people=("a|b_<i>",))])
    odd = markdown(summarize(["a|b_<i>"], timeline=timeline))
    assert "a\\|b\\_\\<i\\>" in odd
    assert "a|b" not in odd


def test_columns_line_up_whatever_the_script() -> None:
    people = ("Ana", "美咲", "Žofie", "e\u0301lan")
    timeline = Timeline(
        Spoke(at_ms=1, start_ms=i * 9_000, end_ms=i * 9_000 + 8_000, people=(name,)) for i, name in enumerate(people)
    )
    rows = [line for line in plain(summarize(people, timeline=timeline)).splitlines() if "25 %" in line]
    # Wide characters take two columns, a combining accent none.
    assert [row.index("0:08") for row in rows] == [10, 8, 10, 11]


def test_one_alone_who_is_listened_to_has_no_share() -> None:
    """The other talked, too: to have had a hundred percent is not so."""
    line = Timeline([Spoke(at_ms=1, start_ms=0, end_ms=90_000, people=("Ana",))])
    told = plain(summarize(["Ana", "Ben"], declined=["Ben"], timeline=line))
    assert "%" not in told
    assert "1:30 of talk was heard" in told
    assert "Not listened to: Ben." in told


def test_pages_without_numbers() -> None:
    assert plain(summarize([], timeline=Timeline())).startswith("Nobody was listened to")
    assert plain(summarize(["Ana", "Ben"], timeline=Timeline(), listened=False)).startswith("Nobody was listened to")
    silent = plain(summarize(["Ana", "Ben"], timeline=Timeline()))
    assert silent.startswith("Nobody was heard speaking")
    assert "takes at least two people" in silent
    declined = plain(evening(declined=("Carla",)))
    assert "Not listened to: Carla." in declined


@pytest.mark.parametrize(
    ("share", "words"), [(50, "in balance"), (54, "in balance"), (60, "leaning"), (65, "leaning"), (70, "one side")]
)
def test_two_people_have_bands(share: int, words: str) -> None:
    timeline = Timeline(
        [
            Spoke(at_ms=1, start_ms=0, end_ms=share * 1000, people=("Ana",)),
            Spoke(at_ms=1, start_ms=share * 1000, end_ms=100_000, people=("Ben",)),
        ]
    )
    told = plain(summarize(["Ana", "Ben"], timeline=timeline))
    assert words in next(line for line in told.splitlines() if line.startswith("Balance"))


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "0:00"), (499, "0:00"), (59_600, "1:00"), (754_000, "12:34"), (3_600_000, "1:00:00")]
)
def test_clock(ms: int, text: str) -> None:
    assert length(ms) == text


def test_json_has_what_review_promises() -> None:
    told = json.loads(json.dumps(to_json(evening()), allow_nan=False))
    assert {"people", "balance", "silence_s", "unattributed_s"} <= told.keys()
    ana = told["people"][0]
    promised = "name airtime_s share share_low share_high turns longest_turn_s cut_ins_made cut_ins_received"
    assert set(promised.split()) <= ana.keys()
    assert (ana["name"], ana["airtime_s"], ana["turns"], ana["cut_ins_made"]) == ("Ana", 194.0, 2, 1)
    assert (told["silence_s"], told["unattributed_s"], told["guest_s"]) == (2.0, 3.0, 12.0)
    assert sum(person["share"] for person in told["people"]) == pytest.approx(1, abs=1e-3)
    assert told["observation"].keys() == {"key", "slots"}
    nothing = to_json(summarize(["Ana"], timeline=Timeline()))
    assert nothing["balance"] is None


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
spans = st.lists(st.builds(lambda a, n: Span(a, a + n), st.integers(0, 10**7), st.integers(1, 10**5)), min_size=1)


@given(st.dictionaries(names, spans, max_size=4))
def test_rttm_comes_back_whatever_the_names(voices: dict[str, list[Span]]) -> None:
    text = to_rttm(voices, recording="an evening")
    assert from_rttm(text) == {person: sorted(them) for person, them in voices.items()}
    for line in text.split("\n")[:-1]:
        assert re.fullmatch(r"SPEAKER an%20evening 1 \d+\.\d{3} \d+\.\d{3} <NA> <NA> \S+ <NA> <NA>", line)


def test_rttm_lines() -> None:
    assert to_rttm({"Ana María": [Span(1_500, 2_000)], "Ben": [Span(0, 10)]}) == (
        "SPEAKER session 1 0.000 0.010 <NA> <NA> Ben <NA> <NA>\n"
        "SPEAKER session 1 1.500 0.500 <NA> <NA> Ana%20María <NA> <NA>\n"
    )
    assert from_rttm("SPKR-INFO x 1 <NA> <NA> <NA> unknown Ben <NA> <NA>\n\n") == {}
    with pytest.raises(ValueError, match="too few"):
        from_rttm("SPEAKER x 1 0.0 1.0\n")


def test_csv_tables() -> None:
    rows = list(csv.DictReader(io.StringIO(people_csv(evening()))))
    assert [row["name"] for row in rows] == ["Ana", "Ben", "Carla"]
    assert float(rows[1]["airtime_s"]) == 170.0
    assert people_csv(summarize([], timeline=Timeline())) == "name\r\n"
    table = speech_csv({"Ben, Jr.": [Span(500, 1_250)], "=1+1": [Span(0, 500)]})
    assert list(csv.reader(io.StringIO(table))) == [
        ["person", "start_s", "end_s"],
        ["'=1+1", "0.0", "0.5"],
        ["Ben, Jr.", "0.5", "1.25"],
    ]


def test_every_figure_on_the_page_is_one_of_the_summary() -> None:
    summary = evening()
    told = plain(summary)
    rows = defaultdict(str, {line.split()[0]: line for line in told.splitlines() if "%" in line and "(" in line})
    for person in summary.people:
        assert length(person.airtime_ms) in rows[person.name]
        assert f"{round(100 * person.share)} %" in rows[person.name]
        assert rows[person.name].split()[-2:] == [str(person.cut_ins_made), str(person.cut_ins_received)]
