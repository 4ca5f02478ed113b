//! `UnmergeCustomerFiles`: a merge is taken back, as far as nothing was changed since (P-02, P-49).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_kernel::mutate;
use dossier_proto::profile::v1::{CustomerFile as Message, UnmergeCustomerFilesRequest};
use dossier_regime::Action;

use super::view;
use crate::domain::text;
use crate::work::customer_file::again::again;
use crate::work::customer_file::session::{Session, file_id};
use crate::work::customer_file::unmerge::{kept, unmerge};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: UnmergeCustomerFilesRequest) -> Result<Message> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::open(base, tx, call, Action::FileMerge).await?;
        Box::pin(apart(&session, tx, &request)).await
    }, kept => again(base, tx, call, Action::FileMerge, kept).await)
}

async fn apart(session: &Session<'_>, tx: &mut Tx, request: &UnmergeCustomerFilesRequest) -> Result<Message> {
    let mut faults = Faults::default();
    let id = file_id("name", &request.name, &mut faults);
    let reason = faults.absorb(text::reason(&request.reason, true)).unwrap_or_default();
    faults.finish()?;
    let merged = session.load_to_change(tx, id.unwrap_or_default(), Action::FileMerge).await?;
    let kept = kept(session, tx, &merged.file).await?;
    merged.file.require_etag(&request.etag)?;
    kept.file.require_etag(&request.kept_etag)?;
    let saved = unmerge(session, tx, (&kept, &merged), (reason, &request.request_id)).await?;
    Ok(view::saved(&saved, session.template(&saved.file.template)?))
}
