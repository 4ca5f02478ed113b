-- What is lent stands in loan_item alone, and so does that it is in one hand: two items of a file may be out on two loans. `condition` stays:
-- of the first thing that did not come back sound, or sound.
DROP INDEX loan_open;
CREATE INDEX loan_out ON loan (org, file) WHERE state IN ('out', 'recalled');
ALTER TABLE loan DROP COLUMN material;
ALTER TABLE loan DROP COLUMN copies;
ALTER TABLE loan DROP COLUMN pages;
ALTER TABLE loan DROP COLUMN returned_copies;
ALTER TABLE loan DROP COLUMN returned_pages;
ALTER TABLE loan DROP COLUMN inspected;
ALTER TABLE loan DROP COLUMN differences;
ALTER TABLE loan DROP COLUMN restored_location;
