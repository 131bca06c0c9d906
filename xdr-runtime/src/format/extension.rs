//! The pairs of CEF and LEEF, once their formats have cut them: keys that a spec lists, keys that it does not, and labels.
//!
//! Both formats have keys without a meaning of their own, such as `cs1`, whose name is the value of another pair, `cs1Label`. A spec may
//! ask for those names: then `cs1` is read as if its key were the label.

use smallvec::SmallVec;

use crate::field::{Fault, Field, Fill, Name};
use crate::format::part::{Key, REPEATED, Unlisted, escaped, find, value};
use crate::format::seen::Seen;
use crate::lookup::Lookup;
use crate::record::Scratch;

/// A pair as it stands in the record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'a> {
    pub(super) key: &'a str,
    pub(super) value: Field<'a>,
}

/// What a spec says of the pairs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extension {
    pub(super) keys: &'static [Key],
    pub(super) lookup: Lookup,
    pub(super) labels: bool,
}

/// How many labels a record may have. Beyond that keys keep their own names, so that the time stays linear in the record's length.
const LABELLED: usize = 32;

/// A label: its own key, the key that it names, and whether pairs with these keys have come.
struct Label<'a> {
    own: &'a str,
    key: &'a str,
    text: Field<'a>,
    named: bool,
    passed: bool,
}

type Labels<'a> = SmallVec<[Label<'a>; 8]>;

impl Extension {
    /// Reads the pairs, which are gone through twice if there are labels. A repeated key is a fault, and its first value holds.
    pub(super) fn read<'a, F: Fill<'a>>(
        &self,
        pairs: impl Iterator<Item = Pair<'a>> + Clone,
        scratch: &'a Scratch,
        fill: &mut F,
    ) {
        let mut labels = if self.labels { labels(pairs.clone()) } else { Labels::new() };
        let mut read = Read {
            extension: self,
            seen: Seen::default(),
            unlisted: Unlisted::default(),
            next: 0,
            scratch,
            fill,
        };
        for Pair { key, value } in pairs {
            if let Some(label) = labels.iter_mut().find(|label| label.key == key) {
                label.named = true;
                read.give(label.text, value);
            } else if let Some(label) =
                stem(key).and_then(|stem| labels.iter_mut().find(|label| label.key == stem))
            {
                if label.passed {
                    let name = Name::below("", Field::text(key));
                    read.fill.fault(Fault { name, value, reason: REPEATED });
                }
                label.passed = true;
            } else {
                read.give(Field::text(key), value);
            }
        }
        // A label that names nothing is kept. No spec lists its key: the compiler sees to that.
        for label in labels.iter().filter(|label| !label.named) {
            let name = Name::below("", Field::text(label.own));
            read.fill.extra(name, label.text);
        }
    }
}

/// The labels of a record that are not empty; of a repeated one the first.
fn labels<'a>(pairs: impl Iterator<Item = Pair<'a>>) -> Labels<'a> {
    let mut labels = Labels::new();
    for Pair { key, value } in pairs {
        let Some(stem) = stem(key) else { continue };
        if labels.len() < LABELLED && !value.raw.is_empty() && labels.iter().all(|label| label.key != stem) {
            labels.push(Label { own: key, key: stem, text: value, named: false, passed: false });
        }
    }
    labels
}

/// The key that a key of a label names: one that ends in a digit, as `cs1`, `cn2` and `deviceCustomDate1` do.
pub(super) fn stem(key: &str) -> Option<&str> {
    let stem = key.strip_suffix("Label")?;
    stem.as_bytes().last().filter(|byte| byte.is_ascii_digit()).map(|_| stem)
}

/// One record's pairs on their way.
struct Read<'r, 'a, F> {
    extension: &'r Extension,
    seen: Seen,
    unlisted: Unlisted<'a>,
    next: usize,
    scratch: &'a Scratch,
    fill: &'r mut F,
}

impl<'a, F: Fill<'a>> Read<'_, 'a, F> {
    fn give(&mut self, key: Field<'a>, field: Field<'a>) {
        let Extension { keys, lookup, .. } = self.extension;
        let index = find(keys, lookup, &mut self.next, &key.decoded(), |key| key.name);
        match index.and_then(|index| Some((index, keys.get(index)?))) {
            Some((index, key)) => {
                let first = self.seen.first(index);
                if field.is_escaped() {
                    escaped(self.fill, self.scratch, key, first, field);
                } else {
                    value(self.fill, key, first, field.raw);
                }
            }
            None => self.unlisted.give(key, field, self.fill),
        }
    }
}
