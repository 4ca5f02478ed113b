//! What is the same of a file wherever it lies.

use std::collections::BTreeMap;

use dossier_proto::profile::v1::transfer_part::Part;
use dossier_proto::types::FieldValue;

/// Everything but the names that each house gives.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Essence {
    pub(super) file: Vec<String>,
    pub(super) revisions: Vec<String>,
    pub(super) records: Vec<String>,
    pub(super) documents: Vec<String>,
    pub(super) contents: Vec<Vec<u8>>,
}

fn values(fields: &BTreeMap<String, FieldValue>) -> String {
    format!("{fields:?}")
}

pub(super) fn essence(parts: &[Part]) -> Essence {
    let (mut found, mut names) = (Essence::default(), BTreeMap::new());
    let mut place = |name: &str| {
        let next = names.len();
        *names.entry(name.to_owned()).or_insert(next)
    };
    let mut of_document = false;
    for part in parts {
        match part {
            Part::File(one) => found.file.push(format!(
                "{} {} {} {} {} {:?} {} {} {:?} {:?} {:?}",
                one.file_kind,
                one.unit_ref,
                one.level,
                one.unit,
                one.number,
                one.classification,
                one.state,
                one.creator,
                one.create_time,
                one.activate_time,
                one.contract_effect_time
            )),
            Part::Revision(one) => {
                let then = one.customer_file.clone().unwrap();
                let (state, said) = (then.state, values(&then.fields));
                let (author, time, reason) = (&one.author, one.create_time, &one.reason);
                found.revisions.push(format!("{} {state} {said} {author} {time:?} {reason}", one.revision));
            }
            Part::Record(one) => {
                of_document = false;
                let (id, above) = (place(&one.name), if one.of.is_empty() { 0 } else { place(&one.of) });
                found.records.push(format!(
                    "{id} {above} {} {} {} {} {:?} {:?} {} {:?}",
                    one.kind, one.stage, one.state, one.number, one.steps, one.signatures, one.creator, one.create_time
                ));
            }
            Part::Document(one) => {
                of_document = true;
                let id = place(&one.name);
                let others: Vec<_> = one.relations.iter().map(|one| (one.kind, place(&one.document))).collect();
                let content = one.content.clone().map(|content| (content.size_bytes, content.sha256));
                found.documents.push(format!(
                    "{id} {} {} {} {others:?} {} {} {} {} {content:?} {}",
                    one.kind,
                    one.carrier,
                    one.state,
                    one.document_date,
                    one.expire_date,
                    one.sheets,
                    one.paper,
                    one.creator
                ));
                found.contents.push(Vec::new());
            }
            Part::Version(one) => {
                let to = if of_document { &mut found.documents } else { &mut found.records };
                to.push(format!("{} {} {} {:?}", one.revision, values(&one.fields), one.author, one.create_time));
            }
            Part::Content(data) => found.contents.last_mut().unwrap().extend(data),
            Part::End(_) => {}
        }
    }
    found
}
