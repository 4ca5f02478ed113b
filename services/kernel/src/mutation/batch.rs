//! Several mutations in one transaction: group commit, with the promise of each `request_id` kept.
//!
//! # To commit a group
//! 1. [`Mutations::known`] in the group's transaction: which of the calls were answered before.
//! 2. Decide the others, [`Mutations::keep`] the replies of those that succeeded, commit.
//! 3. [`Mutations::committed`]. On a lost commit repeat from 1: the rows tell what came through.
//!
//! Two calls with one key must not stand in one group.

use prost::Message;
use uuid::Uuid;

use super::{Key, Mutations};
use crate::db::{Tx, require_rows};
use crate::error::{Error, Reason, Result};
use crate::{fault, sql_rows};

#[derive(sqlx::FromRow)]
struct Row {
    subject: String,
    request_id: Uuid,
    digest: Vec<u8>,
    reply: Option<Vec<u8>>,
}

// === impl Key ===

impl Key {
    /// What tells this mutation from every other of its org.
    pub fn identity(&self) -> (&str, Uuid) {
        (&self.subject, self.request_id)
    }
}

// === impl Mutations ===

impl Mutations {
    /// For each of `keys`, all of one org: the encoded reply if it was answered before, or why it cannot be.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`. Of a single key: `REQUEST_ID_REUSED` when its row belongs to a call with another body,
    /// `CONFLICT_RETRY` while another attempt is under way.
    pub async fn known(&self, tx: &mut Tx, keys: &[&Key]) -> Result<Vec<Option<Result<Vec<u8>>>>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let (head, tail) = (
            "WITH asked (org, subject, request_id) AS (",
            ") SELECT i.subject, i.request_id, i.digest, i.reply FROM asked a
             JOIN idempotency i ON i.org = a.org AND i.subject = a.subject AND i.request_id = a.request_id",
        );
        let rows = sql_rows!(tx, fetch_all as Row, head, keys, key => [
            &key.org, &key.subject, key.request_id,
        ], tail)?;
        let found = |key: &&Key| {
            let row = rows.iter().find(|row| (row.subject.as_str(), row.request_id) == key.identity())?;
            Some(self.reply_of(key, row))
        };
        Ok(keys.iter().map(found).collect())
    }

    fn reply_of(&self, key: &Key, row: &Row) -> Result<Vec<u8>> {
        if row.digest != key.digest && !fault::weakened("digest") {
            return Err(Error::new(Reason::RequestIdReused).with("request_id", key.request_id.to_string()));
        }
        match &row.reply {
            Some(sealed) => self.sealer.open(&key.org, key.request_id, sealed),
            None => Err(Error::new(Reason::ConflictRetry).transient()),
        }
    }

    /// Keeps the replies of mutations that [`known`](Self::known) did not know.
    ///
    /// # Errors
    /// `CONFLICT_RETRY` when one of them was answered meanwhile: the transaction must be repeated from `known`.
    pub async fn keep<M: Message>(&self, tx: &mut Tx, replies: &[(&Key, &M)]) -> Result<()> {
        if replies.is_empty() {
            return Ok(());
        }
        let mut rows = Vec::with_capacity(replies.len());
        for (key, reply) in replies {
            rows.push((key, self.sealer.seal(&key.org, key.request_id, &reply.encode_to_vec())?));
        }
        let head = "INSERT INTO idempotency (org, subject, request_id, method, digest, reply, created_at) ";
        let kept = sql_rows!(tx, head, rows, (key, sealed) => [
            &key.org, &key.subject, key.request_id, key.method, key.digest, sealed, key.now,
        ], " ON CONFLICT DO NOTHING")?;
        require_rows(kept, replies.len() as u64)
    }

    /// Tells the process that mutations were committed, as [`finish`](Self::finish) does for one.
    pub fn committed(&self) {
        (self.committed)();
    }
}
