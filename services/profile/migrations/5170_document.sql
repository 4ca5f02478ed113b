-- Documents: what a file holds on paper or as content, each with its key sealed under that of its file. Their versions lie in
-- `record_revision`, whose `record` is the record or document that the version is of.
CREATE TABLE document (
    org               TEXT    NOT NULL,
    id                UUID    NOT NULL,
    file              UUID    NOT NULL,
    kind              TEXT    NOT NULL,
    carrier           TEXT    NOT NULL,
    state             TEXT    NOT NULL,
    of_record         UUID,
    relations         JSONB   NOT NULL,
    document_date     TEXT    NOT NULL,
    expire_date       TEXT    NOT NULL,
    sheets            BIGINT  NOT NULL CHECK (sheets >= 0),
    pages             BIGINT  NOT NULL CHECK (pages >= 0),
    paper             TEXT    NOT NULL,
    ink               TEXT    NOT NULL,
    template          TEXT    NOT NULL,
    template_version  BIGINT  NOT NULL,
    sealed_key        BYTEA   NOT NULL,
    -- Size, type, pieces and the sealed hash of the content; nothing where none is kept.
    content           JSONB,
    creator           UUID    NOT NULL,
    created_at        BIGINT  NOT NULL,
    updated_at        BIGINT  NOT NULL,
    filled_weight     BIGINT  NOT NULL,
    applicable_weight BIGINT  NOT NULL,
    complete          BOOLEAN NOT NULL,
    version           BIGINT  NOT NULL DEFAULT 1 CHECK (version > 0),
    PRIMARY KEY (org, id)
);
CREATE INDEX document_file ON document (org, file, id);
CREATE INDEX document_kind ON document (org, file, kind, id);
-- Content on its way in: how much of it is kept, and where. It says nothing of what the content is.
CREATE TABLE document_upload (
    org        TEXT   NOT NULL,
    id         UUID   NOT NULL,
    document   UUID   NOT NULL,
    file       UUID   NOT NULL,
    person     UUID   NOT NULL,
    size       BIGINT NOT NULL CHECK (size > 0),
    media_type TEXT   NOT NULL,
    -- How many streams have begun. Each writes pieces under its own turn, so that none overwrites what another wrote.
    turn       BIGINT NOT NULL,
    -- The pieces that are kept: of each turn up to which.
    spans      JSONB  NOT NULL,
    -- The hash, sealed, once all of it was read back.
    hash       BYTEA,
    touched_at BIGINT NOT NULL,
    version    BIGINT NOT NULL DEFAULT 1 CHECK (version > 0),
    PRIMARY KEY (org, id)
);
CREATE INDEX document_upload_person ON document_upload (org, person);
CREATE INDEX document_upload_touched ON document_upload (org, touched_at);
