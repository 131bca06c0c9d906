//! Values as JSON bytes, without the formatting machinery of `std`.
//!
//! Every writer appends to the buffer and gives what `std` (or `chrono`, `uuid`, `serde_json`) would print;
//! the tests hold them to that.

mod buffer;
mod plain;

use crate::{Timestamp, Value};
use chrono::{DateTime, Datelike, Timelike};
use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use uuid::Uuid;

pub use buffer::{Buffer, Output};
pub use plain::plain_end;

/// Appends the JSON of a value; [`Kind`](crate::Kind) says which form each kind has.
pub fn value(out: &mut impl Output, value: &Value<'_>) {
    match value {
        Value::Text(text) | Value::Hash(text) => string(out, text),
        Value::Integer(number) => integer(out, *number),
        Value::Ipv4(address) => quoted(out, |out| ipv4(out, *address)),
        Value::Ipv6(address) => quoted(out, |out| ipv6(out, *address)),
        Value::Ip(address) => quoted(out, |out| ip(out, *address)),
        Value::Port(port) => unsigned(out, u64::from(*port)),
        Value::Timestamp(time) => quoted(out, |out| timestamp(out, *time)),
        Value::Duration(seconds) => unsigned(out, *seconds),
        Value::Uuid(id) => quoted(out, |out| uuid(out, *id)),
        Value::Boolean(flag) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
        Value::TextList(list) => texts(out, list),
        Value::IpList(list) => array(out, list, |out, address| quoted(out, |out| ip(out, *address))),
    }
}

/// Appends a JSON string with the fewest escapes: quotes, backslashes and control characters.
pub fn string(out: &mut impl Output, text: &str) {
    if !out.clean_string(text.as_bytes()) {
        escaped_string(out, text);
    }
}

/// Out of the way of texts that need no escapes, which most are.
#[cold]
#[inline(never)]
fn escaped_string(out: &mut impl Output, text: &str) {
    out.push(b'"');
    escaped(out, text.as_bytes());
    out.push(b'"');
}

fn escaped(out: &mut impl Output, mut bytes: &[u8]) {
    loop {
        let (run, rest) = bytes.split_at_checked(plain_end(bytes, 0)).unwrap_or((bytes, b""));
        out.extend_from_slice(run);
        let Some((&byte, rest)) = rest.split_first() else { return };
        escape(out, byte);
        bytes = rest;
    }
}

/// Appends what prints itself as one JSON string.
pub fn display<O: Output>(out: &mut O, text: &dyn fmt::Display) {
    struct Escaped<'o, O>(&'o mut O);

    impl<O: Output> fmt::Write for Escaped<'_, O> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            escaped(self.0, text.as_bytes());
            Ok(())
        }
    }

    out.push(b'"');
    // What prints itself may give up, this writer does not.
    let _ = fmt::Write::write_fmt(&mut Escaped(out), format_args!("{text}"));
    out.push(b'"');
}

/// Appends one JSON string of texts, with a separator between them.
pub fn joined(out: &mut impl Output, list: &[Cow<'_, str>], separator: &str) {
    out.push(b'"');
    for (at, text) in list.iter().enumerate() {
        if at > 0 {
            escaped(out, separator.as_bytes());
        }
        escaped(out, text.as_bytes());
    }
    out.push(b'"');
}

/// Appends an array of strings.
pub fn texts(out: &mut impl Output, list: &[Cow<'_, str>]) {
    array(out, list, |out, text| string(out, text));
}

/// Appends a whole number.
pub fn integer(out: &mut impl Output, number: i64) {
    if number < 0 {
        out.push(b'-');
    }
    unsigned(out, number.unsigned_abs());
}

/// Appends a whole number without sign.
pub fn unsigned(out: &mut impl Output, mut number: u64) {
    // 2^64 has 20 digits.
    let mut digits = [0; 20];
    let mut first = digits.len();
    for (at, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        first = at;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(first..).unwrap_or_default());
}

/// Appends an address of either version, without quotes.
pub fn ip(out: &mut impl Output, address: IpAddr) {
    match address {
        IpAddr::V4(address) => ipv4(out, address),
        IpAddr::V6(address) => ipv6(out, address),
    }
}

/// Appends a dotted quad, without quotes.
#[expect(clippy::cast_possible_truncation, reason = "each half is wanted as it is")]
pub fn ipv4(out: &mut impl Output, address: Ipv4Addr) {
    let (mut text, mut length) = (0_u128, 0);
    for byte in address.octets() {
        let number = OCTETS.get(usize::from(byte)).copied().unwrap_or_default();
        text |= u128::from(number) << (8 * length);
        length += 4 - number.leading_zeros() as usize / 8;
    }
    // The last dot is left out.
    out.words([text as u64, (text >> 64) as u64], length - 1);
}

/// The numbers of a byte, each with the dot behind it, the first digit lowest.
static OCTETS: [u32; 256] = {
    let mut octets = [0; 256];
    let mut byte = 0_u32;
    while byte < 256 {
        let (hundreds, tens, ones) = (byte / 100, byte / 10 % 10, byte % 10);
        let mut number = (b'0' as u32 + ones) | (b'.' as u32) << 8;
        if byte >= 10 {
            number = number << 8 | (b'0' as u32 + tens);
        }
        if byte >= 100 {
            number = number << 8 | (b'0' as u32 + hundreds);
        }
        octets[byte as usize] = number;
        byte += 1;
    }
    octets
};

/// Appends the short form of RFC 5952, without quotes; an IPv4-mapped address ends in a dotted quad, as `std` prints it.
pub fn ipv6(out: &mut impl Output, address: Ipv6Addr) {
    if let Some(address) = address.to_ipv4_mapped() {
        out.extend_from_slice(b"::ffff:");
        return ipv4(out, address);
    }
    let groups = address.segments();
    let (start, len) = longest_zeros(groups);
    if len < 2 {
        return hex_groups(out, &groups);
    }
    hex_groups(out, groups.get(..start).unwrap_or_default());
    out.extend_from_slice(b"::");
    hex_groups(out, groups.get(start.saturating_add(len)..).unwrap_or_default());
}

/// Appends an identifier in lower case with hyphens, without quotes.
pub fn uuid(out: &mut impl Output, id: Uuid) {
    let [a, b, c, d] = id.as_bytes().as_chunks::<4>().0 else { return };
    // Eight digits each: 8-4-4-4-12.
    let [a, b, c, d] = [a, b, c, d].map(|four| hex_digits(u32::from_be_bytes(*four)));
    let mut text = *b"00000000-0000-0000-0000-000000000000";
    let pieces: [(usize, &[u8]); 6] =
        [(0, &a), (9, &b[..4]), (14, &b[4..]), (19, &c[..4]), (24, &c[4..]), (28, &d)];
    for (at, digits) in pieces {
        if let Some(room) = text.get_mut(at..at + digits.len()) {
            room.copy_from_slice(digits);
        }
    }
    out.extend_from_slice(&text);
}

/// The eight digits of a number: all of them are made in one go, each in its byte.
fn hex_digits(number: u32) -> [u8; 8] {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let wide = u64::from(number);
    let wide = ((wide << 16) | wide) & 0x0000_ffff_0000_ffff;
    let wide = ((wide << 8) | wide) & 0x00ff_00ff_00ff_00ff;
    let nibbles = ((wide << 4) | wide) & 0x0f0f_0f0f_0f0f_0f0f;
    // Six more than a nibble has its fifth bit set from ten on.
    let letters = ((nibbles + ONES * 6) >> 4) & ONES;
    (nibbles + ONES * u64::from(b'0') + letters * u64::from(b'a' - b'0' - 10)).to_be_bytes()
}

/// Appends RFC 3339 in UTC with `Z` and the digits of the fraction that the time came with, without quotes.
///
/// A year outside 0000–9999 is written with its sign, as `chrono` does.
pub fn timestamp(out: &mut impl Output, time: Timestamp) {
    const SECOND: u32 = 1_000_000_000;
    let mut at = time.at;
    let mut nanos = at.timestamp_subsec_nanos();
    // Chrono tells a leap second by a fraction of a second or more: it is the first second of the next minute here.
    if nanos >= SECOND {
        nanos -= SECOND;
        at = DateTime::from_timestamp(at.timestamp().saturating_add(1), 0).unwrap_or(at);
    }
    let date = at.date_naive();
    let of_day = at.time().num_seconds_from_midnight();
    let (minutes, digits) = (of_day / 60, usize::from(time.digits.min(9)));
    // In words, as they are written: what is put together from bytes in memory, and read there at once as a whole, keeps the processor waiting.
    let mut date_word = word(*b"\0\0\0\0-\0\0-") | pair(date.month()) << 40;
    let hour =
        word(*b"\0\0T\0\0:\0\0") | pair(date.day()) | pair(minutes / 60) << 24 | pair(minutes % 60) << 48;
    let thousandths = nanos / 1_000_000;
    let fraction = u64::from(b'.') | pair(thousandths / 10) << 8 | (pair(thousandths % 10) >> 8) << 24;
    let second = u64::from(b':') | pair(of_day % 60) << 8;
    let second = match digits {
        0 => second | u64::from(b'Z') << 24,
        1..=3 => second | ended(fraction, digits + 1) << 24,
        _ => second | fraction << 24,
    };
    // Finer digits have the `Z` behind them.
    let length = match digits {
        0 => 20,
        1..=3 => 21 + digits,
        _ => 23,
    };
    if let Ok(year @ ..=9999) = u32::try_from(date.year()) {
        date_word |= pair(year / 100) | pair(year % 100) << 16;
        out.words([date_word, hour, second], length);
    } else {
        long_year(out, date.year());
        out.words([date_word >> 32], 4);
        out.words([hour, second], length - 8);
    }
    if digits > 3 {
        let finer = nanos % 1_000_000;
        let finer = pair(finer / 10_000) | pair(finer / 100 % 100) << 16 | pair(finer % 100) << 32;
        out.words([ended(finer, digits - 3)], digits - 2);
    }
}

/// A year that does not have four digits, with its sign and at least four digits.
#[cold]
fn long_year(out: &mut impl Output, year: i32) {
    out.push(if year < 0 { b'-' } else { b'+' });
    let year = year.unsigned_abs();
    for limit in [1000, 100, 10] {
        if year < limit {
            out.push(b'0');
        }
    }
    unsigned(out, year.into());
}

#[cold]
fn escape(out: &mut impl Output, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0c => b'f',
        b'\r' => b'r',
        _ => {
            out.extend_from_slice(b"\\u00");
            out.push(hex(u16::from(byte) >> 4));
            out.push(hex(u16::from(byte)));
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

fn quoted<O: Output>(out: &mut O, write: impl FnOnce(&mut O)) {
    out.push(b'"');
    write(out);
    out.push(b'"');
}

fn array<T, O: Output>(out: &mut O, list: &[T], write: impl Fn(&mut O, &T)) {
    out.push(b'[');
    for (at, member) in list.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(out, member);
    }
    out.push(b']');
}

/// The first of the longest runs of zero groups, as start and length.
fn longest_zeros(groups: [u16; 8]) -> (usize, usize) {
    let (mut start, mut len) = (0, 0);
    let mut run = 0_usize;
    for (at, group) in groups.into_iter().enumerate() {
        run = if group == 0 { run + 1 } else { 0 };
        if run > len {
            (start, len) = (at + 1 - run, run);
        }
    }
    (start, len)
}

fn hex_groups(out: &mut impl Output, groups: &[u16]) {
    for (at, &group) in groups.iter().enumerate() {
        if at > 0 {
            out.push(b':');
        }
        for shift in [12, 8, 4] {
            if group >> shift > 0 {
                out.push(hex(group >> shift));
            }
        }
        out.push(hex(group));
    }
}

/// Two digits of a number below 100.
#[inline]
fn pair(number: u32) -> u64 {
    u64::from(u16::from_le_bytes(PAIRS.get(number as usize).copied().unwrap_or_default()))
}

/// Bytes of a text as a word, the first one lowest.
const fn word(bytes: [u8; 8]) -> u64 {
    u64::from_le_bytes(bytes)
}

/// The first bytes of a word, fewer than eight, and a `Z` behind them.
const fn ended(text: u64, length: usize) -> u64 {
    let end = 8 * length;
    text & !(u64::MAX << end) | (b'Z' as u64) << end
}

/// The numbers below 100, each with two digits.
static PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [*b"00"; 100];
    let mut number = 0_u8;
    while number < 100 {
        pairs[number as usize] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
    }
    pairs
};

/// The last hexadecimal digit.
fn hex(number: u16) -> u8 {
    let digit = (number % 16) as u8;
    if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }
}

#[cfg(test)]
mod tests {
    use super::{display, integer, ip, joined, string, timestamp, unsigned, uuid, value};
    use crate::{Timestamp, Value};
    use chrono::{DateTime, SecondsFormat};
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};
    use std::borrow::Cow;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
    use uuid::Uuid;

    fn printed(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_take_the_form_of_their_kind() {
        let at = DateTime::from_timestamp(1_710_400_089, 0).unwrap();
        for (given, expected) in [
            (Value::Text("kim \"k\"".into()), r#""kim \"k\"""#),
            (Value::Integer(-42), "-42"),
            (Value::Ipv4(Ipv4Addr::new(192, 0, 2, 7)), r#""192.0.2.7""#),
            (Value::Ipv6("2001:DB8:0:0:0:0:0:1".parse().unwrap()), r#""2001:db8::1""#),
            (Value::Ip("203.0.113.9".parse().unwrap()), r#""203.0.113.9""#),
            (Value::Port(443), "443"),
            (Value::Timestamp(Timestamp { at, digits: 0 }), r#""2024-03-14T07:08:09Z""#),
            (Value::Duration(307), "307"),
            (Value::Uuid(Uuid::nil()), r#""00000000-0000-0000-0000-000000000000""#),
            (Value::Hash("AbC".into()), r#""AbC""#),
            (Value::Boolean(true), "true"),
            (Value::TextList(vec!["a".into(), "b\n".into()]), r#"["a","b\n"]"#),
            (Value::TextList(Vec::new()), "[]"),
            (Value::IpList(["::1".parse().unwrap()].into_iter().collect()), r#"["::1"]"#),
        ] {
            assert_eq!(printed(|out| value(out, &given)), expected);
        }
    }

    #[test]
    fn joined_texts_are_one_string() {
        for (list, expected) in
            [(vec![], r#""""#), (vec!["a"], r#""a""#), (vec!["a \"b\"", "", "c\n"], r#""a \"b\", , c\n""#)]
        {
            let list: Vec<Cow<'_, str>> = list.into_iter().map(Cow::Borrowed).collect();
            assert_eq!(printed(|out| joined(out, &list, ", ")), expected);
        }
    }

    #[test]
    fn what_prints_itself_is_escaped() {
        assert_eq!(printed(|out| display(out, &format_args!("a {}", "\"b\""))), r#""a \"b\"""#);
    }

    #[test]
    fn short_ipv6_forms_are_those_of_std() {
        for text in [
            "::",
            "::1",
            "1::",
            "1:0:0:2::",
            "0:1::",
            "1:0:2:0:3:0:4:0",
            "1:0:0:2:0:0:3:4",
            "::ffff:192.0.2.1",
            "::192.0.2.1",
            "64:ff9b::192.0.2.33",
            "0:0:1:0:0:0:1:1",
            "fe80::a0b0:c00:d:10ff",
            "1:2:3:4:5:6:0:0",
            "1:2:3:4:5:6:7:0",
        ] {
            let address: Ipv6Addr = text.parse().unwrap();
            assert_eq!(printed(|out| ip(out, address.into())), address.to_string());
        }
    }

    #[test]
    fn leap_seconds_print_as_the_next_second() {
        let at = DateTime::from_timestamp(1_483_228_799, 1_500_000_000).unwrap();
        let time = Timestamp { at, digits: 1 };
        assert_eq!(printed(|out| timestamp(out, time)), "2017-01-01T00:00:00.5Z");
    }

    #[test]
    fn years_of_other_lengths_print_with_a_sign() {
        for seconds in [-62_167_219_201, -93_000_000_000, 253_402_300_800] {
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            let expected = at.to_rfc3339_opts(SecondsFormat::Secs, true);
            assert_eq!(printed(|out| timestamp(out, Timestamp { at, digits: 0 })), expected);
        }
    }

    proptest! {
        #[test]
        fn strings_print_as_serde_json_does(text in any::<String>()) {
            prop_assert_eq!(printed(|out| string(out, &text)), serde_json::to_string(&text).unwrap());
        }

        #[test]
        fn ascii_strings_print_as_serde_json_does(text in "[\\x00-\\x7f]{0,40}") {
            prop_assert_eq!(printed(|out| string(out, &text)), serde_json::to_string(&text).unwrap());
        }

        #[test]
        fn integers_print_as_std_does(number in any::<i64>(), shift in 0_u32..64, huge in any::<u64>()) {
            prop_assert_eq!(printed(|out| integer(out, number >> shift)), (number >> shift).to_string());
            prop_assert_eq!(printed(|out| unsigned(out, huge >> shift)), (huge >> shift).to_string());
        }

        #[test]
        fn addresses_print_as_std_does(
            four in any::<[u8; 4]>(),
            six in prop::array::uniform8(prop::sample::select(vec![0_u16, 0, 0, 1, 0x0a0, 0x1000, 0xffff])),
            any_six in any::<[u16; 8]>(),
        ) {
            for address in [IpAddr::from(four), IpAddr::from(six), IpAddr::from(any_six)] {
                prop_assert_eq!(printed(|out| ip(out, address)), address.to_string());
            }
        }

        #[test]
        fn uuids_print_as_their_crate_does(bytes in any::<[u8; 16]>()) {
            let id = Uuid::from_bytes(bytes);
            prop_assert_eq!(printed(|out| uuid(out, id)), id.to_string());
        }

        #[test]
        fn timestamps_print_as_chrono_does(
            seconds in -62_167_219_200_i64..253_402_300_800,
            nanos in 0_u32..1_000_000_000,
        ) {
            let at = DateTime::from_timestamp(seconds, nanos).unwrap();
            for (digits, format) in [
                (0, SecondsFormat::Secs),
                (3, SecondsFormat::Millis),
                (6, SecondsFormat::Micros),
                (9, SecondsFormat::Nanos),
            ] {
                let time = Timestamp { at, digits };
                prop_assert_eq!(printed(|out| timestamp(out, time)), at.to_rfc3339_opts(format, true));
            }
        }

        #[test]
        fn fractions_print_their_leading_digits(nanos in 0_u32..1_000_000_000, digits in 1_u8..12) {
            let at = DateTime::from_timestamp(0, nanos).unwrap();
            let all = format!("{nanos:09}");
            let expected = format!("1970-01-01T00:00:00.{}Z", &all[..usize::from(digits.min(9))]);
            prop_assert_eq!(printed(|out| timestamp(out, Timestamp { at, digits })), expected);
        }
    }
}
