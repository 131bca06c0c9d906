//! Takes headers off the front of a text as long as one certainly stands there.

use memchr::memchr;

use crate::format::text::{after, slice, trim_start, word};

use super::found::{Found, UNREAD};
use super::piece::{self, Fields};
use super::stamp;

/// How many headers may stand in front of each other.
const LAYERS: usize = 8;

/// In how many bytes the tab behind a stamp of a file of columns is looked for.
const LONGEST_STAMP: usize = 64;

/// What was found, and the text behind it. `native`: the box prints its name and a colon behind the time stamp, as Cisco's do; else
/// a word with a colon is a program's tag. `columns`: what stands between the columns of a body, whose first may be a time stamp.
pub(super) fn read<'a>(text: &'a str, native: bool, columns: &[u8]) -> (Found<'a>, &'a str) {
    let mut found = Found::default();
    let mut rest = text;
    for _ in 0..LAYERS {
        match layer(rest, native, columns, &mut found) {
            Some(behind) => rest = behind,
            None => break,
        }
    }
    if native && rest.len() == text.len() {
        rest = after_debris(text, &mut found);
    }
    (found, rest)
}

/// One header; `None` if there is none.
fn layer<'a>(text: &'a str, native: bool, columns: &[u8], found: &mut Found<'a>) -> Option<&'a str> {
    let line = piece::after_octets(trim_start(text));
    if is_column(line, columns) {
        return None;
    }
    let Some((pri, behind)) = piece::priority(line) else {
        if let Some(rest) = versioned(line, false, found) {
            return Some(rest);
        }
        return stamped(line, native, found);
    };
    found.pri(pri);
    if let Some(rest) = versioned(behind, true, found) {
        return Some(rest);
    }
    let line = trim_start(trim_start(behind).trim_start_matches(':'));
    if is_column(line, columns) {
        return Some(line);
    }
    if let Some(rest) = stamped(line, native, found) {
        return Some(rest);
    }
    // A relay may put its name in front of the stamp: `<13> relay Mar 14 07:08:09`.
    let (host, behind) = word(line);
    let behind = trim_start(behind);
    if piece::is_host(host) && stamp::stamp(behind).is_some() {
        found.host = Some(host);
        return Some(behind);
    }
    Some(line)
}

/// Whether a stamp opens the text that a separator of columns follows directly.
fn is_column(text: &str, columns: &[u8]) -> bool {
    let behind = |length: usize| after(text, length).bytes().next();
    let stamp = || stamp::stamp(text).or_else(|| exported(text));
    !columns.is_empty() && stamp().and_then(behind).is_some_and(|byte| columns.contains(&byte))
}

/// A header of RFC 5424 without its PRI. Only a PRI in front proves one that has no time stamp.
fn versioned<'a>(text: &'a str, prioritised: bool, found: &mut Found<'a>) -> Option<&'a str> {
    let line = piece::after_version(text)?;
    let (stamp, rest) = match stamp::iso(line) {
        Some(length) => (Some(slice(line, 0, length)), after(line, length)),
        None if prioritised => (None, line.strip_prefix("- ")?),
        None => return None,
    };
    match (stamp, Fields::of(rest)) {
        (stamp, Some(fields)) => {
            match stamp {
                Some(stamp) => found.time(stamp),
                None => found.end_layer(),
            }
            let some = |text: &'a str| Some(text).filter(|text| !text.is_empty() && *text != "-");
            found.host = some(fields.host);
            if let Some(program) = some(fields.program) {
                found.program(program);
            }
            if let Some(pid) = some(fields.pid) {
                found.pid(pid);
            }
            if let Some(msgid) = some(fields.msgid) {
                found.msgid(msgid);
            }
            if let Some(data) = some(fields.data) {
                found.keep("syslog.data", data);
            }
            Some(fields.rest)
        }
        // No more of RFC 5424 than its version.
        (Some(_), None) => stamped(line, false, found),
        (None, None) => None,
    }
}

/// A time stamp, and the host and the tag behind it.
fn stamped<'a>(line: &'a str, native: bool, found: &mut Found<'a>) -> Option<&'a str> {
    let length = stamp::stamp(line).or_else(|| exported(line))?;
    found.time(slice(line, 0, length));
    let line = after(line, length);
    if let Some(rest) = line.strip_prefix(':') {
        return Some(trim_start(rest));
    }
    let mut line = trim_start(line);
    if let Some(rest) = after_colon(line) {
        return Some(rest);
    }
    let (first, behind) = word(line);
    if piece::is_level(first) {
        found.keep("syslog.level", first);
        line = trim_start(behind);
    }
    Some(host_and_tag(line, native, found))
}

/// The length of a stamp that may as well open a body, if it is one of a file of columns: a tab and facility and level follow it, as
/// Kiwi writes them.
fn exported(line: &str) -> Option<usize> {
    let most = line.len().min(LONGEST_STAMP);
    if !line.bytes().next()?.is_ascii_digit() || memchr(b'\t', line.as_bytes().get(..most)?).is_none() {
        return None;
    }
    let length = stamp::loose(line)?;
    let level = after(line, length).strip_prefix('\t').map(word)?.0;
    piece::is_level(level).then_some(length)
}

fn host_and_tag<'a>(line: &'a str, native: bool, found: &mut Found<'a>) -> &'a str {
    if stamp::stamp(line).is_some() {
        return line;
    }
    let (first, behind) = word(line);
    if let Some(tag) = first.strip_suffix(':').filter(|first| !piece::is_address(first)).and_then(piece::tag)
    {
        return tag_first(tag, behind, native, found);
    }
    let bare = first.strip_suffix(':').filter(|first| piece::is_address(first)).unwrap_or(first);
    if !piece::is_host(bare) {
        return line;
    }
    found.host = Some(bare);
    let rest = trim_start(behind);
    if let Some(rest) = after_colon(rest) {
        return rest;
    }
    let (second, behind) = word(rest);
    match second.strip_suffix(':').and_then(piece::tag) {
        Some(tag) => {
            found.tag(tag);
            trim_start(behind)
        }
        None => rest,
    }
}

/// A tag right behind the stamp. An address with two blanks behind it is then the host: `svm_service: 192.0.2.4  14/03/2024:…`.
fn tag_first<'a>(
    tag: (&'a str, Option<&'a str>),
    behind: &'a str,
    native: bool,
    found: &mut Found<'a>,
) -> &'a str {
    let rest = trim_start(behind);
    if native && tag.1.is_none() {
        found.host = Some(tag.0);
        return rest;
    }
    found.tag(tag);
    let (host, behind) = word(rest);
    if behind.starts_with("  ") && piece::is_address(host) {
        found.host = Some(host);
        return trim_start(behind);
    }
    rest
}

/// The text behind a colon that stands by itself.
fn after_colon(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(':')?;
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then(|| trim_start(rest))
}

/// The text behind what is left of a header that was cut away: `: `, `1: `.
fn after_debris<'a>(text: &'a str, found: &mut Found<'a>) -> &'a str {
    let mut rest = text;
    loop {
        let (first, behind) = word(trim_start(rest));
        let is_debris =
            first.strip_suffix(':').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        if !is_debris {
            break;
        }
        rest = behind;
    }
    let length = text.len().saturating_sub(rest.len());
    if length == 0 {
        return text;
    }
    found.keep(UNREAD, crate::format::text::trim(slice(text, 0, length)));
    trim_start(rest)
}
