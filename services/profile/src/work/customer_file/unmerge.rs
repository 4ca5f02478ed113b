//! A merge is taken back (P-02, P-49): the merged file stands where it stood, and of the kept one goes back what came by the merge and was
//! not changed since.

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::states;
use dossier_proto::profile::v1 as wire;
use dossier_regime::Action;
use prost::Message as _;
use uuid::Uuid;

use super::contest;
use super::save::{Change, Saved, save};
use super::session::{Session, denied};
use crate::content::{Content, Seal};
use crate::domain::changed::Writing;
use crate::domain::customer_file::{Act, CustomerFile, State};
use crate::domain::merge::Step;
use crate::domain::ties::Ties;
use crate::store::customer_file::{self, Loaded, inconsistent};
use crate::store::revision::{self, Kept};

const REVISION: &str = "customer_file_revision";
/// How the file stands that is to be taken out of another.
const MERGED: &str = "merged";

/// One merge into a file, read from its revisions.
struct Past {
    revision: i64,
    // The file that came.
    brought: Option<Uuid>,
    // Keys of the fields that it wrote.
    written: BTreeSet<String>,
    before: Content,
    after: Content,
    step: Step,
}

/// The file that `merged` was merged into, if the caller may be told of it and change it.
///
/// # Errors
/// `WRONG_STATE` where it was merged into none, or into one that the caller does not see; `PERMISSION_DENIED` for who sees that one
/// through a grant alone.
pub async fn kept(session: &Session<'_>, tx: &mut Tx, merged: &CustomerFile) -> Result<Loaded> {
    let whole = || Error::wrong_state(merged.name(), merged.state.as_str(), &[MERGED]);
    let into = merged.ties.into.ok_or_else(whole)?;
    let found = customer_file::visible(tx, session.viewer(), into).await?;
    let kept = found.filter(|one| session.admits(&one.file.level)).ok_or_else(whole)?;
    if kept.standing { Ok(kept) } else { Err(denied(Action::FileMerge)) }
}

/// Lets `merged` stand again beside `kept`, and gives it.
///
/// # Errors
/// As the contract says of `UnmergeCustomerFiles`.
pub async fn unmerge(
    session: &Session<'_>,
    tx: &mut Tx,
    (kept, merged): (&Loaded, &Loaded),
    (reason, request_id): (String, &str),
) -> Result<Saved> {
    let (now, org) = (session.call.now, &session.call.org);
    let mut stands = merged.file.after(Act::Unmerge, now)?;
    let mut after = kept.file.after(Act::Release, now)?;
    customer_file::lock(tx, org, &kept.file).await?;
    stands.state = state_before(session, tx, &merged.file).await?;
    stands.ties.into = None;
    contest::require_free(session, tx, merged, stands.state).await?;
    after.ties.merged.remove(&merged.file.id);
    let seal = session.seal(kept)?;
    let pasts = pasts(session, tx, kept.file.id).await?;
    let writing = back(&pasts, merged.file.id, &mut after, &kept.content, &seal)?;
    let template = session.template(&after.template)?;
    let change = Change::of(Act::Release, kept, after, reason.clone(), request_id);
    save(session, tx, &seal, template, Change { writing, ..change }).await?;
    let (template, seal) = (session.template(&stands.template)?, session.seal(merged)?);
    save(session, tx, &seal, template, Change::of(Act::Unmerge, merged, stands, reason, request_id)).await
}

// Nothing was done to it since it was merged: that was its newest revision.
async fn state_before(session: &Session<'_>, tx: &mut Tx, file: &CustomerFile) -> Result<State> {
    let broken = || inconsistent(REVISION, "header");
    let row = revision::numbered(tx, &session.call.org, file.id, file.revision - 1).await?.ok_or_else(broken)?;
    let header = wire::CustomerFile::decode(row.header.as_slice()).map_err(|_| broken())?;
    states::of_wire::<wire::CustomerFileState, _>(header.state).ok_or_else(broken)
}

// The merges into a file, the newest first.
async fn pasts(session: &Session<'_>, tx: &mut Tx, file: Uuid) -> Result<Vec<Past>> {
    revision::kept(tx, &session.call.org, file).await?.into_iter().map(Past::try_from).collect()
}

// What the kept file gets back: written here into `after` and given as what is written into its content.
fn back(pasts: &[Past], merged: Uuid, after: &mut CustomerFile, now: &Content, seal: &Seal<'_>) -> Result<Writing> {
    let found = pasts.iter().position(|past| past.brought == Some(merged));
    let (at, past) = found.and_then(|at| Some((at, pasts.get(at)?))).ok_or_else(|| inconsistent(REVISION, "header"))?;
    let mut writing = Writing { labels: past.step.labels_back(&after.classification), ..Writing::default() };
    after.ties.links.retain(|link| !past.step.links.contains(link));
    for key in past.written.iter().filter(|key| now.is_same(&past.after, key)) {
        match origin(pasts, at, key, &after.ties.merged).field(seal, key)? {
            Some(value) => drop(writing.set.insert(key.clone(), value)),
            None => drop(writing.cleared.insert(key.clone())),
        }
    }
    Ok(writing)
}

// Where the value of `key` goes back to: what stood there before this merge, and where an earlier one had brought that from a file that
// stands by itself again since, what stood there before.
fn origin<'p>(pasts: &'p [Past], at: usize, key: &str, standing: &BTreeSet<Uuid>) -> &'p Content {
    let mut content = &pasts[at].before;
    for older in &pasts[at + 1..] {
        let newest = pasts.iter().find(|one| one.brought == older.brought).map(|one| one.revision);
        let holds = older.brought.is_some_and(|file| standing.contains(&file)) && newest == Some(older.revision);
        if !holds && older.written.contains(key) && content.is_same(&older.after, key) {
            content = &older.before;
        }
    }
    content
}

// === impl Past ===

impl TryFrom<Kept> for Past {
    type Error = Error;

    fn try_from(row: Kept) -> Result<Self> {
        let header = |bytes: &[u8]| {
            let mut header = wire::CustomerFile::decode(bytes).map_err(|_| inconsistent(REVISION, "header"))?;
            let ties = Ties::take(&mut header);
            Ok::<_, Error>((header.classification.into_iter().collect::<BTreeMap<_, _>>(), ties))
        };
        let ((before, was), (after, ties)) = (header(&row.header_before)?, header(&row.header)?);
        let links = ties.links.difference(&was.links).cloned().collect();
        let written = row.changed.iter().filter_map(|path| path.strip_prefix("fields.")).map(str::to_owned).collect();
        Ok(Self {
            revision: row.revision,
            brought: ties.merged.difference(&was.merged).next().copied(),
            written,
            before: Content::read(REVISION, &row.content_before)?,
            after: Content::read(REVISION, &row.content)?,
            step: Step { before, after, links },
        })
    }
}
