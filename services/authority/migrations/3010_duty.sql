-- What is due, by when, by whom (P-39, A-30, X-40).
CREATE TABLE duty (
    org              TEXT   NOT NULL,
    id               UUID   NOT NULL,
    kind             TEXT   NOT NULL,
    subject          TEXT   NOT NULL,
    -- The file that the duty is about, if it is about one: who cannot see the file does not see the duty.
    file             UUID,
    post             TEXT   NOT NULL,
    unit             TEXT   NOT NULL,
    assignee         UUID,
    due_at           BIGINT NOT NULL,
    calendar_version TEXT   NOT NULL,
    state            TEXT   NOT NULL CHECK (state IN
        ('DUTY_STATE_OPEN', 'DUTY_STATE_COMPLETED', 'DUTY_STATE_WAIVED', 'DUTY_STATE_CANCELLED')),
    opened_at        BIGINT NOT NULL,
    closed_at        BIGINT,
    closed_by        UUID,
    ground           TEXT   NOT NULL DEFAULT '',
    version          BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (org, id)
);
-- One open duty of a kind for a subject: opening it twice changes nothing.
CREATE UNIQUE INDEX duty_open ON duty (org, kind, subject) WHERE state = 'DUTY_STATE_OPEN';
CREATE INDEX duty_due ON duty (org, state, due_at, id);
