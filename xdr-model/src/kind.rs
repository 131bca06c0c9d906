//! What a token may hold: the closed set of kinds, with their units and their form in JSON.

use std::fmt;

/// The kind of a token's values. Every [`Value`](crate::Value) has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Text of any form, UTF-8, as the record has it. JSON: a string.
    String,
    /// A whole number of 64 bits with sign; counts are plain, sizes are bytes. JSON: a number.
    Integer,
    /// An IPv4 address. JSON: a string, dotted quad.
    Ipv4,
    /// An IPv6 address without a zone. JSON: a string in the short form of RFC 5952.
    Ipv6,
    /// An address of either version. JSON: a string.
    Ip,
    /// A transport port, 0–65535. JSON: a number.
    Port,
    /// A moment in UTC, years 0000–9999, up to nanoseconds. JSON: an RFC 3339 string with `Z` and the digits
    /// of the second it came with.
    Timestamp,
    /// Elapsed time in whole seconds. JSON: a number.
    Duration,
    /// An identifier of 128 bits. JSON: a string, lower case with hyphens.
    Uuid,
    /// A digest in hexadecimal digits, in the record's letter case. JSON: a string.
    Hash,
    /// True or false. JSON: a boolean.
    Boolean,
    /// Several texts in the record's order. JSON: an array of strings.
    StringList,
    /// Several addresses in the record's order. JSON: an array of strings.
    IpList,
}

impl Kind {
    /// Every kind, in the order of the definition.
    pub const ALL: [Self; 13] = [
        Self::String,
        Self::Integer,
        Self::Ipv4,
        Self::Ipv6,
        Self::Ip,
        Self::Port,
        Self::Timestamp,
        Self::Duration,
        Self::Uuid,
        Self::Hash,
        Self::Boolean,
        Self::StringList,
        Self::IpList,
    ];

    /// The kind's name for people: `string`, `ipv4`, `string list`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Ip => "ip",
            Self::Port => "port",
            Self::Timestamp => "timestamp",
            Self::Duration => "duration",
            Self::Uuid => "uuid",
            Self::Hash => "hash",
            Self::Boolean => "boolean",
            Self::StringList => "string list",
            Self::IpList => "ip list",
        }
    }

    /// Whether a value of this kind has members.
    pub const fn is_list(self) -> bool {
        matches!(self, Self::StringList | Self::IpList)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn all_kinds_are_listed_once_in_order() {
        assert!(Kind::ALL.is_sorted());
        assert_eq!(Kind::ALL.len(), Kind::IpList as usize + 1);
    }

    #[test]
    fn names_tell_kinds_apart() {
        for (at, kind) in Kind::ALL.iter().enumerate() {
            assert!(Kind::ALL.iter().skip(at + 1).all(|other| other.name() != kind.name()), "{kind}");
        }
    }
}
