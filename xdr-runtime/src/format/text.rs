//! Small steps over text that the formats share. None of them can fail: a place beyond the text is its end.

/// Whether this byte is a blank of a log line.
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The text from byte `at` on; empty if there is none.
pub(super) fn after(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

/// The text between two bytes; empty if there is none.
pub(super) fn slice(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or_default()
}

/// The text without blanks at its start.
pub(super) fn trim_start(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

/// The text without blanks at its end.
pub(super) fn trim_end(text: &str) -> &str {
    text.trim_end_matches([' ', '\t'])
}

/// The text without blanks around it.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// The text up to the first blank, and the text from there on.
pub(super) fn word(text: &str) -> (&str, &str) {
    let end = text.bytes().position(is_blank).unwrap_or(text.len());
    (slice(text, 0, end), after(text, end))
}

/// The first byte that is no blank, from `at` on.
pub(super) fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    skip_while(bytes, at, is_blank)
}

/// The first byte from `at` on that `skip` does not hold for; the end if there is none.
pub(super) fn skip_while(bytes: &[u8], at: usize, skip: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !skip(*byte)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_beyond_the_text_are_its_end() {
        assert_eq!(after("ab", 3), "");
        assert_eq!(slice("ab", 1, 9), "");
        assert_eq!(skip_blanks(b"a", 7), 7);
        assert_eq!(word("one\ttwo three"), ("one", "\ttwo three"));
        assert_eq!(word(""), ("", ""));
    }
}
