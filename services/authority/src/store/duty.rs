//! Duties: opened when something happened, closed when it was done, waived or fell away.

use std::collections::BTreeSet;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::filter::Range;
use dossier_kernel::page::Page;
use dossier_kernel::{sql, sql_given};
use uuid::Uuid;

/// One duty; times in microseconds.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Duty {
    /// The duty.
    pub id: Uuid,
    /// Its kind, unique in the pack.
    pub kind: String,
    /// The resource it is about.
    pub subject: String,
    /// Which of several of one happening it is, from 0.
    pub time_window: i64,
    /// The file it is about, if it is about one.
    pub file: Option<Uuid>,
    /// The post that owes it.
    pub post: String,
    /// The unit whose holder of the post owes it; empty for any.
    pub unit: String,
    /// The person who owes it, if it is one person.
    pub assignee: Option<Uuid>,
    /// The last instant that is in time.
    pub due_at: i64,
    /// The calendar and version it was counted with.
    pub calendar_version: String,
    /// Whether that calendar lacked the holidays of a year that was counted.
    pub provisional: bool,
    /// The name of the contract's `DutyState`.
    pub state: String,
    /// When it was opened.
    pub opened_at: i64,
    /// When it ended.
    pub closed_at: Option<i64>,
    /// Who ended it.
    pub closed_by: Option<Uuid>,
    /// The requirement it comes from.
    pub ground: String,
    /// Grows with each change.
    pub version: i64,
    /// Who must not learn of it; then only holders of the post see it at all.
    pub barred: Option<Uuid>,
    /// Another file that it is about.
    pub other: Option<Uuid>,
    /// That file, where the statement asked for somebody who may see it.
    #[sqlx(default)]
    pub shown: Option<Uuid>,
}

/// How a duty ends.
#[derive(Clone, Debug)]
pub struct End<'a> {
    /// The name of the contract's `DutyState`.
    pub state: &'a str,
    /// Who ended it; `None` for the service itself.
    pub by: Option<Uuid>,
    /// When, in microseconds.
    pub at: i64,
}

/// What a list asks for; `None` means any.
#[derive(Clone, Debug, Default)]
pub struct Filter<'a> {
    /// The name of the contract's `DutyState`.
    pub state: Option<&'a str>,
    /// The kind.
    pub kind: Option<&'a str>,
    /// The resource.
    pub subject: Option<&'a str>,
    /// The person who owes it.
    pub assignee: Option<Uuid>,
    /// The post that owes it.
    pub post: Option<&'a str>,
    /// The unit.
    pub unit: Option<&'a str>,
    /// Due within this time.
    pub due: Range,
}

// The caller sees a duty that is about no file, about a file that they see, or about a loan of their own: who has an original out
// owes it also when they may no longer read the file. A duty that somebody must not learn of is seen by those who owe it alone. Of the
// other file only who may see it is told.
macro_rules! select {
    ($before:expr, $visible:expr, $rest:expr) => {
        concat!(
            $before,
            "SELECT d.id, d.kind, d.subject, d.time_window, d.file, d.post, d.unit, d.assignee, d.due_at, d.calendar_version,
                    d.provisional, d.state, d.opened_at, d.closed_at, d.closed_by, d.ground, d.version, d.barred,
                    d.other, (SELECT f.id FROM file_copy f WHERE f.org = d.org AND f.id = d.other AND ",
            $visible,
            ") AS shown
             FROM duty d
             WHERE d.org = $1 AND (d.file IS NULL OR (d.assignee = $2 AND d.subject LIKE 'loans/%') OR EXISTS (
                SELECT 1 FROM file_copy f WHERE f.org = d.org AND f.id = d.file AND ",
            $visible,
            ")) AND ",
            $crate::unbarred!(),
            $rest
        )
    };
    ($rest:expr) => {
        select!("", $crate::visible!(), $rest)
    };
}

/// Opens a duty; one that is open already for this kind and subject stays as it is. Gives the new duty, if it is new.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn open(tx: &mut Tx, org: &str, duty: &Duty) -> Result<bool> {
    let text = "INSERT INTO duty (org, id, kind, subject, file, post, unit, assignee, due_at, calendar_version, state,
                                  opened_at, ground, provisional, barred, other, time_window)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT DO NOTHING";
    let (kind, subject, post, unit) = (&duty.kind, &duty.subject, &duty.post, &duty.unit);
    let (calendar, state, ground) = (&duty.calendar_version, &duty.state, &duty.ground);
    let (file, assignee, due, opened) = (duty.file, duty.assignee, duty.due_at, duty.opened_at);
    let rows = sql!(
        tx,
        execute,
        text,
        org,
        duty.id,
        kind,
        subject,
        file,
        post,
        unit,
        assignee,
        due,
        calendar,
        state,
        opened,
        ground,
        duty.provisional,
        duty.barred,
        duty.other,
        duty.time_window
    )?;
    Ok(rows == 1)
}

/// Ends the open duty of this kind and subject, of several the earliest, if there is one; gives it as it stands now.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn close(tx: &mut Tx, org: &str, kind: &str, subject: &str, end: &End<'_>) -> Result<Option<Duty>> {
    let text = "UPDATE duty SET state = $4, closed_by = $5, closed_at = $6, version = version + 1
                WHERE org = $1 AND state = 'DUTY_STATE_OPEN' AND id = (
                    SELECT o.id FROM duty o WHERE o.org = $1 AND o.kind = $2 AND o.subject = $3
                    AND o.state = 'DUTY_STATE_OPEN' ORDER BY o.due_at, o.id LIMIT 1)
                RETURNING id, kind, subject, time_window, file, post, unit, assignee, due_at, calendar_version,
                          provisional, state, opened_at, closed_at, closed_by, ground, version, barred, other";
    sql!(tx, fetch_optional as Duty, text, org, kind, subject, end.state, end.by, end.at)
}

/// Moves the earliest open duty of this kind and subject to `until`, if that is later; gives it, if there was one.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn extend(tx: &mut Tx, org: &str, (kind, subject): (&str, &str), until: i64) -> Result<Option<Duty>> {
    let text = "UPDATE duty SET due_at = $4, version = version + 1
                WHERE org = $1 AND state = 'DUTY_STATE_OPEN' AND due_at < $4 AND id = (
                    SELECT o.id FROM duty o WHERE o.org = $1 AND o.kind = $2 AND o.subject = $3
                    AND o.state = 'DUTY_STATE_OPEN' ORDER BY o.due_at, o.id LIMIT 1)
                RETURNING id, kind, subject, time_window, file, post, unit, assignee, due_at, calendar_version,
                          provisional, state, opened_at, closed_at, closed_by, ground, version, barred, other";
    sql!(tx, fetch_optional as Duty, text, org, kind, subject, until)
}

/// What was cancelled about `file` and what lies in it from `since` on, in microseconds; nothing that somebody must not learn of.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn cancelled(tx: &mut Tx, org: &str, file: Uuid, since: i64) -> Result<Vec<Duty>> {
    let text = "SELECT id, kind, subject, time_window, file, post, unit, assignee, due_at, calendar_version,
                       provisional, state, opened_at, closed_at, closed_by, ground, version, barred, other
                FROM duty WHERE org = $1 AND file = $2 AND state = 'DUTY_STATE_CANCELLED' AND closed_at >= $3
                AND barred IS NULL ORDER BY closed_at, id";
    sql!(tx, fetch_all as Duty, text, org, file, since)
}

/// The subject of the earliest open duty of `kind` about `file` or something in it.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn first_in(tx: &mut Tx, org: &str, kind: &str, file: Uuid) -> Result<Option<String>> {
    // COALESCE of one value is that value, and no index is chosen by it: what is open of a file is few, of an org it is not.
    let text = "SELECT subject FROM duty WHERE org = $1 AND kind = $2 AND file = $3 AND state = 'DUTY_STATE_OPEN'
                ORDER BY COALESCE(due_at, due_at), id LIMIT 1";
    Ok(sql!(tx, fetch_optional as (String,), text, org, kind, file)?.map(|(subject,)| subject))
}

/// The subject of the earliest open duty of `kind` about no file, of `unit` or of the whole company.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn first_of(tx: &mut Tx, org: &str, kind: &str, unit: &str) -> Result<Option<String>> {
    let text = "SELECT subject FROM duty WHERE org = $1 AND kind = $2 AND file IS NULL AND state = 'DUTY_STATE_OPEN'
                AND (unit = $3 OR unit = '') ORDER BY COALESCE(due_at, due_at), id LIMIT 1";
    Ok(sql!(tx, fetch_optional as (String,), text, org, kind, unit)?.map(|(subject,)| subject))
}

/// Kind and subject of every open duty about something in `file` that is not the file itself, called `name`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn open_below(tx: &mut Tx, org: &str, file: Uuid, name: &str) -> Result<BTreeSet<(String, String)>> {
    let text = "SELECT kind, subject FROM duty
                WHERE org = $1 AND file = $2 AND subject <> $3 AND state = 'DUTY_STATE_OPEN'";
    // Made one of each here: for DISTINCT SQLite walks the open duties of all files in the order of kind and subject.
    Ok(sql!(tx, fetch_all as (String, String), text, org, file, name)?.into_iter().collect())
}

/// The subject and the other file of every open duty of `kind`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn open_of(tx: &mut Tx, org: &str, kind: &str) -> Result<Vec<(String, Option<Uuid>)>> {
    let text = "SELECT subject, other FROM duty WHERE org = $1 AND kind = $2 AND state = 'DUTY_STATE_OPEN'";
    sql!(tx, fetch_all as (String, Option<Uuid>), text, org, kind)
}

/// Ends the duty `id` if it is open and still at `version`; false when it is not.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn end(tx: &mut Tx, org: &str, id: Uuid, version: i64, end: &End<'_>) -> Result<bool> {
    let text = "UPDATE duty SET state = $4, closed_by = $5, closed_at = $6, version = version + 1
                WHERE org = $1 AND id = $2 AND version = $3 AND state = 'DUTY_STATE_OPEN'";
    Ok(sql!(tx, execute, text, org, id, version, end.state, end.by, end.at)? == 1)
}

/// The duty `id`, if `person` may see what it is about.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn visible(tx: &mut Tx, org: &str, person: Uuid, now: i64, id: Uuid) -> Result<Option<Duty>> {
    sql!(tx, fetch_optional as Duty, select!(" AND d.id = $4"), org, person, now, id)
}

/// The first `limit` open duties about `file` and what lies in it, in order of `due_at`, as far as `person` may see them.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn open_about(tx: &mut Tx, org: &str, person: Uuid, now: i64, file: Uuid, limit: i64) -> Result<Vec<Duty>> {
    // As in `first_in`.
    let text = select!(
        " AND d.file = $4 AND d.state = 'DUTY_STATE_OPEN' ORDER BY COALESCE(d.due_at, d.due_at), d.id LIMIT $5"
    );
    sql!(tx, fetch_all as Duty, text, org, person, now, file, limit)
}

/// A page of duties in order of `due_at`, with one row more than the page holds.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, `STORE_UNAVAILABLE`.
pub async fn list(
    tx: &mut Tx,
    org: &str,
    person: Uuid,
    now: i64,
    filter: &Filter<'_>,
    page: &Page,
) -> Result<Vec<Duty>> {
    // Twice the time of the row before, once so that an index begins there.
    let text = sql_given!(
        select!(
            crate::with_reached!(),
            crate::visible!(reached),
            " AND d.due_at >= $10 AND d.due_at < $11 AND d.due_at >= $12 AND (d.due_at > $12 OR d.id > $13)"
        );
        filter.state => " AND d.state = $4",
        filter.kind => " AND d.kind = $5",
        filter.subject => " AND d.subject = $6",
        filter.assignee => " AND d.assignee = $7",
        filter.post => " AND d.post = $8",
        filter.unit => " AND d.unit = $9";
        " ORDER BY d.due_at, d.id LIMIT $14"
    );
    let (due, id) = cursor(page)?;
    let (state, kind, subject) = (filter.state, filter.kind, filter.subject);
    let (assignee, post, unit) = (filter.assignee, filter.post, filter.unit);
    let (from, until, limit) = (filter.due.from, filter.due.until, page.size + 1);
    sql!(
        tx,
        fetch_all as Duty,
        text,
        org,
        person,
        now,
        state,
        kind,
        subject,
        assignee,
        post,
        unit,
        from,
        until,
        due,
        id,
        limit
    )
}

/// The sort key of a row, for [`Page::cut`].
pub fn key(duty: &Duty) -> String {
    format!("{} {}", duty.due_at, duty.id)
}

fn cursor(page: &Page) -> Result<(i64, Uuid)> {
    use dossier_kernel::error::{Error, Reason};
    if page.after.is_empty() {
        return Ok((i64::MIN, Uuid::nil()));
    }
    let split = page.after.split_once(' ').and_then(|(due, id)| Some((due.parse().ok()?, id.parse().ok()?)));
    split.ok_or_else(|| Error::new(Reason::PageTokenInvalid))
}
