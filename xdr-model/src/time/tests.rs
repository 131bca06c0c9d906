//! Times by rules: years, zones, orders, and what each refuses.

mod forms;
mod tables;

use super::matcher::Parts;
use super::{
    Clock, DateOrder, Item, Reading, TimeRule, Year, Zone, alone, either_order, fused, parse_format, read,
    rfc3339,
};
use crate::Refusal;
use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

/// A rule with its formats owned, to be changed by the tests.
struct Rule {
    formats: Vec<Vec<Item>>,
    zone: Zone,
    year: Year,
    order_setting: bool,
    clock: Clock,
}

fn rule(formats: &[&str]) -> Rule {
    let formats = formats.iter().map(|format| parse_format(format).unwrap()).collect();
    let clock = Clock { zone: None, order: DateOrder::Auto, received: at("2024-06-15T12:00:00Z") };
    Rule { formats, zone: Zone::Device, year: Year::Nearest, order_setting: false, clock }
}

impl Rule {
    fn zone(mut self, zone: Zone) -> Self {
        self.zone = zone;
        self
    }

    fn device(mut self, zone: Tz) -> Self {
        self.clock.zone = Some(zone);
        self
    }

    fn order(mut self, order: DateOrder) -> Self {
        self.order_setting = true;
        self.clock.order = order;
        self
    }

    fn received(mut self, text: &str) -> Self {
        self.clock.received = at(text);
        self
    }

    fn read(&self, text: &str) -> Result<Reading, Refusal> {
        let formats: Vec<&[Item]> = self.formats.iter().map(Vec::as_slice).collect();
        let rule = TimeRule {
            formats: &formats,
            either_order: false,
            alone: 0,
            zone: self.zone,
            year: self.year,
            order_setting: self.order_setting,
            unset: &["0001-01-01T00:00:00Z", "N/A"],
        };
        let read_by_items = read(&rule, text, &self.clock);
        let fused: Vec<Vec<Item>> = self.formats.iter().map(|items| fused(items)).collect();
        let formats: Vec<&[Item]> = fused.iter().map(Vec::as_slice).collect();
        let rule = TimeRule {
            formats: &formats,
            either_order: either_order(&formats),
            alone: alone(&formats),
            ..rule
        };
        assert_eq!(read(&rule, text, &self.clock), read_by_items, "{text}");
        read_by_items
    }

    fn check(&self, text: &str, expected: Result<&str, Refusal>) {
        let found = self.read(text).map(|reading| reading.time.to_string());
        assert_eq!(found.as_deref().map_err(|refusal| *refusal), expected, "{text}");
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn iso_times_keep_their_digits() {
    let iso = rule(&["%Y-%m-%dT%H:%M:%S%.f%z"]).zone(Zone::Stated);
    for (text, expected) in [
        ("2024-03-14T07:08:09Z", Ok("2024-03-14T07:08:09Z")),
        ("2024-03-14T07:08:09.000Z", Ok("2024-03-14T07:08:09.000Z")),
        ("2024-03-14T07:08:09.5+01:00", Ok("2024-03-14T06:08:09.5Z")),
        ("2024-03-14T07:08:09.123456789-0530", Ok("2024-03-14T12:38:09.123456789Z")),
        (" 2024-03-14T07:08:09Z\t", Ok("2024-03-14T07:08:09Z")),
        ("0000-01-01T00:00:00Z", Ok("0000-01-01T00:00:00Z")),
        ("9999-12-31T23:59:59Z", Ok("9999-12-31T23:59:59Z")),
        ("0000-01-01T00:00:00+01:00", Err(Refusal::TimeRange)),
        ("9999-12-31T23:59:60Z", Err(Refusal::TimeRange)),
        ("0001-01-01T00:00:00Z", Err(Refusal::UnsetTime)),
        (" N/A ", Err(Refusal::UnsetTime)),
        ("", Err(Refusal::Empty)),
        ("  ", Err(Refusal::Empty)),
        ("2024-03-14T07:08:09", Err(Refusal::NotTime)),
        ("2024-03-14T07:08:09Z.", Err(Refusal::NotTime)),
        ("2024-3-14 07:08:09Z", Err(Refusal::NotTime)),
        ("2024-13-14T07:08:09Z", Err(Refusal::NoSuchTime)),
        ("2023-02-29T07:08:09Z", Err(Refusal::NoSuchTime)),
        ("2024-03-14T25:08:09Z", Err(Refusal::NoSuchTime)),
        ("2024-00-14T07:08:09Z", Err(Refusal::NoSuchTime)),
    ] {
        iso.check(text, expected);
    }
}

#[test]
fn midnight_and_leap_seconds_carry_over() {
    let iso = rule(&["%Y-%m-%d %H:%M:%S%.f"]).zone(Zone::Utc);
    for (text, expected) in [
        ("2024-12-31 24:00:00", Ok("2025-01-01T00:00:00Z")),
        ("2024-02-28 24:00:00", Ok("2024-02-29T00:00:00Z")),
        ("2016-12-31 23:59:60", Ok("2017-01-01T00:00:00Z")),
        ("2016-12-31 23:59:60.25", Ok("2017-01-01T00:00:00.25Z")),
        ("2024-03-14 07:08:60", Ok("2024-03-14T07:09:00Z")),
        ("2024-03-14 24:00:01", Err(Refusal::NoSuchTime)),
        ("2024-03-14 24:00:60", Err(Refusal::NoSuchTime)),
        ("2024-03-14 07:08:61", Err(Refusal::NoSuchTime)),
    ] {
        iso.check(text, expected);
    }
}

#[test]
fn the_year_is_the_nearest_to_receipt() {
    for (received, text, expected) in [
        ("2024-06-15T12:00:00Z", "Mar 14 07:08:09", Ok("2024-03-14T07:08:09Z")),
        ("2025-01-01T00:00:05Z", "Dec 31 23:59:58", Ok("2024-12-31T23:59:58Z")),
        ("2024-12-31T23:59:58Z", "Jan  1 00:00:05", Ok("2025-01-01T00:00:05Z")),
        ("2024-12-31T23:59:58Z", "Dec 31 24:00:00", Ok("2025-01-01T00:00:00Z")),
        ("2025-01-10T00:00:00Z", "Jul 20 00:00:00", Ok("2024-07-20T00:00:00Z")),
        ("2025-01-10T00:00:00Z", "Jul  5 00:00:00", Ok("2025-07-05T00:00:00Z")),
        ("2024-12-01T00:00:00Z", "Jun  1 00:00:00", Ok("2025-06-01T00:00:00Z")),
        ("2024-12-01T00:00:00Z", "Jun  3 00:00:00", Ok("2024-06-03T00:00:00Z")),
        ("2024-03-01T00:00:00Z", "Feb 29 10:00:00", Ok("2024-02-29T10:00:00Z")),
        ("2025-03-01T00:00:00Z", "Feb 29 10:00:00", Ok("2024-02-29T10:00:00Z")),
        ("2023-03-01T00:00:00Z", "Feb 29 10:00:00", Ok("2024-02-29T10:00:00Z")),
        ("2026-03-01T00:00:00Z", "Feb 29 10:00:00", Err(Refusal::NoSuchTime)),
        ("2024-03-01T00:00:00Z", "Feb 30 10:00:00", Err(Refusal::NoSuchTime)),
    ] {
        let rule = rule(&["%b %d %H:%M:%S"]).received(received);
        rule.check(text, expected);
        assert!(rule.read(text).is_ok_and(|reading| reading.assumed.year) || expected.is_err());
    }
}

#[test]
fn an_optional_year_counts_when_it_is_there() {
    let rule = rule(&["%b %d{? %Y} %H:%M:%S"]);
    rule.check("Nov 03 2020 09:50:01", Ok("2020-11-03T09:50:01Z"));
    rule.check("Nov 03 09:50:01", Ok("2024-11-03T09:50:01Z"));
    assert!(!rule.read("Nov 03 2020 09:50:01").unwrap().assumed.year);
    assert!(rule.read("Nov 03 09:50:01").unwrap().assumed.year);
}

#[test]
fn a_year_is_not_guessed_without_leave() {
    let mut rule = rule(&["%b %d %H:%M:%S"]);
    rule.year = Year::Stated;
    rule.check("Nov 03 09:50:01", Err(Refusal::NoYear));
}

#[test]
fn zones_come_from_the_text_then_the_rule() {
    let formats = &["%b %d %Y %H:%M:%S{? %Z}"];
    let text = "Jul 03 2020 09:50:01";
    for (rule, expected, assumed) in [
        (rule(formats), "2020-07-03T09:50:01Z", true),
        (rule(formats).device(Tz::Europe__London), "2020-07-03T08:50:01Z", false),
        (rule(formats).device(Tz::UTC), "2020-07-03T09:50:01Z", false),
        (rule(formats).zone(Zone::Utc).device(Tz::Asia__Tokyo), "2020-07-03T09:50:01Z", false),
        (rule(formats).zone(Zone::Named(Tz::Asia__Kolkata)), "2020-07-03T04:20:01Z", false),
    ] {
        rule.check(text, Ok(expected));
        assert_eq!(rule.read(text).unwrap().assumed.zone, assumed);
        rule.check("Jul 03 2020 09:50:01 EDT", Ok("2020-07-03T13:50:01Z"));
        assert!(!rule.read("Jul 03 2020 09:50:01 EDT").unwrap().assumed.zone);
    }
    rule(formats).zone(Zone::Stated).check(text, Err(Refusal::NoZone));
}

#[test]
fn unknown_zone_words_are_named() {
    let refusal = rule(&["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S %Z"]).read("2024-03-14 07:08:09 QQT");
    assert_eq!(refusal.unwrap_err().to_string(), "unknown time zone `QQT`");
}

#[test]
fn clocks_that_are_put_forward_or_back() {
    let rule = rule(&["%Y-%m-%d %H:%M:%S%.f"]).device(Tz::Europe__Paris);
    rule.check("2024-10-27 02:30:00", Ok("2024-10-27T00:30:00Z"));
    rule.check("2024-03-31 02:30:00.75", Ok("2024-03-31T01:30:00.75Z"));
    rule.check("2024-03-30 24:00:00", Ok("2024-03-30T23:00:00Z"));
}

#[test]
fn the_run_says_which_of_day_and_month_is_first() {
    let formats = &["%m/%d/%Y:%H:%M:%S{? %Z}", "%d/%m/%Y:%H:%M:%S{? %Z}"];
    for (order, text, expected, assumed) in [
        (DateOrder::Auto, "08/07/2024:13:05:09", "2024-08-07T13:05:09Z", true),
        (DateOrder::Auto, "08/07/2024:13:05:09 GMT", "2024-08-07T13:05:09Z", true),
        (DateOrder::Auto, "13/07/2024:13:05:09", "2024-07-13T13:05:09Z", false),
        (DateOrder::Auto, "07/13/2024:13:05:09", "2024-07-13T13:05:09Z", false),
        (DateOrder::Auto, "08/08/2024:13:05:09", "2024-08-08T13:05:09Z", false),
        (DateOrder::Dmy, "08/07/2024:13:05:09", "2024-07-08T13:05:09Z", false),
        (DateOrder::Mdy, "08/07/2024:13:05:09", "2024-08-07T13:05:09Z", false),
        (DateOrder::Dmy, "07/13/2024:13:05:09", "2024-07-13T13:05:09Z", false),
        (DateOrder::Mdy, "13/07/2024:13:05:09", "2024-07-13T13:05:09Z", false),
    ] {
        let rule = rule(formats).order(order);
        rule.check(text, Ok(expected));
        assert_eq!(rule.read(text).unwrap().assumed.order, assumed, "{order:?} {text}");
    }
    rule(formats).order(DateOrder::Auto).check("13/13/2024:13:05:09", Err(Refusal::NoSuchTime));
    rule(formats).order(DateOrder::Dmy).check("soon", Err(Refusal::NotTime));
}

#[test]
fn the_setting_counts_only_where_the_rule_says_so() {
    let mut rule = rule(&["%m/%d/%Y", "%d/%m/%Y"]).order(DateOrder::Dmy);
    rule.order_setting = false;
    rule.check("08/07/2024", Ok("2024-08-07T00:00:00Z"));
    assert!(!rule.read("08/07/2024").unwrap().assumed.order);
}

#[test]
fn other_wires() {
    for (format, text, expected) in [
        ("%s", "1720443909", Ok("2024-07-08T13:05:09Z")),
        ("%s%.f", "1720443909.250", Ok("2024-07-08T13:05:09.250Z")),
        ("%s", "999999999999", Err(Refusal::TimeRange)),
        ("%s", "1234567890123", Err(Refusal::NotTime)),
        ("%a, %d %b %Y %H:%M:%S %Z", "Thu, 14 Mar 2024 07:08:09 GMT", Ok("2024-03-14T07:08:09Z")),
        ("%b %d, %Y %I:%M:%S %p", "Jun 01, 2021 11:29:04 AM", Ok("2021-06-01T11:29:04Z")),
        ("%b %d, %Y %I:%M:%S %p", "Jun 01, 2021 12:29:04 AM", Ok("2021-06-01T00:29:04Z")),
        ("%Y-%m-%d", "2024-03-14", Ok("2024-03-14T00:00:00Z")),
        ("%H:%M:%S", "07:08:09", Err(Refusal::NoDate)),
        ("%Y-%m", "2024-03", Err(Refusal::NoDate)),
    ] {
        rule(&[format]).check(text, expected);
    }
}

#[test]
fn the_first_format_of_the_right_form_says_what_is_wrong() {
    let rule = rule(&["%Y/%m/%d", "%Y-%m-%d", "%s"]);
    rule.check("2024-02-30", Err(Refusal::NoSuchTime));
    rule.check("Feb 30", Err(Refusal::NotTime));
}

/// Texts close to times, so that more than the first byte is looked at.
fn near_time() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9:/. TZ+APMGJanFebDc-]{0,32}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,10})?(Z|[+-][0-9]{2}:?[0-9]{2}| [A-Z]{1,9})?",
        "(Jan|Feb|Dec) [ 0-9][0-9]( [0-9]{4})? [0-9]{1,2}:[0-9]{2}:[0-9]{2}( EST)?",
        "[0-9]{2}/[0-9]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2}",
        "[0-9]{1,14}",
    ]
}

fn any_item() -> impl Strategy<Value = Item> {
    prop_oneof![
        any::<u8>().prop_map(Item::Byte),
        (0_u8..4).prop_map(Item::Optional),
        prop::sample::select(vec![
            Item::Blank,
            Item::Year,
            Item::Month,
            Item::MonthName,
            Item::Day,
            Item::DayName,
            Item::Hour,
            Item::Hour12,
            Item::AmPm,
            Item::Minute,
            Item::Second,
            Item::Fraction,
            Item::Offset,
            Item::ZoneWord,
            Item::Epoch,
            Item::EpochParts(3),
            Item::EpochParts(6),
            Item::EpochParts(9),
        ]),
    ]
}

fn any_zone() -> impl Strategy<Value = Option<Tz>> {
    prop_oneof![Just(None), prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec()).prop_map(Some)]
}

proptest! {
    #[test]
    fn no_text_is_too_strange(
        text in near_time(),
        zone in any_zone(),
        order in prop::sample::select(vec![DateOrder::Auto, DateOrder::Dmy, DateOrder::Mdy]),
        received in -62_167_219_200_i64..253_402_300_800,
    ) {
        let mut rule = rule(&[
            "%Y-%m-%d{?T}{? }%H:%M:%S%.f{?%z}{? %Z}",
            "%b %d{? %Y} %H:%M:%S{? %Z}",
            "%m/%d/%Y:%H:%M:%S",
            "%d/%m/%Y:%H:%M:%S",
            "%s",
        ])
        .order(order);
        rule.clock.zone = zone;
        rule.clock.received = DateTime::from_timestamp(received, 0).unwrap();
        if let Ok(reading) = rule.read(&text) {
            let printed = reading.time.to_string();
            prop_assert_eq!(rfc3339(&printed), Ok(reading.time));
        }
    }

    #[test]
    fn what_is_stated_is_settled_as_all_is(
        (year, month, day) in (0..=9999_u16, 0..=13_u8, 0..=32_u8),
        (hour, minute, second) in (0..=25_u8, 0..=61_u8, 0..=61_u8),
        nanos in 0..1_000_000_000_u32,
        offset in prop::option::of(-50_400..=50_400),
        word in prop::sample::select(vec!["", "GMT", "UTC", "CET", "IST", "WET"]),
        zone in prop::sample::select(vec![
            Zone::Stated,
            Zone::Device,
            Zone::Utc,
            Zone::Offset(3600),
            Zone::Named(Tz::Europe__Paris),
        ]),
        device in any_zone(),
    ) {
        let parts = Parts {
            year: Some(year),
            month: Some(month),
            day: Some(day),
            hour,
            minute,
            second,
            nanos,
            digits: 9,
            offset,
            zone_word: super::zone::word(word),
            ..Parts::default()
        };
        let rule = TimeRule {
            formats: &[],
            zone,
            year: Year::Past,
            order_setting: false,
            either_order: false,
            alone: 0,
            unset: &[],
        };
        let clock = Clock { zone: device, order: DateOrder::Auto, received: at("2024-06-15T12:00:00Z") };
        if let Some(reading) = super::stated(&parts, &rule, &clock) {
            prop_assert_eq!(super::left_open(&parts, &rule, &clock), Ok(reading));
        }
    }

    /// [`Rule::read`] compares what the compiler makes of the formats with the formats.
    #[test]
    fn dates_of_two_orders_are_read_alike_by_what_the_compiler_makes_of_their_formats(
        (first, second) in (0..40_u32, 0..40_u32),
        year in prop::sample::select(vec!["2023", "2024", "0000"]),
        clock in prop::sample::select(vec!["00:00:00", "23:59:59", "24:00:00", "12:00:60", "7:08:09"]),
        zone in prop::sample::select(vec!["", " GMT", "GMT", " +0100", "+0100", " IST", " XYZ", "Z", " "]),
        padded in any::<bool>(),
        device in any_zone(),
        order in prop::sample::select(vec![DateOrder::Auto, DateOrder::Dmy, DateOrder::Mdy]),
        formats in prop::sample::subsequence(
            vec![
                "%m/%d/%Y:%H:%M:%S{? %Z}",
                "%d/%m/%Y:%H:%M:%S{? %Z}",
                "%Y/%m/%d:%H:%M:%S{? %Z}",
                "%m/%d/%Y:%H:%M:%S{? }%z",
                "%d/%m/%Y:%H:%M:%S{? }%z",
                "%m/%d/%Y:%H:%M:%S%Z",
                "%d/%m/%Y:%H:%M:%S%Z",
                "%b %d %H:%M:%S",
            ],
            2..8,
        ),
    ) {
        let date = if padded { format!("{first:02}/{second:02}/{year}") } else { format!("{first}/{second}/{year}") };
        let mut rule = rule(&formats).order(order);
        rule.order_setting = true;
        rule.clock.zone = device;
        let _ = rule.read(&format!("{date}:{clock}{zone}"));
    }

    /// As above, of texts that begin otherwise, too.
    #[test]
    fn stamps_of_many_forms_are_read_alike_by_what_the_compiler_makes_of_their_formats(
        (month, day) in (0..14_usize, 0..33_u32),
        form in 0..9_usize,
        padded in any::<bool>(),
        order in prop::sample::select(vec![DateOrder::Auto, DateOrder::Dmy, DateOrder::Mdy]),
        formats in prop::sample::subsequence(
            vec![
                "%b %d %Y %H:%M:%S",
                "%b %d %H:%M:%S{? %Y}",
                "%Y-%m-%d %H:%M:%S",
                "%Y/%m/%d %H:%M:%S",
                "%Y %b %d %H:%M:%S",
                "%d %b %Y %H:%M:%S",
                "%Y%m%d %H:%M:%S",
                "%d %m %Y %H:%M:%S",
                "%m %d %Y %H:%M:%S",
                "%m-%d-%Y %H:%M:%S",
                "%d-%m-%Y %H:%M:%S",
                "%m/%d/%Y %H:%M:%S",
                "%d/%m/%Y %H:%M:%S",
                "%d%m%Y %H:%M:%S",
            ],
            2..14,
        ),
        turned in 0..14_usize,
    ) {
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let name = names.get(month.saturating_sub(1)).unwrap_or(&"Mai");
        let (m, d) = if padded { (format!("{month:02}"), format!("{day:02}")) } else { (month.to_string(), day.to_string()) };
        let date = [
            format!("{name} {d} 2024"),
            format!("{name} {d}"),
            format!("2024-{m}-{d}"),
            format!("2024/{m}/{d}"),
            format!("2024 {name} {d}"),
            format!("{d} {name} 2024"),
            format!("{d} {m} 2024"),
            format!("{m}-{d}-2024"),
            format!("{d}{m}2024"),
        ];
        let mut formats = formats;
        let places = formats.len();
        formats.rotate_left(turned % places);
        let mut rule = rule(&formats).order(order);
        rule.order_setting = true;
        rule.year = Year::Past;
        let _ = rule.read(&format!("{} 07:08:09", date[form]));
    }

    #[test]
    fn no_format_is_too_strange(items in prop::collection::vec(any_item(), 0..12), text in near_time()) {
        let mut rule = rule(&[]);
        let _ = super::ambiguity(&items, &items);
        let _ = (super::has_year(&items), super::has_zone(&items), super::has_date(&items));
        rule.formats.push(items);
        let _ = rule.read(&text);
    }

    #[test]
    fn moments_agree_with_chrono(
        seconds in -62_167_219_200_i64..253_402_300_800,
        nanos in 0_u32..1_000_000_000,
    ) {
        let moment = DateTime::from_timestamp(seconds, nanos).unwrap();
        let time = rfc3339(&moment.to_rfc3339_opts(SecondsFormat::Nanos, true)).unwrap();
        prop_assert_eq!((time.at, time.digits), (moment, 9));
    }

    #[test]
    fn the_nearest_year_is_never_further_than_half_a_year(
        received in 0_i64..4_000_000_000,
        seconds in 0_i64..4_000_000_000,
    ) {
        let mut rule = rule(&["%b %d %H:%M:%S"]);
        rule.clock.received = DateTime::from_timestamp(received, 0).unwrap();
        let text = DateTime::from_timestamp(seconds, 0).unwrap().format("%b %e %H:%M:%S").to_string();
        // No year around the receipt may be a leap year.
        if !text.starts_with("Feb 29") {
            let found = rule.read(&text).unwrap().time.at.timestamp();
            prop_assert!(found.abs_diff(received) <= 184 * 86400);
        }
    }
}

#[test]
fn offsets_at_the_end_of_a_stamp_are_found() {
    use super::stated_offset;
    for (stamp, offset) in [
        ("2024-03-14T07:08:09+01:00", Some(3600)),
        ("2024-03-14T07:08:09.123-0530", Some(-19800)),
        ("2024-03-14T07:08:09Z", Some(0)),
        ("2024-03-14T07:08:09", None),
        ("2024-03-14", None),
        ("Mar 14 07:08:09", None),
        ("2024-03-14T07:08:09+15:00", None),
        ("2024-03-14T07:08:09+1", None),
        ("", None),
    ] {
        assert_eq!(stated_offset(stamp), offset, "{stamp}");
    }
    for (text, offset) in [
        ("+0100", Some(3600)),
        ("-05:30", Some(-19800)),
        ("+0000", Some(0)),
        ("0100", None),
        ("+1", None),
        ("+15:00", None),
        ("07:08:09+01:00", None),
        ("", None),
    ] {
        assert_eq!(super::bare_offset(text), offset, "{text}");
    }
    for (text, word) in [
        ("CET", Some((3600, false))),
        ("EST", Some((-18000, true))),
        ("UTC", Some((0, false))),
        ("cet", None),
        ("Z", None),
        ("FW7", None),
        ("CET ", None),
        ("", None),
    ] {
        assert_eq!(super::bare_word(text), word, "{text}");
    }
}
