//! Giving content to a reader: on what ground, how much, and never before the journal has it (A-42, I3).

use dossier_authority::reading::elsewhere;
use dossier_authority::store::grant::{self, Grant};
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::{name, transact};
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{FileDisclosed, RecordDisclosed};
use dossier_proto::profile::v1 as wire;
use uuid::Uuid;

use super::view;
use crate::domain::completeness::whole;
use crate::domain::field_visibility::FieldVisibility;
use crate::store::customer_file::Loaded;
use crate::work::customer_file::session::{Session, not_found};

/// Why a reader may read a file, and how much of it.
#[derive(Clone, Debug)]
pub struct Ground {
    /// What is shown.
    pub visibility: FieldVisibility,
    grant: Option<Grant>,
    // The approval that waits for the reader, by name.
    approval: String,
    place: String,
}

/// What is about to leave, and what the journal must know of it first.
#[derive(Debug)]
pub struct Outgoing<M = wire::CustomerFile> {
    /// The file, or a record of it.
    pub message: M,
    /// The name of what is not the file itself; empty: the file's own form.
    pub resource: String,
    /// The file.
    pub file: Uuid,
    /// The revision that is read.
    pub revision: i64,
    /// Keys of what is given in clear.
    pub fields: Vec<String>,
    /// Records and documents that are given along with the file.
    pub records: Vec<RecordDisclosed>,
    /// Why it is given.
    pub ground: Ground,
}

/// The ground on which the caller reads `loaded` for this purpose in `place`; `None` when their grants are for other
/// purposes, or the level is read elsewhere.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn ground(
    session: &Session<'_>,
    tx: &mut Tx,
    loaded: &Loaded,
    purpose: &str,
    place: &str,
) -> Result<Option<Ground>> {
    if !session.pack().is_read_in(&loaded.file.level, place) {
        return Ok(None);
    }
    Ok(ground_here(session, loaded, &grants(session, tx, loaded).await?, purpose, place))
}

/// Whether the caller's right reaches the file as a whole, whatever it is read for: what lies in it may be named to them.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn reaches_all(session: &Session<'_>, tx: &mut Tx, loaded: &Loaded) -> Result<bool> {
    Ok(loaded.standing || grants(session, tx, loaded).await?.iter().any(|grant| grant.scope.is_whole()))
}

// The grants on which the caller reads a file that they do not see by standing access.
async fn grants(session: &Session<'_>, tx: &mut Tx, loaded: &Loaded) -> Result<Vec<Grant>> {
    if loaded.standing {
        return Ok(Vec::new());
    }
    let (org, person, now) = (&session.call.org, session.principal.person, session.call.micros());
    grant::current(tx, org, loaded.file.id, person, now).await
}

fn ground_here(session: &Session<'_>, loaded: &Loaded, grants: &[Grant], purpose: &str, place: &str) -> Option<Ground> {
    if loaded.standing {
        return Some(Ground {
            visibility: FieldVisibility::standing(session.grade()),
            grant: None,
            approval: String::new(),
            place: place.to_owned(),
        });
    }
    let fits = grants.iter().filter(|grant| grant.purpose == purpose && grant.scope.breadth() > 0);
    // The one that shows most, and of those one that is not used up by it.
    let best = fits.max_by_key(|grant| (grant.scope.breadth(), grant.max_uses == 0))?;
    Some(Ground {
        visibility: FieldVisibility::granted(session.grade(), &best.scope),
        grant: Some(best.clone()),
        approval: String::new(),
        place: place.to_owned(),
    })
}

/// The ground for a read of one file in `place`.
///
/// # Errors
/// As [`require_ground_of`]; `STORE_UNAVAILABLE`.
pub async fn require_ground(
    session: &Session<'_>,
    tx: &mut Tx,
    loaded: &Loaded,
    purpose: &str,
    place: &str,
) -> Result<Ground> {
    let grants = grants(session, tx, loaded).await?;
    require_ground_of(session, loaded, &grants, purpose, place)
}

/// As [`require_ground`], by the caller's current `grants` on the file; a reader with standing access needs none.
///
/// # Errors
/// A violation of `purpose` when the caller's grants are for other purposes, of `reading_place` when the level is read
/// elsewhere.
pub fn require_ground_of(
    session: &Session<'_>,
    loaded: &Loaded,
    grants: &[Grant],
    purpose: &str,
    place: &str,
) -> Result<Ground> {
    require_place(session, loaded, place)?;
    let found = ground_here(session, loaded, grants, purpose, place);
    found.ok_or_else(|| Error::violation("purpose", "is not the purpose of the grant"))
}

/// The ground of who is to decide the approval of that name, which is about something in `loaded`: they see what they sign.
///
/// # Errors
/// A violation of `reading_place` when the level is read elsewhere.
pub fn of_approver(session: &Session<'_>, loaded: &Loaded, approval: String, place: &str) -> Result<Ground> {
    require_place(session, loaded, place)?;
    let visibility = FieldVisibility::standing(session.grade());
    Ok(Ground { visibility, grant: None, approval, place: place.to_owned() })
}

fn require_place(session: &Session<'_>, loaded: &Loaded, place: &str) -> Result<()> {
    let (pack, level) = (session.pack(), &loaded.file.level);
    if pack.is_read_in(level, place) { Ok(()) } else { Err(Error::violation("reading_place", elsewhere(pack, level))) }
}

/// Makes the message of a file as it is now.
///
/// # Errors
/// `SEAL_BROKEN`, `KEY_DESTROYED`.
pub fn open(session: &Session<'_>, loaded: &Loaded, ground: Ground) -> Result<Outgoing> {
    let file = &loaded.file;
    let template = session.template(&file.template)?;
    let mut header = view::basic(file);
    let (seal, visibility) = (session.seal(loaded)?, &ground.visibility);
    let filling = loaded.content.filling(template, &seal)?.shown(|key| visibility.shows(template, key));
    let measured = whole(template, file.customer_type, |key| filling.of(key));
    header.completeness = Some(view::detailed(&measured));
    let (message, fields) = view::full(header, file, template, &loaded.content, &loaded.unit_ref, &seal, visibility)?;
    let (resource, revision) = (String::new(), file.revision);
    Ok(Outgoing { message, resource, file: file.id, revision, fields, records: Vec::new(), ground })
}

/// What a hit of a search tells, when the file itself is given without content.
pub fn told(loaded: &Loaded, fields: Vec<String>, ground: Ground) -> Outgoing {
    let (file, revision) = (loaded.file.id, loaded.file.revision);
    let (message, resource, records) = (view::basic(&loaded.file), String::new(), Vec::new());
    Outgoing { message, resource, file, revision, fields, records, ground }
}

/// Uses up grants, writes every disclosure durably, and only then lets the messages go. All or none.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` when a grant was used up meanwhile, `JOURNAL_FAULT`, `OVERLOADED`.
pub async fn release<M>(session: &Session<'_>, outgoing: Vec<Outgoing<M>>, purpose: &str) -> Result<Vec<M>> {
    for one in &outgoing {
        spend(session, one).await?;
    }
    let entries = outgoing.iter().map(|one| session.base.disclosures.record(entry(session, one, purpose)));
    futures::future::try_join_all(entries).await?;
    Ok(outgoing.into_iter().map(|one| one.message).collect())
}

/// As [`release`], for one file.
///
/// # Errors
/// As [`release`].
pub async fn release_one<M>(session: &Session<'_>, outgoing: Outgoing<M>, purpose: &str) -> Result<M> {
    spend(session, &outgoing).await?;
    session.base.disclosures.record(entry(session, &outgoing, purpose)).await?;
    Ok(outgoing.message)
}

// The statement itself decides whether a use is left, so concurrent readers cannot share the last one.
async fn spend<M>(session: &Session<'_>, one: &Outgoing<M>) -> Result<()> {
    let Some(grant) = one.ground.grant.as_ref().filter(|grant| grant.max_uses > 0) else { return Ok(()) };
    let spent = transact!(session.base.db, tx => grant::spend(tx, &session.call.org, grant.id).await)?;
    if spent { Ok(()) } else { Err(not_found(one.file)) }
}

fn entry<M>(session: &Session<'_>, one: &Outgoing<M>, purpose: &str) -> dossier_proto::journal::v1::EntryBody {
    let (file, reader) = (name::name("files", one.file), session.principal.name());
    let grant = one.ground.grant.as_ref().map(|grant| name::name("grants", grant.id)).unwrap_or_default();
    let event = FileDisclosed {
        file: file.clone(),
        reader: reader.clone(),
        purpose: purpose.to_owned(),
        fields: one.fields.clone(),
        grant,
        revision: one.revision,
        reading_place: one.ground.place.clone(),
        resource: one.resource.clone(),
        records: one.records.clone(),
        approval: one.ground.approval.clone(),
    };
    session.base.recorder.entry(session.call, &reader, "file.disclosed", &file).event(Kind::FileDisclosed(event)).body()
}

// === impl Ground ===

impl Ground {
    /// The grant whose uses are counted, if it is one: reading spends one of them.
    pub fn counted(&self) -> Option<Uuid> {
        self.grant.as_ref().filter(|grant| grant.max_uses > 0).map(|grant| grant.id)
    }

    /// Refuses a right to some fields of the file, which opens none of its `parts`.
    ///
    /// # Errors
    /// A violation of `purpose`.
    pub fn whole(self, parts: &str) -> Result<Self> {
        if self.is_whole() {
            return Ok(self);
        }
        let why = format!("is that of a right to fields of the file, which opens none of its {parts}");
        Err(Error::violation("purpose", why))
    }

    /// Whether it reaches the file as a whole, and with it what lies in it.
    pub fn is_whole(&self) -> bool {
        self.grant.as_ref().is_none_or(|grant| grant.scope.is_whole())
    }
}

// === impl Outgoing ===

impl Outgoing {
    /// Says that an older revision leaves.
    #[must_use]
    pub fn of_revision(mut self, revision: i64) -> Self {
        self.revision = revision;
        self
    }
}
