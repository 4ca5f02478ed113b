//! A connection that breaks while PostgreSQL commits: the idempotency row tells what became of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dossier_kernel::db::{Db, Settings};
use dossier_kernel::glance;
use futures::FutureExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::kernel::{call, counted, effect, mutations, request};
use crate::prelude::*;

/// A way to the server that breaks at a COMMIT: before it goes through, or after, when only the answer is lost.
struct Cutter {
    address: std::net::SocketAddr,
    cuts: Arc<AtomicUsize>,
}

impl Cutter {
    async fn before(server: String, after: bool, times: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cuts = Arc::new(AtomicUsize::new(times));
        let left = cuts.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let upstream = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(carry(client, upstream, after, left.clone()));
            }
        });
        Self { address, cuts }
    }
}

async fn carry(client: TcpStream, server: TcpStream, after: bool, cuts: Arc<AtomicUsize>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let back = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
        let commit = buffer[..count].windows(6).any(|bytes| bytes.eq_ignore_ascii_case(b"COMMIT"));
        let cut = commit && cuts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if cut {
            // The answers stop first, so that the server's word cannot slip through.
            back.abort();
            let _ = back.await;
            if after {
                to_server.write_all(&buffer[..count]).await.unwrap();
                // The server reads what was sent before it sees the end.
                let _ = to_server.shutdown().await;
            }
            return;
        }
        if to_server.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}

async fn broken(world: &World, after: bool) {
    let url = world.url(Which::Credit);
    if world.store() == Store::Sqlite {
        return;
    }
    let (scheme, rest) = url.split_once("://").unwrap();
    let (user, rest) = rest.split_once('@').unwrap_or(("", rest));
    let (server, database) = rest.split_once('/').unwrap();
    let cutter = Cutter::before(server.to_owned(), after, 1).await;
    let db = Db::open(&Settings::new(format!("{scheme}://{user}@{}/{database}", cutter.address))).await.unwrap();
    let (mutations, call) = (mutations(world, &db), call(world));
    let reply = effect(&mutations, &call, &request(world, "duties/1")).await.unwrap();
    assert_eq!(reply.name, "duties/1");
    assert_eq!(cutter.cuts.load(Ordering::SeqCst), 0, "nothing was cut");
    assert_eq!(counted(world.db(Which::Credit)).await, 1);
}

/// Gives up the beginning of a transaction after each of its first steps; whether any of its isolation stays behind.
async fn given_up(world: &World) {
    if world.store() == Store::Sqlite {
        return;
    }
    let settings = Settings { max_connections: 1, ..Settings::new(world.url(Which::Credit)) };
    let db = Db::open(&settings).await.unwrap();
    for steps in 1..8 {
        let mut begin = Box::pin(db.read());
        for _ in 0..steps {
            if begin.as_mut().now_or_never().is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(begin);
        for _ in 0..3 {
            let (level,) = glance!(&db, fetch_one as (String,), "SHOW transaction_isolation").unwrap();
            assert_eq!(level, "read committed", "given up after {steps} steps");
        }
    }
}

on_both_stores! {
    // proves: I8
    async fn a_beginning_that_is_given_up_leaves_no_transaction_to_the_next_caller(world) {
        given_up(world).await;
    }

    // proves: I8
    async fn an_answer_to_a_commit_that_is_lost_does_not_repeat_the_effect(world) {
        broken(world, true).await;
    }

    // proves: I8
    async fn a_commit_that_never_arrived_is_done_again(world) {
        broken(world, false).await;
    }
}
