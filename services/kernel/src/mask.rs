//! Field masks: which fields an update touches.

use prost_types::FieldMask;

use crate::error::{Error, Result};

/// The paths of `mask`, each allowed by `allowed`: a path itself, or `prefix.*` for any path below `prefix`.
///
/// # Errors
/// A violation of `update_mask` when it is missing, empty, or names a field that cannot be updated.
pub fn paths(mask: Option<&FieldMask>, allowed: &[&str]) -> Result<Vec<String>> {
    let paths = mask.map(|mask| mask.paths.clone()).unwrap_or_default();
    if paths.is_empty() {
        return Err(Error::violation("update_mask", "must name at least one field"));
    }
    if let Some(foreign) = paths.iter().find(|path| !allowed.iter().any(|pattern| matches(pattern, path))) {
        return Err(Error::violation("update_mask", format!("names `{}`, which cannot be updated", clean(foreign))));
    }
    Ok(paths)
}

fn matches(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix(".*") {
        Some(prefix) => path.strip_prefix(prefix).is_some_and(|rest| rest.len() > 1 && rest.starts_with('.')),
        None => pattern == path,
    }
}

// A path is the caller's text: repeat no more of it than a field name can hold.
fn clean(path: &str) -> String {
    path.chars().filter(|c| c.is_ascii_alphanumeric() || "._".contains(*c)).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(paths: &[&str]) -> FieldMask {
        FieldMask { paths: paths.iter().map(|&path| path.to_owned()).collect() }
    }

    #[test]
    fn only_allowed_paths_pass() {
        let allowed = ["unit", "fields.*"];
        assert_eq!(paths(Some(&mask(&["unit", "fields.name"])), &allowed).unwrap(), ["unit", "fields.name"]);
        for wrong in [mask(&[]), mask(&["fields"]), mask(&["fields."]), mask(&["level"])] {
            assert_eq!(paths(Some(&wrong), &allowed).unwrap_err().violations()[0].field, "update_mask");
        }
        assert!(paths(None, &allowed).is_err());
    }
}
