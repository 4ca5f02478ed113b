//! The smaller rules of a pack: classification, review, completeness, duties, loans, access, credit, retention.

use super::document::DocumentNeed;
use super::form::Choice;
use super::record::SlotHolder;
use super::retention::RetentionStart;
use super::stage::When;
use super::term::Term;
use super::words::{CustomerType, Scope, Trigger};

shape! {
    /// Which calendar counts working days.
    pub struct CalendarUse {
        /// Name of the calendar, for example `cn-statutory`.
        pub name: String,
        /// Whether a term in calendar days, weeks or months that ends on a day off ends on the next working day.
        pub roll: bool,
    }
}

shape! {
    /// The template that files of some customer types get.
    pub struct TemplateUse by template {
        /// Customer types.
        pub customer_types: Vec<CustomerType>,
        /// Id of the template.
        pub template: String,
    }
}

shape! {
    /// Classification of customers in tiers (P-16); no tiers: none is asked for.
    pub struct Classification {
        /// Axes; several of one tier divide the customer types among them.
        pub axes: Vec<Axis>,
    }
}

shape! {
    /// One axis: the field that holds it and the values allowed.
    pub struct Axis by field {
        /// 1 to 3.
        pub tier: u32,
        /// Field of the template that holds the value.
        pub field: String,
        /// Name in the company's language.
        pub label: String,
        /// Customer types it applies to; empty: all.
        pub customer_types: Vec<CustomerType> = Vec::new(),
        /// Values allowed.
        pub values: Vec<Choice>,
    }
}

shape! {
    /// Who reviews a new file, and how fast (P-40).
    pub struct Review {
        /// Posts whose holders review.
        pub posts: Vec<String>,
        /// Whether the reviewer belongs to the owning unit.
        pub scope: Scope,
        /// Time from submission to decision.
        pub within: Term,
        /// What the review looks at.
        pub focus: Vec<String> = Vec::new(),
        /// Of how many in a hundred units, drawn by lot, only a custodian makes the file effective. A file that waits for
        /// a reason which must not be told waits under the same answer (I10).
        pub examined: u32 = 0,
    }
}

shape! {
    /// When a file counts as complete (P-31, P-34).
    pub struct Completeness {
        /// Fields that may never be emptied.
        pub never_empty: Vec<String>,
        /// What must be complete before what.
        pub gates: Vec<Gate>,
    }
}

shape! {
    /// What must be complete for a purpose.
    pub struct Gate by purpose {
        /// For example `activate`, `transfer`, `credit`.
        pub purpose: String,
        /// Whether every required field must be filled.
        pub required: bool,
        /// Whether every critical field must be filled.
        pub critical: bool = false,
        /// Least completeness of the file in percent, 0 to 100.
        pub percent: u32 = 0,
        /// Sections that count; empty: all.
        pub sections: Vec<String> = Vec::new(),
        /// Documents that must be in the file and hold (P-37); their `when` asks for facts of the file.
        pub documents: Vec<DocumentNeed> = Vec::new(),
    }
}

shape! {
    /// "When this happened, that is due by then, by this role" (P-39, P-108, X-28).
    pub struct DutyRule by kind {
        /// Kind of duty, unique in the pack.
        pub kind: String,
        /// Name in the company's language.
        pub label: String,
        /// What starts it.
        pub on: Trigger,
        /// What starts it: the kind and stage of record, such as `survey@filed`, or `survey@created`, for `on: record`; the kind of
        /// document for `on: document.filed` and `on: document.lapses`, without it any.
        pub at: Option<String> = None,
        /// The field of that record whose day the term begins on; without it, the moment itself.
        pub from: Option<String> = None,
        /// When it is owed at all; always, where nothing is said.
        pub when: When = When::new(),
        /// Time allowed; absent for a calendar duty, and for one that is due at once.
        pub due: Option<Term> = None,
        /// Several times allowed, each a duty of its own (P-79); in place of `due`.
        pub windows: Vec<Term> = Vec::new(),
        /// A cycle: it is owed within this time, and once it is done again within as long (P-47, P-54); in place of `due`.
        pub every: Option<Term> = None,
        /// Months in which a calendar duty falls due.
        pub schedule: Option<Schedule> = None,
        /// Post that owes it.
        pub role: String,
        /// The one person of them who owes it: `creator` of the record, or `custodian` of the file.
        pub who: Option<SlotHolder> = None,
        /// The kind and stage of record that does it, such as `visit@done`; the earliest one that is open counts as done.
        pub done_by: Option<String> = None,
        /// Whether the holder in the owning unit owes it, or one anywhere.
        pub scope: Scope,
        /// Requirement ids it serves.
        pub requirements: Vec<String> = Vec::new(),
    }
}

shape! {
    /// Months of the year; the duty is due at the end of the month's last day.
    pub struct Schedule {
        /// Months, 1 to 12.
        pub months: Vec<u32>,
    }
}

shape! {
    /// What a borrower accepts and what a return is checked for.
    pub struct LoanRules {
        /// Duties accepted at hand-out; a pack that lends has some.
        pub duties: Vec<Choice> = Vec::new(),
        /// What is compared at return; a pack that lends has something.
        pub inspection: Vec<Choice> = Vec::new(),
        /// Place where files are kept and read, for example `archive_room`.
        pub places: Vec<Choice> = Vec::new(),
        /// Longest loan where the level states none and the slip states the date; demanded where a level does so.
        pub longest: Term = Term::default(),
    }
}

shape! {
    /// Requests and grants.
    pub struct AccessRules {
        /// Least length of a reason in characters.
        pub reason_min_length: u32,
        /// Business purposes a request may name; private ones do not exist.
        pub purposes: Vec<Choice>,
        /// Longest time a grant to read lasts where the level states none.
        pub grant_longest: Term,
        /// Time in which an approval must be decided before it is reported as late.
        pub decide_within: Term,
    }
}

shape! {
    /// Ratings, limits and reservations.
    pub struct CreditRules {
        /// The matter a limit is approved under.
        pub limit_matter: String,
        /// Currency of limits, ISO 4217.
        pub currency: String,
        /// How long a rating holds.
        pub rating_valid: Term,
        /// How long a limit holds at most.
        pub limit_valid: Term,
        /// Longest reservation.
        pub reservation_longest: Term,
    }
}

shape! {
    /// Retention classes.
    pub struct Retention {
        /// Classes.
        pub classes: Vec<RetentionClass>,
        /// Class of a file that names none.
        pub default: String,
    }
}

shape! {
    /// How long closed files are kept.
    pub struct RetentionClass by id {
        /// Id.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// Years that a closed file is kept; absent: for ever.
        pub years: Option<u32> = None,
        /// What the years are counted from: `closed`, `activated`, or `field:KEY`, a day of the form; where that day is not known, from
        /// the closing.
        pub from: RetentionStart = RetentionStart::Closed,
    }
}

// === impl Classification ===

impl Classification {
    /// The axes that apply to a customer type, by tier; they classify customers, and a file without one has none.
    pub fn axes_for(&self, customer: impl Into<Option<CustomerType>>) -> impl Iterator<Item = &Axis> {
        let customer = customer.into();
        let listed = move |axis: &Axis| {
            customer.is_some_and(|one| axis.customer_types.is_empty() || axis.customer_types.contains(&one))
        };
        self.axes.iter().filter(move |axis| listed(axis))
    }
}

// === impl Axis ===

impl Axis {
    /// Whether the value is one of the axis.
    pub fn allows(&self, value: &str) -> bool {
        self.values.iter().any(|choice| choice.value == value)
    }
}

// === impl DutyRule ===

impl DutyRule {
    /// The times allowed, one for each duty that a happening opens; `None`: it is due at once.
    pub fn terms(&self) -> Vec<Option<Term>> {
        match self.windows.as_slice() {
            [] => vec![self.due.or(self.every)],
            windows => windows.iter().copied().map(Some).collect(),
        }
    }

    /// Whether it starts where a record of `kind` comes to `stage`.
    pub fn starts_at(&self, kind: &str, stage: &str) -> bool {
        self.on == Trigger::Record && self.at.as_deref().is_some_and(|at| at.split_once('@') == Some((kind, stage)))
    }

    /// Whether a document of `kind` starts it, filed or lapsing.
    pub fn starts_of_document(&self, kind: &str) -> bool {
        self.on.is_of_documents() && self.at.as_deref().is_none_or(|at| at == kind)
    }

    /// Whether it is done where a record of `kind` comes to `stage`.
    pub fn is_done_at(&self, kind: &str, stage: &str) -> bool {
        self.done_by.as_deref().is_some_and(|at| at.split_once('@') == Some((kind, stage)))
    }

    /// The kind of record that starts it, if one does.
    pub fn starter(&self) -> Option<&str> {
        self.at.as_deref().and_then(|at| at.split_once('@')).map(|(kind, _)| kind)
    }
}

// === impl Completeness ===

impl Completeness {
    /// The gate of a purpose.
    pub fn gate(&self, purpose: &str) -> Option<&Gate> {
        self.gates.iter().find(|gate| gate.purpose == purpose)
    }
}
