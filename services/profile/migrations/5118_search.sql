-- Blind index: tokens of exact values (16 bytes) and of the pairs of letters of names (8 bytes), read by token alone.
CREATE TABLE customer_file_search (
    org   TEXT  NOT NULL,
    token BYTEA NOT NULL,
    file  UUID  NOT NULL,
    PRIMARY KEY (org, token, file)
) /* sqlite: WITHOUT ROWID */;

-- The tokens that a file has by field, so that a change finds what it replaces.
CREATE TABLE customer_file_index (
    org    TEXT  NOT NULL,
    file   UUID  NOT NULL,
    tokens BYTEA NOT NULL,
    PRIMARY KEY (org, file)
) /* sqlite: WITHOUT ROWID */;
