-- Files that were merged: the one that says where to look is closed and looks at another, and the kept one knows which it was (P-02, P-28).
-- A row has one column for it, so that no file is merged into two.
ALTER TABLE customer_file ADD COLUMN merged_into UUID CHECK (merged_into IS NULL OR (state = 'closed' AND merged_into <> id));
ALTER TABLE customer_file ADD COLUMN merged JSONB NOT NULL DEFAULT '[]';
