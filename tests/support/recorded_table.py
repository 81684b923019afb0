"""Three people of synthetic voices at a table, as a scripted table: what tests play where people have to speak."""

from __future__ import annotations

from pathlib import Path

TABLE = Path(__file__).parents[1] / "data" / "table"
"""`script.toml` and its clips: Ana and Ben are flite's `slt` and `rms` (Carnegie Mellon University, free for any use),
Carla is an espeak-ng voice; the words are the project's own."""
