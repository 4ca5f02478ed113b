//! Files that name others: whom they may name, and who is told (P-03, I10).

use std::collections::BTreeSet;

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::name;
use dossier_proto::profile::v1 as wire;
use dossier_regime::{Action, FileKind};
use uuid::Uuid;

use super::session::Session;
use crate::domain::customer_file::CustomerFile;
use crate::domain::ties::{Link, Ties};
use crate::store::customer_file;

/// The file that a new one of `kind` belongs to, by its name; `None` for a kind that belongs to none.
///
/// # Errors
/// A violation of `of`; `RESOURCE_NOT_FOUND` for what is not visible as for what is not there (I10), `PERMISSION_DENIED`,
/// `WRONG_STATE` when it is closed, `AUTHORITY_STALE`.
pub async fn parent(session: &Session<'_>, tx: &mut Tx, kind: &FileKind, given: &str) -> Result<Option<CustomerFile>> {
    let Some(of) = &kind.of else {
        return match given {
            "" => Ok(None),
            _ => Err(Error::violation("of", "must be empty: files of this kind belong to no other")),
        };
    };
    let id = name::id("of", "files", given)?;
    session.principal.require(session.pack(), Action::FileRead)?;
    let parent = session.load(tx, id).await?.file;
    if parent.unit_kind != *of {
        return Err(Error::violation("of", format!("must be a file of kind {of}")));
    }
    parent.require_open()?;
    Ok(Some(parent))
}

/// The links of `file` when the caller gives it these: those that they may not see stay as they are.
///
/// # Errors
/// A violation of `links`; `RESOURCE_NOT_FOUND` for what is not visible as for what is not there (I10), `PERMISSION_DENIED`,
/// `AUTHORITY_STALE`.
pub async fn links(
    session: &Session<'_>,
    tx: &mut Tx,
    kind: &FileKind,
    file: &CustomerFile,
    given: Vec<Link>,
) -> Result<BTreeSet<Link>> {
    let mut faults = Faults::default();
    if !given.is_empty() {
        session.principal.require(session.pack(), Action::FileRead)?;
    }
    for (at, (link, other)) in given.iter().enumerate() {
        // What is not there is told before what is wrong with it.
        let other = session.load(tx, *other).await?.file;
        let leads = kind.link(link).is_some_and(|rule| rule.to.contains(&other.unit_kind));
        if !leads || other.id == file.id {
            faults.add(format!("links.{at}.file"), "is none of the files that this link leads to");
        }
    }
    let seen = seen(session, tx, file.ties.files()).await?;
    let hidden = file.ties.links.iter().filter(|(_, other)| !seen.contains(other)).cloned();
    // How many are hidden must not show: they are not counted.
    faults.finish_with(Some(given.into_iter().chain(hidden).collect()))
}

/// Those of `files` that the caller may be told of now.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn seen(session: &Session<'_>, tx: &mut Tx, files: impl Iterator<Item = Uuid>) -> Result<BTreeSet<Uuid>> {
    let asked: BTreeSet<Uuid> = files.collect();
    let found = customer_file::visible_levels(tx, session.viewer(), &asked).await?;
    Ok(found.into_iter().filter(|(_, level)| session.admits(level)).map(|(file, _)| file).collect())
}

/// Those of `ties` that the caller may be told of now.
///
/// # Errors
/// As [`seen`].
pub async fn shown(session: &Session<'_>, tx: &mut Tx, ties: &Ties) -> Result<Ties> {
    Ok(ties.among(&seen(session, tx, ties.files()).await?))
}

/// Tells in each message which files its file names, as far as the caller may see them.
///
/// # Errors
/// As [`seen`].
pub async fn tell<'m>(
    session: &Session<'_>,
    tx: &mut Tx,
    messages: impl IntoIterator<Item = (&'m Ties, &'m mut wire::CustomerFile)>,
) -> Result<()> {
    let mut messages: Vec<_> = messages.into_iter().collect();
    let seen = seen(session, tx, messages.iter().flat_map(|(ties, _)| ties.files())).await?;
    for (ties, message) in &mut messages {
        ties.among(&seen).tell(message);
    }
    Ok(())
}
