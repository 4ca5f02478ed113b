//! One file as its parts come: what is said of it is held, contents are kept piece by piece before the file is.

use std::sync::Arc;

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::objects::Objects;
use dossier_kernel::transact;
use dossier_proto::profile::v1 as wire;
use dossier_vault::vault::Drawn;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::content::Seal;
use crate::domain::document::content::{Upload, lost};
use crate::domain::document::{media, name_of};
use crate::domain::transfer::Batch;
use crate::domain::transfer::parcel::{Came, Parcel};
use crate::store::document::upload as store;
use crate::work::customer_file::session::Session;
use crate::work::document::content::{Gathered, Pieces, require_room};
use crate::work::transfer::documents::{Held, require_content};
use crate::work::transfer::{known, own_key};

/// A file that is coming.
pub struct Receiving {
    parcel: Parcel,
    key: String,
    drawn: Drawn,
    held: Vec<Held>,
    // The file that its key stands for already: nothing of it is kept again.
    known: Option<Uuid>,
    // Why it is refused: the rest of it is read and dropped.
    refused: Option<Error>,
    validate_only: bool,
    gathered: Gathered,
    hash: Sha256,
}

/// Whether more is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It has not ended.
    More,
    /// All of it is there.
    Whole,
}

// === impl Receiving ===

impl Receiving {
    /// A file that begins with `part`.
    ///
    /// # Errors
    /// A violation of `part` when it is no beginning.
    pub async fn begin(
        session: &Session<'_>,
        tx: &mut Tx,
        batch: &Batch,
        (part, validate_only): (wire::TransferPart, bool),
    ) -> Result<Self> {
        let parcel = Parcel::begin(part)?;
        let file = session.base.providers.ids.uuid();
        let drawn = session.base.vault.draw_key(&session.call.org, file)?;
        let (key, mut refused) = match own_key(&parcel) {
            Ok(key) => (key, None),
            Err(fault) => (String::new(), Some(fault)),
        };
        let known = known(session, tx, batch, &key).await?.map(|known| known.file);
        if known.is_none() && refused.is_none() {
            // What is here already takes no room: a full batch that is brought again is answered as before.
            refused = batch.require_room().err();
        }
        let (held, gathered, hash) = (Vec::new(), Gathered::default(), Sha256::new());
        Ok(Self { parcel, key, drawn, held, known, refused, validate_only, gathered, hash })
    }

    /// The key that it came with.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Its parts.
    pub fn parcel(&self) -> &Parcel {
        &self.parcel
    }

    /// Its id and key here.
    pub fn drawn(&self) -> &Drawn {
        &self.drawn
    }

    /// What is kept of its documents.
    pub fn held(&self) -> &[Held] {
        &self.held
    }

    /// The file that its key stands for already.
    pub fn known(&self) -> Option<Uuid> {
        self.known
    }

    /// Why it was refused while it came.
    pub fn refused(&mut self) -> Option<Error> {
        self.refused.take()
    }

    /// Takes the next part.
    ///
    /// # Errors
    /// A violation of `part`: the order is lost; `CONTENT_UNAVAILABLE`, `STORE_UNAVAILABLE`.
    pub async fn add(
        &mut self,
        base: &Base,
        contents: &Objects,
        call: &Call,
        part: wire::TransferPart,
    ) -> Result<Step> {
        let documents = self.parcel.documents.len();
        let content = matches!(part.part, Some(wire::transfer_part::Part::Content(_)));
        let ends = !content && !matches!(part.part, Some(wire::transfer_part::Part::Version(_)));
        if ends && self.goes_on() {
            let ended = self.end_content(base, contents, call).await;
            self.settle(ended)?;
        }
        let came = self.parcel.add(part)?;
        if self.parcel.documents.len() > documents {
            let seal = Seal::new(&base.vault, &call.org, self.drawn.file, Arc::clone(&self.drawn.key));
            self.held.push(Held::begin(&*base.providers.ids, &seal)?);
        }
        match came {
            Came::Kept => Ok(Step::More),
            Came::Whole => Ok(Step::Whole),
            Came::Content(data) if self.goes_on() => {
                let kept = self.content(base, contents, call, data).await;
                self.settle(kept).map(|()| Step::More)
            }
            Came::Content(_) => Ok(Step::More),
        }
    }

    // Whether anything of it will be kept.
    fn goes_on(&self) -> bool {
        self.known.is_none() && self.refused.is_none()
    }

    // What is at fault in the content refuses the file; what the store lacks ends the stream.
    fn settle(&mut self, kept: Result<()>) -> Result<()> {
        match kept {
            Err(fault) if matches!(fault.reason(), Reason::FieldViolation | Reason::ContentMismatch) => {
                let at = self.parcel.documents.len().saturating_sub(1);
                self.refused = Some(fault.under(&format!("documents.{at}")));
                Ok(())
            }
            kept => kept,
        }
    }

    async fn content(&mut self, base: &Base, contents: &Objects, call: &Call, data: Vec<u8>) -> Result<()> {
        if self.upload().is_none() {
            self.begin_content(base, call).await?;
        }
        let Some(upload) = self.upload() else { return Ok(()) };
        require_room(upload, &self.gathered, data.len())?;
        self.hash.update(&data);
        let mut rest = data.as_slice();
        while !rest.is_empty() {
            rest = self.gathered.take(rest);
            if self.gathered.is_whole() {
                self.keep(base, contents, call).await?;
            }
        }
        Ok(())
    }

    // Of the last document, once some of its content has come.
    fn upload(&self) -> Option<&Upload> {
        self.held.last()?.upload.as_ref()
    }

    async fn begin_content(&mut self, base: &Base, call: &Call) -> Result<()> {
        let (Some(last), Some(held)) = (self.parcel.documents.last(), self.held.last_mut()) else { return Ok(()) };
        require_content(base.pack(&call.org)?, &last.head)?;
        let (content, now) = (last.head.content.clone().unwrap_or_default(), base.providers.clock.now());
        let new = Upload {
            id: base.providers.ids.uuid(),
            document: held.id,
            file: self.drawn.file,
            // Nobody's: only the job that drops what was given up comes to it.
            person: Uuid::nil(),
            size: content.size_bytes,
            media_type: content.media_type,
            turn: 1,
            spans: Vec::new(),
            hash: None,
            touched_at: now,
            version: 1,
        };
        if !self.validate_only {
            // Before the first piece: whatever becomes of this stream, the pieces are found and dropped.
            transact!(base.db, tx => store::insert(tx, &call.org, &new).await)?;
        }
        (held.upload, self.hash) = (Some(new), Sha256::new());
        Ok(())
    }

    async fn keep(&mut self, base: &Base, contents: &Objects, call: &Call) -> Result<()> {
        let file = self.drawn.file;
        let Some(held) = self.held.last_mut() else { return Ok(()) };
        let (document, seal) = (held.id, held.seal(&base.vault, &call.org, file));
        let Some(upload) = held.upload.as_mut() else { return Ok(()) };
        if upload.pieces() == 0 {
            let head = &self.gathered.bytes()[..self.gathered.len().min(media::HEAD)];
            media::require_found(&name_of(file, document), &upload.media_type, head)?;
        }
        if !self.validate_only {
            let pieces = Pieces { objects: contents, org: &call.org, file, document, seal: &seal };
            pieces.keep(upload, self.gathered.bytes()).await?;
        }
        upload.add_piece(base.providers.clock.now());
        self.gathered.clear();
        Ok(())
    }

    // The last document has all of its content, and is what was said of it: what is kept is read back.
    async fn end_content(&mut self, base: &Base, contents: &Objects, call: &Call) -> Result<()> {
        let Some(last) = self.parcel.documents.last() else { return Ok(()) };
        let said = last.head.content.clone().unwrap_or_default();
        if last.received != said.size_bytes {
            return Err(Error::violation("content.size_bytes", "is not how many bytes came"));
        }
        // A document may come without the content that it has where it comes from: then nothing is said of its bytes.
        if last.received == 0 {
            return Ok(());
        }
        if self.gathered.len() > 0 {
            self.keep(base, contents, call).await?;
        }
        let found = hex::encode(std::mem::take(&mut self.hash).finalize());
        if !said.sha256.is_empty() && hex::encode(&said.sha256) != found {
            let at = Error::new(Reason::ContentMismatch).with("sha256", "another");
            return Err(at.and_violation("content.sha256", "is not that of the bytes that came"));
        }
        if !self.validate_only {
            self.read_back(base, contents, call, &found).await?;
        }
        if let Some(held) = self.held.last_mut() {
            held.hash = found;
        }
        Ok(())
    }

    async fn read_back(&self, base: &Base, contents: &Objects, call: &Call, found: &str) -> Result<()> {
        let (Some(held), Some(upload)) = (self.held.last(), self.upload()) else { return Ok(()) };
        let (file, document) = (self.drawn.file, held.id);
        let seal = held.seal(&base.vault, &call.org, file);
        let pieces = Pieces { objects: contents, org: &call.org, file, document, seal: &seal };
        let read = pieces.hash(&upload.place(), upload.size, |_| Ok(())).await?;
        if read == found { Ok(()) } else { Err(lost(name_of(file, document))) }
    }

    /// Drops the contents of a file that is not brought in. What stays for want of the store is dropped later.
    pub async fn drop_contents(&self, base: &Base, contents: &Objects, org: &str) {
        if self.validate_only {
            return;
        }
        let now = base.providers.clock.now();
        for upload in self.held.iter().filter_map(|held| held.upload.as_ref()) {
            let ended = transact!(base.db, tx => store::end(tx, org, upload, now).await);
            if ended.is_ok_and(|ended| ended) {
                let _ = Pieces::clear(contents, org, &upload.ended(now), None).await;
            }
        }
    }
}
