//! `GetCustomerFile`: one file with the fields its reader may see.
//!
//! Who the callers are and what they see is read for all who ask at the same time. That a caller may read, and the sealed
//! row, are remembered for readers with standing access and used again while nothing of it changed: people and rules (the
//! stamp of the org), the file and its key (the stamp of the file). Purpose, place, masks, opening and the entry of the
//! disclosure are of each call.

use std::sync::Arc;

use dossier_authority::memo::{Question, Span};
use dossier_authority::store::principal;
use dossier_authority::{Base, Principal, Tenure};
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::shared::{Look, Shared};
use dossier_kernel::stamp::Stamp;
use dossier_kernel::{name, stamp};
use dossier_proto::profile::v1::{CustomerFile, GetCustomerFileRequest};
use dossier_regime::Action;
use uuid::Uuid;

use super::desk::{Desk, file_id, not_found, place, purpose};
use super::reading::{self, Ground};
use crate::domain::fault::Faults;
use crate::store::customer_file::{self, Loaded, Viewer};

/// What callers see of the files they ask for, for all who ask at the same time.
#[derive(Debug)]
pub struct Sights(pub Base);

/// Whose sight of which file.
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
    stamp: Stamp,
    span: Span,
}

// A reader with standing access, and the row that he reads.
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
    sights: &Shared<Sights>,
) -> Result<CustomerFile> {
    // Without a file there is nothing to share; a service is no person.
    let file = name::id("name", "files", &request.name).ok().filter(|_| !call.service);
    let Some(file) = file else { return Box::pin(by_himself(base, call, &request)).await };
    // Before the look at the store, for the reason that `Desk::open` asks first.
    let fresh = base.freshness.is_fresh(&call.org);
    let question = Question::of(call, file, &());
    if let Some(known) = base.memo.recall::<Known>(&question, call.micros()).await {
        let desk = Desk::again(base, call, known.principal.clone(), fresh)?;
        check(&desk, &request)?;
        return give_standing(&desk, &known.loaded, &request).await;
    }
    let asked = Asked { org: call.org.clone(), subject: call.subject.clone(), now: call.micros(), file };
    let pack = base.pack(&call.org)?;
    let seen = sights.ask(asked).await?;
    let principal = seen.principal.ok_or_else(|| Error::new(Reason::PersonUnknown))?;
    principal.require(pack, Action::FileRead)?;
    let desk = Desk::again(base, call, principal, fresh)?;
    check(&desk, &request)?;
    let loaded = seen.loaded.ok_or_else(|| not_found(file))?;
    if !loaded.standing {
        // A grant counts its uses, so whoever reads on one is looked at each time.
        return Box::pin(by_himself(base, call, &request)).await;
    }
    let known = Arc::new(Known { principal: desk.principal.clone(), loaded });
    let bytes = size_of_val(&*known) + known.loaded.content.size() + known.loaded.unit_ref.len() + 512;
    base.memo.keep(question, seen.stamp, seen.span, bytes, Arc::clone(&known));
    give_standing(&desk, &known.loaded, &request).await
}

async fn by_himself(base: &Base, call: &Call, request: &GetCustomerFileRequest) -> Result<CustomerFile> {
    let mut tx = base.db.read().await?;
    let desk = Desk::open(base, &mut tx, call, Action::FileRead).await?;
    let id = check(&desk, request)?;
    let loaded = desk.load(&mut tx, id).await?;
    let ground = reading::require_ground(&desk, &mut tx, &loaded, &request.purpose, &request.reading_place).await?;
    tx.commit().await?;
    give(&desk, &loaded, ground, request).await
}

fn check(desk: &Desk<'_>, request: &GetCustomerFileRequest) -> Result<Uuid> {
    let mut faults = Faults::default();
    purpose(desk.pack(), &request.purpose, &mut faults);
    place(desk.pack(), &request.reading_place, &mut faults);
    let id = file_id("name", &request.name, &mut faults);
    faults.finish()?;
    Ok(id.unwrap_or_default())
}

async fn give_standing(desk: &Desk<'_>, loaded: &Loaded, request: &GetCustomerFileRequest) -> Result<CustomerFile> {
    desk.require_fresh(&loaded.file.level)?;
    give(desk, loaded, reading::standing(desk, &request.reading_place), request).await
}

async fn give(
    desk: &Desk<'_>,
    loaded: &Loaded,
    ground: Ground,
    request: &GetCustomerFileRequest,
) -> Result<CustomerFile> {
    reading::release_one(desk, reading::open(desk, loaded, ground)?, &request.purpose).await
}

// === impl Sights ===

#[async_trait::async_trait]
impl Look for Sights {
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
        tx.commit().await?;
        let seen = asked.iter().zip(tenures).zip(loaded).zip(stamps);
        Ok(seen.map(|(((one, tenure), loaded), stamp)| Seen::of(one.now, tenure.as_ref(), loaded, stamp)).collect())
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
    fn of(now: i64, tenure: Option<&Tenure>, loaded: Option<Loaded>, stamp: Stamp) -> Self {
        let mut span = Span::around(now);
        if let Some(tenure) = tenure {
            tenure.turn(&mut span);
        }
        Self { principal: tenure.map(|tenure| tenure.at(now)), loaded, stamp, span }
    }
}
