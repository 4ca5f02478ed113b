//! How much of the catalogue a pack carries by data alone, told for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::model::{Pack, Requirement};

/// What of the catalogue `pack` carries and what waits, in lines: the counts first, then each that waits with what for, then each that is
/// carried with what of the pack carries it.
pub fn statistics(pack: &Pack) -> String {
    let (waiting, carried): (Vec<_>, Vec<_>) = pack.requirements.iter().partition(|one| one.by.is_empty());
    let partly = carried.iter().filter(|one| one.waits.is_some()).count();
    let mut text = format!(
        "{} {}: {} requirements, {} carried, {partly} of them in part, {} waiting\n",
        pack.id,
        pack.label,
        pack.requirements.len(),
        carried.len(),
        waiting.len()
    );
    for (what, ids) in grounds(&pack.requirements) {
        let _ = writeln!(text, "  waits for {what}: {}", ids.join(" "));
    }
    for one in carried {
        let _ = writeln!(text, "  {:6} {}", one.id, one.by.join(", "));
    }
    text
}

fn grounds(all: &[Requirement]) -> BTreeMap<&str, Vec<&str>> {
    let mut grounds = BTreeMap::<_, Vec<_>>::new();
    for one in all {
        if let Some(what) = &one.waits {
            grounds.entry(what.as_str()).or_default().push(one.id.as_str());
        }
    }
    grounds
}
