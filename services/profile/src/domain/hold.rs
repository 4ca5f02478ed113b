//! Holds: that nothing of a file is removed, from one record on and up to another (C-06).
//!
//! What a file is held for stands in the record that placed the hold, under the seal of the file; here stands that it is held. A hold
//! keeps nobody from reading the file, or from closing it.

use dossier_kernel::{name, states};
use jiff::Timestamp;
use uuid::Uuid;

use super::record::{self, Record};

/// What stands in a name behind that of the file.
pub const PART: &str = "holds";

states! {
    /// Where the life of a hold stands.
    pub enum State {
        /// It holds.
        Open = "open",
        /// A record released it; final.
        Released = "released",
    }
}

/// One hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: Uuid,
    /// The file that is held.
    pub file: Uuid,
    /// The record that placed it.
    pub record: Uuid,
    /// The kind of that record in the pack.
    pub kind: String,
    /// Who placed it.
    pub placer: Uuid,
    /// When.
    pub placed_at: Timestamp,
    /// Who released it; `None`: it holds.
    pub releaser: Option<Uuid>,
    /// When.
    pub released_at: Option<Timestamp>,
    /// The record that released it.
    pub releasing: Option<Uuid>,
    /// Its newest revision, from 1.
    pub version: i64,
}

/// Which holds of a file a record releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed<'a> {
    /// Those that it placed itself, or the record that it belongs to.
    Near(Uuid, Option<Uuid>),
    /// Those that records of this kind placed.
    ByKind(&'a str),
}

// === impl Hold ===

impl Hold {
    /// One that `record` places.
    pub fn placed(id: Uuid, record: &Record, placer: Uuid, now: Timestamp) -> Self {
        Self {
            id,
            file: record.file,
            record: record.id,
            kind: record.kind.clone(),
            placer,
            placed_at: now,
            releaser: None,
            released_at: None,
            releasing: None,
            version: 1,
        }
    }

    /// As it is once `record` has released it.
    #[must_use]
    pub fn released(self, record: &Record, releaser: Uuid, now: Timestamp) -> Self {
        // A clock that went back ends nothing before it began.
        let at = now.max(self.placed_at);
        Self { releaser: Some(releaser), released_at: Some(at), releasing: Some(record.id), ..self }
    }

    /// Where its life stands.
    pub const fn state(&self) -> State {
        if self.released_at.is_none() { State::Open } else { State::Released }
    }

    /// `files/{uuid}/holds/{uuid}`.
    pub fn name(&self) -> String {
        name_of(self.file, self.id)
    }

    /// The name of the record that placed it.
    pub fn record_name(&self) -> String {
        name::below("files", self.file, record::PART, self.record)
    }

    /// The name of the record that released it; empty: it holds.
    pub fn releasing_name(&self) -> String {
        self.releasing.map(|record| name::below("files", self.file, record::PART, record)).unwrap_or_default()
    }
}

/// `files/{uuid}/holds/{uuid}`.
pub fn name_of(file: Uuid, id: Uuid) -> String {
    name::below("files", file, PART, id)
}
