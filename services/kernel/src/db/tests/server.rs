//! A PostgreSQL of a test's own, which can be broken, and a pgbouncer before it.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, Executor};
use sqlx_postgres::{PgConnectOptions, PgConnection};
use tempfile::TempDir;

/// A private PostgreSQL with the superuser `root`, and the user `app` with the password `canary`, who owns the database
/// `app`; ended when dropped.
pub(super) struct Server {
    folder: TempDir,
    programs: PathBuf,
    pub(super) port: u16,
    process: Child,
}

/// A private pgbouncer; ended when dropped.
pub(super) struct Bouncer {
    pub(super) port: u16,
    process: Child,
    _folder: TempDir,
}

// === impl Server ===

impl Server {
    /// A fresh one, or nothing, with the reason printed.
    pub(super) async fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            println!("skipped: PostgreSQL is not installed");
            return None;
        };
        let folder = folder();
        let data = folder.path().join("data");
        let made = run(&programs.join("initdb"))
            .args(["-U", "root", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--pwfile"])
            .arg(secret(folder.path()))
            .arg("-D")
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let server = Self::go(folder, programs, &data).await;
        server.tell("CREATE ROLE app LOGIN PASSWORD 'canary'").await;
        server.tell("CREATE DATABASE app OWNER app").await;
        Some(server)
    }

    /// A standby of this one, which takes no writes.
    pub(super) async fn standby(&self) -> Self {
        let (folder, port) = (folder(), self.port.to_string());
        let data = folder.path().join("data");
        let made = run(&self.programs.join("pg_basebackup"))
            .args(["-h", "127.0.0.1", "-p", &port, "-U", "root", "-R", "-X", "stream", "-c", "fast", "--no-sync"])
            .arg("-D")
            .arg(&data)
            .env("PGPASSWORD", "canary")
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self::go(folder, self.programs.clone(), &data).await
    }

    async fn go(folder: TempDir, programs: PathBuf, data: &Path) -> Self {
        let port = free_port();
        let process = run(&programs.join("postgres"))
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-k"])
            .arg(folder.path())
            .arg("-D")
            .arg(data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { folder, programs, port, process };
        while server.connect("postgres").await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server
    }

    async fn connect(&self, database: &str) -> sqlx::Result<PgConnection> {
        let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(self.port);
        PgConnection::connect_with(&options.username("root").password("canary").database(database)).await
    }

    /// Says something to the database `app`, or to `postgres` before that is there.
    pub(super) async fn tell(&self, text: &str) {
        let mut connection = match self.connect("app").await {
            Ok(connection) => connection,
            Err(_) => self.connect("postgres").await.unwrap(),
        };
        connection.execute(AssertSqlSafe(text.to_owned())).await.unwrap();
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The url of the database `app` for `user`, who may be followed by a password.
    pub(super) fn url(&self, user: &str) -> String {
        url(user, self.port)
    }
}

pub(super) fn url(user: &str, port: u16) -> String {
    format!("postgres://{user}@127.0.0.1:{port}/app")
}

impl Drop for Server {
    fn drop(&mut self) {
        // Killed alone, the postmaster would leave its workers behind for a while.
        let told = Command::new("kill").args(["-QUIT", &self.process.id().to_string()]).status();
        if told.is_err() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

// === impl Bouncer ===

impl Bouncer {
    /// One in the mode `mode` with more `settings`, or nothing, with the reason printed.
    pub(super) async fn start(server: &Server, mode: &str, settings: &str) -> Option<Self> {
        let Some(program) = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].into_iter().find(|it| Path::new(it).exists())
        else {
            println!("skipped: pgbouncer is not installed");
            return None;
        };
        let (folder, port) = (folder(), free_port());
        let file = folder.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\napp = host=127.0.0.1 port={} user=app password=canary\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\ndefault_pool_size = 2\n{settings}\n",
            server.port
        );
        std::fs::write(&file, text).unwrap();
        let process = run(Path::new(program)).arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let listens = async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok();
        while !listens().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Some(Self { port, process, _folder: folder })
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

// Both servers refuse to run as root, and must get into the folder.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    if as_root() {
        assert!(Command::new("chown").arg("postgres:postgres").arg(folder.path()).status().unwrap().success());
    }
    folder
}

fn secret(folder: &Path) -> PathBuf {
    let file = folder.join("password");
    std::fs::write(&file, "canary").unwrap();
    file
}

fn run(program: &Path) -> Command {
    if !as_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

fn as_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|told| told.stdout.trim_ascii() == b"0")
}

fn programs() -> Option<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| folder.join("postgres").exists())
        .collect();
    found.sort();
    found.pop().map(|(_, folder)| folder)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
