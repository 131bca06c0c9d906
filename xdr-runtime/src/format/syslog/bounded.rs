//! Reads a text that is all header, leniently: word by word, whatever their order.

use smallvec::SmallVec;

use crate::format::text::{after, skip_blanks, slice, trim_start, word};

use super::found::{Found, PORT, REPEATED, UNREAD};
use super::{piece, stamp};

/// How many unreadable words a header may hold before it is no header: with a PRI or a time stamp, and without.
const UNREADABLE: (usize, usize) = (6, 2);

/// How many dashes by themselves a header may hold. Bodies that are cut up by dashes are no headers, whatever word a user
/// puts into them: otherwise he could hide his record.
const DASHES: usize = 1;

/// The parts of a header that fills the text; `None` if too much of it makes no sense.
pub(super) fn read(text: &str) -> Option<Found<'_>> {
    let mut reader = Reader {
        text,
        at: text.len() - piece::after_octets(text).len(),
        found: Found::default(),
        layer: Layer::default(),
        unread: SmallVec::new(),
        damaged: None,
        dashes: 0,
    };
    while reader.step() {}
    reader.end_layer();
    if reader.dashes > DASHES {
        return None;
    }
    let certain = reader.found.pri.is_some() || reader.found.time.is_some();
    if reader.unread.len() > if certain { UNREADABLE.0 } else { UNREADABLE.1 } {
        return None;
    }
    // Better a time that is refused than none that is missed.
    let damaged = reader.damaged.filter(|_| reader.found.time.is_none());
    let is_time = |text: &str| damaged.is_some_and(|damaged| std::ptr::eq(damaged, text));
    for text in reader.unread.into_iter().filter(|text| !is_time(text)) {
        reader.found.keep(UNREAD, text);
    }
    reader.found.time = reader.found.time.or(damaged);
    Some(reader.found)
}

/// A time stamp and the words behind it, up to the next; or the words in front of the first.
#[derive(Default)]
struct Layer<'a> {
    /// Whether it has a stamp, and whether one of RFC 5424.
    stamped: bool,
    versioned: bool,
    /// Where the first of its words begins.
    start: Option<usize>,
    relay: Option<&'a str>,
    host: Option<&'a str>,
    /// Whether a colon is glued to the host.
    colon: bool,
    program: Option<&'a str>,
    pid: Option<&'a str>,
    unread: SmallVec<[&'a str; 8]>,
    /// The number of fields of RFC 5424 behind the stamp so far.
    fields: usize,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    found: Found<'a>,
    layer: Layer<'a>,
    unread: SmallVec<[&'a str; 8]>,
    /// The last text that was meant as a stamp and is none.
    damaged: Option<&'a str>,
    /// How many dashes stood by themselves and not in a field of RFC 5424; more than [`DASHES`] for what only bodies have.
    dashes: usize,
}

impl<'a> Reader<'a> {
    /// Reads the next piece; `false` at the end.
    fn step(&mut self) -> bool {
        self.at = skip_blanks(self.text.as_bytes(), self.at);
        let rest = after(self.text, self.at);
        let Some(first) = rest.bytes().next() else {
            return false;
        };
        if first == b':' {
            self.at += 1;
        } else if first == b'"' && self.at == 0 {
            self.take_unread(1);
        } else if let Some((pri, behind)) = piece::priority(rest) {
            self.end_layer();
            self.found.end_layer();
            self.found.pri(pri);
            self.at = self.text.len() - behind.len();
        } else if let Some((length, behind)) = self.version(rest) {
            self.stamp(behind, length, true);
        } else if let Some(length) = stamp::loose(rest) {
            self.stamp(rest, length, false);
        } else if let Some(length) =
            piece::structured(rest).filter(|_| self.layer.versioned && self.layer.fields >= 4)
        {
            self.found.keep("syslog.data", slice(rest, 0, length));
            self.layer.fields += 1;
            self.at += length;
        } else if let Some(length) = bracketed(rest) {
            self.stamp(after(rest, 1), length, false);
            self.at += 1;
        } else if let Some((times, behind)) = piece::repeated(rest) {
            self.found.keep(REPEATED, times);
            self.at = self.text.len() - behind.len();
        } else if let Some(length) = weekday(rest) {
            self.at += length;
        } else {
            self.word(word(rest).0);
        }
        true
    }

    /// If a version and a stamp of RFC 5424 stand here: the stamp's length, and the text from it on.
    fn version(&self, rest: &'a str) -> Option<(usize, &'a str)> {
        let behind = piece::after_version(rest)?;
        let is_nil = behind.starts_with("- ") && slice(self.text, 0, self.at).ends_with('>');
        Some((stamp::iso(behind).or(is_nil.then_some(0))?, behind))
    }

    /// Opens a layer. `length`: of the stamp that opens `rest`, 0 if it is nil.
    fn stamp(&mut self, rest: &'a str, length: usize, versioned: bool) {
        self.end_layer();
        self.found.end_layer();
        if length > 0 {
            self.found.time(slice(rest, 0, length));
        }
        self.layer = Layer { stamped: true, versioned, ..Layer::default() };
        self.at = self.text.len() - rest.len() + length.max(1);
    }

    fn take_unread(&mut self, length: usize) {
        self.layer.unread.push(slice(self.text, self.at, self.at + length));
        self.at += length;
    }

    fn word(&mut self, whole: &'a str) {
        let start = *self.layer.start.get_or_insert(self.at);
        let length = whole.len();
        let word = whole.trim_end_matches(':');
        let glued = word.len() < length;
        if let Some(time) = stamp::time_of_day(whole).filter(|_| !self.layer.stamped) {
            // What precedes a time of day was meant as the rest of a stamp.
            let time = time + stamp::half_of_day(after(self.text, self.at + time));
            let damaged = slice(self.text, start, self.at + time);
            self.layer = Layer { stamped: true, ..Layer::default() };
            self.layer.unread.push(damaged);
            self.damaged = Some(damaged);
            self.at += time;
        } else if self.layer.versioned && self.layer.fields < 5 {
            self.field(word);
            self.at += length;
        } else if piece::is_level(word) {
            self.found.keep("syslog.level", word);
            self.at += length;
        } else if self.name(word, glued, length) {
            self.at += length;
        } else if word == "-" {
            self.dashes += 1;
            self.at += length;
        } else {
            if is_body(word) {
                self.dashes += DASHES + 1;
            }
            self.take_unread(length);
        }
    }

    /// A field of RFC 5424.
    fn field(&mut self, word: &'a str) {
        self.layer.fields += 1;
        let is_nil = matches!(word, "-" | "");
        match self.layer.fields {
            _ if is_nil => {}
            1 => self.layer.host = Some(word),
            2 => match piece::tag(word) {
                Some((name, pid)) => {
                    self.layer.program = Some(name).filter(|name| !name.is_empty());
                    self.pid(pid);
                }
                None => self.layer.program = Some(word),
            },
            3 => self.pid(Some(word)),
            4 => self.found.msgid(word),
            _ => self.layer.unread.push(word),
        }
    }

    /// Of two process ids the last one counts; the other stays as a word that could not be read.
    fn pid(&mut self, pid: Option<&'a str>) {
        if pid.is_some() {
            self.layer.unread.extend(std::mem::replace(&mut self.layer.pid, pid));
        }
    }

    /// Takes the word for a host or a program, if it can be one. `glued`: with a colon at its end.
    fn name(&mut self, word: &'a str, glued: bool, length: usize) -> bool {
        if let Some((relay, host)) = piece::address_pair(word).filter(|_| self.layer.host.is_none()) {
            (self.layer.relay, self.layer.host) = (Some(relay), Some(host));
            return true;
        }
        if let Some((name, Some(pid))) = piece::tag(word).filter(|_| self.layer.program.is_none()) {
            self.layer.program = Some(name).filter(|name| !name.is_empty());
            self.pid(Some(pid));
            return true;
        }
        // A relay may write the port behind the address that a record came from.
        if let Some((host, port)) = piece::address_and_port(word).filter(|_| self.layer.host.is_none()) {
            (self.layer.host, self.layer.colon) = (Some(host), glued);
            self.found.keep(PORT, port);
            return true;
        }
        if !piece::is_host(word) && !is_placeholder(word) {
            let is_box = self.is_box(glued, length);
            let is_id = match self.layer.host {
                None => is_box || glued,
                Some(host) => is_box && self.layer.relay.is_none() && piece::is_address(host),
            };
            if !(is_id && self.layer.stamped && is_device_id(word)) {
                return false;
            }
            self.layer.relay = self.layer.relay.or(self.layer.host);
            (self.layer.host, self.layer.colon) = (Some(word), glued);
            return true;
        }
        let Some(host) = self.layer.host else {
            (self.layer.host, self.layer.colon) = (Some(word), glued);
            return true;
        };
        if self.layer.program.is_some() {
            return false;
        }
        // The last name in front of a colon that stands by itself is the box; an address in front of a name is a relay.
        let is_box = self.is_box(glued, length);
        if self.layer.colon {
            // A word with a colon and one more behind it was no host but a program.
            (self.layer.program, self.layer.host, self.layer.colon) = (Some(host), Some(word), glued);
        } else if self.layer.relay.is_none() && !glued && (is_box || piece::is_address(host)) {
            (self.layer.relay, self.layer.host) = (Some(host), Some(word));
        } else {
            self.layer.program = Some(word);
        }
        true
    }

    /// Whether a colon that stands by itself follows the word of that length.
    fn is_box(&self, glued: bool, length: usize) -> bool {
        after(self.text, self.at + length).trim_start_matches([' ', '\t']).starts_with(':') && !glued
    }

    fn end_layer(&mut self) {
        let layer = std::mem::take(&mut self.layer);
        self.found.outer.extend(layer.relay);
        if layer.host.is_some() {
            self.found.host = layer.host;
        }
        if let Some(program) = layer.program {
            self.found.program(program);
        }
        if let Some(pid) = layer.pid {
            self.found.pid(pid);
        }
        self.unread.extend(layer.unread);
    }
}

/// The length of the stamp that opens the text in square brackets.
fn bracketed(text: &str) -> Option<usize> {
    let (inside, _) = text.strip_prefix('[')?.split_once(']')?;
    stamp::loose(inside).filter(|length| *length == inside.len())
}

/// The length of the day of the week that opens the text, if a stamp follows it.
fn weekday(text: &str) -> Option<usize> {
    let (word, behind) = word(text);
    (piece::is_weekday(word) && stamp::stamp(trim_start(behind)).is_some()).then_some(word.len())
}

/// Whether a word is of a kind that no header holds: a pair, JSON, a bar between columns.
fn is_body(word: &str) -> bool {
    let is_pair = word.split_once('=').is_some_and(|(key, _)| {
        !key.is_empty()
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
    });
    is_pair || word == "|" || word.starts_with("{\"")
}

/// Whether a word can be what an administrator has a box call itself, such as `fw7/context1` or `fw7(standby)`.
fn is_device_id(word: &str) -> bool {
    word.bytes().all(|byte| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'.' | b'-' | b'_' | b'/' | b'(' | b')' | b'#' | b'+' | b'~')
    }) && word.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
}

/// Whether a word stands for a name that was taken out: `<IP>`.
fn is_placeholder(word: &str) -> bool {
    let inside = word.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    inside.is_some_and(|inside| !inside.is_empty() && inside.bytes().all(|byte| byte.is_ascii_alphabetic()))
}
