-- When a limit last changed. Nothing in rows that a version before this wrote: the newest of the moments that they name stands
-- for it.
ALTER TABLE credit_limit ADD COLUMN updated_at BIGINT;
