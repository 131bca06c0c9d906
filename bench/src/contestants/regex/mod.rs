//! The text sources with the `regex` crate: a pattern with named captures for each kind of message, a mapping by hand.

mod asa;
mod netscaler;
mod pulse;

use std::collections::HashMap;
use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, Utc};
use regex::{Captures, Regex};

use crate::contestant::{Contestant, Mapping};

/// What a reader of the figure has to know.
const NOTE: &str = "named captures, chrono, serde_json; no event id, no account";

/// The contestant for a source of text.
pub(super) fn of(source: &str) -> Option<Box<dyn Contestant>> {
    match source {
        "cisco-anyconnect" => Some(Box::new(Mapping::new("regex", NOTE, asa::Asa::new()))),
        "citrix-vpn" => Some(Box::new(Mapping::new("regex", NOTE, netscaler::NetScaler::new()))),
        "juniper-pulse-secure" => Some(Box::new(Mapping::new("regex", NOTE, pulse::Pulse::new()))),
        _ => None,
    }
}

/// Patterns by the key of a message.
type Patterns = HashMap<&'static str, Regex>;

/// A pattern of this program's own.
#[expect(clippy::expect_used, reason = "the patterns are literals, and each is used by the check")]
fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern that compiles")
}

fn patterns(all: &[(&'static str, &str)]) -> Patterns {
    all.iter().map(|(key, text)| (*key, pattern(text))).collect()
}

/// The text of a record.
fn text(record: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(record).map_err(|error| error.to_string())
}

/// What a pattern captures, by name.
struct Caught<'r>(Captures<'r>);

impl<'r> Caught<'r> {
    fn of(pattern: &Regex, text: &'r str) -> Result<Self, String> {
        pattern.captures(text).map(Self).ok_or_else(|| format!("{pattern} does not match"))
    }

    /// The text of a capture, if there is one and it is not empty.
    fn get(&self, name: &str) -> Option<&'r str> {
        self.0.name(name).map(|found| found.as_str()).filter(|text| !text.is_empty())
    }

    /// A capture as an address, a port or a number.
    fn read<T: FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.parse().ok()
    }
}

/// A time that is written in UTC.
fn time(text: &str, format: &str) -> Result<DateTime<Utc>, String> {
    NaiveDateTime::parse_from_str(text, format)
        .map(|time| time.and_utc())
        .map_err(|error| format!("{text}: {error}"))
}

/// A duration such as `0:04:09` in seconds.
fn seconds(text: &str) -> Option<u64> {
    text.split(':').try_fold(0_u64, |sum, part| Some(sum * 60 + part.parse::<u64>().ok()?))
}
