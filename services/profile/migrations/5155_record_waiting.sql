-- Records that wait for an approval, looked for again and again: found by what they wait for, so that no engine takes another index of
-- their org, which holds all of its records.
DROP INDEX record_pending;
CREATE INDEX record_waiting ON record (org, pending, id) WHERE pending <> '';
