-- What the last verdicts of a repository would be under the policy text that a
-- pull request brings. It is worked out once for each text, so that it does not
-- change with every verdict that is added. Rows go after 90 days.
CREATE TABLE what_ifs (
  repo_id INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  text    BLOB    NOT NULL CHECK (length(text) = 32), -- SHA-256 of the policy texts
  answer  BLOB    NOT NULL, -- JSON, DEFLATE
  made    INTEGER NOT NULL,
  PRIMARY KEY (repo_id, number, text),
  FOREIGN KEY (repo_id, number) REFERENCES subjects (repo_id, number)
) STRICT;
CREATE INDEX what_ifs_made ON what_ifs (made);
