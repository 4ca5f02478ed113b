//! No read beyond the revocation bound: a copy of directory and grants that may lack a revocation closes the confidential
//! levels (I5).

use std::net::SocketAddr;
use std::time::Duration;

use dossier_proto::access::v1::RevokeGrantRequest;
use dossier_proto::profile::v1::ListCustomerFilesRequest;
use dossier_proto::types::AccessKind;
use dossier_tests::world::skipped;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::prelude::*;

/// Longer than the bound of the default configuration.
const BEYOND: SignedDuration = SignedDuration::from_secs(6);

/// The only road from profile to access; it can be cut.
struct Road {
    address: SocketAddr,
    to: watch::Sender<Option<SocketAddr>>,
}

// === impl Road ===

impl Road {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (to, open) = watch::channel(None);
        tokio::spawn(async move {
            while let Ok((from, _)) = listener.accept().await {
                tokio::spawn(carry(from, open.clone()));
            }
        });
        Self { address, to }
    }

    fn uri(&self) -> String {
        format!("http://{}", self.address)
    }

    fn lead_to(&self, world: &World) {
        let address = world.uri(Which::Access).trim_start_matches("http://").parse().unwrap();
        self.to.send_replace(Some(address));
    }

    fn cut(&self) {
        self.to.send_replace(None);
    }
}

async fn carry(mut from: TcpStream, mut open: watch::Receiver<Option<SocketAddr>>) {
    let Some(address) = *open.borrow_and_update() else { return };
    let Ok(mut to) = TcpStream::connect(address).await else { return };
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut from, &mut to) => {}
        _ = open.changed() => {}
    }
}

/// Waits until `subject` reads the file.
async fn reads_again(world: &World, subject: &str, name: &str) {
    let begun = Instant::now();
    while let Err(status) = world.read(subject, name).await {
        let refused = Refused::of(&status);
        assert_eq!(refused.reason, Reason::AuthorityStale, "{refused:?}");
        assert!(begun.elapsed() < Duration::from_secs(30), "it stays stale");
        sleep(Duration::from_millis(10)).await;
    }
}

async fn listed(world: &World, subject: &str) -> Vec<String> {
    let page = world.profile(subject).files.list_customer_files(ListCustomerFilesRequest::default()).await.good();
    page.customer_files.into_iter().map(|file| file.name).collect()
}

/// Lets the journal of access number nothing, or go on.
async fn number(world: &World, on: bool) {
    let db = world.db(Which::Access);
    // A later holder of the lease, who never comes.
    let epoch: i64 = if on { 0 } else { 1 << 40 };
    let done: dossier_kernel::error::Result<u64> =
        transact!(*db, tx => sql!(tx, execute, "UPDATE journal_head SET epoch = $2 WHERE org = $1", DEMO, epoch));
    assert_eq!(done.unwrap(), 1);
}

async fn revoke(world: &World, grant: &str) {
    let request = RevokeGrantRequest {
        name: grant.to_owned(),
        request_id: world.request_id(),
        reason: "工作已调整".into(),
        ..RevokeGrantRequest::default()
    };
    world.access("office-director").requests.revoke_grant(request).await.good();
}

async fn cut_off(store: Store) {
    if !store.available() {
        return skipped(module_path!());
    }
    let road = Road::open().await;
    let world = World::with(store, 1, &[("peers.access", &road.uri())]).await;
    road.lead_to(&world);
    let (open, closed) = (world.active(1).await, world.at_level(2, "confidential").await);
    reads_again(&world, "archivist", &closed.name).await;
    road.cut();
    // Within the bound it goes on.
    world.read("archivist", &closed.name).await.good();
    world.pass(BEYOND);
    let refused = world.read("archivist", &closed.name).await.refused(Reason::AuthorityStale);
    assert_eq!(refused.code, tonic::Code::Unavailable);
    assert_eq!(
        (refused.metadata["level"].as_str(), refused.metadata["bound_millis"].as_str()),
        ("confidential", "5000")
    );
    world.classify("archivist", &closed.name, "secret").await.refused(Reason::AuthorityStale);
    // Other levels go on, and what is invisible stays absent.
    world.read("archivist", &open.name).await.good();
    world.read("sales-2", &closed.name).await.refused(Reason::ResourceNotFound);
    assert_eq!(listed(&world, "archivist").await, [open.name.as_str()]);
    road.lead_to(&world);
    reads_again(&world, "archivist", &closed.name).await;
    assert_eq!(listed(&world, "archivist").await, [closed.name.as_str(), open.name.as_str()]);
    world.end().await;
}

// Gives what the holder of a grant is answered beyond the bound, when its revocation has no number.
async fn unnumbered(store: Store, options: &[(&str, &str)]) -> Option<Reason> {
    let world = World::with(store, 2, options).await;
    let (open, closed) = (world.active(1).await, world.at_level(2, "confidential").await);
    let grant = world.granted("sales-2", &closed.name, AccessKind::View, &["gm"]).await;
    reads_again(&world, "sales-2", &closed.name).await;
    number(&world, false).await;
    revoke(&world, &grant.name).await;
    world.pass(BEYOND);
    let answer = world.read("sales-2", &closed.name).await.err().map(|status| Refused::of(&status).reason);
    world.read("sales-2", &open.name).await.good();
    number(&world, true).await;
    world.settle().await;
    world.read("sales-2", &closed.name).await.refused(Reason::ResourceNotFound);
    reads_again(&world, "archivist", &closed.name).await;
    world.end().await;
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
// proves: I5
async fn profile_cut_off_from_access_closes_the_confidential_levels_sqlite() {
    cut_off(Store::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
// proves: I5
async fn profile_cut_off_from_access_closes_the_confidential_levels_postgres() {
    cut_off(Store::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
// proves: I5
async fn a_revocation_without_a_number_lets_nobody_in_beyond_the_bound() {
    for store in [Store::Sqlite, Store::Postgres] {
        if store.available() {
            assert_eq!(unnumbered(store, &[]).await, Some(Reason::AuthorityStale), "{store:?}");
        } else {
            skipped(module_path!());
        }
    }
}

// The control: without the bound the same read succeeds, so it is the bound that refuses.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_bound_the_revoked_reader_is_let_in() {
    assert_eq!(unnumbered(Store::Sqlite, &[("limits.revocation_bound", "1h")]).await, None);
}
