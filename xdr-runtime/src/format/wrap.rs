//! Wrappers around a whole record, left by exports and relays.

use std::borrow::Cow;

use memchr::memchr2;

use crate::format::{json, text};

/// A way in which a whole record may be quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wrap {
    /// A cell of CSV: quotes around it, every quote inside doubled.
    Csv,
    /// A JSON string.
    Json,
}

/// The record without its wrapper: the first of `wraps` that fits the whole text is taken off, once. A text that none fits
/// is given back as it is, but for what exports leave of a wrapper: the only quote of a cell that ends its text, a cell whose inner quotes
/// were not doubled, and the inside of a JSON string, of which only quotes are escaped. Borrows unless quotes or escapes inside have to go.
pub fn unwrap<'a>(wraps: &[Wrap], text: &'a str) -> Cow<'a, str> {
    let quoted = text::trim(text);
    let Some(inside) = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        let is_left = if wraps.contains(&Wrap::Json) { is_json_left(text) } else { quoted.ends_with('"') };
        return if is_left { without_left(wraps, text) } else { Cow::Borrowed(text) };
    };
    for wrap in wraps {
        match wrap {
            Wrap::Csv if is_doubled(inside) => {
                return if inside.contains('"') {
                    Cow::Owned(inside.replace("\"\"", "\""))
                } else {
                    Cow::Borrowed(inside)
                };
            }
            Wrap::Json if json::is_string(quoted) => return json::unescape(inside),
            Wrap::Csv | Wrap::Json => {}
        }
    }
    Cow::Borrowed(if wraps.contains(&Wrap::Csv) && is_paired(inside) { inside } else { text })
}

/// Whether something may be left of either wrapper: not if the first quote of the text has neither a backslash in front nor is its end.
fn is_json_left(text: &str) -> bool {
    let Some(first) = memchr2(b'"', b'\\', text.as_bytes()) else { return false };
    let behind = text::after(text, first);
    behind.starts_with('\\') || text::trim_end(behind).len() == 1
}

/// The text without what is left of a wrapper, if something is.
#[cold]
fn without_left<'a>(wraps: &[Wrap], text: &'a str) -> Cow<'a, str> {
    if wraps.contains(&Wrap::Json) && is_escaped(text) {
        return Cow::Owned(text.replace("\\\"", "\""));
    }
    Cow::Borrowed(if wraps.contains(&Wrap::Csv) { without_stray(text) } else { text })
}

/// Whether a text has quotes, each with a backslash in front, and no other backslash: the inside of a JSON string that lost its quotes.
fn is_escaped(text: &str) -> bool {
    let mut quoted = false;
    let mut rest = text;
    while let Some(at) = memchr2(b'"', b'\\', rest.as_bytes()) {
        let Some(next) = text::after(rest, at).strip_prefix("\\\"") else {
            return false;
        };
        (quoted, rest) = (true, next);
    }
    quoted
}

/// Whether quotes inside open behind a blank and are closed again, so that the ones around are a pair by themselves.
fn is_paired(inside: &str) -> bool {
    let opens = inside.split_once('"').is_some_and(|(before, _)| before.ends_with(' '));
    opens && inside.matches('"').count().is_multiple_of(2)
}

/// The text without the quote at its end, if it has no other one.
fn without_stray(text: &str) -> &str {
    match text::trim_end(text).strip_suffix('"') {
        Some(rest) if !rest.contains('"') && !text::trim(rest).is_empty() => rest,
        _ => text,
    }
}

/// Whether quotes occur only in twos.
fn is_doubled(inside: &str) -> bool {
    let mut rest = inside;
    while let Some(at) = rest.find('"') {
        let Some(next) = text::after(rest, at + 1).strip_prefix('"') else {
            return false;
        };
        rest = next;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(wraps: &[Wrap], text: &str, expected: &str) {
        assert_eq!(unwrap(wraps, text), expected, "{text}");
    }

    #[test]
    fn csv_quotes_are_taken_off_and_undoubled() {
        check(
            &[Wrap::Csv],
            r#""2024/03/14:07:08:09  ns1 : default X 1 0 :  ""text""""#,
            r#"2024/03/14:07:08:09  ns1 : default X 1 0 :  "text""#,
        );
        check(&[Wrap::Csv], r#""plain" "#, "plain");
        check(&[Wrap::Csv], r#""""#, "");
    }

    #[test]
    fn a_json_string_is_unescaped() {
        check(&[Wrap::Json], r#""a \"b\"\tc""#, "a \"b\"\tc");
        check(&[Wrap::Csv, Wrap::Json], r#""a \"b\" c""#, "a \"b\" c");
        check(&[Wrap::Csv, Wrap::Json], r#""a ""b"" c""#, "a \"b\" c");
    }

    #[test]
    fn what_is_not_wrapped_as_a_whole_stays() {
        for text in [r#""a" and "b""#, r#""a" b"#, "\"", "", "plain", r#"x "y""#, r#""a\""#] {
            check(&[Wrap::Csv, Wrap::Json], text, if text == r#""a\""# { r"a\" } else { text });
        }
        check(&[Wrap::Json], r#""a\""#, r#""a\""#);
        check(&[], r#""a""#, r#""a""#);
    }

    #[test]
    fn a_cell_may_hold_quotes_that_were_not_doubled() {
        check(
            &[Wrap::Csv, Wrap::Json],
            r#""default X 1 0 :  "some text"""#,
            r#"default X 1 0 :  "some text""#,
        );
        check(&[Wrap::Csv], r#""a "b" c""#, r#"a "b" c"#);
        for text in [r#""a" "b""#, r#""a"b" c""#, r#""a "b c""#, r#""a "b" "c""#] {
            check(&[Wrap::Csv], text, text);
        }
        check(&[Wrap::Json], r#""a "b" c""#, r#""a "b" c""#);
    }

    #[test]
    fn the_inside_of_a_json_string_may_stand_alone() {
        check(
            &[Wrap::Csv, Wrap::Json],
            r#"Nat_ip \"Mapped Ip\" - Group(s) \"N/A\""#,
            r#"Nat_ip "Mapped Ip" - Group(s) "N/A""#,
        );
        for text in [r#"EXAMPLE\kim said \"a\""#, r#"a \"b\" "c""#, r"a\b", r#"a\\"b"#, "a\\"] {
            check(&[Wrap::Json], text, text);
        }
        check(&[Wrap::Csv], r#"a \"b\" c"#, r#"a \"b\" c"#);
    }

    #[test]
    fn only_one_wrapper_is_taken_off() {
        check(&[Wrap::Csv, Wrap::Json], r#""""quoted""""#, r#""quoted""#);
    }

    #[test]
    fn the_only_quote_at_the_end_of_a_cell_is_taken_off() {
        check(&[Wrap::Csv], r#"reason = a b""#, "reason = a b");
        check(&[Wrap::Json, Wrap::Csv], "a\" \t", "a");
        check(&[Wrap::Csv], r#"é""#, "é");
        for text in [r#"a "b""#, r#"a """#, r#"a" b"#, r#""a"#, "\"", " \" "] {
            check(&[Wrap::Csv], text, text);
        }
        check(&[Wrap::Json], r#"a""#, r#"a""#);
        check(&[], r#"a""#, r#"a""#);
    }

    proptest! {
        #[test]
        fn wrapping_is_undone(text in ".*") {
            let csv = format!("\"{}\"", text.replace('"', "\"\""));
            prop_assert_eq!(unwrap(&[Wrap::Csv], &csv), text.as_str());
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(unwrap(&[Wrap::Json], &json), text.as_str());
        }

        #[test]
        fn any_text_is_survived(text in "[\"\\\\a ]{0,40}|.*") {
            unwrap(&[Wrap::Csv, Wrap::Json], &text);
        }
    }
}
