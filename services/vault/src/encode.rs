//! Length-prefixed encoding: two different lists of parts never give the same bytes.

/// The parts one after the other, each behind its length (4 bytes, big endian).
pub(crate) fn parts(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 4).sum());
    for part in parts {
        bytes.extend_from_slice(&prefix(part));
        bytes.extend_from_slice(part);
    }
    bytes
}

/// Feeds the parts to `update` in the same encoding, without a buffer.
pub(crate) fn feed(parts: &[&[u8]], mut update: impl FnMut(&[u8])) {
    for part in parts {
        update(&prefix(part));
        update(part);
    }
}

// No part comes near 4 GiB: messages are limited to a few MiB. The clamp only keeps the conversion total.
fn prefix(part: &[u8]) -> [u8; 4] {
    u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn different_lists_give_different_bytes(one: Vec<Vec<u8>>, two: Vec<Vec<u8>>) {
            fn encoded(list: &[Vec<u8>]) -> Vec<u8> {
                parts(&list.iter().map(Vec::as_slice).collect::<Vec<_>>())
            }
            prop_assert_eq!(encoded(&one) == encoded(&two), one == two);
        }

        #[test]
        fn feeding_and_collecting_agree(list: Vec<Vec<u8>>) {
            let list: Vec<&[u8]> = list.iter().map(Vec::as_slice).collect();
            let mut fed = Vec::new();
            feed(&list, |bytes| fed.extend_from_slice(bytes));
            prop_assert_eq!(fed, parts(&list));
        }
    }

    #[test]
    fn a_moved_boundary_shows() {
        assert_ne!(parts(&[b"ab", b"c"]), parts(&[b"a", b"bc"]));
    }
}
