"""What taking in another database needs: which sessions were removed here, and views in which an old session that came
late stands where it belongs; part of `migrations.py`."""

from __future__ import annotations

MERGING = """
CREATE TABLE removed_sessions (
  -- Sessions that were removed here, by random numbers (of recordings: checksums), so that no copy brings them back.
  uid TEXT PRIMARY KEY -- the same in every copy of that session
) STRICT;

DROP VIEW v_agreements;
CREATE VIEW v_agreements AS
  -- What people agreed on, with names, the latest first. Days are those at the table.
SELECT
  a.id AS agreement, -- number of the agreement, as `facilitator agreements` has it
  a.agreed_on AS agreed_on, -- the day of the session in which it was made, ISO 8601
  a.text AS text, -- the words that were read back
  coalesce(p.name, '') AS owner, -- who takes care of it; empty: everyone
  a.due AS due, -- the day by which, ISO 8601; empty: no date
  a.kept AS kept, -- 1: kept; 0: was asked for and is open; empty: nobody has said so far
  a.kind AS kind, -- agreement, decision, rule, or step: what to do when a talk gets too hard
  a.holds_from AS holds_from, -- ISO 8601, UTC: a decision that cools off first holds from then on; empty: at once
  a.stands AS stands, -- 1: it still stood when it had cooled off; 0: it did not; empty: nobody has said so far
  (SELECT group_concat(name, ', ') FROM (
     SELECT p.name FROM seats t JOIN people p ON p.id = t.person WHERE t.session = a.session ORDER BY t.position
   )) AS people, -- who was there, in the order of the circle
  a.session AS session, -- number of that session
  a.number AS number, -- place in it, from 1
  a.kept_session AS kept_session -- the session in which it was said whether it was kept; empty: in none
FROM agreements a JOIN sessions s ON s.id = a.session LEFT JOIN people p ON p.id = a.owner
ORDER BY s.started_at DESC, a.id DESC;

DROP VIEW v_self_ratings;
CREATE VIEW v_self_ratings AS
  -- How fair it feels to people how something is shared, the latest first, beside what they said the time before.
SELECT
  r.session AS session, -- number of the session
  date(s.started_at, coalesce(json_extract(s.setup, '$.utc_offset_minutes'), 0) || ' minutes')
    AS day, -- of the session, as it was at the table, ISO 8601
  r.indicator AS indicator, -- what is shared: chores, money, decisions, care, or in the group's own words
  p.name AS person, -- who
  r.value AS value, -- 1, not at all fair, to 5, entirely fair
  (SELECT b.value FROM self_ratings b JOIN sessions e ON e.id = b.session
    WHERE b.person = r.person AND b.indicator = r.indicator AND (e.started_at, e.id) < (s.started_at, s.id)
    ORDER BY e.started_at DESC, e.id DESC, b.id DESC LIMIT 1
  ) AS before -- what they said in an earlier session; empty: nothing
FROM self_ratings r JOIN sessions s ON s.id = r.session JOIN people p ON p.id = r.person
ORDER BY s.started_at DESC, r.id DESC;
"""
