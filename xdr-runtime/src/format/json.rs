//! JSON records: one object, its members found by their paths.
//!
//! A reader of its own, because fields borrow from the record: strings keep their escapes, numbers their digits, arrays and
//! objects their text. The whole text is checked against RFC 8259 before anything is filled, so a record that is refused
//! leaves no traces. Nesting is limited to [`DEPTH`] levels.

mod scan;
mod string;

use std::borrow::Cow;
use xdr_model::write::Output;

use crate::field::{Fault, Field, Fill, Name, Shape};
use crate::format::Miss;
use crate::format::part::{REPEATED, Seen, find};

use crate::lookup::{self, Lookup};
pub use scan::DEPTH;
use scan::{Elements, Entries, Entry, List, Members, field};

/// A place in the tree of paths that a spec reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// The key, unescaped.
    pub key: &'static str,
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
}

/// Reads `text`, one JSON object, and fills the fields of the tree. Members that no path names are extras; a repeated key that
/// one names is a fault, and its first value holds. `null` fills nothing.
///
/// # Errors
/// The first byte that is not as JSON wants it; then nothing has been filled.
pub fn read<'a>(json: &Json, text: &'a str, fill: &mut impl Fill<'a>) -> Result<(), Miss> {
    let mut members = List::new();
    scan::object(text, &mut members)?;
    match json.envelopes.iter().find_map(|path| Some((*path, wrapped(&members, path)?))) {
        Some((path, record)) => {
            outer(&members, path, fill);
            object(&json.root, record, false, fill);
        }
        None => object(&json.root, &members, false, fill),
    }
    Ok(())
}

/// The text without escapes, as the inside of a JSON string means it. Borrows if there are none. A lone surrogate becomes
/// U+FFFD; what is no escape of JSON stays as it is.
pub fn unescape(raw: &str) -> Cow<'_, str> {
    string::unescape(raw)
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

/// Whether the text is one JSON string, quotes included.
pub(crate) fn is_string(text: &str) -> bool {
    scan::is_string(text)
}

/// Appends an array or object without the blanks between its tokens; numbers as [`number`] has them.
pub fn compact(out: &mut impl Output, raw: &str) {
    scan::compact(out, raw);
}

/// Appends a JSON number; as a string if it is beyond what readers of JSON hold, such as `1e999`.
pub fn number(out: &mut impl Output, raw: &str) {
    scan::number(out, raw);
}

/// The members of the object at the end of a path of keys.
fn wrapped<'l, 'a>(members: &'l [Entry<'a>], path: &[&str]) -> Option<&'l [Entry<'a>]> {
    let mut inside = (Shape::Object, members);
    for key in path {
        let (_, value, members) = Entries(inside.1).find(|(name, ..)| is_key(*name, key))?;
        inside = (value.shape, members);
    }
    (inside.0 == Shape::Object).then_some(inside.1)
}

/// Keeps what stands beside a wrapped record, named by the key of the object that it stands in.
fn outer<'a>(members: &[Entry<'a>], path: &'static [&'static str], fill: &mut impl Fill<'a>) {
    let mut known = "";
    let mut inside = Some(members);
    for key in path {
        inside = inside.and_then(|members| beside(members, known, key, fill));
        known = key;
    }
}

/// Keeps all members but the first of this key, and gives what is inside it.
fn beside<'l, 'a>(
    members: &'l [Entry<'a>],
    known: &'static str,
    key: &str,
    fill: &mut impl Fill<'a>,
) -> Option<&'l [Entry<'a>]> {
    let mut entered = None;
    for (name, value, inside) in Entries(members) {
        if entered.is_none() && is_key(name, key) {
            entered = Some(inside);
        } else {
            fill.extra(Name::below(known, name), value);
        }
    }
    entered
}

/// `each`: this is one of several objects of an array, all of which count.
fn object<'a>(node: &Node, members: &[Entry<'a>], each: bool, fill: &mut impl Fill<'a>) {
    let mut seen = Seen::none_of(node.children.len());
    let mut next = 0;
    for (key, value, inside) in Entries(members) {
        let found = match key.shape {
            Shape::Escaped => find(node.children, &node.lookup, &mut next, &key.decoded(), |child| child.key),
            _ => find(node.children, &node.lookup, &mut next, key.raw, |child| child.key),
        };
        match found.and_then(|index| Some((index, node.children.get(index)?))) {
            Some((index, child)) if seen.first(index) => place(child, value, inside, each, fill),
            Some((_, child)) => {
                fill.fault(Fault { name: Name::known(child.name), value, reason: REPEATED });
            }
            None => fill.extra(Name::below(node.name, key), value),
        }
    }
}

/// `inside`: what is inside the value.
fn place<'a>(node: &Node, value: Field<'a>, inside: &[Entry<'a>], each: bool, fill: &mut impl Fill<'a>) {
    match (value.shape, node.choose) {
        (Shape::Absent, _) => {}
        (Shape::Object, _) if !node.children.is_empty() => object(node, inside, each, fill),
        (Shape::Array, Choose::By(key)) => by(node, value, inside, key, each, fill),
        (Shape::Array, Choose::First | Choose::Highest(_) | Choose::Each) => {
            array(node, value, inside, each, fill);
        }
        _ => whole(node, value, each, fill),
    }
}

fn whole<'a>(node: &Node, value: Field<'a>, each: bool, fill: &mut impl Fill<'a>) {
    match node.slot {
        Some(slot) if each => fill.further(slot, value),
        Some(slot) => fill.field(slot, value),
        None => fill.extra(Name::known(node.name), value),
    }
}

/// Reads the elements that speak; the others are kept under the array's name.
fn array<'a>(node: &Node, value: Field<'a>, elements: &[Entry<'a>], each: bool, fill: &mut impl Fill<'a>) {
    let chosen = match node.choose {
        Choose::Highest(key) => highest(elements, key),
        Choose::None | Choose::First | Choose::By(_) | Choose::Each => 0,
    };
    let all = node.choose == Choose::Each;
    if elements.is_empty() {
        whole(node, value, each, fill);
    }
    for (index, (_, element, inside)) in Entries(elements).enumerate() {
        if index != chosen && !all {
            fill.extra(Name::known(node.name), element);
        } else if element.shape == Shape::Object && !node.children.is_empty() {
            object(node, inside, each || all, fill);
        } else {
            whole(node, element, each || all, fill);
        }
    }
}

/// Reads the elements as members of an object, each under the value that it has for `key`; what no path names is kept under the array's name.
fn by<'a>(
    node: &Node,
    value: Field<'a>,
    elements: &[Entry<'a>],
    key: &str,
    each: bool,
    fill: &mut impl Fill<'a>,
) {
    if elements.is_empty() {
        whole(node, value, each, fill);
    }
    let mut seen = Seen::none_of(node.children.len());
    let mut next = 0;
    for (_, element, inside) in Entries(elements) {
        let members = if element.shape == Shape::Object { inside } else { &[] };
        let named = Entries(members).find(|(name, ..)| is_key(*name, key));
        let found = named.and_then(|(_, named, _)| {
            find(node.children, &node.lookup, &mut next, &named.decoded(), |child| child.key)
        });
        match found.and_then(|index| Some((index, node.children.get(index)?))) {
            Some((index, child)) if seen.first(index) => place(child, element, inside, each, fill),
            _ => fill.extra(Name::known(node.name), element),
        }
    }
}

/// The index of the element in which `key` has the highest number.
fn highest(elements: &[Entry<'_>], key: &str) -> usize {
    let mut best: (usize, Option<f64>) = (0, None);
    for (index, (_, element, inside)) in Entries(elements).enumerate() {
        let members = if element.shape == Shape::Object { inside } else { &[] };
        let value =
            Entries(members).find(|(name, ..)| is_key(*name, key)).and_then(|(_, value, _)| score(value));
        if value > best.1 {
            best = (index, value);
        }
    }
    best.0
}

/// The number that a JSON number or a string of digits says.
fn score(value: Field<'_>) -> Option<f64> {
    let text = value.decoded();
    // Words such as `inf` and `nan`, which Rust reads as numbers, are none here.
    let is_digital = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    text.parse().ok().filter(|_| is_digital)
}

fn is_key(key: Field<'_>, name: &str) -> bool {
    match key.shape {
        Shape::Escaped => unescape(key.raw) == name,
        _ => key.raw == name,
    }
}

#[cfg(test)]
mod tests;
