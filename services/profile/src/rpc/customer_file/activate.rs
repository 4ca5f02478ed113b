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
use crate::work::activation::activate as made;
use crate::work::customer_file::again::again;
use crate::work::customer_file::session::{Session, file_id};

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
    let saved = made(session, tx, &loaded, (Act::Activate, reason, &request.request_id)).await?;
    let reply = view::saved(&saved, session.template(&saved.file.template)?);
    if request.validate_only {
        // Nothing was issued: the transaction is undone, and a number that is shown would be relied on.
        return Ok(Message { number: String::new(), customer_number: String::new(), ..reply });
    }
    Ok(reply)
}
