-- One row per mutation that was answered: the same request id gets the same reply, another body is refused.
-- The reply is sealed: it may repeat personal values.
CREATE TABLE idempotency (
    org        TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    request_id UUID   NOT NULL,
    method     TEXT   NOT NULL,
    digest     BYTEA  NOT NULL,
    reply      BYTEA,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org, subject, request_id)
);
CREATE INDEX idempotency_age ON idempotency (org, created_at);
