-- What is found after the fact, and what must be remembered to find it.
-- Times are GitHub's clock, in unix milliseconds, unless said otherwise.

-- A finding stays open until a named person closes it with a reason.
CREATE TABLE findings (
  id         INTEGER NOT NULL PRIMARY KEY,
  repo_id    INTEGER NOT NULL REFERENCES repos (id),
  kind       TEXT    NOT NULL CHECK (kind IN ('bypass', 'direct_push', 'force_push', 'branch_deleted', 'protection_drift', 'tag_moved', 'follow_up')),
  subject    TEXT    NOT NULL,            -- as the log calls it: pull/7, branch/main, tags/tags
  fact       TEXT    NOT NULL,            -- what it is about: the same fact is the same finding
  detail     TEXT    NOT NULL,            -- JSON
  unheard    INTEGER NOT NULL DEFAULT 0 CHECK (unheard IN (0, 1)), -- no event has told of it so far
  after_sha  TEXT    NOT NULL DEFAULT '', -- where the branch was afterwards
  opened     INTEGER NOT NULL,            -- our clock
  opened_seq INTEGER NOT NULL,
  closed     INTEGER NOT NULL DEFAULT 0,  -- our clock; 0 while it is open
  closed_seq INTEGER NOT NULL DEFAULT 0,
  closed_by  TEXT    NOT NULL DEFAULT '',
  reason     TEXT    NOT NULL DEFAULT '',
  UNIQUE (repo_id, kind, fact),
  CHECK ((closed = 0) = (closed_seq = 0)),
  CHECK (closed = 0 OR closed_by <> '' AND reason <> '')
) STRICT;
CREATE INDEX findings_open ON findings (kind) WHERE closed = 0;
CREATE INDEX findings_subject ON findings (repo_id, subject);

-- Commits that a finding is about: an event that comes late tells nothing new.
CREATE TABLE finding_commits (
  repo_id INTEGER NOT NULL,
  branch  TEXT    NOT NULL,
  sha     TEXT    NOT NULL,
  finding INTEGER NOT NULL REFERENCES findings (id),
  PRIMARY KEY (repo_id, branch, sha)
) STRICT;

-- Pull requests that were merged, each looked at once.
CREATE TABLE merged_pulls (
  repo_id   INTEGER NOT NULL,
  number    INTEGER NOT NULL,
  merged_at INTEGER NOT NULL,
  seq       INTEGER NOT NULL, -- of the log entry
  verdict   INTEGER NOT NULL DEFAULT 0, -- of the verdict whose policy held, 0 for none
  enforced  INTEGER NOT NULL CHECK (enforced IN (0, 1)),
  followed  INTEGER NOT NULL DEFAULT 0 CHECK (followed IN (0, 1)), -- the follow-up is done, on record
  PRIMARY KEY (repo_id, number)
) STRICT;

-- Branches that are watched, as they were last seen.
CREATE TABLE branches (
  repo_id    INTEGER NOT NULL REFERENCES repos (id),
  name       TEXT    NOT NULL,
  sha        TEXT    NOT NULL, -- '' when it is not there
  since      INTEGER NOT NULL, -- when it was first looked at
  guard      TEXT    NOT NULL, -- JSON: what is looked for
  protection TEXT    NOT NULL DEFAULT 'unknown' CHECK (protection IN ('unknown', 'none', 'required', 'pinned')),
  changed    INTEGER NOT NULL DEFAULT 0, -- seq of the last protection.changed
  PRIMARY KEY (repo_id, name)
) STRICT;

-- Moves of branches and tags that events have told of, until they are looked at.
CREATE TABLE ref_moves (
  id       INTEGER NOT NULL PRIMARY KEY,
  repo_id  INTEGER NOT NULL,
  ref      TEXT    NOT NULL, -- heads/main, tags/v1
  before   TEXT    NOT NULL, -- '' when it was made
  after    TEXT    NOT NULL, -- '' when it was deleted
  forced   INTEGER NOT NULL CHECK (forced IN (0, 1)),
  by_login TEXT    NOT NULL,
  by_id    INTEGER NOT NULL,
  bot      INTEGER NOT NULL CHECK (bot IN (0, 1)),
  heard    INTEGER NOT NULL, -- our clock
  guid     TEXT    NOT NULL
) STRICT;
CREATE INDEX ref_moves_ref ON ref_moves (repo_id, ref, id);

-- Which branches and tags of a repository are watched, by its policy and the
-- organisation's floor as they were last read.
CREATE TABLE watches (
  repo_id        INTEGER NOT NULL PRIMARY KEY REFERENCES repos (id),
  default_branch TEXT    NOT NULL,
  branches       TEXT    NOT NULL, -- JSON list of patterns
  tags           TEXT    NOT NULL, -- JSON list of patterns
  tags_since     INTEGER NOT NULL DEFAULT 0 -- when tags were first listed, 0 for never
) STRICT;

-- Tags that are watched, as they were last seen.
CREATE TABLE tags (
  repo_id INTEGER NOT NULL REFERENCES repos (id),
  name    TEXT    NOT NULL,
  oid     TEXT    NOT NULL, -- of the tag, or of the commit where there is no tag object
  sha     TEXT    NOT NULL, -- the commit
  gone    INTEGER NOT NULL DEFAULT 0 CHECK (gone IN (0, 1)),
  PRIMARY KEY (repo_id, name)
) STRICT;
