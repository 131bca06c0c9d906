//! A [`Fill`] for tests: remembers everything it is given.

use crate::field::{Fault, Field, Fill, Name, Undo};

/// What a format found, in the order in which it found it.
#[derive(Debug, Default)]
pub(crate) struct Sink<'a> {
    pub(crate) fields: Vec<(u16, Field<'a>)>,
    pub(crate) extras: Vec<(String, Field<'a>)>,
    pub(crate) faults: Vec<(String, Field<'a>, &'static str)>,
    pub(crate) hands: Vec<&'a str>,
}

impl<'a> Sink<'a> {
    /// The text that holds for this field: the first.
    pub(crate) fn field(&self, slot: u16) -> Option<&'a str> {
        self.fields.iter().find(|(number, _)| *number == slot).map(|(_, field)| field.raw)
    }

    /// The first extra of this name.
    pub(crate) fn extra(&self, name: &str) -> Option<&'a str> {
        self.extras.iter().find(|(known, _)| known == name).map(|(_, field)| field.raw)
    }

    /// All extras as `name=text`.
    pub(crate) fn extras(&self) -> Vec<String> {
        self.extras.iter().map(|(name, field)| format!("{name}={}", field.raw)).collect()
    }

    /// All faults as `name: reason`.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.faults.iter().map(|(name, _, reason)| format!("{name}: {reason}")).collect()
    }

    /// Panics unless every piece lies inside `text`.
    pub(crate) fn assert_inside(&self, text: &str) {
        let pieces = self.fields.iter().map(|(_, field)| field.raw);
        let pieces = pieces.chain(self.extras.iter().map(|(_, field)| field.raw));
        let pieces = pieces.chain(self.faults.iter().map(|(_, field, _)| field.raw));
        for piece in pieces.chain(self.hands.iter().copied()) {
            assert_inside(text, piece);
        }
    }
}

/// Panics unless `piece` is a slice of `text`.
pub(crate) fn assert_inside(text: &str, piece: &str) {
    let (outer, inner) = (text.as_bytes().as_ptr_range(), piece.as_bytes().as_ptr_range());
    assert!(outer.start <= inner.start && inner.end <= outer.end, "{piece:?} is no slice of {text:?}");
}

impl<'a> Fill<'a> for Sink<'a> {
    fn field(&mut self, slot: u16, field: Field<'a>) {
        self.fields.push((slot, field));
    }

    fn holds_another(&self, slot: u16, text: &str) -> bool {
        self.fields.iter().any(|(filled, field)| *filled == slot && field.raw != text)
    }

    fn further(&mut self, slot: u16, field: Field<'a>) {
        self.fields.push((slot, field));
    }

    fn extra(&mut self, name: Name<'a>, field: Field<'a>) {
        self.extras.push((spelled(name), field));
    }

    fn fault(&mut self, fault: Fault<'a>) {
        self.faults.push((spelled(fault.name), fault.value, fault.reason));
    }

    fn hand(&mut self, text: &'a str) -> bool {
        self.hands.push(text);
        self.hands.len() == 1
    }
}

impl Undo for Sink<'_> {
    type Mark = [usize; 4];

    fn mark(&self) -> [usize; 4] {
        [self.fields.len(), self.extras.len(), self.faults.len(), self.hands.len()]
    }

    fn undo(&mut self, mark: &[usize; 4]) {
        let [fields, extras, faults, hands] = *mark;
        self.fields.truncate(fields);
        self.extras.truncate(extras);
        self.faults.truncate(faults);
        self.hands.truncate(hands);
    }
}

fn spelled(name: Name<'_>) -> String {
    match (name.known, &*name.key.decoded()) {
        (known, "") => known.to_owned(),
        ("", key) => key.to_owned(),
        (known, key) => format!("{known}.{key}"),
    }
}
