//! Volumes are closed, by what a stage of a record does and by nothing else (P-67, P-96, P-98).

use std::collections::BTreeSet;

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use uuid::Uuid;

use super::gather::{Gathered, gather};
use super::{Said, event};
use crate::domain::document::name_of as document_name;
use crate::domain::record::Record;
use crate::domain::volume::order::{is_uncounted, paginate};
use crate::domain::volume::paper::by_id;
use crate::domain::volume::{Against, State, Volume, name_of, refused};
use crate::store::customer_file::Loaded;
use crate::store::volume;
use crate::work::customer_file::session::Session;

/// Closes volumes of the file of `record`: those `wanted`, or all in which something lies, and then every paper must lie in one.
///
/// # Errors
/// A violation of `field`, `RESOURCE_NOT_FOUND`, `WRONG_STATE`, `VOLUME_REFUSED`, `CONFLICT_RETRY`, `JOURNAL_FAULT`.
pub async fn close(
    session: &Session<'_>,
    tx: &mut Tx,
    (loaded, record): (&Loaded, &Record),
    (wanted, field): (Option<&BTreeSet<Uuid>>, &str),
    request_id: &str,
) -> Result<()> {
    let gathered = gather(session, tx, loaded, field).await?;
    let closing = match wanted {
        Some(wanted) => named(&gathered, wanted)?,
        None => all(&gathered)?,
    };
    for one in closing {
        one.require_open()?;
        let mut one = bound(session, &gathered, one.clone())?;
        one.state = State::Closed;
        one.record = Some(record.id);
        one.closed_at = Some(session.call.now);
        one.updated_at = one.updated_at.max(session.call.now);
        volume::update(tx, &session.call.org, &mut one).await?;
        event::journal(session, tx, &one, ("volume.closed", BTreeSet::new()), Said { reason: "", request_id }).await?;
    }
    Ok(())
}

fn named<'g>(gathered: &'g Gathered<'_>, wanted: &BTreeSet<Uuid>) -> Result<Vec<&'g Volume>> {
    let missing = |id: &Uuid| Error::missing(Missing::Volume, name_of(gathered.file, *id));
    let find = |id: &Uuid| gathered.volumes.iter().find(|one| one.id == *id).ok_or_else(|| missing(id));
    wanted.iter().map(find).collect()
}

// Every open volume with something in it. What lies in none keeps all of them open.
fn all<'g>(gathered: &'g Gathered<'_>) -> Result<Vec<&'g Volume>> {
    if let Some(loose) = gathered.papers.iter().find(|one| one.is_free()) {
        return Err(refused(document_name(gathered.file, loose.id), Against::Loose));
    }
    let open = gathered.volumes.iter().filter(|one| one.state == State::Open && !one.contents.is_empty());
    Ok(open.collect())
}

// In its order and with its numbers, as they stay.
fn bound(session: &Session<'_>, gathered: &Gathered<'_>, mut one: Volume) -> Result<Volume> {
    if one.contents.is_empty() {
        return Err(refused(one.name(), Against::Empty));
    }
    let laid = one.contents.iter().map(|line| (line.document, line.why.clone())).collect();
    gathered.fill(session, &mut one, laid);
    let papers = by_id(&gathered.papers);
    let ordered: Vec<_> = one.contents.iter().filter_map(|line| papers.get(&line.document)).copied().collect();
    if let Some(uncounted) = ordered.iter().find(|paper| is_uncounted(gathered.rule, paper)) {
        return Err(refused(document_name(one.file, uncounted.id), Against::Uncounted));
    }
    let numbers = paginate(gathered.rule, ordered.iter().copied());
    one.contents = one.contents.into_iter().zip(numbers).map(|(line, numbers)| line.numbered(numbers)).collect();
    Ok(one)
}
