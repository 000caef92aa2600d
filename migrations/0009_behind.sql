-- How far a head lags behind its base branch, where a policy asks for that.

-- The last evaluation asked for it: then a push to the base branch matters.
ALTER TABLE subjects ADD COLUMN asked_behind INTEGER NOT NULL DEFAULT 0 CHECK (asked_behind IN (0, 1));

-- GitHub's answers, which never change for two commits. Rows go after 30 days.
CREATE TABLE behind_cache (
  repo_id INTEGER NOT NULL,
  base    TEXT    NOT NULL, -- commit
  head    TEXT    NOT NULL, -- commit
  behind  INTEGER NOT NULL CHECK (behind >= 0),
  kept    INTEGER NOT NULL,
  PRIMARY KEY (repo_id, base, head)
) STRICT;
CREATE INDEX behind_cache_kept ON behind_cache (kept);
