-- What access alone knows of a grant. Who may read what until when stands in `grant_copy`, which every service keeps.
CREATE TABLE access_grant (
    org            TEXT   NOT NULL,
    id             UUID   NOT NULL,
    access_request UUID   NOT NULL,
    approval       UUID,
    reading_place  TEXT   NOT NULL,
    level          TEXT   NOT NULL,
    -- Of an original: the last moment to hand it out. Until when the file may be read on it stands in `grant_copy`.
    valid_until    BIGINT NOT NULL,
    -- Microseconds; only of an original.
    loan_term      BIGINT CHECK (loan_term > 0),
    -- The original of a grant is handed out once.
    hand_outs      BIGINT NOT NULL DEFAULT 0 CHECK (hand_outs IN (0, 1)),
    revoker        UUID,
    created_at     BIGINT NOT NULL,
    version        BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (org, id),
    CHECK (hand_outs = 0 OR loan_term IS NOT NULL)
);
-- A request leads to one grant.
CREATE UNIQUE INDEX access_grant_request ON access_grant (org, access_request);

-- The template of each file: it says how sensitive the fields are that somebody asks for.
CREATE TABLE file_template (
    org      TEXT NOT NULL,
    file     UUID NOT NULL,
    template TEXT NOT NULL,
    PRIMARY KEY (org, file)
);
