//! Waiting until every journal is numbered and every consumer has applied it.

use dossier::serve::settled;

use super::World;

pub use dossier::serve::CONSUMERS;

impl World {
    /// Returns when all entries written so far, and all that they gave rise to, are numbered and applied everywhere.
    ///
    /// # Panics
    /// After half a minute, with how far everything is.
    pub async fn settle(&self) {
        let orgs: Vec<_> = self.ground().regimes.tenants().map(dossier_regime::Tenant::org).collect();
        // Boxed: what every test waits for makes every test larger.
        Box::pin(settled(&self.dbs, &self.ground().board, &orgs)).await.unwrap_or_else(|fault| panic!("{fault}"));
    }
}
