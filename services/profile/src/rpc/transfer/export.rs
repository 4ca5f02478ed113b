//! `ExportCustomerFiles`: whole files leave, each once the journal has it (A-42, I3, P-48).

use std::collections::VecDeque;

use dossier_authority::Base;
use dossier_authority::reading::purpose;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Reason, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::name;
use dossier_kernel::objects::Objects;
use dossier_kernel::slots::Slot;
use dossier_kernel::streamed::{Answers, Streamed, streamed};
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::transfer_part::Part;
use dossier_proto::profile::v1::{ExportCustomerFilesRequest, ExportCustomerFilesResponse};
use dossier_regime::Action;
use uuid::Uuid;

use super::leaving::{Leaving, LeavingContent, may_leave, read};
use crate::content::Seal;
use crate::rpc::customer_file::reading::release;
use crate::rpc::transfer_service::TransferRpc;
use crate::store::transfer as store;
use crate::work::customer_file::session::Session;
use crate::work::document::content::Pieces;

/// Most files that a call names.
const MOST_NAMED: usize = 1_000;
/// Files of one look, where none was named.
const LOOK: i64 = 200;
/// Most bytes of one message.
const MESSAGE: usize = 1 << 20;

type Tell = Answers<ExportCustomerFilesResponse>;

/// One stream by which files leave.
struct Outgoing {
    base: Base,
    call: Call,
    contents: Objects,
    purpose: String,
    with_contents: bool,
    // The files that were named and have not left.
    named: Option<VecDeque<Uuid>>,
    after: Uuid,
    _slot: Slot,
}

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(
    rpc: &TransferRpc,
    call: &Call,
    request: ExportCustomerFilesRequest,
) -> Result<Streamed<ExportCustomerFilesResponse>> {
    let base = rpc.base.clone();
    let mut tx = base.db.read().await?;
    let session = Session::open(&base, &mut tx, call, Action::FileExport).await?;
    let mut faults = Faults::default();
    purpose(session.pack(), &request.purpose, &mut faults);
    let after = match request.after.as_str() {
        "" => Some(Uuid::nil()),
        after => faults.absorb(name::id("after", "files", after)),
    };
    let named = names(&request.names, &mut faults);
    let after = faults.finish_with(after)?;
    // Who names a file learns before anything leaves whether it may.
    for id in &named {
        let loaded = session.load(&mut tx, *id).await?;
        may_leave(&session, &loaded)?;
    }
    tx.commit().await?;
    drop(session);
    let named = (!named.is_empty()).then(|| named.into_iter().filter(|id| *id > after).collect());
    let (call, contents, slot) = (call.clone(), rpc.contents.clone(), rpc.streams.take(call)?);
    let (purpose, with_contents) = (request.purpose, !request.without_contents);
    let mut going = Outgoing { base, call, contents, purpose, with_contents, named, after, _slot: slot };
    Ok(streamed(&rpc.stop, 8, |tell| async move { Ok(going.follow(&tell).await?) }))
}

// In the order in which they leave, each once.
fn names(given: &[String], faults: &mut Faults) -> std::collections::BTreeSet<Uuid> {
    if given.len() > MOST_NAMED {
        faults.add("names", format!("must be at most {MOST_NAMED}"));
        return std::collections::BTreeSet::new();
    }
    let one = |(at, text): (usize, &String)| faults.absorb(name::id(&format!("names.{at}"), "files", text));
    given.iter().enumerate().filter_map(one).collect()
}

// === impl Outgoing ===

impl Outgoing {
    async fn follow(&mut self, tell: &Tell) -> Result<()> {
        loop {
            let files = self.next().await?;
            if files.is_empty() {
                return Ok(());
            }
            for file in files {
                self.after = file;
                let Some(leaving) = self.leave(file).await? else { continue };
                if !self.send(leaving, tell).await? {
                    return Ok(());
                }
            }
        }
    }

    async fn next(&mut self) -> Result<Vec<Uuid>> {
        if let Some(named) = &mut self.named {
            return Ok(named.pop_front().into_iter().collect());
        }
        self.base.go_on(&mut self.call).await?;
        let mut tx = self.base.db.read().await?;
        let session = Session::open(&self.base, &mut tx, &self.call, Action::FileExport).await?;
        store::standing(&mut tx, session.viewer(), self.after, LOOK).await
    }

    // One file, of which the journal has by then that it leaves; nothing for one that may not.
    async fn leave(&mut self, file: Uuid) -> Result<Option<Leaving>> {
        self.base.go_on(&mut self.call).await?;
        let mut tx = self.base.db.read().await?;
        let session = Session::open(&self.base, &mut tx, &self.call, Action::FileExport).await?;
        let loaded = match session.load(&mut tx, file).await {
            // It is not seen any more.
            Err(fault) if fault.is_missing().is_some() && self.named.is_none() => return Ok(None),
            loaded => loaded?,
        };
        let read = match may_leave(&session, &loaded) {
            Ok(()) => read(&session, &mut tx, loaded, self.with_contents).await,
            Err(fault) => Err(fault),
        };
        let mut leaving = match read {
            // Not this one.
            Err(fault) if fault.reason() == Reason::PermissionDenied && self.named.is_none() => {
                return Ok(None);
            }
            read => read?,
        };
        tx.commit().await?;
        release(&session, std::mem::take(&mut leaving.disclosed), &self.purpose).await?;
        Ok(Some(leaving))
    }

    // False when nobody reads any more.
    async fn send(&mut self, leaving: Leaving, tell: &Tell) -> Result<bool> {
        let parts = leaving.parts.len() + leaving.documents.iter().map(|one| one.parts.len()).sum::<usize>();
        for part in leaving.parts {
            if !told(tell, part).await {
                return Ok(false);
            }
        }
        for document in leaving.documents {
            for part in document.parts {
                if !told(tell, part).await {
                    return Ok(false);
                }
            }
            let Some(content) = document.content else { continue };
            if !self.content((leaving.file, document.id), &content, tell).await? {
                return Ok(false);
            }
        }
        let end = wire::TransferEnd { parts: i64::try_from(parts).unwrap_or(i64::MAX) };
        Ok(told(tell, Part::End(end)).await)
    }

    // False when nobody reads any more.
    async fn content(&mut self, (file, document): (Uuid, Uuid), content: &LeavingContent, tell: &Tell) -> Result<bool> {
        let mut offset = 0;
        while offset < content.kept.size {
            self.look(file).await?;
            let data = {
                let org = &self.call.org;
                let seal = Seal::new(&self.base.vault, org, file, content.key.clone());
                let source = Pieces { objects: &self.contents, org, file, document, seal: &seal };
                source.from(&content.kept, offset).await?
            };
            for bytes in data.chunks(MESSAGE) {
                if !told(tell, Part::Content(bytes.to_vec())).await {
                    return Ok(false);
                }
            }
            offset += i64::try_from(data.len()).unwrap_or(i64::MAX);
        }
        Ok(true)
    }

    // The right is asked as of now, with every piece of a content.
    async fn look(&mut self, file: Uuid) -> Result<()> {
        self.base.go_on(&mut self.call).await?;
        let mut tx = self.base.db.read().await?;
        let session = Session::open(&self.base, &mut tx, &self.call, Action::FileExport).await?;
        let loaded = session.load(&mut tx, file).await?;
        may_leave(&session, &loaded)
    }
}

async fn told(tell: &Tell, part: Part) -> bool {
    let part = Some(wire::TransferPart { part: Some(part) });
    tell.send(Ok(ExportCustomerFilesResponse { part })).await.is_ok()
}
