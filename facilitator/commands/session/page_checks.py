"""What can be tried on the page before a session: the microphone, and the voice."""

from __future__ import annotations

import time
from collections.abc import Callable

from facilitator.backends import Speech, open_voice
from facilitator.backends.audio import portaudio
from facilitator.backends.audio.microphone import Microphone
from facilitator.core.events import PromptEnded, Trouble
from facilitator.errors import AudioError
from facilitator.hearing.signal.levels import LevelMeter
from facilitator.page.broker import Broker
from facilitator.ports import Voice
from facilitator.system.devices import list_devices

LEVEL_EVERY_S = 0.1
AGAIN_S = 2.0
"""A microphone that is not there is looked for so often."""


class MicrophoneCheck:
    """The microphone while somebody looks at its level. It keeps no sound."""

    def __init__(self, broker: Broker, device: str | int | None) -> None:
        self._broker, self._device = broker, device
        self._wanted = False
        self._source: Microphone | None = None
        self._meter = LevelMeter()
        self._shown_s = self._tried_s = 0.0

    def start(self, device: str | int | None) -> None:
        if self._wanted and device == self._device:
            return
        self.stop()
        self._device, self._wanted, self._tried_s = device, True, 0.0

    def stop(self) -> None:
        self._wanted = False
        if self._source is not None:
            self._source.close()
            self._source = None
        self._broker.forget("level")

    def look(self) -> None:
        if not self._wanted:
            return
        now_s = time.monotonic()
        if self._source is None:
            if now_s - self._tried_s >= AGAIN_S:
                self._open(again=self._tried_s > 0)
                self._tried_s = time.monotonic()
            return
        while (block := self._source.read(0)) is not None:
            self._meter.feed(block)
        if now_s - self._shown_s >= LEVEL_EVERY_S:
            self._shown_s = now_s
            reading = self._meter.reading()
            self._broker.tell("level", {"db": round(reading.level_db), "verdict": reading.verdict, "message": ""})

    def _open(self, *, again: bool) -> None:
        try:
            if again:
                portaudio.rescan()
                devices = microphones()
                self._broker.tell("devices", devices)
            self._source, self._meter = Microphone(self._device), LevelMeter()
        except AudioError as error:
            self._broker.tell("level", {"db": -90, "verdict": "missing", "message": error.message})


class VoiceCheck:
    """Says something, and tells how that went."""

    def __init__(
        self, broker: Broker, speech: Speech, voice_model: str | None, sentence: Callable[[str], str] = str
    ) -> None:
        """`sentence` says what is wrong in the language of the page."""
        self._broker, self._speech, self._voice_model = broker, speech, voice_model
        self._sentence = sentence
        self._voice: Voice | None = None
        self._language = ""
        self._said = 0
        self._trouble = ""

    def say(self, text: str, language: str, words_a_minute: int) -> None:
        if self._voice is None or language != self._language:
            self.close()
            self._language, self._trouble = language, ""
            self._voice = open_voice(
                self._speech, language, words_a_minute=words_a_minute, voice_model=self._voice_model
            )
        else:
            self._voice.hush()
        self._said += 1
        self._voice.say(self._said, text, _now_ms())
        self._broker.tell("voice", {"state": "speaking", "message": text})

    def look(self) -> None:
        for fact in self._voice.poll(_now_ms()) if self._voice is not None else ():
            if isinstance(fact, Trouble):
                self._trouble = fact.message
            elif isinstance(fact, PromptEnded) and fact.prompt == self._said:
                spoken = fact.how == "spoken"
                message = "" if spoken else self._sentence(self._trouble)
                self._broker.tell("voice", {"state": "spoken" if spoken else "shown", "message": message})

    def close(self) -> None:
        if self._voice is not None:
            self._voice.close()
            self._voice = None


def _now_ms() -> int:
    return int(time.monotonic() * 1000)


def microphones() -> list[dict[str, str]]:
    try:
        return [{"id": d.name, "name": d.name} for d in list_devices() if d.direction == "input"]
    except AudioError:
        return []


def device_named(named: object) -> str | int | None:
    """A device's number or a part of its name; nothing is the usual one."""
    text = str(named) if isinstance(named, str | int) else ""
    return int(text) if text.isdigit() else text or None
