//! The access service: who is who, who decides what, and who may have which file.
//!
//! | module | what it is for |
//! |---|---|
//! | `rpc` | the rpcs: decode, authorise, answer |
//! | `work` | workflows, jobs, consumers: what is done between a request and its answer, and what no request began |
//! | [`domain`] | the rules, pure |
//! | [`store`] | all SQL |
//! | [`audit`] | what the journal says of the tables, for the verifier |
//! | [`mod@bootstrap`] | the first people of an organisation |
//!
//! `rpc` knows `work`, `work` knows `domain` and `store`; nothing knows what stands above it.
//!
//! # To add an rpc
//! 1. Write it in the contract, with its errors; a mutation takes `request_id`, `validate_only` and `reason`.
//! 2. Put its rule into `domain` and its statements into `store`. A function in the resource's file in `work` decides, saves and
//!    journals: its event is written there too.
//! 3. A function in the resource's file in `rpc` says who may, reads the fields, loads, hands over to `work` and answers. A
//!    mutation runs inside `mutate!`.
//! 4. Hand it over in `rpc/<service>_service.rs` with `enter!`, which journals refusals.
//!
//! # To ask for an approval from within this service
//! 1. `work::approval::ask` in the transaction that makes the subject; `prospect` says beforehand who would sign.
//! 2. Name the subject in [`domain::approval::About`]. The compiler then asks in `work::settle` who follows the outcome, in the
//!    transaction that decides it.

pub mod audit;
pub mod bootstrap;
pub mod domain;
mod rpc;
pub mod store;
mod work;

use std::sync::Arc;

use dossier_authority::Base;
use dossier_authority::duty::DutyRpc;
use dossier_authority::gate::journal_rpc;
use dossier_authority::promise::adopting;
use dossier_journal::consumer::Pace;
use dossier_journal::recover::Rebuild;
use dossier_journal::{Consumer, Freshness, Source};
use dossier_proto::access::v1::access_service_server::AccessServiceServer;
use dossier_proto::access::v1::approval_service_server::ApprovalServiceServer;
use dossier_proto::access::v1::directory_service_server::DirectoryServiceServer;
use dossier_proto::access::v1::loan_service_server::LoanServiceServer;
use dossier_proto::access::v1::policy_service_server::PolicyServiceServer;
use dossier_proto::duty::v1::duty_service_server::DutyServiceServer;
use dossier_proto::journal::v1::journal_service_server::JournalServiceServer;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::service::Routes;

pub use bootstrap::bootstrap;

/// This service's own tables (6000 to 6999).
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// How the copy of profile's journal in `base`'s store is made anew.
pub fn rebuild(base: &Base) -> Box<dyn Rebuild> {
    Box::new(work::ProfileRebuild::new(base))
}

/// The access service.
#[derive(Clone, Debug)]
pub struct Access {
    base: Base,
    stop: CancellationToken,
}

// === impl Access ===

impl Access {
    /// The service over `base`; streams and jobs end when `stop` is cancelled.
    pub fn new(base: Base, stop: CancellationToken) -> Self {
        Self { base, stop }
    }

    /// All its rpcs, those of its journals and duties included. Needs a running tokio runtime.
    pub fn routes(&self) -> Routes {
        let base = &self.base;
        let journal = journal_rpc(base, self.stop.clone());
        Routes::new(DirectoryServiceServer::new(rpc::DirectoryRpc(base.clone())))
            .add_service(ApprovalServiceServer::new(rpc::ApprovalRpc { base: base.clone(), stop: self.stop.clone() }))
            .add_service(PolicyServiceServer::new(rpc::PolicyRpc(base.clone())))
            .add_service(AccessServiceServer::new(rpc::AccessRpc::new(base.clone())))
            .add_service(LoanServiceServer::new(rpc::LoanRpc(base.clone())))
            .add_service(JournalServiceServer::new(journal))
            .add_service(DutyServiceServer::new(DutyRpc::new(base.clone())))
    }

    /// Brings every organisation to what its pack and its file say; before a port is bound.
    ///
    /// # Errors
    /// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
    pub async fn bootstrap(&self) -> dossier_kernel::error::Result<()> {
        for org in self.base.orgs() {
            bootstrap(&self.base, &org).await?;
        }
        Ok(())
    }

    /// Starts what runs beside the rpcs; `profile` gives the entries of its journals that the bus does not have.
    pub fn jobs(&self, profile: Arc<dyn Source>, tasks: &TaskTracker) {
        let base = &self.base;
        let consumer = Consumer {
            name: "access",
            source: "profile",
            orgs: base.orgs(),
            db: base.db.clone(),
            bus: base.bus.clone(),
            owner: profile,
            apply: Arc::new(work::ProfileFeed(base.clone())),
            // Access decides about people and rights on its own truth.
            freshness: Freshness::default(),
            doubts: base.doubts.clone(),
            pace: Pace::default(),
        };
        tasks.spawn(consumer.run(self.stop.clone()));
        tasks.spawn(work::sweep(base.clone(), self.stop.clone()));
        tasks.spawn(adopting::<store::note::Notes>(base.clone(), self.stop.clone()));
    }

    /// Does once what the jobs do again and again: revokes the grants of those who lost the clearance, demands loans
    /// back whose time has run out.
    ///
    /// # Errors
    /// `PACK_FAULT`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
    pub async fn sweep(&self, org: &str) -> dossier_kernel::error::Result<()> {
        work::sweep_once(&self.base, org).await
    }
}

#[cfg(test)]
mod tests;
