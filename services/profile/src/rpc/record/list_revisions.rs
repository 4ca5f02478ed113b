//! `ListRecordRevisions`: the versions of a record, newest first, without content (P-48).

use std::collections::BTreeSet;

use dossier_authority::Base;
use dossier_kernel::asked;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::list::List;
use dossier_kernel::name;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::profile::v1::{FileRecordRevision, ListRecordRevisionsRequest, ListRecordRevisionsResponse};
use dossier_regime::Action;

use crate::domain::form::path;
use crate::domain::record::ids;
use crate::rpc::customer_file::reading;
use crate::store::record::{self as store, Listed};
use crate::work::customer_file::session::Session;
use crate::work::record;

const REVISIONS: List = List { fields: &[], orders: &["revision desc"] };

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ListRecordRevisionsRequest) -> Result<ListRecordRevisionsResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let ids = ids("parent", &request.parent)?;
    let (_, page) = REVISIONS.read(call, &asked!(request, parent))?;
    let (loaded, record) = record::find(&session, &mut tx, ids).await?;
    let name = record.name();
    // A right to some fields of the file opens no records.
    if !reading::reaches_all(&session, &mut tx, &loaded).await? {
        return Err(Error::missing(Missing::FileRecord, name));
    }
    let mut rows = store::list_revisions(&mut tx, &call.org, ids.1, &page).await?;
    let next_page_token = page.cut(&mut rows, |row| row.revision.to_string());
    Ok(ListRecordRevisionsResponse { revisions: rows.iter().map(|row| message(&name, row)).collect(), next_page_token })
}

fn message(record: &str, row: &Listed) -> FileRecordRevision {
    FileRecordRevision {
        name: revision_name(record, row.revision),
        revision: row.revision,
        create_time: Some(micros_to_proto(row.at)),
        author: name::name("persons", row.author),
        changed_paths: changed(&row.changed),
        // Values and free text are content: GetRecordRevision gives them, with a purpose.
        ..FileRecordRevision::default()
    }
}

/// `{record}/revisions/{n}`.
pub(super) fn revision_name(record: &str, revision: i64) -> String {
    format!("{record}/revisions/{revision}")
}

/// The paths of changed fields.
pub(super) fn changed(keys: &BTreeSet<String>) -> Vec<String> {
    keys.iter().map(|key| path(key)).collect()
}
