//! The messages that a text without a key may belong to, in an effort that does not grow with their number: most templates begin
//! with a word, and only those that begin as the text does are tried.

use std::iter;

/// Messages in the order in which their templates are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Texts {
    /// Indices of the messages, in that order.
    pub order: &'static [u16],
    /// The first four bytes of templates, and the places in `order` of their messages, sorted.
    pub heads: &'static [([u8; 4], u16)],
    /// The places in `order` of messages of which a template does not begin with four bytes that are always the same, sorted.
    pub open: &'static [u16],
}

impl Texts {
    /// The indices of the messages of which a template may match a text, in order.
    pub(super) fn candidates(&self, text: &str) -> impl Iterator<Item = usize> {
        let head = text.as_bytes().first_chunk::<4>();
        let alike = head.map_or(&[][..], |head| {
            let first = self.heads.partition_point(|(known, _)| known < head);
            let rest = self.heads.get(first..).unwrap_or_default();
            rest.get(..rest.partition_point(|(known, _)| known == head)).unwrap_or_default()
        });
        let mut alike = alike.iter().map(|(_, place)| *place).peekable();
        let mut open = self.open.iter().copied().peekable();
        let places = iter::from_fn(move || match (alike.peek(), open.peek()) {
            (Some(one), Some(other)) if other < one => open.next(),
            (Some(_), _) => alike.next(),
            (None, _) => open.next(),
        });
        places.filter_map(|place| self.order.get(usize::from(place)).map(|index| usize::from(*index)))
    }
}

#[cfg(test)]
mod tests {
    use super::Texts;

    #[test]
    fn only_messages_that_begin_so_are_tried_in_their_order() {
        const HEADS: [([u8; 4], u16); 3] = [(*b"Buil", 0), (*b"Buil", 3), (*b"Deny", 1)];
        let texts = Texts { order: &[7, 5, 9, 2], heads: &HEADS, open: &[2] };
        let candidates = |text| texts.candidates(text).collect::<Vec<_>>();
        assert_eq!(candidates("Built inbound"), [7, 9, 2]);
        assert_eq!(candidates("Deny tcp"), [5, 9]);
        assert_eq!(candidates("Other"), [9]);
        assert_eq!(candidates("Bui"), [9]);
    }
}
