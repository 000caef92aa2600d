-- What GitHub forgets.

-- The heads that a pull request had. Times are GitHub's clock.
CREATE TABLE heads (
  id       INTEGER NOT NULL PRIMARY KEY,
  repo_id  INTEGER NOT NULL,
  number   INTEGER NOT NULL,
  sha      TEXT    NOT NULL,
  before   TEXT    NOT NULL DEFAULT '', -- the head until then, where an event said so
  earliest INTEGER NOT NULL,            -- it was not the head before this moment
  since    INTEGER NOT NULL,            -- it certainly was from this moment
  sender   TEXT    NOT NULL DEFAULT '',
  sender_id INTEGER NOT NULL DEFAULT 0, -- the account, which keeps its number when it is renamed; 0 when not told
  bot      INTEGER NOT NULL DEFAULT 0 CHECK (bot IN (0, 1)),
  seen_by  TEXT    NOT NULL CHECK (seen_by IN ('event', 'reading')),
  FOREIGN KEY (repo_id, number) REFERENCES subjects (repo_id, number)
) STRICT;
CREATE INDEX heads_subject ON heads (repo_id, number, since, id);

-- Comments and reviews as they were first seen.
CREATE TABLE seen (
  repo_id    INTEGER NOT NULL,
  number     INTEGER NOT NULL,
  key        TEXT    NOT NULL CHECK (key LIKE 'comment/%' OR key LIKE 'review/%'),
  text       TEXT    NOT NULL,
  text_by    TEXT    NOT NULL CHECK (text_by IN ('event', 'reading')),
  created    INTEGER NOT NULL DEFAULT 0, -- GitHub's clock
  head       TEXT    NOT NULL DEFAULT '', -- the reviewed commit, of a review
  base       TEXT    NOT NULL DEFAULT '',
  permission TEXT    NOT NULL DEFAULT '',
  read       INTEGER NOT NULL DEFAULT 0 CHECK (read IN (0, 1)), -- seen by a reading too
  edited     INTEGER NOT NULL DEFAULT 0 CHECK (edited IN (0, 1)),
  deleted    INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
  PRIMARY KEY (repo_id, number, key),
  FOREIGN KEY (repo_id, number) REFERENCES subjects (repo_id, number)
) STRICT;

-- The difference base...sha of a pull request as it was first read whole.
CREATE TABLE changes (
  repo_id INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  sha     TEXT    NOT NULL,
  base    TEXT    NOT NULL, -- name of the base branch
  whole   INTEGER NOT NULL CHECK (whole IN (0, 1)),
  files   BLOB    NOT NULL, -- JSON, DEFLATE
  PRIMARY KEY (repo_id, number, sha, base),
  FOREIGN KEY (repo_id, number) REFERENCES subjects (repo_id, number)
) STRICT;

-- The label put right after somebody else had changed it. GitHub's clock.
CREATE TABLE label_repairs (
  repo_id INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  at      INTEGER NOT NULL
) STRICT;
CREATE INDEX label_repairs_subject ON label_repairs (repo_id, number, at);

-- Requests, by button, to make check-runs anew.
CREATE TABLE reruns (
  id      INTEGER NOT NULL PRIMARY KEY,
  repo_id INTEGER NOT NULL,
  head    TEXT    NOT NULL,
  run     INTEGER NOT NULL, -- GitHub's id of the run; 0 for all of ours
  at      INTEGER NOT NULL, -- GitHub's clock
  verdict INTEGER NOT NULL DEFAULT 0, -- seq of the plan that answers it
  served  INTEGER NOT NULL DEFAULT 0 CHECK (served IN (0, 1))
) STRICT;
CREATE INDEX reruns_head ON reruns (repo_id, head) WHERE served = 0;

-- Answers of GitHub's that never change: the files between two commits, and
-- the modes of files at one.
CREATE TABLE file_cache (
  repo_id INTEGER NOT NULL,
  base    TEXT    NOT NULL, -- commit
  head    TEXT    NOT NULL, -- commit
  files   BLOB    NOT NULL, -- JSON, DEFLATE
  kept    INTEGER NOT NULL,
  PRIMARY KEY (repo_id, base, head)
) STRICT;
CREATE INDEX file_cache_kept ON file_cache (kept);
CREATE TABLE mode_cache (
  repo_id INTEGER NOT NULL,
  sha     TEXT    NOT NULL, -- commit
  path    TEXT    NOT NULL,
  mode    TEXT    NOT NULL,
  kept    INTEGER NOT NULL,
  PRIMARY KEY (repo_id, sha, path)
) STRICT;
CREATE INDEX mode_cache_kept ON mode_cache (kept);

-- The policy texts that the last evaluation on a base branch used: what the
-- next one will probably need is asked for at once.
CREATE TABLE last_sources (
  repo_id INTEGER NOT NULL,
  base    TEXT    NOT NULL, -- branch name
  digest  BLOB    NOT NULL,
  sources BLOB    NOT NULL, -- JSON, DEFLATE
  PRIMARY KEY (repo_id, base)
) STRICT;
