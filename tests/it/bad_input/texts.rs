//! Texts that hold what nobody can see, in every string of every request.

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MapKey, MessageDescriptor, Value};
use tonic::Code;

use dossier_proto::profile::v1::{CreateCustomerFileRequest, GetCustomerFileRequest};

use super::Rows;
use crate::prelude::*;

/// How deep a request is looked into.
const DEEPEST: usize = 6;

/// Every string that a request of this type can hold: requests with `text` in that one place, and the path of it.
fn strings(message: &MessageDescriptor, text: &str, depth: usize) -> Vec<(String, DynamicMessage)> {
    let mut found = Vec::new();
    for field in message.fields().filter(|_| depth < DEEPEST) {
        let name = field.name().to_owned();
        let mut put = |path: String, value: Value| {
            let mut one = DynamicMessage::new(message.clone());
            one.set_field(&field, value);
            found.push((path, one));
        };
        match field.kind() {
            Kind::String if field.is_list() => {
                let items = ["plain", text].map(|item| Value::String(item.to_owned()));
                put(format!("{name}[1]"), Value::List(items.to_vec()));
            }
            Kind::String => put(name, Value::String(text.to_owned())),
            Kind::Message(entry) if field.is_map() => {
                let value = entry.map_entry_value_field();
                let mut entry = |path: String, key: &str, value: Value| {
                    put(path, Value::Map([(MapKey::String(key.to_owned()), value)].into()));
                };
                entry(name.clone(), text, Value::default_value_for_field(&value));
                match value.kind() {
                    Kind::Message(inner) => {
                        for (path, inner) in strings(&inner, text, depth + 1) {
                            entry(format!("{name}.k.{path}"), "k", Value::Message(inner));
                        }
                    }
                    _ => entry(format!("{name}.k"), "k", Value::String(text.to_owned())),
                }
            }
            Kind::Message(inner) => {
                for (path, inner) in strings(&inner, text, depth + 1) {
                    match field.is_list() {
                        true => put(format!("{name}[0].{path}"), Value::List(vec![Value::Message(inner)])),
                        false => put(format!("{name}.{path}"), Value::Message(inner)),
                    }
                }
            }
            _ => {}
        }
    }
    found
}

on_both_stores! {
    async fn no_string_of_any_request_holds_what_nobody_can_see(world) {
        let pool = DescriptorPool::decode(dossier_proto::DESCRIPTORS).unwrap();
        let before = Rows::of(world).await;
        let mut tried = 0;
        for which in Which::ALL {
            let methods = which.services().iter().flat_map(|name| {
                let service = pool.get_service_by_name(name).unwrap();
                service.methods().map(|one| (format!("{name}/{}", one.name()), one.input())).collect::<Vec<_>>()
            });
            for (method, input) in methods {
                for text in ["a\0b", "DUP\u{200b}-1"] {
                    for (path, request) in strings(&input, text, 0) {
                        let bearer = world.person(DEMO, "gm");
                        let answer = world.unary(which, bearer, &method, request.encode_to_vec()).await;
                        let status = answer.expect_err(&format!("{method} takes {text:?} as {path}"));
                        let refused = Refused::of(&status);
                        let told = format!("{method} with {text:?} as {path}: {refused:?}");
                        assert_eq!((refused.code, refused.reason), (Code::InvalidArgument, Reason::FieldViolation), "{told}");
                        assert!(refused.names(&path), "{told}");
                        assert!(!status.message().contains(text) && !status.message().contains("DUP"), "{told}");
                        tried += 1;
                    }
                }
            }
        }
        assert!(tried > 500, "only {tried} strings were tried");
        before.unchanged(world).await;
    }

    // proves: I8
    async fn a_request_id_in_capitals_is_the_same_request(world) {
        let mut calls = world.profile("sales-1").files;
        let id = "0190abcd-0000-7000-8000-00000000abcd".to_owned();
        let customer_file = Some(dossier_tests::scene::company(1));
        let mut request = CreateCustomerFileRequest { customer_file, request_id: id.clone(), ..Default::default() };
        let file = calls.create_customer_file(request.clone()).await.good();
        request.request_id = id.to_uppercase();
        assert_eq!(calls.create_customer_file(request).await.good(), file);
        let (collection, uuid) = file.name.split_once('/').unwrap();
        let name = format!("{collection}/{}", uuid.to_uppercase());
        let get = GetCustomerFileRequest { name, purpose: "customer_service".into(), ..Default::default() };
        assert_eq!(calls.get_customer_file(get).await.good().name, file.name);
    }

    // proves: P-02
    async fn units_that_look_the_same_are_one_unit(world) {
        let mut calls = world.profile("sales-1");
        let of = |unit_ref: &str| {
            let mut file = dossier_tests::scene::company(1);
            file.unit_ref = unit_ref.to_owned();
            file
        };
        world.create(&mut calls, of("DUP-1")).await.good();
        for alike in ["dup1", "DU\u{420}-1", "ＤＵＰ－１", "𝐃𝐔𝐏-𝟏"] {
            world.create(&mut calls, of(alike)).await.refused(Reason::FileUnitTaken);
        }
        world.create(&mut calls, of("DUP\u{200b}-1")).await.refused(Reason::FieldViolation);
        world.create(&mut calls, of("ROW-0")).await.good();
        world.create(&mut calls, of("ROW-O")).await.good();
    }
}
