//! What lists and searches of customer files are narrowed by: the same conditions in the same words.
//!
//! A condition on what lies in a file, a document or a duty, holds for whoever may see that: the predicate stands beside it. Such a
//! one is counted and not joined, since a join would read all documents of a kind before the first file is judged.

use dossier_kernel::db::Value;
use dossier_kernel::filter::Range;
use uuid::Uuid;

use super::Viewer;
use crate::domain::customer_file::State;

/// What is asked for; `None` means any. A list leaves out files that were merged where neither a state nor a number is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// In this state.
    pub state: Option<State>,
    /// The customer type's word in packs.
    pub customer_type: Option<String>,
    /// The level.
    pub level: Option<String>,
    /// The owning unit.
    pub unit: Option<String>,
    /// The custodian.
    pub custodian: Option<Uuid>,
    /// The template's id.
    pub template: Option<String>,
    /// The kind of file; without it those about no customer are left out.
    pub unit_kind: Option<String>,
    /// The file that they belong to.
    pub parent: Option<Uuid>,
    /// The file number.
    pub number: Option<String>,
    /// The customer number.
    pub customer_number: Option<String>,
    /// Up to [`MOST_LABELS`] labels by axis.
    pub labels: Vec<(String, String)>,
    /// Holding a document of this kind that is not void.
    pub document_kind: Option<String>,
    /// With a duty that is open and due within this time.
    pub due: Option<Range>,
    /// Created within this time.
    pub created: Option<Range>,
    /// Activated within this time.
    pub activated: Option<Range>,
    /// With a contract that takes effect within this time.
    pub effective: Option<Range>,
}

/// Most labels of one filter.
pub const MOST_LABELS: usize = 4;

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

// A statement that narrows files `f` by a filter, and by conditions of its own in brackets. It begins with `with_reached!`, binds
// what `bound` gives and then its own. COALESCE of one value is that value, and no index is chosen by it.
macro_rules! filtered {
    ($head:expr, $own:tt, $filter:expr, $end:expr) => {
        sql_given!(
            $head;
            $own,
            $filter.state => " AND COALESCE(f.state, f.state) = $4",
            $filter.customer_type => " AND f.customer_type = $5",
            $filter.level => " AND COALESCE(f.level, f.level) = $6",
            $filter.unit => " AND COALESCE(f.unit, f.unit) = $7",
            $filter.custodian => " AND COALESCE(f.custodian, f.custodian) = $8",
            $filter.template => " AND f.template = $9",
            $filter.unit_kind => " AND COALESCE(f.unit_kind, f.unit_kind) = $10",
            // What is about no customer is found where its kind is asked for (P-68, P-89).
            $filter.unit_kind.is_none() => " AND f.customer_type <> ''",
            // Of a file that the viewer may not see nobody says what belongs to it (I10).
            $filter.parent => concat!(" AND COALESCE(f.parent, f.parent) = $11
                AND EXISTS (SELECT 1 FROM customer_file f WHERE f.org = $1 AND f.id = $11 AND ", visible!(), ")"),
            $filter.number => " AND f.number = $12",
            $filter.customer_number => " AND f.customer_number = $13",
            !$filter.labels.is_empty() => labelled!("$14", "$15"),
            $filter.labels.len() > 1 => labelled!("$16", "$17"),
            $filter.labels.len() > 2 => labelled!("$18", "$19"),
            $filter.labels.len() > 3 => labelled!("$20", "$21"),
            // A document lies where its file lies, and a right to some fields opens none (I10).
            $filter.document_kind => concat!(" AND ", inside!(reached), " AND (SELECT 1 FROM document d
                WHERE d.org = $1 AND d.file = f.id AND d.kind = $22 AND d.state <> 'void' LIMIT 1) = 1"),
            $filter.due => concat!(" AND ", inside!(reached), " AND (SELECT 1 FROM duty d
                WHERE d.org = $1 AND d.file = f.id AND d.state = 'DUTY_STATE_OPEN'
                AND COALESCE(d.due_at, d.due_at) >= $23 AND COALESCE(d.due_at, d.due_at) < $24 AND ", unbarred!(), " LIMIT 1) = 1"),
            $filter.created => " AND f.created_at >= $25 AND f.created_at < $26",
            $filter.activated => " AND f.activated_at >= $27 AND f.activated_at < $28",
            $filter.effective => " AND f.contract_effect_at >= $29 AND f.contract_effect_at < $30";
            $end
        )
    };
}

/// What a statement of `filtered!` binds first, `$1` to `$30`.
pub(super) fn bound(viewer: Viewer<'_>, filter: &Filter) -> Vec<Value> {
    let mut bound: Vec<Value> = vec![
        viewer.org.into(),
        viewer.person.into(),
        viewer.now.into(),
        filter.state.map(State::as_str).map(str::to_owned).into(),
        (&filter.customer_type).into(),
        (&filter.level).into(),
        (&filter.unit).into(),
        filter.custodian.into(),
        (&filter.template).into(),
        (&filter.unit_kind).into(),
        filter.parent.into(),
        (&filter.number).into(),
        (&filter.customer_number).into(),
    ];
    for at in 0..MOST_LABELS {
        let (axis, label) = filter.labels.get(at).cloned().unwrap_or_default();
        bound.extend([axis.into(), label.into()]);
    }
    bound.push((&filter.document_kind).into());
    for range in [filter.due, filter.created, filter.activated, filter.effective] {
        let Range { from, until } = range.unwrap_or_default();
        bound.extend([from.into(), until.into()]);
    }
    bound
}

// === impl Filter ===

impl Filter {
    /// Whether it asks for files that were merged too: closed ones, or those of a number.
    pub fn asks_for_merged(&self) -> bool {
        self.state.is_some() || self.number.is_some() || self.customer_number.is_some()
    }
}
