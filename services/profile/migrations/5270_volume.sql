-- Volumes: papers of a file that are bound together.
CREATE TABLE volume (
    org        TEXT    NOT NULL,
    id         UUID    NOT NULL,
    file       UUID    NOT NULL,
    -- Which of the file's it is, from 1.
    number     BIGINT  NOT NULL CHECK (number > 0),
    rule       TEXT    NOT NULL,
    -- What it was formed by; nothing where the rule does not divide by it.
    year       BIGINT,
    class      TEXT    NOT NULL,
    apart      BOOLEAN NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('open', 'closed')),
    -- The highest level of what lies in it.
    level      TEXT    NOT NULL,
    -- The documents in their order, each with why it lies here and, once closed, with its numbers.
    contents   JSONB   NOT NULL,
    sheets     BIGINT  NOT NULL CHECK (sheets >= 0),
    pages      BIGINT  NOT NULL CHECK (pages >= 0),
    -- The record that closed it.
    record     UUID,
    closed_at  BIGINT,
    creator    UUID    NOT NULL,
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    version    BIGINT  NOT NULL DEFAULT 1 CHECK (version > 0),
    -- What is closed was closed by a record.
    CHECK ((state = 'closed') = (record IS NOT NULL)),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    PRIMARY KEY (org, id)
);
CREATE UNIQUE INDEX volume_number ON volume (org, file, number);
-- Where each document that was ever laid into a volume lies now: in one at most, in none where it was taken out again.
CREATE TABLE volume_document (
    org      TEXT NOT NULL,
    document UUID NOT NULL,
    file     UUID NOT NULL,
    volume   UUID,
    PRIMARY KEY (org, document)
);
CREATE INDEX volume_document_file ON volume_document (org, file, document);
CREATE INDEX volume_document_volume ON volume_document (org, volume, document);
