"""What the database looks like, and how an older one becomes today's.

Each migration is a named function that is never changed again once released; a new one is added below it.
The comments inside the SQL stay in the file itself, so that `.schema` and Datasette show them, and
`describe_schema` turns them into docs/schema.md.
"""

from __future__ import annotations

from facilitator.store.schema.agreements import AGREEMENTS, COOLING_RULES, DECIDERS, IDEAS, RECURRENCES
from facilitator.store.schema.corrections import CORRECTIONS
from facilitator.store.schema.groups import GROUPS
from facilitator.store.schema.merging import MERGING
from facilitator.store.schema.people import PEOPLE, PRESENCE, VOICEPRINTS
from facilitator.store.schema.self_ratings import SELF_RATINGS, VIEWS_TO_READ
from facilitator.store.schema.thinning import THINNING
from facilitator.store.sqlite import Database, Migrations

MIGRATIONS = Migrations("facilitator")

_TABLES = """
CREATE TABLE sessions (
  -- One discussion.
  id INTEGER PRIMARY KEY, -- the number that `facilitator review` and `replay` take
  uid TEXT NOT NULL UNIQUE, -- random, the same in every copy of this session
  started_at TEXT NOT NULL, -- ISO 8601, UTC
  ended_at TEXT, -- ISO 8601, UTC; empty while it runs, or when it broke off
  reason TEXT, -- why it ended
  format TEXT NOT NULL, -- name of the discussion format
  language TEXT NOT NULL, -- code of the language spoken by the facilitator
  setup TEXT NOT NULL, -- JSON: all that the session began with; enough to replay it
  last_ms INTEGER NOT NULL DEFAULT 0, -- session time up to which it is stored
  host TEXT, -- computer that writes it; empty when nobody does
  pid INTEGER, -- process that writes it; empty when nobody does
  process TEXT -- tells that process from a later one with the same number, where the system can
) STRICT;

CREATE TABLE people (
  -- Everyone who ever had a seat. The same name in two sessions is taken to be the same person.
  id INTEGER PRIMARY KEY, -- number of the person
  name TEXT NOT NULL UNIQUE -- the name they go by
) STRICT;

CREATE TABLE seats (
  -- Who took part in which session.
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  person INTEGER NOT NULL REFERENCES people(id), -- the participant
  position INTEGER NOT NULL, -- place in the circle, from 1
  heard INTEGER NOT NULL DEFAULT 0 CHECK (heard IN (0, 1)), -- 1: agreed to be heard and is measured
  enrolled INTEGER NOT NULL DEFAULT 0 CHECK (enrolled IN (0, 1)), -- 1: there was a voiceprint to know them by
  PRIMARY KEY (session, person)
) STRICT;

CREATE TABLE speech (
  -- Who spoke when, as last believed: one row a voice and stretch. Two people at once are two rows.
  id INTEGER PRIMARY KEY, -- number of the row
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  voice TEXT NOT NULL, -- person, guest, or unknown: speech that could be anyone's
  person INTEGER REFERENCES people(id), -- who; empty for a guest and for unknown
  start_ms INTEGER NOT NULL, -- first millisecond, on the session clock
  end_ms INTEGER NOT NULL, -- first millisecond after it
  pause_ms INTEGER NOT NULL DEFAULT 0, -- pause before it that belongs to airtime: under 0.2 s, counted speech around it
  confidence REAL NOT NULL, -- probability, 0 to 1, that this is right
  counted INTEGER NOT NULL CHECK (counted IN (0, 1)), -- 0: belongs to no airtime (opening circle, pause)
  CHECK (voice IN ('person', 'guest', 'unknown')),
  CHECK (end_ms > start_ms),
  CHECK ((voice = 'person') = (person IS NOT NULL))
) STRICT;
CREATE INDEX speech_by_end ON speech (session, end_ms, start_ms);
CREATE INDEX speech_by_person ON speech (session, person, counted, end_ms, start_ms, pause_ms);

CREATE TABLE turns (
  -- A run of one person's utterances that nobody else's turn breaks.
  id INTEGER PRIMARY KEY, -- number of the row
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  person INTEGER NOT NULL REFERENCES people(id), -- whose turn
  start_ms INTEGER NOT NULL, -- first millisecond
  end_ms INTEGER -- first millisecond after it; empty while it lasts
) STRICT;
CREATE INDEX turns_by_person ON turns (session, person, start_ms);

CREATE TABLE cut_ins (
  -- Someone began while another one spoke (rule R of the measurements; from timestamps only).
  id INTEGER PRIMARY KEY, -- number of the row
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  kind TEXT NOT NULL, -- by rule R: cut-in, attempt or back-channel; on a protected turn: intrusion
  by_person INTEGER NOT NULL REFERENCES people(id), -- who began
  over_person INTEGER NOT NULL REFERENCES people(id), -- who was speaking, or had the floor
  start_ms INTEGER NOT NULL, -- when `by_person` began
  end_ms INTEGER, -- when the two no longer spoke at once; empty for an intrusion
  lost_ms INTEGER, -- floor time that was given back; empty for all but an intrusion
  CHECK (kind IN ('cut-in', 'attempt', 'back-channel', 'intrusion'))
) STRICT;
CREATE INDEX cut_ins_by_person ON cut_ins (session, by_person);

CREATE TABLE floor (
  -- Who had the floor, from being handed it to letting go of it.
  id INTEGER PRIMARY KEY, -- number of the row
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  person INTEGER NOT NULL REFERENCES people(id), -- who had it
  round INTEGER NOT NULL, -- of the round-robin, from 1
  protected INTEGER NOT NULL CHECK (protected IN (0, 1)), -- 1: nobody else should speak meanwhile
  start_ms INTEGER NOT NULL, -- when it was granted
  end_ms INTEGER, -- when it was released; empty while held
  limit_ms INTEGER, -- time granted at first; empty: no limit
  extended_ms INTEGER NOT NULL DEFAULT 0, -- added because it was asked for
  repaid_ms INTEGER NOT NULL DEFAULT 0, -- added because a cut-in had taken it
  used_ms INTEGER, -- time used, pauses left out
  reason TEXT -- why it ended: done, passed, time, silence or finish
) STRICT;
CREATE INDEX floor_by_start ON floor (session, start_ms);

CREATE TABLE stages (
  -- The parts of the session, in order: opening circle, rounds, closing.
  id INTEGER PRIMARY KEY, -- number of the row
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  stage TEXT NOT NULL, -- its name in the format
  kind TEXT NOT NULL, -- what kind of stage it is
  start_ms INTEGER NOT NULL, -- first millisecond
  end_ms INTEGER -- first millisecond after it; empty while it lasts
) STRICT;
CREATE INDEX stages_by_start ON stages (session, start_ms);

CREATE TABLE prompts (
  -- What the facilitator said, or would have said had there been a moment.
  id INTEGER PRIMARY KEY, -- number of the row
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  prompt INTEGER, -- counts up from 1; empty for one that was dropped
  kind TEXT NOT NULL, -- key of the phrase in the language file
  person INTEGER REFERENCES people(id), -- whom it is about, if anyone
  text TEXT, -- the words; empty for one that was dropped
  asked_ms INTEGER NOT NULL, -- when it was decided
  start_ms INTEGER, -- first sample played
  end_ms INTEGER, -- last sample played
  how TEXT -- spoken, shown, hushed, failed, or dropped: late, quiet, superseded
) STRICT;
CREATE INDEX prompts_by_number ON prompts (session, prompt);

CREATE TABLE events (
  -- Everything, in order: facts that came in, events concluded from them, actions that followed.
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  seq INTEGER NOT NULL, -- place in the order, from 1
  role TEXT NOT NULL, -- fact, event or action
  kind TEXT NOT NULL, -- for example heard, floor-granted, say
  at_ms INTEGER NOT NULL, -- when it became known
  body TEXT NOT NULL, -- JSON: its other fields
  CHECK (role IN ('fact', 'event', 'action')),
  PRIMARY KEY (session, seq)
) STRICT;
"""

_VIEWS = """
CREATE VIEW v_speech AS
  -- The table `speech` with names and lengths.
SELECT
  s.id AS id, -- number of the row in `speech`
  s.session AS session, -- number of the session
  s.voice AS voice, -- person, guest, or unknown: speech that could be anyone's
  s.person AS person, -- number of the person; empty for a guest and for unknown
  p.name AS name, -- their name
  s.start_ms AS start_ms, -- first millisecond, on the session clock
  s.end_ms AS end_ms, -- first millisecond after it
  s.end_ms - s.start_ms + s.pause_ms AS ms, -- its length, with the short pause before it if there is one
  s.confidence AS confidence, -- probability, 0 to 1, that this is right
  s.counted AS counted -- 0: belongs to no airtime (opening circle, pause)
FROM speech s LEFT JOIN people p ON p.id = s.person;

CREATE VIEW v_sessions AS
  -- One line a session. Only counted speech; times in seconds or minutes.
SELECT
  s.id AS session, -- number of the session
  s.started_at AS started_at, -- ISO 8601, UTC
  s.ended_at AS ended_at, -- ISO 8601, UTC; empty while it runs, or when it broke off
  s.reason AS reason, -- why it ended
  s.format AS format, -- name of the discussion format
  (SELECT group_concat(name, ', ') FROM (
     SELECT p.name FROM seats t JOIN people p ON p.id = t.person WHERE t.session = s.id ORDER BY t.position
   )) AS people, -- names in the order of the circle
  round(s.last_ms / 60000.0, 1) AS minutes, -- how long it lasted
  (SELECT round(coalesce(sum(ms), 0) / 1000.0, 3) FROM v_speech
    WHERE session = s.id AND counted = 1 AND person IS NOT NULL) AS airtime_s, -- everyone's airtime, added up
  (SELECT round(coalesce(sum(ms), 0) / 1000.0, 3) FROM v_speech
    WHERE session = s.id AND counted = 1 AND person IS NULL AND voice = 'guest')
    AS guest_s, -- speech of voices that are not participants'
  (SELECT round(coalesce(sum(ms), 0) / 1000.0, 3) FROM v_speech
    WHERE session = s.id AND counted = 1 AND person IS NULL AND voice = 'unknown')
    AS unattributed_s, -- speech that could be anyone's
  (SELECT count(*) FROM turns WHERE session = s.id) AS turns, -- turns taken
  (SELECT count(*) FROM cut_ins WHERE session = s.id AND kind = 'cut-in') AS cut_ins, -- cut-ins, attempts left out
  (SELECT count(*) FROM prompts WHERE session = s.id AND how = 'spoken') AS prompts_spoken -- what the facilitator said
FROM sessions s;

CREATE VIEW v_airtime AS
  -- One line a participant and session. Silent participants are there, with zeros.
SELECT
  t.session AS session, -- number of the session
  s.started_at AS started_at, -- ISO 8601, UTC
  p.name AS person, -- the participant
  t.position AS position, -- place in the circle, from 1
  t.heard AS heard, -- 1: agreed to be heard and is measured
  round(t.ms / 1000.0, 3) AS airtime_s, -- seconds of counted speech; overlapped speech counts for each
  round(coalesce(1.0 * t.ms / nullif(sum(t.ms) OVER (PARTITION BY t.session), 0), 0), 4)
    AS share, -- airtime over the sum of all participants' airtime, 0 to 1
  (SELECT count(*) FROM turns n WHERE n.session = t.session AND n.person = t.person) AS turns, -- turns taken
  (SELECT round(coalesce(max(n.end_ms - n.start_ms), 0) / 1000.0, 3) FROM turns n
    WHERE n.session = t.session AND n.person = t.person) AS longest_turn_s, -- seconds from its first word to its last
  (SELECT count(*) FROM cut_ins c WHERE c.session = t.session AND c.kind = 'cut-in' AND c.by_person = t.person)
    AS cut_ins_made, -- cut-ins, attempts left out
  (SELECT count(*) FROM cut_ins c WHERE c.session = t.session AND c.kind = 'cut-in' AND c.over_person = t.person)
    AS cut_ins_received -- cut-ins, attempts left out
FROM (
  SELECT seats.*, coalesce((
    SELECT sum(k.ms) FROM v_speech k WHERE k.session = seats.session AND k.person = seats.person AND k.counted = 1
  ), 0) AS ms FROM seats
) t
JOIN sessions s ON s.id = t.session
JOIN people p ON p.id = t.person;

CREATE VIEW v_cut_ins AS
  -- One line a session and pair of participants between whom there was any.
SELECT
  c.session AS session, -- number of the session
  b.name AS by_person, -- who began
  o.name AS over_person, -- who was speaking, or had the floor
  sum(c.kind = 'cut-in') AS cut_ins, -- went on at least 1 s after the other had stopped
  sum(c.kind = 'attempt') AS attempts, -- gave up before that
  sum(c.kind = 'back-channel') AS back_channels, -- "mhm", "yes": short, over before the other stopped
  sum(c.kind = 'intrusion') AS intrusions, -- on a protected turn
  round(sum(coalesce(c.lost_ms, 0)) / 1000.0, 3) AS given_back_s -- floor time given back
FROM cut_ins c
JOIN people b ON b.id = c.by_person
JOIN people o ON o.id = c.over_person
GROUP BY c.session, c.by_person, c.over_person;
"""


@MIGRATIONS()
def m0001_tables(db: Database) -> None:
    db.executescript(_TABLES)


@MIGRATIONS()
def m0002_views(db: Database) -> None:
    db.executescript(_VIEWS)


@MIGRATIONS()
def m0003_agreements(db: Database) -> None:
    db.executescript(AGREEMENTS)


@MIGRATIONS()
def m0005_people(db: Database) -> None:
    db.executescript(PEOPLE)


@MIGRATIONS()
def m0006_corrections(db: Database) -> None:
    db.executescript(CORRECTIONS)


@MIGRATIONS()
def m0008_self_ratings(db: Database) -> None:
    db.executescript(SELF_RATINGS)


@MIGRATIONS()
def m0009_views_to_read(db: Database) -> None:
    db.executescript(VIEWS_TO_READ)


@MIGRATIONS()
def m0010_voiceprints(db: Database) -> None:
    db.executescript(VOICEPRINTS)


@MIGRATIONS()
def m0011_presence(db: Database) -> None:
    db.executescript(PRESENCE)


@MIGRATIONS()
def m0012_recurrences(db: Database) -> None:
    db.executescript(RECURRENCES)


@MIGRATIONS()
def m0013_groups(db: Database) -> None:
    db.executescript(GROUPS)


@MIGRATIONS()
def m0014_thinning(db: Database) -> None:
    db.executescript(THINNING)


@MIGRATIONS()
def m0015_ideas(db: Database) -> None:
    db.executescript(IDEAS)


@MIGRATIONS()
def m0016_cooling_rules(db: Database) -> None:
    db.executescript(COOLING_RULES)


@MIGRATIONS()
def m0017_merging(db: Database) -> None:
    db.executescript(MERGING)


@MIGRATIONS()
def m0018_deciders(db: Database) -> None:
    db.executescript(DECIDERS)


def known() -> set[str]:
    """Names of all the migrations that this version of the program knows."""
    return {step.name for step in MIGRATIONS.pending(Database(memory=True, execute_plugins=False))}


def applied(db: Database) -> set[str]:
    """Names of the migrations that this database has been through."""
    return {step.name for step in MIGRATIONS.applied(db)}
