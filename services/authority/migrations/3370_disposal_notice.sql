-- Files whose destruction profile has announced, and what this service says to it. From the first line about a file on nothing new is
-- begun about it here.
CREATE TABLE disposal_notice (
    org      TEXT    NOT NULL,
    file     UUID    NOT NULL,
    disposal UUID    NOT NULL,
    -- Whether this service has answered, and that nothing here keeps the file.
    answered BOOLEAN NOT NULL,
    grounds  JSONB   NOT NULL,
    PRIMARY KEY (org, file)
);
CREATE INDEX disposal_notice_blocked ON disposal_notice (org, file) WHERE NOT answered OR grounds <> '[]';
