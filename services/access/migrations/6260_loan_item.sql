-- What a loan lends, one row for each thing: the paper of a file, which has the file's id, or another item of it. A row is never removed.
CREATE TABLE loan_item (
    org               TEXT   NOT NULL,
    id                UUID   NOT NULL,
    loan              UUID   NOT NULL,
    file              UUID   NOT NULL,
    item              UUID   NOT NULL,
    -- Its place on the slip, from 0.
    place             BIGINT NOT NULL CHECK (place >= 0),
    material          TEXT   NOT NULL,
    copies            BIGINT NOT NULL CHECK (copies BETWEEN 1 AND 999),
    -- Nothing: nobody counted.
    pages             BIGINT CHECK (pages BETWEEN 1 AND 99999),
    -- What was found on return.
    condition         TEXT   CHECK (condition IN ('sound', 'marked', 'damaged', 'incomplete')),
    returned_copies   BIGINT,
    returned_pages    BIGINT,
    inspected         JSONB,
    differences       JSONB,
    restored_location TEXT,
    returned_at       BIGINT,
    version           BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (org, id),
    CHECK ((returned_at IS NULL) = (condition IS NULL))
);
-- An item is in one hand at a time (I1, A-31).
CREATE UNIQUE INDEX loan_item_open ON loan_item (org, item) WHERE returned_at IS NULL;
CREATE UNIQUE INDEX loan_item_loan ON loan_item (org, loan, item);
