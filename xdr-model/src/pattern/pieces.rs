//! What single ops match, for the matcher that goes back and for the one that does not.

use std::sync::LazyLock;

use memchr::{memchr, memmem, memrchr};

use super::{ByteSet, Next, Run};

/// The byte behind a literal at `at`, or the byte that is another.
///
/// `open`: an open text follows, which may be empty; then a last blank stands for just one, and what follows leaves out
/// blanks in front of it.
#[inline]
pub(super) fn literal(text: &[u8], literal: &[u8], at: usize, open: bool) -> Result<usize, usize> {
    let rest = text.get(at..).unwrap_or_default();
    if rest.first() != literal.first() {
        return if literal.is_empty() { Ok(at) } else { Err(at) };
    }
    if rest.starts_with(literal) {
        let behind = at + literal.len();
        return Ok(if open || literal.last() != Some(&b' ') { behind } else { blanks(text, behind) });
    }
    word_by_word(text, literal, at, open)
}

/// As [`literal`], of a text that does not hold it byte by byte.
#[cold]
fn word_by_word(text: &[u8], literal: &[u8], at: usize, open: bool) -> Result<usize, usize> {
    let mut place = at;
    for (index, byte) in literal.iter().enumerate() {
        if text.get(place) != Some(byte) {
            return Err(place);
        }
        place += 1;
        if *byte == b' ' && !(open && index + 1 == literal.len()) {
            place = blanks(text, place);
        }
    }
    Ok(place)
}

/// The byte behind the blanks at a place.
fn blanks(text: &[u8], mut at: usize) -> usize {
    while text.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

/// The byte behind runs of characters at `at`, or the byte where one has too few.
#[inline]
pub(super) fn shape(text: &str, runs: &[Run], at: usize) -> Result<usize, usize> {
    let mut place = at;
    for run in runs {
        let rest = text.as_bytes().get(place..).unwrap_or_default();
        let most = rest.get(..usize::from(run.max)).unwrap_or(rest);
        let mut length = match run.set {
            ByteSet::WORD => memchr(b' ', most).unwrap_or(most.len()),
            ByteSet::DIGITS => most.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(most.len()),
            set => most.iter().position(|byte| !set.has(*byte)).unwrap_or(most.len()),
        };
        while !text.is_char_boundary(place + length) {
            length += 1;
        }
        place += length;
        if length < usize::from(run.min) {
            return Err(place);
        }
    }
    Ok(place)
}

/// The byte behind an IP address at `at`, by its characters; else `at`.
#[inline]
pub(super) fn address(text: &[u8], at: usize) -> Result<usize, usize> {
    let rest = text.get(at..).ok_or(at)?;
    let part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b':' | b'a'..=b'f' | b'A'..=b'F');
    let mut length = rest.iter().position(|byte| !part(byte)).unwrap_or(rest.len());
    let mut taken = rest.get(..length).ok_or(at)?;
    while taken.ends_with(b".") || (taken.ends_with(b":") && !taken.ends_with(b"::")) {
        length -= 1;
        taken = rest.get(..length).ok_or(at)?;
    }
    if taken.iter().any(|byte| matches!(byte, b'.' | b':')) { Ok(at + length) } else { Err(at) }
}

/// The byte behind the first of the words that stands at `at`; else `at`.
pub(super) fn words(text: &[u8], words: &[&str], at: usize) -> Result<usize, usize> {
    let rest = text.get(at..).unwrap_or_default();
    words.iter().find(|word| rest.starts_with(word.as_bytes())).map(|word| at + word.len()).ok_or(at)
}

/// The first byte from `from` on where `next` may stand; the text may end from `end` on.
#[inline]
pub(super) fn first(text: &str, end: usize, next: Next<'_>, mut from: usize) -> Option<usize> {
    loop {
        let rest = text.as_bytes().get(from..)?;
        let found = match next {
            Next::Any | Next::End => Some(end.max(from) - from),
            Next::Byte(byte) => memchr(byte, rest),
            Next::Set(set, ends) => {
                let hit = rest.iter().position(|byte| set.has(*byte));
                let last = end.max(from) - from;
                match hit {
                    Some(hit) if !ends || hit <= last => Some(hit),
                    _ if ends => Some(last),
                    other => other,
                }
            }
        };
        let place = from + found?;
        if text.is_char_boundary(place) {
            return Some(place);
        }
        from = place + 1;
    }
}

/// The first byte from `from` on where a literal stands byte by byte; an empty one stands everywhere.
///
/// For texts of a few hundred bytes and literals that are known only at run time: nothing is prepared, the rarest byte is looked for.
pub fn find(text: &[u8], literal: &[u8], from: usize) -> Option<usize> {
    // The byte that texts hold least often is looked for.
    let (mut least, mut rarest) = (u8::MAX, None);
    for (offset, byte) in literal.iter().enumerate() {
        let common = commonness(*byte);
        if common < least {
            (least, rarest) = (common, Some((offset, byte)));
        }
        if common == 0 {
            break;
        }
    }
    let Some((offset, byte)) = rarest else { return (from <= text.len()).then_some(from) };
    let mut place = from + offset;
    loop {
        place += memchr(*byte, text.get(place..)?)?;
        if text.get(place - offset..)?.starts_with(literal) {
            return Some(place - offset);
        }
        place += 1;
    }
}

/// How common a byte is in logs, from 0.
fn commonness(byte: u8) -> u8 {
    match byte {
        b' ' => 4,
        b'e' | b't' | b'a' | b'i' | b'n' | b'o' | b's' | b'r' | b'0' | b'1' | b'2' | b'.' => 3,
        b'a'..=b'z' | b'3'..=b'9' | b':' | b'-' | b'/' => 2,
        b'A'..=b'Z' | b',' | b'"' => 1,
        _ => 0,
    }
}

/// Whether no two blanks stand together.
pub(super) fn has_single_blanks(text: &[u8]) -> bool {
    static TWO: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("  "));
    TWO.find(text).is_none()
}

/// The last byte from `at` on and in front of `below` where `next` may stand.
pub(super) fn last(text: &str, end: usize, next: Next<'_>, at: usize, mut below: usize) -> Option<usize> {
    if below > text.len() && matches!(next, Next::Any | Next::End | Next::Set(_, true)) {
        return Some(end.max(at));
    }
    loop {
        let rest = text.as_bytes().get(at..below.min(text.len()))?;
        let found = at
            + match next {
                Next::Any | Next::End => None,
                Next::Byte(byte) => memrchr(byte, rest),
                Next::Set(set, _) => rest.iter().rposition(|byte| set.has(*byte)),
            }?;
        if text.is_char_boundary(found) {
            return Some(found);
        }
        below = found;
    }
}

/// Whether `next` may stand at `at`.
#[inline]
pub(super) fn may_stand(text: &[u8], end: usize, next: Next<'_>, at: usize) -> bool {
    match next {
        Next::Any => true,
        Next::End => at >= end,
        Next::Byte(byte) => text.get(at) == Some(&byte),
        Next::Set(set, ends) => (ends && at >= end) || text.get(at).is_some_and(|byte| set.has(*byte)),
    }
}
