//! A batch is taken back: its files are closed, and their keys and numbers are free again (P-48, I11).

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use uuid::Uuid;

use super::journal;
use crate::domain::customer_file::{Act, CustomerFile, State as Stands};
use crate::domain::transfer::{Batch, State};
use crate::store::customer_file;
use crate::store::transfer as store;
use crate::work::customer_file::save::{Change, save};
use crate::work::customer_file::session::Session;
use crate::work::number::void_elsewhere;

/// Files of one look.
const PIECE: i64 = 200;
/// How a batch stands of which something was used.
const USED: &str = "used";

/// Takes all of it back, or nothing.
///
/// # Errors
/// `WRONG_STATE` when it was taken back, or some of it was used; `CONFLICT_RETRY`, `JOURNAL_FAULT`.
pub async fn take(
    session: &Session<'_>,
    tx: &mut Tx,
    mut batch: Batch,
    (reason, request_id): (&str, &str),
) -> Result<Batch> {
    let org = &session.call.org;
    batch.require_open()?;
    batch.state = State::TakenBack;
    batch.updated_at = batch.updated_at.max(session.call.now);
    // First: no file is counted into it beside this.
    store::update(tx, org, &mut batch).await?;
    let used = store::used(tx, org, batch.id).await?;
    if used > 0 {
        let allowed = [State::Open.as_str()];
        return Err(Error::wrong_state(batch.name(), USED, &allowed).with("used", used.to_string()));
    }
    let mut after = Uuid::nil();
    loop {
        let files = store::files(tx, org, batch.id, after, PIECE).await?;
        let Some(last) = files.last() else { break };
        after = *last;
        for file in files {
            Box::pin(close(session, tx, file, reason)).await?;
        }
    }
    store::free(tx, org, batch.id).await?;
    journal(session, tx, &batch, ("import.taken_back", reason, request_id)).await?;
    Ok(batch)
}

async fn close(session: &Session<'_>, tx: &mut Tx, file: Uuid, reason: &str) -> Result<()> {
    let Some(loaded) = customer_file::regardless(tx, session.viewer(), file).await? else { return Ok(()) };
    void_elsewhere(session, tx, file, reason).await?;
    if loaded.file.state == Stands::Closed && loaded.file.number.is_none() {
        return Ok(());
    }
    let now = session.call.now;
    let after = match loaded.file.state {
        // It was closed where it came from; what it leaves is its number.
        Stands::Closed => {
            let revision = loaded.file.revision + 1;
            CustomerFile { revision, updated: now.max(loaded.file.updated), ..loaded.file.clone() }
        }
        _ => loaded.file.after(Act::Close, now)?,
    };
    let template = session.template(&loaded.file.template)?;
    let change = Change::of(Act::Close, &loaded, CustomerFile { number: None, ..after }, reason.to_owned(), "");
    save(session, tx, &session.seal(&loaded)?, template, change).await.map(drop)
}
