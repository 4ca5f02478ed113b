-- Files that name others: the one they belong to, and links (P-03). A file about no customer has the customer type ''.
ALTER TABLE customer_file ADD COLUMN parent UUID;
ALTER TABLE customer_file ADD COLUMN links JSONB NOT NULL DEFAULT '[]';
CREATE INDEX customer_file_parent ON customer_file (org, parent, id) WHERE parent IS NOT NULL;
CREATE INDEX customer_file_kind ON customer_file (org, unit_kind, id);
