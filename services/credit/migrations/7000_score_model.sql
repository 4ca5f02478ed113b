-- Versions of scorecards. The content never changes; an improvement is the next number of the card.
CREATE TABLE score_model (
    org          TEXT   NOT NULL,
    id           UUID   NOT NULL,
    card         TEXT   NOT NULL,
    number       BIGINT NOT NULL CHECK (number > 0),
    title        TEXT   NOT NULL,
    content      JSONB  NOT NULL,
    digest       BYTEA  NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('draft', 'active', 'retired')),
    creator      UUID   NOT NULL,
    created_at   BIGINT NOT NULL,
    activated_at BIGINT,
    retired_at   BIGINT,
    version      BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (org, id)
);
CREATE UNIQUE INDEX score_model_number ON score_model (org, card, number);
CREATE UNIQUE INDEX score_model_digest ON score_model (org, card, digest);
-- A card has at most one version in force.
CREATE UNIQUE INDEX score_model_active ON score_model (org, card) WHERE state = 'active';

-- What a model said of a customer. Points and bins are an internal assessment of a person: they and the salt of the
-- journal's commitment lie sealed under the file's key. The inputs are not kept.
CREATE TABLE rating (
    org         TEXT   NOT NULL,
    id          UUID   NOT NULL,
    customer    UUID   NOT NULL,
    score_model UUID   NOT NULL,
    card        TEXT   NOT NULL,
    number      BIGINT NOT NULL,
    detail      BYTEA  NOT NULL,
    salt        BYTEA  NOT NULL,
    evaluator   UUID   NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (org, id)
);
CREATE INDEX rating_customer ON rating (org, customer, id);
