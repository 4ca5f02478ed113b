//! A store that was restored to an earlier state is not believed, and is mended by command.

use std::time::Duration;

use dossier::Failure;
use dossier::recover::{Args, stores};
use dossier::serve::Ground;
use dossier_journal::checkpoint::Origin;
use dossier_journal::sequencer::sequence;
use dossier_journal::{Log, Recorder, append_all, recover};
use dossier_kernel::time::micros;
use dossier_proto::access::v1 as pb;
use dossier_proto::access::v1::UpdatePersonRequest;
use dossier_proto::credit::v1::GetExposureRequest;
use dossier_proto::journal::v1::{CompareCopyRequest, GetJournalRequest};
use dossier_proto::profile::v1::{FileNumberState, ListFileNumbersRequest};
use dossier_proto::types::AccessKind;
use dossier_tests::rules::Rules;
use dossier_tests::scene::complaint;
use dossier_tests::world::skipped;
use dossier_vault::sign::Signer;
use prost_types::FieldMask;
use tokio::time::{Instant, sleep};
use tonic::{Response, Status};

use crate::prelude::*;

fn journal_of(which: Which) -> GetJournalRequest {
    GetJournalRequest { name: format!("{}/journal", home(which)) }
}

const LONGEST: Duration = Duration::from_secs(30);

pub(crate) fn order() -> Args {
    Args {
        org: Some(DEMO.into()),
        by: "gm".into(),
        reason: "put back after a disk failed".into(),
        drop_contents: false,
    }
}

async fn mend(world: &World) -> Vec<String> {
    mended(world.ground(), order()).await
}

/// What the command says, once the leases of the services that were stopped have ended.
pub(crate) async fn mended(ground: &Ground, order: Args) -> Vec<String> {
    asked(ground, &order).await.unwrap()
}

/// As [`mended`], with its refusal.
pub(super) async fn asked(ground: &Ground, order: &Args) -> Result<Vec<String>, Failure> {
    let end = Instant::now() + LONGEST;
    loop {
        match stores(ground, order).await {
            Err(busy) if busy.to_string().contains("seems to be running") && Instant::now() < end => {
                sleep(Duration::from_millis(10)).await;
            }
            done => return done,
        }
    }
}

/// Calls until the answer is this refusal.
async fn refused_in_time<T: std::fmt::Debug, F>(reason: Reason, call: impl Fn() -> F)
where
    F: Future<Output = Result<Response<T>, Status>>,
{
    let end = Instant::now() + LONGEST;
    loop {
        let answer = call().await.map_err(|status| Refused::of(&status).reason);
        if answer.as_ref().err() == Some(&reason) {
            return;
        }
        assert!(Instant::now() < end, "never {reason:?}, but {answer:?}");
        sleep(Duration::from_millis(10)).await;
    }
}

async fn switched(world: &World, person: &str, active: bool) -> Result<Response<pb::Person>, Status> {
    let person = pb::Person { name: person.to_owned(), active, ..pb::Person::default() };
    let request = UpdatePersonRequest {
        person: Some(person),
        update_mask: Some(FieldMask { paths: vec!["active".into()] }),
        request_id: world.request_id(),
        reason: "离职".into(),
        ..UpdatePersonRequest::default()
    };
    world.access("office-director").directory.update_person(request).await
}

async fn exposure(world: &World, customer: &str) -> Result<Response<dossier_proto::credit::v1::Exposure>, Status> {
    let request = GetExposureRequest { customer: customer.to_owned() };
    world.credit("finance-director").exposure.get_exposure(request).await
}

/// What `dossier verify` says of the copies.
async fn compared(world: &World) -> Vec<String> {
    let found = dossier::verify::copies(&world.ground().config, &Which::ALL, Some(DEMO)).await;
    found.into_iter().map(|one| format!("{}: {}", one.name, one.outcome.unwrap_err())).collect()
}

/// A world whose access store was put back to before `later`.
async fn access_put_back(store: Store) -> (World, String, [String; 2]) {
    let mut world = World::start(store).await;
    let people = [world.who("sales-1").await, world.who("sales-2").await];
    let file = world.active(1).await.name;
    world.settle().await;
    world.pause().await;
    world.back_up(Which::Access).await;
    world.resume().await;
    for n in 2..=4 {
        let other = world.at_level(n, "confidential").await.name;
        world.granted("sales-2", &other, AccessKind::View, &["gm"]).await;
    }
    world.settle().await;
    assert!(compared(&world).await.is_empty());
    world.pause().await;
    world.put_back(Which::Access).await;
    (world, file, people)
}

async fn nobody_is_served_on_an_older_access_store(store: Store) {
    if !store.available() {
        return skipped(module_path!());
    }
    let (mut world, file, [sales, other]) = access_put_back(store).await;
    world.resume().await;
    // Not even the first call is served: the bus, and the stores beside it, say so before the ports open.
    switched(&world, &other, false).await.refused(Reason::StoreRestored);
    // Profile and credit find out, and so does access: the dismissed would be served for ever otherwise.
    refused_in_time(Reason::AuthorityStale, || world.read("sales-1", &file)).await;
    refused_in_time(Reason::AuthorityStale, || exposure(&world, &file)).await;
    refused_in_time(Reason::StoreRestored, || switched(&world, &other, false)).await;
    let told = world.read("sales-1", &file).await.refused(Reason::AuthorityStale);
    assert_eq!((told.code, told.metadata["source"].as_str()), (tonic::Code::Unavailable, "access"));
    let told = switched(&world, &other, false).await.refused(Reason::StoreRestored);
    assert_eq!((told.code, told.metadata["service"].as_str()), (tonic::Code::Unavailable, "access"));
    let found = compared(&world).await;
    assert!(found.iter().any(|line| line.contains("access as profile knows it")), "{found:?}");
    assert!(found.iter().any(|line| line.contains("access as credit knows it")), "{found:?}");
    // A service that works on the stores would go on meanwhile.
    let busy = stores(world.ground(), &order()).await.unwrap_err();
    assert!(busy.to_string().contains("seems to be running"), "{busy}");
    // Known after a start too.
    world.pause().await;
    world.resume().await;
    world.read("sales-1", &file).await.refused(Reason::AuthorityStale);
    world.pause().await;
    let said = mend(&world).await;
    assert!(said.iter().any(|line| line.contains("access begins a new era")), "{said:?}");
    assert!(said.iter().any(|line| line.contains("profile knew grants/")), "{said:?}");
    assert_eq!(mend(&world).await.len(), 1, "the second time there is nothing to do");
    world.resume().await;
    world.settle().await;
    world.read("sales-1", &file).await.good();
    switched(&world, &sales, false).await.good();
    world.settle().await;
    refused_in_time(Reason::PersonUnknown, || world.read("sales-1", &file)).await;
    check::holds(&world).await;
    assert!(compared(&world).await.is_empty());
    let key = world.profile("sales-2").journal.get_journal(journal_of(Which::Profile)).await.good();
    assert_eq!((key.origin.as_str(), key.era.as_str()), ("dossier/demo/profile", ""));
    let key = world.access("sales-2").journal.get_journal(journal_of(Which::Access)).await.good();
    assert!(key.verifier_keys[0].starts_with("dossier/demo/access+") && !key.era.is_empty(), "{key:?}");
    world.end().await;
}

async fn a_number_is_never_issued_twice(store: Store) {
    if !store.available() {
        return skipped(module_path!());
    }
    let mut world = World::start(store).await;
    let other = world.who("sales-2").await;
    let first = world.active(1).await;
    world.pause().await;
    world.back_up(Which::Profile).await;
    world.resume().await;
    let lost = [world.active(2).await, world.active(3).await];
    world.settle().await;
    world.pause().await;
    world.put_back(Which::Profile).await;
    world.resume().await;
    refused_in_time(Reason::StoreRestored, || world.read("sales-1", &first.name)).await;
    let company = dossier_tests::scene::company(9);
    let mut sales = world.profile("sales-1");
    world.create(&mut sales, company).await.refused(Reason::StoreRestored);
    // Access decides nothing on files that may not be what it knows, and still takes rights away.
    refused_in_time(Reason::AuthorityStale, || world.ask("sales-2", &first.name, AccessKind::View)).await;
    switched(&world, &other, false).await.good();
    switched(&world, &other, true).await.good();
    world.pause().await;
    let said = mend(&world).await;
    for file in &lost {
        assert!(said.iter().any(|line| line.contains(&format!("number {} is void", file.number))), "{said:?}");
        assert!(said.iter().any(|line| line.contains(&file.name)), "{said:?}");
    }
    world.resume().await;
    let next = world.active(4).await;
    assert!(lost.iter().all(|file| file.number != next.number));
    assert_eq!(next.number, "KH-2026-00004");
    let request = ListFileNumbersRequest { page_size: 50, ..ListFileNumbersRequest::default() };
    let register = world.profile("archivist").numbers.list_file_numbers(request).await.good().file_numbers;
    let void: Vec<_> = register.iter().filter(|one| one.state() == FileNumberState::Void).collect();
    assert_eq!(void.len(), 2, "{void:?}");
    check::holds(&world).await;
    assert!(compared(&world).await.is_empty());
    world.end().await;
}

async fn a_number_of_a_record_is_never_drawn_twice(store: Store) {
    if !store.available() {
        return skipped(module_path!());
    }
    let rules = Rules::of("NUMBERS");
    let options = rules.options();
    let options: Vec<_> = options.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let mut world = World::with(store, 1, &options).await;
    let file = world.active(1).await.name;
    world.pause().await;
    world.back_up(Which::Profile).await;
    world.resume().await;
    let lost = numbered(&world, &file).await;
    world.settle().await;
    world.pause().await;
    world.put_back(Which::Profile).await;
    let said = mend(&world).await;
    assert!(said.iter().any(|line| line.contains(&format!("number {lost} is void"))), "{said:?}");
    world.resume().await;
    world.settle().await;
    assert_eq!((lost.as_str(), numbered(&world, &file).await.as_str()), ("TS-2026-0001", "TS-2026-0002"));
    check::holds(&world).await;
    assert!(compared(&world).await.is_empty());
    world.end().await;
}

/// The number of a new complaint that was taken up.
async fn numbered(world: &World, file: &str) -> String {
    let made = world.note("sales-1", file, complaint("到货破损")).await.good();
    world.advance("sales-1", &made.name).await.good().number
}

/// Lets access's journal grow to `size` by entries that nobody heard of.
async fn another_history(world: &World, size: i64) {
    let db = world.open(Which::Access).await;
    let providers = world.ground().providers.clone();
    let mut tx = db.write().await.unwrap();
    let have = dossier_journal::place::end(&mut tx, DEMO).await.unwrap().seq;
    let recorder = Recorder::new("access", providers);
    let entry = || recorder.work(DEMO, "test.other", "persons/x").body();
    append_all(&mut tx, &(have..size).map(|_| entry()).collect::<Vec<_>>()).await.unwrap();
    tx.commit().await.unwrap();
    let signer = Signer::journal(world.ground().provider.as_ref(), "access").unwrap();
    let log = Log::new(Origin::new(DEMO, "access").unwrap(), signer.signing_key().clone());
    let epoch = {
        let text = "SELECT epoch FROM journal_head WHERE org = $1";
        sql!(&mut db.read().await.unwrap(), fetch_one as (i64,), text, DEMO).unwrap().0
    };
    sequence(&db, &log, epoch, micros(world.now()), 10_000).await.unwrap();
    db.close().await;
}

async fn the_same_length_and_another_history(store: Store) {
    if !store.available() {
        return skipped(module_path!());
    }
    let (mut world, file, [_, other]) = access_put_back(store).await;
    let db = world.open(Which::Profile).await;
    let copies = recover::copies(&mut db.read().await.unwrap(), DEMO).await.unwrap();
    db.close().await;
    another_history(&world, copies[0].place.seq).await;
    let found = compared(&world).await;
    assert!(found.iter().any(|line| line.contains("says something else")), "{found:?}");
    world.resume().await;
    refused_in_time(Reason::AuthorityStale, || world.read("sales-1", &file)).await;
    refused_in_time(Reason::StoreRestored, || switched(&world, &other, false)).await;
    world.pause().await;
    mend(&world).await;
    world.resume().await;
    world.settle().await;
    world.read("sales-1", &file).await.good();
    world.end().await;
}

/// A copy that was made by a version that did not count is adopted, and watched from then on.
async fn adopted(store: Store) {
    if !store.available() {
        return skipped(module_path!());
    }
    let mut world = World::start(store).await;
    let file = world.active(1).await.name;
    world.pause().await;
    let db = world.open(Which::Profile).await;
    let done: dossier_kernel::error::Result<u64> =
        transact!(db, tx => sql!(tx, execute, "UPDATE journal_cursor SET peaks = NULL"));
    done.unwrap();
    db.close().await;
    world.resume().await;
    world.active(2).await;
    world.settle().await;
    let end = Instant::now() + LONGEST;
    loop {
        let copies = recover::copies(&mut world.db(Which::Profile).read().await.unwrap(), DEMO).await.unwrap();
        if copies.iter().all(|copy| copy.place.root().is_some()) {
            break;
        }
        assert!(Instant::now() < end, "never adopted");
        sleep(Duration::from_millis(10)).await;
    }
    world.read("sales-1", &file).await.good();
    assert!(compared(&world).await.is_empty());
    // Only services say how far their copies go.
    let claim = CompareCopyRequest { parent: home(Which::Access), seq: 1 << 40, ..CompareCopyRequest::default() };
    world.access("gm").journal.compare_copy(claim).await.refused(Reason::PermissionDenied);
    world.read("sales-1", &file).await.good();
    world.end().await;
}

// proves: I4, I5, I11
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_access_store_is_not_believed_sqlite() {
    nobody_is_served_on_an_older_access_store(Store::Sqlite).await;
}

// proves: I4, I5, I11
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_access_store_is_not_believed_postgres() {
    nobody_is_served_on_an_older_access_store(Store::Postgres).await;
}

// proves: I4, I5, I11
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_profile_store_issues_no_number_twice_sqlite() {
    Box::pin(a_number_is_never_issued_twice(Store::Sqlite)).await;
}

// proves: I4, I5, I11
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_profile_store_issues_no_number_twice_postgres() {
    Box::pin(a_number_is_never_issued_twice(Store::Postgres)).await;
}

// proves: I4, I11
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_profile_store_draws_no_number_of_a_record_twice_sqlite() {
    Box::pin(a_number_of_a_record_is_never_drawn_twice(Store::Sqlite)).await;
}

// proves: I4, I11
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_profile_store_draws_no_number_of_a_record_twice_postgres() {
    Box::pin(a_number_of_a_record_is_never_drawn_twice(Store::Postgres)).await;
}

// proves: I4, I5, I11
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_history_of_the_same_length_is_found_sqlite() {
    the_same_length_and_another_history(Store::Sqlite).await;
}

// proves: I4, I5, I11
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_history_of_the_same_length_is_found_postgres() {
    the_same_length_and_another_history(Store::Postgres).await;
}

// proves: I4, I5, I11
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_was_not_counted_is_adopted_sqlite() {
    adopted(Store::Sqlite).await;
}

// proves: I4, I5, I11
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_was_not_counted_is_adopted_postgres() {
    adopted(Store::Postgres).await;
}
