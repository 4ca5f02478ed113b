//! `dossier lint`: every fault of packs, templates, calendars and organisation files, with file, line and a sentence.
//!
//! A file is what its content says: an organisation has `org`, a template `sections`, any other YAML file is a pack; a
//! calendar is CSV. What the given files refer to and does not lie among them is taken from the rules shipped with the
//! program, so that a single file can be looked at.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use dossier_regime::{Fault, Regimes, Severity, Source, Sources};

use crate::cli::Globals;
use crate::{Failure, out};

/// What `lint` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Files, or folders to be searched for *.yaml and *.csv; without any, the folders of the configuration
    #[arg(value_name = "FILE-or-DIR")]
    paths: Vec<PathBuf>,
}

/// Prints every fault and warning.
///
/// # Errors
/// When a fault refuses a file, or a path cannot be read.
pub fn run(args: &Args, globals: &Globals) -> Result<(), Failure> {
    let mut files = BTreeSet::new();
    for path in paths(args, globals)? {
        collect(&path, &mut files).map_err(|fault| Failure::file(&path, &fault))?;
    }
    let mut given = Sources::default();
    for path in &files {
        let bytes = std::fs::read(path).map_err(|fault| Failure::file(path, &fault))?;
        sort(Source { file: path.display().to_string(), bytes }, &mut given);
    }
    if files.is_empty() {
        // As the services do that are told no folder.
        out::note("no file is named here or in the configuration: these are the rules shipped with the program");
        given = Sources::shipped();
    }
    let number = [&given.packs, &given.templates, &given.calendars, &given.organisations].map(Vec::len).iter().sum();
    told(&faults(given), number)
}

fn paths(args: &Args, globals: &Globals) -> Result<Vec<PathBuf>, Failure> {
    if !args.paths.is_empty() {
        return Ok(args.paths.clone());
    }
    let rules = globals.load()?.regimes;
    let mut paths = vec![rules.organisations_dir];
    // The loader looks for calendars beside the regimes.
    let calendars = rules.dir.parent().unwrap_or(Path::new("")).join("calendars");
    if !rules.dir.as_os_str().is_empty() {
        paths.extend([rules.dir, calendars]);
    }
    paths.retain(|path| !path.as_os_str().is_empty());
    Ok(paths)
}

/// Every fault of the given texts.
pub fn faults(mut given: Sources) -> Vec<Fault> {
    complete(&mut given);
    match Regimes::read(&given) {
        Ok(regimes) => regimes.warnings().0.clone(),
        Err(faults) => faults.0,
    }
}

fn told(faults: &[Fault], files: usize) -> Result<(), Failure> {
    for fault in faults {
        out::line(fault)?;
    }
    let errors = faults.iter().filter(|fault| fault.severity == Severity::Error).count();
    let count = |number: usize, what| out::count(number as u64, what);
    let warnings = count(faults.len() - errors, "warning");
    let summary = format!("{}, {}, {warnings}", count(files, "file"), count(errors, "fault"));
    if errors == 0 { Ok(out::line(summary)?) } else { Err(Failure::differs(summary)) }
}

// A path that was named is read whatever its name; in folders only what the loader would read.
fn collect(path: &Path, files: &mut BTreeSet<PathBuf>) -> std::io::Result<()> {
    if !path.is_dir() {
        std::fs::metadata(path)?;
        files.insert(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        let known = path.extension().is_some_and(|extension| extension == "yaml" || extension == "csv");
        if path.is_dir() || known {
            collect(&path, files)?;
        }
    }
    Ok(())
}

fn sort(source: Source, sources: &mut Sources) {
    let kind = if source.file.ends_with(".csv") {
        &mut sources.calendars
    } else if value(&source, "org").is_some() {
        &mut sources.organisations
    } else if value(&source, "sections").is_some() {
        &mut sources.templates
    } else {
        &mut sources.packs
    };
    kind.push(source);
}

/// The value of a key that stands at the beginning of a line.
fn value<'s>(source: &'s Source, key: &str) -> Option<&'s str> {
    let text = std::str::from_utf8(&source.bytes).ok()?;
    let found = text.lines().find_map(|line| line.trim_start_matches(['#', ' ']).strip_prefix(key)?.strip_prefix(':'));
    found.map(|rest| rest.split(" #").next().unwrap_or(rest).trim())
}

/// Adds what may be referred to: templates and calendars, and for organisations the packs.
fn complete(given: &mut Sources) {
    let shipped = Sources::shipped();
    if !given.organisations.is_empty() {
        add(&mut given.packs, shipped.packs, "id");
    }
    if !given.packs.is_empty() || !given.templates.is_empty() {
        add(&mut given.templates, shipped.templates, "id");
    }
    if !given.packs.is_empty() {
        add(&mut given.calendars, shipped.calendars, "calendar");
    }
}

fn add(given: &mut Vec<Source>, shipped: Vec<Source>, key: &str) {
    for mut source in shipped {
        let known = given.iter().any(|one| value(one, key) == value(&source, key));
        if !known {
            source.file = format!("shipped {}", source.file);
            given.push(source);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(file: &str, change: impl Fn(&str) -> String) -> Vec<Fault> {
        let shipped = Sources::shipped();
        let all = [shipped.packs, shipped.templates, shipped.calendars, shipped.organisations].concat();
        let mut one = all.into_iter().find(|source| source.file == file).unwrap();
        one.bytes = change(std::str::from_utf8(&one.bytes).unwrap()).into_bytes();
        let mut given = Sources::default();
        sort(one, &mut given);
        faults(given)
    }

    #[test]
    fn each_shipped_file_alone_has_no_fault() {
        for file in [
            "regimes/R36.yaml",
            "regimes/templates/customer_core.yaml",
            "organisations/demo.yaml",
            "calendars/cn-statutory.csv",
        ] {
            let found = alone(file, str::to_owned);
            assert!(found.iter().all(|fault| fault.severity == Severity::Warning), "{found:?}");
        }
    }

    #[test]
    fn a_fault_is_told_with_file_and_line() {
        let found = alone("organisations/demo.yaml", |text| text.replace("unit: finance}", "unit: moon}"));
        let fault = found.iter().find(|fault| fault.severity == Severity::Error).unwrap();
        assert_eq!(fault.file, "organisations/demo.yaml");
        assert!(fault.line > 5 && fault.sentence.contains("moon"), "{fault}");
    }
}
