//! Table `approval`, and `approval_slot` through which lists find who is concerned.

use dossier_kernel::db::{self, AsJson, Keeps, MaybeJson, Read, Stored, Tx, Value, View};
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::{sql, sql_given, table};
use uuid::Uuid;

use super::decision;
use crate::domain::approval::{Amount, Approval, State};
use crate::domain::plan::Plan;

/// Which approvals a list asks for; `None` asks for any.
#[derive(Clone, Debug)]
pub struct Filter<'a> {
    /// On this resource.
    pub subject: Option<&'a str>,
    /// In this matter.
    pub matter: Option<&'a str>,
    /// Asked by this person.
    pub requester: Option<Uuid>,
    /// In this state.
    pub state: Option<State>,
    /// Created at this time or later, microseconds.
    pub from: i64,
    /// Created before this time, microseconds.
    pub until: i64,
    /// Who asks for the list; `None`: a service, which reads everything in the journal anyway.
    pub reader: Option<Uuid>,
    /// Whether the reader sees more than what concerns it, as far as posts and letters tell; the rules look closer.
    pub all: bool,
    /// When now is, microseconds.
    pub now: i64,
}

table! {
    select!("approval" as f) of Approval;
    once {
        id, matter, subject, file, act as MaybeJson, unit, level, rank, requester, asker, excluded as AsJson,
        plan as Planned { plan, steps }, created_at,
    }
    then while "decided_at IS NULL" {
        amount as Sum { minor_units, currency }, digest, summary, state, round, passed_steps, updated_at, decided_at,
    }
    aside { decisions }
}

/// The plan, and how many steps it has.
struct Planned;

/// A sum, or none.
struct Sum;

// === impl Planned ===

impl Keeps<Plan> for Planned {
    fn write(value: &Plan, into: &mut Vec<Value>) {
        AsJson::write(value, into);
        into.push(value.steps.len().value());
    }

    fn read(row: View<'_>, columns: &[&'static str]) -> Read<Plan> {
        AsJson::read(row, columns)
    }
}

// === impl Sum ===

impl Keeps<Option<Amount>> for Sum {
    fn write(value: &Option<Amount>, into: &mut Vec<Value>) {
        let sum = value.as_ref();
        into.extend([sum.map(|sum| sum.minor_units).value(), sum.map(|sum| sum.currency.clone()).value()]);
    }

    fn read(row: View<'_>, columns: &[&'static str]) -> Read<Option<Amount>> {
        let (minor_units, currency): (Option<i64>, Option<String>) = (row.get(columns[0])?, row.get(columns[1])?);
        Ok(minor_units.zip(currency).map(|(minor_units, currency)| Amount { minor_units, currency }))
    }
}

/// The file that the approval is about has not risen above person `$2` at `$3`: it stands where it stood when the approval was
/// asked, or the person is cleared for where it stands now.
macro_rules! cleared {
    () => {
        cleared!(@ dossier_authority::cleared_file!("f.file"))
    };
    (reached) => {
        cleared!(@ dossier_authority::cleared_file!(reached, "f.file"))
    };
    (@ $file:expr) => {
        concat!(
            "(f.file IS NULL OR EXISTS (SELECT 1 FROM file_copy k, level_rule l WHERE k.org = f.org AND k.id = f.file
                  AND l.org = f.org AND l.level = k.level AND l.rank <= f.rank) OR ",
            $file,
            ")"
        )
    };
}

/// A slot of the approval names a post that person `$2` holds at `$3`, or that somebody holds whose letter it has.
macro_rules! holds_a_slot {
    ($more:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM approval_slot s JOIN appointment a ON a.org = s.org AND a.post = s.post
                 AND (s.unit = '' OR s.unit = a.unit)
             WHERE s.org = f.org AND s.approval = f.id AND a.valid_from <= $3 AND a.valid_until > $3
               AND (a.person = $2 OR a.person IN (
                   SELECT d.delegator FROM delegation d WHERE d.org = f.org AND d.delegate = $2
                      AND d.revoked_at IS NULL AND d.valid_from <= $3 AND d.valid_until > $3))",
            $more,
            ")"
        )
    };
}

/// Writes a new approval; gives false when its subject has an open one.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, one: &Approval) -> Result<bool> {
    let new = db::insert(tx, org, one).await?;
    if new {
        slots(tx, org, one).await?;
    }
    Ok(new)
}

async fn slots(tx: &mut Tx, org: &str, one: &Approval) -> Result<()> {
    let text = "INSERT INTO approval_slot (org, approval, step, slot, post, unit) VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT DO NOTHING";
    for (step, rule) in one.plan.steps.iter().enumerate() {
        for (slot, rule) in rule.slots.iter().enumerate() {
            for post in &rule.posts {
                let unit = rule.unit.as_deref().unwrap_or("");
                sql!(tx, execute, text, org, one.id, number(step), number(slot), post, unit)?;
            }
        }
    }
    Ok(())
}

/// The approval with its signatures.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Approval>> {
    let found = sql!(tx, fetch_optional as Approval, select!(" AND f.id = $2"), org, id)?;
    Ok(whole(tx, org, found.into_iter().collect()).await?.pop())
}

/// Whether an approval about `file` is not decided.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn is_open_about(tx: &mut Tx, org: &str, file: Uuid) -> Result<bool> {
    let text = "SELECT CAST(1 AS BIGINT) FROM approval
                WHERE org = $1 AND file = $2 AND state IN ('pending', 'returned') LIMIT 1";
    Ok(sql!(tx, fetch_optional as (i64,), text, org, file)?.is_some())
}

/// Whether the file that the approval is about, if it is about one, has not risen above `person`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn cleared(tx: &mut Tx, org: &str, person: Uuid, now: i64, id: Uuid) -> Result<bool> {
    let text = concat!("SELECT f.id FROM approval f WHERE f.org = $1 AND f.id = $4 AND ", cleared!());
    Ok(sql!(tx, fetch_optional as (Uuid,), text, org, person, now, id)?.is_some())
}

/// Locks the approval `id`, if there is one, until the transaction ends. Its row and its signatures are two statements; a
/// signature that commits between them would show half, and refuse the next signer for the wrong reason.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn lock(tx: &mut Tx, org: &str, id: Uuid) -> Result<()> {
    let text = "UPDATE approval SET version = version WHERE org = $1 AND id = $2";
    sql!(tx, execute, text, org, id)?;
    Ok(())
}

/// Writes where an approval stands now, against the version that was read, and raises that. Whoever signs passes here,
/// so two replicas never count signatures on the same state.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub async fn update(tx: &mut Tx, org: &str, one: &mut Approval) -> Result<()> {
    db::update(tx, org, one).await
}

/// Up to `limit` approvals with an id below `before`, newest first.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn list(tx: &mut Tx, org: &str, filter: &Filter<'_>, before: Uuid, limit: i64) -> Result<Vec<Approval>> {
    let text = sql_given!(
        concat!(
            dossier_authority::with_reached!(),
            select!(" AND f.id < $4 AND f.created_at >= $5 AND f.created_at < $6")
        );
        filter.subject => " AND f.subject = $7",
        filter.matter => " AND f.matter = $8",
        filter.requester => " AND f.requester = $9",
        filter.state => " AND f.state = $10",
        filter.reader => concat!(
            " AND (f.requester = $2
                   OR EXISTS (SELECT 1 FROM approval_decision d
                              WHERE d.org = f.org AND d.approval = f.id AND d.signer = $2)
                   OR ((f.act IS NOT NULL OR ",
            cleared!(reached),
            ") AND ",
            holds_a_slot!(""),
            ") OR ($12 AND ",
            cleared!(reached),
            "))"
        );
        " ORDER BY f.id DESC LIMIT $11"
    );
    let (person, now, from, until) = (filter.reader, filter.now, filter.from, filter.until);
    let (subject, matter, requester) = (filter.subject, filter.matter, filter.requester);
    let state = filter.state.map(State::as_str);
    let rows = sql!(
        tx,
        fetch_all as Approval,
        text,
        org,
        person,
        now,
        before,
        from,
        until,
        subject,
        matter,
        requester,
        state,
        limit,
        filter.all
    )?;
    whole(tx, org, rows).await
}

/// Up to `limit` pending approvals of a matter and of a subject, or of any, with an id above `after`, oldest first, whose open
/// step has a slot that `person` might fill, as far as posts and letters tell; the rules look closer.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn pending(
    tx: &mut Tx,
    org: &str,
    person: Uuid,
    now: i64,
    (matter, subject): (Option<&str>, Option<&str>),
    after: Uuid,
    limit: i64,
) -> Result<Vec<Approval>> {
    let text = sql_given!(
        concat!(
            dossier_authority::with_reached!(),
            select!(concat!(
                " AND f.state = 'pending' AND f.id > $4 AND f.requester <> $2 AND (f.act IS NOT NULL OR ",
                cleared!(reached),
                ") AND ",
                holds_a_slot!(" AND s.step = f.passed_steps")
            ))
        );
        matter => " AND f.matter = $5",
        subject => " AND f.subject = $6";
        " ORDER BY f.id LIMIT $7"
    );
    let rows = sql!(tx, fetch_all as Approval, text, org, person, now, after, matter, subject, limit)?;
    whole(tx, org, rows).await
}

async fn whole(tx: &mut Tx, org: &str, mut approvals: Vec<Approval>) -> Result<Vec<Approval>> {
    for one in &mut approvals {
        one.decisions = decision::of_approval(tx, org, one.id).await?;
    }
    Ok(approvals)
}

/// An index as the store keeps it.
pub(super) fn number(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

/// An index of the store.
///
/// # Errors
/// `STORE_INCONSISTENT` when it is negative.
pub(super) fn index(number: i64) -> Result<usize> {
    usize::try_from(number).map_err(|_| Error::new(Reason::StoreInconsistent).with("table", "approval"))
}
