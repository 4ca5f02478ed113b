//! `ListRecords`: the records of a visible file, newest first, without their fields.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_kernel::{asked, name};
use dossier_proto::profile::v1::{ListRecordsRequest, ListRecordsResponse};
use dossier_regime::Action;

use super::basic;
use crate::rpc::customer_file::reading;
use crate::store::record::{self, Filter};
use crate::work::customer_file::session::Session;

const RECORDS: List =
    List { fields: &[Field::text("kind"), Field::text("stage"), Field::text("number")], orders: &["name desc"] };

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ListRecordsRequest) -> Result<ListRecordsResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let file = name::id("parent", "files", &request.parent)?;
    let (found, page) = RECORDS.read(call, &asked!(request, parent))?;
    let loaded = session.load(&mut tx, file).await?;
    // A right to some fields opens no records, here as in an overview.
    if !reading::reaches_all(&session, &mut tx, &loaded).await? {
        return Ok(ListRecordsResponse::default());
    }
    let filter = Filter { kind: found.text("kind"), stage: found.text("stage"), number: found.text("number") };
    let mut rows = record::list(&mut tx, &call.org, file, filter, &page).await?;
    let next_page_token = page.cut(&mut rows, |one| one.id.to_string());
    Ok(ListRecordsResponse { records: rows.iter().map(|one| basic(&loaded, one)).collect(), next_page_token })
}
