//! What is done to a record before it is taken apart: what transports leave around it goes, what is not UTF-8 is repaired, wrappers are
//! taken off, and a record that stands in a member of an object is taken out of it.

use std::borrow::Cow;

use crate::field::{Fault, Field, Fill, Name, Shape};
use crate::format::json::{self, Holders};
use crate::format::part::REPEATED;
use crate::format::wrap;
use crate::info::{Embedded, Info};
use crate::record::{NOT_UTF8, Reject};

/// How many objects a record is taken out of, each of which is a text in the one around it.
const LEVELS: usize = 4;

/// The issue of a record with further lines in its text.
const MORE: &str = "more lines behind the record";

/// A record that can be taken apart.
#[derive(Debug)]
pub(crate) struct Prepared<'a> {
    /// Its text without wrappers, with what is not UTF-8 replaced.
    pub(crate) text: Cow<'a, str>,
    /// How it had to be repaired.
    pub(crate) repaired: Option<Reject>,
    /// What stood around it.
    pub(crate) around: Option<Box<Around>>,
}

/// What stood around a record that was a text in a member of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// The objects without the member, the outermost first; those of which something is left.
    objects: Vec<String>,
    /// Keys that came once more beside the member.
    repeated: Vec<&'static str>,
    /// Lines behind the record in the member's text.
    more: Vec<String>,
}

impl Around {
    /// Fills in what stood around the record: the objects as `embedded`, further lines as `text`.
    pub fn keep<'a>(&'a self, fill: &mut impl Fill<'a>) {
        for object in &self.objects {
            fill.extra(Name::known(json::AROUND), Field { raw: object, shape: Shape::Object });
        }
        for key in &self.repeated {
            let name = Name::known(json::AROUND);
            fill.fault(Fault { name, value: Field::text(key), reason: REPEATED });
        }
        for lines in &self.more {
            let name = Name::known("text");
            fill.extra(name, Field::text(lines));
            fill.fault(Fault { name, value: Field::default(), reason: MORE });
        }
    }
}

/// Prepares a record.
pub(crate) fn prepare<'a>(info: &Info, record: &'a [u8]) -> Prepared<'a> {
    let trimmed = trim(record);
    let (text, repaired) = match utf8(trimmed) {
        Ok(text) => (Cow::Borrowed(text), None),
        Err(reject) => (String::from_utf8_lossy(trimmed), Some(reject)),
    };
    let (text, around) = match text {
        Cow::Borrowed(text) => bare(info, text),
        Cow::Owned(text) => {
            let (text, around) = bare(info, &text);
            (Cow::Owned(text.into_owned()), around)
        }
    };
    Prepared { text, repaired, around }
}

/// The text of a record without its wrappers.
///
/// # Errors
/// Where it is not UTF-8.
pub(crate) fn text<'a>(info: &Info, record: &'a [u8]) -> Result<Cow<'a, str>, Reject> {
    Ok(bare(info, utf8(trim(record))?).0)
}

/// The text without its wrappers, and what stood around it.
fn bare<'a>(info: &Info, text: &'a str) -> (Cow<'a, str>, Option<Box<Around>>) {
    let text = wrap::unwrap(info.unwrap, text);
    match &info.embedded {
        Embedded::Key(key) => {
            let inside = json::embedded(&text, key);
            (inside.map_or(text, Cow::Owned), None)
        }
        // What is no object costs no more than this.
        Embedded::In(holders) if matches!(text.as_bytes().first(), Some(b'{' | b' ' | b'\t')) => {
            taken_out(info, holders, text)
        }
        Embedded::In(_) | Embedded::Never => (text, None),
    }
}

/// The record that a member of an object holds, be that object the text of a member itself; the text as it is if it is no such object.
#[cold]
fn taken_out<'a>(info: &Info, holders: &Holders, text: Cow<'a, str>) -> (Cow<'a, str>, Option<Box<Around>>) {
    let mut text = text;
    let mut around = None;
    for _ in 0..LEVELS {
        let Some(held) = json::within(&text, holders) else { break };
        let around: &mut Box<Around> = around.get_or_insert_default();
        around.objects.extend(Some(held.rest).filter(|rest| !rest.is_empty()));
        around.repeated.extend(held.repeated);
        let whole = trim_text(&held.text);
        // A record is a line, unless it is an object.
        let (line, more) = match whole.split_once('\n') {
            Some(cut) if !json::is_object(whole) => cut,
            _ => (whole, ""),
        };
        around.more.extend(Some(more.trim()).filter(|more| !more.is_empty()).map(str::to_owned));
        text = Cow::Owned(wrap::unwrap(info.unwrap, trim_text(line)).into_owned());
    }
    (text, around)
}

/// The record as text, or where it is none.
#[inline]
fn utf8(record: &[u8]) -> Result<&str, Reject> {
    simdutf8::basic::from_utf8(record).map_err(|_| not_utf8(record))
}

#[cold]
fn not_utf8(record: &[u8]) -> Reject {
    let at = std::str::from_utf8(record).map_or_else(|error| error.valid_up_to(), str::len);
    Reject { reason: NOT_UTF8, at, expected: "UTF-8".to_owned() }
}

/// A record without what transports leave around it: in front a byte order mark, NUL, CR and LF, at the end NUL, CR, LF and blanks,
/// also as rsyslog writes them.
fn trim(record: &[u8]) -> &[u8] {
    let mut record = record;
    while let [0 | b'\r' | b'\n', rest @ ..] | [0xef, 0xbb, 0xbf, rest @ ..] = record {
        record = rest;
    }
    loop {
        let end = record.iter().rposition(|byte| !matches!(byte, 0 | b'\r' | b'\n' | b' ' | b'\t'));
        record = record.get(..end.map_or(0, |end| end + 1)).unwrap_or(record);
        let escaped = [b"#012", b"#015", b"#000"].into_iter().find_map(|escape| record.strip_suffix(escape));
        match escaped {
            Some(rest) => record = rest,
            None => return record,
        }
    }
}

/// As [`trim`]; only characters of ASCII go, and whole ones in front.
fn trim_text(text: &str) -> &str {
    std::str::from_utf8(trim(text.as_bytes())).unwrap_or(text)
}

#[cfg(test)]
mod tests;
