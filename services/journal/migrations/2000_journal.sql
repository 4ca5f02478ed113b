-- One row per effect and per disclosure, written in the transaction of the effect and never changed again, except that
-- the sequencer fills `seq` once. All columns but `seq` repeat what `body` says; the verifier compares them.
CREATE TABLE journal_entry (
    org       TEXT   NOT NULL,
    id        UUID   NOT NULL,
    seq       BIGINT CHECK (seq >= 1),
    time      BIGINT NOT NULL,
    actor     TEXT   NOT NULL,
    action    TEXT   NOT NULL,
    subject   TEXT   NOT NULL,
    -- The file that the entry is about, `files/{uuid}`; otherwise the subject.
    topic     TEXT   NOT NULL,
    body      BYTEA  NOT NULL,
    leaf_hash BYTEA  NOT NULL,
    PRIMARY KEY (org, id)
);
CREATE UNIQUE INDEX journal_entry_seq ON journal_entry (org, seq);
CREATE INDEX journal_entry_unsequenced ON journal_entry (org, id) WHERE seq IS NULL;
-- The audit trail by file, by person and by period (A-42).
CREATE INDEX journal_entry_topic ON journal_entry (org, topic);
CREATE INDEX journal_entry_subject ON journal_entry (org, subject) WHERE subject <> topic;
CREATE INDEX journal_entry_actor ON journal_entry (org, actor, time);
CREATE INDEX journal_entry_time ON journal_entry (org, time);

-- How far the journal has come: its size, the roots of the complete subtrees it consists of (32 bytes each, largest
-- first), the root over them, the epoch of the lease that wrote last, and how much of it the bus has seen.
CREATE TABLE journal_head (
    org       TEXT   NOT NULL,
    size      BIGINT NOT NULL CHECK (size >= 0),
    peaks     BYTEA  NOT NULL,
    root      BYTEA  NOT NULL,
    epoch     BIGINT NOT NULL,
    published BIGINT NOT NULL CHECK (published >= 0 AND published <= size),
    PRIMARY KEY (org)
);

-- The complete inner subtrees of the Merkle tree; the leaves themselves are `journal_entry.leaf_hash`.
CREATE TABLE journal_node (
    org   TEXT   NOT NULL,
    level BIGINT NOT NULL CHECK (level >= 1),
    idx   BIGINT NOT NULL CHECK (idx >= 0),
    hash  BYTEA  NOT NULL,
    PRIMARY KEY (org, level, idx)
);

-- Signed notes; the time of signing is inside the note.
CREATE TABLE journal_checkpoint (
    org  TEXT   NOT NULL,
    size BIGINT NOT NULL CHECK (size >= 1),
    note TEXT   NOT NULL,
    PRIMARY KEY (org, size)
);

-- How far each consumer has applied another service's journal.
CREATE TABLE journal_cursor (
    org      TEXT   NOT NULL,
    consumer TEXT   NOT NULL,
    source   TEXT   NOT NULL,
    seq      BIGINT NOT NULL CHECK (seq >= 0),
    PRIMARY KEY (org, consumer, source)
);
