//! What lies in a file and may have a line of its own in a register: records and documents, and what each tells in clear.

use dossier_kernel::name::name;
use jiff::Timestamp;
use uuid::Uuid;

use super::percent;
use crate::domain::document::{self, Document, Link, name_of};
use crate::domain::record::{self, Record};

/// What lies in a file and may have a line of its own.
#[derive(Clone, Debug)]
pub enum Filed {
    /// A record.
    Record(Record),
    /// A document.
    Document(Document),
}

// === impl Filed ===

impl Filed {
    /// Its id.
    pub const fn id(&self) -> Uuid {
        match self {
            Self::Record(one) => one.id,
            Self::Document(one) => one.id,
        }
    }

    /// Its name.
    pub fn name(&self) -> String {
        match self {
            Self::Record(one) => one.name(),
            Self::Document(one) => one.name(),
        }
    }

    /// Its newest revision.
    pub const fn version(&self) -> i64 {
        match self {
            Self::Record(one) => one.version,
            Self::Document(one) => one.version,
        }
    }

    /// Its form.
    pub fn template(&self) -> &str {
        match self {
            Self::Record(one) => &one.template,
            Self::Document(one) => &one.template,
        }
    }

    /// What its key is sealed as under that of the file, and that key.
    pub fn sealed(&self) -> (&'static str, &[u8]) {
        match self {
            Self::Record(one) => (record::PART, &one.sealed_key),
            Self::Document(one) => (document::PART, &one.sealed_key),
        }
    }

    /// Whether it was made in error.
    pub(super) fn is_void(&self) -> bool {
        match self {
            Self::Record(one) => one.state == record::State::Void,
            Self::Document(one) => one.state == document::State::Void,
        }
    }

    /// A part by its name in packs; `None`: it has none, or there is no such part.
    pub(super) fn part(&self, part: &str) -> Option<String> {
        match self {
            Self::Record(one) => record_part(one, part),
            Self::Document(one) => document_part(one, part),
        }
    }
}

/// A part of a record by its name in packs; `None`: it has none, or there is no such part.
fn record_part(record: &Record, part: &str) -> Option<String> {
    match part {
        "stage" => Some(record.stage.clone()).filter(|stage| !stage.is_empty()),
        "state" => Some(record.state.as_str().to_owned()),
        "record_number" => record.number.clone(),
        "creator" => Some(name("persons", record.creator)),
        "create_time" => Some(record.created_at.to_string()),
        "update_time" => Some(record.updated_at.to_string()),
        "completeness" => Some(percent(record.weights)),
        _ => entered(record, part.strip_prefix("entered.")?).map(|at| at.to_string()),
    }
}

fn entered(record: &Record, stage: &str) -> Option<Timestamp> {
    let step = record.steps.iter().rev().find(|step| step.stage == stage)?;
    Some(dossier_kernel::time::from_micros(step.at))
}

/// A part of a document by its name in packs; `None`: it is not said, or there is no such part.
fn document_part(document: &Document, part: &str) -> Option<String> {
    let (said, content) = (&document.said, document.content.as_ref());
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let count = |count: i64| Some(count.to_string()).filter(|_| count > 0);
    match part {
        "kind" => text(&document.kind),
        "carrier" => Some(document.carrier.as_str().to_owned()),
        "state" => Some(document.state.as_str().to_owned()),
        "record" => text(&document.record_name()),
        "document_date" => text(&said.document_date),
        "expire_date" => text(&said.expire_date),
        "sheets" => count(said.sheets),
        "pages" => count(said.pages),
        "paper" => text(&said.paper),
        "ink" => text(&said.ink),
        "content" => Some(content.is_some().to_string()),
        "media_type" => content.map(|content| content.media_type.clone()),
        "copy_of" => copied(document).map(|of| name_of(document.file, of)),
        "creator" => Some(name("persons", document.creator)),
        "create_time" => Some(document.created_at.to_string()),
        "update_time" => Some(document.updated_at.to_string()),
        "completeness" => Some(percent(document.weights)),
        _ => None,
    }
}

fn copied(document: &Document) -> Option<Uuid> {
    document.relations.iter().find(|one| one.link == Link::CopyOf.as_str()).map(|one| one.document)
}

#[cfg(test)]
mod tests {
    use dossier_regime::{DOCUMENT_PARTS, DocumentKind, Template};

    use super::*;
    use crate::domain::document::{Carrier, Relation};

    fn paper() -> Document {
        let (file, of) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let kind = DocumentKind { id: "licence".into(), ..DocumentKind::default() };
        let new = Document::new(
            (Uuid::from_u128(3), file),
            (&kind, &Template::default()),
            Carrier::Scan,
            of,
            Timestamp::UNIX_EPOCH,
        );
        let relation = |link: Link| Relation { link: link.as_str().to_owned(), document: of };
        Document { relations: vec![relation(Link::AnnexOf), relation(Link::CopyOf)], ..new }
    }

    // proves: P-104
    #[test]
    fn a_document_tells_what_is_said_of_it_and_nothing_where_nothing_is() {
        let filed = Filed::Document(paper());
        let told: Vec<_> = DOCUMENT_PARTS.iter().filter_map(|part| Some((*part, filed.part(part)?))).collect();
        let moment = "1970-01-01T00:00:00Z".to_owned();
        let expected = [
            ("kind", "licence".to_owned()),
            ("carrier", "scan".to_owned()),
            ("state", "current".to_owned()),
            ("content", "false".to_owned()),
            ("copy_of", name_of(Uuid::from_u128(1), Uuid::from_u128(2))),
            ("creator", name("persons", Uuid::from_u128(2))),
            ("create_time", moment.clone()),
            ("update_time", moment),
            ("completeness", "100".to_owned()),
        ];
        assert_eq!(told, expected);
        assert_eq!((filed.part("title"), filed.part("stage")), (None, None), "its form is content");
    }

    #[test]
    fn every_part_that_packs_may_name_is_told() {
        let mut one = paper();
        one.record = Some(Uuid::from_u128(9));
        one.said = document::said::Said {
            document_date: "2026-02-01".into(),
            expire_date: "2031-02-01".into(),
            sheets: 1,
            pages: 2,
            paper: "A4".into(),
            ink: "black_pen".into(),
        };
        let filed = Filed::Document(one);
        let silent: Vec<_> = DOCUMENT_PARTS.into_iter().filter(|part| filed.part(part).is_none()).collect();
        assert_eq!(silent, ["media_type"], "it has no content");
    }
}
