//! What `table!` promises: a row comes out as it went in, is written once, and is changed only from the version that was read.

use dossier_access::domain::loan::{Acceptance, Condition, Inspection, Loan, LoanItem, State};
use dossier_access::store::loan;

use super::BENCH;
use crate::prelude::*;

fn handed_out(id: u128) -> Loan {
    Loan {
        id: Uuid::from_u128(id),
        file: Uuid::from_u128(id + 100),
        borrower: Uuid::from_u128(2),
        grant: Some(Uuid::from_u128(id + 200)),
        level: "secret".into(),
        justification: "a visit".into(),
        purpose: "visit".into(),
        acceptance: Acceptance { duties: vec!["no_copies".into()], signature_reference: "slip 7".into() },
        handed_out_by: Uuid::from_u128(3),
        out_at: 10,
        due_at: 20,
        state: State::Out,
        renewals: 0,
        recalled_at: None,
        recalled_by: None,
        condition: None,
        received_by: None,
        returned_at: None,
        case_reference: None,
        version: 1,
        updated_at: 10,
        items: vec![item(id, id + 100, 0), item(id, id + 300, 1)],
    }
}

fn item(loan: u128, item: u128, place: i64) -> LoanItem {
    LoanItem {
        id: Uuid::from_u128(loan * 1000 + item),
        loan: Uuid::from_u128(loan),
        file: Uuid::from_u128(loan + 100),
        item: Uuid::from_u128(item),
        place,
        material: "volume 1".into(),
        copies: 2,
        pages: Some(7),
        inspection: None,
        returned_at: None,
        version: 1,
    }
}

// Everything that a change writes.
fn bring_back(loan: &mut Loan) {
    loan.due_at = 21;
    loan.renewals = 1;
    loan.state = State::ReturnedWithDifference;
    (loan.recalled_at, loan.recalled_by) = (Some(12), Some(Uuid::from_u128(4)));
    loan.condition = Some(Condition::Damaged);
    let found = Inspection {
        condition: Condition::Damaged,
        copies: 1,
        pages: Some(6),
        inspected: vec!["pages".into()],
        differences: vec!["page 7".into()],
        restored_location: "shelf 3".into(),
    };
    for item in &mut loan.items {
        (item.inspection, item.returned_at) = (Some(found.clone()), Some(15));
    }
    (loan.received_by, loan.returned_at) = (Some(Uuid::from_u128(5)), Some(15));
    loan.case_reference = Some("2026-1".into());
}

on_both_stores! {
    async fn a_row_comes_out_as_it_went_in_and_as_it_was_changed(world) {
        let mut tx = world.db(Which::Access).write().await.unwrap();
        let mut one = handed_out(1);
        assert_eq!(loan::insert(&mut tx, BENCH, &one).await.unwrap(), None);
        assert_eq!(loan::lookup(&mut tx, BENCH, one.id).await.unwrap().as_ref(), Some(&one));
        bring_back(&mut one);
        loan::update(&mut tx, BENCH, &mut one, 15).await.unwrap();
        assert_eq!((one.version, one.updated_at), (2, 15));
        assert_eq!(loan::lookup(&mut tx, BENCH, one.id).await.unwrap().as_ref(), Some(&one));
        assert!(loan::lookup(&mut tx, "elsewhere", one.id).await.unwrap().is_none());
    }

    async fn a_row_is_written_once(world) {
        let mut tx = world.db(Which::Access).write().await.unwrap();
        let (one, mut other) = (handed_out(1), handed_out(1));
        other.level = "none".into();
        assert_eq!(loan::insert(&mut tx, BENCH, &one).await.unwrap(), None);
        assert_eq!(loan::insert(&mut tx, BENCH, &other).await.unwrap_err().reason(), Reason::ConflictRetry);
        assert_eq!(loan::lookup(&mut tx, BENCH, one.id).await.unwrap(), Some(one));
    }

    // proves: I1, A-31
    async fn an_item_that_is_out_is_on_no_other_loan_until_it_is_back(world) {
        let mut tx = world.db(Which::Access).write().await.unwrap();
        let mut one = handed_out(1);
        assert_eq!(loan::insert(&mut tx, BENCH, &one).await.unwrap(), None);
        let taken = one.items[1].item;
        let other = |id: u128| Loan { items: vec![item(id, 301, 0)], ..handed_out(id) };
        let out = loan::insert(&mut tx, BENCH, &other(2)).await.unwrap().map(|item| item.item);
        assert_eq!((out, loan::open_of_item(&mut tx, BENCH, taken).await.unwrap().map(|loan| loan.id)), (Some(taken), Some(one.id)));
        bring_back(&mut one);
        loan::update(&mut tx, BENCH, &mut one, 15).await.unwrap();
        assert_eq!(loan::insert(&mut tx, BENCH, &other(3)).await.unwrap(), None);
    }

    async fn a_row_is_changed_from_the_version_that_was_read_and_never_when_it_is_final(world) {
        let mut tx = world.db(Which::Access).write().await.unwrap();
        let mut one = handed_out(1);
        loan::insert(&mut tx, BENCH, &one).await.unwrap();
        let mut late = one.clone();
        one.renewals = 1;
        loan::update(&mut tx, BENCH, &mut one, 11).await.unwrap();
        let fault = loan::update(&mut tx, BENCH, &mut late, 12).await.unwrap_err();
        assert_eq!(fault.reason(), Reason::ConflictRetry, "somebody was faster");
        bring_back(&mut one);
        loan::update(&mut tx, BENCH, &mut one, 15).await.unwrap();
        let fault = loan::update(&mut tx, BENCH, &mut one, 16).await.unwrap_err();
        assert_eq!(fault.reason(), Reason::ConflictRetry, "what is back is never changed again");
    }
}
