//! Loans of items: the paper of a file, a document, several things on one slip; what is never lent, and what nobody is told of
//! (A-29, A-31, A-32, A-36, P-10, I1, I10).

use dossier_proto::profile::v1::{DocumentCarrier, Item};
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{KEEPER, item_of, paper, paper_of, reference, slip};
use tokio::task::JoinSet;

use super::*;

// A file with its paper and a letter on a shelf; also the other shelf.
struct Kept {
    file: String,
    letter: String,
    shelf: String,
    other: String,
}

async fn kept(world: &World) -> Kept {
    let file = world.active(1).await.name;
    let room = world.stand("room", "档案库房", "").await;
    let (shelf, other) = (world.stand("shelf", "三号架", &room).await, world.stand("shelf", "四号架", &room).await);
    let list = world.handed(&file, &shelf).await;
    world.advance(KEEPER, &list).await.good();
    let letter = on_paper(world, "sales-1", &file, "letter").await;
    world.deposited(&file, &[(&letter, &shelf)], "sales-manager").await;
    world.settle().await;
    Kept { file, letter, shelf, other }
}

// A document on paper, by the name of its item.
async fn on_paper(world: &World, subject: &str, file: &str, kind: &str) -> String {
    let one = paper(kind, DocumentCarrier::Original, "原件");
    item_of(&world.file_document(subject, file, one).await.good().name)
}

fn thing(item: &str) -> pb::LoanedItem {
    pb::LoanedItem { item: item.into(), description: "一件".into(), copies: 1, ..pb::LoanedItem::default() }
}

async fn order(world: &World, file: &str, borrower: &str, items: &[&str]) -> pb::CheckOutItemsRequest {
    let items = items.iter().map(|item| thing(item)).collect();
    pb::CheckOutItemsRequest { items, ..world.handing_out(file, borrower, "").await }
}

async fn lend(
    world: &World,
    file: &str,
    borrower: &str,
    items: &[&str],
) -> Result<tonic::Response<pb::Loan>, tonic::Status> {
    let order = order(world, file, borrower, items).await;
    world.access(KEEPER).loans.check_out_items(order).await
}

// What is found of each thing, with nothing that differs.
fn all_sound(loan: &pb::Loan) -> Vec<pb::ItemInspection> {
    let found = |item: &pb::LoanedItem| {
        let one = pb::Loan { items: vec![item.clone()], ..loan.clone() };
        pb::ItemInspection { item: item.item.clone(), ..dossier_tests::scene::sound(&one) }
    };
    loan.items.iter().map(found).collect()
}

async fn bring_back(
    world: &World,
    loan: &pb::Loan,
    inspections: Vec<pb::ItemInspection>,
) -> Result<tonic::Response<pb::Loan>, tonic::Status> {
    let request = pb::ReturnLoanRequest {
        name: loan.name.clone(),
        inspections,
        request_id: world.request_id(),
        ..pb::ReturnLoanRequest::default()
    };
    world.access(KEEPER).loans.return_loan(request).await
}

async fn item(world: &World, subject: &str, name: &str) -> Item {
    let (file, _) = name.split_once("/items/").unwrap();
    world.items(subject, file, "").await.into_iter().find(|one| one.name == name).expect("it is told of")
}

on_both_stores_under! {
    Rules::of("ROOMS");

    // proves: A-31, P-10, I1
    async fn two_things_of_a_file_are_lent_to_two_people_and_each_says_of_itself_where_it_is(world) {
        let Kept { file, letter, .. } = kept(world).await;
        let one = lend(world, &file, "gm", &[&letter]).await.good();
        assert_eq!(one.items.iter().map(|item| item.item.as_str()).collect::<Vec<_>>(), [letter.as_str()]);
        let two = world.check_out(&file, "finance-director", "").await.good();
        assert_eq!(two.items[0].item, file, "whoever names nothing lends the paper, by the name of before");
        for (borrower, item, told) in [("deputy", letter.as_str(), letter.as_str()), ("deputy", "", file.as_str()), ("gm", &paper_of(&file), &file)] {
            let refused = lend(world, &file, borrower, &[item]).await.refused(Reason::OriginalOut);
            assert_eq!((refused.metadata["item"].as_str(), refused.metadata["file"].as_str()), (told, file.as_str()));
        }
        world.settle().await;
        let at = world.read(KEEPER, &file).await.good().whereabouts.unwrap();
        assert_eq!((at.lent, at.borrower.as_str()), (true, two.borrower.as_str()));
        let told = item(world, KEEPER, &letter).await;
        assert_eq!((told.lent, told.borrower.as_str(), told.due_time), (true, one.borrower.as_str(), one.due_time));
        let told = item(world, "sales-1", &letter).await;
        assert_eq!((told.lent, told.borrower.as_str(), told.due_time), (true, "", None));
        bring_back(world, &one, all_sound(&one)).await.good();
        world.settle().await;
        assert!(!item(world, KEEPER, &letter).await.lent && item(world, KEEPER, &paper_of(&file)).await.lent);
        assert_eq!(may(world, "deputy", &file, AccessKind::Original).await.reason(), pb::AccessReason::OnLoan);
        check::proven(world).await;
    }

    // proves: P-10, A-36
    async fn what_is_lent_does_not_move_and_the_rest_of_its_file_does(world) {
        let Kept { file, other, .. } = kept(world).await;
        let letter = on_paper(world, "sales-1", &file, "letter").await;
        let slip_of_letter = world.deposited(&file, &[(&letter, &other)], "sales-manager").await;
        world.settle().await;
        let one = lend(world, &file, "gm", &[&letter]).await.good();
        world.settle().await;
        let refused = world.advance(KEEPER, &slip_of_letter.name).await.refused(Reason::OriginalOut);
        assert_eq!(refused.metadata["item"], letter);
        let moving = world.note(KEEPER, &file, slip("moving", &[("place", reference(&other))])).await.good();
        world.advance(KEEPER, &moving.name).await.good();
        assert_eq!(world.read(KEEPER, &file).await.good().whereabouts.unwrap().place, other);
        bring_back(world, &one, all_sound(&one)).await.good();
        world.settle().await;
        world.advance(KEEPER, &slip_of_letter.name).await.good();
        // What was given out of the archive is lent by nobody.
        world.settle().await;
        let refused = lend(world, &file, "gm", &[&letter]).await.refused(Reason::WrongState);
        assert_eq!((refused.metadata["resource"].as_str(), refused.metadata["state"].as_str()), (letter.as_str(), "RELEASED"));
        check::proven(world).await;
    }

    // proves, I1
    async fn one_slip_lends_several_things_and_each_comes_back_with_its_own_inspection(world) {
        let Kept { file, letter, .. } = kept(world).await;
        let twice = lend(world, &file, "gm", &["", &file]).await.refused(Reason::FieldViolation);
        assert_eq!(twice.fields, ["items.1.item"]);
        let foreign = letter.replace(&file, NO_FILE);
        assert_eq!(lend(world, &file, "gm", &[&foreign]).await.refused(Reason::FieldViolation).fields, ["items.0.item"]);
        let loan = lend(world, &file, "gm", &["", &letter]).await.good();
        assert_eq!(loan.items.iter().map(|item| item.item.as_str()).collect::<Vec<_>>(), [file.as_str(), &letter]);
        for taken in [vec![""], vec![letter.as_str()], vec![letter.as_str(), ""]] {
            lend(world, &file, "deputy", &taken).await.refused(Reason::OriginalOut);
        }
        let whole = all_sound(&loan);
        for (inspections, field) in [
            (vec![whole[0].clone()], "inspections"),
            (vec![whole[0].clone(), whole[0].clone()], "inspections.1.item"),
            (vec![whole[0].clone(), pb::ItemInspection { item: String::new(), ..whole[1].clone() }], "inspections.1.item"),
            (vec![whole[0].clone(), pb::ItemInspection { copies: None, ..whole[1].clone() }], "inspections.1.copies"),
        ] {
            assert_eq!(bring_back(world, &loan, inspections).await.refused(Reason::FieldViolation).fields, [field]);
        }
        let marked = pb::ItemInspection { condition: pb::ReturnCondition::Marked.into(), ..whole[1].clone() };
        let back = bring_back(world, &loan, vec![marked, whole[0].clone()]).await.good();
        assert_eq!((back.state(), back.case_reference.is_empty()), (pb::LoanState::ReturnedWithDifference, false));
        let found: Vec<_> = back.items.iter().map(|item| item.inspection.clone().unwrap().condition()).collect();
        assert_eq!(found, [pb::ReturnCondition::Sound, pb::ReturnCondition::Marked]);
        assert_eq!(loan_of(world, KEEPER, &loan.name).await, back);
        lend(world, &file, "deputy", &[&letter]).await.good();
        check::proven(world).await;
    }

    // proves: A-31, I1
    async fn of_sixteen_hand_outs_of_one_item_at_once_one_succeeds(world) {
        let Kept { file, letter, .. } = kept(world).await;
        let other = world.replica().await;
        let mut tasks = JoinSet::new();
        for task in 0..16 {
            let place: &Replica = if task % 2 == 0 { world } else { &other };
            let mut calls = place.access(KEEPER).loans;
            let borrower = ["gm", "deputy", "office-director", "finance-director"][task % 4];
            // Some ask for the paper too, in either order: none waits for another that waits for it.
            let items = [vec![letter.as_str()], vec!["", &letter], vec![&letter, ""]];
            let order = order(world, &file, borrower, &items[task % 3]).await;
            tasks.spawn(async move { calls.check_out_items(order).await });
        }
        let (mut out, mut refused) = (0, 0);
        while let Some(answer) = tasks.join_next().await {
            match answer.unwrap() {
                Ok(_) => out += 1,
                Err(status) => {
                    assert_eq!(Refused::of(&status).reason, Reason::OriginalOut, "{status:?}");
                    refused += 1;
                }
            }
        }
        assert_eq!((out, refused), (1, 15));
        other.stop().await;
        check::proven(world).await;
    }

    // proves: A-36
    async fn what_is_kept_like_cash_is_never_lent_and_neither_is_what_the_rules_keep(world) {
        let Kept { file, shelf, .. } = kept(world).await;
        let safe = world.stand("safe", "一号保险柜", &world.stand("room", "金库", "").await).await;
        let (deed, card) = (on_paper(world, "sales-1", &file, "deed").await, on_paper(world, "sales-1", &file, "seal_card").await);
        world.deposited(&file, &[(&deed, &safe), (&card, &shelf)], "sales-manager").await;
        world.settle().await;
        for kept in [&deed, &card] {
            let refused = lend(world, &file, "gm", &["", kept]).await.refused(Reason::CustodyRefused);
            assert_eq!((refused.metadata["item"].as_str(), refused.metadata["ground"].as_str()), (kept.as_str(), "never_lent"));
        }
        // The refusal lent nothing of the slip.
        lend(world, &file, "gm", &[""]).await.good();
        check::proven(world).await;
    }

    // proves: I10, A-02
    async fn what_the_borrower_is_not_told_of_is_refused_like_what_is_not_there(world) {
        let Kept { file, letter, shelf, .. } = kept(world).await;
        let minutes = on_paper(world, KEEPER, &file, "minutes").await;
        world.deposited(&file, &[(&minutes, &shelf)], "sales-manager").await;
        let at_hand = on_paper(world, "sales-1", &file, "letter").await;
        world.settle().await;
        let nothing = format!("{file}/items/{}", Uuid::from_u128(7));
        let mut told = Vec::new();
        // Never there, never accepted, above the grade of who borrows.
        for item in [&nothing, &at_hand, &minutes] {
            let refused = lend(world, &file, "finance-director", &[item]).await.refused(Reason::ResourceNotFound);
            told.push(format!("{refused:?}").replace(item.as_str(), "*"));
        }
        assert!(told.iter().all(|one| *one == told[0]), "{told:#?}");
        let loan = lend(world, &file, "gm", &[&minutes]).await.good();
        assert_eq!(loan.items[0].item, minutes);
        // On a right it is the same: a colleague of the unit borrows the letter, and not what is above their grade.
        let grant = world.granted("sales-2", &file, AccessKind::Original, &["sales-manager", "office-director"]).await.name;
        world.deposited(&file, &[(&at_hand, &shelf)], "sales-manager").await;
        let above = on_paper(world, KEEPER, &file, "minutes").await;
        world.deposited(&file, &[(&above, &shelf)], "sales-manager").await;
        world.settle().await;
        for (items, lent) in [(vec![letter.as_str(), &above], false), (vec![letter.as_str(), &at_hand], true)] {
            let items = items.into_iter().map(thing).collect();
            let order = pb::CheckOutItemsRequest { items, ..world.handing_out(&file, "sales-2", &grant).await };
            let answer = world.access(KEEPER).loans.check_out_items(order).await;
            match lent {
                true => drop(answer.good()),
                false => drop(answer.refused(Reason::ResourceNotFound)),
            }
        }
        check::proven(world).await;
    }
}
