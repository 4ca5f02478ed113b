//! Random lives of the items of a file against a model of a few lines: who has which, and that nothing is in two hands (A-31, I1).

use dossier_proto::profile::v1::DocumentCarrier;
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{KEEPER, item_of, paper, sound};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Handle;

use super::*;

const BORROWERS: [&str; 2] = ["gm", "deputy"];

/// Items of one file, by their places in `Scene::items`; the first is its paper.
type Things = std::collections::BTreeSet<usize>;

#[derive(Clone, Debug)]
enum Act {
    /// To whom, on one slip.
    CheckOut(&'static str, Things),
    /// Which of the loans that are open, if so many are.
    Return(usize),
}

struct Scene {
    file: String,
    items: Vec<String>,
}

/// A loan as the model has it.
type Out = (&'static str, Things, pb::Loan);

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => (prop::sample::select(&BORROWERS[..]), btree_set(0_usize..3, 1..3)).prop_map(|(who, items)| Act::CheckOut(who, items)),
        2 => (0_usize..3).prop_map(Act::Return),
    ];
    vec(act, 1..10)
}

// A file with its paper and two letters on a shelf.
async fn scene(world: &World) -> Scene {
    let file = world.active(1).await.name;
    let shelf = world.stand("shelf", "三号架", &world.stand("room", "档案库房", "").await).await;
    let list = world.handed(&file, &shelf).await;
    world.advance(KEEPER, &list).await.good();
    let mut items = vec![file.clone()];
    for title in ["来函一", "来函二"] {
        let letter = paper("letter", DocumentCarrier::Original, title);
        items.push(item_of(&world.file_document("sales-1", &file, letter).await.good().name));
    }
    let things: Vec<_> = items[1..].iter().map(|item| (item.as_str(), shelf.as_str())).collect();
    world.deposited(&file, &things, "sales-manager").await;
    world.settle().await;
    Scene { file, items }
}

async fn check_out(world: &World, scene: &Scene, borrower: &str, items: &Things) -> Result<pb::Loan, Reason> {
    let thing = |at: &usize| pb::LoanedItem {
        item: scene.items[*at].clone(),
        description: "一件".into(),
        copies: 1,
        ..pb::LoanedItem::default()
    };
    let items = items.iter().map(thing).collect();
    let order = pb::CheckOutItemsRequest { items, ..world.handing_out(&scene.file, borrower, "").await };
    let answer = world.access(KEEPER).loans.check_out_items(order).await;
    answer.map(tonic::Response::into_inner).map_err(|status| Refused::of(&status).reason)
}

async fn bring_back(world: &World, loan: &pb::Loan) {
    let found = |item: &pb::LoanedItem| {
        let one = pb::Loan { items: vec![item.clone()], ..loan.clone() };
        pb::ItemInspection { item: item.item.clone(), ..sound(&one) }
    };
    let request = pb::ReturnLoanRequest {
        name: loan.name.clone(),
        inspections: loan.items.iter().map(found).collect(),
        request_id: world.request_id(),
        ..pb::ReturnLoanRequest::default()
    };
    world.access(KEEPER).loans.return_loan(request).await.good();
}

// What is out, by item and borrower, in the ledger and by the model; and whether the paper may be lent.
async fn compare(world: &World, scene: &Scene, out: &[Out]) {
    let filter = format!("file = \"{}\" AND state = OUT", scene.file);
    let list = pb::ListLoansRequest { filter, ..pb::ListLoansRequest::default() };
    let mut told: Vec<_> = Vec::new();
    for loan in world.access(KEEPER).loans.list_loans(list).await.good().loans {
        told.extend(loan.items.into_iter().map(|item| (item.item, loan.borrower.clone())));
    }
    let mut expected = Vec::new();
    for (borrower, items, _) in out {
        let who = world.who(borrower).await;
        expected.extend(items.iter().map(|at| (scene.items[*at].clone(), who.clone())));
    }
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
    let free = !out.iter().any(|(_, items, _)| items.contains(&0));
    assert_eq!(may(world, "gm", &scene.file, AccessKind::Original).await.allowed, free);
}

async fn live(world: &World, scene: &Scene, life: Vec<Act>) {
    let mut out = Vec::<Out>::new();
    for act in life {
        match act {
            Act::CheckOut(borrower, items) => {
                let taken = out.iter().any(|(_, others, _)| !others.is_disjoint(&items));
                match check_out(world, scene, borrower, &items).await {
                    Ok(loan) if !taken => out.push((borrower, items, loan)),
                    answer => {
                        assert!(taken && answer == Err(Reason::OriginalOut), "{items:?} beside {out:?}: {answer:?}")
                    }
                }
            }
            Act::Return(at) if at < out.len() => bring_back(world, &out.remove(at).2).await,
            Act::Return(_) => {}
        }
        compare(world, scene, &out).await;
    }
    // The next life begins with everything in its place.
    for (_, _, loan) in out {
        bring_back(world, &loan).await;
    }
}

on_both_stores_under! {
    Rules::of("ROOMS");

    // proves: A-31, I1
    async fn every_life_of_the_items_of_a_file_is_the_models(world) {
        let scene = scene(world).await;
        let runtime = Handle::current();
        tokio::task::block_in_place(|| {
            let config = Config { cases: 16, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
            let run = |life| {
                runtime.block_on(live(world, &scene, life));
                Ok(())
            };
            TestRunner::new(config).run(&acts(), run).unwrap();
        });
        check::proven(world).await;
    }
}
