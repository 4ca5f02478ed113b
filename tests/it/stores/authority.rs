//! The shared tables: people, appointments, letters, grants, files, rules, duties, and the events that fill them.

use dossier_authority::feed;
use dossier_authority::store::appointment::Appointment;
use dossier_authority::store::approval::Use;
use dossier_authority::store::delegation::Delegation;
use dossier_authority::store::duty::{self, Duty, End, Filter};
use dossier_authority::store::file::{FileCopy, Named};
use dossier_authority::store::grant::Grant;
use dossier_authority::store::{appointment, approval, delegation, file, grant, principal, rules};
use dossier_journal::edition;
use dossier_kernel::filter::Range;
use dossier_kernel::page::Page;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{ApprovalChanged, EntryBody, Event, GrantChanged, PersonChanged};
use dossier_proto::types::Scope;
use dossier_regime::{Regimes, Sources};
use prost::Message;
use prost_types::Timestamp;
use sqlx::types::Json;

use super::BENCH;
use super::kernel::call;
use crate::prelude::*;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

on_both_stores! {
    // proves: A-01
    async fn people_and_their_posts_are_found_while_they_hold(world) {
        let mut tx = world.db(Which::Credit).write().await.unwrap();
        let tx = &mut tx;
        principal::put(tx, BENCH, id(1), "one", true).await.unwrap();
        principal::put(tx, BENCH, id(2), "two", false).await.unwrap();
        for (n, person, from, until) in [(11, 1, 0, 100), (12, 1, 100, i64::MAX), (13, 2, 0, i64::MAX)] {
            let (post, unit) = (format!("post{n}"), "sales".to_owned());
            let row = Appointment { id: id(n), person: id(person), post, unit, valid_from: from, valid_until: until };
            appointment::put(tx, BENCH, &row).await.unwrap();
        }
        let found = principal::lookup(tx, BENCH, "one", 50).await.unwrap().unwrap();
        assert_eq!((found.person, found.posts.len(), found.posts[0].post.as_str()), (id(1), 1, "post11"));
        assert!(found.holds("post11", Some("sales")) && !found.holds("post11", Some("finance")));
        let later = principal::lookup_person(tx, BENCH, id(1), 100).await.unwrap().unwrap();
        assert_eq!(later.posts[0].post, "post12");
        assert!(principal::lookup(tx, BENCH, "two", 50).await.unwrap().is_none(), "switched off");
        assert!(principal::lookup(tx, BENCH, "three", 50).await.unwrap().is_none());
        let asked = [(BENCH, "two"), (BENCH, "one"), (BENCH, "three"), ("nobody", "one"), (BENCH, "one")];
        let many = principal::by_subject(tx, &asked).await.unwrap();
        assert!(many[0].is_none() && many[2].is_none() && many[3].is_none(), "each by his own org and subject");
        let tenure = many[1].as_ref().unwrap();
        assert_eq!((tenure.at(50), tenure.at(100)), (found, later));
        assert_eq!(many[4], many[1]);
        let many = principal::by_person(tx, &[(BENCH, id(2)), (BENCH, id(1))]).await.unwrap();
        assert_eq!((many[0].as_ref(), many[1].as_ref()), (None, Some(tenure)));
        assert_eq!(appointment::of_person(tx, BENCH, id(1)).await.unwrap().len(), 2);
        let current = appointment::current(tx, BENCH, 50).await.unwrap();
        assert_eq!(current.iter().map(|one| one.id).collect::<Vec<_>>(), [id(11)]);
        assert!(feed::knows_anybody(tx, BENCH).await.unwrap() && !feed::knows_anybody(tx, "nobody").await.unwrap());
    }

    // proves: A-38
    async fn letters_hold_from_their_first_to_before_their_last_moment(world) {
        let mut tx = world.db(Which::Credit).write().await.unwrap();
        let mut letter = Delegation {
            id: id(5),
            delegator: id(1),
            delegate: id(2),
            post: "gm".into(),
            matters: Json(vec!["loan".into()]),
            max_rank: 1,
            valid_from: 10,
            valid_until: 20,
            revoked_at: None,
        };
        delegation::put(&mut tx, BENCH, &letter).await.unwrap();
        for (now, count) in [(9, 0), (10, 1), (19, 1), (20, 0)] {
            assert_eq!(delegation::in_force(&mut tx, BENCH, now).await.unwrap().len(), count, "at {now}");
        }
        letter.revoked_at = Some(15);
        delegation::put(&mut tx, BENCH, &letter).await.unwrap();
        assert_eq!(delegation::lookup(&mut tx, BENCH, id(5)).await.unwrap(), Some(letter));
        assert_eq!(delegation::in_force(&mut tx, BENCH, 15).await.unwrap().len(), 0);
        assert!(delegation::lookup(&mut tx, "other", id(5)).await.unwrap().is_none());
    }

    async fn a_counted_grant_is_spent_to_its_end_and_never_beyond(world) {
        let mut tx = world.db(Which::Credit).write().await.unwrap();
        let row = Grant {
            id: id(7),
            file: id(8),
            holder: id(1),
            purpose: "audit".into(),
            scope: Json(dossier_authority::Scope::Fields(vec!["name".into()])),
            kind: 1,
            valid_from: 10,
            valid_until: 20,
            max_uses: 2,
            uses: 0,
            revoked_at: None,
            completed_at: None,
        };
        grant::put(&mut tx, BENCH, &row).await.unwrap();
        assert_eq!(grant::current(&mut tx, BENCH, id(8), id(1), 10).await.unwrap(), std::slice::from_ref(&row));
        let mut spent = Vec::new();
        for _ in 0..3 {
            spent.push(grant::spend(&mut tx, BENCH, id(7)).await.unwrap());
        }
        assert_eq!(spent, [true, true, false]);
        // A later event keeps the count.
        grant::put(&mut tx, BENCH, &Grant { valid_until: 30, ..row }).await.unwrap();
        assert!(grant::current(&mut tx, BENCH, id(8), id(1), 10).await.unwrap().is_empty());
    }

    // proves: I5
    async fn what_has_ended_or_risen_does_not_come_back_by_an_entry_numbered_later(world) {
        let mut tx = world.db(Which::Credit).write().await.unwrap();
        let post = Appointment {
            id: id(21),
            person: id(1),
            post: "archivist".into(),
            unit: "office".into(),
            valid_from: 5,
            valid_until: 10,
        };
        let mut right = Grant {
            id: id(22),
            file: id(23),
            holder: id(1),
            purpose: "audit".into(),
            scope: Json(dossier_authority::Scope::WholeFile),
            kind: 1,
            valid_from: 5,
            valid_until: 20,
            max_uses: 0,
            uses: 0,
            revoked_at: Some(10),
            completed_at: None,
        };
        let file = FileCopy {
            id: id(23),
            number: String::new(),
            level: "secret".into(),
            unit: "sales".into(),
            custodian: None,
            state: "CUSTOMER_FILE_STATE_ACTIVE".into(),
            customer_type: 1,
            revision: 6,
            complete: true,
        };
        appointment::put(&mut tx, BENCH, &post).await.unwrap();
        grant::put(&mut tx, BENCH, &right).await.unwrap();
        file::put(&mut tx, BENCH, &file).await.unwrap();
        // What each was before, told afterwards.
        appointment::put(&mut tx, BENCH, &Appointment { valid_until: i64::MAX, ..post.clone() }).await.unwrap();
        right.revoked_at = None;
        grant::put(&mut tx, BENCH, &right).await.unwrap();
        file::put(&mut tx, BENCH, &FileCopy { level: "none".into(), revision: 5, ..file.clone() }).await.unwrap();
        assert_eq!(appointment::of_person(&mut tx, BENCH, id(1)).await.unwrap(), [post]);
        assert!(grant::current(&mut tx, BENCH, id(23), id(1), 12).await.unwrap().is_empty());
        assert_eq!(file::lookup(&mut tx, BENCH, id(23)).await.unwrap(), Some(file));
    }

    // proves: A-01, I5
    async fn a_right_whose_reach_is_not_known_opens_nothing_and_the_copy_goes_on(world) {
        let pack = world.ground().regimes.tenant(DEMO).unwrap().pack();
        let mut tx = world.db(Which::Credit).write().await.unwrap();
        let told = |n: u128, edition: i32, scope: Option<Scope>, kind: i32| {
            let changed = GrantChanged {
                grant: format!("grants/{}", id(n)),
                file: format!("files/{}", id(8)),
                holder: format!("persons/{}", id(1)),
                purpose: "audit".into(),
                kind,
                valid_from: Some(Timestamp { seconds: 1, nanos: 0 }),
                valid_until: Some(Timestamp { seconds: 9, nanos: 0 }),
                scope,
                ..GrantChanged::default()
            };
            let event = Some(Event { kind: Some(Kind::GrantChanged(changed)) });
            EntryBody { org: BENCH.into(), edition, event, ..EntryBody::default() }.encode_to_vec()
        };
        let later = Some(Scope { reach: None });
        let entries = [told(1, 1, None, 1), told(2, 1, later, 1), told(3, 2, None, 1), told(4, 1, Some(Scope::field_set::<String>([])), 1)];
        for entry in entries {
            feed::apply(&mut tx, pack, &edition::read(&entry).unwrap()).await.unwrap();
            assert!(grant::current(&mut tx, BENCH, id(8), id(1), 2_000_000).await.unwrap().is_empty());
        }
        for kind in [0, 4, 5, 9] {
            let whole = told(7 + kind as u128, 1, Some(Scope::whole_file()), kind);
            feed::apply(&mut tx, pack, &edition::read(&whole).unwrap()).await.unwrap();
            assert!(grant::current(&mut tx, BENCH, id(8), id(1), 2_000_000).await.unwrap().is_empty(), "kind {kind}");
        }
        // What an entry of the first edition says without a scope is a right to the whole file, as it was then.
        for (n, entry) in [(5, told(5, 0, None, 1)), (6, told(6, 1, Some(Scope::whole_file()), 1))] {
            feed::apply(&mut tx, pack, &edition::read(&entry).unwrap()).await.unwrap();
            let known = grant::current(&mut tx, BENCH, id(8), id(1), 2_000_000).await.unwrap();
            assert!(known.iter().any(|one| one.id == id(n) && one.scope.is_whole()), "{known:?}");
        }
    }

    // proves
    async fn an_approval_is_known_once_it_is_given_and_used_once(world) {
        let pack = world.ground().regimes.tenant(DEMO).unwrap().pack();
        let mut tx = world.db(Which::Credit).write().await.unwrap();
        let tx = &mut tx;
        let moved = |n: u128, state: &str| {
            let changed = ApprovalChanged {
                approval: format!("approvals/{}", id(n)),
                matter: "act.appoint".into(),
                subject: "persons/1".into(),
                content_digest: vec![7; 32],
                state: state.into(),
                requester: format!("persons/{}", id(1)),
                ..ApprovalChanged::default()
            };
            let event = Some(Event { kind: Some(Kind::ApprovalChanged(changed)) });
            EntryBody { org: BENCH.into(), event, ..EntryBody::default() }
        };
        for state in ["PENDING", "RETURNED", "REJECTED", "WITHDRAWN"] {
            feed::apply(tx, pack, &moved(5, &format!("APPROVAL_STATE_{state}"))).await.unwrap();
        }
        assert_eq!(approval::lookup(tx, BENCH, id(5)).await.unwrap(), None);
        for _ in 0..2 {
            feed::apply(tx, pack, &moved(6, "APPROVAL_STATE_APPROVED")).await.unwrap();
        }
        let given = approval::lookup(tx, BENCH, id(6)).await.unwrap().unwrap();
        assert_eq!((given.matter.as_str(), given.requester, given.digest.len()), ("act.appoint", id(1), 32));
        assert_eq!(approval::lookup(tx, "nobody", id(6)).await.unwrap(), None);
        let used = Use { approval: id(6), subject: "persons/1", person: id(1), at: 9 };
        assert!(approval::spend(tx, BENCH, used).await.unwrap());
        // Whoever writes it: the store itself takes no second use.
        assert!(!approval::spend(tx, BENCH, Use { subject: "persons/2", ..used }).await.unwrap());
        feed::apply(tx, pack, &moved(6, "APPROVAL_STATE_APPROVED")).await.unwrap();
        assert!(!approval::spend(tx, BENCH, used).await.unwrap());
    }

    // proves: A-23
    async fn a_closed_file_is_acted_on_by_name_or_number_and_nothing_else_is(world) {
        let pack = world.ground().regimes.tenant(DEMO).unwrap().pack();
        let db = world.db(Which::Credit);
        rules::sync(db, BENCH, pack).await.unwrap();
        let mut tx = db.write().await.unwrap();
        let tx = &mut tx;
        for (n, number, level) in [(8, "N8", "top_secret"), (9, "N9", "secret"), (10, "", "top_secret")] {
            let row = FileCopy {
                id: id(n),
                number: number.into(),
                level: level.into(),
                unit: "sales".into(),
                custodian: None,
                state: "CUSTOMER_FILE_STATE_ACTIVE".into(),
                customer_type: 2,
                revision: 3,
                complete: true,
            };
            file::put(tx, BENCH, &row).await.unwrap();
        }
        let mut found = Vec::new();
        for named in [Named::File(id(8)), Named::Number("N8".into()), Named::File(id(10)), Named::Number(String::new())] {
            assert_eq!(file::actionable(tx, BENCH, id(1), 10, &named, false).await.unwrap(), None, "{named:?}");
            found.push(file::actionable(tx, BENCH, id(1), 10, &named, true).await.unwrap().map(|file| file.id));
        }
        assert_eq!(found, [Some(id(8)), Some(id(8)), Some(id(10)), None]);
        for named in [Named::File(id(9)), Named::Number("N9".into()), Named::Number("N7".into())] {
            assert_eq!(file::actionable(tx, BENCH, id(1), 10, &named, true).await.unwrap(), None, "{named:?}");
        }
    }

    // proves: X-37
    async fn a_version_of_a_pack_says_one_thing_and_none_is_of_the_future(world) {
        let db = world.db(Which::Credit);
        let tenant = |change: &dyn Fn(String) -> String| {
            let mut sources = Sources::shipped();
            let source = sources.packs.iter_mut().find(|source| source.file.ends_with("R36.yaml")).unwrap();
            source.bytes = change(String::from_utf8(source.bytes.clone()).unwrap()).into_bytes();
            Regimes::read(&sources).unwrap().tenant(DEMO).unwrap().clone()
        };
        let changed = |text: String| text.replacen("longest: 4h", "longest: 5h", 1);
        let (plain, later) = (tenant(&|text| text), tenant(&|text| changed(text).replacen("version: 9", "version: 10", 1)));
        rules::admit(db, &plain, world.now()).await.unwrap();
        rules::admit(db, &tenant(&|text| format!("# a note\n{text}")), world.now()).await.unwrap();
        let refused = rules::admit(db, &tenant(&changed), world.now()).await.unwrap_err();
        let place = refused.metadata("place").unwrap();
        assert!(refused.reason() == Reason::PackFault && place.contains("version 9"), "{place}");
        // At start every version is asked about, those of the future too.
        let refused = rules::require_same(db, &tenant(&changed)).await.unwrap_err();
        assert_eq!(refused.reason(), Reason::PackFault);
        for same in [&plain, &later] {
            rules::require_same(db, same).await.unwrap();
        }
        rules::admit(db, &later, world.now()).await.unwrap();
        // Back again: that version said this.
        rules::admit(db, &plain, world.now()).await.unwrap();
        let early = "2025-12-31T15:59:59Z".parse().unwrap();
        let refused = rules::admit(db, &plain, early).await.unwrap_err();
        assert!(refused.metadata("place").unwrap().contains("effective_from 2026-01-01"), "{refused:?}");
        rules::admit(db, &plain, early + SignedDuration::from_secs(1)).await.unwrap();
    }

    async fn a_copy_of_a_file_follows_its_events(world) {
        let pack = world.ground().regimes.tenant(DEMO).unwrap().pack();
        let db = world.db(Which::Credit);
        rules::sync(db, BENCH, pack).await.unwrap();
        let mut tx = db.write().await.unwrap();
        let row = FileCopy {
            id: id(8),
            number: "N1".into(),
            level: "none".into(),
            unit: "sales".into(),
            custodian: Some(id(1)),
            state: "CUSTOMER_FILE_STATE_ACTIVE".into(),
            customer_type: 2,
            revision: 3,
            complete: true,
        };
        file::put(&mut tx, BENCH, &row).await.unwrap();
        let moved = FileCopy { unit: "finance".into(), custodian: None, revision: 4, complete: false, ..row };
        file::put(&mut tx, BENCH, &moved).await.unwrap();
        assert_eq!(file::lookup(&mut tx, BENCH, id(8)).await.unwrap(), Some(moved));
        assert_eq!(file::visible(&mut tx, BENCH, id(1), 10, id(8)).await.unwrap(), None);
        assert_eq!(file::askable(&mut tx, BENCH, id(1), 10, id(8)).await.unwrap(), None);
        let person = PersonChanged { person: format!("persons/{}", id(3)), subject: "three".into(), active: true };
        let event = Some(Event { kind: Some(Kind::PersonChanged(person)) });
        let entry = EntryBody { org: BENCH.into(), event, ..EntryBody::default() };
        for _ in 0..2 {
            feed::apply(&mut tx, pack, &entry).await.unwrap();
        }
        assert_eq!(principal::lookup(&mut tx, BENCH, "three", 0).await.unwrap().unwrap().person, id(3));
    }

    async fn a_duty_is_open_once_and_ends_once(world) {
        let mut tx = world.db(Which::Credit).write().await.unwrap();
        let tx = &mut tx;
        let row = |n: u128, due_at| Duty {
            time_window: 0,
            id: id(n),
            kind: "file.refresh".into(),
            subject: format!("files/{}", id(due_at as u128)),
            file: None,
            post: "archivist".into(),
            unit: String::new(),
            assignee: Some(id(1)),
            due_at,
            calendar_version: "cn 1".into(),
            provisional: false,
            state: "DUTY_STATE_OPEN".into(),
            opened_at: 1,
            closed_at: None,
            closed_by: None,
            ground: "P-46".into(),
            version: 1,
            barred: None,
            other: None,
            shown: None,
        };
        assert!(duty::open(tx, BENCH, &row(21, 100)).await.unwrap());
        assert!(!duty::open(tx, BENCH, &row(22, 100)).await.unwrap(), "it is open already");
        assert!(duty::open(tx, BENCH, &row(23, 200)).await.unwrap());
        let page = Page::of(&call(world), 1, "", &[]).unwrap();
        let wanted = Filter { post: Some("archivist"), assignee: Some(id(1)), due: Range { until: 300, ..Range::ALL }, ..Filter::default() };
        let mut first = duty::list(tx, BENCH, id(1), 0, &wanted, &page).await.unwrap();
        let token = page.cut(&mut first, duty::key);
        assert_eq!(first.iter().map(|one| one.id).collect::<Vec<_>>(), [id(21)]);
        let page = Page::of(&call(world), 1, &token, &[]).unwrap();
        let second = duty::list(tx, BENCH, id(1), 0, &wanted, &page).await.unwrap();
        assert_eq!(second.iter().map(|one| one.id).collect::<Vec<_>>(), [id(23)]);
        let end = End { state: "DUTY_STATE_WAIVED", by: Some(id(1)), at: 5 };
        assert!(!duty::end(tx, BENCH, id(21), 9, &end).await.unwrap(), "another version");
        assert!(duty::end(tx, BENCH, id(21), 1, &end).await.unwrap());
        let subject = format!("files/{}", id(200));
        let closed = duty::close(tx, BENCH, "file.refresh", &subject, &end).await.unwrap().unwrap();
        assert_eq!((closed.id, closed.version), (id(23), 2));
        assert!(duty::close(tx, BENCH, "file.refresh", &subject, &end).await.unwrap().is_none());
        assert!(duty::visible(tx, BENCH, id(2), 0, id(23)).await.unwrap().is_some());
    }
}
