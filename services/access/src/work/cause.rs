//! On whose behalf something happens: a call, or a rule that no call started.

use dossier_authority::{Base, feed};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::EntryBody;
use dossier_proto::journal::v1::event::Kind;

use super::record::{Asked, Saying, Word, record, record_work};

/// Who does it, when, and how its entries say so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cause<'a> {
    /// The service.
    pub base: &'a Base,
    call: Option<(&'a Call, &'a str)>,
    request_id: &'a str,
    /// The tenant.
    pub org: &'a str,
    /// When, microseconds.
    pub now: i64,
}

// === impl Cause ===

impl<'a> Cause<'a> {
    /// A call of `actor`.
    pub(crate) fn of(base: &'a Base, call: &'a Call, actor: &'a str, request_id: &'a str) -> Self {
        Self { base, call: Some((call, actor)), request_id, org: &call.org, now: call.micros() }
    }

    /// The call in which something is asked.
    pub(crate) fn by(asked: Asked<'a>) -> Self {
        Self::of(asked.base, asked.call, asked.actor, asked.request_id)
    }

    /// A rule, at `now`: the store's time, since no call began it.
    pub(crate) fn rule(base: &'a Base, org: &'a str, now: i64) -> Self {
        Self { base, call: None, request_id: "", org, now }
    }

    /// Journals an effect, in its transaction.
    ///
    /// # Errors
    /// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`; the effect must not be committed then.
    pub(crate) async fn record(
        &self,
        tx: &mut Tx,
        action: &'static str,
        subject: &str,
        words: &[Word<'_>],
        event: Kind,
    ) -> Result<EntryBody> {
        let saying = Saying { action, subject, request_id: self.request_id, words };
        match self.call {
            Some((call, actor)) => record(self.base, tx, call, actor, saying, event).await,
            None => record_work(self.base, tx, self.org, saying, event).await,
        }
    }

    /// As [`record`](Self::record), and applies the very event to the shared tables, as the other services will.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub(crate) async fn publish(
        &self,
        tx: &mut Tx,
        action: &'static str,
        subject: &str,
        words: &[Word<'_>],
        event: Kind,
    ) -> Result<()> {
        let entry = self.record(tx, action, subject, words, event).await?;
        feed::apply(tx, self.base.pack(self.org)?, &entry).await
    }
}
