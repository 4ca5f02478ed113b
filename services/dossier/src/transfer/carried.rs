//! Files on their way: parts one behind the other, each with its length before it, in one file of a folder.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use dossier_proto::profile::v1::TransferPart;
use dossier_proto::profile::v1::transfer_part::Part;
use prost::Message as _;

use crate::Failure;

/// The file with the parts.
const PARTS: &str = "files.parts";
/// Longest part, in bytes: a message that a service takes.
const LONGEST: u64 = 16 << 20;

/// Where the parts lie in `folder`.
pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join(PARTS)
}

/// Writes parts behind those that are there.
pub(super) struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
    // Where the last file that is whole ends.
    whole: u64,
    at: u64,
    /// How many files are whole.
    pub(super) files: u64,
    /// The last of them.
    pub(super) last: String,
    coming: String,
}

// === impl Writer ===

impl Writer {
    /// Opens the folder, and drops what an earlier call left of a file that did not come whole.
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(folder).map_err(|fault| Failure::file(folder, &fault))?;
        let path = path(folder);
        let told = |fault: std::io::Error| Failure::file(&path, &fault);
        let mut options = OpenOptions::new();
        let mut file =
            options.create(true).truncate(false).read(true).write(true).mode(0o600).open(&path).map_err(told)?;
        let (mut whole, mut at, mut files, mut last, mut coming) = (0, 0, 0, String::new(), String::new());
        let mut reader = Reader { file: BufReader::new(&file), at: 0 };
        while let Some(part) = reader.next().map_err(told)? {
            at = reader.at;
            match part {
                Part::File(one) => coming = one.name,
                Part::End(_) => {
                    (whole, files) = (at, files + 1);
                    last.clone_from(&coming);
                }
                _ => {}
            }
        }
        let _ = at;
        file.set_len(whole).map_err(told)?;
        file.seek(SeekFrom::Start(whole)).map_err(told)?;
        Ok(Self { path, file: BufWriter::new(file), whole, at: whole, files, last, coming: String::new() })
    }

    /// Writes one more; a file that has ended is on the disk.
    pub(super) fn write(&mut self, part: Part) -> Result<(), Failure> {
        let ends = matches!(part, Part::End(_));
        if let Part::File(one) = &part {
            self.coming.clone_from(&one.name);
        }
        let bytes = TransferPart { part: Some(part) }.encode_length_delimited_to_vec();
        let told = |fault: std::io::Error| Failure::file(&self.path, &fault);
        self.file.write_all(&bytes).map_err(told)?;
        self.at += bytes.len() as u64;
        if ends {
            self.file.flush().map_err(told)?;
            (self.whole, self.files) = (self.at, self.files + 1);
            self.last.clone_from(&self.coming);
        }
        Ok(())
    }
}

/// Reads parts one by one.
pub(super) struct Reader<R> {
    file: R,
    /// How many bytes were read.
    pub(super) at: u64,
}

// === impl Reader ===

impl Reader<BufReader<File>> {
    /// Opens the parts of a folder.
    pub(super) fn open(folder: &Path) -> Result<(Self, u64), Failure> {
        let path = path(folder);
        let told = |fault: std::io::Error| Failure::file(&path, &fault);
        let file = File::open(&path).map_err(told)?;
        let size = file.metadata().map_err(told)?.len();
        Ok((Self { file: BufReader::new(file), at: 0 }, size))
    }
}

impl<R: Read> Reader<R> {
    /// The next part; nothing at the end, or where the last one broke off.
    pub(super) fn next(&mut self) -> std::io::Result<Option<Part>> {
        let Some((length, head)) = self.length()? else { return Ok(None) };
        if length > LONGEST {
            return Err(std::io::Error::other("what lies there is not what `transfer out` wrote"));
        }
        let mut bytes = Vec::new();
        (&mut self.file).take(length).read_to_end(&mut bytes)?;
        if (bytes.len() as u64) < length {
            return Ok(None);
        }
        self.at += head + length;
        let part = TransferPart::decode(bytes.as_slice());
        let part = part.map_err(|_| std::io::Error::other("what lies there is not what `transfer out` wrote"))?;
        Ok(part.part)
    }

    fn length(&mut self) -> std::io::Result<Option<(u64, u64)>> {
        let (mut length, mut head) = (0_u64, 0_u64);
        loop {
            let mut byte = [0];
            if self.file.read(&mut byte)? == 0 {
                return Ok(None);
            }
            length |= u64::from(byte[0] & 0x7f) << (7 * head);
            head += 1;
            if byte[0] < 0x80 {
                return Ok(Some((length, head)));
            }
            if head > 8 {
                return Err(std::io::Error::other("what lies there is not what `transfer out` wrote"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use dossier_proto::profile::v1::{CustomerFile, TransferEnd};

    use super::*;

    fn file(name: &str) -> Part {
        Part::File(CustomerFile { name: name.to_owned(), ..CustomerFile::default() })
    }

    #[test]
    fn what_did_not_come_whole_is_dropped_and_what_did_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::open(folder.path()).unwrap();
        for part in [file("files/1"), Part::End(TransferEnd { parts: 1 }), file("files/2"), Part::Content(vec![7; 99])]
        {
            writer.write(part).unwrap();
        }
        drop(writer);
        // The machine stopped in the middle of a part.
        let path = path(folder.path());
        let length = std::fs::metadata(&path).unwrap().len();
        File::options().write(true).open(&path).unwrap().set_len(length - 20).unwrap();
        let mut writer = Writer::open(folder.path()).unwrap();
        assert_eq!((writer.files, writer.last.as_str()), (1, "files/1"));
        writer.write(file("files/2")).unwrap();
        writer.write(Part::End(TransferEnd { parts: 1 })).unwrap();
        drop(writer);
        let (mut reader, size) = Reader::open(folder.path()).unwrap();
        let mut parts = Vec::new();
        while let Some(part) = reader.next().unwrap() {
            parts.push(part);
        }
        let end = || Part::End(TransferEnd { parts: 1 });
        assert_eq!(parts, [file("files/1"), end(), file("files/2"), end()]);
        assert_eq!(reader.at, size);
    }

    #[test]
    fn another_file_is_told_as_such() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(path(folder.path()), [0xff; 64]).unwrap();
        assert!(Writer::open(folder.path()).is_err());
    }
}
