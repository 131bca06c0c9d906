//! The grammar of JSON, tolerant: walks through a text that is known to be right, and ends on any.

use memchr::memchr;
use xdr_model::write::{Output, plain_end};

use crate::field::{Field, Shape};
use crate::format::json::check::is_blank;
use crate::format::json::string;
use crate::format::text::{after, skip_while, slice};

/// The blanks of JSON.
pub(super) const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

/// The field that a value makes: its text without quotes, and its shape. `null` is absent.
pub(super) fn field(value: &str) -> Field<'_> {
    let shape = match value.bytes().next() {
        Some(b'"') => return string(value),
        Some(b'{') => Shape::Object,
        Some(b'[') => Shape::Array,
        Some(b't' | b'f') => Shape::Boolean,
        Some(b'n') | None => Shape::Absent,
        Some(_) => Shape::Number,
    };
    Field { raw: value, shape }
}

fn string(value: &str) -> Field<'_> {
    quoted(value, memchr(b'\\', value.as_bytes()).is_some())
}

fn quoted(value: &str, escaped: bool) -> Field<'_> {
    let inside = value.strip_prefix('"').unwrap_or(value);
    let inside = inside.strip_suffix('"').unwrap_or(inside);
    Field { raw: inside, shape: if escaped { Shape::Escaped } else { Shape::Text } }
}

/// The byte behind the value that begins at `at`.
fn end_of_value(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'"') => end_of_string(bytes, at).0,
        Some(b'{' | b'[') => end_of_nest(bytes, at),
        _ => skip_while(bytes, at, |byte| !is_blank(byte) && !matches!(byte, b',' | b']' | b'}')),
    }
}

/// The byte behind the string whose quote is at `at`, and whether it holds escapes; the end if it is not closed.
fn end_of_string(bytes: &[u8], at: usize) -> (usize, bool) {
    let (mut from, mut escaped) = (at + 1, false);
    loop {
        from = plain_end(bytes, from);
        match bytes.get(from) {
            Some(b'"') => return (from + 1, escaped),
            Some(b'\\') => {
                escaped = true;
                from += 2;
            }
            Some(_) => from += 1,
            None => break,
        }
    }
    (bytes.len(), escaped)
}

/// The byte behind the array or object that begins at `at`; the end if it is not closed.
fn end_of_nest(bytes: &[u8], at: usize) -> usize {
    let mut open = 0_usize;
    let mut from = at;
    loop {
        from = skip_while(bytes, from, |byte| !matches!(byte, b'"' | b'{' | b'[' | b'}' | b']'));
        match bytes.get(from) {
            None => return bytes.len(),
            Some(b'"') => from = end_of_string(bytes, from).0,
            Some(b'{' | b'[') => {
                open += 1;
                from += 1;
            }
            Some(_) => {
                open = open.saturating_sub(1);
                from += 1;
                if open == 0 {
                    return from;
                }
            }
        }
    }
}

/// The keys and values of an object; none if the text is no object.
pub(super) struct Members<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Members<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, at: inside(text, b'{') }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Field<'a>, Field<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        let key = skip_while(bytes, self.at, |byte| is_blank(byte) || byte == b',');
        if bytes.get(key) != Some(&b'"') {
            self.at = bytes.len();
            return None;
        }
        let (key_end, escaped) = end_of_string(bytes, key);
        let name = quoted(slice(self.text, key, key_end), escaped);
        let start = skip_while(bytes, key_end, |byte| is_blank(byte) || byte == b':');
        let value = if bytes.get(start) == Some(&b'"') {
            let escaped;
            (self.at, escaped) = end_of_string(bytes, start);
            quoted(slice(self.text, start, self.at), escaped)
        } else {
            self.at = end_of_value(bytes, start);
            field(slice(self.text, start, self.at))
        };
        (self.at > start).then_some((name, value))
    }
}

/// The values of an array; none if the text is no array.
pub(super) struct Elements<'a> {
    text: &'a str,
    at: usize,
    rest: bool,
}

impl<'a> Elements<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, at: inside(text, b'['), rest: false }
    }

    /// What follows the array is one more value.
    pub(super) fn with_rest(text: &'a str) -> Self {
        Self { rest: true, ..Self::of(text) }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        let start = skip_while(bytes, self.at, |byte| is_blank(byte) || byte == b',');
        let end = end_of_value(bytes, start);
        if end > start {
            self.at = end;
            return Some(slice(self.text, start, end));
        }
        self.at = bytes.len();
        let rest =
            after(self.text, start + usize::from(bytes.get(start) == Some(&b']'))).trim_matches(BLANKS);
        (self.rest && !rest.is_empty()).then_some(rest)
    }
}

/// The byte behind the bracket that opens the text; the end if it opens otherwise.
fn inside(text: &str, bracket: u8) -> usize {
    let at = skip_while(text.as_bytes(), 0, is_blank);
    if text.as_bytes().get(at) == Some(&bracket) { at + 1 } else { text.len() }
}

/// Appends the text without blanks outside strings, without halves of surrogate pairs, and with numbers as [`number`] has them.
pub(super) fn compact(out: &mut impl Output, raw: &str) {
    let bytes = raw.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = skip_while(bytes, at, is_blank);
        let end = match bytes.get(start) {
            Some(b'"') => end_of_string(bytes, start).0,
            Some(b'-' | b'0'..=b'9') => skip_while(bytes, start, is_numeric),
            _ => {
                skip_while(bytes, start, |byte| !is_blank(byte) && !matches!(byte, b'"' | b'-' | b'0'..=b'9'))
            }
        };
        let token = slice(raw, start, end);
        match bytes.get(start) {
            Some(b'-' | b'0'..=b'9') => number(out, token),
            _ => string::copy(out, token),
        }
        at = end.max(start);
    }
}

const fn is_numeric(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')
}

/// Appends a number as it is written, or, if no double holds it, as a string: readers refuse `1e999`, and the line with it.
pub(super) fn number(out: &mut impl Output, raw: &str) {
    /// Fewer digits than this without an exponent are always held.
    const SHORT: usize = 300;
    let is_plain = raw.len() < SHORT && !raw.contains(['e', 'E']);
    if is_plain || raw.parse::<f64>().is_ok_and(f64::is_finite) {
        return out.extend_from_slice(raw.as_bytes());
    }
    out.push(b'"');
    out.extend_from_slice(raw.as_bytes());
    out.push(b'"');
}
