"""Makes tests/data/golden/networks.npz: what the published networks say of sounds of the tests, in their own engine.

    pip install onnxruntime onnx
    python -m tests.support.golden_networks SILERO.onnx SEGMENTATION.onnx MODELS

The first two are the files as they were published; MODELS is a folder in which the voice encoder is installed. The
engine is not needed otherwise, and tells its maker that it is used unless it is told not to, as here.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np

from facilitator.backends.models.campplus_encoder import CampplusEncoder
from tests.support.hearing_sounds import clip, room

TARGET = Path(__file__).parents[1] / "data" / "golden" / "networks.npz"


def main(silero: str, segmentation: str, models: str) -> None:
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415

    detector = onnxruntime.InferenceSession(silero, providers=["CPUExecutionProvider"])
    sound = np.concatenate([room(1.0), clip("ana-1")[: 4 * 16_000], room(1.0)])
    state, before, said = np.zeros((2, 1, 128), np.float32), np.zeros(64, np.float32), []
    for at in range(0, len(sound) - 511, 512):
        chunk = sound[at : at + 512]
        given = {"input": np.concatenate([before, chunk])[None], "state": state, "sr": np.array(16_000)}
        out, state = detector.run(None, given)
        said.append(out[0, 0])
        before = chunk[-64:]
    network = onnxruntime.InferenceSession(segmentation, providers=["CPUExecutionProvider"])
    talk = np.concatenate([room(1.0), clip("ana-1")[: 4 * 16_000], clip("ben-1")[: 5 * 16_000]])
    (logs,) = network.run(None, {"input": talk[None, None]})
    windows = CampplusEncoder(Path(models) / "voice-encoder").feed(clip("ana-1")[: 4 * 16_000])
    np.savez_compressed(
        TARGET,
        silero=np.array(said, np.float32),
        segmentation=np.exp(logs[0]).astype(np.float16),
        voices=np.array([window.vector for window in windows], np.float16),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
