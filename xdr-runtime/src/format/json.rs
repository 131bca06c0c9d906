//! JSON records: one object, its members found by their paths.
//!
//! A reader of its own, because fields borrow from the record: strings keep their escapes, numbers their digits, arrays and
//! objects their text. Fields are filled while the text is checked against RFC 8259; a record that is refused leaves no traces,
//! because what was filled is undone. Nesting is limited to [`DEPTH`] levels.

mod check;
mod embedded;
mod scan;
mod string;
mod tree;
mod within;

use std::borrow::Cow;
#[cfg(feature = "columns")]
use xdr_model::write::Buffer;
use xdr_model::write::Output;

use crate::field::{Field, Fill, Name, Shape, Undo};
use crate::format::Miss;
use crate::lookup::{self, Lookup};
use check::Check;
pub use check::DEPTH;
pub(crate) use embedded::{AROUND, embedded};
use scan::{Elements, Members, field};
pub use within::Holders;
pub(crate) use within::within;

/// A place in the tree of paths that a spec reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// The key, unescaped.
    pub key: &'static str,
    /// The key as most records have it, which need no escape: in quotes, and with the colon behind it.
    pub quoted: &'static str,
    /// The field that gets the value.
    pub slot: Option<u16>,
    /// Paths that go on from here; then an object is taken apart, and an array if `choose` says which element speaks.
    pub children: &'static [Node],
    /// Where the children's keys stand.
    pub lookup: Lookup,
    /// Which element of an array of objects speaks.
    pub choose: Choose,
    /// The path of this place, for what is kept without a field; empty at the root.
    pub name: &'static str,
}

/// The table of the keys of a node's children, for [`Lookup::of`].
///
/// # Panics
/// While the generated module is compiled, if `SLOTS` is no power of two or too small.
#[expect(clippy::indexing_slicing, reason = "runs in the compiler; the index is below the length")]
pub const fn table<const SLOTS: usize>(children: &[Node]) -> [u16; SLOTS] {
    let mut slots = lookup::empty(children.len());
    let mut index = 0;
    while index < children.len() {
        lookup::insert(&mut slots, children[index].key, index);
        index += 1;
    }
    slots
}

/// Which element of an array speaks for the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Choose {
    /// The array is not taken apart.
    None,
    /// The first.
    First,
    /// The one in which this key has the highest number; of several the first. No number is lower than any.
    Highest(&'static str),
    /// All of them, each as a member of an object: under the value of this key. Of several with one value the first speaks.
    By(&'static str),
    /// All of them: a field below has a value for each element that has one.
    Each,
}

/// How a spec reads JSON records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Json {
    /// The record itself.
    pub root: Node,
    /// Paths under which the record may be wrapped. The first that leads to an object counts.
    pub envelopes: &'static [&'static [&'static str]],
    /// The key by which an object is known to be a record, if there is one: an object that has it wraps no other, and of several that may be
    /// wrapped the first that has it counts before those that have not.
    pub key: Option<&'static str>,
}

/// Reads `text`, one JSON object, and fills the fields of the tree. Members that no path names are extras; a repeated key that
/// one names is a fault, and its first value holds. `null` fills nothing.
///
/// # Errors
/// The first byte that is not as JSON wants it; then nothing has been filled.
pub fn read<'a, F: Fill<'a> + Undo>(json: &Json, text: &'a str, fill: &mut F) -> Result<(), Miss> {
    let before = fill.mark();
    match whole(json, text, fill) {
        Ok(false) => Ok(()),
        Ok(true) => {
            if let Some((path, record)) = inside(json, text) {
                fill.undo(&before);
                outer(text, path, fill);
                // The record was checked with the whole text.
                let _ =
                    tree::read(Check::of(record), fill, |reader| reader.object(&json.root, 0, false, &[]));
            }
            Ok(())
        }
        Err(miss) => {
            fill.undo(&before);
            Err(miss)
        }
    }
}

/// The record that `text` wraps, and the path to it.
fn inside<'a>(json: &Json, text: &'a str) -> Option<(&'static [&'static str], &'a str)> {
    let is_record = |text| json.key.is_some_and(|key| is_record(text, key));
    if is_record(text) {
        return None;
    }
    let held = || json.envelopes.iter().filter_map(|path| Some((*path, wrapped(text, path)?)));
    held().find(|(_, record)| is_record(record)).or_else(|| held().next())
}

/// Whether the object `text` has the member `key`, as records do. An object under it is not theirs: shippers have one of the same name.
fn is_record(text: &str, key: &str) -> bool {
    Members::of(text).any(|(name, value)| value.shape != Shape::Object && is_key(name, key))
}

/// Reads the whole text as if nothing was wrapped around the record; whether an object in it is one that may wrap a record.
fn whole<'a>(json: &Json, text: &'a str, fill: &mut impl Fill<'a>) -> Result<bool, Miss> {
    tree::read(Check::of(text), fill, |reader| {
        reader.record(&json.root, json.envelopes).ok_or_else(|| reader.check.reason())
    })
}

/// The text without escapes, as the inside of a JSON string means it. Borrows if there are none. A lone surrogate becomes
/// U+FFFD; what is no escape of JSON stays as it is.
pub fn unescape(raw: &str) -> Cow<'_, str> {
    string::unescape(raw)
}

/// As [`unescape`], appended to `out`.
#[cfg(feature = "columns")]
pub(crate) fn unescape_to(out: &mut Buffer<'_>, raw: &str) {
    string::unescape_to(out, raw);
}

/// Whether the inside of a JSON string, which holds escapes, is written as this program would write it.
pub(crate) fn is_canonical(raw: &str) -> bool {
    string::is_canonical(raw)
}

/// Whether an array or object holds nothing: `[]`, `{}`, or an array of nothing but `""` and `null`.
pub fn is_empty(raw: &str) -> bool {
    match raw.trim_start_matches(scan::BLANKS).bytes().next() {
        Some(b'{') => Members::of(raw).next().is_none(),
        Some(b'[') => Elements::of(raw).all(|element| matches!(element, "\"\"" | "null")),
        _ => false,
    }
}

/// The members of a JSON array; `null` is an absent field. A text that is no array has none.
pub fn elements(raw: &str) -> impl Iterator<Item = Field<'_>> {
    Elements::of(raw).map(field)
}

/// If a line is an array, the texts of its members, each a record of its own. They are not checked yet; what follows a
/// damaged array is one more of them, so that it is refused where it is read instead of being lost.
pub fn records(line: &str) -> Option<impl Iterator<Item = &str>> {
    let line = line.trim_matches(scan::BLANKS);
    line.starts_with('[').then(|| Elements::with_rest(line))
}

/// If a line is an object of an array that is written with one object a line, the text of that object: without the comma or bracket behind it.
pub fn listed(line: &str) -> Option<&str> {
    let line = line.trim_matches(scan::BLANKS);
    let behind = line.strip_suffix([',', ']'])?;
    let object = behind.trim_end_matches(scan::BLANKS);
    is_object(object).then_some(object)
}

/// Whether the text is one JSON object, as strictly as [`read`] takes it.
pub(crate) fn is_object(text: &str) -> bool {
    let mut check = Check::of(text);
    check.blanks();
    check.peek() == Some(b'{') && check.value(0).is_some() && check.end().is_some()
}

/// Whether the text is one JSON string, quotes included.
pub(crate) fn is_string(text: &str) -> bool {
    check::is_string(text)
}

/// Appends an array or object without the blanks between its tokens; numbers as [`number`] has them.
pub fn compact(out: &mut impl Output, raw: &str) {
    scan::compact(out, raw);
}

/// Appends a JSON number; as a string if it is beyond what readers of JSON hold, such as `1e999`.
pub fn number(out: &mut impl Output, raw: &str) {
    scan::number(out, raw);
}

/// The text of the object at the end of a path of keys.
fn wrapped<'a>(text: &'a str, path: &[&str]) -> Option<&'a str> {
    let mut inside = Field { raw: text, shape: Shape::Object };
    for key in path {
        let object = Some(inside).filter(|field| field.shape == Shape::Object)?;
        inside = Members::of(object.raw).find(|(name, _)| is_key(*name, key))?.1;
    }
    (inside.shape == Shape::Object).then_some(inside.raw)
}

/// Keeps what stands beside a wrapped record, named by the key of the object that it stands in.
fn outer<'a>(text: &'a str, path: &'static [&'static str], fill: &mut impl Fill<'a>) {
    let mut known = "";
    let mut inside = Some(text);
    for key in path {
        inside = inside.and_then(|text| beside(text, known, key, fill));
        known = key;
    }
}

/// Keeps all members but the first of this key, and gives the text of that one.
fn beside<'a>(text: &'a str, known: &'static str, key: &str, fill: &mut impl Fill<'a>) -> Option<&'a str> {
    let mut entered = None;
    for (name, value) in Members::of(text) {
        if entered.is_none() && is_key(name, key) {
            entered = Some(value.raw);
        } else {
            fill.extra(Name::below(known, name), value);
        }
    }
    entered
}

/// The number that a JSON number or a string of digits says.
fn score(value: Field<'_>) -> Option<f64> {
    let text = value.decoded();
    // Words such as `inf` and `nan`, which Rust reads as numbers, are none here.
    let is_digital = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    text.parse().ok().filter(|_| is_digital)
}

#[inline]
fn is_key(key: Field<'_>, name: &str) -> bool {
    match key.shape {
        Shape::Escaped => unescape(key.raw) == name,
        _ => key.raw == name,
    }
}

#[cfg(test)]
mod tests;
