//! Field masks: which fields an update touches.

use prost_types::FieldMask;

use crate::error::{Error, Reason, Result};
use crate::path::{Path, echo};

/// The paths of `mask`, each a [`Path`] that is allowed by `allowed`: itself, or `prefix.*` for any path below `prefix`.
///
/// # Errors
/// A violation of `update_mask` when it is missing or empty; `UPDATE_MASK_INVALID` with the first path that is none, or that
/// cannot be updated.
pub fn paths(mask: Option<&FieldMask>, allowed: &[&str]) -> Result<Vec<Path>> {
    let paths = mask.map(|mask| mask.paths.clone()).unwrap_or_default();
    if paths.is_empty() {
        return Err(Error::violation("update_mask", "must name at least one field"));
    }
    paths.iter().map(|text| path(text, allowed).ok_or_else(|| unwritable(text))).collect()
}

/// A refusal of one path of a mask; of the caller's text no more is repeated than a path can hold.
pub fn unwritable(path: &str) -> Error {
    Error::new(Reason::UpdateMaskInvalid).with("path", echo(path))
}

fn path(text: &str, allowed: &[&str]) -> Option<Path> {
    Path::parse(text).filter(|path| allowed.iter().any(|pattern| path.is_like(pattern)))
}

/// Whether a mask of these `paths` names `field`.
pub fn names(paths: &[Path], field: &str) -> bool {
    paths.iter().any(|path| path.as_str() == field)
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
        let good = paths(Some(&mask(&["unit", "fields.name"])), &allowed).unwrap();
        assert_eq!(good.iter().map(Path::as_str).collect::<Vec<_>>(), ["unit", "fields.name"]);
        for wrong in ["fields", "fields.", "level", "fields.Name", "fields.address_2", "unit."] {
            let fault = paths(Some(&mask(&["unit", wrong])), &allowed).unwrap_err();
            assert_eq!((fault.reason(), fault.metadata("path")), (Reason::UpdateMaskInvalid, Some(wrong)));
        }
        for empty in [None, Some(&mask(&[]))] {
            assert_eq!(paths(empty, &allowed).unwrap_err().violations()[0].field, "update_mask");
        }
    }
}
