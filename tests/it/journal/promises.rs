//! What an entry promised is shown to whoever may know it, and to nobody else (I9, A-42).

use dossier_proto::access::v1::RequestAccessRequest;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::open_promises_request::Entry as Asked;
use dossier_proto::journal::v1::{
    EntryBody, ListEntriesRequest, OpenPromisesRequest, OpenPromisesResponse, OpenedPromise, PromiseState,
    PromisesOpened,
};
use dossier_proto::types::AccessKind;
use dossier_vault::commitment::{Salt, matches};
use prost::Message;
use tonic::{Response, Status};
use uuid::Uuid;

use super::trail::{about, bodies, entries, journal_of};
use crate::prelude::*;

const WHY: &str = "客户来电要求核对地址";

fn body(opened: &OpenPromisesResponse) -> EntryBody {
    EntryBody::decode(&opened.entry.as_ref().unwrap().body[..]).unwrap()
}

fn of<'o>(opened: &'o OpenPromisesResponse, field: &str) -> &'o OpenedPromise {
    opened.promises.iter().find(|one| one.field == field).unwrap_or_else(|| panic!("{field} in {opened:?}"))
}

/// As the keeper of the files reads them.
async fn listed(world: &World, request: ListEntriesRequest) -> Vec<EntryBody> {
    bodies(&journal_of(world, Which::Access, "archivist").list_entries(request).await.good().entries)
}

async fn open(
    world: &World,
    who: &str,
    which: Which,
    entry: &EntryBody,
) -> Result<Response<OpenPromisesResponse>, Status> {
    open_in(world, who, (which, entry), "audit", "").await
}

async fn open_in(
    world: &World,
    who: &str,
    (which, entry): (Which, &EntryBody),
    purpose: &str,
    place: &str,
) -> Result<Response<OpenPromisesResponse>, Status> {
    let request = OpenPromisesRequest {
        parent: home(which),
        entry: Some(Asked::EntryId(entry.id.clone())),
        purpose: purpose.into(),
        reading_place: place.into(),
    };
    journal_of(world, which, who).open_promises(request).await
}

/// Somebody asks for a right to the file and says why; the entry of it.
async fn asked(world: &World, who: &str, file: &str) -> EntryBody {
    let request = RequestAccessRequest { reason: WHY.into(), ..world.asking(file, AccessKind::View) };
    world.access(who).requests.request_access(request).await.good();
    world.settle().await;
    let mut found = listed(world, about(Which::Access, file)).await;
    found.retain(|body| body.action == "access_request.created");
    found.pop().expect("an entry of the request")
}

async fn openings(world: &World) -> Vec<(EntryBody, PromisesOpened)> {
    let found = listed(world, entries(Which::Access, "action = \"promises.opened\"".into())).await;
    let opened = found.into_iter().map(|body| match body.event.clone().and_then(|event| event.kind) {
        Some(Kind::PromisesOpened(event)) => (body, event),
        other => panic!("{other:?}"),
    });
    opened.collect()
}

on_both_stores! {
    // proves: A-42, I9
    async fn what_was_said_can_be_shown_and_checked_against_the_entry(world) {
        let file = world.at_level(1, "confidential").await;
        let entry = asked(world, "service-manager", &file.name).await;
        let opened = open(world, "archivist", Which::Access, &entry).await.good();
        assert_eq!(body(&opened), entry);
        let (why, purpose) = (of(&opened, "reason"), of(&opened, "justification"));
        assert_eq!((why.state(), why.text.as_str()), (PromiseState::Opened, WHY));
        // The request itself has the text; with the salt it is checked as well.
        assert_eq!((purpose.state(), purpose.text.as_str()), (PromiseState::SaltOnly, ""));
        let said = [(why, WHY), (purpose, "处理客户的售后服务申请")];
        for (one, text) in said {
            let promise = entry.commitments.iter().find(|promise| promise.field == one.field).unwrap();
            let salt = Salt::of(&one.salt).unwrap();
            assert!(matches(&promise.digest, &salt, &one.field, text.as_bytes()), "{}", one.field);
            assert!(!matches(&promise.digest, &salt, &one.field, "别的理由".as_bytes()), "{}", one.field);
        }
    }

    // proves: A-42, I3, I9
    async fn that_a_promise_was_shown_is_in_the_trail_of_its_file(world) {
        let file = world.at_level(1, "confidential").await;
        let entry = asked(world, "service-manager", &file.name).await;
        open(world, "archivist", Which::Access, &entry).await.good();
        world.settle().await;
        let (told, event) = openings(world).await.pop().unwrap();
        assert_eq!((told.actor.as_str(), told.subject.as_str()), (&*world.who("archivist").await, file.name.as_str()));
        assert_eq!((event.entry, event.purpose, event.file), (entry.id, "audit".into(), file.name.clone()));
        assert_eq!((event.reader, event.fields), (told.actor, vec!["justification".to_owned(), "reason".to_owned()]));
        // The trail says nothing of what was shown, and holds.
        check::holds(world).await;
    }

    // proves, I10
    async fn a_promise_is_opened_by_who_made_it_and_by_who_sees_the_entry_with_its_content(world) {
        let file = world.at_level(1, "confidential").await;
        let entry = asked(world, "service-manager", &file.name).await;
        // No right to read the journal, and no right to the file: it is their own word.
        let own = open(world, "service-manager", Which::Access, &entry).await.good();
        assert_eq!(of(&own, "reason").text, WHY);
        // How many entries there are they do not learn: by its identity alone, and without its place.
        assert_eq!(own.entry.as_ref().unwrap().seq, 0);
        let seq = open(world, "archivist", Which::Access, &entry).await.good().entry.unwrap().seq;
        let by_place = OpenPromisesRequest {
            parent: home(Which::Access),
            entry: Some(Asked::Seq(seq)),
            purpose: "audit".into(),
            ..Default::default()
        };
        let mut journal = journal_of(world, Which::Access, "service-manager");
        journal.open_promises(by_place.clone()).await.refused(Reason::ResourceNotFound);
        journal_of(world, Which::Access, "archivist").open_promises(by_place).await.good();
        let absent = EntryBody { id: world.request_id(), ..EntryBody::default() };
        // Neither right; the entry is seen, but without its content; the directory knows nobody of this name.
        for who in ["sales-1", "auditor"] {
            open(world, who, Which::Access, &entry).await.refused(Reason::ResourceNotFound);
            open(world, who, Which::Access, &absent).await.refused(Reason::ResourceNotFound);
        }
        open(world, "nobody", Which::Access, &entry).await.refused(Reason::PersonUnknown);
        world.settle().await;
        assert_eq!(openings(world).await.len(), 3);
    }

    // proves: A-42, I9
    async fn what_was_said_about_a_person_is_opened_by_its_author_and_by_who_answers_for_the_whole_journal(world) {
        let person = world.who("sales-2").await;
        world.appoint("sales-2", "service_staff", "customer-service").await;
        world.settle().await;
        let ended = world.dismiss("sales-2", "service_staff", "customer-service").await.good();
        assert_eq!(ended.name, person);
        world.settle().await;
        let mut found = listed(world, about(Which::Access, &person)).await;
        found.retain(|body| body.commitments.iter().any(|one| one.field == "reason"));
        let entry = found.pop().expect("an entry with a reason");
        let author = world.who("office-director").await;
        assert_eq!(entry.actor, author);
        open(world, "office-director", Which::Access, &entry).await.good();
        open(world, "auditor", Which::Access, &entry).await.good();
        // They read journals, and see this entry.
        open(world, "gm", Which::Access, &entry).await.refused(Reason::ResourceNotFound);
        open(world, "archivist", Which::Access, &entry).await.refused(Reason::ResourceNotFound);
    }

    // proves: A-24
    async fn what_was_said_of_a_file_that_is_read_in_one_place_is_opened_there(world) {
        let file = world.at_level(1, "confidential").await;
        let entry = asked(world, "service-manager", &file.name).await;
        world.classify("archivist", &file.name, "secret").await.good();
        world.settle().await;
        let one = (Which::Access, &entry);
        let refused = open_in(world, "archivist", one, "audit", "").await.refused(Reason::FieldViolation);
        assert!(refused.names("reading_place"));
        open_in(world, "archivist", one, "audit", "archive_room").await.good();
        world.settle().await;
        let (_, event) = openings(world).await.pop().unwrap();
        assert_eq!(event.reading_place, "archive_room");
    }

    // proves: A-42
    async fn nothing_is_opened_for_no_purpose_or_without_saying_which_entry(world) {
        let file = world.at_level(1, "confidential").await;
        let entry = asked(world, "service-manager", &file.name).await;
        let one = (Which::Access, &entry);
        for purpose in ["", "curiosity"] {
            assert!(open_in(world, "archivist", one, purpose, "").await.refused(Reason::FieldViolation).names("purpose"));
        }
        let request = OpenPromisesRequest { parent: home(Which::Access), purpose: "audit".into(), ..Default::default() };
        let mut journal = journal_of(world, Which::Access, "archivist");
        assert!(journal.open_promises(request).await.refused(Reason::FieldViolation).names("entry"));
    }

    // proves: I9
    async fn what_was_promised_of_a_file_whose_key_is_destroyed_is_told_as_erased(world) {
        let file = world.at_level(1, "confidential").await;
        let entry = asked(world, "service-manager", &file.name).await;
        let id = Uuid::parse_str(file.name.strip_prefix("files/").unwrap()).unwrap();
        let mut tx = world.db(Which::Access).write().await.unwrap();
        world.ground().vault.destroy_key(&mut tx, DEMO, id, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        world.ground().vault.bury(world.db(Which::Access)).await.unwrap();
        let opened = open(world, "archivist", Which::Access, &entry).await.good();
        for one in &opened.promises {
            assert_eq!((one.state(), one.salt.len(), one.text.as_str()), (PromiseState::Erased, 0, ""), "{}", one.field);
        }
        assert_eq!(opened.promises.len(), 2);
    }

    // proves: I9
    async fn a_promise_that_was_tampered_with_is_no_answer(world) {
        let file = world.at_level(1, "confidential").await;
        let entry = asked(world, "service-manager", &file.name).await;
        let mut tx = world.db(Which::Access).write().await.unwrap();
        let text = "UPDATE promise SET sealed = (SELECT o.sealed FROM promise o WHERE o.field = 'justification' AND o.entry = $1)
                    WHERE entry = $1 AND field = 'reason'";
        sql!(&mut tx, execute, text, Uuid::parse_str(&entry.id).unwrap()).unwrap();
        tx.commit().await.unwrap();
        open(world, "archivist", Which::Access, &entry).await.refused(Reason::StoreInconsistent);
    }
}
