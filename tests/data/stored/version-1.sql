BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'facilitator','m0001_tables','2026-11-24 00:23:31.837985+00:00');
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
INSERT INTO "cut_ins" VALUES(1,1,'intrusion',2,1,4150,NULL,1500);
INSERT INTO "cut_ins" VALUES(2,1,'attempt',2,1,4150,6150,NULL);
INSERT INTO "cut_ins" VALUES(3,1,'back-channel',2,1,2000,2300,NULL);
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
INSERT INTO "events" VALUES(1,1,'event','stage-started',0,'{"stage":"Turns","own_kind":"turns"}');
INSERT INTO "events" VALUES(1,2,'event','consented',1,'{"person":"Ben","heard":true}');
INSERT INTO "events" VALUES(1,3,'fact','enrolled',1,'{"person":"Ben"}');
INSERT INTO "events" VALUES(1,4,'event','floor-granted',2,'{"person":"Ana","round":1,"limit_ms":60000,"protected":true}');
INSERT INTO "events" VALUES(1,5,'action','say',3,'{"prompt":1,"prompt_kind":"your-turn","text":"Ana, your turn.","person":"Ana"}');
INSERT INTO "events" VALUES(1,6,'fact','prompt-started',5,'{"prompt":1,"start_ms":4}');
INSERT INTO "events" VALUES(1,7,'fact','prompt-ended',1000,'{"prompt":1,"start_ms":4,"end_ms":990,"how":"spoken"}');
INSERT INTO "events" VALUES(1,8,'event','turn-started',1200,'{"person":"Ana","start_ms":1000}');
INSERT INTO "events" VALUES(1,9,'event','spoke',4000,'{"start_ms":1000,"end_ms":4000,"people":["Ana"],"guest":false,"unknown":false,"confidence":1.0,"counted":true}');
INSERT INTO "events" VALUES(1,10,'event','spoke',5000,'{"start_ms":4150,"end_ms":6150,"people":["Ana","Ben"],"guest":false,"unknown":false,"confidence":1.0,"counted":true}');
INSERT INTO "events" VALUES(1,11,'event','spoke',6000,'{"start_ms":6150,"end_ms":6650,"people":[],"guest":true,"unknown":false,"confidence":1.0,"counted":true}');
INSERT INTO "events" VALUES(1,12,'event','spoke',6000,'{"start_ms":7000,"end_ms":7250,"people":[],"guest":false,"unknown":true,"confidence":1.0,"counted":true}');
INSERT INTO "events" VALUES(1,13,'event','spoke',6000,'{"start_ms":8000,"end_ms":9000,"people":["Ben"],"guest":false,"unknown":false,"confidence":1.0,"counted":false}');
INSERT INTO "events" VALUES(1,14,'event','intrusion',5500,'{"by":"Ben","over":"Ana","start_ms":4150,"lost_ms":1500}');
INSERT INTO "events" VALUES(1,15,'event','cut-in',6500,'{"own_kind":"attempt","by":"Ben","over":"Ana","start_ms":4150,"end_ms":6150}');
INSERT INTO "events" VALUES(1,16,'event','back-channel',6500,'{"by":"Ben","over":"Ana","start_ms":2000,"end_ms":2300}');
INSERT INTO "events" VALUES(1,17,'event','floor-extended',6600,'{"person":"Ana","added_ms":1500,"reason":"repaid"}');
INSERT INTO "events" VALUES(1,18,'event','floor-extended',6700,'{"person":"Ana","added_ms":30000,"reason":"asked"}');
INSERT INTO "events" VALUES(1,19,'event','turn-ended',7000,'{"person":"Ana","start_ms":1000,"end_ms":6150}');
INSERT INTO "events" VALUES(1,20,'event','floor-released',7000,'{"person":"Ana","reason":"done","start_ms":2,"used_ms":6900}');
INSERT INTO "events" VALUES(1,21,'event','prompt-dropped',7100,'{"prompt_kind":"invite","person":"Ben","why":"late"}');
INSERT INTO "events" VALUES(1,22,'event','stage-ended',7200,'{"stage":"Turns","own_kind":"turns"}');
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
INSERT INTO "floor" VALUES(1,1,1,1,1,2,7000,60000,30000,1500,6900,'done');
CREATE TABLE people (
  -- Everyone who ever had a seat. The same name in two sessions is taken to be the same person.
  id INTEGER PRIMARY KEY, -- number of the person
  name TEXT NOT NULL UNIQUE -- the name they go by
) STRICT;
INSERT INTO "people" VALUES(1,'Ana');
INSERT INTO "people" VALUES(2,'Ben');
INSERT INTO "people" VALUES(3,'Çetin 陳');
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
INSERT INTO "prompts" VALUES(1,1,1,'your-turn',1,'Ana, your turn.',3,4,990,'spoken');
INSERT INTO "prompts" VALUES(2,1,NULL,'invite',2,NULL,7100,NULL,NULL,'late');
CREATE TABLE seats (
  -- Who took part in which session.
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  person INTEGER NOT NULL REFERENCES people(id), -- the participant
  position INTEGER NOT NULL, -- place in the circle, from 1
  heard INTEGER NOT NULL DEFAULT 0 CHECK (heard IN (0, 1)), -- 1: agreed to be heard and is measured
  enrolled INTEGER NOT NULL DEFAULT 0 CHECK (enrolled IN (0, 1)), -- 1: there was a voiceprint to know them by
  PRIMARY KEY (session, person)
) STRICT;
INSERT INTO "seats" VALUES(1,1,1,0,0);
INSERT INTO "seats" VALUES(1,2,2,1,1);
INSERT INTO "seats" VALUES(1,3,3,0,0);
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
INSERT INTO "sessions" VALUES(1,'0123456789abcdef0123456789abcdef','2026-01-02T03:04:05Z',NULL,NULL,'Round-robin','en','{"people":["Ana","Ben","Çetin 陳"],"format":{"name":"Round-robin","stage":[{"kind":"turns","minutes":5}]},"language":{"code":"en"},"enrolled":["Ana"],"listening":true,"hears_itself":true}',7200,NULL,NULL,NULL);
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
INSERT INTO "speech" VALUES(1,1,'person',1,1000,4000,0,1.0,1);
INSERT INTO "speech" VALUES(2,1,'person',1,4150,6150,150,1.0,1);
INSERT INTO "speech" VALUES(3,1,'person',2,4150,6150,0,1.0,1);
INSERT INTO "speech" VALUES(4,1,'guest',NULL,6150,6650,0,1.0,1);
INSERT INTO "speech" VALUES(5,1,'unknown',NULL,7000,7250,0,1.0,1);
INSERT INTO "speech" VALUES(6,1,'person',2,8000,9000,0,1.0,0);
CREATE TABLE stages (
  -- The parts of the session, in order: opening circle, rounds, closing.
  id INTEGER PRIMARY KEY, -- number of the row
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  stage TEXT NOT NULL, -- its name in the format
  kind TEXT NOT NULL, -- what kind of stage it is
  start_ms INTEGER NOT NULL, -- first millisecond
  end_ms INTEGER -- first millisecond after it; empty while it lasts
) STRICT;
INSERT INTO "stages" VALUES(1,1,'Turns','turns',0,7200);
CREATE TABLE turns (
  -- A run of one person's utterances that nobody else's turn breaks.
  id INTEGER PRIMARY KEY, -- number of the row
  session INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, -- the session
  person INTEGER NOT NULL REFERENCES people(id), -- whose turn
  start_ms INTEGER NOT NULL, -- first millisecond
  end_ms INTEGER -- first millisecond after it; empty while it lasts
) STRICT;
INSERT INTO "turns" VALUES(1,1,1,1000,6150);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX speech_by_end ON speech (session, end_ms, start_ms);
CREATE INDEX speech_by_person ON speech (session, person, counted, end_ms, start_ms, pause_ms);
CREATE INDEX turns_by_person ON turns (session, person, start_ms);
CREATE INDEX cut_ins_by_person ON cut_ins (session, by_person);
CREATE INDEX floor_by_start ON floor (session, start_ms);
CREATE INDEX stages_by_start ON stages (session, start_ms);
CREATE INDEX prompts_by_number ON prompts (session, prompt);
COMMIT;
