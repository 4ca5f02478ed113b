-- Which versions of pack and organisation file this service has journaled as loaded.
CREATE TABLE organisation_load (
    org                 TEXT   NOT NULL,
    pack_digest         BYTEA  NOT NULL,
    organisation_digest BYTEA  NOT NULL,
    loaded_at           BIGINT NOT NULL,
    PRIMARY KEY (org, pack_digest, organisation_digest)
);
