//! What the services stand on fails or is in the way: a store that takes no writes, a store that cannot be used at start, a
//! pooler.

mod pooler;
mod start;
mod store;

use dossier_tests::world::postgres_url;
use sqlx::{AssertSqlSafe, Connection, Executor};
use sqlx_postgres::PgConnection;

/// Says something to the PostgreSQL of the tests.
async fn tell(text: String) {
    let mut server = PgConnection::connect(&postgres_url().expect("a server")).await.unwrap();
    server.execute(AssertSqlSafe(text)).await.unwrap();
}

/// The name of the database at the end of a url.
fn database(url: &str) -> &str {
    url.rsplit_once('/').unwrap().1
}

/// The same server, another database.
fn beside(url: &str, database: &str) -> String {
    format!("{}/{database}", url.rsplit_once('/').unwrap().0)
}
