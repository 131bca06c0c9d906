//! Tables of stamps by what they leave open, years and zones: each has the right moment, with what had to be assumed, or a
//! refusal that says what is wrong.

use super::{Rule, at, rule};
use crate::Refusal;
use crate::time::zone::offset_at;
use crate::time::{Assumed, Year, Zone};
use chrono::{DateTime, NaiveDateTime, Offset, SecondsFormat, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

pub(super) const NOTHING: Assumed =
    Assumed { zone: false, word: false, clock: false, year: false, order: false };
pub(super) const ZONE: Assumed = Assumed { zone: true, ..NOTHING };
const WORD: Assumed = Assumed { word: true, ..NOTHING };
const CLOCK: Assumed = Assumed { clock: true, ..NOTHING };
const YEAR: Assumed = Assumed { year: true, ..NOTHING };
pub(super) const ORDER: Assumed = Assumed { order: true, ..NOTHING };

impl Rule {
    fn past(mut self) -> Self {
        self.year = Year::Past;
        self
    }

    /// Asserts the moment and all that was assumed.
    pub(super) fn reads(&self, text: &str, expected: &str, assumed: Assumed) {
        self.check(text, Ok(expected));
        assert_eq!(self.read(text).unwrap().assumed, assumed, "{text}");
    }

    pub(super) fn refuses(&self, text: &str, refusal: Refusal) {
        self.check(text, Err(refusal));
    }
}

const SYSLOG: &str = "%b %d %H:%M:%S";

#[test]
fn years_around_new_year_by_either_policy() {
    // Received, stamp, and its year by `nearest` and by `past`. Times of the device are UTC.
    for (received, text, nearest, past) in [
        // Of the day before, received just after midnight.
        ("2025-01-01T00:00:00Z", "Dec 31 23:59:59", "2024-12-31T23:59:59Z", "2024-12-31T23:59:59Z"),
        ("2025-01-01T23:59:59Z", "Dec 31 00:00:00", "2024-12-31T00:00:00Z", "2024-12-31T00:00:00Z"),
        // The clock of the device is ahead.
        ("2024-12-31T23:59:59Z", "Jan  1 00:00:00", "2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        ("2024-12-31T12:00:00Z", "Jan  1 11:00:00", "2025-01-01T11:00:00Z", "2025-01-01T11:00:00Z"),
        // Seven days ahead are the clock's fault, more than that is another year.
        ("2024-12-31T12:00:00Z", "Jan  7 12:00:00", "2025-01-07T12:00:00Z", "2025-01-07T12:00:00Z"),
        ("2024-12-31T12:00:00Z", "Jan  7 12:00:01", "2025-01-07T12:00:01Z", "2024-01-07T12:00:01Z"),
        ("2024-06-15T12:00:00Z", "Jun 22 12:00:00", "2024-06-22T12:00:00Z", "2024-06-22T12:00:00Z"),
        ("2024-06-15T12:00:00Z", "Jun 22 12:00:01", "2024-06-22T12:00:01Z", "2023-06-22T12:00:01Z"),
        // An old file: `past` never reaches into the future.
        ("2025-01-10T00:00:00Z", "Jul  5 00:00:00", "2025-07-05T00:00:00Z", "2024-07-05T00:00:00Z"),
        ("2024-12-31T00:00:00Z", "Jan 31 00:00:00", "2025-01-31T00:00:00Z", "2024-01-31T00:00:00Z"),
        // Midnight that is written as the end of the old year.
        ("2025-01-01T00:00:01Z", "Dec 31 24:00:00", "2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        ("2024-12-31T23:59:59Z", "Dec 31 24:00:00", "2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        // A leap second at the end of the year.
        ("2017-01-01T00:00:01Z", "Dec 31 23:59:60", "2017-01-01T00:00:00Z", "2017-01-01T00:00:00Z"),
    ] {
        let utc = rule(&[SYSLOG]).device(Tz::UTC).received(received);
        utc.reads(text, nearest, YEAR);
        utc.past().reads(text, past, YEAR);
    }
}

#[test]
fn zones_that_shift_the_date_do_not_shift_the_year() {
    for (zone, received, text, expected) in [
        // In Tokyo the new year begins at 15:00 UTC of the old one, in Honolulu it begins at 10:00 UTC.
        (Tz::Asia__Tokyo, "2024-12-31T15:00:05Z", "Jan  1 00:00:05", "2024-12-31T15:00:05Z"),
        (Tz::Asia__Tokyo, "2024-12-31T15:00:05Z", "Dec 31 23:59:59", "2024-12-31T14:59:59Z"),
        (Tz::Asia__Tokyo, "2024-12-31T14:59:58Z", "Jan  1 00:00:05", "2024-12-31T15:00:05Z"),
        (Tz::Pacific__Honolulu, "2025-01-01T09:59:59Z", "Dec 31 23:59:59", "2025-01-01T09:59:59Z"),
        (Tz::Pacific__Honolulu, "2025-01-01T09:59:59Z", "Jan  1 00:00:01", "2025-01-01T10:00:01Z"),
        (Tz::Pacific__Honolulu, "2025-01-01T10:00:01Z", "Dec 31 00:00:00", "2024-12-31T10:00:00Z"),
        (Tz::Pacific__Kiritimati, "2024-12-31T10:00:00Z", "Jan  1 00:00:00", "2024-12-31T10:00:00Z"),
        (Tz::Europe__Paris, "2024-12-31T23:30:00Z", "Jan  1 00:30:00", "2024-12-31T23:30:00Z"),
        (Tz::America__New_York, "2025-01-01T04:30:00Z", "Dec 31 23:30:00", "2025-01-01T04:30:00Z"),
    ] {
        let there = rule(&[SYSLOG]).device(zone).received(received);
        there.reads(text, expected, YEAR);
        there.past().reads(text, expected, YEAR);
    }
    // The zone of the text does the same.
    let words = rule(&["%b %d %H:%M:%S %Z"]).past();
    let words = words.received("2024-12-31T15:00:05Z");
    words.reads("Jan  1 00:00:05 JST", "2024-12-31T15:00:05Z", YEAR);
    words.reads("Dec 31 15:00:05 GMT", "2024-12-31T15:00:05Z", YEAR);
    words.received("2025-01-01T09:59:59Z").reads("Dec 31 23:59:59 HST", "2025-01-01T09:59:59Z", YEAR);
}

#[test]
fn the_29th_of_february_needs_a_leap_year() {
    let dated = rule(&["%Y-%m-%d", "%d %b %Y"]).zone(Zone::Utc);
    for (text, expected) in [
        ("2024-02-29", Ok("2024-02-29T00:00:00Z")),
        ("29 Feb 2000", Ok("2000-02-29T00:00:00Z")),
        ("2023-02-29", Err(Refusal::NoSuchTime)),
        ("1900-02-29", Err(Refusal::NoSuchTime)),
        ("29 Feb 2100", Err(Refusal::NoSuchTime)),
        ("2024-02-30", Err(Refusal::NoSuchTime)),
    ] {
        dated.check(text, expected);
    }
    // Without a year: the leap year that the policy allows. `nearest` does not look further than to the next year.
    for (received, nearest, past) in [
        ("2024-02-29T12:00:00Z", Some("2024-02-29T10:00:00Z"), "2024-02-29T10:00:00Z"),
        ("2024-02-23T12:00:00Z", Some("2024-02-29T10:00:00Z"), "2024-02-29T10:00:00Z"),
        ("2024-02-22T09:00:00Z", Some("2024-02-29T10:00:00Z"), "2020-02-29T10:00:00Z"),
        ("2025-03-01T00:00:00Z", Some("2024-02-29T10:00:00Z"), "2024-02-29T10:00:00Z"),
        ("2023-03-01T00:00:00Z", Some("2024-02-29T10:00:00Z"), "2020-02-29T10:00:00Z"),
        ("2026-03-01T00:00:00Z", None, "2024-02-29T10:00:00Z"),
        ("2027-12-31T00:00:00Z", Some("2028-02-29T10:00:00Z"), "2024-02-29T10:00:00Z"),
        // 1900 was none: eight years back.
        ("1903-06-01T00:00:00Z", Some("1904-02-29T10:00:00Z"), "1896-02-29T10:00:00Z"),
        ("1904-02-01T00:00:00Z", Some("1904-02-29T10:00:00Z"), "1896-02-29T10:00:00Z"),
    ] {
        let rule = rule(&[SYSLOG]).device(Tz::UTC).received(received);
        match nearest {
            Some(nearest) => rule.reads("Feb 29 10:00:00", nearest, YEAR),
            None => rule.refuses("Feb 29 10:00:00", Refusal::NoSuchTime),
        }
        rule.past().reads("Feb 29 10:00:00", past, YEAR);
    }
    rule(&[SYSLOG]).past().refuses("Feb 30 10:00:00", Refusal::NoSuchTime);
}

#[test]
fn zone_words_are_what_they_mean_mostly_and_that_is_told() {
    let words = rule(&["%Y-%m-%d %H:%M:%S %Z"]);
    for (word, expected, assumed) in [
        ("UTC", "2024-07-01T12:00:00Z", NOTHING),
        ("GMT", "2024-07-01T12:00:00Z", NOTHING),
        ("Z", "2024-07-01T12:00:00Z", NOTHING),
        ("utc", "2024-07-01T12:00:00Z", NOTHING),
        ("WET", "2024-07-01T12:00:00Z", NOTHING),
        ("WEST", "2024-07-01T11:00:00Z", NOTHING),
        ("CET", "2024-07-01T11:00:00Z", NOTHING),
        ("CEST", "2024-07-01T10:00:00Z", NOTHING),
        ("MESZ", "2024-07-01T10:00:00Z", NOTHING),
        ("EEST", "2024-07-01T09:00:00Z", NOTHING),
        ("MSK", "2024-07-01T09:00:00Z", NOTHING),
        ("JST", "2024-07-01T03:00:00Z", NOTHING),
        ("NPT", "2024-07-01T06:15:00Z", NOTHING),
        ("AEST", "2024-07-01T02:00:00Z", NOTHING),
        ("MDT", "2024-07-01T18:00:00Z", NOTHING),
        ("PDT", "2024-07-01T19:00:00Z", NOTHING),
        ("HST", "2024-07-01T22:00:00Z", NOTHING),
        ("NST", "2024-07-01T15:30:00Z", NOTHING),
        // Names of several zones.
        ("IST", "2024-07-01T06:30:00Z", WORD),
        ("BST", "2024-07-01T11:00:00Z", WORD),
        ("EST", "2024-07-01T17:00:00Z", WORD),
        ("EDT", "2024-07-01T16:00:00Z", WORD),
        ("CST", "2024-07-01T18:00:00Z", WORD),
        ("Cdt", "2024-07-01T17:00:00Z", WORD),
        ("MST", "2024-07-01T19:00:00Z", WORD),
        ("PST", "2024-07-01T20:00:00Z", WORD),
        ("AST", "2024-07-01T16:00:00Z", WORD),
        ("ADT", "2024-07-01T15:00:00Z", WORD),
        ("GST", "2024-07-01T08:00:00Z", WORD),
        ("SST", "2024-07-01T23:00:00Z", WORD),
        ("WST", "2024-07-01T04:00:00Z", WORD),
    ] {
        words.reads(&format!("2024-07-01 12:00:00 {word}"), expected, assumed);
    }
    for word in ["QQT", "PARIS", "AMT", "X"] {
        let refusal = words.read(&format!("2024-07-01 12:00:00 {word}")).unwrap_err();
        assert_eq!(refusal.to_string(), format!("unknown time zone `{word}`"));
    }
    // No words at all: none of them is read as the word that it begins with.
    for word in ["GMT+2", "UTC+01:00", "EST5EDT", "Europe/Paris", "C\u{c9}T", "SOMEWHERE", "+01:00", "UTC Z"]
    {
        words.refuses(&format!("2024-07-01 12:00:00 {word}"), Refusal::NotTime);
    }
}

#[test]
fn the_zone_of_the_device_says_which_zone_a_word_means() {
    let words = |zone| rule(&["%Y-%m-%d %H:%M:%S{? %Z}"]).device(zone);
    for (zone, text, expected, assumed) in [
        (Tz::Asia__Kolkata, "2024-07-01 12:00:00 IST", "2024-07-01T06:30:00Z", NOTHING),
        (Tz::Asia__Jerusalem, "2024-01-01 12:00:00 IST", "2024-01-01T10:00:00Z", NOTHING),
        (Tz::Europe__Dublin, "2024-07-01 12:00:00 IST", "2024-07-01T11:00:00Z", NOTHING),
        // Israel's clock shows no IST in July.
        (Tz::Asia__Jerusalem, "2024-07-01 12:00:00 IST", "2024-07-01T06:30:00Z", WORD),
        (Tz::Asia__Shanghai, "2024-07-01 12:00:00 CST", "2024-07-01T04:00:00Z", NOTHING),
        (Tz::America__Chicago, "2024-01-01 12:00:00 CST", "2024-01-01T18:00:00Z", NOTHING),
        (Tz::America__Havana, "2024-07-01 12:00:00 CDT", "2024-07-01T16:00:00Z", NOTHING),
        (Tz::America__New_York, "2024-07-01 12:00:00 EDT", "2024-07-01T16:00:00Z", NOTHING),
        (Tz::America__Los_Angeles, "2024-01-01 12:00:00 pst", "2024-01-01T20:00:00Z", NOTHING),
        (Tz::America__Los_Angeles, "2024-07-01 12:00:00 PST", "2024-07-01T20:00:00Z", WORD),
        // The zone calls itself otherwise, but has the offset that the word has mostly.
        (Tz::Asia__Dubai, "2024-07-01 12:00:00 GST", "2024-07-01T08:00:00Z", NOTHING),
        (Tz::Australia__Sydney, "2024-07-01 12:00:00 EST", "2024-07-01T17:00:00Z", WORD),
        // From March 2011 to October 2014 Moscow was four hours ahead.
        (Tz::Europe__Moscow, "2012-07-01 12:00:00 MSK", "2012-07-01T08:00:00Z", NOTHING),
        (Tz::Europe__Moscow, "2024-07-01 12:00:00 MSK", "2024-07-01T09:00:00Z", NOTHING),
        // A word that does not fit the zone holds: the text knows better than the setting.
        (Tz::Europe__Paris, "2024-07-01 12:00:00 GMT", "2024-07-01T12:00:00Z", NOTHING),
        (Tz::Europe__Paris, "2024-07-01 12:00:00 JST", "2024-07-01T03:00:00Z", NOTHING),
        // The word tells the two hours of an overlap apart.
        (Tz::America__New_York, "2024-11-03 01:30:00 EDT", "2024-11-03T05:30:00Z", NOTHING),
        (Tz::America__New_York, "2024-11-03 01:30:00 EST", "2024-11-03T06:30:00Z", NOTHING),
        (Tz::America__New_York, "2024-11-03 01:30:00", "2024-11-03T05:30:00Z", CLOCK),
        (Tz::Europe__London, "2024-10-27 01:30:00 BST", "2024-10-27T00:30:00Z", NOTHING),
        (Tz::Europe__London, "2024-10-27 01:30:00 GMT", "2024-10-27T01:30:00Z", NOTHING),
    ] {
        words(zone).reads(text, expected, assumed);
    }
    // So does a zone that the spec names; with `utc` nothing is known of the device.
    let named = |zone| rule(&["%Y-%m-%d %H:%M:%S %Z"]).zone(zone).device(Tz::Asia__Shanghai);
    let text = "2024-01-01 12:00:00 IST";
    named(Zone::Named(Tz::Asia__Jerusalem)).reads(text, "2024-01-01T10:00:00Z", NOTHING);
    named(Zone::Stated).reads("2024-01-01 12:00:00 CST", "2024-01-01T04:00:00Z", NOTHING);
    named(Zone::Utc).reads("2024-01-01 12:00:00 CST", "2024-01-01T18:00:00Z", WORD);
    // Without a year the word counts in the year that is found.
    let yearless = rule(&["%b %d %H:%M:%S %Z"]).device(Tz::Asia__Jerusalem);
    yearless.received("2024-03-01T00:00:00Z").reads("Feb  1 12:00:00 IST", "2024-02-01T10:00:00Z", YEAR);
}

#[test]
fn hours_that_a_clock_shows_twice_or_skips_are_read_by_a_rule_and_told() {
    for (zone, text, expected, assumed) in [
        // Put back: the first of both hours, from the first second to the last.
        (Tz::Europe__Paris, "2024-10-27 01:59:59", "2024-10-26T23:59:59Z", NOTHING),
        (Tz::Europe__Paris, "2024-10-27 02:00:00", "2024-10-27T00:00:00Z", CLOCK),
        (Tz::Europe__Paris, "2024-10-27 02:59:59", "2024-10-27T00:59:59Z", CLOCK),
        (Tz::Europe__Paris, "2024-10-27 03:00:00", "2024-10-27T02:00:00Z", NOTHING),
        (Tz::America__New_York, "2024-11-03 01:30:00", "2024-11-03T05:30:00Z", CLOCK),
        (Tz::Europe__London, "2024-10-27 01:30:00", "2024-10-27T00:30:00Z", CLOCK),
        (Tz::Australia__Lord_Howe, "2024-04-07 01:45:00", "2024-04-06T14:45:00Z", CLOCK),
        // Put forward: such an hour never was; the text moves on by what was skipped.
        (Tz::Europe__Paris, "2024-03-31 01:59:59", "2024-03-31T00:59:59Z", NOTHING),
        (Tz::Europe__Paris, "2024-03-31 02:00:00", "2024-03-31T01:00:00Z", CLOCK),
        (Tz::Europe__Paris, "2024-03-31 02:59:59", "2024-03-31T01:59:59Z", CLOCK),
        (Tz::Europe__Paris, "2024-03-31 03:00:00", "2024-03-31T01:00:00Z", NOTHING),
        (Tz::America__New_York, "2024-03-10 02:30:00", "2024-03-10T07:30:00Z", CLOCK),
        (Tz::Australia__Lord_Howe, "2024-10-06 02:15:00", "2024-10-05T15:45:00Z", CLOCK),
        (Tz::America__Sao_Paulo, "2018-11-04 00:30:00", "2018-11-04T03:30:00Z", CLOCK),
        // A whole day.
        (Tz::Pacific__Apia, "2011-12-30 12:00:00", "2011-12-30T22:00:00Z", CLOCK),
        // The 24th hour is the first of the next day, and that one may be skipped.
        (Tz::America__Sao_Paulo, "2018-11-03 24:00:00", "2018-11-04T03:00:00Z", CLOCK),
        (Tz::Europe__Paris, "2024-03-30 24:00:00", "2024-03-30T23:00:00Z", NOTHING),
        // No such hours.
        (Tz::Asia__Kolkata, "2024-03-31 02:30:00", "2024-03-30T21:00:00Z", NOTHING),
        (Tz::UTC, "2024-03-31 02:30:00", "2024-03-31T02:30:00Z", NOTHING),
    ] {
        rule(&["%Y-%m-%d %H:%M:%S"]).device(zone).reads(text, expected, assumed);
        let named = rule(&["%Y-%m-%d %H:%M:%S"]).zone(Zone::Named(zone));
        named.reads(text, expected, assumed);
    }
    let both = Assumed { clock: true, year: true, ..NOTHING };
    let yearless = rule(&[SYSLOG]).device(Tz::Europe__Paris).past().received("2024-12-01T00:00:00Z");
    yearless.reads("Oct 27 02:30:00", "2024-10-27T00:30:00Z", both);
    // An offset leaves nothing open.
    let offset = rule(&["%Y-%m-%d %H:%M:%S%z"]).device(Tz::Europe__Paris);
    offset.reads("2024-10-27 02:30:00+01:00", "2024-10-27T01:30:00Z", NOTHING);
}

#[test]
fn changes_of_clocks_agree_with_the_database() {
    const SECONDS: [i64; 5] = [-1, 0, 1, 1799, 3599];
    let mut changes = 0;
    for zone in [
        Tz::Europe__Paris,
        Tz::Europe__Dublin,
        Tz::America__New_York,
        Tz::America__St_Johns,
        Tz::Australia__Lord_Howe,
        Tz::Africa__Casablanca,
        Tz::Asia__Tehran,
        Tz::Pacific__Apia,
        Tz::Antarctica__Troll,
    ] {
        let offset_of = |at: i64| {
            zone.offset_from_utc_datetime(&DateTime::from_timestamp(at, 0).unwrap().naive_utc())
                .fix()
                .local_minus_utc()
        };
        // Clocks are not changed twice within so many days.
        let mut before = at("2009-01-01T00:00:00Z").timestamp();
        let end = at("2030-01-01T00:00:00Z").timestamp();
        while before < end {
            let after = before + 5 * 86400;
            if offset_of(before) != offset_of(after) {
                changes += 1;
                let (mut low, mut high) = (before, after);
                while high - low > 1 {
                    let middle = low + (high - low) / 2;
                    if offset_of(middle) == offset_of(low) { low = middle } else { high = middle }
                }
                let (old, new) = (i64::from(offset_of(low)), i64::from(offset_of(high)));
                for second in SECONDS {
                    // Counted from the earlier of what the clock shows on both sides of the change.
                    let local = high + old.min(new) + second;
                    // Up to the end of the gap or overlap the old offset holds.
                    let offset = if local < high + old.max(new) { old } else { new };
                    let doubtful = (high + old.min(new)..high + old.max(new)).contains(&local);
                    let clock = DateTime::from_timestamp(local, 0).unwrap().naive_utc();
                    let (found, once) = offset_at(zone, clock).unwrap();
                    assert_eq!((i64::from(found), !once), (offset, doubtful), "{zone} {clock}");
                }
            }
            before = after;
        }
    }
    assert!(changes > 300, "{changes}");
}

#[test]
fn the_years_of_policies_agree_with_a_search() {
    let received = at("2025-03-01T06:00:00Z");
    for day in 0..366 {
        let local = NaiveDateTime::parse_from_str("2024-01-01 05:00:00", "%Y-%m-%d %H:%M:%S").unwrap()
            + TimeDelta::days(day);
        let text = local.format("%b %d %H:%M:%S").to_string();
        let candidates: Vec<DateTime<Utc>> = (2015..2030)
            .filter_map(|year| {
                let text = format!("{year} {text}");
                NaiveDateTime::parse_from_str(&text, "%Y %b %d %H:%M:%S").ok().map(|local| local.and_utc())
            })
            .collect();
        let nearest = candidates.iter().min_by_key(|at| (**at - received).abs()).unwrap();
        let past = candidates.iter().rfind(|at| **at - received <= TimeDelta::days(7)).unwrap();
        let rule = rule(&[SYSLOG]).device(Tz::UTC).received("2025-03-01T06:00:00Z");
        rule.reads(&text, &nearest.to_rfc3339_opts(SecondsFormat::Secs, true), YEAR);
        rule.past().reads(&text, &past.to_rfc3339_opts(SecondsFormat::Secs, true), YEAR);
    }
}
