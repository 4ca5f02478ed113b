-- Whether the tombstone was seen in the list beside the keyring. A list that lacks one of those is an older list or none:
-- what a crash kept out of it was never seen there.
ALTER TABLE tombstone ADD COLUMN listed BOOLEAN NOT NULL DEFAULT FALSE;
