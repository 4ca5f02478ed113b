//! People of the directory.

use dossier_kernel::auth::SERVICE_PREFIX;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::name::name;
use dossier_kernel::text::{Lines, flaw};
use uuid::Uuid;

use super::appointment::Appointment;

/// A human of the organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Its id.
    pub id: Uuid,
    /// The `sub` of its tokens.
    pub subject: String,
    /// Name to show; personal.
    pub display_name: String,
    /// Whether it may act.
    pub active: bool,
    /// Appointments, newest first.
    pub appointments: Vec<Appointment>,
    /// When it was entered, microseconds.
    pub created_at: i64,
    /// When it or an appointment last changed, microseconds.
    pub updated_at: i64,
    /// Version of the row, from 1.
    pub version: i64,
}

// === impl Person ===

impl Person {
    /// The resource name.
    pub fn name(&self) -> String {
        name("persons", self.id)
    }

    /// Demands that the person is switched on.
    ///
    /// # Errors
    /// `WRONG_STATE`.
    pub fn require_active(&self) -> Result<()> {
        if self.active {
            return Ok(());
        }
        Err(Error::wrong_state(self.name(), "inactive", &["active"]))
    }
}

/// Checks the `sub` of a new person: 1 to 255 printable characters of ASCII without spaces, as OpenID Connect has them, so
/// that no two look the same; not that of a service.
pub fn check_subject(subject: &str, faults: &mut Faults) {
    check(subject, 255, "person.subject", faults);
    if subject.chars().any(|c| !c.is_ascii_graphic()) {
        let why = "must be letters, digits and signs of ASCII, without spaces".to_owned();
        faults.add("person.subject", why);
    }
    if subject.starts_with(SERVICE_PREFIX) {
        faults.add("person.subject", "must not be that of a service");
    }
}

/// Checks a name to show: 1 to 100 characters, none of them a control character.
pub fn check_display_name(display_name: &str, faults: &mut Faults) {
    check(display_name.trim(), 100, "person.display_name", faults);
}

fn check(text: &str, most: usize, field: &str, faults: &mut Faults) {
    let why = match text.chars().count() {
        0 => "must not be empty".to_owned(),
        length if length > most => format!("must have at most {most} characters"),
        _ => match flaw(text, Lines::One) {
            Some(flaw) => flaw.to_string(),
            None => return,
        },
    };
    faults.add(field, why);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_subject_looks_like_another() {
        let faults = |text: &str| {
            let mut faults = Faults::default();
            check_subject(text, &mut faults);
            faults.finish().err().map_or(0, |refused| refused.violations().len())
        };
        assert_eq!([faults("li.na@example.com"), faults("auth0|5f7c")], [0, 0]);
        for wrong in ["g\u{43c}", "g m", "gm\u{200b}", "张三", "ｇｍ"] {
            assert!(faults(wrong) > 0, "{wrong}");
        }
    }

    #[test]
    fn limits_are_counted_in_characters() {
        let faults = |text: &str| {
            let mut faults = Faults::default();
            check_display_name(text, &mut faults);
            faults.finish().err().map_or(0, |refused| refused.violations().len())
        };
        assert_eq!([faults(&"陈".repeat(100)), faults(&"陈".repeat(101)), faults("  "), faults("a\nb")], [0, 1, 1, 1]);
    }
}
