//! `dossier lint`: every fault of packs, templates, calendars and organisation files, with file, line and a sentence.
//!
//! A folder is read as the services read theirs: `regimes/*.yaml`, `regimes/templates/*.yaml`, `organisations/*.yaml`,
//! `calendars/*.csv`. A folder that has none of these three is one of them. What lies beside (a compose file, a collector's
//! configuration) is no rule and is left alone; a folder without any rule is a fault. A file that is named is read whatever it
//! is called.
//!
//! A file is what its content says: an organisation has `org`, a template `sections`, any other YAML file is a pack; a
//! calendar is CSV. What single files refer to and does not lie among them is taken from the rules shipped with the program, so
//! that each can be looked at. To what is served as it lies, the folders of the configuration or one that holds `regimes/`,
//! nothing is added: the services add nothing either. In place of the faults a pack may be shown: with all that it inherits, or
//! who sees what under it.

mod show;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use dossier_kernel::clock::System;
use dossier_regime::{Fault, Regimes, Severity, Source, Sources};

use crate::globals::Globals;
use crate::{Failure, out};

/// The folders of an installation's rules.
const LAYOUT: [&str; 3] = ["regimes", "organisations", "calendars"];

/// What stands at the beginning of a line in an organisation, a template or a pack, and in no other YAML file.
const KEYS: [&str; 4] = ["org", "sections", "posts", "levels"];

/// What stands there in a pack that says little itself; beside `id`, because other programs know these words too.
const FAMILY: [&str; 2] = ["extends", "abstract"];

/// Stands before the name of a file that is compiled in.
const SHIPPED: &str = "shipped ";

const NOTHING: &str = "holds no rules: neither regimes/, organisations/ or calendars/, nor a pack, a template, an organisation \
                       or a calendar";

/// What `lint` takes.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Args {
    /// Files, or folders with regimes/, organisations/ and calendars/; without any, the folders of the configuration
    #[arg(value_name = "FILE-or-DIR")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    show: show::Args,
    /// Warn with --series of those that so many files would exhaust which are to be numbered here
    #[arg(long, value_name = "FILES", requires = "series")]
    arriving: Option<u64>,
}

/// Prints every fault and warning, or what is asked for in place of them.
///
/// # Errors
/// When a fault refuses a file, a path cannot be read, or a pack that is asked for is not there.
pub fn run(args: &Args, globals: &Globals) -> Result<(), Failure> {
    if args.show.is_schema() {
        return Ok(out::text(&dossier_regime::schema())?);
    }
    let given = given(args, globals)?;
    if args.show.is_asked() {
        return show::run(&args.show, &given, args.arriving);
    }
    let all = [&given.packs, &given.templates, &given.calendars, &given.organisations];
    let own = |source: &&Source| !source.file.starts_with(SHIPPED);
    let number = all.into_iter().flatten().filter(own).count();
    told(&faults(&given), number)
}

// What the paths hold, and what it refers to unless it is served as it lies.
fn given(args: &Args, globals: &Globals) -> Result<Sources, Failure> {
    let (paths, configured) = (paths(args, globals)?, args.paths.is_empty());
    let mut files = BTreeSet::new();
    for path in &paths {
        // The services read every file of their folders.
        let found = if configured { every(path)? } else { collect(path)? };
        if found.is_empty() {
            return Err(Failure::config(format!("`{}` {NOTHING}", path.display())));
        }
        files.extend(found);
    }
    let mut given = Sources::default();
    for path in &files {
        let bytes = std::fs::read(path).map_err(|fault| Failure::file(path, &fault))?;
        sort(Source { file: path.display().to_string(), bytes }, &mut given);
    }
    if paths.is_empty() {
        // As the services do that are told no folder.
        out::note("no file is named here or in the configuration: these are the rules shipped with the program");
        given = Sources::library();
    }
    if !configured && !paths.iter().any(|path| path.join(LAYOUT[0]).is_dir()) {
        complete(&mut given);
    }
    Ok(given)
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
pub fn faults(given: &Sources) -> Vec<Fault> {
    match Regimes::read(given) {
        Ok(regimes) => {
            let ahead = regimes.not_yet(System::shared().now());
            let mut all = [regimes.warnings().0.as_slice(), &ahead].concat();
            all.sort();
            all
        }
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

fn collect(path: &Path) -> Result<BTreeSet<PathBuf>, Failure> {
    let meta = std::fs::metadata(path).map_err(|fault| Failure::file(path, &fault))?;
    if !meta.is_dir() {
        return Ok(BTreeSet::from([path.to_owned()]));
    }
    let parts: Vec<_> = LAYOUT.iter().map(|name| path.join(name)).filter(|part| part.is_dir()).collect();
    if parts.is_empty() {
        let mut found = every(path)?;
        // In a folder of no layout anything may lie about.
        if !path.file_name().is_some_and(|name| LAYOUT.iter().any(|part| name == *part)) {
            found.retain(|file| is_rule(file));
        }
        return Ok(found);
    }
    let mut found = BTreeSet::new();
    for part in &parts {
        found.extend(every(part)?);
    }
    Ok(found)
}

/// Every file of a folder that is a rule by its name, the templates below it too.
fn every(folder: &Path) -> Result<BTreeSet<PathBuf>, Failure> {
    let mut found = BTreeSet::new();
    let templates = folder.join("templates");
    for folder in [folder, &templates].into_iter().take(if templates.is_dir() { 2 } else { 1 }) {
        let fault = |fault: std::io::Error| Failure::file(folder, &fault);
        for entry in std::fs::read_dir(folder).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            let known = path.extension().is_some_and(|extension| extension == "yaml" || extension == "csv");
            if known && path.is_file() {
                found.insert(path);
            }
        }
    }
    Ok(found)
}

// A file that cannot be read is looked at, and told.
fn is_rule(path: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(path) else { return true };
    let has = |key: &str| text.lines().any(|line| line.split_once(':').is_some_and(|(one, _)| one == key));
    let pack = || has("id") && FAMILY.into_iter().any(has);
    path.extension().is_some_and(|extension| extension == "csv") || KEYS.into_iter().any(has) || pack()
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

/// Adds what may be referred to: templates and calendars, and for organisations and packs that extend another the packs.
fn complete(given: &mut Sources) {
    let shipped = Sources::library();
    let extends = given.packs.iter().any(|pack| value(pack, "extends").is_some());
    if extends || !given.organisations.is_empty() {
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
            source.file = format!("{SHIPPED}{}", source.file);
            given.push(source);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lint(path: &Path) -> Result<(), Failure> {
        run(&Args { paths: vec![path.to_owned()], ..Args::default() }, &Globals::default())
    }

    fn names(path: &Path) -> Vec<String> {
        let found = collect(path).unwrap();
        found.iter().map(|one| one.strip_prefix(path).unwrap().display().to_string()).collect()
    }

    #[test]
    fn a_folder_is_read_by_its_layout_and_what_lies_beside_is_no_rule() {
        let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
        let found = names(&deploy);
        assert!(found.contains(&"regimes/templates/customer_core.yaml".to_owned()), "{found:?}");
        assert!(!found.iter().any(|file| file.contains("compose")), "{found:?}");
        lint(&deploy).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for file in ["regimes/R36.yaml", "organisations/demo.yaml", "compose.yaml"] {
            let name = Path::new(file).file_name().unwrap();
            std::fs::copy(deploy.join(file), folder.path().join(name)).unwrap();
        }
        assert_eq!(names(folder.path()), ["R36.yaml", "demo.yaml"]);
        std::fs::write(folder.path().join("ACME.yaml"), "id: ACME\nversion: 1\nextends: R36\n").unwrap();
        std::fs::write(folder.path().join("style.yaml"), "extends: strict\n").unwrap();
        assert_eq!(names(folder.path()), ["ACME.yaml", "R36.yaml", "demo.yaml"]);
        lint(folder.path()).unwrap();
    }

    // proves: P-30
    #[test]
    fn every_template_of_the_folder_is_read_whatever_its_types() {
        let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
        let folder = tempfile::tempdir().unwrap();
        let templates = folder.path().join("regimes/templates");
        std::fs::create_dir_all(&templates).unwrap();
        let forms = ["communication", "complaint_record", "corporate_record", "customer_core", "document"];
        let forms = forms.map(|id| format!("regimes/templates/{id}.yaml"));
        std::fs::create_dir_all(folder.path().join("calendars")).unwrap();
        for file in forms.iter().map(String::as_str).chain(["regimes/R36.yaml", "calendars/cn-statutory.csv"]) {
            std::fs::copy(deploy.join(file), folder.path().join(file)).unwrap();
        }
        let example = deploy.join("../docs/example-template.yaml");
        let text = std::fs::read_to_string(example).unwrap();
        std::fs::write(templates.join("example.yaml"), &text).unwrap();
        lint(folder.path()).unwrap();
        std::fs::write(templates.join("example.yaml"), text.replace("rows: 20", "rows: 0")).unwrap();
        assert!(lint(folder.path()).is_err());
    }

    // proves: X-37
    #[test]
    fn a_parent_that_does_not_lie_beside_its_child_is_missed_by_lint_as_by_the_services() {
        let folder = tempfile::tempdir().unwrap();
        let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
        for part in ["regimes/templates", "organisations", "calendars"] {
            std::fs::create_dir_all(folder.path().join(part)).unwrap();
            for file in every(&deploy.join(part)).unwrap() {
                std::fs::copy(&file, folder.path().join(part).join(file.file_name().unwrap())).unwrap();
            }
        }
        let (regimes, organisations) = (folder.path().join("regimes"), folder.path().join("organisations"));
        std::fs::remove_file(organisations.join("meridian.yaml")).unwrap();
        let acme = regimes.join("ACME.yaml");
        std::fs::write(&acme, "id: ACME\nversion: 1\nextends: R36\nlabel: x\n").unwrap();
        let demo = organisations.join("demo.yaml");
        let text = std::fs::read_to_string(&demo).unwrap();
        std::fs::write(&demo, text.replace("pack: R36", "pack: ACME")).unwrap();
        let args = |path: &Path| Args { paths: vec![path.to_owned()], ..Args::default() };
        let linted = faults(&given(&args(folder.path()), &Globals::default()).unwrap());
        let served = Regimes::load(&regimes, &organisations).unwrap_err();
        let missing = |faults: &[Fault]| faults.iter().any(|one| one.sentence == "there is no pack `R36`");
        assert!(missing(&linted) && missing(&served.0), "{linted:?} {served}");
        // A file by itself is looked at with what is compiled in.
        lint(&acme).unwrap();
        std::fs::copy(deploy.join("regimes/R36.yaml"), regimes.join("R36.yaml")).unwrap();
        lint(folder.path()).unwrap();
        Regimes::load(&regimes, &organisations).unwrap();
    }

    #[test]
    fn a_folder_without_rules_or_none_at_all_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let told = lint(folder.path()).unwrap_err();
        assert_eq!(told.code(), crate::failure::CONFIG);
        assert!(told.to_string().contains("holds no rules"), "{told}");
        std::fs::create_dir(folder.path().join("regimes")).unwrap();
        assert!(lint(folder.path()).is_err());
        let missing = lint(&folder.path().join("nowhere")).unwrap_err();
        assert_eq!(missing.code(), crate::failure::CONFIG);
    }

    fn alone(file: &str, change: impl Fn(&str) -> String) -> Vec<Fault> {
        let shipped = Sources::shipped();
        let all = [shipped.packs, shipped.templates, shipped.calendars, shipped.organisations].concat();
        let mut one = all.into_iter().find(|source| source.file == file).unwrap();
        one.bytes = change(std::str::from_utf8(&one.bytes).unwrap()).into_bytes();
        let mut given = Sources::default();
        sort(one, &mut given);
        complete(&mut given);
        faults(&given)
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
