//! Two of everything, one that dies, and a bus that forgets.

use dossier_tests::scene::company;
use dossier_tests::world::{redis_url, skipped};

use crate::prelude::*;

on_both_stores! {
    // proves: I3, I4, I8
    async fn two_processes_on_the_same_stores_keep_every_invariant(world) {
        let second = world.replica().await;
        let mut names = Vec::new();
        for n in 1..=6 {
            let mut calls = if n % 2 == 0 { world.profile("sales-1") } else { second.profile("sales-1") };
            names.push(world.create(&mut calls, company(n)).await.good().name);
        }
        world.settle().await;
        for name in &names {
            let request =
                dossier_proto::profile::v1::GetCustomerFileRequest { name: name.clone(), purpose: "audit".into(), ..Default::default() };
            second.profile("sales-2").files.get_customer_file(request).await.good();
            world.read("sales-2", name).await.good();
        }
        check::holds(world).await;
        second.stop().await;
    }

    // proves: I3, I4
    async fn the_journal_goes_on_when_the_process_that_kept_it_dies(world) {
        let second = world.replica().await;
        world.active(1).await;
        second.kill().await;
        // Whatever leases it held run out by the clock.
        world.pass(SignedDuration::from_secs(30));
        world.active(2).await;
        check::holds(world).await;
    }

    // proves: I8
    async fn the_same_request_sent_to_two_processes_has_one_effect(world) {
        let second = world.replica().await;
        let request = dossier_proto::profile::v1::CreateCustomerFileRequest {
            customer_file: Some(company(1)),
            request_id: world.request_id(),
            ..Default::default()
        };
        let (mut one, mut two) = (world.profile("sales-1"), second.profile("sales-1"));
        let (one, two) =
            tokio::join!(one.files.create_customer_file(request.clone()), two.files.create_customer_file(request));
        assert_eq!(one.good().name, two.good().name);
        check::holds(world).await;
        second.stop().await;
    }

    // proves: I4
    async fn losing_all_of_the_bus_loses_nothing(world) {
        world.active(1).await;
        forget(world).await;
        let file = world.active(2).await;
        forget(world).await;
        world.read("sales-2", &file.name).await.good();
        check::holds(world).await;
    }
}

async fn restarted(store: Store) {
    if !store.available() {
        return skipped("everything_is_where_it_was_after_a_restart");
    }
    let mut world = World::start(store).await;
    let customer = world.customer(1, 1000).await;
    let request = world.reserving(&customer, 400);
    let made = world.credit("sales-1").exposure.reserve_credit(request.clone()).await.good();
    world.restart().await;
    // Also the answer to a request whose reply was lost on the way.
    assert_eq!(world.credit("sales-1").exposure.reserve_credit(request).await.good(), made);
    assert_eq!(world.exposure(&customer).await.held, Some(money(400)));
    check::holds(&world).await;
    world.end().await;
}

// proves: I3, I4, I8
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_where_it_was_after_a_restart_sqlite() {
    restarted(Store::Sqlite).await;
}

// proves: I3, I4, I8
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_where_it_was_after_a_restart_postgres() {
    restarted(Store::Postgres).await;
}

/// The Redis behind the bus of `world`; nothing where the bus lives in the process.
pub(super) async fn redis_of(world: &World) -> Option<redis::aio::MultiplexedConnection> {
    let url = redis_url().filter(|_| world.store() == Store::Postgres)?;
    Some(redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap())
}

// Deletes every key of this world; the bus in the process forgets nothing while its process lives.
async fn forget(world: &World) {
    let Some(mut connection) = redis_of(world).await else { return };
    let pattern = format!("*{}*", world.ground().config.bus.prefix);
    let keys: Vec<String> = redis::cmd("KEYS").arg(pattern).query_async(&mut connection).await.unwrap();
    for key in keys {
        let () = redis::cmd("DEL").arg(key).query_async(&mut connection).await.unwrap();
    }
}
