//! What `CheckAccess` asks of the store, for many questions at once.

use dossier_authority::each_asked;
use dossier_authority::store::file::Asked;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{sql, stamp};
use uuid::Uuid;

/// A file as a person who is cleared for it stands to it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Standing {
    /// The file's level.
    pub level: String,
    /// The file's state, by the name of the contract's enum.
    pub state: String,
    /// Whether the person has standing access.
    pub standing: bool,
    /// Whether the original, the paper of the file, is out.
    pub out: bool,
}

/// How each asked person stands to the file; `None` for a closed level, one above the person's clearance, and no file: one
/// answer (I10). In the order of `asked`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn standings(tx: &mut Tx, asked: &[Asked<'_>]) -> Result<Vec<Option<Standing>>> {
    each_asked!(
        tx,
        Standing,
        asked,
        concat!(
            ", s AS MATERIALIZED (SELECT q.place, f.org, f.id, f.level, f.state, ",
            dossier_authority::reach!("q.person", "q.moment"),
            " AS reach FROM q JOIN file_copy f ON f.org = q.org AND f.id = q.file)
             SELECT s.level, s.state, s.reach = 2 AS standing,
                    EXISTS (SELECT 1 FROM loan_item o
                            WHERE o.org = s.org AND o.item = s.id AND o.returned_at IS NULL) AS out, s.place
             FROM s WHERE s.reach > 0"
        )
    )
}

/// The template of each asked file, if it is known, in the order of `asked`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn templates(tx: &mut Tx, asked: &[Asked<'_>]) -> Result<Vec<Option<String>>> {
    let text = "SELECT f.template, q.place FROM q JOIN file_template f ON f.org = q.org AND f.file = q.file";
    let found = each_asked!(tx, (String,), asked, text)?;
    Ok(found.into_iter().map(|one| one.map(|(template,)| template)).collect())
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
