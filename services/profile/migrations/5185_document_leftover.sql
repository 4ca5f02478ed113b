-- Uploads that have ended: what lies under one and is no content of its document is removed, at once and once more after a day.
CREATE TABLE document_leftover (
    org      TEXT   NOT NULL,
    id       UUID   NOT NULL,
    document UUID   NOT NULL,
    file     UUID   NOT NULL,
    ended_at BIGINT NOT NULL,
    version  BIGINT NOT NULL DEFAULT 1 CHECK (version > 0),
    PRIMARY KEY (org, id)
);
CREATE INDEX document_leftover_ended ON document_leftover (org, ended_at);
