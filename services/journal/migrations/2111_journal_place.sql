-- A cursor keeps what it counted: the roots of the complete subtrees over the entries that the consumer applied (32 bytes
-- each, largest first). NULL: what was applied before this version was not counted; it is adopted from the owner once.
ALTER TABLE journal_cursor ADD COLUMN peaks BYTEA;
-- The era of the owner's journal in which the cursor last agreed with it; empty: the first.
ALTER TABLE journal_cursor ADD COLUMN era TEXT NOT NULL DEFAULT '';

-- The eras of this journal: it began a new one each time it was recovered after its store had gone back to an earlier state.
CREATE TABLE journal_era (
    org     TEXT   NOT NULL,
    ordinal BIGINT NOT NULL CHECK (ordinal >= 1),
    era     TEXT   NOT NULL,
    -- How many entries the journal had then.
    seq     BIGINT NOT NULL CHECK (seq >= 0),
    PRIMARY KEY (org, ordinal)
);

-- Journals that are not what they were: `source` is the service of this store when its own journal was restored to an
-- earlier state, and another service when the copy of its journal does not agree with it any more.
CREATE TABLE journal_doubt (
    org     TEXT   NOT NULL,
    source  TEXT   NOT NULL,
    -- The place at which they differ.
    seq     BIGINT NOT NULL CHECK (seq >= 0),
    -- Which service found it.
    told_by TEXT   NOT NULL,
    PRIMARY KEY (org, source)
);
