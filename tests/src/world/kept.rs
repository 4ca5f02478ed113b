//! Worlds of an earlier version: kept as files, and opened again by this one.
//!
//! A kept world is a folder with `data.tar.gz` (the data directory: keys, and on SQLite the stores) and on PostgreSQL one
//! dump for each service. The programs that make and read them are those of every Debian: tar, gzip, pg_dump, psql.

use std::path::{Path, PathBuf};
use std::process::Command;

use dossier::serve::{Which, migrate};
use dossier_kernel::config::{Config, Sources};

use super::stores::Home;
use super::{Store, World};

// === impl World ===

impl World {
    /// Stops the services, writes everything that they kept into `folder`, and takes the world down.
    ///
    /// # Panics
    /// When a program is missing or fails.
    pub async fn keep(mut self, folder: &Path) {
        self.first.halt().await;
        for db in self.dbs.values() {
            db.close().await;
        }
        std::fs::create_dir_all(folder).expect("a folder");
        let data = self.home.folder().display();
        shell(&format!("tar -czf '{}' -C '{data}' .", folder.join("data.tar.gz").display()));
        if self.store() == Store::Postgres {
            for which in Which::ALL {
                let (url, dump) = (self.url(which), dump(folder, which));
                shell(&format!("pg_dump --no-owner --dbname '{url}' | gzip -9 >'{}'", dump.display()));
            }
        }
        self.home.remove().await;
    }

    /// A kept world, brought up to this version and started.
    ///
    /// # Panics
    /// When a program is missing or fails, or the services do not start on it.
    pub async fn kept(store: Store, folder: &Path, seed: u64) -> Self {
        let home = Home::bare(store, &[]);
        shell(&format!("tar -xzf '{}' -C '{}'", folder.join("data.tar.gz").display(), home.folder().display()));
        if store == Store::Postgres {
            for which in Which::ALL {
                home.empty_database(which).await;
                let (url, dump) = (home.url(which), dump(folder, which));
                shell(&format!("gzip -dc '{}' | psql -q -v ON_ERROR_STOP=1 '{url}' >/dev/null", dump.display()));
            }
        }
        let config = Config::load(&Sources { flags: home.flags(), ..Sources::default() }).expect("a configuration");
        migrate(&config, &Which::ALL).await.expect("it migrates");
        Self::on(home, seed).await
    }
}

fn dump(folder: &Path, which: Which) -> PathBuf {
    folder.join(format!("{which}.sql.gz"))
}

#[track_caller]
fn shell(text: &str) {
    let status = Command::new("bash").args(["-o", "pipefail", "-c", text]).status().expect("a shell");
    assert!(status.success(), "failed: {text}");
}
