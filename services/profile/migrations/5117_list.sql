-- What lists of files are asked for, newest first. Each begins with the organisation and ends with the file, so that a page is
-- read in its order from where it begins.
CREATE INDEX customer_file_state ON customer_file (org, state, id);
CREATE INDEX customer_file_level ON customer_file (org, level, id);
CREATE INDEX customer_file_unit ON customer_file (org, unit, id);
CREATE INDEX customer_file_custodian ON customer_file (org, custodian, id);
CREATE INDEX customer_file_label_value ON customer_file_label (org, axis, label, file);
