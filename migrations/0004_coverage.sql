-- What coverage reports said, and what is needed to relate it to commits.

-- The reports of one commit as they were read, in the compact form of package
-- coverage, so that nothing is downloaded twice. They can be read again; a row
-- goes 90 days after it was last used.
CREATE TABLE coverage_sets (
  repo_id INTEGER NOT NULL,
  sha     TEXT    NOT NULL, -- the commit that the workflows ran for
  number  INTEGER NOT NULL, -- the pull request whose head it is; 0 for a base's
  branch  TEXT    NOT NULL, -- the base branch whose push runs made the reports; '' for a head's
  key     TEXT    NOT NULL, -- of the selection
  inputs  TEXT    NOT NULL, -- identity of the runs and of what they sent
  lines   BLOB    NOT NULL, -- the set
  got     BLOB    NOT NULL, -- JSON, DEFLATE: what was read, and what it says of the pull request
  used    INTEGER NOT NULL,
  PRIMARY KEY (repo_id, sha, number, branch, key),
  CHECK ((number = 0) <> (branch = ''))
) STRICT;
CREATE INDEX coverage_sets_used ON coverage_sets (used);

-- Reports that workflow runs sent themselves. Of one name the newest counts: the
-- body of the others is gone, their digest stays. Rows go after 30 days; the log
-- entries stay.
CREATE TABLE uploads (
  repo_id  INTEGER NOT NULL,
  run      INTEGER NOT NULL,
  attempt  INTEGER NOT NULL,
  name     TEXT    NOT NULL,
  digest   BLOB    NOT NULL CHECK (length(digest) = 32), -- SHA-256 of the report
  sha      TEXT    NOT NULL, -- the head commit that the run is for, as the API says
  tested   TEXT    NOT NULL, -- the commit that was checked out, as the run's token says
  size     INTEGER NOT NULL, -- of the report
  body     BLOB,             -- DEFLATE; NULL when another has replaced it
  received INTEGER NOT NULL,
  PRIMARY KEY (repo_id, run, attempt, name, digest)
) STRICT;
CREATE INDEX uploads_sha ON uploads (repo_id, sha);
CREATE INDEX uploads_received ON uploads (received);

-- Tokens of workflow runs that were used, by their id (jti). A token is taken
-- once.
CREATE TABLE used_tokens (
  id      TEXT    NOT NULL PRIMARY KEY,
  expires INTEGER NOT NULL
) STRICT;
CREATE INDEX used_tokens_expires ON used_tokens (expires);

-- Workflow runs that an event has told to be over, so that an answer of GitHub's
-- from before that is known as one. Rows go after a day.
CREATE TABLE ended_runs (
  repo_id INTEGER NOT NULL,
  sha     TEXT    NOT NULL, -- the commit that the run is for
  run     INTEGER NOT NULL,
  attempt INTEGER NOT NULL, -- the newest that is over
  told    INTEGER NOT NULL,
  PRIMARY KEY (repo_id, sha, run)
) STRICT;
CREATE INDEX ended_runs_told ON ended_runs (told);

-- The test merges that GitHub had made of a pull request's heads. A workflow run
-- does not tell which one it tested.
CREATE TABLE merges (
  id      INTEGER NOT NULL PRIMARY KEY,
  repo_id INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  head    TEXT    NOT NULL, -- commit
  merge   TEXT    NOT NULL, -- commit
  onto    TEXT    NOT NULL, -- the base commit in it
  since   INTEGER NOT NULL, -- first seen; GitHub's clock
  UNIQUE (repo_id, number, head, merge),
  FOREIGN KEY (repo_id, number) REFERENCES subjects (repo_id, number)
) STRICT;

-- The last evaluation found no report on the base branch to compare with.
ALTER TABLE subjects ADD COLUMN lacks_base INTEGER NOT NULL DEFAULT 0 CHECK (lacks_base IN (0, 1));

-- The account that owns a repository, which keeps its number when it is renamed;
-- 0 while no event has told.
ALTER TABLE repos ADD COLUMN owner_id INTEGER NOT NULL DEFAULT 0;

-- Kept differences do not say which lines they add; they are asked for again.
DELETE FROM file_cache;
