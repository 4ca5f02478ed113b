-- Every number that profile's journal told of: so that a number stays known when profile's store goes back to a state in
-- which it was not issued yet (I11). Rows stay when the copies of files are made anew.
CREATE TABLE number_copy (
    org      TEXT   NOT NULL,
    series   TEXT   NOT NULL,
    sequence BIGINT NOT NULL CHECK (sequence > 0),
    number   TEXT   NOT NULL,
    PRIMARY KEY (org, series, sequence)
);
