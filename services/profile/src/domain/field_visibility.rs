//! What of a visible file a reader is shown: fields up to their grade, and within their grant.

use std::collections::BTreeSet;

use dossier_authority::Scope;
use dossier_regime::{Sensitivity, Template};

/// The key under which the reference of the unit is masked and searched.
pub const UNIT_REF: &str = "unit_ref";

/// What a reader may be shown of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldVisibility {
    grade: Sensitivity,
    only: Option<BTreeSet<String>>,
}

// === impl FieldVisibility ===

impl FieldVisibility {
    /// Everything up to `grade`.
    pub fn standing(grade: Sensitivity) -> Self {
        Self { grade, only: None }
    }

    /// Everything up to `grade` that a grant of this scope opens.
    pub fn granted(grade: Sensitivity, scope: &Scope) -> Self {
        Self { grade, only: (!scope.is_whole()).then(|| scope.fields().iter().cloned().collect()) }
    }

    /// Whether the field `key` of this template is shown. A key that the template no longer has counts as secret.
    pub fn shows(&self, template: &Template, key: &str) -> bool {
        let sensitivity = template.field(key).map_or(Sensitivity::Secret, |field| field.sensitivity);
        self.admits(key, sensitivity)
    }

    /// Whether the reference of the unit is shown; it counts as confidential.
    pub fn shows_unit_ref(&self) -> bool {
        self.admits(UNIT_REF, Sensitivity::Confidential)
    }

    /// Whether the reasons of revisions are shown: free text may hold anything, so it counts as confidential, and a
    /// grant on some fields does not open it.
    pub fn shows_reasons(&self) -> bool {
        self.only.is_none() && self.grade >= Sensitivity::Confidential
    }

    /// Whether content of this sensitivity is given: a grant on some fields opens none.
    pub fn shows_content(&self, sensitivity: Sensitivity) -> bool {
        self.only.is_none() && self.grade >= sensitivity
    }

    fn admits(&self, key: &str, sensitivity: Sensitivity) -> bool {
        sensitivity <= self.grade && self.only.as_ref().is_none_or(|only| only.contains(key))
    }
}

/// Whether values of this sensitivity are stored sealed.
pub fn is_sealed(sensitivity: Sensitivity) -> bool {
    sensitivity >= Sensitivity::Confidential
}

#[cfg(test)]
mod tests {
    use dossier_regime::Field;

    use super::*;

    fn template() -> Template {
        let field = |id: &str, sensitivity| Field { id: id.into(), sensitivity, ..Field::default() };
        let fields = vec![field("site", Sensitivity::Public), field("name", Sensitivity::Confidential)];
        Template { fields, ..Template::default() }
    }

    #[test]
    fn fields_above_the_grade_stay_hidden() {
        let visibility = FieldVisibility::standing(Sensitivity::Internal);
        assert!(visibility.shows(&template(), "site") && !visibility.shows(&template(), "name"));
        assert!(!visibility.shows_unit_ref() && FieldVisibility::standing(Sensitivity::Confidential).shows_unit_ref());
    }

    #[test]
    fn a_grant_restricts_and_never_widens() {
        let visibility = FieldVisibility::granted(Sensitivity::Internal, &Scope::Fields(vec!["name".to_owned()]));
        assert!(!visibility.shows(&template(), "site") && !visibility.shows(&template(), "name"));
        assert_eq!(
            FieldVisibility::granted(Sensitivity::Secret, &Scope::WholeFile),
            FieldVisibility::standing(Sensitivity::Secret)
        );
        let nothing = FieldVisibility::granted(Sensitivity::Secret, &Scope::Unknown);
        assert!(!nothing.shows(&template(), "site") && !nothing.shows_unit_ref() && !nothing.shows_reasons());
    }

    #[test]
    fn what_the_template_forgot_is_secret() {
        assert!(!FieldVisibility::standing(Sensitivity::Confidential).shows(&template(), "old"));
        assert!(FieldVisibility::standing(Sensitivity::Secret).shows(&template(), "old"));
    }
}
