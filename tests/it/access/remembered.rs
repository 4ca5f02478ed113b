//! What CheckAccess remembers is what it would answer anew, after every change and at every time (I5).

use dossier_tests::scene::sound;

use super::*;

const ASKERS: [&str; 5] = ["gm", "sales-2", "service-manager", "archivist", "auditor"];

/// Every question of every asker about themselves and about `sales-2`, of these files.
fn questions(files: &[&str], other: &str) -> Vec<pb::CheckAccessRequest> {
    let mut all = Vec::new();
    for file in files {
        for (person, kind) in [("", AccessKind::View), ("", AccessKind::Original), (other, AccessKind::View)] {
            let scope = Some(Scope::field_set(["name", "phone"]));
            let one = pb::CheckAccessRequest {
                scope: Some(Scope::whole_file()),
                purpose: "customer_service".into(),
                file: (*file).into(),
                person: person.into(),
                kind: kind.into(),
                ..pb::CheckAccessRequest::default()
            };
            all.push(pb::CheckAccessRequest { scope, ..one.clone() });
            all.push(one);
        }
    }
    all
}

/// The first question whose answer differs from the one that a batch, which remembers nothing, gives.
async fn differs(world: &World, files: &[&str]) -> Option<String> {
    let other = world.who("gm").await;
    for asker in ASKERS {
        let mut calls = world.access(asker).requests;
        for one in questions(files, &other) {
            let mut told = None;
            // Jobs may change something between the two; what is wrongly remembered stays wrong.
            for _ in 0..3 {
                let alone = calls.check_access(one.clone()).await;
                let batch = pb::BatchCheckAccessRequest { checks: vec![one.clone()] };
                let anew = calls.batch_check_access(batch).await;
                let alone = alone.map(tonic::Response::into_inner).map_err(|status| Refused::of(&status).reason);
                let anew = anew.map(|it| it.into_inner().results.remove(0));
                let anew = anew.map_err(|status| Refused::of(&status).reason);
                told = (alone != anew).then(|| format!("{asker} {one:?}: {alone:?}, anew {anew:?}"));
                if told.is_none() {
                    break;
                }
            }
            if told.is_some() {
                return told;
            }
        }
    }
    None
}

async fn same(world: &World, files: &[&str], after: &str) {
    world.settle().await;
    // The first round remembers, the second is from memory.
    for round in ["first", "second"] {
        let found = differs(world, files).await;
        assert!(found.is_none(), "after {after}, {round} round: {}", found.unwrap_or_default());
    }
}

fn of<'a>(world: &World, name: &'a str) -> (String, String, &'a str) {
    (name.to_owned(), world.request_id(), "工作需要")
}

on_both_stores! {
    // proves
    async fn a_remembered_answer_follows_every_change_of_people_and_rights(world) {
        let (plain, closed) = (world.active(1).await, world.at_level(2, "confidential").await);
        let files = [plain.name.as_str(), closed.name.as_str(), NO_FILE];
        same(world, &files, "the beginning").await;
        hire(world, "temp", "sales_staff", "sales").await;
        appoint(world, "sales-2", "finance_director", "finance").await;
        same(world, &files, "an appointment").await;
        world.dismiss("sales-2", "finance_director", "finance").await.good();
        same(world, &files, "a dismissal").await;
        let seen = world.granted("sales-2", &closed.name, AccessKind::View, &["gm"]).await;
        same(world, &files, "a grant").await;
        world.read("sales-2", &closed.name).await.good();
        same(world, &files, "a reading on it").await;
        let (name, request_id, _) = of(world, &seen.name);
        let completed = pb::CompleteGrantRequest { name, request_id, ..pb::CompleteGrantRequest::default() };
        world.access("sales-2").requests.complete_grant(completed).await.good();
        same(world, &files, "its completion").await;
        let again = world.granted("sales-2", &closed.name, AccessKind::View, &["gm"]).await;
        let (name, request_id, reason) = of(world, &again.name);
        let revoked = pb::RevokeGrantRequest { name, request_id, reason: reason.into(), ..pb::RevokeGrantRequest::default() };
        world.access("office-director").requests.revoke_grant(revoked).await.good();
        same(world, &files, "a revocation").await;
        world.granted("sales-2", &closed.name, AccessKind::View, &["gm"]).await;
        same(world, &files, "one more grant").await;
        world.pass(SignedDuration::from_hours(5));
        same(world, &files, "the end of its time").await;
        world.pass(SignedDuration::from_hours(-5));
        same(world, &files, "a clock that was set back").await;
    }

    // proves
    async fn a_remembered_answer_follows_every_loan_and_every_level(world) {
        let (plain, closed) = (world.active(1).await, world.at_level(2, "confidential").await);
        let files = [plain.name.as_str(), closed.name.as_str()];
        same(world, &files, "the beginning").await;
        let loan = world.check_out(&plain.name, "gm", "").await.good();
        same(world, &files, "a loan without a grant").await;
        world.take_back(&loan, sound(&loan)).await.good();
        same(world, &files, "its return").await;
        let grant = world.granted("sales-2", &closed.name, AccessKind::Original, &["gm"]).await;
        same(world, &files, "a grant of an original").await;
        let loan = world.check_out(&closed.name, "sales-2", &grant.name).await.good();
        same(world, &files, "a loan").await;
        let (name, request_id, reason) = of(world, &loan.name);
        let recall = pb::RecallLoanRequest { name, request_id, reason: reason.into(), ..pb::RecallLoanRequest::default() };
        let loan = world.access("archivist").loans.recall_loan(recall).await.good();
        same(world, &files, "a recall").await;
        world.take_back(&loan, sound(&loan)).await.good();
        same(world, &files, "a return").await;
        world.classify("archivist", &plain.name, "secret").await.good();
        same(world, &files, "a higher level").await;
        let (person, request_id) = (world.who("service-manager").await, world.request_id());
        let person = pb::Person { name: person, active: false, ..pb::Person::default() };
        let off = pb::UpdatePersonRequest {
            person: Some(person),
            update_mask: Some(prost_types::FieldMask { paths: vec!["active".into()] }),
            request_id,
            ..pb::UpdatePersonRequest::default()
        };
        world.access("office-director").directory.update_person(off).await.good();
        same(world, &files, "somebody was switched off").await;
    }

    // The control: what is written without a stamp is not noticed, so the comparison above would have found it.
    async fn a_change_that_leaves_no_stamp_is_found_out(world) {
        let file = world.at_level(1, "confidential").await;
        world.granted("sales-2", &file.name, AccessKind::View, &["gm"]).await;
        same(world, &[&file.name], "a grant").await;
        let text = "UPDATE grant_copy SET revoked_at = 1 WHERE org = $1";
        let mut tx = world.db(Which::Access).write().await.unwrap();
        assert_eq!(sql!(&mut tx, execute, text, DEMO).unwrap(), 1);
        tx.commit().await.unwrap();
        assert!(differs(world, &[&file.name]).await.is_some());
        let mut tx = world.db(Which::Access).write().await.unwrap();
        let id = Uuid::try_parse(file.name.strip_prefix("files/").unwrap()).unwrap();
        dossier_kernel::stamp::touch(&mut tx, DEMO, id).await.unwrap();
        tx.commit().await.unwrap();
        same(world, &[&file.name], "the stamp").await;
    }
}
