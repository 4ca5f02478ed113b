//! `ExportRegister`: a whole register as a text, page by page. The right to read, and the journal's entries, are those of each page.

use std::pin::Pin;

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::session::Way as _;
use dossier_kernel::slots::Slot;
use dossier_proto::profile::v1::{
    ExportRegisterRequest, ExportRegisterResponse, ListRegisterRowsRequest, RegisterFormat,
};
use futures::Stream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::rows::{Lines, read};
use crate::domain::register::{csv_cells, csv_head, json_line};
use crate::rpc::register_service::RegisterRpc;

/// Lines of one piece.
const PIECE: i32 = 200;
/// Most exports that one caller has at a time.
pub const MOST: usize = 4;

/// What the contract streams.
pub type Pieces = Pin<Box<dyn Stream<Item = Result<ExportRegisterResponse, Status>> + Send>>;

type Answers = mpsc::Sender<Result<ExportRegisterResponse, Status>>;

struct Export {
    base: Base,
    call: Call,
    format: RegisterFormat,
    request: ListRegisterRowsRequest,
    _slot: Slot,
}

/// Answers the call: the first piece is read before it is answered at all.
///
/// # Errors
/// As the contract says.
pub async fn run(rpc: &RegisterRpc, call: &Call, request: ExportRegisterRequest) -> Result<Pieces> {
    let format = request.format();
    let request = ListRegisterRowsRequest {
        parent: request.name,
        page_size: PIECE,
        filter: request.filter,
        purpose: request.purpose,
        reading_place: request.reading_place,
        ..ListRegisterRowsRequest::default()
    };
    let slot = rpc.exports.take(call)?;
    let mut export = Export { base: rpc.base.clone(), call: call.clone(), format, request, _slot: slot };
    let first = export.piece(true).await?;
    let (answers, stream) = mpsc::channel(1);
    let stop = rpc.stop.clone();
    tokio::spawn(async move {
        let fault = tokio::select! {
            () = answers.closed() => return,
            () = stop.cancelled() => Some(Error::new(Reason::Stopping)),
            fault = export.follow(&answers, first) => fault,
        };
        if let Some(fault) = fault {
            // A caller who is gone needs no reason.
            let _ = answers.try_send(Err(fault.into()));
        }
    });
    Ok(Box::pin(ReceiverStream::new(stream)))
}

// === impl Export ===

impl Export {
    // Sends piece after piece; gives why it did not come to the end.
    async fn follow(&mut self, answers: &Answers, first: Vec<u8>) -> Option<Error> {
        let mut data = first;
        loop {
            if !data.is_empty() && answers.send(Ok(ExportRegisterResponse { data })).await.is_err() {
                return Some(Error::new(Reason::Cancelled));
            }
            if self.request.page_token.is_empty() {
                return None;
            }
            data = match self.next().await {
                Ok(data) => data,
                Err(fault) => return Some(fault),
            };
        }
    }

    async fn next(&mut self) -> Result<Vec<u8>> {
        // The right is asked as of now, not as of the beginning of the export.
        self.call.look(self.base.providers.clock.now())?;
        self.base.ready(&self.call).await?;
        self.piece(false).await
    }

    async fn piece(&mut self, first: bool) -> Result<Vec<u8>> {
        let Lines { register, lines, next } = read(&self.base, &self.call, "name", &self.request).await?;
        let mut data = match (self.format, first) {
            (RegisterFormat::Unspecified, _) => {
                return Err(Error::violation("format", "must be CSV or JSON_LINES"));
            }
            (RegisterFormat::Csv, true) => csv_head(register),
            _ => Vec::new(),
        };
        for (name, cells) in &lines {
            data.extend(match self.format {
                RegisterFormat::Csv => csv_cells(cells),
                _ => json_line(name, register, cells),
            });
        }
        self.request.page_token = next;
        Ok(data)
    }
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export").field("register", &self.request.parent).finish_non_exhaustive()
    }
}
