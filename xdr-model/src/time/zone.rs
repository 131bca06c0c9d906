//! Zone words, and local times of named zones.

use chrono::{MappedLocalTime, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{OffsetName, Tz, TzOffset};

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
const WORDS: [(&str, i8, i8); 82] = [
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
    ("CEDT", 2, 0),
    ("CEST", 2, 0),
    ("CET", 1, 0),
    ("CLST", -3, 0),
    ("CLT", -4, 0),
    ("COT", -5, 0),
    ("CST", -6, 0),
    ("EAT", 3, 0),
    ("EDT", -4, 0),
    ("EEDT", 3, 0),
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
    ("WEDT", 1, 0),
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

/// Words of the table that name several zones.
const SEVERAL: [&str; 13] =
    ["ADT", "AST", "BST", "CDT", "CST", "EDT", "EST", "GST", "IST", "MST", "PST", "SST", "WST"];

/// A zone word that the table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ZoneWord {
    name: &'static str,
    /// Seconds east of UTC.
    pub(super) offset: i32,
    /// Whether it names other zones too.
    pub(super) several: bool,
}

/// A zone word, in any letter case.
pub(super) fn word(text: &str) -> Option<ZoneWord> {
    // What most logs have.
    if let Some(name) = ["GMT", "UTC"].into_iter().find(|name| *name == text) {
        return Some(universal(name));
    }
    let upper = |byte: u8| byte.to_ascii_uppercase();
    let place = WORDS.binary_search_by(|(known, _, _)| known.bytes().cmp(text.bytes().map(upper))).ok()?;
    let &(name, hours, minutes) = WORDS.get(place)?;
    let offset = i32::from(hours) * 3600 + i32::from(minutes) * 60;
    Some(ZoneWord { name, offset, several: SEVERAL.contains(&name) })
}

/// A word for universal time.
#[inline]
pub(super) const fn universal(name: &'static str) -> ZoneWord {
    ZoneWord { name, offset: 0, several: false }
}

/// Seconds east of UTC of a zone word, in any letter case; nothing if the word is not known.
///
/// Words with several meanings have the most common one: `IST` is India, `BST` British summer, `CST`, `EST`, `MST` and
/// `PST` are North American. Where another one is meant, the zone of the rule or of the device should say so: see
/// [`read`](super::read).
pub fn word_offset(text: &str) -> Option<i32> {
    word(text).map(|word| word.offset)
}

/// Seconds east of UTC of a zone word at a time on the clock of a zone, if that zone calls itself so then, or has the same
/// offset as the table.
pub(super) fn word_offset_at(tz: Tz, word: ZoneWord, clock: NaiveDateTime) -> Option<i32> {
    // Universal time is the same everywhere.
    if word.offset == 0 {
        return Some(0);
    }
    let local = tz.offset_from_local_datetime(&clock);
    let offsets = [local.earliest(), local.latest()];
    let named = |offset: &&TzOffset| offset.abbreviation() == Some(word.name);
    let same = |offset: &&TzOffset| offset.fix().local_minus_utc() == word.offset;
    let found = offsets.iter().flatten().find(named).or_else(|| offsets.iter().flatten().find(same))?;
    Some(found.fix().local_minus_utc())
}

/// Seconds east of UTC at a time on a zone's clock, and whether the clock showed that time once.
///
/// Of a time that the clock showed twice, the earlier one counts; for a time that it skipped, the offset that held
/// before, which moves the time forward by what was skipped.
pub(super) fn offset_at(tz: Tz, clock: NaiveDateTime) -> Option<(i32, bool)> {
    // Spares the search in the zone's table.
    if tz == Tz::UTC {
        return Some((0, true));
    }
    let (offset, once) = match tz.offset_from_local_datetime(&clock) {
        MappedLocalTime::Single(offset) => (offset, true),
        MappedLocalTime::Ambiguous(earlier, later) => (earlier, earlier.fix() == later.fix()),
        // Offsets are less than a day: read as UTC, the day before lies before the gap.
        MappedLocalTime::None => {
            (tz.offset_from_utc_datetime(&clock.checked_sub_signed(TimeDelta::days(1))?), false)
        }
    };
    Some((offset.fix().local_minus_utc(), once))
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
            // As ASDM calls the summer times of Europe.
            ("CEDT", 2.0),
            ("EEDT", 3.0),
            ("WEDT", 1.0),
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
            let offset = TimeDelta::seconds(offset_at(zone, local).unwrap().0.into());
            assert_eq!((local - offset).and_utc(), expected, "{zone} {local}");
        }
    }
}
