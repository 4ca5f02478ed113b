-- What access alone knows of a letter of authorisation; what it lends stands in `delegation`, which every service keeps.
CREATE TABLE letter (
    org        TEXT   NOT NULL,
    id         UUID   NOT NULL,
    max_level  TEXT   NOT NULL,
    reference  TEXT   NOT NULL,
    creator    UUID   NOT NULL,
    created_at BIGINT NOT NULL,
    revoker    UUID,
    version    BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (org, id)
);
