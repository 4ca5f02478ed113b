//! The floors: what a bare tonic server does with the same payload on the same store, and nothing else.
//!
//! A ratio against a floor says what Dossier costs on top of transport and store, whatever the machine. The floors are
//! served by a process of their own, so that they and the services are separated from the callers in the same way.
//!
//! | floor | one call is |
//! |---|---|
//! | echo | a unary call; the answer has the size that was asked for |
//! | read | one `SELECT` by key |
//! | write | one transaction of one `UPDATE`; each caller has a row of its own |
//! | hot | one transaction of `UPDATE` and `INSERT`; all callers meet in one row |
//! | file written | the bytes of the request in a file of each caller's own, on the disk when it is answered |
//! | file read | a file of the size that was asked for |

mod client;
mod files;
mod server;
mod store;

pub use client::{Floor, Kind};
pub use files::Files;
pub use server::serve;
pub use store::{APART, Store, prepare};

/// What a caller sends.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Ask {
    /// The key of the row that is read or written.
    #[prost(int64, tag = "1")]
    pub key: i64,
    /// How many bytes the echo answers.
    #[prost(uint32, tag = "2")]
    pub want: u32,
    /// Bytes that make the request as long as the one it is compared with.
    #[prost(bytes = "vec", tag = "3")]
    pub body: Vec<u8>,
}

/// What comes back.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Answer {
    /// As many bytes as the answer it is compared with.
    #[prost(bytes = "vec", tag = "1")]
    pub body: Vec<u8>,
}
