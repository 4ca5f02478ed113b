//! `dossier transfer back`: every batch of a label is taken back, the last first.

use dossier_kernel::config::Config;
use dossier_kernel::id::{Ids as _, System};
use dossier_proto::profile::v1::transfer_service_client::TransferServiceClient;
use dossier_proto::profile::v1::{ListImportBatchesRequest, TakeBackImportBatchRequest};

use super::BackArgs;
use crate::client::fault;
use crate::out::count;
use crate::serve::Which;
use crate::{Failure, out};

/// Takes them back.
///
/// # Errors
/// What profile refuses, for the first batch that it refuses; when it cannot be reached.
pub async fn run(args: &BackArgs, config: &Config) -> Result<(), Failure> {
    let mut client = TransferServiceClient::new(args.given.access()?.connect(Which::Profile, config)?);
    let filter = format!("label = \"{}\" AND state = OPEN", args.batch);
    let (mut batches, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListImportBatchesRequest { filter: filter.clone(), page_token, ..Default::default() };
        let page = client.list_import_batches(request).await.map_err(|status| fault::refused(&status))?.into_inner();
        batches.extend(page.import_batches);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    if batches.is_empty() {
        return Err(Failure::differs(format!("nothing stands that was brought under `{}`", args.batch)));
    }
    let mut files = 0;
    for batch in &batches {
        let request = TakeBackImportBatchRequest {
            name: batch.name.clone(),
            reason: args.reason.clone(),
            request_id: System.uuid().to_string(),
            ..Default::default()
        };
        let taken =
            client.take_back_import_batch(request).await.map_err(|status| fault::refused(&status))?.into_inner();
        files += u64::try_from(taken.files).unwrap_or(0);
    }
    Ok(out::line(format!("{} in {} taken back", count(files, "file"), count(batches.len() as u64, "batch")))?)
}
