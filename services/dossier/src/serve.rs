//! Putting the services together and running them: embedded all in one process, or each alone.
//!
//! The order is the same everywhere: rules and keys, stores (which must be migrated), journals, services, links,
//! ports. A port is bound last, so whoever can connect is answered.
//!
//! # To add a service
//! 1. Add it to [`Which`], with its section of the configuration and its migrations.
//! 2. Build it in `node.rs` from a [`Base`](dossier_authority::Base) like the others.

mod fit;
mod ground;
mod node;
mod past;
mod port;
mod private;
mod ready;
mod room;
mod run;
mod settled;
mod tokens;
mod ways;

use std::fmt;
use std::str::FromStr;

use dossier_kernel::config::{Config, Service};
use sqlx::migrate::Migrator;

pub use ground::Ground;
pub(crate) use ground::rules;
pub(crate) use node::base;
pub use run::{Running, migrate, rebuild_tombstones, run, start};
pub use settled::{CONSUMERS, settled};
pub use tokens::development_token;

/// One of the three services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Which {
    /// Customer files.
    Profile,
    /// Directory, approvals, grants, loans.
    Access,
    /// Ratings, limits, exposure.
    Credit,
}

// === impl Which ===

impl Which {
    /// All of them, as `serve all` runs them.
    pub const ALL: [Self; 3] = [Self::Profile, Self::Access, Self::Credit];

    /// The name in commands, origins and tokens.
    pub fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Access => "access",
            Self::Credit => "credit",
        }
    }

    /// Its section of the configuration.
    pub fn settings(self, config: &Config) -> &Service {
        match self {
            Self::Profile => &config.profile,
            Self::Access => &config.access,
            Self::Credit => &config.credit,
        }
    }

    /// Where it is reached when it runs elsewhere.
    pub fn peer(self, config: &Config) -> Option<&str> {
        match self {
            Self::Profile => config.peers.profile.as_deref(),
            Self::Access => config.peers.access.as_deref(),
            Self::Credit => config.peers.credit.as_deref(),
        }
    }

    /// Its gRPC services, as health names them.
    pub fn services(self) -> &'static [&'static str] {
        match self {
            Self::Profile => &[
                "dossier.profile.v1.CustomerFileService",
                "dossier.profile.v1.CustodyService",
                "dossier.profile.v1.VolumeService",
                "dossier.profile.v1.NumberService",
                "dossier.profile.v1.DispositionService",
                "dossier.profile.v1.DocumentService",
                "dossier.profile.v1.RecordService",
                "dossier.profile.v1.RegisterService",
                "dossier.profile.v1.TemplateService",
                "dossier.profile.v1.TransferService",
                "dossier.journal.v1.JournalService",
                "dossier.duty.v1.DutyService",
            ],
            Self::Access => &[
                "dossier.access.v1.DirectoryService",
                "dossier.access.v1.ApprovalService",
                "dossier.access.v1.AccessService",
                "dossier.access.v1.LoanService",
                "dossier.access.v1.PolicyService",
                "dossier.journal.v1.JournalService",
                "dossier.duty.v1.DutyService",
            ],
            Self::Credit => &[
                "dossier.credit.v1.RatingService",
                "dossier.credit.v1.LimitService",
                "dossier.credit.v1.ExposureService",
                "dossier.journal.v1.JournalService",
                "dossier.duty.v1.DutyService",
            ],
        }
    }

    /// The migrations of every crate whose tables its store holds.
    pub fn migrations(self) -> Vec<&'static Migrator> {
        let shared = [
            &dossier_kernel::MIGRATIONS,
            &dossier_journal::MIGRATIONS,
            &dossier_authority::MIGRATIONS,
            &dossier_vault::MIGRATIONS,
        ];
        let own: &[&'static Migrator] = match self {
            Self::Profile => &[&dossier_profile::MIGRATIONS],
            Self::Access => &[&dossier_access::MIGRATIONS],
            Self::Credit => &[&dossier_credit::MIGRATIONS],
        };
        shared.into_iter().chain(own.iter().copied()).collect()
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|which| which.name() == text);
        known.ok_or_else(|| format!("`{text}` is no service: profile, access, credit"))
    }
}
