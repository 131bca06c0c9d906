//! Whether two formats can read one text as two days, shown by such a text.

use super::Item;
use super::matcher::{Parts, matches};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Weekday};

/// Days whose number could be a month: the ones that two orders of day and month can tell differently.
const DATES: [(i32, u32, u32); 4] = [(2024, 7, 8), (2024, 3, 2), (2012, 12, 11), (2010, 11, 10)];

/// A text that both formats read, but as two days: `08/07/2024`.
///
/// It is found by writing a few dates with `a`, with and without its optional pieces, and reading them with `b`.
pub fn ambiguity(a: &[Item], b: &[Item]) -> Option<String> {
    let pieces = a.iter().filter(|item| matches!(item, Item::Optional(_))).count().min(6);
    for (year, month, day) in DATES {
        let when = NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(13, 5, 9)?;
        for missing in 0..1_u32 << pieces {
            let text = print(a, when, missing);
            // `a` itself may read another day than it wrote, if its pieces run into each other.
            if let (Some(by_a), Some(by_b)) = (dated(a, &text), dated(b, &text))
                && by_a.differs_in_day(&by_b)
            {
                return Some(text);
            }
        }
    }
    None
}

/// What a text says by a format, with the day that it means, if there is such a day.
fn dated(items: &[Item], text: &str) -> Option<Parts> {
    let mut parts = Parts::default();
    matches(items, text.as_bytes(), &mut parts).ok()?;
    parts.seconds_of_day()?;
    if let Some(seconds) = parts.epoch {
        let date = DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)?;
        parts.year = u16::try_from(date.year()).ok();
        parts.month = u8::try_from(date.month()).ok();
        parts.day = u8::try_from(date.day()).ok();
    }
    // Without a year the day may be of a leap year.
    let year = parts.year.map_or(2024, i32::from);
    NaiveDate::from_ymd_opt(year, parts.month?.into(), parts.day?.into())?;
    Some(parts)
}

/// The moment by the format. Bit `n` of `missing` leaves the optional piece `n` out.
fn print(items: &[Item], when: NaiveDateTime, missing: u32) -> String {
    let mut out = Vec::new();
    let mut piece = 0;
    let mut skip = 0;
    for item in items {
        if skip > 0 {
            skip -= 1;
            continue;
        }
        let text = match *item {
            Item::Byte(byte) => {
                out.push(byte);
                continue;
            }
            Item::Optional(count) => {
                if missing & (1 << piece) != 0 {
                    skip = count;
                }
                piece = (piece + 1).min(31);
                continue;
            }
            Item::Whole(whole) => print(&whole.pieces(), when, missing),
            Item::Blank => " ".to_owned(),
            Item::Year => format!("{:04}", when.year()),
            Item::Month => format!("{:02}", when.month()),
            Item::MonthName => month_name(when.month()).to_owned(),
            Item::Day => format!("{:02}", when.day()),
            Item::DayName => day_name(when.weekday()).to_owned(),
            Item::Hour => format!("{:02}", when.hour()),
            Item::Hour12 => format!("{:02}", when.hour12().1),
            Item::AmPm => if when.hour12().0 { "PM" } else { "AM" }.to_owned(),
            Item::Minute => format!("{:02}", when.minute()),
            Item::Second => format!("{:02}", when.second()),
            Item::Fraction => String::new(),
            Item::Offset => "Z".to_owned(),
            Item::ZoneWord => "GMT".to_owned(),
            Item::Epoch => when.and_utc().timestamp().to_string(),
            Item::EpochParts(digits) => {
                format!("{}{}", when.and_utc().timestamp(), "0".repeat(usize::from(digits)))
            }
        };
        out.extend_from_slice(text.as_bytes());
    }
    String::from_utf8(out).unwrap_or_default()
}

fn month_name(month: u32) -> &'static str {
    match month {
        1 => "Jan",
        2 => "Feb",
        3 => "Mar",
        4 => "Apr",
        5 => "May",
        6 => "Jun",
        7 => "Jul",
        8 => "Aug",
        9 => "Sep",
        10 => "Oct",
        11 => "Nov",
        _ => "Dec",
    }
}

fn day_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Mon",
        Weekday::Tue => "Tue",
        Weekday::Wed => "Wed",
        Weekday::Thu => "Thu",
        Weekday::Fri => "Fri",
        Weekday::Sat => "Sat",
        Weekday::Sun => "Sun",
    }
}

#[cfg(test)]
mod tests {
    use super::{ambiguity, dated, print};
    use crate::time::parse_format;
    use chrono::NaiveDate;

    #[test]
    fn two_orders_have_a_witness() {
        for (a, b, expected) in [
            ("%d/%m/%Y:%H:%M:%S", "%m/%d/%Y:%H:%M:%S", Some("08/07/2024:13:05:09")),
            ("%m/%d/%Y:%H:%M:%S", "%d/%m/%Y:%H:%M:%S", Some("07/08/2024:13:05:09")),
            ("%d/%m/%Y:%H:%M:%S{? %Z}", "%m/%d/%Y:%H:%M:%S", Some("08/07/2024:13:05:09")),
            ("%d/%m/%Y:%H:%M:%S", "%m/%d/%Y:%H:%M:%S{? %Z}", Some("08/07/2024:13:05:09")),
            ("%d-%m{?-%Y}", "%m-%d", Some("08-07")),
            ("%Y%m%d", "%Y%d%m", Some("20240708")),
            ("%d/%m/%Y %I:%M %p", "%m/%d/%Y %I:%M %p", Some("08/07/2024 01:05 PM")),
            ("%d/%m/%Y", "%m/%d/%Y %H:%M", None),
            ("%Y-%m-%d", "%Y-%m-%d", None),
            ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S{? %Z}", None),
            ("%b %d %Y %H:%M:%S", "%b %d %H:%M:%S", None),
            ("%b %d %Y", "%d %b %Y", None),
            ("%H:%M:%S", "%M:%H:%S", None),
        ] {
            let (first, second) = (parse_format(a).unwrap(), parse_format(b).unwrap());
            assert_eq!(ambiguity(&first, &second).as_deref(), expected, "{a} and {b}");
        }
    }

    #[test]
    fn a_format_reads_what_it_writes() {
        let when = NaiveDate::from_ymd_opt(2024, 7, 8).unwrap().and_hms_opt(13, 5, 9).unwrap();
        for (format, expected) in [
            ("%a, %d %b %Y %H:%M:%S%.f %Z", "Mon, 08 Jul 2024 13:05:09 GMT"),
            ("%Y-%m-%dT%H:%M:%S%z", "2024-07-08T13:05:09Z"),
            ("%s", "1720443909"),
        ] {
            let items = parse_format(format).unwrap();
            let text = print(&items, when, 0);
            assert_eq!(text, expected);
            let parts = dated(&items, &text).unwrap();
            assert_eq!((parts.year, parts.month, parts.day), (Some(2024), Some(7), Some(8)), "{text}");
        }
    }
}
