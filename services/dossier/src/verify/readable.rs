//! An exported journal for people: what the entries say, instead of their bytes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dossier_journal::export::Line;
use serde_json::json;

use crate::Failure;
use crate::client::shown;

/// Hands on the lines of an export, with each entry decoded.
pub(super) struct Readable<W> {
    out: W,
    line: Vec<u8>,
}

// === impl Readable ===

impl<W: Write> Readable<W> {
    /// Writes to `out`.
    pub(super) fn new(out: W) -> Self {
        Self { out, line: Vec::new() }
    }
}

impl<W: Write> Write for Readable<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.out.write_all(&decoded(&line).unwrap_or(line))?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Writes what an export says into another file.
///
/// # Errors
/// When one of the files cannot be used.
pub(super) fn copy(export: &Path, into: &Path) -> Result<(), Failure> {
    let lines = BufReader::new(File::open(export).map_err(|fault| Failure::file(export, &fault))?);
    let told = |fault: io::Error| Failure::file(into, &fault);
    let mut out = Readable::new(BufWriter::new(File::create(into).map_err(told)?));
    for line in lines.lines() {
        let line = line.map_err(|fault| Failure::file(export, &fault))?;
        writeln!(out, "{line}").map_err(told)?;
    }
    out.flush().map_err(told)
}

// None for a line that is no entry, and for an entry whose bytes say nothing: they stay as they are.
fn decoded(line: &[u8]) -> Option<Vec<u8>> {
    let Line::Entry { seq, leaf_hash, body, .. } = serde_json::from_slice(line).ok()? else { return None };
    let body = shown::document(&shown::body(&STANDARD.decode(body).ok()?)?).ok()?;
    let line = json!({ "kind": "entry", "seq": seq, "leaf_hash": leaf_hash, "body": body });
    Some(format!("{line}\n").into_bytes())
}
