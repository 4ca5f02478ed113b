//! Completeness: filled weight divided by applicable weight, per section and for the file (P-31, P-34).
//!
//! A group weighs once, however many rows it has: a long list neither drowns the rest of the form nor tells its length.
//! It gains its weight by the share of its rows that lack nothing, rounded down, so that every row counts.

use crate::model::{CustomerType, Field, Gate, Required, Template};

/// What is known of a field without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filled {
    /// It is empty.
    No,
    /// It has a value, and lacks nothing.
    Yes,
    /// It has rows, some of which lack something.
    Partly(Rows),
}

/// Rows of a group of which some lack something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// How many there are.
    pub all: u64,
    /// How many lack nothing.
    pub whole: u64,
    /// The empty cells that must be filled, each as row and column; none where nobody may know of them.
    pub lacking: Vec<(String, String)>,
}

/// How complete a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Weight of the filled fields that apply.
    pub filled: u64,
    /// Weight of all fields that apply.
    pub applicable: u64,
    /// The same per section, in the order of the template.
    pub sections: Vec<SectionReport>,
    /// Fields that must be filled and are not; a cell by its path, `contacts.7.phone`.
    pub missing_required: Vec<String>,
    /// Critical fields that are not filled, or their cells.
    pub missing_critical: Vec<String>,
}

/// How complete a section is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionReport {
    /// Id of the section.
    pub section: String,
    /// Weight of its filled fields.
    pub filled: u64,
    /// Weight of its fields that apply.
    pub applicable: u64,
    /// Its fields that apply and are not filled, and the cells that its rows lack.
    pub missing: Vec<String>,
}

/// What keeps a file from passing a gate; nothing: it passes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shortfall {
    /// Fields the gate asks for that are empty.
    pub fields: Vec<String>,
    /// Completeness reached and demanded in percent, if too low.
    pub percent: Option<(u32, u32)>,
}

/// The key of the field that a path of a report names: `contacts` of `contacts.7.phone`.
pub fn key_of(path: &str) -> &str {
    path.split_once('.').map_or(path, |(key, _)| key)
}

/// Measures a file of this customer type, or of none; `filled` says what of a field there is.
pub fn measure<F: Into<Filled>>(
    template: &Template,
    customer: impl Into<Option<CustomerType>>,
    filled: impl Fn(&str) -> F,
) -> Report {
    let customer = customer.into();
    let mut report = Report {
        filled: 0,
        applicable: 0,
        sections: template.sections.iter().map(|section| SectionReport::empty(&section.id)).collect(),
        missing_required: Vec::new(),
        missing_critical: Vec::new(),
    };
    for field in template.fields.iter().filter(|field| counts(field, customer)) {
        report.add(field, customer, &filled(&field.id).into());
    }
    report
}

/// Fields the system fills, what is only shown, and fields marked `no`, say nothing about how well people filled the
/// form.
fn counts(field: &Field, customer: Option<CustomerType>) -> bool {
    field.required != Required::No && field.is_written() && field.applies_to(customer)
}

// === impl Report ===

impl Report {
    /// Completeness of the file in percent, rounded down; 100 where nothing applies.
    pub fn percent(&self) -> u32 {
        percent(self.filled, self.applicable)
    }

    /// What keeps the file from passing a gate.
    pub fn shortfall(&self, template: &Template, gate: &Gate) -> Shortfall {
        let counted = |section: &str| gate.sections.is_empty() || gate.sections.iter().any(|one| one == section);
        let inside = |id: &&String| template.field(key_of(id)).is_some_and(|field| counted(&field.section));
        let required = self.missing_required.iter().filter(|_| gate.required);
        let critical = self.missing_critical.iter().filter(|_| gate.critical);
        let mut fields: Vec<String> = required.chain(critical).filter(inside).cloned().collect();
        fields.sort_unstable();
        fields.dedup();
        let sections = self.sections.iter().filter(|one| counted(&one.section));
        let (filled, applicable) = sections.fold((0, 0), |(f, a), one| (f + one.filled, a + one.applicable));
        let reached = percent(filled, applicable);
        Shortfall { fields, percent: (reached < gate.percent).then_some((reached, gate.percent)) }
    }

    fn add(&mut self, field: &Field, customer: Option<CustomerType>, filled: &Filled) {
        let weight = u64::from(field.weight);
        let (gained, missing) = (filled.share_of(weight), filled.missing(&field.id));
        self.applicable += weight;
        self.filled += gained;
        if let Some(section) = self.sections.iter_mut().find(|one| one.section == field.section) {
            section.applicable += weight;
            section.filled += gained;
            section.missing.extend(missing.iter().cloned());
        }
        // Whoever begins a row owes what the row demands, whether the group itself must be there or not.
        if field.is_required_for(customer) || *filled != Filled::No {
            self.missing_required.extend(missing.iter().cloned());
        }
        if field.critical {
            self.missing_critical.extend(missing);
        }
    }
}

// === impl Filled ===

impl Filled {
    fn share_of(&self, weight: u64) -> u64 {
        match self {
            Self::No => 0,
            Self::Yes => weight,
            Self::Partly(rows) => {
                let share = u128::from(weight) * u128::from(rows.whole) / u128::from(rows.all.max(1));
                u64::try_from(share).unwrap_or(weight)
            }
        }
    }

    // Paths of what is missing.
    fn missing(&self, key: &str) -> Vec<String> {
        match self {
            Self::Yes => Vec::new(),
            Self::Partly(rows) if !rows.lacking.is_empty() => {
                rows.lacking.iter().map(|(row, column)| format!("{key}.{row}.{column}")).collect()
            }
            Self::No | Self::Partly(_) => vec![key.to_owned()],
        }
    }
}

impl From<bool> for Filled {
    fn from(filled: bool) -> Self {
        if filled { Self::Yes } else { Self::No }
    }
}

// === impl SectionReport ===

impl SectionReport {
    fn empty(section: &str) -> Self {
        Self { section: section.to_owned(), filled: 0, applicable: 0, missing: Vec::new() }
    }

    /// Completeness of the section in percent, rounded down; 100 where nothing applies.
    pub fn percent(&self) -> u32 {
        percent(self.filled, self.applicable)
    }
}

// === impl Shortfall ===

impl Shortfall {
    /// Whether the gate is passed.
    pub fn is_passed(&self) -> bool {
        self.fields.is_empty() && self.percent.is_none()
    }
}

fn percent(filled: u64, applicable: u64) -> u32 {
    match applicable {
        0 => 100,
        all => u32::try_from(u128::from(filled) * 100 / u128::from(all)).unwrap_or(100),
    }
}

#[cfg(test)]
mod tests;
