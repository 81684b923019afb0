"""What is wrong with a prompts file, also where it only shows beside the other files."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path

from facilitator.backends import word_spelling
from facilitator.core.formats.stages import Agree, Format, Quiet, Talk, Tell
from facilitator.core.language.grammar import every_phrase
from facilitator.core.language.texts import Missing
from facilitator.core.language.wording import Language
from facilitator.errors import ModelError, PromptsError
from facilitator.hearing.words.transcript import spelled
from facilitator.models import catalogue
from facilitator.page.buttons import BUTTONS
from facilitator.resources.prompts import parsed_format, parsed_language
from facilitator.resources.texts import ENGLISH, how_far_is, how_far_spoken, texts_of


def check_format(path: Path, languages: Mapping[str, Language]) -> None:
    """Raises PromptsError with everything that needs mending. `languages` by the names of their files."""
    form = parsed_format(path)
    problems = [*unknown_keys(form, languages), *useless_slots(form, languages)]
    if problems:
        raise PromptsError(str(path), tuple(problems))


MOST_LISTED = 12


def check_screens(path: Path) -> list[str]:
    """What a translator should know of a file of `screens`: what is said in English instead, and what is still the same
    as there. Raises PromptsError for what cannot be used at all."""
    found = how_far_is(path)
    problems = [f"{one}; so it is said in English" for one in found.wrong]
    problems += [f"nothing asks for {key}" for key in found.unknown]
    if problems:
        raise PromptsError(str(path), tuple(problems))
    if path.stem == ENGLISH:
        return []
    return _counted("said in English, as they are not there", found)


def check_language(path: Path) -> list[str]:
    """What a translator should know of a file of `languages`: what is still as in English, which plural forms it lacks,
    which buttons cannot be said, and what the model of words makes of it. Raises PromptsError for what cannot be used
    at all."""
    language = parsed_language(path)
    if language.code != path.stem:
        told = f'its code is {language.code!r}, and the file is called {path.name}: write code = "{path.stem}"'
        raise PromptsError(str(path), (told,))
    found = [] if path.stem == ENGLISH else _counted("not there, as formats may ask for", how_far_spoken(path))
    return [*found, *_buttons_unsaid(language), *heard_with_the_model(language)]


def _buttons_unsaid(language: Language) -> list[str]:
    """What a button says can be said, too."""
    texts = texts_of(language.code)
    if texts.code != language.code:
        return []
    told = []
    for button in BUTTONS:
        label = texts(f"button.{button.command}")
        if spelled(label) not in map(spelled, language.spoken.commands.get(button.command, ())):
            told.append(f"{button.command} (“{label}”)")
    return [f"{len(told)} buttons whose text is no phrase of their command: {_some(told)}"] if told else []


def _counted(untold: str, found: Missing) -> list[str]:
    rows = (
        (untold, found.untold),
        ("the same as in English", found.same),
        ("without a slot that they have in English", found.slots_left_out),
        ("plural forms that are missing", found.forms_missing),
        ("plural forms that the language does not have", found.forms_unknown),
    )
    return [f"{len(keys)} {what}: {_some(list(keys))}" for what, keys in rows if keys]


def heard_with_the_model(language: Language) -> list[str]:
    """What a translator should know of the model of words for this language, where it is installed: which words it
    lacks, and which it knows only in pieces, so that they may be heard less well."""
    folder = catalogue.find_words(language.code)
    if folder is None:
        return []
    try:
        lacking, pieces = word_spelling(folder, every_phrase(language.spoken))
    except ModelError as problem:
        return [f"the model of words cannot be asked: {problem.message}"]
    told = []
    if lacking:
        told.append(f"{folder.name} lacks, so that phrases with them are never heard: {_some(sorted(lacking))}")
    if pieces:
        rows = [f"{word} ({' + '.join(parts)})" for word, parts in sorted(pieces.items())]
        told.append(f"{folder.name} knows only in pieces: {_some(rows)}")
    return told or [f"{folder.name} knows every word of what can be said"]


def _some(words: list[str]) -> str:
    more = f" and {len(words) - MOST_LISTED} more" if len(words) > MOST_LISTED else ""
    return ", ".join(words[:MOST_LISTED]) + more


def unknown_keys(form: Format, languages: Mapping[str, Language]) -> list[str]:
    """A problem for each text of the format that looks like a key and is none in a language: it would be said."""
    told = {text for stage in form.stages if isinstance(stage, Tell) for text in stage.say}
    problems = []
    for table, text in dict.fromkeys(form.texts):
        tables = ("rules", "asks") if text in told else (table,)
        missing = [
            file
            for file, language in languages.items()
            if not any(f"{name}.{text}" in language.phrases for name in tables)
        ]
        if missing and looks_like_a_key(text):
            if table == "indicators" and not _near(text, languages, tables):
                continue  # a word of the group's own
            names = " or ".join(f"[{name}]" for name in tables)
            hint = _near(text, languages, tables) or "; if it is meant to be said, end it with a full stop"
            where = ", ".join(missing)
            problems.append(f"{text!r} is no key of {names} in {where}, and would be said as it stands{hint}")
    return problems


def useless_slots(form: Format, languages: Mapping[str, Language]) -> list[str]:
    """A problem for each text with a slot that nothing is put into: only of a turn is it known whose it is."""
    problems = []
    for stage in form.stages:
        texts: tuple[str, ...]
        tables: tuple[str, ...]
        if isinstance(stage, Talk | Quiet | Agree) and stage.ask:
            texts, tables = (stage.ask,), ("asks",)
        elif isinstance(stage, Tell):
            texts, tables = stage.say, ("rules", "asks")
        else:
            continue
        for text in texts:
            keys = [f"{table}.{text}" for table in tables]
            if any("{" in said for language in languages.values() for key in keys for said in language.list(key)):
                problems.append(f"{text!r} is about one person, and in a stage of kind {stage.kind} nobody is called")
    for table, text in dict.fromkeys(form.texts):
        if "{" in text:
            problems.append(f"{text!r}: slots are filled in only in a language file; give it a key in [{table}] there")
    return problems


def looks_like_a_key(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_-]+", text) is not None


def _near(text: str, languages: Mapping[str, Language], tables: tuple[str, ...]) -> str:
    begins = tuple(f"{name}." for name in tables)
    phrases = (key for language in languages.values() for key in language.phrases if key.startswith(begins))
    keys = dict.fromkeys(key.split(".", 1)[1] for key in phrases)
    near = difflib.get_close_matches(text.lower(), keys, n=3)
    return f"; did you mean {', '.join(near)}?" if near else ""
