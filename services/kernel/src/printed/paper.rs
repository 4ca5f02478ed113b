//! A record as a page, with who signed it, and the empty form to be filled in by hand (P-30, P-47, A-40).

use std::collections::BTreeMap;

use dossier_proto::profile::v1::{FileRecord, RecordSignature, RecordState, Template, TemplateField};
use jiff::tz::TimeZone;

use crate::error::one_of;
use crate::faults::Faults;

use super::form::{Filled, masked_note, moment};
use super::{Block, Fact, Printout};

/// The language of what a page says besides values: the names of the form in English too, where it has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    #[default]
    Chinese,
    /// English.
    English,
}

/// Something that people know by another name than the record says.
#[derive(Clone, Copy, Debug)]
pub enum Called<'c> {
    /// A stage of its kind.
    Stage(&'c str),
    /// A post.
    Post(&'c str),
    /// A level.
    Level(&'c str),
    /// A person, by name of the resource.
    Person(&'c str),
}

/// A record that is printed.
#[derive(Clone, Copy)]
pub struct Paper<'p> {
    /// The record as its reader sees it.
    pub record: &'p FileRecord,
    /// Its form.
    pub template: &'p Template,
    /// What it is called: as its kind; empty: as its form.
    pub title: &'p str,
    /// Its number, or that of its file where its kind has none; empty: neither is known.
    pub number: &'p str,
    /// What people call a thing; `None`: as the record says.
    pub called: &'p dyn Fn(Called<'_>) -> Option<String>,
    /// The time zone that moments are told in.
    pub zone: &'p TimeZone,
    /// The language of the page.
    pub language: Language,
}

// === impl Language ===

impl Language {
    /// The language of this tag; `zh` where none is given.
    pub fn of(tag: &str) -> Option<Self> {
        match tag {
            "" | "zh" => Some(Self::Chinese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// The language that a call names in `language`, or a fault.
    pub fn asked(tag: &str, faults: &mut Faults) -> Option<Self> {
        let language = Self::of(tag);
        if language.is_none() {
            faults.add("language", one_of(["zh", "en"]));
        }
        language
    }

    /// `template` with its names in this language.
    fn named(self, template: &Template) -> Template {
        let mut template = template.clone();
        if self == Self::English {
            let english = |name: &mut String, english: &str| {
                if !english.is_empty() {
                    english.clone_into(name);
                }
            };
            for section in &mut template.sections {
                english(&mut section.display_name, &section.english_name);
                section.fields.iter_mut().for_each(in_english);
            }
            english(&mut template.display_name, &template.english_name);
        }
        template
    }

    const fn tag(self) -> &'static str {
        self.say("zh-CN", "en")
    }

    const fn say(self, chinese: &'static str, english: &'static str) -> &'static str {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }

    const fn state(self, state: RecordState) -> &'static str {
        match state {
            RecordState::Unspecified => "",
            RecordState::Open => self.say("办理中", "open"),
            RecordState::Final => self.say("已办结", "final"),
            RecordState::Void => self.say("已作废", "void"),
        }
    }
}

// === impl Paper ===

impl Paper<'_> {
    /// The page: what the record says, with lines where it says nothing, and who signed it.
    pub fn page(&self) -> Printout {
        let (record, say) = (self.record, |chinese, english| self.language.say(chinese, english));
        let made = format!("{}  {}", self.at(record.create_time.as_ref()), self.name(Called::Person(&record.creator)));
        let facts = [
            (say("编号", "Number"), self.number.to_owned()),
            (say("状态", "State"), self.language.state(record.state()).to_owned()),
            (say("阶段", "Stage"), self.name(Called::Stage(&record.stage))),
            (say("密级", "Level"), self.name(Called::Level(&record.level))),
            (say("登记", "Made"), made),
        ];
        let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
        let mut page = Printout {
            title: titled(self.title, &self.language.named(self.template)),
            language: self.language.tag().to_owned(),
            facts: facts.map(|(label, value)| Fact::new(label, value)).collect(),
            ..Printout::default()
        };
        page.part(say("内容", "Content"), self.form());
        page.part(say("签字", "Signatures"), self.signatures().into_iter().collect());
        page.foot = vec![format!("{}  r{}", record.name, record.revision)];
        page
    }

    fn form(&self) -> Vec<Block> {
        let (template, zone) = (&self.language.named(self.template), self.zone);
        let masked = self.record.masked_fields.as_slice();
        let mut form = Filled { template, fields: &self.record.fields, masked, zone, empty: true }.blocks();
        form.extend((!masked.is_empty()).then(masked_note));
        form
    }

    fn signatures(&self) -> Option<Block> {
        let signed = |one: &RecordSignature| {
            let (stage, post) = (self.name(Called::Stage(&one.stage)), self.name(Called::Post(&one.post)));
            let (signer, time) = (self.name(Called::Person(&one.signer)), self.at(one.sign_time.as_ref()));
            vec![one.slot.clone(), stage, signer, post, time, hex::encode(&one.digest)]
        };
        let rows: Vec<_> = self.record.signatures.iter().map(signed).collect();
        (!rows.is_empty()).then(|| Block::Table { head: head(self.language, true), rows })
    }

    fn name(&self, called: Called<'_>) -> String {
        let (Called::Stage(said) | Called::Post(said) | Called::Level(said) | Called::Person(said)) = called;
        (self.called)(called).unwrap_or_else(|| said.to_owned())
    }

    fn at(&self, at: Option<&prost_types::Timestamp>) -> String {
        at.map(|at| moment(at, self.zone)).unwrap_or_default()
    }
}

impl std::fmt::Debug for Paper<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Paper").field("record", &self.record.name).finish_non_exhaustive()
    }
}

/// The form of `template` with lines to write on, called `title` or as the form is, and a line for each of `slots` to sign on.
pub fn empty<'s>(
    template: &Template,
    title: &str,
    slots: impl Iterator<Item = &'s str>,
    language: Language,
) -> Printout {
    let (template, fields) = (&language.named(template), BTreeMap::new());
    let form = Filled { template, fields: &fields, masked: &[], zone: &TimeZone::UTC, empty: true };
    let (title, tag) = (titled(title, template), language.tag().to_owned());
    let mut page = Printout { title, language: tag, ..Printout::default() };
    page.part(language.say("内容", "Content"), form.blocks());
    let head = head(language, false);
    let line = |slot: &str| std::iter::once(slot.to_owned()).chain(vec![String::new(); head.len() - 1]).collect();
    let rows: Vec<_> = slots.map(line).collect();
    if !rows.is_empty() {
        page.part(language.say("签字", "Signatures"), vec![Block::Table { head, rows }]);
    }
    page.foot = vec![format!("{}  v{}", template.name, template.version)];
    page
}

fn titled(title: &str, template: &Template) -> String {
    if title.is_empty() { template.display_name.clone() } else { title.to_owned() }
}

fn in_english(field: &mut TemplateField) {
    if !field.english_name.is_empty() {
        field.display_name.clone_from(&field.english_name);
    }
    field.columns.iter_mut().for_each(in_english);
}

// What stands over signatures; nobody writes a digest by hand.
fn head(language: Language, digest: bool) -> Vec<String> {
    let words = [("签字栏", "Slot"), ("阶段", "Stage"), ("签字人", "Signer"), ("岗位", "Post"), ("时间", "Time")];
    let words = words.into_iter().chain(digest.then_some(("摘要", "Digest")));
    words.map(|(chinese, english)| language.say(chinese, english).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use dossier_proto::profile::v1::{TemplateField, TemplateSection};
    use dossier_proto::types::FieldValue;
    use dossier_proto::types::field_value::Value;

    use super::super::form::MASKED;
    use super::super::{html, screen};
    use super::*;

    fn template() -> Template {
        let field = |key: &str, label: &str| TemplateField {
            key: key.into(),
            display_name: label.into(),
            english_name: key.to_uppercase(),
            ..TemplateField::default()
        };
        let fields = vec![field("content", "投诉内容"), field("result", "处理结果")];
        let sections = vec![TemplateSection {
            id: "complaint".into(),
            display_name: "投诉".into(),
            fields,
            ..TemplateSection::default()
        }];
        Template { name: "templates/t".into(), version: 2, sections, ..Template::default() }
    }

    // proves: P-30
    #[test]
    fn an_empty_form_has_every_field_and_a_line_to_write_on() {
        let told = html(&empty(&template(), "客户投诉记录", ["handler"].into_iter(), Language::Chinese));
        assert_eq!(told.matches("<dd class=\"open\"></dd>").count(), 2, "{told}");
        for words in ["客户投诉记录", "处理结果", "templates/t  v2", "签字栏", "<td>handler</td>", "lang=\"zh-CN\""]
        {
            assert!(told.contains(words), "{words}\n{told}");
        }
        assert!(!told.contains("摘要"), "nobody writes a digest by hand: {told}");
    }

    // proves: P-30, A-40
    #[test]
    fn a_record_is_printed_with_who_signed_what_and_when() {
        let signature = RecordSignature {
            slot: "handler".into(),
            stage: "handled".into(),
            signer: "persons/1".into(),
            post: "manager".into(),
            sign_time: Some(prost_types::Timestamp { seconds: 60, nanos: 0 }),
            digest: vec![0xab, 0xcd],
            ..RecordSignature::default()
        };
        let said = FieldValue { value: Some(Value::Text("到货<破损>".into())), provenance: None };
        let record = FileRecord {
            fields: [("content".to_owned(), said)].into_iter().collect(),
            masked_fields: vec!["result".into()],
            signatures: vec![signature],
            ..FileRecord::default()
        };
        let called = |called: Called<'_>| match called {
            Called::Person("persons/1") => Some("李四".to_owned()),
            Called::Post("manager") => Some("部门经理".to_owned()),
            _ => None,
        };
        let (template, zone) = (template(), TimeZone::UTC);
        let paper = Paper {
            record: &record,
            template: &template,
            title: "客户投诉记录",
            number: "TS-2026-0001",
            called: &called,
            zone: &zone,
            language: Language::English,
        };
        let told = screen(&paper.page());
        for words in
            ["到货<破损>", MASKED, "handled", "handler", "李四", "部门经理", "1970-01-01 00:01", "abcd", "TS-2026-0001"]
        {
            assert!(told.contains(words), "{words}\n{told}");
        }
        assert!(told.contains("Signer") && told.contains("CONTENT"), "{told}");
        assert!(!told.contains("签字人") && !told.contains("投诉内容"), "one language: {told}");
        assert!(html(&paper.page()).contains("到货&lt;破损&gt;"));
        assert!(screen(&Paper { language: Language::Chinese, ..paper }.page()).contains("签字人"));
    }

    #[test]
    fn a_language_is_one_of_two() {
        assert_eq!((Language::of(""), Language::of("en")), (Some(Language::Chinese), Some(Language::English)));
        assert_eq!(Language::of("fr"), None);
    }
}
