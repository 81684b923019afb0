"""One recording, heard: the function that every engine runs, here or on another computer."""

from __future__ import annotations

import time
from dataclasses import dataclass

from facilitator.errors import FacilitatorError
from facilitator.library.recordings import analyze


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    key: str
    """Over the sound, the samples, how many people, whose channels, this version and the models: whoever has a result
    of this key need not hear it again."""
    path: str
    stamp: str
    digest: str
    voices: tuple[tuple[str, str], ...]
    people: int | None
    channels: tuple[str, ...]
    """Whose microphone each channel is; empty: voices are told apart."""
    models: str | None
    held_at: str
    group: str
    long_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`analysis`: its JSON, without what differs from run to run; empty where `problem` says why there is none."""

    key: str
    analysis: str = ""
    problem: str = ""
    compute_s: float = 0.0
    wall_s: float = 0.0


def hear(job: Job) -> Result:
    """Never raises for anything that is wrong with the recording."""
    began_s, used_s = time.perf_counter(), time.process_time()
    try:
        found = analyze(job.path, dict(job.voices), job.people, channels=job.channels or None, models=job.models)
        analysis, problem = found.without_times().to_json(indent=None), ""
    except FacilitatorError as error:
        analysis, problem = "", error.message
    except MemoryError:
        analysis, problem = "", "There was not enough memory to hear it; use fewer workers."
    except Exception as error:
        analysis, problem = "", f"The program has a fault here ({type(error).__name__}: {error})."
    return Result(
        key=job.key,
        analysis=analysis,
        problem=problem,
        compute_s=time.process_time() - used_s,
        wall_s=time.perf_counter() - began_s,
    )
