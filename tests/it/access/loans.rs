//! Handing out: duties accepted, the ledger, one original at a time (A-29 to, I1).

use dossier_tests::scene::sound;
use tokio::task::JoinSet;

use super::*;

async fn ledger(world: &World, file: &str) -> Vec<pb::Loan> {
    let request = pb::ListLoansRequest { filter: format!("file = \"{file}\""), ..Default::default() };
    world.access("archivist").loans.list_loans(request).await.good().loans
}

on_both_stores! {
    // proves: A-34
    async fn an_original_leaves_only_when_every_duty_is_accepted(world) {
        let file = world.active(1).await;
        let whole = world.handing_out(&file.name, "gm", "").await;
        let mut calls = world.access("archivist").loans;
        let accepted = whole.acceptance.clone().unwrap();
        for left_out in 0..accepted.duties.len() {
            let mut some = accepted.clone();
            some.duties.remove(left_out);
            let order = pb::CheckOutItemsRequest { acceptance: Some(some), request_id: String::new(), ..whole.clone() };
            calls.check_out_items(order).await.refused(Reason::DutiesNotAccepted);
        }
        let none = pb::CheckOutItemsRequest { acceptance: None, request_id: String::new(), ..whole.clone() };
        calls.check_out_items(none).await.refused(Reason::DutiesNotAccepted);
        let mut unsigned = accepted.clone();
        unsigned.signature_reference.clear();
        let order = pb::CheckOutItemsRequest { acceptance: Some(unsigned), request_id: String::new(), ..whole.clone() };
        assert!(calls.check_out_items(order).await.refused(Reason::FieldViolation).names("acceptance.signature_reference"));
        let mut invented = accepted.clone();
        invented.duties.push("no_fun".into());
        let order = pb::CheckOutItemsRequest { acceptance: Some(invented), request_id: String::new(), ..whole.clone() };
        assert!(calls.check_out_items(order).await.refused(Reason::FieldViolation).names("acceptance.duties"));
        assert!(ledger(world, &file.name).await.is_empty());
        assert_eq!(calls.check_out_items(whole).await.good().acceptance, Some(accepted));
    }

    // proves
    async fn the_ledger_shows_what_is_out_with_whom_until_when(world) {
        let file = world.at_level(1, "confidential").await;
        let grant = world.granted("sales-2", &file.name, AccessKind::Original, &["gm"]).await;
        let loan = world.check_out(&file.name, "sales-2", &grant.name).await.good();
        let found = ledger(world, &file.name).await;
        assert_eq!(found, std::slice::from_ref(&loan));
        assert_eq!(loan_of(world, "sales-2", &loan.name).await, loan);
        assert_eq!(
            (loan.borrower.clone(), loan.handed_out_by.clone()),
            (world.who("sales-2").await, world.who("archivist").await)
        );
        let item = &loan.items[0];
        assert_eq!((item.description.as_str(), item.copies, item.pages), ("第一卷", 1, Some(20)));
        assert_eq!(item.item, loan.file);
        assert_eq!((loan.justification.as_str(), loan.level.as_str()), ("处理客户的售后服务申请", "confidential"));
        assert_eq!(loan.acceptance.as_ref().unwrap().signature_reference, "借档单 17");
        assert_eq!(instant(loan.check_out_time.as_ref()), world.now());
        assert_eq!(instant(loan.due_time.as_ref()), world.now() + SignedDuration::from_hours(4));
        assert_eq!((loan.state(), loan.overdue, loan.return_time), (pb::LoanState::Out, false, None));
        // For a colleague without the action there is no such loan.
        let get = pb::GetLoanRequest { name: loan.name };
        world.access("sales-1").loans.get_loan(get).await.refused(Reason::ResourceNotFound);
        assert!(
            world.access("sales-1").loans.list_loans(pb::ListLoansRequest::default()).await.good().loans.is_empty()
        );
        assert_eq!(loan.purpose, "customer_service");
        // Whoever hands out says nothing: the words of the request stand in, not the purpose's label.
        world.take_back(&loan_of(world, "sales-2", &found[0].name).await, sound(&found[0])).await.good();
        let grant = world.granted("sales-2", &file.name, AccessKind::Original, &["gm"]).await;
        let order = pb::CheckOutItemsRequest {
            justification: String::new(),
            ..world.handing_out(&file.name, "sales-2", &grant.name).await
        };
        let loan = world.access("archivist").loans.check_out_items(order).await.good();
        assert_eq!((loan.justification.as_str(), loan.purpose.as_str()), ("处理客户的售后服务申请", "customer_service"));
    }

    // proves: A-31, I1
    async fn a_second_hand_out_of_the_same_original_is_refused_with_the_due_date(world) {
        let file = world.active(1).await;
        let grant = world.granted("sales-2", &file.name, AccessKind::Original, &["sales-manager", "office-director"]).await;
        let order = pb::CheckOutItemsRequest { duration: Some(hours(6)), ..world.handing_out(&file.name, "gm", "").await };
        let loan = world.access("archivist").loans.check_out_items(order).await.good();
        for (borrower, right) in [("deputy", ""), ("gm", ""), ("sales-2", grant.name.as_str())] {
            let refused = world.check_out(&file.name, borrower, right).await.refused(Reason::OriginalOut);
            assert_eq!(refused.metadata["file"], file.name);
            assert_eq!(refused.metadata["due_time"], instant(loan.due_time.as_ref()).to_string());
        }
        // The refusal used nothing up.
        world.take_back(&loan, sound(&loan)).await.good();
        world.check_out(&file.name, "sales-2", &grant.name).await.good();
        check::holds(world).await;
    }

    // proves: A-31, I1
    async fn of_sixteen_hand_outs_at_once_one_succeeds(world) {
        let other = world.replica().await;
        let file = world.active(1).await;
        for _ in 0..2 {
            let mut tasks = JoinSet::new();
            for task in 0..16 {
                let place: &Replica = if task % 2 == 0 { world } else { &other };
                let mut calls = place.access("archivist").loans;
                let borrower = ["gm", "deputy", "office-director", "finance-director"][task % 4];
                let order = world.handing_out(&file.name, borrower, "").await;
                tasks.spawn(async move { calls.check_out_items(order).await });
            }
            let (mut out, mut refused) = (Vec::new(), 0);
            while let Some(answer) = tasks.join_next().await {
                match answer.unwrap() {
                    Ok(loan) => out.push(loan.into_inner()),
                    Err(status) => {
                        assert_eq!(Refused::of(&status).reason, Reason::OriginalOut, "{status:?}");
                        refused += 1;
                    }
                }
            }
            assert_eq!((out.len(), refused), (1, 15));
            world.take_back(&out[0], sound(&out[0])).await.good();
        }
        assert_eq!(ledger(world, &file.name).await.len(), 2);
        other.stop().await;
        check::holds(world).await;
    }

    // proves: I8
    async fn a_hand_out_that_is_sent_again_is_one_loan(world) {
        let file = world.active(1).await;
        let order = world.handing_out(&file.name, "gm", "").await;
        let mut calls = world.access("archivist").loans;
        let tried = pb::CheckOutItemsRequest { validate_only: true, request_id: world.request_id(), ..order.clone() };
        calls.check_out_items(tried).await.good();
        assert!(ledger(world, &file.name).await.is_empty());
        let first = calls.check_out_items(order.clone()).await.good();
        assert_eq!(calls.check_out_items(order.clone()).await.good(), first);
        let mut other = order;
        other.items[0].pages = Some(21);
        calls.check_out_items(other).await.refused(Reason::RequestIdReused);
        assert_eq!(ledger(world, &file.name).await.len(), 1);
    }

    // proves: A-29
    async fn a_grant_is_good_for_one_hand_out_in_its_time(world) {
        let file = world.at_level(1, "confidential").await;
        let grant = world.granted("sales-2", &file.name, AccessKind::Original, &["gm"]).await;
        let loan = world.check_out(&file.name, "sales-2", &grant.name).await.good();
        assert_eq!(grant_of(world, "sales-2", &grant.name).await.uses, 1);
        world.take_back(&loan, sound(&loan)).await.good();
        let used = world.check_out(&file.name, "sales-2", &grant.name).await.refused(Reason::GrantNotCurrent);
        assert_eq!(used.metadata["state"], "COMPLETED");
        let late = world.granted("sales-2", &file.name, AccessKind::Original, &["gm"]).await;
        world.pass(SignedDuration::from_hours(24 * 30));
        let late = world.check_out(&file.name, "sales-2", &late.name).await.refused(Reason::GrantNotCurrent);
        assert_eq!(late.metadata["state"], "EXPIRED");
    }
}
