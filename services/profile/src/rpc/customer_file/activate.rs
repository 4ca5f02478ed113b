//! `ActivateCustomerFile`: a reviewed file becomes effective and gets its number (P-05, P-06, I11).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_kernel::mutate;
use dossier_proto::profile::v1::{ActivateCustomerFileRequest, CustomerFile as Message};
use dossier_regime::Action;

use super::view;
use crate::domain::customer_file::Act;
use crate::domain::text;
use crate::store::customer_file::customer_unit;
use crate::work::customer_file::again::again;
use crate::work::customer_file::contest;
use crate::work::customer_file::save::{Change, save};
use crate::work::customer_file::session::{Session, file_id};
use crate::work::number::{customer, issue};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ActivateCustomerFileRequest) -> Result<Message> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::open(base, tx, call, Action::FileActivate).await?;
        Box::pin(activate(&session, tx, &request)).await
    }, kept => again(base, tx, call, Action::FileActivate, kept).await)
}

async fn activate(session: &Session<'_>, tx: &mut Tx, request: &ActivateCustomerFileRequest) -> Result<Message> {
    let mut faults = Faults::default();
    let id = file_id("name", &request.name, &mut faults);
    let reason = faults.absorb(text::reason(&request.reason, false)).unwrap_or_default();
    faults.finish()?;
    let loaded = session.load_to_change(tx, id.unwrap_or_default(), Action::FileActivate).await?;
    loaded.file.require_etag(&request.etag)?;
    let mut after = loaded.file.after(Act::Activate, session.call.now)?;
    contest::require_settled(session, tx, &loaded).await?;
    // The customer is that of the file it belongs to, as it is now (P-03).
    let unit = customer_unit(tx, &session.call.org, loaded.file.id).await?;
    after.customer_type = unit.customer_type;
    let number = issue(session, tx, &loaded, &after, &request.request_id).await?;
    after.number = Some(number.number.clone());
    if unit.customer_type.is_some() {
        after.customer_number = Some(customer(session, tx, &unit).await?);
    }
    let template = session.template(&after.template)?;
    let change = Change::of(Act::Activate, &loaded, after, reason, &request.request_id);
    let seal = session.seal(&loaded)?;
    let reply = view::saved(&save(session, tx, &seal, template, change).await?, template);
    if request.validate_only {
        // Nothing was issued: the transaction is undone, and a number that is shown would be relied on.
        return Ok(Message { number: String::new(), customer_number: String::new(), ..reply });
    }
    Ok(reply)
}
