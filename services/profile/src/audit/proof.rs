//! One revision, of a file or of what lies in it, beside the entry that made it: when, by whom, and every value bit by bit.
//!
//! The values that a revision wrote open the promises of its entry; the values that it did not write are, byte for byte,
//! those of the revision before. So every value of every revision hangs on the entry that brought it.

use std::collections::BTreeSet;

use dossier_journal::verify::Value;
use dossier_journal::verify::state::{Cause, Findings, time_of};
use dossier_proto::journal::v1::EntryBody;
use dossier_vault::commitment::{Salt, matches};
use uuid::Uuid;

use crate::content::{Content, Seal, reason_at};
use crate::domain::form::path;

/// A revision as its table keeps it.
#[derive(Clone, Copy)]
pub(super) struct Kept<'a> {
    pub(super) at: i64,
    pub(super) author: Uuid,
    pub(super) content: &'a [u8],
    pub(super) reason: Option<&'a [u8]>,
    pub(super) salts: Option<&'a [u8]>,
}

/// It and the entry that must say the same.
pub(super) struct Proof<'a> {
    pub(super) table: &'static str,
    /// The file, or what lies in it.
    pub(super) holder: Uuid,
    pub(super) number: i64,
    pub(super) seq: i64,
    pub(super) entry: &'a EntryBody,
    /// The keys that the entry says were changed.
    pub(super) changed: &'a [String],
    pub(super) now: Kept<'a>,
    /// The revision before.
    pub(super) before: Option<Kept<'a>>,
}

/// How a revision is called in a report.
pub(super) fn called(holder: Uuid, revision: i64) -> String {
    format!("{holder}/{revision}")
}

// === impl Proof ===

impl Proof<'_> {
    /// Notes a field of the row that the entry says otherwise.
    pub(super) fn check(&self, field: &str, found: Value, said: Value, findings: &mut Findings) {
        if found != said {
            let cause = Cause::Field { field: field.to_owned(), found, said, seq: self.seq };
            findings.add(self.table, called(self.holder, self.number), cause);
        }
    }

    /// When it came to be, who made it, and what it changed, of which `changed` is what the row says.
    pub(super) fn made(&self, changed: &[&str], findings: &mut Findings) {
        // A clock that went back turns no revision before the last (P-48).
        let at = self.before.map_or(time_of(self.entry), |before| time_of(self.entry).max(before.at));
        let mut said = self.changed.to_vec();
        said.sort();
        self.check("at", self.now.at.into(), at.into(), findings);
        self.check("author", self.now.author.into(), Value::name(&self.entry.actor), findings);
        self.check("changed", Value::list(changed), Value::list(&said), findings);
    }

    /// The content, if it can be read; what it did not say it changed must be as it was.
    pub(super) fn carried(&self, findings: &mut Findings) -> Option<Content> {
        let read = |kept: Kept<'_>| Content::read(self.table, kept.content).ok();
        let Some(content) = read(self.now) else {
            self.broken("content", findings);
            return None;
        };
        let changed: BTreeSet<_> = self.changed.iter().cloned().collect();
        let foreign = content.differing(&self.before.and_then(read).unwrap_or_default());
        for key in foreign.difference(&changed) {
            self.broken(&path(key), findings);
        }
        Some(content)
    }

    /// Every promise of the entry against the value that the revision holds; `more` gives the values that are no fields of it.
    pub(super) fn promises(
        &self,
        content: &Content,
        seal: &Seal<'_>,
        more: impl Fn(&str) -> Option<String>,
        findings: &mut Findings,
    ) {
        let salts = self.now.salts.and_then(|sealed| seal.salts(self.number, sealed).ok()).unwrap_or_default();
        let value = |at: &str| match at.strip_prefix("fields.") {
            Some(key) => content.text(seal, key).ok().flatten(),
            None if at == "reason" => {
                self.now.reason.and_then(|sealed| seal.open_text(&reason_at(self.number), sealed).ok())
            }
            None => more(at),
        };
        for promise in &self.entry.commitments {
            let at = promise.field.as_str();
            let holds = salts.get(at).and_then(|salt| Salt::of(salt).ok()).zip(value(at));
            if !holds.is_some_and(|(salt, value)| matches(&promise.digest, &salt, at, value.as_bytes())) {
                self.broken(at, findings);
            }
        }
        self.unpromised(findings);
        // What was changed without a promise was emptied.
        for key in self.changed.iter().filter(|key| content.has(key) && !self.promised(&path(key))) {
            self.broken(&path(key), findings);
        }
    }

    /// A reason that no entry knows of.
    pub(super) fn unpromised(&self, findings: &mut Findings) {
        if self.now.reason.is_some() && !self.promised("reason") {
            self.broken("reason", findings);
        }
    }

    fn promised(&self, at: &str) -> bool {
        self.entry.commitments.iter().any(|promise| promise.field == at)
    }

    fn broken(&self, field: &str, findings: &mut Findings) {
        let cause = Cause::Promise { field: field.to_owned(), seq: self.seq };
        findings.add(self.table, called(self.holder, self.number), cause);
    }
}
