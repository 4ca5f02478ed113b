//! `FindDuplicates`: files that may be about the same customer (P-28).

use dossier_authority::Base;
use dossier_authority::reading::purpose;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_proto::profile::v1::{CustomerFile as Message, FindDuplicatesRequest, FindDuplicatesResponse};
use dossier_regime::Action;

use super::duplicate::{Asked, far, traits_given, traits_of};
use super::reading::{self, Outgoing};
use crate::domain::duplicate::Traits;
use crate::domain::field_visibility::FieldVisibility;
use crate::domain::form::plain;
use crate::domain::kind;
use crate::work::customer_file::session::{Session, file_id, place};

/// Most candidates of an answer.
const MOST: usize = 20;
/// Longest value that is compared, in characters.
const LONGEST: usize = 500;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: FindDuplicatesRequest) -> Result<FindDuplicatesResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let mut faults = Faults::default();
    purpose(session.pack(), &request.purpose, &mut faults);
    place(session.pack(), &request.reading_place, &mut faults);
    if !request.name.is_empty() && request.customer_file.is_some() {
        faults.add("name", "must be empty beside `customer_file`");
    }
    let (traits, read) = match &request.customer_file {
        Some(given) => (said(&session, given, faults)?, None),
        None => stored(&session, &mut tx, &request, faults).await?,
    };
    let itself = read.as_ref().map(|read| read.file);
    let asked = Asked { traits, itself, purpose: &request.purpose, place: &request.reading_place };
    let mut candidates = far(&session, &mut tx, &asked).await?;
    candidates.truncate(MOST);
    tx.commit().await?;
    if let Some(read) = read {
        reading::release_one(&session, read, &request.purpose).await?;
    }
    let candidates = reading::release(&session, candidates, &request.purpose).await?;
    Ok(FindDuplicatesResponse { candidates })
}

// A file is compared by what its reader sees of it, which is a reading of it.
async fn stored(
    session: &Session<'_>,
    tx: &mut Tx,
    request: &FindDuplicatesRequest,
    mut faults: Faults,
) -> Result<(Traits, Option<Outgoing>)> {
    let id = file_id("name", &request.name, &mut faults);
    faults.finish()?;
    let one = session.load(tx, id.unwrap_or_default()).await?;
    if one.file.customer_type.is_none() || one.file.ties.of.is_some() {
        return Ok((Traits::default(), None));
    }
    let ground = reading::require_ground(session, tx, &one, &request.purpose, &request.reading_place).await?;
    let traits = traits_of(session, &one, &ground)?;
    let fields = traits.told(&traits);
    Ok((traits, Some(reading::told(&one, fields, ground))))
}

fn said(session: &Session<'_>, given: &Message, mut faults: Faults) -> Result<Traits> {
    for (key, value) in &given.fields {
        if plain(value).chars().count() > LONGEST {
            faults.add(format!("customer_file.fields.{key}"), format!("must have at most {LONGEST} characters"));
        }
    }
    if given.unit_ref.chars().count() > LONGEST {
        faults.add("customer_file.unit_ref", format!("must have at most {LONGEST} characters"));
    }
    let kind = kind::file_kind(session.tenant, &given.file_kind)?;
    if !kind.has_own_customer() {
        faults.finish()?;
        return Ok(Traits::default());
    }
    let customer = kind::customer_of(session.tenant, kind, given.customer_type, None, &mut faults);
    faults.finish()?;
    let template = kind::template(session.tenant, kind, given, customer)?;
    Ok(traits_given(&template, given, &FieldVisibility::standing(session.grade())))
}
