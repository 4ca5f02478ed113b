//! `ListHolds`: the holds of a visible file, or of all of them, newest first.

use std::collections::BTreeMap;

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_kernel::page::Page;
use dossier_kernel::{asked, name};
use dossier_proto::profile::v1::{ListHoldsRequest, ListHoldsResponse};
use dossier_regime::Action;

use super::shown;
use crate::domain::hold::{Hold, State};
use crate::rpc::customer_file::walk::Walk;
use crate::store::customer_file::visible_levels;
use crate::store::hold::{self, Filter};
use crate::work::customer_file::session::Session;

const HOLDS: List =
    List { fields: &[Field::state("state", State::WORDS), Field::text("kind")], orders: &["name desc"] };

/// All files that the caller sees.
const ALL: &str = "files/-";

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ListHoldsRequest) -> Result<ListHoldsResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::DispositionRead).await?;
    let file = match request.parent.as_str() {
        ALL => None,
        one => Some(name::id("parent", "files", one)?),
    };
    let (found, page) = HOLDS.read(call, &asked!(request, parent))?;
    if let Some(file) = file {
        session.load(&mut tx, file).await?;
    }
    let open = found.one::<State>("state")?.map(|state| state == State::Open);
    let filter = Filter { file, kind: found.text("kind"), open };
    let (mut rows, next_page_token) = walked(&session, &mut tx, filter, &page).await?;
    admitted(&session, &mut tx, &mut rows).await?;
    let holds = shown(&mut tx, &call.org, session.pack(), &rows).await?;
    Ok(ListHoldsResponse { holds, next_page_token })
}

// Stretch after stretch until the page is full, or nothing is left, or the call has looked at enough.
async fn walked(session: &Session<'_>, tx: &mut Tx, filter: Filter<'_>, page: &Page) -> Result<(Vec<Hold>, String)> {
    let (mut walk, mut found) = (Walk::begin(session.base, session.call, page)?, Vec::new());
    loop {
        let (viewer, stretch) = (session.viewer(), walk.stretch());
        let last = hold::list_end(tx, viewer.org, filter.file, stretch).await?;
        let reach = (stretch.before, last.unwrap_or_default());
        found.extend(hold::list(tx, viewer, filter, reach, walk.wanted(&found)).await?);
        if let Some(next) = walk.full(&mut found, |one: &Hold| one.id) {
            return Ok((found, next));
        }
        if let Some(next) = walk.goes_on(last)? {
            return Ok((found, next));
        }
    }
}

// Those of files that may be told of now.
async fn admitted(session: &Session<'_>, tx: &mut Tx, rows: &mut Vec<Hold>) -> Result<()> {
    let files = rows.iter().map(|one| one.file).collect();
    let levels: BTreeMap<_, _> = visible_levels(tx, session.viewer(), &files).await?.into_iter().collect();
    rows.retain(|one| levels.get(&one.file).is_some_and(|level| session.admits(level)));
    Ok(())
}
