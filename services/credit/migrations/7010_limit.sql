-- Limits from proposal to end. Only an approval makes one `approved` (C-14).
CREATE TABLE credit_limit (
    org          TEXT   NOT NULL,
    id           UUID   NOT NULL,
    customer     UUID   NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency     TEXT   NOT NULL,
    terms        TEXT   NOT NULL,
    valid_from   BIGINT,
    valid_until  BIGINT NOT NULL,
    rating       UUID   NOT NULL,
    reason       TEXT   NOT NULL,
    digest       BYTEA  NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN
        ('draft', 'pending_approval', 'returned', 'approved', 'rejected', 'superseded', 'expired')),
    approval     UUID,
    proposer     UUID   NOT NULL,
    supersedes   UUID,
    round        BIGINT NOT NULL DEFAULT 0 CHECK (round >= 0),
    -- A submission that access may or may not have heard of.
    submission   JSONB,
    created_at   BIGINT NOT NULL,
    submitted_at BIGINT,
    decided_at   BIGINT,
    version      BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (org, id),
    CHECK (state NOT IN ('approved', 'superseded') OR (approval IS NOT NULL AND decided_at IS NOT NULL))
);
CREATE INDEX credit_limit_customer ON credit_limit (org, customer, id);
-- A customer has at most one limit in force.
CREATE UNIQUE INDEX credit_limit_approved ON credit_limit (org, customer) WHERE state = 'approved';
CREATE INDEX credit_limit_end ON credit_limit (org, valid_until) WHERE state = 'approved';

-- What is used of a customer's limit (I2). The guard is the last CHECK: usage never grows beyond the limit. A limit that
-- falls below what is used cannot undo the past, so what is too much is written openly into `excess_minor` in the same
-- statement; it shrinks with the usage and nothing but a lower limit raises it. While it is above zero nothing new fits.
CREATE TABLE exposure (
    org          TEXT   NOT NULL,
    customer     UUID   NOT NULL,
    limit_id     UUID   NOT NULL,
    limit_minor  BIGINT NOT NULL CHECK (limit_minor >= 0),
    currency     TEXT   NOT NULL,
    drawn_minor  BIGINT NOT NULL DEFAULT 0 CHECK (drawn_minor >= 0),
    held_minor   BIGINT NOT NULL DEFAULT 0 CHECK (held_minor >= 0),
    excess_minor BIGINT NOT NULL DEFAULT 0 CHECK (excess_minor >= 0),
    valid_from   BIGINT NOT NULL,
    valid_until  BIGINT NOT NULL,
    version      BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (org, customer),
    CHECK (drawn_minor + held_minor <= limit_minor + excess_minor)
);

-- Parts of a limit that are set aside.
CREATE TABLE reservation (
    org             TEXT   NOT NULL,
    id              UUID   NOT NULL,
    customer        UUID   NOT NULL,
    limit_id        UUID   NOT NULL,
    amount_minor    BIGINT NOT NULL CHECK (amount_minor > 0),
    committed_minor BIGINT NOT NULL DEFAULT 0 CHECK (committed_minor >= 0),
    released_minor  BIGINT NOT NULL DEFAULT 0 CHECK (released_minor >= 0),
    held_minor      BIGINT NOT NULL CHECK (held_minor >= 0),
    currency        TEXT   NOT NULL,
    reference       TEXT   NOT NULL,
    state           TEXT   NOT NULL CHECK (state IN ('held', 'committed', 'released', 'expired')),
    creator         TEXT   NOT NULL,
    expire_at       BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    version         BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (org, id),
    CHECK (amount_minor = committed_minor + released_minor + held_minor),
    CHECK ((state = 'held') = (held_minor > 0))
);
CREATE INDEX reservation_customer ON reservation (org, customer, id);
CREATE INDEX reservation_due ON reservation (org, expire_at) WHERE state = 'held';
CREATE INDEX reservation_customer_due ON reservation (org, customer, expire_at) WHERE state = 'held';

-- The words behind the commitments of this service's journal entries, such as the `reason` of a call.
CREATE TABLE entry_note (
    org   TEXT  NOT NULL,
    entry UUID  NOT NULL,
    field TEXT  NOT NULL,
    text  TEXT  NOT NULL,
    salt  BYTEA NOT NULL,
    PRIMARY KEY (org, entry, field)
);
