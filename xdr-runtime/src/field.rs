//! A field of a record: a piece of its text and the form it is written in.
//!
//! Formats find fields, the mapper reads them. Nothing is copied here: a field borrows from the record's text and is
//! decoded only when a value is made of it.

use std::borrow::Cow;

use crate::format::{cef, json};

/// How the text of a field is written on the wire. As long as the other words of a field, so that a field has no padding and is copied in registers:
/// a byte that is stored and read back as part of a word makes the processor wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u64)]
pub enum Shape {
    /// There is no such field in the record.
    #[default]
    Absent,
    /// The text as it is.
    Text,
    /// The inside of a JSON string that holds escapes.
    Escaped,
    /// A value of CEF that holds escapes.
    Cef,
    /// A JSON number.
    Number,
    /// `true` or `false` of JSON.
    Boolean,
    /// A whole JSON array, brackets included.
    Array,
    /// A whole JSON object, braces included.
    Object,
}

/// A named piece of a record. `raw` is a slice of the record's text, or a constant of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Field<'a> {
    /// The text as written.
    pub raw: &'a str,
    /// How to read it.
    pub shape: Shape,
}

impl<'a> Field<'a> {
    /// A field that the record does not have.
    pub(crate) const ABSENT: Self = Self { raw: "", shape: Shape::Absent };

    /// A field of plain text.
    #[inline]
    pub const fn text(raw: &'a str) -> Self {
        Self { raw, shape: Shape::Text }
    }

    /// Whether the record has this field, be it empty.
    #[inline]
    pub fn is_present(self) -> bool {
        self.shape != Shape::Absent
    }

    /// Whether the field has something to say: it is present and neither empty text nor an empty array or object.
    #[inline]
    pub fn has_value(self) -> bool {
        match self.shape {
            Shape::Absent => false,
            Shape::Array | Shape::Object => !json::is_empty(self.raw),
            _ => !self.raw.is_empty(),
        }
    }

    /// Whether the text is what it stands for: a text without escapes, a number or a truth.
    #[inline]
    pub(crate) const fn is_plain(self) -> bool {
        matches!(self.shape, Shape::Text | Shape::Number | Shape::Boolean)
    }

    /// Whether the text holds escapes, so that it is not what it stands for.
    pub fn is_escaped(self) -> bool {
        matches!(self.shape, Shape::Escaped | Shape::Cef)
    }

    /// Whether two fields have the same text.
    pub(crate) fn says(self, other: Self) -> bool {
        let is_escaped = self.is_escaped() || other.is_escaped();
        if is_escaped { self.decoded() == other.decoded() } else { self.raw == other.raw }
    }

    /// The field's text, unescaped where it was escaped. Arrays and objects give their JSON.
    #[inline]
    pub fn decoded(self) -> Cow<'a, str> {
        match self.shape {
            Shape::Escaped => json::unescape(self.raw),
            Shape::Cef => cef::unescape(self.raw),
            _ => Cow::Borrowed(self.raw),
        }
    }
}

/// The name under which a field that no row maps travels: a path of the spec, or one extended by a key of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// What the spec knows of the name; empty at the top.
    pub known: &'static str,
    /// A key of the record, empty if the spec knows the whole name. Joined to `known` by a dot.
    pub key: Field<'a>,
}

impl<'a> Name<'a> {
    /// A name that stands in the spec.
    #[inline]
    pub const fn known(known: &'static str) -> Self {
        Self { known, key: Field { raw: "", shape: Shape::Absent } }
    }

    /// A key of the record below a path of the spec.
    #[inline]
    pub const fn below(known: &'static str, key: Field<'a>) -> Self {
        Self { known, key }
    }

    /// A number that names have in common if they are printed alike, and mostly not otherwise: their length, first and last byte.
    /// Not for keys with escapes.
    #[inline]
    pub(crate) fn print(&self) -> u32 {
        let (known, key) = (self.known.as_bytes(), self.key.raw.as_bytes());
        // Most have one part.
        let (length, first, last) = match (known, self.key.is_present()) {
            (_, false) => (known.len(), known.first(), known.last()),
            ([], true) => (key.len(), key.first(), key.last()),
            ([first, ..], true) => (known.len() + 1 + key.len(), Some(first), key.last().or(Some(&b'.'))),
        };
        let ends = [last, first].map(|byte| byte.copied().unwrap_or_default());
        u32::try_from(length).unwrap_or_default() << 16 ^ u32::from(u16::from_le_bytes(ends))
    }

    /// Whether two names are printed alike: what is a path in one place may be a key with a dot, or with an escape, in another.
    #[inline]
    pub(crate) fn is_written_as(&self, other: &Self) -> bool {
        if self.key.is_escaped() || other.key.is_escaped() {
            return self.to_string() == other.to_string();
        }
        self.bytes().eq(other.bytes())
    }

    /// The bytes of a name whose key has no escapes, as it is printed.
    fn bytes(&self) -> impl Iterator<Item = u8> {
        let dot = !self.known.is_empty() && self.key.is_present();
        self.known.bytes().chain(dot.then_some(b'.')).chain(self.key.raw.bytes())
    }
}

impl std::fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.known)?;
        if !self.known.is_empty() && self.key.is_present() {
            f.write_str(".")?;
        }
        f.write_str(&self.key.decoded())
    }
}

/// Something that was found while taking a record apart and that the user should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault<'a> {
    /// The field or key it is about.
    pub name: Name<'a>,
    /// The text that is at fault.
    pub value: Field<'a>,
    /// What is wrong, in a few words: `repeated key`.
    pub reason: &'static str,
}

/// Takes what a format finds in a record.
pub trait Fill<'a> {
    /// Fills the field with this number. A field that has a value already keeps it; another one is kept beside it.
    fn field(&mut self, slot: u16, field: Field<'a>);
    /// Whether the field with this number has a value that is another text.
    fn holds_another(&self, slot: u16, text: &str) -> bool {
        let _ = (slot, text);
        false
    }
    /// Adds a value to the field with this number, beside those that it has.
    fn further(&mut self, slot: u16, field: Field<'a>);
    /// Keeps a field that no row reads.
    fn extra(&mut self, name: Name<'a>, field: Field<'a>);
    /// Reports a fault of the record.
    fn fault(&mut self, fault: Fault<'a>);
    /// Hands a text on to the next step. The first one of a step holds: `false` if this is a further one, which is not taken.
    fn hand(&mut self, text: &'a str) -> bool;
}

/// What is filled can be taken back.
pub trait Undo {
    /// What was known at some moment.
    type Mark;
    /// What is known now.
    fn mark(&self) -> Self::Mark;
    /// Goes back to what was known then.
    fn undo(&mut self, mark: &Self::Mark);
}

#[cfg(test)]
mod tests {
    use super::{Field, Name, Shape};

    #[test]
    fn names_are_alike_if_they_are_printed_alike() {
        let key = |raw| Field::text(raw);
        let escaped = |raw| Field { raw, shape: Shape::Escaped };
        let path = Name::known("identity.own");
        for (other, alike) in [
            (Name::known("identity.own"), true),
            (Name::below("identity", key("own")), true),
            (Name::below("", key("identity.own")), true),
            (Name::below("identity", escaped("\\u006fwn")), true),
            (Name::below("", escaped("identity\\u002eown")), true),
            (Name::known("identity.owm"), false),
            (Name::below("identity.", key("own")), false),
            (Name::below("identity", key(".own")), false),
            (Name::below("identity", key("\\u006fwn")), false),
            (Name::below("", key("")), false),
        ] {
            assert_eq!((path.is_written_as(&other), other.is_written_as(&path)), (alike, alike), "{other}");
            if alike && other.key.shape != Shape::Escaped {
                assert_eq!(path.print(), other.print(), "{other}");
            }
        }
    }
}
