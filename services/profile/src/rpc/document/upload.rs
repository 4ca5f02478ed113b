//! `UploadDocumentContent`: content comes in piece by piece, can be cut and go on, and is read back when it is whole.

use std::sync::Arc;
use std::time::Duration;

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Reason, Result};
use dossier_kernel::fault;
use dossier_kernel::faults::Faults;
use dossier_kernel::objects::Objects;
use dossier_kernel::slots::Slot;
use dossier_kernel::streamed::{Answers, Streamed, streamed};
use dossier_kernel::transact;
use dossier_proto::profile::v1::{UploadDocumentContentRequest, UploadDocumentContentResponse};
use dossier_vault::DataKey;
use tonic::{Status, Streaming};
use uuid::Uuid;

use super::get_upload::hash;
use super::shown;
use crate::content::Seal;
use crate::domain::document::content::{MOST, Upload, ids};
use crate::domain::document::{media, name_of};
use crate::rpc::document_service::DocumentRpc;
use crate::store::document::upload as store;
use crate::work::customer_file::session::Session;
use crate::work::document::content::{Gathered, Pieces, require_room};
use crate::work::document::right::UPLOAD;
use crate::work::document::{Opened, load};
use crate::work::record::lock;

/// How long a stream may be silent.
const SILENCE: Duration = Duration::from_secs(60);
/// Most uploads that one person has under way.
const UNDER_WAY: i64 = 16;

type Tell = Answers<UploadDocumentContentResponse>;
type Pieced = Streaming<UploadDocumentContentRequest>;

/// One stream that brings content in.
struct Incoming {
    base: Base,
    call: Call,
    contents: Objects,
    row: Upload,
    key: Arc<DataKey>,
    gathered: Gathered,
    _slot: Slot,
}

/// Answers the call: whether it may begin is said before anything of the stream is read but its first message.
///
/// # Errors
/// As the contract says.
pub async fn run(
    rpc: &DocumentRpc,
    call: &Call,
    first: UploadDocumentContentRequest,
    rest: Pieced,
) -> Result<Streamed<UploadDocumentContentResponse>> {
    let (base, slot) = (rpc.base.clone(), rpc.streams.take(call)?);
    let (row, key) = transact!(base.db, tx => begin(&base, call, tx, &first).await)?;
    let (call, contents, gathered) = (call.clone(), rpc.contents.clone(), Gathered::default());
    let mut incoming = Incoming { base, call, contents, row, key, gathered, _slot: slot };
    // Room for answers that nobody reads in time: who sends everything first must not wait for itself.
    Ok(streamed(&rpc.stop, 16, |tell| async move { incoming.follow(first, rest, &tell).await }))
}

// The next message. Who says nothing for long holds no stream, and neither does who sends nothing again and again.
async fn next(rest: &mut Pieced) -> Result<Option<UploadDocumentContentRequest>, Status> {
    let message = tokio::time::timeout(SILENCE, rest.message()).await;
    let message = message.map_err(|_| Error::new(Reason::DeadlineExceeded))??;
    match message {
        Some(message) if message.data.is_empty() => Err(Error::violation("data", "is empty").into()),
        message => Ok(message),
    }
}

// The row of the upload with one more turn, and the key of the document.
async fn begin(
    base: &Base,
    call: &Call,
    tx: &mut Tx,
    first: &UploadDocumentContentRequest,
) -> Result<(Upload, Arc<DataKey>)> {
    let session = Session::enter(base, tx, call).await?;
    UPLOAD.require_some(&session)?;
    let mut faults = Faults::default();
    let ids = faults.absorb(ids("name", &first.name));
    if !(1..=MOST).contains(&first.size_bytes) {
        faults.add("size_bytes", format!("must be 1 to {MOST}"));
    }
    let (file, document, id) = faults.finish_with(ids)?;
    let opened = load(&session, tx, (file, document)).await?;
    UPLOAD.require_part(&session, &opened)?;
    let kind = session.pack().document(&opened.document.kind);
    media::require(kind, &first.media_type)?;
    if opened.document.carrier.is_paper() {
        let why = "is of a document on paper: its scan is another document, a COPY_OF this one";
        return Err(Error::violation("name", why));
    }
    // Behind the lock it is looked at again: whoever attaches beside this would leave a second upload for the first one's pieces.
    lock(&session, tx, &opened.loaded).await?;
    let opened = load(&session, tx, (file, document)).await?;
    opened.loaded.file.require_open()?;
    opened.document.require_empty()?;
    let row = turned(&session, tx, &opened, (id, first)).await?;
    Ok((row, opened.seal.key()))
}

async fn turned(
    session: &Session<'_>,
    tx: &mut Tx,
    opened: &Opened<'_>,
    (id, first): (Uuid, &UploadDocumentContentRequest),
) -> Result<Upload> {
    let (org, person) = (&session.call.org, session.principal.person);
    let Some(mut known) = store::lookup(tx, org, id).await? else {
        if store::under_way(tx, org, person).await? >= UNDER_WAY {
            return Err(Error::new(Reason::RateLimited));
        }
        let new = Upload {
            id,
            document: opened.document.id,
            file: opened.document.file,
            person,
            size: first.size_bytes,
            media_type: first.media_type.clone(),
            turn: 1,
            spans: Vec::new(),
            hash: None,
            touched_at: session.call.now,
            version: 1,
        };
        return match store::insert(tx, org, &new).await? {
            true => Ok(new),
            false => Err(Error::new(Reason::ConflictRetry).transient()),
        };
    };
    // Somebody else's is not there: nobody goes on with what another began.
    if known.person != person || known.document != opened.document.id {
        return Err(Error::missing(Missing::DocumentUpload, &first.name));
    }
    known.require_same(first.size_bytes, &first.media_type)?;
    known.turn += 1;
    known.touched_at = session.call.now;
    store::update(tx, org, &mut known).await?;
    Ok(known)
}

// === impl Incoming ===

impl Incoming {
    async fn follow(
        &mut self,
        first: UploadDocumentContentRequest,
        mut rest: Pieced,
        tell: &Tell,
    ) -> Result<(), Status> {
        self.take(&first, tell).await?;
        while !self.row.is_whole() {
            let (Some(message), before) = (next(&mut rest).await?, self.come()) else { break };
            self.take(&message, tell).await?;
            if self.come() == before {
                return Err(Error::violation("offset", "brings nothing that has not come").into());
            }
        }
        if self.row.is_whole() && self.row.hash.is_none() {
            self.check().await?;
        }
        let hash = hash(&self.row, &self.seal())?;
        let answer = UploadDocumentContentResponse { upload: Some(shown(&self.row, &hash)) };
        let _ = tell.send(Ok(answer)).await;
        Ok(())
    }

    async fn take(&mut self, message: &UploadDocumentContentRequest, tell: &Tell) -> Result<()> {
        if !message.name.is_empty() && message.name != self.row.name() {
            return Err(Error::violation("name", "must be that of the first message"));
        }
        let mut data = self.new_bytes(message)?;
        require_room(&self.row, &self.gathered, data.len())?;
        while !data.is_empty() {
            data = self.gathered.take(data);
            if self.gathered.is_whole() || self.come() == self.row.size {
                self.keep().await?;
                // Who does not read is not waited for: the last answer says it all.
                let upload = Some(shown(&self.row, ""));
                let _ = tell.try_send(Ok(UploadDocumentContentResponse { upload }));
            }
        }
        Ok(())
    }

    // How many bytes have come, kept or not.
    fn come(&self) -> i64 {
        self.row.received().saturating_add(i64::try_from(self.gathered.len()).unwrap_or(i64::MAX))
    }

    // What of a message is not there yet.
    fn new_bytes<'m>(&self, message: &'m UploadDocumentContentRequest) -> Result<&'m [u8]> {
        let at = self.come();
        let known = at.checked_sub(message.offset).and_then(|known| usize::try_from(known).ok());
        match known.filter(|_| message.offset >= 0) {
            Some(known) => Ok(message.data.get(known..).unwrap_or_default()),
            None => Err(Error::violation("offset", format!("must be 0 to {at}: that many bytes have come"))),
        }
    }

    async fn keep(&mut self) -> Result<()> {
        self.look().await?;
        fault!("content.put");
        self.pieces(&self.seal()).keep(&self.row, self.gathered.bytes()).await?;
        fault!("content.kept");
        self.gathered.clear();
        let now = self.base.providers.clock.now();
        self.change(|row| row.add_piece(now)).await?;
        fault!("content.noted");
        Ok(())
    }

    // The right is asked as of now, not as of the beginning of the stream.
    async fn look(&mut self) -> Result<()> {
        self.base.go_on(&mut self.call).await?;
        let mut tx = self.base.db.read().await?;
        let session = Session::enter(&self.base, &mut tx, &self.call).await?;
        let opened = load(&session, &mut tx, (self.row.file, self.row.document)).await?;
        UPLOAD.require_part(&session, &opened)
    }

    // Reads all of it back: what is said to be there is there, and is what it was said to be.
    async fn check(&mut self) -> Result<()> {
        let (seal, row) = (self.seal(), &self.row);
        let (name, pieces) = (name_of(row.file, row.document), self.pieces(&seal));
        let look = |head: &[u8]| media::require_found(&name, &row.media_type, head);
        match pieces.hash(&row.place(), row.size, look).await {
            Ok(found) => {
                let sealed = pieces.seal_hash(row.id, &found)?;
                self.change(|row| row.hash = Some(sealed.clone())).await
            }
            Err(fault) => {
                // What is not there, or is not what it was said to be, is of no use to anybody.
                if matches!(fault.reason(), Reason::ContentMismatch | Reason::ContentLost) {
                    self.drop_all().await?;
                }
                Err(fault)
            }
        }
    }

    async fn drop_all(&self) -> Result<()> {
        let (row, org, now) = (&self.row, &self.call.org, self.base.providers.clock.now());
        match transact!(self.base.db, tx => store::end(tx, org, row, now).await)? {
            true => {
                fault!("content.dropped");
                Pieces::clear(&self.contents, org, &row.ended(now), None).await
            }
            // Another stream goes on with it.
            false => Ok(()),
        }
    }

    // Another stream of the same upload has come in between: this one ends.
    async fn change(&mut self, change: impl Fn(&mut Upload)) -> Result<()> {
        let (row, org) = (&self.row, &self.call.org);
        let changed = transact!(self.base.db, tx => {
            let mut next = row.clone();
            change(&mut next);
            store::update(tx, org, &mut next).await?;
            Ok(next)
        })?;
        self.row = changed;
        Ok(())
    }

    fn seal(&self) -> Seal<'_> {
        Seal::new(&self.base.vault, &self.call.org, self.row.file, Arc::clone(&self.key))
    }

    fn pieces<'a>(&'a self, seal: &'a Seal<'a>) -> Pieces<'a> {
        let (file, document) = (self.row.file, self.row.document);
        Pieces { objects: &self.contents, org: &self.call.org, file, document, seal }
    }
}
