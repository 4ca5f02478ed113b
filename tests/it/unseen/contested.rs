//! A unit whose open file somebody may not see: their guess is answered as any other, and the custodian settles it.

use std::time::Duration;

use dossier_profile::content::unit_token;
use dossier_profile::drawn::is_examined;
use dossier_proto::duty::v1::{Duty, ListDutiesRequest};
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, ListEntriesRequest};
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::CustomerFile;
use dossier_tests::raw::Raw;
use dossier_tests::scene::company;
use prost::Message;
use tokio::time::{Instant, sleep};

use crate::prelude::*;

const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

// Somebody's draft for the unit `reference`, the same but for that.
fn guess(reference: &str) -> CustomerFile {
    CustomerFile { unit_ref: reference.into(), ..company(7) }
}

// A unit without any file, of which the lot says whether it is examined.
fn free(world: &World, examined: bool) -> String {
    let (vault, pack) = (&world.ground().vault, world.ground().regimes.tenant(DEMO).unwrap().pack());
    let drawn = |reference: &String| {
        let token = unit_token(vault, DEMO, reference).unwrap().unwrap();
        is_examined(vault, DEMO, pack, &token).unwrap()
    };
    (100..100_000).map(|n| format!("REF-{n:06}")).find(|reference| drawn(reference) == examined).unwrap()
}

async fn ask(world: &World, subject: &str, method: &str, message: Vec<u8>) -> Raw {
    let method = format!("dossier.profile.v1.CustomerFileService/{method}");
    world.raw(Which::Profile, world.person(DEMO, subject), &method, message).await
}

// The answer without what every file has for itself: its name and its unit.
fn bare(answer: Raw, reference: &str, names: &[&str]) -> Raw {
    let strip = |mut bytes: Vec<u8>| {
        let ids = names.iter().map(|name| (name.trim_start_matches("files/"), NOBODY));
        for (from, to) in ids.chain([(reference, "REF-??????")]) {
            while let Some(at) = bytes.windows(from.len()).position(|part| part == from.as_bytes()) {
                bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
            }
        }
        bytes
    };
    match answer {
        Raw::Message(bytes) => Raw::Message(strip(bytes)),
        Raw::Refusal(code, sentence, details) => Raw::Refusal(code, sentence, strip(details)),
    }
}

fn creating(reference: &str, validate_only: bool) -> Vec<u8> {
    let (customer_file, reason) = (Some(guess(reference)), "首次接触".to_owned());
    wire::CreateCustomerFileRequest { customer_file, validate_only, reason, ..Default::default() }.encode_to_vec()
}

// Its name, the files that it may be a duplicate of, and the answer without those.
fn made(answer: &Raw) -> (String, Vec<String>, Raw) {
    let Raw::Message(bytes) = answer else { panic!("refused: {answer:?}") };
    let mut file = CustomerFile::decode(&bytes[..]).unwrap();
    let warned = std::mem::take(&mut file.possible_duplicates).into_iter().map(|one| one.file).collect();
    (file.name.clone(), warned, Raw::Message(file.encode_to_vec()))
}

// Everything that sales-2 is told when they open a file for the unit, and what it may be a duplicate of.
async fn opened(world: &World, reference: &str) -> (String, Vec<Raw>, Vec<String>) {
    let (tried, warned, dry) = made(&ask(world, "sales-2", "CreateCustomerFile", creating(reference, true)).await);
    let (name, again, created) = made(&ask(world, "sales-2", "CreateCustomerFile", creating(reference, false)).await);
    assert_eq!(warned, again);
    let told = [dry, created].map(|answer| bare(answer, reference, &[&tried, &name]));
    (name, told.into(), warned)
}

// Everything that its author and their manager are told on its way.
async fn went(world: &World, name: &str, reference: &str) -> Vec<Raw> {
    let (name, purpose) = (name.to_owned(), "customer_service".to_owned());
    let get = wire::GetCustomerFileRequest { name: name.clone(), purpose, ..Default::default() };
    let revisions = wire::ListCustomerFileRevisionsRequest { parent: name.clone(), ..Default::default() };
    let complete = wire::CheckCompletenessRequest { name: name.clone(), purpose: "activate".into() };
    let submit = wire::SubmitCustomerFileRequest { name: name.clone(), ..Default::default() };
    let review = wire::ReviewCustomerFileRequest {
        name: name.clone(),
        decision: wire::ReviewDecision::Accept.into(),
        etag: "r2".into(),
        ..Default::default()
    };
    let activate = |validate_only| {
        wire::ActivateCustomerFileRequest { name: name.clone(), validate_only, ..Default::default() }.encode_to_vec()
    };
    let mut told = Vec::new();
    for (who, method, message) in [
        ("sales-2", "GetCustomerFile", get.encode_to_vec()),
        ("sales-2", "SubmitCustomerFile", submit.encode_to_vec()),
        ("sales-manager", "ReviewCustomerFile", review.encode_to_vec()),
        ("sales-manager", "ActivateCustomerFile", activate(true)),
        ("sales-manager", "ActivateCustomerFile", activate(false)),
        ("sales-2", "GetCustomerFile", get.encode_to_vec()),
        ("sales-manager", "CheckCompleteness", complete.encode_to_vec()),
        ("sales-2", "ListCustomerFileRevisions", revisions.encode_to_vec()),
    ] {
        told.push(bare(ask(world, who, method, message).await, reference, &[&name]));
    }
    told
}

async fn duties(world: &World, subject: &str, file: &str) -> Vec<Duty> {
    let filter = format!("subject = \"{file}\" AND state = OPEN");
    let list = ListDutiesRequest { parent: home(Which::Profile), filter, ..ListDutiesRequest::default() };
    world.profile(subject).duties.list_duties(list).await.good().duties
}

// Whether the file is found by what is due about it.
async fn due(world: &World, subject: &str, file: &str) -> bool {
    let filter = "due_time < \"2100-01-01T00:00:00Z\"".to_owned();
    let list = wire::ListCustomerFilesRequest { filter, ..Default::default() };
    let files = world.profile(subject).files.list_customer_files(list).await.good().customer_files;
    files.iter().any(|one| one.name == file)
}

// The duties about contested drafts follow by a job.
async fn duty(world: &World, file: &str, open: bool) -> Option<Duty> {
    let begun = Instant::now();
    loop {
        let found = duties(world, "archivist", file).await.into_iter().find(|one| one.kind == "file.contested");
        if found.is_some() == open {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{file}: the duty does not follow");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn kinds(world: &World, subject: &str, file: &str) -> Vec<String> {
    duties(world, subject, file).await.into_iter().map(|one| one.kind).collect()
}

async fn trail(world: &World, subject: &str, file: &str) -> Vec<String> {
    world.settle().await;
    let (parent, filter) = (home(Which::Profile), format!("subject = \"{file}\""));
    let list = ListEntriesRequest { parent, filter, ..ListEntriesRequest::default() };
    let entries = world.profile(subject).journal.list_entries(list).await.good().entries;
    entries.into_iter().map(|one| EntryBody::decode(&one.body[..]).unwrap().action).collect()
}

async fn close(world: &World, name: &str) {
    let (name, request_id, reason) = (name.to_owned(), world.request_id(), "重复建档".to_owned());
    let close = wire::CloseCustomerFileRequest { name, request_id, reason, ..Default::default() };
    world.profile("archivist").files.close_customer_file(close).await.good();
}

on_both_stores! {
    // proves: I10, P-02
    async fn a_guessed_unit_is_answered_alike_with_and_without_an_invisible_file(world) {
        let hidden = world.at_level(1, "secret").await.name;
        let (taken, untaken) = ("REF-000001", free(world, true));
        let (mine, told, warned) = opened(world, taken).await;
        let (other, told_free, warned_free) = opened(world, &untaken).await;
        // The two are the same but for their units; the hidden one, too, and it is not told.
        assert_eq!((warned, warned_free), (vec![], vec![mine.clone()]));
        assert_eq!(told, told_free);
        let owed = duty(world, &mine, true).await.unwrap();
        assert_eq!((owed.post.as_str(), owed.other_file.as_str()), ("archivist", hidden.as_str()));
        // Nobody whom the duty is kept from finds the draft by it.
        for (reader, knows) in [("sales-2", false), ("sales-manager", false), ("office-director", false), ("archivist", true)] {
            assert_eq!(due(world, reader, &mine).await, knows, "{reader}");
            assert!(!due(world, reader, &other).await, "{reader}");
        }
        // On the whole road, and also where a duty is open by now.
        assert_eq!(went(world, &mine, taken).await, went(world, &other, &untaken).await);
        for reader in ["sales-2", "sales-manager", "office-director", "auditor"] {
            assert_eq!(kinds(world, reader, &mine).await, kinds(world, reader, &other).await, "{reader}");
        }
        // What was told of the first draft when the second was tried and made is in its own trail.
        let mut of_mine = trail(world, "office-director", &mine).await;
        assert_eq!(of_mine.drain(1..3).collect::<Vec<_>>(), ["file.disclosed", "file.disclosed"]);
        assert_eq!(of_mine, trail(world, "office-director", &other).await);
        // Who may see the other file is told which it is; then it is their to settle.
        let refused = world.activate(&mine).await.refused(Reason::FileUnitTaken);
        assert_eq!(refused.metadata["file"], hidden);
        world.activate(&other).await.good();
        close(world, &hidden).await;
        world.activate(&mine).await.good();
        duty(world, &mine, false).await;
        check::holds(world).await;
    }

    // proves: A-23, I10, P-02
    async fn at_a_closed_level_the_draft_alone_is_named_and_closing_it_resolves(world) {
        let hidden = world.at_level(1, "top_secret").await.name;
        let (mine, ..) = opened(world, "REF-000001").await;
        let owed = duty(world, &mine, true).await.unwrap();
        assert_eq!(owed.other_file, "");
        // Whoever sees the draft is told of it alone, as where nobody holds the unit.
        for subject in ["sales-2", "sales-1", "archivist"] {
            let again = world.create(&mut world.profile(subject), guess("REF-000001")).await;
            assert_eq!(again.refused(Reason::FileUnitTaken).metadata["file"], mine, "{subject}");
        }
        went(world, &mine, "REF-000001").await;
        let refused = world.activate(&mine).await.refused(Reason::FileUnitTaken);
        assert!(!refused.metadata.contains_key("file"), "{refused:?}");
        let completed = dossier_proto::duty::v1::CompleteDutyRequest { name: owed.name.clone(), ..Default::default() };
        world.profile("sales-2").duties.complete_duty(completed).await.refused(Reason::ResourceNotFound);
        let elsewhere = CustomerFile { unit: "customer-service".into(), ..guess("REF-000001") };
        let other = world.create(&mut world.profile("service-manager"), elsewhere).await.good().name;
        let owed = duty(world, &other, true).await.unwrap();
        close(world, &other).await;
        duty(world, &other, false).await;
        // The trail of the duties belongs to the file that nobody sees.
        let about = |one: &check::Stored| match &one.body.event.as_ref().and_then(|event| event.kind.as_ref()) {
            Some(Kind::DutyChanged(event)) if event.duty == owed.name => Some(event.file.clone()),
            _ => None,
        };
        world.settle().await;
        let files: Vec<_> = check::journal(world, Which::Profile, DEMO).await.iter().filter_map(about).collect();
        assert_eq!(files, [hidden.clone(), hidden]);
        check::holds(world).await;
    }

    // proves: P-02, P-40
    async fn a_contested_draft_is_closed_wherever_it_stands(world) {
        let hidden = world.at_level(1, "top_secret").await.name;
        let (mine, ..) = opened(world, "REF-000001").await;
        went(world, &mine, "REF-000001").await;
        duty(world, &mine, true).await.unwrap();
        close(world, &mine).await;
        duty(world, &mine, false).await;
        // The unit is still in the hands that it was in.
        let (next, ..) = opened(world, "REF-000001").await;
        duty(world, &next, true).await.unwrap();
        world.submit(&next).await.good();
        close(world, &next).await;
        duty(world, &next, false).await;
        world.read("gm", &hidden).await.refused(Reason::ResourceNotFound);
        check::holds(world).await;
    }

    // proves: I10, P-02
    async fn a_taken_unit_names_its_file_only_to_who_may_see_it(world) {
        let name = world.at_level(1, "secret").await.name;
        let draft = world.create(&mut world.profile("sales-1"), company(1)).await.good().name;
        let refused = world.create(&mut world.profile("archivist"), company(1)).await.refused(Reason::FileUnitTaken);
        assert_eq!(refused.metadata["file"], name);
        // The refusal leaves a trail.
        world.settle().await;
        let refusal = |one: check::Stored| match one.body.event?.kind? {
            Kind::AccessRefused(event) => Some(event.reason),
            _ => None,
        };
        let reasons: Vec<_> = check::journal(world, Which::Profile, DEMO).await.into_iter().filter_map(refusal).collect();
        assert_eq!(reasons, ["ERROR_REASON_FILE_UNIT_TAKEN"]);
        close(world, &name).await;
        let refused = world.create(&mut world.profile("sales-2"), company(1)).await.refused(Reason::FileUnitTaken);
        assert_eq!(refused.metadata["file"], draft, "the draft has the unit now");
        check::holds(world).await;
    }

    // proves: I10, P-05
    async fn a_customer_number_does_not_tell_whether_the_customer_had_a_file_before(world) {
        let first = world.active(1).await;
        close(world, &first.name).await;
        let number = |n: u32| {
            let vault = &world.ground().vault;
            let token = unit_token(vault, DEMO, &format!("REF-{n:06}")).unwrap().unwrap();
            dossier_profile::drawn::number(vault, DEMO, "customer", &token, 0).unwrap()
        };
        // Drawn by the unit alone: whatever was there before, it is the same.
        assert_eq!((first.customer_number, world.active(1).await.customer_number), (number(1), number(1)));
        assert_eq!(world.active(2).await.customer_number, number(2));
        check::holds(world).await;
    }

    // proves: P-40
    async fn a_unit_that_was_drawn_is_made_effective_by_a_custodian(world) {
        for (reference, examined) in [(free(world, true), true), (free(world, false), false)] {
            let (name, ..) = opened(world, &reference).await;
            let told = went(world, &name, &reference).await;
            assert_eq!(matches!(told[4], Raw::Refusal(..)), examined, "{told:?}");
            if examined {
                world.activate(&name).await.good();
            }
        }
    }
}
