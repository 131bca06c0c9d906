//! What single ops match, for the matcher that goes back and for the one that does not.

use std::sync::LazyLock;

use memchr::{memchr, memchr2, memmem, memrchr};

use super::{ByteSet, Next, Run, two};

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
        if run.max == 1 && !run.set.wide {
            let stands = rest.first().is_some_and(|byte| run.set.has(*byte));
            if !stands && run.min > 0 {
                return Err(place);
            }
            place += usize::from(stands);
            continue;
        }
        let most = rest.get(..usize::from(run.max)).unwrap_or(rest);
        let mut length = match run.set {
            ByteSet::WORD => near(b' ', most).unwrap_or(most.len()),
            ByteSet::DIGITS => most.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(most.len()),
            set => most.iter().position(|byte| !set.has(*byte)).unwrap_or(most.len()),
        };
        while run.set.wide && !text.is_char_boundary(place + length) {
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

/// The first place of a byte that is mostly near: up to some words of eight bytes are looked at here, which takes less than a search that is
/// made for long texts. A call all the same: where it is put into the functions that need it, they lose more by having fewer registers.
#[inline(never)]
pub(super) fn near(byte: u8, text: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    const NEAR: usize = 32;
    let wanted = ONES * u64::from(byte);
    let (mut at, mut rest) = (0, text);
    while let Some((word, behind)) = rest.split_first_chunk() {
        // The lowest top bit that is set stands for the first byte that is zero.
        let differs = u64::from_le_bytes(*word) ^ wanted;
        let zeros = differs.wrapping_sub(ONES) & !differs & TOPS;
        if zeros != 0 {
            return Some(at + zeros.trailing_zeros() as usize / 8);
        }
        (at, rest) = (at + 8, behind);
        if at == NEAR {
            return memchr(byte, rest).map(|hit| at + hit);
        }
    }
    rest.iter().position(|other| *other == byte).map(|hit| at + hit)
}

/// The byte behind the first of the words that stands at `at`; else `at`.
pub(super) fn words(text: &[u8], words: &[&str], at: usize) -> Result<usize, usize> {
    let rest = text.get(at..).unwrap_or_default();
    let first = rest.first();
    let stands = |word: &&&str| {
        word.as_bytes().first().is_none_or(|byte| Some(byte) == first) && rest.starts_with(word.as_bytes())
    };
    words.iter().find(stands).map(|word| at + word.len()).ok_or(at)
}

/// The first byte from `from` on where `next` may stand; the text may end from `end` on.
#[inline]
pub(super) fn first(text: &str, end: usize, next: Next<'_>, mut from: usize) -> Option<usize> {
    loop {
        let rest = text.as_bytes().get(from..)?;
        let found = match next {
            Next::Any | Next::End => Some(end.max(from) - from),
            Next::Byte(byte) => near(byte, rest),
            Next::Set(sets, ends) => {
                let hit = position(sets, rest);
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
    if literal.is_empty() {
        return (from <= text.len()).then_some(from);
    }
    find_by(text, literal, rarest(literal), from)
}

/// As [`find`], of a literal that is not empty and of which the rarest byte is known.
pub(super) fn find_by(
    text: &[u8],
    literal: &[u8],
    (offset, byte): (usize, u8),
    from: usize,
) -> Option<usize> {
    let mut place = from + offset;
    loop {
        place += near(byte, text.get(place..)?)?;
        if text.get(place - offset..)?.starts_with(literal) {
            return Some(place - offset);
        }
        place += 1;
    }
}

/// The last byte from `from` on where a literal stands byte by byte.
pub(super) fn find_last(text: &[u8], literal: &[u8], from: usize) -> Option<usize> {
    let (offset, byte) = rarest(literal);
    let mut rest = text.get(from..)?;
    loop {
        let place = memrchr(byte, rest)?;
        let start = place.checked_sub(offset)?;
        if text.get(from + start..)?.starts_with(literal) {
            return Some(from + start);
        }
        rest = rest.get(..place)?;
    }
}

/// The byte of a literal that texts hold least often, behind its place.
#[expect(clippy::indexing_slicing, reason = "a constant needs it; the index is below the length")]
pub(super) const fn rarest(literal: &[u8]) -> (usize, u8) {
    let mut best = (0, 0, u8::MAX);
    let mut index = 0;
    while index < literal.len() {
        let byte = literal[index];
        let common = COMMON[byte as usize];
        if common < best.2 {
            best = (index, byte, common);
        }
        index += 1;
    }
    (best.0, best.1)
}

/// Whether texts seldom hold a byte, as capitals and most signs.
#[expect(clippy::indexing_slicing, reason = "a constant needs it; there is an entry for every byte")]
pub(super) const fn is_rare(byte: u8) -> bool {
    COMMON[byte as usize] < 2
}

/// How common each byte is in logs, from 0.
static COMMON: [u8; 256] = {
    let mut common = [0; 256];
    let mut byte = 0_u8;
    loop {
        common[byte as usize] = match byte {
            b' ' => 4,
            b'e' | b't' | b'a' | b'i' | b'n' | b'o' | b's' | b'r' | b'0' | b'1' | b'2' | b'.' => 3,
            b'a'..=b'z' | b'3'..=b'9' | b':' | b'-' | b'/' => 2,
            b'A'..=b'Z' | b',' | b'"' => 1,
            _ => 0,
        };
        if byte == u8::MAX {
            break common;
        }
        byte += 1;
    }
};

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
                Next::Set(sets, _) => {
                    let set = sets.first()?;
                    rest.iter().rposition(|byte| set.has(*byte))
                }
            }?;
        let more = |next| matches!(next, Next::Set(sets, _) if !begins(sets, text.as_bytes(), found));
        if text.is_char_boundary(found) && !more(next) {
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
        Next::Set(sets, ends) => (ends && at >= end) || begins(sets, text, at),
    }
}

/// Whether the bytes at `at` are in these sets, the first in the first.
#[inline]
fn begins(sets: &[ByteSet], text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    sets.len() <= rest.len() && sets.iter().zip(rest).all(|(set, byte)| set.has(*byte))
}

/// The first place where bytes are in these sets, the first in the first.
#[inline]
fn position(sets: &[ByteSet], text: &[u8]) -> Option<usize> {
    let (first, more) = sets.split_first()?;
    let pair = first.pair();
    let next = more.first().and_then(|next| next.pair());
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        at += match (pair, next) {
            (Some((one, other)), _) if one == other => near(one, rest)?,
            (Some(pair), Some(next)) => two::find(pair, next, rest)?,
            (Some((one, other)), None) => memchr2(one, other, rest)?,
            (None, _) => rest.iter().position(|byte| first.has(*byte))?,
        };
        if begins(more, text, at + 1) {
            return Some(at);
        }
        at += 1;
    }
}
