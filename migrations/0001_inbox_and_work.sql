-- What arrives, and what is to be done about it.
-- Times are unix milliseconds, of our clock unless said otherwise.

-- Repositories that an installation of the App can see, or could.
CREATE TABLE repos (
  id           INTEGER NOT NULL PRIMARY KEY, -- GitHub's; stays when the repository is renamed
  owner        TEXT    NOT NULL,
  name         TEXT    NOT NULL,
  installation INTEGER NOT NULL DEFAULT 0,
  gone         INTEGER NOT NULL DEFAULT 0 CHECK (gone IN (0, 1)), -- cannot be seen any more
  turn         INTEGER NOT NULL DEFAULT 0    -- when work of it was last claimed; the lowest is next
) STRICT;
CREATE INDEX repos_name ON repos (lower(owner), lower(name));
CREATE INDEX repos_turn ON repos (turn);
CREATE INDEX repos_installation ON repos (installation);

-- Signed deliveries. The body goes after 3 days, the row after 30; the log
-- entry stays.
CREATE TABLE deliveries (
  app_id   INTEGER NOT NULL,
  guid     TEXT    NOT NULL,
  received INTEGER NOT NULL,
  event    TEXT    NOT NULL,
  action   TEXT    NOT NULL,
  size     INTEGER NOT NULL, -- of the body as it came
  digest   BLOB    NOT NULL, -- SHA-256 of the body as it came
  body     BLOB,             -- DEFLATE
  UNIQUE (app_id, guid)
) STRICT;
CREATE INDEX deliveries_received ON deliveries (received);
CREATE INDEX deliveries_with_body ON deliveries (received) WHERE body IS NOT NULL;

-- Pull requests, as last heard of.
CREATE TABLE subjects (
  repo_id    INTEGER NOT NULL REFERENCES repos (id),
  number     INTEGER NOT NULL CHECK (number > 0),
  open       INTEGER NOT NULL DEFAULT 1 CHECK (open IN (0, 1)),
  head       TEXT    NOT NULL DEFAULT '', -- newest head known
  base       TEXT    NOT NULL DEFAULT '', -- name of the base branch
  title      TEXT    NOT NULL DEFAULT '',
  read_at    INTEGER NOT NULL DEFAULT 0,  -- GitHub's clock at the last reading
  updated_at INTEGER NOT NULL DEFAULT 0,  -- the newest of GitHub's updated_at that an event, a sweep or a reading told of
  glance     TEXT    NOT NULL DEFAULT '', -- what a sweep saw of it
  logins     TEXT    NOT NULL DEFAULT '[]', -- JSON: people the last evaluation asked about
  -- the last recorded verdict
  judged     INTEGER NOT NULL DEFAULT 0 CHECK (judged IN (0, 1)),
  observed   INTEGER NOT NULL DEFAULT 0 CHECK (observed IN (0, 1)), -- for information only
  state      TEXT    NOT NULL DEFAULT 'unmet' CHECK (state IN ('unmet', 'waiting', 'overridden', 'met', 'exempt')),
  own_state  TEXT    NOT NULL DEFAULT 'unmet' CHECK (own_state IN ('unmet', 'waiting', 'overridden', 'met', 'exempt')),
  summary    TEXT    NOT NULL DEFAULT '',
  digest     TEXT    NOT NULL DEFAULT '',
  since      TEXT    NOT NULL DEFAULT '{}', -- JSON: by result id, since when it has its state
  verdict    INTEGER NOT NULL DEFAULT 0,  -- its seq in the log
  verdict_at INTEGER NOT NULL DEFAULT 0,  -- GitHub's clock
  labelled   INTEGER NOT NULL DEFAULT 0 CHECK (labelled IN (0, 1)), -- given by us, not taken away by us
  PRIMARY KEY (repo_id, number)
) STRICT;
CREATE INDEX subjects_head ON subjects (repo_id, head) WHERE open = 1;
CREATE INDEX subjects_base ON subjects (repo_id, base) WHERE open = 1;

-- The teams that a subject's last evaluation asked about.
CREATE TABLE subject_teams (
  team    TEXT    NOT NULL, -- org/slug, lower case
  repo_id INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  PRIMARY KEY (team, repo_id, number),
  FOREIGN KEY (repo_id, number) REFERENCES subjects (repo_id, number)
) STRICT;
CREATE INDEX subject_teams_subject ON subject_teams (repo_id, number);

-- What is to be looked at. A row with gen > done_gen waits or is being looked
-- at; the others only keep the pace and are removed in time.
CREATE TABLE work (
  repo_id       INTEGER NOT NULL,
  number        INTEGER NOT NULL,
  gen           INTEGER NOT NULL, -- touched so often
  done_gen      INTEGER NOT NULL DEFAULT 0,
  due           INTEGER NOT NULL,
  not_before    INTEGER NOT NULL DEFAULT 0,
  first_touched INTEGER NOT NULL,
  touched_again INTEGER NOT NULL DEFAULT 0, -- first touch since it was last claimed
  causes        TEXT    NOT NULL, -- JSON list of delivery guids and words
  tries         INTEGER NOT NULL DEFAULT 0,
  error         TEXT    NOT NULL DEFAULT '',
  failing_since INTEGER NOT NULL DEFAULT 0,
  lease         TEXT    NOT NULL DEFAULT '', -- token of who holds it
  lease_until   INTEGER NOT NULL DEFAULT 0,
  lease_head    TEXT    NOT NULL DEFAULT '', -- the commit that is locked meanwhile
  PRIMARY KEY (repo_id, number),
  FOREIGN KEY (repo_id, number) REFERENCES subjects (repo_id, number)
) STRICT;
CREATE INDEX work_due ON work (repo_id, due, number) WHERE gen > done_gen;
CREATE INDEX work_leased ON work (repo_id, lease_until) WHERE lease_until > 0;
