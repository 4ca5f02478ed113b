//! The vault over a store. Runs on SQLite, and on PostgreSQL too when `DOSSIER_TEST_POSTGRES` holds the url of a
//! database in which schemas may be made.

use std::path::PathBuf;

use dossier_kernel::db::{Settings, migrate};
use dossier_kernel::error::{Error, Reason};
use dossier_kernel::id::System;
use dossier_kernel::sql;
use dossier_kernel::time::from_micros;
use tempfile::TempDir;

use super::*;
use crate::keyring::Keyring;
use crate::tombstone::Tombstone;

struct Stage {
    folder: TempDir,
    db: Db,
    vault: Vault,
    org: String,
}

impl Stage {
    async fn set(db: Db) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Keyring::create(&folder.path().join("keyring.json"), &System).unwrap();
        let vault = open(&folder);
        Self { folder, db, vault, org: "demo".to_owned() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    // As after a restart: nothing cached, the keyring read again.
    fn restart(&mut self) {
        self.vault = open(&self.folder);
    }

    async fn create(&self, file: Uuid) -> Arc<DataKey> {
        let mut tx = self.db.write().await.unwrap();
        let key = self.vault.create_key(&mut tx, &self.org, file, now()).await.unwrap();
        tx.commit().await.unwrap();
        key
    }

    async fn load(&self, file: Uuid) -> Result<Arc<DataKey>> {
        self.vault.load_key(&mut self.db.read().await?, &self.org, file).await
    }

    async fn destroy(&self, file: Uuid) {
        let mut tx = self.db.write().await.unwrap();
        self.vault.destroy_key(&mut tx, &self.org, file, now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    // What a backup holds of a key, put back.
    async fn restore(&self, file: Uuid, row: &KeyRow, with_tombstone: bool) {
        let mut tx = self.db.write().await.unwrap();
        let root = envelope::key_of(row.wrapped.as_deref().unwrap()).unwrap();
        let text = "UPDATE file_key SET wrapped = $3, root = $4, destroyed_at = NULL WHERE org = $1 AND file = $2";
        sql!(&mut tx, execute, text, &self.org, file, row.wrapped.as_deref(), root).unwrap();
        if !with_tombstone {
            sql!(&mut tx, execute, "DELETE FROM tombstone WHERE org = $1 AND file = $2", &self.org, file).unwrap();
        }
        tx.commit().await.unwrap();
    }

    async fn row(&self, file: Uuid) -> KeyRow {
        store::lookup(&mut self.db.read().await.unwrap(), &self.org, file).await.unwrap().unwrap()
    }
}

fn open(folder: &TempDir) -> Vault {
    let keyring = Keyring::open(&folder.path().join("keyring.json")).unwrap();
    let tombstones = Tombstones::open(folder.path().join("tombstones")).unwrap();
    Vault::new(Arc::new(keyring), System::shared(), tombstones)
}

fn now() -> Timestamp {
    from_micros(1_800_000_000_000_000)
}

fn file() -> Uuid {
    System::shared().uuid()
}

// A fresh schema for each story: the start-up job looks at every org.
async fn postgres() -> Option<String> {
    let url = std::env::var("DOSSIER_TEST_POSTGRES").ok()?;
    let schema = format!("vault_{}", file().simple());
    let pool = sqlx_postgres::PgPool::connect(&url).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&pool).await.unwrap();
    let gap = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{gap}options[search_path]={schema}"))
}

// Runs a story on each store at hand.
macro_rules! stories {
    ($($name:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $name() {
            let folder = tempfile::tempdir().unwrap();
            let embedded = format!("sqlite:{}", folder.path().join("db").display());
            for url in [Some(embedded), postgres().await].into_iter().flatten() {
                let db = Db::open(&Settings::new(url)).await.unwrap();
                migrate(&db, &[&dossier_kernel::MIGRATIONS, &crate::MIGRATIONS]).await.unwrap();
                story::$name(Stage::set(db).await).await;
            }
        }
    )*};
}

stories! {
    a_key_is_made_once_and_loaded_as_often_as_wanted,
    a_key_of_an_undone_transaction_never_was,
    a_destroyed_key_opens_nothing_and_is_never_made_again,
    an_undone_destruction_leaves_the_key,
    another_replica_refuses_a_destroyed_key_at_once,
    a_restored_backup_does_not_bring_a_key_back,
    a_restored_backup_without_the_file_still_bars_it,
    a_crash_between_commit_and_list_is_made_good,
    rewrapping_leaves_nothing_under_the_old_root,
    a_row_moved_to_another_file_is_refused,
    the_row_of_a_join_is_enough,
}

mod story {
    use super::*;

    pub(super) async fn a_key_is_made_once_and_loaded_as_often_as_wanted(mut stage: Stage) {
        let file = file();
        let made = stage.create(file).await;
        let place = Aad { org: &stage.org, file, field: "name" };
        let sealed = stage.vault.seal(&made, place, b"value").unwrap();
        let loaded = stage.load(file).await.unwrap();
        assert_eq!(&*stage.vault.open(&loaded, place, &sealed).unwrap(), b"value");
        assert!(Arc::ptr_eq(&loaded, &stage.load(file).await.unwrap()), "unwrapped once");
        assert_eq!(stage.vault.open_text(&loaded, place, &sealed).unwrap().as_str(), "value");

        let mut tx = stage.db.write().await.unwrap();
        let again = stage.vault.create_key(&mut tx, &stage.org, file, now()).await;
        assert!(matches!(again, Err(Fault::KeyExists { .. })));
        drop(tx);
        let org = stage.org.clone();
        stage.restart();
        let after = stage.load(file).await.unwrap();
        assert_eq!(&*stage.vault.open(&after, Aad { org: &org, file, field: "name" }, &sealed).unwrap(), b"value");
        let broken = stage.vault.open(&after, Aad { org: &org, file, field: "phone" }, &sealed).unwrap_err();
        let broken = Error::from(broken);
        assert_eq!((broken.reason(), broken.metadata("field")), (Reason::SealBroken, Some("phone")));
    }

    pub(super) async fn a_key_of_an_undone_transaction_never_was(stage: Stage) {
        let file = file();
        let mut tx = stage.db.write().await.unwrap();
        stage.vault.create_key(&mut tx, &stage.org, file, now()).await.unwrap();
        tx.rollback().await.unwrap();
        assert!(matches!(stage.load(file).await, Err(Fault::KeyUnknown { .. })));
        assert!(stage.vault.cache().is_empty());
    }

    pub(super) async fn a_destroyed_key_opens_nothing_and_is_never_made_again(stage: Stage) {
        let (file, other) = (file(), file());
        stage.create(file).await;
        stage.create(other).await;
        stage.load(file).await.unwrap();
        stage.destroy(file).await;
        stage.vault.bury(&stage.db).await.unwrap();
        let refused = stage.load(file).await.unwrap_err();
        assert!(matches!(refused, Fault::KeyDestroyed { file: named } if named == file));
        assert_eq!(Error::from(refused).reason(), Reason::KeyDestroyed);
        assert!(stage.row(file).await.wrapped.is_none(), "nothing is left to unwrap");
        assert!(stage.vault.cache().is_empty());
        stage.load(other).await.unwrap();

        let mut tx = stage.db.write().await.unwrap();
        let twice = stage.vault.destroy_key(&mut tx, &stage.org, file, now()).await;
        assert!(matches!(twice, Err(Fault::KeyDestroyed { .. })));
        let again = stage.vault.create_key(&mut tx, &stage.org, file, now()).await;
        assert!(matches!(again, Err(Fault::KeyDestroyed { .. })));
        let never = stage.vault.destroy_key(&mut tx, &stage.org, System::shared().uuid(), now()).await;
        assert!(matches!(never, Err(Fault::KeyUnknown { .. })));
    }

    pub(super) async fn an_undone_destruction_leaves_the_key(mut stage: Stage) {
        let file = file();
        stage.create(file).await;
        let mut tx = stage.db.write().await.unwrap();
        stage.vault.destroy_key(&mut tx, &stage.org, file, now()).await.unwrap();
        tx.rollback().await.unwrap();
        stage.restart();
        stage.vault.reapply_tombstones(&stage.db).await.unwrap();
        stage.load(file).await.unwrap();
    }

    pub(super) async fn another_replica_refuses_a_destroyed_key_at_once(stage: Stage) {
        let file = file();
        stage.create(file).await;
        let replica = open(&stage.folder);
        let mut tx = stage.db.read().await.unwrap();
        replica.load_key(&mut tx, &stage.org, file).await.unwrap();
        drop(tx);
        assert_eq!(replica.cache().len(), 1);
        stage.destroy(file).await;
        let mut tx = stage.db.read().await.unwrap();
        let refused = replica.load_key(&mut tx, &stage.org, file).await;
        assert!(matches!(refused, Err(Fault::KeyDestroyed { .. })));
        replica.cache().advance();
        replica.cache().advance();
        assert!(replica.cache().is_empty());
    }

    pub(super) async fn a_restored_backup_does_not_bring_a_key_back(mut stage: Stage) {
        for with_tombstone in [true, false] {
            let file = file();
            stage.create(file).await;
            let backup = stage.row(file).await;
            stage.destroy(file).await;
            stage.vault.bury(&stage.db).await.unwrap();
            stage.restore(file, &backup, with_tombstone).await;
            stage.load(file).await.unwrap();

            stage.restart();
            let done = stage.vault.reapply_tombstones(&stage.db).await.unwrap();
            assert_eq!(done.destroyed, 1);
            assert!(matches!(stage.load(file).await, Err(Fault::KeyDestroyed { .. })));
            let again = stage.vault.reapply_tombstones(&stage.db).await.unwrap();
            assert_eq!(again.destroyed, 0);
        }
    }

    pub(super) async fn a_restored_backup_without_the_file_still_bars_it(mut stage: Stage) {
        let file = file();
        let dead = Tombstone { org: stage.org.clone(), file, destroyed_at: 7 };
        Tombstones::open(stage.path("tombstones")).unwrap().append(&[dead]).unwrap();
        stage.restart();
        stage.vault.reapply_tombstones(&stage.db).await.unwrap();
        let mut tx = stage.db.write().await.unwrap();
        let made = stage.vault.create_key(&mut tx, &stage.org, file, now()).await;
        assert!(matches!(made, Err(Fault::KeyDestroyed { .. })));
    }

    pub(super) async fn a_crash_between_commit_and_list_is_made_good(mut stage: Stage) {
        let file = file();
        stage.create(file).await;
        stage.destroy(file).await;
        stage.restart();
        let done = stage.vault.reapply_tombstones(&stage.db).await.unwrap();
        assert_eq!(done, Reapplied { destroyed: 0, listed: 1 });
        let listed = Tombstones::open(stage.path("tombstones")).unwrap().read().unwrap();
        assert_eq!(listed[&(stage.org.clone(), file)], micros(now()));
        assert_eq!(stage.vault.reapply_tombstones(&stage.db).await.unwrap(), Reapplied::default());
    }

    pub(super) async fn rewrapping_leaves_nothing_under_the_old_root(mut stage: Stage) {
        let files: Vec<_> = (0..3).map(|_| file()).collect();
        for file in &files {
            stage.create(*file).await;
        }
        stage.destroy(files[2]).await;
        stage.vault.bury(&stage.db).await.unwrap();
        let old = stage.vault.provider().newest(Purpose::Seal).unwrap();
        Keyring::rotate(&stage.path("keyring.json"), Purpose::Seal, &System).unwrap();
        stage.restart();
        let before = stage.load(files[0]).await.unwrap().id();
        assert_eq!(stage.vault.rewrap(&stage.db, &stage.org).await.unwrap(), 2);
        assert_eq!(stage.vault.rewrap(&stage.db, &stage.org).await.unwrap(), 0);
        Keyring::retire(&stage.path("keyring.json"), old, &System).unwrap();
        stage.restart();
        assert_eq!(stage.load(files[0]).await.unwrap().id(), before);
        stage.load(files[1]).await.unwrap();
        assert!(matches!(stage.load(files[2]).await, Err(Fault::KeyDestroyed { .. })));
    }

    pub(super) async fn a_row_moved_to_another_file_is_refused(stage: Stage) {
        let (one, two) = (file(), file());
        stage.create(one).await;
        stage.create(two).await;
        let row = stage.row(one).await;
        assert!(matches!(stage.vault.key_of(&stage.org, two, &row), Err(Fault::Forged)));
        assert!(matches!(stage.vault.key_of("other", one, &row), Err(Fault::Forged)));
    }

    pub(super) async fn the_row_of_a_join_is_enough(stage: Stage) {
        #[derive(sqlx::FromRow)]
        struct Joined {
            created_at: i64,
            #[sqlx(flatten)]
            key: KeyRow,
        }
        let file = file();
        let made = stage.create(file).await;
        let mut tx = stage.db.read().await.unwrap();
        let text = "SELECT k.created_at, k.key_id, k.wrapped FROM file_key k WHERE k.org = $1 AND k.file = $2";
        let row = sql!(&mut tx, fetch_one as Joined, text, &stage.org, file).unwrap();
        assert_eq!(row.created_at, micros(now()));
        assert_eq!(stage.vault.key_of(&stage.org, file, &row.key).unwrap().id(), made.id());
        assert!(!format!("{:?}", row.key).contains("wrapped"));
    }
}
