"""The other sources, for `train_fusion_data.py`: the models hear a recording once, and tell it as often as wanted.

The voice encoder runs here in torch, many windows at a time: the same network and the same windows as
`facilitator/backends/models/ge2e_encoder.py`, four times as fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from facilitator.backends.models import ge2e_encoder, torch_weights
from facilitator.backends.models.onnx_segmentation import OnnxSegmentation
from facilitator.hearing.signal.audio import Samples, mono
from facilitator.hearing.speaker.direction import Direction
from facilitator.hearing.speaker.embedding_evidence import EncodedVoices
from facilitator.hearing.speaker.evidence_pool import Sources
from facilitator.hearing.values import Embedding, LocalWindow

_APART, _HOP = 40, 160


class Encoder:
    """`windows` of a piece of sound, all at once."""

    def __init__(self, folder: Path) -> None:
        state = {
            name: torch.from_numpy(value)
            for name, value in torch_weights.load(folder / ge2e_encoder.FILE, "model_state").items()
        }
        self._lstm, self._linear = nn.LSTM(40, 256, 3, batch_first=True), nn.Linear(256, 256)
        for prefix, part in (("lstm.", self._lstm), ("linear.", self._linear)):
            part.load_state_dict({n.removeprefix(prefix): v for n, v in state.items() if n.startswith(prefix)})

    @torch.no_grad()
    def windows(self, sound: Samples) -> list[Embedding]:
        bands = ge2e_encoder._mel(np.concatenate([np.zeros(ge2e_encoder._WINDOW // 2, np.float32), sound]))
        level, scaled, loud = bands.mean(axis=1), bands.copy(), np.zeros(len(bands), np.float32)
        for end in range(_APART, len(bands) + _APART, _APART):
            piece = slice(end - _APART, end)
            loud[piece] = np.percentile(level[max(0, end - ge2e_encoder._LEVELS) : end], 85)
            scaled[piece] *= ge2e_encoder._LOUD / np.maximum(loud[piece], 1e-9)[:, None]
        sizes, firsts, found = ge2e_encoder.ENDS, np.arange(0, len(bands) - max(ge2e_encoder.ENDS) + 1, _APART), []
        for part in np.array_split(firsts, max(1, len(firsts) // 64)):
            held: Tensor = self._lstm(torch.from_numpy(np.stack([scaled[f : f + sizes[-1]] for f in part])))[0]
            raw = torch.relu(self._linear(held[:, [size - 1 for size in sizes]]))
            vectors = (raw / raw.norm(dim=-1, keepdim=True).clamp(min=1e-6)).numpy()
            for first, row in zip(part, vectors, strict=True):
                for size, vector in zip(sizes, row, strict=True):
                    heard = level[first : first + size] > ge2e_encoder._SPEECH * loud[first + size - 1]
                    if heard.mean() >= ge2e_encoder._LEAST_SPEECH:
                        span = {"first_sample": int(first) * _HOP, "end_sample": int(first + size) * _HOP}
                        found.append(Embedding(**span, vector=vector))
        return sorted(found, key=lambda window: window.end_sample)


class Replayed:
    """A voice encoder that knows already what it will say; fed anything else, it listens."""

    def __init__(self, encoder: Encoder, known: list[Embedding] | None) -> None:
        self.name, self.by_channel = ge2e_encoder.Ge2eEncoder.name, False
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
