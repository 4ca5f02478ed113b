//! `TransferService`: each method is one file in [`transfer`](super::transfer).

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_kernel::objects::Objects;
use dossier_kernel::slots::Slots;
use dossier_kernel::streamed::{Streamed, first};
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::import_customer_files_request::Message as Said;
use dossier_proto::profile::v1::transfer_service_server::TransferService;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use super::transfer::{export, get, get_mark, import, list, take_back};

/// Answers `TransferService`.
#[derive(Clone, Debug)]
pub struct TransferRpc {
    pub(super) base: Base,
    pub(super) contents: Objects,
    pub(super) streams: Slots,
    pub(super) stop: CancellationToken,
}

/// Most streams that one caller has at a time.
const MOST: usize = 4;

type Answer<T> = Result<Response<T>, Status>;

// === impl TransferRpc ===

impl TransferRpc {
    /// The service on `base` with the store of contents; streams end when `stop` is cancelled.
    pub fn new(base: Base, contents: Objects, stop: CancellationToken) -> Self {
        Self { base, contents, streams: Slots::new(MOST), stop }
    }
}

#[tonic::async_trait]
impl TransferService for TransferRpc {
    type ExportCustomerFilesStream = Streamed<wire::ExportCustomerFilesResponse>;

    async fn export_customer_files(
        &self,
        request: Request<wire::ExportCustomerFilesRequest>,
    ) -> Answer<Self::ExportCustomerFilesStream> {
        enter!(self.base, request, "file.export", |call, request| export::run(self, call, request))
    }

    type ImportCustomerFilesStream = Streamed<wire::ImportCustomerFilesResponse>;

    async fn import_customer_files(
        &self,
        request: Request<Streaming<wire::ImportCustomerFilesRequest>>,
    ) -> Answer<Self::ImportCustomerFilesStream> {
        let (request, rest) = first(request).await?;
        let batch = match &request.get_ref().message {
            Some(Said::Begin(begin)) => begin.batch.as_ref().map(|batch| batch.name.clone()).unwrap_or_default(),
            _ => String::new(),
        };
        enter!(self.base, request, about | _first | batch, "file.import", |call, first| import::run(
            self, call, first, rest
        ))
    }

    async fn get_import_batch(&self, request: Request<wire::GetImportBatchRequest>) -> Answer<wire::ImportBatch> {
        enter!(self.base, request, "file.import", |call, request| get::run(&self.base, call, request))
    }

    async fn list_import_batches(
        &self,
        request: Request<wire::ListImportBatchesRequest>,
    ) -> Answer<wire::ListImportBatchesResponse> {
        enter!(self.base, request, "file.import", |call, request| list::run(&self.base, call, request))
    }

    async fn get_import_mark(&self, request: Request<wire::GetImportMarkRequest>) -> Answer<wire::ImportMark> {
        enter!(self.base, request, "file.read", |call, request| get_mark::run(&self.base, call, request))
    }

    async fn take_back_import_batch(
        &self,
        request: Request<wire::TakeBackImportBatchRequest>,
    ) -> Answer<wire::ImportBatch> {
        enter!(self.base, request, "import.take_back", |call, request| take_back::run(&self.base, call, request))
    }
}
