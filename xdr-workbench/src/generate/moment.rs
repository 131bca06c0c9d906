//! Times: chosen first, then written by a format of the spec, so that what must be read is known.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike, Utc};
use xdr_codegen::ir::{TimeRule, Zone};
use xdr_model::time::{DateOrder, Item, Year};

use super::random::Chooser;

/// A time as a text states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// Date and time of day, as they are written.
    pub(super) local: NaiveDateTime,
    /// The offset from UTC that is written with them, in seconds.
    pub(super) offset: Option<i32>,
    /// Whether the year is written.
    pub(super) year: bool,
    /// How many digits of the second are written.
    pub(super) digits: u8,
}

/// Zone words that mean one offset wherever they are written.
const WORDS: [(&str, i32); 2] = [("UTC", 0), ("GMT", 0)];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The items of a format, one by one, with each optional piece present or not.
fn chosen(items: &[Item], choose: &mut Chooser) -> Vec<Item> {
    let mut out = Vec::new();
    let mut skip = 0_usize;
    for item in items {
        if skip > 0 {
            skip -= 1;
        } else if let Item::Optional(count) = item {
            skip = if choose.once_in(2) { usize::from(*count) } else { 0 };
        } else if let Item::Whole(whole) = item {
            out.extend(whole.pieces());
        } else {
            out.push(*item);
        }
    }
    out
}

/// A date and a time of day that a format can write. Without a year they lie where every rule for years agrees: in the last half
/// year before the receipt.
fn local(year: bool, choose: &mut Chooser, received: DateTime<Utc>) -> NaiveDateTime {
    if !year {
        return received.naive_utc() - TimeDelta::seconds(choose.within(-86_400, 150 * 86_400));
    }
    let edges = [(2000, 2, 29), (1970, 1, 1), (2024, 12, 31), (2038, 1, 19), (2024, 2, 29)];
    let date = if choose.once_in(8) {
        choose.pick(&edges).and_then(|(year, month, day)| NaiveDate::from_ymd_opt(*year, *month, *day))
    } else {
        NaiveDate::from_ymd_opt(2001, 1, 1).map(|day| day + TimeDelta::days(choose.within(0, 12_000)))
    };
    let edge = choose.once_in(8);
    let seconds = if edge { 86_399 } else { choose.within(0, 86_399) };
    date.and_then(|date| date.and_hms_opt(0, 0, 0)).unwrap_or_default() + TimeDelta::seconds(seconds)
}

/// A time written by the format with this number, and what was written. Nothing if an earlier format would read the text too.
pub(super) fn make(
    rule: &TimeRule,
    number: usize,
    choose: &mut Chooser,
    received: DateTime<Utc>,
) -> Option<(String, Moment)> {
    let format = rule.formats.get(number)?;
    let items = chosen(format, choose);
    let (text, moment) = write(&items, choose, received)?;
    let others = rule.formats.iter().take(number);
    let taken = others.into_iter().any(|other| fits(other, &text));
    (!taken && !rule.unset.contains(&text)).then_some((text, moment))
}

/// Writes a new time by items without optional pieces.
pub(super) fn write(
    items: &[Item],
    choose: &mut Chooser,
    received: DateTime<Utc>,
) -> Option<(String, Moment)> {
    let has = |wanted: &[Item]| items.iter().any(|item| wanted.contains(item));
    let parts = items.iter().find_map(|item| match item {
        Item::EpochParts(digits) => Some(*digits),
        _ => None,
    });
    let year = parts.is_some() || has(&[Item::Year, Item::Epoch]);
    let mut at = local(year, choose, received);
    if let Some(digits) = parts {
        let a_second = 10_u32.checked_pow(u32::from(digits))?;
        let part = u32::try_from(choose.within(0, i64::from(a_second) - 1)).ok()?;
        at = at.with_nanosecond(part * (1_000_000_000 / a_second))?;
    } else if has(&[Item::Fraction]) && choose.once_in(2) {
        // The digits are those that are written below.
        at = at.with_nanosecond(u32::try_from(choose.within(0, 999_999_999)).ok()?)?;
    }
    let digits = if let Some(digits) = parts {
        digits
    } else if at.nanosecond() == 0 {
        0
    } else {
        u8::try_from(choose.within(1, 9)).ok()?
    };
    let unit = 10_u32.pow(9 - u32::from(digits));
    at = at.with_nanosecond(if digits == 0 { 0 } else { at.nanosecond() / unit * unit })?;
    if parts.is_none() && !has(&[Item::Second, Item::Epoch]) {
        at = at.with_second(0)?;
    }
    let mut moment = Moment { local: at, offset: None, year, digits };
    let mut text = String::new();
    for item in items {
        one(*item, &mut moment, choose, &mut text);
    }
    Some((text, moment))
}

fn one(item: Item, moment: &mut Moment, choose: &mut Chooser, text: &mut String) {
    let at = moment.local;
    let padded = |number: u32| format!("{number:02}");
    let name = |names: &[&'static str], index: u32, long: bool| {
        let name = names.get(index as usize).copied().unwrap_or_default();
        if long { name } else { name.get(..3).unwrap_or(name) }
    };
    let piece = match item {
        Item::Byte(byte) => char::from(byte).to_string(),
        Item::Blank => " ".to_owned(),
        Item::Year => format!("{:04}", at.year()),
        Item::Month => padded(at.month()),
        Item::MonthName => name(&MONTHS, at.month0(), false).to_owned(),
        Item::Day => {
            if text.ends_with(' ') && choose.once_in(2) {
                format!("{:>2}", at.day())
            } else {
                padded(at.day())
            }
        }
        Item::DayName => name(&DAYS, at.weekday().num_days_from_monday(), choose.once_in(2)).to_owned(),
        Item::Hour => padded(at.hour()),
        Item::Hour12 => padded(at.hour12().1),
        Item::AmPm => if at.hour12().0 { "PM" } else { "AM" }.to_owned(),
        Item::Minute => padded(at.minute()),
        Item::Second => padded(at.second()),
        Item::Fraction if moment.digits == 0 => String::new(),
        Item::Fraction => {
            let nanos = format!("{:09}", at.nanosecond());
            format!(".{}", nanos.get(..usize::from(moment.digits)).unwrap_or_default())
        }
        Item::Offset => {
            let minutes = *choose.pick(&[0, 60, -300, 330, 840, -720]).unwrap_or(&0);
            moment.offset = Some(minutes * 60);
            offset(minutes, choose)
        }
        Item::ZoneWord => {
            let (word, seconds) = choose.pick(&WORDS).copied().unwrap_or_default();
            moment.offset = Some(seconds);
            word.to_owned()
        }
        Item::Epoch => {
            moment.offset = Some(0);
            at.and_utc().timestamp().to_string()
        }
        Item::EpochParts(digits) => {
            moment.offset = Some(0);
            let nanos = format!("{:09}", at.nanosecond());
            let parts = nanos.get(..usize::from(digits)).unwrap_or_default();
            format!("{}{parts}", at.and_utc().timestamp())
        }
        // `chosen` leaves none of them.
        Item::Optional(_) | Item::Whole(_) => String::new(),
    };
    text.push_str(&piece);
}

fn offset(minutes: i32, choose: &mut Chooser) -> String {
    if minutes == 0 && choose.once_in(2) {
        return "Z".to_owned();
    }
    let (sign, size) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
    let colon = if choose.once_in(2) { ":" } else { "" };
    format!("{sign}{:02}{colon}{:02}", size / 60, size % 60)
}

/// The moment that a text means under a rule: the zone that it states, else that of the stamp beside it, else the rule's. `None` if
/// the rule has no answer.
pub(super) fn resolve(moment: &Moment, rule: &TimeRule, beside: Option<i32>) -> Option<DateTime<Utc>> {
    if !moment.year && rule.year == Year::Stated {
        return None;
    }
    let seconds = match (moment.offset, &rule.zone) {
        (Some(seconds), _) => seconds,
        (None, Zone::Stated) => return None,
        (None, Zone::Device) => beside.filter(|seconds| *seconds != 0).unwrap_or(0),
        (None, Zone::Utc) => 0,
        (None, Zone::Named(zone)) => {
            let seconds = |local: NaiveDateTime| {
                let found = zone.offset_from_local_datetime(&local).earliest()?;
                Some(found.fix().local_minus_utc())
            };
            // An hour that the clock skipped moves on by what was skipped: it is read by the offset in front of it.
            match seconds(moment.local) {
                Some(seconds) => seconds,
                None => seconds(moment.local - TimeDelta::hours(3))?,
            }
        }
    };
    Some((moment.local - TimeDelta::seconds(i64::from(seconds))).and_utc())
}

/// A moment as events print it: in UTC, with the digits of the second that it came with.
pub(super) fn printed(at: DateTime<Utc>, digits: u8) -> String {
    let mut text = at.format("%Y-%m-%dT%H:%M:%S").to_string();
    if digits > 0 {
        let nanos = format!("{:09}", at.nanosecond());
        text.push('.');
        text.push_str(nanos.get(..usize::from(digits)).unwrap_or_default());
    }
    text.push('Z');
    text
}

impl Moment {
    /// The same with the year that the record states elsewhere, if its text has none. `None` if that year has no such day.
    pub(super) fn in_year(self, year: i32) -> Option<Self> {
        if self.year {
            return Some(self);
        }
        Some(Self { local: self.local.with_year(year)?, year: true, ..self })
    }
}

/// Day, month and year as far as a text was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    day: Option<u32>,
    month: Option<u32>,
    year: Option<i32>,
}

/// Whether a text is a day and a time by a format.
pub(super) fn fits(items: &[Item], text: &str) -> bool {
    walk(items, text, Seen::default()).is_some()
}

/// The moment that a text, which was written for `moment`, states under a rule: by the first format that it fits, which may take the
/// day for the month, or by the first of the order that another stamp tells, if one fits. `None` if it fits none.
pub(super) fn read(rule: &TimeRule, text: &str, moment: &Moment, order: Option<DateOrder>) -> Option<Moment> {
    let fitting =
        || rule.formats.iter().filter_map(|format| Some((format, walk(format, text, Seen::default())?)));
    let place = |format: &[Item], wanted: Item| format.iter().position(|item| *item == wanted);
    let told = fitting().find(|(format, _)| {
        let day_first = place(format, Item::Day) < place(format, Item::Month);
        order.is_some_and(|order| day_first == (order == DateOrder::Dmy))
    });
    let (_, seen) = told.or_else(|| fitting().next())?;
    let (Some(day), Some(month)) = (seen.day, seen.month) else { return Some(moment.clone()) };
    let date = NaiveDate::from_ymd_opt(moment.local.year(), month, day)?;
    Some(Moment { local: date.and_time(moment.local.time()), ..moment.clone() })
}

fn walk(items: &[Item], text: &str, mut seen: Seen) -> Option<Seen> {
    let Some((item, rest)) = items.split_first() else {
        let year = seen.year.unwrap_or(2000);
        let exists = |day, month| NaiveDate::from_ymd_opt(year, month, day).is_some();
        let date = seen.day.zip(seen.month).is_none_or(|(day, month)| exists(day, month));
        return (text.is_empty() && date).then_some(seen);
    };
    if let Item::Optional(count) = item {
        let without = rest.get(usize::from(*count)..).unwrap_or_default();
        return walk(rest, text, seen).or_else(|| walk(without, text, seen));
    }
    if let Item::Whole(whole) = item {
        return walk(&[&whole.pieces(), rest].concat(), text, seen);
    }
    let digits = |text: &str, most: usize| text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let unpadded = text.strip_prefix(' ').unwrap_or(text);
    let number = |text: &str, length: usize| text.get(..length).and_then(|digits| digits.parse::<u32>().ok());
    let behind = match item {
        Item::Byte(byte) => text.strip_prefix(char::from(*byte)),
        Item::Blank => Some(text.trim_start_matches([' ', '\t'])).filter(|rest| rest.len() < text.len()),
        Item::Year => text.get(4..).filter(|_| digits(text, 4) == 4).inspect(|_| {
            seen.year = text.get(..4).and_then(|year| year.parse().ok());
        }),
        Item::Month | Item::Day => {
            let length = digits(unpadded, 2);
            match item {
                Item::Day => seen.day = number(unpadded, length),
                _ => seen.month = number(unpadded, length),
            }
            unpadded.get(length..).filter(|_| length > 0)
        }
        Item::MonthName | Item::DayName => {
            let names = if *item == Item::DayName { &DAYS[..] } else { &MONTHS[..] };
            let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
            let word = text.get(..letters).unwrap_or_default();
            let is = |name: &&str| name.eq_ignore_ascii_case(word) || name.get(..3) == Some(word);
            let place = names.iter().position(is)?;
            if *item == Item::MonthName {
                seen.month = u32::try_from(place + 1).ok();
            }
            text.get(letters..)
        }
        Item::Hour | Item::Hour12 => text.get(digits(text, 2)..).filter(|_| digits(text, 2) > 0),
        Item::Minute | Item::Second => text.get(2..).filter(|_| digits(text, 2) == 2),
        Item::AmPm => text.strip_prefix("AM").or_else(|| text.strip_prefix("PM")),
        Item::Fraction => match text.strip_prefix('.') {
            None => Some(text),
            Some(rest) => rest.get(digits(rest, 9)..).filter(|_| digits(rest, 9) > 0),
        },
        Item::Offset => text.strip_prefix(['Z', 'z']).or_else(|| {
            let rest = text.strip_prefix(['+', '-'])?;
            let hours = rest.get(2..).filter(|_| digits(rest, 2) == 2)?;
            let minutes = hours.strip_prefix(':').unwrap_or(hours);
            match digits(minutes, 2) {
                2 => minutes.get(2..),
                _ => Some(hours),
            }
        }),
        Item::ZoneWord => {
            let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
            text.get(letters..).filter(|_| letters > 0)
        }
        Item::EpochParts(parts) => {
            let (fewest, most) = (usize::from(*parts) + 10, (usize::from(*parts) + 12).min(20));
            text.get(digits(text, most)..).filter(|_| digits(text, most) >= fewest)
        }
        Item::Epoch => text.get(digits(text, 12)..).filter(|_| digits(text, 12) > 0),
        Item::Optional(_) | Item::Whole(_) => None,
    };
    walk(rest, behind?, seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use xdr_model::time::parse_format;

    fn rule(formats: &[&str], zone: Zone) -> TimeRule {
        TimeRule {
            formats: formats.iter().map(|format| parse_format(format).unwrap()).collect(),
            zone,
            zone_from: None,
            year_from: None,
            order_from: Vec::new(),
            year: Year::Past,
            order_setting: false,
            unset: Vec::new(),
        }
    }

    #[test]
    fn a_time_is_read_back_as_it_was_written() {
        let mut choose = Chooser::new(3);
        let received = "2024-03-14T08:00:00Z".parse().unwrap();
        let rule = rule(&["%Y-%m-%dT%H:%M:%S%.f%z", "%b %d %H:%M:%S", "%s"], Zone::Utc);
        for number in [0, 1, 2].repeat(50) {
            let (text, moment) = make(&rule, number, &mut choose, received).unwrap();
            assert!(fits(&rule.formats[number], &text), "{text}");
            let at = resolve(&moment, &rule, None).unwrap();
            if number == 0 {
                let read: DateTime<Utc> = DateTime::parse_from_str(&text, "%+").unwrap().into();
                assert_eq!(read, at, "{text}");
            }
        }
    }

    #[test]
    fn of_two_orders_only_what_one_allows_is_written_by_the_second() {
        let mut choose = Chooser::new(3);
        let rule = rule(&["%m/%d/%Y", "%d/%m/%Y"], Zone::Utc);
        for _ in 0..200 {
            let Some((text, moment)) = make(&rule, 1, &mut choose, DateTime::UNIX_EPOCH) else { continue };
            assert!(moment.local.day() > 12, "{text}");
        }
    }

    #[test]
    fn moments_keep_their_digits() {
        let at: DateTime<Utc> = "2024-03-14T07:08:09.5Z".parse().unwrap();
        assert_eq!(printed(at, 3), "2024-03-14T07:08:09.500Z");
        assert_eq!(printed(at, 0), "2024-03-14T07:08:09Z");
    }
}
