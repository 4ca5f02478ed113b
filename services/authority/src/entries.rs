//! Journal entries with what they promise, written in the transaction of their effects (I3, I9).

use dossier_journal::entry::Draft;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::EntryBody;
use dossier_proto::journal::v1::event::Kind;

use crate::base::Base;
use crate::promise::{self, Promises, Word};

/// What an entry says beside who and when.
#[derive(Clone, Debug)]
pub struct Effect<'a> {
    /// Lower case with a dot, for example `file.activated`.
    pub action: &'a str,
    /// The resource name.
    pub subject: &'a str,
    /// The typed effect.
    pub event: Kind,
    /// The call's `request_id`, as it came.
    pub request_id: &'a str,
    /// What it promises and keeps sealed beside the entry; see [`promise`].
    pub words: &'a [Word<'a>],
    /// Field and salted digest of each personal value whose salt is kept with its own content.
    pub commitments: Vec<(String, [u8; 32])>,
}

/// Entries of one org that are written together.
#[derive(Debug, Default)]
pub struct Entries(Vec<(EntryBody, Promises)>);

// === impl Effect ===

impl<'a> Effect<'a> {
    /// One that promises nothing and that no `request_id` stands behind.
    pub fn new(action: &'a str, subject: &'a str, event: Kind) -> Self {
        Self { action, subject, event, request_id: "", words: &[], commitments: Vec::new() }
    }
}

// === impl Entries ===

impl Entries {
    /// Adds the entry of what `actor` does by `call`.
    ///
    /// # Errors
    /// `INTERNAL` when there is no randomness for a salt.
    pub fn add(&mut self, base: &Base, call: &Call, actor: &str, effect: Effect<'_>) -> Result<()> {
        self.put(base, base.recorder.entry(call, actor, effect.action, effect.subject), effect)
    }

    /// Adds the entry of work that no call started: an expiry, a consumer's effect.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_work(&mut self, base: &Base, org: &str, effect: Effect<'_>) -> Result<()> {
        self.put(base, base.recorder.work(org, effect.action, effect.subject), effect)
    }

    fn put(&mut self, base: &Base, draft: Draft, effect: Effect<'_>) -> Result<()> {
        let draft = draft.request(effect.request_id).event(effect.event);
        let draft = effect.commitments.into_iter().fold(draft, |draft, (field, digest)| draft.commit(&field, digest));
        let promises = Promises::draw(base, effect.words)?;
        self.0.push((promises.put_into(draft).body(), promises));
        Ok(())
    }

    /// Writes them, all of `org`, with one statement for the entries and one for what they promise, and gives them.
    ///
    /// # Errors
    /// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`; the effects must not be committed then.
    pub async fn write(self, base: &Base, tx: &mut Tx, org: &str) -> Result<Vec<EntryBody>> {
        let (bodies, promises): (Vec<_>, Vec<_>) = self.0.into_iter().unzip();
        dossier_journal::append_all(tx, &bodies).await?;
        promise::keep(base, tx, org, bodies.iter().zip(&promises)).await?;
        Ok(bodies)
    }
}
