//! Stands between a test's client and its server, and can be cut or lead elsewhere.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A way to a server, on a port of its own.
pub(crate) struct Wire {
    pub(crate) port: u16,
    upstream: Arc<Mutex<String>>,
    open: JoinSet<()>,
}

// === impl Wire ===

impl Wire {
    /// A way to `address`: host and port.
    pub(crate) async fn to(address: &str) -> Self {
        let mut wire = Self { port: 0, upstream: Arc::default(), open: JoinSet::new() };
        wire.lead_to(address);
        wire.join().await;
        wire
    }

    /// Leads elsewhere, from the next connection on.
    pub(crate) fn lead_to(&mut self, address: &str) {
        address.clone_into(&mut self.upstream.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Listens again.
    pub(crate) async fn join(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        self.port = listener.local_addr().unwrap().port();
        let upstream = Arc::clone(&self.upstream);
        self.open.spawn(async move {
            let mut pairs = JoinSet::new();
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                let upstream = upstream.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let mut far = TcpStream::connect(upstream).await.unwrap();
                pairs.spawn(async move { tokio::io::copy_bidirectional(&mut near, &mut far).await });
            }
        });
    }

    /// Cuts every connection, and listens no more.
    pub(crate) async fn cut(&mut self) {
        self.open.shutdown().await;
    }
}
