-- Places where paper is kept, and what is physical: the paper of a file, or a document on paper.
CREATE TABLE place (
    org        TEXT    NOT NULL,
    id         UUID    NOT NULL,
    kind       TEXT    NOT NULL,
    title      TEXT    NOT NULL,
    parent     UUID,
    labels     JSONB   NOT NULL,
    -- Most items in it; nothing where any number is.
    capacity   BIGINT  CHECK (capacity > 0),
    -- How many are in it: a place that is full takes no more, whoever asks at the same time.
    taken      BIGINT  NOT NULL DEFAULT 0 CHECK (taken >= 0 AND (capacity IS NULL OR taken <= capacity)),
    closed     BOOLEAN NOT NULL,
    creator    UUID    NOT NULL,
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    version    BIGINT  NOT NULL DEFAULT 1 CHECK (version > 0),
    PRIMARY KEY (org, id)
);
CREATE UNIQUE INDEX place_title ON place (org, parent, title) WHERE parent IS NOT NULL;
CREATE UNIQUE INDEX place_title_alone ON place (org, title) WHERE parent IS NULL;
CREATE INDEX place_parent ON place (org, parent, id);
CREATE INDEX place_kind ON place (org, kind, id);
-- One row for each thing that the archive ever accepted; its id is that of the file or of the document that it is.
CREATE TABLE item (
    org        TEXT   NOT NULL,
    id         UUID   NOT NULL,
    file       UUID   NOT NULL,
    kind       TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    place      UUID,
    holder     UUID,
    -- The record whose effect moved it last, and the file of that.
    record     UUID   NOT NULL,
    of_file    UUID   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version    BIGINT NOT NULL DEFAULT 1 CHECK (version > 0),
    -- What was released lies nowhere here, and somebody took it.
    CHECK ((state = 'released') = (holder IS NOT NULL)),
    CHECK (state <> 'released' OR place IS NULL),
    PRIMARY KEY (org, id)
);
CREATE INDEX item_file ON item (org, file, id);
CREATE INDEX item_kind ON item (org, kind, id);
CREATE INDEX item_place ON item (org, place, id);
