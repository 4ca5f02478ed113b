//! What is known of a file for the arbiter, gathered for somebody who asks (X-09, C-06).
//!
//! Whether its original is lent access knows, and what the customer owes credit knows; neither has told this service yet. Nobody's
//! erasure can be asked for yet either.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;

use super::customer_file::retention;
use super::customer_file::session::Session;
use crate::domain::arbiter::{Facts, Ruling, judge};
use crate::store::customer_file::{Loaded, open_parts};
use crate::store::{hold, record};

/// What the arbiter says of a file that the caller sees as a whole. Of files that belong to it and that they do not see they are told
/// nothing (I10): whoever removes anything asks for all of them.
///
/// # Errors
/// `SEAL_BROKEN`, `KEY_DESTROYED`, `KEY_UNAVAILABLE`, `STORE_UNAVAILABLE`.
pub async fn evaluate(session: &Session<'_>, tx: &mut Tx, loaded: &Loaded) -> Result<Ruling> {
    let (org, file) = (&session.call.org, &loaded.file);
    let facts = Facts {
        state: file.state,
        merged: file.ties.into.is_some(),
        shut: session.pack().is_closed(&file.level),
        term: retention::term(session, file, &loaded.content, &session.seal(loaded)?)?,
        holds: hold::count_open(tx, org, file.id).await?,
        disputes: disputes(session, tx, loaded).await?,
        parts: open_parts(tx, session.viewer(), file.id).await?,
        loans: None,
        exposure: None,
        erasure_asked: false,
    };
    Ok(judge(&facts, session.tenant.day(session.call.now)))
}

// Kinds of claim and dispute of which one is not finished.
async fn disputes(session: &Session<'_>, tx: &mut Tx, loaded: &Loaded) -> Result<i64> {
    let mut open = 0;
    for kind in session.pack().records.iter().filter(|kind| kind.dispute) {
        open += i64::from(record::has_kind(tx, &session.call.org, loaded.file.id, &kind.id, true).await?);
    }
    Ok(open)
}
