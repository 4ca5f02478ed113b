//! What an entry promises without showing it: words and personal values, each as a salted digest (I9, A-42). Salt and text lie
//! beside the entry, sealed under the key of the file that it is about, or the org's where there is none. Destroying that key makes
//! them unreadable; the entry stays verifiable.
//!
//! # To promise a text
//! Hand it to [`Base::record`](crate::Base::record) as a [`Word`]. Where a table of the service keeps the text anyway, say so:
//! then only the salt is kept here, and the service's audit says which row the text is in.

mod adopt;
mod check;
mod open;

use std::collections::BTreeMap;
use std::sync::Arc;

use dossier_journal::entry::{Draft, topic};
use dossier_kernel::db::{Tx, require_rows};
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::sql_rows;
use dossier_proto::journal::v1::EntryBody;
use dossier_vault::commitment::{Salt, commit};
use dossier_vault::{Aad, DataKey, Fault, Vault};
use jiff::Timestamp;
use uuid::Uuid;
use zeroize::Zeroizing;

pub use adopt::{Clear, Earlier, adopting};
pub use check::{Check, Kept, called, kept, promising, strays};
pub(crate) use open::Opener;

use crate::base::Base;

/// A text that an entry promises.
#[derive(Clone, Copy)]
pub struct Word<'a> {
    /// The field, as the entry names it.
    pub field: &'static str,
    /// The text; an empty one is not promised.
    pub text: &'a str,
    /// Whether the text is kept beside the entry; not where another table keeps it.
    pub keep: bool,
}

/// The promises of one entry, drawn and not yet kept.
#[derive(Default)]
pub struct Promises(Vec<Drawn>);

struct Drawn {
    field: &'static str,
    text: Option<Zeroizing<String>>,
    salt: Salt,
    digest: [u8; 32],
}

struct New {
    entry: Uuid,
    field: String,
    holder: Uuid,
    sealed: Vec<u8>,
}

// === impl Word ===

impl<'a> Word<'a> {
    /// The `reason` of a call, which no other table keeps.
    pub const fn reason(text: &'a str) -> Self {
        Self { field: "reason", text, keep: true }
    }
}

impl std::fmt::Debug for Word<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Word").field("field", &self.field).finish_non_exhaustive()
    }
}

// === impl Promises ===

impl Promises {
    /// Draws a salt for each word that says something.
    ///
    /// # Errors
    /// `INTERNAL` when there is no randomness.
    pub fn draw(base: &Base, words: &[Word<'_>]) -> Result<Self> {
        let said = words.iter().filter(|word| !word.text.is_empty());
        let drawn = said.map(|word| {
            let salt = Salt::draw(&*base.providers.ids)?;
            let digest = commit(&salt, word.field, word.text.as_bytes())?;
            let text = word.keep.then(|| Zeroizing::new(word.text.to_owned()));
            Ok(Drawn { field: word.field, text, salt, digest })
        });
        drawn.collect::<Result<_>>().map(Self)
    }

    /// The draft with its digests in it.
    pub fn put_into(&self, draft: Draft) -> Draft {
        self.0.iter().fold(draft, |draft, one| draft.commit(one.field, one.digest))
    }
}

impl std::fmt::Debug for Promises {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Promises").field("count", &self.0.len()).finish()
    }
}

/// Keeps what `entries`, all of `org`, promise, in the transaction that appends them and with one statement.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `INTERNAL`; the effects must not be committed then.
pub async fn keep(
    base: &Base,
    tx: &mut Tx,
    org: &str,
    entries: impl Iterator<Item = (&EntryBody, &Promises)>,
) -> Result<()> {
    let (mut keys, mut rows) = (BTreeMap::new(), Vec::new());
    let now = base.providers.clock.now();
    for (body, promises) in entries.filter(|(_, promises)| !promises.0.is_empty()) {
        let entry = Uuid::try_parse(&body.id).map_err(|_| Error::new(Reason::JournalFault))?;
        let (holder, key) = key(&base.vault, tx, org, about(&topic(body)), now, &mut keys).await?;
        for one in &promises.0 {
            let at = place(entry, one.field);
            let sealed =
                sealed(base, &key, (org, holder, &at), &one.salt, one.text.as_ref().map(|text| text.as_str()))?;
            rows.push(New { entry, field: one.field.to_owned(), holder, sealed });
        }
    }
    require_rows(write(tx, org, &rows).await?, rows.len() as u64)
}

/// Writes those that are not there; gives how many that were.
async fn write(tx: &mut Tx, org: &str, rows: &[New]) -> Result<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    let head = "INSERT INTO promise (org, entry, field, holder, sealed) ";
    sql_rows!(tx, head, rows, row => [org, row.entry, &row.field, row.holder, &row.sealed], " ON CONFLICT DO NOTHING")
}

/// The file that an entry with this topic is about; nil for the org.
fn about(topic: &str) -> Uuid {
    topic.strip_prefix("files/").and_then(|id| Uuid::try_parse(id).ok()).unwrap_or_default()
}

pub(crate) type Keys = BTreeMap<Uuid, (Uuid, Arc<DataKey>)>;

// What is said of a file after its key was destroyed is the org's: it never was among what had to go.
pub(crate) async fn key(
    vault: &Vault,
    tx: &mut Tx,
    org: &str,
    wanted: Uuid,
    now: Timestamp,
    keys: &mut Keys,
) -> Result<(Uuid, Arc<DataKey>)> {
    if let Some(known) = keys.get(&wanted) {
        return Ok(known.clone());
    }
    let found = match vault.key_for(tx, org, wanted, now).await {
        Ok(key) => (wanted, key),
        Err(Fault::KeyDestroyed { .. }) => (Uuid::nil(), vault.key_for(tx, org, Uuid::nil(), now).await?),
        Err(fault) => return Err(fault.into()),
    };
    keys.insert(wanted, found.clone());
    Ok(found)
}

// The salt, and behind it the text; nothing behind it where another table keeps that.
fn sealed(
    base: &Base,
    key: &DataKey,
    (org, file, field): (&str, Uuid, &str),
    salt: &Salt,
    text: Option<&str>,
) -> Result<Vec<u8>> {
    let mut plain = Zeroizing::new(salt.bytes().to_vec());
    plain.extend_from_slice(text.unwrap_or_default().as_bytes());
    Ok(base.vault.seal(key, Aad { org, file, field }, &plain)?)
}

/// Where a promise is sealed: no two can be exchanged.
fn place(entry: Uuid, field: &str) -> String {
    format!("promise/{entry}/{field}")
}
