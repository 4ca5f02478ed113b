//! The content of a document: where its pieces lie, how they are sealed, and how far one has come in.

use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{PART, name_of};

/// Most bytes of one content: 2 GiB.
pub const MOST: i64 = 1 << 31;
/// Bytes of every piece but the last: what a cut stream loses at most, and what is held in memory of one.
pub const PIECE: usize = 4 << 20;
/// What stands in a name behind that of the document.
const UPLOADS: &str = "uploads";

/// Content that is kept of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its size in bytes.
    pub size: i64,
    /// Its type.
    pub media_type: String,
    /// Where its pieces lie.
    pub place: Place,
    /// Its hash, sealed under the key of the document, as hexadecimal digits.
    pub hash: String,
}

/// Where the pieces of a content lie: under the upload that brought them, each with the turn of the stream that wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The upload.
    pub upload: Uuid,
    /// Of each turn, which piece comes behind its last.
    pub spans: Vec<(i64, u64)>,
}

/// Content on its way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its id, of the caller's choice.
    pub id: Uuid,
    /// The document.
    pub document: Uuid,
    /// The file of the document.
    pub file: Uuid,
    /// Who brings it in: nobody else goes on with it.
    pub person: Uuid,
    /// Size of the whole.
    pub size: i64,
    /// Type of the whole, as it was said.
    pub media_type: String,
    /// How many streams have begun.
    pub turn: i64,
    /// The pieces that are kept.
    pub spans: Vec<(i64, u64)>,
    /// The sealed hash, once all of it was read back.
    pub hash: Option<Vec<u8>>,
    /// When a piece last came.
    pub touched_at: Timestamp,
    /// How often the row changed.
    pub version: i64,
}

/// An upload that has ended: what lies under it and is no content of its document is of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// The upload.
    pub id: Uuid,
    /// The document.
    pub document: Uuid,
    /// The file of the document.
    pub file: Uuid,
    /// When it ended.
    pub ended_at: Timestamp,
    /// How often the row changed.
    pub version: i64,
}

// === impl Place ===

impl Place {
    /// The path of a piece below that of the document, and whether there is such a piece.
    pub fn piece(&self, at: u64) -> Option<String> {
        let turn = self.spans.iter().find(|(_, end)| at < *end).map(|(turn, _)| *turn)?;
        Some(piece(self.upload, at, turn))
    }

    /// The paths of all pieces.
    pub fn pieces(&self) -> impl Iterator<Item = String> {
        let end = self.spans.last().map_or(0, |(_, end)| *end);
        (0..end).filter_map(|at| self.piece(at))
    }
}

// === impl Upload ===

impl Upload {
    /// `files/{uuid}/documents/{uuid}/uploads/{uuid}`.
    pub fn name(&self) -> String {
        format!("{}/{UPLOADS}/{}", name_of(self.file, self.document), self.id)
    }

    /// How many pieces are kept.
    pub fn pieces(&self) -> u64 {
        self.spans.last().map_or(0, |(_, end)| *end)
    }

    /// How many bytes are kept.
    pub fn received(&self) -> i64 {
        bytes(self.pieces()).min(self.size)
    }

    /// Whether all of it is there.
    pub fn is_whole(&self) -> bool {
        self.received() == self.size
    }

    /// Where it lies.
    pub fn place(&self) -> Place {
        Place { upload: self.id, spans: self.spans.clone() }
    }

    /// One more piece of the stream that began last.
    pub fn add_piece(&mut self, now: Timestamp) {
        let end = self.pieces() + 1;
        match self.spans.last_mut() {
            Some((turn, last)) if *turn == self.turn => *last = end,
            _ => self.spans.push((self.turn, end)),
        }
        self.touched_at = now;
    }

    /// Until when it is kept if nothing more comes.
    pub fn expires(&self) -> Timestamp {
        self.touched_at.checked_add(24.hours()).unwrap_or(Timestamp::MAX)
    }

    /// It as one that ends now.
    pub fn ended(&self, now: Timestamp) -> Leftover {
        Leftover { id: self.id, document: self.document, file: self.file, ended_at: now, version: 1 }
    }

    /// Demands that another stream says of the whole what the first said.
    ///
    /// # Errors
    /// A violation of `size_bytes` or `media_type`.
    pub fn require_same(&self, size: i64, media_type: &str) -> Result<()> {
        let other = |field| Error::violation(field, "is not what the upload began with");
        match () {
            () if self.size != size => Err(other("size_bytes")),
            () if self.media_type != media_type => Err(other("media_type")),
            () => Ok(()),
        }
    }

    /// Demands that it can be attached.
    ///
    /// # Errors
    /// `WRONG_STATE`.
    pub fn require_checked(&self) -> Result<&[u8]> {
        self.hash.as_deref().ok_or_else(|| Error::wrong_state(self.name(), "incomplete", &["complete"]))
    }
}

/// The path of a piece below that of the document.
pub fn piece(upload: Uuid, at: u64, turn: i64) -> String {
    format!("{upload}/{at:08}-{turn}")
}

/// How many bytes so many whole pieces hold.
pub fn bytes(pieces: u64) -> i64 {
    i64::try_from(pieces).unwrap_or(i64::MAX).saturating_mul(i64::try_from(PIECE).unwrap_or(i64::MAX))
}

/// In which piece a byte lies, and where in it.
pub fn place_of(offset: i64) -> (u64, usize) {
    let (offset, piece) = (u64::try_from(offset).unwrap_or(0), PIECE as u64);
    (offset / piece, usize::try_from(offset % piece).unwrap_or(0))
}

/// The place at which a piece is sealed: it opens there and nowhere else.
pub fn sealed_at(document: Uuid, upload: Uuid, at: u64) -> String {
    format!("{PART}/{document}/content/{upload}/{at}")
}

/// The place at which the hash of a content is sealed.
pub fn hash_at(document: Uuid, upload: Uuid) -> String {
    format!("{PART}/{document}/content/{upload}/sha256")
}

/// The ids in the name of an upload: the file's, the document's, its own.
///
/// # Errors
/// A violation of `field`.
pub fn ids(field: &str, text: &str) -> Result<(Uuid, Uuid, Uuid)> {
    let form = || Error::violation(field, "must have the form `files/{uuid}/documents/{uuid}/uploads/{uuid}`");
    let (document, upload) = text.rsplit_once(&format!("/{UPLOADS}/")).ok_or_else(form)?;
    let (file, document) = super::ids(field, document).map_err(|_| form())?;
    let upload = name::id(field, UPLOADS, &format!("{UPLOADS}/{upload}")).map_err(|_| form())?;
    Ok((file, document, upload))
}

/// The refusal of content that is not there, or not what came in.
pub fn lost(document: String) -> Error {
    Error::new(Reason::ContentLost).with("resource", document)
}
