//! A private Redis that forgets everything when it stops.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Fault, Process, Result, Scratch, Signal, free_port};

/// A private Redis without any persistence: whatever restarts it starts it empty.
#[derive(Debug)]
pub struct Redis {
    folder: PathBuf,
    port: u16,
    process: Option<Process>,
}

// === impl Redis ===

impl Redis {
    /// A fresh Redis below `scratch`.
    ///
    /// # Errors
    /// When none is installed or it does not start.
    pub async fn start(scratch: &Scratch) -> Result<Self> {
        let mut made = Self { folder: scratch.path().to_owned(), port: free_port()?, process: None };
        made.go().await?;
        Ok(made)
    }

    /// Starts again, empty.
    ///
    /// # Errors
    /// When it does not answer within 10 seconds.
    pub async fn go(&mut self) -> Result<()> {
        let (port, folder) = (self.port.to_string(), self.folder.display().to_string());
        let arguments = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", &folder];
        let log = self.folder.join("redis.log");
        self.process = Some(Process::start(Path::new("redis-server"), &arguments, &BTreeMap::new(), &log)?);
        for _ in 0..200 {
            if self.answers().await {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(Fault::new("Redis does not answer"))
    }

    async fn answers(&self) -> bool {
        let Ok(client) = redis::Client::open(self.url()) else { return false };
        let Ok(mut connection) = client.get_multiplexed_async_connection().await else { return false };
        redis::cmd("PING").query_async::<String>(&mut connection).await.is_ok()
    }

    /// Kills it; all it held is gone.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn kill(&mut self) -> Result<()> {
        match self.process.take() {
            Some(mut process) => process.kill().await,
            None => Ok(()),
        }
    }

    /// Makes it stand still, or go on.
    ///
    /// # Errors
    /// When no shell can be started.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        self.process.as_ref().map_or(Ok(()), |process| process.signal(signal))
    }

    /// Empties it.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn flush(&self) -> Result<()> {
        let lost = |fault: redis::RedisError| Fault::new(format!("redis: {fault}"));
        let client = redis::Client::open(self.url()).map_err(lost)?;
        let mut connection = client.get_multiplexed_async_connection().await.map_err(lost)?;
        redis::cmd("FLUSHALL").query_async::<()>(&mut connection).await.map_err(lost)
    }

    /// Demands a password that nobody has for `span`, from those who are connected too.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn lock_out(&self, span: Duration) -> Result<()> {
        let lost = |fault: redis::RedisError| Fault::new(format!("redis: {fault}"));
        let client = redis::Client::open(self.url()).map_err(lost)?;
        // Who is connected while there is no password stays known; all others are dropped.
        let mut ours = client.get_multiplexed_async_connection().await.map_err(lost)?;
        let mut order = async |words: &[&str]| {
            redis::cmd(words[0]).arg(&words[1..]).query_async::<()>(&mut ours).await.map_err(lost)
        };
        order(&["CONFIG", "SET", "requirepass", "a-word-that-nobody-has"]).await?;
        order(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await?;
        order(&["CLIENT", "KILL", "TYPE", "pubsub"]).await?;
        tokio::time::sleep(span).await;
        order(&["CONFIG", "SET", "requirepass", ""]).await
    }

    /// Its url.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}
