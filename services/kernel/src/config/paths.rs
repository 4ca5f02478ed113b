//! Paths and secrets given as files.
//!
//! A relative path in a file is meant from the folder of that file, a relative path in a variable or a flag (and in a
//! default) from the working directory. `{data_dir}` stands for the data directory in every string.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use toml::{Table, Value};

use super::faults::{ConfigFaults, Origin};
use super::layers::Overrides;

const DATA_DIR: &str = "{data_dir}";
const SQLITE: &str = "sqlite:";

/// A file that holds a secret, so that it can be read again after the secret was changed.
#[derive(Clone, Debug)]
pub struct SecretFile {
    path: PathBuf,
    data_dir: String,
}

// === impl SecretFile ===

impl SecretFile {
    /// The file at `path`, in whose text `{data_dir}` stands for `data_dir`.
    pub fn new(path: impl Into<PathBuf>, data_dir: impl Into<String>) -> Self {
        Self { path: path.into(), data_dir: data_dir.into() }
    }

    /// What it holds now, without the blanks around it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self) -> std::io::Result<SecretString> {
        std::fs::read_to_string(&self.path).map(|text| text.trim().replace(DATA_DIR, &self.data_dir).into())
    }
}

/// The files that gave secrets, by the dotted keys of those.
pub(super) type SecretFiles = BTreeMap<String, SecretFile>;

/// Makes the relative paths of a value relative to the file that gave it.
pub(super) fn based_on(key: &str, value: Value, origin: &Origin) -> Value {
    let Origin::File(path, _) = origin else { return value };
    let folder = path.parent().unwrap_or(Path::new(""));
    if folder.as_os_str().is_empty() { value } else { rebase(key, value, folder) }
}

fn rebase(key: &str, value: Value, folder: &Path) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(|item| rebase(key, item, folder)).collect()),
        // What other programs call their organisations is no option of ours, whatever it ends with.
        Value::Table(_) if key == "org_map" => value,
        Value::Table(entries) => Value::Table(
            entries
                .into_iter()
                .map(|(name, value)| {
                    let value = rebase(&name, value, folder);
                    (name, value)
                })
                .collect(),
        ),
        Value::String(text) => Value::String(rebase_text(key, text, folder)),
        other => other,
    }
}

fn rebase_text(key: &str, text: String, folder: &Path) -> String {
    let join = |path: &str| folder.join(path).display().to_string();
    if text.is_empty() || text.contains(DATA_DIR) {
        text
    } else if let Some(path) = text.strip_prefix(SQLITE) {
        if path.starts_with(':') { text } else { format!("{SQLITE}{}", join(path.trim_start_matches("//"))) }
    } else if is_path(key) {
        join(&text)
    } else {
        text
    }
}

/// Options that name a file or a folder are called so.
fn is_path(key: &str) -> bool {
    let name = key.rsplit('.').next().unwrap_or(key);
    name == "file" || name == "dir" || name.ends_with("_file") || name.ends_with("_dir")
}

/// Reads the secrets that were given as files: `K_file` gives the value of its sibling `K`. The options `K_file` end
/// here, so that no section needs a field for them; what gave a secret is returned.
pub(super) fn read_secrets(
    defaults: &mut Table,
    overrides: &mut Overrides,
    data_dir: &str,
    faults: &mut ConfigFaults,
) -> SecretFiles {
    let (mut secrets, mut files) = (Vec::new(), SecretFiles::new());
    collect_secrets("", defaults, &mut secrets);
    for sibling in secrets {
        let Some((value, origin)) = overrides.remove(&format!("{sibling}_file")) else { continue };
        let key = format!("{sibling}_file");
        let path = value.as_str().unwrap_or_default().replace(DATA_DIR, data_dir);
        if path.is_empty() {
            continue;
        }
        if overrides.contains_key(&sibling) {
            faults.push(origin, key, format!("{sibling} is given too; give one of them"));
            continue;
        }
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                files.insert(sibling.clone(), SecretFile::new(path, data_dir));
                overrides.insert(sibling, (Value::String(text.trim().to_owned()), origin));
            }
            Err(fault) => faults.push(origin, key, format!("`{path}` cannot be read: {}", fault.kind())),
        }
    }
    files
}

/// Removes every `K_file` that has a sibling `K`, and names `K`.
fn collect_secrets(prefix: &str, table: &mut Table, secrets: &mut Vec<String>) {
    let names: Vec<String> = table.keys().cloned().collect();
    for name in names {
        if let Some(Value::Table(section)) = table.get_mut(&name) {
            collect_secrets(&format!("{prefix}{name}."), section, secrets);
        } else if let Some(sibling) = name.strip_suffix("_file").filter(|sibling| table.contains_key(*sibling)) {
            secrets.push(format!("{prefix}{sibling}"));
            table.remove(&name);
        }
    }
}

/// Puts the data directory in the place of `{data_dir}`, everywhere.
pub(super) fn expand_all(defaults: &mut Table, overrides: &mut Overrides, data_dir: &str) {
    for (_, value) in defaults.iter_mut() {
        expand(value, data_dir);
    }
    for (value, _) in overrides.values_mut() {
        expand(value, data_dir);
    }
}

fn expand(value: &mut Value, data_dir: &str) {
    match value {
        Value::String(text) if text.contains(DATA_DIR) => *text = text.replace(DATA_DIR, data_dir),
        Value::Array(items) => items.iter_mut().for_each(|item| expand(item, data_dir)),
        Value::Table(table) => table.iter_mut().for_each(|(_, value)| expand(value, data_dir)),
        _ => {}
    }
}
