//! Lines of registers: what is read of the files, records and documents that may have one, a batch at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_regime::{Over, Register, Told};
use uuid::Uuid;

use super::customer_file::session::Session;
use super::item::ways_to;
use super::place::Way;
use super::record::contents_of;
use crate::content::Content;
use crate::domain::item::Item;
use crate::domain::register::filed::Filed;
use crate::domain::register::{has_line, part};
use crate::store::customer_file::{self, Loaded};
use crate::store::register::Candidate;
use crate::store::{document, item, record};

/// Something that has a line.
#[derive(Clone, Debug)]
pub struct Line {
    /// The file, or what lies in it.
    pub id: Uuid,
    /// The file.
    pub loaded: Arc<Loaded>,
    /// The record or document that has the line; `None`: the file itself has it.
    pub own: Option<Paper>,
    /// Where it is kept, and the way there; `None`: the archive never had it, or nobody asks.
    pub kept: Option<(Item, Way)>,
    /// The newest records of other kinds in the file, by kind.
    pub latest: BTreeMap<String, Paper>,
}

/// A record or document with its newest content.
#[derive(Clone, Debug)]
pub struct Paper {
    /// Which.
    pub filed: Filed,
    /// What it says.
    pub content: Content,
}

// === impl Line ===

impl Line {
    /// The name of what has the line.
    pub fn name(&self) -> String {
        self.own.as_ref().map_or_else(|| self.loaded.file.name(), |paper| paper.filed.name())
    }

    /// The record or document that `told` tells of; `None`: it tells of the file, or there is none.
    pub fn paper(&self, told: Told<'_>) -> Option<&Paper> {
        match told {
            Told::File(_) | Told::Item(_) => None,
            Told::Record(_) | Told::Document(_) => self.own.as_ref(),
            Told::Latest { kind, .. } => self.latest.get(kind),
        }
    }

    /// What `told` tells, as far as it is stored in clear.
    pub fn clear(&self, told: Told<'_>) -> Option<String> {
        if let Told::Item(of) = told {
            let (item, way) = self.kept.as_ref()?;
            return item.part(of, way);
        }
        let paper = self.paper(told);
        if told.is_part() {
            return part(told, &self.loaded.file, paper.map(|paper| &paper.filed));
        }
        match told {
            Told::File(of) => self.loaded.content.clear(of),
            Told::Record(of) | Told::Document(of) | Told::Latest { of, .. } => paper?.content.clear(of),
            Told::Item(_) => None,
        }
    }
}

/// Those of a batch that have a line in `register`, in its order.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn lines(session: &Session<'_>, tx: &mut Tx, register: &Register, batch: &[Candidate]) -> Result<Vec<Line>> {
    let files: BTreeSet<Uuid> = batch.iter().map(|one| one.file).collect();
    let asked: Vec<_> = files.iter().map(|id| (session.viewer(), *id)).collect();
    let found = customer_file::visible_each(tx, &asked).await?;
    let seen = found.into_iter().flatten().filter(|one| one.standing && session.admits(&one.file.level));
    let files: BTreeMap<Uuid, Arc<Loaded>> = seen.map(|one| (one.file.id, Arc::new(one))).collect();
    let mut papers = papers(session, tx, register.over, batch).await?;
    let line = |one: &Candidate| {
        let own = papers.remove(&one.id);
        let complete = own.is_some() || register.over == Over::Files;
        let loaded = files.get(&one.file).filter(|_| complete).cloned()?;
        Some(Line { id: one.id, loaded, own, kept: None, latest: BTreeMap::new() })
    };
    let mut lines: Vec<Line> = batch.iter().filter_map(line).collect();
    keep(session, tx, register, &mut lines).await?;
    lines.retain(|line| {
        let own = line.own.as_ref().map(|paper| &paper.filed);
        has_line(&register.filter, own, |name| line.clear(Told::read(register.over, name)))
    });
    newest(session, tx, register, &mut lines).await?;
    Ok(lines)
}

/// The records or documents of a batch with their contents, by id; none of a batch of files.
///
/// # Errors
/// As [`lines`].
pub async fn papers(
    session: &Session<'_>,
    tx: &mut Tx,
    over: Over,
    batch: &[Candidate],
) -> Result<BTreeMap<Uuid, Paper>> {
    let (org, wanted) = (&session.call.org, batch.iter().map(|one| one.id).collect());
    let filed = match over {
        Over::Files => return Ok(BTreeMap::new()),
        Over::Records => record::each(tx, org, &wanted).await?.into_values().map(Filed::Record).collect(),
        Over::Documents => document::each(tx, org, &wanted).await?.into_values().map(Filed::Document).collect(),
    };
    let papers = written(session, tx, filed).await?;
    Ok(papers.into_iter().map(|paper| (paper.filed.id(), paper)).collect())
}

// Where each is kept, if the register asks.
async fn keep(session: &Session<'_>, tx: &mut Tx, register: &Register, lines: &mut [Line]) -> Result<()> {
    let mut asked = register.told().chain(register.filter.keys().map(|name| Told::read(register.over, name)));
    if !asked.any(|told| matches!(told, Told::Item(_))) {
        return Ok(());
    }
    let id = |line: &Line| if register.over == Over::Documents { line.id } else { line.loaded.file.id };
    let items = item::each(tx, &session.call.org, &lines.iter().map(id).collect()).await?;
    let ways = ways_to(tx, &session.call.org, items.values()).await?;
    for line in lines {
        let found = items.get(&id(line)).cloned();
        let way = |item: &Item| item.place.and_then(|place| ways.get(&place).cloned()).unwrap_or_default();
        line.kept = found.map(|item| (item.clone(), way(&item)));
    }
    Ok(())
}

// The newest records that columns tell of.
async fn newest(session: &Session<'_>, tx: &mut Tx, register: &Register, lines: &mut [Line]) -> Result<()> {
    let kinds = register.told().filter_map(|told| match told {
        Told::Latest { kind, .. } => Some(kind),
        Told::File(_) | Told::Record(_) | Told::Document(_) | Told::Item(_) => None,
    });
    let files: BTreeSet<Uuid> = lines.iter().map(|line| line.loaded.file.id).collect();
    for kind in kinds.collect::<BTreeSet<_>>() {
        let found = record::latest(tx, &session.call.org, &files, kind).await?;
        let (files, records): (Vec<_>, Vec<_>) =
            found.into_iter().map(|(file, one)| (file, Filed::Record(one))).unzip();
        let papers: BTreeMap<Uuid, Paper> = files.into_iter().zip(written(session, tx, records).await?).collect();
        for line in &mut *lines {
            let paper = papers.get(&line.loaded.file.id).cloned();
            line.latest.extend(paper.map(|paper| (kind.to_owned(), paper)));
        }
    }
    Ok(())
}

// In the same order.
async fn written(session: &Session<'_>, tx: &mut Tx, filed: Vec<Filed>) -> Result<Vec<Paper>> {
    let wanted = filed.iter().map(|one| (one.id(), one.version())).collect();
    let mut said = contents_of(tx, &session.call.org, &wanted).await?;
    let paper = |one: Filed| Paper { content: said.remove(&one.id()).unwrap_or_default(), filed: one };
    Ok(filed.into_iter().map(paper).collect())
}
