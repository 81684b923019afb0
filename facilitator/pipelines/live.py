"""The listener with whatever is installed here: without any model it works, with each it works better."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from threadpoolctl import threadpool_limits

from facilitator import backends
from facilitator.backends.models.silero_activity import best_detector
from facilitator.errors import ModelError
from facilitator.hearing.diarization.combined_evidence import CombinedVoices
from facilitator.hearing.diarization.hmm import RELATIVE
from facilitator.hearing.diarization.listener import Listener
from facilitator.hearing.interfaces import Segmentation, VoiceEncoder
from facilitator.hearing.signal.audio import RATE
from facilitator.hearing.signal.features import STEP
from facilitator.hearing.speaker.embedding_evidence import EncodedVoices
from facilitator.hearing.speaker.evidence_pool import Sources
from facilitator.hearing.speaker.fusion_evidence import LearnedVoices
from facilitator.models import catalogue
from facilitator.models import record as models_record
from facilitator.runtime.threads import beside

AT_ONCE_S = 8.0
"""Of a recording of which only the result is wanted, so much is heard at once."""
_APART_S = 1.0
"""And from one window of the segmentation to the next there."""


def open_listener(language: str = "en", *, at_once: bool = False) -> tuple[Listener, tuple[str, ...]]:
    """A listener with every source that works here, and a sentence for people about each that should and does not.
    `at_once`: only its review is wanted, and it will be given AT_ONCE_S of sound at a time."""
    combined, troubles = open_combined(at_once=at_once)
    if combined is not None:
        return Listener(best_detector(), [combined], RELATIVE, passes=2, aside=beside), troubles
    sources, troubles = open_sources(language)
    return listener_with(sources, in_chapters=True), troubles


def open_combined(*, at_once: bool = False) -> tuple[CombinedVoices | None, tuple[str, ...]]:
    """Voices by comparison and by the network, where both models that this needs work here; else why not."""
    encoder = catalogue.find("voice-encoder")
    if encoder is None or catalogue.find("segmentation") is None:
        return None, ()
    threadpool_limits(limits=1, user_api="blas")
    troubles: list[str] = []
    segmentation = open_segmentation(troubles, round(_APART_S * RATE) // STEP if at_once else None)
    try:
        maker = _maker(encoder)
        frames = backends.open_frame_encoder(encoder, f"{maker}-frames" if maker else "")
    except ModelError as trouble:
        return None, (*troubles, trouble.message)
    return (None if segmentation is None else CombinedVoices(frames, segmentation)), tuple(troubles)


def listener_with(sources: Sources, *, in_chapters: bool) -> Listener:
    """`in_chapters`: it need not know the whole session at its end."""
    return Listener(best_detector(), [LearnedVoices(sources)], aside=beside if in_chapters else None)


def open_sources(language: str = "en") -> tuple[Sources, tuple[str, ...]]:
    """Every source beside the voiceprints that works here, and a sentence about each that should and does not."""
    # Many small products, one after the other: a second thread only waits for the first, and is taken from the rest.
    threadpool_limits(limits=1, user_api="blas")
    troubles: list[str] = []
    evidence = []
    for stream, finds_strangers, maker in _encoders(language):
        try:
            evidence.append(EncodedVoices(stream, finds_strangers=finds_strangers, maker=maker))
        except ModelError as trouble:
            troubles.append(trouble.message)
    return Sources(evidence, open_segmentation(troubles)), tuple(troubles)


def _encoders(language: str) -> Iterator[tuple[Callable[[], VoiceEncoder], bool, str]]:
    """How to open each, whether it can find strangers, and the name and version by which voiceprints of it are known;
    a seat is none, and is learned anew each time."""
    yield backends.open_direction, False, ""
    if (folder := catalogue.find("voice-encoder")) is not None:
        yield partial(_unchanged, backends.open_voice_encoder, folder), True, _maker(folder)
    folder, words = catalogue.find("vosk-voiceprint"), catalogue.find_words(language)
    if folder is not None and words is not None:
        yield partial(_unchanged, backends.open_vosk_voiceprint, folder, words), False, _maker(folder)


def _unchanged(open_encoder: Callable[..., VoiceEncoder], *folders: Path) -> VoiceEncoder:
    """Raises ModelError for a model that was changed since it was installed."""
    for folder in folders:
        catalogue.refuse_changed(folder)
    return open_encoder(*folders)


def _maker(folder: Path) -> str:
    """By what was noted when the model was fetched; without that there is no telling its version, and none is kept."""
    record = models_record.read(folder)
    return "" if record is None else f"{folder.name}-{models_record.digest(record)}"


def open_segmentation(troubles: list[str], apart_steps: int | None = None) -> Segmentation | None:
    """The segmentation, where it is here and works; why it does not is added to `troubles`."""
    folder = catalogue.find("segmentation")
    if folder is None:
        return None
    try:
        catalogue.refuse_changed(folder)
        return backends.open_segmentation(folder, apart_steps)
    except ModelError as trouble:
        troubles.append(trouble.message)
        return None
