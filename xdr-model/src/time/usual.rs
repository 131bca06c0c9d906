//! Stamps that are written as nearly all are: every number with all its digits.
//!
//! What is read here is what [`matches`](super::matcher::matches) reads; all else is left to it.

use super::format::{Item, Whole};
use super::matcher::{MONTHS, Parts, letters};
use super::zone;
use crate::read::two_digits;

/// What the whole text says by this format, if it is written as usual.
#[inline]
pub(super) fn read(items: &[Item], mut rest: &[u8]) -> Option<Parts> {
    let (mut year, mut month, mut day, mut of_day) = (None, None, None, (0, 0, 0));
    let (mut nanos, mut digits, mut offset, mut zone_word) = (0_u32, 0_u8, None, None);
    let mut items = items.iter();
    while let Some(item) = items.next() {
        match (*item, rest) {
            (Item::Byte(byte), [first, after @ ..]) if *first == byte => rest = after,
            (Item::Blank, [b' ', after @ ..]) => {
                rest = after;
                while let [b' ', after @ ..] = rest {
                    rest = after;
                }
            }
            (Item::Whole(Whole::Clock), text) => {
                let (text, after) = text.split_first_chunk()?;
                let [hour, _, _, minute, _, _, second, _] = numbers(*text, b':', SIGNS_OF_PAIRS)?;
                (of_day, rest) = ((hour, minute, second), after);
            }
            (Item::Whole(Whole::Ymd(sign)), text) => {
                let (text, after) = text.split_first_chunk()?;
                let [century, _, of_century, _, _, of_year, _, _] = numbers(*text, sign, SIGNS_OF_YMD)?;
                let [d, ay, after @ ..] = after else { return None };
                (year, month) = (Some(u16::from(century) * 100 + u16::from(of_century)), Some(of_year));
                (day, rest) = (Some(two_digits(*d, *ay)?), after);
            }
            (Item::Whole(Whole::Mdy(sign) | Whole::Dmy(sign)), text) => {
                let (first, second, of_era, after) = two_and_year(text, sign)?;
                (year, rest) = (Some(of_era), after);
                (month, day) = match *item {
                    Item::Whole(Whole::Mdy(_)) => (Some(first), Some(second)),
                    _ => (Some(second), Some(first)),
                };
            }
            (Item::MonthName, [a, b, c, after @ ..])
                if after.first().is_some_and(|byte| !byte.is_ascii_alphabetic()) =>
            {
                (month, rest) = (Some(month_of([*a, *b, *c])?), after);
            }
            (Item::Day, [d, ay @ b'0'..=b'9', after @ ..]) => {
                (day, rest) = (Some(two_digits(*d, *ay)?), after);
            }
            (Item::Day, [day_alone, after @ ..]) => {
                (day, rest) = (Some(two_digits(b'0', *day_alone)?), after);
            }
            (Item::Year, [c, entury, y, ear, after @ ..]) => {
                year = Some(u16::from(two_digits(*c, *entury)?) * 100 + u16::from(two_digits(*y, *ear)?));
                rest = after;
            }
            (Item::Fraction, [b'.', after @ ..]) => {
                rest = after;
                while let [digit @ b'0'..=b'9', after @ ..] = rest
                    && digits < 9
                {
                    nanos = nanos * 10 + u32::from(digit - b'0');
                    (digits, rest) = (digits + 1, after);
                }
                nanos *= TO_NANOS.get(usize::from(digits)).filter(|_| digits > 0)?;
            }
            (Item::Offset, [b'Z', after @ ..] | [b'+', b'0', b'0', b'0', b'0', after @ ..]) => {
                (offset, rest) = (Some(0), after);
            }
            (Item::ZoneWord, b"GMT") => (zone_word, rest) = (Some(zone::universal("GMT")), b""),
            (Item::ZoneWord, b"UTC") => (zone_word, rest) = (Some(zone::universal("UTC")), b""),
            // That a piece is missing from the end is seen here, that it is elsewhere is not usual.
            (Item::Optional(count), []) => items = items.as_slice().get(usize::from(count)..)?.iter(),
            (Item::Fraction | Item::Optional(_), _) => {}
            _ => return None,
        }
    }
    let (hour, minute, second) = of_day;
    let parts = Parts {
        year,
        month,
        day,
        hour,
        minute,
        second,
        nanos,
        digits,
        offset,
        zone_word,
        ..Parts::default()
    };
    rest.is_empty().then_some(parts)
}

/// The month of the first three letters of its name.
#[inline]
fn month_of(name: [u8; 3]) -> Option<u8> {
    let name = letters(name);
    (1..).zip(&MONTHS).find(|(_, (known, _))| *known == name).map(|(month, _)| month)
}

/// What the digits of a fraction are multiplied by, by their number.
const TO_NANOS: [u32; 10] = [0, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1000, 100, 10, 1];

/// Two numbers of two digits and a year of four, with a sign behind each of the two, and what follows.
#[inline]
pub(super) fn two_and_year(text: &[u8], sign: u8) -> Option<(u8, u8, u16, &[u8])> {
    let (text, after) = text.split_first_chunk()?;
    let [first, _, _, second, _, _, century, _] = numbers(*text, sign, SIGNS_OF_PAIRS)?;
    let [y, ear, after @ ..] = after else { return None };
    Some((first, second, u16::from(century) * 100 + u16::from(two_digits(*y, *ear)?), after))
}

/// Where signs stand among eight bytes that are digits else: the top bit of each such byte.
const SIGNS_OF_PAIRS: u64 = 0x0000_8000_0080_0000;
const SIGNS_OF_YMD: u64 = 0x8000_0080_0000_0000;

/// For each of eight bytes the number that it and the next one are, if they are digits, and this sign where `signs` says so. All bytes are
/// looked at in one go: each differs from `0` by less than ten, or from the sign by nothing.
#[inline]
fn numbers(text: [u8; 8], sign: u8, signs: u64) -> Option<[u8; 8]> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    // All the bits of each sign's byte.
    let places = (signs >> 7) * 0xff;
    let form = ((ONES * u64::from(b'0')) & !places) | ((ONES * u64::from(sign)) & places);
    let digits = u64::from_le_bytes(text) ^ form;
    let to_top = ((ONES * (0x80 - 10)) & !places) | ((ONES * (0x80 - 1)) & places);
    // No byte is carried into the next one: both are below 128.
    if (((digits & !TOPS) + to_top) | digits) & TOPS != 0 {
        return None;
    }
    Some((digits * 10 + (digits >> 8)).to_le_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
    use proptest::sample::select;

    use super::{Parts, read};
    use crate::time::{Item, fused, matcher, parse_format};

    const FORMATS: [&str; 8] = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f{?%z}",
        "%Y-%m-%d{?T%H:%M:%S%.f}{? %z}",
        "%d/%m/%Y:%H:%M:%S{? %Z}",
        "%m/%d/%Y:%H:%M:%S%.f{? %Z}",
        "%m/%d/%Y{?:%H:%M:%S}",
        "%b %d{? %Y} %H:%M:%S{? %Z}",
        "%b %d %Y %H:%M:%S",
    ];

    proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(20_000))]
        #[test]
        fn what_is_usual_is_read_as_the_items_read_it(
            date in "[0-9]{4}-[0-9 ][0-9]-[0-9]{1,2}|[0-9]{2}/[0-9 ]?[0-9][/-][0-9]{4}|(Mar|dec|May|June|Fo)[ ]{1,2}[0-9]{1,2}([ ]{1,2}[0-9]{4})?",
            between in "T|:| |  ",
            clock in "([0-9]{1,2}:[0-9]{2}:[0-9]{1,3})?",
            fraction in "(\\.([0-9]{3}|[0-9]{1,9}))?",
            zone in "(Z|[+]0000|[ ]{0,2}GMT|[ ]?UTC| [A-Z]{3}|-01:30| )?",
            format in select(FORMATS.to_vec()),
        ) {
            let items = parse_format(format).unwrap();
            let fused = fused(&items);
            prop_assert!(fused.iter().any(|item| matches!(item, Item::Whole(_))));
            let text = [date, between, clock, fraction, zone].concat();
            let mut each = Parts::default();
            let expected = matcher::matches(&items, text.as_bytes(), &mut each);
            let mut one = Parts::default();
            prop_assert_eq!(matcher::matches(&fused, text.as_bytes(), &mut one), expected);
            if expected.is_ok() {
                prop_assert_eq!(one, each);
            }
            if let Some(parts) = read(&fused, text.as_bytes()) {
                prop_assert_eq!((Ok(()), parts), (expected, each));
            }
        }
    }

    #[test]
    fn what_nearly_all_write_is_usual() {
        for (format, text) in [
            ("%Y-%m-%dT%H:%M:%S%.f{?%z}", "2024-03-14T07:08:09.123Z"),
            ("%Y-%m-%dT%H:%M:%S%.f%z", "2024-03-14T07:08:09+0000"),
            ("%m/%d/%Y:%H:%M:%S{? %Z}", "03/14/2024:07:08:09 GMT"),
            ("%m/%d/%Y:%H:%M:%S{? %Z}", "03/14/2024:07:08:09"),
            ("%b  %d{? %Y} %H:%M:%S%.f{? %Z}", "Mar  4 2024 07:08:09"),
        ] {
            let items = fused(&parse_format(format).unwrap());
            assert!(read(&items, text.as_bytes()).is_some(), "{text}");
        }
    }
}
