-- Whether the due time was counted through a year whose holidays were not published (X-40). What was opened before this
-- version does not say.
ALTER TABLE duty ADD COLUMN provisional BOOLEAN NOT NULL DEFAULT FALSE;
