//! `HandOverCustomerFile`: another custodian, by an act of its own.

use dossier_authority::Base;
use dossier_authority::act::OnFile;
use dossier_authority::store::file::Named;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_kernel::{mutate, name};
use dossier_proto::profile::v1::{CustomerFile as Message, HandOverCustomerFileRequest};
use dossier_regime::Action;
use uuid::Uuid;

use super::view;
use crate::domain::custody::Custody;
use crate::domain::customer_file::{Act, CustomerFile};
use crate::domain::text;
use crate::work::customer_file::again::again;
use crate::work::customer_file::custodian::require_keeper;
use crate::work::customer_file::save::{Change, save};
use crate::work::customer_file::session::{Session, named};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: HandOverCustomerFileRequest) -> Result<Message> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::open(base, tx, call, Action::FileHandOver).await?;
        Box::pin(hand_over(&session, tx, &request)).await
    }, kept => again(base, tx, call, Action::FileHandOver, kept).await)
}

async fn hand_over(session: &Session<'_>, tx: &mut Tx, request: &HandOverCustomerFileRequest) -> Result<Message> {
    let mut faults = Faults::default();
    let file = named("name", &request.name, &mut faults);
    let keeper = faults.absorb(name::id("custodian", "persons", &request.custodian));
    let reason = faults.absorb(text::reason(&request.reason, true)).unwrap_or_default();
    faults.finish()?;
    let (file, keeper) = (file.unwrap_or_else(|| Named::File(Uuid::nil())), keeper.unwrap_or_default());
    let loaded = session.load_to_act(tx, &file, Action::FileHandOver, Action::FileHandOver).await?;
    loaded.file.require_etag(&request.etag)?;
    let after = loaded.file.after(Act::HandOver, session.call.now)?;
    // The approval first: who has none is not told who keeps a closed file.
    let approval = session.approved(tx, &loaded.file, OnFile::HandOver(keeper), &request.approval).await?;
    require_keeper(session, tx, &loaded.file, (keeper, "custodian")).await?;
    // What one person gives alone is kept, but not read where custodians read.
    let custody = if approval.is_empty() { Custody::Given } else { Custody::Approved };
    let after = CustomerFile { custodian: Some(keeper), custody, ..after };
    let template = session.template(&after.template)?;
    let change = Change::of(Act::HandOver, &loaded, after.clone(), reason, &request.request_id);
    let seal = session.seal(&loaded)?;
    let saved = save(session, tx, &seal, template, Change { approval, ..change }).await?;
    let reply = view::saved(&saved, template);
    Ok(if session.pack().is_closed(&after.level) { view::register(&after) } else { reply })
}
