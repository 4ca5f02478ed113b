-- Several duties of one happening, each with a time of its own (P-79).
ALTER TABLE duty ADD COLUMN time_window BIGINT NOT NULL DEFAULT 0;
DROP INDEX duty_open;
CREATE UNIQUE INDEX duty_open ON duty (org, kind, subject, time_window) WHERE state = 'DUTY_STATE_OPEN';
CREATE INDEX duty_file ON duty (org, file) WHERE state = 'DUTY_STATE_OPEN';
