//! The services behind a real pgbouncer.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use dossier_tests::world::{postgres_url, skipped, skipped_since};
use tempfile::TempDir;

use super::database;
use crate::prelude::*;

/// A private pgbouncer before the PostgreSQL of the tests; ended when dropped.
struct Bouncer {
    port: u16,
    process: Child,
    _folder: TempDir,
}

// === impl Bouncer ===

impl Bouncer {
    /// Or nothing, with the reason printed.
    async fn start() -> Option<Self> {
        let Some(url) = postgres_url() else {
            skipped(module_path!());
            return None;
        };
        let Some(program) = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].into_iter().find(|it| Path::new(it).exists())
        else {
            skipped_since(module_path!(), "pgbouncer is not installed");
            return None;
        };
        let (who, at) = url.trim_start_matches("postgres://").split_once('@').unwrap();
        // An empty password would be read as the beginning of the next option.
        let login = who.replacen(':', " password=", 1);
        let (host, port) = at.split_once('/').unwrap().0.split_once(':').unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let own = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let text = format!(
            "[databases]\n* = host={host} port={port} user={login}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {own}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 3\n"
        );
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, text).unwrap();
        let process = as_nobody(program).arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while tokio::net::TcpStream::connect(("127.0.0.1", own)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Some(Self { port: own, process, _folder: folder })
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

// It refuses to run as root.
fn as_nobody(program: &str) -> Command {
    if Command::new("id").arg("-u").output().is_ok_and(|told| told.stdout.trim_ascii() != b"0") {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", program]);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_services_live_behind_a_pooler_in_transaction_mode() {
    let Some(bouncer) = Bouncer::start().await else { return };
    let mut world = World::start(Store::Postgres).await;
    let mut options = vec![("database.pooler".to_owned(), "transaction".to_owned())];
    for which in Which::ALL {
        let behind = format!("postgres://dossier@127.0.0.1:{}/{}", bouncer.port, database(&world.url(which)));
        options.push((format!("{which}.database"), behind));
    }
    world.restart_with(options).await;
    // A file with its journal, its copies in the other services and a rating: every kind of statement.
    let file = world.active(1).await;
    let files = futures::future::join_all((2..12).map(|n| world.draft(n))).await;
    assert_eq!(files.len(), 10);
    world.model().await;
    world.settle().await;
    assert_eq!(world.read("sales-1", &file.name).await.good().name, file.name);
    world.end().await;
}
