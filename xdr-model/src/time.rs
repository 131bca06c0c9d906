//! Reading times by formats that were taken apart beforehand.
//!
//! A format is a slice of [`Item`]s. The compiler makes it of a text with [`parse_format`] and asks what it leaves
//! open ([`has_year`], [`has_zone`], [`ambiguity()`]); at run time [`read`] walks the items over the bytes of a text and
//! settles what is open by the rule and the run's [`Clock`]. Reading allocates nothing.
//!
//! Leniency is the same for every format: a day, month or hour may have one digit, and a day or month may be padded
//! by a blank; month and day names are English, short or long, in any letter case; the name of a day is not held
//! against the date. `24:00:00` is midnight of the next day, and second 60 is the first second of the next minute.

mod ambiguity;
mod beside;
mod format;
mod matcher;
mod usual;
mod zone;

use crate::{Refusal, Timestamp};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use matcher::{Miss, Parts};
use smallvec::SmallVec;

pub use ambiguity::ambiguity;
pub use beside::{order_beside, told_beside, year_beside};
pub use format::{
    FormatError, Item, Whole, alone, either_order, fused, has_date, has_optional_zone, has_year, has_zone,
    has_zone_word, parse_format,
};
pub use zone::word_offset;

/// How the times of one mapping are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeRule<'r> {
    /// The formats, in the order in which they are tried.
    pub formats: &'r [&'r [Item]],
    /// The zone of a text that has none.
    pub zone: Zone,
    /// The year of a text that has none.
    pub year: Year,
    /// Whether the run's [`DateOrder`] says which of the formats holds.
    pub order_setting: bool,
    /// What [`either_order`] says of the formats.
    pub either_order: bool,
    /// What [`alone`] says of the formats.
    pub alone: usize,
    /// Texts that mean "no time".
    pub unset: &'r [&'r str],
}

/// The year of a text that has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Year {
    /// Every format has its year; a text without one is refused.
    #[default]
    Stated,
    /// The year that brings the time nearest to the moment of receipt, even if that lies in the future.
    Nearest,
    /// The latest year that does not bring the time more than [`AHEAD`] beyond the moment of receipt: logs tell of the past.
    Past,
    /// This year, which the record states elsewhere.
    Given(i32),
    /// The year that brings the time nearest to this moment, of which another stamp of the record tells.
    Near(DateTime<Utc>),
}

/// How far the clock of a device may be ahead of the moment of receipt, in seconds: seven days.
pub const AHEAD: i64 = 7 * 86400;

/// The zone of a text that has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Zone {
    /// Every format has its zone; a text without one is refused.
    Stated,
    /// The zone of the run's [`Clock`].
    Device,
    /// UTC.
    Utc,
    /// This zone.
    Named(Tz),
    /// This offset from UTC, in seconds.
    Offset(i32),
}

/// Which of day and month comes first, where a text allows both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DateOrder {
    /// What only one order allows; else the first format, counted as assumed.
    #[default]
    Auto,
    /// Day before month.
    Dmy,
    /// Month before day.
    Mdy,
}

/// What a run knows of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The zone of the device, where the run says so.
    pub zone: Option<Tz>,
    /// The order of day and month on this device.
    pub order: DateOrder,
    /// The moment at which the record was received.
    pub received: DateTime<Utc>,
}

/// A time, and what had to be assumed to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The moment.
    pub time: Timestamp,
    /// What the text did not state.
    pub assumed: Assumed,
}

/// What had to be assumed to read a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own: a text may lack any of them")]
pub struct Assumed {
    /// No zone in the text, none set for the device: UTC.
    pub zone: bool,
    /// A zone word that means several zones, and the device's zone does not tell which: the one that [`word_offset`] says.
    pub word: bool,
    /// A local time that the zone's clock showed twice or never: see [`read`].
    pub clock: bool,
    /// No year in the text: the one that the rule's [`Year`] says.
    pub year: bool,
    /// Two formats read two days: the first.
    pub order: bool,
}

impl Assumed {
    /// Whether anything was assumed.
    pub fn any(self) -> bool {
        self != Self::default()
    }

    /// What one or the other has.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            zone: self.zone || other.zone,
            word: self.word || other.word,
            clock: self.clock || other.clock,
            year: self.year || other.year,
            order: self.order || other.order,
        }
    }
}

/// Reads a text by a rule. The whole text must match one of the formats, blanks around it aside.
///
/// A local time that the zone's clock showed twice is taken as the earlier of both; one that the clock skipped is
/// moved forward by what was skipped. Both are [`Assumed`].
///
/// A zone word means what the zone of the rule, or of the device, calls so at that time: with the zone `Asia/Jerusalem`
/// `IST` is Israel's. Else it means what [`word_offset`] says, which is assumed if the word means other zones too.
///
/// # Errors
/// [`Refusal::Empty`], [`Refusal::UnsetTime`], [`Refusal::NotTime`] if no format matches, else what is wrong with the
/// text by the first format that matches its form.
pub fn read(rule: &TimeRule<'_>, text: &str, clock: &Clock) -> Result<Reading, Refusal> {
    let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    let bytes = text.as_bytes();
    let text =
        if is_blank(bytes.first()) || is_blank(bytes.last()) { text.trim_matches([' ', '\t']) } else { text };
    if text.is_empty() {
        return Err(Refusal::Empty);
    }
    if rule.unset.contains(&text) {
        return Err(Refusal::UnsetTime);
    }
    let attempt = Attempt { rule, text: text.as_bytes(), clock };
    if !rule.order_setting {
        return attempt.first(|_| true);
    }
    if let Some(reading) = attempt.alone() {
        return Ok(reading);
    }
    match clock.order {
        DateOrder::Auto => attempt.by_agreement(),
        DateOrder::Dmy => attempt.by_order(true),
        DateOrder::Mdy => attempt.by_order(false),
    }
}

/// Reads RFC 3339 with an offset or `Z`, as this crate prints it.
///
/// # Errors
/// As [`read`].
pub fn rfc3339(text: &str) -> Result<Timestamp, Refusal> {
    const FORMAT: &[Item] = &[
        Item::Year,
        Item::Byte(b'-'),
        Item::Month,
        Item::Byte(b'-'),
        Item::Day,
        Item::Byte(b'T'),
        Item::Hour,
        Item::Byte(b':'),
        Item::Minute,
        Item::Byte(b':'),
        Item::Second,
        Item::Fraction,
        Item::Offset,
    ];
    const RULE: TimeRule<'_> = TimeRule {
        formats: &[FORMAT],
        zone: Zone::Stated,
        year: Year::Stated,
        order_setting: false,
        either_order: false,
        alone: 0,
        unset: &[],
    };
    let clock = Clock { zone: None, order: DateOrder::Auto, received: DateTime::UNIX_EPOCH };
    read(&RULE, text, &clock).map(|reading| reading.time)
}

/// The offset from UTC, in seconds, that stands at the end of a stamp with a time of day: `…T07:08:09+01:00`, `…+0100` or `…Z`.
pub fn stated_offset(stamp: &str) -> Option<i32> {
    if stamp.ends_with('Z') {
        return Some(0);
    }
    let at = stamp.rfind(['+', '-']).filter(|at| stamp.get(..*at).is_some_and(|time| time.contains(':')))?;
    bare_offset(stamp.get(at..)?)
}

/// The offset from UTC, in seconds, that a text is: `+01:00` or `+0100`.
pub fn bare_offset(text: &str) -> Option<i32> {
    let behind = text.strip_prefix(['+', '-'])?;
    let digits = behind.bytes().filter(|byte| *byte != b':');
    let digits: SmallVec<[i32; 8]> =
        digits.map(|byte| byte.is_ascii_digit().then(|| i32::from(byte - b'0'))).collect::<Option<_>>()?;
    let [h, o, m, i] = *digits.as_slice() else { return None };
    let (hours, minutes) = (h * 10 + o, m * 10 + i);
    let seconds = (hours <= 14 && minutes < 60).then_some(hours * 3600 + minutes * 60)?;
    Some(if text.starts_with('-') { -seconds } else { seconds })
}

/// The offset from UTC, in seconds, of the zone word that a text is, as [`word_offset`] has it, and whether the word names other
/// zones too. It is written in capitals: `CET`.
pub fn bare_word(text: &str) -> Option<(i32, bool)> {
    let is_word = text.len() >= 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_word { zone::word(text).map(|word| (word.offset, word.several)) } else { None }
}

/// One text under one rule.
struct Attempt<'r> {
    rule: &'r TimeRule<'r>,
    text: &'r [u8],
    clock: &'r Clock,
}

impl Attempt<'_> {
    /// The first of the chosen formats that reads.
    #[inline]
    fn first(&self, chosen: impl Fn(&[Item]) -> bool) -> Result<Reading, Refusal> {
        let mut worst = Refusal::NotTime;
        for format in self.rule.formats.iter().filter(|format| chosen(format)) {
            match self.one(format) {
                Ok(reading) => return Ok(reading),
                Err(refusal) => worst = sharper(worst, refusal),
            }
        }
        Err(worst)
    }

    /// The first of the formats whose texts no other reads as another day, if it reads.
    fn alone(&self) -> Option<Reading> {
        let mut formats = self.rule.formats.iter().take(self.rule.alone);
        formats.find_map(|format| self.one(format).ok())
    }

    /// The first format that reads; assumed if another one reads another day.
    fn by_agreement(&self) -> Result<Reading, Refusal> {
        if let Some(reading) = self.in_either_order() {
            return Ok(reading);
        }
        let mut parts = Parts::default();
        let mut worst = Refusal::NotTime;
        let mut found: Option<(Reading, Parts, &[Item])> = None;
        for format in self.rule.formats {
            let read = match &found {
                // What reads by one order has the form of the other one too.
                Some((_, first, as_first)) if format::differs_in_order(as_first, format) => {
                    parts = first.in_other_order();
                    settle(&parts, self.rule, self.clock)
                }
                // Only another order can read another day.
                Some((_, _, as_first)) if format::day_first(as_first) == format::day_first(format) => {
                    continue;
                }
                _ => self.parts(format).and_then(|read| {
                    parts = read;
                    settle(&parts, self.rule, self.clock)
                }),
            };
            match (read, &mut found) {
                (Ok(reading), None) => found = Some((reading, parts, format)),
                (Ok(_), Some((reading, first, _))) if parts.differs_in_day(first) => {
                    reading.assumed.order = true;
                    return Ok(*reading);
                }
                (Ok(_), Some(_)) => {}
                (Err(refusal), _) => worst = sharper(worst, refusal),
            }
        }
        found.map(|(reading, ..)| reading).ok_or(worst)
    }

    /// As [`Self::by_agreement`], of a date that the first two formats read, and no other reads otherwise.
    fn in_either_order(&self) -> Option<Reading> {
        let format = self.rule.formats.first().filter(|_| self.rule.either_order)?;
        let read = usual::read(format, self.text);
        let parts = read.as_ref()?;
        if let Some(mut reading) = stated(parts, self.rule, self.clock) {
            // Of two numbers up to twelve either may be the month, and every month has such a day; no other number is one.
            reading.assumed.order = parts.month != parts.day && parts.day <= Some(12);
            return Some(reading);
        }
        let settled = |parts: &Parts| settle(parts, self.rule, self.clock);
        match (settled(parts), settled(&parts.in_other_order())) {
            (Ok(mut reading), Ok(_)) => {
                reading.assumed.order = parts.month != parts.day;
                Some(reading)
            }
            (read, Err(_)) | (Err(_), read) => read.ok(),
        }
    }

    /// The formats of this order first, then the others.
    fn by_order(&self, day_first: bool) -> Result<Reading, Refusal> {
        let fits = |format: &[Item]| format::day_first(format) == Some(day_first);
        self.first(fits)
            .or_else(|refusal| self.first(|format| !fits(format)).map_err(|other| sharper(refusal, other)))
    }

    #[inline]
    fn one(&self, format: &[Item]) -> Result<Reading, Refusal> {
        // What is read stays where it is: a copy would be made of larger pieces than were just written.
        match &usual::read(format, self.text) {
            Some(parts) => settle(parts, self.rule, self.clock),
            None => self.unusual(format).and_then(|parts| settle(&parts, self.rule, self.clock)),
        }
    }

    /// What the text says by a format.
    fn parts(&self, format: &[Item]) -> Result<Parts, Refusal> {
        usual::read(format, self.text).map_or_else(|| self.unusual(format), Ok)
    }

    /// As [`Self::parts`], of a text that is not written as most are.
    #[inline(never)]
    fn unusual(&self, format: &[Item]) -> Result<Parts, Refusal> {
        let mut parts = Parts::default();
        match matcher::matches(format, self.text, &mut parts) {
            Ok(()) => Ok(parts),
            Err(Miss::Shape) => Err(Refusal::NotTime),
            Err(Miss::Zone(word)) => Err(Refusal::UnknownZone(word)),
        }
    }
}

/// Keeps the first refusal that says more than "another form".
fn sharper(kept: Refusal, new: Refusal) -> Refusal {
    if kept == Refusal::NotTime { new } else { kept }
}

/// Makes a moment of what a text has, by the rule and the clock where it leaves something open.
#[inline]
fn settle(parts: &Parts, rule: &TimeRule<'_>, clock: &Clock) -> Result<Reading, Refusal> {
    if let Some(reading) = stated(parts, rule, clock) {
        return Ok(reading);
    }
    left_open(parts, rule, clock)
}

/// The moment of a text that states its day and time, where nothing but its offset may come from the rule: that of nearly all texts.
#[inline]
fn stated(parts: &Parts, rule: &TimeRule<'_>, clock: &Clock) -> Option<Reading> {
    let (Some(year), Some(month), Some(day), None) = (parts.year, parts.month, parts.day, parts.pm) else {
        return None;
    };
    let (offset, assumed) = match (parts.offset, parts.zone_word, rule.zone) {
        (Some(offset), _, _) | (None, None, Zone::Offset(offset)) => (offset, false),
        (None, Some(word), _) if word.offset == 0 && !word.several => (0, false),
        (None, None, Zone::Utc) => (0, false),
        (None, None, Zone::Device) if clock.zone.is_none() => (0, true),
        _ => return None,
    };
    if parts.hour > 23 || parts.minute > 59 || parts.second > 59 {
        return None;
    }
    let of_day = i32::from(parts.hour) * 3600 + i32::from(parts.minute) * 60 + i32::from(parts.second);
    // Of another day there is none.
    let of_day =
        NaiveTime::from_num_seconds_from_midnight_opt(u32::try_from(of_day - offset).ok()?, parts.nanos)?;
    let date = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())?;
    let time = Timestamp { at: date.and_time(of_day).and_utc(), digits: parts.digits };
    Some(Reading { time, assumed: Assumed { zone: assumed, ..Assumed::default() } })
}

/// As [`settle`], of every text.
#[inline(never)]
fn left_open(parts: &Parts, rule: &TimeRule<'_>, clock: &Clock) -> Result<Reading, Refusal> {
    let reading = |at: DateTime<Utc>, assumed: Assumed| {
        if !(0..=9999).contains(&at.naive_utc().year()) {
            return Err(Refusal::TimeRange);
        }
        Ok(Reading { time: Timestamp { at, digits: parts.digits }, assumed })
    };
    if let Some(seconds) = parts.epoch {
        let at = i64::try_from(seconds).ok().and_then(|at| DateTime::from_timestamp(at, parts.nanos));
        return reading(at.ok_or(Refusal::TimeRange)?, Assumed::default());
    }
    let (Some(month), Some(day)) = (parts.month, parts.day) else { return Err(Refusal::NoDate) };
    let of_day = parts.seconds_of_day().ok_or(Refusal::NoSuchTime)?;
    let hint = match rule.zone {
        Zone::Named(tz) => Some(tz),
        Zone::Utc | Zone::Offset(_) => None,
        Zone::Stated | Zone::Device => clock.zone,
    };
    let (offset, utc) = match (parts.offset, parts.zone_word, rule.zone, hint) {
        (Some(offset), _, _, _) | (None, None, Zone::Offset(offset), _) => (Offset::Fixed(offset), false),
        (None, Some(word), _, hint) => (Offset::Word(word, hint), false),
        (None, None, Zone::Stated, _) => return Err(Refusal::NoZone),
        (None, None, _, Some(tz)) => (Offset::Of(tz), false),
        (None, None, zone, None) => (Offset::Fixed(0), zone == Zone::Device),
    };
    let moment = |year: i32| -> Option<Moment> {
        let date = NaiveDate::from_ymd_opt(year, month.into(), day.into())?;
        let no_year = parts.year.is_none() && !matches!(rule.year, Year::Given(_) | Year::Near(_));
        let mut assumed = Assumed { zone: utc, year: no_year, ..Assumed::default() };
        let offset = match offset {
            Offset::Fixed(offset) => offset,
            Offset::Of(tz) => {
                let (offset, once) = zone::offset_at(tz, moment_of(date, of_day, parts.nanos)?)?;
                assumed.clock = !once;
                offset
            }
            Offset::Word(word, hint) => {
                let known = match hint {
                    Some(tz) => zone::word_offset_at(tz, word, moment_of(date, of_day, parts.nanos)?),
                    None => None,
                };
                assumed.word = known.is_none() && word.several;
                known.unwrap_or(word.offset)
            }
        };
        let at = moment_of(date, of_day - offset, parts.nanos)?.and_utc();
        Some(Moment { at, assumed })
    };
    let found = match (parts.year, rule.year) {
        (Some(year), _) => moment(year.into()),
        (None, Year::Given(year)) => moment(year),
        (None, Year::Near(other)) => nearest(other, moment),
        (None, Year::Stated) => return Err(Refusal::NoYear),
        (None, Year::Nearest) => nearest(clock.received, moment),
        (None, Year::Past) => past(clock.received, moment),
    };
    let found = found.ok_or(Refusal::NoSuchTime)?;
    reading(found.at, found.assumed)
}

#[derive(Clone, Copy)]
enum Offset {
    Fixed(i32),
    Of(Tz),
    Word(zone::ZoneWord, Option<Tz>),
}

/// A moment of one year.
#[derive(Clone, Copy)]
struct Moment {
    at: DateTime<Utc>,
    assumed: Assumed,
}

/// The moment this many seconds after, or before, the midnight that begins the day.
fn moment_of(date: NaiveDate, seconds: i32, nanos: u32) -> Option<NaiveDateTime> {
    const DAY: i32 = 86400;
    let date = match seconds.div_euclid(DAY) {
        0 => date,
        days => date.checked_add_signed(TimeDelta::days(days.into()))?,
    };
    let of_day = u32::try_from(seconds.rem_euclid(DAY)).ok()?;
    Some(date.and_time(NaiveTime::from_num_seconds_from_midnight_opt(of_day, nanos)?))
}

/// Of the years around a moment, such as that of receipt, the one whose moment is nearest to it; of two, the earlier. A 29 February
/// that none of the three years has is refused: a moment further away is not near.
fn nearest(other: DateTime<Utc>, moment: impl Fn(i32) -> Option<Moment>) -> Option<Moment> {
    /// Moments of different years are at least 364 days apart, so one this near has no rival.
    const HALF: u64 = 181 * 86400;
    let distance = |moment: &Moment| moment.at.timestamp().abs_diff(other.timestamp());
    let year = other.year();
    if let Some(same) = moment(year).filter(|same| distance(same) <= HALF) {
        return Some(same);
    }
    [year.checked_sub(1), Some(year), year.checked_add(1)]
        .into_iter()
        .flatten()
        .filter_map(moment)
        .min_by_key(distance)
}

/// Of the years up to the one after the receipt, the latest whose moment is not too far ahead of it. Leap days may be eight years apart.
fn past(received: DateTime<Utc>, moment: impl Fn(i32) -> Option<Moment>) -> Option<Moment> {
    let latest = received.timestamp().saturating_add(AHEAD);
    let years = (-1..=8).filter_map(|back| received.year().checked_sub(back));
    years.filter_map(moment).find(|found| found.at.timestamp() <= latest)
}

/// The names of the zones of the time-zone database.
pub fn zone_names() -> impl Iterator<Item = &'static str> + Clone {
    chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())
}

/// The moment from which Unix counts: a moment of receipt for checks that need just any.
pub const fn epoch() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

#[cfg(test)]
mod tests;
