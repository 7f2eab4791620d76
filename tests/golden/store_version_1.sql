-- A store as its first version was: two samples, and an attempt that its process left open.
PRAGMA application_id = 1801679478;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    request INTEGER NOT NULL REFERENCES requests (id),
    sample INTEGER NOT NULL,
    number INTEGER NOT NULL,
    session TEXT NOT NULL REFERENCES sessions (id),
    seed INTEGER,
    sent REAL NOT NULL,
    UNIQUE (request, sample, number)
) STRICT;
INSERT INTO "attempts" VALUES(1,1,0,1,'00000000000000000000000000000000',0,1.79540692708234095572e+09);
INSERT INTO "attempts" VALUES(2,1,1,1,'00000000000000000000000000000000',1,1.79540692708245825772e+09);
INSERT INTO "attempts" VALUES(3,1,2,1,'00000000000000000000000000000000',2,1.79540692708249878884e+09);
CREATE TABLE links (
    run INTEGER NOT NULL REFERENCES runs (id),
    question INTEGER NOT NULL REFERENCES questions (id),
    role TEXT NOT NULL,
    candidate INTEGER NOT NULL,
    stride INTEGER NOT NULL,
    request INTEGER NOT NULL REFERENCES requests (id),
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    PRIMARY KEY (run, question, role, candidate, stride, request, start, stop)
) STRICT, WITHOUT ROWID;
CREATE TABLE outcomes (
    attempt INTEGER PRIMARY KEY REFERENCES attempts (id),
    kind TEXT NOT NULL,
    message TEXT,
    http_status INTEGER,
    final INTEGER NOT NULL,
    ended REAL NOT NULL
) STRICT;
INSERT INTO "outcomes" VALUES(1,'ok',NULL,NULL,1,1.79540692708242940901e+09);
INSERT INTO "outcomes" VALUES(2,'ok',NULL,NULL,1,1.79540692708248090744e+09);
CREATE TABLE questions (
    id INTEGER PRIMARY KEY,
    content BLOB NOT NULL UNIQUE
) STRICT;
CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    canonical BLOB NOT NULL
) STRICT;
INSERT INTO "requests" VALUES(1,X'8499FF87E5B2D596F58B1BAC487175BDB45A1DDAA0442470910F514BF9F2BA22',X'7B22656E64706F696E74223A22636F6D706C6574696F6E73222C226D6F64656C223A22736D616C6C222C22706172616D6574657273223A7B2274656D7065726174757265223A312E307D2C2270726F6D7074223A2232202B2032203D222C227265766973696F6E223A22227D');
CREATE TABLE responses (
    key BLOB NOT NULL UNIQUE,
    request INTEGER NOT NULL REFERENCES requests (id),
    sample INTEGER NOT NULL,
    attempt INTEGER NOT NULL UNIQUE REFERENCES attempts (id),
    status TEXT NOT NULL,
    text TEXT,
    finish_reason TEXT,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    reasoning_tokens INTEGER,
    cached_tokens INTEGER,
    cost REAL,
    latency REAL,
    seed INTEGER,
    attempts INTEGER NOT NULL,
    logprobs BLOB,
    body BLOB,
    UNIQUE (request, sample)
) STRICT;
INSERT INTO "responses" VALUES(X'8894C269EE3FC42CA2EEB647815A29DE83762ED7B659FB3692F8DA13667FBBF4',1,0,1,'ok','4',NULL,7,3,NULL,NULL,0.25,0.5,0,1,NULL,X'7B7D');
INSERT INTO "responses" VALUES(X'A2AEBEA9164A3E92440B335011293B0E2317173838742E878DF3B92AE5A6A725',1,1,2,'ok','5',NULL,7,3,NULL,NULL,0.25,0.5,1,1,NULL,X'7B7D');
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    description BLOB NOT NULL UNIQUE,
    began REAL NOT NULL
) STRICT;
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    process INTEGER NOT NULL,
    began REAL NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "sessions" VALUES('00000000000000000000000000000000',22173,1.7954069270820653438e+09);
CREATE TRIGGER sessions_keep_on_update BEFORE UPDATE ON sessions BEGIN SELECT RAISE(ABORT, 'a store is append-only'); END;
CREATE TRIGGER sessions_keep_on_delete BEFORE DELETE ON sessions BEGIN SELECT RAISE(ABORT, 'a store is append-only'); END;
CREATE TRIGGER requests_keep_on_update BEFORE UPDATE ON requests BEGIN SELECT RAISE(ABORT, 'a store is append-only'); END;
CREATE TRIGGER requests_keep_on_delete BEFORE DELETE ON requests BEGIN SELECT RAISE(ABORT, 'a store is append-only'); END;
CREATE TRIGGER attempts_keep_on_update BEFORE UPDATE ON attempts BEGIN SELECT RAISE(ABORT, 'a store is append-only'); END;
CREATE TRIGGER attempts_keep_on_delete BEFORE DELETE ON attempts BEGIN SELECT RAISE(ABORT, 'a store is append-only'); END;
CREATE TRIGGER outcomes_keep_on_update BEFORE UPDATE ON outcomes BEGIN SELECT RAISE(ABORT, 'a store is append-only'); END;
CREATE TRIGGER outcomes_keep_on_delete BEFORE DELETE ON outcomes BEGIN SELECT RAISE(ABORT, 'a store is append-only'); END;
CREATE TRIGGER responses_keep_on_update BEFORE UPDATE ON responses BEGIN SELECT RAISE(ABORT, 'a store is append-only'); END;
CREATE TRIGGER responses_keep_on_delete BEFORE DELETE ON responses BEGIN SELECT RAISE(ABORT, 'a store is append-only'); END;
CREATE TRIGGER runs_keep_on_update BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'a store is append-only'); END;
CREATE TRIGGER runs_keep_on_delete BEFORE DELETE ON runs BEGIN SELECT RAISE(ABORT, 'a store is append-only'); END;
CREATE TRIGGER questions_keep_on_update BEFORE UPDATE ON questions BEGIN SELECT RAISE(ABORT, 'a store is append-only'); END;
CREATE TRIGGER questions_keep_on_delete BEFORE DELETE ON questions BEGIN SELECT RAISE(ABORT, 'a store is append-only'); END;
CREATE TRIGGER links_keep_on_update BEFORE UPDATE ON links BEGIN SELECT RAISE(ABORT, 'a store is append-only'); END;
CREATE TRIGGER links_keep_on_delete BEFORE DELETE ON links BEGIN SELECT RAISE(ABORT, 'a store is append-only'); END;
COMMIT;
