//! CheckOutItems: the administrator hands an original out.

use dossier_authority::Base;
use dossier_authority::store::file::{self, FileCopy};
use dossier_authority::store::principal;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::from_micros;
use dossier_kernel::{mutate, name};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;
use uuid::Uuid;

use super::message::{changed, message};
use super::order::Order;
use super::{again, duty};
use crate::domain::access_request::{AccessKind, Rule};
use crate::domain::grant::Grant;
use crate::domain::loan::{Loan, State, due};
use crate::rpc::access_request::{no_file, require_filed, require_known};
use crate::rpc::enter::no_person;
use crate::rpc::grant::{self, Cause, no_grant};
use crate::rpc::record::Word;
use crate::store;

/// Hands an original out: on a grant, or to an executive who borrows directly.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `NOT_KNOWN_YET`, `BORROWER_INVOLVED`, `WRONG_STATE`,
/// `ACCESS_KIND_NOT_ALLOWED`, `GRANT_NOT_CURRENT`, `APPROVAL_MISSING`, `LOAN_TOO_LONG`,
/// `DUTIES_NOT_ACCEPTED`, `ORIGINAL_OUT`.
pub(crate) async fn check_out(base: &Base, call: &Call, request: pb::CheckOutItemsRequest) -> Result<pb::Loan> {
    mutate!(base.mutations, call, request, tx => {
        let administrator = base.authorise(tx, call, Action::LoanCheckOut).await?;
        let tenant = base.tenant(&call.org)?;
        let order = Order::read(&request, &tenant.pack().loans)?;
        let found = file::askable(tx, &call.org, administrator.person, call.micros(), order.file).await?;
        let found = found.ok_or_else(|| no_file(&request.file))?;
        require_known(&request.file, &found, request.file_revision)?;
        require_borrower(tx, call, &order, administrator.person).await?;
        require_filed(&request.file, &found.state)?;
        let rule = Rule::of(tenant.pack(), &found.level, AccessKind::Original)?;
        let mut right = right(tx, call, &order, &rule, &found).await?;
        let due_at = due(tenant, &rule, right.as_ref().and_then(|one| one.loan_term), order.term, call.micros())?;
        order.acceptance.require_all(&tenant.pack().loans)?;
        let id = base.providers.ids.uuid();
        let mut loan = entry(&request, order, &found, right.as_ref(), (id, administrator.person, call.micros(), due_at));
        if let (true, Some(right)) = (loan.justification.is_empty(), &right) {
            loan.justification = justification_of(tx, call, right).await?;
        }
        let actor = administrator.name();
        let cause = Cause::of(call, &actor, &request.request_id);
        if let Some(right) = &mut right {
            right.hand_out(due_at, call.micros())?;
            grant::publish(base, tx, &cause, "grant.handed_out", &[], right).await?;
        }
        hand_out(base, tx, &cause, &loan, &found, &request.reason).await?;
        Ok(message(base.tenant(&call.org)?, &loan, call.micros()))
    }, kept => again(base, tx, call, Action::LoanCheckOut, kept).await)
}

async fn hand_out(
    base: &Base,
    tx: &mut Tx,
    cause: &Cause<'_>,
    loan: &Loan,
    found: &FileCopy,
    reason: &str,
) -> Result<()> {
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
    cause.record(base, tx, "loan.checked_out", &loan.name(), &words, event).await?;
    duty::open(base, tx, cause, loan, &found.unit).await
}

// Somebody of the directory who is switched on, and not the one who hands out.
async fn require_borrower(tx: &mut Tx, call: &Call, order: &Order, administrator: Uuid) -> Result<()> {
    let active = store::loan::borrower(tx, &call.org, order.borrower).await?;
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
async fn right(tx: &mut Tx, call: &Call, order: &Order, rule: &Rule<'_>, found: &FileCopy) -> Result<Option<Grant>> {
    let now = call.micros();
    let cleared = file::askable(tx, &call.org, order.borrower, now, found.id).await?.is_some();
    let Some(id) = order.grant else {
        let held = principal::lookup_person(tx, &call.org, order.borrower, now).await?;
        let posts = held.map(|person| person.posts).unwrap_or_default();
        if cleared && rule.bypasses(posts.iter().map(|held| held.post.as_str())) {
            return Ok(None);
        }
        return Err(Error::new(Reason::ApprovalMissing).with("matter", rule.matter()?.unwrap_or_default()));
    };
    let fits =
        |grant: &Grant| (grant.file, grant.holder, grant.kind) == (found.id, order.borrower, AccessKind::Original);
    let grant = store::grant::lookup(tx, &call.org, id).await?.filter(fits);
    let grant = grant.ok_or_else(|| no_grant(&name::name("grants", id)))?;
    // A file that rose above the level it was granted at needs a new grant.
    if !cleared || rule.rank(&found.level) > rule.rank(&grant.level) {
        return Err(grant.not_current(now));
    }
    Ok(Some(grant))
}

fn entry(
    request: &pb::CheckOutItemsRequest,
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
        material: order.item.description.trim().to_owned(),
        copies: order.item.copies.into(),
        pages: order.item.pages.map(Into::into),
        justification: request.justification.trim().to_owned(),
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
async fn justification_of(tx: &mut Tx, call: &Call, right: &Grant) -> Result<String> {
    let asked = store::access_request::lookup(tx, &call.org, right.access_request).await?;
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
