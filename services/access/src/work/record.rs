//! Journal entries of this service, with the words that they promise (I9, A-42).

use dossier_authority::Base;
use dossier_authority::Effect;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::EntryBody;
use dossier_proto::journal::v1::event::Kind;

pub(crate) use dossier_authority::promise::Word;

/// In which call something is asked or done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// The service.
    pub base: &'a Base,
    /// The call.
    pub call: &'a Call,
    /// Actor of the journal entry.
    pub actor: &'a str,
    /// The call's `request_id`.
    pub request_id: &'a str,
    /// The call's `reason`; empty where it is kept with the subject.
    pub reason: &'a str,
}

/// What an entry says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Saying<'a> {
    /// Lower case with a dot, such as `person.created`.
    pub action: &'static str,
    /// The resource name.
    pub subject: &'a str,
    /// The call's `request_id`.
    pub request_id: &'a str,
    /// What it promises; empty texts are left out.
    pub words: &'a [Word<'a>],
}

// === impl Saying ===

impl<'a> Saying<'a> {
    fn effect(self, event: Kind) -> Effect<'a> {
        let Self { action, subject, request_id, words } = self;
        Effect { action, subject, event, request_id, words, commitments: Vec::new() }
    }
}

/// Journals the effect of a call, in its transaction.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`; the effect must not be committed then.
pub(crate) async fn record(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    actor: &str,
    saying: Saying<'_>,
    event: Kind,
) -> Result<EntryBody> {
    base.record(tx, call, actor, saying.effect(event)).await
}

/// Journals work that no call started, in its transaction.
///
/// # Errors
/// As [`record`].
pub(crate) async fn record_work(
    base: &Base,
    tx: &mut Tx,
    org: &str,
    saying: Saying<'_>,
    event: Kind,
) -> Result<EntryBody> {
    base.record_work(tx, org, saying.effect(event)).await
}
