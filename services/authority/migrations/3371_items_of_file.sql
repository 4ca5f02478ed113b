-- What is physical of a file, and what of it is out, is asked for before the file is destroyed, and forgotten with it.
CREATE INDEX item_copy_file ON item_copy (org, file);
CREATE INDEX loan_item_copy_file ON loan_item_copy (org, file);
