//! `BatchGetRecords`: several records in the order asked for, all or none; of each file one entry in the journal (A-42, I3).

use std::collections::{BTreeMap, BTreeSet};

use dossier_authority::Base;
use dossier_authority::reading::purpose;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::name;
use dossier_proto::journal::v1::RecordDisclosed;
use dossier_proto::profile::v1::{BatchGetRecordsRequest, BatchGetRecordsResponse, FileRecord};
use dossier_regime::Action;
use uuid::Uuid;

use super::get::shown;
use crate::content::Content;
use crate::domain::record::{PART, Record, ids};
use crate::rpc::customer_file::reading::{self, Ground, Outgoing};
use crate::store::customer_file::{Loaded, inconsistent, visible_each};
use crate::store::record::each;
use crate::work::customer_file::session::{Session, place};
use crate::work::record::{self, Opened};

const MOST: usize = 100;

/// What stands for the file where records of several are asked for.
const ANY: &str = "files/-";

/// Records of one file about to leave, each with its place in the answer.
type Leaving = Outgoing<Vec<(usize, FileRecord)>>;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: BatchGetRecordsRequest) -> Result<BatchGetRecordsResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let wanted = wanted(&session, &request)?;
    let files = files(&session, &mut tx, &wanted).await?;
    let mut records = each(&mut tx, &call.org, &wanted.iter().map(|(_, id)| *id).collect()).await?;
    records.retain(|_, one| files.contains_key(&one.file));
    require_all(&wanted, &records)?;
    for loaded in files.values() {
        session.require_fresh(&loaded.file.level)?;
    }
    let grounds = grounds(&session, &mut tx, (&wanted, &files), &request).await?;
    let mut contents = record::contents(&mut tx, &call.org, records.values()).await?;
    let mut leaving: BTreeMap<Uuid, Leaving> = BTreeMap::new();
    for (at, (file, id)) in wanted.iter().enumerate() {
        let (Some(loaded), Some(ground)) = (files.get(file), grounds.get(file)) else { continue };
        let Some((record, content)) = records.remove(id).zip(contents.remove(id)) else { continue };
        let opened = opened(&session, loaded, (record, content))?;
        let out = leaving.entry(*file).or_insert_with(|| of_file(loaded, ground));
        add(&session, &mut tx, out, (at, &opened)).await?;
    }
    tx.commit().await?;
    let gone = reading::release(&session, leaving.into_values().collect(), &request.purpose).await?;
    let records: BTreeMap<usize, FileRecord> = gone.into_iter().flatten().collect();
    Ok(BatchGetRecordsResponse { records: records.into_values().collect() })
}

// Which records are asked for, once all that the request says is well-formed.
fn wanted(session: &Session<'_>, request: &BatchGetRecordsRequest) -> Result<Vec<(Uuid, Uuid)>> {
    let mut faults = Faults::default();
    purpose(session.pack(), &request.purpose, &mut faults);
    place(session.pack(), &request.reading_place, &mut faults);
    let parent = if request.parent == ANY { None } else { faults.absorb(name::id("parent", "files", &request.parent)) };
    if !(1..=MOST).contains(&request.names.len()) {
        faults.add("names", format!("must be 1 to {MOST}"));
    }
    let names = request.names.iter().take(MOST).enumerate();
    let wanted: Vec<_> = names.map(|(at, name)| faults.absorb(ids(&format!("names.{at}"), name))).collect();
    for (at, one) in wanted.iter().enumerate() {
        let Some((file, _)) = one else { continue };
        if wanted.iter().take(at).any(|earlier| earlier == one) {
            faults.add(format!("names.{at}"), "is there twice");
        }
        if parent.is_some_and(|parent| parent != *file) {
            faults.add(format!("names.{at}"), "is not one of `parent`");
        }
    }
    faults.finish().map(|()| wanted.into_iter().flatten().collect())
}

// Those of the files that the caller sees.
async fn files(session: &Session<'_>, tx: &mut Tx, wanted: &[(Uuid, Uuid)]) -> Result<BTreeMap<Uuid, Loaded>> {
    let files: BTreeSet<_> = wanted.iter().map(|(file, _)| *file).collect();
    let asked: Vec<_> = files.into_iter().map(|file| (session.viewer(), file)).collect();
    let found = visible_each(tx, &asked).await?;
    Ok(found.into_iter().flatten().map(|loaded| (loaded.file.id, loaded)).collect())
}

// The first that is not there, or not for the caller, is named.
fn require_all(wanted: &[(Uuid, Uuid)], records: &BTreeMap<Uuid, Record>) -> Result<()> {
    let there = |(file, id): &&(Uuid, Uuid)| records.get(id).is_some_and(|one| one.file == *file);
    match wanted.iter().find(|one| !there(one)) {
        Some((file, id)) => Err(Error::missing(Missing::FileRecord, name::below("files", *file, PART, *id))),
        None => Ok(()),
    }
}

// On what ground the caller reads each file.
async fn grounds(
    session: &Session<'_>,
    tx: &mut Tx,
    (wanted, files): (&[(Uuid, Uuid)], &BTreeMap<Uuid, Loaded>),
    request: &BatchGetRecordsRequest,
) -> Result<BTreeMap<Uuid, Ground>> {
    let mut grounds = BTreeMap::new();
    for (at, (file, _)) in wanted.iter().enumerate().filter(|(_, (file, _))| files.contains_key(file)) {
        let loaded = files.get(file).ok_or_else(|| inconsistent("record", "file"))?;
        if grounds.contains_key(file) {
            continue;
        }
        if !session.pack().is_read_in(&loaded.file.level, &request.reading_place) {
            let why = "is read in one place only: ask for it with its `reading_place`";
            return Err(Error::violation(format!("names.{at}"), why));
        }
        let ground = reading::require_ground(session, tx, loaded, &request.purpose, &request.reading_place).await?;
        grounds.insert(*file, ground.whole(PART)?);
    }
    Ok(grounds)
}

fn opened<'a>(session: &Session<'a>, loaded: &Loaded, (record, content): (Record, Content)) -> Result<Opened<'a>> {
    let seal = session.seal(loaded)?.part(PART, record.id, &record.sealed_key)?;
    Ok(Opened { loaded: loaded.clone(), record, content, seal })
}

// What leaves of a file: none of its own form.
fn of_file(loaded: &Loaded, ground: &Ground) -> Leaving {
    Outgoing {
        message: Vec::new(),
        resource: String::new(),
        file: loaded.file.id,
        revision: loaded.file.revision,
        fields: Vec::new(),
        records: Vec::new(),
        ground: ground.clone(),
    }
}

async fn add(
    session: &Session<'_>,
    tx: &mut Tx,
    leaving: &mut Leaving,
    (at, opened): (usize, &Opened<'_>),
) -> Result<()> {
    let (message, fields) = shown(session, tx, opened, &leaving.ground.visibility).await?;
    let (record, revision) = (opened.record.name(), opened.record.version);
    leaving.records.push(RecordDisclosed { record, revision, fields });
    leaving.message.push((at, message));
    Ok(())
}
