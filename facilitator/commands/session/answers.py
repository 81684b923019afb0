"""What a session should be: as it was said on the command line, or as it is answered in the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facilitator.commands.session.table_options import enough
from facilitator.core.formats.parse import parse_format
from facilitator.core.formats.stages import is_timed, minutes_in_common, rounds_in_common
from facilitator.core.language.texts import Texts
from facilitator.errors import UsageError
from facilitator.resources.prompts import Prompts
from facilitator.resources.texts import format_told as told
from facilitator.terminal.ask import (
    MIN_PEOPLE,
    FormTimes,
    SetupAnswers,
    WordChoice,
    ask,
    ask_missing,
    parse_yes,
    read_line,
)
from facilitator.terminal.tell import tell


def wants_shorter(told: str, question: str, texts: Texts) -> bool:
    """Somebody at the terminal is told that it is long, and asked."""
    tell(told)
    return yes_or_no(question, texts, default=False)


def yes_or_no(question: str, texts: Texts, *, default: bool) -> bool:
    """Asked at the terminal, in the words of the session's language; Enter alone is the `default`."""

    def answer(typed: str) -> bool:
        return parse_yes(typed, texts)

    usual = texts("terminal.yes" if default else "terminal.no")
    return ask(question, answer, default=usual, read=read_line, tell=tell)


def answers(
    prompts: Prompts,
    people: tuple[str, ...] | None,
    form: str | None,
    minutes: float | None,
    rounds: int | None,
    texts: Texts,
    *,
    yes: bool,
) -> SetupAnswers:
    """What was not said on the command line is asked for, or, with --yes, left as the format has it."""
    if yes:
        if people is None:
            raise UsageError('Say who is here: --people "Ana, Ben".')
        return SetupAnswers(people=people, format=form or "round-robin", minutes=minutes, rounds=rounds)
    forms: dict[str, Any] = {path.stem: prompts.format(path.stem) for path in prompts.format_files()}
    offered = [name for name in forms if not parse_format(forms[name]).alone]  # several are asked for their names
    order = sorted(offered, key=lambda name: (name != "round-robin", name))

    def written(name: str) -> Mapping[str, Any]:
        return forms[name] if name in forms else prompts.format(name)

    return ask_missing(
        people=people,
        format=form,
        minutes=minutes,
        rounds=rounds,
        texts=texts,
        formats=[WordChoice(name=name, title=told(forms[name], name, "summary", texts)) for name in order],
        times=lambda name: _times(written(name)),
        enough=lambda name, names: enough(parse_format(written(name)), names),
        least=1 if form is not None and parse_format(written(form)).alone else MIN_PEOPLE,
        tell=tell,
    )


def _times(raw: Mapping[str, Any]) -> FormTimes | None:
    form = parse_format(raw)
    return FormTimes(minutes=minutes_in_common(form), rounds=rounds_in_common(form)) if is_timed(form) else None
