-- Who is who and who may see what. access writes these rows as it decides; profile and credit keep a copy that access's
-- journal feeds. The predicate of visibility reads them inside every query.
CREATE TABLE principal (
    org     TEXT    NOT NULL,
    person  UUID    NOT NULL,
    subject TEXT    NOT NULL,
    active  BOOLEAN NOT NULL,
    PRIMARY KEY (org, person)
);
CREATE UNIQUE INDEX principal_subject ON principal (org, subject);

CREATE TABLE appointment (
    org         TEXT   NOT NULL,
    id          UUID   NOT NULL,
    person      UUID   NOT NULL,
    post        TEXT   NOT NULL,
    unit        TEXT   NOT NULL,
    valid_from  BIGINT NOT NULL,
    valid_until BIGINT NOT NULL,
    PRIMARY KEY (org, id)
);
CREATE INDEX appointment_person ON appointment (org, person, valid_until);
CREATE INDEX appointment_post ON appointment (org, post, valid_until);

CREATE TABLE delegation (
    org         TEXT   NOT NULL,
    id          UUID   NOT NULL,
    delegator   UUID   NOT NULL,
    delegate    UUID   NOT NULL,
    post        TEXT   NOT NULL,
    matters     JSONB  NOT NULL,
    max_rank    BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    valid_until BIGINT NOT NULL,
    revoked_at  BIGINT,
    PRIMARY KEY (org, id),
    CHECK (delegator <> delegate),
    CHECK (valid_from < valid_until)
);
CREATE INDEX delegation_delegate ON delegation (org, delegate, valid_until);
CREATE INDEX delegation_delegator ON delegation (org, delegator, valid_until);

CREATE TABLE grant_copy (
    org          TEXT   NOT NULL,
    id           UUID   NOT NULL,
    file         UUID   NOT NULL,
    holder       UUID   NOT NULL,
    purpose      TEXT   NOT NULL,
    fields       JSONB  NOT NULL,
    medium       BIGINT NOT NULL,
    valid_from   BIGINT NOT NULL,
    valid_until  BIGINT NOT NULL,
    max_uses     BIGINT NOT NULL,
    uses         BIGINT NOT NULL DEFAULT 0,
    revoked_at   BIGINT,
    completed_at BIGINT,
    PRIMARY KEY (org, id),
    CHECK (max_uses = 0 OR uses <= max_uses)
);
CREATE INDEX grant_copy_holder ON grant_copy (org, holder, file, valid_until);
CREATE INDEX grant_copy_file ON grant_copy (org, file, valid_until);

-- What the pack says of posts and levels, as rows, so that the predicate can join it.
CREATE TABLE post_rule (
    org       TEXT    NOT NULL,
    post      TEXT    NOT NULL,
    clearance BIGINT  NOT NULL,
    grade     BIGINT  NOT NULL,
    standing  TEXT    NOT NULL,
    custodian BOOLEAN NOT NULL,
    PRIMARY KEY (org, post)
);
CREATE TABLE level_rule (
    org      TEXT    NOT NULL,
    level    TEXT    NOT NULL,
    rank     BIGINT  NOT NULL,
    closed   BOOLEAN NOT NULL,
    standing TEXT    NOT NULL,
    PRIMARY KEY (org, level)
);

-- Each file's place in the rules, without any of its content: what access and credit need to know of it.
CREATE TABLE file_copy (
    org           TEXT    NOT NULL,
    id            UUID    NOT NULL,
    number        TEXT    NOT NULL,
    level         TEXT    NOT NULL,
    unit          TEXT    NOT NULL,
    custodian     UUID,
    state         TEXT    NOT NULL,
    customer_type BIGINT  NOT NULL,
    revision      BIGINT  NOT NULL,
    complete      BOOLEAN NOT NULL,
    PRIMARY KEY (org, id)
);
