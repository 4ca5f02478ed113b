//! What an approval is about: read off once, so that nobody else looks at how its subject is spelled.

use dossier_kernel::name;
use uuid::Uuid;

use super::Approval;

/// What an approval is about, and so who follows its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "what it is about has to follow, in the same transaction"]
pub enum About {
    /// A request for a file: it follows in the transaction that moves the approval.
    AccessRequest(Uuid),
    /// An act of the pack: it is done by a call of its own, which uses the approval.
    Act,
    /// Something of another service, or of a person's own: they read the outcome in the journal.
    Elsewhere,
}

// === impl Approval ===

impl Approval {
    /// What it is about. A service asks for what is its own, so a request is only what access asked for itself, or what
    /// somebody claims to be one: the request says which approval decides it.
    pub fn about(&self) -> About {
        let request = || name::id("subject", "accessRequests", &self.subject).ok();
        match (&self.act, self.asker.is_empty()) {
            (Some(_), _) => About::Act,
            (None, true) => request().map_or(About::Elsewhere, About::AccessRequest),
            (None, false) => About::Elsewhere,
        }
    }
}
