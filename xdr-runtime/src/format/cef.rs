//! CEF, the Common Event Format: `CEF:0|vendor|product|version|signature|name|severity|key=value key=value`.
//!
//! In the header `\|` is a bar and `\\` a backslash. A value of the extension runs to the blank in front of the next `key=`, so it may hold
//! blanks; in it `\=` is the sign, `\\` a backslash, `\n` and `\r` are line breaks. A backslash in front of anything else is itself, for
//! many writers do not escape their paths. Blanks around parts and values are no part of them. Quotes mean nothing.
//!
//! A value with escapes stays a slice of the record and is unescaped when it is used. Parts of the header with escapes, and values that
//! templates or further steps read, are unescaped at once.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2, memmem};
use xdr_model::pattern::Target;

use crate::field::{Fault, Field, Fill, Name, Shape};
use crate::format::extension::{Extension, Pair};
use crate::format::part::Key;
use crate::format::text::{after, find_blank, skip_blanks, skip_while, slice, trim};
use crate::format::{Miss, put};
use crate::lookup::Lookup;
use crate::record::Scratch;

/// How a spec reads CEF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cef {
    /// Where the text in front of `CEF:` goes.
    pub prefix: Target<'static>,
    /// Where the format's own version goes.
    pub version: Target<'static>,
    /// Where the device's vendor goes.
    pub vendor: Target<'static>,
    /// Where the device's product goes.
    pub product: Target<'static>,
    /// Where the device's version goes.
    pub device_version: Target<'static>,
    /// Where the signature id goes.
    pub signature: Target<'static>,
    /// Where the event's name goes.
    pub name: Target<'static>,
    /// Where the severity goes.
    pub severity: Target<'static>,
    /// The keys that a spec lists.
    pub keys: &'static [Key],
    /// Where the keys stand.
    pub lookup: Lookup,
    /// Whether `cs1Label` and the like name the value of `cs1`.
    pub labels: bool,
}

/// The word that a header begins with.
const MARK: &str = "CEF:";

/// Which bytes keys are made of: letters, digits, `_`, `.`, `-`, `[` and `]`.
const fn is_part_of_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'[' | b']')
}

/// Reads all of `text`. Unlisted keys are extras under their own names. A repeated key is a fault, and its first value holds.
///
/// # Errors
/// There is no header, or it ends before its seven parts are there.
pub fn read<'a>(
    form: &Cef,
    text: &'a str,
    scratch: &'a Scratch,
    fill: &mut impl Fill<'a>,
) -> Result<(), Miss> {
    let (prefix, version) = header(text, MARK).ok_or(Miss { at: 0, expected: "`CEF:` and a version" })?;
    let parts = [
        (form.vendor, "`|` behind the vendor"),
        (form.product, "`|` behind the product"),
        (form.device_version, "`|` behind the device's version"),
        (form.signature, "`|` behind the signature id"),
        (form.name, "`|` behind the name"),
    ];
    let mut at = version.end + 1;
    let mut ranges = [(); 5].map(|()| 0..0);
    for (range, (_, expected)) in ranges.iter_mut().zip(parts) {
        let end = bar(text, at).ok_or(Miss { at: text.len(), expected })?;
        *range = at..end;
        at = end + 1;
    }
    // Some writers leave the last bar out where nothing follows.
    let severity = at..bar(text, at).unwrap_or(text.len());
    if !prefix.is_empty() {
        put(fill, &form.prefix, prefix);
    }
    put(fill, &form.version, slice(text, version.start, version.end));
    let all = ranges.into_iter().zip(parts.map(|(target, _)| target));
    for (Range { start, end }, target) in all.chain([(severity.clone(), form.severity)]) {
        let part = trim(slice(text, start, end));
        let part = match undo(part, |byte| matches!(byte, b'|' | b'\\').then_some(byte)) {
            Cow::Borrowed(part) => part,
            Cow::Owned(part) => scratch.keep(&part),
        };
        put(fill, &target, part);
    }
    let rest = after(text, severity.end + 1);
    let pairs = Pairs::of(rest);
    let keyless = trim(slice(rest, 0, pairs.next.map_or(rest.len(), |(key, _)| key)));
    if !keyless.is_empty() {
        let name = Name::known("cef.extension");
        fill.fault(Fault { name, value: value(keyless), reason: "no key in front of it" });
    }
    let Cef { keys, lookup, labels, .. } = *form;
    Extension { keys, lookup, labels }.read(pairs, scratch, fill);
    Ok(())
}

/// The text of a value, its escapes undone.
pub fn unescape(raw: &str) -> Cow<'_, str> {
    undo(raw, |byte| match byte {
        b'\\' | b'=' => Some(byte),
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        _ => None,
    })
}

/// The text in front of the first header that begins with `mark`, and where its version stands, which a bar follows.
pub(super) fn header<'a>(text: &'a str, mark: &str) -> Option<(&'a str, Range<usize>)> {
    let bytes = text.as_bytes();
    memmem::find_iter(bytes, mark).find_map(|place| {
        let before = place.checked_sub(1).and_then(|last| bytes.get(last));
        let start = skip_blanks(bytes, place + mark.len());
        let end = skip_while(bytes, start, |byte| byte.is_ascii_digit() || byte == b'.');
        let is_header =
            end > start && bytes.get(end) == Some(&b'|') && !before.is_some_and(u8::is_ascii_alphanumeric);
        is_header.then(|| (trim(slice(text, 0, place)), start..end))
    })
}

/// The place of the first bar from `at` on that no backslash escapes.
fn bar(text: &str, at: usize) -> Option<usize> {
    let mut from = at;
    loop {
        let rest = text.as_bytes().get(from..)?;
        let hit = from + memchr2(b'|', b'\\', rest)?;
        if text.as_bytes().get(hit) == Some(&b'|') {
            return Some(hit);
        }
        from = hit + 2;
    }
}

/// The text with each backslash and the byte behind it replaced by what they stand for; what stands for nothing stays.
fn undo(raw: &str, escape: impl Fn(u8) -> Option<u8>) -> Cow<'_, str> {
    let mut text = String::new();
    let (mut done, mut from) = (0, 0);
    while let Some(hit) = raw.as_bytes().get(from..).and_then(|rest| memchr(b'\\', rest)) {
        let place = from + hit;
        from = place + 1;
        if let Some(byte) = raw.as_bytes().get(from).and_then(|byte| escape(*byte)) {
            text.push_str(slice(raw, done, place));
            text.push(char::from(byte));
            from += 1;
            done = from;
        }
    }
    if done == 0 {
        return Cow::Borrowed(raw);
    }
    text.push_str(after(raw, done));
    Cow::Owned(text)
}

/// Whether a sign of assignment or a backslash is escaped in a text, as writers do it that go by the format.
pub(super) fn has_escapes(text: &str) -> bool {
    let mut places = memchr_iter(b'\\', text.as_bytes());
    places.any(|place| matches!(text.as_bytes().get(place + 1), Some(b'=' | b'\\')))
}

/// A value as it is written.
pub(super) fn value(raw: &str) -> Field<'_> {
    let shape = if memchr(b'\\', raw.as_bytes()).is_some() { Shape::Cef } else { Shape::Text };
    Field { raw, shape }
}

/// The pairs of an extension, one after the other.
#[derive(Clone)]
struct Pairs<'a> {
    text: &'a str,
    /// Where the next pair's key begins, and its value.
    next: Option<(usize, usize)>,
}

impl<'a> Pairs<'a> {
    /// Those of a text, which may begin with something else.
    fn of(text: &'a str) -> Self {
        let start = skip_blanks(text.as_bytes(), 0);
        let next = match key_at(text, start) {
            Some(behind) => Some((start, behind)),
            None => next_key(text, start).1,
        };
        Self { text, next }
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Pair<'a>;

    fn next(&mut self) -> Option<Pair<'a>> {
        let (start, behind) = self.next?;
        let (end, next) = next_key(self.text, behind);
        self.next = next;
        let key = slice(self.text, start, behind - 1);
        Some(Pair { key, value: value(trim(slice(self.text, behind, end))) })
    }
}

/// The first blank from `at` on that a key follows, and where that key begins and its value; else the end of the text.
fn next_key(text: &str, at: usize) -> (usize, Option<(usize, usize)>) {
    let bytes = text.as_bytes();
    let mut from = at;
    while let Some(hit) = bytes.get(from..).and_then(find_blank) {
        let blank = from + hit;
        from = skip_blanks(bytes, blank);
        if let Some(behind) = key_at(text, from) {
            return (blank, Some((from, behind)));
        }
    }
    (text.len(), None)
}

/// If a key and `=` stand at `at`, the byte behind them.
fn key_at(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    if !bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
        return None;
    }
    let end = skip_while(bytes, at, is_part_of_key);
    (bytes.get(end) == Some(&b'=')).then_some(end + 1)
}

#[cfg(test)]
mod tests;
