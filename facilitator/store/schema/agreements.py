"""Tables and views of what people agreed on and of the numbers they gave; part of `migrations.py`."""

from __future__ import annotations

AGREEMENTS = """
CREATE TABLE agreements (
  -- What people agreed on, read back and confirmed.
  id INTEGER PRIMARY KEY, -- number of the agreement
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session in which it was made
  number INTEGER NOT NULL, -- place in the session, from 1
  kind TEXT NOT NULL, -- agreement, decision, rule, or step: what to do when a talk gets too hard
  text TEXT NOT NULL, -- the words that were read back
  owner INTEGER REFERENCES people(id), -- who takes care of it; empty: everyone
  at_ms INTEGER NOT NULL, -- when it was confirmed, on the session clock
  agreed_on TEXT NOT NULL, -- the day of the session, as it was at the table, ISO 8601
  due TEXT, -- the day by which, ISO 8601; empty: no date
  holds_from TEXT, -- ISO 8601, UTC: a decision that cools off first holds from then on; empty: at once
  stands INTEGER CHECK (stands IN (0, 1)), -- whether it still stood when it had cooled off; empty: not asked so far
  kept INTEGER CHECK (kept IN (0, 1)), -- whether it was kept, as was said last; empty: nobody has said so far
  kept_session INTEGER REFERENCES sessions(id) ON DELETE SET NULL, -- the session in which that was said
  CHECK (kind IN ('agreement', 'decision', 'rule', 'step'))
) STRICT;
CREATE INDEX agreements_by_session ON agreements (session, number);

CREATE TABLE ratings (
  -- Numbers that people gave themselves.
  id INTEGER PRIMARY KEY, -- number of the row
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  person INTEGER NOT NULL REFERENCES people(id), -- who
  what TEXT NOT NULL, -- arriving or leaving: how they feel, 1 to 5; share: their guess at their own share, in percent
  value INTEGER NOT NULL, -- the number
  at_ms INTEGER NOT NULL, -- when, on the session clock
  CHECK (what IN ('arriving', 'leaving', 'share'))
) STRICT;
CREATE INDEX ratings_by_session ON ratings (session, what, person);

CREATE TABLE returns (
  -- When people agreed to go on: after a break, or with a next talk.
  id INTEGER PRIMARY KEY, -- number of the row
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  kind TEXT NOT NULL, -- break, or next
  at_ms INTEGER NOT NULL, -- when it was agreed, on the session clock
  return_at TEXT NOT NULL, -- ISO 8601, UTC
  return_on TEXT NOT NULL, -- the day of it at the table, ISO 8601
  CHECK (kind IN ('break', 'next'))
) STRICT;
CREATE INDEX returns_by_session ON returns (session, at_ms);

CREATE VIEW v_agreements AS
  -- What people agreed on, with names. Days are those at the table.
SELECT
  a.id AS agreement, -- number of the agreement, as `facilitator agreements` has it
  a.session AS session, -- number of the session in which it was made
  a.number AS number, -- place in that session, from 1
  a.agreed_on AS agreed_on, -- the day of that session, ISO 8601
  (SELECT group_concat(name, ', ') FROM (
     SELECT p.name FROM seats t JOIN people p ON p.id = t.person WHERE t.session = a.session ORDER BY t.position
   )) AS people, -- who was there, in the order of the circle
  a.kind AS kind, -- agreement, decision, rule, or step: what to do when a talk gets too hard
  a.text AS text, -- the words that were read back
  coalesce(p.name, '') AS owner, -- who takes care of it; empty: everyone
  a.due AS due, -- the day by which, ISO 8601; empty: no date
  a.holds_from AS holds_from, -- ISO 8601, UTC: a decision that cools off first holds from then on; empty: at once
  a.stands AS stands, -- 1: it still stood when it had cooled off; 0: it did not; empty: nobody has said so far
  a.kept AS kept, -- 1: kept; 0: was asked for and is open; empty: nobody has said so far
  a.kept_session AS kept_session -- the session in which that was said; empty: in none
FROM agreements a LEFT JOIN people p ON p.id = a.owner;

CREATE VIEW v_ratings AS
  -- The numbers that people gave themselves, and what was measured where that can be.
SELECT
  r.session AS session, -- number of the session
  s.started_at AS started_at, -- ISO 8601, UTC
  p.name AS person, -- who
  r.what AS what, -- arriving or leaving: how they feel, 1 to 5; share: their guess at their own share, in percent
  r.value AS value, -- the number
  CASE r.what WHEN 'share' THEN (
    SELECT round(100 * v.share) FROM v_airtime v WHERE v.session = r.session AND v.person = p.name
  ) END AS measured -- of a guess at a share: what was measured, in percent
FROM ratings r JOIN sessions s ON s.id = r.session JOIN people p ON p.id = r.person;
"""

RECURRENCES = """
CREATE TABLE recurrences (
  -- How often an agreement comes again.
  agreement INTEGER PRIMARY KEY REFERENCES agreements(id) ON DELETE CASCADE, -- the agreement
  rule TEXT NOT NULL, -- as calendars have it: RRULE of RFC 5545
  starts_on TEXT NOT NULL -- the first time, ISO 8601
) STRICT;

CREATE TABLE rotations (
  -- Whose turn it is, of what goes round: the first one first, and after the last one the first again.
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session in which it was agreed on
  agreement INTEGER NOT NULL REFERENCES agreements(id) ON DELETE CASCADE, -- the agreement
  place INTEGER NOT NULL, -- from 1
  person INTEGER NOT NULL REFERENCES people(id) -- who
) STRICT;
CREATE INDEX rotations_by_agreement ON rotations (agreement, place);

CREATE TABLE occurrences (
  -- What is said of one of the times of what comes again.
  agreement INTEGER NOT NULL REFERENCES agreements(id) ON DELETE CASCADE, -- the agreement
  day TEXT NOT NULL, -- which time, ISO 8601
  skipped INTEGER NOT NULL DEFAULT 0 CHECK (skipped IN (0, 1)), -- 1: not this time
  person INTEGER REFERENCES people(id), -- whose turn it is instead; empty: as it goes round
  kept INTEGER CHECK (kept IN (0, 1)), -- whether it was kept; empty: nobody has said so far
  kept_session INTEGER REFERENCES sessions(id) ON DELETE SET NULL, -- the session in which that was said
  PRIMARY KEY (agreement, day)
) STRICT;
"""

IDEAS = """
CREATE TABLE ideas (
  -- Whose idea an agreement was, as people said; without a row that was not asked, or nobody said.
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session in which it was agreed on
  agreement INTEGER NOT NULL REFERENCES agreements(id) ON DELETE CASCADE, -- the agreement
  person INTEGER REFERENCES people(id) -- whose; empty: everyone's
) STRICT;
CREATE INDEX ideas_by_agreement ON ideas (agreement);
"""

DECIDERS = """
CREATE TABLE deciders (
  -- Who decided what was agreed on, as people said; without a row that was not asked, or nobody said.
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session in which it was agreed on
  agreement INTEGER NOT NULL REFERENCES agreements(id) ON DELETE CASCADE, -- the agreement
  person INTEGER REFERENCES people(id) -- who; empty: everyone
) STRICT;
CREATE INDEX deciders_by_agreement ON deciders (agreement);
"""

COOLING_RULES = """
CREATE TABLE cooling_rules (
  -- Rules of the group by which what is agreed on counts only later.
  agreement INTEGER PRIMARY KEY REFERENCES agreements(id) ON DELETE CASCADE, -- the rule
  days INTEGER NOT NULL CHECK (days > 0) -- after so many days
) STRICT;
"""
