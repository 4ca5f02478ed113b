-- Holds: while one is open nothing of its file is removed. What a file is held for stands in the record that placed the hold.
CREATE TABLE hold (
    org         TEXT   NOT NULL,
    id          UUID   NOT NULL,
    file        UUID   NOT NULL,
    record      UUID   NOT NULL,
    kind        TEXT   NOT NULL,
    placer      UUID   NOT NULL,
    placed_at   BIGINT NOT NULL,
    releaser    UUID,
    released_at BIGINT CHECK (released_at >= placed_at),
    releasing   UUID,
    version     BIGINT NOT NULL DEFAULT 1 CHECK (version > 0),
    PRIMARY KEY (org, id),
    CHECK ((released_at IS NULL) = (releaser IS NULL)),
    CHECK ((released_at IS NULL) = (releasing IS NULL))
);
CREATE INDEX hold_file ON hold (org, file, id);
-- A record holds a file once at a time.
CREATE UNIQUE INDEX hold_open ON hold (org, file, record) WHERE released_at IS NULL;
-- The last day on which its retention class keeps a file, as it was when the file was closed; the list of what is due walks it. Nothing:
-- it is not closed, was merged, or is kept for ever.
ALTER TABLE customer_file ADD COLUMN keep_until TEXT;
CREATE INDEX customer_file_keep_until ON customer_file (org, keep_until, id) WHERE keep_until IS NOT NULL;
