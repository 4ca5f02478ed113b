//! Reads that share one insert.

use std::time::Duration;

use dossier_kernel::error::Reason;
use dossier_kernel::sql;
use futures::future::join_all;
use tokio_util::task::TaskTracker;

use super::Fixture;
use crate::disclosure::Settings;
use crate::{Disclosures, Wake};

async fn count(fixture: &Fixture) -> i64 {
    let mut tx = fixture.db.read().await.unwrap();
    sql!(&mut tx, fetch_one as (i64,), "SELECT COUNT(*) FROM journal_entry WHERE org = $1", "demo").unwrap().0
}

#[tokio::test]
async fn concurrent_disclosures_are_all_durable_when_they_return() {
    let fixture = Fixture::new().await;
    let tasks = TaskTracker::new();
    let disclosures = Disclosures::start(&fixture.db, &Wake::default(), Settings::default(), &tasks);
    let all = (1..=300).map(|n| disclosures.record(fixture.entry(n)));
    assert!(join_all(all).await.iter().all(Result::is_ok));
    assert_eq!(count(&fixture).await, 300);
    drop(disclosures);
    tasks.close();
    tasks.wait().await;
}

#[tokio::test]
async fn an_insert_that_fails_fails_every_caller_of_it() {
    let fixture = Fixture::new().await;
    let disclosures = Disclosures::start(&fixture.db, &Wake::default(), Settings::default(), &TaskTracker::new());
    let twice = fixture.entry(1);
    let answers = join_all([twice.clone(), twice, fixture.entry(2)].map(|entry| disclosures.record(entry))).await;
    for answer in answers {
        assert_eq!(answer.unwrap_err().reason(), Reason::JournalFault);
    }
    assert_eq!(count(&fixture).await, 0);
    disclosures.record(fixture.entry(3)).await.unwrap();
}

#[tokio::test]
async fn a_full_queue_refuses_and_a_late_answer_fails() {
    let fixture = Fixture::new().await;
    let settings = Settings { queue: 1, deadline: Duration::from_millis(50), ..Settings::default() };
    let disclosures = Disclosures::start(&fixture.db, &Wake::default(), settings, &TaskTracker::new());
    let writer = fixture.db.write().await.unwrap();
    let answers = join_all((1..=8).map(|n| disclosures.record(fixture.entry(n)))).await;
    let reasons: Vec<_> = answers.into_iter().map(|answer| answer.unwrap_err().reason()).collect();
    assert!(reasons.contains(&Reason::Overloaded) && reasons.contains(&Reason::JournalFault), "{reasons:?}");
    drop(writer);
}
