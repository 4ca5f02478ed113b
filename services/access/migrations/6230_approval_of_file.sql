-- Whether an approval about a file is open is asked before the file is destroyed.
CREATE INDEX approval_open_file ON approval (org, file) WHERE file IS NOT NULL AND state IN ('pending', 'returned');
