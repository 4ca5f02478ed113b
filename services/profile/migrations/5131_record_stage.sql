-- Stages of records: where each stands, what it has entered, what it belongs to, and who signed it. Records of before stay where they
-- are: they stand in the one stage that their kind had, and no step says when they entered it.
ALTER TABLE record ADD COLUMN of_record UUID;
ALTER TABLE record ADD COLUMN state TEXT NOT NULL DEFAULT 'open';
ALTER TABLE record ADD COLUMN steps JSONB NOT NULL DEFAULT '[]';
ALTER TABLE record ADD COLUMN round BIGINT NOT NULL DEFAULT 0;
CREATE INDEX record_of ON record (org, of_record);
CREATE TABLE record_signature (
    org      TEXT   NOT NULL,
    id       UUID   NOT NULL,
    record   UUID   NOT NULL,
    revision BIGINT NOT NULL CHECK (revision > 0),
    stage    TEXT   NOT NULL,
    slot     TEXT   NOT NULL,
    round    BIGINT NOT NULL,
    signer   UUID   NOT NULL,
    post     TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    -- The commitment to what was signed, as the journal has it.
    digest   BYTEA  NOT NULL,
    PRIMARY KEY (org, id)
);
-- A revision is one act, and so at most one signature.
CREATE UNIQUE INDEX record_signature_revision ON record_signature (org, record, revision);
-- A slot is signed once for each round of a stage.
CREATE UNIQUE INDEX record_signature_slot ON record_signature (org, record, stage, slot, round);
