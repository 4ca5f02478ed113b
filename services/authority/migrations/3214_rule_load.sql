-- What each version of a pack said when it was first in force here: a version says one thing (X-37).
CREATE TABLE rule_load (
    org       TEXT   NOT NULL,
    pack      TEXT   NOT NULL,
    version   BIGINT NOT NULL,
    digest    BYTEA  NOT NULL,
    loaded_at BIGINT NOT NULL,
    PRIMARY KEY (org, pack, version)
);
