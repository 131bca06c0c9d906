//! Syslog headers: RFC 3164, RFC 5424, octet counts of RFC 6587, and what boxes and relays make of them.
//!
//! There are two ways to find a header. Where the spec knows words that open or close the body (`%ASA-`, `PulseSecure:`),
//! everything in front of the first of them is header, and is read leniently: what makes no sense is kept, not refused.
//! Otherwise header after header is taken off as long as one certainly stands there; a text without one stays as it is.
//!
//! A header may be doubled by a relay. The last time stamp is the time of the record; what the outer headers say is kept under
//! `syslog.relay.…`, their host goes to [`Header::relay`].

mod bounded;
mod forward;
mod found;
mod piece;
mod stamp;
mod usual;
mod words;

use xdr_model::pattern::{Target, find};

use crate::field::Fill;
use crate::format::put;
use crate::format::text::{after, slice, trim_start};
use found::Found;
pub use words::Words;

/// Where the parts of a header go, and how its end is found.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// The host that the last time stamp belongs to, else the nearest outer one.
    pub host: Target<'static>,
    /// The last time stamp, with its fraction, and its zone word or offset.
    pub time: Target<'static>,
    /// The digits of PRI.
    pub pri: Target<'static>,
    /// The program's name.
    pub program: Target<'static>,
    /// The process id, or what RFC 5424 has in its place.
    pub pid: Target<'static>,
    /// The message id of RFC 5424.
    pub msgid: Target<'static>,
    /// The host of an outer header.
    pub relay: Target<'static>,
    /// The stamp of an outer header; of several the outermost.
    pub relay_time: Target<'static>,
    /// Words that open the body and belong to it.
    pub before: Words,
    /// Words that close the header and belong to it, such as a program's tag. Further fields of RFC 5424 may follow them.
    pub after: &'static [&'static str],
}

/// How far into a record one of the words of `before` or `after` is looked for, in bytes.
const WINDOW: usize = 512;

/// Takes the header off `text`, gives its parts to `fill`, and returns the body. A text without a header comes back as it is.
pub fn read<'a>(header: &Header, text: &'a str, fill: &mut impl Fill<'a>) -> &'a str {
    // Nothing stands in front of the body.
    if header.before.open(text.as_bytes()) {
        return text;
    }
    let boundary = boundary(header, text);
    if let Some((at, None)) = boundary
        && let Some(usual) = usual::read(slice(text, 0, at))
    {
        let parts = [(&header.host, usual.host), (&header.time, usual.time), (&header.pri, usual.pri)];
        for (target, text) in parts {
            put(fill, target, text);
        }
        return after(text, at);
    }
    let (found, body) = match boundary.and_then(|boundary| bounded(boundary, text)) {
        Some(found) => found,
        None => forward::read(text, !header.before.are_none(), header.before.columns()),
    };
    fill_parts(header, found, fill);
    body
}

/// The byte at which the header ends, and the word there, if it belongs to the header.
type Boundary = (usize, Option<&'static str>);

/// Where the header ends by the first of the words that open or close it; `None` if none of them is near the beginning.
fn boundary(header: &Header, text: &str) -> Option<Boundary> {
    let mut window = text.as_bytes().get(..WINDOW).unwrap_or(text.as_bytes());
    let mut boundary = None;
    if let Some(at) = header.before.find(window) {
        boundary = Some((at, None));
        window = window.get(..at).unwrap_or_default();
    }
    for word in header.after.iter().filter(|word| !word.is_empty()) {
        let mut from = 0;
        while let Some(at) = find(window, word.as_bytes(), from) {
            if begins_word(window, at) {
                boundary = Some((at, Some(*word)));
                window = window.get(..at).unwrap_or_default();
                break;
            }
            from = at + word.len();
        }
    }
    boundary
}

/// The header in front of a boundary, if all of it can pass for one.
fn bounded((at, word): Boundary, text: &str) -> Option<(Found<'_>, &str)> {
    let header = slice(text, 0, at);
    let mut found = usual::read(header).map(Found::from).or_else(|| bounded::read(header))?;
    let body = after(text, at);
    // The relay's bracket behind the text is none of the text's.
    let is_repeated = found.kept.iter().any(|(name, _)| *name == found::REPEATED);
    let inside = body.trim_end().strip_suffix(']').filter(|_| is_repeated);
    let body = inside.unwrap_or(body);
    match word {
        None => Some((found, body)),
        Some(word) => {
            let program = slice(body, 0, word.len());
            found.program(program.trim_end_matches([':', ' ']));
            let body = after(body, word.len());
            let (data, body) = piece::after_nil_fields(body);
            if let Some(data) = data {
                found.keep("syslog.data", data);
            }
            Some((found, trim_start(body)))
        }
    }
}

fn begins_word(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|last| bytes.get(last));
    before.is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'>' | b':'))
}

fn fill_parts<'a>(header: &Header, mut found: Found<'a>, fill: &mut impl Fill<'a>) {
    let host = found.host.take().or_else(|| found.outer.pop());
    let relay = found.outer.pop();
    let parts = [
        (header.host, host),
        (header.time, found.time),
        (header.pri, found.pri),
        (header.program, found.program),
        (header.pid, found.pid),
        (header.msgid, found.msgid),
        (header.relay, relay),
    ];
    for (target, text) in &parts {
        if let Some(text) = text {
            put(fill, target, text);
        }
    }
    let mut relay_time = Some(header.relay_time);
    for (name, text) in found.kept {
        let own = if name == found::RELAY_TIME { relay_time.take() } else { None };
        put(fill, &own.unwrap_or(Target::Extra(name)), text);
    }
    for host in found.outer {
        put(fill, &Target::Extra(found::UNREAD), host);
    }
}

#[cfg(test)]
mod tests;
