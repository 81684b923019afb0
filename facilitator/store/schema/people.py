"""Tables about people and their trends; part of `migrations.py`."""

from __future__ import annotations

PEOPLE = """
CREATE TABLE pronunciations (
  -- How names are spelled for the voice, where it would say them wrong.
  person INTEGER PRIMARY KEY REFERENCES people(id) ON DELETE CASCADE, -- whose name
  said TEXT NOT NULL -- the spelling
) STRICT;

CREATE TABLE nameless (
  -- Rows of `people` that stand for somebody who was forgotten: a seat without a name.
  person INTEGER PRIMARY KEY REFERENCES people(id) ON DELETE CASCADE -- the row
) STRICT;

CREATE TABLE measures (
  -- What `facilitator trends` needs of every participant, kept so that it need not be counted again each time.
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  person INTEGER NOT NULL REFERENCES people(id), -- the participant
  upto INTEGER NOT NULL, -- the last event that was there then; the row is made anew when there are more
  aim REAL NOT NULL, -- intended part of the talk, in any unit; 0 for a host
  airtime_ms INTEGER NOT NULL, -- as in `v_airtime`
  low REAL NOT NULL, -- the share is likely no less than this, 0 to 1
  high REAL NOT NULL, -- and no more than this
  PRIMARY KEY (session, person)
) STRICT;
CREATE INDEX cut_ins_by_pair ON cut_ins (session, by_person, over_person, kind, lost_ms);
"""


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


PRESENCE = """
CREATE TABLE presence (
  -- When somebody was at the table, of those who came later or left earlier. Who has no row was there throughout.
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  person INTEGER NOT NULL REFERENCES people(id), -- the participant
  joined_ms INTEGER NOT NULL, -- session time from which on they were there
  left_ms INTEGER, -- session time at which they left; empty: they stayed to the end
  CHECK (left_ms >= joined_ms)
) STRICT;
CREATE INDEX presence_by_session ON presence (session);
"""
