-- A matter before its approvers. The plan is a copy: a later pack does not change what was asked.
CREATE TABLE approval (
    org          TEXT   NOT NULL,
    id           UUID   NOT NULL,
    matter       TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    unit         TEXT   NOT NULL,
    level        TEXT   NOT NULL,
    rank         BIGINT NOT NULL,
    minor_units  BIGINT,
    currency     TEXT,
    digest       BYTEA  NOT NULL,
    summary      TEXT   NOT NULL,
    requester    UUID   NOT NULL,
    asker        TEXT   NOT NULL,
    excluded     JSONB  NOT NULL,
    plan         JSONB  NOT NULL,
    steps        BIGINT NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('pending', 'returned', 'approved', 'rejected', 'withdrawn')),
    round        BIGINT NOT NULL CHECK (round >= 1),
    passed_steps BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    decided_at   BIGINT,
    version      BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (org, id),
    CHECK (steps >= 1 AND passed_steps BETWEEN 0 AND steps),
    -- Approved means that every step has passed, and nothing else does.
    CHECK ((state = 'approved') = (passed_steps = steps)),
    CHECK ((decided_at IS NULL) = (state IN ('pending', 'returned'))),
    CHECK ((minor_units IS NULL) = (currency IS NULL))
);
-- One subject has at most one open approval.
CREATE UNIQUE INDEX approval_open ON approval (org, subject) WHERE state IN ('pending', 'returned');
CREATE INDEX approval_state ON approval (org, state, id);
CREATE INDEX approval_requester ON approval (org, requester, id);
CREATE INDEX approval_subject ON approval (org, subject, id);

-- The plan's places as rows, one for each post that may fill one, so that lists can join them. An empty unit: any.
CREATE TABLE approval_slot (
    org      TEXT   NOT NULL,
    approval UUID   NOT NULL,
    step     BIGINT NOT NULL,
    slot     BIGINT NOT NULL,
    post     TEXT   NOT NULL,
    unit     TEXT   NOT NULL,
    PRIMARY KEY (org, approval, step, slot, post)
);
CREATE INDEX approval_slot_post ON approval_slot (org, post, approval);

-- Signatures: written once. One person and one voice decide once in a round.
CREATE TABLE approval_decision (
    org        TEXT   NOT NULL,
    id         UUID   NOT NULL,
    approval   UUID   NOT NULL,
    round      BIGINT NOT NULL,
    ordinal    BIGINT NOT NULL,
    step       BIGINT NOT NULL,
    signer     UUID   NOT NULL,
    voice      UUID   NOT NULL,
    verdict    TEXT   NOT NULL CHECK (verdict IN ('approve', 'reject', 'return')),
    acting_for UUID,
    delegation UUID,
    post       TEXT   NOT NULL,
    unit       TEXT   NOT NULL,
    seats      JSONB  NOT NULL,
    digest     BYTEA  NOT NULL,
    comment    TEXT   NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (org, id),
    CHECK ((acting_for IS NULL) = (delegation IS NULL)),
    CHECK (acting_for IS NULL OR acting_for <> signer)
);
CREATE UNIQUE INDEX approval_decision_ordinal ON approval_decision (org, approval, ordinal);
CREATE UNIQUE INDEX approval_decision_signer ON approval_decision (org, approval, round, signer);
CREATE UNIQUE INDEX approval_decision_voice ON approval_decision (org, approval, round, voice);
CREATE INDEX approval_decision_by ON approval_decision (org, signer, approval);

-- Which place a yes fills. While its step is open it may move to another place that its signer may fill, so that a later
-- signer is not shut out; the signature itself never changes.
CREATE TABLE approval_seat (
    org      TEXT   NOT NULL,
    approval UUID   NOT NULL,
    round    BIGINT NOT NULL,
    step     BIGINT NOT NULL,
    slot     BIGINT NOT NULL,
    decision UUID   NOT NULL,
    post     TEXT   NOT NULL,
    unit     TEXT   NOT NULL,
    PRIMARY KEY (org, approval, round, step, slot)
);
CREATE UNIQUE INDEX approval_seat_decision ON approval_seat (org, decision);
