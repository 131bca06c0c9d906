//! Conditions on fields, and what was told of them.

use super::Mapper;
use crate::field::Field;
use crate::sink::Sink;

impl<'a, S: Sink<'a>, const N: usize> Mapper<'_, 'a, S, N> {
    /// Whether the field has one of these texts.
    #[inline]
    pub fn is(&self, slot: u16, texts: &[&str]) -> bool {
        self.has(slot) && self.is_one_of(slot, texts)
    }

    fn is_one_of(&self, slot: u16, texts: &[&str]) -> bool {
        let field = self.parts.slot(slot);
        if field.is_escaped() { is_among(field, texts) } else { texts.contains(&field.raw) }
    }

    /// Whether the field has a value.
    #[inline]
    pub fn present(&self, slot: u16) -> bool {
        self.has(slot) && self.parts.slot(slot).has_value()
    }

    /// Whether the field has no value.
    pub fn absent(&self, slot: u16) -> bool {
        !self.present(slot)
    }

    /// Whether the field has none of the texts that stand for "no value".
    #[inline]
    pub fn given(&self, slot: u16, none: &[&str]) -> bool {
        !self.has(slot) || !self.is(slot, none)
    }

    /// The field's text, for `by`; empty if it has none.
    pub fn peek(&self, slot: u16) -> &'a str {
        self.parts.plain(slot)
    }

    /// Marks a field as told elsewhere, such as a message's key.
    pub fn told(&mut self, slot: u16) {
        self.used.insert(slot);
    }

    pub(super) fn is_told(&self, slot: u16) -> bool {
        self.used.contains(slot)
    }

    /// Whether the record has this field, be it empty.
    #[inline]
    pub(super) fn has(&self, slot: u16) -> bool {
        self.parts.present.contains(slot)
    }
}

/// Whether the text of a field that holds escapes is one of these.
#[inline(never)]
fn is_among(field: Field<'_>, texts: &[&str]) -> bool {
    texts.contains(&&*field.decoded())
}
