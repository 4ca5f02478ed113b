//! ListApprovals and ListPendingApprovals.
//!
//! SQL finds what may concern the caller by posts and letters; the rules then look at each, so a page may take several
//! rounds.

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::page::Page;
use dossier_kernel::time::{from_proto, micros};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;
use prost_types::Timestamp;

use super::message::message;
use super::sight::{Closeness, Sight};
use crate::domain::approval::{Approval, State};
use crate::rpc::enter::{Caller, given, given_id};
use crate::store;
use crate::store::approval::Wanted;

/// Lists the approvals the caller may see, newest first.
///
/// # Errors
/// `FIELD_VIOLATION`, `PAGE_TOKEN_INVALID`.
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
    let mut wanted = wanted(&request, call)?;
    wanted.reader = reader.map(|principal| principal.person);
    wanted.all = reader.is_none_or(|principal| principal.can(pack, Action::ApprovalReadAll));
    let page = page(&request, call)?;
    let (mut before, mut found) = (store::before(&page)?, Vec::new());
    loop {
        let rows = store::approval::list(&mut tx, &call.org, &wanted, before, page.size + 1).await?;
        let ended = i64::try_from(rows.len()).is_ok_and(|rows| rows <= page.size);
        before = rows.last().map_or(before, |last| last.id);
        for approval in rows {
            if sees(base, &mut tx, call, reader, &approval).await? {
                found.push(approval);
            }
        }
        if ended || i64::try_from(found.len()).is_ok_and(|found| found > page.size) {
            break;
        }
    }
    let next_page_token = page.cut(&mut found, |one| one.id.to_string());
    Ok(pb::ListApprovalsResponse { approvals: found.iter().map(message).collect(), next_page_token })
}

/// Lists the approvals that wait for the caller, oldest first.
///
/// # Errors
/// `PERSON_UNKNOWN`, `FIELD_VIOLATION`, `PAGE_TOKEN_INVALID`.
pub(crate) async fn pending(
    base: &Base,
    call: &Call,
    request: pb::ListPendingApprovalsRequest,
) -> Result<pb::ListPendingApprovalsResponse> {
    let mut tx = base.db.read().await?;
    let me = base.principal(&mut tx, call).await?.person;
    let (matter, now) = (given(&request.matter), call.micros());
    let page = Page::of(call, request.page_size, &request.page_token, &[&request.matter])?;
    let (mut after, mut found) = (page.after_uuid()?, Vec::new());
    loop {
        let rows = store::approval::pending(&mut tx, &call.org, me, now, matter, after, page.size + 1).await?;
        let ended = i64::try_from(rows.len()).is_ok_and(|rows| rows <= page.size);
        after = rows.last().map_or(after, |last| last.id);
        for approval in rows {
            let sight = Sight::with(&mut tx, call, base.pack(&call.org)?, approval).await?;
            if sight.approval.may_sign(&sight.case(), me) {
                found.push(sight.approval);
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
    Ok(Sight::with(tx, call, pack, approval.clone()).await?.close(pack, principal, Closeness::Sees))
}

fn wanted<'a>(request: &'a pb::ListApprovalsRequest, call: &Call) -> Result<Wanted<'a>> {
    let requester = given_id("requester", "persons", &request.requester)?;
    Ok(Wanted {
        subject: given(&request.subject),
        matter: given(&request.matter),
        requester,
        state: state(request.state)?,
        from: instant("from_time", request.from_time.as_ref())?.unwrap_or(i64::MIN),
        until: instant("until_time", request.until_time.as_ref())?.unwrap_or(i64::MAX),
        reader: None,
        all: true,
        now: call.micros(),
    })
}

fn page(request: &pb::ListApprovalsRequest, call: &Call) -> Result<Page> {
    let time =
        |time: Option<&Timestamp>| time.map(|time| format!("{}.{}", time.seconds, time.nanos)).unwrap_or_default();
    let (from, until) = (time(request.from_time.as_ref()), time(request.until_time.as_ref()));
    let state = request.state.to_string();
    let filters = [request.subject.as_str(), &request.matter, &request.requester, &state, &from, &until];
    Page::of(call, request.page_size, &request.page_token, &filters)
}

fn state(number: i32) -> Result<Option<State>> {
    match pb::ApprovalState::try_from(number) {
        Ok(pb::ApprovalState::Unspecified) => Ok(None),
        Ok(pb::ApprovalState::Pending) => Ok(Some(State::Pending)),
        Ok(pb::ApprovalState::Returned) => Ok(Some(State::Returned)),
        Ok(pb::ApprovalState::Approved) => Ok(Some(State::Approved)),
        Ok(pb::ApprovalState::Rejected) => Ok(Some(State::Rejected)),
        Ok(pb::ApprovalState::Withdrawn) => Ok(Some(State::Withdrawn)),
        Err(_) => Err(Error::violation("state", "is no state of an approval")),
    }
}

fn instant(field: &str, time: Option<&Timestamp>) -> Result<Option<i64>> {
    time.map(|time| from_proto(field, time).map(micros)).transpose()
}
