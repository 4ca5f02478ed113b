//! `DownloadDocumentContent`: content leaves piece by piece, once the journal has it (A-42, I3).

use std::sync::Arc;

use dossier_authority::Base;
use dossier_authority::store::grant;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::objects::Objects;
use dossier_kernel::slots::Slot;
use dossier_kernel::streamed::{self, Streamed, streamed};
use dossier_proto::profile::v1::{DownloadDocumentContentRequest, DownloadDocumentContentResponse};
use dossier_regime::{Action, Sensitivity};
use dossier_vault::DataKey;
use uuid::Uuid;

use super::get::Asked;
use crate::content::Seal;
use crate::domain::document::content::Kept;
use crate::domain::document::denied;
use crate::domain::field_visibility::FieldVisibility;
use crate::rpc::customer_file::reading::{self, Outgoing};
use crate::rpc::document_service::DocumentRpc;
use crate::store::customer_file;
use crate::work::customer_file::session::Session;
use crate::work::document::content::Pieces;
use crate::work::document::{CONTENT, missing, sensitivity};

/// Most bytes of one message.
const MESSAGE: usize = 1 << 20;

type Answers = streamed::Answers<DownloadDocumentContentResponse>;

struct Outgoes {
    base: Base,
    call: Call,
    contents: Objects,
    ids: (Uuid, Uuid),
    kept: Kept,
    key: Arc<DataKey>,
    offset: i64,
    // What for and where it is read.
    asked: (String, String),
    // The grant whose use this reading spent.
    spent: Option<Uuid>,
    // As the file and the document stood when it began: one that rises ends it.
    level: String,
    sensitivity: Sensitivity,
    _slot: Slot,
}

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(
    rpc: &DocumentRpc,
    call: &Call,
    request: DownloadDocumentContentRequest,
) -> Result<Streamed<DownloadDocumentContentResponse>> {
    let base = rpc.base.clone();
    let mut tx = base.db.read().await?;
    let session = Session::open(&base, &mut tx, call, Action::FileRead).await?;
    let mut faults = Faults::default();
    if request.offset < 0 {
        faults.add("offset", "must be 0 or more");
    }
    let asked = Asked { name: &request.name, purpose: &request.purpose, place: &request.reading_place };
    let (opened, ground) = asked.open(&session, &mut tx, &mut faults).await?;
    tx.commit().await?;
    let (level, sensitivity) = (opened.loaded.file.level.clone(), sensitivity(&session, &opened.document));
    if !ground.visibility.shows_content(sensitivity) {
        return Err(denied("document.content"));
    }
    let ids = (opened.loaded.file.id, opened.document.id);
    let kept = opened.document.content.clone().ok_or_else(|| missing(ids.0, ids.1))?;
    if request.offset > kept.size {
        return Err(Error::violation("offset", format!("must be at most {}", kept.size)));
    }
    let (slot, spent) = (rpc.streams.take(call)?, ground.counted());
    let (resource, revision, fields) = (opened.document.name(), opened.document.version, vec![CONTENT.to_owned()]);
    let leaving = Outgoing { message: (), resource, file: ids.0, revision, fields, records: Vec::new(), ground };
    reading::release_one(&session, leaving, &request.purpose).await?;
    let (key, offset) = (opened.seal.key(), request.offset);
    drop((opened, session));
    let contents = rpc.contents.clone();
    let asked = (request.purpose, request.reading_place);
    let call = call.clone();
    let mut going =
        Outgoes { base, call, contents, ids, kept, key, offset, asked, spent, level, sensitivity, _slot: slot };
    Ok(streamed(&rpc.stop, 1, |answers| async move { Ok(going.follow(&answers).await?) }))
}

// === impl Outgoes ===

impl Outgoes {
    async fn follow(&mut self, answers: &Answers) -> Result<()> {
        while self.offset < self.kept.size {
            self.look().await?;
            let data = {
                let ((file, document), org) = (self.ids, &self.call.org);
                let seal = Seal::new(&self.base.vault, org, file, Arc::clone(&self.key));
                let source = Pieces { objects: &self.contents, org, file, document, seal: &seal };
                source.from(&self.kept, self.offset).await?
            };
            for part in data.chunks(MESSAGE) {
                let answer = DownloadDocumentContentResponse { offset: self.offset, data: part.to_vec() };
                self.offset += i64::try_from(part.len()).unwrap_or(i64::MAX);
                if answers.send(Ok(answer)).await.is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    // The right is asked as of now, not as of the beginning of the stream.
    async fn look(&mut self) -> Result<()> {
        self.base.go_on(&mut self.call).await?;
        let mut tx = self.base.db.read().await?;
        let session = Session::open(&self.base, &mut tx, &self.call, Action::FileRead).await?;
        let stands = match self.spent {
            // What this reading used up is current for nobody any more, and holds for it.
            Some(grant) => {
                let now = customer_file::regardless(&mut tx, session.viewer(), self.ids.0).await?;
                let same = now.is_some_and(|now| now.file.level == self.level);
                session.require_fresh(&self.level)?;
                same && grant::stands(&mut tx, &self.call.org, grant, self.call.micros()).await?
            }
            None => {
                let loaded = session.load(&mut tx, self.ids.0).await?;
                let ground = reading::ground(&session, &mut tx, &loaded, &self.asked.0, &self.asked.1).await?;
                ground.is_some_and(|ground| ground.is_whole())
            }
        };
        let graded = FieldVisibility::standing(session.grade()).shows_content(self.sensitivity);
        if stands && graded { Ok(()) } else { Err(missing(self.ids.0, self.ids.1)) }
    }
}
