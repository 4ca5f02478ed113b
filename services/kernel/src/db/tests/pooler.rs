//! Through a real pgbouncer.

use super::server::Bouncer;
use super::*;
use crate::sql_rows;

async fn pooled(bouncer: &Bouncer) -> Db {
    let statement_timeout = Duration::from_millis(300);
    let settings = settings(url("app", bouncer.port));
    Db::open(&Settings { pooled: true, statement_timeout, max_connections: 16, ..settings }).await.unwrap()
}

async fn named(db: &Db, id: i64) -> Result<Option<(String,)>> {
    glance!(*db, fetch_optional as (String,), "SELECT name FROM one WHERE id = $1", id)
}

#[tokio::test]
async fn a_pooler_in_transaction_mode_is_worked_through() {
    let Some(server) = Server::start().await else { return };
    let Some(bouncer) = Bouncer::start(&server, "transaction", "").await else { return };
    open(server.url("app:canary")).await.close().await;
    let db = pooled(&bouncer).await;
    // Eight times as many at once as the pooler has connections: whatever stays with one is somebody else's next.
    for round in 0..4 {
        let work = (0..16).map(async |id| {
            add(&db, id).await?;
            named(&db, id).await
        });
        let done = futures::future::join_all(work).await;
        let name = if round == 0 { "x" } else { "y" };
        assert!(done.iter().all(|one| one.as_ref().unwrap().as_ref().unwrap().0 == name), "{done:?}");
    }
    let rows = [(100_i64, "a"), (101, "b")];
    let mut tx = db.write().await.unwrap();
    assert_eq!(sql_rows!(&mut tx, "INSERT INTO one (id, name) ", rows, row => [row.0, row.1]).unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(named(&db, 101).await.unwrap(), Some(("b".to_owned(),)));
    db.look().await.unwrap();
}

#[tokio::test]
async fn both_limits_hold_through_a_pooler_and_stay_with_their_transaction() {
    let Some(server) = Server::start().await else { return };
    for mode in ["transaction", "session"] {
        let Some(bouncer) = Bouncer::start(&server, mode, "").await else { return };
        let db = pooled(&bouncer).await;
        let late = "SELECT count(*) FROM (SELECT pg_sleep(30)) AS late";
        let cut = glance!(db, fetch_one as (i64,), late).unwrap_err();
        assert_eq!((cut.reason(), cut.engine_code()), (Reason::StoreUnavailable, Some("57014")), "{mode}");
        let mut tx = db.write().await.unwrap();
        let asked = "SELECT current_setting('lock_timeout')";
        assert_eq!(sql!(&mut tx, fetch_one as (String,), asked).unwrap().0, "5s", "{mode}");
        tx.commit().await.unwrap();
        db.close().await;
        let mut bare =
            <sqlx_postgres::PgConnection as sqlx::Connection>::connect_with(&plain(bouncer.port)).await.unwrap();
        let left = sqlx::raw_sql("SELECT current_setting('lock_timeout')").fetch_one(&mut bare).await.unwrap();
        assert_eq!(sqlx::Row::get::<String, _>(&left, 0), "0", "{mode}");
    }
}

fn plain(port: u16) -> sqlx_postgres::PgConnectOptions {
    let options = sqlx_postgres::PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port);
    options.username("app").database("app").extra_float_digits(None)
}

#[tokio::test]
async fn a_pooler_that_nobody_spoke_of_is_found_and_the_option_is_named() {
    let Some(server) = Server::start().await else { return };
    let Some(strict) = Bouncer::start(&server, "session", "ignore_startup_parameters = extra_float_digits").await
    else {
        return;
    };
    let refused = Db::open(&settings(url("app", strict.port))).await.unwrap_err();
    unavailable(&refused, "08P01", "set database.pooler = \"transaction\"");
    let lax = "ignore_startup_parameters = extra_float_digits, options";
    let lax = Bouncer::start(&server, "session", lax).await.unwrap();
    let lost = Db::open(&settings(url("app", lax.port))).await.unwrap_err();
    assert_eq!(lost.reason(), Reason::ConfigFault);
    let words = lost.metadata("fault").unwrap();
    assert!(words.contains("statement_timeout") && words.contains("database.pooler"), "{words}");
}

#[tokio::test]
async fn migrations_want_the_server_itself() {
    let Some(server) = Server::start().await else { return };
    let Some(bouncer) = Bouncer::start(&server, "transaction", "").await else { return };
    let refused = migrate(&pooled(&bouncer).await, &[&crate::MIGRATIONS]).await.unwrap_err();
    assert_eq!(refused.reason(), Reason::ConfigFault);
    let direct = Db::open(&settings(server.url("app:canary"))).await.unwrap();
    migrate(&direct, &[&crate::MIGRATIONS]).await.unwrap();
    require_migrated(&pooled(&bouncer).await, &[&crate::MIGRATIONS]).await.unwrap();
}
