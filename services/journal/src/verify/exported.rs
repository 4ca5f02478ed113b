//! Verifies an exported journal, line by line, in memory that does not grow with it.

use std::io::{self, BufRead};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::audit::Audit;
use super::{Cause, Fault, Place, Report, Trust};
use crate::checkpoint::VerifierKey;
use crate::export::{FORMAT, Line};
use crate::merkle::empty_root;

/// Verifies the journal that [`export`](crate::export::export) wrote.
///
/// # Errors
/// Only when `lines` cannot be read; everything that is wrong with what was read is in the report.
pub fn export(mut lines: impl BufRead, trust: &Trust) -> io::Result<Report> {
    let header = next_line(&mut lines)?.and_then(|line| parse(&line)).and_then(key_of);
    let strange =
        |named: &VerifierKey| trust.key.as_ref().is_some_and(|key| key != named) && !trust.also.contains(named);
    let foreign = header.as_ref().is_some_and(strange);
    let Some(key) = trust.key.clone().or_else(|| header.clone()) else { return Ok(illegible()) };
    let mut walk = Walk { audit: Audit::new(key, trust), line: 1, ended: false };
    if header.is_none() {
        walk.fault(Cause::Malformed);
    } else if foreign {
        walk.fault(Cause::ForeignKey);
    }
    while let Some(line) = next_line(&mut lines)? {
        walk.step(&line);
    }
    if !walk.ended {
        walk.audit.fault(Place::seq(walk.audit.expected()), Cause::End);
    }
    Ok(walk.audit.finish())
}

struct Walk {
    audit: Audit,
    line: u64,
    ended: bool,
}

// === impl Walk ===

impl Walk {
    fn step(&mut self, bytes: &[u8]) {
        self.line += 1;
        let Some(line) = parse(bytes).filter(|_| !self.ended) else { return self.malformed() };
        match line {
            Line::Journal { .. } => self.malformed(),
            Line::Entry { seq, id, leaf_hash, body } => self.entry(seq, &id, &leaf_hash, &body),
            Line::Checkpoint { size, note } => {
                let place = Place::seq(self.audit.expected() - 1).at_line(self.line);
                self.audit.checkpoint(&place, size, &note);
            }
            Line::End { entries, checkpoints } => {
                self.ended = true;
                let (found, notes) = self.audit.counted();
                if u64::try_from(entries) != Ok(found) || u64::try_from(checkpoints) != Ok(notes) {
                    self.fault(Cause::End);
                }
            }
        }
    }

    fn entry(&mut self, seq: i64, id: &str, leaf: &str, body: &str) {
        let place = Place::entry(seq, id).at_line(self.line);
        match (STANDARD.decode(body), hex::decode(leaf)) {
            // One value has one spelling: capital hexadecimal digits would be a second one.
            (Ok(body), Ok(bytes)) if hex::encode(&bytes) == leaf => {
                self.audit.entry(&place, seq, id, &body, &bytes);
            }
            _ => self.audit.unreadable(place, Cause::Malformed),
        }
    }

    fn malformed(&mut self) {
        let place = Place::seq(self.audit.expected()).at_line(self.line);
        self.audit.unreadable(place, Cause::Malformed);
    }

    fn fault(&mut self, cause: Cause) {
        self.audit.fault(Place::default().at_line(self.line), cause);
    }
}

/// The next line without its end; an end that is missing makes a line that cannot be parsed.
fn next_line(lines: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    if lines.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        line.clear();
    }
    Ok(Some(line))
}

/// A line in the one spelling that the export writes.
fn parse(bytes: &[u8]) -> Option<Line> {
    let line: Line = serde_json::from_slice(bytes).ok()?;
    (serde_json::to_vec(&line).ok()? == bytes).then_some(line)
}

fn key_of(line: Line) -> Option<VerifierKey> {
    match line {
        Line::Journal { format: FORMAT, key } => key.parse().ok(),
        _ => None,
    }
}

fn illegible() -> Report {
    let fault = Fault { place: Place::default().at_line(1), cause: Cause::Malformed };
    Report { origin: String::new(), entries: 0, checkpoints: 0, root: empty_root(), faults: vec![fault] }
}
