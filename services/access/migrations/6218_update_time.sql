-- When a grant, a loan, a request last changed. Nothing in rows that a version before this wrote: the newest of the moments that
-- they name stands for it.
ALTER TABLE access_grant ADD COLUMN updated_at BIGINT;
ALTER TABLE access_request ADD COLUMN updated_at BIGINT;
ALTER TABLE loan ADD COLUMN updated_at BIGINT;
