//! Bytes that are no request, too many of them, and calls whose time runs out.

use dossier_proto::access::v1::{CreatePersonRequest, Person};
use dossier_proto::credit::v1::EvaluateCustomerRequest;
use dossier_proto::profile::v1::{CreateCustomerFileRequest, GetCustomerFileRequest};
use dossier_tests::scene::company;
use dossier_tests::world::changes;
use prost::Message;
use tonic::{Code, Request};

use super::{CANARY, Rows, tells_nothing_of};
use crate::prelude::*;

const CREATE: &str = "dossier.profile.v1.CustomerFileService/CreateCustomerFile";
const PERSON: &str = "dossier.access.v1.DirectoryService/CreatePerson";
const EVALUATE: &str = "dossier.credit.v1.RatingService/EvaluateCustomer";

/// The message with `marker` made into bytes that are no UTF-8.
fn torn(message: &impl Message, marker: &str) -> Vec<u8> {
    let mut bytes = message.encode_to_vec();
    let at = bytes.windows(marker.len()).position(|part| part == marker.as_bytes()).expect("the marker is there");
    bytes[at] = 0xff;
    bytes
}

on_both_stores! {
    // proves: I8
    async fn no_change_is_taken_without_a_request_id(world) {
        let before = Rows::of(world).await;
        assert!(changes().count() > 35, "only {} methods change something", changes().count());
        for method in changes() {
            let which = match method.split('.').nth(1) {
                Some("access") => Which::Access,
                Some("credit") => Which::Credit,
                _ => Which::Profile,
            };
            let status = world.bare(which, world.person(DEMO, "gm"), method, Vec::new()).await.expect_err(method);
            let refused = Refused::of(&status);
            assert_eq!((refused.reason, refused.fields), (Reason::FieldViolation, vec!["request_id".to_owned()]), "{method}");
        }
        before.unchanged(world).await;
    }

    async fn malformed_utf8_is_refused_with_its_field_and_writes_nothing(world) {
        let before = Rows::of(world).await;
        let mut file = company(1);
        file.unit_ref = format!("zzzz{CANARY}");
        let create = CreateCustomerFileRequest { customer_file: Some(file), ..CreateCustomerFileRequest::default() };
        let person = Person { subject: "zzzz".into(), display_name: CANARY.into(), ..Person::default() };
        let person = CreatePersonRequest { person: Some(person), ..CreatePersonRequest::default() };
        let inputs = [("years".to_owned(), format!("zzzz{CANARY}"))];
        let evaluate = EvaluateCustomerRequest { inputs: inputs.into_iter().collect(), ..EvaluateCustomerRequest::default() };
        for (which, subject, method, message, field) in [
            (Which::Profile, "sales-1", CREATE, torn(&create, "zzzz"), "unit_ref"),
            (Which::Access, "office-director", PERSON, torn(&person, "zzzz"), "subject"),
            (Which::Credit, "analyst", EVALUATE, torn(&evaluate, "zzzz"), "inputs"),
        ] {
            let bearer = world.person(DEMO, subject);
            let status = world.unary(which, bearer, method, message).await.expect_err("no UTF-8, no request");
            let refused = Refused::of(&status);
            assert_eq!((refused.code, refused.reason), (Code::InvalidArgument, Reason::MessageMalformed), "{refused:?}");
            assert!(refused.fields.iter().any(|named| named.contains(field)), "{method}: {refused:?} names no {field}");
            tells_nothing_of(CANARY, &status);
        }
        before.unchanged(world).await;
    }

    async fn bytes_that_are_no_message_are_refused(world) {
        let before = Rows::of(world).await;
        // A length that reaches behind the end, a wire type that does not exist, a number that never ends.
        for bytes in [vec![0x0a, 0x7f, 0x01], vec![0x0f], vec![0xff; 40]] {
            for (which, method) in [(Which::Profile, CREATE), (Which::Access, PERSON), (Which::Credit, EVALUATE)] {
                let bearer = world.person(DEMO, "gm");
                let status = world.unary(which, bearer, method, bytes.clone()).await.expect_err("no message");
                let refused = Refused::of(&status);
                assert_eq!(refused.reason, Reason::MessageMalformed, "{method} {bytes:?}: {refused:?}");
            }
        }
        before.unchanged(world).await;
    }

    async fn a_message_over_the_servers_limit_is_refused_with_the_limit(world) {
        let before = Rows::of(world).await;
        let mut file = company(1);
        file.unit_ref = CANARY.repeat(200_000);
        let create = CreateCustomerFileRequest { customer_file: Some(file), ..CreateCustomerFileRequest::default() };
        assert!(create.encoded_len() > 4 * 1024 * 1024);
        let bearer = world.person(DEMO, "sales-1");
        let status = world.unary(Which::Profile, bearer, CREATE, create.encode_to_vec()).await.expect_err("too large");
        let refused = Refused::of(&status);
        assert_eq!((refused.code, refused.reason), (Code::ResourceExhausted, Reason::MessageTooLarge), "{refused:?}");
        assert_eq!(refused.metadata["limit_bytes"], "4194304");
        tells_nothing_of(CANARY, &status);
        before.unchanged(world).await;
    }

    async fn a_method_that_does_not_exist_is_refused_by_name(world) {
        let bearer = world.person(DEMO, "gm");
        let method = "dossier.profile.v1.CustomerFileService/BurnCustomerFile";
        let status = world.unary(Which::Profile, bearer, method, Vec::new()).await.expect_err("no such method");
        let refused = Refused::of(&status);
        assert_eq!((refused.code, refused.reason), (Code::Unimplemented, Reason::MethodUnknown), "{refused:?}");
        assert_eq!(refused.metadata["method"], method);
    }

    async fn a_deadline_that_cannot_be_read_is_a_field_violation(world) {
        let mut request = Request::new(GetCustomerFileRequest::default());
        request.metadata_mut().insert("grpc-timeout", "soon".parse().unwrap());
        let refused = world.profile("sales-1").files.get_customer_file(request).await.refused(Reason::FieldViolation);
        assert!(refused.names("grpc-timeout"), "{refused:?}");
    }
}

// The store of SQLite can be kept busy by one statement, that of PostgreSQL only row by row.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_time_runs_out_writes_nothing() {
    let world = World::with(Store::Sqlite, 1, &[("server.default_deadline", "1s")]).await;
    let before = Rows::of(&world).await;
    let busy = world.db(Which::Profile).write().await.unwrap();
    let mut calls = world.profile("sales-1");
    let refused = world.create(&mut calls, company(1)).await.refused(Reason::DeadlineExceeded);
    assert_eq!(refused.code, Code::DeadlineExceeded);
    busy.rollback().await.unwrap();
    before.unchanged(&world).await;
    // The server is not stuck: the next call is done.
    let file = world.create(&mut calls, company(1)).await.good();
    assert_eq!(file.revision, 1);
    world.end().await;
}
