//! For how long a file is kept: by its class, from the day that the class counts from.

use dossier_kernel::error::Result;
use dossier_regime::{RetentionClass, RetentionStart};
use jiff::civil::Date;

use super::session::Session;
use crate::content::{Content, Seal};
use crate::domain::arbiter::Term;
use crate::domain::customer_file::CustomerFile;

/// The class of a file, by the rules of the day; `None`: the pack has none for it any more.
pub fn class<'a>(session: &Session<'a>, file: &CustomerFile) -> Option<&'a RetentionClass> {
    let retention = &session.pack().retention;
    let own = session.pack().file_kind(&file.unit_kind).and_then(|kind| kind.retention.as_ref());
    let id = own.unwrap_or(&retention.default);
    retention.classes.iter().find(|class| class.id == *id)
}

/// How long its class keeps a file; `None`: no term has begun. What no class is said of is kept for ever. A day that the form does not
/// say, or that never came, is that of the closing, which is later than most.
///
/// # Errors
/// `SEAL_BROKEN`.
pub fn term(session: &Session<'_>, file: &CustomerFile, content: &Content, seal: &Seal<'_>) -> Result<Option<Term>> {
    let Some(class) = class(session, file).filter(|class| class.years.is_some()) else {
        return Ok(Some(Term::Forever));
    };
    let Some(closed) = file.closed else { return Ok(None) };
    let since = match &class.from {
        RetentionStart::Closed => None,
        RetentionStart::Activated => file.activated.map(|at| session.tenant.day(at)),
        RetentionStart::Field(key) => content.text(seal, key)?.and_then(|day| day.parse().ok()),
    };
    Ok(Some(Term::of(class.years, since.unwrap_or_else(|| session.tenant.day(closed)))))
}

/// The last day on which its class keeps a file that stands as `file` does; `None`: it is not closed, was merged, or is kept for ever.
///
/// # Errors
/// As [`term`].
pub fn last_day(
    session: &Session<'_>,
    file: &CustomerFile,
    content: &Content,
    seal: &Seal<'_>,
) -> Result<Option<Date>> {
    let last = term(session, file, content, seal)?.and_then(Term::last_day);
    Ok(last.filter(|_| file.ties.into.is_none()))
}
