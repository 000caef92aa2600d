-- What the security scan found, so that nothing is fetched or scanned twice. It
-- holds no secret and no text of any. All of it can be found again; a row goes 90
-- days after it was last used.

-- Of differences, whole.
CREATE TABLE scans (
  repo_id INTEGER NOT NULL,
  key     TEXT    NOT NULL, -- of the changed files' content and of what is looked for
  engine  TEXT    NOT NULL, -- version of the rules and of what applies them
  found   BLOB    NOT NULL, -- JSON, DEFLATE
  used    INTEGER NOT NULL,
  PRIMARY KEY (repo_id, key, engine)
) STRICT;
CREATE INDEX scans_used ON scans (used);

-- Of single commits.
CREATE TABLE commit_scans (
  repo_id INTEGER NOT NULL,
  sha     TEXT    NOT NULL,
  engine  TEXT    NOT NULL,
  found   BLOB,             -- JSON, DEFLATE; NULL when there is nothing to say
  used    INTEGER NOT NULL,
  PRIMARY KEY (repo_id, sha, engine)
) STRICT;
CREATE INDEX commit_scans_used ON commit_scans (used);

-- What GitHub last said of its own alerts. Rows go after a day.
CREATE TABLE alert_answers (
  repo_id INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  kind    TEXT    NOT NULL CHECK (kind IN ('code_scanning', 'dependencies', 'secret_scanning')),
  head    TEXT    NOT NULL, -- commit
  base    TEXT    NOT NULL, -- name of the base branch
  asked   INTEGER NOT NULL, -- our clock, before it was asked
  answer  BLOB    NOT NULL, -- JSON, DEFLATE
  PRIMARY KEY (repo_id, number, kind)
) STRICT;
CREATE INDEX alert_answers_asked ON alert_answers (asked);

-- When an event last told that a repository's alerts have changed (our clock):
-- answers from before it are of no use.
ALTER TABLE repos ADD COLUMN alerted INTEGER NOT NULL DEFAULT 0;

-- The label "Security Review Required": given by us, not taken away by us.
ALTER TABLE subjects ADD COLUMN reviewing INTEGER NOT NULL DEFAULT 0 CHECK (reviewing IN (0, 1));

-- Which label was put right; those so far were all of the first.
ALTER TABLE label_repairs ADD COLUMN label TEXT NOT NULL DEFAULT 'Merge Requirements Met';

-- What scanners of others found comes by the same way as coverage: the table of
-- sets holds both, told apart by the selection's key.
