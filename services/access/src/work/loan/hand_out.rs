//! An original is handed out: on a grant, or to an executive who borrows directly.

use dossier_authority::disposal;
use dossier_authority::store::file::{self, FileCopy};
use dossier_authority::store::principal;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name;
use dossier_kernel::time::from_micros;
use uuid::Uuid;

use super::duty;
use super::event::changed;
use crate::domain::access_request::{AccessKind, Rule};
use crate::domain::grant::Grant;
use crate::domain::loan::{Acceptance, Loan, State, due};
use crate::store;
use crate::work::cause::Cause;
use crate::work::file::require_filed;
use crate::work::grant::{self, no_grant};
use crate::work::person::no_person;
use crate::work::record::Word;

/// A hand-out that was asked for; its fields were checked.
pub(crate) struct Order {
    /// The file whose original it is.
    pub file: Uuid,
    /// Who borrows.
    pub borrower: Uuid,
    /// On which right; `None`: directly.
    pub grant: Option<Uuid>,
    /// For how long, microseconds; `None`: as long as the level allows.
    pub term: Option<i64>,
    /// What goes out, in words.
    pub material: String,
    /// How many copies.
    pub copies: i64,
    /// How many pages, where they were counted.
    pub pages: Option<i64>,
    /// What for; empty: as the request for the right says.
    pub justification: String,
    /// The borrower's acceptance of duties.
    pub acceptance: Acceptance,
}

/// Hands the original of `found` out, by `administrator`. Gives the loan.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, `BORROWER_INVOLVED`, `WRONG_STATE`, `ACCESS_KIND_NOT_ALLOWED`, `GRANT_NOT_CURRENT`,
/// `APPROVAL_MISSING`, `LOAN_TOO_LONG`, `DUTIES_NOT_ACCEPTED`, `ORIGINAL_OUT`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn hand_out(
    cause: &Cause<'_>,
    tx: &mut Tx,
    administrator: Uuid,
    found: &FileCopy,
    (order, reason): (Order, &str),
) -> Result<Loan> {
    let tenant = cause.base.tenant(cause.org)?;
    require_borrower(tx, cause, &order, administrator).await?;
    require_filed(&name::name("files", found.id), &found.state)?;
    disposal::require_open(tx, cause.org, found.id).await?;
    let rule = Rule::of(tenant.pack(), &found.level, AccessKind::Original)?;
    let mut right = right(tx, cause, &order, &rule, found).await?;
    let due_at = due(tenant, &rule, right.as_ref().and_then(|one| one.loan_term), order.term, cause.now)?;
    order.acceptance.require_all(&tenant.pack().loans)?;
    let id = cause.base.providers.ids.uuid();
    let mut loan = entry(order, found, right.as_ref(), (id, administrator, cause.now, due_at));
    if let (true, Some(right)) = (loan.justification.is_empty(), &right) {
        loan.justification = justification_of(tx, cause, right).await?;
    }
    if let Some(right) = &mut right {
        right.hand_out(due_at, cause.now)?;
        grant::publish(cause, tx, "grant.handed_out", &[], right).await?;
    }
    write(cause, tx, &loan, found, reason).await?;
    Ok(loan)
}

async fn write(cause: &Cause<'_>, tx: &mut Tx, loan: &Loan, found: &FileCopy, reason: &str) -> Result<()> {
    if !store::loan::insert(tx, cause.org, loan).await? {
        return Err(original_out(tx, cause.org, loan.file).await?);
    }
    let word = |field, text| Word { field, text, keep: false };
    let signature = &loan.acceptance.signature_reference;
    let words = [
        word("justification", &loan.justification),
        word("material", &loan.material),
        word("signature_reference", signature),
        Word::reason(reason),
    ];
    let event = changed(loan, Some(loan.handed_out_by));
    cause.record(tx, "loan.checked_out", &loan.name(), &words, event).await?;
    duty::open(cause, tx, loan, &found.unit).await
}

// Somebody of the directory who is switched on, and not the one who hands out.
async fn require_borrower(tx: &mut Tx, cause: &Cause<'_>, order: &Order, administrator: Uuid) -> Result<()> {
    let active = store::loan::borrower(tx, cause.org, order.borrower).await?;
    let active = active.ok_or_else(|| no_person(order.borrower))?;
    if order.borrower == administrator {
        return Err(Error::new(Reason::BorrowerInvolved).with("borrower", name::name("persons", order.borrower)));
    }
    if active {
        return Ok(());
    }
    Err(Error::wrong_state(name::name("persons", order.borrower), "inactive", &["active"]))
}

// What the borrower's right is: the grant named, or none for an executive who borrows this level directly. Either way
// the borrower is still cleared for the file.
async fn right(
    tx: &mut Tx,
    cause: &Cause<'_>,
    order: &Order,
    rule: &Rule<'_>,
    found: &FileCopy,
) -> Result<Option<Grant>> {
    let now = cause.now;
    let cleared = file::askable(tx, cause.org, order.borrower, now, found.id).await?.is_some();
    let Some(id) = order.grant else {
        let held = principal::lookup_person(tx, cause.org, order.borrower, now).await?;
        let posts = held.map(|person| person.posts).unwrap_or_default();
        if cleared && rule.bypasses(posts.iter().map(|held| held.post.as_str())) {
            return Ok(None);
        }
        return Err(Error::new(Reason::ApprovalMissing).with("matter", rule.matter()?.unwrap_or_default()));
    };
    let fits =
        |grant: &Grant| (grant.file, grant.holder, grant.kind) == (found.id, order.borrower, AccessKind::Original);
    let grant = store::grant::lookup(tx, cause.org, id).await?.filter(fits);
    let grant = grant.ok_or_else(|| no_grant(&name::name("grants", id)))?;
    // A file that rose above the level it was granted at needs a new grant.
    if !cleared || rule.rank(&found.level) > rule.rank(&grant.level) {
        return Err(grant.not_current(now));
    }
    Ok(Some(grant))
}

fn entry(
    order: Order,
    found: &FileCopy,
    right: Option<&Grant>,
    (id, administrator, out_at, due_at): (Uuid, Uuid, i64, i64),
) -> Loan {
    Loan {
        id,
        file: found.id,
        borrower: order.borrower,
        grant: order.grant,
        level: found.level.clone(),
        material: order.material,
        copies: order.copies,
        pages: order.pages,
        justification: order.justification,
        purpose: right.map(|grant| grant.purpose.clone()).unwrap_or_default(),
        acceptance: order.acceptance,
        handed_out_by: administrator,
        out_at,
        due_at,
        state: State::Out,
        renewals: 0,
        recalled_at: None,
        recalled_by: None,
        inspection: None,
        received_by: None,
        returned_at: None,
        case_reference: None,
        version: 1,
        updated_at: out_at,
    }
}

// What its holder asked for it for.
async fn justification_of(tx: &mut Tx, cause: &Cause<'_>, right: &Grant) -> Result<String> {
    let asked = store::access_request::lookup(tx, cause.org, right.access_request).await?;
    Ok(asked.map(|asked| asked.justification).unwrap_or_default())
}

async fn original_out(tx: &mut Tx, org: &str, file: Uuid) -> Result<Error> {
    let fault =
        Error::new(Reason::OriginalOut).with("file", name::name("files", file)).with("item", name::name("files", file));
    let open = store::loan::open_of_file(tx, org, file).await?;
    Ok(match open {
        Some(open) => fault.with("due_time", from_micros(open.due_at).to_string()),
        None => fault,
    })
}
