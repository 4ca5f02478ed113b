//! `GetCustomerFile`: one file with the fields its reader may see.
//!
//! Who the callers are and what they see is read for all who ask at the same time. That a caller may read, and the sealed
//! row, are remembered for readers with standing access and used again while nothing of it changed: people and rules (the
//! stamp of the org), the file and its key (the stamp of the file). Purpose, place, masks, opening and the entry of the
//! disclosure are of each call.

use std::sync::Arc;

use dossier_authority::memo::{Question, Span};
use dossier_authority::reading::purpose;
use dossier_authority::store::grant::{self, Grant};
use dossier_authority::store::principal;
use dossier_authority::{Base, Principal, Tenure};
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_kernel::shared::{Look, Shared};
use dossier_kernel::stamp::Stamp;
use dossier_kernel::{name, stamp};
use dossier_proto::profile::v1::{CustomerFile, GetCustomerFileRequest};
use dossier_regime::Action;
use uuid::Uuid;

use super::reading;
use crate::store::customer_file::{self, Loaded, Viewer};
use crate::work::customer_file::session::{Session, file_id, not_found, place};
use crate::work::customer_file::ties::shown;
use crate::work::item;

/// What callers see of the files they ask for, for all who ask at the same time.
#[derive(Debug)]
pub struct VisibleFiles(pub Base);

/// Whose visibility of which file.
#[derive(Clone, Debug)]
pub struct Asked {
    org: String,
    subject: String,
    now: i64,
    file: Uuid,
}

/// What one caller sees.
#[derive(Debug)]
pub struct Seen {
    principal: Option<Principal>,
    loaded: Option<Loaded>,
    // On which they read what they do not see by standing access.
    grants: Vec<Grant>,
    stamp: Stamp,
    span: Span,
}

// A reader with standing access, and the row that they read.
struct Known {
    principal: Principal,
    loaded: Loaded,
}

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(
    base: &Base,
    call: &Call,
    request: GetCustomerFileRequest,
    visible_files: &Shared<VisibleFiles>,
) -> Result<CustomerFile> {
    // A malformed name asks for the nil file, which nobody has: who may not ask at all is told that first.
    let file = name::id("name", "files", &request.name).unwrap_or_default();
    let pack = base.pack(&call.org)?;
    // Before the look at the store, for the reason that `Session::open` asks first.
    let fresh = base.freshness.is_fresh(&call.org);
    let question = Question::of(call, pack, file, &());
    if let Some(known) = base.memo.recall::<Known>(&question, call.micros()).await {
        let session = Session::again(base, call, known.principal.clone(), fresh)?;
        check(&session, &request)?;
        return give(&session, &known.loaded, &[], &request).await;
    }
    let asked = Asked { org: call.org.clone(), subject: call.subject.clone(), now: call.micros(), file };
    let seen = visible_files.ask(asked).await?;
    // A service is no person, whatever it is called.
    let principal = seen.principal.filter(|_| !call.service).ok_or_else(|| base.unknown(&call.org))?;
    principal.require(pack, Action::FileRead)?;
    let session = Session::again(base, call, principal, fresh)?;
    check(&session, &request)?;
    let known =
        Arc::new(Known { principal: session.principal.clone(), loaded: seen.loaded.ok_or_else(|| not_found(file))? });
    // A grant counts its uses, so whoever reads on one is looked at each time.
    if known.loaded.standing {
        let bytes = size_of_val(&*known) + known.loaded.content.size() + known.loaded.unit_ref.len() + 512;
        base.memo.keep(question, seen.stamp, seen.span, bytes, Arc::clone(&known));
    }
    give(&session, &known.loaded, &seen.grants, &request).await
}

fn check(session: &Session<'_>, request: &GetCustomerFileRequest) -> Result<()> {
    let mut faults = Faults::default();
    purpose(session.pack(), &request.purpose, &mut faults);
    place(session.pack(), &request.reading_place, &mut faults);
    file_id("name", &request.name, &mut faults);
    faults.finish()
}

async fn give(
    session: &Session<'_>,
    loaded: &Loaded,
    grants: &[Grant],
    request: &GetCustomerFileRequest,
) -> Result<CustomerFile> {
    session.require_fresh(&loaded.file.level)?;
    let ground = reading::require_ground_of(session, loaded, grants, &request.purpose, &request.reading_place)?;
    let mut outgoing = reading::open(session, loaded, ground)?;
    if !loaded.file.ties.is_empty() || !session.pack().places.is_empty() {
        // Those that it names, and where its paper is, are not of its stamp: they are looked at each time.
        let mut tx = session.base.db.read().await?;
        shown(session, &mut tx, &loaded.file.ties).await?.tell(&mut outgoing.message);
        item::tell(session, &mut tx, [(loaded.file.id, &mut outgoing.message)]).await?;
        tx.commit().await?;
    }
    reading::release_one(session, outgoing, &request.purpose).await
}

// === impl VisibleFiles ===

#[async_trait::async_trait]
impl Look for VisibleFiles {
    type Question = Asked;
    type Answer = Seen;

    const NAME: &'static str = "customer_file";

    async fn look(&self, asked: &[Asked]) -> Result<Vec<Seen>> {
        let mut tx = self.0.db.read().await?;
        let subjects: Vec<_> = asked.iter().map(|one| (one.org.as_str(), one.subject.as_str())).collect();
        let tenures = principal::by_subject(&mut tx, &subjects).await?;
        // All in one moment of the store.
        let files: Vec<_> = asked.iter().map(|one| (one.org.as_str(), one.file)).collect();
        let stamps = stamp::read(&mut tx, &files).await?;
        let viewers: Vec<_> = asked.iter().zip(&tenures).map(|(one, tenure)| one.viewer(tenure.as_ref())).collect();
        let loaded = customer_file::visible_each(&mut tx, &viewers).await?;
        let mut seen = Vec::with_capacity(asked.len());
        for ((((viewer, file), tenure), loaded), stamp) in viewers.into_iter().zip(&tenures).zip(loaded).zip(stamps) {
            let grants = match &loaded {
                Some(loaded) if !loaded.standing => {
                    grant::current(&mut tx, viewer.org, file, viewer.person, viewer.now).await?
                }
                _ => Vec::new(),
            };
            seen.push(Seen { loaded, grants, ..Seen::of(viewer.now, tenure.as_ref(), stamp) });
        }
        tx.commit().await?;
        Ok(seen)
    }
}

// === impl Asked ===

impl Asked {
    fn viewer(&self, tenure: Option<&Tenure>) -> (Viewer<'_>, Uuid) {
        // A stranger sees nothing, as the nil person does.
        let person = tenure.map_or(Uuid::nil(), |tenure| tenure.person);
        (Viewer { org: &self.org, person, now: self.now }, self.file)
    }
}

// === impl Seen ===

impl Seen {
    // Who looks, and nothing that they see.
    fn of(now: i64, tenure: Option<&Tenure>, stamp: Stamp) -> Self {
        let mut span = Span::around(now);
        if let Some(tenure) = tenure {
            tenure.turn(&mut span);
        }
        Self { principal: tenure.map(|tenure| tenure.at(now)), loaded: None, grants: Vec::new(), stamp, span }
    }
}
