//! Stores that are put back from a backup, as an operator does it: the services stopped, one store replaced.

use dossier::serve::Which;
use dossier_kernel::db::{Db, Settings};
use std::sync::atomic::Ordering;

use super::{Replica, World};

// === impl World ===

impl World {
    /// Stops the services and lets go of the stores, so that they can be copied; [`World::resume`] goes on.
    pub async fn pause(&mut self) {
        self.first.halt().await;
        for db in self.dbs.values() {
            db.close().await;
        }
    }

    /// Opens the stores again and starts the services on them.
    ///
    /// # Panics
    /// When a store does not open or a service does not start.
    pub async fn resume(&mut self) {
        for which in Which::ALL {
            self.dbs.insert(which, self.open(which).await);
        }
        let seed = self.seeds.fetch_add(1, Ordering::Relaxed) + 1;
        self.first = Replica::start(&self.home, &self.clock, seed).await;
    }

    /// A connection to the store of a service while the world is paused.
    ///
    /// # Panics
    /// When the store does not open.
    pub async fn open(&self, which: Which) -> Db {
        let settings = Settings { max_connections: 4, ..Settings::new(self.home.url(which)) };
        Db::open(&settings).await.expect("the store opens")
    }

    /// Keeps a backup of a service's store, in a pause; one that was kept before is replaced.
    pub async fn back_up(&self, which: Which) {
        self.home.back_up(which).await;
    }

    /// Puts the backup back in the place of the store, in a pause.
    pub async fn put_back(&self, which: Which) {
        self.home.put_back(which).await;
    }
}
