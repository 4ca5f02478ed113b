use std::time::{Duration, Instant};

use super::world::*;
use crate::group_commit;
use dossier_kernel::error::Reason;
use dossier_kernel::{sql, transact};
use dossier_proto::credit::v1 as pb;
use futures::future::join_all;
use jiff::SignedDuration;

fn reserve(minor: i64) -> pb::ReserveCreditRequest {
    pb::ReserveCreditRequest {
        customer: file(CUSTOMER),
        amount: Some(yuan(minor)),
        reference: "order 1".into(),
        ..Default::default()
    }
}

fn request_id(n: u128) -> String {
    uuid::Uuid::from_u128(n + (1 << 80)).to_string()
}

impl World {
    async fn held(&self, minor: i64) -> pb::Reservation {
        self.exposures().reserve_credit(by("analyst", reserve(minor))).await.unwrap().into_inner()
    }

    /// I2, I3, I8 from the tables alone.
    async fn sound(&self) {
        let wrong = "SELECT COUNT(*) FROM exposure e WHERE org = $1 AND (drawn_minor + held_minor > limit_minor + excess_minor
            OR held_minor <> COALESCE((SELECT SUM(held_minor) FROM reservation r WHERE r.org = e.org AND r.customer = e.customer), 0)
            OR drawn_minor <> COALESCE((SELECT SUM(committed_minor) FROM reservation r WHERE r.org = e.org AND r.customer = e.customer), 0))";
        assert_eq!(self.count(wrong).await, 0);
        let made = self.count("SELECT COUNT(*) FROM reservation WHERE org = $1").await;
        assert_eq!(self.entries("reservation.held").await, made);
        let replies =
            "SELECT COUNT(*) FROM idempotency WHERE org = $1 AND method LIKE '%/ReserveCredit' AND reply IS NOT NULL";
        assert_eq!(self.count(replies).await, made);
    }
}

// proves: C-14
#[tokio::test]
async fn credit_is_set_aside_committed_and_released() {
    let world = World::new().await;
    let mut exposures = world.exposures();
    assert_eq!(reason(exposures.reserve_credit(by("analyst", reserve(1))).await), Some(Reason::LimitNotApproved));
    let limit = world.limit(100).await;
    let one = world.held(60).await;
    assert_eq!((one.state(), &one.limit, &one.creator), (pb::ReservationState::Held, &limit.name, &person("analyst")));
    assert_eq!(world.exposure().await, [100, 0, 60, 40]);
    assert_eq!(reason(exposures.reserve_credit(by("analyst", reserve(41))).await), Some(Reason::LimitExceeded));
    let part = pb::CommitReservationRequest {
        name: one.name.clone(),
        amount: Some(yuan(25)),
        etag: one.etag.clone(),
        ..Default::default()
    };
    let one = exposures.commit_reservation(by("analyst", part.clone())).await.unwrap().into_inner();
    assert_eq!(reason(exposures.commit_reservation(by("analyst", part)).await), Some(Reason::EtagStale));
    assert_eq!(world.exposure().await, [100, 25, 35, 40]);
    let more = pb::CommitReservationRequest { name: one.name.clone(), amount: Some(yuan(36)), ..Default::default() };
    assert_eq!(reason(exposures.commit_reservation(by("analyst", more)).await), Some(Reason::ReservationExceeded));
    let last = pb::CommitReservationRequest {
        name: one.name.clone(),
        amount: Some(yuan(5)),
        r#final: true,
        ..Default::default()
    };
    let one = exposures.commit_reservation(by("analyst", last)).await.unwrap().into_inner();
    assert_eq!((one.state(), one.released.as_ref().unwrap().minor_units), (pb::ReservationState::Committed, 30));
    assert_eq!(world.exposure().await, [100, 30, 0, 70]);
    let two = world.held(70).await;
    let release =
        pb::ReleaseReservationRequest { name: two.name.clone(), reason: "cancelled".into(), ..Default::default() };
    exposures.release_reservation(by("analyst", release.clone())).await.unwrap();
    assert_eq!(reason(exposures.release_reservation(by("analyst", release)).await), Some(Reason::WrongState));
    assert_eq!(world.exposure().await, [100, 30, 0, 70]);
    let get = pb::GetReservationRequest { name: two.name };
    let two = exposures.get_reservation(by("analyst", get)).await.unwrap().into_inner();
    assert_eq!(two.state(), pb::ReservationState::Released);
    let list = pb::ListReservationsRequest {
        filter: format!("customer = \"{}\" AND state = COMMITTED AND reference = \"order 1\"", file(CUSTOMER)),
        ..Default::default()
    };
    let listed = exposures.list_reservations(by("analyst", list)).await.unwrap().into_inner().reservations;
    assert_eq!(listed, [one]);
    assert_eq!((world.entries("reservation.committed").await, world.entries("reservation.released").await), (2, 1));
    world.sound().await;
}

// proves: C-14
#[tokio::test]
async fn what_has_run_out_is_free_at_once() {
    let world = World::new().await;
    world.limit(100).await;
    let mut short = reserve(100);
    short.ttl = Some(prost_types::Duration { seconds: 60, nanos: 0 });
    let one = world.exposures().reserve_credit(by("analyst", short)).await.unwrap().into_inner();
    world.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(world.exposure().await, [100, 0, 0, 100], "before any job");
    let get = pb::GetReservationRequest { name: one.name.clone() };
    let seen = world.exposures().get_reservation(by("analyst", get)).await.unwrap().into_inner();
    assert_eq!((seen.state(), seen.held.unwrap().minor_units), (pb::ReservationState::Expired, 0));
    let commit = pb::CommitReservationRequest { name: one.name, ..Default::default() };
    assert_eq!(
        reason(world.exposures().commit_reservation(by("analyst", commit)).await),
        Some(Reason::ReservationExpired)
    );
    let check = pb::CheckCreditRequest { customer: file(CUSTOMER), amount: Some(yuan(100)) };
    assert!(world.exposures().check_credit(by("analyst", check)).await.unwrap().into_inner().sufficient);
    assert_eq!(world.entries("reservation.expired").await, 0);
    world.held(100).await;
    assert_eq!(world.entries("reservation.expired").await, 1, "on touch");
    world.clock.advance(SignedDuration::from_secs(15 * 60));
    let expired = pb::ListReservationsRequest { filter: "state = EXPIRED".into(), ..Default::default() };
    let expired = world.exposures().list_reservations(by("analyst", expired)).await.unwrap().into_inner().reservations;
    assert_eq!(expired.len(), 2);
    assert_eq!(crate::tidy(&world.base, "demo").await.unwrap(), 1);
    assert_eq!(world.exposure().await, [100, 0, 0, 100]);
    world.sound().await;
}

#[tokio::test]
async fn fields_out_of_bounds_are_refused_after_the_caller_was_authorised() {
    let world = World::new().await;
    world.limit(100).await;
    let mut exposures = world.exposures();
    let wrong = pb::ReserveCreditRequest {
        amount: Some(yuan(0)),
        ttl: Some(prost_types::Duration { seconds: 0, nanos: 5 }),
        ..Default::default()
    };
    assert_eq!(reason(exposures.reserve_credit(by("archivist", wrong.clone())).await), Some(Reason::PermissionDenied));
    let found = fields(exposures.reserve_credit(by("analyst", wrong)).await);
    assert_eq!(found, ["customer", "amount.minor_units", "ttl", "reference"]);
    let long = pb::ReserveCreditRequest {
        ttl: Some(prost_types::Duration { seconds: 3600 * 24 * 40, nanos: 0 }),
        ..reserve(1)
    };
    assert_eq!(fields(exposures.reserve_credit(by("analyst", long)).await), ["ttl"]);
    assert_eq!(reason(exposures.reserve_credit(by("archivist", reserve(1))).await), Some(Reason::PermissionDenied));
    let hidden = pb::ReserveCreditRequest { customer: file(SECRET), ..reserve(1) };
    assert_eq!(reason(exposures.reserve_credit(by("analyst", hidden)).await), Some(Reason::ResourceNotFound));
    let mut dollars = reserve(1);
    dollars.amount.as_mut().unwrap().currency_code = "USD".into();
    assert_eq!(reason(exposures.reserve_credit(by("analyst", dollars)).await), Some(Reason::CurrencyMismatch));
    assert_eq!(world.entries("access.refused").await, 3);
    let tried = pb::ReserveCreditRequest { validate_only: true, ..reserve(100) };
    exposures.reserve_credit(by("analyst", tried)).await.unwrap();
    assert_eq!(world.exposure().await, [100, 0, 0, 100]);
    let check = pb::CheckCreditRequest { customer: file(CUSTOMER), amount: Some(yuan(101)) };
    let answer = exposures.check_credit(by("analyst", check)).await.unwrap().into_inner();
    assert_eq!((answer.sufficient, answer.obstacle()), (false, pb::CreditObstacle::Exceeded));
}

// proves: I2, I3, I8
/// I2, I3, I8: many callers on one row, each with its own answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limit_holds_however_many_reserve_at_once() {
    let subjects: Vec<_> = (0..8).map(|n| format!("caller-{n}")).collect();
    let world =
        World::with(group_commit::Settings { group: 16, ..group_commit::Settings::default() }, subjects.clone()).await;
    world.limit(1000).await;
    let calls = (0..200_u128).map(|n| {
        let mut client = world.exposures();
        // Every id comes twice at the same time; the second gets the answer of the first.
        let request = pb::ReserveCreditRequest {
            request_id: request_id(n / 2),
            ..reserve(10 + i64::try_from(n / 2 % 3).unwrap())
        };
        let subject = subjects[usize::try_from(n / 2).unwrap() % 8].clone();
        async move { client.reserve_credit(by(&subject, request)).await.map(tonic::Response::into_inner) }
    });
    let answers = join_all(calls).await;
    let mut held = 0;
    for pair in answers.chunks(2) {
        match (&pair[0], &pair[1]) {
            (Ok(one), Ok(two)) => {
                assert_eq!(one, two);
                held += one.held.as_ref().unwrap().minor_units;
            }
            // Refused twice, or the second came when the first had already been refused or served.
            (one, two) => {
                for refused in [one, two].into_iter().filter_map(|answer| answer.as_ref().err()) {
                    assert_eq!(dossier_kernel::error::reason_of(refused), Some(Reason::LimitExceeded));
                }
                assert!(one.is_err() && two.is_err(), "one call has one outcome");
            }
        }
    }
    let [limit, drawn, stored, available] = world.exposure().await;
    assert_eq!((limit, drawn, stored, available), (1000, 0, held, 1000 - held));
    assert!(available < 10, "what fits is taken: {available} left");
    world.sound().await;
}

// proves: I8
#[tokio::test]
async fn the_same_request_id_has_its_effect_once() {
    let world = World::new().await;
    world.limit(100).await;
    let mut exposures = world.exposures();
    let request =
        pb::ReserveCreditRequest { request_id: request_id(1), reason: "for the order".into(), ..reserve(100) };
    let one = exposures.reserve_credit(by("analyst", request.clone())).await.unwrap().into_inner();
    let two = exposures.reserve_credit(by("analyst", request.clone())).await.unwrap().into_inner();
    assert_eq!(one, two, "also when it would not fit a second time");
    let other = pb::ReserveCreditRequest { amount: Some(yuan(1)), ..request };
    assert_eq!(reason(exposures.reserve_credit(by("analyst", other)).await), Some(Reason::RequestIdReused));
    assert_eq!(world.exposure().await, [100, 0, 100, 0]);
    let promised = "SELECT COUNT(*) FROM promise p JOIN journal_entry e ON e.org = p.org AND e.id = p.entry
                    WHERE p.org = $1 AND e.action = 'reservation.held'";
    assert_eq!(world.count(promised).await, 1);
    world.sound().await;
}

// proves: I2
#[tokio::test]
async fn a_limit_lowered_below_what_is_used_lets_nothing_new_in() {
    let world = World::new().await;
    world.limit(100).await;
    let (one, two) = (world.held(50).await, world.held(40).await);
    let lower = world.limit(60).await;
    assert_eq!(world.exposure().await, [60, 0, 90, 0]);
    let mut exposures = world.exposures();
    assert_eq!(reason(exposures.reserve_credit(by("analyst", reserve(1))).await), Some(Reason::LimitExceeded));
    // What was promised before is kept.
    let commit = pb::CommitReservationRequest { name: one.name, ..Default::default() };
    exposures.commit_reservation(by("analyst", commit)).await.unwrap();
    assert_eq!(world.exposure().await, [60, 50, 40, 0]);
    let release = pb::ReleaseReservationRequest { name: two.name, ..Default::default() };
    exposures.release_reservation(by("analyst", release)).await.unwrap();
    assert_eq!(world.exposure().await, [60, 50, 0, 10]);
    assert_eq!(world.held(10).await.limit, lower.name);
    world.sound().await;
    assert_eq!(world.count("SELECT excess_minor FROM exposure WHERE org = $1").await, 0);
}

// proves: I2
/// The negative control of I2: the store itself refuses what goes over, whoever writes it.
#[tokio::test]
async fn the_store_refuses_more_than_the_limit() {
    let world = World::new().await;
    world.limit(100).await;
    let over = "UPDATE exposure SET held_minor = 101 WHERE org = $1";
    let refused = transact!(world.base.db, tx => sql!(tx, execute, over, "demo"));
    assert_eq!(refused.unwrap_err().reason(), Reason::StoreInconsistent);
    let within = "UPDATE exposure SET held_minor = 100 WHERE org = $1";
    assert_eq!(transact!(world.base.db, tx => sql!(tx, execute, within, "demo")).unwrap(), 1);
}

#[tokio::test]
async fn a_full_lane_refuses_instead_of_growing() {
    let world = World::with(group_commit::Settings { waiting: 2, group: 1, lanes: 1 }, Vec::new()).await;
    world.limit(1000).await;
    let calls = (0..40).map(|_| {
        let mut client = world.exposures();
        async move { client.reserve_credit(by("analyst", reserve(1))).await }
    });
    let answers = join_all(calls).await;
    let refused: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
    assert!(!refused.is_empty());
    assert!(refused.iter().all(|one| dossier_kernel::error::reason_of(one) == Some(Reason::Overloaded)));
    world.sound().await;
}

/// Not a benchmark to quote, only a look: `cargo test -p dossier-credit --lib -- --ignored --nocapture group`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn group_commit_is_faster_than_one_transaction_each() {
    const CALLERS: usize = 64;
    const SPAN: Duration = Duration::from_secs(3);
    let world = World::new().await;
    world.limit(1_000_000_000_000).await;
    let naive = rate(CALLERS, SPAN, || {
        let db = world.base.db.clone();
        let ids = world.base.providers.ids.clone();
        async move {
            let id = ids.uuid();
            transact!(db, tx => {
                sql!(tx, execute, "UPDATE exposure SET version = version + 1 WHERE org = $1", "demo")?;
                sql!(tx, execute, "INSERT INTO promise (org, entry, field, holder, sealed) VALUES ($1, $2, '', $2, $3)",
                    "demo", id, vec![0_u8; 32])
            })
            .unwrap();
        }
    })
    .await;
    let group_commit = rate(CALLERS, SPAN, || {
        let mut client = world.exposures();
        async move { drop(client.reserve_credit(by("analyst", reserve(1))).await.unwrap()) }
    })
    .await;
    println!("naive {naive:.0}/s, group_commit {group_commit:.0}/s, ratio {:.1}", group_commit / naive);
    world.sound().await;
}

async fn rate<F: Future<Output = ()>>(callers: usize, span: Duration, call: impl Fn() -> F) -> f64 {
    let start = Instant::now();
    let counts = join_all((0..callers).map(|_| async {
        let mut count = 0_u32;
        while start.elapsed() < span {
            call().await;
            count += 1;
        }
        count
    }))
    .await;
    f64::from(counts.iter().sum::<u32>()) / start.elapsed().as_secs_f64()
}
