//! What versions between two releases left in the shared tables, and what the migrations after them make of it.

use dossier_authority::store::loan;
use sqlx::AssertSqlSafe;

use super::BENCH;
use crate::prelude::*;

const BEFORE: &str = include_str!("../../../services/authority/migrations/3350_loan_copy.sql");
const CARRIED: &str = include_str!("../../../services/authority/migrations/3361_loan_item_copy_carried.sql");
const GONE: &str = include_str!("../../../services/authority/migrations/3362_loan_copy_gone.sql");

async fn migrate(world: &World, text: &str) {
    let mut tx = world.db(Which::Profile).write().await.unwrap();
    for one in text.split(';').filter(|one| !one.trim().is_empty()) {
        sql!(&mut tx, execute, AssertSqlSafe(one.to_owned())).unwrap();
    }
    tx.commit().await.unwrap();
}

on_both_stores! {
    // proves: A-31, P-10
    async fn originals_that_were_out_are_out_as_the_paper_of_their_files(world) {
        let [id, file, borrower] = [1, 2, 3].map(Uuid::from_u128);
        migrate(world, BEFORE).await;
        let mut tx = world.db(Which::Profile).write().await.unwrap();
        let text = "INSERT INTO loan_copy (org, id, file, borrower, due_at) VALUES ($1, $2, $3, $4, 7)";
        sql!(&mut tx, execute, text, BENCH, id, file, borrower).unwrap();
        tx.commit().await.unwrap();
        migrate(world, CARRIED).await;
        migrate(world, GONE).await;
        let mut tx = world.db(Which::Profile).write().await.unwrap();
        let out = loan::of_items(&mut tx, BENCH, &[file].into()).await.unwrap();
        let expected = loan::Lent { loan: id, item: file, file, borrower, due_at: 7 };
        assert_eq!(out.into_values().collect::<Vec<_>>(), [expected]);
        loan::forget(&mut tx, BENCH, id).await.unwrap();
        assert!(loan::of_items(&mut tx, BENCH, &[file].into()).await.unwrap().is_empty());
    }
}
