"""The table of voiceprints; part of `store_schema.py`."""

from __future__ import annotations

VOICEPRINTS = """
CREATE TABLE voiceprints (
  -- How a voice sounds, in numbers, of those who asked for theirs to be kept. No sound and no word can be made of them.
  person INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE, -- whose voice
  maker TEXT NOT NULL, -- what made the numbers, with its version: of no use to anything else
  saved_on TEXT NOT NULL, -- the day on which they said so, ISO 8601
  numbers TEXT NOT NULL, -- JSON: the numbers by name, in half precision as base64, with their shape
  PRIMARY KEY (person, maker)
) STRICT;
"""
