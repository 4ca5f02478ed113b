//! Lists of customer files, newest first, a stretch at a time.
//!
//! However many files there are and however few of them are found, a statement looks at no more of them than its stretch holds:
//! it walks the index of the condition that is likely to leave fewest, and judges the others on what it meets.

use dossier_authority::{inside, standing, unbarred, visible, with_reached};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{sql, sql_given};
use uuid::Uuid;

use super::filter::bound;
use super::row::{FullRow, HeaderRow};
use super::{Filter, Loaded, Viewer};
use crate::domain::customer_file::{CustomerFile, State};

/// What of the files one statement looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The file that it begins behind; the newest first.
    pub before: Uuid,
    /// How many it looks at.
    pub looks: i64,
}

/// The condition whose index a list walks: the one that is likely to leave fewest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Walked {
    /// One file, or those of one customer: a number leaves so few that the stretch needs no end.
    Number,
    /// Those that belong to one file.
    Parent,
    Custodian,
    Label,
    /// Those that have documents of one kind.
    Document,
    /// Those that have something to do.
    Due,
    Unit,
    Level,
    Kind,
    State,
    /// None: all files.
    All,
}

// The files of a stretch of the walked index. Said as a set, since SQLite would walk all files between its ends instead.
macro_rules! among {
    ($table:literal, $id:literal, $condition:literal) => {
        concat!(
            " AND f.id IN (SELECT b.",
            $id,
            " FROM ",
            $table,
            " b WHERE b.org = $1 AND b.",
            $id,
            " < $31 AND ",
            $condition,
            " ORDER BY b.",
            $id,
            " DESC LIMIT $33)"
        )
    };
    ($condition:literal) => {
        among!("customer_file", "id", $condition)
    };
}

// A page of what `$head` reads: one index is walked, and what it gives is judged.
macro_rules! page_of {
    ($head:expr, $filter:expr, $walked:expr) => {
        filtered!(
            concat!($head, visible!(reached)),
            [
                $walked == Walked::All => " AND f.id < $31 AND f.id >= COALESCE((SELECT b.id FROM customer_file b
                    WHERE b.org = $1 AND b.id < $31 ORDER BY b.id DESC LIMIT 1 OFFSET $33 - 1), $34)",
                $walked == Walked::Number => " AND f.id < $31",
                $walked == Walked::State => among!("b.state = $4"),
                $walked == Walked::Level => among!("b.level = $6"),
                $walked == Walked::Unit => among!("b.unit = $7"),
                $walked == Walked::Custodian => among!("b.custodian = $8"),
                $walked == Walked::Kind => among!("b.unit_kind = $10"),
                $walked == Walked::Parent => among!("b.parent = $11"),
                $walked == Walked::Label => among!("customer_file_label", "file", "b.axis = $14 AND b.label = $15"),
                $walked == Walked::Document => among!("document", "file", "b.kind = $22"),
                $walked == Walked::Due => among!("duty", "file", "b.state = 'DUTY_STATE_OPEN'"),
                // What was merged is told where it was merged into, and to who asks for it.
                !$filter.asks_for_merged() => " AND f.merged_into IS NULL",
            ],
            $filter,
            " ORDER BY f.id DESC LIMIT $32"
        )
    };
}

macro_rules! run_list {
    ($tx:expr, $row:ty, $head:expr, $viewer:expr, $filter:expr, $stretch:expr, $limit:expr) => {{
        let (viewer, filter, stretch): (Viewer<'_>, &Filter, Stretch) = ($viewer, $filter, $stretch);
        let (walked, limit): (_, i64) = (Walked::of(filter), $limit);
        let mut bound = bound(viewer, filter);
        bound.extend([stretch.before.into(), limit.into(), stretch.looks.into(), Uuid::nil().into()]);
        sql!($tx, fetch_all as $row, page_of!($head, filter, walked), ..bound)
    }};
}

/// Up to `limit` of the visible files of a stretch, newest first.
///
/// # Errors
/// As [`visible`](super::visible).
pub async fn list(
    tx: &mut Tx,
    viewer: Viewer<'_>,
    filter: &Filter,
    stretch: Stretch,
    limit: i64,
) -> Result<Vec<CustomerFile>> {
    let rows = run_list!(
        tx,
        HeaderRow,
        concat!(with_reached!(), "SELECT ", header!(), " FROM customer_file f WHERE f.org = $1 AND "),
        viewer,
        filter,
        stretch,
        limit
    )?;
    rows.into_iter().map(CustomerFile::try_from).collect()
}

/// As [`list`], each file whole.
///
/// # Errors
/// As [`list`].
pub async fn list_whole(
    tx: &mut Tx,
    viewer: Viewer<'_>,
    filter: &Filter,
    stretch: Stretch,
    limit: i64,
) -> Result<Vec<Loaded>> {
    let rows = run_list!(
        tx,
        FullRow,
        concat!(with_reached!(), "SELECT ", columns!(), standing!(reached), whole_from!()),
        viewer,
        filter,
        stretch,
        limit
    )?;
    rows.into_iter().map(Loaded::try_from).collect()
}

/// The oldest file that a stretch of this list looks at; `None` when nothing lies behind it.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn list_end(tx: &mut Tx, org: &str, filter: &Filter, stretch: Stretch) -> Result<Option<Uuid>> {
    let (before, skipped) = (stretch.before, stretch.looks - 1);
    let found = match (Walked::of(filter), filter.labels.first()) {
        (Walked::Number, _) => None,
        (Walked::Label, Some((axis, label))) => {
            let text = "SELECT file FROM customer_file_label
                        WHERE org = $1 AND file < $2 AND axis = $4 AND label = $5 ORDER BY file DESC LIMIT 1 OFFSET $3";
            sql!(tx, fetch_optional as (Uuid,), text, org, before, skipped, axis, label)?
        }
        (Walked::Document, _) => {
            let text = "SELECT file FROM document
                        WHERE org = $1 AND file < $2 AND kind = $4 ORDER BY file DESC LIMIT 1 OFFSET $3";
            sql!(tx, fetch_optional as (Uuid,), text, org, before, skipped, &filter.document_kind)?
        }
        (Walked::Due, _) => {
            let text = "SELECT file FROM duty
                        WHERE org = $1 AND file < $2 AND state = 'DUTY_STATE_OPEN' ORDER BY file DESC LIMIT 1 OFFSET $3";
            sql!(tx, fetch_optional as (Uuid,), text, org, before, skipped)?
        }
        (walked, _) => {
            let text = sql_given!(
                "SELECT id FROM customer_file WHERE org = $1 AND id < $2";
                walked == Walked::State => " AND state = $4",
                walked == Walked::Level => " AND level = $5",
                walked == Walked::Unit => " AND unit = $6",
                walked == Walked::Custodian => " AND custodian = $7",
                walked == Walked::Kind => " AND unit_kind = $8",
                walked == Walked::Parent => " AND parent = $9";
                " ORDER BY id DESC LIMIT 1 OFFSET $3"
            );
            let state = filter.state.map(State::as_str);
            let (level, unit, custodian) = (&filter.level, &filter.unit, filter.custodian);
            let (kind, parent) = (&filter.unit_kind, filter.parent);
            sql!(
                tx,
                fetch_optional as (Uuid,),
                text,
                org,
                before,
                skipped,
                state,
                level,
                unit,
                custodian,
                kind,
                parent
            )?
        }
    };
    Ok(found.map(|(id,)| id))
}

// === impl Walked ===

impl Walked {
    fn of(filter: &Filter) -> Self {
        let asked = [
            (filter.number.is_some() || filter.customer_number.is_some(), Self::Number),
            (filter.parent.is_some(), Self::Parent),
            (filter.custodian.is_some(), Self::Custodian),
            (!filter.labels.is_empty(), Self::Label),
            (filter.document_kind.is_some(), Self::Document),
            (filter.due.is_some(), Self::Due),
            (filter.unit.is_some(), Self::Unit),
            (filter.level.is_some(), Self::Level),
            (filter.unit_kind.is_some(), Self::Kind),
            (filter.state.is_some(), Self::State),
        ];
        asked.into_iter().find(|(asked, _)| *asked).map_or(Self::All, |(_, walked)| walked)
    }
}
