//! What PostgreSQL says is understood: a store that is not there for now is never a row that cannot be true.

use std::time::Duration;

use super::*;
use crate::config::SecretFile;
use crate::wire::Wire;
use crate::{glance, sql, transact};

mod pooler;
mod server;

use server::{Server, url};

const PATIENCE: Duration = Duration::from_secs(20);

fn settings(url: String) -> Settings {
    let acquire_timeout = Duration::from_secs(2);
    Settings { service: "profile", acquire_timeout, max_connections: 4, ..Settings::new(url) }
}

async fn open(url: String) -> Db {
    let db = Db::open(&settings(url)).await.unwrap();
    let made = "CREATE TABLE IF NOT EXISTS one (id BIGINT PRIMARY KEY, name TEXT)";
    transact!(db, tx => sql!(tx, execute, made)).unwrap();
    db
}

async fn add(db: &Db, id: i64) -> Result<u64> {
    transact!(*db, tx => {
        sql!(tx, execute, "INSERT INTO one VALUES ($1, 'x') ON CONFLICT (id) DO UPDATE SET name = 'y'", id)
    })
}

async fn until(holds: impl AsyncFn() -> bool) {
    let end = std::time::Instant::now() + PATIENCE;
    while !holds().await {
        assert!(std::time::Instant::now() < end, "it never happens");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[track_caller]
fn unavailable(fault: &Error, code: &str, words: &str) {
    assert_eq!((fault.reason(), fault.engine_code()), (Reason::StoreUnavailable, Some(code)));
    let remedy = remedy("profile", fault).unwrap();
    assert!(remedy.contains(words), "{remedy}");
    assert!(!format!("{fault} {fault:?} {remedy}").contains("canary"));
}

#[tokio::test]
async fn who_is_not_let_in_has_no_database_or_no_right_learns_it_with_its_code() {
    let Some(server) = Server::start().await else { return };
    let opened = async |url: String| Db::open(&settings(url)).await.unwrap_err();
    unavailable(&opened(server.url("app:canary2")).await, "28P01", "profile.database_file");
    unavailable(&opened(server.url("nobody:canary")).await, "28P01", "right user and password");
    server.tell("ALTER ROLE app NOLOGIN").await;
    unavailable(&opened(server.url("app:canary")).await, "28000", "does not let this user in");
    server.tell("ALTER ROLE app LOGIN").await;
    let elsewhere = server.url("app:canary").trim_end_matches("app").to_owned() + "elsewhere";
    unavailable(&opened(elsewhere).await, "3D000", "no such database");
    let db = open(server.url("app:canary")).await;
    server.tell("CREATE TABLE theirs (id BIGINT)").await;
    let refused = glance!(db, fetch_all as (i64,), "SELECT id FROM theirs").unwrap_err();
    unavailable(&refused, "42501", "may not do that");
}

#[tokio::test]
async fn a_password_that_was_rotated_is_read_again_from_its_file() {
    let Some(server) = Server::start().await else { return };
    let file = server.folder().join("url");
    std::fs::write(&file, server.url("app:canary")).unwrap();
    open(server.url("app:canary")).await.close().await;
    let url_file = Some(SecretFile::new(&file, ""));
    let db = Db::open(&Settings { url_file, ..settings(server.url("app:canary")) }).await.unwrap();
    add(&db, 1).await.unwrap();
    server.tell("ALTER ROLE app PASSWORD 'canary2'").await;
    server.tell("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'").await;
    // Those that were open are noticed one by one.
    until(async || add(&db, 1).await.is_err_and(|fault| fault.engine_code() == Some("28P01"))).await;
    unavailable(&db.look().await.unwrap_err(), "28P01", "profile.database_file");
    std::fs::write(&file, "postgres").unwrap();
    unavailable(&add(&db, 1).await.unwrap_err(), "28P01", "profile.database_file");
    std::fs::write(&file, format!("{}\n", server.url("app:canary2"))).unwrap();
    let all = futures::future::join_all((0..8).map(|id| add(&db, id))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    db.look().await.unwrap();
}

#[tokio::test]
async fn after_a_failover_the_next_connection_reaches_the_new_primary() {
    let Some(primary) = Server::start().await else { return };
    let direct = open(primary.url("app:canary")).await;
    let standby = primary.standby().await;
    let mut wire = Wire::to(&format!("127.0.0.1:{}", standby.port)).await;
    let db = Db::open(&settings(url("app:canary", wire.port))).await.unwrap();
    let read = async || glance!(db, fetch_all as (i64,), "SELECT id FROM one");
    read().await.unwrap();
    unavailable(&db.look().await.unwrap_err(), "25006", "takes no writes");
    unavailable(&add(&db, 1).await.unwrap_err(), "25006", "name the primary in profile.database");
    wire.lead_to(&format!("127.0.0.1:{}", primary.port));
    until(async || add(&db, 1).await.is_ok()).await;
    // All that led to the standby are left, not only those that met its refusal.
    let elsewhere = async || {
        let asked = (0..8).map(async |_| glance!(db, fetch_one as (bool,), "SELECT pg_is_in_recovery()"));
        futures::future::join_all(asked).await.into_iter().any(|one| one.unwrap().0)
    };
    until(async || !elsewhere().await).await;
    db.look().await.unwrap();
    assert_eq!(read().await.unwrap(), [(1,)]);
    assert_eq!(add(&direct, 2).await.unwrap(), 1);
}

#[tokio::test]
async fn who_waits_too_long_for_a_lock_begins_again() {
    let Some(server) = Server::start().await else { return };
    let first = open(server.url("app:canary")).await;
    add(&first, 1).await.unwrap();
    let lock_timeout = Duration::from_millis(100);
    let second = Settings { lock_timeout, attempts: 1, ..settings(server.url("app:canary")) };
    let second = Db::open(&second).await.unwrap();
    let mut held = first.write().await.unwrap();
    sql!(&mut held, execute, "UPDATE one SET name = 'held'").unwrap();
    let begun = std::time::Instant::now();
    let refused = add(&second, 1).await.unwrap_err();
    assert_eq!((refused.reason(), refused.engine_code()), (Reason::ConflictRetry, Some("55P03")));
    assert!(begun.elapsed() < Duration::from_secs(5), "the statement's own limit is ten seconds");
    held.rollback().await.unwrap();
    add(&second, 1).await.unwrap();
}

#[tokio::test]
async fn the_room_of_a_server_is_what_it_gives_to_ordinary_users() {
    let Some(server) = Server::start().await else { return };
    let db = open(server.url("app:canary")).await;
    let room = db.room().await.unwrap().unwrap();
    assert_eq!((room.most, room.pool), (97, 4), "a hundred, of which three are for the superuser");
    assert_eq!(room.address, format!("127.0.0.1:{}", server.port));
}

#[tokio::test]
async fn a_fault_that_the_server_has_no_code_for_is_its_own_and_a_broken_row_is_not() {
    let Some(server) = Server::start().await else { return };
    let db = open(server.url("app:canary")).await;
    let raised = async |text: &'static str| {
        let mut tx = db.write().await.unwrap();
        crate::sql!(&mut tx, execute, text).unwrap_err().reason()
    };
    let own = raised("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'XX000'; END $$").await;
    let broken = raised("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'XX001'; END $$").await;
    assert_eq!((own, broken), (Reason::StoreUnavailable, Reason::StoreInconsistent));
}

#[tokio::test]
async fn the_pool_and_each_fault_are_measured_by_service() {
    let Some(server) = Server::start().await else { return };
    let recorder = Box::leak(Box::new(metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder()));
    let shown = recorder.handle();
    let _guard = metrics::set_default_local_recorder(recorder);
    let acquire_timeout = Duration::from_millis(300);
    let small = Settings { max_connections: 1, acquire_timeout, ..settings(server.url("app:canary")) };
    let db = Db::open(&small).await.unwrap();
    let measure = |line: &str| assert!(shown.render().contains(line), "{line} in\n{}", shown.render());
    measure("dossier_store_acquire_timeouts_total{service=\"profile\"} 0");
    db.look().await.unwrap();
    measure("dossier_store_up{service=\"profile\"} 1");
    // A connection goes back by itself, a moment after its last word.
    let idle = "dossier_store_connections{service=\"profile\",state=\"idle\"} 1";
    until(async || db.look().await.is_ok() && shown.render().contains(idle)).await;
    let held = db.write().await.unwrap();
    assert_eq!(db.read().await.unwrap_err().reason(), Reason::StoreUnavailable);
    measure("dossier_store_acquire_timeouts_total{service=\"profile\"} 1");
    // A pool that is busy says nothing against the store.
    db.look().await.unwrap();
    measure("dossier_store_connections{service=\"profile\",state=\"in_use\"} 1");
    measure("dossier_store_up{service=\"profile\"} 1");
    held.rollback().await.unwrap();
    drop(server);
    for _ in 0..2 {
        db.look().await.unwrap_err();
    }
    measure("dossier_store_up{service=\"profile\"} 0");
    measure("dossier_store_faults_total{service=\"profile\"} 1");
}

mod migrations {
    use super::*;

    async fn named(db: &Db) {
        let owners = [&crate::MIGRATIONS];
        let missing = require_migrated(db, &owners).await.unwrap_err();
        assert_eq!(missing.reason(), Reason::StoreNotMigrated);
        assert!(missing.metadata("fault").unwrap().contains("has not run here"), "{missing:?}");
        assert_eq!(missing.metadata("remedy"), Some("run `dossier migrate`"));
        migrate(db, &owners).await.unwrap();
        require_migrated(db, &owners).await.unwrap();
        let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                     SELECT 99990101000000, 'newer', success, checksum, 0 FROM _sqlx_migrations LIMIT 1";
        transact!(*db, tx => sql!(tx, execute, newer)).unwrap();
        for unknown in [require_migrated(db, &owners).await, migrate(db, &owners).await] {
            let unknown = unknown.unwrap_err();
            assert_eq!(unknown.reason(), Reason::StoreNotMigrated);
            assert!(unknown.metadata("fault").unwrap().contains("migration 99990101000000 ran here"), "{unknown:?}");
            assert!(unknown.metadata("remedy").unwrap().contains("newer `dossier`"), "{unknown:?}");
        }
    }

    #[tokio::test]
    async fn a_missing_and_a_newer_one_are_named_with_what_to_run() {
        let folder = tempfile::tempdir().unwrap();
        named(&Db::open(&Settings::new(format!("sqlite:{}/a.db", folder.path().display()))).await.unwrap()).await;
        let Some(server) = Server::start().await else { return };
        named(&Db::open(&settings(server.url("app:canary"))).await.unwrap()).await;
    }

    #[tokio::test]
    async fn a_user_who_may_not_make_tables_is_told_that() {
        let Some(server) = Server::start().await else { return };
        server.tell("CREATE ROLE reader LOGIN PASSWORD 'canary'").await;
        let db = Db::open(&settings(server.url("reader:canary"))).await.unwrap();
        unavailable(&migrate(&db, &[&crate::MIGRATIONS]).await.unwrap_err(), "42501", "USAGE and CREATE");
    }
}
