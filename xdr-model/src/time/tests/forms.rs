//! Tables of stamps by their form: offsets, fractions, clocks and calendars, names, orders, and what stands for no time.

use super::rule;
use super::tables::{NOTHING, ORDER, ZONE};
use crate::Refusal;
use crate::time::{Assumed, DateOrder, Zone};
use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;

#[test]
fn offsets_of_every_form() {
    let iso = rule(&["%Y-%m-%dT%H:%M:%S%.f%z"]).zone(Zone::Stated);
    for (offset, expected) in [
        ("Z", "2024-03-14T12:00:00Z"),
        ("z", "2024-03-14T12:00:00Z"),
        ("+0100", "2024-03-14T11:00:00Z"),
        ("+01:00", "2024-03-14T11:00:00Z"),
        ("+01", "2024-03-14T11:00:00Z"),
        ("-05", "2024-03-14T17:00:00Z"),
        ("-0030", "2024-03-14T12:30:00Z"),
        ("-00:30", "2024-03-14T12:30:00Z"),
        ("+05:45", "2024-03-14T06:15:00Z"),
        ("+00:00", "2024-03-14T12:00:00Z"),
        ("-00:00", "2024-03-14T12:00:00Z"),
        ("+14:00", "2024-03-13T22:00:00Z"),
        ("-12:00", "2024-03-15T00:00:00Z"),
        ("+2359", "2024-03-13T12:01:00Z"),
    ] {
        iso.reads(&format!("2024-03-14T12:00:00{offset}"), expected, NOTHING);
    }
    for offset in [
        "",
        "+",
        "+1",
        "+1:00",
        "+010",
        "+01:0",
        "+01:",
        "+01:000",
        "+01000",
        "+24:00",
        "-2400",
        "+99",
        "+01:60",
        "+0199",
        "01:00",
        " +01:00",
        "+ 01:00",
        "\u{2212}01:00",
        "ZZ",
        "Z+01:00",
        "+01:00Z",
        "+01:00:00",
    ] {
        iso.refuses(&format!("2024-03-14T12:00:00{offset}"), Refusal::NotTime);
    }
    // A number beside a word counts; the word may be any.
    let both = rule(&["%Y-%m-%d %H:%M:%S %z{? %Z}"]).zone(Zone::Stated);
    both.reads("2024-03-14 12:00:00 +0200 IST", "2024-03-14T10:00:00Z", NOTHING);
    both.reads("2024-03-14 12:00:00 +0200 QQT", "2024-03-14T10:00:00Z", NOTHING);
}

#[test]
fn fractions_of_nought_to_nine_digits() {
    let iso = rule(&["%Y-%m-%dT%H:%M:%S%.f%z"]).zone(Zone::Stated);
    let digits = "123456789";
    for count in 1..=9 {
        let text = format!("2024-03-14T07:08:09.{}Z", &digits[..count]);
        iso.reads(&text, &text, NOTHING);
        let chrono: DateTime<Utc> = text.parse().unwrap();
        assert_eq!(iso.read(&text).unwrap().time.at, chrono);
        // Noughts at the end are digits too.
        let text = format!("2024-03-14T07:08:09.{}Z", &"000000000"[..count]);
        iso.reads(&text, &text, NOTHING);
    }
    iso.reads("2024-03-14T07:08:09Z", "2024-03-14T07:08:09Z", NOTHING);
    for fraction in [".", ".1234567890", ".00000000000000000000", ",5", ".5.", ".-5", ". 5", ".5e3", "..5"] {
        iso.refuses(&format!("2024-03-14T07:08:09{fraction}Z"), Refusal::NotTime);
    }
}

#[test]
fn clocks_and_calendars_end_where_they_end() {
    let utc = rule(&["%Y-%m-%d %H:%M:%S%.f"]).zone(Zone::Utc);
    for (text, expected) in [
        ("2024-12-31 24:00:00", Ok("2025-01-01T00:00:00Z")),
        ("2024-02-29 24:00:00.000", Ok("2024-03-01T00:00:00.000Z")),
        ("2016-12-31 23:59:60", Ok("2017-01-01T00:00:00Z")),
        ("2016-12-31 23:59:60.999", Ok("2017-01-01T00:00:00.999Z")),
        ("2024-03-14 7:08:09", Ok("2024-03-14T07:08:09Z")),
        ("1969-12-31 23:59:59.5", Ok("1969-12-31T23:59:59.5Z")),
        ("1970-01-01 00:00:00", Ok("1970-01-01T00:00:00Z")),
        ("2038-01-19 03:14:08", Ok("2038-01-19T03:14:08Z")),
        ("9999-12-31 23:59:59", Ok("9999-12-31T23:59:59Z")),
        ("0001-01-01 00:00:00", Ok("0001-01-01T00:00:00Z")),
        ("9999-12-31 24:00:00", Err(Refusal::TimeRange)),
        ("2024-03-14 24:00:01", Err(Refusal::NoSuchTime)),
        ("2024-03-14 24:00:00.1", Err(Refusal::NoSuchTime)),
        ("2024-03-14 24:01:00", Err(Refusal::NoSuchTime)),
        ("2024-03-14 25:00:00", Err(Refusal::NoSuchTime)),
        ("2024-03-14 07:60:00", Err(Refusal::NoSuchTime)),
        ("2024-03-14 07:08:61", Err(Refusal::NoSuchTime)),
        ("2024-03-14 07:08:99", Err(Refusal::NoSuchTime)),
        ("2024-03-00 07:08:09", Err(Refusal::NoSuchTime)),
        ("2024-04-31 07:08:09", Err(Refusal::NoSuchTime)),
        ("2024-03-32 07:08:09", Err(Refusal::NoSuchTime)),
        ("2024-00-14 07:08:09", Err(Refusal::NoSuchTime)),
        ("2024-13-14 07:08:09", Err(Refusal::NoSuchTime)),
        ("0000-00-00 00:00:00", Err(Refusal::NoSuchTime)),
        ("2024-03-14 7:8:9", Err(Refusal::NotTime)),
        ("24-03-14 07:08:09", Err(Refusal::NotTime)),
        ("12024-03-14 07:08:09", Err(Refusal::NotTime)),
        ("-2024-03-14 07:08:09", Err(Refusal::NotTime)),
        ("2024-03-14 07:08", Err(Refusal::NotTime)),
        ("2024-03-14", Err(Refusal::NotTime)),
    ] {
        utc.check(text, expected);
    }
}

#[test]
fn nothing_may_follow_a_stamp_or_hide_in_it() {
    let utc = rule(&["%Y-%m-%d %H:%M:%S"]).zone(Zone::Utc);
    utc.reads("\t2024-03-14  07:08:09 ", "2024-03-14T07:08:09Z", NOTHING);
    for text in [
        "2024-03-14 07:08:09x",
        "2024-03-14 07:08:09 x",
        "2024-03-14 07:08:09Z",
        "2024-03-14 07:08:09\0",
        "2024-03-14 07:08:09\n",
        "2024-03-14 07:08:09\u{200e}",
        "\u{feff}2024-03-14 07:08:09",
        "2024-03-14\u{a0}07:08:09",
        "2024-03-14 \u{661}7:08:09",
        "2024\u{2010}03\u{2010}14 07:08:09",
        "2024-03-14T07:08:09",
        "2024/03/14 07:08:09",
        "2024-03-14 07:08:-9",
        "2024-03-14 +7:08:09",
        "now",
        "-",
        "0",
        "N/A.",
    ] {
        utc.refuses(text, Refusal::NotTime);
    }
}

#[test]
fn names_and_padding_of_every_writer() {
    let rule = rule(&["{?%a }%b %d %Y %H:%M:%S", "%a, %b %d %Y %H:%M:%S"]).zone(Zone::Utc);
    for text in [
        "Mar 04 2024 07:08:09",
        "Mar  4 2024 07:08:09",
        "Mar 4 2024 07:08:09",
        "Mar 4 2024 7:08:09",
        "mar 04 2024 07:08:09",
        "MAR 04 2024 07:08:09",
        "mAr 04 2024 07:08:09",
        "March 04 2024 07:08:09",
        "MARCH 4 2024 07:08:09",
        "Mon Mar 04 2024 07:08:09",
        "monday, march  4 2024 07:08:09",
        // A wrong day of the week is not held against the date.
        "Sun Mar 04 2024 07:08:09",
    ] {
        rule.reads(text, "2024-03-04T07:08:09Z", NOTHING);
    }
    for text in [
        "Mrz 04 2024 07:08:09",
        "M\u{e4}r 04 2024 07:08:09",
        "Marc 04 2024 07:08:09",
        "Marchx 04 2024 07:08:09",
        "M r 04 2024 07:08:09",
        "Mar 004 2024 07:08:09",
        "Mar 2024 07:08:09",
        "04 Mar 2024 07:08:09",
        "Xyz Mar 04 2024 07:08:09",
    ] {
        rule.refuses(text, Refusal::NotTime);
    }
    for (text, month) in (1..)
        .zip(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"])
        .map(|(number, name)| (name, number))
    {
        for name in [text.to_owned(), text.to_uppercase(), text.to_lowercase()] {
            rule.reads(
                &format!("{name} 01 2024 00:00:00"),
                &format!("2024-{month:02}-01T00:00:00Z"),
                NOTHING,
            );
        }
    }
}

#[test]
fn orders_of_day_and_month_by_every_setting() {
    // Month first is the product's default.
    const FORMATS: &[&str] =
        &["%m/%d/%Y:%H:%M:%S{? %Z}", "%d/%m/%Y:%H:%M:%S{? %Z}", "%Y/%m/%d:%H:%M:%S{? %Z}"];
    let [eighth, seventh] = ["2024-08-07T00:00:00Z", "2024-07-08T00:00:00Z"];
    for (text, auto, assumed, dmy, mdy) in [
        ("08/07/2024:00:00:00 GMT", eighth, ORDER, seventh, eighth),
        ("8/7/2024:00:00:00 GMT", eighth, ORDER, seventh, eighth),
        ("07/08/2024:00:00:00 GMT", seventh, ORDER, eighth, seventh),
        // Only one order has such a day; the setting cannot change that.
        (
            "13/08/2024:00:00:00 GMT",
            "2024-08-13T00:00:00Z",
            NOTHING,
            "2024-08-13T00:00:00Z",
            "2024-08-13T00:00:00Z",
        ),
        (
            "08/13/2024:00:00:00 GMT",
            "2024-08-13T00:00:00Z",
            NOTHING,
            "2024-08-13T00:00:00Z",
            "2024-08-13T00:00:00Z",
        ),
        (
            "12/12/2024:00:00:00 GMT",
            "2024-12-12T00:00:00Z",
            NOTHING,
            "2024-12-12T00:00:00Z",
            "2024-12-12T00:00:00Z",
        ),
        // The year in front leaves no choice.
        ("2024/08/07:00:00:00 GMT", eighth, NOTHING, eighth, eighth),
    ] {
        for (order, expected, assumed) in
            [(DateOrder::Auto, auto, assumed), (DateOrder::Dmy, dmy, NOTHING), (DateOrder::Mdy, mdy, NOTHING)]
        {
            rule(FORMATS).order(order).reads(text, expected, assumed);
        }
    }
    for order in [DateOrder::Auto, DateOrder::Dmy, DateOrder::Mdy] {
        let rule = rule(FORMATS).order(order);
        for (text, refusal) in [
            ("13/13/2024:00:00:00 GMT", Refusal::NoSuchTime),
            ("31/04/2024:00:00:00 GMT", Refusal::NoSuchTime),
            ("04/31/2024:00:00:00 GMT", Refusal::NoSuchTime),
            ("00/07/2024:00:00:00 GMT", Refusal::NoSuchTime),
            ("32/01/2024:00:00:00 GMT", Refusal::NoSuchTime),
            ("2024/13/07:00:00:00 GMT", Refusal::NoSuchTime),
            ("08/07/24:00:00:00 GMT", Refusal::NotTime),
            ("08-07-2024:00:00:00 GMT", Refusal::NotTime),
            ("08/07/2024 00:00:00 GMT", Refusal::NotTime),
        ] {
            rule.refuses(text, refusal);
        }
        // What else is missing is told too.
        let zone = Assumed { zone: true, order: order == DateOrder::Auto, ..NOTHING };
        assert_eq!(rule.read("08/07/2024:00:00:00").unwrap().assumed, zone);
        assert_eq!(rule.read("13/07/2024:00:00:00").unwrap().assumed, ZONE);
    }
}

#[test]
fn texts_that_mean_no_time_are_told_from_dates() {
    // The rule of these tests names `0001-01-01T00:00:00Z` and `N/A`.
    let iso = rule(&["%Y-%m-%dT%H:%M:%S%.f%z", "%s"]).zone(Zone::Stated);
    for text in ["0001-01-01T00:00:00Z", " 0001-01-01T00:00:00Z ", "N/A"] {
        iso.refuses(text, Refusal::UnsetTime);
    }
    // What a spec does not name is a date like others, if it is one.
    iso.reads("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", NOTHING);
    iso.reads("0001-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z", NOTHING);
    iso.reads("0", "1970-01-01T00:00:00Z", NOTHING);
    iso.refuses("0000-00-00T00:00:00Z", Refusal::NoSuchTime);
    iso.refuses("", Refusal::Empty);
    iso.refuses("n/a", Refusal::NotTime);
    iso.refuses("null", Refusal::NotTime);
}

#[test]
fn milliseconds_since_1970() {
    for formats in [&["%Q"][..], &["%s", "%Q"], &["%Q", "%s"]] {
        let epoch = rule(formats);
        for (text, expected) in [
            ("1710400089250", Ok("2024-03-14T07:08:09.250Z")),
            ("1710400089000", Ok("2024-03-14T07:08:09.000Z")),
            ("1000000000000", Ok("2001-09-09T01:46:40.000Z")),
            ("253402300799999", Ok("9999-12-31T23:59:59.999Z")),
            ("253402300800000", Err(Refusal::TimeRange)),
            ("1710400089000000", Err(Refusal::NotTime)),
            ("1710400089250.5", Err(Refusal::NotTime)),
            ("-1710400089250", Err(Refusal::NotTime)),
        ] {
            epoch.check(text, expected);
            assert!(epoch.read(text).map_or(true, |reading| !reading.assumed.any()), "{text}");
        }
    }
    rule(&["%Q"]).refuses("1710400089", Refusal::NotTime);
}

#[test]
fn microseconds_and_nanoseconds_since_1970() {
    let epoch = rule(&["%s", "%Q", "%6Q", "%9Q"]);
    for (text, expected) in [
        ("1710400089", Ok("2024-03-14T07:08:09Z")),
        ("1710400089250", Ok("2024-03-14T07:08:09.250Z")),
        ("1710400089250001", Ok("2024-03-14T07:08:09.250001Z")),
        ("1710400089123456789", Ok("2024-03-14T07:08:09.123456789Z")),
        ("253402300799999999", Ok("9999-12-31T23:59:59.999999Z")),
        ("253402300800000000", Err(Refusal::TimeRange)),
        // Twenty digits are the most that a number of 64 bits has.
        ("18446744073709551615", Ok("2554-07-21T23:34:33.709551615Z")),
        ("18446744073709551616", Err(Refusal::NotTime)),
        ("171040008912345678901", Err(Refusal::NotTime)),
    ] {
        epoch.check(text, expected);
    }
    rule(&["%9Q"]).refuses("1710400089123456", Refusal::NotTime);
    rule(&["%6Q"]).refuses("1710400089123456789", Refusal::NotTime);
}

#[test]
fn seconds_since_1970() {
    let epoch = rule(&["%s%.f"]);
    for (text, expected) in [
        ("0", Ok("1970-01-01T00:00:00Z")),
        ("1", Ok("1970-01-01T00:00:01Z")),
        ("1710400089", Ok("2024-03-14T07:08:09Z")),
        ("1710400089.5", Ok("2024-03-14T07:08:09.5Z")),
        ("2147483648", Ok("2038-01-19T03:14:08Z")),
        ("4294967296", Ok("2106-02-07T06:28:16Z")),
        ("253402300799", Ok("9999-12-31T23:59:59Z")),
        ("253402300800", Err(Refusal::TimeRange)),
        ("999999999999", Err(Refusal::TimeRange)),
        // Milliseconds, microseconds and nanoseconds are no seconds.
        ("1710400089000", Err(Refusal::NotTime)),
        ("1710400089000000", Err(Refusal::NotTime)),
        ("1710400089000000000", Err(Refusal::NotTime)),
        ("-1", Err(Refusal::NotTime)),
        ("+1", Err(Refusal::NotTime)),
        ("1e9", Err(Refusal::NotTime)),
        ("0x65f2a1c9", Err(Refusal::NotTime)),
        ("1,710,400,089", Err(Refusal::NotTime)),
    ] {
        epoch.check(text, expected);
        assert!(epoch.read(text).map_or(true, |reading| !reading.assumed.any()), "{text}");
    }
    epoch.refuses(&"9".repeat(400), Refusal::NotTime);
}

#[test]
fn moments_of_stamps_agree_with_chrono() {
    let rule = rule(&["%a, %d %b %Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f%z"]).zone(Zone::Utc);
    // Steps of a prime number of seconds pass through all days and hours.
    for step in 0..2000_i64 {
        let moment = DateTime::from_timestamp(631_152_000 + step * 3_999_971, 0).unwrap();
        let expected = moment.to_rfc3339_opts(SecondsFormat::Secs, true);
        rule.reads(&moment.format("%a, %d %b %Y %H:%M:%S").to_string(), &expected, NOTHING);
        let there = moment.with_timezone(&Tz::Asia__Kathmandu);
        rule.reads(&there.format("%Y-%m-%dT%H:%M:%S%z").to_string(), &expected, NOTHING);
        rule.reads(&there.to_rfc3339(), &expected, NOTHING);
    }
}
