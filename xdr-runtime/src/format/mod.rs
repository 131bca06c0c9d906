//! Wire formats: each takes a text apart and hands the pieces to a [`Fill`].
//!
//! A format never judges values; it says where they are. Everything it gives away is a slice of the text, but for what CEF has to unescape
//! before it is taken apart further.
//! What a record does not have is not filled; what is there but empty is filled with empty text.

pub mod cef;
pub mod csv;
mod extension;
pub mod json;
pub mod key_value;
pub mod leef;
mod nested;
mod order;
pub mod pairs;
pub(crate) mod part;
mod seen;
#[cfg(test)]
mod sink;
pub mod syslog;
mod text;
pub mod wrap;

use xdr_model::pattern::Target;

use crate::field::{Field, Fill, Name};

/// Where a format gave up, and what it would have needed there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Miss {
    /// The byte of the text.
    pub at: usize,
    /// What was expected, in a few words.
    pub expected: &'static str,
}

impl std::fmt::Display for Miss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "expected {} at byte {}", self.expected, self.at)
    }
}

impl std::error::Error for Miss {}

/// Sends a text where its target says; `false` if it should be handed on, and another one was.
#[inline]
pub fn put<'a>(fill: &mut impl Fill<'a>, target: &Target<'static>, text: &'a str) -> bool {
    if let Target::Field(slot) = target {
        fill.field(*slot, Field::text(text));
        return true;
    }
    put_elsewhere(fill, target, text)
}

#[inline(never)]
fn put_elsewhere<'a>(fill: &mut impl Fill<'a>, target: &Target<'static>, text: &'a str) -> bool {
    match *target {
        Target::Field(slot) => fill.field(slot, Field::text(text)),
        Target::Extra(name) => fill.extra(Name::known(name), Field::text(text)),
        Target::Hand => return fill.hand(text),
        Target::FieldHand(slot) => {
            fill.field(slot, Field::text(text));
            return fill.hand(text);
        }
        Target::ExtraHand(name) => {
            fill.extra(Name::known(name), Field::text(text));
            return fill.hand(text);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::sink::Sink;

    #[test]
    fn a_target_may_be_a_field_and_the_next_text_at_once() {
        let mut sink = Sink::default();
        put(&mut sink, &Target::FieldHand(3), "a");
        put(&mut sink, &Target::ExtraHand("rest"), "b");
        put(&mut sink, &Target::Hand, "c");
        assert_eq!(sink.field(3), Some("a"));
        assert_eq!(sink.extra("rest"), Some("b"));
        assert_eq!(sink.hands, ["a", "b", "c"]);
    }

    #[test]
    fn a_miss_says_where_and_what() {
        assert_eq!(Miss { at: 4, expected: "a key" }.to_string(), "expected a key at byte 4");
    }
}
