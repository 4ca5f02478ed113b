//! One file on its way in: its parts in their order, until all of it is there.

use dossier_kernel::error::{Error, Result};
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::transfer_part::Part;
use prost::Message as _;

/// Most parts of one file besides its contents.
const MOST_PARTS: i64 = 20_000;
/// Most bytes of all its parts together besides its contents: they are held until the last has come.
const MOST_BYTES: usize = 64 << 20;

/// What has come of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Parcel {
    /// Where it stands.
    pub file: wire::CustomerFile,
    /// Its versions.
    pub revisions: Vec<wire::CustomerFileRevision>,
    /// Its records.
    pub records: Vec<Sheaf<wire::FileRecord>>,
    /// Its documents.
    pub documents: Vec<Sheaf<wire::Document>>,
    // How many parts have come, and how many bytes they were.
    parts: i64,
    bytes: usize,
}

/// A record or a document with its versions.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheaf<M> {
    /// Where it stands.
    pub head: M,
    /// Its versions.
    pub versions: Vec<wire::FileRecordRevision>,
    /// How many bytes of its content have come.
    pub received: i64,
}

/// What a part was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// It lies in the parcel.
    Kept,
    /// The next bytes of the content of the last document.
    Content(Vec<u8>),
    /// All of it is there.
    Whole,
}

// === impl Parcel ===

impl Parcel {
    /// A file that begins.
    ///
    /// # Errors
    /// A violation of `part` when it is no beginning.
    pub fn begin(part: wire::TransferPart) -> Result<Self> {
        let bytes = part.encoded_len();
        match part.part {
            Some(Part::File(file)) => {
                let (revisions, records, documents) = (Vec::new(), Vec::new(), Vec::new());
                Ok(Self { file, revisions, records, documents, parts: 1, bytes })
            }
            _ => Err(Error::violation("part", "must begin a file")),
        }
    }

    /// Takes the next part.
    ///
    /// # Errors
    /// A violation of `part` when it is out of its order, or more than a file may have; of `part.end.parts` when something was lost.
    pub fn add(&mut self, part: wire::TransferPart) -> Result<Came> {
        let bytes = part.encoded_len();
        match part.part {
            Some(Part::Content(data)) => self.content(data),
            Some(Part::End(_)) if self.revisions.is_empty() => Err(out_of_order()),
            Some(Part::End(end)) => self.end(end),
            part => {
                self.parts += 1;
                self.bytes = self.bytes.saturating_add(bytes);
                if self.parts > MOST_PARTS || self.bytes > MOST_BYTES {
                    let why = format!("is more than a file may have: {MOST_PARTS} parts, {MOST_BYTES} bytes");
                    return Err(Error::violation("part", why));
                }
                self.put(part).map(|()| Came::Kept)
            }
        }
    }

    fn put(&mut self, part: Option<Part>) -> Result<()> {
        match part {
            Some(Part::Revision(one)) if self.records.is_empty() && self.documents.is_empty() => {
                self.revisions.push(one);
            }
            Some(Part::Record(head)) if self.documents.is_empty() && !self.revisions.is_empty() => {
                self.records.push(Sheaf::new(head));
            }
            Some(Part::Document(head)) if !self.revisions.is_empty() => self.documents.push(Sheaf::new(head)),
            Some(Part::Version(one)) => match (self.documents.last_mut(), self.records.last_mut()) {
                (Some(last), _) if last.received == 0 => last.versions.push(one),
                (None, Some(last)) => last.versions.push(one),
                _ => return Err(out_of_order()),
            },
            _ => return Err(out_of_order()),
        }
        Ok(())
    }

    fn content(&mut self, data: Vec<u8>) -> Result<Came> {
        let last = self.documents.last_mut().filter(|last| !last.versions.is_empty()).ok_or_else(out_of_order)?;
        if data.is_empty() {
            return Err(Error::violation("part.content", "is empty"));
        }
        last.received = last.received.saturating_add(i64::try_from(data.len()).unwrap_or(i64::MAX));
        Ok(Came::Content(data))
    }

    fn end(&self, end: wire::TransferEnd) -> Result<Came> {
        match end.parts == self.parts {
            true => Ok(Came::Whole),
            false => Err(Error::violation("part.end.parts", "is not how many have come")),
        }
    }
}

// === impl Sheaf ===

impl<M> Sheaf<M> {
    fn new(head: M) -> Self {
        Self { head, versions: Vec::new(), received: 0 }
    }
}

fn out_of_order() -> Error {
    Error::violation("part", "is out of its order")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(part: Part) -> wire::TransferPart {
        wire::TransferPart { part: Some(part) }
    }

    fn file() -> Parcel {
        Parcel::begin(part(Part::File(wire::CustomerFile::default()))).unwrap()
    }

    fn of(letter: char) -> Part {
        match letter {
            'r' => Part::Revision(wire::CustomerFileRevision::default()),
            'e' => Part::Record(wire::FileRecord::default()),
            'd' => Part::Document(wire::Document::default()),
            'v' => Part::Version(wire::FileRecordRevision::default()),
            'c' => Part::Content(vec![7]),
            _ => Part::File(wire::CustomerFile::default()),
        }
    }

    fn taken(letters: &str) -> Result<Parcel> {
        let mut parcel = file();
        for letter in letters.chars() {
            parcel.add(part(of(letter)))?;
        }
        Ok(parcel)
    }

    #[test]
    fn parts_come_in_one_order() {
        let parcel = taken("rrevvevdvcdvcc").unwrap();
        assert_eq!((parcel.revisions.len(), parcel.records.len(), parcel.documents.len()), (2, 2, 2));
        assert_eq!((parcel.records[0].versions.len(), parcel.documents[1].received), (2, 2));
        for wrong in ["e", "d", "v", "c", "rv", "rc", "rer", "rdve", "rdc", "rdvcv", "rf", "rdvr"] {
            assert_eq!(taken(wrong).unwrap_err().violations()[0].field, "part", "{wrong}");
        }
    }

    #[test]
    fn a_file_ends_when_all_of_it_was_there() {
        let end = |parts| part(Part::End(wire::TransferEnd { parts }));
        let mut parcel = taken("rdvcc").unwrap();
        assert_eq!(parcel.add(end(3)).unwrap_err().violations()[0].field, "part.end.parts");
        // Contents are counted by their size, not as parts.
        assert_eq!(parcel.add(end(4)).unwrap(), Came::Whole);
        assert_eq!(file().add(end(1)).unwrap_err().violations()[0].field, "part");
    }

    proptest! {
        // Whatever comes, a version belongs to what came before it, and no content to what has none.
        #[test]
        fn nothing_is_taken_out_of_its_place(letters in "[redvcf]{0,24}") {
            let Ok(parcel) = taken(&letters) else { return Ok(()) };
            let versions: usize = parcel.records.iter().map(|one| one.versions.len())
                .chain(parcel.documents.iter().map(|one| one.versions.len())).sum();
            prop_assert_eq!(versions, letters.matches('v').count());
            prop_assert!(parcel.documents.iter().all(|one| one.received == 0 || !one.versions.is_empty()));
            prop_assert_eq!(parcel.parts, 1 + i64::try_from(letters.replace('c', "").len()).unwrap());
        }
    }
}
