//! Lines of registers: what is read of the files and records that may have one, a batch at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_regime::{Over, Register, Told};
use uuid::Uuid;

use super::customer_file::session::Session;
use super::record::contents;
use crate::content::Content;
use crate::domain::record::Record;
use crate::domain::register::{has_line, part};
use crate::store::customer_file::{self, Loaded};
use crate::store::record;
use crate::store::register::Candidate;

/// Something that has a line.
#[derive(Clone, Debug)]
pub struct Line {
    /// The file or record.
    pub id: Uuid,
    /// The file, or that of the record.
    pub loaded: Arc<Loaded>,
    /// The record.
    pub record: Option<Paper>,
    /// The newest records of other kinds in the file, by kind.
    pub latest: BTreeMap<String, Paper>,
}

/// A record with its newest content.
#[derive(Clone, Debug)]
pub struct Paper {
    /// The record.
    pub record: Record,
    /// What it says.
    pub content: Content,
}

// === impl Line ===

impl Line {
    /// The name of what has the line.
    pub fn name(&self) -> String {
        self.record.as_ref().map_or_else(|| self.loaded.file.name(), |paper| paper.record.name())
    }

    /// The record that `told` tells of; `None`: it tells of the file, or there is no such record.
    pub fn paper(&self, told: Told<'_>) -> Option<&Paper> {
        match told {
            Told::File(_) => None,
            Told::Record(_) => self.record.as_ref(),
            Told::Latest { kind, .. } => self.latest.get(kind),
        }
    }

    /// What `told` tells, as far as it is stored in clear.
    pub fn clear(&self, told: Told<'_>) -> Option<String> {
        let paper = self.paper(told);
        if told.is_part() {
            return part(told, &self.loaded.file, paper.map(|paper| &paper.record));
        }
        match told {
            Told::File(of) => self.loaded.content.clear(of),
            Told::Record(of) | Told::Latest { of, .. } => paper?.content.clear(of),
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
    let mut papers = match register.over {
        Over::Files => BTreeMap::new(),
        Over::Records => papers(session, tx, batch).await?,
    };
    let line = |one: &Candidate| {
        let record = papers.remove(&one.id);
        let complete = record.is_some() || register.over == Over::Files;
        let loaded = files.get(&one.file).filter(|_| complete).cloned()?;
        Some(Line { id: one.id, loaded, record, latest: BTreeMap::new() })
    };
    let mut lines: Vec<Line> = batch.iter().filter_map(line).collect();
    lines.retain(|line| {
        let record = line.record.as_ref().map(|paper| &paper.record);
        has_line(&register.filter, record, |name| line.clear(Told::read(register.over, name)))
    });
    newest(session, tx, register, &mut lines).await?;
    Ok(lines)
}

/// The records of a batch with their contents, by id.
///
/// # Errors
/// As [`lines`].
pub async fn papers(session: &Session<'_>, tx: &mut Tx, batch: &[Candidate]) -> Result<BTreeMap<Uuid, Paper>> {
    let wanted: BTreeSet<Uuid> = batch.iter().map(|one| one.id).collect();
    let records = record::each(tx, &session.call.org, &wanted).await?;
    let papers = written(session, tx, records.into_values().collect()).await?;
    Ok(papers.into_iter().map(|paper| (paper.record.id, paper)).collect())
}

// The newest records that columns tell of.
async fn newest(session: &Session<'_>, tx: &mut Tx, register: &Register, lines: &mut [Line]) -> Result<()> {
    let kinds = register.told().filter_map(|told| match told {
        Told::Latest { kind, .. } => Some(kind),
        Told::File(_) | Told::Record(_) => None,
    });
    let files: BTreeSet<Uuid> = lines.iter().map(|line| line.loaded.file.id).collect();
    for kind in kinds.collect::<BTreeSet<_>>() {
        let found = record::latest(tx, &session.call.org, &files, kind).await?;
        let papers = written(session, tx, found.into_values().collect()).await?;
        let papers: BTreeMap<Uuid, Paper> = papers.into_iter().map(|paper| (paper.record.file, paper)).collect();
        for line in &mut *lines {
            let paper = papers.get(&line.loaded.file.id).cloned();
            line.latest.extend(paper.map(|paper| (kind.to_owned(), paper)));
        }
    }
    Ok(())
}

async fn written(session: &Session<'_>, tx: &mut Tx, records: Vec<Record>) -> Result<Vec<Paper>> {
    let mut said = contents(tx, &session.call.org, records.iter()).await?;
    let paper = |record: Record| Paper { content: said.remove(&record.id).unwrap_or_default(), record };
    Ok(records.into_iter().map(paper).collect())
}
