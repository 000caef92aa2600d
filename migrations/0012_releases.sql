-- Releases: tags that a policy calls releases, what people did about them, and what
-- they bring. Times are unix milliseconds, of our clock unless said otherwise.

-- Which tags of a repository are releases, by its policy and the organisation's floor
-- as they were last read, and since when sweeps look for them.
ALTER TABLE watches ADD COLUMN releases TEXT NOT NULL DEFAULT '[]'; -- JSON list of patterns
ALTER TABLE watches ADD COLUMN releases_since INTEGER NOT NULL DEFAULT 0; -- 0 for never

-- Releases that were looked at, or are about to be. The number is the subject's.
CREATE TABLE releases (
  repo_id      INTEGER NOT NULL,
  number       INTEGER NOT NULL,
  tag          TEXT    NOT NULL CHECK (tag <> ''),
  oid          TEXT    NOT NULL DEFAULT '', -- of the tag, or of the commit where there is no tag object
  commit_sha   TEXT    NOT NULL DEFAULT '', -- '' when there is none
  gone         INTEGER NOT NULL DEFAULT 0 CHECK (gone IN (0, 1)), -- there is no such tag any more
  live         INTEGER NOT NULL DEFAULT 1 CHECK (live IN (0, 1)), -- something may still become of it
  issue        INTEGER NOT NULL DEFAULT 0, -- number of the tracking issue, 0 for none
  phase        TEXT    NOT NULL DEFAULT '' CHECK (phase IN ('', 'gathering', 'candidate', 'signing', 'approved', 'promoting',
    'released', 'deployed', 'void', 'rejected', 'superseded', 'failed')), -- as last recorded
  promoted     TEXT    NOT NULL DEFAULT '', -- digest of the candidate that was promoted
  promoted_seq INTEGER NOT NULL DEFAULT 0,  -- log entry of the decision
  promoted_at  INTEGER NOT NULL DEFAULT 0,
  emergency    INTEGER NOT NULL DEFAULT 0 CHECK (emergency IN (0, 1)),
  released     INTEGER NOT NULL DEFAULT 0,  -- when the promotion was done; 0 while it is not
  PRIMARY KEY (repo_id, number),
  UNIQUE (repo_id, tag),
  FOREIGN KEY (repo_id, number) REFERENCES subjects (repo_id, number)
) STRICT;
CREATE INDEX releases_commit ON releases (repo_id, commit_sha);
CREATE INDEX releases_issue ON releases (repo_id, issue) WHERE issue > 0;
CREATE INDEX releases_live ON releases (repo_id) WHERE live = 1;

-- What a sweep last saw of each tag that is a release.
CREATE TABLE release_glances (
  repo_id INTEGER NOT NULL REFERENCES repos (id),
  tag     TEXT    NOT NULL,
  glance  TEXT    NOT NULL,
  PRIMARY KEY (repo_id, tag)
) STRICT;

-- Where the tags were at the first sweep of a repository that has releases. A release of
-- then may be where a later one begins, and its tag may be moved since. The row without a
-- tag says that there was that sweep, and when; a baseline's row comes when it is first
-- looked at.
CREATE TABLE release_bases (
  repo_id    INTEGER NOT NULL REFERENCES repos (id),
  tag        TEXT    NOT NULL,
  commit_sha TEXT    NOT NULL,
  at         INTEGER NOT NULL,
  PRIMARY KEY (repo_id, tag)
) STRICT;

-- Who put a tag where it is, or deleted it, as events told: GitHub does not say it
-- again. Those of no release go after 90 days.
CREATE TABLE tag_puts (
  id         INTEGER NOT NULL PRIMARY KEY,
  repo_id    INTEGER NOT NULL,
  tag        TEXT    NOT NULL,
  oid        TEXT    NOT NULL, -- '' when it was deleted
  commit_sha TEXT    NOT NULL DEFAULT '', -- as the event told, '' where it did not
  by_login   TEXT    NOT NULL,
  by_id      INTEGER NOT NULL,
  bot        INTEGER NOT NULL CHECK (bot IN (0, 1)),
  heard      INTEGER NOT NULL
) STRICT;
CREATE INDEX tag_puts_tag ON tag_puts (repo_id, tag, id);
CREATE INDEX tag_puts_heard ON tag_puts (heard);

-- The candidates of a release. One that has not ended is the present one.
CREATE TABLE release_candidates (
  id         INTEGER NOT NULL PRIMARY KEY,
  repo_id    INTEGER NOT NULL,
  number     INTEGER NOT NULL,
  digest     TEXT    NOT NULL CHECK (length(digest) = 64),
  commit_sha TEXT    NOT NULL,
  oid        TEXT    NOT NULL, -- of the tag
  candidate  TEXT    NOT NULL, -- JSON
  seq        INTEGER NOT NULL, -- of the log entry
  since      INTEGER NOT NULL, -- GitHub's clock
  shown      INTEGER NOT NULL DEFAULT 0, -- when GitHub first showed it, by its clock; 0 while it does not
  ended      INTEGER NOT NULL DEFAULT 0, -- 0 for the present one
  why        TEXT    NOT NULL DEFAULT '', -- it ended
  FOREIGN KEY (repo_id, number) REFERENCES releases (repo_id, number),
  CHECK (ended = 0 OR why <> '')
) STRICT;
CREATE UNIQUE INDEX release_candidates_present ON release_candidates (repo_id, number) WHERE ended = 0;
CREATE INDEX release_candidates_release ON release_candidates (repo_id, number, id);
CREATE INDEX release_candidates_commit ON release_candidates (repo_id, commit_sha);

-- What people did about releases. All of it is in the log, too; the last verdict says
-- what counts.
CREATE TABLE release_acts (
  seq       INTEGER NOT NULL PRIMARY KEY, -- of the log entry
  repo_id   INTEGER NOT NULL,
  number    INTEGER NOT NULL,
  kind      TEXT    NOT NULL CHECK (kind IN ('sign', 'revoke', 'reject', 'accept', 'promote', 'emergency', 'follow-up', 'fail', 'roll-back')),
  role      TEXT    NOT NULL DEFAULT '',
  stage     TEXT    NOT NULL DEFAULT '',
  by_login  TEXT    NOT NULL,
  at        INTEGER NOT NULL, -- GitHub's clock for comments and buttons
  via       TEXT    NOT NULL CHECK (via IN ('button', 'comment', 'command', 'gate')),
  ref       TEXT    NOT NULL DEFAULT '',
  act       TEXT    NOT NULL, -- JSON: all of it, as it was when it was first heard
  edited    INTEGER NOT NULL DEFAULT 0 CHECK (edited IN (0, 1)),
  counts    INTEGER NOT NULL DEFAULT 0 CHECK (counts IN (0, 1)), -- by the last verdict
  counts_in TEXT    NOT NULL DEFAULT '', -- stage and role for which a sign-off counts: stage/role
  refused   TEXT    NOT NULL DEFAULT '', -- why it counts for nothing, by the last verdict
  FOREIGN KEY (repo_id, number) REFERENCES releases (repo_id, number)
) STRICT;
CREATE INDEX release_acts_release ON release_acts (repo_id, number, seq);
CREATE INDEX release_acts_by ON release_acts (lower(by_login), seq);
-- Of one comment or press of a button the same thing is one act, however often it is
-- heard.
CREATE UNIQUE INDEX release_acts_once ON release_acts (repo_id, number, via, ref, kind, role, stage, lower(by_login), at) WHERE ref <> '';

-- What is said once, by its key, and when. A row is there before it is said; one of
-- which nobody knows after ten minutes whether GitHub took it is said again.
CREATE TABLE release_reminders (
  repo_id INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  key     TEXT    NOT NULL,
  at      INTEGER NOT NULL, -- GitHub's clock
  verdict INTEGER NOT NULL, -- seq of the plan that says it
  done    INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1)), -- GitHub has confirmed it
  PRIMARY KEY (repo_id, number, key),
  FOREIGN KEY (repo_id, number) REFERENCES releases (repo_id, number)
) STRICT;

-- Workflows that stages have started. A row is there before GitHub is asked. One of
-- which nobody knows after ten minutes whether GitHub took it is planned again; whoever
-- starts it then looks for its run first.
CREATE TABLE release_dispatches (
  repo_id    INTEGER NOT NULL,
  number     INTEGER NOT NULL,
  stage      TEXT    NOT NULL,
  candidate  TEXT    NOT NULL,
  workflow   TEXT    NOT NULL,
  at         INTEGER NOT NULL, -- GitHub's clock
  verdict    INTEGER NOT NULL, -- seq of the plan that starts it
  run        INTEGER NOT NULL DEFAULT 0, -- 0 while it is not found
  status     TEXT    NOT NULL DEFAULT '',
  conclusion TEXT    NOT NULL DEFAULT '',
  done       INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1)), -- GitHub has confirmed that it was started
  PRIMARY KEY (repo_id, number, stage, candidate, workflow),
  FOREIGN KEY (repo_id, number) REFERENCES releases (repo_id, number)
) STRICT;

-- Jobs that wait for an environment which a protection rule of ours guards, by their
-- commit: whether it is a release's may be known only later. Rows go after 31 days:
-- after 30 GitHub has given up a job ("Deployments and environments", GitHub docs).
CREATE TABLE gates (
  repo_id     INTEGER NOT NULL,
  run         INTEGER NOT NULL,
  environment TEXT    NOT NULL,
  commit_sha  TEXT    NOT NULL,
  asked       INTEGER NOT NULL,
  verified    INTEGER NOT NULL DEFAULT 0 CHECK (verified IN (0, 1)), -- GitHub was asked whether it is so
  answered    TEXT    NOT NULL DEFAULT '' CHECK (answered IN ('', 'approved', 'rejected', 'gone')),
  said        TEXT    NOT NULL DEFAULT '', -- digest of the last comment
  comments    INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (repo_id, run, environment)
) STRICT;
CREATE INDEX gates_commit ON gates (repo_id, commit_sha);
CREATE INDEX gates_asked ON gates (asked);

-- Which commits might be deployed to which environments, and since when, by verdicts on
-- their releases: what is deployed without is found.
CREATE TABLE approvals (
  repo_id     INTEGER NOT NULL,
  commit_sha  TEXT    NOT NULL,
  environment TEXT    NOT NULL,
  at          INTEGER NOT NULL, -- GitHub's clock
  verdict     INTEGER NOT NULL, -- seq of the first verdict that says so
  PRIMARY KEY (repo_id, commit_sha, environment)
) STRICT;

-- Deployments, with GitHub's last word on each, of repositories that have releases.
-- Those of no release go after 90 days.
CREATE TABLE deployments (
  repo_id     INTEGER NOT NULL,
  id          INTEGER NOT NULL, -- GitHub's
  environment TEXT    NOT NULL,
  commit_sha  TEXT    NOT NULL,
  state       TEXT    NOT NULL, -- GitHub's word
  at          INTEGER NOT NULL, -- GitHub's clock
  succeeded   INTEGER NOT NULL DEFAULT 0, -- when it did; GitHub's clock
  success     INTEGER NOT NULL DEFAULT 0, -- seq of the log entry that says so; 0 for none
  heard       INTEGER NOT NULL,
  PRIMARY KEY (repo_id, id)
) STRICT;
CREATE INDEX deployments_commit ON deployments (repo_id, commit_sha);
CREATE INDEX deployments_heard ON deployments (heard);

-- The commits between two, as far as they were listed. They are for one release; when
-- another range of it is whole they go. They can be asked for again.
CREATE TABLE ranges (
  id        INTEGER NOT NULL PRIMARY KEY,
  repo_id   INTEGER NOT NULL,
  base      TEXT    NOT NULL, -- commit; '' for everything that head is made of
  head      TEXT    NOT NULL, -- commit
  number    INTEGER NOT NULL, -- the release that it was last gathered for
  total     INTEGER NOT NULL, -- as GitHub says
  next_page INTEGER NOT NULL, -- 0 when all are listed
  used      INTEGER NOT NULL,
  UNIQUE (repo_id, base, head)
) STRICT;
CREATE INDEX ranges_number ON ranges (repo_id, number);
CREATE INDEX ranges_used ON ranges (used);
CREATE TABLE range_commits (
  range_id INTEGER NOT NULL REFERENCES ranges (id) ON DELETE CASCADE,
  idx      INTEGER NOT NULL, -- from 0, as listed
  sha      TEXT    NOT NULL,
  subject  TEXT    NOT NULL,
  people   TEXT    NOT NULL, -- JSON
  nameless INTEGER NOT NULL CHECK (nameless IN (0, 1)),
  pulls    TEXT,             -- numbers with commas; NULL while it is not known which
  cut      INTEGER NOT NULL DEFAULT 0 CHECK (cut IN (0, 1)),
  PRIMARY KEY (range_id, idx),
  UNIQUE (range_id, sha)
) STRICT;
CREATE TABLE range_pulls (
  range_id INTEGER NOT NULL REFERENCES ranges (id) ON DELETE CASCADE,
  number   INTEGER NOT NULL,
  other    INTEGER NOT NULL, -- repository that it is in, as GitHub says
  pull     TEXT    NOT NULL, -- JSON
  PRIMARY KEY (range_id, number, other)
) STRICT;

-- How two commits stand to each other. It never changes; rows go after 30 days.
CREATE TABLE relation_cache (
  repo_id  INTEGER NOT NULL,
  base     TEXT    NOT NULL, -- commit
  head     TEXT    NOT NULL, -- commit
  relation TEXT    NOT NULL, -- JSON
  kept     INTEGER NOT NULL,
  PRIMARY KEY (repo_id, base, head)
) STRICT;
CREATE INDEX relation_cache_head ON relation_cache (repo_id, head);
CREATE INDEX relation_cache_kept ON relation_cache (kept);

-- What releases bring, as recorded: the log entry has the list.
CREATE TABLE release_evidence (
  repo_id INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  digest  TEXT    NOT NULL,
  seq     INTEGER NOT NULL, -- of the log entry
  at      INTEGER NOT NULL,
  PRIMARY KEY (repo_id, number, digest),
  FOREIGN KEY (repo_id, number) REFERENCES releases (repo_id, number)
) STRICT;
-- The pull requests in it, of the last list that was recorded.
CREATE TABLE release_pulls (
  repo_id INTEGER NOT NULL,
  pull    INTEGER NOT NULL, -- the pull request's number
  number  INTEGER NOT NULL, -- the release's
  PRIMARY KEY (repo_id, pull, number),
  FOREIGN KEY (repo_id, number) REFERENCES releases (repo_id, number)
) STRICT;
CREATE INDEX release_pulls_release ON release_pulls (repo_id, number);

-- Artifacts that workflow runs on a commit have named by their digests, and what scans
-- of them found. Both are in the log, too.
CREATE TABLE artifacts (
  seq        INTEGER NOT NULL PRIMARY KEY, -- of the log entry
  repo_id    INTEGER NOT NULL,
  commit_sha TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  digest     TEXT    NOT NULL, -- algorithm:hex
  run        INTEGER NOT NULL,
  attempt    INTEGER NOT NULL,
  workflow   TEXT    NOT NULL, -- path of the workflow file
  UNIQUE (repo_id, run, attempt, name, digest)
) STRICT;
CREATE INDEX artifacts_commit ON artifacts (repo_id, commit_sha);
CREATE TABLE artifact_scans (
  seq        INTEGER NOT NULL PRIMARY KEY, -- of the log entry
  repo_id    INTEGER NOT NULL,
  commit_sha TEXT    NOT NULL,
  digest     TEXT    NOT NULL, -- of what was scanned, algorithm:hex
  report     TEXT    NOT NULL, -- SHA-256 of the report, hex
  found      TEXT    NOT NULL, -- JSON: how many of each severity
  run        INTEGER NOT NULL,
  attempt    INTEGER NOT NULL,
  workflow   TEXT    NOT NULL,
  UNIQUE (repo_id, run, attempt, digest, report)
) STRICT;
CREATE INDEX artifact_scans_commit ON artifact_scans (repo_id, commit_sha);

-- Whether a pull request was met when it was merged, and the state that it had. Of
-- those that were merged before, the log entry says so.
ALTER TABLE merged_pulls ADD COLUMN compliant INTEGER CHECK (compliant IN (0, 1));
ALTER TABLE merged_pulls ADD COLUMN state TEXT NOT NULL DEFAULT '' CHECK (state IN ('', 'unmet', 'waiting', 'overridden', 'met', 'exempt'));

-- Findings of two more kinds. A condition on a column cannot be changed, so the table
-- is made anew, with the one that points at it.
CREATE TABLE findings_before AS SELECT * FROM findings;
CREATE TABLE finding_commits_before AS SELECT * FROM finding_commits;
DROP TABLE finding_commits;
DROP TABLE findings;
CREATE TABLE findings (
  id         INTEGER NOT NULL PRIMARY KEY,
  repo_id    INTEGER NOT NULL REFERENCES repos (id),
  kind       TEXT    NOT NULL CHECK (kind IN ('bypass', 'direct_push', 'force_push', 'branch_deleted', 'protection_drift', 'tag_moved', 'follow_up',
    'unapproved_release', 'unapproved_deployment')),
  subject    TEXT    NOT NULL,            -- as the log calls it: pull/7, branch/main, tags/tags, release/v1
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
CREATE TABLE finding_commits (
  repo_id INTEGER NOT NULL,
  branch  TEXT    NOT NULL,
  sha     TEXT    NOT NULL,
  finding INTEGER NOT NULL REFERENCES findings (id),
  PRIMARY KEY (repo_id, branch, sha)
) STRICT;
INSERT INTO findings (id, repo_id, kind, subject, fact, detail, unheard, after_sha, opened, opened_seq, closed, closed_seq, closed_by, reason)
  SELECT id, repo_id, kind, subject, fact, detail, unheard, after_sha, opened, opened_seq, closed, closed_seq, closed_by, reason FROM findings_before;
INSERT INTO finding_commits (repo_id, branch, sha, finding) SELECT repo_id, branch, sha, finding FROM finding_commits_before;
DROP TABLE finding_commits_before;
DROP TABLE findings_before;

-- Webhook deliveries that GitHub could not make: what some of them tell, such as a
-- pressed button or a job that waits, is in no state that can be read later.
-- From where GitHub's list of deliveries is looked through the next time.
CREATE TABLE delivery_looks (
  app_id INTEGER NOT NULL PRIMARY KEY,
  since  INTEGER NOT NULL -- GitHub's clock
) STRICT;
INSERT INTO delivery_looks (app_id, since) SELECT app_id, max(received) - 600000 FROM deliveries GROUP BY app_id;
-- Those that are asked for again until they come. The row of one that never comes stays
-- for a while, since each time that it is refused is in GitHub's list once more.
CREATE TABLE missed_deliveries (
  app_id    INTEGER NOT NULL,
  guid      TEXT    NOT NULL,
  id        INTEGER NOT NULL, -- GitHub's, of the newest attempt
  event     TEXT    NOT NULL,
  action    TEXT    NOT NULL,
  failed_at INTEGER NOT NULL, -- GitHub's clock: the newest attempt when it was first seen
  found     INTEGER NOT NULL, -- our clock
  asked     INTEGER NOT NULL DEFAULT 0, -- how often it was asked for
  due       INTEGER NOT NULL, -- our clock: it is not asked for before
  PRIMARY KEY (app_id, guid)
) STRICT;
