//! `ExportRegister`: a whole register as a text, page by page. The right to read, and the journal's entries, are those of each page.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::slots::Slot;
use dossier_kernel::streamed::{Answers, Streamed, streamed};
use dossier_proto::profile::v1::{
    ExportRegisterRequest, ExportRegisterResponse, ListRegisterRowsRequest, RegisterFormat,
};

use super::rows::{Lines, read};
use crate::domain::register::{csv_cells, csv_head, json_line};
use crate::rpc::register_service::RegisterRpc;

/// Lines of one piece.
const PIECE: i32 = 200;
/// Most exports that one caller has at a time.
pub const MOST: usize = 4;

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
pub async fn run(
    rpc: &RegisterRpc,
    call: &Call,
    request: ExportRegisterRequest,
) -> Result<Streamed<ExportRegisterResponse>> {
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
    Ok(streamed(&rpc.stop, 1, |answers| async move { Ok(export.follow(&answers, first).await?) }))
}

// === impl Export ===

impl Export {
    async fn follow(&mut self, answers: &Answers<ExportRegisterResponse>, first: Vec<u8>) -> Result<()> {
        let mut data = first;
        loop {
            if !data.is_empty() && answers.send(Ok(ExportRegisterResponse { data })).await.is_err() {
                return Ok(());
            }
            if self.request.page_token.is_empty() {
                return Ok(());
            }
            // The right is asked as of now, not as of the beginning of the export.
            self.base.go_on(&mut self.call).await?;
            data = self.piece(false).await?;
        }
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
