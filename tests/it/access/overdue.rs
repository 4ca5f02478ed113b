//! Loans that ran out: listed by borrower, demanded, and a duty.

use dossier_proto::duty::v1::{Duty, DutyState, ListDutiesRequest};
use dossier_tests::scene::sound;

use super::*;

async fn overdue(world: &World, subject: &str, borrower: &str) -> Vec<String> {
    let filter = if borrower.is_empty() { String::new() } else { format!("borrower = \"{borrower}\"") };
    let request = pb::ListOverdueLoansRequest { filter, ..pb::ListOverdueLoansRequest::default() };
    let found = world.access(subject).loans.list_overdue_loans(request).await.good().loans;
    assert!(found.iter().all(|loan| loan.overdue));
    found.into_iter().map(|loan| loan.name).collect()
}

async fn duties(world: &World, subject: &str, loan: &str) -> Vec<Duty> {
    let filter = format!("subject = \"{loan}\"");
    let request = ListDutiesRequest { parent: home(Which::Access), filter, ..ListDutiesRequest::default() };
    world.access(subject).duties.list_duties(request).await.good().duties
}

fn open(duties: &[Duty]) -> Vec<&str> {
    let open = duties.iter().filter(|duty| duty.state() == DutyState::Open);
    let mut kinds: Vec<_> = open.map(|duty| duty.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds
}

async fn due(world: &World, filter: &str) -> usize {
    let request = ListDutiesRequest { parent: home(Which::Access), filter: filter.into(), ..Default::default() };
    world.access("archivist").duties.list_duties(request).await.good().duties.len()
}

on_both_stores! {
    // proves: A-30
    async fn what_is_due_in_a_period_is_found_by_its_bounds(world) {
        let file = world.at_level(1, "confidential").await;
        let request = world.ask("sales-2", &file.name, AccessKind::Original).await.good().access_request.unwrap();
        world.approve("gm", &request.approval).await.good();
        let request = request_of(world, "sales-2", &request.name).await;
        let loan = world.check_out(&file.name, "sales-2", &request.grant).await.good();
        let of_loan = duties(world, "archivist", &loan.name).await;
        let at = instant(of_loan[0].due_time.as_ref());
        let later = at + SignedDuration::from_micros(1);
        for (filter, count) in [
            (format!("due_time < \"{at}\""), 0),
            (format!("due_time <= \"{at}\""), 1),
            (format!("due_time = \"{at}\""), 1),
            (format!("due_time > \"{at}\""), 0),
            (format!("due_time >= \"{at}\" AND due_time < \"{later}\" AND state = OPEN"), 1),
            (format!("due_time >= \"{later}\" AND due_time < \"{at}\""), 0),
        ] {
            assert_eq!(due(world, &format!("subject = \"{}\" AND {filter}", loan.name)).await, count, "{filter}");
        }
    }

    // proves
    async fn past_four_hours_a_loan_is_demanded_back_at_once(world) {
        let file = world.at_level(1, "confidential").await;
        let grant = world.granted("sales-2", &file.name, AccessKind::Original, &["gm"]).await;
        let loan = world.check_out(&file.name, "sales-2", &grant.name).await.good();
        let before = duties(world, "archivist", &loan.name).await;
        assert_eq!(open(&before), ["loan.return"]);
        assert_eq!((before[0].assignee.clone(), before[0].due_time), (world.who("sales-2").await, loan.due_time));
        world.pass(SignedDuration::from_hours(4));
        // The last moment is still in time.
        assert!(overdue(world, "archivist", "").await.is_empty());
        world.pass(SignedDuration::from_secs(1));
        assert_eq!(overdue(world, "archivist", "").await, std::slice::from_ref(&loan.name));
        heard(world, "loan.return_demanded", &loan.name).await;
        assert_eq!(open(&duties(world, "archivist", &loan.name).await), ["loan.return", "loan.return_demand"]);
        world.take_back(&loan, sound(&loan)).await.good();
        assert!(overdue(world, "archivist", "").await.is_empty());
        let after = duties(world, "archivist", &loan.name).await;
        assert!(open(&after).is_empty() && after.len() == 2, "{after:?}");
        world.settle().await;
        let demands = check::journal(world, Which::Access, DEMO).await;
        let demands = demands.iter().filter(|one| one.body.action == "loan.return_demanded").count();
        assert_eq!(demands, 1, "it is demanded once");
        check::holds(world).await;
    }

    // proves: A-30
    async fn overdue_loans_are_listed_by_borrower_and_due_time(world) {
        let mut expected = Vec::new();
        for (n, borrower, term) in [(1, "gm", 6), (2, "deputy", 4), (3, "gm", 2), (4, "gm", 200)] {
            let file = world.active(n).await;
            let order =
                pb::CheckOutItemsRequest { duration: Some(hours(term)), ..world.handing_out(&file.name, borrower, "").await };
            let loan = world.access("archivist").loans.check_out_items(order).await.good();
            expected.push((loan.borrower, term, loan.name));
        }
        let later = expected.pop().unwrap();
        world.pass(SignedDuration::from_hours(7));
        expected.sort();
        let names: Vec<_> = expected.iter().map(|(_, _, name)| name.clone()).collect();
        for reader in ["archivist", "gm", "auditor"] {
            assert_eq!(overdue(world, reader, "").await, names, "{reader}");
        }
        let gm = world.who("gm").await;
        let his: Vec<_> =
            expected.iter().filter(|(borrower, ..)| *borrower == gm).map(|(_, _, name)| name.clone()).collect();
        assert_eq!(overdue(world, "archivist", &gm).await, his);
        assert!(overdue(world, "sales-1", "").await.is_empty());
        // Page by page it is the same list.
        let (mut token, mut paged) = (String::new(), Vec::new());
        loop {
            let request = pb::ListOverdueLoansRequest {
                page_size: 1,
                page_token: token,
                ..pb::ListOverdueLoansRequest::default()
            };
            let page = world.access("archivist").loans.list_overdue_loans(request).await.good();
            paged.extend(page.loans.into_iter().map(|loan| loan.name));
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(paged, names);
        assert!(!names.contains(&later.2));
    }

    // proves: A-30
    async fn the_duty_to_return_follows_the_end_of_the_loan(world) {
        let file = world.active(1).await;
        let order = pb::CheckOutItemsRequest { duration: Some(hours(8)), ..world.handing_out(&file.name, "gm", "").await };
        let loan = world.access("archivist").loans.check_out_items(order).await.good();
        let renew = pb::RenewLoanRequest {
            name: loan.name.clone(),
            duration: Some(hours(20)),
            request_id: world.request_id(),
            reason: "合同尚未核对完毕".into(),
            ..pb::RenewLoanRequest::default()
        };
        let renewed = world.access("archivist").loans.renew_loan(renew).await.good();
        let found = duties(world, "archivist", &loan.name).await;
        assert_eq!(open(&found), ["loan.return"]);
        let moved = found.iter().find(|duty| duty.state() == DutyState::Open).unwrap();
        assert_eq!(moved.due_time, renewed.due_time);
        let recall = pb::RecallLoanRequest {
            name: loan.name.clone(),
            request_id: world.request_id(),
            reason: "审计需要原件".into(),
            ..pb::RecallLoanRequest::default()
        };
        world.access("archivist").loans.recall_loan(recall).await.good();
        let found = duties(world, "archivist", &loan.name).await;
        let now = found.iter().find(|duty| duty.state() == DutyState::Open).unwrap();
        assert_eq!(instant(now.due_time.as_ref()), world.now());
    }
}
