//! A source's messages: looks the record's message up and reads its text by it.

mod texts;

use std::cmp::Ordering;

use xdr_model::Token;
use xdr_model::pattern::{Captures, Near};

use crate::decode::{Template, constants, fields, matching, matching_if, miss};
use crate::field::{Fault, Field, Fill, Name, Shape};
use crate::format::pairs::{self, Pairs};
use crate::format::put;
use crate::lookup::{self, Lookup};
use crate::record::{Parts, Reject, Status};

pub use texts::Texts;

/// One kind of record of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Message {
    /// What names it on the wire, or the pattern of a family.
    pub key: &'static str,
    /// Field and constant.
    pub set: &'static [(u16, &'static str)],
    /// How its text may read, the special before the general.
    pub templates: &'static [Template],
    /// How the text is read when no template does.
    pub text: Text,
    /// What a record of this message is at best.
    pub status: Status,
    /// The tokens without which it is not mapped.
    pub required: &'static [Token],
}

/// What becomes of a message's text that no template reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Text {
    /// It is not understood.
    Templates,
    /// It is read as the catalogue's pairs.
    Pairs,
    /// It needs no reading.
    Any,
}

/// What becomes of a record whose key fields are empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyless {
    /// Its text is not read.
    Unread,
    /// Its text may say which message it is.
    Match,
    /// Its text must say so.
    Require,
}

/// The messages of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Catalogue {
    /// Sorted by key.
    pub messages: &'static [Message],
    /// Where the messages' keys stand.
    pub lookup: Lookup,
    /// For keys that begin so, longest first; the key is the beginning.
    pub prefixes: &'static [Message],
    /// For keys that end so, longest first; the key is the ending.
    pub suffixes: &'static [Message],
    /// The pairs that bodies are made of.
    pub pairs: Option<Pairs>,
    /// What a record of an unlisted message is.
    pub otherwise: Status,
    /// Indices of the messages by their keys in small letters, if keys are compared without regard to the case of ASCII letters.
    pub folded: &'static [u16],
    /// The messages whose templates a record without a key is tried against.
    pub keyless: Texts,
}

impl Catalogue {
    /// The message with this key.
    pub fn message(&self, key: &str) -> Option<&'static Message> {
        let found = self.lookup.find(self.messages, key, |message| message.key);
        self.messages.get(found.or_else(|| self.in_another_case(key))?)
    }

    fn in_another_case(&self, key: &str) -> Option<usize> {
        let small = |text: &'static str| text.bytes().map(|byte| byte.to_ascii_lowercase());
        let wanted = || key.bytes().map(|byte| byte.to_ascii_lowercase());
        let order = |index: &u16| {
            self.messages.get(usize::from(*index)).map(|message| small(message.key).cmp(wanted()))
        };
        let found = self.folded.binary_search_by(|index| order(index).unwrap_or(Ordering::Less)).ok()?;
        self.folded.get(found).map(|index| usize::from(*index))
    }

    /// The family that a key which is not listed belongs to; the longest counts.
    pub fn family(&self, key: &str) -> Option<&'static Message> {
        let first = self.prefixes.iter().find(|family| key.starts_with(family.key));
        let last = self.suffixes.iter().find(|family| key.ends_with(family.key));
        match (first, last) {
            (Some(first), Some(last)) if last.key.len() > first.key.len() => Some(last),
            (None, last) => last,
            (first, _) => first,
        }
    }
}

/// The table of the messages' keys, for [`Lookup::of`].
///
/// # Panics
/// While the generated module is compiled, if `SLOTS` is no power of two or too small.
#[expect(clippy::indexing_slicing, reason = "runs in the compiler; the index is below the length")]
pub const fn table<const SLOTS: usize>(messages: &[Message]) -> [u16; SLOTS] {
    let mut slots = lookup::empty(messages.len());
    let mut index = 0;
    while index < messages.len() {
        lookup::insert(&mut slots, messages[index].key, index);
        index += 1;
    }
    slots
}

/// Looks the message up that the fields `key` name, joined by blanks, and reads the text in hand by it.
///
/// # Errors
/// The key fields are empty, and `keyless` requires that the text matches a template, which it does not.
pub fn read<const N: usize>(
    parts: &mut Parts<'_, N>,
    catalogue: &'static Catalogue,
    key: &[u16],
    keyless: Keyless,
) -> Result<(), Reject> {
    let mut buffer = [0; LONGEST_KEY];
    let Some(name) = name(parts, key, &mut buffer) else {
        return by_text(parts, catalogue, keyless);
    };
    if let Some(message) = catalogue.message(name) {
        parts.message = Some(message.key);
        parts.status = message.status;
        parts.required = message.required;
        if !body(parts, catalogue, message) {
            let reason = match message.templates {
                [] => "only the name of its message is known",
                _ => "no template of its message matches",
            };
            let family = catalogue.family(name).map_or(&[][..], |family| family.templates);
            unread(parts, message.templates, family, reason);
        }
        constants(parts, message.set);
        return Ok(());
    }
    if let [slot] = key {
        parts.message = Some(parts.plain(*slot));
    }
    parts.status = catalogue.otherwise;
    if let Some(family) = catalogue.family(name) {
        parts.status = family.status;
        parts.required = family.required;
        if !body(parts, catalogue, family) {
            if family.templates.is_empty() {
                parts.status = Status::Partial;
            } else {
                unread(parts, family.templates, &[], "no template of its family matches");
            }
        }
        constants(parts, family.set);
    } else if let Some(known) = &catalogue.pairs {
        let text = parts.hand;
        if pairs::read(known, text, parts).is_ok() {
            parts.hand = "";
        }
    }
    crate::decode::rest(parts);
    Ok(())
}

/// The message's name: what the fields `key` have, joined by blanks; `None` if they are empty.
#[inline]
pub fn name<'b, 'a: 'b, const N: usize>(
    parts: &Parts<'a, N>,
    key: &[u16],
    buffer: &'b mut [u8; LONGEST_KEY],
) -> Option<&'b str> {
    match key {
        [slot] => Some(parts.plain(*slot)).filter(|name| !name.is_empty()),
        slots => join(parts, slots, buffer),
    }
}

/// The longest key that is made of several fields, in bytes.
pub const LONGEST_KEY: usize = 128;

fn join<'b, const N: usize>(
    parts: &Parts<'_, N>,
    slots: &[u16],
    buffer: &'b mut [u8; LONGEST_KEY],
) -> Option<&'b str> {
    let mut length = 0;
    for slot in slots {
        let raw = parts.plain(*slot).as_bytes();
        if raw.is_empty() {
            continue;
        }
        if length > 0 {
            *buffer.get_mut(length)? = b' ';
            length += 1;
        }
        buffer.get_mut(length..length + raw.len())?.copy_from_slice(raw);
        length += raw.len();
    }
    std::str::from_utf8(buffer.get(..length)?).ok().filter(|key| !key.is_empty())
}

/// Reads the text in hand as this message's, and takes all of it; whether that was possible.
fn body<const N: usize>(
    parts: &mut Parts<'_, N>,
    catalogue: &'static Catalogue,
    message: &'static Message,
) -> bool {
    let text = std::mem::take(&mut parts.hand);
    let read = matching(parts, message.templates, text)
        || match message.text {
            Text::Any => {
                if !another(parts, catalogue, text) {
                    parts.hand = text;
                    crate::decode::rest(parts);
                }
                true
            }
            Text::Pairs => {
                catalogue.pairs.as_ref().is_some_and(|known| pairs::read(known, text, parts).is_ok())
            }
            Text::Templates => message.templates.is_empty() && text.trim().is_empty(),
        };
    if !read {
        parts.hand = text;
    }
    read
}

/// How many bytes of a text must be a template's own, so that the text is taken for that of its message.
const OWN: usize = 8;

/// Reads a text that its own message leaves as it is by a template of another, where a text tells the message of a record that names
/// none: the same words mean the same, whatever code stands in front of them. Only fields are filled: what the other message is, this
/// one is not. A template that takes any text says nothing about it. Whether one matches.
fn another<'a, const N: usize>(
    parts: &mut Parts<'a, N>,
    catalogue: &'static Catalogue,
    text: &'a str,
) -> bool {
    let says_enough = |captures: &Captures<'_, '_>| {
        let taken: usize = captures.iter().map(|(_, text)| text.len()).sum();
        text.len().saturating_sub(taken) >= OWN
    };
    let mut others = catalogue.keyless.candidates(text).filter_map(|index| catalogue.messages.get(index));
    others.any(|message| fields(parts, message.templates, text, says_enough))
}

/// A record that does not name its message: its text may do so.
fn by_text<const N: usize>(
    parts: &mut Parts<'_, N>,
    catalogue: &'static Catalogue,
    keyless: Keyless,
) -> Result<(), Reject> {
    parts.status = catalogue.otherwise;
    let text = std::mem::take(&mut parts.hand);
    if keyless != Keyless::Unread {
        for message in catalogue.keyless.candidates(text).filter_map(|index| catalogue.messages.get(index)) {
            if matching(parts, message.templates, text) {
                parts.message = Some(message.key);
                parts.status = message.status;
                parts.required = message.required;
                constants(parts, message.set);
                return Ok(());
            }
        }
    }
    parts.hand = text;
    if keyless == Keyless::Require {
        let at = parts.offset(text);
        return Err(Reject {
            reason: "no template matches",
            at,
            expected: "the text of a message".to_owned(),
        });
    }
    crate::decode::rest(parts);
    Ok(())
}

/// Keeps a text that no template matches, with an issue. What it certainly has of a template is read all the same: products add
/// words behind their messages, and relays cut long ones. Of a text that is worded otherwise from its beginning on, or in plain words at
/// its end, the templates of the `family` may know something: releases word a message anew, but whom it speaks of they write as in
/// others. Where values follow they are not asked: a name with brackets of its own may have led away from the templates, so that its
/// parts are taken for the values.
#[cold]
fn unread<const N: usize>(
    parts: &mut Parts<'_, N>,
    templates: &'static [Template],
    family: &'static [Template],
    reason: &'static str,
) {
    parts.status = Status::Partial;
    let text = parts.hand;
    let (reason, at) = near(parts, templates, text).unwrap_or_else(|| {
        let at = miss(templates, text).at;
        let opening = templates.iter().map(|template| template.pattern.opens(text)).max();
        let is_anew = at <= opening.unwrap_or(0);
        // What is captured last, and what the templates left, end the text.
        let ends_plainly = |captures: &Captures<'_, '_>| {
            let last = captures.iter().map(|(_, text)| text).max_by_key(|text| text.as_ptr());
            text.get(at..).into_iter().chain(last).all(is_plain)
        };
        parts.hand = "";
        if !matching_if(parts, family, text, |captures| is_anew || ends_plainly(captures)) {
            parts.hand = text;
        }
        (reason, at)
    });
    // Where all of it was read before it failed, the whole text is at fault.
    let value = text.get(at..).filter(|rest| !rest.is_empty()).unwrap_or(text);
    parts.fault(Fault { name: Name::known("text"), value: Field { raw: value, shape: Shape::Text }, reason });
    crate::decode::rest(parts);
}

/// Whether a text has words only: no digits, and none of the signs that set values apart.
fn is_plain(text: &str) -> bool {
    !text.bytes().any(|byte| byte.is_ascii_digit() || b"<>[](){}\"'=".contains(&byte))
}

/// Reads the text by the template of which it has most; gives what is wrong with it, and the byte from which on.
fn near<'a, const N: usize>(
    parts: &mut Parts<'a, N>,
    templates: &'static [Template],
    text: &'a str,
) -> Option<(&'static str, usize)> {
    let mut best: Option<(Near, &Template, Captures<'static, 'a>)> = None;
    for template in templates {
        let mut captures = Captures::new();
        let Some(near) = template.pattern.nearly(text, &mut captures) else { continue };
        let better = match (&best, near) {
            (None, _) | (Some((Near::BreaksOff(_), ..)), Near::Begins(_)) => true,
            (Some((Near::Begins(_), ..)), Near::BreaksOff(_)) => false,
            (
                Some((Near::Begins(most) | Near::BreaksOff(most), ..)),
                Near::Begins(at) | Near::BreaksOff(at),
            ) => at > *most,
        };
        if better {
            best = Some((near, template, captures));
        }
    }
    let (near, template, captures) = best?;
    for (target, text) in captures.iter() {
        put(parts, &target, text);
    }
    match near {
        Near::Begins(at) => {
            constants(parts, template.set);
            Some(("text behind the template of its message", at))
        }
        Near::BreaksOff(at) => Some(("breaks off within the template of its message", at)),
    }
}
