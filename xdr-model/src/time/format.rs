//! The format language of the specs, taken apart into items, and what a format leaves open.

use std::fmt;

/// The most optional pieces of one format: the matcher tries every combination of them.
const MOST_OPTIONAL: usize = 6;

/// One piece of a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// This byte.
    Byte(u8),
    /// One or more blanks or tabs.
    Blank,
    /// `%Y`: four digits.
    Year,
    /// `%m`: one or two digits, the first of which may be a blank.
    Month,
    /// `%b`: an English month, short or long.
    MonthName,
    /// `%d`: one or two digits, the first of which may be a blank.
    Day,
    /// `%a`: an English day, short or long. It is not held against the date.
    DayName,
    /// `%H`: one or two digits, 0–24.
    Hour,
    /// `%I`: one or two digits, 1–12.
    Hour12,
    /// `%p`: `AM` or `PM`.
    AmPm,
    /// `%M`: two digits.
    Minute,
    /// `%S`: two digits, 0–60.
    Second,
    /// `%.f`: nothing, or a dot and one to nine digits.
    Fraction,
    /// `%z`: `Z`, `+01:00`, `+0100` or `+01`.
    Offset,
    /// `%Z`: a zone word, as [`word_offset`](super::word_offset) knows them.
    ZoneWord,
    /// `%s`: seconds since 1970, up to twelve digits.
    Epoch,
    /// `%Q`, `%6Q`, `%9Q`: milliseconds, microseconds or nanoseconds since 1970, by how many digits of the second they tell. Texts have ten to
    /// twelve digits more than that, so that no text is of two of them, or of `%s`; those of nanoseconds end with the 20 digits of a number.
    EpochParts(u8),
    /// The next items, as many as this, may be missing as a whole.
    Optional(u8),
    /// Five items that [`fused`] has made one.
    Whole(Whole),
}

/// Five items that are read in one go where they are written as usual, with all their digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whole {
    /// `%H:%M:%S`.
    Clock,
    /// `%Y`, `%m` and `%d` with this byte between them.
    Ymd(u8),
    /// `%m`, `%d` and `%Y` with this byte between them.
    Mdy(u8),
    /// `%d`, `%m` and `%Y` with this byte between them.
    Dmy(u8),
}

impl Whole {
    /// The items that it stands for.
    pub const fn pieces(self) -> [Item; 5] {
        match self {
            Self::Clock => [Item::Hour, Item::Byte(b':'), Item::Minute, Item::Byte(b':'), Item::Second],
            Self::Ymd(sign) => [Item::Year, Item::Byte(sign), Item::Month, Item::Byte(sign), Item::Day],
            Self::Mdy(sign) => [Item::Month, Item::Byte(sign), Item::Day, Item::Byte(sign), Item::Year],
            Self::Dmy(sign) => [Item::Day, Item::Byte(sign), Item::Month, Item::Byte(sign), Item::Year],
        }
    }
}

/// The items of a format for the matcher, which reads a date or a time of day that is written as usual in one go: five items become one. What
/// stands within an optional piece stays.
pub fn fused(items: &[Item]) -> Vec<Item> {
    let mut fused = Vec::new();
    let mut rest = items;
    while let Some((first, behind)) = rest.split_first() {
        let whole = match behind {
            [Item::Byte(sign), ..] => [Whole::Clock, Whole::Ymd(*sign), Whole::Mdy(*sign), Whole::Dmy(*sign)]
                .into_iter()
                .find(|whole| rest.starts_with(&whole.pieces())),
            _ => None,
        };
        let kept = match (whole, first) {
            (Some(_), _) => 0,
            // It counts its items.
            (None, Item::Optional(count)) => 1 + usize::from(*count),
            (None, _) => 1,
        };
        fused.extend(whole.map(Item::Whole));
        let (taken, after) = rest.split_at(kept.min(rest.len()));
        fused.extend_from_slice(taken);
        rest = if whole.is_some() { after.get(5..).unwrap_or_default() } else { after };
    }
    fused
}

/// Whether the first two of the formats, as [`fused`] makes them, begin with the day and the month or the month and the day, and are the same
/// otherwise, and no other format can tell of another day what they read.
pub fn either_order<F: AsRef<[Item]>>(formats: &[F]) -> bool {
    let [one, other, more @ ..] = formats else { return false };
    let opens = matches!(one.as_ref(), [Item::Whole(Whole::Mdy(_) | Whole::Dmy(_)), ..]);
    // Some begin with the same two numbers in one of the two orders. A letter, or four digits, cannot stand where two digits and a sign do.
    let adds_nothing = |format: &F| {
        let first = format.as_ref().first();
        matches!(first, Some(Item::Whole(Whole::Mdy(_) | Whole::Dmy(_) | Whole::Ymd(_))))
            || matches!(first, Some(Item::Year | Item::MonthName | Item::DayName))
    };
    opens && differs_in_order(one.as_ref(), other.as_ref()) && more.iter().all(adds_nothing)
}

/// How many of the first formats read only texts of which no other format tells another day.
pub fn alone<F: AsRef<[Item]>>(formats: &[F]) -> usize {
    let agree = |one: &[Item], other: &[Item]| {
        let parted = opening(one).zip(opening(other)).is_some_and(|(one, other)| one != other);
        parted || day_first(one) == day_first(other)
    };
    let is_alone = |format: &&F| formats.iter().all(|other| agree(format.as_ref(), other.as_ref()));
    formats.iter().take_while(is_alone).count()
}

/// What texts of a format begin with.
#[derive(PartialEq, Eq)]
enum Opening {
    Letter,
    /// Four digits, and this byte behind them.
    Year(u8),
    /// One or two digits, and this byte behind them.
    Short(u8),
}

/// What texts of this format begin with, if that is one of these.
fn opening(items: &[Item]) -> Option<Opening> {
    let sign = || match items.get(1) {
        Some(Item::Byte(sign)) if !sign.is_ascii_digit() => Some(*sign),
        Some(Item::Blank) => Some(b' '),
        _ => None,
    };
    match items.first()? {
        Item::MonthName | Item::DayName => Some(Opening::Letter),
        Item::Year => sign().map(Opening::Year),
        Item::Day | Item::Month => sign().map(Opening::Short),
        Item::Whole(Whole::Ymd(sign)) => Some(Opening::Year(*sign)),
        Item::Whole(Whole::Mdy(sign) | Whole::Dmy(sign)) => Some(Opening::Short(*sign)),
        _ => None,
    }
}

/// Why a text is not a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    /// The byte of the text at which it goes wrong.
    pub at: usize,
    /// What was found, and what was expected.
    pub message: String,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FormatError {}

/// Whether two formats are the same but for the places of `%m` and `%d`.
pub(super) fn differs_in_order(one: &[Item], other: &[Item]) -> bool {
    let in_other_order = |item: &Item| match item {
        Item::Month => Item::Day,
        Item::Day => Item::Month,
        Item::Whole(Whole::Mdy(sign)) => Item::Whole(Whole::Dmy(*sign)),
        Item::Whole(Whole::Dmy(sign)) => Item::Whole(Whole::Mdy(*sign)),
        other => *other,
    };
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| in_other_order(one) == *other)
}

/// Takes a format of the spec language apart: `%Y %m %b %d %H %I %p %M %S %.f %z %Z %s %Q %6Q %9Q %a`, literal text, and
/// `{? …}` around what may be missing; the blank after `{?` belongs to the piece.
///
/// # Errors
/// An unknown item, one that stands twice or without its partner, or a brace out of place.
pub fn parse_format(text: &str) -> Result<Vec<Item>, FormatError> {
    let fail = |at: usize, message: String| Err(FormatError { at, message });
    let mut items: Vec<Item> = Vec::new();
    let mut spelled: Vec<(Item, usize)> = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    let mut optional = 0;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let at = text.len() - rest.len();
        let (taken, item) = match first {
            '%' => {
                let (taken, item) = percent(rest, at)?;
                if spelled.iter().any(|&(known, _)| known == item) {
                    return fail(at, format!("`{taken}` stands twice"));
                }
                spelled.push((item, at));
                (taken, Some(item))
            }
            '{' if open.is_some() => return fail(at, "an optional piece within another one".to_owned()),
            '{' if rest.starts_with("{?") => {
                optional += 1;
                if optional > MOST_OPTIONAL {
                    return fail(at, format!("more than {MOST_OPTIONAL} optional pieces"));
                }
                open = Some((items.len(), at));
                ("{?", Some(Item::Optional(0)))
            }
            '{' => return fail(at, "found `{`, expected `{?` and a piece that may be missing".to_owned()),
            '}' => {
                let Some((place, start)) = open.take() else {
                    return fail(at, "found `}`, but no optional piece is open".to_owned());
                };
                let count = items.len().saturating_sub(place + 1);
                if count == 0 {
                    return fail(start, "the optional piece is empty".to_owned());
                }
                let Ok(count) = u8::try_from(count) else {
                    return fail(start, "the optional piece is too long".to_owned());
                };
                if let Some(slot) = items.get_mut(place) {
                    *slot = Item::Optional(count);
                }
                ("}", None)
            }
            ' ' | '\t' => {
                let run = rest.len() - rest.trim_start_matches([' ', '\t']).len();
                (rest.get(..run).unwrap_or(rest), Some(Item::Blank))
            }
            other => {
                let taken = rest.get(..other.len_utf8()).unwrap_or(rest);
                items.extend(taken.bytes().map(Item::Byte));
                (taken, None)
            }
        };
        items.extend(item);
        rest = rest.get(taken.len()..).unwrap_or_default();
    }
    if let Some((_, start)) = open {
        return fail(start, "the optional piece is not closed by `}`".to_owned());
    }
    if spelled.is_empty() {
        return fail(0, "the format has no item such as `%Y`".to_owned());
    }
    check_partners(&items, &spelled)?;
    Ok(items)
}

/// The item at the head of the text, which begins with `%`, and its spelling.
fn percent(rest: &str, at: usize) -> Result<(&str, Item), FormatError> {
    for (spelling, item) in SPELLINGS {
        if rest.starts_with(spelling) {
            return Ok((spelling, item));
        }
    }
    let found: String = rest.chars().take(2).collect();
    let known = SPELLINGS.map(|(spelling, _)| spelling).join(" ");
    Err(FormatError { at, message: format!("unknown item `{found}`, expected one of {known}") })
}

const SPELLINGS: [(&str, Item); 17] = [
    ("%Y", Item::Year),
    ("%m", Item::Month),
    ("%b", Item::MonthName),
    ("%d", Item::Day),
    ("%H", Item::Hour),
    ("%I", Item::Hour12),
    ("%p", Item::AmPm),
    ("%M", Item::Minute),
    ("%S", Item::Second),
    ("%.f", Item::Fraction),
    ("%z", Item::Offset),
    ("%Z", Item::ZoneWord),
    ("%s", Item::Epoch),
    ("%Q", Item::EpochParts(3)),
    ("%6Q", Item::EpochParts(6)),
    ("%9Q", Item::EpochParts(9)),
    ("%a", Item::DayName),
];

/// Items that need, or exclude, each other.
fn check_partners(items: &[Item], spelled: &[(Item, usize)]) -> Result<(), FormatError> {
    let place = |item: Item| spelled.iter().find(|(known, _)| *known == item).map(|&(_, at)| at);
    let fail = |at: usize, message: &str| Err(FormatError { at, message: message.to_owned() });
    let has = |item| place(item).is_some();
    match (place(Item::Hour12), place(Item::AmPm)) {
        (Some(at), None) => return fail(at, "`%I` without `%p`: the half of the day is missing"),
        (None, Some(at)) => return fail(at, "`%p` without `%I`"),
        _ => {}
    }
    if let Some(at) = place(Item::Hour12).filter(|_| has(Item::Hour)) {
        return fail(at, "`%I` and `%H` both give the hour");
    }
    if let Some(at) = place(Item::MonthName).filter(|_| has(Item::Month)) {
        return fail(at, "`%b` and `%m` both give the month");
    }
    for (spelling, moment) in SPELLINGS.into_iter().filter(|(_, item)| is_moment(*item)) {
        let Some(at) = place(moment) else { continue };
        let beside = [moment, Item::Fraction, Item::Offset, Item::ZoneWord, Item::DayName];
        if spelled.iter().any(|(item, _)| !beside.contains(item)) {
            let message = "is a whole moment: no other part of date or time may stand beside it";
            return fail(at, &format!("`{spelling}` {message}"));
        }
    }
    if let Some(at) = place(Item::Fraction) {
        let follows = items.windows(2).any(|two| matches!(two, [Item::Second | Item::Epoch, Item::Fraction]));
        if !follows {
            return fail(at, "`%.f` must stand right after `%S` or `%s`");
        }
    }
    Ok(())
}

/// Whether the item is a whole moment by itself.
const fn is_moment(item: Item) -> bool {
    matches!(item, Item::Epoch | Item::EpochParts(_))
}

/// The items that no text of the format can lack.
fn mandatory(items: &[Item]) -> impl Iterator<Item = Item> {
    let mut optional = 0_u8;
    items.iter().copied().filter(move |item| match item {
        Item::Optional(count) => {
            optional = *count;
            false
        }
        _ if optional > 0 => {
            optional -= 1;
            false
        }
        _ => true,
    })
}

/// Whether every text of the format tells its year.
pub fn has_year(items: &[Item]) -> bool {
    mandatory(items).any(|item| item == Item::Year || is_moment(item))
}

/// Whether every text of the format tells its zone.
pub fn has_zone(items: &[Item]) -> bool {
    mandatory(items).any(|item| matches!(item, Item::Offset | Item::ZoneWord) || is_moment(item))
}

/// Whether texts of the format may tell their zone, but need not.
pub fn has_optional_zone(items: &[Item]) -> bool {
    !has_zone(items) && items.iter().any(|item| matches!(item, Item::Offset | Item::ZoneWord))
}

/// Whether texts of the format may tell their zone by a word.
pub fn has_zone_word(items: &[Item]) -> bool {
    items.contains(&Item::ZoneWord)
}

/// Whether every text of the format tells its month and day.
pub fn has_date(items: &[Item]) -> bool {
    let has = |wanted: &[Item]| mandatory(items).any(|item| wanted.contains(&item));
    mandatory(items).any(is_moment) || (has(&[Item::Day]) && has(&[Item::Month, Item::MonthName]))
}

/// Whether the day stands before the month; nothing if one of them is not a number.
pub(super) fn day_first(items: &[Item]) -> Option<bool> {
    items.iter().find_map(|item| match item {
        Item::Day => Some(items.contains(&Item::Month).then_some(true)),
        Item::Month => Some(items.contains(&Item::Day).then_some(false)),
        Item::Whole(Whole::Dmy(_)) => Some(Some(true)),
        Item::Whole(Whole::Mdy(_) | Whole::Ymd(_)) => Some(Some(false)),
        _ => None,
    })?
}

#[cfg(test)]
mod tests {
    use super::{Item, day_first, has_date, has_optional_zone, has_year, has_zone, parse_format};
    use proptest::prelude::{any, proptest};

    #[test]
    fn formats_become_items() {
        let items = parse_format("%b  %d{? %Y} %H:%M:%S%.f{? %Z}").unwrap();
        assert_eq!(
            items,
            [
                Item::MonthName,
                Item::Blank,
                Item::Day,
                Item::Optional(2),
                Item::Blank,
                Item::Year,
                Item::Blank,
                Item::Hour,
                Item::Byte(b':'),
                Item::Minute,
                Item::Byte(b':'),
                Item::Second,
                Item::Fraction,
                Item::Optional(2),
                Item::Blank,
                Item::ZoneWord,
            ]
        );
        assert_eq!(parse_format("é%s").unwrap(), [Item::Byte(0xc3), Item::Byte(0xa9), Item::Epoch]);
    }

    #[test]
    fn bad_formats_say_where_and_why() {
        for (text, at, message) in [
            ("%Y-%q", 3, "unknown item `%q`"),
            ("%Y %", 3, "unknown item `%`"),
            ("%Y-%.3f", 3, "unknown item `%.`"),
            ("%Y-%m-%Y", 6, "`%Y` stands twice"),
            ("%Y{? %H{? %M}}", 7, "an optional piece within another one"),
            ("%Y{%H}", 2, "found `{`, expected `{?`"),
            ("%Y}", 2, "found `}`"),
            ("%Y{?}", 2, "the optional piece is empty"),
            ("%Y{? %H", 2, "not closed"),
            ("", 0, "no item"),
            ("noon", 0, "no item"),
            ("%m/%d %I:%M", 6, "`%I` without `%p`"),
            ("%m/%d %M %p", 9, "`%p` without `%I`"),
            ("%I %p %H", 0, "both give the hour"),
            ("%m %b", 3, "both give the month"),
            ("%s %Y", 0, "whole moment"),
            ("%Q %s", 3, "whole moment"),
            ("%H %Q", 3, "`%Q` is a whole moment"),
            ("%Q%.f", 2, "right after"),
            ("%6Q %9Q", 0, "whole moment"),
            ("%5Q", 0, "unknown item `%5`"),
            ("%Y%.f", 2, "right after"),
            ("{?a}{?a}{?a}{?a}{?a}{?a}{?a}%s", 24, "more than 6"),
        ] {
            let error = parse_format(text).unwrap_err();
            assert_eq!(error.at, at, "{text}: {error}");
            assert!(error.message.contains(message), "{text}: {error}");
        }
    }

    #[test]
    fn facts_count_only_what_cannot_be_missing() {
        for (text, year, zone, optional_zone, date) in [
            ("%Y-%m-%dT%H:%M:%S%.f%z", true, true, false, true),
            ("%b %d %H:%M:%S", false, false, false, true),
            ("%b %d{? %Y} %H:%M:%S", false, false, false, true),
            ("%b %d %Y %H:%M:%S{? %Z}", true, false, true, true),
            ("%s%.f", true, true, false, true),
            ("%Q", true, true, false, true),
            ("%9Q", true, true, false, true),
            ("%H:%M:%S", false, false, false, false),
            ("%Y{?-%m-%d}", true, false, false, false),
            ("%a, %d %b %Y %H:%M:%S %Z", true, true, false, true),
        ] {
            let items = parse_format(text).unwrap();
            assert_eq!(
                (has_year(&items), has_zone(&items), has_optional_zone(&items), has_date(&items)),
                (year, zone, optional_zone, date),
                "{text}"
            );
        }
    }

    #[test]
    fn order_needs_two_numbers() {
        for (text, expected) in [
            ("%d/%m/%Y", Some(true)),
            ("%m/%d/%Y", Some(false)),
            ("%Y-%m-%d", Some(false)),
            ("%d %b %Y", None),
            ("%b %d %Y", None),
            ("%s", None),
        ] {
            assert_eq!(day_first(&parse_format(text).unwrap()), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in any::<String>(), close in "[%YmbdHIpMSfzZsQa.{?} é]{0,20}") {
            let _ = parse_format(&text);
            if let Ok(items) = parse_format(&close) {
                let _ = (has_year(&items), has_date(&items), day_first(&items));
            }
        }
    }
}
