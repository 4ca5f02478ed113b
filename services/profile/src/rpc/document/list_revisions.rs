//! `ListDocumentRevisions`: the versions of a document, newest first, without content (P-48).

use dossier_authority::Base;
use dossier_kernel::asked;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::list::List;
use dossier_kernel::name;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::profile::v1::{DocumentRevision, ListDocumentRevisionsRequest, ListDocumentRevisionsResponse};
use dossier_regime::Action;

use crate::domain::document::ids;
use crate::domain::form::path;
use crate::rpc::customer_file::reading;
use crate::store::record::{self as store, Listed};
use crate::work::customer_file::session::Session;
use crate::work::document;

const REVISIONS: List = List { fields: &[], orders: &["revision desc"] };

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(
    base: &Base,
    call: &Call,
    request: ListDocumentRevisionsRequest,
) -> Result<ListDocumentRevisionsResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let ids = ids("parent", &request.parent)?;
    let (_, page) = REVISIONS.read(call, &asked!(request, parent))?;
    let (loaded, one) = document::find(&session, &mut tx, ids).await?;
    if !reading::reaches_all(&session, &mut tx, &loaded).await? {
        return Err(document::missing(ids.0, ids.1));
    }
    let mut rows = store::list_revisions(&mut tx, &call.org, ids.1, &page).await?;
    let (next_page_token, name) = (page.cut(&mut rows, |row| row.revision.to_string()), one.name());
    let revisions = rows.iter().map(|row| message(&name, row)).collect();
    Ok(ListDocumentRevisionsResponse { revisions, next_page_token })
}

fn message(document: &str, row: &Listed) -> DocumentRevision {
    DocumentRevision {
        name: format!("{document}/revisions/{}", row.revision),
        revision: row.revision,
        create_time: Some(micros_to_proto(row.at)),
        author: name::name("persons", row.author),
        changed_paths: row.changed.iter().map(|key| path(key)).collect(),
    }
}
