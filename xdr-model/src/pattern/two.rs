//! Two bytes next to each other, each of which may be one of two, as the beginnings of `File` and `file` are: sixteen places at a time.

use wide::u8x16;

/// One of two bytes.
pub(super) type Either = (u8, u8);

/// How many places are looked at in one go.
const BLOCK: usize = 16;

/// The first place of a byte that is one of `first`, and behind it one that is one of `second`.
pub(super) fn find(first: Either, second: Either, text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(block) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let hits = hits(first, second, block);
        if hits != 0 {
            return Some(at + hits.trailing_zeros() as usize);
        }
        at += BLOCK;
    }
    // What is left is less than a block. With bytes in front of it, in which nothing was found, it is one.
    if let Some(block) = text.last_chunk() {
        let hits = hits(first, second, block);
        let start = text.len() - (BLOCK + 1);
        return (hits != 0).then(|| start + hits.trailing_zeros() as usize);
    }
    let is = |(one, other): Either, byte: u8| byte == one || byte == other;
    text.windows(2).position(|pair| matches!(*pair, [a, b] if is(first, a) && is(second, b)))
}

/// A bit for each place of a block, the lowest for the first.
#[inline]
fn hits(first: Either, second: Either, block: &[u8; BLOCK + 1]) -> u32 {
    let is = |(one, other): Either, bytes: u8x16| {
        bytes.simd_eq(u8x16::splat(one)) | bytes.simd_eq(u8x16::splat(other))
    };
    let [here @ .., _] = *block;
    let [_, behind @ ..] = *block;
    (is(first, u8x16::from(here)) & is(second, u8x16::from(behind))).to_bitmask()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn the_first_of_two_bytes_is_found(text in "[fFiIx]{0,4}[a-z ]{0,40}[fFiI]{0,3}[a-z]{0,20}") {
            let bytes = text.as_bytes();
            let expected = text.to_ascii_lowercase().find("fi");
            proptest::prop_assert_eq!(find((b'F', b'f'), (b'I', b'i'), bytes), expected);
        }
    }
}
