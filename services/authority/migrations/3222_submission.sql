-- What this service asked access to approve: one row for each thing of its own, made by the first question and kept for good, since
-- the next round has the number behind it. An outcome counts for `approval`, its round and `digest` alone. `approval_round` is 0
-- where it is not known. `words` are those of the step under way, sealed under the key of `holder`: the file that it is about, or
-- the nil id, which stands for the org; nothing where there are none.
CREATE TABLE submission (
    org            TEXT   NOT NULL,
    id             UUID   NOT NULL,
    round          BIGINT NOT NULL CHECK (round >= 0),
    digest         BYTEA  NOT NULL,
    state          TEXT   NOT NULL CHECK (state IN
        ('asking', 'pending', 'returned', 'leaving', 'approved', 'rejected', 'withdrawn')),
    approval       UUID,
    approval_round BIGINT NOT NULL CHECK (approval_round >= 0),
    holder         UUID   NOT NULL,
    words          BYTEA,
    begun_at       BIGINT NOT NULL,
    version        BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (org, id),
    CHECK (approval IS NOT NULL OR state IN ('asking', 'returned')),
    CHECK (words IS NULL OR state IN ('asking', 'leaving'))
);
