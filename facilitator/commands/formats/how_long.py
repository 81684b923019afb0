"""How long a session takes if everyone uses their time, and a shorter one where that is long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from facilitator.core.discussion import Discussion
from facilitator.core.formats.parse import parse_format, shortened, with_options
from facilitator.core.formats.stages import Format, Talk, Turns
from facilitator.core.language.texts import Texts
from facilitator.core.setup import Setup
from facilitator.core.text import MINUTE_MS, about
from facilitator.simulation.table import NAMES, SimulatedTable

LONGEST_MS = 6 * 3_600_000
LONG_MS = 45 * MINUTE_MS
"""Longer than this few people have planned to sit. Our choice."""
PARTS: Mapping[float, str] = {0.67: "a_third", 0.5: "half", 0.33: "two_thirds"}
"""What is left of every time, and the key of how that is told."""
LEAST_GAIN = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Shorter:
    raw: Mapping[str, Any]
    ms: int
    how: str


def is_endless(form: Format) -> bool:
    """It takes as long as they like: what is known without playing hours of it."""
    return any(isinstance(stage, Talk) and stage.minutes is None for stage in form.stages)


def longest_ms(raw: Mapping[str, Any], language: Mapping[str, Any], people: int, *, host: bool) -> int | None:
    """How long it takes that many people if everyone uses their time; None: as long as they like, or very long."""
    if is_endless(parse_format(raw)):
        return None
    names = NAMES[:people]
    setup = Setup(people=names, format=raw, language=language, host=names[0] if host else "")
    table = SimulatedTable(Discussion(setup), until_ms=LONGEST_MS)
    table.run()
    return None if table.stopped else table.now_ms


def shorter(raw: Mapping[str, Any], language: Mapping[str, Any], people: int, *, host: bool) -> Shorter | None:
    """With all of its times shorter, by as little as makes it no longer long; None: that would not help."""
    best: Shorter | None = None
    for part, less in PARTS.items():
        less_raw = shortened(raw, part)
        ms = longest_ms(less_raw, language, people, host=host)
        if ms is not None:
            best = Shorter(raw=less_raw, ms=ms, how=less)
            if ms <= LONG_MS:
                break
    return best


def offered(
    raw: Mapping[str, Any],
    language: Mapping[str, Any],
    people: int,
    texts: Texts,
    *,
    wants: Callable[[str, str, Texts], bool],
) -> Mapping[str, Any]:
    """The format as it shall be: a long one is said to be, and a shorter one is offered. `wants` is handed what to
    tell and what to ask."""
    form = parse_format(raw)
    if people < 2 + form.host or not any(isinstance(stage, Turns) for stage in form.stages):
        return raw  # of a talk people choose the length themselves
    ms = longest_ms(raw, language, people, host=form.host)
    if ms is not None and ms <= LONG_MS:
        return raw
    found = shorter(raw, language, people, host=form.host)
    told = texts.counted("setup.length.can_take", people, length=length_told(ms, texts))
    if found is None or (ms is not None and found.ms > LEAST_GAIN * ms):
        return raw
    question = texts(f"setup.length.shorter.{found.how}", length=length_told(found.ms, texts))
    return found.raw if wants(told, question, texts) else raw


def page_length(raw: Mapping[str, Any], language: Mapping[str, Any], people: int, texts: Texts, *, advise: bool) -> str:
    """In words; where it is long, `advise` says what would be shorter."""
    form = parse_format(raw)
    ms = longest_ms(raw, language, people, host=form.host)
    turns = next((stage for stage in form.stages if isinstance(stage, Turns)), None)
    if not advise or turns is None or (ms is not None and ms <= LONG_MS):
        return length_told(ms, texts)
    ways = [
        (with_options(raw, rounds=turns.rounds - 1), "round_less", "") if turns.rounds > 1 else None,
        (with_options(raw, minutes=_less(turns.minutes)), "each", _minutes(_less(turns.minutes), texts)),
    ]
    for changed, how, minutes in (way for way in ways if way is not None):
        less_ms = longest_ms(changed, language, people, host=form.host)
        if less_ms is not None and (ms is None or less_ms < LEAST_GAIN * ms):
            slots = {"minutes": minutes} if minutes else {}
            less = length_told(less_ms, texts)
            return texts(f"setup.length.{how}", length=length_told(ms, texts), less=less, **slots)
    return texts("setup.length.is_long", length=length_told(ms, texts))


def _less(minutes: float) -> float:
    return max(0.5, round(minutes * 2 / 3 * 2) / 2)


def _minutes(number: float, texts: Texts) -> str:
    if number < 1:
        return texts.counted("setup.length.seconds", round(number * 60))
    if number == round(number):
        return texts.counted("setup.length.minutes", round(number))
    return texts("setup.length.minutes_and_half", number=texts.decimal(number, 1))


def length_told(ms: int | None, texts: Texts) -> str:
    """About 2 hours 15 minutes."""
    if ms is None:
        return texts("setup.length.long")
    parts = {
        unit: texts.counted(f"setup.length.{unit}", number)
        for unit, number in zip(("hours", "minutes"), about(ms), strict=True)
        if number
    }
    time = texts("setup.length.both", **parts) if len(parts) > 1 else "".join(parts.values())
    return texts("setup.length.about", time=time)
