-- The destruction of a file, from its announcement to its end. The line stays when the file is gone: it is the register of what was
-- destroyed. Nothing of what the file said stands in it.
CREATE TABLE disposal (
    org          TEXT   NOT NULL,
    id           UUID   NOT NULL,
    file         UUID   NOT NULL,
    number       TEXT   NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('announced', 'kept', 'destroyed')),
    -- The record that announced it, and its file; nothing: a store that was put back had the file again.
    record       UUID,
    of_file      UUID,
    announcer    UUID,
    announced_at BIGINT NOT NULL,
    ender        UUID,
    ended_at     BIGINT CHECK (ended_at >= announced_at),
    -- The version of the root key that the key of a destroyed file was wrapped under.
    root         UUID CHECK (root IS NULL OR state = 'destroyed'),
    version      BIGINT NOT NULL DEFAULT 1 CHECK (version > 0),
    PRIMARY KEY (org, id),
    CHECK ((record IS NULL) = (of_file IS NULL)),
    CHECK ((state = 'announced') = (ended_at IS NULL))
);
-- One at a time, and none after the file is gone.
CREATE UNIQUE INDEX disposal_file ON disposal (org, file) WHERE state <> 'kept';
CREATE INDEX disposal_record ON disposal (org, record) WHERE state = 'announced';
CREATE INDEX disposal_list ON disposal (org, of_file, id);

-- What a file has on its way in is looked for when it goes.
CREATE INDEX document_upload_file ON document_upload (org, file);

-- What access and credit say to it, as their journals tell.
CREATE TABLE disposal_answer (
    org      TEXT    NOT NULL,
    disposal UUID    NOT NULL,
    service  TEXT    NOT NULL,
    cleared  BOOLEAN NOT NULL,
    grounds  JSONB   NOT NULL,
    PRIMARY KEY (org, disposal, service)
);
