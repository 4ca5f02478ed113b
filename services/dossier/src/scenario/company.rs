//! The companies of scripts: an organisation file each, beside the packs that they live under.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use dossier_regime::read::quoted;
use dossier_regime::{Fault, Regimes, Source, Sources};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::script::Script;
use crate::Failure;

/// An organisation file made of a script, and the line of the script behind each of its lines.
struct Paper {
    file: PathBuf,
    text: String,
    lines: Vec<usize>,
}

/// Where the rules of scripts lie.
#[derive(Debug)]
pub struct Rules {
    /// Packs, with templates below and calendars beside.
    pub regimes: PathBuf,
    /// The companies of the scripts.
    pub organisations: PathBuf,
    read: Regimes,
}

/// The id of the company of a script: the script's own in small letters.
pub fn org(script: &Script) -> String {
    script.id.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

// === impl Rules ===

impl Rules {
    /// The companies of scripts that lie in one folder, written below `home`: under the packs of `regimes` beside the folder, or else
    /// those that are compiled in.
    ///
    /// # Errors
    /// Every fault of packs, and of scripts that do not suit them, with file and line; a folder that cannot be written.
    pub fn lay(home: &Path, scripts: &[(PathBuf, Script)]) -> Result<Self, Failure> {
        let organisations = home.join("organisations");
        folder(&organisations)?;
        let papers: Vec<_> = scripts.iter().map(|(file, script)| Paper::of(file, script)).collect();
        for ((_, script), paper) in scripts.iter().zip(&papers) {
            write(&organisations.join(format!("{}.yaml", org(script))), paper.text.as_bytes())?;
        }
        let beside = scripts.first().and_then(|(file, _)| beside(file));
        let regimes = beside.map_or_else(|| shipped(home), Ok)?;
        match Regimes::load(&regimes, &organisations) {
            Ok(read) => Ok(Self { regimes, organisations, read }),
            Err(faults) => {
                let told: Vec<_> = faults.errors().map(|fault| blamed(fault, scripts, &papers).to_string()).collect();
                Err(Failure::config(told.join("\n")))
            }
        }
    }

    /// When the first of these scripts begins.
    ///
    /// # Errors
    /// A moment that its time zone does not have.
    pub fn start(&self, scripts: &[(PathBuf, Script)]) -> Result<Timestamp, Failure> {
        let start = |(file, script): &(PathBuf, Script)| {
            let zone = self.read.pack(&script.pack).map(|pack| pack.time_zone.rules().clone()).unwrap_or(TimeZone::UTC);
            let start = script.start.0.to_zoned(zone).map(|zoned| zoned.timestamp());
            start.map_err(|why| Failure::config(format!("{}: start: {why}", file.display())))
        };
        let starts = scripts.iter().map(start).collect::<Result<Vec<_>, _>>()?;
        starts.into_iter().min().ok_or_else(|| Failure::config("no script is named"))
    }
}

// `regimes` in the folder that holds the folder of the script.
fn beside(file: &Path) -> Option<PathBuf> {
    let file = file.canonicalize().ok()?;
    let regimes = file.parent()?.parent()?.join("regimes");
    regimes.is_dir().then_some(regimes)
}

fn shipped(home: &Path) -> Result<PathBuf, Failure> {
    let Sources { packs, templates, calendars, .. } = Sources::library();
    for part in ["regimes/templates", "calendars"] {
        folder(&home.join(part))?;
    }
    let all = packs.iter().chain(&templates).chain(&calendars);
    all.clone().try_for_each(|Source { file, bytes }| write(&home.join(file), bytes))?;
    Ok(home.join("regimes"))
}

fn folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path).map_err(|fault| Failure::file(path, &fault))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|fault| Failure::file(path, &fault))
}

// A fault of an organisation file is one of the script that it was made of.
fn blamed(fault: &Fault, scripts: &[(PathBuf, Script)], papers: &[Paper]) -> Fault {
    let name = Path::new(&fault.file).file_stem().unwrap_or_default();
    let within = fault.file.contains("organisations");
    let mut both = scripts.iter().zip(papers);
    let Some((_, paper)) = both.find(|((_, script), _)| within && *org(script) == *name) else { return fault.clone() };
    let line = fault.line.checked_sub(1).and_then(|at| paper.lines.get(at)).copied().unwrap_or(1);
    Fault { file: paper.file.display().to_string(), line, ..fault.clone() }
}

// === impl Paper ===

impl Paper {
    fn of(file: &Path, script: &Script) -> Self {
        let mut paper = Self { file: file.to_owned(), text: String::new(), lines: Vec::new() };
        paper.line(1, &format!("org: {}", org(script)));
        paper.line(1, &format!("label: {}", quoted(&script.label)));
        paper.line(1, &format!("pack: {}", quoted(&script.pack)));
        paper.line(1, "units:");
        let units = script.all_units();
        for unit in &units {
            let mut text = format!("  - {{id: {}, label: {}", quoted(&unit.id), quoted(&unit.label));
            for (key, value) in [("parent", &unit.parent), ("kind", &unit.kind)] {
                let _ = value.as_ref().map(|value| write!(text, ", {key}: {}", quoted(value)));
            }
            paper.line(1, &(text + "}"));
        }
        paper.line(1, "people:");
        for person in &script.people {
            let unit = |unit: &Option<String>| unit.clone().or_else(|| units.first().map(|unit| unit.id.clone()));
            let posts = person.it.posts.iter().map(|post| {
                format!("{{post: {}, unit: {}}}", quoted(&post.post), quoted(&unit(&post.unit).unwrap_or_default()))
            });
            let posts = posts.collect::<Vec<_>>().join(", ");
            let (id, label) = (quoted(&person.it.id), quoted(&person.it.label));
            paper.line(person.line, &format!("  - {{subject: {id}, name: {label}, appointments: [{posts}]}}"));
        }
        if !script.extra_templates.is_empty() {
            let extra: Vec<_> = script.extra_templates.iter().map(|one| quoted(one)).collect();
            paper.line(1, &format!("extra_templates: [{}]", extra.join(", ")));
        }
        paper
    }

    fn line(&mut self, of: usize, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
        self.lines.push(of);
    }
}
