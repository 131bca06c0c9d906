//! Why a text is not a value of the kind it was read as.

use std::fmt;

/// Why a text was refused. The value is small and holds no text of the record but a zone word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// There is no text.
    Empty,
    /// Not a decimal number.
    NotInteger,
    /// A decimal number outside 64 bits with sign.
    IntegerRange,
    /// Not a decimal number without sign.
    NotPort,
    /// A number above 65535.
    PortRange,
    /// Not four decimal bytes joined by dots.
    NotIpv4,
    /// Not an IPv6 address.
    NotIpv6,
    /// An IPv6 address with a `%zone`.
    ZoneSuffix,
    /// Not an address of either version.
    NotIp,
    /// Not an address or host with an optional port.
    NotSocket,
    /// None of the forms of a duration.
    NotDuration,
    /// More seconds than 64 bits hold.
    DurationRange,
    /// Not an identifier of 128 bits.
    NotUuid,
    /// Something else than hexadecimal digits.
    NotHash,
    /// Hexadecimal digits, but not as many as the digest has.
    HashLength,
    /// Neither `true` nor `false`.
    NotBoolean,
    /// No format of the rule matches.
    NotTime,
    /// The form matches, but the calendar or the clock has no such moment.
    NoSuchTime,
    /// The format has no date.
    NoDate,
    /// There is no year, and the rule does not say which one is meant.
    NoYear,
    /// There is no zone, and the rule does not say which one is meant.
    NoZone,
    /// A zone word that the table does not have.
    UnknownZone(Word),
    /// A moment outside the years 0000–9999 of UTC.
    TimeRange,
    /// One of the texts that mean "no time" on this wire.
    UnsetTime,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty",
            Self::NotInteger => "not an integer",
            Self::IntegerRange => "integer beyond 64 bits",
            Self::NotPort => "not a port",
            Self::PortRange => "port above 65535",
            Self::NotIpv4 => "not an IPv4 address",
            Self::NotIpv6 => "not an IPv6 address",
            Self::ZoneSuffix => "an IPv6 address with a zone",
            Self::NotIp => "not an IP address",
            Self::NotSocket => "not an address with a port",
            Self::NotDuration => "not a duration",
            Self::DurationRange => "duration beyond 64 bits",
            Self::NotUuid => "not a uuid",
            Self::NotHash => "not hexadecimal digits",
            Self::HashLength => "wrong number of digits for this digest",
            Self::NotBoolean => "neither `true` nor `false`",
            Self::NotTime => "not a time of the expected form",
            Self::NoSuchTime => "no such date or time of day",
            Self::NoDate => "a time without a date",
            Self::NoYear => "a time without a year",
            Self::NoZone => "a time without a zone",
            Self::TimeRange => "time outside the years 0000 to 9999",
            Self::UnsetTime => "stands for no time",
            Self::UnknownZone(word) => return write!(f, "unknown time zone `{}`", word.as_str()),
        })
    }
}

impl std::error::Error for Refusal {}

/// A short word of ASCII letters, kept by value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Word {
    bytes: [u8; Self::LONGEST],
    len: u8,
}

impl Word {
    /// The longest word that can be kept, in bytes.
    pub const LONGEST: usize = 8;

    /// The word, if these bytes are one to [`Word::LONGEST`] ASCII letters.
    pub fn new(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; Self::LONGEST];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        let len = u8::try_from(text.len()).ok().filter(|&len| len > 0)?;
        text.iter().all(u8::is_ascii_alphabetic).then_some(Self { bytes, len })
    }

    /// The word as it came.
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Refusal, Word};

    #[test]
    fn words_keep_letters_only() {
        assert_eq!(Word::new(b"CEST").unwrap().as_str(), "CEST");
        assert_eq!(Word::new(b"LONGWORD").unwrap().as_str(), "LONGWORD");
        for text in ["", "LONGWORDS", "UTC1", "\u{e9}"] {
            assert_eq!(Word::new(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn refusals_say_what_was_found() {
        assert_eq!(Refusal::PortRange.to_string(), "port above 65535");
        let zone = Refusal::UnknownZone(Word::new(b"QQT").unwrap());
        assert_eq!(zone.to_string(), "unknown time zone `QQT`");
    }

    #[test]
    fn refusals_stay_small() {
        assert!(size_of::<Refusal>() <= 16);
    }
}
