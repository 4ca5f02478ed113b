-- Customer files: one row for where a file stands, one immutable row for each revision with the content as it was.
CREATE TABLE customer_file (
    org                TEXT    NOT NULL,
    id                 UUID    NOT NULL,
    number             TEXT,
    customer_number    TEXT,
    customer_type      TEXT    NOT NULL,
    unit_kind          TEXT    NOT NULL,
    -- Sealed under the file's key; the token compares it without opening it.
    unit_ref           BYTEA   NOT NULL,
    unit_ref_token     BYTEA   NOT NULL,
    template           TEXT    NOT NULL,
    template_version   BIGINT  NOT NULL,
    level              TEXT    NOT NULL,
    unit               TEXT    NOT NULL,
    custodian          UUID    NOT NULL,
    state              TEXT    NOT NULL CHECK (state IN ('draft', 'submitted', 'reviewed', 'active', 'closed')),
    classification     JSONB   NOT NULL,
    first_contact_at   BIGINT,
    contract_effect_at BIGINT,
    revision           BIGINT  NOT NULL CHECK (revision > 0),
    created_at         BIGINT  NOT NULL,
    updated_at         BIGINT  NOT NULL,
    creator            UUID    NOT NULL,
    activated_at       BIGINT,
    closed_at          BIGINT,
    filled_weight      BIGINT  NOT NULL,
    applicable_weight  BIGINT  NOT NULL,
    complete           BOOLEAN NOT NULL,
    PRIMARY KEY (org, id),
    CHECK (state <> 'active' OR number IS NOT NULL),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
-- At most one open file per unit (P-02).
CREATE UNIQUE INDEX customer_file_open_unit ON customer_file (org, unit_kind, unit_ref_token) WHERE state <> 'closed';
CREATE UNIQUE INDEX customer_file_number ON customer_file (org, number) WHERE number IS NOT NULL;
CREATE INDEX customer_file_customer ON customer_file (org, customer_number) WHERE customer_number IS NOT NULL;

-- Every version of every file (P-48). Rows are inserted and never changed.
CREATE TABLE customer_file_revision (
    org      TEXT   NOT NULL,
    file     UUID   NOT NULL,
    revision BIGINT NOT NULL CHECK (revision > 0),
    at       BIGINT NOT NULL,
    author   UUID   NOT NULL,
    act      TEXT   NOT NULL,
    changed  JSONB  NOT NULL,
    -- The contract's message without content.
    header   BYTEA  NOT NULL,
    -- Fields: plain below confidential, each sealed by itself from there on.
    content  BYTEA  NOT NULL,
    -- Free text and the salts of the journal's commitments, sealed.
    reason   BYTEA,
    salts    BYTEA,
    PRIMARY KEY (org, file, revision)
);
CREATE INDEX customer_file_revision_at ON customer_file_revision (org, file, at, revision);

-- Blind index: tokens of exact values (16 bytes) and of parts of names (8 bytes).
CREATE TABLE customer_file_token (
    org   TEXT NOT NULL,
    token BYTEA NOT NULL,
    file  UUID NOT NULL,
    field TEXT NOT NULL,
    PRIMARY KEY (org, token, file, field)
);
CREATE INDEX customer_file_token_file ON customer_file_token (org, file, field);

-- Labels by axis, for filters (P-16).
CREATE TABLE customer_file_label (
    org   TEXT NOT NULL,
    file  UUID NOT NULL,
    axis  TEXT NOT NULL,
    label TEXT NOT NULL,
    PRIMARY KEY (org, file, axis)
);
