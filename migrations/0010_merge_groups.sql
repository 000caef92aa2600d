-- Repositories that have, or had, a merge queue: a sweep looks there for groups
-- that no event told of.
CREATE TABLE merge_queues (
  repo_id INTEGER NOT NULL PRIMARY KEY REFERENCES repos (id)
) STRICT;

-- Merge groups that are there as far as is known. The number is the subject's.
CREATE TABLE merge_groups (
  repo_id INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  head    TEXT    NOT NULL, -- the group's commit
  heard   INTEGER NOT NULL, -- when it was first heard of; our clock
  PRIMARY KEY (repo_id, number),
  FOREIGN KEY (repo_id, number) REFERENCES subjects (repo_id, number)
) STRICT;

-- The pull requests in a group: whatever makes one of them due makes it due.
CREATE TABLE group_members (
  repo_id INTEGER NOT NULL,
  member  INTEGER NOT NULL, -- the pull request's number
  number  INTEGER NOT NULL, -- the group's
  PRIMARY KEY (repo_id, member, number),
  FOREIGN KEY (repo_id, number) REFERENCES merge_groups (repo_id, number) ON DELETE CASCADE
) STRICT;
CREATE INDEX group_members_group ON group_members (repo_id, number);
