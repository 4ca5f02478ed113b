-- What access alone knows of a person. Subject and activity stand in `principal`, posts in `appointment`, which every
-- service keeps. The name is personal: it leaves this table only in answers.
CREATE TABLE person (
    org          TEXT   NOT NULL,
    id           UUID   NOT NULL,
    display_name TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    version      BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (org, id)
);
