//! `MergeCustomerFiles`: two files of one customer become one; nothing is moved (P-02, P-28).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_kernel::mutate;
use dossier_proto::profile::v1::{CustomerFile as Message, MergeCustomerFilesRequest};
use dossier_regime::Action;
use uuid::Uuid;

use super::view;
use crate::domain::merge::fits;
use crate::domain::text;
use crate::work::customer_file::again::again;
use crate::work::customer_file::merge::Two;
use crate::work::customer_file::session::{Session, file_id};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: MergeCustomerFilesRequest) -> Result<Message> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::open(base, tx, call, Action::FileMerge).await?;
        Box::pin(merge(&session, tx, &request)).await
    }, kept => again(base, tx, call, Action::FileMerge, kept).await)
}

async fn merge(session: &Session<'_>, tx: &mut Tx, request: &MergeCustomerFilesRequest) -> Result<Message> {
    let mut faults = Faults::default();
    let names = two(&request.name, &request.merged, &mut faults);
    for (field, etag) in [("etag", &request.etag), ("merged_etag", &request.merged_etag)] {
        if etag.is_empty() {
            faults.add(field, "is required");
        }
    }
    fits(&request.take, &mut faults);
    let reason = faults.absorb(text::reason(&request.reason, true)).unwrap_or_default();
    faults.finish()?;
    let two = Two::load(session, tx, names).await?;
    two.kept.file.require_etag(&request.etag)?;
    two.merged.file.require_etag(&request.merged_etag)?;
    let saved = two.merge(session, tx, &request.take, (reason, &request.request_id)).await?;
    Ok(view::saved(&saved, session.template(&saved.file.template)?))
}

/// The ids of the file that is kept, by its `name`, and of the one that is `merged` into it.
pub fn two(name: &str, merged: &str, faults: &mut Faults) -> (Uuid, Uuid) {
    let (kept, merged) = (file_id("name", name, faults), file_id("merged", merged, faults));
    if kept.is_some() && kept == merged {
        faults.add("merged", "is the file that is kept");
    }
    (kept.unwrap_or_default(), merged.unwrap_or_default())
}
