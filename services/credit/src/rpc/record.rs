//! Journal entries of this service, with the words that they promise: the `reason` of the call, and a `justification` that it sets
//! (I9, A-42).

use dossier_authority::Base;
use dossier_authority::promise::{self, Promises, Word};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::EntryBody;
use dossier_proto::journal::v1::event::Kind;

/// What an entry says.
#[derive(Clone, Debug)]
pub(crate) struct Saying<'a> {
    /// Lower case with a dot, such as `limit.proposed`.
    pub action: &'static str,
    /// The resource name.
    pub subject: String,
    /// The call's `request_id`.
    pub request_id: &'a str,
    /// The call's `reason`; empty: it gave none.
    pub reason: &'a str,
    /// The `justification` of the content, where the call sets one; empty: it sets none.
    pub justification: &'a str,
    /// The effect.
    pub event: Kind,
    /// Promises whose salts are kept elsewhere.
    pub commitments: Vec<(&'static str, [u8; 32])>,
}

/// Entries that are to be written in the transaction of their effects.
#[derive(Debug, Default)]
pub(crate) struct Entries(Vec<(EntryBody, Promises)>);

// === impl Entries ===

impl Entries {
    /// Adds the entry of what `actor` does by `call`.
    ///
    /// # Errors
    /// `INTERNAL` when there is no randomness for a salt.
    pub(crate) fn add(&mut self, base: &Base, call: &Call, actor: &str, saying: Saying<'_>) -> Result<()> {
        let draft = base.recorder.entry(call, actor, saying.action, &saying.subject);
        let draft = draft.request(saying.request_id).event(saying.event);
        let draft = saying.commitments.into_iter().fold(draft, |draft, (field, digest)| draft.commit(field, digest));
        let justification = Word { field: "justification", text: saying.justification, keep: true };
        let promises = Promises::draw(base, &[Word::reason(saying.reason), justification])?;
        self.0.push((promises.put_into(draft).body(), promises));
        Ok(())
    }

    /// Adds the entry of work that no call started.
    pub(crate) fn add_work(&mut self, base: &Base, org: &str, action: &'static str, subject: &str, event: Kind) {
        self.0.push((base.recorder.work(org, action, subject).event(event).body(), Promises::default()));
    }

    /// Writes them, all of one org, with one statement each for the entries and for what they promise.
    ///
    /// # Errors
    /// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`; the effects must not be committed then (I3).
    pub(crate) async fn write(self, base: &Base, tx: &mut Tx, org: &str) -> Result<()> {
        let (bodies, promises): (Vec<_>, Vec<_>) = self.0.into_iter().unzip();
        dossier_journal::append_all(tx, &bodies).await?;
        let kept: Vec<_> = bodies.iter().zip(&promises).collect();
        promise::keep(base, tx, org, &kept).await
    }
}

/// Journals one effect of a call, in its transaction.
///
/// # Errors
/// As [`Entries::write`].
pub(crate) async fn record(base: &Base, tx: &mut Tx, call: &Call, actor: &str, saying: Saying<'_>) -> Result<()> {
    let mut entries = Entries::default();
    entries.add(base, call, actor, saying)?;
    entries.write(base, tx, &call.org).await
}
