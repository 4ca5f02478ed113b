//! A store that takes no writes for a while.

use std::time::{Duration, Instant};

use tonic::Code;

use super::{database, tell};
use crate::prelude::*;

async fn unavailable_and_back(world: &World) {
    if world.store() == Store::Sqlite {
        return;
    }
    let file = world.draft(1).await;
    let url = world.url(Which::Profile);
    let store = database(&url).to_owned();
    let ends = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{store}'");
    tell(format!("ALTER DATABASE {store} SET default_transaction_read_only = on")).await;
    tell(ends).await;
    // Whoever had a connection finds it gone; those that come after it take no writes.
    let create = async |n| world.create(&mut world.profile("sales-1"), dossier_tests::scene::company(n)).await;
    for n in 2..30 {
        let refused = create(n).await.bad();
        assert_eq!((refused.code, refused.reason), (Code::Unavailable, Reason::StoreUnavailable), "{refused:?}");
    }
    assert_eq!(world.read("sales-1", &file.name).await.bad().code, Code::Unavailable, "a read is written down first");
    tell(format!("ALTER DATABASE {store} RESET default_transaction_read_only")).await;
    let (end, mut n) = (Instant::now() + Duration::from_secs(20), 40);
    // The connections of before stay as they were made: they must be left.
    while create(n).await.is_err() {
        assert!(Instant::now() < end, "it takes no writes for ever");
        n += 1;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

on_both_stores! {
    async fn a_store_that_takes_no_writes_is_unavailable_and_used_again_without_a_restart(world) {
        unavailable_and_back(world).await;
    }
}
