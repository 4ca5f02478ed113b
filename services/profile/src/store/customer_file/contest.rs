//! Contested drafts: a unit has an open file that the author of the draft may not see (P-02, I10).
//!
//! Whether a new file is contested is decided inside the statement that inserts it. What follows from it for a caller is
//! read here by the same statement for every file, contested or not, so that neither answer nor work tells them apart.

use dossier_authority::visible;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;
use uuid::Uuid;

use super::Viewer;

/// How a file stands to its unit, for one viewer.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Claim {
    /// Whether another file holds the unit.
    pub contested: bool,
    /// Whether it is kept as contested itself; a closed one may not be, though its unit is another's by now.
    pub noted: bool,
    /// The file that holds it, or an older draft that claims it, if the viewer may see one.
    pub holder: Option<Uuid>,
    /// The holder's level, if the viewer may see it.
    pub level: Option<String>,
}

/// An open draft that is contested.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Contested {
    /// The draft.
    pub id: Uuid,
    /// Its owning unit.
    pub unit: String,
    /// Its author.
    pub creator: Uuid,
    /// The file that holds its unit; `None` when that was closed while the draft came to be.
    pub holder: Option<Uuid>,
}

/// How the file `id` stands to its unit, as `viewer` may know it. An older contested draft counts like a holder: who made it
/// is refused a second one, whether or not anybody holds the unit (I10). COALESCE of one value is that value, and no index is chosen by
/// it; the holder is looked for by the token of the one row, and joined with nothing: in a store that is filled at once all files of the
/// kind, or of the org, were read.
///
/// # Errors
/// `STORE_UNAVAILABLE`; also when there is no such file.
pub async fn claim(tx: &mut Tx, viewer: Viewer<'_>, id: Uuid) -> Result<Claim> {
    let text = concat!(
        "SELECT q.contested, q.noted, q.holder, z.level FROM (
            SELECT n.contested OR EXISTS (SELECT 1 FROM customer_file o WHERE o.org = n.org
                    AND COALESCE(o.unit_kind, o.unit_kind) = n.unit_kind AND o.unit_ref_token = n.unit_ref_token
                    AND o.state <> 'closed' AND NOT o.contested AND o.id <> n.id) AS contested,
                n.contested AS noted,
                (SELECT f.id FROM customer_file f WHERE f.org = n.org
                    AND COALESCE(f.unit_kind, f.unit_kind) = n.unit_kind AND f.unit_ref_token = n.unit_ref_token
                    AND f.state <> 'closed' AND f.id <> $4 AND (NOT f.contested OR f.id < $4) AND ",
        visible!(),
        " ORDER BY f.contested, f.id LIMIT 1) AS holder
            FROM customer_file n WHERE n.org = $1 AND n.id = $4) q
         LEFT JOIN customer_file z ON z.org = $1 AND z.id = q.holder"
    );
    sql!(tx, fetch_one as Claim, text, viewer.org, viewer.person, viewer.now, id)
}

/// Every open contested draft of `org`, in the order of the index that holds no others.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn all(tx: &mut Tx, org: &str) -> Result<Vec<Contested>> {
    let text = "SELECT c.id, c.unit, c.creator, (
                    SELECT h.id FROM customer_file h WHERE h.org = c.org AND h.unit_kind = c.unit_kind
                    AND h.unit_ref_token = c.unit_ref_token AND h.state <> 'closed' AND NOT h.contested) AS holder
                FROM customer_file c WHERE c.org = $1 AND c.state <> 'closed' AND c.contested
                ORDER BY c.unit_kind, c.unit_ref_token, c.id";
    sql!(tx, fetch_all as Contested, text, org)
}

/// Makes sure that the draft `id` is contested until the transaction ends; false when it is no more.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn lock(tx: &mut Tx, org: &str, id: Uuid) -> Result<bool> {
    let text =
        "UPDATE customer_file SET contested = TRUE WHERE org = $1 AND id = $2 AND contested AND state <> 'closed'";
    Ok(sql!(tx, execute, text, org, id)? == 1)
}

/// Notes the closed file `id` as contested where an open one holds its unit by now: so it may stand again beside that one (P-02).
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn note(tx: &mut Tx, org: &str, id: Uuid) -> Result<()> {
    let text = "UPDATE customer_file SET contested = TRUE WHERE org = $1 AND id = $2 AND state = 'closed' AND EXISTS (
                    SELECT 1 FROM customer_file n JOIN customer_file h ON h.org = n.org AND h.unit_kind = n.unit_kind
                        AND h.unit_ref_token = n.unit_ref_token AND h.state <> 'closed' AND NOT h.contested
                    WHERE n.org = $1 AND n.id = $2)";
    sql!(tx, execute, text, org, id).map(drop)
}

/// Gives the unit of the file `id`, which was closed or is contested itself, to the oldest contested draft of the unit, if no
/// open file holds it. Gives that draft. No revision and no stamp follows: of the draft nothing changes that anybody is told.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster, `STORE_UNAVAILABLE`.
pub async fn release(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Uuid>> {
    let text = "UPDATE customer_file SET contested = FALSE WHERE org = $1 AND id = (
                    SELECT o.id FROM customer_file c
                    JOIN customer_file o ON o.org = c.org AND o.unit_kind = c.unit_kind
                         AND o.unit_ref_token = c.unit_ref_token AND o.state <> 'closed' AND o.contested
                    WHERE c.org = $1 AND c.id = $2 AND NOT EXISTS (
                        SELECT 1 FROM customer_file h WHERE h.org = c.org AND h.unit_kind = c.unit_kind
                        AND h.unit_ref_token = c.unit_ref_token AND h.state <> 'closed' AND NOT h.contested)
                    ORDER BY o.id LIMIT 1)
                RETURNING id";
    Ok(sql!(tx, fetch_optional as (Uuid,), text, org, id)?.map(|(id,)| id))
}
