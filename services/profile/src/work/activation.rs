//! A file becomes effective: the only one of its unit, with a number (P-05, P-06, I11).

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};

use super::customer_file::contest;
use super::customer_file::save::{Change, Saved, save};
use super::customer_file::session::Session;
use crate::domain::completeness;
use crate::domain::customer_file::Act;
use crate::domain::document::asked;
use crate::domain::field_visibility::FieldVisibility;
use crate::store::customer_file::{Loaded, customer_unit};
use crate::store::document;
use crate::work::number::{customer, issue};

/// Demands of a file that is handed in, or made effective by a record, what the pack's gate asks for: fields and documents.
///
/// # Errors
/// `FILE_INCOMPLETE`.
pub async fn require_complete(session: &Session<'_>, tx: &mut Tx, loaded: &Loaded) -> Result<()> {
    let (file, seal) = (&loaded.file, session.seal(loaded)?);
    let (template, visibility) = (session.template(&file.template)?, FieldVisibility::standing(session.grade()));
    let filling = loaded.content.filling(template, &seal)?.shown(|key| visibility.shows(template, key));
    completeness::require(session.pack(), template, file.customer_type, &file.name(), |key| filling.of(key))?;
    require_filed(session, tx, loaded).await
}

/// Demands the documents that the pack asks for of such a file.
///
/// # Errors
/// `FILE_INCOMPLETE`.
pub async fn require_filed(session: &Session<'_>, tx: &mut Tx, loaded: &Loaded) -> Result<()> {
    let file = &loaded.file;
    let gate = session.pack().completeness.gate(completeness::ACTIVATE);
    let kinds = asked(gate.map(|gate| gate.documents.as_slice()).unwrap_or_default());
    let counts = document::counts(tx, &session.call.org, file.id, &kinds, &session.today()).await?;
    let unmet = completeness::unfiled(session.pack(), completeness::ACTIVATE, file, &counts);
    if unmet.is_empty() {
        return Ok(());
    }
    let fault = Error::new(Reason::FileIncomplete).with("file", file.name());
    Err(unmet.into_iter().fold(fault, Error::and_unmet))
}

/// Makes `loaded` effective by `act`, and gives it as it is then.
///
/// # Errors
/// `WRONG_STATE`, `FILE_UNIT_TAKEN`, `EXAMINATION_PENDING`, `NUMBERS_EXHAUSTED`, and as [`save`].
pub async fn activate(
    session: &Session<'_>,
    tx: &mut Tx,
    loaded: &Loaded,
    (act, reason, request_id): (Act, String, &str),
) -> Result<Saved> {
    let mut after = loaded.file.after(act, session.call.now)?;
    contest::require_settled(session, tx, loaded).await?;
    // The customer is that of the file it belongs to, as it is now (P-03).
    let unit = customer_unit(tx, &session.call.org, loaded.file.id).await?;
    after.customer_type = unit.customer_type;
    let number = issue(session, tx, loaded, &after, request_id).await?;
    after.number = Some(number.number.clone());
    if unit.customer_type.is_some() {
        after.customer_number = Some(customer(session, tx, &unit).await?);
    }
    let template = session.template(&after.template)?;
    let change = Change::of(act, loaded, after, reason, request_id);
    save(session, tx, &session.seal(loaded)?, template, change).await
}
