-- The salt of the journal's promise of why a number is void; numbers that were voided before have none.
ALTER TABLE file_number ADD COLUMN salt BYTEA;
