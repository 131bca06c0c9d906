//! Typed values, borrowed from the record where they are text.

use crate::{Kind, write};
use chrono::{DateTime, Utc};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use uuid::Uuid;

/// A value of a token. There is one variant for each [`Kind`], which documents units and the form in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value<'a> {
    /// [`Kind::String`].
    Text(Cow<'a, str>),
    /// [`Kind::Integer`].
    Integer(i64),
    /// [`Kind::Ipv4`].
    Ipv4(Ipv4Addr),
    /// [`Kind::Ipv6`].
    Ipv6(Ipv6Addr),
    /// [`Kind::Ip`].
    Ip(IpAddr),
    /// [`Kind::Port`].
    Port(u16),
    /// [`Kind::Timestamp`].
    Timestamp(Timestamp),
    /// [`Kind::Duration`], in seconds.
    Duration(u64),
    /// [`Kind::Uuid`].
    Uuid(Uuid),
    /// [`Kind::Hash`], hexadecimal digits.
    Hash(Cow<'a, str>),
    /// [`Kind::Boolean`].
    Boolean(bool),
    /// [`Kind::StringList`].
    TextList(Vec<Cow<'a, str>>),
    /// [`Kind::IpList`].
    IpList(SmallVec<[IpAddr; 2]>),
}

impl Value<'_> {
    /// The kind whose value this is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::String,
            Self::Integer(_) => Kind::Integer,
            Self::Ipv4(_) => Kind::Ipv4,
            Self::Ipv6(_) => Kind::Ipv6,
            Self::Ip(_) => Kind::Ip,
            Self::Port(_) => Kind::Port,
            Self::Timestamp(_) => Kind::Timestamp,
            Self::Duration(_) => Kind::Duration,
            Self::Uuid(_) => Kind::Uuid,
            Self::Hash(_) => Kind::Hash,
            Self::Boolean(_) => Kind::Boolean,
            Self::TextList(_) => Kind::StringList,
            Self::IpList(_) => Kind::IpList,
        }
    }

    /// The same value, free of the record it was borrowed from.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Text(text) => Value::Text(own(text)),
            Self::Hash(text) => Value::Hash(own(text)),
            Self::TextList(list) => Value::TextList(list.into_iter().map(own).collect()),
            Self::Integer(number) => Value::Integer(number),
            Self::Ipv4(address) => Value::Ipv4(address),
            Self::Ipv6(address) => Value::Ipv6(address),
            Self::Ip(address) => Value::Ip(address),
            Self::Port(port) => Value::Port(port),
            Self::Timestamp(time) => Value::Timestamp(time),
            Self::Duration(seconds) => Value::Duration(seconds),
            Self::Uuid(id) => Value::Uuid(id),
            Self::Boolean(flag) => Value::Boolean(flag),
            Self::IpList(list) => Value::IpList(list),
        }
    }
}

fn own(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

/// A moment, and how finely it was told.
///
/// Prints as RFC 3339 in UTC with `Z` and exactly [`digits`](Self::digits) digits of the second's fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// The moment.
    pub at: DateTime<Utc>,
    /// Digits of the fraction that the moment came with, 0–9; more count as 9.
    pub digits: u8,
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::with_capacity(32);
        write::timestamp(&mut out, *self);
        f.write_str(std::str::from_utf8(&out).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, Value};
    use crate::Kind;
    use chrono::DateTime;
    use std::borrow::Cow;

    #[test]
    fn owned_values_are_equal_to_the_borrowed_ones() {
        let values = [
            Value::Text("kim".into()),
            Value::Hash("d41d8cd98f00b204e9800998ecf8427e".into()),
            Value::TextList(vec![Cow::Borrowed("a"), Cow::Owned("b".to_owned())]),
            Value::Integer(-1),
            Value::IpList(
                ["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()].into_iter().collect(),
            ),
        ];
        for value in values {
            assert_eq!(value.clone().into_owned(), value);
        }
    }

    #[test]
    fn kinds_follow_the_variant() {
        assert_eq!(Value::Text("".into()).kind(), Kind::String);
        assert_eq!(Value::TextList(Vec::new()).kind(), Kind::StringList);
        assert_eq!(Value::Duration(307).kind(), Kind::Duration);
    }

    #[test]
    fn timestamps_print_the_digits_they_came_with() {
        let at = DateTime::from_timestamp(1_710_400_089, 120_000_000).unwrap();
        assert_eq!(Timestamp { at, digits: 0 }.to_string(), "2024-03-14T07:08:09Z");
        assert_eq!(Timestamp { at, digits: 3 }.to_string(), "2024-03-14T07:08:09.120Z");
    }
}
