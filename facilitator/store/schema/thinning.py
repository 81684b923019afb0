"""The day on which a session was thinned; part of `migrations.py`."""

from __future__ import annotations

THINNING = """
ALTER TABLE sessions ADD COLUMN thinned_on TEXT -- since when only its figures are there, ISO 8601; empty: all is there
  CHECK (thinned_on <> '');
"""
