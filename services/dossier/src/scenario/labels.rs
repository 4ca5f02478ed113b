//! Words for people: the labels of the pack, and Chinese words for those of the contract.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use dossier_regime::read::document;
use dossier_regime::{Field, RecordKind, Source, Tenant, shape};

shape! {
    /// Words of the contract in Chinese.
    pub struct Words {
        /// Of refusals.
        pub reasons: BTreeMap<String, String>,
        /// Of what is unmet.
        pub unmet: BTreeMap<String, String>,
        /// Of the keys of messages.
        pub keys: BTreeMap<String, String>,
        /// Of the values of enums.
        pub values: BTreeMap<String, String>,
    }
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let source = Source { file: "words.yaml".to_owned(), bytes: include_bytes!("words.yaml").to_vec() };
    // A test reads it; without it the words of the contract stand there.
    document(&source).unwrap_or_default()
});

/// The Chinese words.
pub(super) fn words() -> &'static Words {
    &WORDS
}

/// What a value belongs to: labels of stages, slots and fields are those of their kind and their form.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct About<'s> {
    /// The kind of record, or of something else.
    pub(super) kind: Option<&'s str>,
    /// The form.
    pub(super) form: Option<&'s str>,
}

/// The labels of a company's rules.
#[derive(Clone, Copy)]
pub(super) struct Labels<'a> {
    tenant: &'a Tenant,
}

// === impl Labels ===

impl<'a> Labels<'a> {
    /// Those of a company.
    pub(super) fn of(tenant: &'a Tenant) -> Self {
        Self { tenant }
    }

    /// The label of a post.
    pub(super) fn post(self, id: &str) -> Option<&'a str> {
        self.tenant.pack().posts.iter().find(|post| post.id == id).map(|post| post.label.as_str())
    }

    /// The label of a unit.
    pub(super) fn unit(self, id: &str) -> Option<&'a str> {
        self.tenant.organisation().unit(id).map(|unit| unit.label.as_str())
    }

    /// What something of this kind and template, as far as they are known, belongs to.
    pub(super) fn about<'s>(self, kind: Option<&'s str>, template: Option<&'s str>) -> About<'s>
    where
        'a: 's,
    {
        let form = template.map(|name| name.trim_start_matches("templates/"));
        let own = || self.kinds(kind.or(Some(""))).next().map(|kind| kind.template.as_str());
        About { kind, form: form.or_else(own) }
    }

    // The field of this id: of the form that is meant, or of any.
    fn form_field(self, id: &str, about: About<'_>) -> Option<&'a Field> {
        let meant = about.form.and_then(|form| self.tenant.form(form)).and_then(|form| form.field(id));
        meant.or_else(|| self.tenant.all_forms().find_map(|form| form.field(id)))
    }

    /// The label of a field of a form; a path into a group is that of its cell.
    pub(super) fn field(self, path: &str, about: About<'_>) -> Option<String> {
        let mut parts = path.split('.');
        let field = self.form_field(parts.next()?, about)?;
        let column = parts.next_back().and_then(|id| field.columns.iter().find(|column| column.id == id));
        Some(column.map_or_else(|| field.label.clone(), |column| format!("{}·{}", field.label, column.label)))
    }

    /// The label of a choice of a field.
    pub(super) fn choice(self, field: &str, value: &str, about: About<'_>) -> Option<&'a str> {
        let field = self.form_field(field, about)?;
        field.values.iter().find(|choice| choice.value == value).map(|choice| choice.label.as_str())
    }

    /// The label of a value that stands under this key of a message.
    pub(super) fn value(self, key: &str, value: &str, about: About<'_>) -> Option<String> {
        let pack = self.tenant.pack();
        let owned = |label: Option<&str>| label.map(str::to_owned);
        match key {
            "stage" | "stages" | "next_stages" => self.stage(value, about.kind),
            "record" => self.record(value),
            "kind" | "open_record" | "document" => self.kind(value),
            "post" | "posts" => owned(self.post(value)),
            "signature" | "slot" => owned(self.post(value)).or_else(|| self.slot(value, about.kind)),
            "unit" => owned(self.unit(value)),
            "level" => owned(pack.levels.iter().find(|one| one.id == value).map(|one| one.label.as_str())),
            "matter" | "approval" => {
                owned(pack.matters.iter().find(|one| one.id == value).map(|one| one.label.as_str()))
            }
            "purpose" => {
                owned(pack.access.purposes.iter().find(|one| one.value == value).map(|one| one.label.as_str()))
            }
            "field" | "value" | "masked_fields" => self.field(value, about),
            _ => None,
        }
    }

    // The kinds of record that may be meant.
    fn kinds(self, only: Option<&str>) -> impl Iterator<Item = &'a RecordKind> {
        self.tenant.pack().records.iter().filter(move |kind| only.is_none_or(|only| kind.id == only))
    }

    fn stage(self, id: &str, kind: Option<&str>) -> Option<String> {
        self.kinds(kind).find_map(|kind| kind.stage(id)).map(|stage| stage.label.clone())
    }

    // `survey@filed`: the kind and the stage of it.
    fn record(self, text: &str) -> Option<String> {
        let (kind, stage) = text.split_once('@').map_or((text, None), |(kind, stage)| (kind, Some(stage)));
        let kind = self.tenant.pack().records.iter().find(|one| one.id == kind)?;
        let stage = stage.and_then(|stage| kind.stage(stage)).map(|stage| format!("（{}）", stage.label));
        Some(format!("{}{}", kind.label, stage.unwrap_or_default()))
    }

    fn kind(self, id: &str) -> Option<String> {
        let pack = self.tenant.pack();
        let records = pack.records.iter().map(|one| (&one.id, &one.label));
        let duties = pack.duties.iter().map(|one| (&one.kind, &one.label));
        let files = pack.files.iter().map(|one| (&one.id, &one.label));
        let documents = pack.documents.iter().map(|one| (&one.id, &one.label));
        let mut all = records.chain(documents).chain(duties).chain(files);
        all.find(|(known, _)| *known == id).map(|(_, label)| label.clone())
    }

    // A slot has no label of its own; its posts have.
    fn slot(self, id: &str, kind: Option<&str>) -> Option<String> {
        let slot = self.kinds(kind).find_map(|kind| kind.slots.get(id))?;
        let posts: Vec<_> = slot.posts.iter().filter_map(|post| self.post(post)).collect();
        (!posts.is_empty()).then(|| posts.join("、"))
    }
}

#[cfg(test)]
mod tests {
    use dossier_kernel::error::Reason;

    use super::*;
    use crate::client::catalogue::pool;

    #[test]
    fn every_word_is_one_of_the_contract() {
        assert!(words().keys.len() > 50);
        for reason in words().reasons.keys() {
            assert!(Reason::from_str_name(&format!("ERROR_REASON_{reason}")).is_some(), "{reason}");
        }
        let names: Vec<_> = pool()
            .all_enums()
            .flat_map(|of| of.values().map(|one| one.name().to_owned()).collect::<Vec<_>>())
            .collect();
        for value in words().values.keys().filter(|value| value.chars().all(|c| c.is_ascii_uppercase() || c == '_')) {
            assert!(names.contains(value), "{value}");
        }
    }
}
