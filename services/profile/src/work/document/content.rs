//! Pieces of content on their way in and out: sealed one by one, read back before anybody relies on them.

use dossier_kernel::error::{Error, Result};
use dossier_kernel::fault;
use dossier_kernel::objects::Objects;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::content::Seal;
use crate::domain::document::content::{
    Kept, Leftover, PIECE, Place, Upload, bytes, hash_at, lost, piece, place_of, sealed_at,
};
use crate::domain::document::{media, name_of};

/// The content of one document in the store of contents.
#[derive(Clone, Debug)]
pub struct Pieces<'a> {
    /// The store.
    pub objects: &'a Objects,
    /// The org.
    pub org: &'a str,
    /// The file.
    pub file: Uuid,
    /// The document.
    pub document: Uuid,
    /// The seal of the document.
    pub seal: &'a Seal<'a>,
}

// === impl Pieces ===

impl Pieces<'_> {
    fn folder(&self) -> String {
        format!("{}/{}/{}", self.org, self.file, self.document)
    }

    /// Keeps the next piece of an upload, written by the stream that began last.
    ///
    /// # Errors
    /// `CONFLICT_RETRY`, `CONTENT_UNAVAILABLE`.
    pub async fn keep(&self, upload: &Upload, bytes: &[u8]) -> Result<()> {
        let at = upload.pieces();
        let sealed = self.seal.close(&sealed_at(self.document, upload.id, at), bytes)?;
        let path = format!("{}/{}", self.folder(), piece(upload.id, at, upload.turn));
        self.objects.put(&path, sealed).await
    }

    /// A piece of what lies in `place`, in clear.
    ///
    /// # Errors
    /// `CONTENT_LOST` when it is not there or does not open, `CONTENT_UNAVAILABLE`.
    pub async fn piece(&self, place: &Place, at: u64) -> Result<Zeroizing<Vec<u8>>> {
        let lost = || lost(name_of(self.file, self.document));
        let path = place.piece(at).ok_or_else(lost)?;
        let sealed = self.objects.get(&format!("{}/{path}", self.folder())).await?.ok_or_else(lost)?;
        self.seal.open(&sealed_at(self.document, place.upload, at), &sealed).map_err(|_| lost())
    }

    /// What a content has from `offset` to the end of the piece that this byte lies in, in clear.
    ///
    /// # Errors
    /// As [`piece`](Self::piece); `CONTENT_LOST` when the piece is shorter than it must be.
    pub async fn from(&self, kept: &Kept, offset: i64) -> Result<Zeroizing<Vec<u8>>> {
        let (at, from) = place_of(offset);
        let mut piece = self.piece(&kept.place, at).await?;
        let end = from + rest(kept.size, at).saturating_sub(from).min(PIECE - from);
        if piece.len() < end {
            return Err(lost(name_of(self.file, self.document)));
        }
        piece.truncate(end);
        piece.drain(..from);
        Ok(piece)
    }

    /// Reads all of a content of `size` bytes and gives its hash as hexadecimal digits; `look` is shown its beginning.
    ///
    /// # Errors
    /// `CONTENT_LOST` when pieces are missing, do not open or have another size; whatever `look` says.
    pub async fn hash(&self, place: &Place, size: i64, look: impl FnOnce(&[u8]) -> Result<()>) -> Result<String> {
        let (mut hash, mut read, mut look) = (Sha256::new(), 0, Some(look));
        for at in 0.. {
            if bytes(at) >= size {
                break;
            }
            let piece = match self.piece(place, at).await {
                Err(_) if fault::weakened("read_back") => Zeroizing::new(vec![0; PIECE.min(rest(size, at))]),
                found => found?,
            };
            if let Some(look) = look.take().filter(|_| !fault::weakened("read_back")) {
                look(&piece[..piece.len().min(media::HEAD)])?;
            }
            read += i64::try_from(piece.len()).unwrap_or(i64::MAX);
            hash.update(&piece[..]);
            // The digest of 4 MiB takes milliseconds: others have their turn in between.
            tokio::task::yield_now().await;
        }
        if read == size { Ok(hex::encode(hash.finalize())) } else { Err(lost(name_of(self.file, self.document))) }
    }

    /// Seals the hash of a content.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn seal_hash(&self, upload: Uuid, hash: &str) -> Result<Vec<u8>> {
        self.seal.close(&hash_at(self.document, upload), hash.as_bytes())
    }

    /// Removes everything that lies under an upload, but for the pieces of `kept`, where that is what the upload brought.
    ///
    /// # Errors
    /// `CONTENT_UNAVAILABLE`.
    pub async fn clear(objects: &Objects, org: &str, left: &Leftover, kept: Option<&Place>) -> Result<()> {
        let folder = format!("{org}/{}/{}", left.file, left.document);
        let kept = kept.filter(|place| place.upload == left.id);
        let stays: Vec<_> = kept.into_iter().flat_map(Place::pieces).map(|path| format!("{folder}/{path}")).collect();
        objects.clear(&format!("{folder}/{}", left.id), &stays).await
    }
}

/// Bytes of a stream on their way to whole pieces.
#[derive(Debug, Default)]
pub struct Gathered(Zeroizing<Vec<u8>>);

// === impl Gathered ===

impl Gathered {
    /// Takes as many bytes as make a piece whole, and gives the rest.
    pub fn take<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        if self.0.capacity() == 0 {
            // Its full room at once: growing would leave copies behind.
            self.0.reserve_exact(PIECE);
        }
        let (mine, rest) = bytes.split_at(bytes.len().min(PIECE - self.0.len()));
        self.0.extend_from_slice(mine);
        rest
    }

    /// Whether a piece is whole.
    pub fn is_whole(&self) -> bool {
        self.0.len() == PIECE
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The piece.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Begins the next piece.
    pub fn clear(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0[..]);
        self.0.clear();
    }
}

fn rest(size: i64, at: u64) -> usize {
    usize::try_from(size.saturating_sub(bytes(at))).unwrap_or(usize::MAX)
}

/// The hash of what is kept of a document, as hexadecimal digits.
///
/// # Errors
/// `SEAL_BROKEN`.
pub fn hash_of(document: Uuid, kept: &Kept, seal: &Seal<'_>) -> Result<String> {
    let sealed = hex::decode(&kept.hash).unwrap_or_default();
    seal.open_text(&hash_at(document, kept.place.upload), &sealed)
}

/// Demands that no more comes than was said.
///
/// # Errors
/// A violation of `data`.
pub fn require_room(upload: &Upload, gathered: &Gathered, more: usize) -> Result<()> {
    let coming = i64::try_from(gathered.len() + more).unwrap_or(i64::MAX);
    match upload.received().saturating_add(coming) <= upload.size {
        true => Ok(()),
        false => Err(Error::violation("data", "goes beyond the size that was said")),
    }
}
