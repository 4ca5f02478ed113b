//! `ListDocuments`: the documents of a visible file, newest first, without their forms.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_kernel::{asked, name};
use dossier_proto::profile::v1::{ListDocumentsRequest, ListDocumentsResponse};
use dossier_regime::Action;

use super::basic;
use crate::domain::document::{Carrier, State};
use crate::rpc::customer_file::reading;
use crate::store::document::{self, Filter};
use crate::work::customer_file::session::Session;

const DOCUMENTS: List = List {
    fields: &[Field::text("kind"), Field::state("carrier", Carrier::WORDS), Field::state("state", State::WORDS)],
    orders: &["name desc"],
};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ListDocumentsRequest) -> Result<ListDocumentsResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let file = name::id("parent", "files", &request.parent)?;
    let (found, page) = DOCUMENTS.read(call, &asked!(request, parent))?;
    let loaded = session.load(&mut tx, file).await?;
    // A right to some fields opens no documents.
    if !reading::reaches_all(&session, &mut tx, &loaded).await? {
        return Ok(ListDocumentsResponse::default());
    }
    let filter = Filter {
        kind: found.text("kind"),
        carrier: found.one::<Carrier>("carrier")?,
        state: found.one::<State>("state")?,
    };
    let mut rows = document::list(&mut tx, &call.org, file, filter, &page).await?;
    let next_page_token = page.cut(&mut rows, |one| one.id.to_string());
    Ok(ListDocumentsResponse { documents: rows.iter().map(|one| basic(&loaded, one)).collect(), next_page_token })
}
