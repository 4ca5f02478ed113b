//! What is asked is held against the level of the file, and decided: at once, by approvers, or not at all.

use dossier_authority::Principal;
use dossier_authority::store::file::FileCopy;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::name;
use dossier_regime::Term;

use super::submit::{Decided, exists, submit, would_be};
use crate::domain::access_request::{AccessRequest, Rule, end, within};
use crate::store::access_request;
use crate::work::file::require_filed;
use crate::work::record::Asked;

/// What a request comes to.
pub(crate) struct Answer {
    /// The longest that the level allows.
    pub longest: Term,
    /// Until when that would be, microseconds.
    pub longest_until: i64,
    /// What was decided; `None`: who asks borrows directly and needs no request.
    pub decided: Option<Decided>,
}

/// Asks for `found`; `tried` only says what would be.
///
/// # Errors
/// `REQUEST_NOT_WORK_RELATED`, `WRONG_STATE`, `ACCESS_KIND_NOT_ALLOWED`, `FIELD_VIOLATION`, `LOAN_TOO_LONG`,
/// `APPROVER_NOT_CONFIGURED`, `ALREADY_EXISTS`, `APPROVAL_UNREACHABLE`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn ask(
    asked: Asked<'_>,
    tx: &mut Tx,
    principal: &Principal,
    (mut wanted, tried): (AccessRequest, bool),
    found: &FileCopy,
) -> Result<Answer> {
    let Asked { base, call, .. } = asked;
    let tenant = base.tenant(&call.org)?;
    wanted.require_work(tenant.pack())?;
    require_filed(&name::name("files", found.id), &found.state)?;
    wanted.level.clone_from(&found.level);
    let rule = Rule::of(tenant.pack(), &found.level, wanted.kind)?;
    check_place(&rule, &wanted.reading_place)?;
    within(tenant, rule.level(), rule.longest(), call.micros(), wanted.duration)?;
    wanted.duration = wanted.duration.or_else(|| fixed(&rule));
    let (longest, longest_until) = (rule.longest(), end(tenant, rule.longest(), call.micros())?);
    if rule.bypasses(principal.posts.iter().map(|held| held.post.as_str())) {
        return Ok(Answer { longest, longest_until, decided: None });
    }
    wanted.matter = rule.matter()?.unwrap_or_default().to_owned();
    require_new(tx, call, &wanted).await?;
    let decided = match tried {
        true => would_be(asked, tx, wanted, found).await?,
        false => submit(asked, tx, wanted, found).await?,
    };
    Ok(Answer { longest, longest_until, decided: Some(decided) })
}

// Where the level binds the place, it is said, so that whoever asks has understood it.
fn check_place(rule: &Rule<'_>, place: &str) -> Result<()> {
    match rule.place() {
        Some(bound) if bound != place => {
            Err(Error::violation("reading_place", "must be the place that the level of the file binds"))
        }
        None if !place.is_empty() => {
            Err(Error::violation("reading_place", "must be empty, the level of the file binds no place"))
        }
        _ => Ok(()),
    }
}

fn fixed(rule: &Rule<'_>) -> Option<i64> {
    rule.longest().fixed().and_then(|length| i64::try_from(length.as_micros()).ok())
}

async fn require_new(tx: &mut Tx, call: &Call, asked: &AccessRequest) -> Result<()> {
    let open = access_request::open(tx, &call.org, asked.file, asked.requester, asked.kind).await?;
    match open {
        None => Ok(()),
        Some(id) => Err(exists(id)),
    }
}
