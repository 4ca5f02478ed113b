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

// === impl Numbering ===

impl Numbering {
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
