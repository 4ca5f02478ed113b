//! A relay between two sides of a TCP connection that can go wrong when asked to.
//!
//! Before a service it spreads connections over the replicas that take them. Before PostgreSQL it understands just enough of
//! the protocol to see a COMMIT go by, and can cut the connection before the server has it, or after the server has
//! answered and before the client knows.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Result;

/// Where a connection is cut at a COMMIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The server never sees it: nothing happened.
    Before,
    /// The server has answered it: it happened, and the client does not know.
    After,
}

/// A relay on a port of its own; ends when dropped.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    targets: Mutex<Vec<SocketAddr>>,
    next: AtomicUsize,
    understands: bool,
    blocked: AtomicBool,
    /// How many COMMITs are still to be cut, and where.
    armed: Mutex<(u32, Option<Cut>)>,
    cuts: AtomicU64,
    /// Changes when every open connection is to be dropped.
    severed: watch::Sender<u64>,
}

// === impl Relay ===

impl Relay {
    /// A relay that spreads connections over `targets`, trying the next where one takes none.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn spread(targets: Vec<SocketAddr>) -> Result<Self> {
        Self::open(targets, false).await
    }

    /// A relay to the PostgreSQL at `target`.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn postgres(target: SocketAddr) -> Result<Self> {
        Self::open(vec![target], true).await
    }

    async fn open(targets: Vec<SocketAddr>, understands: bool) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            targets: Mutex::new(targets),
            next: AtomicUsize::new(0),
            understands,
            blocked: AtomicBool::new(false),
            armed: Mutex::new((0, None)),
            cuts: AtomicU64::new(0),
            severed: watch::Sender::new(0),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts the connection at each of the next `count` COMMITs.
    pub fn cut(&self, count: u32, at: Cut) {
        *self.shared.armed.lock().unwrap_or_else(PoisonError::into_inner) = (count, Some(at));
    }

    /// How many COMMITs were cut so far.
    pub fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::Relaxed)
    }

    /// Drops every open connection.
    pub fn sever(&self) {
        self.shared.severed.send_modify(|times| *times += 1);
    }

    /// From now on leads to `target` alone; every open connection is dropped.
    pub fn lead(&self, target: SocketAddr) {
        *self.shared.targets.lock().unwrap_or_else(PoisonError::into_inner) = vec![target];
        self.sever();
    }

    /// While blocked, new connections are dropped at once, as the open ones were.
    pub fn block(&self, blocked: bool) {
        self.shared.blocked.store(blocked, Ordering::Relaxed);
        if blocked {
            self.sever();
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
        self.sever();
    }
}

// === impl Shared ===

impl Shared {
    async fn connect(&self) -> Option<TcpStream> {
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for step in 0..targets.len() {
            let target = targets[(first + step) % targets.len()];
            if let Ok(found) = TcpStream::connect(target).await {
                return Some(found);
            }
        }
        None
    }

    /// Whether this COMMIT is one to be cut.
    fn take_cut(&self) -> Option<Cut> {
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let (left, at) = *armed;
        if left == 0 {
            return None;
        }
        *armed = (left - 1, at);
        self.cuts.fetch_add(1, Ordering::Relaxed);
        at
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        if !shared.blocked.load(Ordering::Relaxed) {
            tokio::spawn(serve(client, Arc::clone(&shared)));
        }
    }
}

async fn serve(client: TcpStream, shared: Arc<Shared>) {
    let mut severed = shared.severed.subscribe();
    severed.mark_unchanged();
    let Some(server) = shared.connect().await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((client_in, client_out), (server_in, server_out)) = (client.into_split(), server.into_split());
    let swallow = AtomicBool::new(false);
    // Whatever ends first ends the connection for both sides.
    tokio::select! {
        () = there(client_in, server_out, &shared, &swallow) => {}
        () = back(server_in, client_out, &swallow) => {}
        _ = severed.changed() => {}
    }
}

/// From the client to the server, message by message where the relay understands them.
async fn there(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared, swallow: &AtomicBool) {
    let (mut held, mut piece, mut begun) = (Vec::new(), vec![0_u8; 1 << 16], false);
    loop {
        let Ok(count @ 1..) = from.read(&mut piece).await else { return };
        if !shared.understands {
            if to.write_all(&piece[..count]).await.is_err() {
                return;
            }
            continue;
        }
        held.extend_from_slice(&piece[..count]);
        while let Some(length) = whole(&held, begun) {
            let message: Vec<_> = held.drain(..length).collect();
            if !begun {
                // A request for encryption comes before the real beginning; the server refuses it here.
                begun = !is_encryption_request(&message);
            } else if is_commit(&message) {
                match shared.take_cut() {
                    Some(Cut::Before) => return,
                    Some(Cut::After) => swallow.store(true, Ordering::SeqCst),
                    None => {}
                }
            }
            if to.write_all(&message).await.is_err() {
                return;
            }
        }
    }
}

/// From the server to the client. A swallowed answer ends the connection.
async fn back(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, swallow: &AtomicBool) {
    let mut piece = vec![0_u8; 1 << 16];
    loop {
        let Ok(count @ 1..) = from.read(&mut piece).await else { return };
        if swallow.load(Ordering::SeqCst) || to.write_all(&piece[..count]).await.is_err() {
            return;
        }
    }
}

/// The length of the first message if all of it is there; the first of a connection has no type byte.
fn whole(held: &[u8], begun: bool) -> Option<usize> {
    let at = usize::from(begun);
    let length: [u8; 4] = held.get(at..at + 4)?.try_into().ok()?;
    let length = at + u32::from_be_bytes(length) as usize;
    (held.len() >= length).then_some(length)
}

fn is_encryption_request(message: &[u8]) -> bool {
    message.len() == 8 && message[4..] == 80_877_103_u32.to_be_bytes()
}

fn is_commit(message: &[u8]) -> bool {
    message.first() == Some(&b'Q') && message.get(5..).is_some_and(|text| text.eq_ignore_ascii_case(b"COMMIT\0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Vec<u8> {
        let length = u32::try_from(text.len() + 5).unwrap();
        [&b"Q"[..], &length.to_be_bytes(), text.as_bytes(), b"\0"].concat()
    }

    #[test]
    fn a_commit_is_recognised_and_nothing_else() {
        assert!(is_commit(&query("COMMIT")));
        assert!(!is_commit(&query("COMMIT PREPARED 'a'")));
        assert!(!is_commit(&query("SELECT 1")));
    }

    #[test]
    fn messages_are_taken_apart_only_when_whole() {
        let two = [query("BEGIN"), query("COMMIT")].concat();
        assert_eq!(whole(&two, true), Some(11));
        assert_eq!(whole(&two[..10], true), None);
        assert_eq!(whole(&two[..3], true), None);
        let start = [&8_u32.to_be_bytes()[..], &80_877_103_u32.to_be_bytes()].concat();
        assert_eq!(whole(&start, false), Some(8));
        assert!(is_encryption_request(&start));
    }

    #[tokio::test]
    async fn a_cut_before_keeps_the_commit_from_the_server_and_a_cut_after_keeps_the_answer_from_the_client() {
        for (cut, seen) in [(Cut::Before, false), (Cut::After, true)] {
            let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let relay = Relay::postgres(server.local_addr().unwrap()).await.unwrap();
            relay.cut(1, cut);
            let mut client = TcpStream::connect(relay.address()).await.unwrap();
            let (mut at_server, _) = server.accept().await.unwrap();
            let start = [&8_u32.to_be_bytes()[..], &196_608_u32.to_be_bytes()].concat();
            client.write_all(&[start, query("COMMIT")].concat()).await.unwrap();
            let mut came = vec![0; 8];
            at_server.read_exact(&mut came).await.unwrap();
            let mut rest = vec![0; 64];
            let count = at_server.read(&mut rest).await.unwrap();
            assert_eq!(rest[..count] == query("COMMIT"), seen);
            let _ = at_server.write_all(b"done").await;
            assert_eq!(client.read(&mut rest).await.unwrap_or(0), 0, "the client must learn nothing");
            assert_eq!(relay.cuts(), 1);
        }
    }
}
