-- Registers go over the records of a kind in all files, newest first; each stretch of them is read in this order.
CREATE INDEX record_kind ON record (org, kind, id);
