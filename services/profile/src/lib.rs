//! The profile service: customer files, from the first draft to the closed file, and the numbers they carry.
//!
//! | module | what it is for |
//! |---|---|
//! | [`rpc`] | `CustomerFileService`, `RecordService`, `DocumentService`, `CustodyService`, `VolumeService`, `DispositionService`, `TemplateService`, `NumberService` and `TransferService`, one file per rpc: decode, authorise, answer |
//! | `work` | workflows and jobs: saving a file with all that follows, and the three modules named last here |
//! | [`domain`] | the rules, without any I/O |
//! | [`store`] | all SQL of this service |
//! | [`audit`] | what the journal says of the tables, for the verifier |
//! | [`content`] | fields plain and sealed, tokens of the blind index, commitments |
//! | [`drawn`] | what a unit gets by lot: its customer number, and whether its file is examined |
//! | [`jobs`] | what runs beside the rpcs: following access's journal, duties of contested drafts, making old tokens anew |
//! | [`mod@recover`] | numbers after the store went back to an earlier state |
//!
//! # How content is kept
//! A file is a row in `customer_file` that says where it stands, and a row in `customer_file_revision` for every
//! version. Fields below *confidential* are kept plain, every other one is sealed by itself under the key of its file,
//! at the place `fields.{key}`; an update leaves what it does not name as it is, sealed or not. Search goes over
//! `customer_file_search`; what a caller may read decides whether a candidate is a hit.
//!
//! # To add a part to a customer file
//! 1. Add it to the contract's message, to [`domain::customer_file::CustomerFile`] and to the row in [`store`].
//! 2. Say in [`domain::changed::parts`] that it changed, and in `rpc/customer_file/view.rs` how it is shown.
//! 3. If callers write it, give it a path in [`domain::header`].
//!
//! # To add an act on a file
//! 1. Add it to [`domain::customer_file::Act`]: where it is allowed and where it leads; the compiler asks for the rest.
//! 2. Write its rpc; it ends in `work::customer_file::save`, which keeps the revision, the journal and the duties.

pub mod audit;
pub mod content;
pub mod domain;
pub mod rpc;
pub mod store;
mod work;

use dossier_authority::Base;
use dossier_authority::approvals::Approvals;
use dossier_authority::duty::DutyRpc;
use dossier_authority::gate::journal_rpc;
use dossier_kernel::link::Link;
use dossier_kernel::objects::Objects;
use dossier_proto::duty::v1::duty_service_server::DutyServiceServer;
use dossier_proto::journal::v1::journal_service_server::JournalServiceServer;
use dossier_proto::profile::v1::custody_service_server::CustodyServiceServer;
use dossier_proto::profile::v1::customer_file_service_server::CustomerFileServiceServer;
use dossier_proto::profile::v1::disposition_service_server::DispositionServiceServer;
use dossier_proto::profile::v1::document_service_server::DocumentServiceServer;
use dossier_proto::profile::v1::number_service_server::NumberServiceServer;
use dossier_proto::profile::v1::record_service_server::RecordServiceServer;
use dossier_proto::profile::v1::register_service_server::RegisterServiceServer;
use dossier_proto::profile::v1::template_service_server::TemplateServiceServer;
use dossier_proto::profile::v1::transfer_service_server::TransferServiceServer;
use dossier_proto::profile::v1::volume_service_server::VolumeServiceServer;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use rpc::custody_service::CustodyRpc;
use rpc::customer_file_service::CustomerFileRpc;
use rpc::disposition_service::DispositionRpc;
use rpc::document_service::DocumentRpc;
use rpc::number_service::NumberRpc;
use rpc::record_service::RecordRpc;
use rpc::register_service::RegisterRpc;
use rpc::template_service::TemplateRpc;
use rpc::transfer_service::TransferRpc;
use rpc::volume_service::VolumeRpc;

pub use work::{drawn, jobs, recover};

/// The tables of this service (versions 5000 to 5999).
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The name of this service in journals, tokens and configuration.
pub const SERVICE: &str = "profile";

/// The profile service; cheap to clone.
#[derive(Clone, Debug)]
pub struct Profile {
    base: Base,
    approvals: Approvals,
    contents: Objects,
    stop: CancellationToken,
}

// === impl Profile ===

impl Profile {
    /// The service on `base`, with the way to access and the store of contents; streams and jobs end when `stop` is cancelled.
    pub fn new(base: Base, access: Link, contents: Objects, stop: CancellationToken) -> Self {
        let approvals = Approvals::new(access, base.providers.ids.clone(), work::record::approval::SEED);
        Self { base, approvals, contents, stop }
    }

    /// Everything that this service answers: its own services, its journal, its duties.
    pub fn routes(&self) -> Routes {
        let base = &self.base;
        let journal = journal_rpc(base, self.stop.clone());
        Routes::new(CustomerFileServiceServer::new(CustomerFileRpc::new(base.clone())))
            .add_service(DocumentServiceServer::new(DocumentRpc::new(
                base.clone(),
                self.contents.clone(),
                self.stop.clone(),
            )))
            .add_service(CustodyServiceServer::new(CustodyRpc::new(base.clone())))
            .add_service(VolumeServiceServer::new(VolumeRpc::new(base.clone())))
            .add_service(DispositionServiceServer::new(DispositionRpc::new(base.clone())))
            .add_service(NumberServiceServer::new(NumberRpc::new(base.clone())))
            .add_service(RecordServiceServer::new(RecordRpc::new(base.clone(), self.approvals.clone())))
            .add_service(RegisterServiceServer::new(RegisterRpc::new(base.clone(), self.stop.clone())))
            .add_service(TemplateServiceServer::new(TemplateRpc::new(base.clone())))
            .add_service(TransferServiceServer::new(TransferRpc::new(
                base.clone(),
                self.contents.clone(),
                self.stop.clone(),
            )))
            .add_service(JournalServiceServer::new(journal))
            .add_service(DutyServiceServer::new(DutyRpc::new(base.clone())))
    }
}
