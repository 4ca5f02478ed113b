//! A rule that changes on a day: both versions lie side by side, and each call is decided by the one that holds at its time.

use dossier_proto::access::v1::GetRegimeRequest;
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;

use super::*;

/// From the second day on 秘密 is lent for two hours instead of four; nothing else changes.
const NEXT: &str = "\
id: R36
version: 10
extends: R36
effective_from: 2026-03-03
levels:
  - id: confidential
    label: 秘密
    standing: custodian
    consult: {mode: approval, matter: loan.confidential, longest: 2h}
    loan: {mode: approval, matter: loan.confidential, longest: 2h}
";

async fn version(world: &World) -> i32 {
    world.access("sales-2").policy.get_regime(GetRegimeRequest::default()).await.good().version
}

/// The longest loan, as the refusal of a day says it.
async fn longest(world: &World, file: &str) -> String {
    let day = prost_types::Duration { seconds: 86_400, nanos: 0 };
    let request = pb::RequestAccessRequest { duration: Some(day), ..world.asking(file, AccessKind::Original) };
    let refused = world.access("sales-2").requests.request_access(request).await.refused(Reason::LoanTooLong);
    refused.metadata["longest_seconds"].clone()
}

/// The versions that were journaled as loaded, once there are as many.
async fn loaded(world: &World, count: usize) -> Vec<i32> {
    let end = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        let all = check::journal(world, Which::Access, DEMO).await;
        let version = |one: &EntryBody| match one.event.as_ref()?.kind.as_ref()? {
            Kind::OrganisationLoaded(loaded) => Some(loaded.version),
            _ => None,
        };
        let found: Vec<_> = all.iter().filter_map(|one| version(&one.body)).collect();
        if found.len() >= count || tokio::time::Instant::now() > end {
            return found;
        }
    }
}

on_both_stores_under! {
    Rules::shipped().and("regimes/R36-10.yaml", NEXT);

    // proves: X-42
    async fn a_rule_that_changes_on_a_day_holds_from_its_first_moment_and_not_before(world) {
        let [lent, other] = [1, 2].map(|n| world.at_level(n, "confidential"));
        let (lent, other) = (lent.await, other.await);
        let midnight: jiff::Timestamp = "2026-03-02T16:00:00Z".parse().unwrap();
        world.pass(midnight.duration_since(world.now()) - SignedDuration::from_secs(60));
        let grant = world.granted("sales-2", &lent.name, AccessKind::Original, &["gm"]).await;
        let loan = world.check_out(&lent.name, "sales-2", &grant.name).await.good();
        assert_eq!((version(world).await, longest(world, &other.name).await.as_str()), (9, "14400"));
        let out_at = world.now();
        world.pass(midnight.duration_since(out_at) - SignedDuration::from_micros(1));
        assert_eq!((version(world).await, longest(world, &other.name).await.as_str()), (9, "14400"));
        world.pass(SignedDuration::from_micros(1));
        // The first call of the day.
        assert_eq!(longest(world, &other.name).await, "7200");
        assert_eq!(version(world).await, 10);
        // What was lent under the version before is due when it was said to be due.
        let now = loan_of(world, "sales-2", &loan.name).await;
        assert_eq!(instant(now.due_time.as_ref()), out_at + SignedDuration::from_hours(4));
        let grant = world.granted("analyst", &other.name, AccessKind::Original, &["gm"]).await;
        assert_eq!(grant.loan_duration.unwrap().seconds, 2 * 3600);
        assert_eq!(loaded(world, 2).await, [9, 10]);
        check::holds(world).await;
    }
}

// From that day on nobody sees 秘密 by standing.
fn narrowed() -> String {
    NEXT.replace("standing: custodian", "standing: nobody")
}

on_both_stores_under! {
    Rules::shipped().and("regimes/R36-10.yaml", &narrowed());

    // proves
    async fn each_service_takes_the_version_of_the_day_for_itself_with_its_rows(world) {
        let file = world.at_level(1, "confidential").await.name;
        world.read("sales-1", &file).await.good();
        let midnight: jiff::Timestamp = "2026-03-02T16:00:00Z".parse().unwrap();
        world.pass(midnight.duration_since(world.now()));
        // Whoever is first, here access, takes it for no other store.
        assert_eq!(version(world).await, 10);
        world.read("sales-1", &file).await.refused(Reason::ResourceNotFound);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_start_that_version_holds_whose_day_it_is() {
    let rules = Rules::shipped().and("regimes/R36-10.yaml", NEXT);
    let options = rules.options();
    let options: Vec<_> = options.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let mut world = World::with(Store::Sqlite, 7, &options).await;
    assert_eq!(version(&world).await, 9);
    world.pass(SignedDuration::from_hours(24));
    world.restart().await;
    assert_eq!(version(&world).await, 10);
    world.restart().await;
    assert_eq!((version(&world).await, loaded(&world, 2).await), (10, vec![9, 10]));
    world.end().await;
}
