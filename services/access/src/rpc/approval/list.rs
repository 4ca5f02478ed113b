//! ListApprovals and ListPendingApprovals.
//!
//! SQL finds what may concern the caller by posts and letters; the rules then look at each, so a page may take several
//! rounds.

use dossier_authority::{Base, Principal};
use dossier_kernel::asked;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::filter::{Field, Found};
use dossier_kernel::list::List;
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;

use super::message::message;
use crate::domain::approval::{Approval, State};
use crate::store;
use crate::store::approval::Filter;
use crate::work::approval::{ApprovalView, Closeness};
use crate::work::caller::Caller;

const APPROVALS: List = List {
    fields: &[
        Field::text("subject"),
        Field::text("matter"),
        Field::name("requester", "persons"),
        Field::state("state", State::WORDS),
        Field::time("create_time"),
    ],
    orders: &["name desc"],
};
const PENDING: List = List { fields: &[Field::text("matter"), Field::text("subject")], orders: &["name"] };

/// Lists the approvals the caller may see, newest first.
///
/// # Errors
/// `FIELD_VIOLATION`, `FILTER_INVALID`, `PAGE_TOKEN_INVALID`.
pub(crate) async fn list(
    base: &Base,
    call: &Call,
    request: pb::ListApprovalsRequest,
) -> Result<pb::ListApprovalsResponse> {
    let mut tx = base.db.read().await?;
    let caller = Caller::of(base, &mut tx, call).await?;
    let pack = base.pack(&call.org)?;
    let reader = match &caller {
        Caller::Person(principal) => Some(principal),
        Caller::Service(_) => None,
    };
    let (found, page) = APPROVALS.read(call, &asked!(request))?;
    let mut filter = decode(&found, call)?;
    filter.reader = reader.map(|principal| principal.person);
    filter.all = reader.is_none_or(|principal| principal.can(pack, Action::ApprovalReadAll));
    let (mut before, mut seen) = (page.before_uuid()?, Vec::new());
    loop {
        let rows = store::approval::list(&mut tx, &call.org, &filter, before, page.size + 1).await?;
        let ended = i64::try_from(rows.len()).is_ok_and(|rows| rows <= page.size);
        before = rows.last().map_or(before, |last| last.id);
        for approval in rows {
            if sees(base, &mut tx, call, reader, &approval).await? {
                seen.push(approval);
            }
        }
        if ended || i64::try_from(seen.len()).is_ok_and(|seen| seen > page.size) {
            break;
        }
    }
    let next_page_token = page.cut(&mut seen, |one| one.id.to_string());
    Ok(pb::ListApprovalsResponse { approvals: seen.iter().map(message).collect(), next_page_token })
}

/// Lists the approvals that wait for the caller, oldest first.
///
/// # Errors
/// `PERSON_UNKNOWN`, `FIELD_VIOLATION`, `FILTER_INVALID`, `PAGE_TOKEN_INVALID`.
pub(crate) async fn pending(
    base: &Base,
    call: &Call,
    request: pb::ListPendingApprovalsRequest,
) -> Result<pb::ListPendingApprovalsResponse> {
    let mut tx = base.db.read().await?;
    let me = base.principal(&mut tx, call).await?.person;
    let (asked, page) = PENDING.read(call, &asked!(request))?;
    let (which, now) = ((asked.text("matter"), asked.text("subject")), call.micros());
    let (mut after, mut found) = (page.after_uuid()?, Vec::new());
    loop {
        let rows = store::approval::pending(&mut tx, &call.org, me, now, which, after, page.size + 1).await?;
        let ended = i64::try_from(rows.len()).is_ok_and(|rows| rows <= page.size);
        after = rows.last().map_or(after, |last| last.id);
        for approval in rows {
            let view = ApprovalView::with(&mut tx, call, base.pack(&call.org)?, approval).await?;
            if view.approval.may_sign(&view.case(), me) {
                found.push(view.approval);
            }
        }
        if ended || i64::try_from(found.len()).is_ok_and(|found| found > page.size) {
            break;
        }
    }
    let next_page_token = page.cut(&mut found, |one| one.id.to_string());
    Ok(pb::ListPendingApprovalsResponse { approvals: found.iter().map(message).collect(), next_page_token })
}

async fn sees(base: &Base, tx: &mut Tx, call: &Call, reader: Option<&Principal>, approval: &Approval) -> Result<bool> {
    let Some(principal) = reader else { return Ok(true) };
    let pack = base.pack(&call.org)?;
    if principal.can(pack, Action::ApprovalReadAll) && !approval.is_closed(pack) {
        return Ok(true);
    }
    Ok(ApprovalView::with(tx, call, pack, approval.clone()).await?.close(pack, principal, Closeness::Sees))
}

fn decode<'a>(found: &'a Found, call: &Call) -> Result<Filter<'a>> {
    let created = found.range("create_time");
    Ok(Filter {
        subject: found.text("subject"),
        matter: found.text("matter"),
        requester: found.id("requester"),
        state: found.one("state")?,
        from: created.from,
        until: created.until,
        reader: None,
        all: true,
        now: call.micros(),
    })
}
