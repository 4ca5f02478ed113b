-- How the custodian came to keep the file: he made it, got it by approval, or was given it by one person. Only the first two
-- still read it at a level whose files their custodians read. What nobody can tell any more counts as given.
ALTER TABLE customer_file ADD COLUMN custody TEXT NOT NULL DEFAULT 'given'
    CHECK (custody IN ('made', 'approved', 'given'));
UPDATE customer_file SET custody = 'made' WHERE custodian = creator;
