"""What runs in the child process of `pyttsx3_voice`: a line of JSON in, a sound file and a line out.

It needs only pyttsx3 and the standard library. First line out: {"voice": ..., "language": ...} or
{"error": ...}. Then, for each {"text": ..., "path": ...} in, {"path": ...} or {"error": ...} out.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any


def language_of(code: object) -> str:
    """`b"\\x05en-gb"`, `en_GB` and `en-GB` are all `en-gb`."""
    if isinstance(code, bytes):
        code = code.decode("utf-8", "ignore")
    return "".join(c for c in str(code or "") if c.isprintable()).strip().replace("_", "-").casefold()


def choose(voices: list[Any], wanted: str, current: str | None) -> Any | None:
    """The voice for this language: the one set on this computer if it speaks it, else the closest: of the same region,
    of no region in particular, of another one. (Where no region is wanted, any will do.)"""
    wanted = language_of(wanted)
    base = wanted.split("-")[0]

    def fit(voice: Any) -> int:
        codes = [language_of(code) for code in voice.languages or ()]
        if wanted in codes:
            return 3
        if base in codes or any(code.split("-")[0] == wanted for code in codes):
            return 2
        return 1 if any(code.split("-")[0] == base for code in codes) else 0

    def order(voice: Any) -> tuple[bool, int, bool]:
        person = "neut" not in str(voice.gender).casefold()  # macOS keeps its jokes among the neuter voices
        return (fit(voice) > 0 and voice.id == current, fit(voice), person)

    fitting = [voice for voice in voices if fit(voice)]
    return max(fitting, key=order) if fitting else None


def wait_for(path: Path, finished: threading.Event) -> None:
    """Until the file is written: espeak's engine returns before it is, and tells when; SAPI's returns
    after, and tells nothing. (Should neither happen, the other process loses its patience.)"""
    size = 0
    while not finished.is_set():
        before, size = size, path.stat().st_size if path.exists() else 0
        if size == before > 44:
            return
        finished.wait(0.2)


def with_its_pace(text: str, words_a_minute: int) -> str:
    """The text as an engine should be given it. espeak-ng's works in a thread of its own and, on a busy computer, loses
    a pace that is set beside the text: of a hundred prompts it then speaks eight at the 200 words a minute that pyttsx3
    begins with. A pace that stands in the text itself it cannot lose."""
    return f"\x01{words_a_minute}S {text}" if sys.platform.startswith("linux") else text


def main() -> None:
    # Engines print what they please: answers go to a copy of standard output that only we know.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    questions = os.fdopen(os.dup(0), "r", encoding="utf-8")

    def answer(**fields: object) -> None:
        answers.write(json.dumps(fields) + "\n")

    language, words_a_minute = sys.argv[1], int(sys.argv[2])
    try:
        import pyttsx3  # noqa: PLC0415 (so that its absence can be told)

        engine = pyttsx3.init()
        # Nobody sets the voice that espeak-ng begins with: it is always the English one.
        current = None if sys.platform.startswith("linux") else engine.getProperty("voice")
        voice = choose(engine.getProperty("voices"), language, current)
        if voice is None:
            answer(error=f"no voice speaks “{language}”")
            return
        engine.setProperty("voice", voice.id)
        finished = threading.Event()
        engine.connect("finished-utterance", lambda name, completed: finished.set())
    except Exception as problem:
        answer(error=f"{type(problem).__name__}: {problem}")
        return
    answer(voice=str(voice.name), language=[language_of(code) for code in voice.languages or ()])
    for line in questions:
        question = json.loads(line)
        try:
            finished.clear()
            engine.setProperty("rate", words_a_minute)  # some engines lose it
            engine.save_to_file(with_its_pace(question["text"], words_a_minute), question["path"])
            engine.runAndWait()
            wait_for(Path(question["path"]), finished)
            answer(path=question["path"])
        except Exception as problem:
            answer(error=f"{type(problem).__name__}: {problem}")


if __name__ == "__main__":
    main()
