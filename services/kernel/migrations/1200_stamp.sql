-- A number for each thing that answers rest on, raised by every transaction that changes the thing. The nil id stands for
-- the org as a whole. No row: never changed.
CREATE TABLE stamp (
    org     TEXT   NOT NULL,
    subject UUID   NOT NULL,
    value   BIGINT NOT NULL,
    PRIMARY KEY (org, subject)
);
