//! `SubmitCustomerFile`: a draft is handed in for review (P-34, P-40).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_kernel::mutate;
use dossier_proto::profile::v1::{CustomerFile as Message, SubmitCustomerFileRequest};
use dossier_regime::Action;

use super::view;
use crate::domain::customer_file::Act;
use crate::domain::text;
use crate::store::customer_file;
use crate::work::activation::require_complete;
use crate::work::customer_file::again::again;
use crate::work::customer_file::save::{Change, save};
use crate::work::customer_file::session::{Session, denied, file_id};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: SubmitCustomerFileRequest) -> Result<Message> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::open(base, tx, call, Action::FileSubmit).await?;
        Box::pin(submit(&session, tx, &request)).await
    }, kept => again(base, tx, call, Action::FileSubmit, kept).await)
}

async fn submit(session: &Session<'_>, tx: &mut Tx, request: &SubmitCustomerFileRequest) -> Result<Message> {
    let mut faults = Faults::default();
    let id = file_id("name", &request.name, &mut faults);
    let reason = faults.absorb(text::reason(&request.reason, false)).unwrap_or_default();
    faults.finish()?;
    let loaded = session.load_to_change(tx, id.unwrap_or_default(), Action::FileSubmit).await?;
    loaded.file.require_etag(&request.etag)?;
    // Such files become effective by a record, and by nothing else (P-38).
    if session.kind(&loaded.file)?.establish.is_some() {
        return Err(denied(Action::FileSubmit));
    }
    let after = loaded.file.after(Act::Submit, session.call.now)?;
    // Behind the lock: nobody takes a document away beside this.
    customer_file::lock(tx, &session.call.org, &loaded.file).await?;
    require_complete(session, tx, &loaded).await?;
    let (template, seal) = (session.template(&after.template)?, session.seal(&loaded)?);
    let change = Change::of(Act::Submit, &loaded, after, reason, &request.request_id);
    Ok(view::saved(&save(session, tx, &seal, template, change).await?, template))
}
