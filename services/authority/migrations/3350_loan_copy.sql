-- What access's journal says of originals that are out: who has them, and until when. One that is back is forgotten. Loans that were
-- open before this table was made are known with the next entry about them.
CREATE TABLE loan_copy (
    org      TEXT   NOT NULL,
    id       UUID   NOT NULL,
    file     UUID   NOT NULL,
    borrower UUID   NOT NULL,
    due_at   BIGINT NOT NULL,
    PRIMARY KEY (org, id)
);
CREATE INDEX loan_copy_file ON loan_copy (org, file);
