//! Which tables grow with an organisation, and which statements may read one whole.

use std::collections::{BTreeMap, BTreeSet};

use super::shown;
use crate::ground::Result;
use crate::statements::Statement;
use crate::statements::source::migrations;

/// Tables that stay small however many files an organisation keeps: its people, its rules, and what a service knows of
/// itself and of the others. A table is taken to grow until it stands here.
const STEADY: [&str; 15] = [
    "appointment",
    "delegation",
    "journal_cursor",
    "journal_doubt",
    "journal_era",
    "journal_head",
    "key_anchor",
    "lease",
    "level_rule",
    "number_series",
    "post_rule",
    "principal",
    "rule_load",
    "score_model",
    "stamp",
];

/// Columns whose values very many rows of an organisation share: what is looked up by them alone is as good as all.
pub const BROAD: [&str; 11] =
    ["axis", "customer_type", "kind", "label", "level", "org", "stage", "state", "template", "unit", "unit_kind"];

/// Statements that read a table whole because that is what they are for: where their source lies, a part of their text, and why.
/// None of them answers a page or a single read.
pub const WHOLE: [(&str, &str, &str); 25] = [
    ("services/dossier/", "", VERIFIER),
    ("/audit.rs", "", VERIFIER),
    ("services/profile/src/store/record", "IS NULL OR id > $2", VERIFIER),
    ("services/profile/src/store/document", "IS NULL OR id > $2", VERIFIER),
    ("services/profile/src/store/item", "IS NULL OR id > $2", VERIFIER),
    ("services/profile/src/store/place", "IS NULL OR id > $2", VERIFIER),
    ("services/profile/src/store/place", "p.taken <>", VERIFIER),
    ("services/profile/src/store/hold", "IS NULL OR id > $2", VERIFIER),
    ("services/profile/src/store/volume", "IS NULL OR ", VERIFIER),
    ("services/profile/src/store/disposal.rs", "IS NULL OR id > $2", VERIFIER),
    ("services/profile/src/store/disposal.rs", "disposal_answer WHERE org = $1 AND service", COPY),
    ("services/profile/src/store/disposal/erase.rs", "FROM tombstone t", ERASED),
    ("services/profile/src/store/transfer", "IS NULL OR ", VERIFIER),
    ("services/profile/src/store/record.rs", "LEFT JOIN record r ON", VERIFIER),
    ("services/authority/src/promise/check.rs", "", VERIFIER),
    ("services/journal/src/store/node.rs", "COUNT(*)", VERIFIER),
    (
        "services/authority/src/store/number.rs",
        "",
        "what numbers were given is asked of every copy when a store is recovered",
    ),
    ("services/authority/src/rebuild.rs", "", COPY),
    ("services/vault/src/store.rs", "FROM tombstone t", ERASED),
    ("services/vault/src/store.rs", "root <> $2", "a new root key wraps every key of a file anew, once"),
    ("services/access/src/store/note.rs", "LENGTH(n.salt)", EARLIER),
    ("services/credit/src/store/note.rs", "LENGTH(n.salt)", EARLIER),
    (
        "services/access/src/store/grant.rs",
        "AND NOT EXISTS",
        "a job looks for rights whose holders lost their clearance",
    ),
    ("services/journal/src/begun.rs", "LIMIT 1", ENDS),
    ("services/journal/src/store/checkpoint.rs", "DESC LIMIT 1", ENDS),
];
const VERIFIER: &str = "the verifier lays every row beside the journal";
const COPY: &str = "a copy that is made anew is laid beside the one before";
const ERASED: &str = "at its start a service lays what was erased beside the list of it";
const EARLIER: &str = "what an earlier version kept in clear is taken out, once";
const ENDS: &str = "reads the first row of an index, or the last";

/// A list of files walks one index, and its text says behind which file: what the sources give without that is never run.
const WALKED: (&str, [&str; 2]) = ("services/profile/src/store/customer_file/list.rs", ["id < $", "file < $"]);

/// The tables that grow, as the migrations make them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Growing {
    /// Each table with the words of its declaration, its columns among them.
    pub tables: BTreeMap<String, BTreeSet<String>>,
    /// Indexes that hold only what is still to be done, or is otherwise apart: reading one whole reads no table.
    pub partial: BTreeSet<String>,
}

/// Whether a statement is run as it stands: a condition that is never asked alone gives one that is not.
pub fn is_run(one: &Statement) -> bool {
    one.file != WALKED.0 || WALKED.1.iter().any(|behind| shown(&one.text).contains(behind))
}

/// Why a statement may read a table whole; `None`: it may not.
pub fn excepted(one: &Statement) -> Option<&'static str> {
    let text = shown(&one.text);
    WHOLE.iter().find(|(file, part, _)| one.file.contains(file) && text.contains(part)).map(|(.., why)| *why)
}

// === impl Growing ===

impl Growing {
    /// Those of all services.
    ///
    /// # Errors
    /// When the migrations cannot be read.
    pub fn read() -> Result<Self> {
        let mut growing = Self::default();
        for (_, text) in migrations()? {
            let plain: Vec<_> = text.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
            plain.join("\n").split(';').for_each(|statement| growing.note(statement));
        }
        Ok(growing)
    }

    fn note(&mut self, statement: &str) {
        let all: Vec<_> = statement.split(|sign: char| !sign.is_alphanumeric() && sign != '_').collect();
        let all: Vec<&str> = all.into_iter().filter(|word| !word.is_empty()).collect();
        match all.as_slice() {
            ["CREATE" | "ALTER", "TABLE", name, rest @ ..] if !STEADY.contains(name) => {
                let known = self.tables.entry((*name).to_owned()).or_default();
                known.extend(rest.iter().map(|word| (*word).to_owned()));
            }
            ["CREATE", "UNIQUE", "INDEX", name, rest @ ..] | ["CREATE", "INDEX", name, rest @ ..]
                if rest.contains(&"WHERE") =>
            {
                self.partial.insert((*name).to_owned());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_partial_indexes_are_read_out_of_the_migrations() {
        let growing = Growing::read().unwrap();
        assert!(growing.tables["record"].contains("pending"), "a column that came later");
        assert!(!growing.tables.contains_key("principal"));
        assert!(growing.partial.contains("record_waiting") && !growing.partial.contains("record_kind"));
        let made: BTreeSet<_> = migrations().unwrap().into_iter().map(|(_, text)| text).collect();
        let gone = STEADY.iter().filter(|name| !made.iter().any(|text| text.contains(&format!("TABLE {name} "))));
        assert_eq!(gone.collect::<Vec<_>>(), Vec::<&&str>::new(), "what is called steady is there");
    }
}
