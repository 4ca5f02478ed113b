//! Numbers that profile's journal told of, so that none is issued again when its store goes back (I11).

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;

/// One number at its place in a series.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Number {
    /// The series.
    pub series: String,
    /// Its place, from 1.
    pub sequence: i64,
    /// The number.
    pub number: String,
}

/// Keeps a number; one that is known stays as it is.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn put(tx: &mut Tx, org: &str, one: &Number) -> Result<()> {
    let text = "INSERT INTO number_copy (org, series, sequence, number) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    sql!(tx, execute, text, org, &one.series, one.sequence, &one.number)?;
    Ok(())
}

/// Every number known, by series and place.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn all(tx: &mut Tx, org: &str) -> Result<Vec<Number>> {
    let text = "SELECT series, sequence, number FROM number_copy WHERE org = $1 ORDER BY series, sequence";
    sql!(tx, fetch_all as Number, text, org)
}

/// The numbers that the copies of files carry; those of a version that did not keep numbers stand there alone.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn carried(tx: &mut Tx, org: &str) -> Result<Vec<String>> {
    let text = "SELECT number FROM file_copy WHERE org = $1 AND number <> '' ORDER BY number";
    Ok(sql!(tx, fetch_all as (String,), text, org)?.into_iter().map(|(number,)| number).collect())
}
