//! Which other files a file names: the one that it belongs to, links (P-03), and those that it was merged with (P-02).
//!
//! A message is made without them, and shows those alone that its reader may see (I10).

use std::collections::BTreeSet;

use dossier_kernel::error::one_of;
use dossier_kernel::faults::Faults;
use dossier_kernel::name;
use dossier_proto::profile::v1 as wire;
use dossier_proto::types::FileLink;
use dossier_regime::FileKind;
use uuid::Uuid;

/// Most links of a file.
pub const MOST: usize = 50;

/// What a link is, and the file that it leads to.
pub type Link = (String, Uuid);

/// The files that a file names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ties {
    /// The file that it belongs to.
    pub of: Option<Uuid>,
    /// Others, by link.
    pub links: BTreeSet<Link>,
    /// The file that it was merged into.
    pub into: Option<Uuid>,
    /// The files that were merged into it.
    pub merged: BTreeSet<Uuid>,
}

/// The links that a caller gives, in their order; those that the kind does not have are faults.
pub fn given(kind: &FileKind, given: &[FileLink], faults: &mut Faults) -> Vec<Link> {
    if given.len() > MOST {
        faults.add("links", format!("must be at most {MOST}"));
        return Vec::new();
    }
    let mut found = Vec::new();
    for (at, one) in given.iter().enumerate() {
        if kind.link(&one.link).is_none() {
            faults.add(format!("links.{at}.link"), one_of(kind.links.iter().map(|link| link.id.as_str())));
        }
        let Some(file) = faults.absorb(name::id(&format!("links.{at}.file"), "files", &one.file)) else { continue };
        let link = (one.link.clone(), file);
        if found.contains(&link) {
            faults.add(format!("links.{at}"), "is given before");
        }
        found.push(link);
    }
    found
}

// === impl Ties ===

impl Ties {
    /// Whether it names none.
    pub fn is_empty(&self) -> bool {
        self.of.is_none() && self.links.is_empty() && self.into.is_none() && self.merged.is_empty()
    }

    /// Every file that is named.
    pub fn files(&self) -> impl Iterator<Item = Uuid> {
        let others = self.links.iter().map(|(_, file)| *file).chain(self.merged.iter().copied());
        self.of.into_iter().chain(self.into).chain(others)
    }

    /// Those of `seen`.
    #[must_use]
    pub fn among(&self, seen: &BTreeSet<Uuid>) -> Self {
        let links = self.links.iter().filter(|(_, file)| seen.contains(file));
        let among = |file: &Uuid| seen.contains(file);
        Self {
            of: self.of.filter(among),
            links: links.cloned().collect(),
            into: self.into.filter(among),
            merged: self.merged.intersection(seen).copied().collect(),
        }
    }

    /// Writes them into `message`; for a reader those alone that they may see.
    pub fn tell(&self, message: &mut wire::CustomerFile) {
        message.of = named(self.of);
        message.links = told(&self.links);
        message.merged_into = named(self.into);
        message.merged = names(&self.merged);
    }

    /// Takes them out of a message that was kept.
    pub fn take(message: &mut wire::CustomerFile) -> Self {
        let id = |file: &str| name::id("links", "files", file).ok();
        let links = std::mem::take(&mut message.links);
        Self {
            of: id(&std::mem::take(&mut message.of)),
            links: links.into_iter().filter_map(|one| Some((one.link, id(&one.file)?))).collect(),
            into: id(&std::mem::take(&mut message.merged_into)),
            merged: std::mem::take(&mut message.merged).iter().filter_map(|file| id(file)).collect(),
        }
    }
}

/// The name of a file; empty: none.
pub fn named(file: Option<Uuid>) -> String {
    file.map(|file| name::name("files", file)).unwrap_or_default()
}

/// The names of files.
pub fn names<'f>(files: impl IntoIterator<Item = &'f Uuid>) -> Vec<String> {
    files.into_iter().map(|file| name::name("files", *file)).collect()
}

/// Links in the words of the contract.
pub fn told<'l>(links: impl IntoIterator<Item = &'l Link>) -> Vec<FileLink> {
    let told = |(link, file): &Link| FileLink { link: link.clone(), file: name::name("files", *file) };
    links.into_iter().map(told).collect()
}

/// Links as one text each, for the verifier.
pub fn texts<'l>(links: impl IntoIterator<Item = &'l FileLink>) -> Vec<String> {
    links.into_iter().map(|one| format!("{}={}", one.link, one.file)).collect()
}

#[cfg(test)]
mod tests {
    use dossier_regime::LinkRule;

    use super::*;

    fn kind() -> FileKind {
        let link = LinkRule { id: "guarantor".into(), label: "担保人".into(), to: vec!["customer".into()] };
        FileKind { id: "contract".into(), links: vec![link], ..FileKind::default() }
    }

    fn link(link: &str, n: u128) -> FileLink {
        FileLink { link: link.into(), file: name::name("files", Uuid::from_u128(n)) }
    }

    #[test]
    fn what_is_wrong_with_a_link_is_told_at_its_place() {
        let mut faults = Faults::default();
        assert_eq!(given(&kind(), &[link("guarantor", 1), link("guarantor", 2)], &mut faults).len(), 2);
        assert!(faults.is_empty());
        let broken = FileLink { link: "guarantor".into(), file: "files/7".into() };
        given(&kind(), &[link("guarantor", 1), link("rival", 2), broken, link("guarantor", 1)], &mut faults);
        let told: Vec<_> = faults.finish().unwrap_err().violations().iter().map(|one| one.field.clone()).collect();
        assert_eq!(told, ["links.1.link", "links.2.file", "links.3"]);
        let mut faults = Faults::default();
        given(&kind(), &vec![link("guarantor", 1); MOST + 1], &mut faults);
        assert_eq!(faults.finish().unwrap_err().violations()[0].field, "links");
    }

    // proves: P-03, I10
    #[test]
    fn only_what_is_seen_is_told() {
        let (seen, hidden) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let links = [("guarantor".to_owned(), seen), ("guarantor".to_owned(), hidden)];
        let (into, merged) = (Some(hidden), BTreeSet::from([seen, hidden]));
        let ties = Ties { of: Some(hidden), links: links.into_iter().collect(), into, merged };
        assert_eq!(ties.files().collect::<BTreeSet<_>>(), BTreeSet::from([seen, hidden]));
        let mut message = wire::CustomerFile::default();
        ties.among(&BTreeSet::from([seen])).tell(&mut message);
        assert_eq!((message.of.as_str(), message.links.len()), ("", 1));
        assert_eq!((message.merged_into.as_str(), message.merged.clone()), ("", names([&seen])));
        ties.tell(&mut message);
        assert_eq!(Ties::take(&mut message), ties);
        assert_eq!(message, wire::CustomerFile::default());
    }
}
