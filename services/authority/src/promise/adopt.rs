//! What earlier versions kept of promises in clear, brought under seal.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::transact;
use dossier_vault::commitment::Salt;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{New, about, key, place, sealed, write};
use crate::base::Base;

/// One of them, as its table has it.
#[derive(Clone, sqlx::FromRow)]
pub struct Clear {
    /// The entry.
    pub entry: Uuid,
    /// What the entry is about, as its row in the journal says.
    pub topic: String,
    /// The field, as the entry names it.
    pub field: String,
    /// The text; nothing where another table keeps it.
    pub text: Option<String>,
    /// 32 bytes.
    pub salt: Vec<u8>,
}

/// Where they lie: a table of the service.
#[async_trait]
pub trait Earlier {
    /// Up to a hundred of `org` whose entries are there and whose salts are 32 bytes; what no entry promises, and what is no salt,
    /// stays for the verifier to tell.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    async fn clear(tx: &mut Tx, org: &str) -> Result<Vec<Clear>>;

    /// Takes one of them away.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    async fn delete(tx: &mut Tx, org: &str, one: &Clear) -> Result<()>;
}

/// How long the job rests between two batches, and when nothing is left: a replica of an earlier version may be running beside
/// this one.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(60)];

/// Brings what lies in the table of `E` under seal, batch by batch, until `stop`. Every replica does.
pub async fn adopting<E: Earlier>(base: Base, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let mut left = false;
        for org in base.orgs() {
            match adopt::<E>(&base, &org).await {
                Ok(more) => left |= more,
                Err(fault) => tracing::warn!(org, ?fault, "what was promised in clear is not under seal yet"),
            }
        }
        let [between, rest] = PAUSES;
        stop.run_until_cancelled(sleep(if left { between } else { rest })).await;
    }
}

/// One batch; whether there was one.
async fn adopt<E: Earlier>(base: &Base, org: &str) -> Result<bool> {
    // A look first: nothing to do is the rule, and a write would queue behind the others.
    if E::clear(&mut base.db.read().await?, org).await?.is_empty() {
        return Ok(false);
    }
    transact!(base.db, tx => {
        let found = E::clear(tx, org).await?;
        seal(base, tx, org, &found).await?;
        for one in &found {
            E::delete(tx, org, one).await?;
        }
        Ok(!found.is_empty())
    })
}

async fn seal(base: &Base, tx: &mut Tx, org: &str, found: &[Clear]) -> Result<()> {
    let (mut keys, mut rows) = (BTreeMap::new(), Vec::new());
    let now = base.providers.clock.now();
    for one in found {
        let file = about(&one.topic);
        let (holder, key) = key(&base.vault, tx, org, file, now, &mut keys).await?;
        // What was promised of a file that is gone goes with it: nothing is sealed, and nothing opens.
        let sealed = match holder == file {
            false => Vec::new(),
            true => {
                let (salt, text) = (Salt::of(&one.salt)?, one.text.clone().map(Zeroizing::new));
                let at = place(one.entry, &one.field);
                sealed(base, &key, (org, file, &at), &salt, text.as_ref().map(|text| text.as_str()))?
            }
        };
        rows.push(New { entry: one.entry, field: one.field.clone(), holder: file, sealed });
    }
    // Another replica may have done the same.
    write(tx, org, &rows).await.map(drop)
}

impl std::fmt::Debug for Clear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clear").field("entry", &self.entry).field("field", &self.field).finish_non_exhaustive()
    }
}
