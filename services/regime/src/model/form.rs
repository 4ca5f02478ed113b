//! Templates: typed, versioned forms (P-30).

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
    }
}

shape! {
    /// A field of a form.
    pub struct Field by id {
        /// Id within the template: `[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*`.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
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
        /// Values of an enum.
        pub values: Vec<Choice> = Vec::new(),
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
    /// A value somebody may choose.
    pub struct Choice by value {
        /// The value stored.
        pub value: String,
        /// Its name in the company's language.
        pub label: String,
    }
}

words! {
    /// Type of a field's value.
    pub enum FieldType {
        /// One line of text.
        Text = "text",
        /// Text of several lines.
        LongText = "long_text",
        /// Whole number.
        Int = "int",
        /// `true` or `false`.
        Bool = "bool",
        /// `YYYY-MM-DD`.
        Date = "date",
        /// RFC 3339 instant.
        Datetime = "datetime",
        /// Telephone number.
        Phone = "phone",
        /// E-mail address.
        Email = "email",
        /// Web address.
        Url = "url",
        /// Postal address.
        Address = "address",
        /// Amount with currency, `CNY 12.50`.
        Money = "money",
        /// One of the field's values; `enum` in packs.
        Enum = "enum",
        /// Several lines, one text each.
        ListText = "list<text>",
        /// Several references to records.
        ListRef = "list<ref>",
        /// Several stored documents.
        ListAttachment = "list<attachment>",
    }
}

words! {
    /// Whether a field must be filled.
    pub enum Required {
        /// On the form, may stay empty.
        Listed = "listed",
        /// Always.
        Yes = "yes",
        /// Where its condition holds (its customer types).
        Cond = "cond",
        /// Not counted in completeness.
        No = "no",
    }
}

words! {
    /// Whether a value is personal data.
    pub enum Personal {
        /// No personal data.
        No = "no",
        /// Personal data.
        Pi = "pi",
        /// Sensitive personal data (PIPL art. 28).
        Spi = "spi",
    }
}

words! {
    /// How a field can be searched.
    pub enum Index {
        /// Not at all.
        None = "none",
        /// By its exact value, through a blind index.
        Exact = "exact",
        /// By parts of a name.
        Name = "name",
    }
}

words! {
    /// Standard of an identifier with a check digit.
    pub enum IdentifierKind {
        /// Free text.
        None = "none",
        /// Resident identity number, GB 11643.
        Gb11643 = "gb11643",
        /// Unified social credit code, GB 32100.
        Gb32100 = "gb32100",
    }
}

// === impl Template ===

impl Template {
    /// The field of this id.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }
}

// === impl Field ===

impl Field {
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
