//! Making the copies of another service's journal anew, when that journal is not the one that they were made from.
//!
//! The state of a copy is what the owner's journal says, so it is forgotten and told again from the first entry. What was
//! counted here and stands in no journal, the uses of a grant, is carried over: a reading that happened has happened.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use dossier_journal::recover::Rebuild;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;
use dossier_kernel::stamp::{self, ORG};
use dossier_proto::journal::v1::EntryBody;
use uuid::Uuid;

use crate::base::Base;
use crate::feed;
use crate::store::grant;

/// The copy of access's directory, letters and grants.
#[derive(Debug)]
pub struct Directory {
    base: Base,
    uses: Mutex<Vec<(Uuid, i64)>>,
}

/// The copy of profile's files.
#[derive(Debug)]
pub struct Files(Base);

// === impl Directory ===

impl Directory {
    /// The copy that `base`'s store keeps.
    pub fn new(base: Base) -> Self {
        Self { base, uses: Mutex::default() }
    }
}

#[async_trait]
impl Rebuild for Directory {
    async fn forget(&self, tx: &mut Tx, org: &str) -> Result<()> {
        let text = "SELECT id, uses FROM grant_copy WHERE org = $1 AND uses > 0";
        let uses = sql!(tx, fetch_all as (Uuid, i64), text, org)?;
        *self.uses.lock().unwrap_or_else(PoisonError::into_inner) = uses;
        for text in [
            "DELETE FROM principal WHERE org = $1",
            "DELETE FROM appointment WHERE org = $1",
            "DELETE FROM delegation WHERE org = $1",
            "DELETE FROM grant_copy WHERE org = $1",
            "DELETE FROM loan_copy WHERE org = $1",
            // What was approved in the journal that is gone is not approved; that an approval was used stays true.
            "DELETE FROM approval_copy WHERE org = $1",
        ] {
            sql!(tx, execute, text, org)?;
        }
        stamp::touch(tx, org, ORG).await
    }

    async fn retell(&self, tx: &mut Tx, entry: &EntryBody) -> Result<()> {
        feed::apply(tx, self.base.pack(&entry.org)?, entry).await
    }

    async fn conclude(&self, tx: &mut Tx, org: &str) -> Result<()> {
        let uses = std::mem::take(&mut *self.uses.lock().unwrap_or_else(PoisonError::into_inner));
        for (id, uses) in uses {
            grant::carry(tx, org, id, uses).await?;
        }
        Ok(())
    }

    async fn said(&self, tx: &mut Tx, org: &str) -> Result<BTreeMap<String, String>> {
        let mut said = BTreeMap::new();
        for (collection, text) in DIRECTORY {
            said.extend(words(tx, org, collection, text).await?);
        }
        Ok(said)
    }
}

// === impl Files ===

impl Files {
    /// The copy that `base`'s store keeps.
    pub fn new(base: Base) -> Self {
        Self(base)
    }
}

#[async_trait]
impl Rebuild for Files {
    async fn forget(&self, tx: &mut Tx, org: &str) -> Result<()> {
        sql!(tx, execute, "DELETE FROM file_copy WHERE org = $1", org)?;
        // What is announced in the journal as it is now is answered anew.
        sql!(tx, execute, "DELETE FROM disposal_notice WHERE org = $1", org)?;
        stamp::touch(tx, org, ORG).await
    }

    async fn retell(&self, tx: &mut Tx, entry: &EntryBody) -> Result<()> {
        feed::apply(tx, self.0.pack(&entry.org)?, entry).await
    }

    async fn conclude(&self, _: &mut Tx, _: &str) -> Result<()> {
        Ok(())
    }

    async fn said(&self, tx: &mut Tx, org: &str) -> Result<BTreeMap<String, String>> {
        words(tx, org, "files", FILES).await
    }
}

// What a copy says, one line each, so that who recovers sees what the restored journal does not know any more. Subjects are
// identifiers of accounts; nothing here is content of a file.
const DIRECTORY: [(&str, &str); 5] = [
    ("approvals", "SELECT id, 'given' FROM approval_copy WHERE org = $1"),
    (
        "persons",
        "SELECT person, subject || CASE WHEN active THEN ', active' ELSE ', inactive' END FROM principal WHERE org = $1",
    ),
    (
        "appointments",
        "SELECT id, post || ' in ' || unit || CASE WHEN valid_until = 9223372036854775807 THEN ''
             ELSE ', ends at ' || CAST(valid_until AS TEXT) END FROM appointment WHERE org = $1",
    ),
    (
        "delegations",
        "SELECT id, CASE WHEN revoked_at IS NULL THEN 'given' ELSE 'revoked' END FROM delegation WHERE org = $1",
    ),
    (
        "grants",
        "SELECT id, CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN completed_at IS NOT NULL THEN 'completed'
             ELSE 'given' END FROM grant_copy WHERE org = $1",
    ),
];
const FILES: &str = "SELECT id, CASE WHEN number = '' THEN state ELSE number || ', ' || state END || ', ' || level
    || ', revision ' || CAST(revision AS TEXT) FROM file_copy WHERE org = $1";

async fn words(tx: &mut Tx, org: &str, collection: &str, text: &'static str) -> Result<BTreeMap<String, String>> {
    let rows = sql!(tx, fetch_all as (Uuid, String), text, org)?;
    Ok(rows.into_iter().map(|(id, said)| (format!("{collection}/{id}"), said)).collect())
}
