//! Approvals that a service asks of access for something of its own: a limit, a record.
//!
//! Two services share no transaction, so asking has three steps, and a crash between any two of them is gone on from:
//! 1. In the caller's transaction: [`Submission::begin`] and [`save`]. Nobody has been asked yet.
//! 2. [`Approvals::ask`] asks access under request ids that follow from subject, round and content: however often it is repeated,
//!    people are asked once.
//! 3. In the transaction of the caller's effect and entry: [`Submission::asked`], or [`Submission::refused`] when access will not have
//!    it, and [`save`]. Where nobody comes back for that, access's journal ends the step ([`follow`]).
//!
//! What becomes of the approval access alone decides, and its journal says it: [`follow`] takes what is of this approval, this round
//! and this content, and nothing else. To give a matter up, [`Submission::leave`] and [`Approvals::abandon`] ask access to take it
//! back; it is given up when [`Heard::Withdrawn`] is heard. If [`Heard::Approved`] comes, that was first.
//!
//! # To ask for something new
//! 1. A matter of the pack, and a digest of the content ([`digest`]) whose form never changes.
//! 2. One [`Approvals`] with a seed of its own, and a [`Question`] for each thing.
//! 3. `follow` in the service's feed, with the digest of the content as it stands.
//!
//! Where the thing itself notes how its submission stands, read the submission first: what is read later goes.

mod client;
mod fault;
mod find;
mod news;
mod retell;
mod submission;
#[cfg(test)]
mod tests;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::types::Money;
use dossier_vault::Vault;
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use client::{Approvals, Asked};
pub use news::{Heard, News, Outcome};
pub use retell::{AccessRebuild, Followed};
pub use submission::{Given, State, Submission, Words};

pub use crate::store::submission::{lookup, save};

/// What an approval is asked for.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its id, unique among all things of the service.
    pub id: Uuid,
    /// Its resource name, 1 to 200 characters.
    pub name: String,
    /// The file that it is about; nil: none. Its key seals the words.
    pub file: Uuid,
    /// For whom the service asks in its own name; `None`: the caller asks themselves, with their own credential.
    pub requester: Option<Uuid>,
}

/// What is put before the approvers.
#[derive(Clone, Debug)]
pub struct Question {
    /// What it is about.
    pub subject: Subject,
    /// The matter, an id of the pack.
    pub matter: String,
    /// What is signed: SHA-256 of the content.
    pub digest: [u8; 32],
    /// What is asked, for the approvers: 1 to 500 characters, without personal data.
    pub summary: String,
    /// The sum in question.
    pub amount: Option<Money>,
    /// The unit of the matter.
    pub unit: String,
    /// The level that approvers must be cleared for; empty: the lowest.
    pub level: String,
    /// Who took part before and must not sign: up to 20 people.
    pub excluded: Vec<Uuid>,
}

/// Applies `news` to `submission` and keeps it; `content` is the digest of the subject as it stands now.
///
/// # Errors
/// `CONFLICT_RETRY`, `STORE_UNAVAILABLE`, and as the vault's where words are sealed.
pub async fn follow(
    vault: &Vault,
    tx: &mut Tx,
    org: &str,
    submission: &mut Submission,
    content: &[u8; 32],
    news: &News,
) -> Result<Heard> {
    let heard = submission.hear(news, content);
    if heard != Heard::Nothing {
        save(vault, tx, org, submission).await?;
    }
    Ok(heard)
}

/// SHA-256 of `parts`, each behind its length as 8 bytes, big endian, so that no boundary can move.
pub fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
