"""The other sources, for `train_fusion_data.py`: the models hear a recording once, and tell it as often as wanted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from facilitator.backends.models.campplus_encoder import CampplusEncoder
from facilitator.backends.models.onnx_segmentation import OnnxSegmentation
from facilitator.hearing.signal.audio import Samples, mono
from facilitator.hearing.speaker.direction import Direction
from facilitator.hearing.speaker.embedding_evidence import EncodedVoices
from facilitator.hearing.speaker.evidence_pool import Sources
from facilitator.hearing.values import Embedding, LocalWindow


class Encoder:
    """`windows` of a piece of sound, all at once."""

    def __init__(self, folder: Path) -> None:
        self._open = partial(CampplusEncoder, folder)

    def windows(self, sound: Samples) -> list[Embedding]:
        return self._open().feed(sound)


class Replayed:
    """A voice encoder that knows already what it will say; fed anything else, it listens."""

    def __init__(self, encoder: Encoder, known: list[Embedding] | None) -> None:
        self.name, self.by_channel = CampplusEncoder.name, False
        self._encoder, self._left, self._at = encoder, known, 0

    def feed(self, samples: Samples) -> list[Embedding]:
        if self._left is None:
            found: list[Embedding] = self._encoder.windows(samples)
            return found
        self._at += len(samples)
        count = sum(window.end_sample <= self._at for window in self._left[:20])
        told, self._left = self._left[:count], self._left[count:]
        return told


class ReplayedSegmentation:
    name = OnnxSegmentation.name

    def __init__(self, known: list[LocalWindow]) -> None:
        self._left, self._at = known, 0

    def feed(self, samples: Samples) -> list[LocalWindow]:
        self._at += len(samples)
        count = sum(window.last_step * 800 <= self._at for window in self._left[:20])
        told, self._left = self._left[:count], self._left[count:]
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the models say of one recording."""

    encoder: Encoder
    windows: list[Embedding]
    local: list[LocalWindow]

    def sources(self, *, direction: bool) -> Sources:
        """Sources that are about to hear the recording; the first stream of the encoder is the recording's."""
        streams = iter([Replayed(self.encoder, self.windows)])
        evidence = [EncodedVoices(lambda: next(streams, None) or Replayed(self.encoder, None))]
        if direction:
            evidence.append(EncodedVoices(Direction))
        return Sources(evidence, ReplayedSegmentation(self.local))


class Models:
    """The models in `folder`, as `facilitator models install` leaves them there."""

    def __init__(self, folder: Path) -> None:
        self._encoder = Encoder(folder / "voice-encoder")
        self._segmentation = partial(OnnxSegmentation, folder / "segmentation")

    def recorded(self, sound: Samples) -> Recorded:
        heard = mono(sound)
        return Recorded(
            encoder=self._encoder, windows=self._encoder.windows(heard), local=self._segmentation().feed(heard)
        )
