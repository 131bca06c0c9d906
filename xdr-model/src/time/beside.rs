//! What another field of a record says of a time: the year that its text lacks, and whether its day or its month comes first.

use chrono::{NaiveDate, NaiveTime};

use super::usual::two_and_year;
use super::{DateOrder, Year};

/// The year that another field states: as a year by itself, or as a stamp of its own that has one, such as
/// `2024-03-14T07:08:09Z` or `Mar 14 2024 07:08:09`. Of a stamp the year is not the text's where the turn of a year lies between them.
pub fn year_beside(text: &str) -> Option<Year> {
    let text = text.trim_start_matches([' ', '\t']);
    if let Some(year) = stated_year(text) {
        return Some(Year::Given(year));
    }
    let (year, (month, day)) = match number(text, 4) {
        Some((year, _)) if year >= 1000 => (year, year_first(text)?),
        _ => (year_behind_day(text)?, named_month(text)?),
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day).filter(|_| year >= 1970)?;
    Some(Year::Near(date.and_time(NaiveTime::MIN).and_utc()))
}

/// The year of a stamp such as `Aug  5 2024 09:38:41`.
fn year_behind_day(text: &str) -> Option<u32> {
    let year = text.split([' ', '\t']).filter(|word| !word.is_empty()).nth(2)?;
    (year.len() == 4)
        .then(|| number(year, 4).filter(|(_, rest)| rest.is_empty()))
        .flatten()
        .map(|(year, _)| year)
}

/// The year that a text is: four digits, from 1970 on.
fn stated_year(text: &str) -> Option<i32> {
    let text = text.trim_matches([' ', '\t']);
    let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|year| digits && *year >= 1970)
}

/// Which of day and month comes first in a text such as `05/08/2024`, if the stamp `beside` tells.
///
/// A stamp of the same form does if one of its numbers can only be a day. So does one that names its month, such as `Aug  5`, or
/// begins with the year, as `2024-08-05` does, if by one order, and by one only, the text means its day or the one before or after.
pub fn order_beside(text: &str, beside: &str) -> Option<DateOrder> {
    told_beside(text, beside).0
}

/// As [`order_beside`]; and whether the stamp begins with two numbers and a year, so that either may be the day: then it tells of all
/// texts the same.
pub fn told_beside(text: &str, beside: &str) -> (Option<DateOrder>, bool) {
    let beside = beside.trim_start_matches([' ', '\t']);
    match day_and_month(beside) {
        Some((13..=31, 1..=12)) => (Some(DateOrder::Dmy), true),
        Some((1..=12, 13..=31)) => (Some(DateOrder::Mdy), true),
        Some(_) => (None, true),
        None => (order_by_day(text, beside), false),
    }
}

/// The order by which the text means the day of a stamp whose month is known, or a day next to it.
fn order_by_day(text: &str, beside: &str) -> Option<DateOrder> {
    let (first, second) = day_and_month(text.trim_start_matches([' ', '\t']))?;
    let (month, day) = named_month(beside).or_else(|| year_first(beside))?;
    let is = |a_month: u32, a_day: u32| a_month == month && a_day.abs_diff(day) <= 1;
    match (is(second, first), is(first, second)) {
        (true, false) => Some(DateOrder::Dmy),
        (false, true) => Some(DateOrder::Mdy),
        _ => None,
    }
}

/// The two numbers in front of a year of four digits, whichever of them is the day.
fn day_and_month(text: &str) -> Option<(u32, u32)> {
    if let [_, _, sign @ (b'/' | b'-' | b'.'), ..] = text.as_bytes()
        && let Some((first, second, 1000.., rest)) = two_and_year(text.as_bytes(), *sign)
        && !rest.first().is_some_and(u8::is_ascii_digit)
    {
        return Some((first.into(), second.into()));
    }
    day_and_month_of(text)
}

/// As [`day_and_month`], also of numbers of one digit.
#[inline(never)]
fn day_and_month_of(text: &str) -> Option<(u32, u32)> {
    let (first, rest) = small(text.as_bytes())?;
    let [sign @ (b'/' | b'-' | b'.'), rest @ ..] = rest else { return None };
    let (second, rest) = small(rest)?;
    let [again, b'1'..=b'9', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', rest @ ..] = rest else { return None };
    (sign == again && !rest.first().is_some_and(u8::is_ascii_digit)).then_some((first, second))
}

/// A number of one or two digits, and what stands behind it.
fn small(text: &[u8]) -> Option<(u32, &[u8])> {
    let digit = |byte: u8| u32::from(byte - b'0');
    match text {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] => Some((digit(*tens) * 10 + digit(*ones), rest)),
        [ones @ b'0'..=b'9', rest @ ..] => Some((digit(*ones), rest)),
        _ => None,
    }
}

/// Month and day of a stamp such as `Aug  5 09:38:41`.
fn named_month(text: &str) -> Option<(u32, u32)> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let name = text.get(..3)?;
    let month = (1..).zip(MONTHS).find(|(_, month)| month.eq_ignore_ascii_case(name))?.0;
    let rest = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let day = rest.trim_start_matches([' ', '\t']);
    Some((month, number(day, 2).filter(|_| day.len() < rest.len())?.0))
}

/// Month and day of a stamp such as `2024-08-05T09:38:41Z`.
fn year_first(text: &str) -> Option<(u32, u32)> {
    let (_, rest) = number(text, 4).filter(|(year, _)| *year >= 1000)?;
    let sign = rest.chars().next().filter(|sign| ['-', '/'].contains(sign))?;
    let (month, rest) = number(rest.strip_prefix(sign)?, 2)?;
    Some((month, number(rest.strip_prefix(sign)?, 2)?.0))
}

/// The number of up to so many digits at the start, and what stands behind it.
fn number(text: &str, most: usize) -> Option<(u32, &str)> {
    let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(length)?;
    Some((digits.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_four_digits() {
        assert_eq!(stated_year("2015"), Some(2015));
        assert_eq!(stated_year(" 1970 "), Some(1970));
        for none in ["", "15", "02015", "1969", "20 5", "+201", "2015-", "year"] {
            assert_eq!(stated_year(none), None, "{none}");
        }
    }

    #[test]
    fn another_stamp_tells_the_year() {
        let near = |year, month, day| {
            let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
            Some(Year::Near(date.and_time(NaiveTime::MIN).and_utc()))
        };
        assert_eq!(year_beside("2015"), Some(Year::Given(2015)));
        for (stamp, year) in [
            ("2024-03-14T07:08:09Z", near(2024, 3, 14)),
            (" 2024-03-14 07:08:09", near(2024, 3, 14)),
            ("2024/03/14 07:08:09", near(2024, 3, 14)),
            ("Mar 14 2024 07:08:09", near(2024, 3, 14)),
            ("Mar  4 2024 07:08:09 CET", near(2024, 3, 4)),
            ("Mar 14 07:08:09", None),
            ("Mar 14 07:08:09 2024", None),
            ("2024-02-30T07:08:09Z", None),
            ("1969-12-31T07:08:09Z", None),
            ("14/03/2024:07:08:09", None),
            ("", None),
        ] {
            assert_eq!(year_beside(stamp), year, "{stamp}");
        }
    }

    #[test]
    fn another_stamp_tells_the_order_of_day_and_month() {
        use DateOrder::{Dmy, Mdy};
        for (text, beside, order) in [
            ("05/08/2024:09:38:41", "31/07/2024:22:10:00 GMT", Some(Dmy)),
            ("05/08/2024:09:38:41", "07/31/2024:22:10:00", Some(Mdy)),
            ("05/08/2024:09:38:41", "04/08/2024:22:10:00", None),
            ("05.08.2024", "13.8.2024", Some(Dmy)),
            ("05/08/2024:09:38:41", "Aug  5 09:38:41", Some(Dmy)),
            ("05/08/2024:09:38:41", "May  8 09:38:41", Some(Mdy)),
            ("05/08/2024:23:38:41", "August 6 00:38:41", Some(Dmy)),
            ("05/08/2024:09:38:41", "Aug 15 09:38:41", None),
            ("05/08/2024:09:38:41", "Dec  1 09:38:41", None),
            ("05/08/2024:09:38:41", "2024-08-05T09:38:41.5+02:00", Some(Dmy)),
            ("05/08/2024:09:38:41", "2024-05-08 09:38:41", Some(Mdy)),
            ("05/08/2024:09:38:41", "2024/08/05", Some(Dmy)),
            // Both orders mean a day that is near enough.
            ("08/08/2024", "Aug  8", None),
            ("07/08/2024", "Aug  8", Some(Dmy)),
            // A year of two digits may stand in front.
            ("05/08/2024", "24-07-14", None),
            ("05/08/2024", "99/07/2024", None),
            ("05/08/2024", "Augustus", None),
            ("05/08/2024", "", None),
            ("", "Aug  5", None),
            ("é5/08/2024", "Aug  5", None),
        ] {
            assert_eq!(order_beside(text, beside), order, "{text} beside {beside}");
        }
        for (stamp, ordered) in [
            ("5.8.2024 09:38", true),
            (" 05-08-2024", true),
            ("05-08/2024", false),
            ("005/08/2024", false),
            ("05/08/0999", false),
            ("05/08/20241", false),
            ("2024-08-05", false),
            ("Aug  5", false),
            ("5/8/24", false),
        ] {
            assert_eq!(told_beside("", stamp).1, ordered, "{stamp}");
        }
    }
}
