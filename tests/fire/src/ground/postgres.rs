//! A private PostgreSQL that keeps what it commits, and can be stopped in every way.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use sqlx_postgres::{PgConnectOptions, PgConnection};

use super::{Fault, Process, Result, Scratch, Signal, free_port};

/// How PostgreSQL is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// Everybody is dropped, then it ends in good order.
    Fast,
    /// It ends at once and recovers at the next start.
    Immediate,
}

/// A private PostgreSQL with `fsync` on.
#[derive(Debug)]
pub struct Postgres {
    pub(super) programs: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) log: PathBuf,
    pub(super) port: u16,
    pub(super) process: Option<Process>,
}

const USER: &str = "dossier";

// === impl Halt ===

impl Halt {
    fn signal(self) -> Signal {
        match self {
            Self::Fast => Signal::Interrupt,
            Self::Immediate => Signal::Quit,
        }
    }
}

// === impl Postgres ===

impl Postgres {
    /// A fresh PostgreSQL below `scratch`; as root it runs as the user `postgres`, since it refuses root.
    ///
    /// # Errors
    /// When none is installed or it does not start.
    pub async fn start(scratch: &Scratch) -> Result<Self> {
        let (programs, folder) = (programs()?, scratch.path().join("postgres"));
        std::fs::create_dir(&folder)?;
        if as_root() {
            run(std::process::Command::new("chown").arg("postgres:postgres").arg(&folder))?;
        }
        let mut init = command(&programs.join("initdb"));
        init.arg("-D").arg(&folder).args(["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
        run(&mut init)?;
        let (log, port) = (scratch.path().join("postgres.log"), free_port()?);
        let mut made = Self { programs, folder, log, port, process: None };
        made.go().await?;
        Ok(made)
    }

    /// Starts again what was stopped.
    ///
    /// # Errors
    /// When it does not answer within a minute.
    pub async fn go(&mut self) -> Result<()> {
        let program = command(&self.programs.join("postgres"));
        let mut arguments: Vec<_> = program.get_args().map(|one| one.to_string_lossy().into_owned()).collect();
        let (folder, port) = (self.folder.display().to_string(), self.port.to_string());
        arguments.extend(["-D".to_owned(), folder.clone(), "-p".to_owned(), port, "-k".to_owned(), folder]);
        for option in ["listen_addresses=127.0.0.1", "max_connections=400", "fsync=on", "full_page_writes=on"] {
            arguments.extend(["-c".to_owned(), option.to_owned()]);
        }
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let program = PathBuf::from(program.get_program());
        self.process = Some(Process::start(&program, &arguments, &BTreeMap::new(), &self.log)?);
        for _ in 0..1200 {
            if let Ok(connection) = self.connect("postgres").await {
                let _ = connection.close().await;
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(Fault::new("PostgreSQL does not answer"))
    }

    /// Stops it.
    ///
    /// # Errors
    /// When it does not end within a minute.
    pub async fn halt(&mut self, how: Halt) -> Result<()> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        process.signal(how.signal())?;
        if how == Halt::Immediate && !process.ended(Duration::from_millis(400)).await? {
            // It waits five seconds for workers that do not end at once; nobody learns anything from that wait.
            let parent = process.pid().to_string();
            std::process::Command::new("pkill").args(["-KILL", "-P", &parent]).status()?;
        }
        if process.ended(Duration::from_secs(60)).await? { Ok(()) } else { Err(Fault::new("PostgreSQL does not end")) }
    }

    /// Where its data lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The size of its data, rounded up.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn megabytes(&self) -> Result<u64> {
        let told = std::process::Command::new("du").arg("-sm").arg(&self.folder).output()?;
        let words = String::from_utf8_lossy(&told.stdout);
        let size = words.split_whitespace().next().and_then(|size| size.parse().ok());
        size.ok_or_else(|| Fault::new("the size of PostgreSQL's data is not told"))
    }

    /// Moves its data to `folder`, perhaps on another disk; it must be stopped.
    ///
    /// # Errors
    /// When it runs, or there is no room.
    pub fn relocate(&mut self, folder: &Path) -> Result<()> {
        if self.process.is_some() {
            return Err(Fault::new("PostgreSQL runs and cannot be moved"));
        }
        run(std::process::Command::new("mv").arg(&self.folder).arg(folder))?;
        folder.clone_into(&mut self.folder);
        Ok(())
    }

    /// Makes it want room for its log again and again; gives whether it has ended of it within `patience`.
    ///
    /// # Errors
    /// When its end cannot be waited for.
    pub async fn exhaust_log(&mut self, patience: Duration) -> Result<bool> {
        // A segment of 16 MiB outlasts a cycle; those that were prepared before the disk was full are used up as well.
        let next = "SELECT pg_create_restore_point('fire'), pg_switch_wal()";
        let end = tokio::time::Instant::now() + patience;
        while tokio::time::Instant::now() < end {
            if let Ok(mut connection) = self.connect("postgres").await {
                while connection.execute(next).await.is_ok() {}
            }
            // It recovers by itself as long as the last segment has room for that.
            let Some(process) = self.process.as_mut() else { return Ok(true) };
            if process.ended(Duration::from_millis(100)).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What it has written into its log so far.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn logged(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(&self.log)?).into_owned())
    }

    /// How many lines of its log say that there was no room.
    pub fn without_room(&self) -> usize {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        log.lines().filter(|line| line.contains("No space left on device")).count()
    }

    /// The process, unless it is stopped.
    pub fn process(&self) -> Option<&Process> {
        self.process.as_ref()
    }

    /// Where it listens, host and port.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The url of `database`.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@{}/{database}", self.address())
    }

    /// A connection of our own to `database`.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn connect(&self, database: &str) -> Result<PgConnection> {
        let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(self.port);
        let options = options.username(USER).database(database).disable_statement_logging();
        Ok(PgConnection::connect_with(&options).await?)
    }

    /// Makes an empty database; what was there under the name goes away.
    ///
    /// # Errors
    /// When it does not answer, or somebody is connected to the one that was there.
    pub async fn create(&self, database: &str) -> Result<()> {
        let mut connection = self.connect("postgres").await?;
        for text in [format!("DROP DATABASE IF EXISTS {database}"), format!("CREATE DATABASE {database}")] {
            connection.execute(AssertSqlSafe(text)).await?;
        }
        Ok(())
    }

    /// Removes a database, and whoever is connected to it.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn remove(&self, database: &str) -> Result<()> {
        let mut connection = self.connect("postgres").await?;
        connection.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"))).await?;
        Ok(())
    }

    /// Runs one statement as the superuser, outside a transaction.
    ///
    /// # Errors
    /// When it does not answer or refuses.
    pub async fn order(&self, text: &str) -> Result<()> {
        let mut connection = self.connect("postgres").await?;
        connection.execute(AssertSqlSafe(text.to_owned())).await?;
        Ok(())
    }

    /// Writes the database at `url` to the file `into`, as it is at one moment.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub(super) async fn dump(&self, url: &str, into: &Path) -> Result<()> {
        let mut dump = tokio::process::Command::new(self.programs.join("pg_dump"));
        finished(dump.args(["--format=custom", "--file"]).arg(into).arg(url)).await
    }

    /// Makes the database at `url` what the file `from` says; whoever is connected is dropped.
    ///
    /// # Errors
    /// When it does not answer or the file is no dump.
    pub(super) async fn undump(&self, url: &str, from: &Path) -> Result<()> {
        let database = url.rsplit('/').next().unwrap_or_default();
        self.remove(database).await?;
        self.create(database).await?;
        let mut restore = tokio::process::Command::new(self.programs.join("pg_restore"));
        finished(restore.args(["--exit-on-error", "--dbname"]).arg(url).arg(from)).await
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Killed alone, the postmaster would leave its workers behind for a while.
        if let Some(mut process) = self.process.take() {
            let _ = process.signal(Signal::Continue);
            let _ = process.signal(Signal::Quit);
            for _ in 0..100 {
                if !process.runs() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

pub(super) fn as_root() -> bool {
    std::process::Command::new("id").arg("-u").output().is_ok_and(|told| told.stdout.trim_ascii() == b"0")
}

pub(super) fn command(program: &Path) -> std::process::Command {
    if !as_root() {
        return std::process::Command::new(program);
    }
    let mut command = std::process::Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

fn programs() -> Result<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .map_err(|_| Fault::new("PostgreSQL is missing; install with: apt-get install postgresql"))?
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| folder.join("postgres").exists())
        .collect();
    found.sort();
    found.pop().map(|(_, folder)| folder).ok_or_else(|| Fault::new("PostgreSQL is missing"))
}

pub(super) fn run(command: &mut std::process::Command) -> Result<()> {
    let told = command.output()?;
    if told.status.success() {
        return Ok(());
    }
    Err(Fault::new(String::from_utf8_lossy(&told.stderr)).within(command.get_program().to_string_lossy()))
}

async fn finished(command: &mut tokio::process::Command) -> Result<()> {
    let told = command.output().await?;
    if told.status.success() { Ok(()) } else { Err(Fault::new(String::from_utf8_lossy(&told.stderr))) }
}
