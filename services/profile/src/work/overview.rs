//! What hangs on a file, gathered for somebody who looks at all of it: its records, what is due, the files around it.
//!
//! Each list is bounded, and none looks at more than hangs on this file.

use std::collections::{BTreeMap, BTreeSet};

use dossier_authority::store::duty::{self, Duty};
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Reason, Result};
use dossier_proto::profile::v1::OverviewTie;
use dossier_regime::Template;
use uuid::Uuid;

use super::customer_file::session::Session;
use super::record::{contents, template};
use crate::content::{Content, Seal};
use crate::domain::customer_file::CustomerFile;
use crate::domain::overview::{Glance, MOST_OPEN};
use crate::domain::record::{PART, Record};
use crate::store::customer_file::{self, Filter, Loaded, Stretch};
use crate::store::record;

/// Most duties that are told.
const MOST_DUTIES: usize = 20;
/// Most files that are told of those that belong to one.
const MOST_PARTS: usize = 20;
/// Files belonging to one that are looked at, the newest first: as many as one call of a list looks at.
const MOST_LOOKED_AT: i64 = 10_000;

/// The records of a file at a glance, and what opens them.
#[derive(Debug, Default)]
pub struct Papers<'a> {
    /// Which records are told.
    pub glance: Glance,
    /// Their content, by record.
    pub content: BTreeMap<Uuid, Paper<'a>>,
}

/// What a record says.
#[derive(Debug)]
pub struct Paper<'a> {
    /// Its form.
    pub template: &'a Template,
    /// Its newest content.
    pub content: Content,
    /// The seal of that.
    pub seal: Seal<'a>,
}

/// A list that may have been cut.
#[derive(Debug)]
pub struct Cut<T> {
    /// What is told.
    pub told: Vec<T>,
    /// Whether there is more.
    pub more: bool,
}

/// Another file, and how it hangs together with the one that is looked at.
#[derive(Debug)]
pub struct Tied {
    /// How.
    pub tie: OverviewTie,
    /// The link; empty: none.
    pub link: String,
    /// The file.
    pub file: CustomerFile,
}

/// The records of a file that the caller reads as a whole.
///
/// # Errors
/// `KEY_DESTROYED`, `STORE_UNAVAILABLE`.
pub async fn papers<'a>(session: &Session<'a>, tx: &mut Tx, loaded: &Loaded) -> Result<Papers<'a>> {
    let (org, file) = (&session.call.org, loaded.file.id);
    let counts = record::counts(tx, org, file).await?;
    let newest = record::newest(tx, org, file, MOST_OPEN.try_into().unwrap_or(i64::MAX)).await?;
    let glance = Glance::of(&session.pack().records, &counts, newest);
    let mut said = contents(tx, org, glance.records()).await?;
    let (seal, mut content) = (session.seal(loaded)?, BTreeMap::new());
    for one in glance.records() {
        match paper(session, &seal, one, said.remove(&one.id).unwrap_or_default()) {
            Ok(paper) => drop(content.insert(one.id, paper)),
            // One record that cannot be shown is told without its content, and takes nothing else with it.
            Err(fault) if fault.is_missing().is_some() || fault.reason() == Reason::SealBroken => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(Papers { glance, content })
}

fn paper<'a>(session: &Session<'a>, seal: &Seal<'a>, one: &Record, content: Content) -> Result<Paper<'a>> {
    let (template, seal) = (template(session, &one.template)?, seal.part(PART, one.id, &one.sealed_key)?);
    Ok(Paper { template, content, seal })
}

/// What is due about a file and its records, as far as the caller may know.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn duties(session: &Session<'_>, tx: &mut Tx, file: Uuid) -> Result<Cut<Duty>> {
    let (org, person, now) = (&session.call.org, session.principal.person, session.call.micros());
    Ok(Cut::at(MOST_DUTIES, duty::open_about(tx, org, person, now, file, one_more(MOST_DUTIES)).await?))
}

/// The files that `file` names and those that belong to it, as far as the caller may be told of them now.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn files(session: &Session<'_>, tx: &mut Tx, file: &CustomerFile) -> Result<Cut<Tied>> {
    let named: BTreeSet<Uuid> = file.ties.files().collect();
    let mut seen = customer_file::visible_headers(tx, session.viewer(), &named).await?;
    seen.retain(|_, file| session.admits(&file.level));
    let tied = |tie, link: &str, other: &Uuid| {
        seen.get(other).map(|file| Tied { tie, link: link.to_owned(), file: file.clone() })
    };
    let of = file.ties.of.iter().filter_map(|other| tied(OverviewTie::Of, "", other));
    let links = file.ties.links.iter().filter_map(|(link, other)| tied(OverviewTie::Link, link, other));
    let into = file.ties.into.iter().filter_map(|other| tied(OverviewTie::MergedInto, "", other));
    let merged = file.ties.merged.iter().filter_map(|other| tied(OverviewTie::Merged, "", other));
    let mut told: Vec<_> = of.chain(links).chain(into).chain(merged).collect();
    let parts = parts(session, tx, file.id).await?;
    let part = |file| Tied { tie: OverviewTie::Part, link: String::new(), file };
    told.extend(parts.told.into_iter().map(part));
    Ok(Cut { told, more: parts.more })
}

async fn parts(session: &Session<'_>, tx: &mut Tx, file: Uuid) -> Result<Cut<CustomerFile>> {
    let filter = Filter { parent: Some(file), ..Filter::default() };
    let stretch = Stretch { before: Uuid::max(), looks: MOST_LOOKED_AT };
    let mut found = customer_file::list(tx, session.viewer(), &filter, stretch, one_more(MOST_PARTS)).await?;
    found.retain(|one| session.admits(&one.level));
    Ok(Cut::at(MOST_PARTS, found))
}

fn one_more(most: usize) -> i64 {
    i64::try_from(most).map_or(i64::MAX, |most| most + 1)
}

// === impl Cut ===

impl<T> Cut<T> {
    fn at(most: usize, mut told: Vec<T>) -> Self {
        let more = told.len() > most;
        told.truncate(most);
        Self { told, more }
    }
}

impl<T> Default for Cut<T> {
    fn default() -> Self {
        Self { told: Vec::new(), more: false }
    }
}
