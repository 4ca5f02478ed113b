//! The audit trail: every effect, disclosure and refusal, by file, person and period.

use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::journal_service_client::JournalServiceClient;
use dossier_proto::journal::v1::{Entry, EntryBody, ListEntriesRequest, WatchEntriesRequest};
use dossier_tests::world::Road;
use prost::Message;

use crate::prelude::*;

pub(super) fn bodies(entries: &[Entry]) -> Vec<EntryBody> {
    entries.iter().map(|entry| EntryBody::decode(&entry.body[..]).unwrap()).collect()
}

fn actions(bodies: &[EntryBody]) -> Vec<&str> {
    bodies.iter().map(|body| body.action.as_str()).collect()
}

pub(super) fn entries(which: Which, filter: String) -> ListEntriesRequest {
    ListEntriesRequest { parent: home(which), filter, ..ListEntriesRequest::default() }
}

pub(super) fn about(which: Which, subject: &str) -> ListEntriesRequest {
    entries(which, format!("subject = \"{subject}\""))
}

// Under which action an attempt on what was refused.
fn refused(body: EntryBody) -> Option<(String, String)> {
    let Some(Kind::AccessRefused(one)) = body.event?.kind else { return None };
    Some((one.action, one.resource))
}

pub(super) fn journal_of(world: &World, which: Which, subject: &str) -> JournalServiceClient<Road> {
    match which {
        Which::Profile => world.profile(subject).journal,
        Which::Access => world.access(subject).journal,
        Which::Credit => world.credit(subject).journal,
    }
}

async fn listed(world: &World, which: Which, request: ListEntriesRequest) -> Vec<EntryBody> {
    bodies(&journal_of(world, which, "office-director").list_entries(request).await.good().entries)
}

on_both_stores! {
    // proves: A-01
    async fn whoever_may_not_read_a_journal_leaves_a_refusal_in_it(world) {
        let actor = world.who("sales-1").await;
        for which in Which::ALL {
            let request = entries(which, String::new());
            journal_of(world, which, "sales-1").list_entries(request).await.refused(Reason::PermissionDenied);
            let watch = WatchEntriesRequest { parent: home(which), ..WatchEntriesRequest::default() };
            journal_of(world, which, "sales-1").watch_entries(watch).await.refused(Reason::PermissionDenied);
            world.settle().await;
            let asked = entries(which, format!("action = \"access.refused\" AND actor = \"{actor}\""));
            let told: Vec<_> = listed(world, which, asked).await.into_iter().filter_map(refused).collect();
            let expected = ("journal.read".to_owned(), home(which));
            assert_eq!(told, [expected.clone(), expected], "{which}");
        }
    }

    // proves: A-42
    async fn the_trail_of_a_file_tells_its_life_in_order(world) {
        let file = world.active(1).await;
        world.active(2).await;
        world.read("sales-2", &file.name).await.good();
        world.settle().await;
        let request = about(Which::Profile, &file.name);
        let trail = listed(world, Which::Profile, request).await;
        let told = actions(&trail);
        let at = |word: &str| {
            told.iter().position(|action| action.contains(word)).unwrap_or_else(|| panic!("{word} in {told:?}"))
        };
        let life = ["created", "submitted", "review", "activated", "disclosed"].map(at);
        assert!(life.is_sorted(), "{told:?}");
        let about = |body: &EntryBody| body.subject == file.name || format!("{:?}", body.event).contains(&file.name);
        assert!(trail.iter().all(about), "{trail:?}");
        assert_eq!(trail[at("created")].actor, world.who("sales-1").await);
        assert_eq!(trail[at("disclosed")].actor, world.who("sales-2").await);
    }

    // proves: A-42
    async fn the_trail_can_be_asked_by_person_and_by_period(world) {
        let began = world.now();
        let file = world.active(1).await;
        world.pass(SignedDuration::from_hours(2));
        world.read("sales-2", &file.name).await.good();
        world.settle().await;
        let by = entries(Which::Profile, format!("actor = \"{}\"", world.who("sales-manager").await));
        let signed = listed(world, Which::Profile, by).await;
        assert!(!signed.is_empty() && signed.iter().all(|body| body.action.contains("review")), "{signed:?}");
        let late = began + SignedDuration::from_hours(1);
        let after = entries(Which::Profile, format!("time >= \"{late}\""));
        let after = listed(world, Which::Profile, after).await;
        assert!(!after.is_empty() && after.iter().all(|body| body.action.contains("disclosed")), "{after:?}");
        let before = entries(Which::Profile, format!("time < \"{late}\""));
        let before = listed(world, Which::Profile, before).await;
        assert!(before.iter().all(|body| !body.action.contains("disclosed")) && before.len() >= 4, "{before:?}");
    }

    // proves: A-42, I3
    async fn a_disclosure_is_durable_before_the_content_leaves(world) {
        let file = world.active(1).await;
        let read = world.read("sales-2", &file.name).await.good();
        // No settling: what was answered is already written.
        let mut tx = world.db(Which::Profile).read().await.unwrap();
        let text = "SELECT body FROM journal_entry WHERE org = $1 AND topic = $2 AND action = 'file.disclosed'";
        let rows = sql!(&mut tx, fetch_all as (Vec<u8>,), text, DEMO, &file.name).unwrap();
        let body = EntryBody::decode(&rows.last().unwrap().0[..]).unwrap();
        let Some(Kind::FileDisclosed(event)) = body.event.and_then(|event| event.kind) else { panic!("no disclosure") };
        assert_eq!((event.purpose.as_str(), event.revision), ("customer_service", read.revision));
        assert!(
            event.fields.contains(&"phone".to_owned())
                && !event.fields.iter().any(|key| read.masked_fields.contains(key))
        );
    }

    // proves
    async fn every_refused_attempt_is_in_the_journal(world) {
        let file = world.at_level(1, "confidential").await;
        world.read("service-1", &file.name).await.refused(Reason::ResourceNotFound);
        world.classify("sales-1", &file.name, "none").await.refused(Reason::PermissionDenied);
        let nobody = world.profile_as(world.person(DEMO, "nobody"));
        let request =
            dossier_proto::profile::v1::GetCustomerFileRequest { name: file.name.clone(), purpose: "audit".into(), ..Default::default() };
        nobody.clone().files.get_customer_file(request).await.refused(Reason::PersonUnknown);
        world.settle().await;
        let request = about(Which::Profile, &file.name);
        let mut journal = world.profile("archivist").journal;
        let trail = bodies(&journal.list_entries(request).await.good().entries);
        let refused: Vec<_> = trail
            .iter()
            .filter_map(|body| match &body.event.as_ref()?.kind {
                Some(Kind::AccessRefused(event)) => Some((body.actor.clone(), event.reason.clone())),
                _ => None,
            })
            .collect();
        let (one, two) = (world.who("service-1").await, world.who("sales-1").await);
        assert!(refused.contains(&(one, "ERROR_REASON_RESOURCE_NOT_FOUND".into())), "{refused:?}");
        assert!(refused.contains(&(two, "ERROR_REASON_PERMISSION_DENIED".into())), "{refused:?}");
        assert!(refused.contains(&("subjects/nobody".into(), "ERROR_REASON_PERSON_UNKNOWN".into())), "{refused:?}");
    }

    // proves: A-42, I10
    async fn what_was_tried_under_a_number_belongs_to_its_file(world) {
        let file = world.at_level(1, "secret").await;
        let number = format!("fileNumbers/{}", file.number);
        world.classify("gm", &number, "none").await.refused(Reason::ResourceNotFound);
        world.classify("gm", "fileNumbers/KH-1999-00001", "none").await.refused(Reason::ResourceNotFound);
        world.settle().await;
        let about = |subject: &str| about(Which::Profile, subject);
        let refused = |entries: &[Entry]| {
            bodies(entries).iter().filter(|body| body.action == "access.refused").count()
        };
        let mut keeper = world.profile("archivist").journal;
        let trail = keeper.list_entries(about(&file.name)).await.good().entries;
        assert_eq!(refused(&trail), 1, "the trail of the file holds it");
        let mut auditor = world.profile("auditor").journal;
        let seen = auditor.list_entries(about(&number)).await.good().entries;
        assert!(!seen.is_empty() && seen.iter().all(|entry| entry.abridged), "{seen:?}");
        // A number that no file has looks the same.
        let none = auditor.list_entries(about("fileNumbers/KH-1999-00001")).await.good().entries;
        assert!(none.len() == 1 && none[0].abridged, "{none:?}");
    }

    // proves: A-42, I10
    async fn who_may_not_know_of_a_file_reads_nothing_of_it_but_who_when_and_what(world) {
        let file = world.at_level(1, "secret").await;
        let request = about(Which::Profile, &file.name);
        let seen = world.profile("auditor").journal.list_entries(request.clone()).await.good();
        let whole = world.profile("archivist").journal.list_entries(request.clone()).await.good();
        assert_eq!(seen.entries.len(), whole.entries.len());
        for (cut, whole) in seen.entries.iter().zip(&whole.entries) {
            assert!(cut.abridged && !whole.abridged && cut.leaf_hash == whole.leaf_hash);
            let (cut, whole) = (&bodies(std::slice::from_ref(cut))[0], &bodies(std::slice::from_ref(whole))[0]);
            assert_eq!((&cut.actor, &cut.action, &cut.subject), (&whole.actor, &whole.action, &whole.subject));
            assert!(cut.event.is_none() && cut.commitments.is_empty() && whole.event.is_some(), "{cut:?}");
        }
        world.profile("sales-1").journal.list_entries(request).await.refused(Reason::PermissionDenied);
    }

    async fn a_watcher_is_told_what_comes(world) {
        let file = world.active(1).await;
        let subject = file.name.clone();
        let mut journal = world.profile("archivist").journal;
        let mut stream = journal.watch_entries(WatchEntriesRequest { parent: home(Which::Profile), subject, decode: true, ..Default::default() }).await.good();
        let mut seen = Vec::new();
        while !actions(&seen).iter().any(|action| action.contains("activated")) {
            seen.extend(bodies(&stream.message().await.unwrap().unwrap().entries));
        }
        world.read("sales-2", &file.name).await.good();
        let next = stream.message().await.unwrap().unwrap().entries;
        let said = bodies(&next);
        assert!(actions(&said).iter().all(|action| action.contains("disclosed")), "{said:?}");
        let decoded: Vec<_> = next.into_iter().filter_map(|one| one.decoded).collect();
        assert_eq!(decoded, said, "asked for, they are decoded beside their bytes");
    }

    async fn a_service_reads_everything_page_by_page(world) {
        world.active(1).await;
        let mut journal = world.access_as(world.service(Which::Profile, DEMO)).journal;
        let (mut after, mut seqs) = (0, Vec::new());
        loop {
            let request = ListEntriesRequest { page_size: 7, ..entries(Which::Access, format!("seq > {after}")) };
            let page = journal.list_entries(request).await.good();
            let Some(last) = page.entries.last() else { break };
            after = last.seq;
            seqs.extend(page.entries.iter().map(|entry| entry.seq));
        }
        assert_eq!(seqs, (1..=seqs.len() as i64).collect::<Vec<_>>());
        assert!(seqs.len() > 20);
    }
}
