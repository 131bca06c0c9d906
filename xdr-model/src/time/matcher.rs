//! Items over the bytes of a text.

use super::{Item, zone};
use crate::Word;

/// What a text says. Numbers are as printed: whether they are a date and a time of day is settled later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) year: Option<u16>,
    pub(super) month: Option<u8>,
    pub(super) day: Option<u8>,
    pub(super) hour: u8,
    pub(super) pm: Option<bool>,
    pub(super) minute: u8,
    pub(super) second: u8,
    pub(super) nanos: u32,
    /// Digits of the fraction, 0–9.
    pub(super) digits: u8,
    /// Seconds east of UTC, where the text says them in digits.
    pub(super) offset: Option<i32>,
    /// The zone word, where it is known.
    pub(super) zone_word: Option<zone::ZoneWord>,
    pub(super) epoch: Option<u64>,
    /// The zone word, where it is not known.
    pub(super) unknown_zone: Option<Word>,
}

impl Parts {
    /// Seconds since midnight, up to those of a whole day; nothing if no clock shows this.
    pub(super) fn seconds_of_day(&self) -> Option<i32> {
        let hour = match self.pm {
            None => self.hour,
            Some(pm) if (1..=12).contains(&self.hour) => self.hour % 12 + if pm { 12 } else { 0 },
            Some(_) => return None,
        };
        let (minute, second) = (self.minute, self.second);
        let midnight = hour == 24 && minute == 0 && second == 0 && self.nanos == 0;
        let shown = hour < 24 && minute < 60 && second <= 60;
        (shown || midnight).then(|| i32::from(hour) * 3600 + i32::from(minute) * 60 + i32::from(second))
    }

    /// What the text says if month and day change places, which are written alike.
    pub(super) fn in_other_order(&self) -> Self {
        Self { month: self.day, day: self.month, ..*self }
    }

    /// Whether two readings of one text are two days. A year that only one of them has does not count.
    pub(super) fn differs_in_day(&self, other: &Self) -> bool {
        let years = self.year.is_some() && other.year.is_some() && self.year != other.year;
        years || (self.month, self.day) != (other.month, other.day)
    }
}

/// Why a text does not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// It has another form.
    Shape,
    /// It has the form, but its zone word is unknown.
    Zone(Word),
}

/// Fills in what the whole text says by this format; on a miss the parts say nothing of use.
///
/// Of the ways to leave optional pieces out, the first that matches counts.
///
/// The parts are filled in place as copies of a struct that was just written by the byte are slow.
pub(super) fn matches(items: &[Item], text: &[u8], parts: &mut Parts) -> Result<(), Miss> {
    *parts = Parts::default();
    walk(items, text, parts)
}

/// Recurses once for each optional piece, of which a parsed format has a handful.
fn walk(items: &[Item], mut rest: &[u8], parts: &mut Parts) -> Result<(), Miss> {
    let mut miss = Miss::Shape;
    let mut items = items.iter();
    while let Some(&item) = items.next() {
        if let Item::Optional(count) = item {
            // Nothing is left for a piece that begins with something.
            let lacks = rest.is_empty() && !matches!(items.as_slice().first(), Some(Item::Fraction));
            if !lacks {
                let before = *parts;
                match walk(items.as_slice(), rest, parts) {
                    Err(Miss::Shape) => {}
                    Err(zone) => miss = zone,
                    Ok(()) => return Ok(()),
                }
                *parts = before;
            }
            items = items.as_slice().get(usize::from(count)..).unwrap_or_default().iter();
        } else {
            let Some(after) = one(item, rest, parts) else { return Err(miss) };
            rest = after;
        }
    }
    match parts.unknown_zone {
        _ if !rest.is_empty() => Err(miss),
        Some(word) if parts.offset.is_none() => Err(Miss::Zone(word)),
        _ => Ok(()),
    }
}

/// Reads one item from the head of the text, and gives what follows it.
#[inline]
fn one<'t>(item: Item, text: &'t [u8], parts: &mut Parts) -> Option<&'t [u8]> {
    match item {
        Item::Byte(byte) => match text.split_first() {
            Some((&first, rest)) if first == byte => Some(rest),
            _ => None,
        },
        Item::Blank => {
            let run = text.iter().take_while(|byte| is_blank(**byte)).count();
            if run == 0 { None } else { text.get(run..) }
        }
        Item::Year => {
            let (century, rest) = small(text, 2)?;
            let (year, rest) = small(rest, 2)?;
            parts.year = Some(u16::from(century) * 100 + u16::from(year));
            Some(rest)
        }
        Item::Month => small(skip_blank(text), 1).map(|(month, rest)| {
            parts.month = Some(month);
            rest
        }),
        Item::Day => small(skip_blank(text), 1).map(|(day, rest)| {
            parts.day = Some(day);
            rest
        }),
        Item::MonthName => name(text, &MONTHS).map(|(month, rest)| {
            parts.month = Some(month + 1);
            rest
        }),
        Item::DayName => name(text, &DAYS).map(|(_, rest)| rest),
        Item::Hour | Item::Hour12 => small(text, 1).map(|(hour, rest)| {
            parts.hour = hour;
            rest
        }),
        Item::AmPm => {
            let (half, rest) = text.split_at_checked(2)?;
            parts.pm = Some(half.eq_ignore_ascii_case(b"PM"));
            (parts.pm == Some(true) || half.eq_ignore_ascii_case(b"AM")).then_some(rest)
        }
        Item::Minute => small(text, 2).map(|(minute, rest)| {
            parts.minute = minute;
            rest
        }),
        Item::Second => small(text, 2).map(|(second, rest)| {
            parts.second = second;
            rest
        }),
        Item::Fraction => fraction(text, parts),
        Item::Offset => offset(text, parts),
        Item::ZoneWord => {
            let letters = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
            let (word, rest) = text.split_at_checked(letters)?;
            let word = Word::new(word)?;
            parts.zone_word = zone::word(word.as_str());
            parts.unknown_zone = if parts.zone_word.is_none() { Some(word) } else { None };
            Some(rest)
        }
        Item::Epoch => {
            let (seconds, rest) = digits(text, 1, 12)?;
            parts.epoch = Some(seconds);
            Some(rest)
        }
        Item::EpochParts(count) => {
            let (count, longest) = (usize::from(count), usize::from(count) + 12);
            let (number, rest) = digits(text, count + 10, longest.min(20))?;
            let a_second = 10_u64.checked_pow(u32::try_from(count).ok()?)?;
            parts.epoch = Some(number / a_second);
            parts.nanos = u32::try_from(number % a_second * (1_000_000_000 / a_second)).ok()?;
            parts.digits = u8::try_from(count).ok()?;
            Some(rest)
        }
        Item::Whole(whole) => whole.pieces().into_iter().try_fold(text, |rest, item| one(item, rest, parts)),
        // Not an item of its own: `walk` takes it.
        Item::Optional(_) => None,
    }
}

/// The first three letters of a name, as [`letters`] packs them, and the others.
pub(super) type Name = (u32, &'static [u8]);

pub(super) const MONTHS: [Name; 12] = [
    (letters(*b"jan"), b"uary"),
    (letters(*b"feb"), b"ruary"),
    (letters(*b"mar"), b"ch"),
    (letters(*b"apr"), b"il"),
    (letters(*b"may"), b""),
    (letters(*b"jun"), b"e"),
    (letters(*b"jul"), b"y"),
    (letters(*b"aug"), b"ust"),
    (letters(*b"sep"), b"tember"),
    (letters(*b"oct"), b"ober"),
    (letters(*b"nov"), b"ember"),
    (letters(*b"dec"), b"ember"),
];

const DAYS: [Name; 7] = [
    (letters(*b"mon"), b"day"),
    (letters(*b"tue"), b"sday"),
    (letters(*b"wed"), b"nesday"),
    (letters(*b"thu"), b"rsday"),
    (letters(*b"fri"), b"day"),
    (letters(*b"sat"), b"urday"),
    (letters(*b"sun"), b"day"),
];

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn skip_blank(text: &[u8]) -> &[u8] {
    match text.split_first() {
        Some((&first, rest)) if is_blank(first) => rest,
        _ => text,
    }
}

/// A number of as many digits as there are, between these bounds.
fn digits(text: &[u8], fewest: usize, most: usize) -> Option<(u64, &[u8])> {
    let mut number = 0_u64;
    let mut rest = text;
    let mut count = 0;
    while count < most
        && let Some((&digit @ b'0'..=b'9', after)) = rest.split_first()
    {
        number = number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
        rest = after;
        count += 1;
    }
    (count >= fewest).then_some((number, rest))
}

/// A number of at most two digits.
fn small(text: &[u8], fewest: usize) -> Option<(u8, &[u8])> {
    match text {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] => {
            Some(((tens - b'0') * 10 + (ones - b'0'), rest))
        }
        [ones @ b'0'..=b'9', rest @ ..] if fewest < 2 => Some((ones - b'0', rest)),
        _ => None,
    }
}

/// The place of the name that the text begins with, by its first three letters or in full.
fn name<'t>(text: &'t [u8], names: &[Name]) -> Option<(u8, &'t [u8])> {
    let (head, rest) = text.split_first_chunk::<3>()?;
    let head = letters(*head);
    let (place, (_, long)) = (0_u8..).zip(names).find(|(_, (short, _))| *short == head)?;
    match rest.split_at_checked(long.len()) {
        Some((tail, rest)) if tail.eq_ignore_ascii_case(long) => Some((place, rest)),
        _ => Some((place, rest)),
    }
}

/// Three letters as one number, without regard to case. Setting the bit 0x20 makes letters of letters only.
pub(super) const fn letters([a, b, c]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, a | 0x20, b | 0x20, c | 0x20])
}

fn fraction<'t>(text: &'t [u8], parts: &mut Parts) -> Option<&'t [u8]> {
    let Some(after) = text.strip_prefix(b".") else { return Some(text) };
    let (number, rest) = digits(after, 1, 9)?;
    let count = u8::try_from(after.len() - rest.len()).ok()?;
    let scale = 10_u32.checked_pow(9_u32.checked_sub(u32::from(count))?)?;
    parts.nanos = u32::try_from(number).ok()?.checked_mul(scale)?;
    parts.digits = count;
    Some(rest)
}

fn offset<'t>(text: &'t [u8], parts: &mut Parts) -> Option<&'t [u8]> {
    let (sign, rest) = match text.split_first()? {
        (b'Z' | b'z', rest) => {
            parts.offset = Some(0);
            return Some(rest);
        }
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = small(rest, 2)?;
    let (minutes, rest) = match rest.first() {
        Some(b':' | b'0'..=b'9') => small(rest.strip_prefix(b":").unwrap_or(rest), 2)?,
        _ => (0, rest),
    };
    parts.offset = Some(sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60));
    (hours < 24 && minutes < 60).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::{Miss, Parts, matches, zone};
    use crate::Word;
    use crate::time::format::differs_in_order;
    use crate::time::parse_format;

    fn parts(format: &str, text: &str) -> Result<Parts, Miss> {
        let mut parts = Parts::default();
        matches(&parse_format(format).unwrap(), text.as_bytes(), &mut parts).map(|()| parts)
    }

    #[test]
    fn names_are_short_or_long_in_any_case() {
        for (text, month) in [
            ("Nov", Some(11)),
            ("november", Some(11)),
            ("MAY", Some(5)),
            ("Sep", Some(9)),
            ("Novem", None),
            ("No", None),
            ("Foo", None),
        ] {
            assert_eq!(parts("%b", text).ok().and_then(|parts| parts.month), month, "{text}");
        }
        assert!(parts("%a %d", "Thursday 7").is_ok());
        assert!(parts("%a %d", "Thu 7").is_ok());
        assert!(parts("%a %d", "Xyz 7").is_err());
    }

    #[test]
    fn days_and_months_may_be_padded_or_short() {
        for text in ["07/08", "7/8", " 7/ 8", "7/08"] {
            let parts = parts("%d/%m", text).unwrap();
            assert_eq!((parts.day, parts.month), (Some(7), Some(8)), "{text}");
        }
        for text in ["", "/8", "  7/8", "007/8", "7/8 x", "7-8"] {
            assert_eq!(parts("%d/%m", text), Err(Miss::Shape), "{text}");
        }
    }

    #[test]
    fn the_other_order_is_what_the_other_format_reads() {
        for text in ["03/04/2024", "3/4/2024", " 3/14/2024", "31/12/2024", "99/00/0000"] {
            let (day_first, month_first) =
                (parts("%d/%m/%Y", text).unwrap(), parts("%m/%d/%Y", text).unwrap());
            assert_eq!(day_first.in_other_order(), month_first, "{text}");
        }
        let [day_first, month_first, other] = ["%d/%m/%Y{? %Z}", "%m/%d/%Y{? %Z}", "%Y/%m/%d{? %Z}"]
            .map(|format| parse_format(format).unwrap());
        assert!(differs_in_order(&day_first, &month_first));
        assert!(!differs_in_order(&day_first, &day_first) && !differs_in_order(&day_first, &other));
    }

    #[test]
    fn fractions_have_nothing_or_a_dot_and_digits() {
        for (text, expected) in [
            ("1", Some((0, 0))),
            ("1.5", Some((500_000_000, 1))),
            ("1.000", Some((0, 3))),
            ("1.123456789", Some((123_456_789, 9))),
            ("1.000000001", Some((1, 9))),
            ("1.", None),
            ("1.1234567891", None),
            ("1,5", None),
        ] {
            let found = parts("%s%.f", text).ok().map(|parts| (parts.nanos, parts.digits));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn offsets_have_four_forms() {
        for (text, expected) in [
            ("1Z", Some(0)),
            ("1+01:00", Some(3600)),
            ("1-0530", Some(-19_800)),
            ("1+14:00", Some(50_400)),
            ("1-00:00", Some(0)),
            ("1+01", Some(3600)),
            ("1-11", Some(-39_600)),
            ("1+1", None),
            ("1+01:", None),
            ("1+01:0", None),
            ("1+010", None),
            ("1+1:00", None),
            ("1+24:00", None),
            ("1+01:60", None),
            ("1", None),
        ] {
            assert_eq!(parts("%s%z", text).ok().and_then(|parts| parts.offset), expected, "{text}");
        }
    }

    #[test]
    fn optional_pieces_are_tried_present_first() {
        let format = "%b %d{? %Y} %H:%M{?:%S}{? %Z}";
        let read = |text| {
            let offset = |word: zone::ZoneWord| word.offset;
            parts(format, text)
                .map(|parts| (parts.year, parts.hour, parts.second, parts.zone_word.map(offset)))
        };
        assert_eq!(read("Nov 3 2020 09:50"), Ok((Some(2020), 9, 0, None)));
        assert_eq!(read("Nov 3 09:50:01"), Ok((None, 9, 1, None)));
        assert_eq!(read("Nov 3 09:50 CET"), Ok((None, 9, 0, Some(3600))));
        assert_eq!(read("Nov 3 2020 09:50:01 UTC"), Ok((Some(2020), 9, 1, Some(0))));
        assert_eq!(read("Nov 3 2020 09:50:"), Err(Miss::Shape));
    }

    #[test]
    fn a_piece_that_was_left_out_says_nothing() {
        // The first try reads a year and fails after it.
        let read = parts("%d{?%Y}{?%H%M} x", "031234 x").unwrap();
        assert_eq!((read.year, read.hour), (Some(1234), 0));
        let read = parts("%d{?-%Y-}{?-%H%M} x", "03-1234 x").unwrap();
        assert_eq!((read.year, read.hour, read.minute), (None, 12, 34));
    }

    #[test]
    fn unknown_zone_words_are_named_when_all_else_matches() {
        let word = Word::new(b"QQT").unwrap();
        assert_eq!(parts("%H:%M %Z", "09:50 QQT"), Err(Miss::Zone(word)));
        assert_eq!(parts("%H:%M{? %Z}", "09:50 QQT"), Err(Miss::Zone(word)));
        assert_eq!(parts("%H:%M %Z x", "09:50 QQT"), Err(Miss::Shape));
        assert_eq!(parts("%H:%M %Z", "09:50 "), Err(Miss::Shape));
        assert_eq!(parts("%H:%M %Z", "09:50 SOMEWHERE"), Err(Miss::Shape));
    }

    #[test]
    fn clocks_show_24_only_at_midnight() {
        for (text, expected) in [
            ("00:00:00", Some(0)),
            ("23:59:60", Some(86400)),
            ("24:00:00", Some(86400)),
            ("24:00:01", None),
            ("24:00:00.1", None),
            ("23:60:00", None),
            ("23:59:61", None),
            ("25:00:00", None),
        ] {
            let parts = parts("%H:%M:%S%.f", text).unwrap();
            assert_eq!(parts.seconds_of_day(), expected, "{text}");
        }
        for (text, expected) in [
            ("12:00 AM", Some(0)),
            ("12:00 PM", Some(43_200)),
            ("1:05 pm", Some(47_100)),
            ("11:59 PM", Some(86_340)),
            ("0:00 AM", None),
            ("13:00 PM", None),
        ] {
            let parts = parts("%I:%M %p", text).unwrap();
            assert_eq!(parts.seconds_of_day(), expected, "{text}");
        }
    }
}
