//! Values that hold pairs themselves, as Go prints its maps and lists: `map[a:1 b:[x y]]`.
//!
//! A bracket ends where as many were closed as opened. Inside nothing is quoted or escaped, so a bracket or a ` key:` of a text
//! in there cannot be told from the map's own.

use crate::format::text::{is_blank, skip_blanks, skip_while, slice};

/// A listed key whose value may be nested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Nested {
    /// The key.
    pub key: &'static str,
    /// Whether keys below it are listed, so that a map is taken apart.
    pub apart: bool,
}

/// What stands in front of the pairs of a map.
const MAP: &str = "map[";

/// The byte behind the bracket that closes the one with which the text at `at` begins, or the end of the text if there is none;
/// and whether there is one. `None` if no bracket opens here.
pub(super) fn close(text: &str, at: usize) -> Option<(usize, bool)> {
    let rest = text.get(at..)?;
    if !rest.starts_with('[') && !rest.starts_with(MAP) {
        return None;
    }
    let mut depth = 0_usize;
    for hit in memchr::memchr2_iter(b'[', b']', rest.as_bytes()) {
        depth = match rest.as_bytes().get(hit) {
            Some(b'[') => depth + 1,
            _ if depth == 1 => return Some((at + hit + 1, true)),
            _ => depth.saturating_sub(1),
        };
    }
    Some((text.len(), false))
}

/// Key and value of each pair of a map; nothing if the text is none.
pub(super) fn members(map: &str, assign: u8) -> impl Iterator<Item = (&str, &str)> {
    let text = map.strip_prefix(MAP).and_then(|inside| inside.strip_suffix(']')).unwrap_or_default();
    let mut key = key(text, 0, assign);
    std::iter::from_fn(move || {
        let (from, colon) = key?;
        let (end, next) = value(text, colon + 1, assign);
        key = next;
        Some((slice(text, from, colon), slice(text, colon + 1, end)))
    })
}

/// Where the key that begins at `at` does so, and where it ends, if a key stands here.
fn key(text: &str, at: usize, assign: u8) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'/');
    bytes.get(at).filter(|byte| byte.is_ascii_alphabetic() || **byte == b'_')?;
    let end = skip_while(bytes, at, part);
    (bytes.get(end) == Some(&assign)).then_some((at, end))
}

/// The end of the value that begins at `at`, and the key behind it.
fn value(text: &str, at: usize, assign: u8) -> (usize, Option<(usize, usize)>) {
    let bytes = text.as_bytes();
    let (mut from, mut depth) = (at, 0_usize);
    while let Some(byte) = bytes.get(from) {
        match byte {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            byte if is_blank(*byte) && depth == 0 => {
                let behind = skip_blanks(bytes, from);
                if let Some(next) = key(text, behind, assign) {
                    return (from, Some(next));
                }
                from = behind;
                continue;
            }
            _ => {}
        }
        from += 1;
    }
    (text.len(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bracket_closes_where_it_was_opened() {
        let check = |text: &str, expected| {
            let found = close(text, 0).map(|(end, closed)| (slice(text, 0, end), closed));
            assert_eq!(found, expected, "{text}");
        };
        check("[] x", Some(("[]", true)));
        check("[[a] [b]] c]", Some(("[[a] [b]]", true)));
        check("map[a:[b c] d:map[e:f]] g:h", Some(("map[a:[b c] d:map[e:f]]", true)));
        check("map[a:[b c] g:h", Some(("map[a:[b c] g:h", false)));
        check("maps[a]", None);
        check("a[b]", None);
        check("", None);
        assert_eq!(close("é", 1), None);
        assert_eq!(close("é", 9), None);
    }

    #[test]
    fn a_map_has_its_own_pairs_only() {
        let check = |text: &str, expected: &[(&str, &str)]| {
            assert_eq!(members(text, b':').collect::<Vec<_>>(), expected, "{text}");
        };
        check(
            "map[a:1 b:[x y:z] c:map[d:e] f: user:Kim Lee g:]",
            &[("a", "1"), ("b", "[x y:z]"), ("c", "map[d:e]"), ("f", ""), ("user", "Kim Lee"), ("g", "")],
        );
        check(
            "map[a/b.c-d:1 e:2024-03-14 07:08:09 UTC]",
            &[("a/b.c-d", "1"), ("e", "2024-03-14 07:08:09 UTC")],
        );
        check("map[a:] b c:d]", &[("a", "] b"), ("c", "d")]);
        check("map[]", &[]);
        check("map[a b:c]", &[]);
        check("[a:1]", &[]);
        check("map[a:1", &[]);
    }
}
