-- One data key per file, wrapped under the org's key. A destroyed key keeps its row, so that it cannot be made again.
CREATE TABLE file_key (
    org          TEXT   NOT NULL,
    file         UUID   NOT NULL,
    key_id       UUID   NOT NULL,
    -- The root key version it is wrapped under; a rotation looks for the old ones.
    root         UUID,
    wrapped      BYTEA,
    created_at   BIGINT NOT NULL,
    destroyed_at BIGINT,
    PRIMARY KEY (org, file),
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL)),
    CHECK ((wrapped IS NULL) = (root IS NULL))
);

CREATE INDEX file_key_by_root ON file_key (org, root) WHERE wrapped IS NOT NULL;

-- What was destroyed, kept for ever: a restored backup loses these keys again at the next start.
CREATE TABLE tombstone (
    org          TEXT   NOT NULL,
    file         UUID   NOT NULL,
    destroyed_at BIGINT NOT NULL,
    PRIMARY KEY (org, file)
);
