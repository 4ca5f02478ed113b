-- Stages that are entered with an approval: which one a record waits for. What is asked access lies in `submission`.
ALTER TABLE record ADD COLUMN pending TEXT NOT NULL DEFAULT '';
CREATE INDEX record_pending ON record (org, id) WHERE pending <> '';
