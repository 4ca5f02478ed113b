//! The commands themselves, on a data directory with one journal.

use std::path::Path;

use dossier_journal::checkpoint::{Checkpoint, Origin, VerifierKey};
use dossier_journal::sequencer::sequence;
use dossier_journal::verify::Receipt;
use dossier_journal::{Log, Recorder, append};
use dossier_kernel::call::Providers;
use dossier_kernel::config::Config;
use dossier_kernel::db::{Db, migrate};
use dossier_kernel::{sql, transact};
use dossier_proto::journal::v1::FileDisclosed;
use dossier_proto::journal::v1::event::Kind;
use dossier_vault::Keyring;
use dossier_vault::sign::Signer;

use crate::failure::{CONFIG, DIFFERS};
use crate::serve::Which;
use crate::{Failure, cli};

struct Fixture {
    folder: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
    db: Db,
}

// === impl Fixture ===

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let db = runtime.block_on(grown(folder.path()));
        Self { folder, runtime, db }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn run(&self, line: &[&str]) -> Result<(), Failure> {
        let data = self.folder.path().display().to_string();
        let line = ["dossier", "--data-dir", &data].iter().chain(line).map(Into::into).collect::<Vec<_>>();
        cli::run(line).map(drop)
    }

    fn change(&self, text: &'static str) {
        assert_eq!(self.change_any(text), 1);
    }

    fn change_any(&self, text: &'static str) -> u64 {
        self.runtime.block_on(async {
            let mut tx = self.db.write().await.unwrap();
            let rows = sql!(&mut tx, execute, text).unwrap();
            tx.commit().await.unwrap();
            rows
        })
    }
}

async fn grown(folder: &Path) -> Db {
    let config = Config::embedded(folder).unwrap();
    let providers = Providers::system();
    let keyring = Keyring::create(&config.keyring.file, providers.ids.as_ref()).unwrap();
    let key = Signer::journal(&keyring, "profile").unwrap().signing_key().clone();
    let log = Log::new(Origin::new("demo", "profile").unwrap(), key);
    let db = Db::open(&config.store(&config.profile)).await.unwrap();
    migrate(&db, &Which::Profile.migrations()).await.unwrap();
    let recorder = Recorder::new("profile", providers);
    for batch in [2, 3] {
        for _ in 0..batch {
            let event = Kind::FileDisclosed(FileDisclosed { file: "files/1".to_owned(), ..FileDisclosed::default() });
            let entry = recorder.work("demo", "file.disclosed", "files/1").event(event).body();
            let done: dossier_kernel::error::Result<()> = transact!(db, tx => append(tx, &entry).await);
            done.unwrap();
        }
        sequence(&db, &log, 1, 1_700_000_000_000_000, 100).await.unwrap().unwrap();
    }
    db
}

#[test]
fn a_store_verifies_until_one_byte_is_changed() {
    let fixture = Fixture::new();
    fixture.run(&["verify", "profile"]).unwrap();
    // The stores of the two others are missing.
    assert_eq!(fixture.run(&["verify"]).unwrap_err().code(), DIFFERS);
    fixture.change("UPDATE journal_entry SET subject = 'files/2' WHERE seq = 3");
    let failure = fixture.run(&["verify", "profile"]).unwrap_err();
    assert_eq!((failure.code(), failure.to_string().as_str()), (DIFFERS, "1 journal, 5 entries, 0 rows, 1 fault"));
}

#[test]
fn an_organisation_that_is_not_there_is_neither_verified_nor_exported() {
    let fixture = Fixture::new();
    for line in [vec!["verify", "--org", "nope"], vec!["export", "profile", "--org", "nope"]] {
        let told = fixture.run(&line).unwrap_err().to_string();
        assert!(told.contains("`nope`") && told.contains("demo"), "{told}");
    }
}

#[test]
fn rows_that_no_entry_made_are_a_fault_and_an_emptied_journal_is_one() {
    let fixture = Fixture::new();
    fixture.change("INSERT INTO number_series (org, series, taken) VALUES ('demo', 'KH-2026', 7)");
    let failure = fixture.run(&["verify", "profile"]).unwrap_err();
    assert_eq!((failure.code(), failure.to_string().as_str()), (DIFFERS, "1 journal, 5 entries, 1 row, 1 fault"));
    fixture.change("UPDATE number_series SET org = 'other'");
    // An organisation that only a table knows of has a journal to be missed.
    let failure = fixture.run(&["verify", "profile"]).unwrap_err();
    assert_eq!((failure.code(), failure.to_string().as_str()), (DIFFERS, "2 journals, 5 entries, 0 rows, 1 fault"));
}

#[test]
fn what_a_witness_kept_is_compared_and_must_be_signed() {
    let fixture = Fixture::new();
    let (file, kept) = (fixture.path("journal.jsonl"), fixture.path("witness.jsonl"));
    fixture.run(&["export", "profile", "--org", "demo", "--file", &file]).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("\"kind\":\"checkpoint\"")).collect();
    std::fs::write(&kept, format!("{}\n", lines.join("\n"))).unwrap();
    fixture.run(&["verify", "profile", "--witness", &kept]).unwrap();
    // The option of the configuration names the same file.
    let option = format!("--set=journal.witness_file={kept}");
    fixture.run(&[&option, "verify", "profile"]).unwrap();
    // The end cut off, with everything that tells of it.
    for text in [
        "DELETE FROM journal_entry WHERE seq > 2",
        "DELETE FROM journal_checkpoint WHERE size > 2",
        "DELETE FROM journal_node WHERE (idx + 1) * 2 > 2",
    ] {
        fixture.change_any(text);
    }
    let failure = fixture.run(&["verify", "profile", "--witness", &kept]).unwrap_err();
    assert_eq!(failure.code(), DIFFERS);
    // Nobody makes a witness say what was never signed.
    std::fs::write(&kept, format!("{}\n", lines[0].replace("dossier/demo/profile\\n2", "dossier/demo/profile\\n3")))
        .unwrap();
    assert_eq!(fixture.run(&["verify", "profile", "--witness", &kept]).unwrap_err().code(), DIFFERS);
    assert_eq!(fixture.run(&["verify", "profile", "--witness", "/nowhere"]).unwrap_err().code(), CONFIG);
}

#[test]
fn a_foreign_key_is_one_fault_and_not_one_for_each_checkpoint() {
    let fixture = Fixture::new();
    let file = fixture.path("journal.jsonl");
    fixture.run(&["export", "profile", "--org", "demo", "--file", &file]).unwrap();
    for org in ["demo", "other"] {
        let other = ed25519_dalek::SigningKey::from_bytes(&[3; 32]).verifying_key();
        let key = VerifierKey::new(Origin::new(org, "profile").unwrap(), other).to_string();
        let failure = fixture.run(&["verify", "--export", &file, "--key", &key]).unwrap_err();
        assert_eq!((failure.code(), failure.to_string().as_str()), (DIFFERS, "1 journal, 5 entries, 0 rows, 1 fault"));
    }
}

#[test]
fn an_exported_journal_verifies_until_one_byte_is_changed() {
    let fixture = Fixture::new();
    let file = fixture.path("journal.jsonl");
    fixture.run(&["export", "profile", "--org", "demo", "--file", &file]).unwrap();
    fixture.run(&["verify", "--export", &file]).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("\"seq\":3", "\"seq\":4", 1)).unwrap();
    assert_eq!(fixture.run(&["verify", "--export", &file]).unwrap_err().code(), DIFFERS);
    // An older state of the whole journal is found by a checkpoint that was kept elsewhere.
    let mut lines: Vec<_> = text.lines().collect();
    let note = lines.iter().rev().find_map(|line| match serde_json::from_str(line).unwrap() {
        dossier_journal::export::Line::Checkpoint { note, .. } => Some(note),
        _ => None,
    });
    let kept = fixture.path("kept.note");
    std::fs::write(&kept, note.unwrap()).unwrap();
    lines.truncate(4);
    let end = "{\"kind\":\"end\",\"entries\":2,\"checkpoints\":1}";
    std::fs::write(&file, format!("{}\n{end}\n", lines.join("\n"))).unwrap();
    fixture.run(&["verify", "--export", &file]).unwrap();
    assert_eq!(fixture.run(&["verify", "--export", &file, "--checkpoint", &kept]).unwrap_err().code(), DIFFERS);
}

#[test]
fn an_exported_journal_is_read_without_knowing_its_bytes() {
    let fixture = Fixture::new();
    let (file, read) = (fixture.path("journal.jsonl"), fixture.path("readable.jsonl"));
    fixture.run(&["export", "profile", "--org", "demo", "--file", &file]).unwrap();
    fixture.run(&["verify", "--export", &file, "--readable", &read]).unwrap();
    let exact = std::fs::read_to_string(&file).unwrap();
    let lines = |file: &str| {
        let text = std::fs::read_to_string(file).unwrap();
        text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()).collect::<Vec<_>>()
    };
    let told = lines(&read);
    assert_eq!(told.len(), exact.lines().count());
    assert_eq!(told[1]["body"]["action"], "file.disclosed");
    assert_eq!(told[1]["body"]["event"]["fileDisclosed"]["file"], "files/1");
    // The same from the store; it proves nothing, and verify says so.
    fixture.run(&["export", "profile", "--org", "demo", "--readable", "--file", &read]).unwrap();
    assert_eq!(lines(&read), told);
    assert_eq!(fixture.run(&["verify", "--export", &read]).unwrap_err().code(), DIFFERS);
    // Nothing is decoded of what does not verify.
    std::fs::write(&file, exact.replacen("\"seq\":3", "\"seq\":4", 1)).unwrap();
    std::fs::remove_file(&read).unwrap();
    assert_eq!(fixture.run(&["verify", "--export", &file, "--readable", &read]).unwrap_err().code(), DIFFERS);
    assert!(!Path::new(&read).exists());
}

#[test]
fn an_export_that_cannot_be_written_is_told_and_a_closed_pipe_is_none() {
    let fixture = Fixture::new();
    let full = fixture.run(&["export", "profile", "--org", "demo", "--file", "/dev/full"]).unwrap_err();
    assert_eq!(full.code(), CONFIG);
    assert!(full.to_string().starts_with("`/dev/full`: "), "{full}");
    let closed = Failure::from(std::io::Error::from(std::io::ErrorKind::BrokenPipe));
    assert_eq!((closed.code(), closed.to_string().as_str()), (0, ""));
}

#[test]
fn receipts_and_checkpoints_verify_with_the_keyring_or_a_key() {
    let fixture = Fixture::new();
    let file = fixture.path("journal.jsonl");
    fixture.run(&["export", "profile", "--org", "demo", "--file", &file]).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let (mut notes, mut bodies, mut key) = (Vec::new(), Vec::new(), String::new());
    for line in text.lines() {
        match serde_json::from_str(line).unwrap() {
            dossier_journal::export::Line::Journal { key: named, .. } => key = named,
            dossier_journal::export::Line::Entry { body, leaf_hash, .. } => bodies.push((body, leaf_hash)),
            dossier_journal::export::Line::Checkpoint { note, .. } => notes.push(note),
            dossier_journal::export::Line::End { .. } => {}
        }
    }
    // With two entries the proof of the second is the leaf hash of the first.
    let proof = vec![bodies[0].1.clone()];
    let receipt = Receipt { seq: 2, body: bodies[1].0.clone(), proof, checkpoint: notes[0].clone() };
    let path = fixture.path("receipt.json");
    std::fs::write(&path, serde_json::to_string(&receipt).unwrap()).unwrap();
    fixture.run(&["verify", "receipt", &path]).unwrap();
    fixture.run(&["verify", "receipt", &path, "--key", &key]).unwrap();
    let wrong = Receipt { seq: 1, ..receipt };
    std::fs::write(&path, serde_json::to_string(&wrong).unwrap()).unwrap();
    assert_eq!(fixture.run(&["verify", "receipt", &path]).unwrap_err().code(), DIFFERS);

    let (older, newer) = (fixture.path("older"), fixture.path("newer"));
    std::fs::write(&older, &notes[0]).unwrap();
    std::fs::write(&newer, &notes[1]).unwrap();
    assert_eq!(Checkpoint::parse(&notes[1]).unwrap().size, 5);
    fixture.run(&["verify", "consistency", &newer, &newer]).unwrap();
    // From two to five entries a proof is needed.
    assert_eq!(fixture.run(&["verify", "consistency", &older, &newer]).unwrap_err().code(), DIFFERS);
    assert_eq!(fixture.run(&["verify", "consistency", &older, &path]).unwrap_err().code(), CONFIG);
}
