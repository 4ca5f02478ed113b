//! What the rules of volumes ask of the documents of a file.

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_regime::{RetentionClass, VolumeRule, YearRule};
use jiff::civil::Date;
use uuid::Uuid;

use crate::content::Content;
use crate::domain::document::{Carrier, Document, State as DocumentState};
use crate::domain::volume::paper::{Class, Lies, Paper};
use crate::domain::volume::{MOST_PAPERS, State, Volume};
use crate::store::customer_file::{Loaded, inconsistent};
use crate::store::{document, item, record, volume};
use crate::work::customer_file::session::Session;

/// The field of a document's form that says of which period it is.
const PERIOD: &str = "period";

/// The papers of a file, its volumes, and the rule that binds one into the other.
#[derive(Debug)]
pub struct Gathered<'a> {
    /// The file.
    pub file: Uuid,
    /// Its level.
    pub file_level: String,
    /// The rule.
    pub rule: &'a VolumeRule,
    /// Every document that is not void.
    pub papers: Vec<Paper>,
    /// Every volume, the first first.
    pub volumes: Vec<Volume>,
    classes: &'a [RetentionClass],
}

// What is known of where documents lie.
struct Known {
    lying: BTreeMap<Uuid, (Uuid, State)>,
    alone: BTreeSet<Uuid>,
    periods: BTreeMap<Uuid, (Option<Date>, Option<Date>)>,
}

/// Gathers what the papers of `loaded` make volumes of.
///
/// # Errors
/// A violation of `field` where files of this kind have no rule, or hold more than is composed; `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn gather<'a>(session: &Session<'a>, tx: &mut Tx, loaded: &Loaded, field: &str) -> Result<Gathered<'a>> {
    let (org, file, pack) = (&session.call.org, &loaded.file, session.pack());
    let rule = pack.volume_of(&file.unit_kind);
    let rule = rule.ok_or_else(|| Error::violation(field, "is in a file of a kind whose papers no rule binds"))?;
    let mut documents = document::of_file(tx, org, file.id).await?;
    documents.retain(|one| one.state != DocumentState::Void);
    if documents.len() > MOST_PAPERS {
        return Err(Error::violation(field, format!("is in a file with more than {MOST_PAPERS} documents")));
    }
    let ids = documents.iter().map(|one| one.id).collect();
    let known = Known {
        lying: volume::lying(tx, org, file.id).await?,
        alone: item::each(tx, org, &ids).await?.into_keys().collect(),
        periods: periods(tx, org, rule, &documents).await?,
    };
    let classes = pack.retention.classes.as_slice();
    let paper = |one: &Document| paper(session, loaded, rule, one, &known);
    Ok(Gathered {
        file: file.id,
        file_level: file.level.clone(),
        rule,
        papers: documents.iter().map(paper).collect(),
        volumes: volume::of_file(tx, org, file.id).await?,
        classes,
    })
}

// The periods of documents whose year hangs on them, as far as they are said in clear.
async fn periods(
    tx: &mut Tx,
    org: &str,
    rule: &VolumeRule,
    documents: &[Document],
) -> Result<BTreeMap<Uuid, (Option<Date>, Option<Date>)>> {
    let asked = |one: &&Document| matches!(rule.year_of(&one.kind), YearRule::First | YearRule::Last);
    let wanted: BTreeSet<_> = documents.iter().filter(asked).map(|one| (one.id, one.version)).collect();
    let versions = record::revisions(tx, org, &wanted).await?;
    let mut periods = BTreeMap::new();
    for key in &wanted {
        let version = versions.get(key).ok_or_else(|| inconsistent("record_revision", "revision"))?;
        let text = Content::read("record_revision", &version.content)?.clear(PERIOD).unwrap_or_default();
        let (first, last) = text.split_once('/').unwrap_or_default();
        periods.insert(key.0, (first.parse().ok(), last.parse().ok()));
    }
    Ok(periods)
}

fn paper(session: &Session<'_>, loaded: &Loaded, rule: &VolumeRule, one: &Document, known: &Known) -> Paper {
    let pack = session.pack();
    let kind = pack.document(&one.kind);
    let file_class = pack.file_kind(&loaded.file.unit_kind).and_then(|kind| kind.retention.as_deref());
    let class = kind.and_then(|kind| kind.retention.as_deref()).or(file_class).unwrap_or(&pack.retention.default);
    let valuable = kind.is_some_and(|kind| kind.valuable) && one.carrier == Carrier::Original;
    let lies = match known.lying.get(&one.id) {
        Some((volume, State::Open)) => Lies::Open(*volume),
        Some((volume, State::Closed)) => Lies::Closed(*volume),
        None if !one.carrier.is_paper() || valuable || known.alone.contains(&one.id) => Lies::Never,
        None => Lies::Free,
    };
    let raised = rule.apart.as_ref().is_some_and(|apart| pack.rank(&loaded.file.level) >= pack.rank(&apart.level));
    let relation = |link: &crate::domain::document::Relation| {
        dossier_regime::Relation::parse(&link.link).map(|relation| (relation, link.document))
    };
    Paper {
        id: one.id,
        kind: one.kind.clone(),
        date: one.said.document_date.parse().ok(),
        period: known.periods.get(&one.id).copied().unwrap_or_default(),
        received: one.created_at,
        received_on: session.tenant.day(one.created_at),
        apart: raised || rule.is_apart(&one.kind),
        class: Class { weight: weight(&pack.retention.classes, class), id: class.to_owned() },
        position: kind.and_then(|kind| kind.position).unwrap_or(u32::MAX),
        links: one.relations.iter().filter_map(relation).collect(),
        sheets: one.said.sheets,
        pages: one.said.pages,
        lies,
    }
}

// What is kept for ever weighs most; a class that the rules have no more, nothing.
fn weight(classes: &[RetentionClass], id: &str) -> u32 {
    classes.iter().find(|class| class.id == id).map_or(0, |class| class.years.unwrap_or(u32::MAX))
}

// === impl Gathered ===

impl Gathered<'_> {
    /// How long a class keeps, to be compared.
    pub fn weight(&self, class: &str) -> u32 {
        weight(self.classes, class)
    }

    /// The highest level of what lies in a volume, with something in it that lies apart or without.
    pub fn level(&self, session: &Session<'_>, apart: bool) -> String {
        let own = self.rule.apart.as_ref().filter(|_| apart).map(|apart| apart.level.as_str());
        higher(session, &self.file_level, own.unwrap_or_default()).to_owned()
    }
}

/// The higher of two levels; one that the pack does not know is no level.
pub fn higher<'l>(session: &Session<'_>, one: &'l str, other: &'l str) -> &'l str {
    if session.pack().rank(other) > session.pack().rank(one) { other } else { one }
}
