//! I10: what a reader may not see leaves no trace in anything they are told.
//!
//! Two ways to look. In one the world is asked before an invisible file comes to be and after, with all that hangs on
//! it: rating, limit, reservation, loan, grant. Nothing but the file differs, and the answers are compared byte by
//! byte. In the other everything that can be asked by name is asked of the invisible file and of one that does not
//! exist; only the name that was asked for may differ.

mod contested;
mod merged;
pub(crate) mod questions;

use dossier_proto::access::v1::{GetGrantRequest, RequestAccessRequest};
use dossier_proto::journal::v1::{Entry, EntryBody, ListEntriesResponse};
use dossier_proto::profile::v1::{FileNumberState, ListFileNumbersRequest};
use dossier_proto::types::AccessKind;
use dossier_tests::on_both_stores_under;
use dossier_tests::raw::Raw;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{pdf, talk, to_hand_over};

use prost::Message;

use crate::prelude::*;
use questions::{Names, Question, by_name, collections};

/// A file with everything that can hang on one, then raised to 机密: invisible below that clearance, for its own
/// author too.
async fn hidden(world: &World) -> Names {
    let file = world.active(2).await.name;
    let record = world.note("sales-1", &file, talk(world.now(), "x")).await.good().name;
    let document = world.scanned("sales-1", &file, &pdf(2_000)).await.name;
    let upload = world.an_upload(&document).rsplit('/').next().unwrap().to_owned();
    let rating = world.rating(&file).await.name;
    let limit = world.limit(&file, 100_000).await;
    let reservation = world.reserve(&file, 40_000).await.good().name;
    let loan = world.check_out(&file, "finance-director", "").await.good().name;
    world.classify("archivist", &file, "secret").await.good();
    world.settle().await;
    let asked = RequestAccessRequest { reading_place: "archive_room".into(), ..world.asking(&file, AccessKind::View) };
    let mut director = world.access("finance-director").requests;
    let request = director.request_access(asked).await.good().access_request.unwrap();
    world.approve("gm", &request.approval).await.good();
    let name = request.name.clone();
    let get = dossier_proto::access::v1::GetAccessRequestRequest { name };
    let grant = director.get_access_request(get).await.good().grant;
    director.get_grant(GetGrantRequest { name: grant.clone() }).await.good();
    world.settle().await;
    Names {
        file,
        rating,
        limit: limit.name,
        reservation,
        loan,
        request: request.name,
        grant,
        approval: request.approval,
        record,
        document,
        upload,
    }
}

async fn ask(world: &World, subject: &str, question: &Question) -> Raw {
    world.raw(question.which, world.person(DEMO, subject), question.method, question.message.clone()).await
}

async fn ask_all(world: &World, subject: &str, questions: &[Question]) -> Vec<Raw> {
    let mut answers = Vec::new();
    for question in questions {
        answers.push(ask(world, subject, question).await);
    }
    answers
}

/// The entries in answers of `ListEntries`, whole: numbers and proofs included.
fn entries(answers: &[Raw]) -> Vec<Entry> {
    let read = |answer: &Raw| match answer {
        Raw::Message(bytes) => ListEntriesResponse::decode(&bytes[..]).unwrap().entries,
        refused => panic!("refused: {refused:?}"),
    };
    answers.iter().flat_map(read).collect()
}

#[track_caller]
fn alike(subject: &str, questions: &[Question], before: &[Raw], after: &[Raw]) {
    for (question, (before, after)) in questions.iter().zip(before.iter().zip(after)) {
        assert!(before == after, "{} tells {subject} apart:\n{before:?}\n{after:?}", question.method);
    }
}

on_both_stores_under! {
    Rules::of("PAPERS");

    // proves: I10, A-01, A-23
    async fn an_invisible_file_changes_no_byte_of_any_answer(world) {
        let visible = world.active(1).await.name;
        world.model().await;
        world.limit(&visible, 5_000).await;
        world.settle().await;
        // Nobody of them took part in what will be hidden.
        let readers = ["service-1", "sales-2", "auditor"];
        let mut before = Vec::new();
        for reader in readers {
            let questions = collections(reader, &visible);
            before.push((questions.clone(), ask_all(world, reader, &questions).await));
        }
        // Refusals and disclosures of these questions are journaled: the journals are asked when that is done.
        world.settle().await;
        let journals = questions::journals();
        let trail = entries(&ask_all(world, "auditor", &journals).await);
        let names = hidden(world).await;
        // The auditor's post shows the whole journal: of what is hidden who did what and when, and no content.
        let told = entries(&ask_all(world, "auditor", &journals).await);
        let mut of_hidden = 0;
        for entry in told.iter().filter(|entry| !trail.contains(entry)) {
            let body = EntryBody::decode(&entry.body[..]).unwrap();
            of_hidden += usize::from(body.subject == names.file);
            assert!(entry.abridged || body.subject != names.file, "{body:?}");
            assert!(!entry.abridged || (body.event.is_none() && body.commitments.is_empty()), "{body:?}");
        }
        assert!(of_hidden > 0);
        for (reader, (questions, answers)) in readers.into_iter().zip(&before) {
            alike(reader, questions, answers, &ask_all(world, reader, questions).await);
        }
    }

    // proves: I10, A-01
    async fn an_invisible_file_answers_as_one_that_does_not_exist(world) {
        let visible = world.active(1).await.name;
        world.model().await;
        let rating = world.rating(&visible).await.name;
        let hidden = hidden(world).await;
        let missing = Names::missing();
        for reader in ["service-1", "sales-2", "sales-1", "analyst", "auditor"] {
            let asked = by_name(&hidden, &visible, &rating);
            let other = by_name(&missing, &visible, &rating);
            // The auditor reads every request and every approval: that is their work.
            // Their own refusals are in the journals that they read.
            let whole = |one: &Question| {
                ["ListAccessRequests", "/Approve", "ListEntries"].iter().any(|method| one.method.contains(method))
            };
            for (one, two) in asked.iter().zip(&other).filter(|(one, _)| reader != "auditor" || !whole(one)) {
                let (one_said, two_said) = (ask(world, reader, one).await, ask(world, reader, two).await);
                let one_said = hidden.as_if(&missing, one_said);
                assert!(one_said == two_said, "{} tells {reader} apart:\n{one_said:?}\n{two_said:?}", one.method);
            }
        }
    }

    // proves: I10, I11
    async fn the_register_shows_every_number_but_not_whose_an_invisible_one_is(world) {
        let seen = world.active(1).await;
        let name = world.at_level(2, "secret").await.name;
        let list = ListFileNumbersRequest::default;
        let whole = world.profile("archivist").numbers.list_file_numbers(list()).await.good().file_numbers;
        assert_eq!(whole.iter().map(|one| one.holder.clone()).collect::<Vec<_>>(), [seen.name, name]);
        let part = world.profile("auditor").numbers.list_file_numbers(list()).await.good().file_numbers;
        assert_eq!(part.len(), 2);
        assert!(part.iter().all(|one| one.holder.is_empty() && one.state() == FileNumberState::Issued), "{part:?}");
    }

    // proves: I10, A-22
    async fn a_file_that_rises_above_its_reader_is_gone_with_all_that_hangs_on_it(world) {
        let file = world.customer(1, 1_000).await;
        let held = world.reserve(&file, 100).await.good();
        assert_eq!(world.exposure(&file).await.held, Some(money(100)));
        world.classify("archivist", &file, "secret").await.good();
        world.settle().await;
        world.read("sales-1", &file).await.refused(Reason::ResourceNotFound);
        world.reserve(&file, 100).await.refused(Reason::ResourceNotFound);
        let mut exposure = world.credit("sales-1").exposure;
        let get = dossier_proto::credit::v1::GetReservationRequest { name: held.name };
        exposure.get_reservation(get).await.refused(Reason::ResourceNotFound);
        let list = dossier_proto::credit::v1::ListReservationsRequest::default();
        assert_eq!(exposure.list_reservations(list).await.good().reservations, []);
        // It is there for its custodian, and for others again when it has come down.
        world.classify("gm", &file, "none").await.refused(Reason::ResourceNotFound);
        let director = world.who("office-director").await;
        let approval = world.approved_act("archivist", to_hand_over(&file, &director), "deputy").await;
        world.hand_over("archivist", &file, "office-director", &approval).await.good();
        world.classify("office-director", &file, "none").await.good();
        world.settle().await;
        assert_eq!(world.exposure(&file).await.held, Some(money(100)));
    }
}
