//! One byte changed anywhere makes the verifier fail and name the place; untouched journals pass.

use dossier_kernel::sql;
use ed25519_dalek::SigningKey;

use super::*;
use crate::Log;
use crate::checkpoint::Checkpoint;
use crate::sequencer::sequence;
use crate::tests::{Fixture, log};

async fn exported(batches: &[u128]) -> (Fixture, Vec<u8>) {
    let fixture = Fixture::new().await;
    fixture.grow(batches).await;
    let mut bytes = Vec::new();
    let mut tx = fixture.db.read().await.unwrap();
    crate::export::export(&mut tx, &log().verifier(), &mut bytes).await.unwrap();
    drop(tx);
    (fixture, bytes)
}

fn trusted() -> Trust {
    Trust { key: Some(log().verifier()), ..Trust::default() }
}

#[tokio::test]
async fn an_untouched_export_verifies() {
    let (_fixture, bytes) = exported(&[1, 2, 5]).await;
    for trust in [trusted(), Trust::default()] {
        let report = export(&bytes[..], &trust).unwrap();
        assert_eq!((report.faults, report.entries, report.checkpoints), (vec![], 8, 3));
        assert_eq!(report.origin, "dossier/demo/profile");
    }
}

#[tokio::test]
async fn every_changed_byte_of_an_export_is_found_and_its_entry_named() {
    let (_fixture, bytes) = exported(&[1, 2]).await;
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let (mut at, mut seq) = (0, 0);
    for line in lines {
        let entry = line.starts_with(br#"{"kind":"entry""#);
        seq += i64::from(entry);
        for place in at..at + line.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[place] ^= 1 << bit;
                let report = export(&changed[..], &trusted()).unwrap();
                let named = report.faults.iter().any(|fault| !entry || fault.place.seq == Some(seq));
                assert!(!report.verified() && named, "byte {place} bit {bit}: {:?}", report.faults);
            }
        }
        at += line.len();
    }
}

#[tokio::test]
async fn lines_that_are_missing_doubled_or_swapped_are_found() {
    let (_fixture, bytes) = exported(&[2, 3]).await;
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for at in 0..lines.len() {
        let mut without = lines.clone();
        without.remove(at);
        assert!(!export(without.concat().as_bytes(), &trusted()).unwrap().verified(), "without line {at}");
        let mut twice = lines.clone();
        twice.insert(at, lines[at]);
        assert!(!export(twice.concat().as_bytes(), &trusted()).unwrap().verified(), "line {at} twice");
        if at > 0 {
            let mut swapped = lines.clone();
            swapped.swap(at - 1, at);
            assert!(!export(swapped.concat().as_bytes(), &trusted()).unwrap().verified(), "line {at} swapped");
        }
    }
    assert!(!export(&b""[..], &trusted()).unwrap().verified());
}

#[tokio::test]
async fn a_journal_rewritten_with_the_key_contradicts_a_checkpoint_kept_elsewhere() {
    let (_one, honest) = exported(&[2, 3]).await;
    let (_two, short) = exported(&[2]).await;
    let (_three, other) = exported(&[1, 4]).await;
    let text = String::from_utf8(honest.clone()).unwrap();
    let known = text.lines().filter_map(|line| match serde_json::from_str(line).unwrap() {
        crate::export::Line::Checkpoint { note, .. } => Checkpoint::parse(&note).ok(),
        _ => None,
    });
    let trust = Trust { known: known.collect(), ..trusted() };
    assert!(export(&honest[..], &trust).unwrap().verified());
    assert!(export(&short[..], &trusted()).unwrap().verified());
    assert_eq!(export(&short[..], &trust).unwrap().faults[0].cause, Cause::Known { size: 5 });
    // The same ids and bodies in another order of batches would agree; these differ in their files.
    assert!(!export(&other[..], &trust).unwrap().verified());
}

#[tokio::test]
async fn a_journal_whose_key_was_changed_verifies_with_all_its_keys_and_with_no_one_of_them() {
    let fixture = Fixture::new().await;
    let newer = Log::new(log().verifier().origin().clone(), SigningKey::from_bytes(&[8; 32]));
    // Two replicas take turns while one after the other is given the new key.
    for (count, log) in [(2, log()), (3, newer.clone()), (1, log()), (4, newer.clone())] {
        fixture.append(count).await;
        sequence(&fixture.db, &log, 1, 1_700_000_000_250_000, 1000).await.unwrap().unwrap();
    }
    let all = Trust { key: Some(newer.verifier()), also: vec![log().verifier()], known: Vec::new() };
    let mut tx = fixture.db.read().await.unwrap();
    let report = store(&mut tx, &newer.verifier(), &all).await.unwrap();
    assert_eq!((report.faults, report.entries, report.checkpoints), (vec![], 10, 4));
    for (header, alone) in [(log(), newer.verifier()), (newer, log().verifier())] {
        let mut bytes = Vec::new();
        crate::export::export(&mut tx, &header.verifier(), &mut bytes).await.unwrap();
        assert_eq!(export(&bytes[..], &all).unwrap().faults, vec![]);
        let trust = Trust { key: Some(alone.clone()), ..Trust::default() };
        assert!(!export(&bytes[..], &trust).unwrap().verified());
        let report = store(&mut tx, &alone, &Trust::default()).await.unwrap();
        assert!(matches!(report.faults[0].cause, Cause::Note { .. }), "{:?}", report.faults);
    }
}

/// Runs `change` in a transaction that is undone, and verifies inside it.
async fn changed(fixture: &Fixture, change: &str, value: impl Into<Vec<u8>>, seq: i64) -> Report {
    let mut tx = fixture.db.write().await.unwrap();
    let text = sqlx::AssertSqlSafe(change.to_owned());
    let rows = sql!(&mut tx, execute, text, "demo", seq, value.into()).unwrap();
    assert_eq!(rows, 1, "{change}");
    let report = store(&mut tx, &log().verifier(), &Trust::default()).await.unwrap();
    tx.rollback().await.unwrap();
    report
}

/// Flips each byte of a stored value, one after the other.
async fn each_byte(fixture: &Fixture, table: &str, column: &str, key: &str, row: i64, cast: &str, named: Option<i64>) {
    let text = format!("SELECT CAST({column} AS BLOB) FROM {table} WHERE org = $1 AND {key} = $2");
    let mut tx = fixture.db.read().await.unwrap();
    let (bytes,) = sql!(&mut tx, fetch_one as (Vec<u8>,), sqlx::AssertSqlSafe(text), "demo", row).unwrap();
    drop(tx);
    assert!(!bytes.is_empty());
    let update = format!("UPDATE {table} SET {column} = {cast} WHERE org = $1 AND {key} = $2");
    for at in 0..bytes.len() {
        let mut value = bytes.clone();
        value[at] ^= 1 << (at % 8);
        let report = changed(fixture, &update, value, row).await;
        let found = report.faults.iter().any(|fault| named.is_none() || fault.place.seq == named);
        assert!(found, "{table}.{column} of {row}, byte {at}: {:?}", report.faults);
    }
}

#[tokio::test]
async fn every_changed_byte_of_a_store_is_found_and_its_entry_named() {
    let fixture = Fixture::new().await;
    fixture.grow(&[2, 3]).await;
    let report = store(&mut fixture.db.read().await.unwrap(), &log().verifier(), &Trust::default()).await.unwrap();
    assert_eq!((report.faults, report.entries, report.checkpoints), (vec![], 5, 2));
    for seq in [1, 3, 5] {
        for column in ["body", "leaf_hash", "id"] {
            each_byte(&fixture, "journal_entry", column, "seq", seq, "$3", Some(seq)).await;
        }
        for column in ["actor", "action", "subject", "topic"] {
            each_byte(&fixture, "journal_entry", column, "seq", seq, "CAST($3 AS TEXT)", Some(seq)).await;
        }
    }
    for size in [2, 5] {
        each_byte(&fixture, "journal_checkpoint", "note", "size", size, "CAST($3 AS TEXT)", Some(size)).await;
    }
    // With five entries: levels 1 and 2, of which the first node of level 2 covers entries 1 to 4.
    each_byte(&fixture, "journal_node", "hash", "level", 2, "$3", Some(4)).await;
    for column in ["peaks", "root"] {
        each_byte(&fixture, "journal_head", column, "size", 5, "$3", None).await;
    }
}

#[tokio::test]
async fn numbers_times_and_rows_that_are_changed_in_a_store_are_found() {
    let fixture = Fixture::new().await;
    fixture.grow(&[2, 3]).await;
    fixture.append(1).await;
    let cases = [
        ("UPDATE journal_entry SET seq = 900 WHERE org = $1 AND seq = $2 AND $3 = $3", 3, Some(3)),
        ("UPDATE journal_entry SET seq = 1000000000000 WHERE org = $1 AND seq = $2 AND $3 = $3", 5, Some(5)),
        ("UPDATE journal_entry SET seq = NULL WHERE org = $1 AND seq = $2 AND $3 = $3", 2, Some(2)),
        ("UPDATE journal_entry SET seq = 6 WHERE org = $1 AND seq IS NULL AND $2 = $2 AND $3 = $3", 6, Some(6)),
        ("UPDATE journal_entry SET time = time + 1 WHERE org = $1 AND seq = $2 AND $3 = $3", 4, Some(4)),
        ("UPDATE journal_entry SET time = time + 1 WHERE org = $1 AND seq IS NULL AND $2 = $2 AND $3 = $3", 1, None),
        ("DELETE FROM journal_entry WHERE org = $1 AND seq = $2 AND $3 = $3", 1, Some(1)),
        ("DELETE FROM journal_entry WHERE org = $1 AND seq = $2 AND $3 = $3", 5, None),
        ("DELETE FROM journal_node WHERE org = $1 AND level = $2 AND $3 = $3", 2, Some(4)),
        ("INSERT INTO journal_node VALUES ($1, $2, 7, $3)", 1, None),
        ("UPDATE journal_node SET idx = 9 WHERE org = $1 AND level = $2 AND $3 = $3", 2, Some(4)),
        ("DELETE FROM journal_checkpoint WHERE org = $1 AND size = $2 AND $3 = $3", 5, Some(3)),
        ("UPDATE journal_checkpoint SET size = 4 WHERE org = $1 AND size = $2 AND $3 = $3", 5, Some(4)),
        ("UPDATE journal_checkpoint SET size = 90 WHERE org = $1 AND size = $2 AND $3 = $3", 5, Some(90)),
        ("UPDATE journal_head SET size = 4 WHERE org = $1 AND size = $2 AND $3 = $3", 5, None),
        ("DELETE FROM journal_head WHERE org = $1 AND size = $2 AND $3 = $3", 5, None),
    ];
    for (change, row, named) in cases {
        let report = changed(&fixture, change, [1], row).await;
        let found = report.faults.iter().any(|fault| named.is_none() || fault.place.seq == named);
        assert!(found, "{change}: {:?}", report.faults);
    }
}

#[tokio::test]
async fn a_body_changed_with_its_leaf_hash_is_found_by_the_tree() {
    let fixture = Fixture::new().await;
    fixture.grow(&[4]).await;
    let mut tx = fixture.db.write().await.unwrap();
    let body = [&crate::store::entry::by_seq(&mut tx, "demo", 3).await.unwrap().unwrap().body[..], &[0x52, 0]].concat();
    let leaf = crate::merkle::leaf_hash(&body).to_vec();
    let text = "UPDATE journal_entry SET body = $2, leaf_hash = $3 WHERE org = $1 AND seq = 3";
    sql!(&mut tx, execute, text, "demo", body, leaf).unwrap();
    let report = store(&mut tx, &log().verifier(), &Trust::default()).await.unwrap();
    assert!(report.faults.iter().any(|fault| fault.cause == Cause::Node { first: 3, last: 4 }), "{report:?}");
    assert!(report.faults.iter().any(|fault| fault.cause == Cause::Root { first: 1, last: 4 }), "{report:?}");
}
