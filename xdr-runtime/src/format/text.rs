//! Small steps over text that the formats share. None of them can fail: a place beyond the text is its end.

/// Whether this byte is a blank of a log line.
#[inline]
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The text from byte `at` on; empty if there is none.
#[inline]
pub(super) fn after(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

/// The text between two bytes; empty if there is none.
#[inline]
pub(super) fn slice(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or_default()
}

/// The text without blanks at its start.
#[inline]
pub(super) fn trim_start(text: &str) -> &str {
    if text.as_bytes().first().is_some_and(|byte| is_blank(*byte)) {
        return text.trim_start_matches([' ', '\t']);
    }
    text
}

/// The text without blanks at its end.
#[inline]
pub(super) fn trim_end(text: &str) -> &str {
    if text.as_bytes().last().is_some_and(|byte| is_blank(*byte)) {
        return text.trim_end_matches([' ', '\t']);
    }
    text
}

/// The text without blanks around it.
#[inline]
pub(super) fn trim(text: &str) -> &str {
    trim_end(trim_start(text))
}

/// The text up to the first blank, and the text from there on.
pub(super) fn word(text: &str) -> (&str, &str) {
    let end = find_blank(text.as_bytes()).unwrap_or(text.len());
    (slice(text, 0, end), after(text, end))
}

/// The first byte that is no blank, from `at` on.
#[inline]
pub(super) fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    let blank_at = |at: usize| bytes.get(at).is_some_and(|byte| is_blank(*byte));
    if !blank_at(at) {
        return at;
    }
    // Mostly there is one.
    if blank_at(at + 1) { more_blanks(bytes, at + 2) } else { at + 1 }
}

#[inline(never)]
fn more_blanks(bytes: &[u8], at: usize) -> usize {
    skip_while(bytes, at, is_blank)
}

/// In a word of eight bytes, the lowest bit of each byte.
const ONES: u64 = 0x0101_0101_0101_0101;
/// In a word of eight bytes, the highest bit of each byte.
const TOPS: u64 = 0x8080_8080_8080_8080;

/// The place of the first blank, looked for in words of eight bytes.
#[inline]
pub(super) fn find_blank(bytes: &[u8]) -> Option<usize> {
    const ABOVE_BLANK: u64 = b' ' as u64 + 1;
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let number = u64::from_le_bytes(*word);
        // Set for bytes up to the blank, and maybe for some behind the first of them.
        let low = number.wrapping_sub(ONES * ABOVE_BLANK) & !number & TOPS;
        if low == 0 {
            continue;
        }
        // The first that is set is right; a control character may stand there.
        let first = low.trailing_zeros() as usize / 8;
        if word.get(first).is_some_and(|byte| is_blank(*byte)) {
            return Some(index * 8 + first);
        }
        if let Some(place) = word.iter().position(|byte| is_blank(*byte)) {
            return Some(index * 8 + place);
        }
    }
    let place = rest.iter().position(|byte| is_blank(*byte))?;
    Some(words.len() * 8 + place)
}

/// The first byte from `at` on that `skip` does not hold for; the end if there is none.
pub(super) fn skip_while(bytes: &[u8], at: usize, skip: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !skip(*byte)).unwrap_or(rest.len())
}

/// The first place from `at` on of a byte that is `highest` or below it, looked for in words of eight bytes; the end if there is none.
#[inline]
pub(super) fn skip_above(bytes: &[u8], mut at: usize, highest: u8) -> usize {
    // What is added to seven bits of a byte makes the eighth if the byte is above. Beyond ASCII the eighth is there already.
    let Some(to_top) = 0x7f_u8.checked_sub(highest).map(|rest| ONES * u64::from(rest)) else {
        return skip_while(bytes, at, |byte| byte > highest);
    };
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*word);
        let low = !((word & !TOPS).wrapping_add(to_top) | word) & TOPS;
        if low != 0 {
            return at + low.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    skip_while(bytes, at, |byte| byte > highest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_low_byte_is_found_wherever_it_stands() {
        for length in 0..20 {
            for place in 0..=length {
                for (low, high) in [(b'-', b'.'), (0, 0x7f), (b'"', 0x80), (b'-', 0xff), (b'\t', b'z')] {
                    let mut bytes = vec![high; length];
                    if let Some(byte) = bytes.get_mut(place) {
                        *byte = low;
                    }
                    for (at, highest) in (0..=length).flat_map(|at| [(at, b'-'), (at, 0x7e), (at, 0xc0)]) {
                        let expected = (at..length).find(|at| bytes[*at] <= highest).unwrap_or(length);
                        assert_eq!(skip_above(&bytes, at, highest), expected, "{bytes:?} from {at}");
                    }
                }
            }
        }
    }

    #[test]
    fn places_beyond_the_text_are_its_end() {
        assert_eq!(after("ab", 3), "");
        assert_eq!(slice("ab", 1, 9), "");
        assert_eq!(skip_blanks(b"a", 7), 7);
        assert_eq!(word("one\ttwo three"), ("one", "\ttwo three"));
        assert_eq!(word(""), ("", ""));
    }

    #[test]
    fn the_first_blank_is_found_wherever_it_stands() {
        for length in 0..40 {
            let mut text = [b'\n', b'a', 0x80, b'!'].repeat(10);
            text.truncate(length);
            assert_eq!(find_blank(&text), None);
            for place in 0..length {
                for blank in [b' ', b'\t'] {
                    let mut text = text.clone();
                    text[place] = blank;
                    text[length - 1] = b' ';
                    assert_eq!(find_blank(&text), Some(place));
                }
            }
        }
    }

    #[test]
    fn blanks_around_a_text_go() {
        assert_eq!([trim(" \ta b\t "), trim("a"), trim(" "), trim("")], ["a b", "a", "", ""]);
        assert_eq!([trim_start(" a "), trim_end(" a ")], ["a ", " a"]);
    }
}
