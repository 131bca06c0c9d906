//! Escapes of JSON strings.

use std::borrow::Cow;
#[cfg(feature = "columns")]
use xdr_model::write::Buffer;
use xdr_model::write::{Output, plain_end};

use memchr::memchr;

use crate::format::text::{after, slice};

/// The text without escapes; see [`super::unescape`].
pub(super) fn unescape(raw: &str) -> Cow<'_, str> {
    if memchr(b'\\', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        text.push_str(slice(rest, 0, at));
        let escaped = after(rest, at);
        let (char, length) = first_of(escaped);
        text.push(char);
        rest = after(escaped, length);
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// As [`unescape`], appended to `out`.
#[cfg(feature = "columns")]
pub(super) fn unescape_to(out: &mut Buffer<'_>, raw: &str) {
    let mut rest = raw;
    loop {
        let escaped = after(rest, out.until(b'\\', rest.as_bytes()));
        if escaped.is_empty() {
            return;
        }
        let (char, length) = first_of(escaped);
        if char.is_ascii() {
            out.push(char as u8);
        } else {
            out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        }
        rest = after(escaped, length);
    }
}

/// Whether every escape is the one that this program writes: two characters, and no slash.
pub(super) fn is_canonical(raw: &str) -> bool {
    let bytes = raw.as_bytes();
    let mut at = 0;
    loop {
        at = plain_end(bytes, at);
        match (bytes.get(at), bytes.get(at + 1)) {
            (None, _) => return true,
            (Some(b'\\'), Some(b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't')) => at += 2,
            _ => return false,
        }
    }
}

/// Appends the text as it is written, but halves of surrogate pairs, which no reader has to take, as U+FFFD.
pub(super) fn copy(out: &mut impl Output, raw: &str) {
    let mut rest = raw;
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        out.extend_from_slice(slice(rest, 0, at).as_bytes());
        let escaped = after(rest, at);
        let (char, length) = first_of(escaped);
        if char == char::REPLACEMENT_CHARACTER {
            out.extend_from_slice("\u{fffd}".as_bytes());
        } else {
            out.extend_from_slice(slice(escaped, 0, length).as_bytes());
        }
        rest = after(escaped, length);
    }
    out.extend_from_slice(rest.as_bytes());
}

/// The character for the backslash that opens the text and what belongs to it, and how many bytes that is. What is no escape keeps its
/// backslash.
#[inline]
fn first_of(text: &str) -> (char, usize) {
    escape(text).unwrap_or(('\\', 1))
}

/// The character of the escape that opens the text, and the escape's length in bytes.
fn escape(text: &str) -> Option<(char, usize)> {
    let char = match text.as_bytes().get(1)? {
        byte @ (b'"' | b'\\' | b'/') => char::from(*byte),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(text),
        _ => return None,
    };
    Some((char, 2))
}

fn unicode(text: &str) -> Option<(char, usize)> {
    let high = unit(text)?;
    if let Some(char) = char::from_u32(high) {
        return Some((char, 6));
    }
    let low = unit(after(text, 6)).filter(|low| (0xdc00..0xe000).contains(low));
    match low {
        Some(low) if high < 0xdc00 => {
            let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            Some((char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12))
        }
        _ => Some((char::REPLACEMENT_CHARACTER, 6)),
    }
}

/// The UTF-16 unit of a `\uXXXX` that opens the text.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}
