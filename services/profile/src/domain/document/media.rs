//! Types of content: which are taken, and whether content is of the type that was said of it.

use dossier_kernel::error::{Error, Reason, Result, one_of};
use dossier_regime::{DocumentKind, MEDIA_TYPES};

/// How many bytes from the beginning are looked at.
pub const HEAD: usize = 64 << 10;

/// How content of a type is known.
#[derive(Clone, Copy, Debug)]
enum Sign {
    /// By the marks that such files begin with.
    Marks,
    /// It is a zip archive that has a part of this name among its first.
    Zip(&'static str),
    /// It is text: UTF-8 without characters that no text has.
    Text,
}

// How content of a type that is taken is known.
fn sign(media_type: &str) -> Option<Sign> {
    let known = MEDIA_TYPES.contains(&media_type);
    known.then_some(match media_type {
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => Sign::Zip("word/"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Sign::Zip("xl/"),
        "application/ofd" => Sign::Zip("OFD.xml"),
        "text/plain" | "text/csv" | "application/xml" => Sign::Text,
        _ => Sign::Marks,
    })
}

/// Demands that documents of `kind` may have content of this type.
///
/// # Errors
/// A violation of `media_type`.
pub fn require(kind: Option<&DocumentKind>, media_type: &str) -> Result<()> {
    let taken = |one: &str| kind.is_none_or(|kind| kind.types.is_empty() || kind.types.iter().any(|it| it == one));
    let known: Vec<_> = MEDIA_TYPES.into_iter().filter(|one| taken(one)).collect();
    match known.contains(&media_type) {
        true => Ok(()),
        false => Err(Error::violation("media_type", one_of(known))),
    }
}

/// Demands that content with this beginning is of the type that was said of it.
///
/// # Errors
/// `CONTENT_MISMATCH`.
pub fn require_found(resource: &str, media_type: &str, head: &[u8]) -> Result<()> {
    let found = match sign(media_type) {
        None => false,
        Some(Sign::Marks) => infer::get(head).is_some_and(|found| found.mime_type() == media_type),
        Some(Sign::Zip(part)) => head.starts_with(b"PK\x03\x04") && has(head, part.as_bytes()),
        Some(Sign::Text) => {
            is_text(head) && infer::get(head).is_none_or(|found| found.mime_type().starts_with("text/"))
        }
    };
    if found {
        return Ok(());
    }
    Err(Error::new(Reason::ContentMismatch).with("resource", resource).with("media_type", media_type))
}

fn has(head: &[u8], part: &[u8]) -> bool {
    head.windows(part.len()).any(|window| window == part)
}

// What is cut off in the middle of a letter is none the less text.
fn is_text(head: &[u8]) -> bool {
    let whole = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(fault) => fault.error_len().is_none(),
    };
    whole && !head.iter().any(|byte| *byte < b' ' && !b"\t\n\r\x0c".contains(byte))
}
