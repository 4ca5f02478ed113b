//! A limit proposed, approved by two people, and guarded when two reservations come at once.

use std::time::Duration as Span;

use dossier_kernel::call::Providers;
use dossier_kernel::error::{Reason, reason_of};
use dossier_kernel::time::to_proto;
use dossier_proto::access::v1::RequestAccessRequest;
use dossier_proto::credit::v1::{
    CommitReservationRequest, EvaluateCustomerRequest, GetExposureRequest, GetLimitRequest, Limit, LimitState,
    ProposeLimitRequest, ReserveCreditRequest, SubmitLimitRequest,
};
use dossier_proto::types::{AccessKind, Money, Scope};
use prost_types::Duration;

use super::client::{People, fresh_id, until};
use super::stage::given;
use super::{Stage, applicants, loan, must};
use crate::Failure;

const LIMIT: i64 = 1_000_000;
const EACH: i64 = 700_000;
const DRAWN: i64 = 300_000;

/// Walks the credit of `file`.
pub(super) async fn run(stage: &mut Stage, people: &People, file: &str) -> Result<(), Failure> {
    stage.chapter("Credit: a limit of 10,000.00 CNY, approved and guarded");
    stage.step("the analyst is granted a look at the 秘密 file", consult(people, file)).await?;
    let rating = stage.step("they rate the customer", rate(people, file)).await?;
    let limit = stage.step("they propose the limit", propose(people, file, &rating)).await?;
    let limit = stage.step("they submit it: the approval begins in access", submit(people, &limit)).await?;
    let first = loan::approve(people, "finance-director", &limit.approval, "");
    stage.step("the finance director approves", first).await?;
    let second = loan::approve(people, "deputy", &limit.approval, "");
    stage.step("the deputy general manager approves", second).await?;
    stage.step("the limit is in force, as access's journal told credit", in_force(people, &limit)).await?;
    let both = two_at_once(people, file);
    let reservation = stage.step("two reservations of 7,000.00 at once: one must fail", both).await?;
    stage.step("3,000.00 of the other are drawn, the rest is let go", commit(people, &reservation)).await?;
    stage.step("drawn and held never passed the limit", exposure(people, file)).await
}

async fn consult(people: &People, file: &str) -> Result<(), Failure> {
    let request = RequestAccessRequest {
        scope: Some(Scope::whole_file()),
        file: file.to_owned(),
        kind: AccessKind::View.into(),
        purpose: "credit_assessment".to_owned(),
        duration: Some(Duration { seconds: 4 * 3600, nanos: 0 }),
        justification: "assess the customer for a credit limit".to_owned(),
        request_id: fresh_id(),
        ..RequestAccessRequest::default()
    };
    let request = loan::asked(people, "analyst", request).await?;
    loan::approve(people, "deputy", &request.approval, "").await?;
    loan::granted(people, "analyst", &request.name).await.map(drop)
}

// The owner's own data, as the card asks for them.
async fn rate(people: &People, file: &str) -> Result<String, Failure> {
    let request = EvaluateCustomerRequest {
        customer: file.to_owned(),
        card: "german-credit".to_owned(),
        inputs: applicants::first()?,
        request_id: fresh_id(),
        ..EvaluateCustomerRequest::default()
    };
    until("credit knows the file and the grant", || async {
        let request = EvaluateCustomerRequest { validate_only: true, ..request.clone() };
        match people.ratings("analyst")?.evaluate_customer(request).await {
            Err(status) if reason_of(&status) == Some(Reason::ResourceNotFound) => Ok(false),
            answer => given(answer).map(|_| true),
        }
    })
    .await?;
    Ok(given(people.ratings("analyst")?.evaluate_customer(request).await)?.name)
}

async fn propose(people: &People, file: &str, rating: &str) -> Result<Limit, Failure> {
    let now = Providers::system().clock.now();
    let request = ProposeLimitRequest {
        customer: file.to_owned(),
        amount: Some(money(LIMIT)),
        payment_terms: "30 days net".to_owned(),
        valid_until: Some(to_proto(now + Span::from_secs(180 * 24 * 3600))),
        rating: rating.to_owned(),
        justification: "steady orders since 2025".to_owned(),
        request_id: fresh_id(),
        ..ProposeLimitRequest::default()
    };
    given(people.limits("analyst")?.propose_limit(request).await)
}

async fn submit(people: &People, limit: &Limit) -> Result<Limit, Failure> {
    let (name, etag) = (limit.name.clone(), limit.etag.clone());
    let request = SubmitLimitRequest { name, etag, request_id: fresh_id(), ..SubmitLimitRequest::default() };
    let limit = given(people.limits("analyst")?.submit_limit(request).await)?;
    must(limit.state() == LimitState::PendingApproval, "a submitted limit must wait for its approval")?;
    must(!limit.approval.is_empty(), "a submitted limit must name its approval")?;
    Ok(limit)
}

async fn in_force(people: &People, limit: &Limit) -> Result<(), Failure> {
    until("the limit is in force", || async {
        let request = GetLimitRequest { name: limit.name.clone() };
        let limit = given(people.limits("analyst")?.get_limit(request).await)?;
        Ok(limit.state() == LimitState::Approved)
    })
    .await
}

async fn two_at_once(people: &People, file: &str) -> Result<String, Failure> {
    let reserve = |reference: &str| {
        let request = ReserveCreditRequest {
            customer: file.to_owned(),
            amount: Some(money(EACH)),
            ttl: Some(Duration { seconds: 3600, nanos: 0 }),
            reference: reference.to_owned(),
            request_id: fresh_id(),
            ..ReserveCreditRequest::default()
        };
        async move { Ok::<_, Failure>(people.exposure("analyst")?.reserve_credit(request).await) }
    };
    let (one, two) = futures::try_join!(reserve("order 1"), reserve("order 2"))?;
    let (won, lost) = match (one, two) {
        (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
        (Ok(_), Ok(_)) => return Err(Failure::differs("both were accepted: the limit is overrun")),
        (Err(one), Err(_)) => return Err(Failure::from(one)),
    };
    must(reason_of(&lost) == Some(Reason::LimitExceeded), "the other must be refused for the limit")?;
    Ok(won.into_inner().name)
}

async fn commit(people: &People, reservation: &str) -> Result<(), Failure> {
    let (name, amount) = (reservation.to_owned(), Some(money(DRAWN)));
    let request = CommitReservationRequest {
        name,
        amount,
        r#final: true,
        request_id: fresh_id(),
        ..CommitReservationRequest::default()
    };
    given(people.exposure("analyst")?.commit_reservation(request).await).map(drop)
}

async fn exposure(people: &People, file: &str) -> Result<(), Failure> {
    let request = GetExposureRequest { customer: file.to_owned() };
    let known = given(people.exposure("analyst")?.get_exposure(request).await)?;
    let figure = |money: &Option<Money>| money.as_ref().map_or(0, |money| money.minor_units);
    let figures = (figure(&known.limit_amount), figure(&known.drawn), figure(&known.held), figure(&known.available));
    must(figures == (LIMIT, DRAWN, 0, LIMIT - DRAWN), format!("limit, drawn, held, available are {figures:?}"))
}

fn money(minor_units: i64) -> Money {
    Money { minor_units, currency_code: "CNY".to_owned() }
}
