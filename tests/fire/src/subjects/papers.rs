//! The calls about records: one, those of a file, a page of the register over all files.

use std::sync::Arc;

use dossier_proto::profile::v1::record_service_client::RecordServiceClient;
use dossier_proto::profile::v1::register_service_client::RegisterServiceClient;
use dossier_proto::profile::v1::{
    FileRecord, GetRecordRequest, ListRecordsRequest, ListRecordsResponse, ListRegisterRowsRequest,
    ListRegisterRowsResponse,
};
use prost::Message;

use super::{Answered, Call, Cast, PURPOSE};
use crate::bulk;
use crate::ground::{Fault, Result, Service};
use crate::measure::mixed;
use crate::rules::REGISTER;
use crate::scene::given;

/// Lines of a page.
const PAGE: i32 = 50;

// === impl Cast ===

impl Cast {
    /// The name of a generated record, drawn by `n`.
    pub fn any_record(&self, n: u64) -> String {
        bulk::record(mixed(n) % bulk::records(self.files).max(1))
    }

    /// The name of a generated file that has records, drawn by `n`.
    pub fn any_recorded(&self, n: u64) -> String {
        bulk::recorded(mixed(n) % bulk::with_records(self.files).max(1))
    }
}

fn getting(cast: &Cast, n: u64) -> GetRecordRequest {
    GetRecordRequest { name: cast.any_record(n), purpose: PURPOSE.to_owned(), ..Default::default() }
}

fn listing(cast: &Cast, n: u64) -> ListRecordsRequest {
    ListRecordsRequest { parent: cast.any_recorded(n), page_size: PAGE, ..Default::default() }
}

fn paging() -> ListRegisterRowsRequest {
    let (parent, purpose) = (REGISTER.to_owned(), PURPOSE.to_owned());
    ListRegisterRowsRequest { parent, purpose, page_size: PAGE, ..Default::default() }
}

/// One record.
pub(super) async fn get(cast: Arc<Cast>, at: u64, n: u64) -> Answered<FileRecord> {
    let mut client = RecordServiceClient::new(cast.line(Service::Profile, at));
    client.get_record(cast.say(at, getting(&cast, n))).await
}

/// The records of a file.
pub(super) async fn list(cast: Arc<Cast>, at: u64, n: u64) -> Answered<ListRecordsResponse> {
    let mut client = RecordServiceClient::new(cast.line(Service::Profile, at));
    client.list_records(cast.say(at, listing(&cast, n))).await
}

/// The first page of the register.
pub(super) async fn page(cast: Arc<Cast>, at: u64, _: u64) -> Answered<ListRegisterRowsResponse> {
    let mut client = RegisterServiceClient::new(cast.line(Service::Profile, at));
    client.list_register_rows(cast.say(at, paging())).await
}

/// Bytes of a call and its answer, which must show content.
pub(super) async fn size_of_one(cast: &Arc<Cast>, n: u64) -> Result<(usize, usize)> {
    let answer = given(Call::GetRecord.name(), get(cast.clone(), 0, n).await)?;
    shown(Call::GetRecord, !answer.fields.is_empty())?;
    Ok((getting(cast, n).encoded_len(), answer.encoded_len()))
}

/// As [`size_of_one`]; the list must have records.
pub(super) async fn size_of_list(cast: &Arc<Cast>, n: u64) -> Result<(usize, usize)> {
    let answer = given(Call::ListRecords.name(), list(cast.clone(), 0, n).await)?;
    shown(Call::ListRecords, !answer.records.is_empty())?;
    Ok((listing(cast, n).encoded_len(), answer.encoded_len()))
}

/// As [`size_of_one`]; the page must be full and show a cell that was opened.
pub(super) async fn size_of_page(cast: &Arc<Cast>, n: u64) -> Result<(usize, usize)> {
    let answer = given(Call::ListRegisterRows.name(), page(cast.clone(), 0, n).await)?;
    let opened = |row: &dossier_proto::profile::v1::RegisterRow| row.cells.iter().all(|cell| !cell.masked);
    let full = answer.rows.len() == usize::try_from(PAGE).unwrap_or_default();
    shown(Call::ListRegisterRows, full && answer.rows.iter().all(opened))?;
    Ok((paging().encoded_len(), answer.encoded_len()))
}

fn shown(call: Call, holds: bool) -> Result<()> {
    if holds { Ok(()) } else { Err(Fault::new(format!("{call} shows nothing; the scene is not what it should be"))) }
}
