-- Since this version names are found as they are said, and traditional and simplified characters, and Latin letters with and without
-- their marks, have one form.
INSERT INTO customer_file_reindex (org, file) SELECT org, id FROM customer_file WHERE TRUE ON CONFLICT DO NOTHING;
