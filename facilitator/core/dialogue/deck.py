"""A question for everyone, from the deck of the language: asked for, or where an open talk has come to a stand."""

from __future__ import annotations

from facilitator.core.dialogue.context import SpeaksAndRemembers

WAIT_MS = 10_000
"""Whoever speaks is heard out; without a pause for so long it is shown."""


def give_question(session: SpeaksAndRemembers, *, unasked: bool = False) -> None:
    """The next one of the deck; after the last one the first again."""
    session.say("deck.question", count=session.questions_given, wait_ms=WAIT_MS, otherwise="show", unasked=unasked)
    session.questions_given += 1
