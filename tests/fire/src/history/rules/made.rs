//! Hand-made histories and stores for the tests of the rules.

use dossier_proto::journal::v1::EntryBody;
use prost::Message;
use uuid::Uuid;

use crate::ground::Service;
use crate::history::facts::{Entry, Journal};
use crate::history::{Attempt, Call, Facts, Outcome, Reply, tree};

/// A uuid by number.
pub(super) fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// An acknowledged call by sales-1 of profile; each call to this has a trace of its own.
pub(in crate::history) fn attempt(call: Call) -> Attempt {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    acknowledged(call, Reply::default()).with_trace(uuid(NEXT.fetch_add(1, Ordering::Relaxed).into()))
}

impl Attempt {
    fn with_trace(self, trace: Uuid) -> Self {
        Self { trace, request: Some(trace), ..self }
    }
}

/// The same call whenever it is made: request 1, answered with `reply`.
pub(super) fn acknowledged(call: Call, reply: Reply) -> Attempt {
    Attempt {
        trace: uuid(1),
        request: Some(uuid(1)),
        service: Service::Profile,
        who: "sales-1",
        call,
        other_body: false,
        begin: 0,
        end: 1,
        outcome: Outcome::Done(reply),
    }
}

/// The same at another time.
pub(in crate::history) fn timed(attempt: Attempt, begin: u64, end: u64) -> Attempt {
    Attempt { begin, end, ..attempt }
}

/// The same, refused.
pub(super) fn refused(attempt: Attempt) -> Attempt {
    Attempt { outcome: Outcome::Refused("WRONG_STATE".into()), ..attempt }
}

/// The body of an entry about an attempt.
pub(super) fn entry(attempt: &Attempt, action: &str) -> EntryBody {
    EntryBody {
        action: action.into(),
        subject: "files/1".into(),
        request_id: attempt.request.map(|id| id.to_string()).unwrap_or_default(),
        trace_id: attempt.trace.simple().to_string(),
        ..EntryBody::default()
    }
}

/// A whole journal of these bodies.
pub(super) fn journal_of(bodies: &[EntryBody]) -> Journal {
    let entry = |(body, seq): (&EntryBody, i64)| {
        let bytes = body.encode_to_vec();
        Entry { seq, body: body.clone(), leaf: tree::leaf(&bytes).to_vec(), bytes }
    };
    let entries: Vec<_> = bodies.iter().zip(1..).map(entry).collect();
    let leaves: Vec<_> = entries.iter().map(|entry| tree::leaf(&entry.bytes)).collect();
    let size = i64::try_from(entries.len()).unwrap();
    let head = (size > 0).then(|| (size, tree::root(&leaves).to_vec(), size));
    Journal { entries, waiting: 0, head }
}

/// Stores with one journal.
pub(super) fn facts_with(service: Service, journal: Journal) -> Facts {
    Facts { journals: [(service, journal)].into(), ..Facts::default() }
}
