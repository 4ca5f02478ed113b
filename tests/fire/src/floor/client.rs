//! Calling a floor.

use std::fmt;

use http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

use super::{Answer, Ask};

/// One of the floors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Kind {
    /// A bare unary call.
    Echo,
    /// One `SELECT` by key.
    Read,
    /// One transaction, each caller its own row.
    Write,
    /// One transaction, all callers the same row.
    Hot,
    /// A file is written.
    FileWritten,
    /// A file is read.
    FileRead,
}

/// A connection to the process that serves the floors; cheap to clone.
#[derive(Clone, Debug)]
pub struct Floor(Channel);

// === impl Kind ===

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Echo, Self::Read, Self::Write, Self::Hot, Self::FileWritten, Self::FileRead];

    /// The path of its calls.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Echo => "/dossier.floor.Floor/Echo",
            Self::Read => "/dossier.floor.Floor/Read",
            Self::Write => "/dossier.floor.Floor/Write",
            Self::Hot => "/dossier.floor.Floor/Hot",
            Self::FileWritten => "/dossier.floor.Floor/FileWritten",
            Self::FileRead => "/dossier.floor.Floor/FileRead",
        }
    }

    pub(super) fn of(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.path() == path)
    }

    /// Its name in figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Read => "bare read",
            Self::Write => "bare write",
            Self::Hot => "naive hot",
            Self::FileWritten => "file written",
            Self::FileRead => "file read",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

// === impl Floor ===

impl Floor {
    /// The floors behind `channel`.
    pub fn new(channel: Channel) -> Self {
        Self(channel)
    }

    /// One call.
    ///
    /// # Errors
    /// The server's refusal.
    pub async fn call(&self, kind: Kind, ask: Ask) -> Result<Answer, Status> {
        let mut grpc = tonic::client::Grpc::new(self.0.clone());
        grpc.ready().await.map_err(|fault| Status::unavailable(fault.to_string()))?;
        let codec = ProstCodec::<Ask, Answer>::default();
        let path = PathAndQuery::from_static(kind.path());
        Ok(grpc.unary(Request::new(ask), path, codec).await?.into_inner())
    }
}
