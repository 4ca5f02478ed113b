//! `CheckCompleteness`: how complete a file is for a purpose, and what is missing (P-31, P-34).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_proto::profile::v1::{CheckCompletenessRequest, CheckCompletenessResponse};
use dossier_regime::Action;

use super::reading;
use super::view::detailed;
use crate::domain::completeness::{for_purpose, gates, unfiled, whole};
use crate::domain::document::asked;
use crate::domain::field_visibility::FieldVisibility;
use crate::store::document;
use crate::work::customer_file::session::{Session, file_id};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: CheckCompletenessRequest) -> Result<CheckCompletenessResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let mut faults = Faults::default();
    let (pack, purpose) = (session.pack(), request.purpose.as_str());
    if !purpose.is_empty() && pack.completeness.gate(purpose).is_none() {
        faults.add("purpose", one_of(gates(pack)));
    }
    let id = file_id("name", &request.name, &mut faults);
    faults.finish()?;
    let loaded = session.load(&mut tx, id.unwrap_or_default()).await?;
    let (template, customer) = (session.template(&loaded.file.template)?, loaded.file.customer_type);
    // Who sees the file through a grant alone has said no purpose, so no row is named to them.
    let visibility = FieldVisibility::standing(session.grade());
    let shows = |key: &str| loaded.standing && visibility.shows(template, key);
    let filling = loaded.content.filling(template, &session.seal(&loaded)?)?.shown(shows);
    let filled = |key: &str| filling.of(key);
    let measured = match purpose {
        "" => whole(template, customer, filled),
        purpose => for_purpose(pack, template, customer, purpose, filled)?,
    };
    let mut completeness = detailed(&measured);
    // A right to some fields of the file is told of no document.
    if reading::reaches_all(&session, &mut tx, &loaded).await? {
        let gate = pack.completeness.gate(purpose).map(|gate| gate.documents.as_slice()).unwrap_or_default();
        let counts = document::counts(&mut tx, &call.org, loaded.file.id, &asked(gate), &session.today()).await?;
        let unfiled = unfiled(pack, purpose, &loaded.file, &counts);
        completeness.complete &= unfiled.is_empty();
        completeness.missing.extend(unfiled);
    }
    Ok(CheckCompletenessResponse { completeness: Some(completeness), revision: loaded.file.revision })
}
