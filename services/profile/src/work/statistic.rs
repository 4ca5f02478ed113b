//! Statistics: everything of a kind is read, a batch at a time, and nothing sealed is opened.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_regime::{Over, Pack, Statistic, Told};
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::customer_file::session::Session;
use super::register::{Line, papers};
use crate::domain::register::has_line;
use crate::domain::statistic::{Counted, Tally, day_of};
use crate::store::customer_file::{self, Loaded};
use crate::store::register::{self, Scope};

/// Files, records or documents that are read at once.
const BATCH: i64 = 500;

/// The rank of the highest level that every post of `statistic` is cleared for; below every level where one is cleared for none.
pub fn reach(pack: &Pack, statistic: &Statistic) -> i64 {
    let ranks = statistic.posts.iter().map(|post| pack.clearance_rank(post).unwrap_or(-1));
    ranks.min().unwrap_or(-1)
}

/// Counts all that `statistic` is about.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn count(session: &Session<'_>, tx: &mut Tx, statistic: &Statistic, tally: &mut Tally) -> Result<()> {
    let (mut before, rank) = (Uuid::max(), reach(session.pack(), statistic));
    let zone = session.pack().time_zone.rules();
    loop {
        let lines = match statistic.over {
            Over::Files => files(session, tx, statistic, rank, before).await?,
            Over::Records | Over::Documents => filed(session, tx, statistic, rank, before).await?,
        };
        let Some(last) = lines.last else { return Ok(()) };
        before = last;
        for line in &lines.lines {
            if let Some(one) = counted(statistic, line, zone) {
                tally.add(&one);
            }
        }
    }
}

// A batch, and where it ended.
struct Batch {
    lines: Vec<Line>,
    last: Option<Uuid>,
}

async fn files(session: &Session<'_>, tx: &mut Tx, statistic: &Statistic, rank: i64, before: Uuid) -> Result<Batch> {
    let found = customer_file::counted(tx, &session.call.org, &statistic.kind, rank, before, BATCH).await?;
    let last = found.last().map(|one| one.file.id);
    let line =
        |one: Loaded| Line { id: one.file.id, loaded: Arc::new(one), own: None, kept: None, latest: BTreeMap::new() };
    // A file that was merged is no second customer.
    let standing = found.into_iter().filter(|one| one.file.ties.into.is_none());
    Ok(Batch { lines: standing.map(line).collect(), last })
}

async fn filed(session: &Session<'_>, tx: &mut Tx, statistic: &Statistic, rank: i64, before: Uuid) -> Result<Batch> {
    let org = &session.call.org;
    let scope = Scope { over: statistic.over, kind: &statistic.kind, file: None };
    let found = register::counted(tx, org, scope, rank, before, BATCH).await?;
    let wanted: BTreeSet<Uuid> = found.iter().map(|one| one.file).collect();
    let mut files = customer_file::counted_each(tx, org, rank, &wanted).await?;
    for one in files.values_mut() {
        // Of several papers of one customer each is theirs, whichever of their files it lies in.
        if let Some(kept) = one.file.ties.into {
            one.file.customer_number = Some(customer_file::customer_of(tx, org, kept).await?);
        }
    }
    let files: BTreeMap<Uuid, Arc<Loaded>> = files.into_iter().map(|(id, one)| (id, Arc::new(one))).collect();
    let mut papers = papers(session, tx, statistic.over, &found).await?;
    let lines = found.iter().filter_map(|one| {
        let (loaded, own) = (files.get(&one.file).cloned()?, papers.remove(&one.id)?);
        Some(Line { id: one.id, loaded, own: Some(own), kept: None, latest: BTreeMap::new() })
    });
    Ok(Batch { lines: lines.collect(), last: found.last().map(|one| one.id) })
}

// What of a line is counted; `None`: it is left out, or nothing says when it was.
fn counted(statistic: &Statistic, line: &Line, zone: &TimeZone) -> Option<Counted> {
    let value = |name: &str| line.clear(Told::read(statistic.over, name));
    let own = line.own.as_ref().map(|paper| &paper.filed);
    if !has_line(&statistic.filter, own, value) {
        return None;
    }
    let file = &line.loaded.file;
    // A customer may have several files; before they have a number, each is somebody.
    let customer = file.customer_type.map(|_| file.customer_number.clone().unwrap_or_else(|| file.id.to_string()));
    Some(Counted {
        day: day_of(&value(&statistic.on)?, zone)?,
        values: statistic.by.iter().map(|by| value(by).unwrap_or_default()).collect(),
        addends: statistic.sum.iter().map(|field| value(field)).collect(),
        customer,
    })
}
