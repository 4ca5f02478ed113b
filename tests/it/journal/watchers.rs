//! What many who watch and hear nothing cost.

use std::time::{Duration, Instant};

use dossier_proto::journal::v1::WatchEntriesRequest;
use futures::future::join_all;

use crate::prelude::*;

// The processor time of this process, in clock ticks of a hundredth of a second.
fn ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

fn beyond() -> WatchEntriesRequest {
    WatchEntriesRequest { parent: home(Which::Profile), after_seq: 1_000_000, ..Default::default() }
}

async fn watching(
    world: &World,
    subject: &str,
) -> Result<tonic::Response<tonic::Streaming<dossier_proto::journal::v1::WatchEntriesResponse>>, tonic::Status> {
    world.profile(subject).journal.watch_entries(beyond()).await
}

on_sqlite! {
    async fn a_caller_watches_so_much_at_a_time_and_no_more(world) {
        let mut open = Vec::new();
        for _ in 0..64 {
            open.push(watching(world, "auditor").await.good());
        }
        watching(world, "auditor").await.refused(Reason::RateLimited);
        watching(world, "gm").await.good();
    }

    // proves: A-01
    async fn a_watch_of_a_journal_ends_with_the_credential(world) {
        let mut open = watching(world, "auditor").await.good();
        // The clock of the world is moved past every credential; the watch looks again by itself.
        world.pass(SignedDuration::from_hours(24 * 400));
        let end = tokio::time::timeout(Duration::from_secs(30), open.message()).await.expect("it ends");
        assert_eq!(Refused::of(&end.unwrap_err()).reason, Reason::TokenExpired);
    }
}

/// Prints what 1,200 idle watchers of one journal cost; run by hand, in a release build.
#[ignore = "a measurement of ten seconds"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_watchers_cost_little() {
    let world = World::with(Store::Sqlite, 1, &[("server.max_concurrent_streams", "2000")]).await;
    let service = world.profile_as(world.service(Which::Credit, DEMO));
    let quiet = (ticks(), Instant::now());
    tokio::time::sleep(Duration::from_secs(5)).await;
    let before = (ticks() - quiet.0) as f64 / quiet.1.elapsed().as_secs_f64();
    let all = (0..1_200).map(|_| {
        let mut journal = service.journal.clone();
        async move { journal.watch_entries(beyond()).await.good() }
    });
    let open = join_all(all).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let busy = (ticks(), Instant::now());
    tokio::time::sleep(Duration::from_secs(10)).await;
    let during = (ticks() - busy.0) as f64 / busy.1.elapsed().as_secs_f64();
    let said = format!("{} idle watchers: {:.1} % of a core, without them {before:.1} %\n", open.len(), during);
    std::io::Write::write_all(&mut std::io::stderr(), said.as_bytes()).unwrap();
    assert!(during - before < 50.0, "{said}");
    drop(open);
    world.end().await;
}
