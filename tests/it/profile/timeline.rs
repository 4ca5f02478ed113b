//! What happened in a file, newest first: told to everybody who sees it, as far as their right reaches, and to nobody else.

use dossier_journal::{Recorder, append_all};
use dossier_kernel::call::Providers;
use dossier_proto::journal::v1::{EntryBody, ListEntriesRequest};
use dossier_proto::profile::v1::{CustomerFile, FileEvent, ListFileEventsRequest, ListFileEventsResponse};
use dossier_tests::on_both_stores_under;
use dossier_tests::raw::Raw;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{complaint, talk};
use prost::Message;
use tonic::{Response, Status};

use super::kinds::{as_if, asked, contract, guarantor, made, missing, relink};
use crate::prelude::*;

type Told = Result<Response<ListFileEventsResponse>, Status>;

async fn ask(world: &World, subject: &str, request: ListFileEventsRequest) -> Told {
    world.profile(subject).files.list_file_events(request).await
}

fn of(file: &str) -> ListFileEventsRequest {
    ListFileEventsRequest { parent: file.to_owned(), ..ListFileEventsRequest::default() }
}

fn filtered(file: &str, filter: &str) -> ListFileEventsRequest {
    ListFileEventsRequest { filter: filter.to_owned(), ..of(file) }
}

async fn events(world: &World, subject: &str, file: &str) -> Vec<FileEvent> {
    world.settle().await;
    ask(world, subject, of(file)).await.good().file_events
}

fn actions(events: &[FileEvent]) -> Vec<&str> {
    events.iter().map(|one| one.action.as_str()).collect()
}

fn about_records(events: &[FileEvent]) -> usize {
    events.iter().filter(|one| one.action.starts_with("record.") || !one.record_kind.is_empty()).count()
}

// The actions of profile's entries about `file`, as who reads the journal is told them.
async fn journaled(world: &World, file: &str) -> Vec<String> {
    world.settle().await;
    let (parent, filter) = (home(Which::Profile), format!("subject = \"{file}\""));
    let request = ListEntriesRequest { parent, filter, page_size: 500, ..ListEntriesRequest::default() };
    let entries = world.profile("archivist").journal.list_entries(request).await.good().entries;
    entries.iter().map(|one| EntryBody::decode(&one.body[..]).unwrap().action).collect()
}

// Every page of `size`, one behind the other, and how many there were.
async fn paged(world: &World, subject: &str, file: &str, size: i32) -> (Vec<FileEvent>, usize) {
    let (mut all, mut pages, mut request) = (Vec::new(), 0, ListFileEventsRequest { page_size: size, ..of(file) });
    loop {
        let page = ask(world, subject, request.clone()).await.good();
        all.extend(page.file_events);
        pages += 1;
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return (all, pages);
        }
    }
}

on_both_stores! {
    // proves: P-25, P-47
    async fn what_one_department_did_is_told_to_the_others_newest_first(world) {
        let file = world.active(1).await.name;
        let record = world.note("sales-1", &file, complaint("到货破损")).await.good();
        world.pass(SignedDuration::from_secs(1));
        world.advance("sales-1", &record.name).await.good();
        let told = events(world, "finance-director", &file).await;
        let expected = [
            "record.advanced", "record.created", "file.activated", "number.issued", "file.reviewed", "file.submitted", "file.created",
        ];
        let mut sorted = actions(&told);
        // A number and the file that gets it are one effect: which of the two is entered first says nothing.
        sorted[2..4].sort_unstable();
        assert_eq!(sorted, expected);
        assert!(told.windows(2).all(|pair| instant(pair[0].time.as_ref()) >= instant(pair[1].time.as_ref())));
        let one = &told[0];
        assert_eq!((one.actor.clone(), &one.subject), (world.who("sales-1").await, &record.name));
        let words = [&one.record_kind, &one.record_kind_label, &one.stage, &one.stage_label];
        assert_eq!(words, ["complaint", "客户投诉记录", "open", "受理"]);
        assert_eq!((told[6].subject.as_str(), told[6].record_kind.as_str(), told[6].stage.as_str()), (file.as_str(), "", ""));
        for other in ["sales-2", "sales-manager", "analyst"] {
            assert_eq!(events(world, other, &file).await, told, "{other}");
        }
    }

    // proves: P-25, I9
    async fn neither_a_value_nor_a_reason_is_told(world) {
        let file = world.active(1).await;
        world.note("sales-1", &file.name, talk(world.now(), "机密的需求")).await.good();
        world.classify("archivist", &file.name, "confidential").await.good();
        let told = format!("{:?}", events(world, "archivist", &file.name).await);
        assert!(told.contains("file.classified") && told.contains("交流记录"), "{told}");
        for words in ["需求", "王经理", "首次", "021-5555"] {
            assert!(!told.contains(words), "{words} in {told}");
        }
    }

    // proves: P-25, A-42
    async fn who_looked_who_tried_and_who_owes_is_a_matter_of_the_journal(world) {
        let file = world.draft(1).await;
        world.submit(&file.name).await.good();
        world.read("sales-2", &file.name).await.good();
        world.classify("sales-1", &file.name, "secret").await.refused(Reason::PermissionDenied);
        let journal = journaled(world, &file.name).await;
        for action in ["file.disclosed", "access.refused", "duty.opened"] {
            assert!(journal.contains(&action.to_owned()), "{action} in {journal:?}");
        }
        let told = events(world, "archivist", &file.name).await;
        assert_eq!(actions(&told), ["file.submitted", "file.created"]);
        for action in ["file.disclosed", "access.refused", "duty.opened"] {
            let asked = filtered(&file.name, &format!("action = \"{action}\""));
            assert_eq!(ask(world, "archivist", asked).await.good(), ListFileEventsResponse::default(), "{action}");
        }
    }

    // proves: P-25, I10
    async fn only_who_reads_the_journal_is_told_the_places_of_its_entries(world) {
        let file = world.active(1).await.name;
        let told = events(world, "archivist", &file).await;
        assert!(told.iter().all(|one| one.seq > 0) && told.windows(2).all(|pair| pair[0].seq > pair[1].seq), "{told:?}");
        let told = events(world, "sales-1", &file).await;
        assert!(!told.is_empty() && told.iter().all(|one| one.seq == 0), "{told:?}");
    }

    // proves: P-25, A-24
    async fn a_right_to_the_whole_file_tells_of_its_records_and_one_to_some_fields_of_none(world) {
        let file = world.active(1).await.name;
        world.note("sales-1", &file, complaint("到货破损")).await.good();
        world.classify("archivist", &file, "confidential").await.good();
        world.settle().await;
        ask(world, "sales-2", of(&file)).await.refused(Reason::ResourceNotFound);
        world.rights(&file).await;
        let (whole, some) = (events(world, "sales-2", &file).await, events(world, "analyst", &file).await);
        assert_eq!(about_records(&whole), 1);
        assert_eq!(about_records(&some), 0);
        let others: Vec<_> = whole.into_iter().filter(|one| one.record_kind.is_empty()).collect();
        assert_eq!(some, others, "what happened to the file is told to both");
        let asked = filtered(&file, "action = \"record.created\"");
        assert_eq!(ask(world, "analyst", asked).await.good(), ListFileEventsResponse::default());
    }

    // proves: P-25, I10
    async fn whoever_does_not_see_the_file_is_told_of_it_as_if_it_were_not_there(world) {
        let file = world.active(1).await.name;
        world.note("sales-1", &file, complaint("到货破损")).await.good();
        assert!(!events(world, "sales-1", &file).await.is_empty());
        world.classify("archivist", &file, "secret").await.good();
        world.settle().await;
        let absent = missing();
        for reader in ["sales-1", "service-1"] {
            let ask = async |name: &str| asked(world, reader, "ListFileEvents", of(name).encode_to_vec()).await;
            let (hidden, nothing) = (ask(&file).await, ask(&absent).await);
            assert!(matches!(nothing, Raw::Refusal(..)));
            assert!(as_if(&file, hidden.clone()) == nothing, "{hidden:?}\n{nothing:?}");
        }
        let closed = world.at_level(2, "top_secret").await.name;
        ask(world, "archivist", of(&closed)).await.refused(Reason::ResourceNotFound);
    }

    // proves: P-25
    async fn every_event_is_given_once_whatever_the_size_of_a_page(world) {
        let file = world.active(1).await.name;
        for n in 0..5 {
            world.note("sales-1", &file, complaint(&format!("{n}"))).await.good();
            world.read("sales-2", &file).await.good();
        }
        let whole = events(world, "archivist", &file).await;
        assert_eq!((whole.len(), about_records(&whole)), (10, 5));
        for (size, count) in [(1, 10), (3, 4), (10, 1)] {
            assert_eq!(paged(world, "archivist", &file, size).await, (whole.clone(), count), "by {size}");
        }
        let first = ListFileEventsRequest { page_size: 3, ..of(&file) };
        let token = ask(world, "archivist", first.clone()).await.good().next_page_token;
        assert_eq!(ask(world, "archivist", first).await.good().next_page_token, token, "the same question, the same answer");
        world.note("sales-1", &file, complaint("新")).await.good();
        world.settle().await;
        let next = ListFileEventsRequest { page_size: 3, page_token: token, ..of(&file) };
        assert_eq!(ask(world, "archivist", next).await.good().file_events, whole[3..6], "what came meanwhile moves nothing");
    }

    // proves: P-25, I10
    async fn however_often_a_file_was_read_a_call_looks_at_a_bounded_part_of_its_trail(world) {
        let file = world.active(1).await.name;
        let whole = events(world, "archivist", &file).await;
        let recorder = Recorder::new("profile", Providers::system());
        for _ in 0..4 {
            let read = (0..2_600).map(|_| recorder.work(DEMO, "file.disclosed", &file).body()).collect::<Vec<_>>();
            transact!(world.db(Which::Profile), tx => append_all(tx, &read).await).unwrap();
        }
        world.settle().await;
        let first = ask(world, "archivist", of(&file)).await.good();
        assert!(first.file_events.is_empty() && !first.next_page_token.is_empty(), "{first:?}");
        let (all, pages) = paged(world, "archivist", &file, 50).await;
        assert_eq!((all, pages), (whole, 2));
    }

    // proves: P-25
    async fn events_are_found_by_who_did_what_and_when(world) {
        let file = world.active(1).await.name;
        let began = world.now();
        world.pass(SignedDuration::from_hours(2));
        world.note("sales-1", &file, complaint("到货破损")).await.good();
        world.settle().await;
        let found = async |filter: String| {
            let page = ask(world, "sales-2", filtered(&file, &filter)).await.good();
            page.file_events.into_iter().map(|one| one.action).collect::<Vec<_>>()
        };
        let late = began + SignedDuration::from_hours(1);
        assert_eq!(found(format!("time >= \"{late}\"")).await, ["record.created"]);
        assert_eq!(found(format!("time < \"{late}\"")).await.len(), 5);
        assert_eq!(found("action = \"file.submitted\"".to_owned()).await, ["file.submitted"]);
        let by = format!("actor = \"{}\"", world.who("sales-1").await);
        assert_eq!(found(by.clone()).await, ["record.created", "file.submitted", "file.created"]);
        assert_eq!(found(format!("{by} AND time < \"{late}\" AND action = \"file.created\"")).await, ["file.created"]);
        assert_eq!(found("actor = \"persons/nobody\"".to_owned()).await, [""; 0]);
    }

    // proves: P-25
    async fn what_cannot_be_asked_is_refused(world) {
        let (file, other) = (world.active(1).await.name, world.active(2).await.name);
        world.settle().await;
        for filter in ["action", "seq > 1", "stage = \"open\"", "action > \"file\"", "time = \"yesterday\""] {
            ask(world, "sales-1", filtered(&file, filter)).await.refused(Reason::FilterInvalid);
        }
        let order = ListFileEventsRequest { order_by: "seq".into(), ..of(&file) };
        assert!(ask(world, "sales-1", order).await.refused(Reason::FieldViolation).names("order_by"));
        let page = ListFileEventsRequest { page_size: 2, ..of(&file) };
        let token = ask(world, "sales-1", page.clone()).await.good().next_page_token;
        assert!(!token.is_empty());
        for moved in [
            ListFileEventsRequest { page_token: "x".into(), ..page.clone() },
            ListFileEventsRequest { page_token: token.clone(), ..of(&other) },
            ListFileEventsRequest { page_token: token.clone(), ..filtered(&file, "action = \"file.created\"") },
        ] {
            ask(world, "sales-1", moved).await.refused(Reason::PageTokenInvalid);
        }
        let stolen = ListFileEventsRequest { page_token: token, ..page };
        ask(world, "sales-2", stolen).await.refused(Reason::PageTokenInvalid);
    }
}

on_both_stores_under! {
    Rules::of("KINDS");

    // proves: P-25, I10
    async fn that_a_file_was_tied_to_one_that_is_not_seen_names_none(world) {
        let customer = world.active(1).await.name;
        let guarantee = world.active(2).await.name;
        let file = made(world, CustomerFile { links: Vec::new(), ..contract(&customer, "HT-1") }).await.name;
        relink(world, "sales-1", &file, vec![guarantor(&guarantee)]).await.good();
        world.classify("archivist", &guarantee, "secret").await.good();
        let told = events(world, "sales-2", &file).await;
        assert_eq!(actions(&told), ["file.updated", "file.created"]);
        let id = guarantee.trim_start_matches("files/");
        assert!(!format!("{told:?}").contains(id), "{told:?}");
    }
}
