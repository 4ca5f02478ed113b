//! Lists of customer files, newest first, a stretch at a time.
//!
//! However many files there are and however few of them are found, a statement looks at no more of them than its stretch holds:
//! it walks the index of the condition that is likely to leave fewest, and judges the others on what it meets.

use dossier_authority::{standing, visible, with_reached};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{sql, sql_given};
use uuid::Uuid;

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
            " < $4 AND ",
            $condition,
            " ORDER BY b.",
            $id,
            " DESC LIMIT $23)"
        )
    };
    ($condition:literal) => {
        among!("customer_file", "id", $condition)
    };
}

macro_rules! labelled {
    ($axis:literal, $label:literal) => {
        concat!(
            " AND EXISTS (SELECT 1 FROM customer_file_label c WHERE c.org = f.org AND c.file = f.id AND c.axis = ",
            $axis,
            " AND c.label = ",
            $label,
            ")"
        )
    };
}

// A page of what `$head` reads. COALESCE of one value is that value, and no index is chosen by it: only one is walked.
macro_rules! page_of {
    ($head:expr, $filter:expr, $walked:expr) => {
        sql_given!(
            concat!($head, visible!(reached));
            $walked == Walked::All => " AND f.id < $4 AND f.id >= COALESCE((SELECT b.id FROM customer_file b
                WHERE b.org = $1 AND b.id < $4 ORDER BY b.id DESC LIMIT 1 OFFSET $23 - 1), $24)",
            $walked == Walked::Number => " AND f.id < $4",
            $walked == Walked::State => among!("b.state = $5"),
            $walked == Walked::Level => among!("b.level = $7"),
            $walked == Walked::Unit => among!("b.unit = $8"),
            $walked == Walked::Custodian => among!("b.custodian = $9"),
            $walked == Walked::Kind => among!("b.unit_kind = $11"),
            $walked == Walked::Parent => among!("b.parent = $25"),
            $walked == Walked::Label => among!("customer_file_label", "file", "b.axis = $14 AND b.label = $15"),
            $filter.state => " AND COALESCE(f.state, f.state) = $5",
            $filter.customer_type => " AND f.customer_type = $6",
            $filter.level => " AND COALESCE(f.level, f.level) = $7",
            $filter.unit => " AND COALESCE(f.unit, f.unit) = $8",
            $filter.custodian => " AND COALESCE(f.custodian, f.custodian) = $9",
            $filter.template => " AND f.template = $10",
            $filter.unit_kind => " AND COALESCE(f.unit_kind, f.unit_kind) = $11",
            // What is about no customer is listed where its kind is asked for (P-68, P-89).
            $filter.unit_kind.is_none() => " AND f.customer_type <> ''",
            // What was merged is told where it was merged into, and to who asks for it.
            !$filter.asks_for_merged() => " AND f.merged_into IS NULL",
            // Of a file that the viewer may not see nobody says what belongs to it (I10).
            $filter.parent => concat!(" AND COALESCE(f.parent, f.parent) = $25
                AND EXISTS (SELECT 1 FROM customer_file f WHERE f.org = $1 AND f.id = $25 AND ", visible!(), ")"),
            $filter.number => " AND f.number = $12",
            $filter.customer_number => " AND f.customer_number = $13",
            !$filter.labels.is_empty() => labelled!("$14", "$15"),
            $filter.labels.len() > 1 => labelled!("$16", "$17"),
            $filter.labels.len() > 2 => labelled!("$18", "$19"),
            $filter.labels.len() > 3 => labelled!("$20", "$21");
            " ORDER BY f.id DESC LIMIT $22"
        )
    };
}

macro_rules! run_list {
    ($tx:expr, $row:ty, $head:expr, $viewer:expr, $filter:expr, $stretch:expr, $limit:expr) => {{
        let (viewer, filter, stretch): (Viewer<'_>, &Filter, Stretch) = ($viewer, $filter, $stretch);
        let walked = Walked::of(filter);
        let (state, kind, level, unit) =
            (filter.state.map(State::as_str), &filter.customer_type, &filter.level, &filter.unit);
        let (custodian, template, unit_kind) = (filter.custodian, &filter.template, &filter.unit_kind);
        let (number, customer) = (&filter.number, &filter.customer_number);
        let label = |at: usize| filter.labels.get(at).cloned().unwrap_or_default();
        let (a, b, c, d) = (label(0), label(1), label(2), label(3));
        sql!(
            $tx,
            fetch_all as $row,
            page_of!($head, filter, walked),
            viewer.org,
            viewer.person,
            viewer.now,
            stretch.before,
            state,
            kind,
            level,
            unit,
            custodian,
            template,
            unit_kind,
            number,
            customer,
            a.0,
            a.1,
            b.0,
            b.1,
            c.0,
            c.1,
            d.0,
            d.1,
            $limit,
            stretch.looks,
            Uuid::nil(),
            filter.parent
        )
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
            (filter.unit.is_some(), Self::Unit),
            (filter.level.is_some(), Self::Level),
            (filter.unit_kind.is_some(), Self::Kind),
            (filter.state.is_some(), Self::State),
        ];
        asked.into_iter().find(|(asked, _)| *asked).map_or(Self::All, |(_, walked)| walked)
    }
}
