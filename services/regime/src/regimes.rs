//! Loading: everything is read, everything is checked, and either all of it holds or every fault is told.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::calendar::Calendar;
use crate::fault::{Fault, Faults, Severity};
use crate::inherit;
use crate::lint::{self, Paper, Readable};
use crate::model::{Organisation, Pack, Template};
use crate::read::{Node, Shape};
use crate::source::{Source, Sources};
use crate::tenant::{Digests, Tenant};
use crate::versions::Versions;

/// All rules of an installation.
#[derive(Clone, Debug)]
pub struct Regimes {
    // By id; the versions of each by their first days.
    packs: BTreeMap<String, Vec<Arc<Pack>>>,
    templates: BTreeMap<String, Arc<Template>>,
    calendars: BTreeMap<String, Arc<Calendar>>,
    tenants: BTreeMap<String, Versions>,
    begins: BTreeMap<String, Fault>,
    warnings: Faults,
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

    /// The organisation of this id with the rules that hold: those of the first version until [`Self::enter`] is told the time.
    pub fn tenant(&self, org: &str) -> Option<&Tenant> {
        self.tenants.get(org).map(Versions::current)
    }

    /// Every organisation, by id, with the rules that hold.
    pub fn tenants(&self) -> impl Iterator<Item = &Tenant> {
        self.tenants.values().map(Versions::current)
    }

    /// Every version of the rules of `org`, by their first days.
    pub fn versions(&self, org: &str) -> &[Tenant] {
        self.tenants.get(org).map(Versions::all).unwrap_or_default()
    }

    /// The rules that have to take the place of those that hold for `org`, since their first day has come at `now`.
    pub fn due(&self, org: &str, now: Timestamp) -> Option<&Tenant> {
        self.tenants.get(org)?.due(now)
    }

    /// Lets the rules of `org` hold that hold at `now`, from here on; never those of before again.
    pub fn enter(&self, org: &str, now: Timestamp) {
        if let Some(versions) = self.tenants.get(org) {
            versions.enter(now);
        }
    }

    /// The pack of this id, in its newest version.
    pub fn pack(&self, id: &str) -> Option<&Arc<Pack>> {
        self.packs.get(id)?.last()
    }

    /// Every pack, by id, in every version.
    pub fn packs(&self) -> impl Iterator<Item = &Arc<Pack>> {
        self.packs.values().flatten()
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

    /// A warning for each pack whose first day lies after `now`, in its own time zone: no service starts under it before. A
    /// version that follows another may lie ahead.
    pub fn not_yet(&self, now: Timestamp) -> Vec<Fault> {
        let first = self.packs.values().filter_map(|versions| versions.first());
        let ahead = first.filter(|pack| pack.effective_from > pack.time_zone.day(now));
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
        let told = heirs.iter().map(|heir| {
            let both = (inherit::digest(heir, &sources.packs), inherit::meaning(heir));
            (heir.file.as_str(), both)
        });
        let told: BTreeMap<&str, ([u8; 32], [u8; 32])> = told.collect();
        packs.sort_by_key(|paper| paper.content.effective_from);
        let (mut versions, mut digests, mut first) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::new(), BTreeMap::new());
        for paper in packs {
            let id = paper.content.id.clone();
            digests.extend(told.get(paper.file.as_str()).map(|both| ((id.clone(), paper.content.version), *both)));
            first.entry(id.clone()).or_insert_with(|| begins(&paper));
            versions.entry(id).or_default().push(Arc::new(paper.content));
        }
        let tenants = organisations.into_iter().filter_map(|paper| {
            let (file, packs) = (digest(&sources.organisations, &paper.file), versions.get(&paper.content.pack)?);
            let organisation = Arc::new(paper.content);
            let under = |pack: &Arc<Pack>| {
                let (bytes, meaning) = *digests.get(&(pack.id.clone(), pack.version))?;
                let digests = Digests { pack: bytes, organisation: file, meaning };
                Tenant::new(Arc::clone(&organisation), digests, Arc::clone(pack), &templates, &calendars)
            };
            Some((organisation.org.clone(), Versions::new(packs.iter().filter_map(under).collect())?))
        });
        let tenants = tenants.collect();
        Ok(Self { packs: versions, templates, calendars, tenants, begins: first, warnings })
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

#[cfg(test)]
mod tests;
