//! A whole journal as JSON lines, for whoever wants to verify or keep it without us.
//!
//! The first line names the journal and its public key, then come the entries in order, each checkpoint right behind the
//! last entry it covers, and a last line that counts them. The form is canonical: one journal, one file.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Error;
use prost::Message;
use serde::{Deserialize, Serialize};

use crate::checkpoint::VerifierKey;
use crate::merkle::leaf_hash;
use crate::store;

/// The version of the form.
pub const FORMAT: u32 = 1;

const PAGE: i64 = 500;

/// One line of an exported journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Line {
    /// The first line.
    Journal {
        /// [`FORMAT`].
        format: u32,
        /// The C2SP verifier key; its name is the journal's name.
        key: String,
    },
    /// One entry.
    Entry {
        /// Its number, from 1, without gaps.
        seq: i64,
        /// Its id, as in the body; empty when the body cannot be read.
        id: String,
        /// RFC 6962 leaf hash of the body, hexadecimal.
        leaf_hash: String,
        /// The stored bytes of `dossier.journal.v1.EntryBody`, base64.
        body: String,
    },
    /// A signed checkpoint.
    Checkpoint {
        /// How many entries it covers: those above this line.
        size: i64,
        /// The signed note.
        note: String,
    },
    /// The last line.
    End {
        /// How many entries there are above.
        entries: i64,
        /// How many checkpoints there are above.
        checkpoints: i64,
    },
}

/// Why a journal was not taken away.
#[derive(Debug, thiserror::Error)]
pub enum ExportFault {
    /// The store is at fault.
    #[error(transparent)]
    Store(#[from] Error),
    /// Whatever it was written to takes no more.
    #[error(transparent)]
    Write(#[from] io::Error),
}

// === impl Line ===

impl Line {
    /// The line of an entry, its leaf hash computed from the body.
    pub fn entry(seq: i64, body: &[u8]) -> Self {
        let id = dossier_proto::journal::v1::EntryBody::decode(body).map(|body| body.id).unwrap_or_default();
        Self::Entry { seq, id, leaf_hash: hex::encode(leaf_hash(body)), body: STANDARD.encode(body) }
    }
}

/// Writes the journal of the key's org as one transaction sees it, up to the latest checkpoint.
///
/// # Errors
/// Whatever the store says, and when `out` takes no more.
pub async fn export(tx: &mut Tx, key: &VerifierKey, out: &mut (impl Write + Send)) -> Result<(), ExportFault> {
    let org = key.origin().org();
    write(out, &Line::Journal { format: FORMAT, key: key.to_string() })?;
    let (mut seq, mut checkpoints) = (0, 0);
    loop {
        let notes = store::checkpoint::after(tx, org, seq, PAGE).await?;
        if notes.is_empty() {
            return Ok(write(out, &Line::End { entries: seq, checkpoints })?);
        }
        for (size, note) in notes {
            while seq < size {
                let page = store::entry::after(tx, org, seq, PAGE.min(size - seq)).await?;
                let last = page.last().map(|(last, _)| *last).unwrap_or(size);
                page.into_iter().try_for_each(|(seq, body)| write(out, &Line::entry(seq, &body)))?;
                seq = last;
            }
            write(out, &Line::Checkpoint { size, note })?;
            checkpoints += 1;
        }
    }
}

fn write(out: &mut impl Write, line: &Line) -> io::Result<()> {
    writeln!(out, "{}", serde_json::to_string(line)?)
}
