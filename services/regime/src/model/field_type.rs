//! The closed lists of words that describe a field.

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
        /// Decimal number of up to 28 digits, `12.50`.
        Decimal = "decimal",
        /// Hundredths of something, as a decimal number from 0 to 100 where no bounds say otherwise.
        Percent = "percent",
        /// `YYYY-MM`.
        YearMonth = "year_month",
        /// First and last day, one of which may be open.
        DateRange = "date_range",
        /// Number of a bank account: 8 to 34 digits, written with spaces or without.
        BankAccount = "bank_account",
        /// Place of a secret in the store of secrets, `vault:PATH` or `secret:PATH`, never the secret itself (P-78).
        SecretRef = "secret_ref",
        /// Reference to one thing.
        Ref = "ref",
        /// Several of the field's values.
        ListEnum = "list<enum>",
        /// Rows of `columns`.
        Group = "group",
        /// Nothing that is stored here: a signature, a date or a document that is shown in this place of the form.
        Shown = "shown",
    }
}

words! {
    /// What a reference names.
    pub enum Target {
        /// A person of the directory.
        Person = "person",
        /// A file.
        File = "file",
        /// A record.
        Record = "record",
        /// A document.
        Document = "document",
        /// A physical item.
        Item = "item",
        /// A place where paper is kept.
        Place = "place",
        /// A volume of papers.
        Volume = "volume",
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
