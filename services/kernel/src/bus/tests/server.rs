//! A Redis of a test's own, which can be broken.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ::redis::{Cmd, FromRedisValue, cmd};
use tempfile::TempDir;

/// A private Redis; killed when dropped.
pub(super) struct Server {
    folder: TempDir,
    pub(super) port: u16,
    process: Option<Child>,
}

// === impl Server ===

impl Server {
    /// A fresh one with more `options`, or nothing, with the reason printed.
    pub(super) async fn start(options: &[&str]) -> Option<Self> {
        if Command::new("redis-server").arg("--version").stdout(Stdio::null()).status().is_err() {
            println!("skipped: redis-server is not installed");
            return None;
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut made = Self { folder: tempfile::tempdir().unwrap(), port, process: None };
        made.go(options).await;
        Some(made)
    }

    /// Starts it again, with other `options`; whatever the options, it listens when this returns.
    pub(super) async fn go(&mut self, options: &[&str]) {
        self.kill();
        let mut command = Command::new("redis-server");
        command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        command.arg("--dir").arg(self.folder.path()).args(options).stdout(Stdio::null()).stderr(Stdio::null());
        self.process = Some(command.spawn().unwrap());
        let listens = async || tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_ok();
        while !listens().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(super) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Makes it stand still, or go on.
    pub(super) fn signal(&self, name: &str) {
        let pid = self.process.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(super) fn url(&self, user: &str) -> String {
        format!("redis://{user}127.0.0.1:{}", self.port)
    }

    /// Says something to it, as `user`, for example `:password@`.
    pub(super) async fn ask<T: FromRedisValue>(&self, user: &str, command: &Cmd) -> T {
        let client = ::redis::Client::open(self.url(user)).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        command.query_async(&mut connection).await.unwrap()
    }

    pub(super) async fn tell(&self, user: &str, words: &str) {
        let mut words = words.split(' ');
        let mut command = cmd(words.next().unwrap());
        command.arg(words.collect::<Vec<_>>());
        self.ask::<()>(user, &command).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
