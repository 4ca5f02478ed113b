//! A limit and its approval: no way to a limit in force but through it (C-13, C-14).

use dossier_proto::access::v1::{ReturnApprovalRequest, WithdrawApprovalRequest};
use dossier_proto::credit::v1::{
    Limit, LimitState, ListLimitsRequest, ProposeLimitRequest, SubmitLimitRequest, UpdateLimitRequest,
};
use dossier_proto::types::Money;
use prost_types::FieldMask;

use super::{commit, figures, release, submitting};
use crate::prelude::*;

async fn proposed(world: &World, customer: &str, minor_units: i64) -> Limit {
    let rating = world.rating(customer).await;
    let proposal = world.proposing(customer, &rating.name, minor_units);
    world.credit("analyst").limits.propose_limit(proposal).await.good()
}

async fn send_back(world: &World, subject: &str, approval: &str) {
    let request = ReturnApprovalRequest {
        name: approval.to_owned(),
        content_digest: world.approval("gm", approval).await.good().content_digest,
        reason: "金额过高".into(),
        request_id: world.request_id(),
        ..ReturnApprovalRequest::default()
    };
    world.access(subject).approvals.return_approval(request).await.good();
    world.settle().await;
}

on_both_stores! {
    // proves: C-13, C-14, A-39
    async fn a_limit_comes_into_force_by_both_signatures_and_not_before(world) {
        let customer = world.active(1).await.name;
        world.model().await;
        let limit = proposed(world, &customer, 100_000).await;
        assert_eq!((limit.state(), limit.approval.as_str()), (LimitState::Draft, ""));
        world.reserve(&customer, 1).await.refused(Reason::LimitNotApproved);
        // A dry run asks access for a dry run, and leaves nothing behind on either side.
        let trial = SubmitLimitRequest { validate_only: true, ..submitting(world, &limit.name) };
        let tried = world.credit("analyst").limits.submit_limit(trial).await.good();
        assert_eq!(tried.state(), LimitState::PendingApproval);
        assert_eq!(world.get_limit(&limit.name).await.state(), LimitState::Draft);
        let limit = world.submit_limit(&limit.name).await.good();
        assert_eq!((limit.state(), limit.content_digest.len()), (LimitState::PendingApproval, 32));
        let approval = world.approval("gm", &limit.approval).await.good();
        assert_eq!((&approval.content_digest, &approval.subject), (&limit.content_digest, &limit.name));
        world.reserve(&customer, 1).await.refused(Reason::LimitNotApproved);
        // Who proposed does not sign, and the general manager comes after finance.
        world.approve("analyst", &limit.approval).await.bad();
        world.approve("gm", &limit.approval).await.bad();
        world.approve("finance-director", &limit.approval).await.good();
        world.settle().await;
        assert_eq!(world.get_limit(&limit.name).await.state(), LimitState::PendingApproval);
        let refused = world.reserve(&customer, 1).await.refused(Reason::LimitNotApproved);
        assert_eq!(refused.metadata["customer"], customer);
        world.approve("gm", &limit.approval).await.good();
        world.settle().await;
        assert_eq!(world.get_limit(&limit.name).await.state(), LimitState::Approved);
        assert_eq!(figures(&world.exposure(&customer).await), [100_000, 0, 0, 100_000]);
        world.reserve(&customer, 100_000).await.good();
        check::holds(world).await;
    }

    // proves: C-14
    async fn a_limit_that_was_refused_or_withdrawn_never_comes_into_force(world) {
        let customer = world.active(1).await.name;
        world.model().await;
        let limit = world.submitted_limit(&customer, 100).await;
        world.reject("finance-director", &limit.approval).await.good();
        world.settle().await;
        assert_eq!(world.get_limit(&limit.name).await.state(), LimitState::Rejected);
        world.submit_limit(&limit.name).await.refused(Reason::WrongState);
        let limit = world.submitted_limit(&customer, 100).await;
        let request = WithdrawApprovalRequest {
            name: limit.approval.clone(),
            reason: "不再需要".into(),
            request_id: world.request_id(),
            ..WithdrawApprovalRequest::default()
        };
        // The matter is credit's: the proposer takes it back as its requester.
        world.access("analyst").approvals.withdraw_approval(request).await.good();
        world.settle().await;
        assert_eq!(world.get_limit(&limit.name).await.state(), LimitState::Rejected);
        world.reserve(&customer, 1).await.refused(Reason::LimitNotApproved);
        check::holds(world).await;
    }

    // proves: C-14, A-40
    async fn a_limit_sent_back_is_corrected_and_signed_anew(world) {
        let customer = world.active(1).await.name;
        world.model().await;
        let limit = world.submitted_limit(&customer, 900_000).await;
        world.approve("finance-director", &limit.approval).await.good();
        send_back(world, "gm", &limit.approval).await;
        let returned = world.get_limit(&limit.name).await;
        assert_eq!(returned.state(), LimitState::Returned);
        let less = Limit { name: limit.name.clone(), amount: Some(money(300_000)), ..Limit::default() };
        let update = UpdateLimitRequest {
            limit: Some(less),
            update_mask: Some(FieldMask { paths: vec!["amount".into()] }),
            request_id: world.request_id(),
            reason: "按审批意见降额".into(),
            ..UpdateLimitRequest::default()
        };
        world.credit("finance-director").limits.update_limit(update.clone()).await.refused(Reason::PermissionDenied);
        world.pass(SignedDuration::from_hours(1));
        let corrected = world.credit("analyst").limits.update_limit(update).await.good();
        assert_eq!(instant(corrected.update_time.as_ref()), world.now());
        assert_eq!((corrected.state(), &corrected.approval), (LimitState::Returned, &limit.approval));
        // What is signed is what was submitted; a correction alone asks nobody.
        world.approve("gm", &limit.approval).await.refused(Reason::WrongState);
        let again = world.credit("analyst").limits.submit_limit(submitting(world, &limit.name)).await.good();
        assert_eq!((again.state(), again.amount.clone()), (LimitState::PendingApproval, Some(money(300_000))));
        assert_ne!(again.content_digest, limit.content_digest);
        // The signature of the first round counts no more.
        world.approve("gm", &again.approval).await.bad();
        world.approve("finance-director", &again.approval).await.good();
        world.approve("gm", &again.approval).await.good();
        world.settle().await;
        assert_eq!(world.get_limit(&limit.name).await.state(), LimitState::Approved);
        assert_eq!(figures(&world.exposure(&customer).await)[0], 300_000);
        check::holds(world).await;
    }

    // proves: C-13
    async fn no_stage_begins_before_the_form_of_the_stage_before_is_filed(world) {
        let (one, two) = (world.active(1).await.name, world.active(2).await.name);
        world.model().await;
        let rating = world.rating(&one).await.name;
        let mut analyst = world.credit("analyst").limits;
        let missing = format!("ratings/{}", Uuid::nil());
        analyst.propose_limit(world.proposing(&one, &missing, 5)).await.refused(Reason::ResourceNotFound);
        let refused = analyst.propose_limit(world.proposing(&two, &rating, 5)).await.refused(Reason::RatingMissing);
        assert_eq!(refused.metadata["customer"], two);
        let foreign = Some(Money { minor_units: 5, currency_code: "USD".into() });
        let request = ProposeLimitRequest { amount: foreign, ..world.proposing(&one, &rating, 5) };
        let refused = analyst.propose_limit(request).await.refused(Reason::CurrencyMismatch);
        assert_eq!((refused.metadata["expected"].as_str(), refused.metadata["given"].as_str()), ("CNY", "USD"));
        let draft = analyst.propose_limit(world.proposing(&one, &rating, 5)).await.good();
        world.pass(SignedDuration::from_hours(24 * 366));
        analyst.propose_limit(world.proposing(&one, &rating, 5)).await.refused(Reason::RatingMissing);
        analyst.submit_limit(submitting(world, &draft.name)).await.bad();
        check::holds(world).await;
    }

    // proves: C-14, I2
    async fn a_lower_limit_below_what_is_used_leaves_nothing_and_takes_nothing_away(world) {
        let customer = world.customer(1, 1_000).await;
        let held = world.reserve(&customer, 400).await.good();
        let drawn = world.reserve(&customer, 500).await.good();
        commit(world, &drawn.name, None, false).await.good();
        let first = world.credit("analyst").limits.list_limits(ListLimitsRequest::default()).await.good().limits.remove(0);
        let lower = world.limit(&customer, 600).await;
        assert_eq!(lower.supersedes, first.name);
        assert_eq!(world.get_limit(&first.name).await.state(), LimitState::Superseded);
        assert_eq!(figures(&world.exposure(&customer).await), [600, 500, 400, 0]);
        let refused = world.reserve(&customer, 1).await.refused(Reason::LimitExceeded);
        assert_eq!((refused.metadata["available_minor_units"].as_str(), refused.metadata["limit"].as_str()), ("0", lower.name.as_str()));
        // What was held before is promised: it is drawn beyond the lower limit, and no further than it was held.
        commit(world, &held.name, Some(401), false).await.refused(Reason::ReservationExceeded);
        commit(world, &held.name, Some(300), false).await.good();
        assert_eq!(figures(&world.exposure(&customer).await), [600, 800, 100, 0]);
        world.reserve(&customer, 1).await.refused(Reason::LimitExceeded);
        release(world, &held.name).await.good();
        assert_eq!(figures(&world.exposure(&customer).await), [600, 800, 0, 0]);
        world.reserve(&customer, 1).await.refused(Reason::LimitExceeded);
        check::holds(world).await;
    }

    // proves: C-14
    async fn a_limit_ends_with_its_validity(world) {
        let customer = world.customer(1, 1_000).await;
        let held = world.reserve(&customer, 400).await.good();
        commit(world, &held.name, None, false).await.good();
        world.pass(SignedDuration::from_hours(24 * 180 + 1));
        world.reserve(&customer, 1).await.refused(Reason::LimitNotInForce);
        let exposure = world.exposure(&customer).await;
        assert_eq!((figures(&exposure), exposure.limit.as_str()), ([0, 400, 0, 0], ""));
        let limits = world.credit("analyst").limits.list_limits(ListLimitsRequest::default()).await.good().limits;
        assert_eq!(limits[0].state(), LimitState::Expired);
    }
}
