-- Records: the papers of a file. `slot` is the record's own id where a file may have many of its kind, and empty where it may have
-- one; its key is sealed under that of its file.
CREATE TABLE record (
    org               TEXT    NOT NULL,
    id                UUID    NOT NULL,
    file              UUID    NOT NULL,
    kind              TEXT    NOT NULL,
    slot              TEXT    NOT NULL,
    stage             TEXT    NOT NULL,
    template          TEXT    NOT NULL,
    template_version  BIGINT  NOT NULL,
    sealed_key        BYTEA   NOT NULL,
    creator           UUID    NOT NULL,
    created_at        BIGINT  NOT NULL,
    updated_at        BIGINT  NOT NULL,
    filled_weight     BIGINT  NOT NULL,
    applicable_weight BIGINT  NOT NULL,
    complete          BOOLEAN NOT NULL,
    version           BIGINT  NOT NULL DEFAULT 1 CHECK (version > 0),
    PRIMARY KEY (org, id)
);
CREATE UNIQUE INDEX record_slot ON record (org, file, kind, slot);
CREATE INDEX record_file ON record (org, file, id);
CREATE TABLE record_revision (
    org      TEXT   NOT NULL,
    record   UUID   NOT NULL,
    revision BIGINT NOT NULL CHECK (revision > 0),
    at       BIGINT NOT NULL,
    author   UUID   NOT NULL,
    changed  JSONB  NOT NULL,
    -- Fields: plain below confidential, each sealed by itself from there on.
    content  BYTEA  NOT NULL,
    -- Free text and the salts of the journal's commitments, sealed.
    reason   BYTEA,
    salts    BYTEA,
    PRIMARY KEY (org, record, revision)
);
