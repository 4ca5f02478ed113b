//! Tables `approval_decision` and `approval_seat`: signatures, and the slots they fill.

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::states::State as _;
use dossier_kernel::{name, sql};
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::approval::Approval;
use crate::domain::decision::{Decision, Mandate, Seat, Verdict};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    round: i64,
    step: i64,
    signer: Uuid,
    voice: Uuid,
    verdict: String,
    acting_for: Option<Uuid>,
    delegation: Option<Uuid>,
    post: String,
    unit: String,
    seats: Json<Vec<Seat>>,
    digest: Vec<u8>,
    comment: String,
    decided_at: i64,
    slot: Option<i64>,
    seat_post: Option<String>,
    seat_unit: Option<String>,
}

// === impl Row ===

impl TryFrom<Row> for Decision {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let mandate =
            row.acting_for.zip(row.delegation).map(|(acting_for, delegation)| Mandate { acting_for, delegation });
        Ok(Self {
            id: row.id,
            signer: row.signer,
            voice: row.voice,
            verdict: Verdict::parse("verdict", &row.verdict)?,
            step: super::approval::index(row.step)?,
            slot: row.slot.map(super::approval::index).transpose()?,
            post: row.seat_post.unwrap_or(row.post),
            unit: row.seat_unit.unwrap_or(row.unit),
            mandate,
            seats: row.seats.0,
            digest: row.digest,
            round: row.round,
            comment: row.comment,
            decided_at: row.decided_at,
        })
    }
}

/// The signatures of an approval, oldest first.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn of_approval(tx: &mut Tx, org: &str, approval: Uuid) -> Result<Vec<Decision>> {
    let text = "SELECT d.id, d.round, d.step, d.signer, d.voice, d.verdict, d.acting_for, d.delegation, d.post, d.unit,
                       d.seats, d.digest, d.comment, d.decided_at, s.slot, s.post AS seat_post, s.unit AS seat_unit
                FROM approval_decision d LEFT JOIN approval_seat s ON s.org = d.org AND s.decision = d.id
                WHERE d.org = $1 AND d.approval = $2 ORDER BY d.ordinal";
    let rows = sql!(tx, fetch_all as Row, text, org, approval)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Writes the newest signature of `approval` and the seats of its step. One person and one voice sign once in a round,
/// and one slot is filled once: the keys say so, whatever two replicas believe.
///
/// # Errors
/// `APPROVAL_VOICE_USED`, `STORE_UNAVAILABLE`.
pub async fn append(tx: &mut Tx, org: &str, approval: &Approval) -> Result<()> {
    let Some(newest) = approval.decisions.last() else { return Ok(()) };
    if !insert(tx, org, approval, newest).await? {
        let fault = Error::new(Reason::ApprovalVoiceUsed);
        return Err(fault.with("approval", name::name("approvals", approval.id)));
    }
    if newest.verdict == Verdict::Approve { seat(tx, org, approval, newest).await } else { Ok(()) }
}

async fn insert(tx: &mut Tx, org: &str, approval: &Approval, one: &Decision) -> Result<bool> {
    let text = "INSERT INTO approval_decision
                    (org, id, approval, round, ordinal, step, signer, voice, verdict, acting_for, delegation, post, unit,
                     seats, digest, comment, decided_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
                ON CONFLICT DO NOTHING";
    let ordinal = super::approval::number(approval.decisions.len());
    let (step, verdict, seats) = (super::approval::number(one.step), one.verdict.as_str(), Json(&one.seats));
    let (acting_for, delegation) = one.mandate.map(|mandate| (mandate.acting_for, mandate.delegation)).unzip();
    let (post, unit, digest, comment, at) = (&one.post, &one.unit, &one.digest, &one.comment, one.decided_at);
    let rows = sql!(
        tx,
        execute,
        text,
        org,
        one.id,
        approval.id,
        one.round,
        ordinal,
        step,
        one.signer,
        one.voice,
        verdict,
        acting_for,
        delegation,
        post,
        unit,
        seats,
        digest,
        comment,
        at
    )?;
    Ok(rows == 1)
}

// The seats of a step are written anew, since a signer may have moved to make room.
async fn seat(tx: &mut Tx, org: &str, approval: &Approval, newest: &Decision) -> Result<()> {
    let step = super::approval::number(newest.step);
    let text = "DELETE FROM approval_seat WHERE org = $1 AND approval = $2 AND round = $3 AND step = $4";
    sql!(tx, execute, text, org, approval.id, newest.round, step)?;
    let text = "INSERT INTO approval_seat (org, approval, round, step, slot, decision, post, unit)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let same_step = |one: &&Decision| one.round == newest.round && one.step == newest.step;
    for one in approval.decisions.iter().filter(same_step) {
        let Some(slot) = one.slot.map(super::approval::number) else { continue };
        sql!(tx, execute, text, org, approval.id, one.round, step, slot, one.id, &one.post, &one.unit)?;
    }
    Ok(())
}
