//! Originals are handed out: on a grant, or to an executive who borrows directly.

use dossier_authority::disposal;
use dossier_authority::store::file::{self, FileCopy};
use dossier_authority::store::{item, principal};
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Reason, Result};
use dossier_kernel::name;
use dossier_kernel::time::from_micros;
use uuid::Uuid;

use super::duty;
use super::event::{MATERIAL, changed};
use crate::domain::access_request::{AccessKind, Rule};
use crate::domain::grant::Grant;
use crate::domain::loan::{Acceptance, Loan, LoanItem, State, due, name_of, require_lendable, sensitivity};
use crate::store;
use crate::work::cause::Cause;
use crate::work::file::require_filed;
use crate::work::grant::{self, no_grant};
use crate::work::person::no_person;
use crate::work::record::Word;

/// A hand-out that was asked for; its fields were checked.
pub(crate) struct Order {
    /// The file of what is handed out.
    pub file: Uuid,
    /// Who borrows.
    pub borrower: Uuid,
    /// On which right; `None`: directly.
    pub grant: Option<Uuid>,
    /// For how long, microseconds; `None`: as long as the level allows.
    pub term: Option<i64>,
    /// What goes out, each once.
    pub items: Vec<Wanted>,
    /// What for; empty: as the request for the right says.
    pub justification: String,
    /// The borrower's acceptance of duties.
    pub acceptance: Acceptance,
}

/// One thing of a hand-out.
pub(crate) struct Wanted {
    /// The item; the file's own id is that of its paper.
    pub item: Uuid,
    /// What goes out, in words.
    pub material: String,
    /// How many copies.
    pub copies: i64,
    /// How many pages, where they were counted.
    pub pages: Option<i64>,
}

/// Hands what was asked for of `found` out, by `administrator`. Gives the loan.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, `BORROWER_INVOLVED`, `WRONG_STATE`, `ACCESS_KIND_NOT_ALLOWED`, `GRANT_NOT_CURRENT`,
/// `APPROVAL_MISSING`, `CUSTODY_REFUSED`, `LOAN_TOO_LONG`, `DUTIES_NOT_ACCEPTED`, `ORIGINAL_OUT`, `JOURNAL_FAULT`,
/// `STORE_UNAVAILABLE`.
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
    for wanted in &order.items {
        require_item(tx, cause, &order, (wanted.item, administrator)).await?;
    }
    let due_at = due(tenant, &rule, right.as_ref().and_then(|one| one.loan_term), order.term, cause.now)?;
    order.acceptance.require_all(&tenant.pack().loans)?;
    let mut loan = entry(cause, order, found, right.as_ref(), (administrator, due_at));
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
    if let Some(out) = store::loan::insert(tx, cause.org, loan).await? {
        return Err(original_out(tx, cause.org, out).await?);
    }
    let word = |field, text| Word { field, text, keep: false };
    let signature = &loan.acceptance.signature_reference;
    let material = MATERIAL.into_iter().zip(&loan.items).map(|(field, item)| word(field, &item.material));
    let mut words = vec![word("justification", &loan.justification)];
    words.extend(material);
    words.extend([word("signature_reference", signature), Word::reason(reason)]);
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

// That an item is there to be lent, as far as is known here. The paper of a file that the archive never accepted is with whoever keeps
// the file, and is lent as ever. Of anything else who hands out must be told (I10); who borrows has a right to the whole file, but what
// they may not read as a document they do not read on paper, and the refusal is that of what is not there.
async fn require_item(tx: &mut Tx, cause: &Cause<'_>, order: &Order, (id, administrator): (Uuid, Uuid)) -> Result<()> {
    let pack = cause.base.pack(cause.org)?;
    if id == order.file {
        let paper = item::paper(tx, cause.org, order.file).await?;
        return paper.map_or(Ok(()), |known| require_lendable(pack, &known));
    }
    let missing = || Error::missing(Missing::Item, name_of(order.file, id));
    let known = item::inside(tx, cause.org, administrator, cause.now, (order.file, id)).await?.ok_or_else(missing)?;
    let borrower = principal::lookup_person(tx, cause.org, order.borrower, cause.now).await?.ok_or_else(missing)?;
    match borrower.grade(pack) >= sensitivity(pack, &known) {
        true => require_lendable(pack, &known),
        false => Err(missing()),
    }
}

fn entry(
    cause: &Cause<'_>,
    order: Order,
    found: &FileCopy,
    right: Option<&Grant>,
    (administrator, due_at): (Uuid, i64),
) -> Loan {
    let (id, out_at) = (cause.base.providers.ids.uuid(), cause.now);
    let items = (0..).zip(order.items).map(|(place, wanted)| LoanItem {
        id: cause.base.providers.ids.uuid(),
        loan: id,
        file: found.id,
        item: wanted.item,
        place,
        material: wanted.material,
        copies: wanted.copies,
        pages: wanted.pages,
        inspection: None,
        returned_at: None,
        version: 1,
    });
    Loan {
        id,
        file: found.id,
        borrower: order.borrower,
        grant: order.grant,
        level: found.level.clone(),
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
        condition: None,
        received_by: None,
        returned_at: None,
        case_reference: None,
        version: 1,
        updated_at: out_at,
        items: items.collect(),
    }
}

// What its holder asked for it for.
async fn justification_of(tx: &mut Tx, cause: &Cause<'_>, right: &Grant) -> Result<String> {
    let asked = store::access_request::lookup(tx, cause.org, right.access_request).await?;
    Ok(asked.map(|asked| asked.justification).unwrap_or_default())
}

async fn original_out(tx: &mut Tx, org: &str, out: &LoanItem) -> Result<Error> {
    let fault = Error::new(Reason::OriginalOut).with("file", name::name("files", out.file)).with("item", out.name());
    let open = store::loan::open_of_item(tx, org, out.item).await?;
    Ok(match open {
        Some(open) => fault.with("due_time", from_micros(open.due_at).to_string()),
        None => fault,
    })
}
