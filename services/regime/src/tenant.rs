//! One organisation with the rules it lives under.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::calendar::{Calendar, End, OutOfRange, end_of_day};
use crate::duty::{self, Due};
use crate::model::{DutyRule, FileKind, Organisation, Pack, Template, Term, Trigger};

/// One organisation with one version of the rules it lives under.
#[derive(Clone, Debug)]
pub struct Tenant {
    digests: Digests,
    organisation: Arc<Organisation>,
    pack: Arc<Pack>,
    calendar: Arc<Calendar>,
    templates: BTreeMap<String, Arc<Template>>,
    // Those of record kinds.
    forms: BTreeMap<String, Arc<Template>>,
}

/// SHA-256 of what the rules of an organisation were read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digests {
    /// Of the bytes of the pack, and of its parents where it extends another.
    pub pack: [u8; 32],
    /// Of the organisation file.
    pub organisation: [u8; 32],
    /// Of what the pack says: of its keys and values, whatever their layout and the comments around them,
    /// with all that it inherits.
    pub meaning: [u8; 32],
}

// === impl Tenant ===

impl Tenant {
    /// `organisation` under `pack`; `None` where its calendar is not there.
    pub(crate) fn new(
        organisation: Arc<Organisation>,
        digests: Digests,
        pack: Arc<Pack>,
        templates: &BTreeMap<String, Arc<Template>>,
        calendars: &BTreeMap<String, Arc<Calendar>>,
    ) -> Option<Self> {
        let calendar = Arc::clone(calendars.get(&pack.calendar.name)?);
        let named = pack.files.iter().flat_map(FileKind::named_templates);
        let named = named.chain(organisation.extra_templates.iter().map(String::as_str));
        let found = |id: &str| Some((id.to_owned(), Arc::clone(templates.get(id)?)));
        let kinds = pack.records.iter().map(|kind| &kind.template);
        let forms = kinds.chain(pack.documents.iter().map(|kind| &kind.template)).filter_map(|id| found(id)).collect();
        let templates = named.filter_map(found).collect();
        Some(Self { digests, organisation, pack, calendar, templates, forms })
    }

    /// Id of the organisation.
    pub fn org(&self) -> &str {
        &self.organisation.org
    }

    /// What its rules were read from.
    pub const fn digests(&self) -> &Digests {
        &self.digests
    }

    /// The organisation file.
    pub const fn organisation(&self) -> &Arc<Organisation> {
        &self.organisation
    }

    /// Its rule book.
    pub const fn pack(&self) -> &Arc<Pack> {
        &self.pack
    }

    /// Its calendar of working days.
    pub const fn calendar(&self) -> &Arc<Calendar> {
        &self.calendar
    }

    /// The template of a file or of a record kind.
    pub fn form(&self, id: &str) -> Option<&Arc<Template>> {
        self.templates.get(id).or_else(|| self.forms.get(id))
    }

    /// Every template of files and of record kinds, by id.
    pub fn all_forms(&self) -> impl Iterator<Item = &Arc<Template>> {
        let others = self.forms.iter().filter(|(id, _)| !self.templates.contains_key(*id));
        self.templates.values().chain(others.map(|(_, form)| form))
    }

    /// A template that a file may have.
    pub fn template(&self, id: &str) -> Option<&Arc<Template>> {
        self.templates.get(id)
    }

    /// Every template that a file may have, by id.
    pub fn templates(&self) -> impl Iterator<Item = &Arc<Template>> {
        self.templates.values()
    }

    /// Whether a file of this kind may have this template: one that the kind names, or one of the organisation's own for files
    /// with customers of their own.
    pub fn is_form_of(&self, kind: &FileKind, template: &str) -> bool {
        let own = || kind.has_own_customer() && self.organisation.extra_templates.iter().any(|one| one == template);
        kind.named_templates().any(|one| one == template) || own()
    }

    /// When a term that begins at `from` ends.
    ///
    /// # Errors
    /// [`OutOfRange`] beyond the year 9999.
    pub fn end(&self, term: Term, from: Timestamp) -> Result<End, OutOfRange> {
        self.calendar.end(&self.pack, term, from)
    }

    /// The last moment of a day, where a term that is counted in days ends.
    ///
    /// # Errors
    /// [`OutOfRange`] beyond the year 9999.
    pub fn end_of_day(&self, day: Date) -> Result<Timestamp, OutOfRange> {
        end_of_day(&self.pack, day)
    }

    /// What is due because of a trigger.
    ///
    /// # Errors
    /// [`OutOfRange`] beyond the year 9999.
    pub fn due(&self, on: Trigger, at: Timestamp) -> Result<Vec<Due>, OutOfRange> {
        duty::due(&self.pack, &self.calendar, on, at)
    }

    /// What one rule makes due because it was started at `at`.
    ///
    /// # Errors
    /// [`OutOfRange`] beyond the year 9999.
    pub fn dues(&self, rule: &DutyRule, at: Timestamp) -> Result<Vec<Due>, OutOfRange> {
        duty::of_rule(&self.pack, &self.calendar, rule, at)
    }

    /// What one rule makes due before `day`, on which something lapses.
    ///
    /// # Errors
    /// [`OutOfRange`] before the year -9999.
    pub fn before(&self, rule: &DutyRule, day: Date) -> Result<Vec<Due>, OutOfRange> {
        duty::before(&self.pack, &self.calendar, rule, day)
    }

    /// The next due time of each calendar duty.
    ///
    /// # Errors
    /// [`OutOfRange`] beyond the year 9999.
    pub fn scheduled(&self, after: Timestamp) -> Result<Vec<Due>, OutOfRange> {
        duty::scheduled(&self.pack, &self.calendar, after)
    }

    /// Whether a term that ends at `at` may end on another day once the holidays of that year are published: the pack counts
    /// working days, or moves ends to one, and the calendar does not cover the year.
    pub fn is_provisional(&self, term: Term, at: Timestamp) -> bool {
        let asked = term.unit.asks_for_work(self.pack.calendar.roll);
        asked && term.fixed().is_none() && !self.calendar.covers(self.day(at))
    }

    /// The day a moment falls on, in the pack's time zone.
    pub fn day(&self, at: Timestamp) -> Date {
        self.pack.time_zone.day(at)
    }
}
