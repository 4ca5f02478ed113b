//! The promises of entries against what is kept of them, for the verifier.

use std::collections::{BTreeSet, HashMap};

use dossier_journal::entry::topic;
use dossier_journal::verify::state::{Cause, Findings};
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::{sql, sql_rows};
use dossier_proto::journal::v1::{Commitment, EntryBody, OpenedPromise, PromiseState};
use dossier_vault::commitment::{Salt, matches};
use dossier_vault::store::KeyRow;
use dossier_vault::{Aad, Fault, Vault};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{about, place};

/// How what is kept is called in a report.
const TABLE: &str = "promise";

/// The ids of those of `entries` that promise anything.
pub fn promising<'e>(entries: impl IntoIterator<Item = &'e (i64, EntryBody)>) -> BTreeSet<Uuid> {
    let promising = entries.into_iter().filter(|(_, entry)| !entry.commitments.is_empty());
    promising.filter_map(|(_, entry)| Uuid::try_parse(&entry.id).ok()).collect()
}

/// How one promise is called in a report.
pub fn called(entry: Uuid, field: &str) -> String {
    format!("{entry}/{field}")
}

/// What is kept of some entries' promises.
#[derive(Default)]
pub struct Kept(HashMap<(Uuid, String), Opened>);

/// What became of one promise.
#[derive(Debug)]
pub enum Check {
    /// Nothing is kept of it.
    Missing,
    /// What is kept is not what was promised.
    Broken,
    /// It holds.
    Holds,
    /// Its key was destroyed: nobody can tell any more.
    Gone,
    /// Another table keeps the text: this salt opens it.
    Elsewhere(Salt),
}

enum Opened {
    Salted(Salt, Option<Zeroizing<String>>),
    /// With the key of this file.
    Gone(Uuid),
    Broken,
    /// Its key is not to be had now: nobody can tell.
    Shut,
}

#[derive(sqlx::FromRow)]
struct Row {
    entry: Uuid,
    field: String,
    holder: Uuid,
    sealed: Vec<u8>,
    key_id: Option<Uuid>,
    wrapped: Option<Vec<u8>>,
    destroyed_at: Option<i64>,
}

/// What is kept of the promises of `entries`, opened.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn kept(vault: &Vault, tx: &mut Tx, org: &str, entries: &BTreeSet<Uuid>) -> Result<Kept> {
    if entries.is_empty() {
        return Ok(Kept::default());
    }
    let tail = ") SELECT p.entry, p.field, p.holder, p.sealed, k.key_id, k.wrapped, t.destroyed_at
                FROM asked q JOIN promise p ON p.org = q.org AND p.entry = q.entry
                LEFT JOIN file_key k ON k.org = p.org AND k.file = p.holder
                LEFT JOIN tombstone t ON t.org = p.org AND t.file = p.holder";
    let rows = sql_rows!(tx, fetch_all as Row, "WITH asked (org, entry) AS (", entries, entry => [org, *entry], tail)?;
    let opened = rows.into_iter().map(|row| {
        let opened = row.open(vault, org);
        ((row.entry, row.field), opened)
    });
    Ok(Kept(opened.collect()))
}

/// Tells of kept promises of entries that the journal does not have, of the first hundred.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn strays(tx: &mut Tx, org: &str, findings: &mut Findings) -> Result<()> {
    let text = "SELECT p.entry, p.field FROM promise p LEFT JOIN journal_entry e ON e.org = p.org AND e.id = p.entry
                WHERE p.org = $1 AND e.id IS NULL ORDER BY p.entry, p.field LIMIT 100";
    for (entry, field) in sql!(tx, fetch_all as (Uuid, String), text, org)? {
        findings.add(TABLE, called(entry, &field), Cause::Unsaid);
    }
    Ok(())
}

// === impl Check ===

impl Check {
    /// Says what is wrong with it, if anything.
    pub fn tell(self, entry: Uuid, promise: &Commitment, seq: i64, findings: &mut Findings) {
        let cause = match self {
            Self::Holds | Self::Elsewhere(_) => return,
            Self::Gone => return findings.erased += 1,
            Self::Missing => Cause::Missing { seq },
            Self::Broken => Cause::Promise { field: promise.field.clone(), seq },
        };
        findings.add(TABLE, called(entry, &promise.field), cause);
    }
}

// === impl Kept ===

impl Kept {
    /// Compares what `entry` promises in the fields that `ours` picks, each of which is kept here.
    pub fn compare(&mut self, (seq, entry): &(i64, EntryBody), ours: impl Fn(&str) -> bool, findings: &mut Findings) {
        let Ok(id) = Uuid::try_parse(&entry.id) else { return };
        for promise in entry.commitments.iter().filter(|promise| ours(&promise.field)) {
            let found = match self.check(entry, promise) {
                // No other table was to keep it.
                Check::Elsewhere(_) => Check::Broken,
                found => found,
            };
            found.tell(id, promise, *seq, findings);
        }
    }

    /// Adds what an earlier version kept in clear.
    pub fn add(&mut self, entry: Uuid, field: String, salt: &[u8], text: Option<String>) {
        let text = text.map(Zeroizing::new);
        let opened = Salt::of(salt).map_or(Opened::Broken, |salt| Opened::Salted(salt, text));
        self.0.entry((entry, field)).or_insert(opened);
    }

    /// What became of `promise`, made by `entry`. Each is asked for once.
    pub fn check(&mut self, entry: &EntryBody, promise: &Commitment) -> Check {
        match self.take(entry, promise) {
            None => Check::Missing,
            Some(Opened::Gone(_)) => Check::Gone,
            Some(Opened::Broken | Opened::Shut) => Check::Broken,
            Some(Opened::Salted(salt, None)) => Check::Elsewhere(salt),
            Some(Opened::Salted(_, Some(_))) => Check::Holds,
        }
    }

    // What is kept of it; what is not what was promised is broken.
    fn take(&mut self, entry: &EntryBody, promise: &Commitment) -> Option<Opened> {
        let id = Uuid::try_parse(&entry.id).unwrap_or_default();
        let kept = self.0.remove(&(id, promise.field.clone()))?;
        let holds = match &kept {
            // Put under another file, which is gone, it would be out of reach and seem all right.
            Opened::Gone(holder) => *holder == about(&topic(entry)),
            Opened::Salted(salt, Some(text)) => matches(&promise.digest, salt, &promise.field, text.as_bytes()),
            Opened::Salted(_, None) | Opened::Broken | Opened::Shut => true,
        };
        Some(if holds { kept } else { Opened::Broken })
    }

    /// What is kept of `promise`, made by `entry`, for a reader. Each is asked for once.
    ///
    /// # Errors
    /// `STORE_INCONSISTENT` when what is kept is not what was promised.
    pub fn show(&mut self, entry: &EntryBody, promise: &Commitment) -> Result<OpenedPromise> {
        let (state, salt, text) = match self.take(entry, promise) {
            None => (PromiseState::NotHere, None, None),
            Some(Opened::Gone(_)) => (PromiseState::Erased, None, None),
            Some(Opened::Salted(salt, None)) => (PromiseState::SaltOnly, Some(salt), None),
            Some(Opened::Salted(salt, text)) => (PromiseState::Opened, Some(salt), text),
            Some(Opened::Shut) => return Err(Error::new(Reason::KeyUnavailable)),
            Some(Opened::Broken) => return Err(Error::new(Reason::StoreInconsistent).with("table", TABLE)),
        };
        Ok(OpenedPromise {
            field: promise.field.clone(),
            state: state.into(),
            salt: salt.map(|salt| salt.bytes().to_vec()).unwrap_or_default(),
            text: text.map(|text| text.to_string()).unwrap_or_default(),
        })
    }
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").field("count", &self.0.len()).finish()
    }
}

// === impl Row ===

impl Row {
    fn open(&self, vault: &Vault, org: &str) -> Opened {
        let Some(key_id) = self.key_id else { return Opened::Broken };
        let key = match vault.key_of(org, self.holder, &KeyRow { key_id, wrapped: self.wrapped.clone() }) {
            Ok(key) => key,
            // A key that only lacks its bytes was not destroyed: that leaves a tombstone.
            Err(Fault::KeyDestroyed { .. }) if self.destroyed_at.is_some() => return Opened::Gone(self.holder),
            Err(fault) => return Opened::shut(fault),
        };
        let field = place(self.entry, &self.field);
        let plain = match vault.open(&key, Aad { org, file: self.holder, field: &field }, &self.sealed) {
            Ok(plain) => plain,
            Err(fault) => return Opened::shut(fault),
        };
        let parts = plain.split_at_checked(32).and_then(|(salt, text)| {
            Some((Salt::of(salt).ok()?, Zeroizing::new(std::str::from_utf8(text).ok()?.to_owned())))
        });
        parts.map_or(Opened::Broken, |(salt, text)| Opened::Salted(salt, Some(text).filter(|text| !text.is_empty())))
    }
}

// === impl Opened ===

impl Opened {
    // A key that is not to be had now says nothing of what it opens.
    fn shut(fault: Fault) -> Self {
        match Error::from(fault).reason() {
            Reason::KeyUnavailable => Self::Shut,
            _ => Self::Broken,
        }
    }
}
