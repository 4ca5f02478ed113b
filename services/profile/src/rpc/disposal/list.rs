//! `ListDisposals`: what records of a visible file announced the destruction of, or of all of them, newest first.

use std::collections::BTreeMap;

use dossier_authority::Base;
use dossier_authority::disposal::State;
use dossier_kernel::asked;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_kernel::page::Page;
use dossier_proto::profile::v1::{ListDisposalsRequest, ListDisposalsResponse};
use dossier_regime::Action;
use uuid::Uuid;

use super::shown;
use crate::domain::disposal::Disposal;
use crate::rpc::customer_file::walk::Walk;
use crate::store::customer_file::visible_levels;
use crate::store::disposal::{self, Filter};
use crate::work::customer_file::session::Session;

const DISPOSED: List =
    List { fields: &[Field::state("state", State::WORDS), Field::name("list", "files")], orders: &["name desc"] };

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ListDisposalsRequest) -> Result<ListDisposalsResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::DispositionRead).await?;
    let (found, page) = DISPOSED.read(call, &asked!(request))?;
    let filter = Filter { list: found.id("list"), state: found.one("state")? };
    let (mut rows, next_page_token) = walked(&session, &mut tx, filter, &page).await?;
    admitted(&session, &mut tx, &mut rows).await?;
    let mut disposals = Vec::with_capacity(rows.len());
    for one in &rows {
        disposals.push(shown(&mut tx, &call.org, one).await?);
    }
    Ok(ListDisposalsResponse { disposals, next_page_token })
}

// Stretch after stretch, until the page is full, nothing is left, or the call has looked at enough.
async fn walked(session: &Session<'_>, tx: &mut Tx, filter: Filter, page: &Page) -> Result<(Vec<Disposal>, String)> {
    let (mut walk, mut found) = (Walk::begin(session.base, session.call, page)?, Vec::new());
    loop {
        let (viewer, stretch) = (session.viewer(), walk.stretch());
        let last = disposal::list_end(tx, viewer.org, filter.list, stretch).await?;
        let reach = (stretch.before, last.unwrap_or_default());
        found.extend(disposal::list(tx, viewer, filter, reach, walk.wanted(&found)).await?);
        if let Some(next) = walk.full(&mut found, |one: &Disposal| one.id) {
            return Ok((found, next));
        }
        if let Some(next) = walk.goes_on(last)? {
            return Ok((found, next));
        }
    }
}

// What may not be told of now is left out, as if it were invisible.
async fn admitted(session: &Session<'_>, tx: &mut Tx, rows: &mut Vec<Disposal>) -> Result<()> {
    let lists = rows.iter().filter_map(|one| one.of_file).collect();
    let levels: BTreeMap<_, _> = visible_levels(tx, session.viewer(), &lists).await?.into_iter().collect();
    let told = |list: Uuid| levels.get(&list).is_some_and(|level| session.admits(level));
    rows.retain(|one| one.of_file.is_some_and(told));
    Ok(())
}
