//! Numbers, fences, publishing.

use std::sync::Arc;
use std::time::Duration;

use dossier_kernel::bus::Appended;
use dossier_kernel::sql;
use tokio_util::sync::CancellationToken;

use super::{Fixture, log};
use crate::publish::{publish, stream};
use crate::sequencer::{Batch, Halt, sequence, sequence_in};
use crate::verify::{Trust, store};

#[tokio::test]
async fn numbers_are_contiguous_and_the_store_verifies() {
    let fixture = Fixture::new().await;
    fixture.grow(&[1, 3, 2, 7]).await;
    assert_eq!(fixture.seqs().await, (1..=13).collect::<Vec<_>>());
    let report = store(&mut fixture.db.read().await.unwrap(), &log().verifier(), &Trust::default()).await.unwrap();
    assert_eq!((report.entries, report.checkpoints, report.faults), (13, 4, vec![]));
}

#[tokio::test]
async fn a_batch_is_bounded_and_says_how_long_entries_waited() {
    let fixture = Fixture::new().await;
    fixture.append(5).await;
    let batch = sequence(&fixture.db, &log(), 1, 1_700_000_000_250_000, 3).await.unwrap();
    assert_eq!(batch, Some(Batch { entries: 3, size: 3, delay: 250_000 }));
    let batch = sequence(&fixture.db, &log(), 1, 1_700_000_000_250_000, 3).await.unwrap();
    assert_eq!(batch.map(|batch| (batch.entries, batch.size)), Some((2, 5)));
    assert_eq!(sequence(&fixture.db, &log(), 1, 0, 3).await.unwrap(), None);
}

#[tokio::test]
async fn an_entry_that_commits_late_gets_a_late_number() {
    let fixture = Fixture::new().await;
    let late = fixture.entry(99);
    fixture.grow(&[2]).await;
    let mut tx = fixture.db.write().await.unwrap();
    crate::append(&mut tx, &late).await.unwrap();
    tx.commit().await.unwrap();
    sequence(&fixture.db, &log(), 1, 0, 10).await.unwrap();
    let mut tx = fixture.db.read().await.unwrap();
    let (last,) = sql!(&mut tx, fetch_one as (uuid::Uuid,), "SELECT id FROM journal_entry WHERE seq = 3").unwrap();
    assert_eq!(last.to_string(), late.id);
}

#[tokio::test]
async fn a_stale_holder_writes_nothing() {
    let fixture = Fixture::new().await;
    fixture.append(2).await;
    sequence(&fixture.db, &log(), 2, 0, 1).await.unwrap();
    let halt = sequence(&fixture.db, &log(), 1, 0, 10).await.unwrap_err();
    assert!(matches!(halt, Halt::Fenced { epoch: 1 }));
    assert_eq!(fixture.seqs().await, [1]);
    // The same holder, and any later one, goes on.
    sequence(&fixture.db, &log(), 3, 0, 10).await.unwrap();
    assert_eq!(fixture.seqs().await, [1, 2]);
    assert!(matches!(fixture.keeper().round(&log(), 2).await, Err(Halt::Fenced { epoch: 2 })));
    fixture.keeper().round(&log(), 3).await.unwrap();
}

#[tokio::test]
async fn a_batch_that_does_not_commit_leaves_no_trace() {
    let fixture = Fixture::new().await;
    fixture.append(2).await;
    let mut tx = fixture.db.write().await.unwrap();
    sequence_in(&mut tx, &log(), 1, 0, 10).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(fixture.seqs().await, Vec::<i64>::new());
    fixture.grow(&[1]).await;
    assert_eq!(fixture.seqs().await, [1, 2, 3]);
}

#[tokio::test]
async fn publishing_twice_and_after_a_crash_changes_nothing() {
    let fixture = Fixture::new().await;
    fixture.grow(&[3]).await;
    let bus = fixture.bus.as_ref();
    // As if the process had died between the bus and the note in the head.
    let first = bus.append(&stream("demo", "profile", ""), 1, b"x").await.unwrap();
    assert_eq!(first, Appended::Added);
    assert_eq!(publish(&fixture.db, bus, log().origin(), 1).await.unwrap(), 3);
    assert_eq!(publish(&fixture.db, bus, log().origin(), 1).await.unwrap(), 0);
    fixture.grow(&[2]).await;
    assert_eq!(publish(&fixture.db, bus, log().origin(), 1).await.unwrap(), 2);
    let items = bus.read(&stream("demo", "profile", ""), 0, 100, Duration::ZERO).await.unwrap();
    assert_eq!(items.iter().map(|item| item.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn two_keepers_at_once_number_everything_once() {
    let fixture = Fixture::new().await;
    let stop = CancellationToken::new();
    let keepers = [fixture.keeper(), fixture.keeper()].map(|keeper| tokio::spawn(keeper.run(stop.clone())));
    fixture.append(40).await;
    while fixture.seqs().await.len() < 40 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stop.cancel();
    for keeper in keepers {
        keeper.await.unwrap();
    }
    assert_eq!(fixture.seqs().await, (1..=40).collect::<Vec<_>>());
    let report = store(&mut fixture.db.read().await.unwrap(), &log().verifier(), &Trust::default()).await.unwrap();
    assert_eq!(report.faults, vec![]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sequencers_that_race_with_each_other_and_with_writers_leave_one_true_journal() {
    let fixture = Arc::new(Fixture::new().await);
    let done = CancellationToken::new();
    let sequencers = [1, 1, 2].map(|epoch| {
        let (fixture, done) = (fixture.clone(), done.clone());
        tokio::spawn(async move {
            while !done.is_cancelled() {
                // A lost race, a conflict or a fence: whatever happens, nothing false is written.
                let _ = sequence(&fixture.db, &log(), epoch, 0, 7).await;
                tokio::task::yield_now().await;
            }
        })
    });
    let writers = [10, 20, 30, 40].map(|count| {
        let fixture = fixture.clone();
        tokio::spawn(async move { fixture.append(count).await })
    });
    for writer in writers {
        writer.await.unwrap();
    }
    while fixture.seqs().await.len() < 100 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    done.cancel();
    for sequencer in sequencers {
        sequencer.await.unwrap();
    }
    assert_eq!(fixture.seqs().await, (1..=100).collect::<Vec<_>>());
    let report = store(&mut fixture.db.read().await.unwrap(), &log().verifier(), &Trust::default()).await.unwrap();
    assert_eq!((report.entries, report.faults), (100, vec![]));
}
