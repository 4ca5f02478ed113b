//! `ListRegisterRows`: a page of a register, newest first, once the journal has what it shows (A-42, P-111).

use std::collections::BTreeMap;

use dossier_authority::Base;
use dossier_authority::reading::purpose;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_kernel::filter::Field;
use dossier_kernel::list::{Asked, List};
use dossier_kernel::page::Page;
use dossier_proto::profile::v1::{ListRegisterRowsRequest, ListRegisterRowsResponse, RegisterCell, RegisterRow};
use dossier_regime::{Action, Register};
use uuid::Uuid;

use super::cell::{Shown, shown};
use super::{register, told};
use crate::domain::register::Cell;
use crate::rpc::customer_file::reading::{self, Outgoing};
use crate::rpc::customer_file::walk::Walk;
use crate::store::register::{Scope, candidates, end};
use crate::work::customer_file::session::{Session, place};
use crate::work::register::{Line, lines};

const ROWS: List = List { fields: &[Field::name("file", "files")], orders: &["name desc"] };

/// What is read at once of what may have a line.
const BATCH: usize = 100;

/// A page of a register.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    /// The register.
    pub(super) register: &'a Register,
    /// Its lines: what has one, and its cells.
    pub(super) lines: Vec<(String, Vec<Cell>)>,
    /// The token of the next page; empty: this was the last.
    pub(super) next: String,
}

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ListRegisterRowsRequest) -> Result<ListRegisterRowsResponse> {
    let page = read(base, call, "parent", &request).await?;
    let cell = |cell: Cell| RegisterCell { value: cell.value, text: cell.text, masked: cell.masked };
    let row = |(name, cells): (String, Vec<Cell>)| RegisterRow { name, cells: cells.into_iter().map(cell).collect() };
    Ok(ListRegisterRowsResponse {
        register: Some(told(page.register)),
        rows: page.lines.into_iter().map(row).collect(),
        next_page_token: page.next,
    })
}

/// Reads the page that `request` asks for; `named` is where it names the register.
///
/// # Errors
/// As the contract says.
pub(super) async fn read<'a>(
    base: &'a Base,
    call: &'a Call,
    named: &str,
    request: &ListRegisterRowsRequest,
) -> Result<Lines<'a>> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let register = register(&session, named, &request.parent)?;
    let mut faults = Faults::default();
    if register.shows_content() {
        purpose(session.pack(), &request.purpose, &mut faults);
    }
    place(session.pack(), &request.reading_place, &mut faults);
    faults.finish()?;
    let switches: [&str; 2] = [&request.purpose, &request.reading_place];
    let (found, page) = ROWS.read(call, &asked(request, &switches))?;
    let scope = Scope { over: register.over, kind: &register.kind, file: found.id("file") };
    let (found, next) = walked(&session, &mut tx, register, scope, &page).await?;
    let mut shown = Vec::with_capacity(found.len());
    for line in &found {
        let ground = reading::ground(&session, &mut tx, &line.loaded, &request.purpose, &request.reading_place).await?;
        let cells = self::shown(&session, register, line, ground.as_ref().map(|ground| &ground.visibility))?;
        shown.push((line, cells, ground));
    }
    tx.commit().await?;
    let leaving = leaving(&shown);
    reading::release(&session, leaving, &request.purpose).await?;
    let lines = shown.into_iter().map(|(line, shown, _)| (line.name(), shown.cells)).collect();
    Ok(Lines { register, lines, next })
}

fn asked<'r>(request: &'r ListRegisterRowsRequest, switches: &'r [&'r str]) -> Asked<'r> {
    Asked {
        parent: &request.parent,
        page_size: request.page_size,
        page_token: &request.page_token,
        filter: &request.filter,
        order_by: &request.order_by,
        switches,
    }
}

// What has a line, stretch after stretch until the page is full, or nothing is left, or the call has looked at enough.
async fn walked(
    session: &Session<'_>,
    tx: &mut Tx,
    register: &Register,
    scope: Scope<'_>,
    page: &Page,
) -> Result<(Vec<Line>, String)> {
    let (mut walk, mut found) = (Walk::begin(session.base, session.call, page)?, Vec::new());
    loop {
        let stretch = walk.stretch();
        let last = end(tx, &session.call.org, scope, stretch).await?;
        let reach = (stretch.before, last.unwrap_or_default());
        let all = candidates(tx, session.viewer(), scope, reach).await?;
        for batch in all.chunks(BATCH) {
            let some = lines(session, tx, register, batch).await?;
            let vain = batch.len() - some.len();
            found.extend(some);
            if let Some(next) = walk.full(&mut found, |line| line.id) {
                return Ok((found, next));
            }
            let behind = batch.last().map_or(stretch.before, |last| last.id);
            if let Some(next) = walk.opened(vain, behind)? {
                return Ok((found, next));
            }
        }
        if let Some(next) = walk.goes_on(last)? {
            return Ok((found, next));
        }
    }
}

type Seen<'l> = (&'l Line, Shown, Option<reading::Ground>);

// One disclosure for each file of the page, which names the records of it that are shown.
fn leaving(shown: &[Seen<'_>]) -> Vec<Outgoing<()>> {
    let mut leaving: BTreeMap<Uuid, Outgoing<()>> = BTreeMap::new();
    for (line, seen, ground) in shown {
        let Some(ground) = ground.as_ref().filter(|_| !seen.fields.is_empty() || !seen.records.is_empty()) else {
            continue;
        };
        let file = &line.loaded.file;
        let one = leaving.entry(file.id).or_insert_with(|| Outgoing {
            message: (),
            resource: String::new(),
            file: file.id,
            revision: file.revision,
            fields: Vec::new(),
            records: Vec::new(),
            ground: ground.clone(),
        });
        one.fields.clone_from(&seen.fields);
        let new = seen.records.iter().filter(|two| one.records.iter().all(|one| one.record != two.record));
        let new: Vec<_> = new.cloned().collect();
        one.records.extend(new);
    }
    leaving.into_values().collect()
}
