"""Tables about corrections; part of `migrations.py`."""

from __future__ import annotations

CORRECTIONS = """
CREATE TABLE corrections (
  -- What people put right in a session afterwards, and what of it they took back. What was heard stays in `events`.
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  number INTEGER NOT NULL, -- place in the session, from 1
  body TEXT NOT NULL, -- JSON: kind (renamed, merged, reassigned, made-guest, left-out) and its fields
  made_at TEXT NOT NULL, -- ISO 8601, UTC
  undone_at TEXT, -- when it was taken back, ISO 8601, UTC; empty: it stands
  PRIMARY KEY (session, number)
) STRICT;

CREATE TABLE heard_seats (
  -- The rows of `seats` as they were before a session was corrected. They come back when all is taken back.
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- as there
  person INTEGER NOT NULL REFERENCES people(id), -- as there
  position INTEGER NOT NULL, -- as there
  heard INTEGER NOT NULL, -- as there
  enrolled INTEGER NOT NULL -- as there
) STRICT;
CREATE INDEX heard_seats_by_session ON heard_seats (session);

CREATE TABLE heard_speech (
  -- The rows of `speech` as they were before a session was corrected.
  id INTEGER PRIMARY KEY, -- as there
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- as there
  voice TEXT NOT NULL, -- as there
  person INTEGER REFERENCES people(id), -- as there
  start_ms INTEGER NOT NULL, -- as there
  end_ms INTEGER NOT NULL, -- as there
  pause_ms INTEGER NOT NULL, -- as there
  confidence REAL NOT NULL, -- as there
  counted INTEGER NOT NULL -- as there
) STRICT;
CREATE INDEX heard_speech_by_session ON heard_speech (session);

CREATE TABLE heard_turns (
  -- The rows of `turns` as they were before a session was corrected.
  id INTEGER PRIMARY KEY, -- as there
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- as there
  person INTEGER NOT NULL REFERENCES people(id), -- as there
  start_ms INTEGER NOT NULL, -- as there
  end_ms INTEGER -- as there
) STRICT;
CREATE INDEX heard_turns_by_session ON heard_turns (session);

CREATE TABLE heard_cut_ins (
  -- The rows of `cut_ins` as they were before a session was corrected.
  id INTEGER PRIMARY KEY, -- as there
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- as there
  kind TEXT NOT NULL, -- as there
  by_person INTEGER NOT NULL REFERENCES people(id), -- as there
  over_person INTEGER NOT NULL REFERENCES people(id), -- as there
  start_ms INTEGER NOT NULL, -- as there
  end_ms INTEGER, -- as there
  lost_ms INTEGER -- as there
) STRICT;
CREATE INDEX heard_cut_ins_by_session ON heard_cut_ins (session);

CREATE TABLE heard_whose (
  -- Whose the rows of other tables were before a session was corrected: prompts, the floor, ratings, agreements.
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  place TEXT NOT NULL, -- table and column, with a full stop between
  number INTEGER NOT NULL, -- of the row there
  person INTEGER NOT NULL REFERENCES people(id) -- whose it was
) STRICT;
CREATE INDEX heard_whose_by_session ON heard_whose (session);
"""
