-- What access's journal says of approvals that were given: enough for a service to do what was approved, exactly that.
CREATE TABLE approval_copy (
    org        TEXT   NOT NULL,
    id         UUID   NOT NULL,
    matter     TEXT   NOT NULL,
    digest     BYTEA  NOT NULL,
    requester  UUID   NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (org, id)
);

-- An approval of an act is used once, in the transaction of the act.
CREATE TABLE approval_use (
    org      TEXT   NOT NULL,
    approval UUID   NOT NULL,
    subject  TEXT   NOT NULL,
    person   UUID   NOT NULL,
    used_at  BIGINT NOT NULL,
    PRIMARY KEY (org, approval)
);

-- A file is also addressed by its number.
CREATE INDEX file_copy_number ON file_copy (org, number) WHERE number <> '';
