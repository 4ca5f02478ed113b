-- What files are found by until they are indexed anew, which then takes their rows out of customer_file_token.
INSERT INTO customer_file_search (org, token, file)
    SELECT DISTINCT org, token, file FROM customer_file_token ORDER BY org, token, file;
INSERT INTO customer_file_reindex (org, file) SELECT org, id FROM customer_file WHERE TRUE ON CONFLICT DO NOTHING;
