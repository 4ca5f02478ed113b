//! Loading: everything is read, everything is checked, and either all of it holds or every fault is told.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::calendar::{Calendar, End, OutOfRange};
use crate::duty::{self, Due};
use crate::fault::{Fault, Faults, Severity};
use crate::inherit;
use crate::lint::{self, Paper, Readable};
use crate::model::{DutyRule, FileKind, Organisation, Pack, Template, Term, Trigger};
use crate::read::{Node, Shape};
use crate::source::{Source, Sources};

/// All rules of an installation.
#[derive(Clone, Debug)]
pub struct Regimes {
    packs: BTreeMap<String, Arc<Pack>>,
    templates: BTreeMap<String, Arc<Template>>,
    calendars: BTreeMap<String, Arc<Calendar>>,
    tenants: BTreeMap<String, Tenant>,
    begins: BTreeMap<String, Fault>,
    warnings: Faults,
}

/// One organisation with the rules it lives under.
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

// === impl Regimes ===

impl Regimes {
    /// Reads and checks all files of two directories; calendars lie in `calendars` beside the regimes.
    ///
    /// # Errors
    /// Every fault of every file, warnings included, if any of them is more than a warning.
    pub fn load(regimes_dir: &Path, organisations_dir: &Path) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let sources = Sources::from_dirs(regimes_dir, organisations_dir, &mut faults);
        Self::build(&sources, faults)
    }

    /// Reads and checks texts.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn read(sources: &Sources) -> Result<Self, Faults> {
        Self::build(sources, Vec::new())
    }

    /// The rules shipped with the program: packs R36 and R39, organisations `demo` and `meridian`.
    ///
    /// # Errors
    /// As [`Self::load`]; a test of this crate keeps it from happening.
    pub fn shipped() -> Result<Self, Faults> {
        // They are the same as long as the program runs, and reading all their forms takes a while.
        static READ: LazyLock<Result<Regimes, Faults>> = LazyLock::new(|| Regimes::read(&Sources::shipped()));
        READ.clone()
    }

    /// The organisation of this id with its rules.
    pub fn tenant(&self, org: &str) -> Option<&Tenant> {
        self.tenants.get(org)
    }

    /// Every organisation, by id.
    pub fn tenants(&self) -> impl Iterator<Item = &Tenant> {
        self.tenants.values()
    }

    /// The pack of this id.
    pub fn pack(&self, id: &str) -> Option<&Arc<Pack>> {
        self.packs.get(id)
    }

    /// Every pack, by id.
    pub fn packs(&self) -> impl Iterator<Item = &Arc<Pack>> {
        self.packs.values()
    }

    /// The template of this id, parents merged in.
    pub fn template(&self, id: &str) -> Option<&Arc<Template>> {
        self.templates.get(id)
    }

    /// Every template that was read, whether a pack uses it or not.
    pub fn templates(&self) -> impl Iterator<Item = &Arc<Template>> {
        self.templates.values()
    }

    /// The calendar of this name.
    pub fn calendar(&self, name: &str) -> Option<&Arc<Calendar>> {
        self.calendars.get(name)
    }

    /// What loaded but should be looked at.
    pub const fn warnings(&self) -> &Faults {
        &self.warnings
    }

    /// A warning for each pack whose first day lies after `now`, in its own time zone: no service starts under it before.
    pub fn not_yet(&self, now: Timestamp) -> Vec<Fault> {
        let ahead = |pack: &&Arc<Pack>| pack.effective_from > pack.time_zone.day(now);
        let ahead = self.packs.values().filter(ahead);
        ahead.filter_map(|pack| self.begins.get(&pack.id).cloned()).collect()
    }

    fn build(sources: &Sources, mut faults: Vec<Fault>) -> Result<Self, Faults> {
        let calendars = calendars(&sources.calendars, &mut faults);
        let mut templates = papers::<Template>(&sources.templates, &mut faults);
        let heirs = inherit::heirs(&sources.packs, &mut faults);
        let whole = heirs.iter().filter(|heir| !heir.is_abstract);
        let mut packs: Vec<_> = whole.map(|heir| Paper::read(&heir.file, &heir.root, &mut faults)).collect();
        let bases: Vec<&str> = heirs.iter().filter(|heir| heir.is_abstract).map(|heir| heir.id.as_str()).collect();
        let readable = Readable {
            packs: heirs.len() == sources.packs.len(),
            templates: templates.len() == sources.templates.len(),
            calendars: calendars.len() == sources.calendars.len(),
        };
        lint::templates(&mut templates, readable, &mut faults);
        lint::packs(&mut packs, &templates, &calendars, readable, &mut faults);
        let organisations = papers::<Organisation>(&sources.organisations, &mut faults);
        lint::organisations(&organisations, &packs, &bases, &templates, readable, &mut faults);
        faults.sort();
        faults.dedup();
        let warnings = Faults(faults);
        if warnings.is_fatal() {
            return Err(warnings);
        }
        let templates = by_id(templates, |template: &Template| template.id.clone());
        let digests = heirs.iter().map(|heir| {
            let both = (inherit::digest(heir, &sources.packs), inherit::meaning(heir));
            (heir.id.clone(), both)
        });
        let digests: BTreeMap<String, ([u8; 32], [u8; 32])> = digests.collect();
        let begins = packs.iter().map(|paper| (paper.content.id.clone(), begins(paper))).collect();
        let packs = by_id(packs, |pack: &Pack| pack.id.clone());
        let tenants = organisations.into_iter().filter_map(|paper| {
            let organisation = digest(&sources.organisations, &paper.file);
            let (pack, meaning) = *digests.get(&paper.content.pack)?;
            let digests = Digests { pack, organisation, meaning };
            Tenant::new(Arc::new(paper.content), digests, &packs, &templates, &calendars)
        });
        let tenants = tenants.map(|tenant| (tenant.org().to_owned(), tenant)).collect();
        Ok(Self { packs, templates, calendars, tenants, begins, warnings })
    }
}

fn digest(sources: &[Source], file: &str) -> [u8; 32] {
    let bytes = sources.iter().find(|source| source.file == file).map_or(&[][..], |source| &source.bytes);
    Sha256::digest(bytes).into()
}

fn begins(paper: &Paper<Pack>) -> Fault {
    let (path, place) = ("effective_from".to_owned(), paper.root.place_of("effective_from"));
    let Pack { id, effective_from, .. } = &paper.content;
    let sentence = format!("pack `{id}` holds from {effective_from} on; nothing is served under it before");
    Fault { file: place.file.to_string(), line: place.line, path, sentence, severity: Severity::Warning }
}

fn papers<T: Shape>(sources: &[Source], faults: &mut Vec<Fault>) -> Vec<Paper<T>> {
    let roots = sources.iter().filter_map(|source| Some((&source.file, Node::of(source, faults)?)));
    let roots: Vec<_> = roots.collect();
    roots.iter().map(|(file, root)| Paper::read(file, root, faults)).collect()
}

fn calendars(sources: &[Source], faults: &mut Vec<Fault>) -> BTreeMap<String, Arc<Calendar>> {
    let mut calendars = BTreeMap::new();
    for source in sources {
        let Some(calendar) = source.text(faults).and_then(|text| Calendar::read(&source.file, text, faults)) else {
            continue;
        };
        let name = calendar.name().to_owned();
        if calendars.insert(name.clone(), Arc::new(calendar)).is_some() {
            let (file, sentence) = (source.file.clone(), format!("calendar `{name}` exists twice"));
            faults.push(Fault { file, line: 1, path: String::new(), sentence, severity: Severity::Error });
        }
    }
    calendars
}

fn by_id<T>(papers: Vec<Paper<T>>, id: impl Fn(&T) -> String) -> BTreeMap<String, Arc<T>> {
    papers.into_iter().map(|paper| (id(&paper.content), Arc::new(paper.content))).collect()
}

// === impl Tenant ===

impl Tenant {
    fn new(
        organisation: Arc<Organisation>,
        digests: Digests,
        packs: &BTreeMap<String, Arc<Pack>>,
        templates: &BTreeMap<String, Arc<Template>>,
        calendars: &BTreeMap<String, Arc<Calendar>>,
    ) -> Option<Self> {
        let pack = Arc::clone(packs.get(&organisation.pack)?);
        let calendar = Arc::clone(calendars.get(&pack.calendar.name)?);
        let named = pack.files.iter().flat_map(FileKind::named_templates);
        let named = named.chain(organisation.extra_templates.iter().map(String::as_str));
        let found = |id: &str| Some((id.to_owned(), Arc::clone(templates.get(id)?)));
        let forms = pack.records.iter().filter_map(|kind| found(&kind.template)).collect();
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
    pub fn day(&self, at: Timestamp) -> jiff::civil::Date {
        self.pack.time_zone.day(at)
    }
}

#[cfg(test)]
mod tests;
