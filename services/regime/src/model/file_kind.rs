//! Kinds of file: what a company keeps files about, and how those files name each other (P-02, P-03, X-01).

use std::borrow::Cow;

use super::numbering::{NumberRule, Numbering, RecordNumber};
use super::pack::Pack;
use super::rules::TemplateUse;
use super::words::CustomerType;

shape! {
    /// A kind of file. What it leaves out of templates, numbering and retention the pack says for it.
    pub struct FileKind by id {
        /// Id, unique in the pack; a unit has at most one open file of a kind (P-02).
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// Whether it is about no customer, but about a room, a series or a plan of the company's own (P-68, P-89).
        pub internal: bool = false,
        /// Kind of the file that one of this kind belongs to; it takes the customer and its number from there (P-03).
        pub of: Option<String> = None,
        /// Other files that one of this kind names.
        pub links: Vec<LinkRule> = Vec::new(),
        /// The template of its files, whatever the customer type; in place of `templates`.
        pub template: Option<String> = None,
        /// The template of each customer type (P-30).
        pub templates: Vec<TemplateUse> = Vec::new(),
        /// Templates that may be chosen besides.
        pub other_templates: Vec<String> = Vec::new(),
        /// Numbers of its files, in place of those of the pack (P-06).
        pub numbering: Option<Numbering> = None,
        /// What its contents are collected for.
        pub purpose: Option<String> = None,
        /// The law or contract that its contents are collected under.
        pub legal_basis: Option<String> = None,
        /// Retention class of its files; absent: the default of the pack.
        pub retention: Option<String> = None,
        /// The kind of record whose effect makes its files effective, in place of a review (P-38).
        pub establish: Option<String> = None,
        /// Posts whose holders create its files and change their forms; absent: all whose actions let them.
        pub write: Option<Vec<String>> = None,
    }
}

shape! {
    /// Another file that a file names: a guarantor, a parent company, a competitor (P-03).
    pub struct LinkRule by id {
        /// Id within the kind.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// Kinds of file that it may name.
        pub to: Vec<String>,
    }
}

// === impl FileKind ===

impl FileKind {
    /// Whether a customer is entered with it, and not taken from another file.
    pub const fn has_own_customer(&self) -> bool {
        !self.internal && self.of.is_none()
    }

    /// The link of this id.
    pub fn link(&self, id: &str) -> Option<&LinkRule> {
        self.links.iter().find(|one| one.id == id)
    }

    /// Every template that a new file of this customer type may get without naming it, each once.
    pub fn templates_for(&self, customer: Option<CustomerType>) -> Vec<&str> {
        if let Some(template) = &self.template {
            return vec![template];
        }
        let mut found: Vec<&str> = Vec::new();
        for one in self.templates.iter().filter(|one| one.is_for(customer)) {
            if !found.contains(&one.template.as_str()) {
                found.push(&one.template);
            }
        }
        found
    }

    /// Whether the kind gives a template to some customer type and not to this one (P-30).
    pub fn keeps_from(&self, customer: Option<CustomerType>, template: &str) -> bool {
        let mut uses = self.templates.iter().filter(|one| one.template == template).peekable();
        uses.peek().is_some() && !uses.any(|one| one.is_for(customer))
    }

    /// Ids of the templates that its files may have.
    pub fn named_templates(&self) -> impl Iterator<Item = &str> {
        self.given_templates().chain(self.other_templates.iter().map(String::as_str))
    }

    /// Ids of the templates that its files get without naming one.
    pub fn given_templates(&self) -> impl Iterator<Item = &str> {
        self.template.iter().map(String::as_str).chain(self.templates.iter().map(|one| one.template.as_str()))
    }

    /// The number rule for files of a customer type.
    pub fn rule_for(&self, customer: Option<CustomerType>) -> Option<(&Numbering, &NumberRule)> {
        let numbering = self.numbering.as_ref()?;
        numbering.rule_for(customer).map(|rule| (numbering, rule))
    }

    /// Fills in what the pack says for every kind.
    pub(crate) fn complete(&mut self, pack: &Pack) {
        if self.template.is_none() && self.templates.is_empty() && !self.internal {
            self.templates.clone_from(&pack.templates);
            if self.other_templates.is_empty() {
                self.other_templates.clone_from(&pack.other_templates);
            }
        }
        self.numbering.get_or_insert_with(|| pack.numbering.clone());
        self.retention.get_or_insert_with(|| pack.retention.default.clone());
    }
}

// === impl TemplateUse ===

impl TemplateUse {
    fn is_for(&self, customer: Option<CustomerType>) -> bool {
        customer.is_some_and(|customer| self.customer_types.contains(&customer))
    }
}

// === impl Pack ===

impl Pack {
    /// The kind of file of this id.
    pub fn file_kind(&self, id: &str) -> Option<&FileKind> {
        self.files.iter().find(|kind| kind.id == id)
    }

    /// The kind of a file that names none: the first.
    pub fn first_file_kind(&self) -> Option<&FileKind> {
        self.files.first()
    }

    /// The kinds that files of a template may be of, in order.
    pub fn file_kinds_of(&self, template: &str) -> impl Iterator<Item = &FileKind> {
        self.files.iter().filter(move |kind| kind.named_templates().any(|id| id == template))
    }

    /// The numbering that has the number rule of this id, of files or of a kind of record.
    pub fn numbering_of(&self, rule: &str) -> Option<Cow<'_, Numbering>> {
        if let Some(kind) = RecordNumber::kind_of(rule) {
            let number = self.record(kind)?.number.as_ref()?;
            return Some(Cow::Owned(number.numbering(kind)));
        }
        let kinds = self.files.iter().filter_map(|kind| kind.numbering.as_ref());
        // A series lives on where no kind draws from it any more.
        let mut all = kinds.chain([&self.numbering]);
        all.find(|numbering| numbering.rule(rule).is_some()).map(Cow::Borrowed)
    }

    // `unit_kind` is short for a kind of that id of which the pack says everything, unless `files` describes it.
    pub(crate) fn spread_file_kinds(&mut self) {
        let mut kinds = std::mem::take(&mut self.files);
        if let Some(id) = self.unit_kind.as_ref().filter(|id| kinds.iter().all(|kind| kind.id != **id)) {
            kinds.insert(0, FileKind { id: id.clone(), label: id.clone(), ..FileKind::default() });
        }
        kinds.iter_mut().for_each(|kind| kind.complete(self));
        self.files = kinds;
    }
}
