//! Named parts of a record, as `key-value`, `pairs`, `csv`, `cef` and `leef` share them: keys, and what their values are read by.

use smallvec::SmallVec;
use xdr_model::pattern::{ByteSet, Captures, Pattern, Target, first_of, taken_whole};

use crate::field::{Fault, Field, Fill, Name};
use crate::format::put;
use crate::lookup::{self, Lookup};
use crate::record::Scratch;

/// A key of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Its spelling.
    pub name: &'static str,
    /// What becomes of its value.
    pub value: Values,
}

/// What becomes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Values {
    /// The whole value goes there.
    Whole(Target<'static>),
    /// The first pattern that matches the whole value takes it apart.
    Patterns(&'static [Pattern<'static>]),
}

/// The table of keys, for [`Lookup::of`].
///
/// # Panics
/// While the generated module is compiled, if `SLOTS` is no power of two or too small.
#[expect(clippy::indexing_slicing, reason = "runs in the compiler; the index is below the length")]
pub const fn table<const SLOTS: usize>(keys: &[Key]) -> [u16; SLOTS] {
    let mut slots = lookup::empty(keys.len());
    let mut index = 0;
    while index < keys.len() {
        lookup::insert(&mut slots, keys[index].name, index);
        index += 1;
    }
    slots
}

/// The first bytes of keys: a bit for each of ASCII, and all bits if one begins otherwise.
#[expect(clippy::indexing_slicing, reason = "runs in the compiler; the index is below the length")]
pub const fn heads(keys: &[Key]) -> ByteSet {
    let (mut set, mut index) = (ByteSet { ascii: 0, wide: true }, 0);
    while index < keys.len() {
        match keys[index].name.as_bytes().first() {
            Some(byte) if *byte < 128 => set.ascii |= 1 << *byte,
            _ => set.ascii = u128::MAX,
        }
        index += 1;
    }
    set
}

/// The reason of a fault: a key that occurs again; the first one holds.
pub(crate) const REPEATED: &str = "repeated key";

/// The reason of a fault: a value that none of its templates reads.
pub(super) const MISMATCH: &str = "does not match its template";

/// The reason of a fault: a value that should be handed on to the next step, as one before it was; that one holds.
pub(super) const HANDED: &str = "a text was handed on already";

/// How many unlisted keys are watched for repetitions. A record of one source has some dozens at most; the limit keeps
/// the time linear in what an enemy may write.
const WATCHED: usize = 32;

/// The keys that occurred and that no table lists.
#[derive(Debug, Default)]
pub(super) struct Unlisted<'a>(SmallVec<[&'a str; WATCHED]>);

impl<'a> Unlisted<'a> {
    /// Keeps the value of an unlisted key under that, or reports that the key is a repeated one.
    pub(super) fn give(&mut self, key: Field<'a>, value: Field<'a>, fill: &mut impl Fill<'a>) {
        let name = Name::below("", key);
        if self.0.contains(&key.raw) {
            return fill.fault(Fault { name, value, reason: REPEATED });
        }
        if self.0.len() < WATCHED {
            self.0.push(key.raw);
        }
        fill.extra(name, value);
    }
}

/// The index of the entry of this name. The one at `next`, the place behind the last hit, is looked at first, because records
/// print their keys mostly in one order; `next` is moved behind this hit.
pub(super) fn find<T>(
    table: &[T],
    lookup: &Lookup,
    next: &mut usize,
    name: &str,
    name_of: impl Fn(&T) -> &str,
) -> Option<usize> {
    let found = match table.get(*next) {
        Some(entry) if name_of(entry) == name => *next,
        _ => lookup.find(table, name, name_of)?,
    };
    *next = found + 1;
    Some(found)
}

/// Reads the value of a listed key, or reports that the key is a repeated one.
#[inline]
pub(super) fn value<'a>(fill: &mut impl Fill<'a>, key: &'static Key, first: bool, text: &'a str) {
    match key.value {
        Values::Whole(Target::Field(slot)) if first && !fill.holds_another(slot, text) => {
            fill.field(slot, Field::text(text));
        }
        _ => other_value(fill, key, first, text),
    }
}

/// Out of the way of values that are their field's, which most are.
#[inline(never)]
fn other_value<'a>(fill: &mut impl Fill<'a>, key: &'static Key, first: bool, text: &'a str) {
    let name = Name::known(key.name);
    let field = Field::text(text);
    if !first {
        return fill.fault(Fault { name, value: field, reason: REPEATED });
    }
    match key.value {
        // Keys of one meaning may stand beside each other: the first fills the field, the others are kept under their names.
        Values::Whole(Target::Field(slot)) if fill.holds_another(slot, text) => fill.extra(name, field),
        Values::Whole(target) => give(fill, &target, name, text),
        Values::Patterns(patterns) => {
            if let Some((target, text)) = taken_whole(patterns, text) {
                return give(fill, target, name, text);
            }
            let mut captures = Captures::new();
            if first_of(patterns, |pattern| pattern, text, &mut captures).is_some() {
                return captures.each(|target, text| give(fill, target, name, text));
            }
            fill.extra(name, field);
            // Nothing is wrong with a key that has no value.
            if !text.is_empty() {
                fill.fault(Fault { name, value: field, reason: MISMATCH });
            }
        }
    }
}

/// Sends a text where its target says, or reports that the next step has another one to read.
fn give<'a>(fill: &mut impl Fill<'a>, target: &Target<'static>, name: Name<'a>, text: &'a str) {
    if !put(fill, target, text) {
        fill.fault(Fault { name, value: Field::text(text), reason: HANDED });
    }
}

/// As [`value`], for a value that holds escapes.
pub(super) fn escaped<'a>(
    fill: &mut impl Fill<'a>,
    scratch: &'a Scratch,
    key: &'static Key,
    first: bool,
    field: Field<'a>,
) {
    let name = Name::known(key.name);
    match key.value {
        _ if !first => fill.fault(Fault { name, value: field, reason: REPEATED }),
        Values::Whole(Target::Field(slot)) if fill.holds_another(slot, field.raw) => fill.extra(name, field),
        Values::Whole(Target::Field(slot)) => fill.field(slot, field),
        Values::Whole(Target::Extra(name)) => fill.extra(Name::known(name), field),
        // Templates and further steps read what the text stands for.
        _ => value(fill, key, true, scratch.keep(&field.decoded())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_goes_on_where_it_was_and_wraps() {
        let mut next = 0;
        let mut place = |name| find(&["a", "b", "c"], &Lookup::LINEAR, &mut next, name, |known| known);
        assert_eq!(
            [place("b"), place("c"), place("a"), place("x"), place("c")],
            [Some(1), Some(2), Some(0), None, Some(2)]
        );
    }
}
