-- What a crash, or a list that could not be written, kept out of the list: looked for again and again, and mostly nothing.
CREATE INDEX tombstone_unlisted ON tombstone (org, file) WHERE NOT listed;
