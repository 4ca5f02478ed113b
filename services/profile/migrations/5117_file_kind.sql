-- The kind of a file is no kind of unit: rooms and departments have files too (P-02).
ALTER TABLE customer_file RENAME COLUMN unit_kind TO file_kind;
ALTER TABLE customer_number RENAME COLUMN unit_kind TO file_kind;
