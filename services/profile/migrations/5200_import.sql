-- Files that came from elsewhere: the batches that brought them, which key stands for which, and what was told of them there.
CREATE TABLE import_batch (
    org        TEXT   NOT NULL,
    id         UUID   NOT NULL,
    label      TEXT   NOT NULL,
    source     TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    -- How many files it has brought.
    files      BIGINT NOT NULL CHECK (files >= 0),
    creator    UUID   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version    BIGINT NOT NULL DEFAULT 1 CHECK (version > 0),
    PRIMARY KEY (org, id)
);

CREATE TABLE imported_file (
    org      TEXT    NOT NULL,
    file     UUID    NOT NULL,
    batch    UUID    NOT NULL,
    source   TEXT    NOT NULL,
    -- The key of the source, blind: keys may be identity numbers.
    token    BYTEA   NOT NULL,
    -- The revision that it came with: a later one says that it was used.
    revision BIGINT  NOT NULL CHECK (revision > 0),
    -- How many records and documents came with it.
    parts    BIGINT  NOT NULL CHECK (parts >= 0),
    -- Whether it stands: one that was taken back leaves its key free.
    stands   BOOLEAN NOT NULL,
    -- What it was there, sealed under the key of the file.
    told     BYTEA   NOT NULL,
    PRIMARY KEY (org, file)
);
-- A key stands for one file of a source.
CREATE UNIQUE INDEX imported_file_key ON imported_file (org, source, token) WHERE stands;
CREATE INDEX imported_file_batch ON imported_file (org, batch, file);

-- What a record or a document was there, sealed under its own key.
CREATE TABLE imported_part (
    org  TEXT  NOT NULL,
    id   UUID  NOT NULL,
    file UUID  NOT NULL,
    told BYTEA NOT NULL,
    PRIMARY KEY (org, id)
);

-- A record that came with its file: nothing of it changes.
ALTER TABLE record ADD COLUMN imported BOOLEAN NOT NULL DEFAULT FALSE;
