"""The table of how fair things feel to people, and views for people to read; part of `migrations.py`."""

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

VIEWS_TO_READ = """
DROP VIEW v_sessions;
DROP VIEW v_cut_ins;
DROP VIEW v_ratings;
DROP VIEW v_agreements;
DROP VIEW v_airtime;

CREATE VIEW v_sessions AS
  -- One line a session. Only counted speech; times in seconds or minutes.
SELECT
  s.id AS session, -- number of the session
  date(s.started_at, coalesce(json_extract(s.setup, '$.utc_offset_minutes'), 0) || ' minutes')
    AS day, -- on which it began, as it was at the table, ISO 8601
  strftime('%H:%M', s.started_at, coalesce(json_extract(s.setup, '$.utc_offset_minutes'), 0) || ' minutes')
    AS time, -- at which it began, as the clocks at the table showed it
  s.format AS format, -- name of the discussion format
  (SELECT group_concat(name, ', ') FROM (
     SELECT p.name FROM seats t JOIN people p ON p.id = t.person WHERE t.session = s.id ORDER BY t.position
   )) AS people, -- names in the order of the circle
  round(s.last_ms / 60000.0, 1) AS minutes, -- how long it lasted
  (SELECT count(*) FROM turns WHERE session = s.id) AS turns, -- turns taken
  (SELECT count(*) FROM cut_ins WHERE session = s.id AND kind = 'cut-in') AS cut_ins, -- cut-ins, attempts left out
  (SELECT count(*) FROM agreements WHERE session = s.id) AS agreements, -- agreed on in it
  (SELECT round(coalesce(sum(ms), 0) / 1000.0, 3) FROM v_speech
    WHERE session = s.id AND counted = 1 AND person IS NOT NULL) AS airtime_s, -- everyone's airtime, added up
  (SELECT round(coalesce(sum(ms), 0) / 1000.0, 3) FROM v_speech
    WHERE session = s.id AND counted = 1 AND person IS NULL AND voice = 'guest')
    AS guest_s, -- speech of voices that are not participants'
  (SELECT round(coalesce(sum(ms), 0) / 1000.0, 3) FROM v_speech
    WHERE session = s.id AND counted = 1 AND person IS NULL AND voice = 'unknown')
    AS unattributed_s, -- speech that could be anyone's
  (SELECT count(*) FROM prompts WHERE session = s.id AND how = 'spoken') AS prompts_spoken, -- what the facilitator said
  s.reason AS reason, -- why it ended
  s.started_at AS started_at, -- ISO 8601, UTC
  s.ended_at AS ended_at -- ISO 8601, UTC; empty while it runs, or when it broke off
FROM sessions s;

CREATE VIEW v_airtime AS
  -- One line a participant and session. Silent participants are there, with zeros.
SELECT
  t.session AS session, -- number of the session
  date(s.started_at, coalesce(json_extract(s.setup, '$.utc_offset_minutes'), 0) || ' minutes')
    AS day, -- of the session, as it was at the table, ISO 8601
  s.format AS format, -- name of the discussion format
  p.name AS person, -- the participant
  (SELECT round(coalesce(sum(k.ms), 0) / 1000.0, 3) FROM v_speech k
    WHERE k.session = t.session AND k.person = t.person AND k.counted = 1)
    AS airtime_s, -- seconds of counted speech; overlapped speech counts for each
  (SELECT round(coalesce(1.0 * sum(k.ms) FILTER (WHERE k.person = t.person) / nullif(sum(k.ms), 0), 0), 4)
    FROM v_speech k WHERE k.session = t.session AND k.counted = 1 AND k.person IS NOT NULL)
    AS share, -- airtime over the sum of all participants' airtime, 0 to 1
  (SELECT count(*) FROM turns n WHERE n.session = t.session AND n.person = t.person) AS turns, -- turns taken
  (SELECT round(coalesce(max(n.end_ms - n.start_ms), 0) / 1000.0, 3) FROM turns n
    WHERE n.session = t.session AND n.person = t.person) AS longest_turn_s, -- seconds from its first word to its last
  (SELECT count(*) FROM cut_ins c WHERE c.session = t.session AND c.kind = 'cut-in' AND c.by_person = t.person)
    AS cut_ins_made, -- cut-ins, attempts left out
  (SELECT count(*) FROM cut_ins c WHERE c.session = t.session AND c.kind = 'cut-in' AND c.over_person = t.person)
    AS cut_ins_received, -- cut-ins, attempts left out
  t.position AS position, -- place in the circle, from 1
  t.heard AS heard, -- 1: agreed to be heard and is measured
  s.started_at AS started_at -- ISO 8601, UTC
FROM seats t JOIN sessions s ON s.id = t.session JOIN people p ON p.id = t.person;

CREATE VIEW v_cut_ins AS
  -- One line a session and pair of participants between whom there was any.
SELECT
  c.session AS session, -- number of the session
  (SELECT date(s.started_at, coalesce(json_extract(s.setup, '$.utc_offset_minutes'), 0) || ' minutes')
    FROM sessions s WHERE s.id = c.session) AS day, -- of the session, as it was at the table, ISO 8601
  b.name AS by_person, -- who began
  o.name AS over_person, -- who was speaking, or had the floor
  c.cut_ins AS cut_ins, -- went on at least 1 s after the other had stopped
  (SELECT round(c.cut_ins * 3600000.0 / nullif(sum(k.ms), 0), 1) FROM v_speech k
    WHERE k.session = c.session AND k.person = c.over_person AND k.counted = 1)
    AS cut_ins_an_hour, -- of the other's talk
  c.attempts AS attempts, -- gave up before that
  c.back_channels AS back_channels, -- "mhm", "yes": short, over before the other stopped
  c.intrusions AS intrusions, -- on a protected turn
  round(c.lost_ms / 1000.0, 3) AS given_back_s -- floor time given back
FROM (
  SELECT session, by_person, over_person, sum(kind = 'cut-in') AS cut_ins, sum(kind = 'attempt') AS attempts,
    sum(kind = 'back-channel') AS back_channels, sum(kind = 'intrusion') AS intrusions,
    sum(coalesce(lost_ms, 0)) AS lost_ms
  FROM cut_ins GROUP BY session, by_person, over_person
) c
JOIN people b ON b.id = c.by_person
JOIN people o ON o.id = c.over_person;

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
FROM agreements a LEFT JOIN people p ON p.id = a.owner ORDER BY a.id DESC;

CREATE VIEW v_ratings AS
  -- The numbers that people gave themselves, and what was measured where that can be.
SELECT
  r.session AS session, -- number of the session
  date(s.started_at, coalesce(json_extract(s.setup, '$.utc_offset_minutes'), 0) || ' minutes')
    AS day, -- of the session, as it was at the table, ISO 8601
  p.name AS person, -- who
  r.what AS what, -- arriving or leaving: how they feel, 1 to 5; share: their guess at their own share, in percent
  r.value AS value, -- the number
  CASE r.what WHEN 'share' THEN (
    SELECT CAST(round(100.0 * sum(k.ms) FILTER (WHERE k.person = r.person) / nullif(sum(k.ms), 0)) AS INTEGER)
    FROM v_speech k WHERE k.session = r.session AND k.counted = 1 AND k.person IS NOT NULL
  ) END AS measured, -- of a guess at a share: what was measured, in percent
  s.started_at AS started_at -- ISO 8601, UTC
FROM ratings r JOIN sessions s ON s.id = r.session JOIN people p ON p.id = r.person;

CREATE VIEW v_self_ratings AS
  -- How fair it feels to people how something is shared, the latest first, beside what they said the time before.
SELECT
  r.session AS session, -- number of the session
  date(s.started_at, coalesce(json_extract(s.setup, '$.utc_offset_minutes'), 0) || ' minutes')
    AS day, -- of the session, as it was at the table, ISO 8601
  r.indicator AS indicator, -- what is shared: chores, money, decisions, care, or in the group's own words
  p.name AS person, -- who
  r.value AS value, -- 1, not at all fair, to 5, entirely fair
  (SELECT b.value FROM self_ratings b WHERE b.person = r.person AND b.indicator = r.indicator AND b.session < r.session
    ORDER BY b.id DESC LIMIT 1) AS before -- what they said in an earlier session; empty: nothing
FROM self_ratings r JOIN sessions s ON s.id = r.session JOIN people p ON p.id = r.person ORDER BY r.id DESC;
"""
"""Days as they were at the table; what is read first stands first. A view that is sorted would be worked out as a whole
each time its lines are only counted, as Datasette does: so none with many lines is."""
