"""The table of groups, and whose people and sessions are; part of `migrations.py`."""

from __future__ import annotations

GROUPS = """
CREATE TABLE groups (
  -- Those who belong together, such as a class. People are the same person where they have the same name in one group.
  id INTEGER PRIMARY KEY, -- number of the group
  name TEXT NOT NULL UNIQUE -- what it is called
) STRICT;

ALTER TABLE sessions ADD COLUMN group_id INTEGER -- the group that held it; empty: no group was named
  REFERENCES groups(id);

CREATE TABLE people_by_group (
  -- Everyone who ever had a seat. The same name in two sessions of one group is taken to be the same person.
  id INTEGER PRIMARY KEY, -- number of the person
  name TEXT NOT NULL, -- the name they go by
  group_id INTEGER REFERENCES groups(id) -- the group in which they do; empty: no group was named
) STRICT;
INSERT INTO people_by_group (id, name) SELECT id, name FROM people;
DROP TABLE people;
ALTER TABLE people_by_group RENAME TO people;
CREATE UNIQUE INDEX people_by_name ON people (name, coalesce(group_id, 0));

DROP VIEW v_sessions;
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
  coalesce((SELECT name FROM groups WHERE id = s.group_id), '') AS group_name, -- their group; empty: none was named
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
"""
"""A table that others point to is made anew; see `bring_up_to_date` for what has to be switched off meanwhile."""
