//! `GetCustomerFile`: one file with the fields its reader may see.
//!
//! That the caller may read, and the sealed row, are remembered for readers with standing access and used again while
//! nothing of it changed: people and rules (the stamp of the org), the file and its key (the stamp of the file). Purpose,
//! place, masks, opening and the entry of the disclosure are of each call.

use std::sync::Arc;

use dossier_authority::memo::{Question, Span};
use dossier_authority::store::appointment;
use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{name, stamp};
use dossier_proto::profile::v1::{CustomerFile, GetCustomerFileRequest};
use dossier_regime::Action;
use uuid::Uuid;

use super::desk::{Desk, file_id, place, purpose};
use super::reading::{self, Ground};
use crate::domain::fault::Faults;
use crate::store::customer_file::Loaded;

// A reader with standing access, and the row that he reads.
struct Known {
    principal: Principal,
    loaded: Loaded,
}

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetCustomerFileRequest) -> Result<CustomerFile> {
    let file = name::id("name", "files", &request.name).ok().filter(|_| base.memo.is_on());
    let Some(question) = file.map(|file| Question::of(call, file, &())) else {
        return Box::pin(anew(base, call, &request, None)).await;
    };
    // Before the look at the stamps, for the reason that `Desk::open` asks first.
    let fresh = base.freshness.is_fresh(&call.org);
    let Some(known) = base.memo.recall::<Known>(&question, call.micros()).await else {
        // Boxed: what is only sometimes needed does not make every call's future large.
        return Box::pin(anew(base, call, &request, Some(question))).await;
    };
    let desk = Desk::again(base, call, known.principal.clone(), fresh)?;
    check(&desk, &request)?;
    desk.require_fresh(&known.loaded.file.level)?;
    let ground = reading::standing(&desk, &request.reading_place);
    give(&desk, &known.loaded, ground, &request).await
}

async fn anew(
    base: &Base,
    call: &Call,
    request: &GetCustomerFileRequest,
    question: Option<Question>,
) -> Result<CustomerFile> {
    let mut tx = base.db.read().await?;
    let desk = Desk::open(base, &mut tx, call, Action::FileRead).await?;
    let id = check(&desk, request)?;
    let loaded = desk.load(&mut tx, id).await?;
    let ground = reading::require_ground(&desk, &mut tx, &loaded, &request.purpose, &request.reading_place).await?;
    // A grant counts its uses, so whoever reads on one is looked at each time.
    if let Some(question) = question.filter(|_| loaded.standing) {
        keep(&desk, &mut tx, question, &loaded).await?;
    }
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

async fn keep(desk: &Desk<'_>, tx: &mut Tx, question: Question, loaded: &Loaded) -> Result<()> {
    let (call, person) = (desk.call, desk.principal.person);
    let stamp = stamp::read(tx, &call.org, loaded.file.id).await?;
    let mut span = Span::around(call.micros());
    for (from, until) in appointment::turns(tx, &call.org, person, person).await? {
        span.turn(from);
        span.turn(until);
    }
    let known = Known { principal: desk.principal.clone(), loaded: loaded.clone() };
    let bytes = size_of_val(&known) + loaded.content.size() + loaded.unit_ref.len() + 512;
    desk.base.memo.keep(question, stamp, span, bytes, Arc::new(known));
    Ok(())
}

async fn give(
    desk: &Desk<'_>,
    loaded: &Loaded,
    ground: Ground,
    request: &GetCustomerFileRequest,
) -> Result<CustomerFile> {
    reading::release_one(desk, reading::open(desk, loaded, ground)?, &request.purpose).await
}
