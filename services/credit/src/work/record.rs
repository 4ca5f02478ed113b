//! What the entries of this service say, with the words that they promise: the `reason` of the call, and a `justification` that it
//! sets (I9, A-42).

use dossier_authority::promise::Word;
use dossier_authority::{Base, Effect, Entries};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
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
    pub commitments: Vec<(String, [u8; 32])>,
}

// === impl Saying ===

impl Saying<'_> {
    /// Adds it to `entries`, as what `actor` does by `call`.
    ///
    /// # Errors
    /// As [`Entries::add`].
    pub(crate) fn add_to(self, entries: &mut Entries, base: &Base, call: &Call, actor: &str) -> Result<()> {
        let justification = Word { field: "justification", text: self.justification, keep: true };
        let words = [Word::reason(self.reason), justification];
        let (request_id, commitments) = (self.request_id, self.commitments);
        let effect =
            Effect { request_id, commitments, words: &words, ..Effect::new(self.action, &self.subject, self.event) };
        entries.add(base, call, actor, effect)
    }
}

/// Journals one effect of a call, in its transaction.
///
/// # Errors
/// As [`Entries::write`].
pub(crate) async fn record(base: &Base, tx: &mut Tx, call: &Call, actor: &str, saying: Saying<'_>) -> Result<()> {
    let mut entries = Entries::default();
    saying.add_to(&mut entries, base, call, actor)?;
    entries.write(base, tx, &call.org).await.map(drop)
}
