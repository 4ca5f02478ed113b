//! What is known of a file for the arbiter, gathered for somebody who asks or who would destroy it (X-09, C-06).
//!
//! Whether its original is lent access's journal tells. What the customer owes credit tells once the destruction of the file is
//! announced, and so does access what is asked for. Nobody's erasure can be asked for yet.

use std::collections::BTreeSet;

use dossier_authority::store::loan;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;

use super::customer_file::retention;
use super::customer_file::session::Session;
use crate::domain::arbiter::{Facts, Ground, Ruling, judge};
use crate::store::customer_file::{Loaded, all_open_parts, open_parts};
use crate::store::{disposal, hold, item, record};

/// What the arbiter says of a file that the caller sees as a whole. Of files that belong to it and that they do not see they are told
/// nothing (I10): whoever removes anything asks for all of them.
///
/// # Errors
/// `SEAL_BROKEN`, `KEY_DESTROYED`, `KEY_UNAVAILABLE`, `STORE_UNAVAILABLE`.
pub async fn evaluate(session: &Session<'_>, tx: &mut Tx, loaded: &Loaded) -> Result<Ruling> {
    let facts = facts(session, tx, loaded, false).await?;
    Ok(judge(&facts, session.tenant.day(session.call.now)))
}

/// What is known of it; `all`: of the files that belong to it also of those that the caller does not see.
///
/// # Errors
/// As [`evaluate`].
pub async fn facts(session: &Session<'_>, tx: &mut Tx, loaded: &Loaded, all: bool) -> Result<Facts> {
    let (org, file) = (&session.call.org, &loaded.file);
    let (exposure, requests) = told(tx, org, loaded).await?;
    let parts = match all {
        true => all_open_parts(tx, org, file.id).await?,
        false => open_parts(tx, session.viewer(), file.id).await?,
    };
    Ok(Facts {
        state: file.state,
        merged: file.ties.into.is_some(),
        shut: session.pack().is_closed(&file.level),
        term: retention::term(session, file, &loaded.content, &session.seal(loaded)?)?,
        holds: hold::count_open(tx, org, file.id).await?,
        disputes: disputes(session, tx, loaded).await?,
        parts,
        loans: Some(i64::from(!loan::of_files(tx, org, &BTreeSet::from([file.id])).await?.is_empty())),
        exposure,
        requests,
        astray: item::astray(tx, org, file.id).await?,
        erasure_asked: false,
    })
}

// Whether the customer owes, as credit says it to an announced destruction, and what is asked for with access.
async fn told(tx: &mut Tx, org: &str, loaded: &Loaded) -> Result<(Option<i64>, i64)> {
    let Some(announced) = disposal::announced(tx, org, loaded.file.id).await? else { return Ok((None, 0)) };
    let answers = disposal::answers(tx, org, announced.id).await?;
    let says = |service: &str, ground| Some(i64::from(answers.get(service)?.grounds.contains(&ground)));
    Ok((says("credit", Ground::ExposureOpen), says("access", Ground::RequestOpen).unwrap_or_default()))
}

// Kinds of claim and dispute of which one is not finished.
async fn disputes(session: &Session<'_>, tx: &mut Tx, loaded: &Loaded) -> Result<i64> {
    let mut open = 0;
    for kind in session.pack().records.iter().filter(|kind| kind.dispute) {
        open += i64::from(record::has_kind(tx, &session.call.org, loaded.file.id, &kind.id, true).await?);
    }
    Ok(open)
}
