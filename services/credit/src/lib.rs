//! The credit service: score → rating → limit → reservation → exposure.
//!
//! | module | what it is for |
//! |---|---|
//! | `rpc` | the rpcs: decode, authorise, answer |
//! | `work` | workflows: what is done between a request and its answer; [`group_commit`] is the largest |
//! | [`domain`] | the rules, pure |
//! | [`store`] | all SQL |
//! | [`audit`] | what the journal says of the tables, for the verifier |
//! | [`backtest`] | a scorecard against what really happened |
//!
//! # To add an rpc
//! 1. Write it in the contract, with its errors; a mutation takes `request_id`, `validate_only` and `reason`.
//! 2. Put its rule into `domain` and its statements into `store`. A function in the resource's file in `work` saves and
//!    journals: its event is written there too.
//! 3. A function in the resource's file in `rpc` says who may, reads the fields, loads, hands over to `work` and answers. A
//!    mutation runs inside `mutate!`.
//! 4. Hand it over in `rpc/<service>_service.rs` with `enter!`, which journals refusals.
//!
//! # To change what is used of a limit
//! Change the customer's `exposure` row first ([`store::exposure`]): it is the guard of I2 and the lock. Only
//! [`reserve`](store::exposure::reserve) may raise usage.

pub mod audit;
pub mod backtest;
pub mod domain;
mod rpc;
pub mod store;
mod work;

use std::sync::Arc;

use dossier_authority::Base;
use dossier_authority::approvals::{AccessRebuild, Approvals};
use dossier_authority::duty::DutyRpc;
use dossier_authority::gate::journal_rpc;
use dossier_authority::promise::adopting;
use dossier_authority::rebuild::Files;
use dossier_journal::recover::Rebuild;
use dossier_journal::{Consumer, Source};
use dossier_kernel::link::Link;
use dossier_proto::credit::v1::exposure_service_server::ExposureServiceServer;
use dossier_proto::credit::v1::limit_service_server::LimitServiceServer;
use dossier_proto::credit::v1::rating_service_server::RatingServiceServer;
use dossier_proto::duty::v1::duty_service_server::DutyServiceServer;
use dossier_proto::journal::v1::journal_service_server::JournalServiceServer;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::service::Routes;

use crate::group_commit::GroupCommit;

pub use rpc::score_model::{draft_of, model_of};
pub use work::group_commit;
pub use work::jobs::tidy;

/// This service's own tables (7000 to 7999).
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// How the copy of the journal of `source`, access or profile, in `base`'s store is made anew.
pub fn rebuild(base: &Base, source: &str) -> Box<dyn Rebuild> {
    match source {
        "access" => Box::new(AccessRebuild::new(base, work::retell::Limits(base.clone()))),
        _ => Box::new(Files::new(base.clone())),
    }
}

/// The credit service.
#[derive(Clone, Debug)]
pub struct Credit {
    base: Base,
    approvals: Approvals,
    group_commit: GroupCommit,
    stop: CancellationToken,
}

// === impl Credit ===

impl Credit {
    /// The service over `base`, with the way to access; streams and jobs end when `stop` is cancelled.
    pub fn new(base: Base, access: Link, stop: CancellationToken) -> Self {
        let group_commit = GroupCommit::new(base.clone(), group_commit::Settings::default());
        let approvals = Approvals::new(access, base.providers.ids.clone(), work::submission::SEED);
        Self { base, approvals, group_commit, stop }
    }

    /// The same service with another group commit.
    #[must_use]
    pub fn with_group_commit(self, settings: group_commit::Settings) -> Self {
        Self { group_commit: GroupCommit::new(self.base.clone(), settings), ..self }
    }

    /// All its rpcs, those of its journals and duties included.
    pub fn routes(&self) -> Routes {
        let base = &self.base;
        let journal = journal_rpc(base, self.stop.clone());
        let (limits, exposures) = (
            rpc::LimitRpc { base: base.clone(), approvals: self.approvals.clone() },
            rpc::ExposureRpc { base: base.clone(), group_commit: self.group_commit.clone() },
        );
        Routes::new(RatingServiceServer::new(rpc::RatingRpc { base: base.clone() }))
            .add_service(LimitServiceServer::new(limits))
            .add_service(ExposureServiceServer::new(exposures))
            .add_service(JournalServiceServer::new(journal))
            .add_service(DutyServiceServer::new(DutyRpc::new(base.clone())))
    }

    /// What follows the journals of access and profile, which `access` and `profile` give where the bus cannot.
    pub fn consumers(&self, access: Arc<dyn Source>, profile: Arc<dyn Source>) -> [Consumer; 2] {
        [("access", access), ("profile", profile)].map(|(source, owner)| Consumer {
            name: "credit",
            source,
            orgs: self.base.orgs(),
            db: self.base.db.clone(),
            bus: self.base.bus.clone(),
            owner,
            apply: Arc::new(work::follow::Feed(self.base.clone())),
            freshness: dossier_journal::Freshness::default(),
            doubts: self.base.doubts.clone(),
            pace: dossier_journal::consumer::Pace::default(),
        })
    }

    /// Starts what runs beside the rpcs, until `stop`.
    pub fn jobs(&self, access: Arc<dyn Source>, profile: Arc<dyn Source>, tasks: &TaskTracker) {
        for consumer in self.consumers(access, profile) {
            tasks.spawn(consumer.run(self.stop.clone()));
        }
        tasks.spawn(work::jobs::run(self.base.clone(), self.stop.clone()));
        tasks.spawn(adopting::<store::note::Notes>(self.base.clone(), self.stop.clone()));
    }
}

#[cfg(test)]
mod tests;
