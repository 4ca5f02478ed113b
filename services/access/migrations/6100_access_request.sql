-- A colleague's request for one file. It is kept whatever becomes of it (A-42).
CREATE TABLE access_request (
    org           TEXT   NOT NULL,
    id            UUID   NOT NULL,
    file          UUID   NOT NULL,
    requester     UUID   NOT NULL,
    medium        BIGINT NOT NULL CHECK (medium BETWEEN 1 AND 3),
    purpose       TEXT   NOT NULL,
    reason        TEXT   NOT NULL,
    fields        JSONB  NOT NULL,
    -- Microseconds; NULL: the longest that the level allows.
    duration      BIGINT CHECK (duration > 0),
    reading_place TEXT   NOT NULL,
    level         TEXT   NOT NULL,
    -- Empty where the level asks for no approval.
    matter        TEXT   NOT NULL,
    state         TEXT   NOT NULL CHECK (state IN ('pending', 'returned', 'granted', 'refused', 'cancelled')),
    approval      UUID,
    grant_id      UUID,
    created_at    BIGINT NOT NULL,
    decided_at    BIGINT,
    version       BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (org, id),
    CHECK ((decided_at IS NULL) = (state IN ('pending', 'returned'))),
    CHECK ((grant_id IS NULL) = (state <> 'granted')),
    -- What a level puts to approval is never open or granted without one.
    CHECK (matter = '' OR approval IS NOT NULL)
);
-- Nobody has two open requests for the same file and medium.
CREATE UNIQUE INDEX access_request_open ON access_request (org, file, requester, medium)
    WHERE state IN ('pending', 'returned');
CREATE UNIQUE INDEX access_request_approval ON access_request (org, approval) WHERE approval IS NOT NULL;
CREATE INDEX access_request_requester ON access_request (org, requester, id);
CREATE INDEX access_request_file ON access_request (org, file, id);
