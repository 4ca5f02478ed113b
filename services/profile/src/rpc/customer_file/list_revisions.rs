//! `ListCustomerFileRevisions`: the versions of a file, newest first, without content (P-48).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::list::List;
use dossier_kernel::time::micros_to_proto;
use dossier_kernel::{asked, name};
use dossier_proto::profile::v1::{
    CustomerFile, CustomerFileRevision, ListCustomerFileRevisionsRequest, ListCustomerFileRevisionsResponse,
};
use dossier_regime::Action;
use prost::Message;
use uuid::Uuid;

use crate::domain::ties::Ties;
use crate::store::customer_file::inconsistent;
use crate::store::revision::{self, Listed};
use crate::work::customer_file::session::Session;
use crate::work::customer_file::ties::tell;

const REVISIONS: List = List { fields: &[], orders: &["revision desc"] };

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(
    base: &Base,
    call: &Call,
    request: ListCustomerFileRevisionsRequest,
) -> Result<ListCustomerFileRevisionsResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let id = name::id("parent", "files", &request.parent)?;
    let (_, page) = REVISIONS.read(call, &asked!(request, parent))?;
    session.load(&mut tx, id).await?;
    let mut rows = revision::list(&mut tx, &call.org, id, &page).await?;
    let next_page_token = page.cut(&mut rows, |row| row.revision.to_string());
    let (mut revisions, mut ties) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in rows {
        let (header, named) = header(&row.header)?;
        revisions.push(message(id, row, header));
        ties.push(named);
    }
    let headers = revisions.iter_mut().filter_map(|one| one.customer_file.as_mut());
    tell(&session, &mut tx, ties.iter().zip(headers)).await?;
    Ok(ListCustomerFileRevisionsResponse { revisions, next_page_token })
}

fn message(file: Uuid, row: Listed, header: CustomerFile) -> CustomerFileRevision {
    CustomerFileRevision {
        name: revision_name(file, row.revision),
        revision: row.revision,
        customer_file: Some(header),
        create_time: Some(micros_to_proto(row.at)),
        author: name::name("persons", row.author),
        changed_paths: row.changed.0.into_iter().collect(),
        // Free text is content: GetCustomerFileRevision gives it, with a purpose.
        reason: String::new(),
    }
}

/// The stored header of a revision, and the files that it names, of which each reader is told those that they may see.
///
/// # Errors
/// `STORE_INCONSISTENT`.
pub fn header(bytes: &[u8]) -> Result<(CustomerFile, Ties)> {
    let mut header = CustomerFile::decode(bytes).map_err(|_| inconsistent("customer_file_revision", "header"))?;
    let ties = Ties::take(&mut header);
    Ok((header, ties))
}

/// `files/{uuid}/revisions/{n}`.
pub fn revision_name(file: Uuid, revision: i64) -> String {
    format!("files/{file}/revisions/{revision}")
}
