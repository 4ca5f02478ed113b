//! Coming back: compared with the hand-out, restored, the entry cancelled; a difference opens a case.

use dossier_tests::scene::sound;

use super::*;

fn renewing(world: &World, loan: &pb::Loan, term: i64) -> pb::RenewLoanRequest {
    pb::RenewLoanRequest {
        name: loan.name.clone(),
        duration: Some(hours(term)),
        request_id: world.request_id(),
        reason: "合同尚未核对完毕".into(),
        ..pb::RenewLoanRequest::default()
    }
}

fn recalling(world: &World, loan: &pb::Loan) -> pb::RecallLoanRequest {
    pb::RecallLoanRequest {
        name: loan.name.clone(),
        request_id: world.request_id(),
        reason: "审计需要原件".into(),
        ..pb::RecallLoanRequest::default()
    }
}

/// An original that the general manager has borrowed for so many hours.
async fn lent(world: &World, n: u32, term: i64) -> pb::Loan {
    let file = world.active(n).await;
    let order =
        pb::CheckOutItemsRequest { duration: Some(hours(term)), ..world.handing_out(&file.name, "gm", "").await };
    world.access("archivist").loans.check_out_items(order).await.good()
}

on_both_stores! {
    // proves: A-32
    async fn what_comes_back_is_compared_restored_and_cancelled_in_the_ledger(world) {
        let loan = lent(world, 1, 8).await;
        world.pass(SignedDuration::from_hours(2));
        let whole = sound(&loan);
        let cases: [(&str, pb::ItemInspection); 7] = [
            ("inspections.0.condition", pb::ItemInspection { condition: 0, ..whole.clone() }),
            (
                "inspections.0.inspected",
                pb::ItemInspection { inspected: whole.inspected[1..].to_vec(), ..whole.clone() },
            ),
            ("inspections.0.restored_location", pb::ItemInspection { restored_location: " ".into(), ..whole.clone() }),
            ("inspections.0.copies", pb::ItemInspection { copies: Some(-1), ..whole.clone() }),
            // A count that was forgotten is no count of 0.
            ("inspections.0.copies", pb::ItemInspection { copies: None, ..whole.clone() }),
            ("inspections.0.pages", pb::ItemInspection { pages: None, ..whole.clone() }),
            ("inspections.0.item", pb::ItemInspection { item: "items/7".into(), ..whole.clone() }),
        ];
        for (field, inspection) in cases {
            let refused = world.take_back(&loan, inspection).await.refused(Reason::FieldViolation);
            assert!(refused.names(field), "{field}: {refused:?}");
        }
        for other in ["gm", "sales-1", "office-director"] {
            let back = pb::ReturnLoanRequest {
                name: loan.name.clone(),
                inspections: vec![whole.clone()],
                ..pb::ReturnLoanRequest::default()
            };
            world.access(other).loans.return_loan(back).await.refused(Reason::PermissionDenied);
        }
        let back = world.take_back(&loan, whole.clone()).await.good();
        assert_eq!((back.state(), back.case_reference.as_str()), (pb::LoanState::Returned, ""));
        assert_eq!(instant(back.return_time.as_ref()), world.now());
        assert_eq!(
            (back.received_by.clone(), back.items[0].inspection.clone()),
            (world.who("archivist").await, Some(whole.clone()))
        );
        assert_eq!(loan_of(world, "gm", &loan.name).await, back);
        world.take_back(&loan, whole).await.refused(Reason::WrongState);
        // It is in its place again.
        world.check_out(&loan.file, "deputy", "").await.good();
        check::holds(world).await;
    }

    // proves: A-32
    async fn any_difference_opens_a_case_and_nothing_is_lost(world) {
        let file = world.active(1).await;
        let whole = |loan: &pb::Loan| sound(loan);
        type Change = fn(&mut pb::ItemInspection);
        let changes: [Change; 5] = [
            |one| one.pages = Some(19),
            |one| one.copies = Some(0),
            |one| one.condition = pb::ReturnCondition::Marked.into(),
            |one| one.differences = vec!["封面有水渍".into()],
            |one| one.condition = pb::ReturnCondition::Incomplete.into(),
        ];
        for (at, change) in changes.into_iter().enumerate() {
            let loan = world.check_out(&file.name, "gm", "").await.good();
            let mut found = whole(&loan);
            change(&mut found);
            // Trying first spends no number.
            let tried = pb::ReturnLoanRequest {
                name: loan.name.clone(),
                inspections: vec![found.clone()],
                validate_only: true,
                ..pb::ReturnLoanRequest::default()
            };
            world.access("archivist").loans.return_loan(tried).await.good();
            let back = world.take_back(&loan, found).await.good();
            assert_eq!(back.state(), pb::LoanState::ReturnedWithDifference);
            assert_eq!(back.case_reference, format!("LD-2026-{:06}", at + 1));
        }
        let request = pb::ListLoansRequest { filter: format!("file = \"{}\"", file.name), ..Default::default() };
        let ledger = world.access("archivist").loans.list_loans(request).await.good().loans;
        let cases: Vec<_> = ledger.iter().rev().map(|one| one.case_reference.clone()).collect();
        assert_eq!(cases, (1..=5).map(|at| format!("LD-2026-{at:06}")).collect::<Vec<_>>());
        check::holds(world).await;
    }

    // proves: A-30
    async fn a_renewal_keeps_to_the_rules_of_the_level(world) {
        let loan = lent(world, 1, 8).await;
        let mut calls = world.access("archivist").loans;
        let refused = calls.renew_loan(renewing(world, &loan, 8)).await.refused(Reason::FieldViolation);
        assert!(refused.names("duration"));
        calls.renew_loan(renewing(world, &loan, 24 * 60)).await.refused(Reason::LoanTooLong);
        world.access("gm").loans.renew_loan(renewing(world, &loan, 24)).await.refused(Reason::PermissionDenied);
        let out = instant(loan.check_out_time.as_ref());
        world.pass(SignedDuration::from_hours(7));
        let renewed = calls.renew_loan(renewing(world, &loan, 24)).await.good();
        // The new term counts from the hand-out.
        assert_eq!((instant(renewed.due_time.as_ref()), renewed.renewals), (out + SignedDuration::from_hours(24), 1));
        calls.renew_loan(renewing(world, &loan, 48)).await.refused(Reason::RenewalRefused);
        let late = lent(world, 2, 8).await;
        world.pass(SignedDuration::from_hours(9));
        calls.renew_loan(renewing(world, &late, 24)).await.refused(Reason::RenewalRefused);
        world.take_back(&late, sound(&late)).await.good();
        calls.renew_loan(renewing(world, &late, 24)).await.refused(Reason::WrongState);
    }

    // proves: A-30
    async fn a_recalled_loan_is_due_at_once(world) {
        let loan = lent(world, 1, 48).await;
        world.pass(SignedDuration::from_hours(3));
        let mut calls = world.access("office-director").loans;
        let silent = pb::RecallLoanRequest { reason: String::new(), ..recalling(world, &loan) };
        assert!(calls.recall_loan(silent).await.refused(Reason::FieldViolation).names("reason"));
        world.access("sales-1").loans.recall_loan(recalling(world, &loan)).await.refused(Reason::PermissionDenied);
        let recalled = calls.recall_loan(recalling(world, &loan)).await.good();
        assert_eq!(
            (recalled.state(), recalled.recalled_by.clone()),
            (pb::LoanState::Recalled, world.who("office-director").await)
        );
        assert_eq!(instant(recalled.due_time.as_ref()), world.now());
        calls.recall_loan(recalling(world, &loan)).await.refused(Reason::WrongState);
        world.access("archivist").loans.renew_loan(renewing(world, &loan, 72)).await.refused(Reason::RenewalRefused);
        // Still out: nobody else gets it.
        world.check_out(&loan.file, "deputy", "").await.refused(Reason::OriginalOut);
        let back = world.take_back(&loan, sound(&loan)).await.good();
        assert_eq!(back.state(), pb::LoanState::Returned);
        check::holds(world).await;
    }
}
