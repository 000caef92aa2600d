-- Answers to people who asked handrail to explain, each kept before it is written: an
-- answer of which nobody knows whether GitHub took it is not written twice. Rows go
-- after 90 days.
CREATE TABLE answers (
  repo_id INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  comment INTEGER NOT NULL, -- GitHub's id of the comment that is answered
  at      INTEGER NOT NULL, -- GitHub's clock
  verdict INTEGER NOT NULL, -- seq of the plan that holds it
  done    INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1)) -- GitHub has confirmed it
) STRICT;
CREATE INDEX answers_subject ON answers (repo_id, number, at);
CREATE INDEX answers_at ON answers (at);
