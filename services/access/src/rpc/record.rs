//! Journal entries with words in them: the entry shows salted digests, the words stay here (I9, A-42).

use dossier_authority::Base;
use dossier_authority::base::Effect;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_proto::journal::v1::EntryBody;
use dossier_proto::journal::v1::event::Kind;
use dossier_vault::commitment::{Salt, commit};
use uuid::Uuid;

use crate::store::note::{self, Note};

/// A free text or a personal value that an entry promises without showing it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'a> {
    /// The field, as the entry names it.
    pub field: &'static str,
    /// The text.
    pub text: &'a str,
    /// Whether the text is kept beside the entry; not where another table keeps it.
    pub keep: bool,
}

/// What an entry says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Saying<'a> {
    /// Lower case with a dot, such as `person.created`.
    pub action: &'static str,
    /// The resource name.
    pub subject: &'a str,
    /// The call's `request_id`.
    pub request_id: &'a str,
    /// What it promises; empty texts are left out.
    pub words: &'a [Word<'a>],
}

// === impl Word ===

impl<'a> Word<'a> {
    /// The `reason` of a call, which no other table keeps.
    pub(crate) const fn reason(text: &'a str) -> Self {
        Self { field: "reason", text, keep: true }
    }
}

/// Journals the effect of a call, in its transaction.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`; the effect must not be committed then.
pub(crate) async fn record(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    actor: &str,
    saying: Saying<'_>,
    event: Kind,
) -> Result<EntryBody> {
    let (commitments, notes) = promise(base, saying.words)?;
    let Saying { action, subject, request_id, .. } = saying;
    let body = base.record(tx, call, actor, Effect { action, subject, event, request_id, commitments }).await?;
    keep(tx, &body, &notes).await?;
    Ok(body)
}

/// Journals work that no call started, in its transaction.
///
/// # Errors
/// As [`record`].
pub(crate) async fn record_work(
    base: &Base,
    tx: &mut Tx,
    org: &str,
    saying: Saying<'_>,
    event: Kind,
) -> Result<EntryBody> {
    let (commitments, notes) = promise(base, saying.words)?;
    let Saying { action, subject, request_id, .. } = saying;
    let body = base.record_work(tx, org, Effect { action, subject, event, request_id, commitments }).await?;
    keep(tx, &body, &notes).await?;
    Ok(body)
}

type Promises = (Vec<(String, [u8; 32])>, Vec<Note>);

fn promise(base: &Base, words: &[Word<'_>]) -> Result<Promises> {
    let (mut commitments, mut notes) = (Vec::new(), Vec::new());
    for word in words.iter().filter(|word| !word.text.is_empty()) {
        let salt = Salt::draw(&*base.providers.ids)?;
        commitments.push((word.field.to_owned(), commit(&salt, word.field, word.text.as_bytes())?));
        let text = word.keep.then(|| word.text.to_owned());
        notes.push(Note { field: word.field.to_owned(), text, salt: salt.bytes().to_vec() });
    }
    Ok((commitments, notes))
}

async fn keep(tx: &mut Tx, body: &EntryBody, notes: &[Note]) -> Result<()> {
    let entry = Uuid::try_parse(&body.id).map_err(|_| Error::new(Reason::JournalFault))?;
    for one in notes {
        note::insert(tx, &body.org, entry, one).await?;
    }
    Ok(())
}
