//! `dossier backup` and `dossier restore`: the stores of one moment, put away while the services run, and put back where none are.

use std::path::{Path, PathBuf};

use dossier::backup::made;
use dossier::backup::restore::{checked, put_back};
use dossier::failure::{CONFIG, DIFFERS};
use dossier_kernel::config::Config;
use dossier_tests::world::skipped;
use dossier_vault::Keyring;
use jiff::SignedDuration;

use crate::prelude::*;

struct Kept {
    home: tempfile::TempDir,
}

// === impl Kept ===

impl Kept {
    fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    async fn make(&self, world: &World, name: &str) -> PathBuf {
        let ground = world.ground();
        made(&self.at(name), &ground.config, &ground.providers).await.unwrap();
        self.at(name)
    }
}

async fn says(dir: &Path, config: &Config) -> String {
    checked(dir, config).await.unwrap().join("\n")
}

async fn refuses(dir: &Path, config: &Config, code: u8) -> String {
    let failure = checked(dir, config).await.unwrap_err();
    assert_eq!(failure.code(), code, "{failure}");
    failure.to_string()
}

fn moved_away(world: &World, config: &Config) {
    for which in Which::ALL {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(world.folder().join(format!("{which}.db{end}")));
        }
    }
    std::fs::remove_dir_all(&config.documents.dir).unwrap();
}

// proves: X-05
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_put_away_while_the_services_run_is_put_back_where_no_store_is() {
    let (mut world, kept) = (World::start(Store::Sqlite).await, Kept::new());
    let config = Config::clone(&world.ground().config);
    let file = world.active(1).await.name;
    let paper = world.scanned("sales-1", &file, b"%PDF-1.4 one").await.name;
    let dir = kept.make(&world, "monday").await;
    assert!(!dir.join("keyring.json").exists(), "whoever has both reads everything");
    assert_eq!(says(&dir, &config).await.lines().count(), 1, "nothing is lost yet");
    let later = world.active(2).await.name;
    world.settle().await;
    let lost = says(&dir, &config).await;
    assert!(lost.contains("profile of demo has") && lost.contains("dossier recover"), "{lost}");
    // A newer journal is never overwritten.
    world.pause().await;
    let failure = put_back(&dir, &config).unwrap_err();
    assert!(failure.to_string().contains("the store of profile is there"), "{failure}");
    moved_away(&world, &config);
    assert_eq!(put_back(&dir, &config).unwrap(), ["put back"], "there is no Redis to be emptied");
    assert_eq!(says(&dir, &config).await.lines().count(), 1, "and it can be put back again");
    // What the services held then they hold no more.
    world.pass(SignedDuration::from_hours(1));
    world.resume().await;
    assert_eq!(world.read("sales-1", &file).await.good().name, file);
    let papers = world.list_documents("sales-1", &file, "").await.unwrap();
    assert_eq!(papers.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), [paper.as_str()]);
    world.read("sales-1", &later).await.refused(Reason::ResourceNotFound);
    check::holds(&world).await;
    world.end().await;
}

// proves: X-05
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_cut_changed_mixed_or_without_its_keys_is_refused_and_why_is_said() {
    let (world, kept) = (World::start(Store::Sqlite).await, Kept::new());
    let config = Config::clone(&world.ground().config);
    let file = world.active(1).await.name;
    world.scanned("sales-1", &file, b"%PDF-1.4 one").await;
    let dir = kept.make(&world, "monday").await;
    let again = made(&dir, &config, &world.ground().providers).await.unwrap_err().to_string();
    assert!(again.contains("is not empty"), "{again}");

    let mut other = config.clone();
    other.keyring.file = kept.at("nowhere.json");
    let missing = checked(&dir, &other).await.unwrap_err().to_string();
    assert!(missing.contains("keyring") && missing.contains("missing"), "{missing}");
    other.keyring.file = kept.at("other.json");
    Keyring::create(&other.keyring.file, world.ground().providers.ids.as_ref()).unwrap();
    checked(&dir, &other).await.unwrap_err();

    // Stores of two moments: one has applied of another's journal what is not in it.
    world.active(2).await;
    world.settle().await;
    let tuesday = kept.make(&world, "tuesday").await;
    says(&tuesday, &config).await;
    std::fs::copy(dir.join("profile.db"), tuesday.join("profile.db")).unwrap();
    assert!(refuses(&tuesday, &config, DIFFERS).await.contains("is not as it was copied"));
    let manifest = |dir: &Path| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(dir.join("backup.json")).unwrap()).unwrap()
    };
    let mut mixed = manifest(&tuesday);
    mixed["stores"]["profile"] = manifest(&dir)["stores"]["profile"].clone();
    std::fs::write(tuesday.join("backup.json"), mixed.to_string()).unwrap();
    assert!(refuses(&tuesday, &config, DIFFERS).await.contains("does not verify"));

    let pieces = walked(&dir.join("documents"));
    std::fs::remove_file(&pieces[0]).unwrap();
    refuses(&dir, &config, DIFFERS).await;
    std::fs::remove_file(dir.join("backup.json")).unwrap();
    assert!(refuses(&dir, &config, CONFIG).await.contains("no whole backup"));
    world.end().await;
}

// proves: X-05
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_on_a_server_is_left_to_its_own_tools() {
    let name = module_path!();
    if !Store::Postgres.available() {
        return skipped(name);
    }
    let (world, kept) = (World::start(Store::Postgres).await, Kept::new());
    let ground = world.ground();
    let failure = made(&kept.at("monday"), &ground.config, &ground.providers).await.unwrap_err().to_string();
    assert!(failure.contains("profile.database") && failure.contains("deploy/operations.md"), "{failure}");
    assert!(!kept.at("monday").exists(), "nothing was made");
    world.end().await;
}

fn walked(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walked(&path) } else { vec![path] }).collect()
}
