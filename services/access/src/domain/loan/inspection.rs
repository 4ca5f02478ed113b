//! What the administrator finds when an original comes back.

use dossier_kernel::error::one_of;
use dossier_kernel::faults::Faults;
use dossier_kernel::states;
use dossier_regime::LoanRules;

states! {
    /// The condition of what came back.
    pub enum Condition {
        /// As handed out.
        Sound = "sound",
        /// Written on or altered.
        Marked = "marked",
        /// Torn, wet, soiled or otherwise damaged.
        Damaged = "damaged",
        /// Something is missing.
        Incomplete = "incomplete",
    }
}

/// What was found, and where it was put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The condition.
    pub condition: Condition,
    /// Copies or volumes that came back.
    pub copies: i64,
    /// Pages counted; `None`: nobody counted.
    pub pages: Option<i64>,
    /// Ids of the points compared.
    pub inspected: Vec<String>,
    /// What differs, in words.
    pub differences: Vec<String>,
    /// Where it was put back.
    pub restored_location: String,
}

// === impl Inspection ===

impl Inspection {
    /// Whether anything differs from a hand-out of so many copies and pages; pages that nobody counted then are no
    /// difference.
    pub fn differs(&self, copies: i64, pages: Option<i64>) -> bool {
        self.condition != Condition::Sound
            || self.copies != copies
            || (pages.is_some() && self.pages != pages)
            || !self.differences.is_empty()
    }

    /// Everything that can be said of the fields of the one `at` this place: limits, and that every point of the pack was compared.
    pub fn check(&self, rules: &LoanRules, at: usize, faults: &mut Faults) {
        let mut fault = |field: &str, why: &str| {
            faults.add(format!("inspections.{at}.{field}"), why);
        };
        if !(0..=999).contains(&self.copies) {
            fault("copies", "must be between 0 and 999");
        }
        if self.pages.is_some_and(|pages| !(0..=99_999).contains(&pages)) {
            fault("pages", "must be between 0 and 99999");
        }
        if rules.inspection.iter().any(|point| !self.inspected.contains(&point.value)) {
            let all: Vec<_> = rules.inspection.iter().map(|one| one.value.as_str()).collect();
            fault("inspected", &format!("must name every inspection point: {}", all.join(", ")));
        }
        if self.inspected.iter().any(|id| rules.inspection.iter().all(|point| point.value != *id)) {
            let known = one_of(rules.inspection.iter().map(|one| one.value.as_str()));
            fault("inspected", &format!("each {known}"));
        }
        if self.differences.len() > 20 {
            fault("differences", "must hold at most 20 differences");
        }
        if self.differences.iter().any(|one| !(1..=200).contains(&one.chars().count())) {
            fault("differences", "must hold texts of 1 to 200 characters");
        }
        if !(1..=200).contains(&self.restored_location.chars().count()) {
            fault("restored_location", "must have 1 to 200 characters");
        }
    }
}
