//! A standby of a private PostgreSQL: it follows by streaming, and takes over when the primary is gone.

use std::time::Duration;

use sqlx::Executor;

use super::postgres::{as_root, command, run};
use super::{Fault, Halt, Postgres, Result, Scratch, free_port};

/// How long a standby may take to follow, or to take over.
const PATIENCE: Duration = Duration::from_secs(30);

// === impl Postgres ===

impl Postgres {
    /// A standby that follows this PostgreSQL, for whose word every commit here waits from now on. It serves readers.
    ///
    /// # Errors
    /// When it cannot be made or does not follow in time.
    pub async fn standby(&self, scratch: &Scratch, number: usize) -> Result<Self> {
        let folder = scratch.path().join(format!("postgres-standby-{number}"));
        std::fs::create_dir(&folder)?;
        if as_root() {
            run(std::process::Command::new("chown").arg("postgres:postgres").arg(&folder))?;
        }
        run(std::process::Command::new("chmod").arg("700").arg(&folder))?;
        let from = format!("host=127.0.0.1 port={} user=dossier application_name=standby", self.port);
        let mut copy = command(&self.programs.join("pg_basebackup"));
        // Its output goes nowhere: only its end matters.
        copy.args(["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync", "--dbname"]);
        run(copy.arg(from).arg("--pgdata").arg(&folder))?;
        let log = scratch.path().join(format!("postgres-standby-{number}.log"));
        let (programs, port) = (self.programs.clone(), free_port()?);
        let mut made = Self { programs, folder, log, port, process: None };
        made.go().await?;
        self.order("ALTER SYSTEM SET synchronous_standby_names = 'standby'").await?;
        self.order("SELECT pg_reload_conf()").await?;
        self.until("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'").await?;
        Ok(made)
    }

    /// Takes over from a primary that is gone; returns when it takes writes.
    ///
    /// # Errors
    /// When it does not within the time.
    pub async fn take_over(&self) -> Result<()> {
        self.order("SELECT pg_promote()").await?;
        self.until("SELECT 1 WHERE NOT pg_is_in_recovery()").await
    }

    /// Ends for good; its data go away.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn retire(mut self) -> Result<()> {
        self.halt(Halt::Immediate).await?;
        Ok(std::fs::remove_dir_all(self.folder())?)
    }

    async fn until(&self, text: &'static str) -> Result<()> {
        let end = tokio::time::Instant::now() + PATIENCE;
        while tokio::time::Instant::now() < end {
            let mut connection = self.connect("postgres").await?;
            if connection.fetch_optional(text).await?.is_some() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(Fault::new(format!("not within {PATIENCE:?}: {text}")))
    }
}
