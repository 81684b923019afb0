"""Every phrase the program can say, and the slots its wording may use."""

from __future__ import annotations

from facilitator.core.remarks import OBSERVATIONS, QUESTIONS


def _spoken(slots: tuple[str, ...]) -> str:
    """A remark's slots as they are said: a length of time loses its unit."""
    return " ".join(slot.removesuffix("_ms") for slot in slots)


def _slots(text: str) -> frozenset[str]:
    return frozenset(text.split())


PHRASES: dict[str, frozenset[str]] = {
    key: _slots(slots)
    for key, slots in {
        "time.minute_one": "number",
        "time.minute_many": "number",
        "time.second_one": "number",
        "time.second_many": "number",
        "time.both": "minutes seconds",
        "stages.opening": "",
        "stages.turns": "",
        "stages.talk": "",
        "stages.closing": "",
        "opening.greeting": "names",
        "opening.greeting_known": "names",
        "opening.greeting_timer": "names",
        "opening.call": "name",
        "opening.call_again": "name",
        "opening.quiet": "name",
        "opening.clipped": "name",
        "opening.two-voices": "name",
        "opening.noisy": "name",
        "opening.thanks": "name",
        "opening.declined": "name",
        "opening.unheard": "name",
        "turns.start": "time rounds",
        "turns.start_one": "time",
        "turns.round": "round rounds",
        "floor.granted": "name time",
        "floor.again": "name time",
        "floor.minute": "name",
        "floor.time_up": "name",
        "floor.check": "name",
        "floor.passed": "name",
        "floor.silent": "name",
        "floor.protect": "name other",
        "floor.more": "name time",
        "talk.start": "",
        "talk.start_limited": "time",
        "talk.invite": "name",
        "talk.minute": "",
        "talk.time_up": "",
        "pause.start": "",
        "pause.end": "",
        "pause.end_floor": "name time",
        "resume.greeting": "names",
        "resume.greeting_known": "names",
        "quiet.off": "",
        "summary.talk": "time",
        "summary.talk_none": "",
        "summary.shares": "parts",
        "summary.shares_even": "",
        "summary.part": "name percent",
        "summary.unsure": "",
        "summary.on_screen": "",
        "summary.not_measured": "names",
        **{f"observations.{key}": _spoken(slots) for key, slots in OBSERVATIONS.items()},
        **{f"questions.{key}": _spoken(slots) for key, slots in QUESTIONS.items()},
        "closing.wait": "",
        "closing.thanks": "",
    }.items()
}
