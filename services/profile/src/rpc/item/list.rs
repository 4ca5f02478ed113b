//! `ListItems`: the items of one visible file, or of all that the caller sees by standing access (P-10, C-32).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::filter::{Field, Found};
use dossier_kernel::list::List;
use dossier_kernel::page::Page;
use dossier_kernel::{asked, name};
use dossier_proto::profile::v1::{ListItemsRequest, ListItemsResponse};
use dossier_regime::Action;
use uuid::Uuid;

use super::shown;
use crate::domain::item::{Item, Kind, State};
use crate::domain::place::PLACES;
use crate::rpc::customer_file::reading;
use crate::rpc::customer_file::walk::Walk;
use crate::store::customer_file;
use crate::store::item::{self, Filter};
use crate::work::customer_file::session::Session;

const ITEMS: List = List {
    fields: &[Field::state("kind", Kind::WORDS), Field::state("state", State::WORDS), Field::text("place")],
    orders: &["name"],
};

/// The name of all files.
const ALL: &str = "files/-";
/// Items whose files are asked about at once.
const BATCH: usize = 500;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ListItemsRequest) -> Result<ListItemsResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let file = match request.parent.as_str() {
        ALL => None,
        named => Some(name::id("parent", "files", named)?),
    };
    let (found, page) = ITEMS.read(call, &asked!(request, parent))?;
    let filter = filter(&found)?;
    let (items, next_page_token) = match file {
        Some(file) => of_file(&session, &mut tx, file, (filter, &page)).await?,
        None => of_all(&session, &mut tx, (filter, &page)).await?,
    };
    Ok(ListItemsResponse { items: shown(&session, &mut tx, &items).await?, next_page_token })
}

fn filter(found: &Found) -> Result<Filter> {
    let place = found.text("place").map(|text| name::id("filter", PLACES, text)).transpose()?;
    Ok(Filter { kind: found.one::<Kind>("kind")?, state: found.one::<State>("state")?, place })
}

async fn of_file(
    session: &Session<'_>,
    tx: &mut Tx,
    file: Uuid,
    (filter, page): (Filter, &Page),
) -> Result<(Vec<Item>, String)> {
    let loaded = session.load(tx, file).await?;
    let documents = reading::reaches_all(session, tx, &loaded).await?;
    let mut rows = item::list(tx, &session.call.org, (file, documents), filter, page).await?;
    let next = page.cut(&mut rows, |one| one.id.to_string());
    Ok((rows, next))
}

// Stretch after stretch of the index that is walked, of which those stay whose file the caller sees.
async fn of_all(session: &Session<'_>, tx: &mut Tx, (filter, page): (Filter, &Page)) -> Result<(Vec<Item>, String)> {
    let (mut walk, mut items) = (Walk::begin(session.base, session.call, page)?, Vec::new());
    loop {
        let (after, looks) = (walk.behind().unwrap_or_default(), walk.stretch().looks);
        let rows = item::behind(tx, &session.call.org, filter, after, looks).await?;
        for batch in rows.chunks(BATCH) {
            let files = batch.iter().map(|one| one.file).collect();
            let seen = customer_file::standing(tx, session.viewer(), &files).await?;
            let told = |one: &&Item| seen.get(&one.file).is_some_and(|level| session.admits(level));
            items.extend(batch.iter().filter(told).filter(|one| filter.takes(one)).cloned());
        }
        if let Some(next) = walk.full(&mut items, |one: &Item| one.id) {
            return Ok((items, next));
        }
        let end = rows.last().filter(|_| i64::try_from(rows.len()).is_ok_and(|read| read == looks));
        if let Some(next) = walk.goes_on(end.map(|last| last.id))? {
            return Ok((items, next));
        }
    }
}
