//! The normalised result: tokens with typed values, and its JSON.

mod json;

use crate::token::tokens;
use crate::{Timestamp, Token, Value, write};
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use uuid::Uuid;

pub use json::EventError;

/// The tokens that a record gave, each with one value of its token's kind.
///
/// Sparse: a bitmap says which tokens are there, and the values stand in the schema's order.
///
/// ```
/// use xdr_model::{Event, Token, Value};
///
/// let mut event = Event::new();
/// event.insert(Token::SourceUser, Value::Text("kim".into()));
/// event.insert(Token::SourcePort, Value::Port(50188));
/// assert_eq!(event.source_user(), Some("kim"));
/// assert_eq!(event.to_json(), r#"{"sourcePort":50188,"sourceUser":"kim"}"#);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event<'a> {
    /// Bit `n % 64` of word `n / 64` stands for the token of index `n`.
    present: [u64; 2],
    /// As many as there are bits set.
    values: Vec<Value<'a>>,
}

impl<'a> Event<'a> {
    /// An event without tokens.
    pub const fn new() -> Self {
        Self { present: [0; 2], values: Vec::new() }
    }

    /// An event without tokens, with room for this many.
    pub fn with_capacity(tokens: usize) -> Self {
        Self { present: [0; 2], values: Vec::with_capacity(tokens) }
    }

    /// The value of a token.
    #[inline]
    pub fn get(&self, token: Token) -> Option<&Value<'a>> {
        if self.contains(token) { self.values.get(self.rank(token)) } else { None }
    }

    /// Whether the event has the token.
    #[inline]
    pub const fn contains(&self, token: Token) -> bool {
        let [low, high] = self.present;
        let bits = bit(token);
        (low & bits[0]) | (high & bits[1]) != 0
    }

    /// Sets a token, and gives the value that it had.
    ///
    /// The value is meant to be of the token's kind; one of another kind is kept, but no typed accessor shows it.
    pub fn insert(&mut self, token: Token, value: Value<'a>) -> Option<Value<'a>> {
        debug_assert_eq!(value.kind(), token.kind(), "value of another kind for `{token}`");
        let rank = self.rank(token);
        if self.contains(token) {
            return self.values.get_mut(rank).map(|old| std::mem::replace(old, value));
        }
        // The rank counts values that are there, so it cannot pass the end.
        self.values.insert(rank.min(self.values.len()), value);
        let [low, high] = bit(token);
        self.present = [self.present[0] | low, self.present[1] | high];
        None
    }

    /// Takes a token out, and gives the value that it had.
    pub fn remove(&mut self, token: Token) -> Option<Value<'a>> {
        let rank = self.rank(token);
        if !self.contains(token) || rank >= self.values.len() {
            return None;
        }
        let [low, high] = bit(token);
        self.present = [self.present[0] & !low, self.present[1] & !high];
        Some(self.values.remove(rank))
    }

    /// Takes everything out and keeps the room.
    pub fn clear(&mut self) {
        self.present = [0; 2];
        self.values.clear();
    }

    /// How many tokens the event has.
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether the event has no token.
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The tokens and their values, in the schema's order.
    pub fn iter(&self) -> impl Iterator<Item = (Token, &Value<'a>)> {
        Tokens(self.present).zip(&self.values)
    }

    /// The same event, free of the record it was borrowed from.
    pub fn into_owned(self) -> Event<'static> {
        Event { present: self.present, values: self.values.into_iter().map(Value::into_owned).collect() }
    }

    /// The event as one JSON object: canonical spellings, in the schema's order, without absent tokens.
    pub fn to_json(&self) -> String {
        let mut out = Vec::new();
        self.write_json(&mut out);
        // The writers copy whole texts and add ASCII, so this copies nothing.
        String::from_utf8(out).unwrap_or_default()
    }

    /// Appends [`Event::to_json`].
    pub fn write_json(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        self.write_members(out);
        out.push(b'}');
    }

    /// Appends the members of [`Event::to_json`] without its braces, for an object that has more of them.
    pub fn write_members(&self, out: &mut Vec<u8>) {
        for (at, (token, value)) in self.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            out.extend_from_slice(token.json_key().as_bytes());
            write::value(out, value);
        }
    }

    /// How many tokens of the event stand before this one.
    #[inline]
    const fn rank(&self, token: Token) -> usize {
        let [low, high] = self.present;
        let below = if token.index() < 64 {
            (low & (bit(token)[0] - 1)).count_ones()
        } else {
            low.count_ones() + (high & (bit(token)[1] - 1)).count_ones()
        };
        below as usize
    }
}

/// The words of the bitmap with this token's bit alone.
const fn bit(token: Token) -> [u64; 2] {
    let index = token.index();
    let bit = 1 << (index % 64);
    if index < 64 { [bit, 0] } else { [0, bit] }
}

/// The tokens of a bitmap, lowest first.
struct Tokens([u64; 2]);

impl Iterator for Tokens {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let (word, base) = match &mut self.0 {
            [0, 0] => return None,
            [0, high] => (high, 64),
            [low, _] => (low, 0),
        };
        let index = word.trailing_zeros() as usize;
        *word &= *word - 1;
        Token::from_index(base + index)
    }
}

/// One accessor for each token, of the type that its kind has in Rust.
macro_rules! accessors {
    ($($variant:ident, $accessor:ident, $name:literal, $kind:ident, $category:ident, $description:literal;)*) => {
        /// The tokens by name. Each is `None` where the event does not have it.
        impl<'a> Event<'a> {
            $(accessors!(@one $variant, $accessor, $kind, concat!("`", $name, "`: ", $description, "."));)*
        }
    };
    (@one $variant:ident, $accessor:ident, String, $doc:expr) => {
        accessors!(@text $variant, $accessor, Text, $doc);
    };
    (@one $variant:ident, $accessor:ident, Hash, $doc:expr) => {
        accessors!(@text $variant, $accessor, Hash, $doc);
    };
    (@one $variant:ident, $accessor:ident, Integer, $doc:expr) => {
        accessors!(@copy $variant, $accessor, Integer, i64, $doc);
    };
    (@one $variant:ident, $accessor:ident, Ipv4, $doc:expr) => {
        accessors!(@copy $variant, $accessor, Ipv4, Ipv4Addr, $doc);
    };
    (@one $variant:ident, $accessor:ident, Ipv6, $doc:expr) => {
        accessors!(@copy $variant, $accessor, Ipv6, Ipv6Addr, $doc);
    };
    (@one $variant:ident, $accessor:ident, Ip, $doc:expr) => {
        accessors!(@copy $variant, $accessor, Ip, IpAddr, $doc);
    };
    (@one $variant:ident, $accessor:ident, Port, $doc:expr) => {
        accessors!(@copy $variant, $accessor, Port, u16, $doc);
    };
    (@one $variant:ident, $accessor:ident, Timestamp, $doc:expr) => {
        accessors!(@copy $variant, $accessor, Timestamp, Timestamp, $doc);
    };
    (@one $variant:ident, $accessor:ident, Duration, $doc:expr) => {
        accessors!(@copy $variant, $accessor, Duration, u64, $doc);
    };
    (@one $variant:ident, $accessor:ident, Uuid, $doc:expr) => {
        accessors!(@copy $variant, $accessor, Uuid, Uuid, $doc);
    };
    (@one $variant:ident, $accessor:ident, Boolean, $doc:expr) => {
        accessors!(@copy $variant, $accessor, Boolean, bool, $doc);
    };
    (@one $variant:ident, $accessor:ident, StringList, $doc:expr) => {
        accessors!(@list $variant, $accessor, TextList, Cow<'a, str>, $doc);
    };
    (@one $variant:ident, $accessor:ident, IpList, $doc:expr) => {
        accessors!(@list $variant, $accessor, IpList, IpAddr, $doc);
    };
    (@text $variant:ident, $accessor:ident, $value:ident, $doc:expr) => {
        #[doc = $doc]
        pub fn $accessor(&self) -> Option<&str> {
            match self.get(Token::$variant)? { Value::$value(text) => Some(text), _ => None }
        }
    };
    (@copy $variant:ident, $accessor:ident, $value:ident, $type:ty, $doc:expr) => {
        #[doc = $doc]
        pub fn $accessor(&self) -> Option<$type> {
            match self.get(Token::$variant)? { Value::$value(value) => Some(*value), _ => None }
        }
    };
    (@list $variant:ident, $accessor:ident, $value:ident, $type:ty, $doc:expr) => {
        #[doc = $doc]
        pub fn $accessor(&self) -> Option<&[$type]> {
            match self.get(Token::$variant)? { Value::$value(list) => Some(list), _ => None }
        }
    };
}
tokens!(accessors);

#[cfg(test)]
mod tests {
    use super::Event;
    use crate::{Kind, Timestamp, Token, Value};
    use chrono::DateTime;
    use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};
    use std::borrow::Cow;

    fn text(text: &str) -> Value<'_> {
        Value::Text(text.into())
    }

    #[test]
    fn values_stand_in_the_schema_s_order_however_they_come() {
        let mut event = Event::new();
        event.insert(Token::CustomString9, text("z"));
        event.insert(Token::EventTime, stamp(0, 0, 0));
        event.insert(Token::SourceUser, text("kim"));
        event.insert(Token::DbName, text("d"));
        let tokens: Vec<_> = event.iter().map(|(token, _)| token).collect();
        assert_eq!(tokens, [Token::EventTime, Token::SourceUser, Token::DbName, Token::CustomString9]);
        assert_eq!(event.get(Token::DbName), Some(&text("d")));
        assert_eq!(event.get(Token::DbUser), None);
    }

    #[test]
    fn a_second_value_takes_the_first_one_s_place() {
        let mut event = Event::new();
        assert_eq!(event.insert(Token::Action, text("Allow")), None);
        assert_eq!(event.insert(Token::Action, text("Deny")), Some(text("Allow")));
        assert_eq!((event.len(), event.action()), (1, Some("Deny")));
        assert_eq!(event.remove(Token::Action), Some(text("Deny")));
        assert_eq!(event.remove(Token::Action), None);
        assert!(event.is_empty());
    }

    #[test]
    fn accessors_give_the_type_of_the_kind() {
        let mut event = Event::new();
        event.insert(Token::SourceIpv4, Value::Ipv4([192, 0, 2, 7].into()));
        event.insert(Token::UserRole, Value::TextList(vec!["a".into()]));
        event.insert(
            Token::DeviceIpAddresses,
            Value::IpList(std::iter::once("::1".parse().unwrap()).collect()),
        );
        event.insert(Token::Md5Hash, Value::Hash("00".into()));
        event.insert(Token::Duration, Value::Duration(307));
        event.insert(Token::VirtualPort, Value::Port(443));
        event.insert(Token::Count, Value::Integer(2));
        assert_eq!(event.source_ipv4(), Some([192, 0, 2, 7].into()));
        assert_eq!(event.user_role(), Some(&[Cow::Borrowed("a")][..]));
        assert_eq!(event.device_ip_addresses().map(<[_]>::len), Some(1));
        assert_eq!(event.md5_hash(), Some("00"));
        assert_eq!(event.duration(), Some(307));
        assert_eq!(event.virtual_port(), Some(443));
        assert_eq!(event.count(), Some(2));
        assert_eq!(event.event_time(), None);
    }

    #[test]
    fn printed_events_have_the_schema_s_order() {
        let mut event = Event::new();
        assert_eq!(event.to_json(), "{}");
        event.insert(Token::SourceUser, text("kim \u{e9}\t"));
        event.insert(Token::EventTime, stamp(1_710_400_089, 500_000_000, 2));
        assert_eq!(event.to_json(), r#"{"eventTime":"2024-03-14T07:08:09.50Z","sourceUser":"kim é\t"}"#);
    }

    fn stamp(seconds: i64, nanos: u32, digits: u8) -> Value<'static> {
        Value::Timestamp(Timestamp { at: DateTime::from_timestamp(seconds, nanos).unwrap(), digits })
    }

    proptest! {
        #[test]
        fn an_event_is_a_sorted_map(steps in prop::collection::vec((0_usize..109, any::<bool>()), 0..200)) {
            let mut event = Event::new();
            let mut map = std::collections::BTreeMap::new();
            for (at, (index, put)) in steps.into_iter().enumerate() {
                let token = Token::ALL[index];
                if token.kind() != Kind::String {
                    continue;
                }
                if put {
                    let value = Value::Text(at.to_string().into());
                    prop_assert_eq!(event.insert(token, value.clone()), map.insert(token, value));
                } else {
                    prop_assert_eq!(event.remove(token), map.remove(&token));
                }
            }
            prop_assert!(event.iter().eq(map.iter().map(|(token, value)| (*token, value))));
            for token in Token::ALL {
                prop_assert_eq!(event.get(token), map.get(&token));
                prop_assert_eq!(event.contains(token), map.contains_key(&token));
            }
        }
    }
}
