//! I1.

use dossier_proto::journal::v1::LoanChanged;
use dossier_proto::journal::v1::event::Kind;

use super::{force, forge, turns_red};
use crate::prelude::*;

// Another loan of what is out.
const SECOND: &str =
    "INSERT INTO loan (org, id, file, borrower, grant_id, level, reason, duties, signature_reference, handed_out_by, out_at, due_at, state)
     SELECT org, $1, file, borrower, NULL, level, reason, duties, signature_reference, handed_out_by, out_at, due_at, state FROM loan";
const SECOND_ITEM: &str = "INSERT INTO loan_item (org, id, loan, file, item, place, material, copies)
     SELECT org, $1, $1, file, item, place, material, copies FROM loan_item";

on_both_stores! {
    // proves: I1
    async fn a_second_open_loan_of_an_original_is_seen(world) {
        let file = world.active(1).await;
        let mut request = world.handing_out(&file.name, "gm", "").await;
        request.duration = Some(hours(2));
        world.access("archivist").loans.check_out_items(request).await.good();
        let red = turns_red!(check::originals, world, {
            force(world, Which::Access, "DROP INDEX loan_item_open").await;
            let mut tx = world.db(Which::Access).write().await.unwrap();
            for text in [SECOND, SECOND_ITEM] {
                sql!(&mut tx, execute, text, Uuid::from_u128(1)).unwrap();
            }
            tx.commit().await.unwrap();
        });
        assert!(red.iter().any(|fault| fault.contains("out 2 times")), "{red:?}");
    }

    // proves: I1
    async fn two_open_loans_in_the_journal_are_seen(world) {
        let file = world.active(1).await;
        let loan = |n: u128| {
            Kind::LoanChanged(LoanChanged {
                loan: format!("loans/{}", Uuid::from_u128(n)),
                file: file.name.clone(),
                borrower: format!("persons/{}", Uuid::from_u128(9)),
                state: "LOAN_STATE_OUT".into(),
                ..LoanChanged::default()
            })
        };
        turns_red!(check::originals, world, {
            forge(world, Which::Access, "loan.checked_out", "loans/1", loan(1)).await;
            forge(world, Which::Access, "loan.checked_out", "loans/2", loan(2)).await;
        });
    }
}
