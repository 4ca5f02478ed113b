//! `ListImportBatches`: the batches, newest first.

use dossier_authority::Base;
use dossier_kernel::asked;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_proto::profile::v1::{ListImportBatchesRequest, ListImportBatchesResponse};
use dossier_regime::Action;

use super::message;
use crate::domain::transfer::State;
use crate::store::transfer::{self, Filter};
use crate::work::customer_file::session::Session;

const BATCHES: List = List {
    fields: &[Field::state("state", State::WORDS), Field::text("label"), Field::text("source")],
    orders: &["create_time desc"],
};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ListImportBatchesRequest) -> Result<ListImportBatchesResponse> {
    let mut tx = base.db.read().await?;
    Session::open(base, &mut tx, call, Action::FileImport).await?;
    let (found, page) = BATCHES.read(call, &asked!(request))?;
    let filter =
        Filter { state: found.one::<State>("state")?, label: found.text("label"), source: found.text("source") };
    let mut rows = transfer::list(&mut tx, &call.org, filter, &page).await?;
    let next_page_token = page.cut(&mut rows, |row| row.id.to_string());
    Ok(ListImportBatchesResponse { import_batches: rows.iter().map(message).collect(), next_page_token })
}
