"""A format in sentences: what each stage does, what each setting means, how long it takes."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

from facilitator.commands.formats.how_long import LONG_MS, is_endless, length_told, longest_ms
from facilitator.core.formats.stages import (
    Agree,
    Compare,
    Format,
    Indicators,
    Milestones,
    Opening,
    Quiet,
    Rate,
    StageSettings,
    Step,
    Talk,
    Tell,
    Turns,
)
from facilitator.core.language.wording import Language
from facilitator.resources.texts import ENGLISH, texts_of

MEANINGS: dict[str, str] = {
    "opening.sample_s": "seconds of speech wanted of each person",
    "opening.wait_s": "seconds of silence before a call is repeated",
    "opening.rules": "ground rules that are read aloud",
    "opening.mood": "everyone is asked how they are arriving, from one to five",
    "turns.ask": "what everyone is asked",
    "turns.minutes": "length of a turn",
    "turns.rounds": "how many times round",
    "turns.order": "seats, quiet-first (who was least heard begins), rotate (each session somebody else)",
    "turns.protected": "cut-ins are noticed and the lost seconds given back",
    "turns.guard": "what is done about cut-ins, one step after the other",
    "turns.guard_every_s": "seconds from one of these steps to the next, at least",
    "turns.loud": "what is done where two have become loud, one step after the other",
    "turns.loud_db": "louder by so many decibels than in their own voice samples, while two speak at once",
    "turns.loud_s": "seconds of that within a quarter of a minute",
    "turns.tell_took": "how long each call took is said after it, for who rehearses",
    "turns.finish_thought": "who was made to stop by a cut-in is asked to finish their thought",
    "turns.bank": "what somebody leaves of a turn is added to their next one",
    "turns.pairs": "the same two listen to each other: the first two, the next two, and so on",
    "turns.silence_s": "seconds of silence before it says that there is time",
    "turns.more_minutes": 'what "more time" adds',
    "turns.minute_signal": "it says when one minute is left",
    "turns.last_seconds": "a chime so many seconds before the end",
    "turns.step": "what a turn consists of",
    "step.who": "speaker, listener (the next one, or the other of a pair), others (all, in order)",
    "step.ask": "what they are asked",
    "step.minutes": "length of the step, where it is not the turn's",
    "step.silence_s": "seconds of silence before it says that there is time, where they are not the turn's",
    "step.times": "so many of it, counted aloud",
    "step.confirm": "the speaker says whether they were heard right; if not, once more",
    "talk.ask": "what is said to begin",
    "talk.minutes": "length of the talk; without it, until somebody finishes",
    "talk.queue": "people raise a hand, and whoever has been heard least comes first",
    "talk.invite_below": "below this part of what they aim at somebody is invited; 0 invites nobody",
    "talk.invite_after_minutes": "for so long, before an invitation",
    "talk.invite_every_minutes": "at most one invitation in this time",
    "talk.invite_wait_s": "an invitation that finds no pause for so many seconds is dropped",
    "talk.question_after_s": "after so many seconds of silence a question from the deck is asked; 0: none",
    "talk.loud": "what is done where two have become loud, one step after the other",
    "talk.loud_db": "louder by so many decibels than in their own voice samples, while two speak at once",
    "talk.loud_s": "seconds of that within a quarter of a minute",
    "tell.say": "what is said, one after the other",
    "rate.what": "arriving or leaving: from one to five; share: a guess at their share of the time, in percent",
    "indicators.of": "which things are asked about: keys of [indicators] in the language file, or your own words",
    "indicators.think_s": "seconds for everyone to find a number of their own",
    "quiet.ask": "what is said to begin",
    "quiet.minutes": "how long nobody speaks",
    "agree.ask": "what is said to begin",
    "agree.keep": "what it is kept as: agreement, decision, rule or step",
    "agree.most": "at most so many",
    "agree.cooling_hours": "it holds only after so many hours, if nobody changes their mind",
    "closing.guess": "everyone guesses their own share before it is told",
    "closing.mood": "everyone is asked how they are leaving, from one to five",
    "closing.next": "it is asked when to talk again",
    "closing.next_months": "it is proposed to talk again in so many months",
}
"""What each setting means, by the kind of its stage."""

CHOSEN = {
    "quiet-first": "who was least heard begins",
    "rotate": "somebody else begins each session",
    "listener": "by the one who listens",
    "others": "by everyone else in order",
    "leaving": "how they are leaving, from one to five",
    "share": "a guess at their share of the time, in percent",
    "decision": "as a decision",
    "rule": "as a ground rule",
    "step": "as a step for when a talk gets too hard",
    "chime": "a soft chime",
    "sentence": "a sentence",
    "breath": "a breath together",
    "break": "the question whether to take a break",
    "pause": "a pause",
}
"""What a setting means that is one of several words, and not the usual one."""
SAID = ("turns.minutes", "turns.rounds", "talk.minutes", "talk.queue", "quiet.minutes", "agree.most")
"""Settings that are in what a stage does."""
FOR_PEOPLE = (2, 4, 6)


def does(stage: StageSettings) -> str:
    """What a stage does, in a sentence."""
    match stage:
        case Opening():
            return "Everyone says a few words, so that it knows their voices. Whoever says no is not listened to."
        case Turns():
            times = {1: "once", 2: "twice"}.get(stage.rounds, f"{stage.rounds} times")
            length = f"{minutes(stage.minutes)} each" if not stage.step else f"in steps of {minutes(stage.minutes)}"
            return f"Everyone in turn, {times} round, {length}."
        case Talk():
            length = "until somebody finishes it" if stage.minutes is None else f"for {minutes(stage.minutes)}"
            hands = " Who raises a hand is called." if stage.queue else ""
            return f"Free talk {length}.{hands}"
        case Tell():
            return "Something is said."
        case Rate():
            return "Everyone is asked for a number."
        case Indicators():
            return "Everyone is asked how fair it feels how some things are shared, from one to five."
        case Compare():
            return "The numbers are told, beside those of last time."
        case Milestones():
            return "What you have reached since last time is told, where there is anything."
        case Quiet():
            return f"Nobody speaks for {minutes(stage.minutes)}."
        case Agree():
            return f"You are asked what you agree on. It is read back and kept, {stage.most} at most."
    return "How the time fell, in a few sentences, one observation, one question."


def minutes(number: float) -> str:
    if number < 1:
        return f"{round(number * 60)} seconds"
    return "one minute" if number == 1 else f"{number:g} minutes"


def changed(stage: StageSettings | Step) -> dict[str, Any]:
    """The settings that are not as they would be without a word."""
    fields = dataclasses.fields(stage)
    return {f.name: getattr(stage, f.name) for f in fields if getattr(stage, f.name) != f.default}


def toml(value: object) -> str:
    """A setting's value as it is written in a file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple):
        return f"[{', '.join(map(toml, value))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def lines(form: Format, language: Language) -> Iterator[str]:
    """The stages in order: what each does, and under it the settings that differ from the usual."""
    if form.host:
        yield "  The first person named is the host: without turns, and left out of the balance."
    if form.alone:
        yield "  For one person alone. Nothing of it is stored, unless a database is named with --db."
        yield ""
    if form.whose_idea:
        yield "  It is asked whose idea an agreement was."
    if form.who_decided:
        yield "  It is asked who decided."
    for number, stage in enumerate(form.stages, 1):
        yield f"  {number}. {language.phrase(f'stages.{stage.kind}')} ({stage.kind}). {does(stage)}"
        yield from _settings(stage, stage.kind, language, "     ")
        for place, step in enumerate(stage.step if isinstance(stage, Turns) else (), 1):
            yield f"     Step {place}"
            yield from _settings(step, "step", language, "       ")


def _settings(stage: StageSettings | Step, kind: str, language: Language, indent: str) -> Iterator[str]:
    for key, value in changed(stage).items():
        if key in ("ask", "rules", "say", "of"):
            for text in (value,) if isinstance(value, str) else value:
                yield indent + _worded(key, text, language)
        elif key != "step" and f"{kind}.{key}" not in SAID:
            meaning = CHOSEN[value] if isinstance(value, str) else MEANINGS[f"{kind}.{key}"]
            if key in ("guard", "loud") and value:
                about_what = "cut-ins" if key == "guard" else "loud voices"
                meaning = f"about {about_what} {', then '.join(CHOSEN[step] for step in value)}"
            yield f"{indent}{key} = {toml(value)}: {meaning}"


def _worded(key: str, text: str, language: Language) -> str:
    """What is said, and the key that it has in the language file, where it has one."""
    for table in {"ask": ("asks",), "rules": ("rules",), "say": ("rules", "asks"), "of": ("indicators",)}[key]:
        if found := language.list(f"{table}.{text}"):
            return f'"{found[0]}" ({key}: {text})'
    return f'"{text}" ({key})'


def takes(form: Format, raw: Mapping[str, Any], language: Mapping[str, Any]) -> str:
    """About how long it takes, in a sentence."""
    if is_endless(form):
        return "It takes as long as you like."
    parts, long, texts = [], False, texts_of(ENGLISH)
    for people in FOR_PEOPLE:
        number = people + form.host
        found = longest_ms(raw, language, number, host=form.host)
        long |= found is None or found > LONG_MS
        parts.append(f"{length_told(found, texts)} with {number} people")
    shorter = " Where that is long, a shorter one is offered before it begins." if long else ""
    return f"If everyone uses all of their time, it takes {', '.join(parts[:-1])} and {parts[-1]}.{shorter}"
