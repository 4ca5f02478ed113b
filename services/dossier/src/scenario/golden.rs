//! The golden text beside a script, `R36.txt` beside `R36.yaml`: what the story must read like.

use std::path::{Path, PathBuf};

use super::say::Text;
use crate::Failure;

/// Where the golden text of a script lies.
pub fn path(script: &Path) -> PathBuf {
    script.with_extension("txt")
}

/// Demands that a story reads like its golden text.
///
/// # Errors
/// When it differs: the line of the script where it begins to, what must be there and what is; when there is no golden text.
pub fn compare(script: &Path, text: &Text) -> Result<(), Failure> {
    let path = path(script);
    let golden = std::fs::read_to_string(&path).map_err(|fault| Failure::file(&path, &fault))?;
    differs(script, &golden, text).map_or(Ok(()), |told| Err(Failure::differs(told)))
}

/// Writes the golden text.
///
/// # Errors
/// When it cannot be written.
pub fn update(script: &Path, text: &Text) -> Result<(), Failure> {
    let path = path(script);
    std::fs::write(&path, text.to_string()).map_err(|fault| Failure::file(&path, &fault))
}

fn differs(script: &Path, golden: &str, text: &Text) -> Option<String> {
    let (must, is): (Vec<&str>, _) = (golden.lines().collect(), text.lines());
    let same = must.iter().zip(is).take_while(|(must, (_, is))| **must == is).count();
    if same == must.len() && same == is.len() {
        return None;
    }
    let (must_rest, is_rest) = (&must[same..], &is[same..]);
    let both = must_rest.iter().rev().zip(is_rest.iter().rev());
    let end = both.take_while(|(must, (_, is))| **must == is).count();
    // Of a text that only ends earlier, the last line says where.
    let line = is_rest.first().or(is.last()).map_or(1, |(line, _)| *line);
    let name = path(script).file_name().unwrap_or_default().display().to_string();
    let mut told = format!("{}:{line}: the text differs from {name} from its line {} on", script.display(), same + 1);
    for must in &must_rest[..must_rest.len() - end] {
        told.push_str(&format!("\n  - {must}"));
    }
    for (_, is) in &is_rest[..is_rest.len() - end] {
        told.push_str(&format!("\n  + {is}"));
    }
    Some(told)
}
