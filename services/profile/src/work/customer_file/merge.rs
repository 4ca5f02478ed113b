//! Two files of one customer become one (P-02, P-28): what stands against it is asked, what is taken over is checked as any other value,
//! and both files are saved in one transaction. Nothing is moved: each value that is taken over is written anew under the kept file's
//! key, and everything else stays where it is.

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::faults::Faults;
use dossier_regime::{Action, Sensitivity};
use uuid::Uuid;

use super::contest;
use super::save::{Change, Saved, save};
use super::session::{Session, denied};
use super::ties::seen;
use crate::content::{Content, Seal};
use crate::domain::changed::{Rules, Writing, of_labels, of_update};
use crate::domain::customer_file::Act;
use crate::domain::field_visibility::{FieldVisibility, UNIT_REF};
use crate::domain::header::Path;
use crate::domain::merge::{Around, Blocker, Form, Obstacle, Pair, Said, Wanted, mark};
use crate::domain::overview::Glance;
use crate::domain::ties::{self, Link};
use crate::domain::typed::told;
use crate::store::customer_file::{self, Loaded};
use crate::store::{document, record};

/// The two files of a merge.
#[derive(Debug)]
pub struct Two {
    /// The file that stays.
    pub kept: Loaded,
    /// The file that ends.
    pub merged: Loaded,
}

/// What lies in a file, in numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Papers {
    /// Records under way.
    pub open: i64,
    /// Other records that are not void.
    pub other: i64,
    /// Documents that are not void.
    pub documents: i64,
}

/// Both files in clear, as far as the caller reads them.
#[derive(Debug, Default)]
pub struct Opened {
    /// What the kept file says.
    pub kept: Said,
    /// What the merged file says.
    pub merged: Said,
}

// === impl Two ===

impl Two {
    /// The files that the caller wants to merge; both must be seen by standing access.
    ///
    /// # Errors
    /// `RESOURCE_NOT_FOUND` naming the first that is not visible, the same for one that does not exist (I10); `AUTHORITY_STALE`;
    /// `PERMISSION_DENIED` for who sees one through a grant alone.
    pub async fn load(session: &Session<'_>, tx: &mut Tx, (kept, merged): (Uuid, Uuid)) -> Result<Self> {
        let kept = session.load_to_change(tx, kept, Action::FileMerge).await?;
        Ok(Self { kept, merged: session.load_to_change(tx, merged, Action::FileMerge).await? })
    }

    /// Keeps everybody else from changing either of them, or what lies in them, until the transaction ends.
    ///
    /// # Errors
    /// `CONFLICT_RETRY` when somebody was faster.
    pub async fn lock(&self, session: &Session<'_>, tx: &mut Tx) -> Result<()> {
        let (kept, merged) = (&self.kept.file, &self.merged.file);
        // Always in the same order: two who merge the same files the other way round wait for each other only once.
        let (first, second) = if kept.id < merged.id { (kept, merged) } else { (merged, kept) };
        customer_file::lock(tx, &session.call.org, first).await?;
        customer_file::lock(tx, &session.call.org, second).await
    }

    fn pair(&self) -> Pair<'_> {
        Pair { kept: &self.kept.file, merged: &self.merged.file }
    }

    /// The rules that both follow; `None`: each follows its own.
    ///
    /// # Errors
    /// `RESOURCE_NOT_FOUND` when no pack has the template any more.
    pub fn form<'s>(&self, session: &Session<'s>) -> Result<Option<Form<'s>>> {
        let (kept, merged) = (&self.kept.file, &self.merged.file);
        let same = kept.template == merged.template && kept.customer_type == merged.customer_type;
        let form = |template| Form { pack: session.pack(), template, customer: kept.customer_type };
        session.template(&kept.template).map(|template| same.then(|| form(template)))
    }

    /// Everything that stands against merging them, beside the values that would be taken over.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
    pub async fn blockers(&self, session: &Session<'_>, tx: &mut Tx, papers: &Papers) -> Result<Vec<Blocker>> {
        let merged = &self.merged.file;
        let around = Around {
            under_way: papers.open > 0,
            pending: !record::pending(tx, &session.call.org, merged.id).await?.is_empty(),
            holds_unit: contest::is_held_by(session, tx, &self.kept, merged.id).await?,
            hands_over: session.principal.can(session.pack(), Action::FileHandOver),
        };
        let mut found = self.pair().blockers(session.pack(), around);
        for one in [&self.kept, &self.merged] {
            let masked = masked(session, one)?;
            found.extend(masked.iter().map(|key| Blocker::at(Obstacle::MaskedField, &one.file, key)));
        }
        if self.links(session, tx).await?.is_none() {
            found.push(Blocker {
                obstacle: Obstacle::TooMany,
                file: Some(self.kept.file.id),
                field: "links".to_owned(),
            });
        }
        Ok(found)
    }

    /// What both say in fields that the caller reads.
    ///
    /// # Errors
    /// `SEAL_BROKEN`, `KEY_DESTROYED`, `KEY_UNAVAILABLE`.
    pub fn open(&self, session: &Session<'_>) -> Result<Opened> {
        Ok(Opened { kept: said(session, &self.kept)?, merged: said(session, &self.merged)? })
    }

    /// The links that the kept file takes over; `None`: too many.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn links(&self, session: &Session<'_>, tx: &mut Tx) -> Result<Option<BTreeSet<Link>>> {
        let named = self.kept.file.ties.files().chain(self.merged.file.ties.files());
        let seen = seen(session, tx, named).await?;
        Ok(self.pair().links(&seen))
    }

    /// What is written into the kept file when it takes over `taken`, each value as the pack admits it today.
    ///
    /// # Errors
    /// A violation of each field or label that is not admitted any more, `SOURCE_MISSING` and its kin.
    pub fn writing(&self, session: &Session<'_>, form: &Form<'_>, taken: &Said) -> Result<Writing> {
        let rules = Rules { origin: session.origin(), template: form.template, customer: form.customer, own: true };
        // As a caller gives them: by their types.
        let typed = |(key, kept): (&String, &_)| {
            form.template.field(key).map(|field| (key.clone(), told(field, Clone::clone(kept))))
        };
        let given: BTreeMap<_, _> = taken.fields.iter().filter_map(typed).collect();
        let mask: BTreeSet<_> = given.keys().cloned().map(Path::Field).collect();
        // Who merges reads every field of both files.
        let (visibility, mut faults) = (FieldVisibility::standing(Sensitivity::Secret), Faults::default());
        let mut writing = of_update(rules, &mask, &given, &self.kept.content.keys(), &visibility, &mut faults)?;
        let labels = faults.absorb(of_labels(rules, &taken.labels, "")).unwrap_or_default();
        writing.labels.extend(labels.labels);
        mark(&mut writing);
        writing.checked(faults)
    }

    /// Merges them: the kept file takes over what it lacks and what `take` names, the other one ends. Gives the kept file.
    ///
    /// # Errors
    /// As the contract says of `MergeCustomerFiles`.
    pub async fn merge(
        &self,
        session: &Session<'_>,
        tx: &mut Tx,
        take: &[String],
        (reason, request_id): (String, &str),
    ) -> Result<Saved> {
        let (kept, merged) = (&self.kept.file, &self.merged.file);
        let (mut after, mut ended) =
            (kept.after(Act::Keep, session.call.now)?, merged.after(Act::Merge, session.call.now)?);
        self.lock(session, tx).await?;
        let papers = papers(session, tx, merged.id).await?;
        require(&self.blockers(session, tx, &papers).await?)?;
        let Some(form) = self.form(session)? else { return Err(blocked(&[])) };
        let opened = self.open(session)?;
        let mut faults = Faults::default();
        let wanted: Wanted = form.wanted(take, &opened.merged, &mut faults);
        faults.finish()?;
        let writing = self.writing(session, &form, &form.taken(&opened.kept, &opened.merged, &wanted))?;
        if !writing.set.is_empty() {
            session.require_writer(session.kind(kept)?, &kept.unit, Action::FileMerge)?;
        }
        after.ties.links.extend(self.links(session, tx).await?.unwrap_or_default());
        after.ties.merged.insert(merged.id);
        ended.ties.into = Some(kept.id);
        let (seal, other) = (session.seal(&self.kept)?, session.seal(&self.merged)?);
        let change = Change::of(Act::Keep, &self.kept, after, reason.clone(), request_id);
        let saved = save(session, tx, &seal, form.template, Change { writing, ..change }).await?;
        let change = Change::of(Act::Merge, &self.merged, ended, reason, request_id);
        save(session, tx, &other, form.template, change).await?;
        // What was written came from the other file: to answer it would be to disclose that.
        Ok(Saved { written: BTreeMap::new(), ..saved })
    }
}

/// How much lies in `file`.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn papers(session: &Session<'_>, tx: &mut Tx, file: Uuid) -> Result<Papers> {
    let org = &session.call.org;
    let counts = record::counts(tx, org, file).await?;
    let tallies = Glance::of(&session.pack().records, &counts, Vec::new()).tallies;
    Ok(Papers {
        open: tallies.iter().map(|one| one.open).sum(),
        other: tallies.iter().map(|one| one.other).sum(),
        documents: document::held(tx, org, file).await?,
    })
}

/// Keys of what is filled in a file and not shown to the caller.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` when no pack has the template any more.
pub fn masked(session: &Session<'_>, one: &Loaded) -> Result<Vec<String>> {
    let (template, visibility) = (session.template(&one.file.template)?, FieldVisibility::standing(session.grade()));
    let mut masked: Vec<_> = one.content.keys().into_iter().filter(|key| !visibility.shows(template, key)).collect();
    masked.extend((!visibility.shows_unit_ref()).then(|| UNIT_REF.to_owned()));
    masked.sort_unstable();
    Ok(masked)
}

fn said(session: &Session<'_>, one: &Loaded) -> Result<Said> {
    let (template, visibility) = (session.template(&one.file.template)?, FieldVisibility::standing(session.grade()));
    let (seal, mut fields): (Seal<'_>, BTreeMap<_, _>) = (session.seal(one)?, BTreeMap::new());
    let content: &Content = &one.content;
    for key in content.keys().into_iter().filter(|key| visibility.shows(template, key)) {
        fields.extend(content.field(&seal, &key)?.map(|value| (key, value)));
    }
    Ok(Said { fields, labels: one.file.classification.clone() })
}

// A unit that reads the values from now on is decided by who may hand files over.
fn require(blockers: &[Blocker]) -> Result<()> {
    match blockers {
        [] => Ok(()),
        [Blocker { obstacle: Obstacle::Unit, .. }] => Err(denied(Action::FileHandOver)),
        _ => Err(blocked(blockers)),
    }
}

// The first that no other right lifts.
fn blocked(blockers: &[Blocker]) -> Error {
    let refusal = Error::new(Reason::MergeBlocked);
    let Some(one) = blockers.iter().find(|one| one.obstacle != Obstacle::Unit) else {
        return refusal.with("obstacle", Obstacle::Template.as_str().to_uppercase());
    };
    let refusal = refusal.with("obstacle", one.obstacle.as_str().to_uppercase());
    let refusal = if one.field.is_empty() { refusal } else { refusal.with("field", &one.field) };
    match one.file {
        Some(_) => refusal.with("file", ties::named(one.file)),
        None => refusal,
    }
}
