//! What `CheckAccess` asks of the store.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{sql, stamp};
use uuid::Uuid;

/// A file as a person who is cleared for it stands to it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Sight {
    /// The file's level.
    pub level: String,
    /// The file's state, by the name of the contract's enum.
    pub state: String,
    /// Whether the person has standing access.
    pub standing: bool,
    /// Whether the original is out.
    pub out: bool,
}

/// How `person` stands to the file; `None` for a closed level, one above the person's clearance, and no file: one answer
/// (I10).
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn sight(tx: &mut Tx, org: &str, person: Uuid, now: i64, file: Uuid) -> Result<Option<Sight>> {
    let text = concat!(
        "SELECT f.level, f.state, (CASE WHEN ",
        dossier_authority::standing!(),
        " THEN TRUE ELSE FALSE END) AS standing,
                EXISTS (SELECT 1 FROM loan o WHERE o.org = f.org AND o.file = f.id
                           AND o.state IN ('out', 'recalled')) AS out
         FROM file_copy f WHERE f.org = $1 AND f.id = $4 AND ",
        dossier_authority::cleared!()
    );
    sql!(tx, fetch_optional as Sight, text, org, person, now, file)
}

/// Keeps which template a file has.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn put_template(tx: &mut Tx, org: &str, file: Uuid, template: &str) -> Result<()> {
    let text = "INSERT INTO file_template (org, file, template) VALUES ($1, $2, $3)
                ON CONFLICT (org, file) DO UPDATE SET template = $3
                WHERE file_template.template <> $3";
    match sql!(tx, execute, text, org, file, template)? {
        0 => Ok(()),
        _ => stamp::touch(tx, org, file).await,
    }
}

/// The template of a file, if it is known.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn template(tx: &mut Tx, org: &str, file: Uuid) -> Result<Option<String>> {
    let text = "SELECT template FROM file_template WHERE org = $1 AND file = $2";
    Ok(sql!(tx, fetch_optional as (String,), text, org, file)?.map(|(template,)| template))
}
