"""Between a word source and the discussion: phrases to listen for go in, facts about what was said come out.

It keeps no word: what is not one of the phrases, and was not dictated, goes no further than this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from facilitator.core.events import Activity, ConsentHeard, Dictated, Fact, PhraseHeard
from facilitator.hearing.interfaces import WordSource
from facilitator.hearing.signal.audio import Block
from facilitator.hearing.words.transcript import spelled

CATCH_UP_S = 5.0
Signs = Callable[[str], tuple[bool, bool]]
"""Whether there was a word of refusal in a sentence, and one of agreement."""


class WordsHeard:
    """`late` is false for a recording that comes faster than time: words are waited for, so that they come in the
    order of the session."""

    def __init__(self, source: WordSource, *, late: bool = True) -> None:
        self._source = source
        self._late = late
        self._phrases: tuple[str, ...] = ()
        self._by_spelling: dict[str, str] = {}
        self._dictating = False
        self._signs: Signs | None = None  # while somebody is asked whether they may be heard

    def listen_for(self, phrases: Sequence[str]) -> None:
        """From now on these. Costs nothing where they are the same as before."""
        wanted = tuple(phrases)
        if wanted == self._phrases:
            return
        self._phrases = wanted
        # What was listened for until now can still be on its way.
        self._by_spelling |= {" ".join(spelled(phrase)): phrase for phrase in wanted}
        self._source.listen_for(wanted)

    def unheard(self, phrases: Sequence[str]) -> tuple[str, ...]:
        """Those of the phrases that can never be heard, as the model lacks a word. To be asked before it listens."""
        found = self._source.listen_for(phrases)
        self._source.listen_for(self._phrases)
        return found

    def dictate(self, on: bool, since_ms: int | None = None) -> None:
        self._dictating = on
        self._source.dictate(on, since_ms)

    def attend(self, signs: Signs | None) -> None:
        """From now on every utterance is looked at for a yes or a no to being heard; None: no longer."""
        if (signs is None) != (self._signs is None) and not self._dictating:
            self._source.dictate(signs is not None)
        self._signs = signs

    def hear(self, block: Block) -> None:
        self._source.hear(block)
        if not self._late:
            self._source.catch_up(CATCH_UP_S)

    def own_voice(self, start_ms: int, end_ms: int | None) -> None:
        self._source.own_voice(start_ms, end_ms)

    def notice(self, fact: Fact) -> None:
        """A command is over as soon as it is quiet; whoever dictates may stop to think."""
        if isinstance(fact, Activity) and not fact.speaking and not self._dictating:
            self._source.finish_utterance()
            if not self._late:
                self._source.catch_up(CATCH_UP_S)

    def poll(self, now_ms: int) -> list[Fact]:
        facts: list[Fact] = []
        for words in self._source.poll():
            if words.kind == "dictation":
                if self._signs is not None:
                    refuses, agrees = self._signs(words.text)
                    facts.append(
                        ConsentHeard(
                            at_ms=now_ms,
                            refuses=refuses,
                            agrees=agrees,
                            start_ms=words.start_ms,
                            end_ms=words.end_ms,
                        )
                    )
                elif self._dictating:
                    facts.append(Dictated(at_ms=now_ms, text=words.text, start_ms=words.start_ms, end_ms=words.end_ms))
            elif (phrase := self._by_spelling.get(words.text)) is not None:
                facts.append(
                    PhraseHeard(
                        at_ms=now_ms,
                        phrase=phrase,
                        start_ms=words.start_ms,
                        end_ms=words.end_ms,
                        confidence=words.confidence,
                        alone=words.alone,
                    )
                )
        return facts

    def trouble(self) -> str | None:
        return self._source.trouble()

    def close(self) -> None:
        self._source.close()
