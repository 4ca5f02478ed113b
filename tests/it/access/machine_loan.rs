//! Random lives of originals against a model of a few lines (A-30 to A-32, I1).

use dossier_tests::scene::sound;
use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Handle;

use super::*;

const BORROWERS: [&str; 2] = ["gm", "deputy"];

#[derive(Clone, Copy, Debug)]
enum Act {
    /// By whom, for how many hours.
    CheckOut(&'static str, i64),
    /// To how many hours from the hand-out.
    Renew(i64),
    Recall,
    /// Whether something differs.
    Return(bool),
    Pass(i64),
}

#[derive(Clone, Debug)]
struct Out {
    borrower: &'static str,
    out: Timestamp,
    due: Timestamp,
    renewals: i32,
    recalled: bool,
}

/// Longer than ten working days, whatever day it is.
const TOO_LONG: i64 = 24 * 60;

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let term = prop::sample::select(&[2_i64, 8, 48, TOO_LONG][..]);
    let act = prop_oneof![
        4 => (prop::sample::select(&BORROWERS[..]), term.clone()).prop_map(|(who, term)| Act::CheckOut(who, term)),
        2 => term.prop_map(Act::Renew),
        1 => Just(Act::Recall),
        3 => any::<bool>().prop_map(Act::Return),
        2 => prop::sample::select(&[1_i64, 2, 7][..]).prop_map(Act::Pass),
    ];
    vec(act, 1..14)
}

/// What has to happen, and where the original then is.
fn expect(model: &Option<Out>, known: bool, act: Act, now: Timestamp) -> (Result<(), Reason>, Option<Out>) {
    let wrong = |reason| (Err(reason), model.clone());
    let after = |hours| now + SignedDuration::from_hours(hours);
    match (act, model) {
        (Act::CheckOut(_, TOO_LONG), _) => wrong(Reason::LoanTooLong),
        (Act::CheckOut(..), Some(_)) => wrong(Reason::OriginalOut),
        (Act::CheckOut(borrower, term), None) => {
            (Ok(()), Some(Out { borrower, out: now, due: after(term), renewals: 0, recalled: false }))
        }
        (Act::Pass(_), model) => (Ok(()), model.clone()),
        (Act::Renew(_) | Act::Recall | Act::Return(_), None) if !known => (Ok(()), None),
        (Act::Renew(_) | Act::Recall | Act::Return(_), None) => wrong(Reason::WrongState),
        (Act::Return(_), Some(_)) => (Ok(()), None),
        (Act::Recall, Some(out)) if out.recalled => wrong(Reason::WrongState),
        (Act::Recall, Some(out)) => (Ok(()), Some(Out { recalled: true, due: out.due.min(now), ..out.clone() })),
        (Act::Renew(_), Some(out)) if out.recalled || now > out.due || out.renewals > 0 => {
            wrong(Reason::RenewalRefused)
        }
        (Act::Renew(term), Some(out)) => {
            let due = out.out + SignedDuration::from_hours(term);
            match term {
                _ if due <= out.due => wrong(Reason::FieldViolation),
                TOO_LONG => wrong(Reason::LoanTooLong),
                _ => (Ok(()), Some(Out { due, renewals: 1, ..out.clone() })),
            }
        }
    }
}

async fn act(world: &World, act: Act, file: &str, last: &mut Option<pb::Loan>) -> Result<(), Reason> {
    let mut calls = world.access("archivist").loans;
    let name = last.as_ref().map(|loan| loan.name.clone()).unwrap_or_default();
    let answer = match (act, last.as_ref()) {
        (Act::Pass(step), _) => {
            world.pass(SignedDuration::from_hours(step));
            return Ok(());
        }
        (Act::CheckOut(borrower, term), _) => {
            let order =
                pb::CheckOutItemsRequest { duration: Some(hours(term)), ..world.handing_out(file, borrower, "").await };
            calls.check_out_items(order).await
        }
        // Nothing was ever handed out.
        (_, None) => return Ok(()),
        (Act::Renew(term), Some(_)) => {
            let reason = "尚未核对完毕".into();
            calls
                .renew_loan(pb::RenewLoanRequest {
                    name,
                    duration: Some(hours(term)),
                    reason,
                    ..pb::RenewLoanRequest::default()
                })
                .await
        }
        (Act::Recall, Some(_)) => {
            calls
                .recall_loan(pb::RecallLoanRequest {
                    name,
                    reason: "审计需要".into(),
                    ..pb::RecallLoanRequest::default()
                })
                .await
        }
        (Act::Return(differs), Some(loan)) => {
            let mut found = sound(loan);
            found.pages = found.pages.map(|pages| pages - i32::from(differs));
            world.take_back(loan, found).await
        }
    };
    let answer = answer.map_err(|status| Refused::of(&status).reason)?.into_inner();
    assert_eq!(instant(answer.update_time.as_ref()), world.now());
    *last = Some(answer);
    Ok(())
}

async fn compare(world: &World, file: &str, model: &Option<Out>, last: &Option<pb::Loan>) {
    let now = world.now();
    let check = may(world, "gm", file, AccessKind::Original).await;
    let free = if model.is_some() { pb::AccessReason::OnLoan } else { pb::AccessReason::Executive };
    assert_eq!((check.allowed, check.reason()), (model.is_none(), free));
    let list = pb::ListOverdueLoansRequest::default();
    let overdue = world.access("archivist").loans.list_overdue_loans(list).await.good().loans;
    let late = model.as_ref().is_some_and(|out| now > out.due);
    assert_eq!(overdue.len(), usize::from(late));
    let Some(last) = last else { return };
    let stands = loan_of(world, "archivist", &last.name).await;
    match model {
        None => assert!(stands.return_time.is_some() && !stands.overdue),
        Some(out) => {
            let state = if out.recalled { pb::LoanState::Recalled } else { pb::LoanState::Out };
            let told = (stands.state(), instant(stands.due_time.as_ref()), stands.renewals, stands.overdue);
            assert_eq!(told, (state, out.due, out.renewals, late));
            assert_eq!(stands.borrower, world.who(out.borrower).await);
        }
    }
}

async fn live(world: &World, file: &str, life: Vec<Act>) {
    let (mut model, mut last) = (None::<Out>, None::<pb::Loan>);
    for what in life {
        let (expected, next) = expect(&model, last.is_some(), what, world.now());
        assert_eq!(act(world, what, file, &mut last).await, expected, "{what:?} on {model:?}");
        if let (Act::Return(differs), Some(_)) = (what, &model) {
            assert_eq!(!last.as_ref().unwrap().case_reference.is_empty(), differs);
        }
        model = next;
        compare(world, file, &model, &last).await;
    }
    // The next life begins with the original in its place.
    if let (Some(_), Some(loan)) = (&model, &last) {
        world.take_back(loan, sound(loan)).await.good();
    }
}

on_sqlite! {
    // proves, I1
    async fn every_life_of_an_original_is_the_models(world) {
        let file = world.active(1).await;
        let runtime = Handle::current();
        tokio::task::block_in_place(|| {
            let config = Config { cases: 30, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
            let run = |life| {
                runtime.block_on(live(world, &file.name, life));
                Ok(())
            };
            TestRunner::new(config).run(&acts(), run).unwrap();
        });
        check::holds(world).await;
    }
}
