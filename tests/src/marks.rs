//! Marks: a comment `proves: P-05, A-31` directly above a test, or above a step of a script, says which requirements would go unshown
//! without it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The requirement ids and invariants of the first road.
pub const REQUIRED: [&str; 45] = [
    "P-01", "P-02", "P-03", "P-04", "P-05", "P-06", "P-07", "P-16", "P-19", "P-20", "P-30", "P-31", "P-34", "P-39",
    "P-40", "P-46", "P-48", "A-01", "A-04", "A-22", "A-23", "A-24", "A-25", "A-26", "A-28", "A-29", "A-30", "A-31",
    "A-32", "A-34", "A-38", "A-39", "A-42", "C-13", "C-14", "X-40", "I1", "I2", "I3", "I4", "I5", "I6", "I8", "I10",
    "I11",
];

/// The tests that prove each id, as `crate/path: name`.
pub type Proofs = BTreeMap<String, BTreeSet<String>>;

/// A mark that stands above no test.
pub type Stray = String;

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the repository").to_owned()
}

/// Reads every mark in the sources of the repository.
pub fn collect(root: &Path) -> (Proofs, Vec<Stray>) {
    let (mut proofs, mut strays) = (Proofs::new(), Vec::new());
    for folder in ["proto", "services", "tests"] {
        for path in ending(&root.join(folder), "rs") {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            read(&name, &text, &mut proofs, &mut strays);
        }
    }
    for path in ending(&root.join("deploy/scenarios"), "yaml") {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        scripted(&name, &text, &mut proofs, &mut strays);
    }
    (proofs, strays)
}

/// The table that `tests/golden/requirements.md` holds.
pub fn table(proofs: &Proofs) -> String {
    let mut text = String::from(
        "# What proves what\n\nGenerated from the marks above the tests; `UPDATE_GOLDEN=1 tests/run requirement` renews \
         it.\nBelow each requirement stand the tests that would fail without it, one on each line.\n",
    );
    let known = REQUIRED.iter().map(|id| (*id).to_owned());
    let more = proofs.keys().filter(|id| !REQUIRED.contains(&id.as_str())).cloned();
    for id in known.chain(more) {
        text.push_str(&format!("\n## {id}\n\n"));
        proofs.get(&id).into_iter().flatten().for_each(|test| text.push_str(&format!("- `{test}`\n")));
    }
    text
}

fn ending(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<_> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|one| one.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() && !path.ends_with("target") {
            found.extend(self::ending(&path, ending));
        } else if path.extension().is_some_and(|one| one == ending) {
            found.push(path);
        }
    }
    found
}

fn read(file: &str, text: &str, proofs: &mut Proofs, strays: &mut Vec<Stray>) {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    for (at, line) in lines.iter().enumerate() {
        let Some(ids) = line.strip_prefix("// proves:") else { continue };
        let below = lines[at + 1..].iter().find(|line| !line.starts_with('#') && !line.starts_with("//"));
        let Some(name) = below.and_then(|line| function(line)) else {
            strays.push(format!("{file}:{}", at + 1));
            continue;
        };
        note(file, ids, name, proofs);
    }
}

// In a script the mark stands above a step, which is called by what is done in it.
fn scripted(file: &str, text: &str, proofs: &mut Proofs, strays: &mut Vec<Stray>) {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    for (at, line) in lines.iter().enumerate() {
        let Some(ids) = line.strip_prefix("# proves:") else { continue };
        let step =
            lines[at + 1..].iter().enumerate().take_while(|(place, line)| *place == 0 || !line.starts_with("- "));
        let mut step = step.map(|(_, line)| line.trim_start_matches("- "));
        match step.find_map(|line| line.strip_prefix("say:")) {
            Some(said) if lines[at + 1].starts_with("- ") => note(file, ids, said.trim(), proofs),
            _ => strays.push(format!("{file}:{}", at + 1)),
        }
    }
}

fn note(file: &str, ids: &str, name: &str, proofs: &mut Proofs) {
    for id in ids.split(',').map(str::trim).filter(|id| !id.is_empty()) {
        proofs.entry(id.to_owned()).or_default().insert(format!("{file}: {name}"));
    }
}

fn function(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_belongs_to_the_function_below_it() {
        let (mut proofs, mut strays) = (Proofs::new(), Vec::new());
        let text = concat!("// ", "proves: P-05, I11\n#[test]\nfn numbers() {}\n", "// ", "proves: A-31\nlet x = 1;");
        read("a.rs", text, &mut proofs, &mut strays);
        assert_eq!(proofs["P-05"], BTreeSet::from(["a.rs: numbers".to_owned()]));
        assert_eq!(proofs["I11"].len(), 1);
        assert_eq!(strays, ["a.rs:4"]);
    }

    #[test]
    fn a_mark_in_a_script_belongs_to_the_step_below_it() {
        let (mut proofs, mut strays) = (Proofs::new(), Vec::new());
        let text = "steps:\n  # proves: P-79\n  - rule: 三天内\n    say: 回访\n  # proves: P-80\n\n  - say: x\n  # proves: P-81\n  - pass: 1 day\n  - say: y\n";
        scripted("R.yaml", text, &mut proofs, &mut strays);
        assert_eq!(proofs["P-79"], BTreeSet::from(["R.yaml: 回访".to_owned()]));
        assert_eq!((proofs.len(), strays), (1, vec!["R.yaml:5".to_owned(), "R.yaml:8".to_owned()]));
    }
}
