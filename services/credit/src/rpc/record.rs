//! Journal entries with words in them: the entry shows salted digests of the call's `reason` and of a `justification` that it
//! sets, the words stay here (I9, A-42).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_proto::journal::v1::EntryBody;
use dossier_proto::journal::v1::event::Kind;
use dossier_vault::commitment::{Salt, commit};
use uuid::Uuid;

use crate::store::note::{self, Note};

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
pub(crate) struct Entries {
    bodies: Vec<EntryBody>,
    notes: Vec<Note>,
}

// === impl Entries ===

impl Entries {
    /// Adds the entry of what `actor` does by `call`.
    ///
    /// # Errors
    /// `INTERNAL` when there is no randomness for a salt.
    pub(crate) fn add(&mut self, base: &Base, call: &Call, actor: &str, saying: Saying<'_>) -> Result<()> {
        let mut draft = base.recorder.entry(call, actor, saying.action, &saying.subject);
        draft = draft.request(saying.request_id).event(saying.event);
        for (field, digest) in saying.commitments {
            draft = draft.commit(field, digest);
        }
        let words = [("reason", saying.reason), ("justification", saying.justification)];
        let mut kept = Vec::new();
        for (field, text) in words.into_iter().filter(|(_, text)| !text.is_empty()) {
            let salt = Salt::draw(&*base.providers.ids)?;
            draft = draft.commit(field, commit(&salt, field, text.as_bytes())?);
            kept.push((field, text, salt));
        }
        let body = draft.body();
        let entry = Uuid::try_parse(&body.id).map_err(|_| Error::new(Reason::Internal))?;
        let note = |(field, text, salt): (&str, &str, Salt)| Note {
            entry,
            field: field.to_owned(),
            text: text.to_owned(),
            salt: salt.bytes().to_vec(),
        };
        self.notes.extend(kept.into_iter().map(note));
        self.bodies.push(body);
        Ok(())
    }

    /// Adds the entry of work that no call started.
    pub(crate) fn add_work(&mut self, base: &Base, org: &str, action: &'static str, subject: &str, event: Kind) {
        self.bodies.push(base.recorder.work(org, action, subject).event(event).body());
    }

    /// Writes them, all of one org, with one statement.
    ///
    /// # Errors
    /// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`; the effects must not be committed then (I3).
    pub(crate) async fn write(&self, tx: &mut Tx, org: &str) -> Result<()> {
        dossier_journal::append_all(tx, &self.bodies).await?;
        note::insert(tx, org, &self.notes).await
    }
}

/// Journals one effect of a call, in its transaction.
///
/// # Errors
/// As [`Entries::write`].
pub(crate) async fn record(base: &Base, tx: &mut Tx, call: &Call, actor: &str, saying: Saying<'_>) -> Result<()> {
    let mut entries = Entries::default();
    entries.add(base, call, actor, saying)?;
    entries.write(tx, &call.org).await
}
