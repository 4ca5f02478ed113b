//! The same `request_id` has its effect once (I8).
//!
//! A mutation's transaction begins with its idempotency row. Whoever comes second waits for that row, finds it
//! answered and replays the reply. This is also how a connection lost at COMMIT is resolved: the repeated transaction
//! either finds the row (the commit came through) or does not (it did not), and never acts twice.
//!
//! A kept reply is no right to it: whoever repeats a call is authorised anew, by the rules and the directory of now, before
//! the reply is handed to them. Each mutation says how, in the second arm of [`mutate!`](crate::mutate); none can leave it out.
//!
//! The door refuses a call without a `request_id` ([`crate::text`]). Work inside the process that has none gets one for its
//! own length, so that its commits are resolved too.

mod batch;

use std::sync::Arc;

use prost::Message;
use uuid::Uuid;

use crate::call::{Call, Providers, Replayed};
use crate::db::{Db, Retry, Tx};
use crate::error::{Error, Reason, Result};
use crate::time::micros;
use crate::{fault, sql, transact};

/// How long a reply can be replayed: 24 hours.
pub const RETENTION_MICROS: i64 = 24 * 3600 * 1_000_000;

/// The contracts that kept replies are messages of. It is raised when a reply that was kept before would be read as something else
/// now: a call that is repeated across such an upgrade is then refused with `REQUEST_ID_REUSED`, never answered with what the new
/// contracts make of old bytes, and never done twice.
const CONTRACTS: u8 = 1;

/// Seals kept replies and digests requests; both may hold personal values.
pub trait ReplySealer: Send + Sync {
    /// Seals `reply` for the row of `request_id`.
    ///
    /// # Errors
    /// When there is no randomness or the org's key is unknown.
    fn seal(&self, org: &str, request_id: Uuid, reply: &[u8]) -> Result<Vec<u8>>;

    /// Opens what [`seal`](Self::seal) gave.
    ///
    /// # Errors
    /// When the row was changed or belongs to another call.
    fn open(&self, org: &str, request_id: Uuid, sealed: &[u8]) -> Result<Vec<u8>>;

    /// A keyed digest of a request: equal for equal requests, and no dictionary finds the values in it.
    fn digest(&self, org: &str, method: &str, request: &[u8]) -> [u8; 32];
}

/// What a service needs to run mutations; cheap to clone.
#[derive(Clone)]
pub struct Mutations {
    db: Db,
    sealer: Arc<dyn ReplySealer>,
    providers: Providers,
    committed: Arc<dyn Fn() + Send + Sync>,
}

/// The identity of one mutation.
#[derive(Clone, Debug)]
pub struct Key {
    org: String,
    subject: String,
    method: &'static str,
    request_id: Uuid,
    digest: [u8; 32],
    validate_only: bool,
    now: i64,
    replayed: Replayed,
}

/// How a mutation's transaction begins.
#[derive(Debug)]
pub enum Begun {
    /// Nobody did this before; go on in this transaction.
    Fresh(Tx),
    /// It was done before; this is the encoded reply, for who may still have it. What its giving writes goes into this
    /// transaction.
    Replay(Tx, Vec<u8>),
}

// === impl Mutations ===

impl std::fmt::Debug for Mutations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mutations").field("db", &self.db).finish_non_exhaustive()
    }
}

impl Mutations {
    /// Mutations on `db`, their replies sealed by `sealer`.
    pub fn new(db: Db, sealer: Arc<dyn ReplySealer>, providers: Providers) -> Self {
        Self { db, sealer, providers, committed: Arc::new(|| {}) }
    }

    /// Seals what callers carry and must not read, as it seals kept replies.
    pub fn sealer(&self) -> &dyn ReplySealer {
        &*self.sealer
    }

    /// Calls `committed` after each commit, for example to wake the journal's sequencer.
    #[must_use]
    pub fn on_commit(mut self, committed: impl Fn() + Send + Sync + 'static) -> Self {
        self.committed = Arc::new(committed);
        self
    }

    /// The identity of a call's mutation; an empty `request_id` gets a fresh one.
    ///
    /// # Errors
    /// A violation of `request_id` when it is not a UUID.
    pub fn key(&self, call: &Call, request_id: &str, validate_only: bool, request: &impl Message) -> Result<Key> {
        let request_id = match request_id {
            "" => self.providers.ids.uuid(),
            text => Uuid::try_parse(text).map_err(|_| Error::violation("request_id", "must be a UUID"))?,
        };
        let request_id = if fault::weakened("request_id") { self.providers.ids.uuid() } else { request_id };
        crate::telemetry::rpc::annotate_request(request_id);
        let content = [&[CONTRACTS], &request.encode_to_vec()[..]].concat();
        let digest = self.sealer.digest(&call.org, call.method, &content);
        let (org, subject) = (call.org.clone(), call.subject.clone());
        let (method, now, replayed) = (call.method, micros(call.now), call.replayed.clone());
        Ok(Key { org, subject, method, request_id, digest, validate_only, now, replayed })
    }

    /// A budget that also resolves lost commits.
    pub fn retry(&self) -> Retry {
        self.db.retry().resolving_commit()
    }

    /// Begins the transaction with the idempotency row.
    ///
    /// # Errors
    /// `REQUEST_ID_REUSED` when the row belongs to a call with another body.
    pub async fn begin(&self, key: &Key) -> Result<Begun> {
        let mut tx = self.db.write().await?;
        let text = "INSERT INTO idempotency (org, subject, request_id, method, digest, created_at)
                    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        let (org, subject, digest) = (&key.org, &key.subject, key.digest.to_vec());
        let fresh = sql!(&mut tx, execute, text, org, subject, key.request_id, key.method, digest, key.now)? == 1;
        if fresh {
            return Ok(Begun::Fresh(tx));
        }
        let reply = self.replay(&mut tx, key).await?;
        Ok(Begun::Replay(tx, reply))
    }

    async fn replay(&self, tx: &mut Tx, key: &Key) -> Result<Vec<u8>> {
        type Row = (Vec<u8>, Option<Vec<u8>>);
        let text = "SELECT digest, reply FROM idempotency WHERE org = $1 AND subject = $2 AND request_id = $3";
        let row = sql!(tx, fetch_optional as Row, text, &key.org, &key.subject, key.request_id)?;
        match row {
            Some((digest, Some(sealed))) if digest == key.digest || fault::weakened("digest") => {
                self.sealer.open(&key.org, key.request_id, &sealed)
            }
            Some((digest, _)) if digest != key.digest => {
                Err(Error::new(Reason::RequestIdReused).with("request_id", key.request_id.to_string()))
            }
            // The row went away or is still without its reply: another attempt is under way.
            _ => Err(Error::new(Reason::ConflictRetry).transient()),
        }
    }

    /// Ends the transaction: keeps the reply and commits, or undoes everything when the call only validates.
    ///
    /// # Errors
    /// As [`Tx::commit`].
    pub async fn finish(&self, mut tx: Tx, key: &Key, reply: &impl Message) -> Result<()> {
        if key.validate_only {
            return tx.rollback().await;
        }
        let sealed = self.sealer.seal(&key.org, key.request_id, &reply.encode_to_vec())?;
        let text = "UPDATE idempotency SET reply = $4 WHERE org = $1 AND subject = $2 AND request_id = $3";
        let rows = sql!(&mut tx, execute, text, &key.org, &key.subject, key.request_id, sealed)?;
        crate::db::require_rows(rows, 1)?;
        if fault::weakened("commit") {
            return tx.rollback().await;
        }
        fault!("mutation.commit");
        tx.commit().await?;
        fault!("mutation.committed");
        (self.committed)();
        Ok(())
    }

    /// Ends a transaction that only repeats a reply.
    ///
    /// # Errors
    /// As [`Tx::commit`].
    pub async fn repeated(&self, tx: Tx, key: &Key) -> Result<()> {
        tx.commit().await?;
        key.replayed.set();
        (self.committed)();
        Ok(())
    }

    /// Forgets the replies of `org` that are older than [`RETENTION_MICROS`]; returns how many.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn prune(&self, org: &str) -> Result<u64> {
        let before = micros(self.db.now(&*self.providers.clock).await?) - RETENTION_MICROS;
        transact!(self.db, tx => {
            sql!(tx, execute, "DELETE FROM idempotency WHERE org = $1 AND created_at < $2", org, before)
        })
    }
}

/// Decodes a replayed reply.
///
/// # Errors
/// `STORE_INCONSISTENT` when the kept bytes are no such reply.
pub fn decode<T: Message + Default>(reply: &[u8]) -> Result<T> {
    T::decode(reply).map_err(|_| Error::new(Reason::StoreInconsistent).with("table", "idempotency"))
}

/// Runs a mutation: idempotency row, body, reply, commit; repeated on conflicts, resolved on lost commits, undone when
/// the request says `validate_only`.
///
/// `mutate!(self.mutations, call, request, tx => { ...; Ok(reply) }, kept => { ...; Ok(kept) })`: `request` is a contract
/// message with `request_id` and `validate_only`; `tx` is a `&mut Tx`; the blocks give `Result<Reply>` and may run more than
/// once. The second runs instead of the first when the call was answered before: `kept` is that reply, and the block
/// demands of the caller what the first one demands, as things are now, and gives of it what they may still see. Gives
/// `Result<Reply>`.
#[macro_export]
macro_rules! mutate {
    ($mutations:expr, $call:expr, $request:expr, $tx:ident => $body:expr, $kept:ident => $again:expr) => {{
        let mutations = &$mutations;
        let begun = mutations.key(&$call, &$request.request_id, $request.validate_only, &$request);
        match begun {
            Err(fault) => Err(fault),
            Ok(key) => {
                let mut retry = mutations.retry();
                loop {
                    let attempt: $crate::error::Result<_> = async {
                        match mutations.begin(&key).await? {
                            $crate::mutation::Begun::Replay(mut owned, reply) => {
                                let $kept = $crate::mutation::decode(&reply)?;
                                let reply = {
                                    let $tx = &mut owned;
                                    let outcome: $crate::error::Result<_> = async { $again }.await;
                                    outcome?
                                };
                                mutations.repeated(owned, &key).await?;
                                Ok(reply)
                            }
                            $crate::mutation::Begun::Fresh(mut owned) => {
                                let reply = {
                                    let $tx = &mut owned;
                                    let outcome: $crate::error::Result<_> = async { $body }.await;
                                    outcome?
                                };
                                mutations.finish(owned, &key, &reply).await?;
                                Ok(reply)
                            }
                        }
                    }
                    .await;
                    match attempt {
                        Err(fault) if retry.again(&fault).await => {}
                        done => break done,
                    }
                }
            }
        }
    }};
}
