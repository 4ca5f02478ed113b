//! Questions with what was answered, as JSON lines.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dossier_proto::DESCRIPTORS;
use dossier_tests::raw::Raw;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::{Map, Value, json};

use crate::prelude::*;
use crate::unseen::questions::Question;

/// What was kept of one store.
pub(super) struct Kept {
    /// The bytes of every entry by service and org.
    pub(super) journals: BTreeMap<String, Vec<Vec<u8>>>,
    asked: Vec<Asked>,
}

struct Asked {
    subject: String,
    which: Which,
    method: String,
    request: Vec<u8>,
    answer: Answered,
}

#[derive(Debug, PartialEq, Eq)]
enum Answered {
    Message(Vec<u8>),
    Refused(String),
}

fn which(name: &str) -> Which {
    Which::ALL.into_iter().find(|which| which.name() == name).unwrap()
}

fn pool() -> DescriptorPool {
    DescriptorPool::decode(DESCRIPTORS).unwrap()
}

// The sentence of a refusal may get better; what a program reads of it may not change.
async fn answer(world: &World, subject: &str, which: Which, method: &str, request: Vec<u8>) -> Answered {
    match world.raw(which, world.person(DEMO, subject), method, request).await {
        Raw::Message(bytes) => Answered::Message(bytes),
        Raw::Refusal(code, message, details) => {
            let status = tonic::Status::with_details(code, message, details.into());
            let refused = Refused::of(&status);
            let metadata: Vec<_> = refused.metadata.iter().map(|(key, value)| format!("{key}={value}")).collect();
            Answered::Refused(format!(
                "{code:?} {} {}{}",
                refused.reason.as_str_name(),
                metadata.join(" "),
                refused.missing
            ))
        }
    }
}

// === impl Kept ===

impl Kept {
    /// Asks everything.
    pub(super) async fn ask(
        world: &World,
        journals: BTreeMap<String, Vec<Vec<u8>>>,
        questions: Vec<(String, Question)>,
    ) -> Self {
        let mut asked = Vec::new();
        for (subject, one) in questions {
            let answer = answer(world, &subject, one.which, one.method, one.message.clone()).await;
            let (which, method, request) = (one.which, one.method.to_owned(), one.message);
            asked.push(Asked { subject, which, method, request, answer });
        }
        Self { journals, asked }
    }

    /// Asks everything again; gives what is answered otherwise.
    pub(super) async fn asked_again(&self, world: &World) -> Vec<String> {
        let pool = pool();
        let mut differences = Vec::new();
        for one in &self.asked {
            let mut now = answer(world, &one.subject, one.which, &one.method, one.request.clone()).await;
            if now != one.answer
                && let Some(request) = one.placed()
            {
                now = answer(world, &one.subject, one.which, &one.method, request).await;
            }
            if now == one.answer {
                continue;
            }
            let why = match (&one.answer, &now) {
                (Answered::Message(before), Answered::Message(now)) => {
                    lost("", &read(&pool, &one.method, before), &read(&pool, &one.method, now))
                }
                (before, now) => vec![format!("{before:?} is {now:?} now")],
            };
            let name = format!("{} asks {}", one.subject, one.method);
            differences.extend(why.into_iter().map(|why| format!("{name}: {why}")));
        }
        differences
    }

    pub(super) fn write(&self, folder: &Path) {
        let line = |one: &Asked| {
            let answer = match &one.answer {
                Answered::Message(bytes) => json!({ "message": STANDARD.encode(bytes) }),
                Answered::Refused(text) => json!({ "refused": text }),
            };
            let request = STANDARD.encode(&one.request);
            json!({ "subject": one.subject, "service": one.which.name(), "method": one.method, "request": request,
                    "answer": answer })
        };
        let lines: Vec<_> = self.asked.iter().map(|one| line(one).to_string()).collect();
        std::fs::write(folder.join("answers.jsonl"), lines.join("\n") + "\n").unwrap();
        let encode = |entries: &Vec<Vec<u8>>| entries.iter().map(|bytes| STANDARD.encode(bytes)).collect::<Vec<_>>();
        let journals: BTreeMap<_, _> = self.journals.iter().map(|(name, entries)| (name, encode(entries))).collect();
        std::fs::write(folder.join("journals.json"), serde_json::to_string_pretty(&journals).unwrap()).unwrap();
    }

    pub(super) fn read(folder: &Path) -> Self {
        let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let asked = text("answers.jsonl").lines().map(Asked::parse).collect();
        let journals: BTreeMap<String, Vec<String>> = serde_json::from_str(&text("journals.json")).unwrap();
        let decode = |entries: Vec<String>| entries.iter().map(|text| STANDARD.decode(text).unwrap()).collect();
        Self { journals: journals.into_iter().map(|(name, entries)| (name, decode(entries))).collect(), asked }
    }
}

/// Requests that name the place of a reading, and the number of the field. The version before let the keeper of a file read it
/// anywhere; since then a level that binds a place binds everybody, so they are asked again where they read it.
const PLACED: [(&str, u8); 4] = [
    ("dossier.profile.v1.CustomerFileService/GetCustomerFile", 3),
    ("dossier.profile.v1.CustomerFileService/GetCustomerFileRevision", 4),
    ("dossier.profile.v1.CustomerFileService/ListCustomerFiles", 8),
    ("dossier.profile.v1.CustomerFileService/SearchCustomerFiles", 7),
];

// === impl Asked ===

impl Asked {
    // The same question of who stands in the archive room.
    fn placed(&self) -> Option<Vec<u8>> {
        let (_, field) = PLACED.iter().find(|(method, _)| *method == self.method)?;
        let place = b"archive_room";
        let head = [(field << 3) | 2, u8::try_from(place.len()).ok()?];
        Some([self.request.as_slice(), &head, place].concat())
    }

    fn parse(line: &str) -> Self {
        let value: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| value[key].as_str().unwrap().to_owned();
        let answer = match value["answer"]["message"].as_str() {
            Some(bytes) => Answered::Message(STANDARD.decode(bytes).unwrap()),
            None => Answered::Refused(renamed(value["answer"]["refused"].as_str().unwrap())),
        };
        Self {
            subject: text("subject"),
            which: which(&text("service")),
            method: text("method"),
            request: STANDARD.decode(text("request")).unwrap(),
            answer,
        }
    }
}

// The version before had a reason for each kind of resource, with its name as metadata.
fn renamed(refused: &str) -> String {
    let mut parts = refused.split(' ');
    match (parts.next(), parts.next(), parts.next().and_then(|told| told.split_once('='))) {
        (Some("NotFound"), Some(reason), Some((_, name))) if reason.ends_with("_NOT_FOUND") => {
            format!("NotFound ERROR_REASON_RESOURCE_NOT_FOUND {name}")
        }
        _ => refused.to_owned(),
    }
}

fn read(pool: &DescriptorPool, method: &str, bytes: &[u8]) -> Value {
    let (service, rpc) = method.split_once('/').unwrap();
    let service = pool.get_service_by_name(service).unwrap();
    let output = service.methods().find(|one| one.name() == rpc).unwrap().output();
    serde_json::to_value(DynamicMessage::decode(output, bytes).unwrap()).unwrap()
}

/// What of `before` is not in `now`, by path; a field that is new is no loss.
fn lost(path: &str, before: &Value, now: &Value) -> Vec<String> {
    match (before, now) {
        (Value::Object(before), Value::Object(now)) => {
            let before = typed(before, now);
            let of = |(key, value): (&String, &Value)| {
                // A token is bound to the form of its request, which broke: what counts is that there is a next page.
                if key == "nextPageToken" && now.get(key).is_some_and(|token| token != "") {
                    return Vec::new();
                }
                lost(&format!("{path}.{key}"), value, now.get(key).unwrap_or(&Value::Null))
            };
            before.iter().flat_map(of).collect()
        }
        (Value::Array(before), Value::Array(now)) if before.len() == now.len() => {
            let pairs = before.iter().zip(now).enumerate();
            pairs.flat_map(|(at, (before, now))| lost(&format!("{path}[{at}]"), before, now)).collect()
        }
        _ if before == now => Vec::new(),
        _ => vec![format!("{path}: {before} is {now} now")],
    }
}

// The version before told the values of forms as text, whatever their type; a choice is the same when it has that id.
fn typed<'v>(before: &'v Map<String, Value>, now: &Map<String, Value>) -> Cow<'v, Map<String, Value>> {
    let chosen = now.get("choice").map(|choice| &choice["id"]);
    if chosen.is_none_or(|id| before.get("text") != Some(id)) {
        return Cow::Borrowed(before);
    }
    let mut before = before.clone();
    before.remove("text");
    Cow::Owned(before)
}

#[test]
fn what_is_lost_or_different_is_found_and_what_is_new_is_not() {
    let before = json!({ "a": 1, "b": [{ "c": "x" }] });
    assert!(lost("", &before, &json!({ "a": 1, "b": [{ "c": "x", "d": 2 }], "e": true })).is_empty());
    assert_eq!(lost("", &before, &json!({ "b": [{ "c": "y" }] })).len(), 2);
    assert_eq!(lost("", &before, &json!({ "a": 1, "b": [] })).len(), 1);
    let before = json!({ "text": "old", "provenance": {} });
    assert!(lost("", &before, &json!({ "choice": { "id": "old", "label": "老" }, "provenance": {} })).is_empty());
    assert_eq!(lost("", &before, &json!({ "choice": { "id": "new", "label": "新" }, "provenance": {} })).len(), 1);
}
