//! The audit trail: requests, decisions, loans, returns and changes, by file, person and period.

use dossier_proto::journal::v1::ListEntriesRequest;
use dossier_tests::scene::sound;

use super::*;

async fn found(world: &World, which: Which, subject: &str, request: ListEntriesRequest) -> Vec<EntryBody> {
    world.settle().await;
    let (mut bodies, mut token) = (Vec::new(), String::new());
    loop {
        let request = ListEntriesRequest { parent: home(which), page_size: 3, page_token: token, ..request.clone() };
        let page = match which {
            Which::Access => world.access(subject).journal.list_entries(request).await.good(),
            Which::Profile => world.profile(subject).journal.list_entries(request).await.good(),
            Which::Credit => world.credit(subject).journal.list_entries(request).await.good(),
        };
        bodies.extend(page.entries.iter().map(|entry| EntryBody::decode(&entry.body[..]).unwrap()));
        token = page.next_page_token;
        if token.is_empty() {
            return bodies;
        }
    }
}

fn entries(filter: String) -> ListEntriesRequest {
    ListEntriesRequest { filter, ..ListEntriesRequest::default() }
}

fn about(subject: &str) -> ListEntriesRequest {
    entries(format!("subject = \"{subject}\""))
}

/// The actions, consecutive ones once.
fn actions(bodies: &[EntryBody]) -> Vec<&str> {
    let mut actions: Vec<_> = bodies.iter().map(|body| body.action.as_str()).collect();
    actions.dedup();
    actions
}

/// A file that sales-2 asked for, fetched, read and brought back.
async fn story(world: &World, n: u32) -> (String, pb::AccessRequest, pb::Loan) {
    let file = world.at_level(n, "confidential").await;
    let request = world.ask("sales-2", &file.name, AccessKind::Original).await.good().access_request.unwrap();
    world.approve("gm", &request.approval).await.good();
    let request = request_of(world, "sales-2", &request.name).await;
    let loan = world.check_out(&file.name, "sales-2", &request.grant).await.good();
    world.settle().await;
    world.read("sales-2", &file.name).await.good();
    world.take_back(&loan, sound(&loan)).await.good();
    (file.name, request, loan)
}

on_both_stores! {
    // proves: A-42
    async fn a_file_tells_who_asked_for_it_had_it_and_brought_it_back(world) {
        let (file, request, loan) = story(world, 1).await;
        story(world, 2).await;
        let told = found(world, Which::Access, "archivist", about(&file)).await;
        let said = actions(&told);
        let mut after = 0;
        // Who signed for it is in the trail as well.
        for action in [
            "approval.created",
            "access_request.created",
            "approval.signed",
            "access_request.granted",
            "loan.checked_out",
            "loan.returned",
        ] {
            let at = said.iter().position(|one| *one == action);
            let at = at.unwrap_or_else(|| panic!("{action} is not told: {said:?}"));
            assert!(at >= after, "{action} is told too early: {said:?}");
            after = at;
        }
        for body in told.iter().filter(|body| body.action.starts_with("loan.")) {
            assert_eq!((&body.subject, &body.actor), (&loan.name, &loan.handed_out_by));
        }
        let asked = told.iter().find(|body| body.action == "access_request.created").unwrap();
        assert_eq!((&asked.subject, &asked.actor), (&request.name, &request.requester));
        // The decision stands beside it, under the name of who gave it.
        let granted = told.iter().find(|body| body.action == "access_request.granted").unwrap();
        assert_eq!(granted.actor, world.who("gm").await);
        let Some(Kind::AccessRequestChanged(outcome)) = granted.event.as_ref().and_then(|event| event.kind.as_ref())
        else {
            panic!("it is the outcome of a request: {granted:?}");
        };
        assert_eq!((&outcome.approval, &outcome.grant), (&request.approval, &request.grant));
        // Free texts are promised, not shown.
        assert!(asked.commitments.iter().any(|one| one.field == "justification"));
        let read = found(world, Which::Profile, "archivist", about(&file)).await;
        let disclosed = read.iter().find(|body| body.action == "file.disclosed" && body.actor == request.requester);
        assert!(disclosed.is_some(), "the reading is told: {:?}", actions(&read));
        let decided = found(world, Which::Access, "archivist", about(&request.approval)).await;
        assert_eq!(actions(&decided), ["approval.created", "approval.signed"]);
        assert_eq!(decided[1].actor, world.who("gm").await);
    }

    // proves: A-42
    async fn a_person_is_found_with_everything_he_did(world) {
        story(world, 1).await;
        world.ask("sales-2", NO_FILE, AccessKind::View).await.refused(Reason::ResourceNotFound);
        let actor = world.who("sales-2").await;
        let his = entries(format!("actor = \"{actor}\""));
        let told = found(world, Which::Access, "archivist", his).await;
        assert!(told.iter().all(|body| body.actor == actor));
        let said = actions(&told);
        assert!(said.contains(&"access_request.created"), "{said:?}");
        let signer = world.who("gm").await;
        let his = entries(format!("actor = \"{signer}\" AND action = \"approval.signed\""));
        assert_eq!(found(world, Which::Access, "archivist", his).await.len(), 1);
    }

    // proves: A-42
    async fn a_period_shows_what_happened_in_it(world) {
        story(world, 1).await;
        world.pass(SignedDuration::from_hours(24));
        let begins = world.now();
        let (file, ..) = story(world, 2).await;
        world.pass(SignedDuration::from_hours(24));
        let ends = world.now();
        story(world, 3).await;
        let period = format!("time >= \"{begins}\" AND time < \"{ends}\"");
        let period = entries(format!("{period} AND action = \"loan.checked_out\""));
        let told = found(world, Which::Access, "archivist", period).await;
        assert_eq!(told.len(), 1);
        let Some(Kind::LoanChanged(loan)) = told[0].event.as_ref().and_then(|event| event.kind.as_ref()) else {
            panic!("it is a loan: {told:?}");
        };
        assert_eq!(loan.file, file);
    }

    // proves, I10
    async fn only_who_may_reads_the_trail_and_only_of_files_he_sees(world) {
        let (file, request, _) = story(world, 1).await;
        for subject in ["sales-1", "analyst", "deputy"] {
            let refused = world.access(subject).journal.list_entries(about(&file)).await;
            refused.refused(Reason::PermissionDenied);
        }
        // The auditor is not cleared for the file: its trail tells them who did what and when, and nothing of the content.
        let told = found(world, Which::Access, "auditor", about(&file)).await;
        assert!(!told.is_empty() && told.iter().all(|body| body.event.is_none() && body.commitments.is_empty()));
        assert!(!found(world, Which::Access, "archivist", about(&file)).await.is_empty());
        // Nor is they told by its approval which file was asked for.
        let told = found(world, Which::Access, "auditor", about(&request.approval)).await;
        assert!(!told.is_empty() && told.iter().all(|body| body.event.is_none() && body.subject == request.approval));
        assert!(!found(world, Which::Access, "archivist", about(&request.approval)).await.is_empty());
    }
}
