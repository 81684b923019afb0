"""What a session should be: as it was said on the command line, or as it is answered in the terminal."""

from __future__ import annotations

from typing import Any

from facilitator.core.formats.parse import parse_format
from facilitator.core.formats.stages import is_timed
from facilitator.errors import UsageError
from facilitator.resources.prompts import Prompts
from facilitator.terminal.ask import SetupAnswers, WordChoice, ask, ask_missing, parse_yes
from facilitator.terminal.tell import tell


def wants_shorter(told: str, question: str) -> bool:
    """Somebody at the terminal is told that it is long, and asked."""
    tell(told)
    return ask(f"{question}?", parse_yes, default="no", read=input, tell=tell)


def answers(
    prompts: Prompts,
    people: tuple[str, ...] | None,
    form: str | None,
    minutes: float | None,
    rounds: int | None,
    *,
    yes: bool,
) -> SetupAnswers:
    """What was not said on the command line is asked for, or, with --yes, left as the format has it."""
    if yes:
        if people is None:
            raise UsageError('Say who is here: --people "Ana, Ben".')
        return SetupAnswers(people=people, format=form or "round-robin", minutes=minutes, rounds=rounds)
    forms: dict[str, Any] = {path.stem: prompts.format(path.stem) for path in prompts.format_files()}
    order = sorted(forms, key=lambda name: (name != "round-robin", name))
    return ask_missing(
        people=people,
        format=form,
        minutes=minutes,
        rounds=rounds,
        formats=[WordChoice(name=name, title=forms[name]["summary"]) for name in order],
        timed=lambda name: is_timed(parse_format(forms[name] if name in forms else prompts.format(name))),
    )
