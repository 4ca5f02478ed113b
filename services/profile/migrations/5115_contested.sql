-- A draft for a unit that has an open file already, by somebody who may not see that file: he gets his draft like anybody
-- else, and it stays outside of the rule of one open file for a unit until it is resolved (P-02, I10).
ALTER TABLE customer_file ADD COLUMN contested BOOLEAN NOT NULL DEFAULT FALSE
    CHECK (NOT contested OR state <> 'active');
DROP INDEX customer_file_open_unit;
-- At most one open file per unit (P-02), but for drafts that are contested.
CREATE UNIQUE INDEX customer_file_open_unit ON customer_file (org, unit_kind, unit_ref_token)
    WHERE state <> 'closed' AND NOT contested;
CREATE INDEX customer_file_contested ON customer_file (org, unit_kind, unit_ref_token, id)
    WHERE state <> 'closed' AND contested;
