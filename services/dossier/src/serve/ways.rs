//! The ways into this process and between the services, and what is read again while it runs.

use std::collections::BTreeMap;

use dossier_kernel::link::{Link, Slot};
use dossier_kernel::server::{Door, Stop};
use dossier_kernel::tls::{Inbound, Outbound};

use super::{Ground, Which};
use crate::Failure;

/// The ways into this process and between the services: those of this process are filled as they become ready.
pub(super) struct Ways {
    here: BTreeMap<Which, Slot>,
    inbound: Option<Inbound>,
    outbound: Outbound,
}

// === impl Ways ===

impl Ways {
    /// The ways of a process that runs `which`.
    ///
    /// # Errors
    /// Certificates that cannot be used or have ended.
    pub(super) fn open(ground: &Ground, which: &[Which]) -> Result<Self, Failure> {
        let (settings, clock) = (&ground.config, &ground.providers.clock);
        let inbound = Inbound::open(&settings.server, clock).map_err(Failure::config)?;
        let outbound = Outbound::open(&settings.peers, clock).map_err(Failure::config)?;
        Ok(Self { here: which.iter().map(|&one| (one, Slot::default())).collect(), inbound, outbound })
    }

    /// How callers come in; `None` without TLS.
    pub(super) fn inbound(&self) -> Option<Inbound> {
        self.inbound.clone()
    }

    /// Notes that `which` is behind `door`.
    pub(super) fn fill(&self, which: Which, door: Door) {
        if let Some(slot) = self.here.get(&which) {
            slot.fill(door);
        }
    }

    /// The way of `from` to `to`. The configured uri wins; a service of this process needs no socket.
    ///
    /// # Errors
    /// When `to` is neither here nor configured.
    pub(super) fn link(&self, ground: &Ground, from: Which, to: Which) -> Result<Link, Failure> {
        let (peers, tokens) = (&ground.config.peers, ground.auth.tokens(from.name()));
        if let Some(uri) = to.peer(&ground.config) {
            return Link::remote(to.name(), uri, peers, &self.outbound, tokens).map_err(Failure::config);
        }
        let slot = self.here.get(&to).cloned();
        let slot = slot.ok_or_else(|| Failure::config(format!("peers.{to} is empty and {to} does not run here")))?;
        Ok(Link::later(to.name(), slot, peers, tokens))
    }

    /// Follows what others replace until `stop`: certificates, and the keys of issuers.
    pub(super) fn follow(self, ground: &Ground, stop: &Stop) {
        let (auth, told) = (ground.auth.clone(), stop.clone());
        stop.spawn(async move {
            let inbound = async {
                if let Some(inbound) = &self.inbound {
                    inbound.watch(&told).await;
                }
            };
            let keys = told.soft().run_until_cancelled(auth.keep_keys());
            tokio::join!(inbound, self.outbound.watch(&told), keys);
        });
    }
}
