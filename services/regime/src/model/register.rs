//! Registers and statistics: what a company reads off many files at once (P-111, X-25).

use super::stage::When;

shape! {
    /// A register: files of a kind, or records or documents of a kind in all files, a line each. Its posts are the right to it; a line
    /// stands in it for whoever has standing access to the file, and a cell shows what their grade lets them see.
    pub struct Register by id {
        /// Id, unique in the pack.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// What has a line.
        pub over: Over,
        /// The kind of those files, records or documents. Documents without it: of every kind.
        pub kind: String = String::new(),
        /// Posts whose holders read it.
        pub posts: Vec<String>,
        /// Which of them have a line: parts and fields of sensitivity internal or public. What is void has one where `state` is asked
        /// for.
        pub filter("where"): When = When::new(),
        /// Its columns in order.
        pub columns: Vec<RegisterColumn>,
    }
}

shape! {
    /// A column of a register.
    pub struct RegisterColumn by value {
        /// Name in the company's language.
        pub label: String,
        /// What it tells: a part such as `number` or `stage`, a field of the form, `file.X` of the file that a record or document lies
        /// in, `latest(KIND.X)` of the newest record of a kind in the file, or `item.X` of where it is kept (C-32): of a document itself,
        /// otherwise of the paper of the file.
        pub value: String,
    }
}

shape! {
    /// A statistic: how many files, records or documents there are in each period and group, and what their fields come to. It counts
    /// what stands at levels that all its posts are cleared for, of all units. Fewer than 5 customers are never told apart.
    pub struct Statistic by id {
        /// Id, unique in the pack.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// What is counted.
        pub over: Over,
        /// The kind of those files, records or documents. Documents without it: of every kind.
        pub kind: String = String::new(),
        /// Posts whose holders read it.
        pub posts: Vec<String>,
        /// Which of them are counted, as in a register.
        pub filter("where"): When = When::new(),
        /// What they are grouped by: parts with few values such as `stage`, `unit` or `class.AXIS`, and fields of sensitivity internal or
        /// public. None: each period has one group.
        pub by: Vec<String> = Vec::new(),
        /// What is added up in each group: fields with numbers and amounts, of sensitivity internal or public, and `sheets` and `pages` of
        /// documents.
        pub sum: Vec<String> = Vec::new(),
        /// The day that says in which period one falls: `create_time`, another moment or day, or a field with a day or month.
        pub on: String = String::from("create_time"),
        /// How long a period is. It is fixed, so that no difference of two answers tells what either holds back.
        pub each: PeriodLength,
    }
}

words! {
    /// What a register or a statistic goes over.
    pub enum Over {
        /// Files.
        Files = "files",
        /// Records in files.
        Records = "records",
        /// Documents in files.
        Documents = "documents",
    }
}

words! {
    /// How long a period of a statistic is.
    pub enum PeriodLength {
        /// A calendar month.
        Month = "month",
        /// A quarter of a calendar year.
        Quarter = "quarter",
        /// A calendar year.
        Year = "year",
    }
}

/// What a column, a condition or a group tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told<'v> {
    /// The file: a part, or a field of its form.
    File(&'v str),
    /// The record: a part, or a field of its form.
    Record(&'v str),
    /// The document: a part, or a field of its form.
    Document(&'v str),
    /// Where it is kept: of a document itself, otherwise of the paper of the file.
    Item(&'v str),
    /// The newest record of a kind in the file that is not void.
    Latest {
        /// The kind.
        kind: &'v str,
        /// The part or field of it.
        of: &'v str,
    },
}

/// Parts of a file that are no fields of its form, besides `class.AXIS`.
pub const FILE_PARTS: [&str; 12] = [
    "number",
    "customer_number",
    "customer_type",
    "level",
    "unit",
    "custodian",
    "state",
    "creator",
    "create_time",
    "activate_time",
    "close_time",
    "completeness",
];

/// Parts of a record that are no fields of its form, besides `entered.STAGE`.
pub const RECORD_PARTS: [&str; 7] =
    ["stage", "state", "record_number", "creator", "create_time", "update_time", "completeness"];

/// Parts of a document that are no fields of its form. `content` says whether it has any, `copy_of` of which one it is a copy or scan.
pub const DOCUMENT_PARTS: [&str; 17] = [
    "kind",
    "carrier",
    "state",
    "record",
    "document_date",
    "expire_date",
    "sheets",
    "pages",
    "paper",
    "ink",
    "content",
    "media_type",
    "copy_of",
    "creator",
    "create_time",
    "update_time",
    "completeness",
];

/// Parts of what is kept in a place: its state, the way to its place, who took it out, when it first came and when it last moved.
pub const ITEM_PARTS: [&str; 5] = ["state", "place", "holder", "create_time", "update_time"];

// === impl Told ===

impl<'v> Told<'v> {
    /// What `text` tells of, where it stands in something that goes over files, records or documents.
    pub fn read(over: Over, text: &'v str) -> Self {
        let latest = text.strip_prefix("latest(").and_then(|rest| rest.strip_suffix(')'));
        if let Some((kind, of)) = latest.and_then(|inner| inner.split_once('.')) {
            return Self::Latest { kind, of };
        }
        if let Some(of) = text.strip_prefix("item.") {
            return Self::Item(of);
        }
        match (over, text.strip_prefix("file.")) {
            (Over::Files, _) => Self::File(text),
            (Over::Records | Over::Documents, Some(of)) => Self::File(of),
            (Over::Records, None) => Self::Record(text),
            (Over::Documents, None) => Self::Document(text),
        }
    }

    /// The part or field.
    pub const fn name(self) -> &'v str {
        match self {
            Self::File(of) | Self::Record(of) | Self::Document(of) | Self::Item(of) | Self::Latest { of, .. } => of,
        }
    }

    /// Whether it is a part and no field of a form: parts are told with every list, fields are content. A part goes before a field of
    /// its name.
    pub fn is_part(self) -> bool {
        match self {
            Self::File(of) => FILE_PARTS.contains(&of) || of.starts_with("class."),
            Self::Record(of) | Self::Latest { of, .. } => RECORD_PARTS.contains(&of) || of.starts_with("entered."),
            Self::Document(of) => DOCUMENT_PARTS.contains(&of),
            Self::Item(_) => true,
        }
    }
}

// === impl Register ===

impl Register {
    /// What each of its columns tells of, in order.
    pub fn told(&self) -> impl Iterator<Item = Told<'_>> {
        self.columns.iter().map(|column| Told::read(self.over, &column.value))
    }

    /// Whether it shows content, which leaves for a purpose and with an entry in the journal.
    pub fn shows_content(&self) -> bool {
        self.told().any(|one| !one.is_part())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_column_tells_of_is_read_from_its_text() {
        let files = |text| Told::read(Over::Files, text);
        let records = |text| Told::read(Over::Records, text);
        let documents = |text| Told::read(Over::Documents, text);
        assert_eq!(files("number"), Told::File("number"));
        assert_eq!(records("file.number"), Told::File("number"));
        assert_eq!(records("stage"), Told::Record("stage"));
        assert_eq!(files("latest(payment.state)"), Told::Latest { kind: "payment", of: "state" });
        assert!(files("class.size").is_part() && records("entered.open").is_part() && records("file.unit").is_part());
        assert!(!records("number").is_part(), "forms have fields of that name");
        assert!(records("record_number").is_part());
        assert_eq!((documents("carrier"), documents("file.number")), (Told::Document("carrier"), Told::File("number")));
        assert!(documents("copy_of").is_part() && !documents("language").is_part() && !records("carrier").is_part());
        assert_eq!((files("item.place"), documents("item.state")), (Told::Item("place"), Told::Item("state")));
        assert!(!files("latest(payment.amount)").is_part() && !files("name").is_part());
    }
}
