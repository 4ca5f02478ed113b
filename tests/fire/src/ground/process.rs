//! One process that can be stopped in every way there is.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use super::{Fault, Result};

/// A process whose output goes to a log; killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    pid: u32,
    log: PathBuf,
}

/// What a process may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// End at once, without a word.
    Kill,
    /// Stand still until [`Signal::Continue`].
    Stop,
    /// Go on.
    Continue,
    /// Come to an end in good order.
    Terminate,
    /// The terminal has gone, or: read your files again.
    Hangup,
    /// PostgreSQL: drop everybody and end in good order.
    Interrupt,
    /// PostgreSQL: end at once; the next start recovers.
    Quit,
}

// === impl Signal ===

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Kill => "KILL",
            Self::Stop => "STOP",
            Self::Continue => "CONT",
            Self::Terminate => "TERM",
            Self::Hangup => "HUP",
            Self::Interrupt => "INT",
            Self::Quit => "QUIT",
        }
    }

    /// Sends it to the process `pid`; one that has ended already takes no notice.
    ///
    /// # Errors
    /// When no shell can be started.
    pub fn send(self, pid: u32) -> Result<()> {
        let line = format!("kill -s {} {pid} 2>/dev/null", self.name());
        std::process::Command::new("sh").args(["-c", &line]).status()?;
        Ok(())
    }
}

// === impl Process ===

impl Process {
    /// Starts `program` with `arguments`, `environment` on top of ours, its output appended to `log`.
    ///
    /// A file that grows too large or has no room is an error for the program to handle, not a signal that ends it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(
        program: &Path,
        arguments: &[&str],
        environment: &BTreeMap<String, String>,
        log: &Path,
    ) -> Result<Self> {
        let output = OpenOptions::new().create(true).append(true).open(log)?;
        let mut command = Command::new(program);
        command.args(arguments).envs(environment).stdin(Stdio::null());
        command.stdout(output.try_clone()?).stderr(output).kill_on_drop(true);
        let child = command.spawn().map_err(|why| Fault::new(format!("{} {why}", program.display())))?;
        let pid = child.id().ok_or_else(|| Fault::new("the process has ended already"))?;
        Ok(Self { child, pid, log: log.to_owned() })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Where its output goes.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Whether it has not ended yet.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The code that it ended with; nothing while it runs and when a signal ended it.
    pub fn code(&mut self) -> Option<i32> {
        self.child.try_wait().ok().flatten()?.code()
    }

    /// Tells it something.
    ///
    /// # Errors
    /// When no shell can be started.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        signal.send(self.pid)
    }

    /// Waits until it has ended, at most `patience`; gives whether it has.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn ended(&mut self, patience: Duration) -> Result<bool> {
        match tokio::time::timeout(patience, self.child.wait()).await {
            Ok(ended) => ended.map(|_| true).map_err(Fault::from),
            Err(_) => Ok(false),
        }
    }

    /// Kills it and waits until it is gone.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn kill(&mut self) -> Result<()> {
        if self.runs() {
            self.child.kill().await?;
        }
        Ok(())
    }
}
