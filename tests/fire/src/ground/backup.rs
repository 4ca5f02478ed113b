//! A store as it was at one moment, and the way back to it.

use std::path::PathBuf;

use super::{Fault, Postgres, Result, Service, Store};
use crate::history::facts::Connected;

/// A copy of the store of one service, taken while it works.
#[derive(Debug)]
pub struct Backup {
    service: Service,
    copy: PathBuf,
}

// === impl Backup ===

impl Backup {
    /// Copies the store of `service` to the fresh path `copy`.
    ///
    /// # Errors
    /// When the store does not answer or the copy cannot be written.
    pub async fn take(store: &Store, postgres: Option<&Postgres>, service: Service, copy: PathBuf) -> Result<Self> {
        match store {
            Store::Sqlite(_) => {
                let text = format!("VACUUM INTO '{}'", copy.display());
                Connected::to(store, service).await?.run(&text).await?;
            }
            Store::Postgres(urls) => server(postgres)?.dump(url(urls.get(&service))?, &copy).await?,
        }
        Ok(Self { service, copy })
    }

    /// Puts the copy in the place of the store, which nobody may be using.
    ///
    /// # Errors
    /// When the store or the copy is not to be had.
    pub async fn put_back(&self, store: &Store, postgres: Option<&Postgres>) -> Result<()> {
        match store {
            Store::Sqlite(folder) => {
                let place = folder.join(format!("{}.db", self.service.name()));
                for rest in ["-wal", "-shm"] {
                    let mut name = place.clone().into_os_string();
                    name.push(rest);
                    // After a clean end there is none.
                    let _ = std::fs::remove_file(name);
                }
                // Into the file that is there: it keeps its owner and who may read it.
                std::fs::copy(&self.copy, &place)?;
            }
            Store::Postgres(urls) => server(postgres)?.undump(url(urls.get(&self.service))?, &self.copy).await?,
        }
        Ok(())
    }
}

fn server(postgres: Option<&Postgres>) -> Result<&Postgres> {
    postgres.ok_or_else(|| Fault::new("no PostgreSQL here"))
}

fn url(known: Option<&String>) -> Result<&str> {
    known.map(String::as_str).ok_or_else(|| Fault::new("no such store"))
}
