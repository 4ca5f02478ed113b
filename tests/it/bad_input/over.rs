//! Requests with one field at fault, made from a good one by the path of the field.

use std::collections::BTreeSet;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, MethodDescriptor, ReflectMessage, Value};
use tonic::Code;

use super::annotated::{self, Behavior};
use super::put::put;
use super::{CANARY, Rows, tells_nothing_of};
use crate::prelude::*;

/// What stands in the field instead.
#[derive(Clone, Copy, Debug)]
pub(super) enum Over {
    /// A text of so many characters that begins with a personal value.
    Long(usize),
    /// So many elements, or entries.
    Many(usize),
    /// A number, or the number of an enum value.
    Number(i64),
    /// So many bytes.
    Bytes(usize),
    /// This text.
    Say(&'static str),
    /// Nothing: the field is not there.
    Absent,
}

/// What is required by a rule of its own, with a reason of its own, where the rule is tested: `access::requests`,
/// `access::loans`.
const BY_RULE: [(&str, &str); 6] = [
    // Of what is not there yet, what is known.
    ("/FindDuplicates", "customer_file.unit_ref"),
    ("/FindDuplicates", "customer_file.unit"),
    ("/RequestAccess", "purpose"),
    ("/RequestAccess", "justification"),
    ("/CheckOutItems", "acceptance"),
    ("/CheckOutItems", "acceptance.duties"),
];

/// What is demanded beside something else only, so that the contract cannot mark it.
const WITH: [(&str, &str); 21] = [
    // An amount of nothing is an amount elsewhere.
    ("/ProposeLimit", "amount.minor_units"),
    ("/ReserveCredit", "amount.minor_units"),
    ("/CommitReservation", "amount.minor_units"),
    ("/CheckCredit", "amount.minor_units"),
    // Without an act, from which they follow.
    ("/CreateApproval", "approval.matter"),
    ("/CreateApproval", "approval.subject"),
    ("/CreateApproval", "approval.unit"),
    ("/CreateApproval", "approval.content_digest"),
    ("/CreateApproval", "approval.summary"),
    // Without a part of the name.
    ("/SearchCustomerFiles", "conditions"),
    // Without a file that is not there yet; by its kind.
    ("/FindDuplicates", "name"),
    ("/FindDuplicates", "customer_file.customer_type"),
    // By the pack of this organisation, and by the kind of file in it.
    ("/CreateCustomerFile", "customer_file.first_contact_time"),
    ("/CreateCustomerFile", "customer_file.customer_type"),
    ("/CreateCustomerFile", "customer_file.of"),
    // Without a grant; with a no; without a classification; with the whole content.
    ("/CheckOutItems", "justification"),
    ("/ReviewCustomerFile", "reason"),
    ("/ClassifyCustomerFile", "level"),
    ("/ListCustomerFiles", "purpose"),
    // Where the register shows content.
    ("/ListRegisterRows", "purpose"),
    // Where the rule lays the document elsewhere.
    ("/MoveDocument", "reason"),
];

/// What packs without places or volumes refuse whole: `custody` and `volumes` try it under one that has some.
const ELSEWHERE: [&str; 2] = ["dossier.profile.v1.CustodyService", "dossier.profile.v1.VolumeService"];

/// Everything that can be wrong with the requests of one service.
pub(super) struct Table {
    which: Which,
    pool: DescriptorPool,
    cases: Vec<Case>,
    forms: Vec<Good>,
}

// A good request as it was given.
struct Good {
    method: &'static str,
    org: &'static str,
    subject: &'static str,
    message: DynamicMessage,
}

struct Case {
    method: &'static str,
    org: &'static str,
    subject: &'static str,
    message: Vec<u8>,
    told: String,
    field: &'static str,
}

/// A good request, of which cases are made.
pub(super) struct Form<'t> {
    table: &'t mut Table,
    method: &'static str,
    org: &'static str,
    subject: &'static str,
    base: DynamicMessage,
}

// === impl Table ===

impl Table {
    pub(super) fn new(which: Which) -> Self {
        let pool = DescriptorPool::decode(dossier_proto::DESCRIPTORS).unwrap();
        Self { which, pool, cases: Vec::new(), forms: Vec::new() }
    }

    /// A good request of `method`, sent by `subject` of `demo`.
    pub(super) fn form(&mut self, method: &'static str, subject: &'static str, base: &impl Message) -> Form<'_> {
        self.form_in(DEMO, method, subject, base)
    }

    /// As [`form`](Self::form), in another organisation.
    pub(super) fn form_in(
        &mut self,
        org: &'static str,
        method: &'static str,
        subject: &'static str,
        base: &impl Message,
    ) -> Form<'_> {
        let base = DynamicMessage::decode(self.request(method), base.encode_to_vec().as_slice()).unwrap();
        self.forms.push(Good { method, org, subject, message: base.clone() });
        Form { table: self, method, org, subject, base }
    }

    fn request(&self, method: &str) -> MessageDescriptor {
        self.method(method).input()
    }

    fn answer(&self, method: &str) -> MessageDescriptor {
        self.method(method).output()
    }

    fn method(&self, method: &str) -> MethodDescriptor {
        let (service, name) = method.split_once('/').unwrap();
        let service = self.pool.get_service_by_name(service).unwrap_or_else(|| panic!("there is no {service}"));
        service.methods().find(|one| one.name() == name).unwrap_or_else(|| panic!("there is no {method}"))
    }

    /// Sends every case: each is refused with a field of the request named, and this one among them, none writes anything or repeats the value. Every
    /// mutation of the service has a case.
    pub(super) async fn hold(&self, world: &World) {
        let missed = self.refuse(world).await;
        assert!(missed > 10, "{missed} fields are marked required");
        self.what_is_output_only_is_ignored(world).await;
        self.what_is_immutable_is_not_changed(world).await;
        self.every_mutation_has_a_case();
    }

    /// Sends every case, as [`hold`](Self::hold) does, of some mutations; gives how many required fields were left out.
    pub(super) async fn refuse(&self, world: &World) -> usize {
        let before = Rows::of(world).await;
        for case in &self.cases {
            let bearer = world.person(case.org, case.subject);
            let answer = world.unary(self.which, bearer, case.method, case.message.clone()).await;
            let status = answer.expect_err(&format!("{} takes {}", case.method, case.told));
            let refused = Refused::of(&status);
            let told = format!("{} with {}: {refused:?}", case.method, case.told);
            assert_eq!((refused.code, refused.reason), (Code::InvalidArgument, Reason::FieldViolation), "{told}");
            assert!(refused.names(case.field), "{told}, must name {}", case.field);
            for field in &refused.fields {
                let head = field.split(['.', '[']).next().unwrap();
                assert!(has(&self.request(case.method), head), "{told}: there is no {field}");
            }
            tells_nothing_of(CANARY, &status);
        }
        let missed = self.what_is_required_is_missed(world).await;
        before.unchanged(world).await;
        // These are tried on names that are not there, and such an attempt is in the journal.
        self.what_is_missed_is_marked(world).await;
        missed
    }

    // The contract marks what is required: each good request without one of those is refused with it named.
    async fn what_is_required_is_missed(&self, world: &World) -> usize {
        let (mut missed, mut faults) = (0, Vec::new());
        for good in &self.forms {
            // What of a resource is written is said by the mask, where there is one.
            let masked = good.message.descriptor().get_field_by_name("update_mask").is_some();
            // The harness gives each call a request id; a call without one is `wire::no_change_is_taken_without_a_request_id`.
            let asked = |path: &String| path != "request_id" && !(masked && path.contains('.'));
            for path in annotated::paths(&good.message, Behavior::Required).into_iter().filter(asked) {
                if BY_RULE.iter().any(|(method, field)| good.method.ends_with(method) && path == *field) {
                    continue;
                }
                let mut message = good.message.clone();
                put(&mut message, &path, Over::Absent);
                let bearer = world.person(good.org, good.subject);
                let answer = world.unary(self.which, bearer, good.method, message.encode_to_vec()).await;
                missed += 1;
                let refused = answer.map_err(|status| Refused::of(&status));
                if !refused.as_ref().is_err_and(|refused| names(refused, &good.message, &path)) {
                    faults.push(format!("{} without {path}: {refused:?}", good.method));
                }
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        missed
    }

    // And the other way: a field without which a good request is refused, with it named, is marked as required.
    async fn what_is_missed_is_marked(&self, world: &World) {
        let mut faults = Vec::new();
        for good in &self.forms {
            let only = good.message.descriptor().get_field_by_name("validate_only");
            let masked = good.message.descriptor().get_field_by_name("update_mask").is_some();
            for path in annotated::unmarked(&good.message) {
                if (masked && path.contains('.'))
                    || WITH.iter().any(|(of, field)| good.method.ends_with(of) && path == *field)
                {
                    continue;
                }
                let mut message = good.message.clone();
                put(&mut message, &path, Over::Absent);
                only.iter().for_each(|only| message.set_field(only, Value::Bool(true)));
                let bearer = world.person(good.org, good.subject);
                let answer = world.unary(self.which, bearer, good.method, message.encode_to_vec()).await;
                let Err(refused) = answer.map_err(|status| Refused::of(&status)) else { continue };
                let place = path.replace('[', ".").replace(']', "");
                if refused.reason == Reason::FieldViolation
                    && refused.fields.iter().any(|field| place == *field || place.ends_with(&format!(".{field}")))
                {
                    faults.push(format!("{} without {path}: {refused:?}", good.method));
                }
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    // What a caller says in a field that is output only makes no difference.
    async fn what_is_output_only_is_ignored(&self, world: &World) {
        for good in &self.forms {
            // The attempts before are in the journal, and a reading of it shows them as soon as they have their place.
            world.settle().await;
            let mut answers = Vec::new();
            let tried = |mut message: DynamicMessage| {
                let only = message.descriptor().get_field_by_name("validate_only");
                only.into_iter().for_each(|only| message.set_field(&only, Value::Bool(true)));
                message.encode_to_vec()
            };
            for message in [good.message.clone(), annotated::with_output_only(&good.message)] {
                let bearer = world.person(good.org, good.subject);
                let answer = world.unary(self.which, bearer, good.method, tried(message)).await;
                let answer = answer.map(|bytes| told(&self.answer(good.method), &bytes));
                answers.push(answer.map_err(|status| {
                    let refused = Refused::of(&status);
                    (refused.reason, refused.fields)
                }));
            }
            assert_eq!(answers[0], answers[1], "{}", good.method);
        }
    }

    // A mask that names what cannot change is refused.
    async fn what_is_immutable_is_not_changed(&self, world: &World) {
        for good in &self.forms {
            let Some(mask) = good.message.descriptor().get_field_by_name("update_mask") else { continue };
            let paths = annotated::paths(&good.message, Behavior::Immutable);
            for path in paths.iter().filter_map(|path| path.split_once('.').map(|(_, path)| path)) {
                let mut message = good.message.clone();
                let Value::Message(inner) = message.get_field_mut(&mask) else { panic!("a mask is a message") };
                inner.set_field_by_name("paths", Value::List(vec![Value::String(path.to_owned())]));
                let bearer = world.person(good.org, good.subject);
                let status = world.unary(self.which, bearer, good.method, message.encode_to_vec()).await;
                let refused = Refused::of(&status.expect_err(path));
                let reasons = [Reason::UpdateMaskInvalid, Reason::FieldViolation];
                assert!(reasons.contains(&refused.reason), "{} {path}: {refused:?}", good.method);
            }
        }
    }

    fn every_mutation_has_a_case(&self) {
        let tried: BTreeSet<_> = self.cases.iter().map(|case| case.method.to_owned()).collect();
        for service in self.which.services().iter().filter(|one| !ELSEWHERE.contains(one)) {
            let service = self.pool.get_service_by_name(service).unwrap();
            for method in service.methods().filter(|one| one.input().get_field_by_name("request_id").is_some()) {
                let name = format!("{}/{}", service.full_name(), method.name());
                assert!(tried.contains(&name), "{name} has no case");
            }
        }
    }
}

// === impl Form ===

impl Form<'_> {
    /// The request with `over` at `path` must be refused with `field` named.
    pub(super) fn fault(self, path: &str, over: Over, field: &'static str) -> Self {
        let mut message = self.base.clone();
        put(&mut message, path, over);
        self.table.cases.push(Case {
            method: self.method,
            org: self.org,
            subject: self.subject,
            message: message.encode_to_vec(),
            told: format!("{path} = {over:?}"),
            field,
        });
        self
    }

    /// As [`fault`](Self::fault) where the field is named by its path.
    pub(super) fn named(self, path: &'static str, over: Over) -> Self {
        self.fault(path, over, path)
    }

    /// A reason over its limit, and a request id that is none: the same for every mutation.
    pub(super) fn mutation(self) -> Self {
        self.named("reason", Over::Long(501)).named("request_id", Over::Say("not a uuid"))
    }
}

// What an answer tells, but for what differs between two that are the same: ids, versions and the moment.
fn told(of: &MessageDescriptor, bytes: &[u8]) -> serde_json::Value {
    let answer = DynamicMessage::decode(of.clone(), bytes).unwrap();
    lasting(serde_json::to_value(&answer).unwrap())
}

fn lasting(value: serde_json::Value) -> serde_json::Value {
    const PASSING: [&str; 6] = ["name", "etag", "Time", "Digest", "approval", "Id"];
    match value {
        serde_json::Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(key, _)| !PASSING.iter().any(|end| key.ends_with(end)));
            kept.map(|(key, value)| (key, lasting(value))).collect()
        }
        serde_json::Value::Array(items) => items.into_iter().map(lasting).collect(),
        other => other,
    }
}

// Whether a refusal names the field at `path`, or something in it: of a resource profile names the parts without the way to them.
fn names(refused: &Refused, request: &DynamicMessage, path: &str) -> bool {
    let place = path.replace('[', ".").replace(']', "");
    let whole = request.descriptor().get_field_by_name(path).is_some_and(|field| field.kind().as_message().is_some());
    let named = |field: &String| {
        place == *field || place.ends_with(&format!(".{field}")) || field.starts_with(&format!("{place}."))
    };
    refused.fields.iter().any(named)
        || (whole && refused.reason == Reason::FieldViolation && !refused.fields.is_empty())
}

// A field of the request, or of the resource in it: profile names those without the way to them.
fn has(request: &MessageDescriptor, head: &str) -> bool {
    let inner =
        request.fields().filter(|field| !field.is_list()).filter_map(|field| field.kind().as_message().cloned());
    inner.chain([request.clone()]).any(|of| of.get_field_by_name(head).is_some())
}
