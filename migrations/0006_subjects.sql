-- What is looked at besides pull requests: merge groups, branches, tags. Each has
-- a row in subjects, with a number that GitHub gives to no pull request and with
-- open = 0, so that whatever looks for open pull requests passes it over.
CREATE TABLE subject_kinds (
  repo_id INTEGER NOT NULL,
  number  INTEGER NOT NULL CHECK (number >= 1099511627776), -- 2^40
  kind    TEXT    NOT NULL CHECK (kind <> ''),
  name    TEXT    NOT NULL CHECK (name <> ''),
  PRIMARY KEY (repo_id, number),
  UNIQUE (repo_id, kind, name),
  FOREIGN KEY (repo_id, number) REFERENCES subjects (repo_id, number)
) STRICT;
