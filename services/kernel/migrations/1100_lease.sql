-- Jobs that one replica at a time runs. The row outlives its holder, so that the epoch never falls.
CREATE TABLE lease (
    org        TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    holder     TEXT   NOT NULL,
    epoch      BIGINT NOT NULL CHECK (epoch > 0),
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (org, name)
);
