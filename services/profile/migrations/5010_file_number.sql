-- How far each series of numbers has come. The row is taken in the transaction that uses the number, so a series has
-- no gaps (I11).
CREATE TABLE number_series (
    org    TEXT   NOT NULL,
    series TEXT   NOT NULL,
    taken  BIGINT NOT NULL CHECK (taken > 0),
    PRIMARY KEY (org, series)
);

-- The register: every number of a series up to its last, carried by a file or void.
CREATE TABLE file_number (
    org      TEXT   NOT NULL,
    number   TEXT   NOT NULL,
    series   TEXT   NOT NULL,
    sequence BIGINT NOT NULL CHECK (sequence > 0),
    state    TEXT   NOT NULL CHECK (state IN ('issued', 'void')),
    file     UUID,
    who      UUID   NOT NULL,
    why      TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (org, number),
    CHECK ((state = 'issued') = (file IS NOT NULL)),
    CHECK (state <> 'void' OR why <> '')
);
CREATE UNIQUE INDEX file_number_sequence ON file_number (org, series, sequence);
CREATE UNIQUE INDEX file_number_file ON file_number (org, file) WHERE file IS NOT NULL;

-- One number for each customer, whatever files come and go (P-05).
CREATE TABLE customer_number (
    org       TEXT   NOT NULL,
    -- Kind of the unit and blind token of its reference.
    unit_kind TEXT   NOT NULL,
    token     BYTEA  NOT NULL,
    number    TEXT   NOT NULL,
    sequence  BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (org, unit_kind, token)
);
CREATE UNIQUE INDEX customer_number_number ON customer_number (org, number);
