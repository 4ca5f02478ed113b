//! Templates: typed, versioned forms (P-30).

use std::collections::BTreeMap;

use super::field_type::{FieldType, IdentifierKind, Index, Personal, Required, Target};
use super::words::{CustomerType, Sensitivity};

shape! {
    /// A form. One with `extends` has the sections and fields of its parents first, the eldest's at the head.
    pub struct Template {
        /// Id, for example `customer_core`.
        pub id: String,
        /// Version; a change of fields raises it.
        pub version: u32,
        /// Name in the company's language.
        pub label: String,
        /// Name in English; without it the words of the id.
        pub english: Option<String> = None,
        /// Template whose sections and fields come first.
        pub extends: Option<String> = None,
        /// Sections in order.
        pub sections: Vec<Section>,
        /// Fields in order.
        pub fields: Vec<Field>,
    }
}

shape! {
    /// A section of a form; completeness is counted per section (P-31).
    pub struct Section by id {
        /// Id within the template.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// Name in English; without it the words of the id.
        pub english: Option<String> = None,
        /// Whether facts alone stand in it: what is marked as an opinion is refused (P-26).
        pub facts: bool = false,
    }
}

shape! {
    /// A field of a form.
    pub struct Field by id {
        /// Id within the template: `[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*`.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// Name in English; without it the words of the id.
        pub english: Option<String> = None,
        /// The section it belongs to.
        pub section: String,
        /// Type of its value; the key is `type`.
        pub kind("type"): FieldType,
        /// Whether it must be filled.
        pub required: Required = Required::Listed,
        /// Whether a gate that asks for critical fields asks for this one (P-34).
        pub critical: bool = false,
        /// Weight in completeness, at least 1 (P-31).
        pub weight: u32 = 1,
        /// How sensitive its value is; confidential and above are stored sealed.
        pub sensitivity: Sensitivity,
        /// Whether its value is personal data.
        pub pi: Personal = Personal::No,
        /// Values of an enum or of a list of them.
        pub values: Vec<Choice> = Vec::new(),
        /// Fields of one row of a group; the group is as sensitive as the most sensitive of them.
        pub columns: Vec<Column> = Vec::new(),
        /// Most rows of a group, 100 where nothing is said.
        pub rows: Option<u32> = None,
        /// Least value of a number or an amount, itself allowed: `0`, `0.5`, `CNY 50`.
        pub min: Option<String> = None,
        /// Largest value of a number or an amount, itself allowed.
        pub max: Option<String> = None,
        /// What a `ref` or each of a `list<ref>` names; nothing: something that another system keeps, too.
        pub to: Option<Target> = None,
        /// What is shown here and stored elsewhere.
        pub shows: Option<Shows> = None,
        /// Its numbers in the sources of the form, by source: `{R02: "38", R11: "3.5"}` (P-59).
        pub numbers: BTreeMap<String, String> = BTreeMap::new(),
        /// How it can be searched.
        pub indexed: Index = Index::None,
        /// Longest value in characters.
        pub max_length: u32 = 500,
        /// The standard its check digit follows.
        pub identifier: IdentifierKind = IdentifierKind::None,
        /// Customer types it applies to; empty: all. Elsewhere it weighs nothing.
        pub customer_types: Vec<CustomerType> = Vec::new(),
        /// Filled by the system; a caller cannot set it.
        pub output_only: bool = false,
    }
}

shape! {
    /// A field of one row of a group.
    pub struct Column by id {
        /// Id within the group, spelt like that of a field.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// Name in English; without it the words of the id.
        pub english: Option<String> = None,
        /// Type of its value, neither `group` nor `shown`; the key is `type`.
        pub kind("type"): FieldType,
        /// Whether each row must have it; a condition cannot be stated, so only `yes` demands it.
        pub required: Required = Required::Listed,
        /// How sensitive its value is; the group as a whole is sealed and masked by the highest.
        pub sensitivity: Sensitivity,
        /// Whether its value is personal data.
        pub pi: Personal = Personal::No,
        /// Values of an enum or of a list of them.
        pub values: Vec<Choice> = Vec::new(),
        /// Longest value in characters.
        pub max_length: u32 = 500,
        /// Least value of a number or an amount, itself allowed.
        pub min: Option<String> = None,
        /// Largest value of a number or an amount, itself allowed.
        pub max: Option<String> = None,
        /// What a `ref` or each of a `list<ref>` names; nothing: something that another system keeps, too.
        pub to: Option<Target> = None,
        /// Its numbers in the sources of the form, by source (P-59).
        pub numbers: BTreeMap<String, String> = BTreeMap::new(),
    }
}

shape! {
    /// What a field shows that is stored elsewhere; one of the three.
    pub struct Shows {
        /// A signature: the id of a slot.
        pub slot: Option<String> = None,
        /// When something was handed in or decided: the id of a stage.
        pub stage: Option<String> = None,
        /// An attachment: the kind of a document.
        pub document: Option<String> = None,
    }
}

shape! {
    /// A value somebody may choose.
    pub struct Choice by value {
        /// The value stored.
        pub value: String,
        /// Its name in the company's language.
        pub label: String,
    }
}

/// The English name of something: as it was given, or else the words of its id, `complained_on` as `Complained on`.
fn english(given: Option<&String>, id: &str) -> String {
    let words = || {
        let words = id.replace(['_', '-', '.'], " ");
        let mut letters = words.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    };
    given.cloned().unwrap_or_else(words)
}

macro_rules! named_in_english {
    ($($type:ident)*) => {$(
        impl $type {
            /// Its name in English, a wording of ours where the sources have none.
            pub fn english(&self) -> String {
                english(self.english.as_ref(), &self.id)
            }
        }
    )*};
}

named_in_english!(Template Section Field);

// === impl Template ===

impl Template {
    /// The field of this id.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// Whether facts alone stand in this section (P-26).
    pub fn takes_facts_only(&self, section: &str) -> bool {
        self.sections.iter().any(|one| one.id == section && one.facts)
    }
}

// === impl Field ===

impl Field {
    /// Most rows of a group that says nothing.
    const ROWS: u32 = 100;

    /// Most rows that a group may have.
    pub fn most_rows(&self) -> u32 {
        self.rows.unwrap_or(Self::ROWS)
    }

    /// Whether people write it; the others are filled by the service, or shown from elsewhere.
    pub fn is_written(&self) -> bool {
        !self.output_only && self.kind != FieldType::Shown
    }

    /// A group is sealed and masked as one value, so it is as sensitive and as personal as its most sensitive column.
    pub(crate) fn settle(&mut self) {
        for column in &self.columns {
            self.sensitivity = self.sensitivity.max(column.sensitivity);
            self.pi = self.pi.max(column.pi);
        }
    }

    /// Whether the field applies to a customer of this type; a file without customer has the fields of everybody.
    pub fn applies_to(&self, customer: impl Into<Option<CustomerType>>) -> bool {
        let listed = |customer| self.customer_types.contains(&customer);
        self.customer_types.is_empty() || customer.into().is_some_and(listed)
    }

    /// Whether a file of this customer type cannot do without it.
    pub fn is_required_for(&self, customer: impl Into<Option<CustomerType>>) -> bool {
        match self.required {
            Required::Yes | Required::Cond => self.applies_to(customer),
            Required::Listed | Required::No => false,
        }
    }
}

// === impl Column ===

impl Column {
    /// The field that a cell of it is checked as.
    pub fn field(&self) -> Field {
        let one = self.clone();
        Field {
            id: one.id,
            label: one.label,
            english: one.english,
            kind: one.kind,
            required: one.required,
            sensitivity: one.sensitivity,
            pi: one.pi,
            values: one.values,
            max_length: one.max_length,
            min: one.min,
            max: one.max,
            to: one.to,
            numbers: one.numbers,
            ..Field::default()
        }
    }
}

// === impl Shows ===

impl Shows {
    /// The keys that are given, with their values: one in what was loaded.
    pub fn said(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [("slot", &self.slot), ("stage", &self.stage), ("document", &self.document)];
        all.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)))
    }
}
