-- The ledger of loans (A-29). An entry is written at the hand-out and cancelled on return; it is never removed.
CREATE TABLE loan (
    org                 TEXT   NOT NULL,
    id                  UUID   NOT NULL,
    file                UUID   NOT NULL,
    borrower            UUID   NOT NULL,
    grant_id            UUID,
    level               TEXT   NOT NULL,
    material            TEXT   NOT NULL,
    copies              BIGINT NOT NULL CHECK (copies BETWEEN 1 AND 999),
    pages               BIGINT NOT NULL CHECK (pages BETWEEN 0 AND 99999),
    reason              TEXT   NOT NULL,
    duties              JSONB  NOT NULL,
    signature_reference TEXT   NOT NULL,
    handed_out_by       UUID   NOT NULL,
    out_at              BIGINT NOT NULL,
    due_at              BIGINT NOT NULL,
    state               TEXT   NOT NULL CHECK (state IN ('out', 'recalled', 'returned', 'returned_with_difference')),
    renewals            BIGINT NOT NULL DEFAULT 0,
    recalled_at         BIGINT,
    recalled_by         UUID,
    -- What was found on return.
    condition           TEXT CHECK (condition IN ('sound', 'marked', 'damaged', 'incomplete')),
    returned_copies     BIGINT,
    returned_pages      BIGINT,
    inspected           JSONB,
    differences         JSONB,
    restored_location   TEXT,
    received_by         UUID,
    returned_at         BIGINT,
    case_reference      TEXT,
    -- When the immediate return of an overdue loan was demanded.
    demanded_at         BIGINT,
    version             BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (org, id),
    CHECK (due_at >= out_at),
    -- Every hand-out goes through an administrator, who is never the borrower (A-28).
    CHECK (handed_out_by <> borrower AND (received_by IS NULL OR received_by <> borrower)),
    CHECK ((state IN ('out', 'recalled')) = (returned_at IS NULL)),
    CHECK ((returned_at IS NULL) = (condition IS NULL) AND (returned_at IS NULL) = (received_by IS NULL)),
    CHECK (state <> 'recalled' OR recalled_at IS NOT NULL),
    CHECK ((state = 'returned_with_difference') = (case_reference IS NOT NULL))
);
-- One original, at most one open loan (I1, A-31).
CREATE UNIQUE INDEX loan_open ON loan (org, file) WHERE state IN ('out', 'recalled');
-- A grant is used once.
CREATE UNIQUE INDEX loan_grant ON loan (org, grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX loan_borrower ON loan (org, borrower, id);
CREATE INDEX loan_file ON loan (org, file, id);
CREATE INDEX loan_due ON loan (org, due_at) WHERE state IN ('out', 'recalled');

-- How many loss and damage cases each year has seen; their numbers have no gaps.
CREATE TABLE loan_case (
    org   TEXT   NOT NULL,
    year  BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (org, year)
);
