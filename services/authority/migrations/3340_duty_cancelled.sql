-- What was cancelled about a file when it ended: looked for when the file stands again.
CREATE INDEX duty_cancelled ON duty (org, file, closed_at) WHERE state = 'DUTY_STATE_CANCELLED';
