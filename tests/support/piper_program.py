"""Stands in for the program `piper` where that is not installed: it takes the options that ours gives, reads lines,
writes a file for each and says so on its standard error, as `piper-tts` 1.8 does. What it speaks is espeak-ng's."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

NAME = "en_US-stand-in"
SETTINGS = {"language": {"code": "en_US"}, "espeak": {"voice": "en-us"}, "audio": {"sample_rate": 22_050}}


def installed(folder: Path, language: str = "en_US") -> Path:
    """Puts the program and a voice into this folder; returns the voice's file."""
    program = folder / "piper"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(__file__).resolve()} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    model = folder / f"{NAME}.onnx"
    model.write_bytes(b"")
    settings = SETTINGS | {"language": {"code": language}}
    model.with_name(f"{model.name}.json").write_text(json.dumps(settings), encoding="utf-8")
    return model


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--model", type=Path, required=True)
    options.add_argument("--output-dir", type=Path, required=True)
    options.add_argument("--length-scale", type=float, required=True)
    options.add_argument("--sentence-silence", type=float, required=True)
    asked = options.parse_args()
    if os.environ.get("ORT_DISABLE_TELEMETRY") != "1":
        sys.exit("It would call home.")
    for line in sys.stdin:
        path = asked.output_dir / f"{time.monotonic_ns()}.wav"
        rate = str(round(180 / asked.length_scale))
        command = ["espeak-ng", "-v", "en-us", "-s", rate, "-w", str(path), "--stdin"]
        subprocess.run(command, input=line, text=True, check=True)
        print(f"INFO:__main__:Wrote {path}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
