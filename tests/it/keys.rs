//! Keys that are missing, or not those that the stores were written with: nothing is made in their place, nothing starts.

use std::path::PathBuf;

use dossier::keyring::{Verb, done};
use dossier::serve::{Ground, migrate, start};
use dossier_kernel::config::Config;
use dossier_kernel::server::Stop;
use dossier_vault::tombstone::Tombstones;
use dossier_vault::{Keyring, Purpose};

use crate::prelude::*;

/// The configuration of the world with another keyring.
fn with(world: &World, keyring: PathBuf) -> Config {
    let mut config = Config::clone(&world.ground().config);
    config.keyring.file = keyring;
    config
}

/// What `serve` of these services says to a configuration that it must not start with.
async fn refused(world: &World, config: Config, services: &[Which]) -> String {
    match Ground::lay(config, services, world.ground().providers.clone()).await {
        Ok(_) => panic!("it starts"),
        Err(failure) => failure.to_string(),
    }
}

/// What these services stand on with a configuration that is good.
async fn laid(world: &World, config: Config, services: &[Which]) -> Ground {
    Ground::lay(config, services, world.ground().providers.clone()).await.unwrap()
}

on_both_stores! {
    async fn a_missing_keyring_is_not_replaced_while_a_store_was_written_with_it(world) {
        world.draft(1).await;
        let path = world.folder().join("gone.json");
        for services in [&Which::ALL[..], &[Which::Access], &[Which::Credit]] {
            let failure = refused(world, with(world, path.clone()), services).await;
            assert!(failure.contains("gone.json") && failure.contains("is missing") && failure.contains("backup"), "{failure}");
            let migrated = migrate(&with(world, path.clone()), services).await.unwrap_err().to_string();
            assert!(migrated.contains("gone.json"), "{migrated}");
        }
        let nowhere = refused(world, with(world, path.clone()), &[]).await;
        assert!(nowhere.contains("--data-dir"), "{nowhere}");
        assert!(!path.exists(), "nothing was made");
        laid(world, Config::clone(&world.ground().config), &Which::ALL).await;
    }

    async fn another_keyring_is_refused_by_every_service_and_names_what_it_lacks(world) {
        world.draft(1).await;
        let path = world.folder().join("other.json");
        Keyring::create(&path, world.ground().providers.ids.as_ref()).unwrap();
        for which in Which::ALL {
            let failure = refused(world, with(world, path.clone()), &[which]).await;
            assert!(failure.contains("other.json") && failure.contains(" lacks key "), "{failure}");
            assert!(failure.contains(which.name()), "{failure}");
        }
    }

    async fn a_keyring_of_before_a_rotation_is_refused_and_a_retired_key_is_not_missed(world) {
        let (ids, path) = (world.ground().providers.ids.as_ref(), world.folder().join("rotated.json"));
        let before = &world.ground().config.keyring.file;
        std::fs::copy(before, &path).unwrap();
        let old = Keyring::open(&path).unwrap();
        let old = old.list().into_iter().find(|key| key.purpose == Purpose::JournalSign).unwrap().id;
        Keyring::rotate(&path, Purpose::JournalSign, ids).unwrap();
        let ground = laid(world, with(world, path.clone()), &[Which::Access]).await;
        let mut config = Config::clone(&ground.config);
        config.peers.profile = Some("http://127.0.0.1:1".to_owned());
        let ground = Ground { config: std::sync::Arc::new(config), ..ground };
        start(&ground, &[Which::Access], Stop::new()).await.unwrap().stop().await;
        let failure = refused(world, with(world, before.clone()), &[Which::Access]).await;
        assert!(failure.contains("journal-sign"), "{failure}");
        Keyring::retire(&path, old, ids).unwrap();
        laid(world, with(world, path), &[Which::Access]).await;
    }

    async fn a_store_of_a_version_before_is_known_by_its_signatures(world) {
        world.draft(1).await;
        world.settle().await;
        for which in Which::ALL {
            let mut tx = world.db(which).write().await.unwrap();
            sql!(&mut tx, execute, "DELETE FROM key_anchor WHERE org = $1", DEMO).unwrap();
            sql!(&mut tx, execute, "DELETE FROM key_anchor WHERE org = $1", "meridian").unwrap();
            tx.commit().await.unwrap();
        }
        let path = world.folder().join("other.json");
        Keyring::create(&path, world.ground().providers.ids.as_ref()).unwrap();
        for which in [Which::Access, Which::Profile] {
            let failure = refused(world, with(world, path.clone()), &[which]).await;
            assert!(failure.contains("other.json"), "{failure}");
        }
        let missing = refused(world, with(world, world.folder().join("gone.json")), &[Which::Access]).await;
        assert!(missing.contains("is missing"), "{missing}");
        laid(world, Config::clone(&world.ground().config), &Which::ALL).await;
    }

    async fn a_list_of_destroyed_files_that_lacks_what_it_held_is_refused_until_it_is_back(world) {
        let (db, vault) = (world.db(Which::Profile), &world.ground().vault);
        let file = Uuid::from_u128(7);
        let mut tx = db.write().await.unwrap();
        vault.create_key(&mut tx, DEMO, file, world.now()).await.unwrap();
        vault.destroy_key(&mut tx, DEMO, file, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        vault.bury(db).await.unwrap();
        let mut config = Config::clone(&world.ground().config);
        config.keyring.tombstones_file = world.folder().join("lost.jsonl");
        let failure = refused(world, config.clone(), &[Which::Profile]).await;
        assert!(failure.contains("lost.jsonl") && failure.contains("--rebuild-tombstones"), "{failure}");
        assert!(!config.keyring.tombstones_file.exists());
        assert!(migrate(&config, &[Which::Profile]).await.unwrap_err().to_string().contains("lost.jsonl"));
        assert_eq!(dossier::serve::rebuild_tombstones(&config, &Which::ALL).await.unwrap(), 1);
        assert_eq!(Tombstones::at(&config.keyring.tombstones_file).read().unwrap().len(), 1);
        migrate(&config, &[Which::Profile]).await.unwrap();
        laid(world, config, &[Which::Profile]).await;
    }

    async fn a_recovery_needs_no_key_that_speaks_for_services_and_makes_none(world) {
        let mut config = Config::clone(&world.ground().config);
        let published = std::fs::read(&config.auth.internal_jwks_file).unwrap();
        config.auth.internal_key_file = world.folder().join("nowhere/internal.pem");
        config.auth.development_key_file = world.folder().join("nowhere/development.pem");
        let ground = Ground::lay_offline(config.clone(), &Which::ALL, world.ground().providers.clone()).await.unwrap();
        assert!(ground.auth.development().is_none());
        assert!(!world.folder().join("nowhere").exists(), "nothing was made");
        assert_eq!(std::fs::read(&config.auth.internal_jwks_file).unwrap(), published);
        // The negative control: what serves makes its key, and publishes it.
        laid(world, config.clone(), &Which::ALL).await;
        assert!(config.auth.internal_key_file.exists());
        assert_ne!(std::fs::read(&config.auth.internal_jwks_file).unwrap(), published);
    }
}

#[tokio::test]
async fn a_token_is_not_made_for_nobody() {
    let home = tempfile::tempdir().unwrap();
    let fresh = home.path().join("fresh").display().to_string();
    let token = |folder: &str, org: &str| {
        let line = ["dossier", "--data-dir", folder, "token", "--org", org, "--subject", "gm"];
        std::thread::spawn({
            let line: Vec<_> = line.iter().map(std::ffi::OsString::from).collect();
            move || dossier::cli::run(line).map(drop).map_err(|failure| failure.to_string())
        })
        .join()
        .unwrap()
    };
    let nowhere = token(&fresh, "nowhere").unwrap_err();
    assert!(nowhere.contains("`nowhere`") && nowhere.contains("demo"), "{nowhere}");
    let new = token(&fresh, "demo").unwrap_err();
    assert!(new.contains("development.pem") && new.contains("--data-dir"), "{new}");
    assert!(!home.path().join("fresh").exists(), "nothing was made");
}

async fn a_key_is_retired_only_when_nothing_is_wrapped_under_it(store: Store) {
    if !store.available() {
        return dossier_tests::world::skipped(module_path!());
    }
    let mut world = World::start(store).await;
    let file = world.active(1).await.name;
    let config = Config::clone(&world.ground().config);
    let old = Keyring::open(&config.keyring.file)
        .unwrap()
        .list()
        .into_iter()
        .find(|key| key.purpose == Purpose::Seal)
        .unwrap()
        .id;
    let providers = world.ground().providers.clone();
    let work = |verb: Verb| Box::pin(done(verb, config.clone(), providers.clone()));
    let retire = || work(Verb::Retire { id: old });
    work(Verb::New).await.unwrap_err();
    world.pause().await;
    let newest = retire().await.unwrap_err().to_string();
    assert!(newest.contains("rewrap"), "{newest}");
    let said = work(Verb::Rotate).await.unwrap();
    assert!(said[0].contains("start the services again"), "{said:?}");
    let wrapped = retire().await.unwrap_err().to_string();
    assert!(wrapped.contains("wrapped under"), "{wrapped}");
    world.resume().await;
    assert_eq!(world.read("sales-1", &file).await.good().name, file);
    // A service that works on the stores would wrap beside it.
    let busy = work(Verb::Rewrap).await.unwrap_err().to_string();
    assert!(busy.contains("seems to be running"), "{busy}");
    world.pause().await;
    world.pass(SignedDuration::from_hours(1));
    work(Verb::Rewrap).await.unwrap();
    let listed = work(Verb::List).await.unwrap();
    assert!(
        listed.iter().any(|line| line.starts_with(&old.to_string()) && line.ends_with("0 keys of files")),
        "{listed:?}"
    );
    retire().await.unwrap();
    let unknown = retire().await.unwrap_err().to_string();
    assert!(unknown.contains("keyring list"), "{unknown}");
    world.resume().await;
    assert_eq!(world.read("sales-1", &file).await.good().name, file);
    check::holds(&world).await;
    world.end().await;
}

// proves: I7
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_retired_only_when_nothing_is_wrapped_under_it_sqlite() {
    a_key_is_retired_only_when_nothing_is_wrapped_under_it(Store::Sqlite).await;
}

// proves: I7
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_retired_only_when_nothing_is_wrapped_under_it_postgres() {
    a_key_is_retired_only_when_nothing_is_wrapped_under_it(Store::Postgres).await;
}
