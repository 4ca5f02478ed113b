//! What was true before: etags, request ids, page tokens; and queries and identifiers that are none.

use dossier_proto::access::v1::{ListPersonsRequest, Person, UpdatePersonRequest};
use dossier_proto::credit::v1::{
    ActivateScoreModelRequest, CommitReservationRequest, ListScoreModelsRequest, ReleaseReservationRequest,
    SubmitLimitRequest, UpdateLimitRequest,
};
use dossier_proto::duty::v1::ListDutiesRequest;
use dossier_proto::profile::v1::{
    ActivateCustomerFileRequest, ClassifyCustomerFileRequest, CloseCustomerFileRequest, CreateCustomerFileRequest,
    CustomerFile, ListCustomerFilesRequest, SearchCustomerFilesRequest, SubmitCustomerFileRequest,
    UpdateCustomerFileRequest,
};
use dossier_proto::types::CustomerType;
use dossier_tests::scene::{company, small_card};
use prost_types::FieldMask;
use tonic::Code;

use super::{Rows, tells_nothing_of};
use crate::prelude::*;

fn masked(paths: &[&str]) -> Option<FieldMask> {
    Some(FieldMask { paths: paths.iter().map(|&path| path.to_owned()).collect() })
}

on_both_stores! {
    // proves: P-46, P-48
    async fn a_stale_etag_aborts_every_change_of_a_file(world) {
        let draft = world.draft(1).await;
        let (name, etag) = (draft.name.clone(), "stale".to_owned());
        let before = Rows::of(world).await;
        let (mut sales, mut archivist) = (world.profile("sales-1").files, world.profile("archivist").files);
        let changed = CustomerFile { etag: etag.clone(), ..draft.clone() };
        let (customer_file, update_mask) = (Some(changed), masked(&["fields.name"]));
        let update = UpdateCustomerFileRequest { customer_file, update_mask, ..Default::default() };
        let submit = SubmitCustomerFileRequest { name: name.clone(), etag: etag.clone(), ..Default::default() };
        let activate = ActivateCustomerFileRequest { name: name.clone(), etag: etag.clone(), ..Default::default() };
        let level = "confidential".to_owned();
        let classify = ClassifyCustomerFileRequest { name: name.clone(), level, etag: etag.clone(), ..Default::default() };
        let close = CloseCustomerFileRequest { name: name.clone(), etag, reason: "x".into(), ..Default::default() };
        for refused in [
            sales.update_customer_file(update).await.refused(Reason::EtagStale),
            sales.submit_customer_file(submit).await.refused(Reason::EtagStale),
            archivist.activate_customer_file(activate).await.refused(Reason::EtagStale),
            archivist.classify_customer_file(classify).await.refused(Reason::EtagStale),
            archivist.close_customer_file(close).await.refused(Reason::EtagStale),
        ] {
            assert_eq!((refused.code, refused.metadata["resource"].as_str()), (Code::Aborted, name.as_str()));
        }
        before.unchanged(world).await;
    }

    async fn a_stale_etag_aborts_in_access_and_credit(world) {
        let customer = world.customer(1, 1_000).await;
        let held = world.reserve(&customer, 100).await.good();
        let limit = world.submitted_limit(&customer, 2_000).await;
        let draft = world.card(small_card("other")).await.good();
        let person = Person { name: world.who("sales-2").await, etag: "v0".into(), active: true, ..Person::default() };
        let before = Rows::of(world).await;
        let (person, update_mask) = (Some(person), masked(&["active"]));
        let update = UpdatePersonRequest { person, update_mask, ..UpdatePersonRequest::default() };
        let mut directory = world.access("office-director").directory;
        let refused = directory.update_person(update).await.refused(Reason::EtagStale);
        assert_eq!(refused.code, Code::Aborted);
        let (mut sales, mut analyst) = (world.credit("sales-1"), world.credit("analyst"));
        let etag = "v0".to_owned();
        let commit = CommitReservationRequest { name: held.name.clone(), etag: etag.clone(), ..CommitReservationRequest::default() };
        sales.exposure.commit_reservation(commit).await.refused(Reason::EtagStale);
        let release = ReleaseReservationRequest { name: held.name, etag: etag.clone(), ..ReleaseReservationRequest::default() };
        sales.exposure.release_reservation(release).await.refused(Reason::EtagStale);
        let activate = ActivateScoreModelRequest { name: draft.name, etag: etag.clone(), ..Default::default() };
        analyst.ratings.activate_score_model(activate).await.refused(Reason::EtagStale);
        let submit = SubmitLimitRequest { name: limit.name, etag, ..SubmitLimitRequest::default() };
        analyst.limits.submit_limit(submit).await.refused(Reason::EtagStale);
        before.unchanged(world).await;
    }

    // proves: I8
    async fn a_request_id_with_another_body_is_refused_and_with_the_same_replayed(world) {
        let request_id = world.request_id();
        let create = |n| CreateCustomerFileRequest {
            customer_file: Some(company(n)),
            request_id: request_id.clone(),
            ..CreateCustomerFileRequest::default()
        };
        let mut files = world.profile("sales-1").files;
        let first = files.create_customer_file(create(1)).await.good();
        let before = Rows::of(world).await;
        assert_eq!(files.create_customer_file(create(1)).await.good(), first);
        let refused = files.create_customer_file(create(2)).await.refused(Reason::RequestIdReused);
        assert_eq!((refused.code, refused.metadata["request_id"].as_str()), (Code::InvalidArgument, request_id.as_str()));
        // The id is the caller's own: with another method it is another body too, and another caller has their own.
        let submit = SubmitCustomerFileRequest { name: first.name, request_id: request_id.clone(), ..Default::default() };
        files.submit_customer_file(submit).await.refused(Reason::RequestIdReused);
        before.only_read(world).await;
        let other = world.profile("sales-2").files.create_customer_file(create(2)).await.good();
        assert_eq!(other.unit_ref, "REF-000002");
        check::holds(world).await;
    }

    async fn a_page_token_belongs_to_one_query_of_one_caller(world) {
        for n in 1..=3 {
            world.draft(n).await;
            world.card(small_card(&format!("card-{n}"))).await.good();
        }
        let list = |filter: &str, page_token: &str| ListCustomerFilesRequest {
            page_size: 1,
            page_token: page_token.into(),
            filter: filter.into(),
            ..ListCustomerFilesRequest::default()
        };
        let mut files = world.profile("sales-1").files;
        let token = files.list_customer_files(list("", "")).await.good().next_page_token;
        assert_eq!(files.list_customer_files(list("", &token)).await.good().customer_files.len(), 1);
        let altered = format!("{token}A");
        for (filter, token) in [("state = DRAFT", token.as_str()), ("", &altered), ("", "nonsense"), ("", "页")] {
            let refused = files.list_customer_files(list(filter, token)).await.refused(Reason::PageTokenInvalid);
            assert_eq!(refused.code, Code::InvalidArgument);
        }
        world.profile("sales-2").files.list_customer_files(list("", &token)).await.refused(Reason::PageTokenInvalid);
        let mut directory = world.access("gm").directory;
        let persons = |unit: &str, page_token: &str| ListPersonsRequest {
            filter: if unit.is_empty() { String::new() } else { format!("appointments.unit = \"{unit}\"") },
            page_size: 1,
            page_token: page_token.into(),
            ..ListPersonsRequest::default()
        };
        let token = directory.list_persons(persons("", "")).await.good().next_page_token;
        directory.list_persons(persons("sales", &token)).await.refused(Reason::PageTokenInvalid);
        let mut ratings = world.credit("analyst").ratings;
        let models = |card: &str, page_token: &str| ListScoreModelsRequest {
            filter: if card.is_empty() { String::new() } else { format!("card = \"{card}\"") },
            page_size: 1,
            page_token: page_token.into(),
            ..ListScoreModelsRequest::default()
        };
        let token = ratings.list_score_models(models("", "")).await.good().next_page_token;
        ratings.list_score_models(models("card-1", &token)).await.refused(Reason::PageTokenInvalid);
    }

    async fn a_filter_that_cannot_be_read_is_refused_with_its_place(world) {
        let mut files = world.profile("sales-1").files;
        let long = "x".repeat(1001);
        for (filter, position) in [
            ("state", "5"),
            ("state = \"ACTIVE\"", "8"),
            ("colour = \"red\"", "0"),
            ("state = ACTIVE AND level = \"none\" AND level = \"secret\"", "38"),
            ("unit = \"sales\" OR unit = \"finance\"", "15"),
            ("custodian = \"somebody\"", "12"),
            ("due_time < \"2026-04-01\"", "11"),
            ("create_time >= 5", "15"),
            ("document_kind > \"licence\"", "0"),
            ("document_kind = licence", "16"),
            (long.as_str(), "1000"),
        ] {
            let request = ListCustomerFilesRequest { filter: filter.into(), ..ListCustomerFilesRequest::default() };
            let refused = files.list_customer_files(request).await.refused(Reason::FilterInvalid);
            assert_eq!((refused.code, refused.metadata["position"].as_str()), (Code::InvalidArgument, position), "{filter}");
            let (name_contains, purpose) = ("客户".to_owned(), "audit".to_owned());
            let request = SearchCustomerFilesRequest { filter: filter.into(), name_contains, purpose, ..Default::default() };
            let refused = files.search_customer_files(request).await.refused(Reason::FilterInvalid);
            assert_eq!(refused.metadata["position"].as_str(), position, "{filter}");
        }
        let request = ListDutiesRequest { parent: home(Which::Access), filter: "colour = \"red\"".into(), ..ListDutiesRequest::default() };
        let refused = world.access("archivist").duties.list_duties(request).await.refused(Reason::FilterInvalid);
        assert_eq!((refused.metadata["position"].as_str(), refused.metadata["field"].as_str()), ("0", "colour"));
    }

    async fn a_mask_path_that_does_not_exist_is_named(world) {
        let draft = world.draft(1).await;
        let customer = world.active(2).await.name;
        world.model().await;
        let rating = world.rating(&customer).await;
        let proposal = world.proposing(&customer, &rating.name, 500);
        let limit = world.credit("analyst").limits.propose_limit(proposal).await.good();
        let before = Rows::of(world).await;
        for path in ["level", "state", "number", "name", "fields.colour", "fields.customer_no", "unit_ref"] {
            let (customer_file, update_mask) = (Some(draft.clone()), masked(&["fields.name", path]));
            let update = UpdateCustomerFileRequest { customer_file, update_mask, ..Default::default() };
            let answer = world.profile("sales-1").files.update_customer_file(update).await;
            let refused = answer.refused(Reason::UpdateMaskInvalid);
            assert_eq!((refused.code, refused.metadata["path"].as_str()), (Code::InvalidArgument, path));
        }
        let person = Some(Person { name: world.who("sales-2").await, ..Person::default() });
        let update = UpdatePersonRequest { person, update_mask: masked(&["subject"]), ..Default::default() };
        let answer = world.access("office-director").directory.update_person(update).await;
        assert_eq!(answer.refused(Reason::UpdateMaskInvalid).metadata["path"], "subject");
        let update_mask = masked(&["customer"]);
        let update = UpdateLimitRequest { limit: Some(limit), update_mask, ..UpdateLimitRequest::default() };
        let answer = world.credit("analyst").limits.update_limit(update).await;
        assert_eq!(answer.refused(Reason::UpdateMaskInvalid).metadata["path"], "customer");
        before.unchanged(world).await;
    }

    // proves: P-04
    async fn a_wrong_check_digit_is_refused_by_kind_and_field(world) {
        let before = Rows::of(world).await;
        let mut sales = world.profile("sales-1");
        for (customer_type, key, wrong, kind) in [
            (CustomerType::NaturalPerson, "id_number", "110105194912310021", "gb11643"),
            (CustomerType::NaturalPerson, "id_number", "110105194913310021", "gb11643"),
            (CustomerType::Company, "uscc", "91350100M000100Y44", "gb32100"),
            (CustomerType::Company, "uscc", "91350100M000100", "gb32100"),
        ] {
            let mut file = company(1);
            file.customer_type = customer_type.into();
            if customer_type == CustomerType::NaturalPerson {
                file.fields.remove("industry");
            }
            file.fields.insert(key.into(), text(wrong));
            let status = world.create(&mut sales, file).await.expect_err("a wrong check digit");
            let refused = Refused::of(&status);
            assert_eq!((refused.code, refused.reason), (Code::InvalidArgument, Reason::IdentifierInvalid), "{refused:?}");
            assert_eq!((refused.fields, refused.metadata["kind"].as_str()), (vec![format!("fields.{key}")], kind));
            tells_nothing_of(wrong, &status);
        }
        before.unchanged(world).await;
        let mut file = company(1);
        file.fields.insert("uscc".into(), text("91350100M000100Y43"));
        world.create(&mut sales, file).await.good();
    }
}
