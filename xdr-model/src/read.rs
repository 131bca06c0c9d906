//! Texts as values: one function a kind, none of which trims, guesses or allocates.
//!
//! Times are read by a [`TimeRule`](crate::time::TimeRule), since their form is the wire's.

mod address;

use crate::{Kind, Token};
use uuid::Uuid;

pub use crate::refusal::Refusal;
pub use address::{ip, ipv4, ipv6, socket};

/// A whole number in decimal digits, with an optional sign.
///
/// # Errors
/// [`Refusal::NotInteger`], or [`Refusal::IntegerRange`] outside 64 bits with sign.
pub fn integer(text: &str) -> Result<i64, Refusal> {
    let bytes = text.as_bytes();
    let (negative, digits) = match bytes.split_first() {
        Some((b'-', digits)) => (true, digits),
        Some((b'+', digits)) => (false, digits),
        _ => (false, bytes),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(refuse(text, Refusal::NotInteger));
    }
    digits
        .iter()
        .try_fold(0_i64, |number, digit| {
            let digit = i64::from(digit - b'0');
            let number = number.checked_mul(10)?;
            // Downwards for negative numbers, whose range is larger by one.
            if negative { number.checked_sub(digit) } else { number.checked_add(digit) }
        })
        .ok_or(Refusal::IntegerRange)
}

/// A port: decimal digits, 0–65535.
///
/// # Errors
/// [`Refusal::NotPort`] or [`Refusal::PortRange`].
pub fn port(text: &str) -> Result<u16, Refusal> {
    if !is_digits(text) {
        return Err(refuse(text, Refusal::NotPort));
    }
    if text.len() <= 5 {
        // So many digits are below 2^32.
        let number = text.bytes().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
        return u16::try_from(number).map_err(|_| Refusal::PortRange);
    }
    text.parse().map_err(|_| Refusal::PortRange)
}

/// Elapsed time in whole seconds; a fraction is cut off.
///
/// The forms are a number of seconds (`307`), `hh:mm:ss` with any number of hours (`100:05:07`, `00:05:07.250`), and
/// `2h:03m:04s`. A day part may stand in front of either clock form (`1d 2h:03m:04s`).
///
/// # Errors
/// [`Refusal::NotDuration`], or [`Refusal::DurationRange`] beyond 64 bits.
pub fn duration(text: &str) -> Result<u64, Refusal> {
    match usual_clock(text.as_bytes()) {
        Some(seconds) => Ok(seconds),
        None => any_duration(text),
    }
}

/// The seconds of a clock without days and fraction, of few hours.
#[inline]
fn usual_clock(text: &[u8]) -> Option<u64> {
    let (hours, minutes, seconds) = match text {
        [hours @ .., b':', m0, m1, b':', s0, s1]
        | [hours @ .., b'h', b':', m0, m1, b'm', b':', s0, s1, b's'] => {
            (hours, two_digits(*m0, *m1)?, two_digits(*s0, *s1)?)
        }
        _ => return None,
    };
    let hours = match hours {
        [ones] => two_digits(b'0', *ones)?,
        [tens, ones] => two_digits(*tens, *ones)?,
        _ => return None,
    };
    let (minutes @ ..60, seconds @ ..60) = (minutes, seconds) else { return None };
    Some(u64::from(hours) * 3600 + u64::from(minutes) * 60 + u64::from(seconds))
}

fn any_duration(text: &str) -> Result<u64, Refusal> {
    let (days, clock) = match text.split_once('d') {
        Some((days, clock)) if is_digits(days) => (Some(number(days)?), clock.trim_start_matches(BLANKS)),
        _ => (None, text),
    };
    let bad = || refuse(text, Refusal::NotDuration);
    let mut parts = clock.split(':');
    let (hours, minutes, seconds) = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(seconds), None, _, _) if days.is_none() => return number(whole(seconds).ok_or_else(bad)?),
        (Some(hours), Some(minutes), Some(seconds), None) => (hours, minutes, seconds),
        _ => return Err(bad()),
    };
    let (hours, minutes, seconds) = match hours.strip_suffix('h') {
        Some(hours) => (
            hours,
            minutes.strip_suffix('m').ok_or_else(bad)?,
            seconds.strip_suffix('s').and_then(whole).ok_or_else(bad)?,
        ),
        None if minutes.len() == 2 => {
            (hours, minutes, whole(seconds).filter(|s| s.len() == 2).ok_or_else(bad)?)
        }
        None => return Err(bad()),
    };
    if !(is_digits(hours) && is_sixtieth(minutes) && is_sixtieth(seconds)) {
        return Err(bad());
    }
    days.unwrap_or(0)
        .checked_mul(24)
        .and_then(|days| days.checked_add(number(hours).ok()?))
        .and_then(|hours| hours.checked_mul(3600))
        .and_then(|sum| sum.checked_add(number(minutes).ok()? * 60))
        .and_then(|sum| sum.checked_add(number(seconds).ok()?))
        .ok_or(Refusal::DurationRange)
}

/// The number that two digits are.
#[inline]
pub(crate) fn two_digits(tens: u8, ones: u8) -> Option<u8> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| tens * 10 + ones)
}

/// An identifier of 128 bits: 32 hexadecimal digits, with hyphens (8-4-4-4-12) or without.
///
/// # Errors
/// [`Refusal::NotUuid`].
pub fn uuid(text: &str) -> Result<Uuid, Refusal> {
    match text.len() {
        32 | 36 => Uuid::try_parse(text).map_err(|_| Refusal::NotUuid),
        _ => Err(refuse(text, Refusal::NotUuid)),
    }
}

/// A digest of this many hexadecimal digits, as it came.
///
/// # Errors
/// [`Refusal::NotHash`], or [`Refusal::HashLength`] for hexadecimal digits of another number.
pub fn hash(text: &str, digits: usize) -> Result<&str, Refusal> {
    // Without a way out, so that the compiler looks at many bytes at once.
    let is_hexadecimal = text.bytes().fold(true, |all, byte| all & byte.is_ascii_hexdigit());
    if text.is_empty() || !is_hexadecimal {
        return Err(refuse(text, Refusal::NotHash));
    }
    if text.len() == digits { Ok(text) } else { Err(Refusal::HashLength) }
}

/// A digest of one of the usual lengths: 32, 40, 64, 96 or 128 hexadecimal digits, as it came.
///
/// # Errors
/// [`Refusal::NotHash`], or [`Refusal::HashLength`] for hexadecimal digits of another number.
pub fn any_hash(text: &str) -> Result<&str, Refusal> {
    match text.len() {
        digits @ (32 | 40 | 64 | 96 | 128) => hash(text, digits),
        _ => hash(text, 0),
    }
}

/// `true` or `false`, in any letter case.
///
/// # Errors
/// [`Refusal::NotBoolean`].
pub fn boolean(text: &str) -> Result<bool, Refusal> {
    if text.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if text.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(refuse(text, Refusal::NotBoolean))
    }
}

/// Whether a text could be a value of this token; for a list token, one member of it.
///
/// Text tokens take everything, and so do times, whose form the token does not know.
///
/// # Errors
/// The refusal of the kind's own function.
pub fn kind_accepts(token: Token, text: &str) -> Result<(), Refusal> {
    match token.kind() {
        Kind::String | Kind::StringList | Kind::Timestamp => Ok(()),
        Kind::Integer => integer(text).map(drop),
        Kind::Ipv4 => ipv4(text).map(drop),
        Kind::Ipv6 => ipv6(text).map(drop),
        Kind::Ip | Kind::IpList => ip(text).map(drop),
        Kind::Port => port(text).map(drop),
        Kind::Duration => duration(text).map(drop),
        Kind::Uuid => uuid(text).map(drop),
        Kind::Hash => {
            token.hash_digits().map_or_else(|| any_hash(text), |digits| hash(text, digits)).map(drop)
        }
        Kind::Boolean => boolean(text).map(drop),
    }
}

const BLANKS: [char; 2] = [' ', '\t'];

/// An empty text is refused as such, whatever it was read as.
#[cold]
fn refuse(text: &str, refusal: Refusal) -> Refusal {
    if text.is_empty() { Refusal::Empty } else { refusal }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// One or two digits below 60.
fn is_sixtieth(text: &str) -> bool {
    matches!(text.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'])
}

/// Digits without the fraction that may follow them.
fn whole(text: &str) -> Option<&str> {
    match text.split_once('.') {
        Some((whole, fraction)) => (is_digits(whole) && is_digits(fraction)).then_some(whole),
        None => is_digits(text).then_some(text),
    }
}

fn number(digits: &str) -> Result<u64, Refusal> {
    digits.parse().map_err(|_| Refusal::DurationRange)
}

#[cfg(test)]
mod tests {
    use super::address::usual_ipv6;
    use super::*;
    use proptest::prelude::{any, prop_assert_eq, proptest};
    use std::net::{Ipv4Addr, Ipv6Addr};

    #[test]
    fn integers_have_a_sign_and_64_bits() {
        for (text, expected) in [
            ("0", Ok(0)),
            ("-0", Ok(0)),
            ("+42", Ok(42)),
            ("007", Ok(7)),
            ("9223372036854775807", Ok(i64::MAX)),
            ("-9223372036854775808", Ok(i64::MIN)),
            ("9223372036854775808", Err(Refusal::IntegerRange)),
            ("-9223372036854775809", Err(Refusal::IntegerRange)),
            ("", Err(Refusal::Empty)),
            ("-", Err(Refusal::NotInteger)),
            ("1.0", Err(Refusal::NotInteger)),
            (" 1", Err(Refusal::NotInteger)),
            ("1e3", Err(Refusal::NotInteger)),
            ("--1", Err(Refusal::NotInteger)),
            ("0x10", Err(Refusal::NotInteger)),
        ] {
            assert_eq!(integer(text), expected, "{text}");
        }
    }

    #[test]
    fn ports_end_at_65535() {
        for (text, expected) in [
            ("0", Ok(0)),
            ("443", Ok(443)),
            ("65535", Ok(65535)),
            ("65536", Err(Refusal::PortRange)),
            ("99999999999999999999", Err(Refusal::PortRange)),
            ("+22", Err(Refusal::NotPort)),
            ("https", Err(Refusal::NotPort)),
            ("", Err(Refusal::Empty)),
        ] {
            assert_eq!(port(text), expected, "{text}");
        }
    }

    #[test]
    fn ipv4_is_strict() {
        assert_eq!(ipv4("192.0.2.255"), Ok(Ipv4Addr::new(192, 0, 2, 255)));
        assert_eq!(ipv4("0.0.0.0"), Ok(Ipv4Addr::UNSPECIFIED));
        for text in [
            "192.0.2",
            "192.0.2.1.",
            "192.0.2.256",
            "192.0.2.01",
            "192.0.2.00",
            "192.0.2.1234",
            " 192.0.2.1",
            "192.0.2.1/24",
            ".0.2.1",
            "192..2.1",
            "192,0,2,1",
            "999.0.2.1",
            "a.b.c.d",
        ] {
            assert_eq!(ipv4(text), Err(Refusal::NotIpv4), "{text}");
        }
        assert_eq!(ipv4(""), Err(Refusal::Empty));
    }

    #[test]
    fn usual_addresses_are_read_as_the_library_reads_them() {
        let parts =
            ["", ":", "::", "0", "1", "ab", "FfFf", "01234", "2001:db8", "g", "1.2.3.4", "1:2:3:4:5:6"];
        for first in parts {
            for second in parts {
                for third in parts {
                    let text = format!("{first}{second}:{third}");
                    if let Some(address) = usual_ipv6(text.as_bytes()) {
                        assert_eq!(text.parse(), Ok(address), "{text}");
                    }
                }
            }
        }
        for text in ["::", "::1", "1::", "2001:db8::1", "1:2:3:4:5:6:7:8", "1::3:4:5:6:7:8", "ff02::1:ff00:0"]
        {
            assert_eq!(usual_ipv6(text.as_bytes()), Some(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn ipv6_has_no_zone() {
        assert_eq!(
            ipv6("FE80:0000:0000:0000:0202:B3FF:FE1E:8329").unwrap().to_string(),
            "fe80::202:b3ff:fe1e:8329"
        );
        assert!(ipv6("::ffff:192.0.2.1").is_ok());
        assert_eq!(ipv6("fe80::1%eth0"), Err(Refusal::ZoneSuffix));
        assert_eq!(ipv6("x%eth0"), Err(Refusal::NotIpv6));
        assert_eq!(ipv6("[::1]"), Err(Refusal::NotIpv6));
        assert_eq!(ipv6("192.0.2.1"), Err(Refusal::NotIpv6));
        assert_eq!(ipv6(""), Err(Refusal::Empty));
    }

    #[test]
    fn ip_takes_both_versions() {
        assert!(ip("192.0.2.1").unwrap().is_ipv4());
        assert!(ip("2001:db8::1").unwrap().is_ipv6());
        assert_eq!(ip("example.com"), Err(Refusal::NotIp));
        assert_eq!(ip("fe80::1%3"), Err(Refusal::ZoneSuffix));
        assert_eq!(ip(""), Err(Refusal::Empty));
    }

    #[test]
    fn durations_are_whole_seconds() {
        for (text, expected) in [
            ("307", Ok(307)),
            ("12.9", Ok(12)),
            ("00:05:07", Ok(307)),
            ("0:00:00", Ok(0)),
            ("100:00:01", Ok(360_001)),
            ("01:02:03.999", Ok(3723)),
            ("0h:32m:16s", Ok(1936)),
            ("1d 2h:03m:04s", Ok(93_784)),
            ("12h:5m:7s", Ok(43_507)),
            ("2d 01:00:00", Ok(176_400)),
            ("18446744073709551615", Ok(u64::MAX)),
            ("18446744073709551616", Err(Refusal::DurationRange)),
            ("9999999999999999999:00:00", Err(Refusal::DurationRange)),
            ("9999999999999999999d 0h:00m:00s", Err(Refusal::DurationRange)),
            ("", Err(Refusal::Empty)),
            ("-1", Err(Refusal::NotDuration)),
            ("05:07", Err(Refusal::NotDuration)),
            ("00:60:00", Err(Refusal::NotDuration)),
            ("00:00:60", Err(Refusal::NotDuration)),
            ("00:5:07", Err(Refusal::NotDuration)),
            ("0h:32m", Err(Refusal::NotDuration)),
            ("0h:32:16s", Err(Refusal::NotDuration)),
            ("0:32m:16s", Err(Refusal::NotDuration)),
            ("1d", Err(Refusal::NotDuration)),
            ("d 1h:00m:00s", Err(Refusal::NotDuration)),
            ("1d 5", Err(Refusal::NotDuration)),
            ("00:00:00.", Err(Refusal::NotDuration)),
            ("1:2:3:4", Err(Refusal::NotDuration)),
        ] {
            assert_eq!(duration(text), expected, "{text}");
        }
    }

    #[test]
    fn usual_clocks_are_usual() {
        for (text, expected) in [
            ("01:02:03", Some(3723)),
            ("1:02:03", Some(3723)),
            ("1h:02m:03s", Some(3723)),
            ("23h:02m:03s", Some(82_923)),
            ("1h:2m:03s", None),
            ("123:02:03", None),
        ] {
            assert_eq!(usual_clock(text.as_bytes()), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn usual_clocks_are_durations(text in "[0-9d]{0,3}[h:]{0,2}[0-9]{0,2}[m:]{0,2}[0-9]{0,2}s{0,2}") {
            if let Some(seconds) = usual_clock(text.as_bytes()) {
                prop_assert_eq!(any_duration(&text), Ok(seconds));
            }
        }
    }

    #[test]
    fn uuids_have_two_forms() {
        let id = uuid("D656B196-edb7-45e6-8485-3748a740d002").unwrap();
        assert_eq!(id.to_string(), "d656b196-edb7-45e6-8485-3748a740d002");
        assert_eq!(uuid("d656b196edb745e684853748a740d002"), Ok(id));
        for text in [
            "{d656b196-edb7-45e6-8485-3748a740d002}",
            "urn:uuid:d656b196-edb7-45e6-8485-3748a740d002",
            "d656b196-edb7-45e6-8485-3748a740d00g",
            "d656b196_edb7_45e6_8485_3748a740d002",
            "d656b196",
        ] {
            assert_eq!(uuid(text), Err(Refusal::NotUuid), "{text}");
        }
    }

    #[test]
    fn hashes_have_the_digest_s_length() {
        let md5 = "D41d8cd98f00b204e9800998ecf8427e";
        assert_eq!(hash(md5, 32), Ok(md5));
        assert_eq!(hash(md5, 64), Err(Refusal::HashLength));
        assert_eq!(hash("xyz", 3), Err(Refusal::NotHash));
        assert_eq!(hash("", 32), Err(Refusal::Empty));
        for digits in [32, 40, 64, 96, 128] {
            assert!(any_hash(&"a".repeat(digits)).is_ok(), "{digits}");
        }
        assert_eq!(any_hash("abcd"), Err(Refusal::HashLength));
        assert_eq!(any_hash(&"g".repeat(32)), Err(Refusal::NotHash));
    }

    #[test]
    fn booleans_are_words() {
        assert_eq!((boolean("true"), boolean("False")), (Ok(true), Ok(false)));
        assert_eq!(boolean("1"), Err(Refusal::NotBoolean));
        assert_eq!(boolean(""), Err(Refusal::Empty));
    }

    #[test]
    fn sockets_are_hosts_with_or_without_a_port() {
        for (text, expected) in [
            ("10.0.0.1:22", Ok(("10.0.0.1", Some("22")))),
            ("10.0.0.1", Ok(("10.0.0.1", None))),
            ("[::1]:22", Ok(("::1", Some("22")))),
            ("[::1]", Ok(("::1", None))),
            ("[fe80::1%eth0]:22", Ok(("fe80::1%eth0", Some("22")))),
            ("::1", Ok(("::1", None))),
            ("2001:db8::1:4500", Ok(("2001:db8::1:4500", None))),
            ("2001:db8:0:0:0:0:0:1:22", Ok(("2001:db8:0:0:0:0:0:1", Some("22")))),
            ("2001:db8::1:50188", Ok(("2001:db8::1", Some("50188")))),
            ("gw.example.com:22", Ok(("gw.example.com", Some("22")))),
            ("gw.example.com", Ok(("gw.example.com", None))),
            ("tcp://10.0.0.1:22", Ok(("10.0.0.1", Some("22")))),
            ("tcp://[2001:db8::1]:22", Ok(("2001:db8::1", Some("22")))),
            ("", Err(Refusal::Empty)),
            (":22", Err(Refusal::NotSocket)),
            ("10.0.0.1:", Err(Refusal::NotSocket)),
            ("10.0.0.1:ssh", Err(Refusal::NotSocket)),
            ("[::1", Err(Refusal::NotSocket)),
            ("[]:22", Err(Refusal::NotSocket)),
            ("[::1]22", Err(Refusal::NotSocket)),
            ("[::1]:", Err(Refusal::NotSocket)),
            ("a:b:22", Err(Refusal::NotSocket)),
            ("tcp://", Err(Refusal::NotSocket)),
        ] {
            assert_eq!(socket(text), expected, "{text}");
        }
    }

    #[test]
    fn tokens_accept_what_their_kind_reads() {
        for (token, good, bad) in [
            (Token::SourceIpv4, "192.0.2.1", Some("::1")),
            (Token::NatSourceIp, "::1", Some("kim")),
            (Token::DeviceIpAddresses, "192.0.2.1", Some("192.0.2.1, 192.0.2.2")),
            (Token::Md5Hash, "d41d8cd98f00b204e9800998ecf8427e", Some("d41d")),
            (Token::Duration, "00:05:07", Some("soon")),
            (Token::CustomerId, "d656b196-edb7-45e6-8485-3748a740d002", Some("7")),
            (Token::SourcePort, "443", Some("65536")),
            (Token::Count, "-3", Some("three")),
            (Token::UserRole, "", None),
            (Token::SourceUser, "", None),
            (Token::EventTime, "whenever", None),
        ] {
            assert_eq!(kind_accepts(token, good), Ok(()), "{token}");
            if let Some(bad) = bad {
                assert!(kind_accepts(token, bad).is_err(), "{token}");
            }
        }
        assert_eq!(kind_accepts(Token::Sha256Hash, &"a".repeat(32)), Err(Refusal::HashLength));
    }

    proptest! {
        #[test]
        fn ipv6_agrees_with_std(text in "[0-9a-f:]{0,40}|([0-9a-fA-F]{0,5}:{1,2}){0,9}[0-9a-f]{0,5}", address in any::<[u16; 8]>(), zeros in 0_usize..8) {
            prop_assert_eq!(ipv6(&text).ok(), text.parse().ok());
            let mut groups = address;
            groups.iter_mut().take(zeros).for_each(|group| *group = 0);
            let address = Ipv6Addr::from(groups);
            prop_assert_eq!(ipv6(&address.to_string()), Ok(address));
        }

        #[test]
        fn ipv4_agrees_with_std(text in "[0-9.]{0,16}", address in any::<[u8; 4]>()) {
            prop_assert_eq!(ipv4(&text).ok(), text.parse().ok());
            let address = Ipv4Addr::from(address);
            prop_assert_eq!(ipv4(&address.to_string()), Ok(address));
        }

        #[test]
        fn integers_agree_with_std(text in "[-+]?[0-9]{0,22}") {
            prop_assert_eq!(integer(&text).ok(), text.parse().ok());
        }

        #[test]
        fn no_text_is_too_strange(text in any::<String>(), close in "[0-9a-fdhms:.\\[\\]%/ ]{0,24}") {
            for text in [text, close] {
                for token in Token::ALL {
                    let _ = kind_accepts(token, &text);
                }
                let _ = (boolean(&text), any_hash(&text));
                if let Ok((host, port)) = socket(&text) {
                    prop_assert_eq!(host.is_empty(), false);
                    prop_assert_eq!(port.is_none_or(is_digits), true);
                }
            }
        }
    }
}
