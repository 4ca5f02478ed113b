//! `ListCustomerFiles`: the visible files, newest first.

use dossier_authority::Base;
use dossier_authority::reading::purpose;
use dossier_kernel::asked;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_proto::profile::v1::{CustomerFileView, ListCustomerFilesRequest, ListCustomerFilesResponse};
use dossier_regime::Action;

use super::filter::{FILES, decode, may_find};
use super::walk::Walk;
use super::{reading, view};
use crate::store::customer_file::{self, Loaded};
use crate::work::customer_file::session::{Session, place};
use crate::work::customer_file::ties::{seen, tell};
use crate::work::item;

// A page of what `$list` finds, and the token of the next: stretch after stretch until it is full, or nothing is left, or the call
// has looked at enough.
macro_rules! page_of {
    ($session:expr, $tx:expr, $filter:expr, $page:expr, $list:ident, |$one:ident| $id:expr) => {{
        let (mut walk, mut files) = (Walk::begin($session.base, $session.call, &$page)?, Vec::new());
        let next = loop {
            let (viewer, limit) = ($session.viewer(), walk.wanted(&files));
            files.extend(customer_file::$list(&mut $tx, viewer, &$filter, walk.stretch(), limit).await?);
            if let Some(next) = walk.full(&mut files, |$one| $id) {
                break next;
            }
            let end = customer_file::list_end(&mut $tx, viewer.org, &$filter, walk.stretch()).await?;
            if let Some(next) = walk.goes_on(end)? {
                break next;
            }
        };
        (files, next)
    }};
}

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ListCustomerFilesRequest) -> Result<ListCustomerFilesResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let mut faults = Faults::default();
    let full = is_full(request.view, &mut faults);
    if full {
        purpose(session.pack(), &request.purpose, &mut faults);
        place(session.pack(), &request.reading_place, &mut faults);
    }
    faults.finish()?;
    let view = request.view.to_string();
    let switches: [&str; 3] = [&view, &request.purpose, &request.reading_place];
    let (found, page) = FILES.read(call, &asked!(request; &switches))?;
    let filter = decode(&found)?;
    if !may_find(&session, &mut tx, &filter).await? {
        return Ok(ListCustomerFilesResponse::default());
    }
    if !full {
        let (files, next_page_token) = page_of!(session, tx, filter, page, list, |file| file.id);
        let admitted: Vec<_> = files.iter().filter(|file| session.admits(&file.level)).collect();
        let mut customer_files: Vec<_> = admitted.iter().map(|file| view::basic(file)).collect();
        tell(&session, &mut tx, admitted.iter().map(|file| &file.ties).zip(&mut customer_files)).await?;
        item::tell(&session, &mut tx, admitted.iter().map(|file| file.id).zip(&mut customer_files)).await?;
        return Ok(ListCustomerFilesResponse { customer_files, next_page_token });
    }
    let (mut files, next_page_token) = page_of!(session, tx, filter, page, list_whole, |one| one.file.id);
    files.retain(|one| session.admits(&one.file.level));
    let customer_files = whole(&session, tx, &files, &request.purpose, &request.reading_place).await?;
    Ok(ListCustomerFilesResponse { customer_files, next_page_token })
}

/// Whether whole files are asked for; an unknown view is a fault.
pub fn is_full(view: i32, faults: &mut Faults) -> bool {
    match CustomerFileView::try_from(view) {
        Ok(CustomerFileView::Full) => true,
        Ok(CustomerFileView::Basic | CustomerFileView::Unspecified) => false,
        Err(_) => {
            faults.add("view", "is unknown");
            false
        }
    }
}

// A file that the caller sees through a grant for another purpose is listed without its content.
async fn whole(
    session: &Session<'_>,
    mut tx: Tx,
    files: &[Loaded],
    purpose: &str,
    place: &str,
) -> Result<Vec<dossier_proto::profile::v1::CustomerFile>> {
    let (mut read, mut outgoing, mut unread) = (Vec::with_capacity(files.len()), Vec::new(), Vec::new());
    let told = seen(session, &mut tx, files.iter().flat_map(|one| one.file.ties.files())).await?;
    for one in files {
        let ties = one.file.ties.among(&told);
        match reading::ground(session, &mut tx, one, purpose, place).await? {
            Some(ground) => {
                let mut out = reading::open(session, one, ground)?;
                ties.tell(&mut out.message);
                read.push(true);
                outgoing.push(out);
            }
            None => {
                let masked_fields = one.content.keys().into_iter().collect();
                let mut message = view::basic(&one.file);
                ties.tell(&mut message);
                read.push(false);
                unread.push((one.file.id, dossier_proto::profile::v1::CustomerFile { masked_fields, ..message }));
            }
        }
    }
    let told = outgoing.iter_mut().map(|out| (out.file, &mut out.message));
    item::tell(session, &mut tx, told.chain(unread.iter_mut().map(|(file, message)| (*file, message)))).await?;
    tx.commit().await?;
    let mut released = reading::release(session, outgoing, purpose).await?.into_iter();
    let mut unread = unread.into_iter().map(|(_, message)| message);
    Ok(read.into_iter().filter_map(|read| if read { released.next() } else { unread.next() }).collect())
}
