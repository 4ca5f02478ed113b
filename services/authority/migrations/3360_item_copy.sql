-- What profile's journal says of what is physical: whose it is, what it is, and whether the archive has it. What was never accepted has no row.
CREATE TABLE item_copy (
    org           TEXT   NOT NULL,
    id            UUID   NOT NULL,
    file          UUID   NOT NULL,
    kind          TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    -- The kind of document in the pack; empty: it is the paper of the file.
    document_kind TEXT   NOT NULL,
    revision      BIGINT NOT NULL,
    PRIMARY KEY (org, id)
);
-- What access's journal says of items that are out: on which loan, who has them, and until when. What is back is forgotten.
CREATE TABLE loan_item_copy (
    org      TEXT   NOT NULL,
    loan     UUID   NOT NULL,
    item     UUID   NOT NULL,
    file     UUID   NOT NULL,
    borrower UUID   NOT NULL,
    due_at   BIGINT NOT NULL,
    PRIMARY KEY (org, loan, item)
);
CREATE INDEX loan_item_copy_item ON loan_item_copy (org, item);
