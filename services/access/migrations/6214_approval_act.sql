-- What is to be done, where the approval decides an act of the pack.
ALTER TABLE approval ADD COLUMN act JSONB;
