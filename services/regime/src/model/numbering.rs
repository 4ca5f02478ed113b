//! File-number rules as written in a pack; [`crate::number`] renders them.

use super::words::CustomerType;

shape! {
    /// How file numbers are made (P-05, P-06).
    pub struct Numbering {
        /// Code tables that patterns may name: `{industry}` is the code of the file's industry.
        pub codes: Vec<CodeTable> = Vec::new(),
        /// Rules; each customer type has exactly one.
        pub rules: Vec<NumberRule>,
    }
}

shape! {
    /// Short codes for the values of a field.
    pub struct CodeTable by field {
        /// Field whose value is coded; the name of the placeholder.
        pub field: String,
        /// The codes.
        pub codes: Vec<Code>,
    }
}

shape! {
    /// One code.
    pub struct Code by value {
        /// Value of the field.
        pub value: String,
        /// Its code in numbers.
        pub code: String,
        /// Name in the company's language.
        pub label: String,
    }
}

shape! {
    /// The number of files of some customer types.
    pub struct NumberRule by id {
        /// Id, part of the counter's key.
        pub id: String,
        /// Customer types; empty: all, and files that are about no customer.
        pub customer_types: Vec<CustomerType> = Vec::new(),
        /// Pattern: literals, `{year}`, `{month}`, `{day}`, `{seq}` or `{seq:3}`, and names of code tables.
        pub pattern: String,
        /// Most characters a number may have.
        pub max_length: u32,
        /// Whether the separators `-`, `/`, `.` and `_` count towards `max_length` (P-06).
        pub separators_count: bool,
        /// Placeholders that share one counter; each must occur in the pattern.
        pub scope: Vec<String>,
    }
}

shape! {
    /// The number of records of a kind, out of the register of file numbers. A record draws it once, when it first enters a stage, and
    /// keeps it whatever becomes of it (P-05, P-07).
    pub struct RecordNumber {
        /// The stage that draws it.
        pub at: String,
        /// Pattern: literals, `{year}`, `{month}`, `{day}`, `{seq:3}`, `{file}` (the number of its file), `{unit}` (the unit of its
        /// file: its code where a table has one, else its id), and names of code tables.
        pub pattern: String,
        /// Placeholders that begin a series of their own; each must occur in the pattern.
        pub scope: Vec<String> = Vec::new(),
        /// Code tables that the pattern may name: of a field of the record, an axis of its file, or `unit`.
        pub codes: Vec<CodeTable> = Vec::new(),
    }
}

/// What stands in the key of a record's series before the kind; no id of a rule has it.
const OF_RECORD: &str = "record:";

// === impl RecordNumber ===

impl RecordNumber {
    /// The numbering of records of `kind`, with its one rule.
    pub fn numbering(&self, kind: &str) -> Numbering {
        let rule = NumberRule {
            id: format!("{OF_RECORD}{kind}"),
            customer_types: Vec::new(),
            pattern: self.pattern.clone(),
            // What it holds of others is of any length; its sequence says its own.
            max_length: u32::MAX,
            separators_count: true,
            scope: self.scope.clone(),
        };
        Numbering { codes: self.codes.clone(), rules: vec![rule] }
    }

    /// The kind of record whose rule has this id; `None`: it is one of files.
    pub fn kind_of(rule: &str) -> Option<&str> {
        rule.strip_prefix(OF_RECORD)
    }
}

// === impl Numbering ===

impl Numbering {
    /// The rule of this id.
    pub fn rule(&self, id: &str) -> Option<&NumberRule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// The rule for a customer type, or for files that are about no customer.
    pub fn rule_for(&self, customer: impl Into<Option<CustomerType>>) -> Option<&NumberRule> {
        let customer = customer.into();
        let is_for = |types: &[CustomerType]| types.is_empty() || customer.is_some_and(|one| types.contains(&one));
        self.rules.iter().find(|rule| is_for(&rule.customer_types))
    }

    /// The code table of a field.
    pub fn table(&self, field: &str) -> Option<&CodeTable> {
        self.codes.iter().find(|table| table.field == field)
    }
}

// === impl CodeTable ===

impl CodeTable {
    /// The code of a value.
    pub fn code(&self, value: &str) -> Option<&str> {
        self.codes.iter().find(|one| one.value == value).map(|one| one.code.as_str())
    }
}
