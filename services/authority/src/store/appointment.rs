//! Appointments: which person holds which post in which unit, and when.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;
use dossier_kernel::stamp::{self, ORG};
use uuid::Uuid;

/// One appointment; times in microseconds, `valid_until` exclusive.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Appointment {
    /// The appointment.
    pub id: Uuid,
    /// Who is appointed.
    pub person: Uuid,
    /// The post's id in the pack.
    pub post: String,
    /// The unit's id in the organisation file.
    pub unit: String,
    /// From when.
    pub valid_from: i64,
    /// Until when; [`i64::MAX`] for an open end, `valid_from` for one that was taken back.
    pub valid_until: i64,
}

/// Writes an appointment; a later call for the same id replaces it (whoever ends it ends it earlier).
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn put(tx: &mut Tx, org: &str, one: &Appointment) -> Result<()> {
    let text = "INSERT INTO appointment (org, id, person, post, unit, valid_from, valid_until)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                ON CONFLICT (org, id) DO UPDATE SET valid_from = $6,
                    valid_until = CASE WHEN appointment.valid_until < $7 THEN appointment.valid_until ELSE $7 END";
    sql!(tx, execute, text, org, one.id, one.person, &one.post, &one.unit, one.valid_from, one.valid_until)?;
    stamp::touch(tx, org, ORG).await
}

/// Every appointment of a person, the newest first, ended ones included.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn of_person(tx: &mut Tx, org: &str, person: Uuid) -> Result<Vec<Appointment>> {
    let text = "SELECT id, person, post, unit, valid_from, valid_until FROM appointment
                WHERE org = $1 AND person = $2 ORDER BY valid_from DESC, id";
    sql!(tx, fetch_all as Appointment, text, org, person)
}

/// The appointments of active people that are current at `now`, for the org; approvals are matched over them.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn current(tx: &mut Tx, org: &str, now: i64) -> Result<Vec<Appointment>> {
    let text = "SELECT a.id, a.person, a.post, a.unit, a.valid_from, a.valid_until FROM appointment a
                JOIN principal w ON w.org = a.org AND w.person = a.person AND w.active
                WHERE a.org = $1 AND a.valid_from <= $2 AND a.valid_until > $2 ORDER BY a.post, a.id";
    sql!(tx, fetch_all as Appointment, text, org, now)
}
