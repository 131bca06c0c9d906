//! The spellings of time stamps in syslog headers. Only their extent is found here; they are read as times elsewhere.

use xdr_model::time::word_offset;

use crate::format::text::{after, is_blank, slice};

/// The length of the stamp that opens the text: `Mmm d hh:mm:ss`, with a year behind the day or without, or ISO 8601 with `T`.
pub(super) fn stamp(text: &str) -> Option<usize> {
    match text.bytes().next()? {
        byte if byte.is_ascii_digit() => iso(text),
        byte if byte.is_ascii_alphabetic() => bsd(text),
        _ => None,
    }
}

/// As [`stamp`], and also what may as well open a body: `2024-03-14 07:08:09`, with an offset or a zone word or without,
/// `03-14-2024 07:08:09`, `2024 Mar 14 07:08:09` and `Mar 14 07:08:09 2024`.
pub(super) fn loose(text: &str) -> Option<usize> {
    if let Some(length) = stamp(text) {
        let is_dated = text.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) || has_year(text);
        return Some(length + if is_dated { 0 } else { year(after(text, length)) });
    }
    if let Some(length) = year_first(text) {
        return Some(length);
    }
    let rest = date(text.as_bytes()).or_else(|| {
        let rest = digits(text.as_bytes(), 2, 2)?;
        digits(byte(digits(byte(rest, b'-')?, 2, 2)?, b'-')?, 4, 4)
    })?;
    let rest = clock(blanks(rest)?)?;
    if let Some(length) = offset(blanks(rest).unwrap_or(rest)).and_then(|rest| ended(text, rest)) {
        return Some(length);
    }
    let length = ended(text, rest)?;
    Some(length + zone(after(text, length)))
}

/// The length of a stamp of ISO 8601, its offset included if there is one.
pub(super) fn iso(text: &str) -> Option<usize> {
    let rest = date(text.as_bytes())?;
    let rest = clock(byte(rest, b'T').or_else(|| byte(rest, b't'))?)?;
    ended(text, offset(rest).unwrap_or(rest))
}

/// The length of a time of day, with seconds or without, that opens the text, if nothing but a colon or a blank follows it.
pub(super) fn time_of_day(text: &str) -> Option<usize> {
    let minutes = |bytes| digits(byte(digits(bytes, 2, 2)?, b':')?, 2, 2);
    ended(text, clock(text.as_bytes()).or_else(|| minutes(text.as_bytes()))?)
}

fn bsd(text: &str) -> Option<usize> {
    let day = behind_day(text)?;
    let with_year = digits(day, 4, 4).and_then(blanks).and_then(clock);
    let length = ended(text, with_year.or_else(|| clock(day))?)?;
    Some(length + zone(after(text, length)))
}

/// What follows the blank behind `Mmm d`, or behind the day if the month is written out.
fn behind_day(text: &str) -> Option<&[u8]> {
    let month = text.get(..3)?;
    let (_, rest) = MONTHS.iter().find(|(known, _)| known.eq_ignore_ascii_case(month))?;
    let behind = text.as_bytes().get(3..)?;
    let behind = match behind.split_at_checked(rest.len()) {
        Some((found, behind)) if found.eq_ignore_ascii_case(rest.as_bytes()) => behind,
        _ => behind,
    };
    blanks(digits(blanks(behind)?, 1, 2)?)
}

/// Whether a year stands behind the day.
fn has_year(text: &str) -> bool {
    behind_day(text).and_then(|rest| digits(rest, 4, 4)).is_some()
}

/// The length of `2024 Mar 14 07:08:09`.
fn year_first(text: &str) -> Option<usize> {
    let rest = blanks(digits(text.as_bytes(), 4, 4)?)?;
    let at = text.len().saturating_sub(rest.len());
    let stamp = after(text, at);
    bsd(stamp).filter(|_| !has_year(stamp)).map(|length| at + length)
}

/// The length of the blank and the year behind a stamp, as `ctime` writes it; 0 if there is none, or an address of version 6.
fn year(text: &str) -> usize {
    let length = |text: &str| {
        let year = blanks(text.as_bytes()).filter(|year| matches!(year.first(), Some(b'1' | b'2')))?;
        let rest = digits(year, 4, 4)?;
        let behind = rest.strip_prefix(b":").unwrap_or(rest);
        let is_end = behind.first().is_none_or(|byte| is_blank(*byte) || *byte == b'%');
        is_end.then(|| text.len().saturating_sub(rest.len()))
    };
    length(text).unwrap_or_default()
}

/// The length of the blank and the half of the day behind a clock of twelve hours, `AM` or `PM`; 0 if there is none.
///
/// Without it the time would be another one, and the word the host. In small letters it may be a host's name.
pub(super) fn half_of_day(text: &str) -> usize {
    let word_at = text.bytes().position(|byte| !is_blank(byte)).unwrap_or_default();
    let is_half = matches!(after(text, word_at).as_bytes(), [b'A' | b'P', b'M', ..]);
    let ending = after(text, word_at + 2).as_bytes();
    if word_at > 0 && is_half && ended(text, ending).is_some() { word_at + 2 } else { 0 }
}

/// The length of the blank and the zone behind a stamp, a word or an offset such as `+03`, or of the half of the day in its place; 0 if
/// there is none.
///
/// A word with a blank and a colon behind it is the host: a box that prints its name there prints it so. No host is called
/// `UTC`, or as a summer time is or the time that it takes turns with, though; but `MSK`, `IST` and the like are cities, too.
fn zone(text: &str) -> usize {
    let word_at = text.bytes().position(|byte| !is_blank(byte)).unwrap_or_default();
    let word = after(text, word_at);
    match word.bytes().next() {
        Some(b'+' | b'-') => {
            let length = offset(word.as_bytes()).and_then(|rest| ended(text, rest));
            return length.filter(|_| word_at > 0).unwrap_or_default();
        }
        Some(b'A' | b'P') if half_of_day(text) > 0 => return half_of_day(text),
        _ => {}
    }
    let length = word.bytes().position(|byte| !byte.is_ascii_uppercase()).unwrap_or(word.len());
    let (word, rest) = (slice(word, 0, length), after(word, length));
    let is_ended = rest.bytes().next().is_none_or(|byte| is_blank(byte) || byte == b':');
    let is_host = rest.trim_start_matches([' ', '\t']).starts_with(':') && !rest.starts_with(':');
    let is_sure = matches!(word, "UTC" | "GMT") || TURNS.contains(&word);
    if word_at > 0 && is_ended && is_zone(word) && (is_sure || !is_host) { word_at + length } else { 0 }
}

fn date(bytes: &[u8]) -> Option<&[u8]> {
    let rest = byte(digits(bytes, 4, 4)?, b'-')?;
    digits(byte(digits(rest, 2, 2)?, b'-')?, 2, 2)
}

fn clock(bytes: &[u8]) -> Option<&[u8]> {
    let rest = byte(digits(bytes, 1, 2)?, b':')?;
    let rest = digits(byte(digits(rest, 2, 2)?, b':')?, 2, 2)?;
    Some(byte(rest, b'.').and_then(|rest| digits(rest, 1, 9)).unwrap_or(rest))
}

fn offset(bytes: &[u8]) -> Option<&[u8]> {
    match bytes.split_first()? {
        (b'Z' | b'z', rest) => Some(rest),
        (b'+' | b'-', rest) => digits(rest, 4, 4).or_else(|| {
            let hours = digits(rest, 2, 2)?;
            byte(hours, b':').and_then(|rest| digits(rest, 2, 2)).or(Some(hours))
        }),
        _ => None,
    }
}

/// What follows between `min` and `max` digits and no more of them.
fn digits(bytes: &[u8], min: usize, max: usize) -> Option<&[u8]> {
    let count = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    if (min..=max).contains(&count) { bytes.get(count..) } else { None }
}

fn byte(bytes: &[u8], expected: u8) -> Option<&[u8]> {
    bytes.split_first().filter(|(first, _)| **first == expected).map(|(_, rest)| rest)
}

fn blanks(bytes: &[u8]) -> Option<&[u8]> {
    let count = bytes.iter().position(|byte| !is_blank(*byte)).unwrap_or(bytes.len());
    if count > 0 { bytes.get(count..) } else { None }
}

/// The length of the text in front of `rest`, if a word may end there.
fn ended(text: &str, rest: &[u8]) -> Option<usize> {
    let is_end = rest.first().is_none_or(|byte| is_blank(*byte) || matches!(byte, b':' | b',' | b'%' | b'"'));
    is_end.then(|| text.len().saturating_sub(rest.len()))
}

/// The first three letters of a month, and the others.
const MONTHS: [(&str, &str); 12] = [
    ("Jan", "uary"),
    ("Feb", "ruary"),
    ("Mar", "ch"),
    ("Apr", "il"),
    ("May", ""),
    ("Jun", "e"),
    ("Jul", "y"),
    ("Aug", "ust"),
    ("Sep", "tember"),
    ("Oct", "ober"),
    ("Nov", "ember"),
    ("Dec", "ember"),
];

/// Zone words that nothing else is called by: summer times, and those of the rest of the year.
const TURNS: [&str; 28] = [
    "ADT", "AEDT", "AEST", "AKDT", "AKST", "AST", "CDT", "CEDT", "CEST", "CET", "CST", "EDT", "EEDT", "EEST",
    "EET", "EST", "HDT", "HST", "MDT", "MESZ", "MEZ", "MSD", "MST", "NZDT", "NZST", "PDT", "PST", "WEDT",
];

/// Whether a word is a zone that times can be read with; any other word is a host.
fn is_zone(word: &str) -> bool {
    (3..=5).contains(&word.len()) && word_offset(word).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stamp at the start of the text, by both readings.
    fn check(text: &str, strict: &str, lenient: &str) {
        let found = |length: Option<usize>| slice(text, 0, length.unwrap_or_default()).to_owned();
        assert_eq!((found(stamp(text)).as_str(), found(loose(text)).as_str()), (strict, lenient), "{text}");
    }

    #[test]
    fn stamps_end_with_their_fraction_and_zone() {
        for (text, expected) in [
            ("Mar  4 07:08:09 fw7", "Mar  4 07:08:09"),
            ("Mar 04 2024 07:08:09.120 fw7", "Mar 04 2024 07:08:09.120"),
            ("March 4 2024 07:08:09 fw7", "March 4 2024 07:08:09"),
            ("may 14 07:08:09 fw7", "may 14 07:08:09"),
            ("Marches 14 07:08:09 fw7", ""),
            ("Marc 14 07:08:09 fw7", ""),
            ("Mar 04 2024 07:08:09: x", "Mar 04 2024 07:08:09"),
            ("Mar 04 07:08:09 EDT: x", "Mar 04 07:08:09 EDT"),
            ("Mar 04 2024 07:08:09 CEST fw7", "Mar 04 2024 07:08:09 CEST"),
            ("Mar 04 07:08:09 EST : x", "Mar 04 07:08:09 EST"),
            ("Mar 04 07:08:09 MSK : x", "Mar 04 07:08:09"),
            ("Mar 04 07:08:09 UTC : x", "Mar 04 07:08:09 UTC"),
            ("Mar 04 07:08:09 CEDT: x", "Mar 04 07:08:09 CEDT"),
            ("Mar 04 07:08:09 EEDT : x", "Mar 04 07:08:09 EEDT"),
            ("Mar 04 2024 07:08:09 PDT : x", "Mar 04 2024 07:08:09 PDT"),
            ("Mar 04 07:08:09 FWA: x", "Mar 04 07:08:09"),
            ("Mar 04 2024 07:08:09 +03: x", "Mar 04 2024 07:08:09 +03"),
            ("Mar 04 07:08:09.120 -0330 fw7", "Mar 04 07:08:09.120 -0330"),
            ("Mar 04 07:08:09 +3: x", "Mar 04 07:08:09"),
            ("Mar 04 07:08:09 -03a x", "Mar 04 07:08:09"),
            ("Mar 04 2024 07:08:09 PM fw7", "Mar 04 2024 07:08:09 PM"),
            ("Mar 04 2024 07:08:09 AM: x", "Mar 04 2024 07:08:09 AM"),
            ("Mar 04 2024 07:08:09 pm x", "Mar 04 2024 07:08:09"),
            ("Mar 04 2024 07:08:09 PM1 : x", "Mar 04 2024 07:08:09"),
            ("Mar 04 07:08:09 EST1 x", "Mar 04 07:08:09"),
            ("Mar 04 07:08:09 EST-fw x", "Mar 04 07:08:09"),
            ("2024-03-14T07:08:09.123456Z x", "2024-03-14T07:08:09.123456Z"),
            ("2024-03-14T07:08:09+01:00 x", "2024-03-14T07:08:09+01:00"),
            ("2024-03-14T07:08:09-0500 x", "2024-03-14T07:08:09-0500"),
            ("2024-03-14T07:08:09-05: x", "2024-03-14T07:08:09-05"),
            ("2024-03-14T07:08:09", "2024-03-14T07:08:09"),
        ] {
            check(text, expected, expected);
        }
    }

    #[test]
    fn stamps_that_may_open_a_body_are_found_on_request_only() {
        check("2024-03-14 07:08:09 x", "", "2024-03-14 07:08:09");
        check("03-14-2024\t07:08:09\tx", "", "03-14-2024\t07:08:09");
        check("2024-03-14 07:08:09.120 +0200 x", "", "2024-03-14 07:08:09.120 +0200");
        check("2024-03-14 07:08:09+02:00 x", "", "2024-03-14 07:08:09+02:00");
        check("2024-03-14 07:08:09Z: x", "", "2024-03-14 07:08:09Z");
        check("2024-03-14 07:08:09 UTC fw7", "", "2024-03-14 07:08:09 UTC");
        check("2024-03-14 07:08:09 PM fw7", "", "2024-03-14 07:08:09 PM");
        check("2024-03-14 07:08:09 - fw7", "", "2024-03-14 07:08:09");
        check("2024-03-14 07:08:09 -fw7", "", "2024-03-14 07:08:09");
        check("2024 Mar 14 07:08:09.120 fw7", "", "2024 Mar 14 07:08:09.120");
        check("2024 Mar  4 07:08:09 EDT: x", "", "2024 Mar  4 07:08:09 EDT");
        check("2024 Mar  4 2024 07:08:09 x", "", "");
        check("Mar 14 07:08:09 2024 fw7", "Mar 14 07:08:09", "Mar 14 07:08:09 2024");
        check("Mar 14 07:08:09 2024 : x", "Mar 14 07:08:09", "Mar 14 07:08:09 2024");
        check("Mar 14 07:08:09 EDT 2024: x", "Mar 14 07:08:09 EDT", "Mar 14 07:08:09 EDT 2024");
    }

    #[test]
    fn what_is_no_year_is_left_behind_the_stamp() {
        for (text, expected) in [
            ("Mar 14 2024 07:08:09 2024 x", "Mar 14 2024 07:08:09"),
            ("Mar 14 07:08:09 7024 x", "Mar 14 07:08:09"),
            ("Mar 14 07:08:09 20240 x", "Mar 14 07:08:09"),
            ("Mar 14 07:08:09 2024-x", "Mar 14 07:08:09"),
            ("Mar 14 07:08:09 2001:db8::7 x", "Mar 14 07:08:09"),
        ] {
            check(text, expected, expected);
        }
    }

    #[test]
    fn damaged_stamps_are_none() {
        for text in [
            "Ma 04 2024 07:08:09",
            "avr. 04 07:08:09",
            "Mar 04 07:08",
            "Mar 04 2024",
            "Mar 123 07:08:09",
            "Mar4 07:08:09",
            "2024-03-14T07:08:09x",
            "2024-03-14T07:08",
            "03/14/2024:07:08:09 GMT",
            "07:08:09 GMT",
            "Mar 04 07:08:099",
            "Mä",
            "",
        ] {
            check(text, "", "");
        }
    }
}
