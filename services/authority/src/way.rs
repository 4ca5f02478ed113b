//! What every service does with every call: what it decides on, and what becomes of a refusal.

use async_trait::async_trait;
use dossier_kernel::call::{Call, Providers};
use dossier_kernel::error::{Error, Result};
use dossier_kernel::session::Way;

use crate::base::{Base, refused};
use crate::gate::COPIES;

#[async_trait]
impl Way for Base {
    fn providers(&self) -> &Providers {
        &self.providers
    }

    async fn ready(&self, call: &Call) -> Result<()> {
        self.turn(&call.org, call.now).await?;
        // Who only was not asked lately gets the chance to say that nothing was taken back (I5).
        self.freshness.settle(&call.org).await;
        self.require_believed(&call.org, copies(self.service, call.method))
    }

    async fn refused(&self, call: &Call, about: &str, action: &str, fault: Error) -> Error {
        refused(self, call, about, action, fault).await
    }

    fn changed(&self) {
        self.wake.ring();
    }
}

// === impl Base ===

impl Base {
    /// What a call that goes on after it was answered asks anew before each step: it is of now, and what it decides on is to be believed.
    ///
    /// # Errors
    /// As [`Call::look`] and [`Way::ready`].
    pub async fn go_on(&self, call: &mut Call) -> Result<()> {
        call.look(self.providers.clock.now())?;
        self.ready(call).await
    }
}

/// The copies that a method of `service` decides on.
fn copies(service: &str, method: &str) -> &'static [&'static str] {
    let of = |name: &str| method.split('/').next().is_some_and(|full| full.ends_with(name));
    match service {
        // What is due is seen by who sees the file.
        _ if of(".DutyService") => &COPIES,
        // People and rules are access's own, and a right must be taken back whatever is known of files.
        "access" if of(".DirectoryService") || of(".PolicyService") => &[],
        "access" => &["profile"],
        "profile" => &["access"],
        _ => &COPIES,
    }
}
