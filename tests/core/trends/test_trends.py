"""A change is called one only when it is one: simulated histories with and without, and what must always hold."""

from __future__ import annotations

import datetime
import math
import random
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.core.trends.history import LEAST, MEANING, Held, Participation, histories, history
from facilitator.core.trends.trend import LEAST_SESSIONS, Point, answerable, student, trend
from facilitator.core.turntaking.uncertainty import intervals
from facilitator.report.trends import html, json, words
from facilitator.report.trends import text as trends_text
from facilitator.resources.texts import texts_of
from tests.support.histories import HOUR_MS, Group, changed, reviews
from tests.support.texts import ENGLISH


@pytest.mark.slow
@pytest.mark.parametrize(
    ("people", "sessions", "alike", "formats"),
    [(2, 8, 0.0, 1), (2, 16, 0.3, 1), (2, 40, 0.0, 2), (3, 24, 0.0, 1), (4, 60, 0.3, 3), (2, 150, 0.4, 1)],
)
def test_where_nothing_changes_hardly_ever_a_change_is_told(
    people: int, sessions: int, alike: float, formats: int
) -> None:
    """At most 5 in 100 histories, all that is followed in them taken together."""
    many = 200 if sessions < 50 else 80
    told = [
        changed(Group(seed, people=people, sessions=sessions, alike=alike, formats=formats).history())
        for seed in range(many)
    ]
    assert sum(map(bool, told)) <= 0.05 * many


@pytest.mark.parametrize(
    ("what", "sessions", "change"),
    [
        ("share", 30, {"grows": 0.25}),
        ("share", 52, {"grows": 0.20}),
        ("share", 150, {"grows": 0.12}),
        ("cut-ins", 52, {"calmer": 0.25}),
        ("leaving", 52, {"better": 2.0}),
    ],
)
def test_what_changes_is_mostly_found(what: str, sessions: int, change: dict[str, float]) -> None:
    many = 60 if sessions < 100 else 30
    told = [changed(Group(seed, sessions=sessions, **change).history()) for seed in range(many)]  # type: ignore[arg-type]
    assert sum(what in found for found in told) >= 0.8 * many


def test_how_fair_things_feel_is_rarely_called_changed_where_it_is_not_and_in_the_end_where_it_is() -> None:
    assert sum(bool(changed(reviews(seed, 12, rise=0))) for seed in range(100)) <= 5
    assert sum("fair-all" in changed(reviews(seed, 20, rise=3)) for seed in range(40)) >= 0.8 * 40
    assert not changed(reviews(1, 7, rise=4)), "of so few nothing is said"


def test_the_change_is_told_about_as_large_as_it_is_and_the_interval_holds_it() -> None:
    found = [Group(seed, sessions=52, grows=0.2).history() for seed in range(60)]
    shares = [series.trend for one in found for series in one.series if series.who == ("Ana",)]
    middle = sorted(trend.change or 0.0 for trend in shares)[30]
    assert middle == pytest.approx(0.2, abs=0.03)
    assert sum((t.low or 0) <= 0.2 <= (t.high or 0) for t in shares) >= 0.95 * len(shares)


def line(values: list[float], own: float = 0.0, kind: Callable[[int], str] = lambda _: "") -> list[Point]:
    return [
        Point(day=7.0 * n, value=value, low=value - own, high=value + own, kind=kind(n))
        for n, value in enumerate(values)
    ]


def test_a_change_of_format_is_no_change() -> None:
    noise = random.Random(3)
    values = [0.3 + noise.gauss(0, 0.02) for _ in range(15)] + [0.6 + noise.gauss(0, 0.02) for _ in range(15)]
    assert trend(line(values), 0.05).verdict == "change"
    assert trend(line(values, kind=lambda n: "open" if n < 15 else "round-robin"), 0.05).verdict == "no-clear-change"


@pytest.mark.parametrize("sessions", [16, 30, 200])
def test_a_change_that_comes_all_at_once_is_one(sessions: int) -> None:
    noise = random.Random(sessions)
    values = [0.3 + 0.3 * (n >= sessions / 2) + noise.gauss(0, 0.05) for n in range(sessions)]
    assert trend(line(values, 0.03), 0.05, 12).verdict == "change"


def test_one_unusual_evening_changes_nothing() -> None:
    noise = random.Random(5)
    values = [0.5 + noise.gauss(0, 0.03) for _ in range(20)]
    assert trend(line([*values[:-1], 1.0]), 0.05).verdict == "no-clear-change"


def test_unsure_measurements_make_a_change_unsure() -> None:
    noise = random.Random(7)
    values = [0.4 + 0.01 * n + noise.gauss(0, 0.02) for n in range(16)]
    sure, unsure = trend(line(values, 0.02), 0.05), trend(line(values, 0.3), 0.05)
    assert (sure.verdict, unsure.verdict) == ("change", "no-clear-change")
    assert sure.change == unsure.change
    assert (unsure.high or 0) - (unsure.low or 0) > (sure.high or 0) - (sure.low or 0)


def test_a_change_too_small_to_matter_is_not_told() -> None:
    found = trend(line([0.5 + 0.001 * n for n in range(20)]), 0.05)
    assert (found.verdict, found.why) == ("no-clear-change", "small")


def test_it_takes_eight_sessions_that_can_be_compared() -> None:
    assert trend([], 0.05).verdict == "too-few"
    assert trend(line([0.1 * n for n in range(LEAST_SESSIONS - 1)]), 0.05).why == "few"
    assert trend(line([0.1 * n for n in range(9)], kind=str), 0.05).verdict == "too-few"
    same_day = [Point(day=1.0, value=n, low=n, high=n) for n in range(20)]
    assert trend(same_day, 0.05).verdict == "too-few"
    assert not answerable(same_day)


@given(
    st.lists(
        st.tuples(st.floats(0, 4000), st.floats(-5, 5), st.floats(0, 2), st.sampled_from("abc")), max_size=90
    ),
    st.integers(1, 40),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_what_always_holds(rows: list[tuple[float, float, float, str]], questions: int) -> None:
    points = [Point(day=d, value=v, low=v - own, high=v + own, kind=kind) for d, v, own, kind in rows]
    found = trend(points, 0.5, questions)
    assert trend(list(reversed(points)), 0.5, questions).verdict == found.verdict
    assert (found.verdict != "too-few") == answerable(points)
    if found.change is None:
        assert (found.low, found.high) == (None, None)
        return
    assert found.low is not None and found.high is not None
    assert all(map(math.isfinite, (found.change, found.low, found.high)))
    assert found.low <= found.change <= found.high
    if found.verdict == "change":
        assert abs(found.change) >= 0.5
        assert found.low > 0 or found.high < 0
    fewer = trend(points, 0.5, 1)
    assert fewer.low is not None and fewer.low >= found.low


@given(st.lists(st.floats(-5, 5), min_size=8, max_size=40), st.floats(-1, 1))
@settings(max_examples=100, deadline=None)
def test_the_other_way_round_is_the_other_way_round(values: list[float], own: float) -> None:
    up, down = trend(line(values, abs(own)), 0.5), trend(line([-v for v in values], abs(own)), 0.5)
    assert up.verdict == down.verdict
    assert up.change is not None and down.change is not None
    assert up.change == pytest.approx(-down.change)


@pytest.mark.parametrize(
    ("probability", "freedom", "quantile"),
    [(0.975, 1, 12.7062), (0.95, 2, 2.92), (0.95, 3, 2.3534), (0.975, 6, 2.4469), (0.9995, 7, 5.4079)],
)
def test_students_distribution_is_that_of_the_tables(probability: float, freedom: int, quantile: float) -> None:
    assert student(probability, freedom) == pytest.approx(quantile, abs=2e-4)


def test_groups_are_people_and_not_seats_and_nameless_people_are_told_nothing_of() -> None:
    def held(number: int, *parts: Participation) -> Held:
        return Held(session=number, day=number, format="x", parts=parts)

    ana, ben = (Participation(name=n, heard=True, airtime_ms=HOUR_MS) for n in ("Ana", "Ben"))
    someone = Participation(name="someone", heard=True, airtime_ms=HOUR_MS, nameless=True, arriving=5)
    found = histories([held(1, ana, ben), held(2, ben, ana), held(3, ana, someone)], 3)
    assert [(one.people, len(one.sessions)) for one in found] == [(("Ben", "Ana"), 2), (("Ana", "someone"), 1)]
    assert {who for series in found[1].series for who in series.who} == {"Ana"}
    assert "arriving" not in {series.what for series in found[1].series}


def test_a_session_in_which_somebody_was_not_heard_says_nothing_about_shares() -> None:
    parts = (
        Participation(name="Ana", heard=True, airtime_ms=HOUR_MS),
        Participation(name="Ben", heard=False, leaving=4),
    )
    found = history([Held(session=1, day=1, format="x", parts=parts)], 1)
    assert {series.what for series in found.series} == {"leaving"}


def test_a_host_is_left_out_of_the_balance() -> None:
    sums = {"Ana": HOUR_MS, "Ben": HOUR_MS, "Carla": 9 * HOUR_MS}
    ranges = intervals(sums, [])
    parts = tuple(
        Participation(
            name=n, heard=True, airtime_ms=ms, low=ranges[n].low, high=ranges[n].high, aim=0.0 if n == "Carla" else 1.0
        )
        for n, ms in sums.items()
    )
    found = history([Held(session=1, day=1, format="x", parts=parts)], 1)
    (balance,) = (series for series in found.series if series.what == "balance")
    assert balance.points[0].value == pytest.approx(1.0)
    assert balance.points[0].low < 1.0 <= balance.points[0].high


def test_check_ins_are_counted_in_four_weeks_up_to_today() -> None:
    part = Participation(name="Ana", heard=False)
    days = [0, 7, 14, 21, 56, 60]
    sessions = [Held(session=n, day=d, format="Evening check-in", parts=(part,)) for n, d in enumerate(days)]
    (found,) = history(sessions, 28 * 4).series
    assert [point.value for point in found.points] == [3, 1, 1, 0]


def test_text_page_and_json_say_the_same() -> None:
    moved = Group(4, sessions=52, grows=0.25).history()
    names = [Participation(name=name, heard=True, airtime_ms=HOUR_MS) for name in ("A<b>", '"B" & Söhne')]
    strange = history([Held(session=1, day=1, format="x", parts=tuple(names))], 1)
    text = trends_text.plain([moved, strange], ENGLISH)
    page = html.page([moved, strange], ENGLISH, datetime.date(2026, 1, 1))
    rows = json.to_json([moved, strange], ENGLISH)
    assert "Ana has had more of the talk." in text
    assert "Ana has had more of the talk." in page
    assert "One group has met once so far." in text
    assert max(map(len, text.splitlines())) <= 100
    assert [row["verdict"] for row in rows[0]["trends"] if row["who"] == ["Ana"]] == ["change"]
    assert "A<b>" not in page
    assert "://" not in page and "<script" not in page and "url(" not in page
    assert page.count("<svg") == page.count('role="img"') == len(moved.series) + len(strange.series)
    assert "@media print" in page and "prefers-color-scheme: dark" in page


def test_from_the_second_session_on_there_are_the_values_with_their_ranges_and_no_verdict() -> None:
    early = Group(3, people=3, sessions=3, grows=0.25).history()
    text = trends_text.plain([early], ENGLISH)
    page = html.page([early], ENGLISH, datetime.date(2026, 1, 1))
    shares = [series for series in early.series if series.what == "share"]
    assert [series.who for series in shares] == [("Ana",), ("Ben",), ("Carla",)]
    for series in shares:
        told = ", ".join(
            f"{100 * point.value:.0f} % ({100 * point.low:.0f} to {100 * point.high:.0f})" for point in series.points
        )
        assert f"{series.who[0]}'s share of the talk: {told}\n" in text
        assert told.replace(" %", "&nbsp;%") in page
    assert "Too early to call it a change. Values oldest first, each with its likely range.\n" in text
    assert re.search(r"Cut-ins: \d+ \(\d+ to \d+\), \d+ \(\d+ to \d+\), \d+ \(\d+ to \d+\) an hour\n", text)
    assert "Changed" not in text and "lately" not in text


def test_shares_stand_beside_each_other_on_one_scale() -> None:
    page = html.page([Group(3, people=3, sessions=30).history()], ENGLISH, datetime.date(2026, 1, 1))
    row = page.split('<div class="cards">')[1]
    tops, bottoms = re.findall(r'<text x="0" y="10">(.*?)</text>', row), re.findall(r'y="68">(.*?)</text>', row)
    assert row.count("<article") == 3 == len(tops) and len(set(tops)) == 1
    assert set(bottoms) == {"0 %"}


@pytest.mark.parametrize("code", ["de", "en", "es", "fr", "it", "ko", "pt"])
def test_what_it_is_too_early_for_can_be_told_in_every_language(code: str) -> None:
    early, texts = Group(3, people=3, sessions=4).history(), texts_of(code)
    assert texts("trends.so_far") in trends_text.plain([early], texts, 400)
    assert texts("trends.each_share") in html.page([early], texts, datetime.date(2026, 1, 1))


def test_the_method_can_be_read_and_names_everything() -> None:
    told = words.how(ENGLISH)
    assert "Theil and Sen" in told
    assert set(LEAST) == set(MEANING)
    for what in LEAST:
        assert f"  {ENGLISH(f'trends.names.{what}')}: " in told
        assert all(ENGLISH.messages[f"trends.changed.{what}.{way}"] for way in ("up", "down"))


def test_a_guess_within_the_likely_range_may_have_been_right() -> None:
    def held(day: float, *guesses: int | None) -> Held:
        parts = tuple(
            Participation(name=name, heard=True, airtime_ms=ms, low=low, high=low + 0.1, guess=guess)
            for name, ms, low, guess in zip(("Ana", "Ben"), (360_000, 240_000), (0.55, 0.35), guesses, strict=True)
        )
        return Held(session=int(day), day=day, format="Open talk", parts=parts)

    sessions = [held(1, 60, 40), held(2, 40, 60), held(3, None, 45), held(4, None, None)]
    (gap,) = [series for series in histories(sessions, today=5)[0].series if series.what == "guess-gap"]
    assert [point.day for point in gap.points] == [1, 2, 3], "nobody guessed in the fourth: that is no zero"
    exact, far, one = gap.points
    assert (exact.value, exact.low, exact.high) == pytest.approx((0, 0, 0.05), abs=1e-9)
    assert far.value == pytest.approx(0.2) and (far.low, far.high) == pytest.approx((0.15, 0.25))
    assert (one.value, one.low) == pytest.approx((0.05, 0), abs=1e-9)
