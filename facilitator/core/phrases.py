"""Every phrase the program can say, and the slots its wording may use."""

from __future__ import annotations

from facilitator.core.remarks import OBSERVATIONS, QUESTIONS


def _spoken(slots: tuple[str, ...]) -> str:
    """A remark's slots as they are said: a length of time loses its unit."""
    return " ".join(slot.removesuffix("_ms") for slot in slots)


def _slots(text: str) -> frozenset[str]:
    return frozenset(text.split())


ASK_SLOTS = _slots("name other others time")
"""What a format's own texts (`[asks]`, `[rules]`) may hold."""

PHRASES: dict[str, frozenset[str]] = {
    key: _slots(slots)
    for key, slots in {
        "stages.opening": "",
        "stages.turns": "",
        "stages.talk": "",
        "stages.tell": "",
        "stages.rate": "",
        "stages.quiet": "",
        "stages.agree": "",
        "stages.closing": "",
        "stages.business": "",
        "opening.greeting": "names",
        "opening.greeting_known": "names",
        "opening.greeting_kept": "names",
        "opening.greeting_timer": "names",
        "opening.call": "name",
        "opening.call_again": "name",
        "opening.call_kept": "name",
        "opening.quiet": "name",
        "opening.clipped": "name",
        "opening.two-voices": "name",
        "opening.noisy": "name",
        "opening.unlike": "name",
        "opening.thanks": "name",
        "opening.declined": "name",
        "opening.rules": "",
        "opening.unheard": "name",
        "business.early": "time",
        "business.ready": "name",
        "business.not_yet": "time",
        "business.back": "",
        "business.due": "text",
        "business.due_owner": "text name",
        "business.decision": "text",
        "business.stands": "",
        "business.fallen": "",
        "business.kept": "",
        "business.open": "",
        "turns.start": "time rounds",
        "turns.start_one": "time",
        "turns.start_steps": "",
        "turns.round": "round rounds",
        "floor.granted": "name time",
        "floor.asked": "name question time",
        "floor.item": "name done left",
        "floor.minute": "name",
        "floor.time_up": "name",
        "floor.check": "name",
        "floor.passed": "name",
        "floor.silent": "name",
        "floor.protect": "name other",
        "floor.breathe": "name",
        "floor.finish_thought": "name other",
        "floor.more": "name time",
        "floor.confirm": "name other",
        "floor.confirm_no": "name other",
        "talk.start": "",
        "talk.start_limited": "time",
        "talk.invite": "name",
        "talk.invite_anyone": "",
        "talk.called": "name",
        "talk.hand": "name",
        "talk.minute": "",
        "talk.time_up": "",
        "quiet_time.start": "time",
        "quiet_time.end": "",
        "rate.arriving": "name",
        "rate.leaving": "name",
        "rate.share": "name",
        "agree.any": "",
        "agree.more": "",
        "agree.cooling": "time",
        "note.listening": "",
        "note.again": "",
        "note.read_back": "text",
        "note.who": "",
        "note.when": "",
        "note.kept": "",
        "note.dropped": "",
        "note.type": "",
        "break.ask": "",
        "break.agreed": "time",
        "break.long": "time",
        "break.over": "",
        "break.ask_steps": "",
        "break.steps": "steps",
        "confirm.finish": "",
        "confirm.kept_on": "",
        "status.even": "",
        "status.shares": "parts",
        "status.nothing": "",
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
        "summary.guesses": "parts",
        "summary.guess": "name guess percent",
        "summary.unsure": "",
        "summary.on_screen": "",
        "summary.not_measured": "names",
        **{f"observations.{key}": _spoken(slots) for key, slots in OBSERVATIONS.items()},
        **{f"questions.{key}": _spoken(slots) for key, slots in QUESTIONS.items()},
        "names.others": "",
        "closing.wait": "",
        "closing.agreement": "text",
        "closing.agreement_owner": "text name",
        "closing.next": "",
        "closing.next_kept": "time",
        "closing.next_tomorrow": "",
        "closing.thanks": "",
    }.items()
}

COUNTED: dict[str, frozenset[str]] = {f"time.{unit}": _slots("number") for unit in ("second", "minute", "hour", "day")}
"""Phrases with a number in them: a table with a wording for each of the language's plural forms."""
JOINED: dict[str, frozenset[str]] = {"time.both": _slots("first second")}
