-- The log. Rows are only ever added, each with the next number; what an entry
-- says is hashed into a Merkle tree (RFC 6962) whose root is signed.

CREATE TABLE entries (
  seq         INTEGER NOT NULL PRIMARY KEY, -- counts from 1; leaf seq-1 of the tree
  time        INTEGER NOT NULL,
  version     INTEGER NOT NULL,             -- of the entry's format
  kind        TEXT    NOT NULL CHECK (kind IN ('delivery', 'ref.moved', 'review', 'check', 'verdict', 'posted',
    'label', 'merged', 'bypass', 'waiver', 'policy.changed', 'protection.changed', 'deployment', 'heartbeat',
    'gap', 'reconciled', 'key.rotated', 'expunged', 'export', 'config') OR kind LIKE 'release.%' OR kind LIKE 'sign-off.%'),
  repo_id     INTEGER NOT NULL,
  subject     TEXT    NOT NULL,
  actor_id    INTEGER NOT NULL,
  actor_login TEXT    NOT NULL,
  source      TEXT    NOT NULL,
  body_hash   BLOB    NOT NULL CHECK (length(body_hash) = 32) -- SHA-256(salt || body)
) STRICT;
CREATE INDEX entries_subject ON entries (repo_id, subject, seq);
CREATE INDEX entries_kind ON entries (repo_id, kind, time);
CREATE INDEX entries_actor ON entries (lower(actor_login), seq) WHERE actor_login <> '';
CREATE INDEX entries_time ON entries (time);

-- Bodies are apart, so that one can be expunged with the proofs intact.
CREATE TABLE entry_bodies (
  seq      INTEGER NOT NULL PRIMARY KEY REFERENCES entries (seq),
  salt     BLOB    NOT NULL CHECK (length(salt) = 16),
  encoding TEXT    NOT NULL CHECK (encoding IN ('plain', 'deflate')),
  body     BLOB    NOT NULL
) STRICT;

-- The state of each entry of kind verdict. It can be made anew from the bodies.
CREATE TABLE entry_states (
  seq   INTEGER NOT NULL PRIMARY KEY,
  state TEXT    NOT NULL CHECK (state IN ('unmet', 'waiting', 'overridden', 'met', 'exempt'))
) STRICT;

-- Which body was expunged, and the entry that says why.
CREATE TABLE expunged (
  seq    INTEGER NOT NULL PRIMARY KEY REFERENCES entries (seq),
  by_seq INTEGER NOT NULL REFERENCES entries (seq)
) STRICT;

-- The tree's hashes in the order of tlog.StoredHashIndex, from 0.
CREATE TABLE hashes (
  idx  INTEGER NOT NULL PRIMARY KEY,
  hash BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- The last checkpoint, as a signed note.
CREATE TABLE checkpoint (
  id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  size INTEGER NOT NULL,
  time INTEGER NOT NULL,
  note TEXT    NOT NULL
) STRICT;

-- No change, no removal, and the next number only: without the third, INSERT
-- OR REPLACE would rewrite a row past the first two.
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER entries_next BEFORE INSERT ON entries
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM entries)
BEGIN SELECT RAISE(ABORT, 'the log takes the next entry only'); END;

CREATE TRIGGER hashes_no_update BEFORE UPDATE ON hashes
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER hashes_no_delete BEFORE DELETE ON hashes
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER hashes_next BEFORE INSERT ON hashes
WHEN NEW.idx <> (SELECT coalesce(max(idx), -1) + 1 FROM hashes)
BEGIN SELECT RAISE(ABORT, 'the log takes the next hash only'); END;

CREATE TRIGGER bodies_no_update BEFORE UPDATE ON entry_bodies
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER bodies_no_delete BEFORE DELETE ON entry_bodies
WHEN NOT EXISTS (SELECT 1 FROM expunged WHERE seq = OLD.seq)
BEGIN SELECT RAISE(ABORT, 'a body is removed only by an entry that says so'); END;
CREATE TRIGGER bodies_next BEFORE INSERT ON entry_bodies
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) FROM entries) OR EXISTS (SELECT 1 FROM entry_bodies WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'a body comes with its entry only'); END;

CREATE TRIGGER expunged_no_update BEFORE UPDATE ON expunged
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER expunged_no_delete BEFORE DELETE ON expunged
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER expunged_once BEFORE INSERT ON expunged
WHEN EXISTS (SELECT 1 FROM expunged WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'expunged already'); END;
