-- Files whose tokens were made from an older form of their values; a job makes them anew and takes them off this list.
CREATE TABLE customer_file_reindex (
    org  TEXT NOT NULL,
    file UUID NOT NULL,
    PRIMARY KEY (org, file)
);
-- Since this version letters that look alike across scripts, and names with or without dots, have one form.
INSERT INTO customer_file_reindex (org, file) SELECT org, id FROM customer_file;
