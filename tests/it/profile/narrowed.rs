//! Lists and searches narrowed by what lies in a file, by what is due and by when it happened (P-105), as far as the caller may know
//! of it (I10).

use dossier_proto::profile::v1::{
    CustomerFile, Document, DocumentCarrier, ListCustomerFilesRequest, SearchCustomerFilesRequest, VoidDocumentRequest,
};
use dossier_tests::on_both_stores_under;
use dossier_tests::raw::Raw;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{company, paper, stamp};
use prost::Message;

use super::documents::licence;
use crate::prelude::*;

/// After everything that a test brings about of itself.
const LAPSING: &str = "due_time > \"2031-01-01T00:00:00Z\"";

fn listing(filter: &str) -> ListCustomerFilesRequest {
    ListCustomerFilesRequest { filter: filter.into(), ..ListCustomerFilesRequest::default() }
}

fn searching(filter: &str) -> SearchCustomerFilesRequest {
    SearchCustomerFilesRequest {
        name_contains: "客户00".into(),
        purpose: "customer_service".into(),
        filter: filter.into(),
        ..SearchCustomerFilesRequest::default()
    }
}

// What a list and a search give; they agree, since every file here has such a name and is read for that purpose.
async fn found(world: &World, subject: &str, filter: &str) -> Vec<String> {
    let mut files = world.profile(subject).files;
    let listed = files.list_customer_files(listing(filter)).await.good().customer_files;
    let searched = files.search_customer_files(searching(filter)).await.good().customer_files;
    let names = |files: Vec<CustomerFile>| files.into_iter().map(|file| file.name).collect::<Vec<_>>();
    let listed = names(listed);
    assert_eq!(listed, names(searched), "{filter}");
    listed
}

async fn void(world: &World, one: &Document) {
    let request = VoidDocumentRequest {
        name: one.name.clone(),
        request_id: world.request_id(),
        reason: "归错档".into(),
        ..VoidDocumentRequest::default()
    };
    world.profile("sales-1").documents.void_document(request).await.good();
}

// A confidential file, whole to sales-2 and of which the analyst may read the name.
async fn confined(world: &World) -> String {
    let file = world.active(1).await.name;
    world.classify("archivist", &file, "confidential").await.good();
    world.settle().await;
    world.rights(&file).await;
    file
}

on_both_stores_under! {
    Rules::of("PAPERS");

    // proves: P-105
    async fn files_are_found_by_the_kind_of_a_document_that_is_not_void(world) {
        let (first, second, third) = (world.active(1).await.name, world.active(2).await.name, world.draft(3).await.name);
        for file in [&first, &third] {
            world.file_document("sales-1", file, licence(DocumentCarrier::Copy, "2031-06-30")).await.good();
        }
        let other = world.file_document("sales-1", &second, paper("other", DocumentCarrier::Scan, "x")).await.good();
        assert_eq!(found(world, "sales-2", "document_kind = \"licence\"").await, [third, first.clone()]);
        assert_eq!(found(world, "sales-2", "document_kind = \"licence\" AND state = ACTIVE AND unit = \"sales\"").await, [first]);
        assert_eq!(found(world, "sales-2", "document_kind = \"licence\" AND unit = \"finance\"").await, [""; 0]);
        assert_eq!(found(world, "sales-2", "document_kind = \"floor_plan\"").await, [""; 0]);
        assert_eq!(found(world, "sales-2", "document_kind = \"other\"").await, [second]);
        void(world, &other).await;
        assert_eq!(found(world, "sales-2", "document_kind = \"other\"").await, [""; 0]);
        assert_eq!(found(world, "service-1", "document_kind = \"licence\"").await, [""; 0], "of another unit");
    }

    // proves: P-105
    async fn files_are_found_by_when_something_about_them_is_due(world) {
        let (first, second) = (world.active(1).await.name, world.active(2).await.name);
        let one = world.file_document("sales-1", &first, licence(DocumentCarrier::Copy, "2031-06-30")).await.good();
        world.file_document("sales-1", &second, licence(DocumentCarrier::Copy, "2032-06-30")).await.good();
        let day = "due_time >= \"2031-05-31T00:00:00Z\" AND due_time < \"2031-06-01T00:00:00Z\"";
        assert_eq!(found(world, "sales-2", day).await, std::slice::from_ref(&first), "30 days before it lapses");
        assert_eq!(found(world, "sales-2", LAPSING).await, [second.clone(), first]);
        assert_eq!(found(world, "sales-2", "due_time > \"2032-01-01T00:00:00Z\" AND level = \"none\"").await, [second]);
        void(world, &one).await;
        assert_eq!(found(world, "sales-2", day).await, [""; 0], "what fell away is not due");
    }

    // proves: P-105
    async fn files_are_found_by_when_they_were_made_and_took_effect(world) {
        let moment = world.now();
        world.pass(SignedDuration::from_secs(1));
        let first = world.active(1).await.name;
        world.pass(SignedDuration::from_secs(1));
        let later = world.now();
        let signed = CustomerFile { contract_effect_time: Some(stamp(later)), ..company(2) };
        let second = world.create(&mut world.profile("sales-1"), signed).await.good().name;
        assert_eq!(found(world, "sales-2", &format!("create_time < \"{moment}\"")).await, [""; 0]);
        assert_eq!(found(world, "sales-2", &format!("create_time >= \"{moment}\"")).await, [second.clone(), first.clone()]);
        let between = format!("create_time >= \"{moment}\" AND create_time < \"{later}\"");
        assert_eq!(found(world, "sales-2", &between).await, std::slice::from_ref(&first));
        assert_eq!(found(world, "sales-2", &format!("activate_time > \"{moment}\"")).await, [first], "the other is a draft");
        assert_eq!(found(world, "sales-2", &format!("contract_effect_time = \"{later}\"")).await, [second]);
    }

    // proves: P-105
    async fn who_calls_is_narrowed_as_a_list_is(world) {
        let first = world.active(1).await.name;
        world.file_document("sales-1", &first, paper("other", DocumentCarrier::Scan, "x")).await.good();
        let calls = |filter: &str| SearchCustomerFilesRequest {
            name_contains: String::new(),
            telephone: "+86 21 5555 0001".into(),
            ..searching(filter)
        };
        let mut files = world.profile("sales-2").files;
        for (filter, count) in [("", 1), ("document_kind = \"other\"", 1), ("document_kind = \"letter\"", 0)] {
            let hits = files.search_customer_files(calls(filter)).await.good().customer_files;
            assert_eq!(hits.len(), count, "{filter}");
        }
        let alone = SearchCustomerFilesRequest { telephone: String::new(), ..calls("state = ACTIVE") };
        files.search_customer_files(alone).await.refused(Reason::FieldViolation);
    }

    // proves: P-105
    async fn the_pages_of_a_search_belong_to_its_filter(world) {
        for n in 1..=3 {
            world.draft(n).await;
        }
        let mut files = world.profile("sales-2").files;
        let asked = |filter: &str, page_token: &str| SearchCustomerFilesRequest {
            page_size: 2,
            page_token: page_token.into(),
            ..searching(filter)
        };
        let first = files.search_customer_files(asked("state = DRAFT AND unit = \"sales\"", "")).await.good();
        let token = first.next_page_token;
        assert_eq!((first.customer_files.len(), token.is_empty()), (2, false));
        for filter in ["state = DRAFT", "", "state = DRAFT AND unit = \"finance\""] {
            files.search_customer_files(asked(filter, &token)).await.refused(Reason::PageTokenInvalid);
        }
        let last = files.search_customer_files(asked("state=DRAFT AND  unit=\"sales\"", &token)).await.good();
        assert_eq!((last.customer_files.len(), last.next_page_token.as_str()), (1, ""), "however it is spelled");
    }

    // proves: I10, A-02, P-105
    async fn a_document_and_a_duty_that_are_invisible_make_no_hit(world) {
        let file = confined(world).await;
        let questions = ["document_kind = \"licence\"", LAPSING];
        let ask = async |subject: &str| {
            let mut said = Vec::new();
            for filter in questions {
                let who = world.person(DEMO, subject);
                for (method, message) in [
                    ("ListCustomerFiles", listing(filter).encode_to_vec()),
                    ("SearchCustomerFiles", searching(filter).encode_to_vec()),
                ] {
                    let method = format!("dossier.profile.v1.CustomerFileService/{method}");
                    said.push(world.raw(Which::Profile, who.clone(), &method, message).await);
                }
            }
            said
        };
        assert_eq!(found(world, "analyst", "").await, std::slice::from_ref(&file), "the file itself is told, for its name");
        let before = ask("analyst").await;
        assert!(before.iter().all(|one| *one == Raw::Message(Vec::new())), "{before:?}");
        world.file_document("sales-1", &file, licence(DocumentCarrier::Copy, "2031-06-30")).await.good();
        assert_eq!(ask("analyst").await, before, "a right to its name tells nothing of what was filed");
        for (subject, filter) in ["sales-1", "sales-2"].into_iter().flat_map(|who| questions.map(|filter| (who, filter))) {
            assert_eq!(found(world, subject, filter).await, std::slice::from_ref(&file), "{subject}: {filter}");
        }
    }
}

fn without_duties() -> Rules {
    let rules = Rules::of("PAPERS");
    let (from, to) = (
        "file.update, directory.read, access.request, duty.read, policy.read]",
        "file.update, directory.read, access.request, policy.read]",
    );
    rules.spoil("regimes/R36.yaml", from, to);
    rules
}

on_both_stores_under! {
    without_duties();

    // proves: A-02
    async fn who_may_not_know_what_is_due_is_refused(world) {
        let mut files = world.profile("service-1").files;
        let refused = files.list_customer_files(listing(LAPSING)).await.refused(Reason::PermissionDenied);
        assert_eq!(refused.metadata["action"], "duty.read");
        files.search_customer_files(searching(LAPSING)).await.refused(Reason::PermissionDenied);
        files.list_customer_files(listing("document_kind = \"licence\"")).await.good();
    }
}
