-- What entries promise without showing it (I9): for each promise its salt, and the text where no other table keeps it, sealed
-- under the key of `holder`: the file that the entry is about, or the nil id, which stands for the org where there is none. Who
-- destroys a file's key makes its promises unreadable; the entries stay verifiable.
CREATE TABLE promise (
    org    TEXT  NOT NULL,
    entry  UUID  NOT NULL,
    field  TEXT  NOT NULL,
    holder UUID  NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (org, entry, field)
);
