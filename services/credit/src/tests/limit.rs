use super::world::*;
use dossier_kernel::error::Reason;
use dossier_proto::access::v1::ApprovalState;
use dossier_proto::credit::v1 as pb;
use prost_types::FieldMask;

pub(super) fn submit(name: &str) -> pb::SubmitLimitRequest {
    pb::SubmitLimitRequest { name: name.into(), ..Default::default() }
}

fn update(limit: pb::Limit, path: &str) -> pb::UpdateLimitRequest {
    let update_mask = Some(FieldMask { paths: vec![path.into()] });
    pb::UpdateLimitRequest { limit: Some(limit), update_mask, ..Default::default() }
}

pub(super) async fn draft(world: &World) -> pb::Limit {
    world.model().await;
    let rating = world.rating(CUSTOMER).await.name;
    let request = world.proposal(100, &rating);
    world.limits().propose_limit(by("analyst", request)).await.unwrap().into_inner()
}

/// A draft that outlives its rating.
async fn long_draft(world: &World) -> pb::Limit {
    world.model().await;
    let rating = world.rating(CUSTOMER).await.name;
    let (valid_from, valid_until) = (Some(world.later(24 * 360)), Some(world.later(24 * 400)));
    let request = pb::ProposeLimitRequest { valid_from, valid_until, ..world.proposal(100, &rating) };
    world.limits().propose_limit(by("analyst", request)).await.unwrap().into_inner()
}

pub(super) async fn state(world: &World, name: &str) -> pb::LimitState {
    let get = pb::GetLimitRequest { name: name.into() };
    world.limits().get_limit(by("analyst", get)).await.unwrap().into_inner().state()
}

// proves: C-14
/// C-14: there is no way into force but an approval.
#[tokio::test]
async fn a_limit_comes_into_force_by_its_approval() {
    let world = World::new().await;
    let draft = draft(&world).await;
    assert_eq!((draft.state(), draft.approval.as_str()), (pb::LimitState::Draft, ""));
    let mut limits = world.limits();
    assert_eq!(
        reason(limits.submit_limit(by("finance-director", submit(&draft.name))).await),
        Some(Reason::PermissionDenied)
    );
    let request = pb::SubmitLimitRequest {
        request_id: "0198a000-0000-7000-8000-000000000001".into(),
        etag: draft.etag.clone(),
        reason: "please".into(),
        ..submit(&draft.name)
    };
    let tried = pb::SubmitLimitRequest { validate_only: true, request_id: String::new(), ..request.clone() };
    let tried = limits.submit_limit(by("analyst", tried)).await.unwrap().into_inner();
    assert_eq!((tried.state(), tried.approval.as_str()), (pb::LimitState::PendingApproval, ""));
    assert_eq!(state(&world, &draft.name).await, pb::LimitState::Draft);
    let sent = limits.submit_limit(by("analyst", request.clone())).await.unwrap().into_inner();
    assert_eq!(sent.state(), pb::LimitState::PendingApproval);
    assert_eq!(limits.submit_limit(by("analyst", request)).await.unwrap().into_inner(), sent, "replayed");
    {
        let asked = world.access.state();
        assert_eq!(asked.asked.len(), 2, "{:?}", asked.asked);
        assert_eq!(asked.bearer, "Bearer of analyst");
        let approval = &asked.last;
        assert_eq!(
            (approval.matter.as_str(), &approval.subject, approval.unit.as_str()),
            ("credit.limit", &draft.name, "sales")
        );
        assert_eq!(approval.content_digest, sent.content_digest);
    }
    assert_eq!(world.exposure().await, [0, 0, 0, 0]);
    // A yes to another content is not a yes to this one.
    world.decided(&sent.approval, &sent.name, &[1; 32], ApprovalState::Approved).await;
    assert_eq!(state(&world, &sent.name).await, pb::LimitState::PendingApproval);
    world.decided(&sent.approval, &sent.name, &sent.content_digest, ApprovalState::Approved).await;
    world.decided(&sent.approval, &sent.name, &sent.content_digest, ApprovalState::Approved).await;
    assert_eq!(state(&world, &sent.name).await, pb::LimitState::Approved);
    assert_eq!(world.exposure().await, [100, 0, 0, 100]);
    assert_eq!((world.entries("limit.submitted").await, world.entries("limit.approved").await), (1, 1));
}

// proves: C-14
#[tokio::test]
async fn a_later_limit_takes_the_place_of_the_one_before() {
    let world = World::new().await;
    let (first, second) = (world.limit(100).await, world.limit(60).await);
    assert_eq!(second.supersedes, first.name);
    assert_eq!(state(&world, &first.name).await, pb::LimitState::Superseded);
    assert_eq!(world.exposure().await, [60, 0, 0, 60]);
    let list = pb::ListLimitsRequest {
        filter: format!("customer = \"{}\" AND state = APPROVED", file(CUSTOMER)),
        ..Default::default()
    };
    let listed = world.limits().list_limits(by("auditor", list.clone())).await.unwrap().into_inner().limits;
    assert!(listed.is_empty(), "the auditor's clearance shows no file of this level: {listed:?}");
    let listed = world.limits().list_limits(by("analyst", list)).await.unwrap().into_inner().limits;
    assert_eq!(listed.iter().map(|one| &one.name).collect::<Vec<_>>(), [&second.name]);
}

// proves: C-14
#[tokio::test]
async fn a_limit_ends_with_its_validity() {
    let world = World::new().await;
    let limit = world.limit(100).await;
    world.clock.advance(jiff::SignedDuration::from_hours(24 * 30));
    assert_eq!(state(&world, &limit.name).await, pb::LimitState::Expired);
    assert_eq!(world.exposure().await, [0, 0, 0, 0]);
    let list = pb::ListLimitsRequest { filter: "state = EXPIRED".into(), ..Default::default() };
    let listed = world.limits().list_limits(by("analyst", list.clone())).await.unwrap().into_inner().limits;
    assert_eq!(listed.len(), 1, "before the job as after it");
    assert_eq!(crate::tidy(&world.base, "demo").await.unwrap(), 1);
    assert_eq!(crate::tidy(&world.base, "demo").await.unwrap(), 0);
    assert_eq!(world.limits().list_limits(by("analyst", list)).await.unwrap().into_inner().limits.len(), 1);
    assert_eq!(world.entries("limit.expired").await, 1);
}

#[tokio::test]
async fn a_returned_limit_is_corrected_and_submitted_again() {
    let world = World::new().await;
    let draft = draft(&world).await;
    let mut limits = world.limits();
    let sent = limits.submit_limit(by("analyst", submit(&draft.name))).await.unwrap().into_inner();
    world.decided(&sent.approval, &sent.name, &sent.content_digest, ApprovalState::Returned).await;
    assert_eq!(state(&world, &sent.name).await, pb::LimitState::Returned);
    // Unchanged, the same approval goes on.
    let again = limits.submit_limit(by("analyst", submit(&draft.name))).await.unwrap().into_inner();
    assert_eq!((again.state(), &again.approval), (pb::LimitState::PendingApproval, &sent.approval));
    world.decided(&sent.approval, &sent.name, &sent.content_digest, ApprovalState::Pending).await;
    world.decided(&sent.approval, &sent.name, &sent.content_digest, ApprovalState::Returned).await;
    // Corrected, another approval takes its place.
    let wrong = update(pb::Limit { name: draft.name.clone(), ..Default::default() }, "state");
    assert_eq!(reason(limits.update_limit(by("analyst", wrong)).await), Some(Reason::UpdateMaskInvalid));
    let less = pb::Limit { name: draft.name.clone(), amount: Some(yuan(80)), ..Default::default() };
    let less = limits.update_limit(by("analyst", update(less, "amount"))).await.unwrap().into_inner();
    assert_eq!((less.state(), &less.approval), (pb::LimitState::Returned, &sent.approval), "nobody is asked yet");
    assert_eq!((less.payment_terms.as_str(), less.justification.as_str()), ("30 days net", "steady orders"));
    assert_eq!(world.entries("limit.updated").await, 1);
    let corrected = limits.submit_limit(by("analyst", submit(&draft.name))).await.unwrap().into_inner();
    assert_ne!((&corrected.approval, &corrected.content_digest), (&sent.approval, &sent.content_digest));
    // That the old one was withdrawn, and that somebody would have said yes to it, changes nothing.
    for state in [ApprovalState::Withdrawn, ApprovalState::Approved] {
        world.decided(&sent.approval, &sent.name, &sent.content_digest, state).await;
    }
    assert_eq!(state(&world, &sent.name).await, pb::LimitState::PendingApproval);
    world.decided(&corrected.approval, &sent.name, &corrected.content_digest, ApprovalState::Approved).await;
    assert_eq!(world.exposure().await, [80, 0, 0, 80]);
    let steps: Vec<_> =
        world.access.state().asked.iter().map(|one| one.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(steps, ["create", "resubmit", "withdraw", "create"]);
}

// proves: C-14
/// A crash between the services leaves a submission under way; repeating the call goes on with it and asks once.
#[tokio::test]
async fn a_submission_that_broke_off_is_resolved_by_repeating() {
    let world = World::new().await;
    let draft = draft(&world).await;
    world.access.state().mute = true;
    let mut limits = world.limits();
    let request = pb::SubmitLimitRequest { etag: draft.etag.clone(), ..submit(&draft.name) };
    assert_eq!(reason(limits.submit_limit(by("analyst", request.clone())).await), Some(Reason::DependencyUnavailable));
    assert_eq!(state(&world, &draft.name).await, pb::LimitState::Draft);
    // Another content has to wait: access may be deciding the first.
    let other = pb::Limit { name: draft.name.clone(), amount: Some(yuan(80)), ..Default::default() };
    assert_eq!(reason(limits.update_limit(by("analyst", update(other, "amount"))).await), Some(Reason::WrongState));
    world.access.state().mute = false;
    let sent = limits.submit_limit(by("analyst", request)).await.unwrap().into_inner();
    assert_eq!(sent.state(), pb::LimitState::PendingApproval);
    let asked = world.access.state().asked.clone();
    assert_eq!((asked.len(), &asked[0]), (2, &asked[1]), "the same question under the same request id");
    assert_eq!(world.entries("limit.submitted").await, 1);
}

// proves: C-14
#[tokio::test]
async fn a_submission_that_broke_off_is_resolved_by_the_journal_of_access() {
    let world = World::new().await;
    let draft = draft(&world).await;
    world.access.state().mute = true;
    let mut limits = world.limits();
    assert!(limits.submit_limit(by("analyst", submit(&draft.name))).await.is_err());
    let asked = world.access.state().last.clone();
    world.decided(&asked.name, &draft.name, &asked.content_digest, ApprovalState::Pending).await;
    assert_eq!(state(&world, &draft.name).await, pb::LimitState::PendingApproval);
    world.decided(&asked.name, &draft.name, &asked.content_digest, ApprovalState::Approved).await;
    assert_eq!(world.exposure().await, [100, 0, 0, 100]);
    assert_eq!((world.entries("limit.submitted").await, world.entries("limit.approved").await), (1, 1));
}

// proves: C-14
/// What was current when it was handed in may have aged meanwhile: what access was asked then, goes on.
#[tokio::test]
async fn a_submission_that_broke_off_and_aged_goes_on_where_access_has_it() {
    let world = World::new().await;
    let draft = long_draft(&world).await;
    world.access.state().mute = true;
    let mut limits = world.limits();
    assert!(limits.submit_limit(by("analyst", submit(&draft.name))).await.is_err());
    world.access.state().mute = false;
    world.clock.advance(jiff::SignedDuration::from_hours(24 * 370));
    let tried = pb::SubmitLimitRequest { validate_only: true, ..submit(&draft.name) };
    assert_eq!(reason(limits.submit_limit(by("analyst", tried)).await), Some(Reason::RatingMissing));
    let sent = limits.submit_limit(by("analyst", submit(&draft.name))).await.unwrap().into_inner();
    assert_eq!(sent.state(), pb::LimitState::PendingApproval);
    assert_eq!(world.access.state().asked.len(), 1, "it is looked for, not asked again");
    world.decided(&sent.approval, &sent.name, &sent.content_digest, ApprovalState::Approved).await;
    assert_eq!(state(&world, &draft.name).await, pb::LimitState::Approved);
}

// proves: C-14
/// An approval of the same content that was taken back long ago is not what was asked now.
#[tokio::test]
async fn a_submission_that_broke_off_and_aged_adopts_no_approval_that_is_over() {
    for over in [ApprovalState::Withdrawn, ApprovalState::Rejected, ApprovalState::Approved] {
        let world = World::new().await;
        let draft = long_draft(&world).await;
        let mut limits = world.limits();
        let sent = limits.submit_limit(by("analyst", submit(&draft.name))).await.unwrap().into_inner();
        world.decided(&sent.approval, &sent.name, &sent.content_digest, ApprovalState::Returned).await;
        for amount in [80, 100] {
            let other = pb::Limit { name: draft.name.clone(), amount: Some(yuan(amount)), ..Default::default() };
            limits.update_limit(by("analyst", update(other, "amount"))).await.unwrap();
        }
        world.access.state().decided.insert(sent.approval.clone(), over);
        world.access.state().away = true;
        assert!(limits.submit_limit(by("analyst", submit(&draft.name))).await.is_err());
        world.access.state().away = false;
        world.clock.advance(jiff::SignedDuration::from_hours(24 * 370));
        let refused = reason(limits.submit_limit(by("analyst", submit(&draft.name))).await);
        assert_eq!(refused, Some(Reason::RatingMissing), "{over:?}");
        assert_eq!(state(&world, &draft.name).await, pb::LimitState::Returned);
    }
}

// proves: C-14
/// As long as the question may still be on its way nothing is given up.
#[tokio::test]
async fn a_submission_that_broke_off_a_moment_ago_is_not_given_up() {
    let world = World::new().await;
    let draft = long_draft(&world).await;
    let (now, tenant) = (world.base.providers.clock.now(), world.base.tenant("demo").unwrap());
    let end = tenant.end(tenant.pack().credit.rating_valid, now).unwrap().at;
    world.clock.advance(end.duration_since(now) - jiff::SignedDuration::from_mins(1));
    world.access.state().away = true;
    let mut limits = world.limits();
    assert!(limits.submit_limit(by("analyst", submit(&draft.name))).await.is_err());
    world.access.state().away = false;
    for (minutes, expected) in [(2, Reason::DependencyUnavailable), (10, Reason::RatingMissing)] {
        world.clock.advance(jiff::SignedDuration::from_mins(minutes));
        assert_eq!(reason(limits.submit_limit(by("analyst", submit(&draft.name))).await), Some(expected));
    }
}

// proves: C-13
/// Where access never heard of it, it is refused like any other, and the limit can be corrected.
#[tokio::test]
async fn a_submission_that_broke_off_and_aged_is_given_up_where_access_never_heard_of_it() {
    let world = World::new().await;
    let draft = long_draft(&world).await;
    world.access.state().away = true;
    let mut limits = world.limits();
    assert!(limits.submit_limit(by("analyst", submit(&draft.name))).await.is_err());
    world.access.state().away = false;
    world.clock.advance(jiff::SignedDuration::from_hours(24 * 370));
    assert_eq!(reason(limits.submit_limit(by("analyst", submit(&draft.name))).await), Some(Reason::RatingMissing));
    assert!(world.access.state().asked.is_empty());
    let rating = world.rating(CUSTOMER).await.name;
    let other = pb::Limit { name: draft.name.clone(), rating, ..Default::default() };
    limits.update_limit(by("analyst", update(other, "rating"))).await.unwrap();
    let sent = limits.submit_limit(by("analyst", submit(&draft.name))).await.unwrap().into_inner();
    assert_eq!(sent.state(), pb::LimitState::PendingApproval);
}

// proves: A-40
/// Access decided the same content while the limit said something else: that counts for nothing, and people are asked anew.
#[tokio::test]
async fn what_was_decided_while_the_limit_said_something_else_is_asked_anew() {
    let world = World::new().await;
    let draft = draft(&world).await;
    let mut limits = world.limits();
    let sent = limits.submit_limit(by("analyst", submit(&draft.name))).await.unwrap().into_inner();
    world.decided(&sent.approval, &sent.name, &sent.content_digest, ApprovalState::Returned).await;
    for (amount, decided) in [(80, Some(ApprovalState::Approved)), (100, None)] {
        let other = pb::Limit { name: draft.name.clone(), amount: Some(yuan(amount)), ..Default::default() };
        limits.update_limit(by("analyst", update(other, "amount"))).await.unwrap();
        if let Some(decided) = decided {
            world.access.state().decided.insert(sent.approval.clone(), decided);
            world.decided(&sent.approval, &sent.name, &sent.content_digest, decided).await;
        }
    }
    let again = limits.submit_limit(by("analyst", submit(&draft.name))).await.unwrap().into_inner();
    assert_eq!((again.state(), &again.content_digest), (pb::LimitState::PendingApproval, &sent.content_digest));
    assert_ne!(again.approval, sent.approval);
}

#[tokio::test]
async fn what_access_refuses_for_good_can_be_submitted_differently() {
    let world = World::new().await;
    let draft = draft(&world).await;
    world.access.state().refuse = Some(Reason::ApprovalUnreachable);
    let mut limits = world.limits();
    assert_eq!(
        reason(limits.submit_limit(by("analyst", submit(&draft.name))).await),
        Some(Reason::ApprovalUnreachable)
    );
    world.access.state().refuse = None;
    let other = pb::Limit { name: draft.name.clone(), payment_terms: "cash".into(), ..Default::default() };
    limits.update_limit(by("analyst", update(other, "payment_terms"))).await.unwrap();
    let sent = limits.submit_limit(by("analyst", submit(&draft.name))).await.unwrap().into_inner();
    assert_eq!((sent.state(), sent.payment_terms.as_str()), (pb::LimitState::PendingApproval, "cash"));
}

// proves: C-13, X-40
/// C-13: no stage before the form of the stage before is filed.
#[tokio::test]
async fn a_limit_needs_a_file_and_a_current_rating() {
    let world = World::new().await;
    world.model().await;
    let (own, other) = (world.rating(CUSTOMER).await.name, world.rating(INCOMPLETE).await.name);
    let mut limits = world.limits();
    let ask =
        |customer, rating: &str| pb::ProposeLimitRequest { customer: file(customer), ..world.proposal(1, rating) };
    for (customer, rating, expected) in [
        (SECRET, own.as_str(), Reason::ResourceNotFound),
        (DRAFT, own.as_str(), Reason::WrongState),
        (CUSTOMER, "ratings/00000000-0000-0000-0000-000000000001", Reason::ResourceNotFound),
        (CUSTOMER, other.as_str(), Reason::RatingMissing),
    ] {
        assert_eq!(reason(limits.propose_limit(by("analyst", ask(customer, rating))).await), Some(expected));
    }
    let empty = pb::ProposeLimitRequest { customer: file(CUSTOMER), ..Default::default() };
    let expected = ["amount", "valid_until", "rating", "payment_terms", "justification"];
    assert_eq!(fields(limits.propose_limit(by("analyst", empty)).await), expected);
    let incomplete = limits.propose_limit(by("analyst", ask(INCOMPLETE, &other))).await.unwrap().into_inner();
    assert_eq!(
        reason(limits.submit_limit(by("analyst", submit(&incomplete.name))).await),
        Some(Reason::FileIncomplete)
    );
    let mut foreign = ask(CUSTOMER, &own);
    foreign.amount.as_mut().unwrap().currency_code = "USD".into();
    assert_eq!(reason(limits.propose_limit(by("analyst", foreign)).await), Some(Reason::CurrencyMismatch));
    let long = pb::ProposeLimitRequest { valid_until: Some(world.later(24 * 370)), ..ask(CUSTOMER, &own) };
    assert_eq!(fields(limits.propose_limit(by("analyst", long)).await), ["valid_until"]);
    let mut draft = ask(CUSTOMER, &own);
    draft.valid_from = Some(world.later(24 * 360));
    draft.valid_until = Some(world.later(24 * 400));
    let draft = limits.propose_limit(by("analyst", draft)).await.unwrap().into_inner();
    world.clock.advance(jiff::SignedDuration::from_hours(24 * 370));
    assert_eq!(reason(limits.submit_limit(by("analyst", submit(&draft.name))).await), Some(Reason::RatingMissing));
}
