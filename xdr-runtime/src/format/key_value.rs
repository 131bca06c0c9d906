//! Pairs of `key=value` with blanks between them, as WELF has them.
//!
//! Values may be quoted and may hold blanks without being so, which makes the form ambiguous. The rules: a quoted value ends
//! at the first quote that the end of the text or another pair follows, so quotes inside need no escape; text inside quotes
//! never becomes a key; a value without quotes ends in front of the next pair. A quote that is never closed runs to the end
//! of the text, because writers cut long records, and is a fault. Quotes inside a value that does not begin with one mean nothing.
//! The value of a key that a spec calls nested runs to the bracket that closes it, under the same rules.
//! Some writers of pairs escape values as CEF does and others of the same kind do not; a spec may ask that each record is read as it is written.

use memchr::memchr;
use smallvec::SmallVec;

use crate::field::{Fault, Field, Fill, Name};
use crate::format::nested::{close, members};
use crate::format::order::{Last, Order, usual};
use crate::format::part::{Unlisted, escaped, find, value};
use crate::format::seen::Seen;
use crate::format::text::{after, find_blank, is_blank, skip_blanks, skip_while, slice, trim};
use crate::format::{Miss, cef};
use crate::lookup::{Lookup, is_same};
use crate::record::Scratch;

pub use crate::format::nested::Nested;
pub use crate::format::part::{Key, Values, table};

/// How a spec reads pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyValue {
    /// What stands between key and value.
    pub assign: u8,
    /// The keys that a spec lists.
    pub keys: &'static [Key],
    /// Where the keys stand.
    pub lookup: Lookup,
    /// The key that the text must begin with.
    pub first: Option<&'static str>,
    /// The key that is always the last one: its value runs to the end of the text.
    pub last: Option<&'static str>,
    /// Whether only listed keys are keys, for wires whose values hold `word=` themselves.
    pub only_known: bool,
    /// Whether a text in which a sign of assignment or a backslash is escaped has values as those of CEF. None of them is nested.
    pub escapes: bool,
    /// Listed keys whose values may be nested.
    pub nested: &'static [Nested],
}

/// Which bytes keys are made of: letters, digits, `_`, `.` and `-`.
static PARTS_OF_KEYS: [bool; 256] = {
    let mut parts = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        #[expect(clippy::indexing_slicing, reason = "runs in the compiler; the index is below 128")]
        let place = &mut parts[byte as usize];
        *place = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        byte += 1;
    }
    parts
};

/// The reason of the fault of a quote that nothing closes.
const UNCLOSED: &str = "quote is never closed";

/// The reason of the fault of a last key that stands in its own value.
const REPEATED: &str = "repeated key";

/// The reason of the fault of a bracket that nothing closes.
const OPEN: &str = "bracket is never closed";

/// Reads all of `text`. Unlisted keys are extras under their own names. A repeated key is a fault, and its first value holds.
///
/// # Errors
/// The text does not begin with a key, or not with the one that it has to begin with.
pub fn read<'a>(
    pairs: &KeyValue,
    text: &'a str,
    scratch: &'a Scratch,
    fill: &mut impl Fill<'a>,
) -> Result<(), Miss> {
    usual(|order| read_in(order, pairs, text, scratch, fill))
}

fn read_in<'a>(
    order: Order<'_>,
    pairs: &KeyValue,
    text: &'a str,
    scratch: &'a Scratch,
    fill: &mut impl Fill<'a>,
) -> Result<(), Miss> {
    let start = skip_blanks(text.as_bytes(), 0);
    let mut last = Last::NONE;
    let Some(mut pair) = pairs.pair_at(text, start, order.expected(pairs.keys, last)) else {
        return Err(Miss { at: start, expected: "a key" });
    };
    if let Some(first) = pairs.first.filter(|first| *first != pair.key(text)) {
        return Err(Miss { at: start, expected: first });
    }
    let escapes = pairs.escapes && cef::has_escapes(text);
    let has_usual = !escapes && pairs.nested.is_empty();
    let of_last = pairs.last.and_then(|last| pairs.lookup.find(pairs.keys, last, |key| key.name));
    let mut seen = Seen::default();
    let mut unlisted = Unlisted::default();
    loop {
        while let Some((index, key)) = pair.listed
            && has_usual
            && Some(index) != of_last
            && let Some(next) = order.expected(pairs.keys, Last::at(index))
            && let Some((text, behind)) = pairs.usual(text, pair.value, next)
        {
            value(fill, key, seen.first(index), text);
            (pair, last) = (behind, Last::at(index));
        }
        let (key, value_start) = (pair.key(text), pair.value);
        let listed = pair.listed.or_else(|| pairs.look_up(order, last, key));
        last = listed.map_or(last, |(index, _)| Last::at(index));
        let next = order.expected(pairs.keys, last);
        let nested = pairs.nested.iter().find(|nested| nested.key == key);
        let end = match pairs.last {
            Some(last) if last == key => pairs.last_value(text, value_start, next),
            _ if nested.is_some() => pairs.nested(text, value_start, next),
            _ => pairs.value(text, value_start, next),
        };
        let field = if escapes { cef::value(end.value) } else { Field::text(end.value) };
        if let Some(reason) = end.fault {
            let name = Name::below("", Field::text(pair.written(text)));
            fill.fault(Fault { name, value: field, reason });
        }
        match listed {
            Some((index, key)) => {
                let first = seen.first(index);
                let apart = first && nested.is_some_and(|nested| nested.apart);
                if field.is_escaped() {
                    escaped(fill, scratch, key, first, field);
                } else if !(apart && pairs.apart(key.name, end.value, &mut seen, fill)) {
                    value(fill, key, first, end.value);
                }
            }
            None => unlisted.give(Field::text(key), field, fill),
        }
        let Some(behind) = end.next else {
            return Ok(());
        };
        pair = behind;
    }
}

/// A place where a pair begins.
#[derive(Clone, Copy)]
struct Pair {
    /// Where its key begins.
    start: usize,
    /// Where its value begins, behind the sign of assignment.
    value: usize,
    /// The key and its index, if it is the one that was expected.
    listed: Option<(usize, &'static Key)>,
}

impl Pair {
    #[inline]
    fn key(self, text: &str) -> &str {
        self.listed.map_or_else(|| self.written(text), |(_, key)| key.name)
    }

    /// As [`Pair::key`], as it stands in the text.
    #[inline]
    fn written(self, text: &str) -> &str {
        slice(text, self.start, self.value - 1)
    }
}

/// A value, and the next pair.
struct End<'a> {
    value: &'a str,
    next: Option<Pair>,
    /// What is wrong: a quote or bracket that nothing closes, so that pairs behind it may be part of the value, or the last key within its own.
    fault: Option<&'static str>,
}

impl KeyValue {
    /// The index of a listed key, and the key.
    fn find(&self, name: &str, next: &mut usize) -> Option<(usize, &'static Key)> {
        let index = find(self.keys, &self.lookup, next, name, |key| key.name)?;
        Some((index, self.keys.get(index)?))
    }

    /// The listed key of this name, behind its index, which is expected behind the last one from now on.
    #[inline(never)]
    fn look_up(&self, order: Order<'_>, last: Last, name: &str) -> Option<(usize, &'static Key)> {
        let index = self.lookup.find(self.keys, name, |key| key.name)?;
        order.learn(self.keys, last, index);
        Some((index, self.keys.get(index)?))
    }

    /// The pair that begins at `at`, if one does. The listed key with the index `next` is looked for first: it was read as a key before.
    #[inline]
    fn pair_at(&self, text: &str, at: usize, next: Option<usize>) -> Option<Pair> {
        next.and_then(|next| self.expected_at(text, at, next))
            .or_else(|| self.key_at(text, at).map(|value| Pair { start: at, value, listed: None }))
    }

    /// The pair that begins at `at`, if it is one of the listed key with the index `next`.
    #[inline]
    fn expected_at(&self, text: &str, at: usize, next: usize) -> Option<Pair> {
        let key = self.keys.get(next)?;
        let end = at + key.name.len();
        let [found @ .., assign] = text.as_bytes().get(at..=end)? else { return None };
        let is =
            *assign == self.assign && is_same(found, key.name.as_bytes()) && !self.is_doubled(text, end + 1);
        is.then_some(Pair { start: at, value: end + 1, listed: Some((next, key)) })
    }

    /// The value that begins at `at`, and the pair behind it, if one blank and the expected key stand where it may first end. Most do.
    #[expect(clippy::inline_always, reason = "half of its work would be handing over what it found")]
    #[inline(always)]
    fn usual<'a>(&self, text: &'a str, at: usize, next: usize) -> Option<(&'a str, Pair)> {
        let rest = text.as_bytes().get(at..)?;
        let (start, end, behind) = match rest.first()? {
            b'"' => {
                let start = at + 1;
                let quote = start + memchr(b'"', rest.get(1..)?)?;
                (start, quote, quote + 1)
            }
            b' ' => (at, at, at),
            _ => {
                let blank = at + find_blank(rest)?;
                (at, blank, blank)
            }
        };
        // No key begins with a blank.
        let pair = self.expected_at(text, behind + 1, next)?;
        let is_blank = text.as_bytes().get(behind) == Some(&b' ');
        is_blank.then_some((slice(text, start, end), pair))
    }

    /// If a key and the sign of assignment stand at `at`, the byte behind them.
    fn key_at(&self, text: &str, at: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        if !bytes.get(at).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') {
            return None;
        }
        let is_part = |byte| PARTS_OF_KEYS.get(usize::from(byte)).is_some_and(|is| *is);
        let end = skip_while(bytes, at, is_part);
        if bytes.get(end) != Some(&self.assign) || self.is_doubled(text, end + 1) {
            return None;
        }
        if self.only_known && self.lookup.find(self.keys, slice(text, at, end), |key| key.name).is_none() {
            return None;
        }
        Some(end + 1)
    }

    /// Whether what stands behind a sign of assignment makes it no such sign: `kim::text` is a cast in a statement or a name of two parts.
    #[inline]
    fn is_doubled(&self, text: &str, at: usize) -> bool {
        self.assign == b':'
            && matches!(text.as_bytes().get(at..), Some([b':', letter, ..]) if letter.is_ascii_alphabetic())
    }

    /// The value of the last key, which begins at `at`: whatever it holds, quotes and pairs included, it ends where the text does.
    /// A quoted value behind whose last quote more text stands is read as others are.
    fn last_value<'a>(&self, text: &'a str, at: usize, next: Option<usize>) -> End<'a> {
        let value = trim(after(text, at));
        let inside = value.strip_prefix('"').map(|inside| inside.strip_suffix('"').ok_or(inside));
        match inside {
            None => End { value, next: None, fault: None },
            Some(Ok(inside)) => {
                End { value: inside, next: None, fault: self.is_within(inside).then_some(REPEATED) }
            }
            Some(Err(inside)) if !inside.contains('"') => {
                End { value: trim(inside), next: None, fault: Some(UNCLOSED) }
            }
            Some(Err(_)) => self.value(text, at, next),
        }
    }

    /// Whether the last key stands once more in its value, behind a quote: a stranger may have closed the value in front of it and begun
    /// this one. Which of the two is the device's own cannot be told.
    #[inline]
    fn is_within(&self, value: &str) -> bool {
        let Some(quote) = memchr(b'"', value.as_bytes()) else { return false };
        let behind = after(value, quote + 1);
        self.last.is_some_and(|last| {
            behind.match_indices(last).any(|(at, _)| self.is_key_behind(behind, at, last))
        })
    }

    /// Whether `key`, which stands at `at`, has a blank in front and the sign of assignment behind it.
    #[cold]
    fn is_key_behind(&self, text: &str, at: usize, key: &str) -> bool {
        let before = at.checked_sub(1).and_then(|before| text.as_bytes().get(before));
        before.is_some_and(|byte| is_blank(*byte))
            && text.as_bytes().get(at + key.len()) == Some(&self.assign)
    }

    /// The value that begins at `at`, if it is nested; else as others are.
    fn nested<'a>(&self, text: &'a str, at: usize, next: Option<usize>) -> End<'a> {
        let Some((closed, is_closed)) = close(text, at) else {
            return self.value(text, at, next);
        };
        // What stands behind the bracket and is no key belongs to the value.
        let End { next, .. } = self.plain(text, closed, next);
        let end = next.as_ref().map_or(text.len(), |next| next.start);
        let fault = if is_closed { None } else { Some(OPEN) };
        End { value: trim(slice(text, at, end)), next, fault }
    }

    /// Gives each pair of a map to the key below `name` that is listed for it, or to the record's own extras; whether there are any.
    fn apart<'a>(&self, name: &'static str, map: &'a str, seen: &mut Seen, fill: &mut impl Fill<'a>) -> bool {
        let (mut next_key, mut any) = (0, false);
        for (key, member) in members(map, self.assign) {
            any = true;
            // Longer names than any spec has take memory of their own.
            let mut path = SmallVec::<[u8; 128]>::from_slice(name.as_bytes());
            path.push(b'.');
            path.extend_from_slice(key.as_bytes());
            let path = std::str::from_utf8(&path).unwrap_or_default();
            match self.find(path, &mut next_key) {
                Some((index, key)) => value(fill, key, seen.first(index), member),
                None => fill.extra(Name::below(name, Field::text(key)), Field::text(member)),
            }
        }
        any
    }

    /// The value that begins at `at`.
    #[inline]
    fn value<'a>(&self, text: &'a str, at: usize, next: Option<usize>) -> End<'a> {
        match text.as_bytes().get(at) {
            Some(b'"') => self.quoted(text, at + 1, next),
            _ => self.plain(text, at, next),
        }
    }

    /// `at`: behind the opening quote.
    fn quoted<'a>(&self, text: &'a str, at: usize, expected: Option<usize>) -> End<'a> {
        let bytes = text.as_bytes();
        let mut from = at;
        while let Some(hit) = bytes.get(from..).and_then(|rest| memchr(b'"', rest)) {
            let quote = from + hit;
            from = quote + 1;
            let next = skip_blanks(bytes, from);
            if next >= bytes.len() {
                return End { value: slice(text, at, quote), next: None, fault: None };
            }
            if next > from
                && let Some(pair) = self.pair_at(text, next, expected)
            {
                return End { value: slice(text, at, quote), next: Some(pair), fault: None };
            }
        }
        End { value: trim(after(text, at)), next: None, fault: Some(UNCLOSED) }
    }

    #[inline]
    fn plain<'a>(&self, text: &'a str, at: usize, expected: Option<usize>) -> End<'a> {
        let bytes = text.as_bytes();
        let mut from = at;
        // Many values are empty.
        if bytes.get(at).is_some_and(|byte| is_blank(*byte)) {
            from = skip_blanks(bytes, at + 1);
            if let Some(pair) = self.pair_at(text, from, expected) {
                return End { value: slice(text, at, at), next: Some(pair), fault: None };
            }
        }
        while let Some(hit) = bytes.get(from..).and_then(find_blank) {
            let blank = from + hit;
            from = skip_blanks(bytes, blank + 1);
            if let Some(pair) = self.pair_at(text, from, expected) {
                return End { value: trim(slice(text, at, blank)), next: Some(pair), fault: None };
            }
        }
        End { value: trim(after(text, at)), next: None, fault: None }
    }
}

#[cfg(test)]
mod tests;
