//! Answers that are given again while nothing changed.
//!
//! An answer is a pure function of the store, the question and the moment. It is kept under its question together with
//! the [`Stamp`] of the moment of the store in which it was computed, and the [`Span`] of time in which time alone does
//! not change it. Before it is given again the stamp is read anew, by one statement for all calls that wait: what was
//! committed before a call began is in its answer, on every replica, with or without memory.
//!
//! Refusals are not kept: they are journaled one by one, and computed anew each time. Neither are answers to who does not see
//! the file: their time would tell them when it was changed.
//!
//! # To remember the answers of an rpc
//! 1. See that every store function that writes what the answer rests on touches the stamp of the file, or of the org.
//! 2. Make the [`Question`] of everything that the answer depends on, and [`recall`](Memo::recall) it first.
//! 3. Compute in one reading transaction, read the stamp in it, add each instant at which the answer may change to the
//!    span, and [`keep`](Memo::keep).

mod span;

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dossier_kernel::call::Call;
use dossier_kernel::db::Db;
use dossier_kernel::stamp::{Stamp, Stamps};
use dossier_regime::Pack;
use prost::Message;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use uuid::Uuid;

pub use span::Span;

/// How many generations an answer lives.
const GENERATIONS: u64 = 10;

/// The answers that one service remembers; cheap to clone.
#[derive(Clone, Default)]
pub struct Memo(Option<Arc<Inner>>);

struct Inner {
    service: &'static str,
    kept: Cache<Box<[u8]>, Kept, Weigh>,
    stamps: Stamps,
    generation: AtomicU64,
}

/// Everything that an answer depends on besides store and time: who asks, in which org, and what.
#[derive(Clone, Debug)]
pub struct Question {
    org: Arc<str>,
    file: Uuid,
    key: Box<[u8]>,
}

#[derive(Clone)]
struct Kept {
    stamp: Stamp,
    span: Span,
    weight: u64,
    generation: u64,
    answer: Arc<dyn Any + Send + Sync>,
}

#[derive(Clone)]
struct Weigh;

// === impl Question ===

impl Question {
    /// What `call` asks about `file` with `request`, under the rules of `pack`: another version may answer otherwise.
    pub fn of(call: &Call, pack: &Pack, file: Uuid, request: &impl Message) -> Self {
        let mut key = Vec::with_capacity(128);
        key.extend_from_slice(&pack.version.to_be_bytes());
        // Each part with its length, so that no two questions look alike.
        for part in [&call.org, call.method, &call.subject] {
            key.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            key.extend_from_slice(part.as_bytes());
        }
        key.push(call.service.into());
        key.extend_from_slice(file.as_bytes());
        key.extend_from_slice(&request.encode_to_vec());
        Self { org: call.org.as_str().into(), file, key: key.into() }
    }
}

// Answers that were known, and those that were not.
const HITS: &str = "dossier_memo_hits_total";
const MISSES: &str = "dossier_memo_misses_total";

// === impl Memo ===

impl Memo {
    /// A memory of at most about `bytes` for the answers of `service` from `db`; 0: none. Needs a running tokio runtime.
    pub fn new(service: &'static str, db: &Db, bytes: u64) -> Self {
        if bytes == 0 {
            return Self::default();
        }
        // A guess of the number of answers sizes the tables; the bytes are the bound.
        let guess = usize::try_from(bytes / 1024).unwrap_or(usize::MAX).max(16);
        let kept = Cache::with_weighter(guess, bytes, Weigh);
        for name in [HITS, MISSES] {
            metrics::counter!(name, "service" => service).increment(0);
        }
        Self(Some(Arc::new(Inner { service, kept, stamps: Stamps::start(db), generation: AtomicU64::new(0) })))
    }

    /// The answer to `question` at `now` (microseconds), if it is known and nothing has changed that it rests on.
    pub async fn recall<A: Send + Sync + 'static>(&self, question: &Question, now: i64) -> Option<Arc<A>> {
        let inner = self.0.as_ref()?;
        let kept = inner.kept.get(&*question.key).filter(|kept| kept.span.holds(now));
        let found = match kept {
            Some(kept) => inner.confirm(question, kept).await,
            None => None,
        };
        let name = if found.is_some() { HITS } else { MISSES };
        metrics::counter!(name, "service" => inner.service).increment(1);
        found?.downcast().ok()
    }

    /// Remembers the answer to `question`, of about `bytes`, that was computed at `stamp` and holds within `span`.
    pub fn keep<A: Send + Sync + 'static>(
        &self,
        question: Question,
        stamp: Stamp,
        span: Span,
        bytes: usize,
        answer: Arc<A>,
    ) {
        let Some(inner) = &self.0 else { return };
        let weight = u64::try_from(question.key.len().saturating_add(bytes)).unwrap_or(u64::MAX);
        let generation = inner.generation.load(Ordering::Relaxed);
        inner.kept.insert(question.key, Kept { stamp, span, weight, generation, answer });
    }

    /// Begins a new generation and forgets the answers of the tenth before it. Called every minute, so that of a file that
    /// was destroyed, and is never given again, nothing stays behind for long.
    pub fn advance(&self) {
        if let Some(inner) = &self.0 {
            let now = inner.generation.fetch_add(1, Ordering::Relaxed) + 1;
            inner.kept.retain(|_, kept| kept.generation + GENERATIONS > now);
        }
    }

    /// Whether anything is remembered at all.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }
}

impl std::fmt::Debug for Memo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memo").field("on", &self.is_on()).finish_non_exhaustive()
    }
}

// === impl Inner ===

impl Inner {
    async fn confirm(&self, question: &Question, kept: Kept) -> Option<Arc<dyn Any + Send + Sync>> {
        let present = self.stamps.read(&question.org, question.file).await?;
        if present == kept.stamp {
            return Some(kept.answer);
        }
        // A store that went back, restored or failed over, may give the same number to another state.
        if kept.stamp.is_ahead_of(present) {
            self.kept.clear();
        }
        self.kept.remove(&*question.key);
        None
    }
}

// === impl Weigh ===

impl Weighter<Box<[u8]>, Kept> for Weigh {
    // The tables and the counts of an entry take about 200 bytes beside key and answer.
    fn weight(&self, _: &Box<[u8]>, kept: &Kept) -> u64 {
        kept.weight.saturating_add(200)
    }
}
