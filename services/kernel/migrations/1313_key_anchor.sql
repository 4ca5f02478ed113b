-- Under which root keys this store was written: a keyring that lacks the newest of them, or has another secret under its
-- id, is not the one of this store. The proof is derived from the secret and tells nothing of it; empty for keys that
-- never leave their provider.
CREATE TABLE key_anchor (
    org         TEXT   NOT NULL,
    purpose     TEXT   NOT NULL,
    key_id      UUID   NOT NULL,
    proof       BYTEA  NOT NULL,
    anchored_at BIGINT NOT NULL,
    PRIMARY KEY (org, purpose, key_id)
);
