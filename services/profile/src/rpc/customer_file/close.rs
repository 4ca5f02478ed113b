//! `CloseCustomerFile`: a file ends, wherever it stands; nothing is deleted.

use dossier_authority::Base;
use dossier_authority::act::OnFile;
use dossier_authority::store::file::Named;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_kernel::mutate;
use dossier_proto::profile::v1::{CloseCustomerFileRequest, CustomerFile as Message};
use dossier_regime::Action;
use uuid::Uuid;

use super::view;
use crate::domain::customer_file::Act;
use crate::domain::text;
use crate::work::customer_file::again::again;
use crate::work::customer_file::save::{Change, save};
use crate::work::customer_file::session::{Session, named};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: CloseCustomerFileRequest) -> Result<Message> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::open(base, tx, call, Action::FileClose).await?;
        Box::pin(close(&session, tx, &request)).await
    }, kept => again(base, tx, call, Action::FileClose, kept).await)
}

async fn close(session: &Session<'_>, tx: &mut Tx, request: &CloseCustomerFileRequest) -> Result<Message> {
    let mut faults = Faults::default();
    let file = named("name", &request.name, &mut faults);
    let reason = faults.absorb(text::reason(&request.reason, true)).unwrap_or_default();
    faults.finish()?;
    let file = file.unwrap_or_else(|| Named::File(Uuid::nil()));
    let loaded = session.load_to_act(tx, &file, Action::FileClose, Action::FileClose).await?;
    loaded.file.require_etag(&request.etag)?;
    let after = loaded.file.after(Act::Close, session.call.now)?;
    let template = session.template(&after.template)?;
    let approval = session.approved(tx, &loaded.file, OnFile::Close, &request.approval).await?;
    let change = Change::of(Act::Close, &loaded, after.clone(), reason, &request.request_id);
    let seal = session.seal(&loaded)?;
    let saved = save(session, tx, &seal, template, Change { approval, ..change }).await?;
    let reply = view::saved(&saved, template);
    Ok(if session.pack().is_closed(&after.level) { view::register(&after) } else { reply })
}
