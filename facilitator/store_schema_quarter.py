"""The table of how fair things feel to people; part of `store_schema.py`."""

from __future__ import annotations

SELF_RATINGS = """
CREATE TABLE self_ratings (
  -- How fair it feels to people how something is shared, as they said themselves.
  id INTEGER PRIMARY KEY, -- number of the row
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  person INTEGER NOT NULL REFERENCES people(id), -- who
  indicator TEXT NOT NULL, -- what is shared: chores, money, decisions, care, or in the group's own words
  value INTEGER NOT NULL, -- 1, not at all fair, to 5, entirely fair
  at_ms INTEGER NOT NULL, -- when, on the session clock
  CHECK (value BETWEEN 1 AND 5)
) STRICT;
CREATE INDEX self_ratings_by_session ON self_ratings (session, indicator, person);
"""
