//! Which encoding a file is written in, judged by all of it.

use std::borrow::Cow;
use std::fmt;

/// Encodings that files come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// GB 18030, which GBK and GB 2312 are part of.
    Gb18030,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
}

/// A file in UTF-8, every line ended by a line feed.
#[derive(Clone, PartialEq, Eq)]
pub struct Decoded {
    /// What it was written in.
    pub encoding: Encoding,
    /// Its text; holds bytes that are no UTF-8 only where UTF-8 was asked for.
    pub bytes: Vec<u8>,
}

/// Why the encoding is not known; nothing of the file is used then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undecided {
    /// It is no UTF-8.
    #[error("line {line} is not UTF-8; if the file is in GBK or GB 18030, say so with the encoding gb18030")]
    NotUtf8 {
        /// The first line at fault, from 1.
        line: usize,
    },
    /// It is UTF-8 and GB 18030 at once, and means something else in each.
    #[error("the file can be read as UTF-8 and as GB 18030; say which it is, with the encoding utf-8 or gb18030")]
    Both,
    /// It holds zero bytes: UTF-16 without its mark, or no text at all.
    #[error("the file holds zero bytes; if it is in UTF-16, say so with the encoding utf-16le or utf-16be")]
    Binary,
}

/// Reads a file written in `told`, or in what all of it shows.
///
/// # Errors
/// [`Undecided`] when nothing was told and it does not show.
pub fn decode(bytes: Vec<u8>, told: Option<Encoding>) -> Result<Decoded, Undecided> {
    let marked = encoding_rs::Encoding::for_bom(&bytes).map(|(found, _)| found);
    let encoding = match told {
        Some(told) => told,
        None if marked == Some(encoding_rs::UTF_16LE) => Encoding::Utf16Le,
        None if marked == Some(encoding_rs::UTF_16BE) => Encoding::Utf16Be,
        None => judged(&bytes, marked.is_some())?,
    };
    let text = match encoding {
        Encoding::Utf8 => Cow::Borrowed(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes)),
        other => match other.table().decode_with_bom_removal(&bytes).0 {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        },
    };
    Ok(Decoded { encoding, bytes: fed(&text) })
}

fn judged(bytes: &[u8], marked: bool) -> Result<Encoding, Undecided> {
    if bytes.contains(&0) {
        return Err(Undecided::Binary);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if !marked && is_both(text, bytes) => Err(Undecided::Both),
        Ok(_) => Ok(Encoding::Utf8),
        Err(fault) => {
            let line = 1 + fed(&bytes[..fault.valid_up_to()]).iter().filter(|byte| **byte == b'\n').count();
            Err(Undecided::NotUtf8 { line })
        }
    }
}

// Two bytes of a Chinese character in GBK can be one letter of UTF-8 below U+0800: Latin, Greek, Cyrillic. One character
// beyond that, and the file is UTF-8.
fn is_both(text: &str, bytes: &[u8]) -> bool {
    let foreign = |letter: char| matches!(letter, '\u{80}'..='\u{7ff}');
    if text.is_ascii() || !text.chars().all(|letter| letter.is_ascii() || foreign(letter)) {
        return false;
    }
    let (other, _, broken) = encoding_rs::GB18030.decode(bytes);
    let written = |letter: char| {
        letter.is_ascii()
            || matches!(letter, '\u{3000}'..='\u{303f}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
    };
    !broken && other.chars().all(written)
}

fn fed(text: &[u8]) -> Vec<u8> {
    let mut fed = Vec::with_capacity(text.len());
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'\r' if text.get(at + 1) == Some(&b'\n') => {}
            b'\r' => fed.push(b'\n'),
            byte => fed.push(*byte),
        }
    }
    fed
}

// === impl Encoding ===

impl Encoding {
    /// The encoding of a name that people use.
    pub fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Some(Self::Utf8),
            "gb18030" | "gbk" | "gb2312" => Some(Self::Gb18030),
            "utf-16le" | "utf-16" | "utf16" => Some(Self::Utf16Le),
            "utf-16be" => Some(Self::Utf16Be),
            _ => None,
        }
    }

    fn table(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Gb18030 => encoding_rs::GB18030,
            Self::Utf16Le => encoding_rs::UTF_16LE,
            Self::Utf16Be => encoding_rs::UTF_16BE,
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB 18030",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
        })
    }
}

// === impl Decoded ===

// What stands in the file may be personal.
impl fmt::Debug for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoded").field("encoding", &self.encoding).field("bytes", &self.bytes.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gbk(text: &str) -> Vec<u8> {
        encoding_rs::GB18030.encode(text).0.into_owned()
    }

    fn text(bytes: Vec<u8>, told: Option<Encoding>) -> Result<(Encoding, String), Undecided> {
        decode(bytes, told).map(|file| (file.encoding, String::from_utf8(file.bytes).unwrap()))
    }

    #[test]
    fn the_whole_file_tells_its_encoding() {
        let plain = "名,1\n甲,2\n";
        let utf16 = |little: bool| {
            let units = "\u{feff}名,1\r\n甲,2\r\n".encode_utf16();
            units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect::<Vec<_>>()
        };
        assert_eq!(text(plain.as_bytes().to_vec(), None), Ok((Encoding::Utf8, plain.to_owned())));
        assert_eq!(text(format!("\u{feff}{plain}").into_bytes(), None), Ok((Encoding::Utf8, plain.to_owned())));
        assert_eq!(text(utf16(true), None), Ok((Encoding::Utf16Le, plain.to_owned())));
        assert_eq!(text(utf16(false), None), Ok((Encoding::Utf16Be, plain.to_owned())));
        assert_eq!(text(gbk(plain), Some(Encoding::Gb18030)), Ok((Encoding::Gb18030, plain.to_owned())));
        assert_eq!(text(gbk("a\r\nb\r\n甲某\r\n"), None), Err(Undecided::NotUtf8 { line: 3 }));
        assert_eq!(text(b"a\0b\0".to_vec(), None), Err(Undecided::Binary));
    }

    #[test]
    fn chinese_whose_bytes_happen_to_be_utf8_is_not_stored_garbled() {
        // Every character has a first byte C2 to DF and a second one A1 to BF.
        let name = gbk("name\n陆掳\n");
        assert!(std::str::from_utf8(&name).is_ok(), "the example shows nothing");
        assert_eq!(text(name.clone(), None), Err(Undecided::Both));
        assert_eq!(text(name, Some(Encoding::Gb18030)).unwrap().1, "name\n陆掳\n");
        // One more character that only UTF-8 has, or only GBK, and the file is decided.
        assert_eq!(text("name\nMüller\n名\n".as_bytes().to_vec(), None).unwrap().0, Encoding::Utf8);
        assert!(matches!(text(gbk("name\n陆掳\n公司\n"), None), Err(Undecided::NotUtf8 { .. })));
    }
}
