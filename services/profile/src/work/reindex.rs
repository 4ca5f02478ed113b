//! Making the tokens of files anew after the form of values changed, so that what was there is still found.
//!
//! A migration that comes with a new form puts every file on a list; this job takes them off, one transaction each,
//! beside the rpcs. Until it is through, a value that the new form writes differently is found only in newer files.

use std::time::Duration;

use dossier_authority::Base;
use dossier_kernel::error::{Error, Missing, Reason, Result};
use dossier_kernel::transact;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::content::{Content, Seal, tokens, unit_token};
use crate::domain::field_visibility::UNIT_REF;
use crate::domain::form::plain;
use crate::store::reindex::{self, Indexed};
use crate::store::token;

/// How many files one look at the list gives.
const BATCH: i64 = 200;
/// How long the job waits before it tries again what it could not do.
const PACE: Duration = Duration::from_secs(60);

/// Works until the list is empty, or until `stop`. Every replica does; a file is taken by one of them.
pub(crate) async fn run(base: Base, stop: CancellationToken) {
    loop {
        let mut left = false;
        for org in base.orgs() {
            match stop.run_until_cancelled(pass(&base, &org)).await {
                None => return,
                Some(Ok(done)) => left |= !done,
                Some(Err(fault)) => {
                    tracing::warn!(org, ?fault, "the search index cannot be made anew");
                    left = true;
                }
            }
        }
        if !left || stop.run_until_cancelled(tokio::time::sleep(PACE)).await.is_none() {
            return;
        }
    }
}

/// Goes once over the list of `org`; whether nothing is left of it.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
async fn pass(base: &Base, org: &str) -> Result<bool> {
    let (mut after, mut whole) = (Uuid::nil(), true);
    loop {
        let files = reindex::listed(&mut base.db.read().await?, org, after, BATCH).await?;
        let Some(last) = files.last() else { return Ok(whole) };
        after = *last;
        for file in files {
            if let Err(fault) = one(base, org, file).await {
                tracing::warn!(org, file = %file, ?fault, "a file cannot be indexed anew");
                whole = false;
            }
        }
    }
}

async fn one(base: &Base, org: &str, file: Uuid) -> Result<()> {
    transact!(base.db, tx => {
        let Some(row) = reindex::take(tx, org, file).await? else { return Ok(()) };
        match fresh(base, org, file, &row) {
            Ok((unit, found)) => {
                token::replace(tx, org, file, &found).await?;
                if unit != row.unit_ref_token && !reindex::rename_unit(tx, org, file, &row, &unit).await? {
                    tracing::warn!(org, file = %file, "another open file is of a unit that looks the same");
                }
                Ok(())
            }
            // Nothing of it can be found any more, nor need it be.
            Err(fault) if fault.reason() == Reason::KeyDestroyed => Ok(()),
            Err(fault) => Err(fault),
        }
    })
}

type Fresh = (Vec<u8>, Vec<(Vec<u8>, String)>);

// The token of the unit, and all tokens.
fn fresh(base: &Base, org: &str, file: Uuid, row: &Indexed) -> Result<Fresh> {
    let vault = &base.vault;
    let seal = Seal::new(vault, org, file, vault.key_of(org, file, &row.key)?);
    let tenant = base.tenant(org)?;
    let template = tenant.template(&row.template).or_else(|| base.regimes.template(&row.template));
    let template = template.ok_or_else(|| Error::missing(Missing::Template, &row.template))?;
    let content = Content::read("customer_file_revision", &row.content)?;
    let mut values = Vec::new();
    for key in content.keys() {
        values.extend(content.field(&seal, &key)?.map(|value| (key, plain(&value))));
    }
    let numbers = [("file_no", &row.number), ("customer_no", &row.customer_number)];
    values.extend(numbers.into_iter().filter_map(|(key, number)| Some((key.to_owned(), number.clone()?))));
    let unit = unit_token(vault, org, &seal.open_text(UNIT_REF, &row.unit_ref)?)?;
    let unit = unit.unwrap_or_else(|| row.unit_ref_token.clone());
    let mut found = tokens(vault, org, template, values.iter().map(|(key, value)| (key, value.clone())))?;
    found.push((unit.clone(), UNIT_REF.to_owned()));
    Ok((unit, found))
}
