//! Which bytes JSON has as they are in a string, sixteen at a time.

use wide::u8x16;

/// The bytes that are looked at in one go.
pub(super) const BLOCK: usize = 16;

/// The first byte from `at` on that JSON has only escaped; the end if there is none.
#[inline]
pub fn plain_end(bytes: &[u8], at: usize) -> usize {
    let mut from = at;
    while let Some(block) = bytes.get(from..).and_then(<[u8]>::first_chunk) {
        let marks = special(block).to_bitmask();
        if marks != 0 {
            return from + marks.trailing_zeros() as usize;
        }
        from += BLOCK;
    }
    last_plain_end(bytes, from)
}

/// As [`plain_end`], where less than a block is left.
fn last_plain_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| needs_escape(*byte)).unwrap_or(rest.len())
}

/// For each byte of a block, whether JSON has an escape for it.
#[inline]
pub(super) fn special(block: &[u8; BLOCK]) -> u8x16 {
    let bytes = u8x16::from(*block);
    let quotes = bytes.simd_eq(u8x16::splat(b'"'));
    let backslashes = bytes.simd_eq(u8x16::splat(b'\\'));
    let controls = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    quotes | backslashes | controls
}

/// Whether JSON has an escape for this byte: quotes, backslashes and control characters.
#[inline]
pub(super) const fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_special_byte_is_found(text in "[ -~é\\n]{0,70}|[a-zé]{0,70}[\"\\\\\\n\u{1f}]?[a-z]{0,20}", at in 0_usize..40) {
            let bytes = text.as_bytes();
            let at = at.min(bytes.len());
            let first = bytes.iter().skip(at).position(|byte| needs_escape(*byte)).unwrap_or(bytes.len() - at);
            prop_assert_eq!(plain_end(bytes, at), at + first);
        }
    }
}
