//! Maps a message: its records become output messages, each with an id that is the same whenever the message is mapped.
//!
//! Nothing that a message may hold ends the worker or makes it ask for the message again: what cannot be mapped, or is too large to be
//! stored in one message, becomes rejects that hold all of its bytes.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use memchr::{memchr_iter, memmem};
use xdr_runtime::ndjson;
use xdr_runtime::record::Reject;
use xdr_runtime::settings::Settings;

use super::route::Router;
use super::transport::{Kind, Message, Out, Place};
use crate::kept::{self, Part};
use crate::mapper::{Events, Mapper, Results};
use crate::summary::Summary;

/// The source that a message is counted under, and its reject names, if nothing says of which it is.
pub(crate) const UNKNOWN: &str = "unknown";
/// The reason of such a reject.
const NO_SOURCE: &str = "no source";
/// The reason of a reject whose event is too large to be stored.
const TOO_LARGE: &str = "too large for the broker";
/// The reason of a reject whose mapping panicked.
const FAULT: &str = "a fault of the program";

/// What a reject has besides its record, in bytes, and more.
const ACCOUNT: usize = 1024;
/// How many bytes of a line of JSON a byte of a record takes at most.
const ESCAPED: usize = 6;
/// How many bytes of an event most records have to a byte, and for how many there is room from the start.
const EVENT: usize = 4;
const RESERVE: usize = 1 << 20;

/// How messages become output.
pub(crate) struct Mapping {
    /// One for each source that messages may be of.
    pub(crate) mappers: BTreeMap<&'static str, Mapper>,
    pub(crate) router: Router,
    /// Whether a message holds records as lines, and not one record.
    pub(crate) lines: bool,
    /// How many lines an output message has at most; not 0.
    pub(crate) batch: usize,
    /// The largest payload that can be stored, in bytes.
    pub(crate) largest: usize,
    /// Whether records were received when the options say so, and not when the broker received them.
    pub(crate) fixed: bool,
}

/// Maps messages one after the other, and counts what became of their records.
pub(crate) struct Batch<'m> {
    mapping: &'m Mapping,
    sources: Vec<Share>,
    part: Summary,
}

/// What the messages of a source have in common.
struct Share {
    source: &'static str,
    /// As they were at its first message. They are the batch's own, so that a moment of receipt can be set without a copy.
    settings: Option<Arc<Settings>>,
    summary: Summary,
}

impl<'m> Batch<'m> {
    /// Begins.
    pub(crate) fn new(mapping: &'m Mapping) -> Self {
        Self { mapping, sources: Vec::new(), part: Summary::default() }
    }

    /// Maps a message; gives what it becomes, in its order, events before rejects.
    pub(crate) fn map<D>(&mut self, message: &Message<D>) -> Vec<Out> {
        let Message { payload, subject, source, place, received, .. } = message;
        let mapping = self.mapping;
        let found = mapping.router.source(source.as_deref(), subject).and_then(|name| {
            mapping
                .mappers
                .get_key_value(name)
                .ok_or_else(|| format!("a source that --source names, found `{name}`"))
        });
        let name = found.as_ref().map_or(UNKNOWN, |(name, _)| **name);
        let at = self.sources.iter().position(|share| share.source == name).unwrap_or_else(|| {
            let settings = found.as_ref().ok().map(|(_, mapper)| mapper.settings.now());
            self.sources.push(Share { source: name, settings, summary: Summary::default() });
            self.sources.len() - 1
        });
        let share = &mut self.sources[at];
        share.summary.bytes += payload.len() as u64;
        let mut work = Work {
            events: Vec::new(),
            rejects: Vec::new(),
            summary: &mut share.summary,
            part: &mut self.part,
            largest: mapping.largest,
        };
        match (found, &mut share.settings) {
            (Ok((_, mapper)), Some(settings)) => {
                if !mapping.fixed && settings.clock.received != *received {
                    Arc::make_mut(settings).clock.received = *received;
                }
                work.events.reserve(payload.len().saturating_mul(EVENT).min(RESERVE));
                work.all(mapper, mapping.lines, payload, place.base(), settings);
            }
            (found, _) => {
                let expected = found.err().unwrap_or_default();
                let why = Why { source: UNKNOWN, reason: NO_SOURCE, expected, received: *received };
                work.refuse(payload, place.base(), &why);
            }
        }
        let Work { events, rejects, .. } = work;
        let mut outs = Vec::with_capacity(1);
        mapping.pack(events, Kind::Event, place, &mut outs);
        mapping.pack(rejects, Kind::Reject, place, &mut outs);
        outs
    }

    /// What became of all records, by source.
    pub(crate) fn counts(self) -> impl Iterator<Item = (&'static str, Summary)> {
        self.sources.into_iter().map(|share| (share.source, share.summary))
    }
}

impl Mapping {
    /// Puts lines into messages.
    fn pack(&self, lines: Vec<u8>, kind: Kind, place: &Place, outs: &mut Vec<Out>) {
        let lines = Bytes::from(lines);
        let (mut start, mut end, mut count, mut index) = (0, 0, 0, 0);
        let mut put = |start: usize, end: usize, count: usize| {
            if count > 0 {
                let payload = lines.slice(start..end);
                // Several events have no id in common, and of rejects none has one.
                let own = if count == 1 { event_id(&payload) } else { None };
                let id = own.map_or_else(|| place.id(kind, index), str::to_owned);
                outs.push(Out { kind, id, payload });
                index += 1;
            }
        };
        let mut next = 0;
        for line_break in memchr_iter(b'\n', &lines) {
            if count == self.batch || line_break - start > self.largest {
                put(start, end, count);
                (start, count) = (next, 0);
            }
            end = line_break;
            next = line_break + 1;
            count += 1;
        }
        put(start, end, count);
    }
}

/// Why bytes are rejected that no source is asked about.
struct Why {
    source: &'static str,
    reason: &'static str,
    expected: String,
    received: DateTime<Utc>,
}

/// What becomes of a message, on its way.
struct Work<'w> {
    events: Vec<u8>,
    rejects: Vec<u8>,
    summary: &'w mut Summary,
    /// Of the line that is being mapped.
    part: &'w mut Summary,
    largest: usize,
}

impl Work<'_> {
    /// Maps all records of a payload.
    fn all(&mut self, mapper: &Mapper, lines: bool, payload: &[u8], base: u64, settings: &Settings) {
        let mut at = 0;
        while at < payload.len() {
            let rest = payload.get(at..).unwrap_or_default();
            let end = if lines { memchr::memchr(b'\n', rest) } else { None };
            let whole = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            let line = if lines { whole.strip_suffix(b"\r").unwrap_or(whole) } else { whole };
            let (events, rejects) = (self.events.len(), self.rejects.len());
            let place = base.wrapping_add(at as u64);
            self.part.clear();
            let to = Results {
                settings,
                events: Events::Lines(&mut self.events),
                rejects: &mut self.rejects,
                summary: self.part,
                reasons: usize::MAX,
            };
            let ended = catch_unwind(AssertUnwindSafe(|| {
                let mut to = to;
                mapper.whole(line, place, &mut to);
            }));
            let reason = match ended {
                Err(_) => Some(FAULT),
                Ok(()) if self.fits(events, rejects) => None,
                Ok(()) => Some(TOO_LARGE),
            };
            if let Some(reason) = reason {
                self.events.truncate(events);
                self.rejects.truncate(rejects);
                let expected = format!("an event of at most {} bytes", self.largest);
                let expected = if reason == FAULT { "an event".to_owned() } else { expected };
                let received = settings.clock.received;
                self.refuse(
                    line,
                    place,
                    &Why { source: mapper.source.info.name, reason, expected, received },
                );
            } else {
                self.summary.merge(self.part);
            }
            at += whole.len() + 1;
        }
        self.summary.blank += u64::from(payload.is_empty());
    }

    /// Whether each line that was written since fits into a message.
    fn fits(&self, events: usize, rejects: usize) -> bool {
        let fits = |lines: Option<&[u8]>| {
            let lines = lines.unwrap_or_default();
            lines.len() <= self.largest
                || lines.split(|byte| *byte == b'\n').all(|line| line.len() <= self.largest)
        };
        fits(self.events.get(events..)) && fits(self.rejects.get(rejects..))
    }

    /// Rejects bytes, in pieces that fit into messages.
    fn refuse(&mut self, bytes: &[u8], at: u64, why: &Why) {
        let most = (self.largest.saturating_sub(ACCOUNT + why.expected.len() * ESCAPED) / ESCAPED).max(1);
        let mut part = (bytes.len() > most).then_some(Part::Long);
        let mut pieces: Vec<&[u8]> = bytes.chunks(most).collect();
        if pieces.is_empty() {
            pieces.push(bytes);
        }
        let mut at = at;
        for piece in pieces {
            let reject = Reject { reason: why.reason, at: 0, expected: why.expected.clone() };
            ndjson::reject(&mut self.rejects, why.source, piece, &reject);
            kept::mark(&mut self.rejects, at, why.received, part);
            self.summary.reject(why.reason);
            at = at.wrapping_add(piece.len() as u64);
            part = part.map(|_| Part::More);
        }
    }
}

/// The `eventId` of an event's line. Keys of events stand in front of the account, in which fields may have that name; in a text no
/// quote stands without a backslash.
fn event_id(line: &[u8]) -> Option<&str> {
    static ACCOUNT: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("\"xdr\":{"));
    static KEY: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("\"eventId\":\""));
    let event = line.get(..ACCOUNT.find(line)?)?;
    let rest = event.get(KEY.find(event)? + KEY.needle().len()..)?;
    let id = rest.get(..memchr::memchr(b'"', rest)?)?;
    std::str::from_utf8(id).ok().filter(|id| !id.is_empty())
}

#[cfg(test)]
#[path = "mapping_tests.rs"]
mod tests;
