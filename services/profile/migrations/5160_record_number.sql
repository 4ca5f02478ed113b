-- Numbers of records: the register has two kinds of holder. The number of a record says its file too, so that who may know of it is asked
-- as ever.
ALTER TABLE record ADD COLUMN number TEXT;
CREATE UNIQUE INDEX record_number ON record (org, number) WHERE number IS NOT NULL;
ALTER TABLE file_number ADD COLUMN record UUID CHECK (record IS NULL OR file IS NOT NULL);
-- A file carries one number itself, and each record in it at most one.
DROP INDEX file_number_file;
CREATE UNIQUE INDEX file_number_file ON file_number (org, file) WHERE file IS NOT NULL AND record IS NULL;
CREATE UNIQUE INDEX file_number_record ON file_number (org, record) WHERE record IS NOT NULL;
