//! Zone words, and local times of named zones.

use chrono::{NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

/// Common zone words, by letters, with their hours and minutes east of UTC.
///
/// Some words name several zones. They are read as the first of these:
///
/// | word | read as | not as |
/// |---|---|---|
/// | AST, ADT | Atlantic | Arabia |
/// | BST | British summer | Bangladesh, Bougainville |
/// | CST, CDT | North American Central | China, Cuba |
/// | EST, EDT | North American Eastern | Australian Eastern |
/// | GST | Gulf | South Georgia |
/// | IST | India | Ireland, Israel |
/// | MST | North American Mountain | Malaysia, Myanmar |
/// | PST | North American Pacific | Philippines |
/// | SST | Samoa | Singapore |
/// | WST | Western Australia | Samoa |
const WORDS: [(&str, i8, i8); 79] = [
    ("ACDT", 10, 30),
    ("ACST", 9, 30),
    ("ADT", -3, 0),
    ("AEDT", 11, 0),
    ("AEST", 10, 0),
    ("AKDT", -8, 0),
    ("AKST", -9, 0),
    ("ART", -3, 0),
    ("AST", -4, 0),
    ("AWST", 8, 0),
    ("BRST", -2, 0),
    ("BRT", -3, 0),
    ("BST", 1, 0),
    ("CAT", 2, 0),
    ("CDT", -5, 0),
    ("CEST", 2, 0),
    ("CET", 1, 0),
    ("CLST", -3, 0),
    ("CLT", -4, 0),
    ("COT", -5, 0),
    ("CST", -6, 0),
    ("EAT", 3, 0),
    ("EDT", -4, 0),
    ("EEST", 3, 0),
    ("EET", 2, 0),
    ("EST", -5, 0),
    ("FET", 3, 0),
    ("GMT", 0, 0),
    ("GST", 4, 0),
    ("HADT", -9, 0),
    ("HAST", -10, 0),
    ("HDT", -9, 0),
    ("HKT", 8, 0),
    ("HST", -10, 0),
    ("ICT", 7, 0),
    ("IDT", 3, 0),
    ("IST", 5, 30),
    ("JST", 9, 0),
    ("KST", 9, 0),
    ("MDT", -6, 0),
    ("MEST", 2, 0),
    ("MESZ", 2, 0),
    ("MET", 1, 0),
    ("MEZ", 1, 0),
    ("MSD", 4, 0),
    ("MSK", 3, 0),
    ("MST", -7, 0),
    ("MYT", 8, 0),
    ("NDT", -2, -30),
    ("NPT", 5, 45),
    ("NST", -3, -30),
    ("NZDT", 13, 0),
    ("NZST", 12, 0),
    ("PDT", -7, 0),
    ("PET", -5, 0),
    ("PHT", 8, 0),
    ("PKT", 5, 0),
    ("PST", -8, 0),
    ("SAST", 2, 0),
    ("SGT", 8, 0),
    ("SST", -11, 0),
    ("TRT", 3, 0),
    ("UCT", 0, 0),
    ("UT", 0, 0),
    ("UTC", 0, 0),
    ("UYT", -3, 0),
    ("UZT", 5, 0),
    ("VET", -4, 0),
    ("WAST", 2, 0),
    ("WAT", 1, 0),
    ("WEST", 1, 0),
    ("WET", 0, 0),
    ("WIB", 7, 0),
    ("WIT", 9, 0),
    ("WITA", 8, 0),
    ("WST", 8, 0),
    ("YEKT", 5, 0),
    ("Z", 0, 0),
    ("ZULU", 0, 0),
];

/// Seconds east of UTC of a zone word, in any letter case; nothing if the word is not known.
///
/// Words with several meanings have the most common one: `IST` is India, `BST` British summer, `CST`, `EST`, `MST` and
/// `PST` are North American. Where another one is meant, the spec should name the zone instead.
pub fn word_offset(word: &str) -> Option<i32> {
    let upper = |byte: u8| byte.to_ascii_uppercase();
    let place = WORDS.binary_search_by(|(known, _, _)| known.bytes().cmp(word.bytes().map(upper))).ok()?;
    WORDS.get(place).map(|&(_, hours, minutes)| i32::from(hours) * 3600 + i32::from(minutes) * 60)
}

/// Seconds east of UTC at a time on a zone's clock.
///
/// Of a time that the clock showed twice, the earlier one counts; for a time that it skipped, the offset that held
/// before, which moves the time forward by what was skipped.
pub(super) fn offset_at(tz: Tz, clock: NaiveDateTime) -> Option<i32> {
    // Spares the search in the zone's table.
    if tz == Tz::UTC {
        return Some(0);
    }
    let offset = match tz.offset_from_local_datetime(&clock).earliest() {
        Some(offset) => offset,
        // Offsets are less than a day: read as UTC, the day before lies before the gap.
        None => tz.offset_from_utc_datetime(&clock.checked_sub_signed(TimeDelta::days(1))?),
    };
    Some(offset.fix().local_minus_utc())
}

#[cfg(test)]
mod tests {
    use super::{WORDS, offset_at, word_offset};
    use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
    use chrono_tz::Tz;

    #[test]
    fn the_table_is_sorted_without_repeats() {
        assert!(WORDS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn words_are_known_in_any_case() {
        for (word, hours) in [
            ("GMT", 0.0),
            ("utc", 0.0),
            ("Z", 0.0),
            ("WEST", 1.0),
            ("CEST", 2.0),
            ("EEST", 3.0),
            ("BST", 1.0),
            ("IST", 5.5),
            ("MSK", 3.0),
            ("EST", -5.0),
            ("EDT", -4.0),
            ("CDT", -5.0),
            ("MST", -7.0),
            ("PDT", -7.0),
            ("AKST", -9.0),
            ("HST", -10.0),
            ("JST", 9.0),
            ("AEDT", 11.0),
            ("NZDT", 13.0),
            ("SGT", 8.0),
            ("NST", -3.5),
            ("NPT", 5.75),
        ] {
            assert_eq!(word_offset(word).map(|seconds| f64::from(seconds) / 3600.0), Some(hours), "{word}");
        }
        for word in ["", "QQT", "ES", "ESTX", "é"] {
            assert_eq!(word_offset(word), None, "{word}");
        }
    }

    #[test]
    fn doubled_hours_are_the_earlier_and_skipped_ones_move_forward() {
        for (zone, local, expected) in [
            (Tz::Europe__Paris, "2024-07-01T12:00:00", "2024-07-01T10:00:00Z"),
            (Tz::Europe__Paris, "2024-10-27T02:30:00", "2024-10-27T00:30:00Z"),
            (Tz::Europe__Paris, "2024-10-27T03:00:00", "2024-10-27T02:00:00Z"),
            (Tz::Europe__Paris, "2024-03-31T02:30:00", "2024-03-31T01:30:00Z"),
            (Tz::Europe__Paris, "2024-03-31T03:00:00", "2024-03-31T01:00:00Z"),
            (Tz::America__New_York, "2024-11-03T01:30:00", "2024-11-03T05:30:00Z"),
            (Tz::America__New_York, "2024-03-10T02:00:00", "2024-03-10T07:00:00Z"),
            (Tz::Australia__Lord_Howe, "2024-10-06T02:15:00", "2024-10-05T15:45:00Z"),
            // The whole 30 December 2011 was skipped.
            (Tz::Pacific__Apia, "2011-12-30T00:00:00", "2011-12-30T10:00:00Z"),
            (Tz::Pacific__Apia, "2011-12-30T23:59:59", "2011-12-31T09:59:59Z"),
            (Tz::UTC, "2024-03-31T02:30:00", "2024-03-31T02:30:00Z"),
        ] {
            let local: NaiveDateTime = local.parse().unwrap();
            let expected: DateTime<Utc> = expected.parse().unwrap();
            let offset = TimeDelta::seconds(offset_at(zone, local).unwrap().into());
            assert_eq!((local - offset).and_utc(), expected, "{zone} {local}");
        }
    }
}
