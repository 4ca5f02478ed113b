//! What whoever reads content says: what for, and where.

use dossier_kernel::error::one_of;
use dossier_kernel::faults::Faults;
use dossier_regime::Pack;

/// Notes a fault when the purpose of a reading is missing or none of the pack's.
pub fn purpose(pack: &Pack, text: &str, faults: &mut Faults) {
    let known = || pack.access.purposes.iter().map(|one| one.value.as_str());
    if text.is_empty() {
        faults.add("purpose", "is required");
    } else if !known().any(|one| one == text) {
        faults.add("purpose", one_of(known()));
    }
}

/// Why a place is not where this level is read. Only to who sees the file: the level is no secret before them.
pub fn elsewhere(pack: &Pack, level: &str) -> String {
    let place = pack.level(level).and_then(|level| level.consult.place.as_deref()).unwrap_or_default();
    format!("must be `{place}`: this level is read there only")
}
