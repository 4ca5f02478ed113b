//! I10: the comparison of two worlds sees a difference when there is one.

use dossier_proto::profile::v1::{ListCustomerFilesRequest, SearchCustomerFilesRequest};
use dossier_tests::check::{Question, answers};
use dossier_tests::world::run;
use prost::Message;

use crate::prelude::*;

fn questions(subject: &str) -> Vec<Question> {
    let ask = |method: &str, message: Vec<u8>| Question {
        which: Which::Profile,
        subject: subject.to_owned(),
        method: format!("dossier.profile.v1.CustomerFileService/{method}"),
        message,
    };
    let search =
        SearchCustomerFilesRequest { name_contains: "客户".into(), purpose: "audit".into(), ..Default::default() };
    vec![
        ask("ListCustomerFiles", ListCustomerFilesRequest::default().encode_to_vec()),
        ask("SearchCustomerFiles", search.encode_to_vec()),
    ]
}

// Two worlds alike but for a file of the sales department. None has a file that both have: its id would hang on how often each had
// looked for the other services when it began.
async fn compared(store: Store) {
    run(store, "a_difference_between_two_worlds_is_seen", |one| {
        Box::pin(async move {
            let other = World::start(one.store()).await;
            let before = answers(one, &other, &questions("sales-2")).await;
            other.draft(1).await;
            let after = answers(one, &other, &questions("sales-2")).await;
            // Whoever may not see the file is told the same in both.
            let low = answers(one, &other, &questions("service-1")).await;
            other.end().await;
            assert!(before.is_empty(), "{before:?}");
            assert_eq!(after.len(), 2, "{after:?}");
            assert!(low.is_empty(), "{low:?}");
        })
    })
    .await;
}

// proves: I10
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_difference_between_two_worlds_is_seen_sqlite() {
    compared(Store::Sqlite).await;
}

// proves: I10
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_difference_between_two_worlds_is_seen_postgres() {
    compared(Store::Postgres).await;
}
