//! `ListDueFiles`: the visible closed files whose retention has run out, those first that are due longest.

use dossier_authority::Base;
use dossier_kernel::asked;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::filter::{Field, Found};
use dossier_kernel::list::List;
use dossier_kernel::page::Page;
use dossier_proto::profile::v1::{ListDueFilesRequest, ListDueFilesResponse};
use dossier_regime::Action;
use uuid::Uuid;

use crate::domain::customer_file::CustomerFile;
use crate::rpc::customer_file::view;
use crate::rpc::customer_file::walk::Walk;
use crate::store::customer_file::{self, DueFilter, DuePlace};
use crate::work::customer_file::session::Session;
use crate::work::customer_file::ties::tell;

const DUE: List = List {
    fields: &[Field::text("file_kind"), Field::text("unit"), Field::text("level")],
    orders: &["keep_until_date"],
};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ListDueFilesRequest) -> Result<ListDueFilesResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::DispositionRead).await?;
    let (found, page) = DUE.read(call, &asked!(request))?;
    let (files, next_page_token) = walked(&session, &mut tx, &decode(&found), &page).await?;
    let admitted: Vec<_> = files.iter().filter(|file| session.admits(&file.level)).collect();
    let mut customer_files: Vec<_> = admitted.iter().map(|file| view::basic(file)).collect();
    tell(&session, &mut tx, admitted.iter().map(|file| &file.ties).zip(&mut customer_files)).await?;
    Ok(ListDueFilesResponse { customer_files, next_page_token })
}

fn decode(found: &Found) -> DueFilter {
    let text = |path: &str| found.text(path).map(str::to_owned);
    DueFilter { unit_kind: text("file_kind"), unit: text("unit"), level: text("level") }
}

// Stretch after stretch until the page is full, or nothing is left, or the call has looked at enough.
async fn walked(
    session: &Session<'_>,
    tx: &mut Tx,
    filter: &DueFilter,
    page: &Page,
) -> Result<(Vec<CustomerFile>, String)> {
    let (viewer, today) = (session.viewer(), session.today());
    let mut walk = Walk::begin(session.base, session.call, page)?;
    let (mut place, mut files) = (begins(tx, viewer.org, walk.behind()).await?, Vec::new());
    loop {
        let looks = walk.stretch().looks;
        files.extend(customer_file::due(tx, viewer, (filter, &today), (&place, looks), walk.wanted(&files)).await?);
        if let Some(next) = walk.full(&mut files, |file| file.id) {
            return Ok((files, next));
        }
        let end = customer_file::due_end(tx, viewer.org, &today, (&place, looks)).await?;
        if let Some(next) = walk.goes_on(end.as_ref().map(|end| end.id))? {
            return Ok((files, next));
        }
        place = end.unwrap_or_default();
    }
}

// Behind the page before; on the first, behind nothing.
async fn begins(tx: &mut Tx, org: &str, behind: Option<Uuid>) -> Result<DuePlace> {
    let Some(file) = behind else { return Ok(DuePlace::default()) };
    let place = customer_file::due_place(tx, org, file).await?;
    place.ok_or_else(|| Error::new(Reason::PageTokenInvalid))
}
