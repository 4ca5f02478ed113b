-- The words behind the commitments of the journal: their salt, and the text where no other table keeps it. An entry shows
-- only the digest; whoever is shown text and salt can check it.
CREATE TABLE note (
    org   TEXT  NOT NULL,
    entry UUID  NOT NULL,
    field TEXT  NOT NULL,
    text  TEXT,
    salt  BYTEA NOT NULL,
    PRIMARY KEY (org, entry, field)
);
