//! Whoever can write the stores and not the keys: what they change is found, and the row, the field and the entry are named.

use std::time::Duration;

use dossier::verify::Verified;
use dossier_authority::promise::Check;
use dossier_journal::checkpoint::Checkpoint;
use dossier_journal::witness;
use dossier_profile::content::{Seal, reason_at};
use dossier_proto::access::v1::{GetPersonRequest, ListGrantsRequest, RevokeGrantRequest};
use dossier_proto::journal::v1::{Commitment, EntryBody};
use dossier_proto::types::AccessKind;
use dossier_tests::check::{faults, replayed, verified};
use dossier_tests::scene::talk;
use dossier_tests::world::skipped;
use tokio::time::{Instant, sleep};

use crate::prelude::*;

/// A life in which every table has a row: a file that rose, a right that was asked for, signed and taken back, somebody who
/// left, a limit and what was drawn on it.
async fn lived(world: &World) -> String {
    let customer = world.customer(1, 1000).await;
    world.reserve(&customer, 400).await.good();
    world.reserve(&customer, 300).await.good();
    let talked = world.active(3).await.name;
    let made = world.note("sales-1", &talked, talk(world.now(), "加购")).await.good();
    world.rewrite("sales-1", &made, "needs", Some(text("不再加购"))).await.good();
    let file = world.at_level(2, "confidential").await.name;
    let asked = world.ask("sales-2", &file, AccessKind::View).await.good().access_request.unwrap();
    world.approve("gm", &asked.approval).await.good();
    world.settle().await;
    world.read("sales-2", &file).await.good();
    let mut access = world.access("gm");
    let grants = access.requests.list_grants(ListGrantsRequest::default()).await.good().grants;
    let revoke = RevokeGrantRequest {
        name: grants[0].name.clone(),
        reason: "不再需要".into(),
        request_id: world.request_id(),
        ..RevokeGrantRequest::default()
    };
    access.requests.revoke_grant(revoke).await.good();
    let person = world.who("sales-2").await;
    let mut directory = world.access("office-director").directory;
    let held = directory.get_person(GetPersonRequest { name: person }).await.good().appointments.remove(0);
    world.dismiss("sales-2", &held.post, &held.unit).await.good();
    world.settle().await;
    file
}

async fn force(world: &World, which: Which, text: &'static str) {
    let mut tx = world.db(which).write().await.unwrap();
    let rows = sql!(&mut tx, execute, text).unwrap();
    tx.commit().await.unwrap();
    assert!(rows > 0, "nothing was changed by {text}");
}

/// Changes the stores step by step; each step adds a fault that says all of its words.
async fn found(world: &World, steps: &[(Which, &'static str, &[&str])]) {
    let before = replayed(world).await;
    assert!(before.is_empty(), "{before:#?}");
    for (which, text, words) in steps {
        force(world, *which, text).await;
        let after = replayed(world).await;
        let seen = after.iter().any(|fault| words.iter().all(|word| fault.contains(word)));
        assert!(seen, "{text}: {words:?} not in {after:#?}");
    }
}

on_both_stores! {
    // proves: I3, A-42
    async fn what_is_rewritten_in_profiles_tables_is_found(world) {
        lived(world).await;
        let (which, level) = (Which::Profile, "UPDATE customer_file SET level = 'none' WHERE level = 'confidential'");
        found(world, &[
            (which, level, &["customer_file ", "`level` is `none`", "says `confidential`"]),
            (which, "UPDATE customer_file SET custodian = creator, complete = NOT complete", &["customer_file ", "`complete`"]),
            (which, "UPDATE customer_file SET merged = '[\"00000000-0000-0000-0000-000000000007\"]'",
                &["customer_file ", "`merged` is `files/00000000-0000-0000-0000-000000000007`"]),
            (which, "UPDATE file_copy SET unit = 'elsewhere'", &["file_copy ", "`unit`"]),
            (which, "UPDATE file_number SET why = 'x' WHERE sequence = 1", &["file_number ", "`why`"]),
            (which, "UPDATE number_series SET taken = 900 WHERE series <> 'customer_number'", &["number_series ", "`taken`"]),
            (which, "UPDATE customer_file_revision SET act = 'update' WHERE act = 'activate'", &["/4", "`act`"]),
            (which, "UPDATE record SET stage = 'signed'", &["record ", "`stage` is `signed`"]),
            (which, "UPDATE record SET slot = 'x'", &["record ", "`period` is `x`"]),
            (which, "UPDATE record SET state = 'final'", &["record ", "`state` is `final`"]),
            (which, "UPDATE record SET round = 7", &["record ", "`round` is 7"]),
            (which, "UPDATE record SET of_record = file", &["record ", "`of` is"]),
            (which, "UPDATE record_revision SET author = record", &["record_revision ", "/1", "`author`"]),
            (which, "UPDATE record_revision SET content = (SELECT r.content FROM record_revision r WHERE r.revision = 2
                     AND r.org = record_revision.org AND r.record = record_revision.record)",
                &["record_revision ", "/1", "`fields.needs`"]),
            (which, "DELETE FROM record_revision WHERE revision = 2", &["record_revision ", "/2", "it is missing"]),
            (which, "UPDATE grant_copy SET revoked_at = NULL", &["grant_copy ", "`revoked_at`"]),
            (which, "UPDATE principal SET active = FALSE", &["profile: principal ", "`active`"]),
            (which, "DELETE FROM customer_file_revision WHERE revision = 2", &["customer_file_revision ", "/2", "it is missing"]),
        ]).await;
    }

    // proves: I3, A-42
    async fn a_revision_that_was_put_into_other_hands_is_found(world) {
        let file = lived(world).await;
        let id = Uuid::parse_str(file.strip_prefix("files/").unwrap()).unwrap();
        let mut tx = world.db(Which::Profile).write().await.unwrap();
        let vault = &world.ground().vault;
        let seal = Seal::new(vault, DEMO, id, vault.load_key(&mut tx, DEMO, id).await.unwrap());
        let text = "SELECT revision FROM customer_file_revision WHERE org = 'demo' AND file = $1 AND reason IS NOT NULL
                    ORDER BY revision LIMIT 1";
        let (revision,) = sql!(&mut tx, fetch_one as (i64,), text, id).unwrap();
        let reason = seal.close(&reason_at(revision), "编造的理由".as_bytes()).unwrap();
        let text = "UPDATE customer_file_revision SET reason = $3, author = $4
                    WHERE org = 'demo' AND file = $1 AND revision = $2";
        let other = Uuid::parse_str(world.who("gm").await.strip_prefix("persons/").unwrap()).unwrap();
        sql!(&mut tx, execute, text, id, revision, reason, other).unwrap();
        tx.commit().await.unwrap();
        let faults = replayed(world).await;
        let place = format!("customer_file_revision {id}/{revision}: ");
        assert!(faults.iter().any(|fault| fault.contains(&format!("{place}`author` is {other}"))), "{faults:#?}");
        assert!(faults.iter().any(|fault| fault.contains(&format!("{place}`reason` is not what"))), "{faults:#?}");
        assert!(!faults.concat().contains("理由"), "no word of it is shown: {faults:#?}");
    }

    // proves: I3, P-48
    async fn content_that_was_exchanged_between_revisions_is_found(world) {
        let file = lived(world).await;
        let id = Uuid::parse_str(file.strip_prefix("files/").unwrap()).unwrap();
        let mut tx = world.db(Which::Profile).write().await.unwrap();
        // What another file says, under this one's name.
        let text = "UPDATE customer_file_revision SET content = (SELECT r.content FROM customer_file_revision r
                        WHERE r.org = 'demo' AND r.file <> $1 AND r.revision = 1 ORDER BY r.file LIMIT 1)
                    WHERE org = 'demo' AND file = $1 AND revision = 3";
        assert_eq!(sql!(&mut tx, execute, text, id).unwrap(), 1);
        tx.commit().await.unwrap();
        let faults = replayed(world).await;
        assert!(faults.iter().any(|fault| fault.contains(&format!("{id}/3: `fields."))), "{faults:#?}");
    }

    // proves: I3, A-42
    async fn what_is_rewritten_in_accesss_tables_is_found(world) {
        lived(world).await;
        let which = Which::Access;
        found(world, &[
            (which, "UPDATE access_request SET purpose = 'audit'", &["access_request ", "`purpose` is `audit`"]),
            (which, "UPDATE access_grant SET level = 'none'", &["access_grant ", "`level` is `none`"]),
            (which, "UPDATE approval_decision SET verdict = 'reject'", &["approval_decision ", "`verdict` is `reject`"]),
            (which, "UPDATE approval_decision SET comment = '改'", &["approval_decision ", "`comment`"]),
            (which, "UPDATE person SET display_name = '某甲'", &["person ", "`display_name` is not what entry"]),
            (which, "UPDATE promise SET holder = entry WHERE field = 'reason'", &["promise ", "/reason", "promises"]),
            (which, "UPDATE file_copy SET level = 'none'", &["file_copy ", "`level` is `none`"]),
            (which, "DELETE FROM access_request", &["access_request ", "it is missing; entry"]),
        ]).await;
    }

    // proves: I3, A-01
    async fn an_appointment_that_nobody_made_is_found_in_every_service(world) {
        lived(world).await;
        for (n, which) in Which::ALL.into_iter().enumerate() {
            let made = Uuid::from_u128(4000 + n as u128);
            let mut tx = world.db(which).write().await.unwrap();
            let text = "INSERT INTO appointment (org, id, person, post, unit, valid_from, valid_until)
                        SELECT org, $1, person, 'general_manager', unit, 0, 9000000000000000 FROM appointment
                        WHERE org = 'demo' ORDER BY id LIMIT 1";
            assert_eq!(sql!(&mut tx, execute, text, made).unwrap(), 1);
            tx.commit().await.unwrap();
            let faults = replayed(world).await;
            let wanted = format!("/{which}: appointment {made}: no entry says that it exists");
            assert!(faults.iter().any(|fault| fault.contains(&wanted)), "{faults:#?}");
        }
    }

    // proves: I3, C-14
    async fn what_is_rewritten_in_credits_tables_is_found(world) {
        lived(world).await;
        let which = Which::Credit;
        found(world, &[
            (which, "UPDATE credit_limit SET amount_minor = 900000", &["credit_limit ", "`amount_minor` is 900000", "says 1000"]),
            (which, "UPDATE credit_limit SET terms = '不限'", &["credit_limit ", "`content` is"]),
            (which, "UPDATE exposure SET limit_minor = 900000", &["exposure ", "`limit_minor` is 900000, entry", "says 1000"]),
            (which, "UPDATE exposure SET held_minor = 0", &["exposure ", "`held_minor` is 0, entry", "says 700"]),
            (which, "UPDATE submission SET id = approval", &["submission ", "no entry says"]),
            (which, "UPDATE rating SET detail = salt", &["rating ", "`score` is nothing"]),
            (which, "UPDATE score_model SET card = 'other'", &["score_model ", "`card` is `other`"]),
            (which, "UPDATE reservation SET creator = 'persons/x'", &["reservation ", "`creator`"]),
            (which, "UPDATE promise SET holder = entry", &["promise ", "promises"]),
            (which, "DELETE FROM promise", &["promise ", "it is missing"]),
        ]).await;
    }

    // proves: A-42, I9
    async fn what_is_promised_of_a_file_ends_with_its_key_in_every_service(world) {
        let file = lived(world).await;
        let id = Uuid::parse_str(file.strip_prefix("files/").unwrap()).unwrap();
        for which in [Which::Access, Which::Credit] {
            let mut tx = world.db(which).write().await.unwrap();
            let (left,) = sql!(&mut tx, fetch_one as (i64,), "SELECT COUNT(*) FROM promise").unwrap();
            assert!(left > 0, "{which} promises nothing");
            world.ground().vault.key_for(&mut tx, DEMO, id, world.now()).await.unwrap();
            world.ground().vault.destroy_key(&mut tx, DEMO, id, world.now()).await.unwrap();
            tx.commit().await.unwrap();
            world.ground().vault.bury(world.db(which)).await.unwrap();
        }
        // Nobody can read them any more, and nothing is found to be wrong.
        assert!(replayed(world).await.is_empty());
        let mut tx = world.db(Which::Access).read().await.unwrap();
        let text = "SELECT entry, field FROM promise WHERE org = 'demo' AND holder = $1";
        let promised = sql!(&mut tx, fetch_all as (Uuid, String), text, id).unwrap();
        assert!(!promised.is_empty());
        let entries = promised.iter().map(|(entry, _)| *entry).collect();
        let mut kept = dossier_authority::promise::kept(&world.ground().vault, &mut tx, DEMO, &entries).await.unwrap();
        for (entry, field) in promised {
            let promise = Commitment { field, digest: vec![0; 32] };
            let body = EntryBody { id: entry.to_string(), subject: file.clone(), ..EntryBody::default() };
            assert!(matches!(kept.check(&body, &promise), Check::Gone));
        }
    }

    // proves: I3
    async fn an_emptied_journal_is_found_by_what_it_left_behind(world) {
        lived(world).await;
        for which in Which::ALL {
            for text in [
                "DELETE FROM journal_entry",
                "DELETE FROM journal_head",
                "DELETE FROM journal_node",
                "DELETE FROM journal_checkpoint",
            ] {
                force(world, which, text).await;
            }
        }
        let faults = replayed(world).await;
        for wanted in ["profile: customer_file : 3 rows, and the journal has no entry", "access: person : ", "credit: exposure : 1 row"] {
            assert!(faults.iter().any(|fault| fault.contains(wanted)), "{wanted}: {faults:#?}");
        }
    }
}

/// Cuts the end off profile's journal as somebody would who knows it: entries, nodes, checkpoints and head.
async fn cut(world: &World, size: i64, head: (Vec<u8>, Vec<u8>)) {
    let mut tx = world.db(Which::Profile).write().await.unwrap();
    sql!(&mut tx, execute, "DELETE FROM journal_entry WHERE org = 'demo' AND seq > $1", size).unwrap();
    sql!(&mut tx, execute, "DELETE FROM journal_checkpoint WHERE org = 'demo' AND size > $1", size).unwrap();
    let nodes = "SELECT level, idx FROM journal_node WHERE org = 'demo'";
    for (level, index) in sql!(&mut tx, fetch_all as (i64, i64), nodes).unwrap() {
        if (index + 1) << level > size {
            let text = "DELETE FROM journal_node WHERE org = 'demo' AND level = $1 AND idx = $2";
            sql!(&mut tx, execute, text, level, index).unwrap();
        }
    }
    let text = "UPDATE journal_head SET size = $1, peaks = $2, root = $3, published = $1 WHERE org = 'demo'";
    assert_eq!(sql!(&mut tx, execute, text, size, head.0, head.1).unwrap(), 1);
    tx.commit().await.unwrap();
}

// The checkpoints in the file, once they tell of every entry there is.
async fn witnessed(world: &World, path: &std::path::Path) -> Vec<Checkpoint> {
    let begun = Instant::now();
    loop {
        let notes = witness::notes(std::io::BufReader::new(std::fs::File::open(path).unwrap())).unwrap();
        let known: Vec<_> = notes.into_iter().map(|note| Checkpoint::parse(&note.unwrap()).unwrap()).collect();
        let whole = verified(world, known.clone()).await;
        assert!(whole.iter().all(Verified::verified), "{:#?}", whole.iter().flat_map(faults).collect::<Vec<_>>());
        let shown = |one: &&Verified| one.outcome.as_ref().is_ok_and(|report| report.entries > 0);
        let told = |one: &Verified| one.witnessed == one.outcome.as_ref().ok().map(|report| report.entries);
        if whole.iter().filter(shown).all(told) {
            return known;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "the witness is not told of everything");
        sleep(Duration::from_millis(100)).await;
    }
}

async fn a_journal_that_was_cut_is_found_by_its_witness(store: Store) {
    if !store.available() {
        return skipped("a_journal_that_was_cut_is_found_by_its_witness");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("witness.jsonl");
    let mut world = World::with(store, 1, &[("journal.witness_file", path.to_str().unwrap())]).await;
    let file = world.active(1).await.name;
    world.settle().await;
    let mut tx = world.db(Which::Profile).read().await.unwrap();
    let text = "SELECT size, peaks, root FROM journal_head WHERE org = 'demo'";
    let (size, peaks, root) = sql!(&mut tx, fetch_one as (i64, Vec<u8>, Vec<u8>), text).unwrap();
    drop(tx);
    // Who read leaves no row, only entries.
    world.read("sales-2", &file).await.good();
    world.read("sales-2", &file).await.good();
    // A service that stops tells its witness what it can; what it had no time for its next start tells.
    world.restart().await;
    let known = witnessed(&world, &path).await;
    cut(&world, size, (peaks, root)).await;
    // By itself the journal is whole, and says that this is all that can be said.
    let alone: Vec<_> = verified(&world, Vec::new()).await;
    assert!(
        alone.iter().filter(|one| one.name.contains("profile")).all(|one| one.outcome.as_ref().unwrap().verified())
    );
    assert!(alone.iter().all(|one| one.witnessed.is_none()));
    let found: Vec<_> = verified(&world, known).await.iter().flat_map(faults).collect();
    let contradicted =
        |fault: &String| fault.contains("demo/profile") && fault.contains("contradicts the trusted checkpoint");
    assert!(found.iter().any(contradicted), "{found:#?}");
    world.end().await;
}

// proves: I3
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_that_was_cut_is_found_by_its_witness_on_sqlite() {
    a_journal_that_was_cut_is_found_by_its_witness(Store::Sqlite).await;
}

// proves: I3
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_that_was_cut_is_found_by_its_witness_on_postgres() {
    a_journal_that_was_cut_is_found_by_its_witness(Store::Postgres).await;
}
